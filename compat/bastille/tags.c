/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>

#include "base/auto.h"
#include "compat/bastille/bastille.h"

enum verb { ADD, DELETE };

static int
change(struct compat *c, const char *jail, void *arg, struct error *e)
{
	const enum verb *verb = arg;
	AUTO_STRINGS struct strings words = VEC_INIT;
	AUTO_FREE char *copy = xstrdup(c->operands.items[2]);
	char *rest = copy, *tag;

	strings_add(&words, "tag");
	strings_add(&words, jail);
	while ((tag = strsep(&rest, ", ")) != NULL) {
		if (*tag == '\0')
			continue;
		if (*verb == DELETE)
			strings_add(&words, "-d");
		strings_add(&words, tag);
	}
	if (words.count == 2)
		return error_set(e, ERROR_USAGE, "which tags?");
	if (compat_call_words(c, &words, NULL, e) < 0)
		return -1;
	return bastille_info(c, e, "Tags %s: %s", *verb == ADD ? "added" :
	    "removed", c->operands.items[2]);
}

/* Of one tag the names of jails that have it. */
static int
show(struct compat *c, const struct strings *names, const char *tag,
    struct error *e)
{
	for (size_t i = 0; i < names->count; i++) {
		AUTO_STRINGS struct strings tags = VEC_INIT;
		AUTO_CELL struct cell cell = CELL_INIT;
		AUTO_FREE char *text = NULL;
		const char *jail = names->items[i];

		if (cell_load(c->host, jail, &cell, e) < 0)
			return -1;
		cell_values(&cell, "tag", &tags);
		if (tag != NULL && strings_index(&tags, tag) >= 0 &&
		    compat_print(e, "%s\n", jail) < 0)
			return -1;
		if (tag != NULL || tags.count == 0)
			continue;
		text = strings_join(&tags, "\n");
		if (bastille_header(c, jail, e) < 0 ||
		    bastille_info(c, e, "%s", text) < 0)
			return -1;
	}
	return 0;
}

static int
tags(struct compat *c, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	const char *action = c->operands.items[1];
	const char *tag = compat_operand(c, 2);
	enum verb verb = strncmp(action, "del", 3) == 0 ? DELETE : ADD;
	bool list = strcmp(action, "list") == 0;

	if (!list && strcmp(action, "add") != 0 && verb != DELETE)
		return error_set(e, ERROR_USAGE, "tags: add, delete and list "
		    "are possible");
	if (list && tag != NULL && strchr(tag, ',') != NULL)
		return error_set(e, ERROR_USAGE, "tags list: one tag");
	if (!list && tag == NULL)
		return error_set(e, ERROR_USAGE, "which tags?");
	if (bastille_targets(c, c->operands.items[0], list ? TARGET_LOOK :
	    TARGET_TOUCH, &names, e) < 0)
		return -1;
	return list ? show(c, &names, tag, e) :
	    bastille_each(c, &names, change, &verb, e);
}

const struct compat_cmd bastille_tags = {
	.name = "tags",
	.aliases = "tag",
	.usage = "TARGET add|delete TAG1,TAG2 | TARGET list [TAG]",
	.summary = "Add or remove tags of jail(s).",
	.min = 2,
	.max = 3,
	.state = COMPAT_DIFFERS,
	.note = "changes take no beginnings of names; tags are listed in "
	    "their own order",
	.test = "cli/compat_bastille_test.sh:tags",
	.exec = tags,
};
