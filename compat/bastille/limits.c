/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* limits: resources of rctl(8), which are properties limit.* of gaol. */
#include <string.h>

#include "base/auto.h"
#include "compat/bastille/bastille.h"

static const struct {
	const char *resource, *property, *suffix, *action;
} known[] = {
	{ "memoryuse", "limit.memory", "", "deny" },
	{ "swapuse", "limit.swap", "", "deny" },
	{ "maxproc", "limit.processes", "", "deny" },
	{ "openfiles", "limit.openfiles", "", "deny" },
	{ "pcpu", "limit.cpu", "%", "deny" },
	{ "readbps", "limit.io.read.bps", "", "throttle" },
	{ "writebps", "limit.io.write.bps", "", "throttle" },
	{ "readiops", "limit.io.read.iops", "", "throttle" },
	{ "writeiops", "limit.io.write.iops", "", "throttle" },
	{ "cpu", "limit.cpuset", "", NULL },
	{ "cpus", "limit.cpuset", "", NULL },
	{ "cpuset", "limit.cpuset", "", NULL },
};
enum { KNOWN = sizeof(known) / sizeof(known[0]) };

static ssize_t
find(const char *resource)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (strcmp(known[i].resource, resource) == 0)
			return (ssize_t)i;
	return -1;
}

void
bastille_limits(const struct cell *cell, struct strings *rules,
    struct strings *cpus)
{
	AUTO_STRINGS struct strings list = VEC_INIT, others = VEC_INIT;

	for (size_t i = 0; i < KNOWN; i++) {
		AUTO_FREE char *text = known[i].action != NULL ?
		    cell_text(cell, known[i].property) : NULL;
		size_t len = text != NULL ? strcspn(text, "%") : 0;

		if (text != NULL)
			strings_take(rules, xasprintf("jail:%s:%s:%s=%.*s/jail",
			    cell->name, known[i].resource, known[i].action,
			    (int)len, text));
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
	ssize_t at = find(resource);
	AUTO_FREE char *amount = at < 0 ? NULL : xasprintf("%s%s", value,
	    known[at].suffix);
	bool cpu = at >= 0 && known[at].action == NULL;

	if (compat_has(c, "l") && at >= 0)
		return error_set(e, ERROR_UNSUPPORTED, "bastille limits: -l: "
		    "gaol logs no limit of %s; 'gaol limits' shows what is "
		    "used of it", resource);
	if ((at >= 0 ? set(c, jail, known[at].property, amount, e) :
	    change_rules(c, jail, resource, value, e)) < 0)
		return -1;
	return bastille_info(c, e, "%s%s %s", cpu ? "[CPU LIMITS]: " : "",
	    resource, value);
}

static int
remove_limit(struct compat *c, const char *jail, const char *resource,
    struct error *e)
{
	ssize_t at = find(resource);

	return at >= 0 ? set(c, jail, known[at].property, "", e) :
	    change_rules(c, jail, resource, NULL, e);
}

static int
reset(struct compat *c, const char *jail, struct error *e)
{
	AUTO_STRINGS struct strings words = VEC_INIT;

	strings_add(&words, "set");
	strings_add(&words, jail);
	for (size_t i = 0; i < KNOWN; i++)
		if (i == 0 || strcmp(known[i].property,
		    known[i - 1].property) != 0)
			strings_take(&words, xasprintf("%s=",
			    known[i].property));
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
