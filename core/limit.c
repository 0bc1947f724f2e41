/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* limit.* of a cell.conf, for the engine. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/num.h"
#include "core/life.h"
#include "core/limit.h"
#include "core/prop.h"

/* The properties whose value is one amount. */
static const char *const amounts[] = {
	"limit.cpu", "limit.io.read.bps", "limit.io.read.iops",
	"limit.io.write.bps", "limit.io.write.iops", "limit.memory",
	"limit.net.in", "limit.net.out", "limit.openfiles",
	"limit.processes", "limit.swap",
};

void
limit_free(struct engine_limit *l)
{
	free(l->resource);
	free(l->action);
	free(l->per);
	memset(l, 0, sizeof(*l));
}

void
limit_fini(struct spec *s)
{
	for (size_t i = 0; i < s->limits.count; i++)
		limit_free(&s->limits.items[i]);
	VEC_FINI(&s->limits);
	strings_fini(&s->cpus);
}

static bool
is_word(const char *word)
{
	size_t len = word != NULL ?
	    strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789") : 0;

	return len > 0 && len < 32 && word[len] == '\0';
}

int
limit_parse_rule(const char *v, struct engine_limit *l, struct error *e)
{
	AUTO_FREE char *copy = xstrdup(v);
	char *rest = copy;
	const char *resource = strsep(&rest, ":");
	const char *action = strsep(&rest, "=");
	const char *amount = strsep(&rest, "/");
	const char *per = rest;
	uint64_t n;

	if (!is_word(resource) || !is_word(action) || amount == NULL ||
	    (per != NULL && !is_word(per)))
		return error_set(e, ERROR_CONFIG, "'%.64s' is not of the form "
		    "RESOURCE:ACTION=AMOUNT[/PER] of rctl(8) (examples: "
		    "nthr:deny=500, openfiles:log=1K/process)", v);
	if (parse_size(amount, &n, e) < 0) {
		e->kind = ERROR_CONFIG;
		return error_wrap(e, "'%.64s'", v);
	}
	*l = (struct engine_limit){ .resource = xstrdup(resource),
	    .action = xstrdup(action), .amount = n,
	    .per = per != NULL ? xstrdup(per) : NULL };
	return 0;
}

int
limit_check_rule(const char *v, struct error *e)
{
	struct engine_limit l = { NULL, NULL, 0, NULL };
	int result = limit_parse_rule(v, &l, e);

	limit_free(&l);
	return result;
}

/* "2", "0.5", "150%": percent of one processor, at least 1. */
static uint64_t
cpu_percent(const char *v)
{
	double n = strtod(v, NULL);

	if (strchr(v, '%') == NULL)
		n *= 100;
	return n < 1 ? 1 : (uint64_t)(n + 0.5);
}

int
limit_amount(const char *name, const char *v, uint64_t *amount, struct error *e)
{
	if (strcmp(name, "limit.cpu") == 0) {
		*amount = cpu_percent(v);
		return 0;
	}
	return parse_size(v, amount, e) < 0 ? error_wrap(e, "%s", name) : 0;
}

const struct limit_rctl limit_rctl[] = {
	{ "memoryuse", "deny", "limit.memory" },
	{ "swapuse", "deny", "limit.swap" },
	{ "maxproc", "deny", "limit.processes" },
	{ "openfiles", "deny", "limit.openfiles" },
	{ "pcpu", "deny", "limit.cpu" },
	{ "readbps", "throttle", "limit.io.read.bps" },
	{ "writebps", "throttle", "limit.io.write.bps" },
	{ "readiops", "throttle", "limit.io.read.iops" },
	{ "writeiops", "throttle", "limit.io.write.iops" },
	{ NULL, NULL, NULL },
};

const struct limit_rctl *
limit_rctl_find(const char *name)
{
	for (const struct limit_rctl *l = limit_rctl; l->resource != NULL; l++)
		if (strcmp(l->resource, name) == 0 ||
		    strcmp(l->prop, name) == 0)
			return l;
	return NULL;
}

static bool
counts_percents(const struct limit_rctl *l)
{
	return strcmp(l->resource, "pcpu") == 0;
}

char *
limit_rctl_amount(const struct limit_rctl *l, const char *value)
{
	return counts_percents(l) ?
	    xasprintf("%" PRIu64, cpu_percent(value)) : xstrdup(value);
}

char *
limit_rctl_value(const struct limit_rctl *l, const char *amount)
{
	return xasprintf("%s%s", amount, counts_percents(l) ? "%" : "");
}

static int
fill_rules(struct spec *s, const struct cell *c, struct error *e)
{
	AUTO_STRINGS struct strings rules = VEC_INIT;

	cell_values(c, "limit.rctl", &rules);
	for (size_t i = 0; i < rules.count; i++) {
		struct engine_limit l;

		if (limit_parse_rule(rules.items[i], &l, e) < 0)
			return error_wrap(e, "limit.rctl");
		VEC_PUSH(&s->limits, l);
	}
	return 0;
}

int
limit_fill(struct spec *s, const struct cell *c, struct error *e)
{
	for (size_t i = 0; i < sizeof(amounts) / sizeof(amounts[0]); i++) {
		AUTO_FREE char *v = cell_text(c, amounts[i]);
		struct engine_limit l = { NULL, NULL, 0, NULL };

		if (v == NULL || *v == '\0')
			continue;
		if (limit_amount(amounts[i], v, &l.amount, e) < 0)
			return -1;
		l.resource = xstrdup(amounts[i] + strlen("limit."));
		VEC_PUSH(&s->limits, l);
	}
	if (fill_rules(s, c, e) < 0)
		return -1;
	cell_values(c, "limit.cpuset", &s->cpus);
	s->engine.limits = s->limits.items;
	s->engine.limit_count = s->limits.count;
	s->engine.cpus = &s->cpus;
	return 0;
}

/* What an engine can change: limit.disk is the store's. */
static bool
is_limit(const struct prop *p)
{
	return strncmp(p->name, "limit.", 6) == 0 &&
	    (p->flags & PROP_LIVE) != 0 && strcmp(p->name, "limit.disk") != 0;
}

static bool
names_limits(const struct cell *c)
{
	for (size_t i = 0; i < c->values.count; i++)
		if (is_limit(c->values.items[i].prop))
			return true;
	return false;
}

/* Let the limits of to be those of from. */
static int
copy_limits(struct cell *to, const struct cell *from, struct error *e)
{
	for (size_t i = 0; i < prop_count; i++) {
		const struct prop *p = &prop_table[i];
		AUTO_STRINGS struct strings values = VEC_INIT;

		if (!is_limit(p) || (!cell_names_property(to, p->name) &&
		    !cell_names_property(from, p->name)))
			continue;
		if (cell_names_property(from, p->name))
			cell_get(from, p, p->name, &values);
		if (cell_set(to, p, p->name, &values, false, e) < 0)
			return -1;
	}
	return 0;
}

static int
put_in_force(const struct host *h, const struct live *live,
    const struct cell *before, const struct cell *next, struct error *e)
{
	AUTO_SPEC struct spec old, new;
	AUTO_BUF struct buf text = BUF_INIT;
	struct error second = ERROR_INIT;

	memset(&old, 0, sizeof(old));
	memset(&new, 0, sizeof(new));
	if (spec_init(&old, h, before, false, e) < 0 ||
	    spec_init(&new, h, next, false, e) < 0)
		return -1;
	conf_write(next->conf, &text);
	if (engine_native->limit(&live->engine, &old.engine, &new.engine,
	    e) == 0 && live_set_conf(live, &text, e) == 0)
		return 0;
	if (engine_native->limit(&live->engine, &new.engine, &old.engine,
	    &second) < 0)
		host_say(h, "%s: %s", before->name, second.msg);
	return -1;
}

int
limit_change(const struct host *h, const char *name,
    const struct live *live, const struct cell *after, struct error *e)
{
	AUTO_CELL struct cell before = CELL_INIT, next = CELL_INIT;

	if (engine_native->limit == NULL)
		return 0;
	if (life_in_force(name, live, &before, e) < 0 ||
	    life_in_force(name, live, &next, e) < 0)
		return -1;
	if (!names_limits(&before) && !names_limits(after))
		return 0;
	return copy_limits(&next, after, e) < 0 ? -1 :
	    put_in_force(h, live, &before, &next, e);
}
