/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/num.h"
#include "cmd/cmd.h"
#include "core/copy.h"

static const struct cmd_option options[] = {
	{ 0 },
};

/*
 * "web:/etc/hosts" is of a jail; a path of the host that looks like it is written
 * "./web:x".  Returns the path; *jail is what stands before the colon, heap
 * memory, or NULL.
 */
static const char *
split(const char *operand, char **jail)
{
	size_t len = strcspn(operand, ":/");

	*jail = NULL;
	if (operand[len] != ':' || len == 0 || *operand == '.')
		return operand;
	*jail = xstrndup(operand, len);
	/* as the host's ones, it can do without the first slash */
	return operand[len + 1] == '\0' ? "/" : operand + len + 1;
}

static void
show_progress(void *arg, const struct copy_count *c)
{
	char size[16];

	(void)arg;
	fprintf(stderr, "\r%" PRIu64 " files, %s \033[K", c->files,
	    format_size(c->bytes, size));
	fflush(stderr);
}

struct sources {
	char *jail;
	struct copy_end *items;
	size_t count;
};

static int
find_sources(const struct cmd_args *a, struct sources *s, struct error *e)
{
	s->count = a->operands.count - 1;
	s->items = xcalloc(s->count, sizeof(*s->items));
	for (size_t i = 0; i < s->count; i++) {
		AUTO_FREE char *operand = NULL, *jail = NULL;

		s->items[i].path = split(a->operands.items[i], &operand);
		if (operand != NULL &&
		    targets_one(a, operand, &jail, e) < 0)
			return -1;
		if (i > 0 && (jail == NULL) != (s->jail == NULL))
			return error_set(e, ERROR_USAGE, "cp: what is copied "
			    "is of one jail, or all of the host");
		if (i > 0 && jail != NULL && strcmp(jail, s->jail) != 0)
			return error_set(e, ERROR_USAGE, "cp: what is copied "
			    "is of one jail, not of '%s' and '%s'", s->jail,
			    jail);
		if (i == 0)
			s->jail = STEAL(jail);
		s->items[i].jail = s->jail;
	}
	return 0;
}

static int
copy_to(struct cmd_args *a, const struct sources *from,
    const struct copy_end *to, struct error *e)
{
	bool shown = a->verbose >= 0 && isatty(STDERR_FILENO);
	const struct copy_options o = {
		.progress = shown ? show_progress : NULL,
	};
	struct copy_count c;
	uint64_t begin = clock_ms();
	char size[16];
	int result = life_copy(a->host, from->items, from->count, to, &o, &c,
	    e);

	if (a->plan)
		return result;
	if (shown)
		fputs("\r\033[K", stderr);
	if (to->jail != NULL || from->jail != NULL)
		cmd_event(a, to->jail != NULL ? to->jail : from->jail, begin,
		    e);
	if (result < 0)
		return -1;
	cmd_say("%s%s%" PRIu64 " file%s copied, %s",
	    to->jail != NULL ? to->jail : "", to->jail != NULL ? ": " : "",
	    c.files, c.files == 1 ? "" : "s", format_size(c.bytes, size));
	return 0;
}

static int
cp(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT, target = VEC_INIT;
	struct sources from = { NULL, NULL, 0 };
	struct copy_end to = { NULL, NULL };
	AUTO_FREE char *jails = NULL;
	struct error first = ERROR_INIT;
	int result;

	to.path = split(a->operands.items[a->operands.count - 1], &jails);
	result = find_sources(a, &from, e);
	if (result == 0 && jails == NULL) {
		result = copy_to(a, &from, &to, e);
	} else if (result == 0) {
		strings_add(&target, jails);
		result = targets_resolve(a, &target, &names, e);
		for (size_t i = 0; result == 0 && i < names.count; i++) {
			struct error why = ERROR_INIT;

			to.jail = names.items[i];
			if (copy_to(a, &from, &to, &why) == 0)
				continue;
			if (names.count > 1)
				cmd_print_error(a, NULL, &why);
			if (first.kind == ERROR_NONE)
				first = why;
		}
		if (result == 0 && first.kind != ERROR_NONE) {
			*e = first;
			result = names.count > 1 ? error_set(e, first.kind,
			    "cp failed for some of %zu jails", names.count) :
			    -1;
		}
	}
	a->told = true;
	free(from.items);
	free(from.jail);
	return result;
}

const struct cmd cmd_cp = {
	.name = "cp",
	.group = "inside",
	.summary = "copy files between the host and jails",
	.operands = "[JAIL:]SOURCE... [target:]DESTINATION",
	.options = options,
	.min = 2,
	.max = CMD_ANY,
	.flags = CMD_PLAN,
	.exec = cp,
};
