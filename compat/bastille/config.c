/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* config: properties under the names of jail(8), and three of Bastille's. */
#include <inttypes.h>
#include <string.h>

#include "base/auto.h"
#include "compat/bastille/bastille.h"
#include "core/live.h"
#include "core/net_entry.h"
#include "core/spec.h"

struct config {
	const char *action;	/* "get", "set" or "remove" */
	char *name, *value;	/* value NULL: none */
	struct buf json;	/* records of get */
	bool first;
};

/* --- get --- */

/* Of net: whether it has a stack of its own, its addresses, its interface. */
static void
get_network(const struct cell *cell, const char *name, struct buf *out)
{
	AUTO_NET_ENTRIES struct net_entries entries = VEC_INIT;
	AUTO_STRINGS struct strings net = VEC_INIT;
	struct error ignored = ERROR_INIT;
	char text[ADDR_TEXT];

	cell_values(cell, "net", &net);
	if (net_entries_parse(&net, &entries, &ignored) < 0)
		return;
	if (strcmp(name, "vnet") == 0) {
		if (!net_entries_shared(&entries))
			buf_puts(out, "enabled");
		return;
	}
	for (size_t i = 0; i < entries.count; i++) {
		const struct engine_iface *f = &entries.items[i].iface;
		const char *link = f->kind == IFACE_NETWORK ? f->network :
		    f->kind == IFACE_LOOP ? "lo" : f->link;

		if (entries.items[i].kind != NET_IFACE)
			continue;
		if (strcmp(name, "interface") == 0) {
			buf_printf(out, "%s%s", out->len > 0 ? "," : "", link);
			continue;
		}
		for (size_t k = 0; k < f->addr_count; k++)
			if (f->addrs[k].family == (name[2] == '4' ? 4 : 6))
				buf_printf(out, "%s%s|%s",
				    out->len > 0 ? "," : "", link,
				    addr_text_prefix(&f->addrs[k], text));
	}
}

static bool
is_network(const char *name)
{
	return strcmp(name, "vnet") == 0 || strcmp(name, "interface") == 0 ||
	    strcmp(name, "ip4.addr") == 0 || strcmp(name, "ip6.addr") == 0;
}

static void
get_told(struct compat *c, const struct cell *cell, const char *name,
    struct buf *out)
{
	AUTO_LIVE struct live live = LIVE_INIT;
	struct error ignored = ERROR_INIT;
	bool up = live_running(c->host, cell->name, &live, &ignored) == 0 &&
	    live.phase != LIVE_STOPPED;
	AUTO_FREE char *path = NULL;

	if (strcmp(name, "name") == 0) {
		buf_puts(out, cell->name);
	} else if (strcmp(name, "jid") == 0 && up) {
		buf_printf(out, "%" PRId64, live.engine.jid);
	} else if (strcmp(name, "path") == 0) {
		path = spec_path(c->host, cell, up ? &live.engine : NULL);
		buf_puts(out, path != NULL ? path : "");
	}
}

/* "enabled" for a boolean that is on, as for one without a value there. */
static int
get_property(const struct cell *cell, const char *name, struct buf *out,
    struct error *e)
{
	AUTO_STRINGS struct strings values = VEC_INIT;
	AUTO_FREE char *text = NULL;
	const struct prop *p;
	bool negated;

	if (prop_resolve(name, &p, &negated, e) < 0)
		return error_set(e, ERROR_USAGE, "Unsupported property: %s",
		    name);
	cell_get(cell, p, negated ? p->name : name, &values);
	text = strings_join(&values, ",");
	if (p->type == PROP_BOOL)
		buf_puts(out, (strcmp(text, "on") == 0) != negated ?
		    "enabled" : "");
	else
		buf_puts(out, text);
	return 0;
}

static int
get_value(struct compat *c, const char *jail, const char *name,
    struct buf *out, struct error *e)
{
	AUTO_CELL struct cell cell = CELL_INIT;
	const struct prop *p = prop_find(name);

	if (cell_load(c->host, jail, &cell, e) < 0)
		return -1;
	if (is_network(name))
		get_network(&cell, name, out);
	else if (strcmp(name, "boot") == 0)
		buf_puts(out, cell_bool(&cell, name) ? "on" : "off");
	else if (strcmp(name, "depend") == 0) {
		AUTO_STRINGS struct strings values = VEC_INIT;
		AUTO_FREE char *text = NULL;

		cell_values(&cell, name, &values);
		text = strings_join(&values, " ");
		buf_puts(out, text);
		return 0;
	} else if (strcmp(name, "host.hostname") == 0) {
		AUTO_FREE char *text = cell_text(&cell, name);

		buf_puts(out, text != NULL ? text : jail);
	} else if (p != NULL && (p->flags & PROP_READONLY))
		get_told(c, &cell, name, out);
	else if (get_property(&cell, name, out, e) < 0)
		return -1;
	if (out->len == 0)
		buf_puts(out, "not set");
	return 0;
}

/* As xo(1) prints them; -p: by lines, two blanks for each depth. */
static void
put_record(struct compat *c, struct config *g, const char *jail,
    const char *value)
{
	bool pretty = compat_has_global(c, "p");
	const char *sep = pretty ? ",\n        " : ",";
	const char *colon = pretty ? ": " : ":";
	AUTO_LIVE struct live live = LIVE_INIT;
	struct error ignored = ERROR_INIT;
	struct buf *out = &g->json;

	buf_puts(out, g->first ? "" : ",");
	buf_puts(out, pretty ? "\n      {\n        " : "{");
	g->first = false;
	buf_printf(out, "\"jid\"%s", colon);
	if (live_running(c->host, jail, &live, &ignored) == 0 &&
	    live.phase == LIVE_RUNNING)
		buf_printf(out, "%" PRId64, live.engine.jid);
	else
		buf_puts(out, "null");
	buf_printf(out, "%s\"name\"%s", sep, colon);
	json_string(out, jail);
	if (strcmp(g->name, "name") != 0 && strcmp(g->name, "jid") != 0) {
		buf_puts(out, sep);
		json_string(out, g->name);
		buf_puts(out, colon);
		json_string(out, value);
	}
	buf_puts(out, pretty ? "\n      }" : "}");
}

static int
print_json(struct compat *c, const struct config *g, struct error *e)
{
	if (compat_has_global(c, "p"))
		return compat_print(e, "{\n  \"bastille\": {\n    \"type\": "
		    "\"jail\",\n    \"jail\": [%s\n    ]\n  }\n}\n",
		    buf_text(&g->json));
	return compat_print(e, "{\"bastille\":{\"type\":\"jail\",\"jail\":[%s]}}"
	    "\n", buf_text(&g->json));
}

static int
get_all(struct compat *c, const struct strings *names, struct config *g,
    struct error *e)
{
	for (size_t i = 0; i < names->count; i++) {
		AUTO_BUF struct buf value = BUF_INIT;

		if (get_value(c, names->items[i], g->name, &value, e) < 0)
			return -1;
		if (c->json)
			put_record(c, g, names->items[i], buf_text(&value));
		else if (compat_print(e, "%s\n", buf_text(&value)) < 0)
			return -1;
	}
	return c->json ? print_json(c, g, e) : 0;
}

/* --- set, remove --- */

/* What gaol sees to itself, or says otherwise. */
static const struct {
	const char *name, *instead;
} not_set[] = {
	{ "vnet", "'bastille network' and 'gaol set net=' give a jail its "
	    "network" },
	{ "novnet", "'gaol set net=' gives a jail its network" },
	{ "vnet.interface", "'bastille network' adds interfaces" },
	{ "interface", "ip4.addr=INTERFACE|ADDRESS tells both" },
	{ "path", "gaol chooses where the files of a jail are" },
	{ "mount.fstab", "'bastille mount' mounts" },
	{ "exec.consolelog", "'gaol logs' shows the console" },
	{ "name", "'bastille rename' renames" },
	{ "persist", "a jail of gaol runs until it is stopped" },
	{ "nopersist", "a jail of gaol runs until it is stopped" },
	{ "command", "exec.start is what a jail runs" },
	{ "dying", "gaol knows no jails that are dying" },
	{ "allow.dying", "gaol knows no jails that are dying" },
};

static int
check_settable(struct compat *c, const char *name, struct error *e)
{
	for (size_t i = 0; i < sizeof(not_set) / sizeof(not_set[0]); i++)
		if (strcmp(not_set[i].name, name) == 0)
			return error_set(e, ERROR_UNSUPPORTED, "bastille "
			    "config: %s: %s", name, not_set[i].instead);
	return 0;
}

/* An address without its interface gets the one that is there. */
static int
set_address(struct compat *c, const char *jail, const struct config *g,
    struct error *e)
{
	AUTO_BUF struct buf old = BUF_INIT;
	const char *bar = strchr(g->value, '|');
	AUTO_FREE char *iface = NULL, *entry = NULL, *word = NULL;
	struct address_options o = { .kind = ADDRESS_SHARED };

	if (bar == NULL && get_value(c, jail, "interface", &old, e) < 0)
		return -1;
	iface = bar != NULL ? xstrndup(g->value, (size_t)(bar - g->value)) :
	    xstrndup(buf_text(&old), strcspn(buf_text(&old), ","));
	o.iface = strcmp(iface, "not set") != 0 && strcmp(iface, "lo") != 0 ?
	    iface : NULL;
	o.ip = bar != NULL ? bar + 1 : g->value;
	if (bastille_address(c, &o, &entry, e) < 0)
		return -1;
	word = xasprintf("net=%s", entry);
	return compat_call(c, e, "set", jail, word, NULL);
}

static int
set_one(struct compat *c, const char *jail, const struct config *g,
    struct error *e)
{
	const struct prop *p;
	AUTO_FREE char *word = NULL;
	bool negated = false;

	if (strcmp(g->name, "ip4.addr") == 0 || strcmp(g->name,
	    "ip6.addr") == 0)
		return g->value != NULL ? set_address(c, jail, g, e) :
		    error_set(e, ERROR_USAGE, "%s needs a value", g->name);
	if (prop_resolve(g->name, &p, &negated, e) < 0)
		return error_set(e, ERROR_USAGE, "Unsupported property: %s",
		    g->name);
	if (p->type == PROP_BOOL && g->value == NULL)
		word = xasprintf("%s=%s", p->name, negated ? "off" : "on");
	else
		word = xasprintf("%s=%s", g->name, g->value != NULL ?
		    g->value : "");
	return compat_call(c, e, "set", jail, word, NULL);
}

/* depend: VALUE is a TARGET. */
static int
change_depend(struct compat *c, const char *jail, const struct config *g,
    struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT, kept = VEC_INIT;
	AUTO_CELL struct cell cell = CELL_INIT;
	AUTO_FREE char *word = NULL, *text = NULL;

	if (g->value == NULL || *g->value == '\0')
		return error_set(e, ERROR_USAGE, "The 'depend' property "
		    "requires a TARGET.");
	if (bastille_targets(c, g->value, TARGET_TOUCH, &names, e) < 0 ||
	    cell_load(c->host, jail, &cell, e) < 0)
		return -1;
	cell_values(&cell, "depend", &kept);
	if (strcmp(g->action, "remove") == 0) {
		AUTO_STRINGS struct strings all = kept;

		kept = (struct strings)VEC_INIT;
		for (size_t i = 0; i < all.count; i++)
			if (strings_index(&names, all.items[i]) < 0)
				strings_add(&kept, all.items[i]);
	} else {
		for (size_t i = 0; i < names.count; i++)
			if (strings_index(&kept, names.items[i]) < 0)
				strings_add(&kept, names.items[i]);
	}
	text = strings_join(&kept, ",");
	word = xasprintf("depend=%s", text);
	return compat_call(c, e, "set", jail, word, NULL);
}

static bool
is_own(const char *name)
{
	return strcmp(name, "boot") == 0 || strcmp(name, "priority") == 0 ||
	    strcmp(name, "depend") == 0;
}

static int
change(struct compat *c, const char *jail, void *arg, struct error *e)
{
	const struct config *g = arg;
	AUTO_FREE char *word = xasprintf("%s=", g->name);

	if (strcmp(g->name, "depend") == 0)
		return change_depend(c, jail, g, e);
	if (strcmp(g->action, "set") == 0)
		return set_one(c, jail, g, e);
	if (is_own(g->name))
		return error_set(e, ERROR_USAGE, "Cannot remove the '%s' "
		    "property.", g->name);
	if (compat_call(c, e, "set", jail, word, NULL) < 0)
		return -1;
	return bastille_info(c, e, "Property removed: %s", g->name);
}

/* PROP, PROP=VALUE or PROP VALUE. */
static int
parse(struct compat *c, struct config *g, struct error *e)
{
	const char *action = c->operands.items[1];
	const char *word = c->operands.items[2];
	size_t len = strcspn(word, "=");

	g->action = strcmp(action, "add") == 0 ? "set" : action;
	if (strcmp(g->action, "get") != 0 && strcmp(g->action, "set") != 0 &&
	    strcmp(g->action, "remove") != 0)
		return error_set(e, ERROR_USAGE,
		    "Only (add|set), get and remove are supported.");
	g->name = xstrndup(word, len);
	if (word[len] == '=')
		g->value = xstrdup(word + len + 1);
	else if (c->operands.count > 3)
		g->value = xstrdup(c->operands.items[3]);
	if (strcmp(g->name, "prio") == 0 || strcmp(g->name, "depends") == 0) {
		AUTO_FREE char *old = g->name;

		g->name = xstrdup(*old == 'p' ? "priority" : "depend");
	}
	if (g->value != NULL && (strcmp(g->action, "get") == 0 ||
	    (strcmp(g->action, "remove") == 0 &&
	    strcmp(g->name, "depend") != 0)))
		return error_set(e, ERROR_USAGE, "Too many parameters for "
		    "[get|remove] operation.");
	return strcmp(g->action, "get") == 0 ? 0 :
	    check_settable(c, g->name, e);
}

static int
config(struct compat *c, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct config g = { .first = true };
	int result = parse(c, &g, e);

	if (result == 0)
		result = bastille_targets(c, c->operands.items[0],
		    strcmp(g.action, "get") == 0 ? TARGET_LOOK : TARGET_TOUCH,
		    &names, e);
	if (result == 0 && strcmp(g.action, "get") == 0) {
		result = get_all(c, &names, &g, e);
	} else if (result == 0) {
		result = bastille_each(c, &names, change, &g, e);
		if (result == 0 && !is_own(g.name))
			result = bastille_info(c, e, "A restart is required "
			    "for the changes to be applied. See 'bastille "
			    "restart'.");
	}
	free(g.name);
	free(g.value);
	buf_fini(&g.json);
	return result;
}

const struct compat_cmd bastille_config = {
	.name = "config",
	.usage = "TARGET [get|set|add|remove] PROPERTY [VALUE]",
	.summary = "Get, set or remove properties of jail(s).",
	.min = 3,
	.max = 4,
	.state = COMPAT_DIFFERS,
	.note = "any property of cell.conf(5), exactly that one; properties "
	    "have their default when they are removed; what gaol sees to "
	    "itself (path, vnet, mount.fstab ...) is refused (69) by `set`; "
	    "`priority` goes up to 99",
	.test = "cli/compat_bastille_test.sh:config",
	.exec = config,
};
