/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/num.h"
#include "conf/conf.h"
#include "core/export_foreign.h"
#include "core/limit.h"
#include "core/net_publish.h"

#define JAILS "/usr/local/bastille/jails"

const char *
bastille_compression(const char *file, size_t *stem)
{
	static const struct {
		const char *suffix, *compression;
	} rows[] = { { ".txz", "xz" }, { ".tgz", "gzip" },
		{ ".tzst", "zstd" } };
	size_t len = strlen(file);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t end = strlen(rows[i].suffix);

		if (len > end && strcmp(file + len - end,
		    rows[i].suffix) == 0) {
			*stem = len - end;
			return rows[i].compression;
		}
	}
	return NULL;
}

/* The files as they grow. */
struct bastille {
	const struct cell *cell;
	struct conf *conf;
	struct conf_block *block;
	struct buf fstab, settings, rdr, rctl, cpus, datasets, tags;
	struct strings *lost;
};

static void
lose(struct bastille *b, const char *name, const char *value)
{
	strings_take(b->lost, xasprintf("not written: %s = %.160s (Bastille "
	    "has nothing for it)", name, value));
}

static void
put(struct bastille *b, const char *name, const char *value)
{
	AUTO_STRINGS struct strings values = VEC_INIT;

	if (value != NULL)
		strings_add(&values, value);
	conf_set(b->block, name, &values);
}

static void
add(struct bastille *b, const char *name, const char *value)
{
	AUTO_STRINGS struct strings values = VEC_INIT;

	strings_add(&values, value);
	conf_add(b->block, name, &values);
}

/* "name;" or "noname;". */
static void
put_bool(struct bastille *b, const char *name, const char *value)
{
	const char *dot = strrchr(name, '.');
	AUTO_FREE char *no = xasprintf("%.*sno%s", dot != NULL ?
	    (int)(dot + 1 - name) : 0, name, dot != NULL ? dot + 1 : name);

	put(b, strcmp(value, "on") == 0 ? name : no, NULL);
}

static void
put_mount(struct bastille *b, const char *line)
{
	size_t source = strcspn(line, " \t");
	const char *target = line + source + strspn(line + source, " \t");

	buf_printf(&b->fstab, "%.*s " JAILS "/%s/root%s 0 0\n", (int)source,
	    line, b->cell->name, target);
}

/* "em0|10.0.0.1/24" is what jail(8) has, too. */
static void
put_net(struct bastille *b, const char *entry)
{
	size_t len = strcspn(entry, " ");
	const char *bar = memchr(entry, '|', len);

	if (strcmp(entry, "inherit") == 0) {
		put(b, "ip4", "inherit");
		put(b, "ip6", "inherit");
	} else if (strcmp(entry, "none") == 0) {
		put(b, "ip4", "disable");
		put(b, "ip6", "disable");
	} else if (bar != NULL && entry[len] == '\0') {
		AUTO_FREE char *iface = strncmp(entry, "lo|", 3) == 0 ?
		    xstrdup("lo0|") : xstrndup(entry, (size_t)(bar - entry) +
		    1);
		AUTO_FREE char *list = xstrdup(bar + 1);
		char *one, *rest = list;

		while ((one = strsep(&rest, ",")) != NULL) {
			AUTO_FREE char *value = xasprintf("%s%s", iface, one);

			add(b, strchr(one, ':') != NULL ? "ip6.addr" :
			    "ip4.addr", value);
		}
	} else {
		lose(b, "net", entry);
	}
}

static void
put_publish(struct bastille *b, const char *value)
{
	struct engine_publish p;
	struct error ignored = ERROR_INIT;
	char host[ADDR_TEXT] = "any", from[ADDR_TEXT] = "any";

	if (net_publish_parse(value, &p, &ignored) < 0 || p.last != p.first) {
		lose(b, "publish", value);
		return;
	}
	if (p.host.family != 0)
		addr_text(&p.host, host);
	if (p.from.family != 0)
		addr_text_prefix(&p.from, from);
	buf_printf(&b->rdr, "dual ext_if %s %s %s %u %u%s\n", from, host,
	    p.udp ? "udp" : "tcp", p.first, p.to_first,
	    p.log ? " log" : "");
}

static void
put_limit(struct bastille *b, const char *name, const char *value)
{
	const struct limit_rctl *l = limit_rctl_find(name);

	if (strcmp(name, "limit.rctl") == 0) {
		buf_printf(&b->rctl, "jail:%s:%s%s\n", b->cell->name, value,
		    strchr(value, '/') != NULL ? "" : "/jail");
		return;
	}
	if (strcmp(name, "limit.cpuset") == 0) {
		buf_printf(&b->cpus, "%s\n", value);
		return;
	}
	if (l != NULL) {
		AUTO_FREE char *amount = limit_rctl_amount(l, value);

		buf_printf(&b->rctl, "jail:%s:%s:%s=%s/jail\n", b->cell->name,
		    l->resource, l->action, amount);
		return;
	}
	lose(b, name, value);
}

/* Properties that gaol alone has a use for. */
static bool
is_ours(const char *name)
{
	static const char *const names[] = { "release", "store", "type",
		"idmap", "userns", "names", "note", "move", "replica",
		"protect", NULL };

	for (size_t i = 0; names[i] != NULL; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return strncmp(name, "snapshot.", 9) == 0 ||
	    strncmp(name, "compat.", 7) == 0 ||
	    strcmp(name, "path") == 0;
}

static void
put_value(struct bastille *b, const struct cell_value *v, const char *value)
{
	const char *name = v->name;

	if (is_ours(name))
		return;
	if (strcmp(name, "mount") == 0)
		put_mount(b, value);
	else if (strcmp(name, "net") == 0)
		put_net(b, value);
	else if (strcmp(name, "publish") == 0)
		put_publish(b, value);
	else if (strcmp(name, "boot") == 0 || strcmp(name, "priority") == 0 ||
	    strcmp(name, "depend") == 0)
		return;
	else if (strcmp(name, "tag") == 0)
		buf_printf(&b->tags, "%s\n", value);
	else if (strcmp(name, "zfs.dataset") == 0)
		buf_printf(&b->datasets, "%s\n", value);
	else if (strncmp(name, "limit.", 6) == 0)
		put_limit(b, name, value);
	else if ((v->prop->flags & (PROP_KERNEL | PROP_PSEUDO)) == 0)
		lose(b, name, value);
	else if (v->prop->type == PROP_BOOL)
		put_bool(b, name, value);
	else if (v->prop->flags & PROP_LIST)
		add(b, name, value);
	else
		put(b, name, value);
}

static void
put_settings(struct bastille *b)
{
	AUTO_STRINGS struct strings depend = VEC_INIT;
	AUTO_FREE char *priority = cell_text(b->cell, "priority");

	cell_values(b->cell, "depend", &depend);
	AUTO_FREE char *names = strings_join(&depend, " ");
	buf_printf(&b->settings, "boot=\"%s\"\ndepend=\"%s\"\npriority=\"%s\""
	    "\n", cell_bool(b->cell, "boot") ? "on" : "off", names, priority);
}

/* What Bastille itself writes into every jail.conf. */
static void
put_head(struct bastille *b)
{
	AUTO_FREE char *name = xstrdup(b->cell->name);
	AUTO_FREE char *log = xasprintf("/var/log/bastille/%s/console.log",
	    name);
	AUTO_FREE char *fstab = xasprintf(JAILS "/%s/fstab", name);
	AUTO_FREE char *path = xasprintf(JAILS "/%s/root", name);

	put(b, "devfs_ruleset", "4");
	put(b, "enforce_statfs", "2");
	put(b, "exec.clean", NULL);
	put(b, "exec.consolelog", log);
	put(b, "host.hostname", name);
	put(b, "mount.devfs", NULL);
	put(b, "mount.fstab", fstab);
	put(b, "path", path);
}

static void
add_file(struct buf *files, const char *name, struct buf *text)
{
	if (text->len > 0) {
		buf_printf(files, "%s %zu\n", name, text->len);
		buf_append(files, text->data, text->len);
	}
	buf_fini(text);
}

void
bastille_files(const struct cell *c, struct buf *files, struct strings *lost)
{
	AUTO_CONF struct conf *conf = conf_new("jail.conf");
	AUTO_BUF struct buf text = BUF_INIT;
	struct bastille b = { .cell = c, .conf = conf, .lost = lost };

	b.block = conf_block_make(conf, c->name);
	put_head(&b);
	for (size_t i = 0; i < c->values.count; i++) {
		const struct cell_value *v = &c->values.items[i];

		for (size_t k = 0; k < v->values.count; k++)
			put_value(&b, v, v->values.items[k]);
	}
	put_settings(&b);
	conf_write(conf, &text);
	add_file(files, "jail.conf", &text);
	/* which has to be there */
	if (b.fstab.len == 0)
		buf_puts(&b.fstab, "\n");
	add_file(files, "fstab", &b.fstab);
	add_file(files, "settings.conf", &b.settings);
	add_file(files, "rdr.conf", &b.rdr);
	add_file(files, "rctl.conf", &b.rctl);
	add_file(files, "cpuset.conf", &b.cpus);
	add_file(files, "zfs.conf", &b.datasets);
	add_file(files, "tags", &b.tags);
}
