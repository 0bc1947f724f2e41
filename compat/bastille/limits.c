/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* limits: resources of rctl(8), which are properties limit.* of gaol. */
#include <string.h>

#include "base/auto.h"
#include "compat/bastille/bastille.h"
#include "core/limit.h"

/* The property of a resource; Bastille has words of its own for processors. */
static const char *
property_of(const char *resource)
{
	static const char *const cpus[] = { "cpu", "cpus", "cpuset" };
	const struct limit_rctl *l = limit_rctl_find(resource);

	for (size_t i = 0; i < sizeof(cpus) / sizeof(cpus[0]); i++)
		if (strcmp(cpus[i], resource) == 0)
			return "limit.cpuset";
	return l != NULL ? l->prop : NULL;
}

void
bastille_limits(const struct cell *cell, struct strings *rules,
    struct strings *cpus)
{
	AUTO_STRINGS struct strings list = VEC_INIT, others = VEC_INIT;

	for (const struct limit_rctl *l = limit_rctl; l->resource != NULL;
	    l++) {
		AUTO_FREE char *text = cell_text(cell, l->prop);
		AUTO_FREE char *amount = text != NULL ?
		    limit_rctl_amount(l, text) : NULL;

		if (amount != NULL)
			strings_take(rules, xasprintf("jail:%s:%s:%s=%s/jail",
			    cell->name, l->resource, l->action, amount));
	}
	cell_values(cell, "limit.rctl", &others);
	for (size_t i = 0; i < others.count; i++)
		strings_take(rules, xasprintf("jail:%s:%s%s", cell->name,
		    others.items[i], strchr(others.items[i], '/') != NULL ?
		    "" : "/jail"));
	cell_values(cell, "limit.cpuset", &list);
	if (list.count > 0)
		strings_take(cpus, strings_join(&list, ","));
}

static int
set(struct compat *c, const char *jail, const char *property,
    const char *value, struct error *e)
{
	AUTO_FREE char *word = xasprintf("%s=%s", property, value);

	return compat_call(c, e, "set", jail, word, NULL);
}

/* Rules of a resource that has no property of its own. */
static int
change_rules(struct compat *c, const char *jail, const char *resource,
    const char *value, struct error *e)
{
	AUTO_STRINGS struct strings old = VEC_INIT, kept = VEC_INIT;
	AUTO_CELL struct cell cell = CELL_INIT;
	AUTO_FREE char *text = NULL;
	size_t len = strlen(resource);

	if (cell_load(c->host, jail, &cell, e) < 0)
		return -1;
	cell_values(&cell, "limit.rctl", &old);
	for (size_t i = 0; i < old.count; i++)
		if (strncmp(old.items[i], resource, len) != 0 ||
		    old.items[i][len] != ':')
			strings_add(&kept, old.items[i]);
	if (value == NULL && kept.count == old.count)
		return error_set(e, ERROR_NOT_FOUND, "there is no limit of %s",
		    resource);
	if (value != NULL)
		strings_take(&kept, xasprintf("%s:deny=%s", resource, value));
	if (value != NULL && compat_has(c, "l"))
		strings_take(&kept, xasprintf("%s:log=%s", resource, value));
	text = strings_join(&kept, ",");
	return set(c, jail, "limit.rctl", text, e);
}

/* "8G", and "8G:deny" as it once was. */
static int
add(struct compat *c, const char *jail, const char *resource,
    const char *text, struct error *e)
{
	AUTO_FREE char *value = xstrndup(text, strcspn(text, ":"));
	const char *property = property_of(resource);
	const struct limit_rctl *l = limit_rctl_find(resource);
	AUTO_FREE char *amount = l != NULL ? limit_rctl_value(l, value) :
	    xstrdup(value);
	bool cpu = property != NULL && l == NULL;

	if (compat_has(c, "l") && property != NULL)
		return error_set(e, ERROR_UNSUPPORTED, "bastille limits: -l: "
		    "gaol logs no limit of %s; 'gaol limits' shows what is "
		    "used of it", resource);
	if ((property != NULL ? set(c, jail, property, amount, e) :
	    change_rules(c, jail, resource, value, e)) < 0)
		return -1;
	return bastille_info(c, e, "%s%s %s", cpu ? "[CPU LIMITS]: " : "",
	    resource, value);
}

static int
remove_limit(struct compat *c, const char *jail, const char *resource,
    struct error *e)
{
	const char *property = property_of(resource);

	return property != NULL ? set(c, jail, property, "", e) :
	    change_rules(c, jail, resource, NULL, e);
}

static int
reset(struct compat *c, const char *jail, struct error *e)
{
	AUTO_STRINGS struct strings words = VEC_INIT;

	strings_add(&words, "set");
	strings_add(&words, jail);
	for (const struct limit_rctl *l = limit_rctl; l->resource != NULL; l++)
		strings_take(&words, xasprintf("%s=", l->prop));
	strings_add(&words, "limit.cpuset=");
	strings_add(&words, "limit.rctl=");
	if (compat_call_words(c, &words, NULL, e) < 0)
		return -1;
	return bastille_info(c, e, "RCTL limits cleared.");
}

static int
show(struct compat *c, const char *jail, struct error *e)
{
	AUTO_STRINGS struct strings rules = VEC_INIT, cpus = VEC_INIT;
	AUTO_CELL struct cell cell = CELL_INIT;
	AUTO_FREE char *text = NULL, *list = NULL;

	if (cell_load(c->host, jail, &cell, e) < 0)
		return -1;
	bastille_limits(&cell, &rules, &cpus);
	text = strings_join(&rules, "\n");
	list = strings_join(&cpus, "\n");
	if (rules.count > 0 && bastille_info(c, e, "-------------\n"
	    "[RCTL Limits]\n%s", text) < 0)
		return -1;
	return cpus.count == 0 ? 0 : bastille_info(c, e, "-------------\n"
	    "[CPU Limits]\n%s", list);
}

static int
one(struct compat *c, const char *jail, void *arg, struct error *e)
{
	size_t at = *(const size_t *)arg;
	const char *verb = at == 1 ? "add" : c->operands.items[1];
	const char *what = compat_operand(c, at);
	const char *value = compat_operand(c, at + 1);

	if (strcmp(verb, "clear") == 0 || strcmp(verb, "reset") == 0)
		return reset(c, jail, e);
	if (strcmp(verb, "list") == 0 || strcmp(verb, "show") == 0)
		return show(c, jail, e);
	if (bastille_need_up(c, jail, compat_has(c, "a"), e) < 0)
		return -1;
	if (strcmp(verb, "stats") == 0)
		return compat_call(c, e, "limits", "-a", jail, NULL);
	if (what == NULL)
		return error_set(e, ERROR_USAGE, "limits %s: which one?", verb);
	if (strcmp(verb, "remove") == 0)
		return remove_limit(c, jail, what, e);
	if (value == NULL)
		return error_set(e, ERROR_USAGE, "limits add %s: a value is "
		    "missing", what);
	return add(c, jail, what, value, e);
}

static int
limits(struct compat *c, struct error *e)
{
	static const char *const verbs[] = { "add", "remove", "clear", "reset",
		"list", "show", "stats" };
	const char *word = c->operands.items[1];
	size_t at = 1;

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i], word) == 0)
			at = 2;
	return bastille_for(c, strcmp(word, "list") == 0 ||
	    strcmp(word, "show") == 0 || strcmp(word, "stats") == 0 ?
	    TARGET_LOOK : TARGET_TOUCH, one, &at, e);
}

static const struct cmd_option options[] = {
	BASTILLE_AUTO,
	{ 'l', "log", NULL, "Log the limit, too." },
	{ 0 },
};

const struct compat_cmd bastille_limit = {
	.name = "limits",
	.aliases = "limit",
	.usage = "[option(s)] TARGET [add] OPTION VALUE | TARGET remove OPTION "
	    "| TARGET clear|reset|stats | TARGET list|show [active]",
	.summary = "Apply resource limits to jail(s).",
	.options = options,
	.min = 2,
	.max = 4,
	.state = COMPAT_DIFFERS,
	.note = "`clear` and `reset` are one: what holds is what is kept; on "
	    "Linux resources without a property of gaol's are refused (69); "
	    "`-l` is for those of rctl(8) alone; `stats` prints gaol's table",
	.test = "cli/compat_bastille_test.sh:limits",
	.exec = limits,
};
