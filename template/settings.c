/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/auto.h"
#include "base/xalloc.h"
#include "core/net_publish.h"
#include "core/network.h"
#include "template/settings.h"

static int
assign(struct cell *c, const char *name, const char *how, const char *value,
    struct error *e)
{
	AUTO_FREE char *operand = xasprintf("%s%s%s", name, how, value);

	return cell_assign(c, operand, false, e);
}

/* A member of a list property, unless it is there. */
static int
add_value(struct cell *c, const char *name, const char *value,
    struct error *e)
{
	AUTO_STRINGS struct strings have = VEC_INIT, one = VEC_INIT;

	cell_values(c, name, &have);
	if (strings_index(&have, value) >= 0)
		return 0;
	strings_add(&one, value);
	return cell_set(c, prop_find(name), name, &one, true, e);
}

static int
set_value(struct cell *c, const char *name, const char *value,
    struct error *e)
{
	AUTO_STRINGS struct strings one = VEC_INIT;

	if (*value != '\0')
		strings_add(&one, value);
	return cell_set(c, prop_find(name), name, &one, false, e);
}

/* The words from that one on, with blanks between. */
static char *
rest(const struct strings *words, size_t from)
{
	struct buf text = BUF_INIT;

	buf_puts(&text, "");
	for (size_t i = from; i < words->count; i++)
		buf_printf(&text, "%s%s", i > from ? " " : "",
		    words->items[i]);
	return buf_steal(&text);
}

/* --- CONFIG set PROP VALUE | PROP=VALUE | PROP; add; remove --- */

static int
config(const struct host *h, const struct template_step *s, struct cell *c,
    struct error *e)
{
	const struct strings *w = &s->words;
	const char *verb = w->items[0], *equals = strchr(w->items[1], '=');
	AUTO_FREE char *name = equals != NULL ?
	    xstrndup(w->items[1], (size_t)(equals - w->items[1])) :
	    xstrdup(w->items[1]);
	AUTO_FREE char *value = rest(w, 2);
	const struct prop *p = prop_find(name);

	if (equals != NULL && w->count == 2) {
		free(value);
		value = xstrdup(equals + 1);
	}
	if (strcasecmp(verb, "remove") == 0 || strcasecmp(verb, "delete") == 0)
		return assign(c, name, "=", "", e);
	if (strcasecmp(verb, "set") != 0 && strcasecmp(verb, "add") != 0)
		return error_set(e, ERROR_DATA, "CONFIG %s: set, add and "
		    "remove are possible", verb);
	if (*value == '\0') {
		free(value);
		value = xstrdup("on");
	}
	if (strcasecmp(verb, "add") == 0 && p != NULL &&
	    (p->flags & PROP_LIST) != 0)
		return add_value(c, name, value, e);
	return assign(c, name, "=", value, e);
}

/* --- LIMITS [add|set|remove] RESOURCE AMOUNT, as rctl(8) calls them --- */

/* clang-format off */
static const struct {
	const char *resource, *property;
} limits[] = {
	{ "memoryuse", "limit.memory" },
	{ "memory", "limit.memory" },
	{ "swapuse", "limit.swap" },
	{ "pcpu", "limit.cpu" },
	{ "cpu", "limit.cpuset" },
	{ "cpuset", "limit.cpuset" },
	{ "maxproc", "limit.processes" },
	{ "processes", "limit.processes" },
	{ "openfiles", "limit.openfiles" },
	{ "readbps", "limit.io.read.bps" },
	{ "writebps", "limit.io.write.bps" },
	{ "readiops", "limit.io.read.iops" },
	{ "writeiops", "limit.io.write.iops" },
};
/* clang-format on */

static const char *
limit_property(const char *resource)
{
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		if (strcasecmp(limits[i].resource, resource) == 0)
			return limits[i].property;
	return strncmp(resource, "limit.", 6) == 0 ? resource : NULL;
}

/* A rule of a resource that no property is for. */
static int
limit_rule(struct cell *c, const char *resource, const char *amount,
    struct error *e)
{
	AUTO_STRINGS struct strings old = VEC_INIT, now = VEC_INIT;
	AUTO_FREE char *head = xasprintf("%s:deny=", resource);

	cell_values(c, "limit.rctl", &old);
	for (size_t i = 0; i < old.count; i++)
		if (strncmp(old.items[i], head, strlen(head)) != 0)
			strings_add(&now, old.items[i]);
	if (*amount != '\0')
		strings_take(&now, xasprintf("%s%s", head, amount));
	return cell_set(c, prop_find("limit.rctl"), "limit.rctl", &now, false,
	    e);
}

static int
limit(const struct host *h, const struct template_step *s, struct cell *c,
    struct error *e)
{
	const struct strings *w = &s->words;
	size_t at = strcasecmp(w->items[0], "add") == 0 ||
	    strcasecmp(w->items[0], "set") == 0 ? 1 : 0;
	bool drop = strcasecmp(w->items[0], "remove") == 0;
	const char *resource, *property, *amount = "";
	AUTO_FREE char *percent = NULL;

	if (drop)
		at = 1;
	if (w->count != at + 2 && !(drop && w->count == 2))
		return error_set(e, ERROR_DATA, "%s is written '%s %s'",
		    s->keyword, s->keyword, s->directive->form);
	resource = w->items[at];
	property = limit_property(resource);
	if (!drop)
		amount = w->items[at + 1];
	if (property == NULL)
		return limit_rule(c, resource, amount, e);
	/* rctl(8) counts percent of one processor */
	if (strcasecmp(resource, "pcpu") == 0 && *amount != '\0' &&
	    strchr(amount, '%') == NULL)
		amount = percent = xasprintf("%s%%", amount);
	return assign(c, property, "=", amount, e);
}

/* --- RDR [-i|-s|-d|-t X] PROTO HOST_PORT JAIL_PORT [log ...] --- */

struct rdr {
	const char *from, *to, *type;
	const char *proto, *host, *jail;
	bool log;
};

static int
rdr_words(const struct strings *w, struct rdr *r, struct error *e)
{
	size_t i = 0;

	for (; i + 1 < w->count && w->items[i][0] == '-'; i += 2) {
		const char *value = w->items[i + 1];

		if (strcmp(w->items[i], "-s") == 0)
			r->from = strcmp(value, "any") == 0 ? NULL : value;
		else if (strcmp(w->items[i], "-d") == 0)
			r->to = strcmp(value, "any") == 0 ? NULL : value;
		else if (strcmp(w->items[i], "-t") == 0)
			r->type = value;
		else
			return error_set(e, ERROR_UNSUPPORTED, "RDR %s: a port "
			    "of one interface is opened by its address: "
			    "-d ADDRESS", w->items[i]);
	}
	if (w->count < i + 3)
		return error_set(e, ERROR_DATA, "RDR is written "
		    "'RDR tcp|udp HOST_PORT JAIL_PORT'");
	r->proto = w->items[i];
	r->host = w->items[i + 1];
	r->jail = w->items[i + 2];
	r->log = w->count > i + 3 && strcmp(w->items[i + 3], "log") == 0;
	if (w->count > i + 3 && !r->log)
		return error_set(e, ERROR_DATA, "RDR: what is '%s'?  log is "
		    "possible there", w->items[i + 3]);
	if (r->type != NULL && strcmp(r->type, "ipv4") != 0 &&
	    strcmp(r->type, "ipv6") != 0 && strcmp(r->type, "dual") != 0)
		return error_set(e, ERROR_DATA,
		    "RDR -t %s: ipv4, ipv6 and dual are possible", r->type);
	return 0;
}

/* "8000:8010", as pf(4) has it, is "8000-8010". */
static char *
port_range(const char *ports)
{
	char *range = xstrdup(ports), *colon = strchr(range, ':');

	if (colon != NULL)
		*colon = '-';
	return range;
}

static int
rdr(const struct host *h, const struct template_step *s, struct cell *c,
    struct error *e)
{
	AUTO_STRINGS struct strings have = VEC_INIT;
	AUTO_BUF struct buf text = BUF_INIT;
	struct rdr r = { .from = NULL };
	struct engine_publish want, old;
	struct error ignored = ERROR_INIT;

	if (rdr_words(&s->words, &r, e) < 0)
		return -1;
	AUTO_FREE char *host = port_range(r.host);
	AUTO_FREE char *jail = port_range(r.jail);
	if (r.to != NULL)
		buf_printf(&text, strchr(r.to, ':') != NULL ? "[%s]:" : "%s:",
		    r.to);
	else if (r.type != NULL && strcmp(r.type, "dual") != 0)
		buf_puts(&text, strcmp(r.type, "ipv4") == 0 ? "0.0.0.0:" :
		    "[::]:");
	buf_printf(&text, "%s:%s/%s", host, jail, r.proto);
	if (r.from != NULL)
		buf_printf(&text, " from %s", r.from);
	if (r.log)
		buf_puts(&text, " log");
	if (net_publish_parse(buf_text(&text), &want, e) < 0)
		return -1;
	cell_values(c, "publish", &have);
	for (size_t i = 0; i < have.count; i++)
		if (net_publish_parse(have.items[i], &old, &ignored) == 0 &&
		    net_publish_same(&want, &old) &&
		    want.to_first == old.to_first)
			return 0;
	return add_value(c, "publish", buf_text(&text), e);
}

/* --- NETWORK add NET|IFACE [ADDRESS]; remove NET|IFACE --- */

static bool
entry_is_of(const char *entry, const char *name)
{
	size_t len = strlen(name);

	return strncmp(entry, name, len) == 0 &&
	    (entry[len] == '\0' || strchr(":| ", entry[len]) != NULL);
}

static int
network(const struct host *h, const struct template_step *s, struct cell *c,
    struct error *e)
{
	const struct strings *w = &s->words;
	AUTO_STRINGS struct strings old = VEC_INIT, now = VEC_INIT;
	bool add = strcasecmp(w->items[0], "add") == 0;
	const char *name = w->items[1];

	if ((!add && strcasecmp(w->items[0], "remove") != 0) ||
	    w->count > (add ? 3u : 2u) || name[0] == '-')
		return error_set(e, ERROR_DATA, "NETWORK is written '%s'",
		    s->directive->form);
	cell_values(c, "net", &old);
	for (size_t i = 0; i < old.count; i++)
		if (!entry_is_of(old.items[i], name) &&
		    strcmp(old.items[i], "none") != 0)
			strings_add(&now, old.items[i]);
	if (add && w->count == 2)
		strings_add(&now, name);
	else if (add)
		strings_take(&now, xasprintf("%s%c%s", name,
		    network_exists(h, name) ? ':' : '|', w->items[2]));
	if (now.count == 0)
		strings_add(&now, "none");
	return cell_set(c, prop_find("net"), "net", &now, false, e);
}

/* --- ENV, TAG, EXPOSE, HEALTHCHECK --- */

static int
env(const struct host *h, const struct template_step *s, struct cell *c,
    struct error *e)
{
	AUTO_STRINGS struct strings now = VEC_INIT;

	cell_values(c, "env", &now);
	for (size_t i = 0; i < s->words.count; i++) {
		const char *item = s->words.items[i];
		size_t len = strcspn(item, "="), k = 0;

		if (!vars_is_name(item, len) || item[len] != '=')
			return error_set(e, ERROR_DATA,
			    "ENV: '%s' is not NAME=VALUE", item);
		while (k < now.count &&
		    strncmp(now.items[k], item, len + 1) != 0)
			k++;
		if (k < now.count) {
			free(now.items[k]);
			now.items[k] = xstrdup(item);
		} else {
			strings_add(&now, item);
		}
	}
	return cell_set(c, prop_find("env"), "env", &now, false, e);
}

static int
tag(const struct host *h, const struct template_step *s, struct cell *c,
    struct error *e)
{
	for (size_t i = 0; i < s->words.count; i++) {
		const char *p = s->words.items[i];

		while (*p != '\0') {
			size_t len = strcspn(p, ",");
			AUTO_FREE char *one = xstrndup(p, len);

			if (len > 0 && add_value(c, "tag", one, e) < 0)
				return -1;
			p += len + (p[len] == ',');
		}
	}
	return 0;
}

static int
expose(const struct host *h, const struct template_step *s, struct cell *c,
    struct error *e)
{
	for (size_t i = 0; i < s->words.count; i++)
		if (add_value(c, "expose", s->words.items[i], e) < 0)
			return -1;
	return 0;
}

static int
health(const struct host *h, const struct template_step *s, struct cell *c,
    struct error *e)
{
	if (s->text == NULL)
		return set_value(c, "health.command", "", e);
	for (size_t i = 0; i < s->words.count; i++) {
		AUTO_FREE char *name = xasprintf("health.%s",
		    s->words.items[i]);

		name[strcspn(name, "=")] = '\0';
		if (prop_find(name) == NULL ||
		    strcmp(name, "health.command") == 0)
			return error_set(e, ERROR_DATA, "HEALTHCHECK %s: "
			    "interval, timeout, retries and start_period are "
			    "possible", s->words.items[i]);
		if (set_value(c, name, strchr(s->words.items[i], '=') + 1,
		    e) < 0)
			return -1;
	}
	return set_value(c, "health.command", s->text, e);
}

/* clang-format off */
static const struct {
	enum directive_kind kind;
	int (*change)(const struct host *h, const struct template_step *s,
	    struct cell *c, struct error *e);
} changes[] = {
	{ DIRECTIVE_CONFIG, config },
	{ DIRECTIVE_ENV, env },
	{ DIRECTIVE_EXPOSE, expose },
	{ DIRECTIVE_HEALTHCHECK, health },
	{ DIRECTIVE_LIMITS, limit },
	{ DIRECTIVE_NETWORK, network },
	{ DIRECTIVE_RDR, rdr },
	{ DIRECTIVE_TAG, tag },
};
/* clang-format on */

bool
settings_takes(const struct template_step *s)
{
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		if (changes[i].kind == s->directive->kind)
			return true;
	return false;
}

int
settings_change(const struct host *h, const struct template_step *s,
    struct cell *c, struct error *e)
{
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		if (changes[i].kind == s->directive->kind)
			return changes[i].change(h, s, c, e);
	return error_set(e, ERROR_FAILED, "%s changes no property",
	    s->keyword);
}
