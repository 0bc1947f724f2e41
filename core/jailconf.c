/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/jailconf.h"
#include "core/spec.h"

enum { JAIL_CONF_MAX = 1 << 20 };

static void
put(struct conf_block *b, const char *name, const char *value, bool append)
{
	AUTO_STRINGS struct strings values = VEC_INIT;

	if (value != NULL)
		strings_add(&values, value);
	if (append)
		conf_add(b, name, &values);
	else
		conf_set(b, name, &values);
}

/* As fstab(5) writes what would end a field. */
static char *
fstab_word(const char *text)
{
	AUTO_BUF struct buf out = BUF_INIT;

	for (; *text != '\0'; text++)
		if (strchr(" \t\n\\#", *text) != NULL)
			buf_printf(&out, "\\%03o", (unsigned char)*text);
		else
			buf_putc(&out, *text);
	return xstrdup(buf_text(&out));
}

static void
put_mount(struct conf_block *b, const char *root, const char *from,
    const char *target, const char *type, const char *options)
{
	AUTO_FREE char *path = xasprintf("%s%s%s", root,
	    *target == '/' ? "" : "/", target);
	AUTO_FREE char *on = fstab_word(path);
	AUTO_FREE char *what = fstab_word(from);
	AUTO_FREE char *line = xasprintf("%s %s %s %s 0 0", what, on, type,
	    *options != '\0' ? options : "rw");

	put(b, "mount", line, true);
}

static void
put_mounts(struct conf_block *b, const struct engine_spec *s)
{
	const char *root = s->tree->upper;

	if (s->tree->kind == TREE_BASE)
		put_mount(b, root, s->tree->lower.items[0], TREE_BASE_DIR,
		    "nullfs", "ro");
	for (size_t i = 0; i < s->mount_count; i++)
		put_mount(b, root, s->mounts[i].source, s->mounts[i].target,
		    s->mounts[i].type, s->mounts[i].options);
}

/* "on" is "name;", "off" is nothing: no parameter of jail(8) is on already
 * that the kernel does not know of. */
static void
put_bool(struct conf_block *b, const char *name, bool on)
{
	if (on)
		put(b, name, NULL, false);
}

static void
put_param(struct conf_block *b, const struct engine_param *p)
{
	const char *dot = strrchr(p->name, '.');
	AUTO_FREE char *no = xasprintf("%.*sno%s",
	    dot != NULL ? (int)(dot + 1 - p->name) : 0, p->name,
	    dot != NULL ? dot + 1 : p->name);

	if (strcmp(p->value, "true") == 0)
		put(b, p->name, NULL, false);
	else if (strcmp(p->value, "false") == 0)
		put(b, no, NULL, false);
	else
		put(b, p->name, p->value, false);
}

/* Parameters of jail(8) itself, which cell.conf has under the same names. */
static void
put_pseudo(struct conf_block *b, const struct cell *c)
{
	static const char *const seconds[] = { "exec.timeout",
	    "stop.timeout" };

	for (size_t i = 0; i < c->values.count; i++) {
		const struct cell_value *v = &c->values.items[i];
		const char *name = v->prop->name;

		/* what mounts is told by put_mounts(), and the jails that it
		 * depends on are not in this file */
		if ((v->prop->flags & PROP_PSEUDO) == 0 ||
		    v->prop->type == PROP_BOOL ||
		    v->prop->type == PROP_DURATION ||
		    strcmp(name, "depend") == 0 ||
		    strncmp(name, "mount", 5) == 0)
			continue;
		conf_set(b, name, &v->values);
	}
	for (size_t i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
		AUTO_FREE char *text = xasprintf("%llu", (unsigned long long)
		    cell_duration(c, seconds[i]) / 1000);

		if (cell_names_property(c, seconds[i]))
			put(b, seconds[i], text, false);
	}
	put_bool(b, "exec.clean", cell_bool(c, "exec.clean"));
	put_bool(b, "exec.system_jail_user",
	    cell_bool(c, "exec.system_jail_user"));
	put_bool(b, "mount.devfs", cell_bool(c, "mount.devfs"));
	put_bool(b, "mount.fdescfs", cell_bool(c, "mount.fdescfs"));
	put_bool(b, "mount.procfs", cell_bool(c, "mount.procfs"));
}

static void
put_console(struct conf_block *b, const struct host *h, const struct cell *c)
{
	AUTO_FREE char *log = xasprintf("%s/%s/console.log", h->log, c->name);

	if (!cell_names_property(c, "exec.consolelog"))
		put(b, "exec.consolelog", log, false);
}

int
jailconf_text(const struct host *h, const struct cell *c, struct buf *out,
    struct error *e)
{
	AUTO_SPEC struct spec spec = { .name = NULL };
	AUTO_CONF struct conf *conf = conf_new("jail.conf");
	AUTO_FREE char *name = NULL;
	struct conf_block *b;

	if (spec_init(&spec, h, c, true, e) < 0)
		return -1;
	name = engine_native->kernel_name(spec.key);
	b = conf_block_make(conf, name);
	put(b, "path", spec.tree.upper, false);
	put(b, "host.hostname", spec.hostname, false);
	for (size_t i = 0; i < spec.params.count; i++)
		put_param(b, &spec.params.items[i]);
	if (!cell_names_property(c, "persist"))
		put(b, "persist", NULL, false);
	put_mounts(b, &spec.engine);
	put_pseudo(b, c);
	put_console(b, h, c);
	buf_printf(out, "# Made from cell.conf at every change of it: do not "
	    "edit.  Without gaol,\n# 'jail -f %s/jails/%s/jail.conf -c %s' "
	    "starts the jail.\n", h->root, c->name, name);
	conf_write(conf, out);
	return 0;
}

static int
replace(const struct host *h, const char *file, const struct buf *text,
    struct error *e)
{
	AUTO_BUF struct buf old = BUF_INIT;

	if (file_read(h->jails_fd, file, JAIL_CONF_MAX, &old, e) == 0 &&
	    old.len == text->len &&
	    memcmp(old.data, text->data, text->len) == 0)
		return 0;
	error_clear(e);
	return file_replace(h->jails_fd, file, text->data, text->len, 0600,
	    FILE_VOLATILE, e);
}

void
jailconf_refresh(const struct host *h, const char *name)
{
	AUTO_FREE char *file = xasprintf("%s/jail.conf", name);
	AUTO_CELL struct cell c = CELL_INIT;
	AUTO_BUF struct buf text = BUF_INIT;
	struct error e = ERROR_INIT;

	if (engine_native->kernel_name == NULL || h->plan ||
	    !cell_exists(h, name))
		return;
	if (cell_load(h, name, &c, &e) < 0 ||
	    jailconf_text(h, &c, &text, &e) < 0) {
		/* rather none than one that tells something else */
		(void)unlinkat(h->jails_fd, file, 0);
		return;
	}
	if (replace(h, file, &text, &e) < 0)
		host_say(h, "%s: jail.conf: %s", name, e.msg);
}
