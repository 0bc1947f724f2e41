/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * "bastille list", byte for byte: a blank before each line, columns as wide as
 * what is in them and one blank apart, addresses and ports one on a line.
 */
#include <dirent.h>
#include <string.h>
#include <strings.h>

#include "base/auto.h"
#include "compat/bastille/bastille.h"
#include "core/release.h"
#include "core/snapshot.h"
#include "template/library.h"

enum column { JID, NAME, BOOT, PRIO, STATE, TYPE, IP, PORTS, HOSTNAME, RELEASE,
	PATH, TAGS, COLUMNS };

static const struct {
	const char *title;
	size_t width;
} columns[COLUMNS] = {
	[JID] = { "JID", 3 },
	[NAME] = { "NAME", 3 },
	[BOOT] = { "BOOT", 4 },
	[PRIO] = { "PRIO", 4 },
	[STATE] = { "STATE", 5 },
	[TYPE] = { "TYPE", 5 },
	[IP] = { "IP ADDRESS", 10 },
	[PORTS] = { "PORTS", 5 },
	[HOSTNAME] = { "HOSTNAME", 8 },
	[RELEASE] = { "RELEASE", 7 },
	[PATH] = { "PATH", 4 },
	[TAGS] = { "TAGS", 4 },
};

/* Without a jail the column of names is that wide. */
enum { NO_NAMES = 10 };

static const enum column usual[] = { JID, NAME, BOOT, PRIO, STATE, TYPE, IP,
	PORTS, RELEASE, TAGS, COLUMNS };
static const enum column everything[] = { JID, NAME, BOOT, PRIO, STATE, IP,
	PORTS, HOSTNAME, RELEASE, PATH, COLUMNS };

struct table {
	const enum column *shown;
	struct list_rows rows;
	size_t widths[COLUMNS];
	bool joined;		/* several values as "a,b" in one line */
};

static char *
join(const struct strings *values)
{
	return values->count > 0 ? strings_join(values, ",") : xstrdup("-");
}

/* The n-th line of a cell, NULL when it has no such line. */
static char *
value_at(const struct table *t, const struct list_row *r, enum column c,
    size_t line)
{
	const char *const plain[COLUMNS] = {
		[JID] = r->jid, [NAME] = r->name, [BOOT] = r->boot,
		[PRIO] = r->priority, [STATE] = r->state, [TYPE] = r->type,
		[HOSTNAME] = r->hostname, [RELEASE] = r->release,
		[PATH] = r->path, [TAGS] = r->tags,
	};
	const struct strings *list = c == IP ? &r->ips : c == PORTS ?
	    &r->ports : NULL;

	if (list == NULL)
		return line == 0 ? xstrdup(plain[c]) : NULL;
	if (t->joined || list->count == 0)
		return line == 0 ? join(list) : NULL;
	return line < list->count ? xstrdup(list->items[line]) : NULL;
}

static void
measure(struct table *t)
{
	for (int c = 0; c < COLUMNS; c++)
		t->widths[c] = columns[c].width;
	if (t->rows.count == 0)
		t->widths[NAME] = NO_NAMES;
	for (size_t i = 0; i < t->rows.count; i++)
		for (const enum column *c = t->shown; *c != COLUMNS; c++) {
			char *value;

			for (size_t n = 0; (value = value_at(t,
			    &t->rows.items[i], *c, n)) != NULL; n++) {
				if (strlen(value) > t->widths[*c])
					t->widths[*c] = strlen(value);
				free(value);
			}
		}
}

static void
put_titles(const struct table *t, struct buf *out)
{
	for (const enum column *c = t->shown; *c != COLUMNS; c++)
		buf_printf(out, " %-*s", c[1] != COLUMNS ?
		    (int)t->widths[*c] : 0, columns[*c].title);
	buf_putc(out, '\n');
}

/* Lines behind the first end with the ports. */
static void
put_row(const struct table *t, const struct list_row *r, struct buf *out)
{
	size_t lines = r->ips.count > r->ports.count ? r->ips.count :
	    r->ports.count;

	if (t->joined || lines == 0)
		lines = 1;
	for (size_t n = 0; n < lines; n++) {
		for (const enum column *c = t->shown; *c != COLUMNS; c++) {
			AUTO_FREE char *value = value_at(t, r, *c, n);

			buf_printf(out, " %-*s", c[1] != COLUMNS ?
			    (int)t->widths[*c] : 0, value != NULL ? value : "");
			if (n > 0 && *c == PORTS)
				break;
		}
		buf_putc(out, '\n');
	}
}

/* -p: one value on a line. */
static void
put_json(const struct table *t, bool pretty, struct buf *out)
{
	bool first = true;

	buf_puts(out, "[\n");
	for (size_t i = 0; i < t->rows.count; i++) {
		if (t->rows.items[i].hidden)
			continue;
		buf_puts(out, first ? "" : ",\n");
		first = false;
		buf_puts(out, pretty ? "  {\n    " : "  {");
		for (const enum column *c = t->shown; *c != COLUMNS; c++) {
			AUTO_FREE char *value = value_at(t, &t->rows.items[i],
			    *c, 0);

			if (c != t->shown)
				buf_puts(out, pretty ? ",\n    " : ",");
			buf_printf(out, "\"%s\":", columns[*c].title);
			json_string(out, value);
		}
		buf_puts(out, pretty ? "\n  }" : "}");
	}
	buf_puts(out, "\n]\n");
}

static bool
wants_json(const struct compat *c)
{
	return c->json || compat_has(c, "j") || compat_has(c, "p");
}

static int
print(struct compat *c, const enum column *shown, const char *only,
    struct error *e)
{
	bool pretty = compat_has(c, "p") || compat_has_global(c, "p");
	struct table t = { .shown = shown, .rows = VEC_INIT };
	AUTO_BUF struct buf out = BUF_INIT;
	bool paths = false;
	int result;

	for (const enum column *at = shown; *at != COLUMNS; at++)
		paths = paths || *at == PATH;
	/* of one column alone all values are in one line */
	t.joined = wants_json(c) || (shown != usual && shown != everything);
	result = list_rows_load(c, only, compat_has(c, "u") ? "Up" :
	    compat_has(c, "d") ? "Down" : NULL, paths, &t.rows, e);
	if (result == 0) {
		measure(&t);
		if (wants_json(c)) {
			put_json(&t, pretty, &out);
		} else {
			put_titles(&t, &out);
			for (size_t i = 0; i < t.rows.count; i++)
				if (!t.rows.items[i].hidden)
					put_row(&t, &t.rows.items[i],
					    &out);
		}
		result = cmd_print_text(&out, e);
	}
	list_rows_fini(&t.rows);
	return result;
}

/* --- what is no table --- */

static int
list_names(struct compat *c, struct error *e)
{
	AUTO_LIST_ROWS struct list_rows rows = VEC_INIT;
	AUTO_BUF struct buf out = BUF_INIT;

	if (list_rows_load(c, NULL, compat_has(c, "u") ? "Up" :
	    compat_has(c, "d") ? "Down" : NULL, false, &rows, e) < 0)
		return -1;
	for (size_t i = 0; i < rows.count; i++)
		if (!rows.items[i].hidden)
			buf_printf(&out, "%s\n", rows.items[i].name);
	return cmd_print_text(&out, e);
}

static int
list_releases(struct compat *c, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	AUTO_BUF struct buf out = BUF_INIT;

	if (release_names(c->host, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++)
		buf_printf(&out, "%s\n", names.items[i]);
	return cmd_print_text(&out, e);
}

static int
list_templates(struct compat *c, struct error *e)
{
	AUTO_LIBRARY struct library all = VEC_INIT;
	AUTO_BUF struct buf out = BUF_INIT;

	if (library_list(c->host, &all, e) < 0)
		return -1;
	for (size_t i = 0; i < all.count; i++)
		buf_printf(&out, "%s\n", all.items[i].name);
	return cmd_print_text(&out, e);
}

static int
list_snapshots(struct compat *c, struct error *e)
{
	AUTO_LIST_ROWS struct list_rows rows = VEC_INIT;

	if (list_rows_load(c, NULL, NULL, false, &rows, e) < 0)
		return -1;
	for (size_t i = 0; i < rows.count; i++)
		if (bastille_header(c, rows.items[i].name, e) < 0 ||
		    compat_call(c, e, "snapshots", rows.items[i].name,
		    NULL) < 0)
			return -1;
	return 0;
}

static int
list_limits(struct compat *c, struct error *e)
{
	AUTO_LIST_ROWS struct list_rows rows = VEC_INIT;
	AUTO_BUF struct buf out = BUF_INIT;

	if (list_rows_load(c, NULL, NULL, false, &rows, e) < 0)
		return -1;
	for (size_t i = 0; i < rows.count; i++) {
		AUTO_STRINGS struct strings rules = VEC_INIT, cpus = VEC_INIT;
		AUTO_CELL struct cell cell = CELL_INIT;

		if (cell_load(c->host, rows.items[i].name, &cell, e) < 0)
			return -1;
		bastille_limits(&cell, &rules, &cpus);
		for (size_t k = 0; k < rules.count; k++)
			buf_printf(&out, "%s\n", rules.items[k]);
	}
	return cmd_print_text(&out, e);
}

static int
list_dir(const char *dir, bool whole, const char *without, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	AUTO_BUF struct buf out = BUF_INIT;
	AUTO_DIR DIR *d = opendir(dir);
	const struct dirent *entry;

	while (d != NULL && (entry = readdir(d)) != NULL) {
		size_t len = strlen(entry->d_name), end = strlen(without);

		if (*entry->d_name != '.' && (len < end || end == 0 || strcmp(
		    entry->d_name + len - end, without) != 0))
			strings_add(&names, entry->d_name);
	}
	strings_sort(&names);
	for (size_t i = 0; i < names.count; i++)
		buf_printf(&out, "%s%s%s\n", whole ? dir : "", whole ? "/" :
		    "", names.items[i]);
	return cmd_print_text(&out, e);
}

static int
list_logs(struct compat *c, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	AUTO_BUF struct buf out = BUF_INIT;

	if (cell_names(c->host, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		AUTO_FREE char *file = xasprintf("%s/%s/console.log",
		    c->host->log, names.items[i]);

		if (access(file, F_OK) == 0)
			buf_printf(&out, "%s\n", file);
	}
	return cmd_print_text(&out, e);
}

static int
list_backups(struct compat *c, struct error *e)
{
	AUTO_FREE char *dir = bastille_dir(c, "backups");

	return list_dir(dir, false, ".sha256", e);
}

/* Words, each with blanks around it. */
static const struct {
	const char *words;
	enum column column;
	int (*list)(struct compat *c, struct error *e);
} kinds[] = {
	{ " boot ", BOOT, NULL },
	{ " prio priority ", PRIO, NULL },
	{ " ip ips ", IP, NULL },
	{ " path paths ", PATH, NULL },
	{ " rdr port ports ", PORTS, NULL },
	{ " state status ", STATE, NULL },
	{ " type jailtype ", TYPE, NULL },
	{ " jail jails container containers ", COLUMNS, list_names },
	{ " release releases ", COLUMNS, list_releases },
	{ " template templates ", COLUMNS, list_templates },
	{ " snap snapshot snapshots ", COLUMNS, list_snapshots },
	{ " log logs ", COLUMNS, list_logs },
	{ " limit limits ", COLUMNS, list_limits },
	{ " import imports export exports backup backups ", COLUMNS,
	    list_backups },
};

static int
list(struct compat *c, struct error *e)
{
	const char *what = compat_operand(c, 0);
	AUTO_FREE char *padded = xasprintf(" %s ", what != NULL ? what : "");
	AUTO_FREE char *jail = NULL;

	if (what == NULL && !compat_has(c, "all"))
		return print(c, usual, NULL, e);
	if (what == NULL || strcmp(what, "all") == 0)
		return print(c, everything, NULL, e);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		enum column one[] = { JID, NAME, kinds[i].column, COLUMNS };

		if (strstr(kinds[i].words, padded) != NULL)
			return kinds[i].list != NULL ? kinds[i].list(c, e) :
			    print(c, one, NULL, e);
	}
	if (bastille_target(c, what, TARGET_LOOK, &jail, e) < 0)
		return -1;
	return print(c, usual, jail, e);
}

static const struct cmd_option options[] = {
	{ 'd', "down", NULL, "List stopped jails only." },
	{ 'j', "json", NULL, "List jails or sub-arg(s) in json format." },
	{ 'p', "pretty", NULL, "Print JSON in columns." },
	{ 'u', "up", NULL, "List running jails only." },
	{ 'a', "all", NULL, "As 'all' (old form)." },
	{ 0 },
};

const struct compat_cmd bastille_list = {
	.name = "list",
	.usage = "[option(s)] [all|backup|boot|export|import|ip|jail|limit|"
	    "log|path|port|priority|release|snapshot|state|template|type]",
	.summary = "List jails, releases, templates and more.",
	.options = options,
	.max = 2,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_DIFFERS,
	.note = "`boot` and `priority`, which Bastille tells of and refuses, "
	    "are listed; `all` has the address of jails with one; values "
	    "in JSON are quoted; TYPE is thin or thick; `snapshot` prints "
	    "gaol's table; `release -p` prints names",
	.test = "cli/compat_bastille_list_test.sh:forms",
	.exec = list,
};
