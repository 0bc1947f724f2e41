/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* devfs, rctl, cpuset and pf of the twin. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "engine/freebsd/kern_devfs.h"
#include "engine/freebsd/kern_limit.h"
#include "engine/freebsd/kern_pf.h"
#include "tests/freebsd-twin/record.h"
#include "tests/freebsd-twin/twin.h"

enum { RULESETS = 8, ANCHORS = 16 };

static struct {
	int number;
	char first[DEVFS_PATTERN];
} rulesets[RULESETS];
static size_t ruleset_count;
static struct strings rules = VEC_INIT;
static struct strings anchors = VEC_INIT;

void
twin_reset_host(void)
{
	ruleset_count = 0;
	strings_fini(&rules);
	strings_fini(&anchors);
}

int
twin_rulesets(void)
{
	return (int)ruleset_count;
}

int
twin_rules(void)
{
	return (int)rules.count;
}

int
twin_anchors(void)
{
	return (int)anchors.count;
}

int
kern_devfs_next(int number)
{
	int best = !twin.no_ruleset && number < 4 ? 4 : 0;

	for (size_t i = 0; i < ruleset_count; i++)
		if (rulesets[i].number > number &&
		    (best == 0 || rulesets[i].number < best))
			best = rulesets[i].number;
	return best;
}

bool
kern_devfs_first(int number, char pattern[DEVFS_PATTERN])
{
	*pattern = '\0';
	for (size_t i = 0; i < ruleset_count; i++)
		if (rulesets[i].number == number) {
			memcpy(pattern, rulesets[i].first, DEVFS_PATTERN);
			return true;
		}
	return number == 4 && !twin.no_ruleset;
}

int
kern_devfs_add(int number, int place, const struct kern_devfs_rule *r,
    struct error *e)
{
	char ignored[DEVFS_PATTERN];
	bool there = kern_devfs_first(number, ignored);

	if (r->include != 0)
		twin_say("devfs %d include %d\n", number, r->include);
	else
		twin_say("devfs %d %s %s\n", number, r->hide ? "hide" :
		    "unhide", r->pattern != NULL ? r->pattern : "all");
	if (twin_call("devfs", e) < 0)
		return -1;
	if (place != 0 && there) {
		errno = EEXIST;
		return error_sys(e, "devfs");
	}
	if (!there) {
		rulesets[ruleset_count].number = number;
		snprintf(rulesets[ruleset_count++].first, DEVFS_PATTERN, "%s",
		    r->pattern != NULL ? r->pattern : "");
	}
	return 0;
}

int
kern_devfs_clear(int number, struct error *e)
{
	twin_say("devfs %d clear\n", number);
	for (size_t i = 0; i < ruleset_count; i++)
		if (rulesets[i].number == number) {
			rulesets[i] = rulesets[--ruleset_count];
			break;
		}
	return 0;
}

int
kern_rctl_add(const char *rule, struct error *e)
{
	twin_say("rctl_add_rule %s\n", rule);
	if (twin_call("rctl_add_rule", e) < 0)
		return -1;
	strings_add(&rules, rule);
	return 0;
}

static void
drop(struct strings *list, int at)
{
	free(list->items[at]);
	list->items[at] = list->items[--list->count];
}

int
kern_rctl_remove(const char *rule, struct error *e)
{
	int at = strings_index(&rules, rule);

	twin_say("rctl_remove_rule %s\n", rule);
	if (at >= 0)
		drop(&rules, at);
	return 0;
}

int
kern_rctl_usage(const char *name, char *text, size_t size, struct error *e)
{
	twin_say("rctl_get_racct %s\n", name);
	snprintf(text, size, "cputime=3,datasize=1,memoryuse=4096,maxproc=7,"
	    "openfiles=12,swapuse=0");
	return twin_call("rctl_get_racct", e);
}

int
kern_cpus(int jid, const struct strings *ranges, struct error *e)
{
	AUTO_FREE char *text = strings_join(ranges, ",");

	twin_say("cpuset jail %d %s\n", jid,
	    ranges->count > 0 ? text : "all");
	return twin_call("cpuset", e);
}

int
kern_pf_load(const char *anchor, const char *text, struct error *e)
{
	int at = strings_index(&anchors, anchor);

	twin_say("pf %s%s\n%s", anchor, *text == '\0' ? " empty" : "", text);
	if (twin_call("pf", e) < 0)
		return -1;
	if (*text == '\0' && at >= 0)
		drop(&anchors, at);
	else if (*text != '\0' && at < 0)
		strings_add(&anchors, anchor);
	return 0;
}

int
kern_pf_show(const char *what, struct buf *text, struct error *e)
{
	if (twin_call("pfctl", e) < 0)
		return -1;
	if (strcmp(what, "info") == 0)
		buf_puts(text, twin.pf_main != NULL ? "Status: Enabled\n" :
		    "Status: Disabled\n");
	else
		buf_puts(text, twin.pf_main != NULL ? twin.pf_main : "");
	return 0;
}

int
kern_pf_anchors(const char *anchor)
{
	if (twin.pf_main == NULL)
		return -1;
	if (strcmp(anchor, "gaol") == 0)
		return (int)anchors.count;
	return strings_index(&anchors, anchor) >= 0 ? 0 : -1;
}
