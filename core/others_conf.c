/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Jails of jail.conf(5) and of ezjail, each as one plain jail.conf. */
#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "conf/conf.h"
#include "core/others.h"

#define LOCAL_ETC "/usr/local/etc"

/* All files of jail.conf, in the order that jail(8) would read them. */
VEC_TYPE(confs, struct conf *);

/* What they say of one jail; a parameter's later statements win, or add. */
struct said {
	const struct conf_param *param;
};
struct jail_params {
	const char *name;
	VEC(struct said) all;
};

static void
confs_fini(struct confs *c)
{
	for (size_t i = 0; i < c->count; i++)
		conf_free(c->items[i]);
	VEC_FINI(c);
}

static int load(const struct host *h, const char *pattern, unsigned depth,
    struct confs *confs, struct error *e);

static int
load_file(const struct host *h, const char *file, unsigned depth,
    struct confs *confs, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;
	const struct conf_param *p = NULL;
	struct conf *c;

	if (others_read(file, &text, e) < 0)
		return -1;
	c = conf_parse(file, buf_text(&text), text.len, NULL, e);
	if (c == NULL)
		return -1;
	VEC_PUSH(confs, c);
	while ((p = conf_param_next(conf_block(c, NULL), p)) != NULL) {
		if (!conf_param_is_include(p) || conf_param_count(p) == 0)
			continue;
		AUTO_FREE char *path = others_path(h, conf_param_value(p, 0));
		if (load(h, path, depth - 1, confs, e) < 0)
			return -1;
	}
	return 0;
}

/* "*.conf": of a pattern only its one star is understood. */
static bool
matches(const char *name, const char *pattern, const char *star)
{
	size_t before = (size_t)(star - pattern), after = strlen(star + 1);
	size_t len = strlen(name);

	return len >= before + after && strncmp(name, pattern, before) == 0 &&
	    strcmp(name + len - after, star + 1) == 0;
}

/* A file, or a pattern of files. */
static int
load(const struct host *h, const char *pattern, unsigned depth,
    struct confs *confs, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	const char *slash = strrchr(pattern, '/');
	const char *star = strrchr(pattern, '*');

	if (depth == 0)
		return error_set(e, ERROR_CONFIG, "%s: files include each "
		    "other", pattern);
	if (slash == NULL || star == NULL || star < slash)
		return file_exists(AT_FDCWD, pattern) ? load_file(h, pattern,
		    depth, confs, e) : 0;
	AUTO_FREE char *dir = xstrndup(pattern, (size_t)(slash - pattern));
	if (others_list(dir, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", dir,
		    names.items[i]);

		if (matches(names.items[i], slash + 1, star) && load_file(h,
		    path, depth, confs, e) < 0)
			return -1;
	}
	return 0;
}

static void
add_block(struct jail_params *j, const struct conf_block *b)
{
	const struct conf_param *p = NULL;

	while (b != NULL && (p = conf_param_next(b, p)) != NULL) {
		if (conf_param_is_include(p))
			continue;
		if (!conf_param_appends(p))
			for (size_t i = j->all.count; i-- > 0;)
				if (strcmp(conf_param_name(
				    j->all.items[i].param),
				    conf_param_name(p)) == 0)
					j->all.items[i].param = NULL;
		/* those that are overridden leave a hole */
		for (size_t i = j->all.count; i-- > 0;)
			if (j->all.items[i].param == NULL) {
				memmove(&j->all.items[i],
				    &j->all.items[i + 1],
				    (j->all.count - i - 1) *
				    sizeof(*j->all.items));
				j->all.count--;
			}
		VEC_PUSH(&j->all, (struct said){ p });
	}
}

/* A variable, "$x", or a parameter by its name. */
static const char *
lookup(const char *name, void *arg)
{
	struct jail_params *j = arg;
	const char *found = NULL;

	if (strcmp(name, "name") == 0)
		return j->name;
	for (size_t i = 0; i < j->all.count; i++) {
		const struct conf_param *p = j->all.items[i].param;
		const char *key = conf_param_name(p);

		if (conf_param_count(p) > 0 && (strcmp(key, name) == 0 ||
		    (*key == '$' && strcmp(key + 1, name) == 0)))
			found = conf_param_value(p, 0);
	}
	return found;
}

/* Variables may stand in the values of variables. */
static int
expand(struct jail_params *j, const struct conf_param *p, size_t i,
    struct buf *out, struct error *e)
{
	enum { DEPTH = 4 };
	AUTO_BUF struct buf text = BUF_INIT;

	if (conf_param_expand(p, i, lookup, j, &text,
	    e) < 0)
		return -1;
	for (int n = 0; n < DEPTH && strchr(buf_text(&text), '$') != NULL &&
	    strncmp(conf_param_name(p), "exec.", 5) != 0; n++) {
		AUTO_FREE char *line = xasprintf("x = \"%s\";",
		    buf_text(&text));
		AUTO_CONF struct conf *c = conf_parse("jail.conf", line,
		    strlen(line), NULL, e);
		const struct conf_param *x;

		if (c == NULL)
			return -1;
		x = conf_param_next(conf_block(c, NULL), NULL);
		buf_clear(&text);
		if (conf_param_expand(x, 0, lookup, j,
		    &text, e) < 0)
			return -1;
	}
	buf_puts(out, buf_text(&text));
	return 0;
}

/* All of it in one block, without variables. */
static int
flatten(struct jail_params *j, struct other_jail *to, struct error *e)
{
	AUTO_CONF struct conf *conf = conf_new("jail.conf");
	struct conf_block *block = conf_block_make(conf, "jail");
	AUTO_BUF struct buf text = BUF_INIT;

	for (size_t i = 0; i < j->all.count; i++) {
		const struct conf_param *p = j->all.items[i].param;
		const char *name = conf_param_name(p);
		AUTO_STRINGS struct strings values = VEC_INIT;

		if (*name == '$')
			continue;
		for (size_t k = 0; k < conf_param_count(p); k++) {
			AUTO_BUF struct buf value = BUF_INIT;

			if (expand(j, p, k, &value, e) < 0)
				return -1;
			strings_add(&values, buf_text(&value));
		}
		if (conf_param_appends(p) && values.count > 0)
			conf_add(block, name, &values);
		else
			conf_set(block, name, &values);
		if (values.count > 0 && strcmp(name, "path") == 0) {
			free(to->root);
			to->root = xstrdup(values.items[0]);
		} else if (values.count > 0 && strcmp(name,
		    "mount.fstab") == 0) {
			free(to->fstab);
			to->fstab = xstrdup(values.items[0]);
		}
	}
	conf_write(conf, &text);
	to->conf = buf_steal(&text);
	return 0;
}

static void
take_jail(const struct host *h, const struct confs *confs, const char *name,
    struct other_jail *to)
{
	struct jail_params j = { name, VEC_INIT };
	struct error why = ERROR_INIT;

	for (size_t i = 0; i < confs->count; i++)
		add_block(&j, conf_block(confs->items[i], NULL));
	for (size_t i = 0; i < confs->count; i++)
		add_block(&j, conf_block(confs->items[i], "*"));
	for (size_t i = 0; i < confs->count; i++)
		add_block(&j, conf_block(confs->items[i], name));
	if (flatten(&j, to, &why) < 0) {
		to->why = xstrdup(why.msg);
	} else if (to->root == NULL) {
		to->why = xstrdup("it has no path, so no files of its own");
	} else if (strchr(name, '.') != NULL && conf_block(confs->items[0],
	    name) == NULL) {
		to->why = xstrdup("it is a jail in a jail");
	} else {
		AUTO_FREE char *root = STEAL(to->root);
		AUTO_FREE char *fstab = STEAL(to->fstab);

		to->root = others_path(h, root);
		to->fstab = fstab != NULL ? others_path(h, fstab) : NULL;
	}
	VEC_FINI(&j.all);
}

/* rc.conf(5): which of them jail(8) starts with the host. */
static void
set_boot(const struct host *h, struct others *o)
{
	AUTO_FREE char *file = others_path(h, "/etc/rc.conf");
	AUTO_BUF struct buf text = BUF_INIT;
	struct error ignored = ERROR_INIT;

	if (others_read(file, &text, &ignored) < 0)
		return;
	AUTO_FREE char *enable = others_setting(buf_text(&text),
	    "jail_enable");
	AUTO_FREE char *list = others_setting(buf_text(&text), "jail_list");
	if (enable == NULL || (*enable != 'Y' && *enable != 'y'))
		return;
	for (size_t i = 0; i < o->jails.count; i++) {
		struct other_jail *j = &o->jails.items[i];
		AUTO_FREE char *copy = xstrdup(list != NULL ? list : "");
		char *word, *rest = copy;
		int at = -1, n = 0;

		while ((word = strsep(&rest, " \t\n")) != NULL) {
			at = strcmp(word, j->name) == 0 ? n : at;
			n += *word != '\0';
		}
		j->boot = *copy == '\0' && n == 0 ? 1 : at >= 0 ? at + 1 : 0;
	}
}

int
others_jail_conf(const struct host *h, const char *file, struct others *o,
    struct error *e)
{
	__attribute__((cleanup(confs_fini))) struct confs confs = VEC_INIT;
	AUTO_FREE char *path = file != NULL ? xstrdup(file) :
	    others_path(h, "/etc/jail.conf");
	AUTO_FREE char *more = others_path(h, "/etc/jail.conf.d/*.conf");

	if (load(h, path, 4, &confs, e) < 0)
		return -1;
	if (file == NULL && confs.count <= 1 && load(h, more, 4, &confs,
	    e) < 0)
		return -1;
	if (confs.count == 0)
		return 0;
	o->dir = xstrdup(path);
	for (size_t i = 0; i < confs.count; i++) {
		const struct conf_block *b = NULL;

		while ((b = conf_block_next(confs.items[i], b)) != NULL) {
			const char *name = conf_block_name(b);

			if (name == NULL || strcmp(name, "*") == 0 ||
			    others_jail(o, name) != NULL)
				continue;
			take_jail(h, &confs, name, others_add(o, name));
		}
	}
	set_boot(h, o);
	return 0;
}

/* What ezjail writes down, and the parameter that it is. */
static const struct {
	const char *key, *param;
} ezjail_params[] = {
	{ "hostname", "host.hostname" },
	{ "exec_start", "exec.start" },
	{ "exec_stop", "exec.stop" },
	{ "fib", "exec.fib" },
	{ "post_start_script", "exec.poststart" },
	{ "pre_start_script", "exec.prestart" },
	{ "devfs_enable", "mount.devfs" },
	{ "fdescfs_enable", "mount.fdescfs" },
	{ "procfs_enable", "mount.procfs" },
};

static char *
ezjail_value(const char *text, const char *safe, const char *key)
{
	AUTO_FREE char *name = xasprintf("jail_%s_%s", safe, key);
	AUTO_FREE char *value = others_setting(text, name);

	return value != NULL && *value != '\0' ? STEAL(value) : NULL;
}

static void
ezjail_set(struct conf_block *b, const char *name, const char *value)
{
	AUTO_STRINGS struct strings values = VEC_INIT;

	strings_add(&values, value);
	conf_set(b, name, &values);
}

/* "em0|10.0.0.1,em0|fd00::1" */
static void
ezjail_addresses(struct conf_block *b, const char *list)
{
	AUTO_FREE char *copy = xstrdup(list);
	char *item, *rest = copy;

	while ((item = strsep(&rest, ", ")) != NULL) {
		AUTO_STRINGS struct strings values = VEC_INIT;
		const char *bar = strchr(item, '|');

		if (*item == '\0')
			continue;
		strings_add(&values, item);
		conf_add(b, strchr(bar != NULL ? bar : item, ':') != NULL ?
		    "ip6.addr" : "ip4.addr", &values);
	}
}

static void
ezjail_jail(const struct host *h, const char *text, const char *safe,
    struct other_jail *j)
{
	AUTO_CONF struct conf *conf = conf_new("ezjail");
	struct conf_block *b = conf_block_make(conf, "jail");
	AUTO_FREE char *ip = ezjail_value(text, safe, "ip");
	AUTO_FREE char *more = ezjail_value(text, safe, "parameters");
	AUTO_FREE char *image = ezjail_value(text, safe, "image");
	AUTO_FREE char *root = ezjail_value(text, safe, "rootdir");
	AUTO_FREE char *fstab = xasprintf("/etc/fstab.%s", safe);
	AUTO_BUF struct buf out = BUF_INIT;
	char *word, *rest = more;

	for (size_t i = 0; i < sizeof(ezjail_params) /
	    sizeof(ezjail_params[0]); i++) {
		AUTO_FREE char *value = ezjail_value(text, safe,
		    ezjail_params[i].key);

		if (value != NULL && strncmp(ezjail_params[i].param, "mount",
		    5) == 0)
			ezjail_set(b, ezjail_params[i].param,
			    toupper((unsigned char)*value) == 'Y' ? "on" :
			    "off");
		else if (value != NULL)
			ezjail_set(b, ezjail_params[i].param, value);
	}
	while (rest != NULL && (word = strsep(&rest, " ")) != NULL) {
		const char *name = strsep(&word, "=");

		if (*name != '\0')
			ezjail_set(b, name, word != NULL ? word : "on");
	}
	if (ip != NULL)
		ezjail_addresses(b, ip);
	conf_write(conf, &out);
	j->conf = buf_steal(&out);
	j->fstab = others_path(h, fstab);
	if (root != NULL)
		j->root = others_path(h, root);
	if (image != NULL)
		j->why = xasprintf("its files are in the image %s", image);
	else if (root == NULL)
		j->why = xstrdup("its configuration does not say where its "
		    "files are");
}

/* Without the word before each assignment. */
static char *
unexport(const char *text)
{
	AUTO_BUF struct buf out = BUF_INIT;
	AUTO_FREE char *copy = xstrdup(text);
	char *line, *rest = copy;

	while ((line = strsep(&rest, "\n")) != NULL)
		buf_printf(&out, "%s\n", strncmp(line, "export ", 7) == 0 ?
		    line + 7 : line);
	return buf_steal(&out);
}

int
others_ezjail(const struct host *h, const char *dir, struct others *o,
    struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	o->dir = dir != NULL ? xstrdup(dir) : others_path(h, LOCAL_ETC
	    "/ezjail");
	if (others_list(o->dir, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", o->dir,
		    names.items[i]);
		AUTO_FREE char *safe = xstrdup(names.items[i]);
		AUTO_BUF struct buf text = BUF_INIT;
		char *off = strstr(safe, ".norun");

		if (others_read(path, &text, e) < 0)
			return -1;
		if (off != NULL)
			*off = '\0';
		AUTO_FREE char *plain = unexport(buf_text(&text));
		AUTO_FREE char *host = ezjail_value(plain, safe, "hostname");
		struct other_jail *j = others_add(o, host != NULL ? host :
		    safe);
		ezjail_jail(h, plain, safe, j);
		j->boot = off == NULL;
	}
	return 0;
}
