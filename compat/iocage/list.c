/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* list, df, snaplist. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "compat/iocage/iocage.h"
#include "core/live.h"
#include "core/network.h"
#include "core/release.h"
#include "core/snapshot.h"
#include "view/cells.h"

enum { COLUMNS = 10 };

struct row {
	char *cells[COLUMNS];
	size_t count, key;
};
VEC_TYPE(rows, struct row);

static void
rows_fini(struct rows *r)
{
	for (size_t i = 0; i < r->count; i++)
		for (size_t k = 0; k < r->items[i].count; k++)
			free(r->items[i].cells[k]);
	VEC_FINI(r);
}
#define AUTO_ROWS __attribute__((cleanup(rows_fini)))

static bool
is_bare(const struct compat *c)
{
	return compat_has(c, "header") || compat_has(c, "h");
}

static const char *const short_head[] = { "JID", "NAME", "STATE", "RELEASE",
	"IP4", NULL };
static const char *const long_head[] = { "JID", "NAME", "BOOT", "STATE",
	"TYPE", "RELEASE", "IP4", "IP6", "TEMPLATE", "BASEJAIL", NULL };
static const char *const plugin_head[] = { "JID", "NAME", "BOOT", "STATE",
	"TYPE", "RELEASE", "IP4", "IP6", "TEMPLATE", "PORTAL", "DOC_URL",
	NULL };

static int
compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int order = ioc_compare(x->cells[x->key], y->cells[y->key]);

	return order != 0 ? order : ioc_compare(x->cells[1], y->cells[1]);
}

/* "vnet0|10.0.0.1/24,vnet1|DHCP" -> "10.0.0.1,DHCP" */
static char *
bare_addresses(const char *list)
{
	AUTO_BUF struct buf out = BUF_INIT;
	AUTO_FREE char *copy = xstrdup(list);
	char *item, *rest = copy;

	while ((item = strsep(&rest, ",")) != NULL) {
		const char *bar = strchr(item, '|');

		item[strcspn(item, "/")] = '\0';
		buf_printf(&out, "%s%s", out.len > 0 ? "," : "",
		    bar != NULL ? bar + 1 : item);
	}
	return xstrdup(out.len > 0 ? buf_text(&out) : "-");
}

/* What jails have in networks of gaol's: "JAIL" and its address in turn. */
static void
load_leases(const struct compat *c, struct strings *leases)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct error ignored = ERROR_INIT;

	if (network_names(c->host, &names, &ignored) < 0)
		return;
	for (size_t i = 0; i < names.count; i++) {
		AUTO_NETWORK struct network n;
		AUTO_LEASES struct leases l = VEC_INIT;

		memset(&n, 0, sizeof(n));
		if (network_load(c->host, names.items[i], &n, &ignored) < 0)
			continue;
		network_leases(&n, &l);
		for (size_t k = 0; k < l.count; k++) {
			char text[ADDR_TEXT];

			if (l.items[k].addrs[0].family == 0)
				continue;
			addr_text_prefix(&l.items[k].addrs[0], text);
			strings_add(leases, l.items[k].jail);
			strings_take(leases, xasprintf("vnet0|%s", text));
		}
	}
}

static char *
addresses(const struct cells *cells, size_t at, bool ip6,
    const struct strings *leases)
{
	AUTO_STRINGS struct strings net = VEC_INIT;
	AUTO_BUF struct buf out = BUF_INIT;
	const char *name = cells_name(cells, at);

	cells_values(cells, at, CELLS_NET, &net);
	iocage_net_addresses(&net, ip6, &out);
	for (size_t i = 0; out.len == 0 && !ip6 && i + 1 < leases->count;
	    i += 2)
		if (strcmp(leases->items[i], name) == 0)
			buf_puts(&out, leases->items[i + 1]);
	return xstrdup(buf_text(&out));
}

/* One that asks for its address has it only while it runs. */
static char *
shown_address(const char *list, bool running)
{
	if (strstr(list, "DHCP") != NULL && !running)
		return xstrdup("DHCP (not running)");
	if (strstr(list, "DHCP") != NULL && geteuid() != 0)
		return xstrdup("DHCP (running -- address requires root)");
	return xstrdup(*list != '\0' ? list : "-");
}

static bool
is_uuid(const char *name)
{
	return strlen(name) == 36 && name[8] == '-' && name[13] == '-' &&
	    name[18] == '-' && name[23] == '-' &&
	    strspn(name, "0123456789abcdefABCDEF-") == 36;
}

/* "14.3-RELEASE-p2" -> "14.3-RELEASE" */
static char *
plain_release(const struct compat *c, const struct cells *cells, size_t at)
{
	const char *release = cells_value(cells, at, CELLS_RELEASE);
	AUTO_CELL struct cell cell = CELL_INIT;
	struct error ignored = ERROR_INIT;
	AUTO_FREE char *name = NULL;
	char *patch;

	if (release != NULL && *release != '\0')
		name = xstrdup(release);
	else if (cell_load(c->host, cells_name(cells, at), &cell, &ignored) ==
	    0)
		name = iocage_prop_get(&cell, iocage_prop_find("release"));
	if (name == NULL)
		return xstrdup("N/A");
	patch = strstr(name, "-p");
	if (patch != NULL && patch[2] != '\0' && strspn(patch + 2,
	    "0123456789") == strlen(patch + 2))
		*patch = '\0';
	return STEAL(name);
}

static void
fill_long(const struct compat *c, const struct cells *cells, size_t at,
    bool template, const struct strings *leases, struct row *r)
{
	const char *boot = cells_value(cells, at, CELLS_BOOT);
	AUTO_CELL struct cell cell = CELL_INIT;
	struct error ignored = ERROR_INIT;
	AUTO_FREE char *source = NULL;
	AUTO_FREE char *base = NULL;
	AUTO_FREE char *ip4 = addresses(cells, at, false, leases);
	AUTO_FREE char *ip6 = addresses(cells, at, true, leases);

	if (cell_load(c->host, cells_name(cells, at), &cell, &ignored) == 0) {
		source = iocage_kept(&cell, "source_template");
		base = iocage_kept(&cell, "basejail");
	}
	r->cells[5] = r->cells[3];
	r->cells[3] = r->cells[2];
	r->cells[2] = xstrdup(boot != NULL && strcmp(boot, "on") == 0 ? "on" :
	    "off");
	r->cells[4] = xstrdup(template ? "template" : "jail");
	r->cells[6] = shown_address(ip4, strcmp(r->cells[0], "-") != 0);
	r->cells[7] = xstrdup(*ip6 != '\0' ? ip6 : "-");
	r->cells[8] = source != NULL ? STEAL(source) : xstrdup("-");
	r->cells[9] = xstrdup(base != NULL && iocage_is_on(base) ? "yes" :
	    "no");
	r->count = 10;
}

static void
add_row(const struct compat *c, const struct cells *cells, size_t at,
    const struct live_rows *live, const struct strings *leases, bool detailed,
    struct rows *rows)
{
	const char *name = cells_name(cells, at);
	const struct live_row *l = live_find(live, name);
	struct row r = { .count = 5 };

	r.cells[0] = l != NULL ? xasprintf("%lld", (long long)l->jid) :
	    xstrdup("-");
	r.cells[1] = is_uuid(name) && !detailed ? xstrndup(name, 8) :
	    xstrdup(name);
	if (cells_value(cells, at, CELLS_PROBLEM) != NULL) {
		compat_say(c, "%s", cells_value(cells, at, CELLS_PROBLEM));
		r.count = detailed ? 10 : 5;
		for (size_t i = 2; i < r.count; i++)
			r.cells[i] = xstrdup(i == (detailed ? 3U : 2U) ?
			    "CORRUPT" : "N/A");
		VEC_PUSH(rows, r);
		return;
	}
	r.cells[2] = xstrdup(l != NULL ? "up" : "down");
	r.cells[3] = plain_release(c, cells, at);
	if (detailed) {
		AUTO_STRINGS struct strings tags = VEC_INIT;

		cells_values(cells, at, CELLS_TAG, &tags);
		fill_long(c, cells, at, strings_index(&tags, "template") >= 0,
		    leases, &r);
	} else {
		AUTO_FREE char *list = addresses(cells, at, false, leases);

		r.cells[4] = bare_addresses(list);
	}
	VEC_PUSH(rows, r);
}

/* Which column the key sorts by. */
static int
find_key(const char *const *head, const char *key, size_t *column,
    struct error *e)
{
	AUTO_BUF struct buf names = BUF_INIT;

	for (size_t i = 0; head[i] != NULL; i++) {
		if (strcasecmp(head[i], key) == 0) {
			*column = i;
			return 0;
		}
		if (strcmp(head[i], "BASEJAIL") != 0) {
			buf_putc(&names, ' ');
			for (const char *p = head[i]; *p != '\0'; p++)
				buf_putc(&names, *p >= 'A' && *p <= 'Z' ?
				    (char)(*p + 32) : *p);
		}
	}
	return error_set(e, ERROR_FAILED, "Invalid sort type specified, use "
	    "one of:%s", buf_text(&names));
}

static void
add_head(struct ioc_table *t, const char *const *head)
{
	for (; *head != NULL; head++)
		strings_add(&t->cells, *head);
}

static int
print_rows(struct compat *c, const char *const *head, struct rows *rows,
    struct error *e)
{
	const char *key = compat_value(c, "sort");
	AUTO_IOC_TABLE struct ioc_table t = IOC_TABLE_INIT(0);
	size_t column = 1;

	while (head[t.columns] != NULL)
		t.columns++;
	if (key != NULL && find_key(head, key, &column, e) < 0)
		return -1;
	for (size_t i = 0; i < rows->count; i++)
		rows->items[i].key = column;
	if (rows->count > 1)
		qsort(rows->items, rows->count, sizeof(*rows->items),
		    compare_rows);
	add_head(&t, head);
	for (size_t i = 0; i < rows->count; i++)
		for (size_t k = 0; k < t.columns; k++)
			strings_add(&t.cells, rows->items[i].cells[k]);
	return ioc_print_table(&t, is_bare(c), e);
}

/* Full names and raw addresses. */
static int
print_quick(struct compat *c, const struct cells *cells, const bool *shown,
    const struct strings *leases, struct error *e)
{
	AUTO_IOC_TABLE struct ioc_table t = IOC_TABLE_INIT(2);
	AUTO_STRINGS struct strings names = VEC_INIT;

	for (size_t i = 0; i < cells->count; i++)
		if (shown[i])
			strings_add(&names, cells_name(cells, i));
	ioc_sort(&names);
	ioc_row(&t, "NAME", "IP4", NULL);
	for (size_t i = 0; i < names.count; i++) {
		ssize_t at = cells_find(cells, names.items[i]);
		AUTO_FREE char *ip = addresses(cells, (size_t)at, false,
		    leases);

		ioc_row(&t, names.items[i], *ip != '\0' ? ip : "none", NULL);
	}
	return ioc_print_table(&t, is_bare(c), e);
}

static int
print_releases(struct compat *c, struct error *e)
{
	AUTO_IOC_TABLE struct ioc_table t = IOC_TABLE_INIT(1);
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (release_names(c->host, &names, e) < 0)
		return -1;
	ioc_row(&t, "Bases fetched", NULL);
	for (size_t i = 0; i < names.count; i++)
		strings_add(&t.cells, names.items[i]);
	return ioc_print_table(&t, is_bare(c), e);
}

/* Whether it is among those that are asked for. */
static bool
is_shown(const struct compat *c, const struct cells *cells, size_t at)
{
	AUTO_STRINGS struct strings tags = VEC_INIT;
	AUTO_FREE char *base = NULL;

	cells_values(cells, at, CELLS_TAG, &tags);
	if ((strings_index(&tags, "template") >= 0) !=
	    compat_has(c, "template"))
		return false;
	if (compat_has(c, "B")) {
		AUTO_CELL struct cell cell = CELL_INIT;
		struct error ignored = ERROR_INIT;

		if (cell_load(c->host, cells_name(cells, at), &cell,
		    &ignored) < 0)
			return false;
		base = iocage_kept(&cell, "basejail");
		return base != NULL && iocage_is_on(base);
	}
	return true;
}

static int
list(struct compat *c, struct error *e)
{
	AUTO_CELLS struct cells cells = CELLS_INIT;
	AUTO_ROWS struct rows rows = VEC_INIT;
	AUTO_STRINGS struct strings leases = VEC_INIT;
	AUTO_FREE bool *shown = NULL;
	struct live_rows live = VEC_INIT;
	bool detailed = compat_has(c, "long");
	int result;

	if (compat_has(c, "remote"))
		return ioc_cannot(c, "-R: the releases of FreeBSD are told at "
		    "https://download.freebsd.org/releases/; plugins are not "
		    "offered", e);
	if (compat_has(c, "plugins")) {
		/* there are none */
		struct rows none = VEC_INIT;

		return print_rows(c, plugin_head, &none, e);
	}
	if (compat_has(c, "release") || compat_has(c, "b"))
		return print_releases(c, e);
	if (cells_load(c->host, NULL, &cells, e) < 0 ||
	    live_all(c->host, &live, e) < 0)
		return -1;
	load_leases(c, &leases);
	shown = xcalloc(cells.count + 1, sizeof(*shown));
	for (size_t i = 0; i < cells.count; i++) {
		shown[i] = is_shown(c, &cells, i);
		if (shown[i] && !compat_has(c, "quick"))
			add_row(c, &cells, i, &live, &leases, detailed, &rows);
	}
	result = compat_has(c, "quick") ? print_quick(c, &cells, shown,
	    &leases, e) :
	    print_rows(c, detailed ? long_head : short_head, &rows, e);
	live_rows_fini(&live);
	return result;
}

static const struct cmd_option list_options[] = {
	{ 'r', "release|base", NULL, "List all bases." },
	{ 'b', "b", NULL, "List all bases." },
	{ 'B', "basejail", NULL, "List all basejails." },
	{ 't', "template", NULL, "List all templates." },
	{ 'l', "long", NULL, "Show the full uuid and ip4 address." },
	{ 'q', "quick", NULL, "Lists all jails with less processing." },
	{ 'H', "header", NULL, "Show or hide column name heading." },
	{ 'h', "h", NULL, "The same." },
	{ 's', "sort", "KEY", "Sorts the list by the given type." },
	{ 'P', "plugins", NULL, "List all installed plugins." },
	{ 'R', "remote", NULL, "List all available RELEASEs." },
	{ 'O', "official", NULL, "Only official plugins." },
	{ '\0', "http", NULL, "Have list use HTTP." },
	{ 0 },
};

const struct compat_cmd ioc_list = {
	.name = "list",
	.usage = "",
	.summary = "List a specified dataset type, by default lists all jails.",
	.options = list_options,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_DIFFERS,
	.note = "JID of a stopped jail is `-`; `-R` is refused (69); there are "
	    "no plugins",
	.test = "cli/compat_iocage_test.sh:list",
	.exec = list,
};

/* --- df --- */

static int
df_row(struct compat *c, const char *name, struct row *r, struct error *e)
{
	AUTO_CELL struct cell cell = CELL_INIT;
	AUTO_CELL_STORE struct cell_store s = CELL_STORE_INIT;
	struct store_usage u = { UINT64_MAX, UINT64_MAX, UINT64_MAX,
		UINT64_MAX };
	AUTO_BUF struct buf text = BUF_INIT;

	if (cell_load(c->host, name, &cell, e) < 0 ||
	    cell_store_init(&s, c->host, &cell, NULL, e) < 0)
		return -1;
	if (s.store->usage != NULL && s.store->usage(&s.at, &u, e) < 0)
		return -1;
	AUTO_FREE char *reserved = cell_text(&cell, "zfs.reservation");
	r->count = 6;
	r->cells[0] = xstrdup(name);
	r->cells[1] = xstrdup("1.00x");
	r->cells[2] = reserved != NULL && *reserved != '\0' ? STEAL(reserved) :
	    xstrdup("none");
	const uint64_t numbers[] = { u.limit, u.live, u.available };
	for (size_t i = 0; i < 3; i++) {
		buf_clear(&text);
		ioc_bytes(numbers[i], &text);
		r->cells[3 + i] = xstrdup(buf_text(&text));
	}
	return 0;
}

static int
df(struct compat *c, struct error *e)
{
	static const char *const keys[] = { "name", "crt", "res", "qta",
		"use", "ava" };
	const char *key = compat_value(c, "sort");
	AUTO_IOC_TABLE struct ioc_table t = IOC_TABLE_INIT(6);
	AUTO_STRINGS struct strings names = VEC_INIT;
	AUTO_ROWS struct rows rows = VEC_INIT;
	size_t column = 0;

	while (key != NULL && column < 6 && strcmp(keys[column], key) != 0)
		column++;
	if (column == 6)
		return error_set(e, ERROR_FAILED, "Invalid sort type "
		    "specified, use one of: name crt res qta "
		    "use ava");
	if (cell_names(c->host, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		struct row r = { .key = column };
		struct error why = ERROR_INIT;

		/* one that is broken does not hide the others */
		if (df_row(c, names.items[i], &r, &why) < 0)
			compat_say(c, "%s: %s", names.items[i], why.msg);
		else
			VEC_PUSH(&rows, r);
	}
	if (rows.count > 1)
		qsort(rows.items, rows.count, sizeof(*rows.items),
		    compare_rows);
	ioc_row(&t, "NAME", "CRT", "RES", "QTA", "USE", "AVA", NULL);
	for (size_t i = 0; i < rows.count; i++)
		for (size_t k = 0; k < 6; k++)
			strings_add(&t.cells, rows.items[i].cells[k]);
	return ioc_print_table(&t, compat_has(c, "header"), e);
}

static const struct cmd_option df_options[] = {
	{ 'H', "header", NULL, "Show or hide column name heading." },
	{ 'l', "long", NULL, "Show the full uuid." },
	{ 's', "sort", "KEY", "Sorts the list by the given type." },
	{ 0 },
};

const struct compat_cmd ioc_df = {
	.name = "df",
	.usage = "",
	.summary = "Show resource usage of all jails.",
	.options = df_options,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_DIFFERS,
	.note = "the compression ratio is told as 1.00x: gaol asks no store "
	    "for it",
	.test = "cli/compat_iocage_test.sh:df",
	.exec = df,
};

/* --- snaplist --- */

static void
snap_rows(const struct compat *c, const char *jail, const struct snapshot *s,
    bool all, struct ioc_table *t)
{
	AUTO_FREE char *full = xasprintf("gaol/jails/%s@%s", jail, s->name);
	AUTO_FREE char *full_root = xasprintf("gaol/jails/%s/root@%s", jail,
	    s->name);
	AUTO_FREE char *root = xasprintf("%s/root", s->name);
	AUTO_BUF struct buf refer = BUF_INIT, used = BUF_INIT;
	bool detailed = compat_has(c, "long");
	time_t when = (time_t)s->created;
	char created[64] = "";
	struct tm tm;

	/* as zfs(8) has it: %k is no part of ISO C */
	if (localtime_r(&when, &tm) != NULL) {
		size_t len = strftime(created, sizeof(created), "%a %b %e ",
		    &tm);

		snprintf(created + len, sizeof(created) - len, "%2d:%02d %d",
		    tm.tm_hour, tm.tm_min, tm.tm_year + 1900);
	}
	ioc_bytes(s->referenced, &refer);
	ioc_bytes(s->used, &used);
	for (int i = 0; i < 2; i++) {
		if (all)
			strings_add(&t->cells, jail);
		strings_add(&t->cells, detailed ? (i == 0 ? full : full_root) :
		    i == 0 ? s->name : root);
		strings_add(&t->cells, created);
		strings_add(&t->cells, i == 0 ? "0B" : buf_text(&refer));
		strings_add(&t->cells, i == 0 ? "0B" : buf_text(&used));
	}
}

static int
by_name(const void *a, const void *b)
{
	const struct snapshot *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int
by_created(const void *a, const void *b)
{
	const struct snapshot *x = a, *y = b;

	return x->created != y->created ? (x->created < y->created ? -1 : 1) :
	    by_name(a, b);
}

static int
by_size(const void *a, const void *b)
{
	const struct snapshot *x = a, *y = b;

	return x->referenced != y->referenced ?
	    (x->referenced < y->referenced ? -1 : 1) : by_name(a, b);
}

static int
by_used(const void *a, const void *b)
{
	const struct snapshot *x = a, *y = b;

	return x->used != y->used ? (x->used < y->used ? -1 : 1) :
	    by_name(a, b);
}

static const struct {
	const char *key;
	int (*compare)(const void *a, const void *b);
} orders[] = { { "created", by_created }, { "name", by_name },
	{ "rsize", by_size }, { "used", by_used } };

static int
snaplist(struct compat *c, struct error *e)
{
	const char *key = compat_value(c, "sort");
	bool all = strcmp(c->operands.items[0], "ALL") == 0;
	AUTO_IOC_TABLE struct ioc_table t = IOC_TABLE_INIT(all ? 5 : 4);
	AUTO_STRINGS struct strings names = VEC_INIT;
	size_t order = 0;

	while (key != NULL && order < 4 && strcmp(orders[order].key, key) != 0)
		order++;
	if (order == 4)
		return error_set(e, ERROR_FAILED, "Invalid sort type "
		    "specified, use one of: name created rsize "
		    "used");
	if (ioc_targets(c, &c->operands, &names, e) < 0)
		return -1;
	if (all)
		strings_add(&t.cells, "JAIL");
	ioc_row(&t, "NAME", "CREATED", "RSIZE", "USED", NULL);
	for (size_t i = 0; i < names.count; i++) {
		AUTO_SNAPSHOTS struct snapshots list = VEC_INIT;

		if (snapshot_list(c->host, names.items[i], true, &list, e) <
		    0)
			return -1;
		if (list.count > 1)
			qsort(list.items, list.count, sizeof(*list.items),
			    orders[order].compare);
		for (size_t k = 0; k < list.count; k++)
			snap_rows(c, names.items[i], &list.items[k], all, &t);
	}
	return ioc_print_table(&t, compat_has(c, "header"), e);
}

static const struct cmd_option snaplist_options[] = {
	{ 'H', "header", NULL, "Show or hide column name heading." },
	{ 'l', "long", NULL, "Show the full dataset path." },
	{ 's', "sort", "KEY", "Sorts the list by the given type." },
	{ 0 },
};

const struct compat_cmd ioc_snaplist = {
	.name = "snaplist",
	.usage = "JAIL|ALL",
	.summary = "Show snapshots of a specified jail.",
	.options = snaplist_options,
	.min = 1,
	.max = 1,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_DIFFERS,
	.note = "datasets are told as `gaol/jails/NAME`; that of the settings "
	    "is empty",
	.test = "cli/compat_iocage_test.sh:snapshots",
	.exec = snaplist,
};
