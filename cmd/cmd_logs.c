/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "cmd/cmd.h"
#include "cmd/log_source.h"
#include "cmd/since.h"
#include "core/cell.h"
#include "view/text.h"

enum { LINES_USUAL = 100, LOOK_EVERY_MS = 250 };

static const struct cmd_option options[] = {
	{ 'n', "lines", "LINES", "begin with the last LINES; default: 100" },
	{ 'f', "follow", NULL, "go on printing what is written" },
	{ 'S', "since", "TIME", "begin at TIME: 2h ago, or a date" },
	{ 'g', "grep", "RE", "only lines that this extended regular expression "
	    "matches" },
	{ 't', "times", NULL, "with the time of each line" },
	{ 0 },
};

struct logs {
	struct cmd_args *args;
	struct log_source *sources;
	size_t count, width;	/* of the longest name */
	int64_t since;		/* -1: any */
	regex_t re;
	bool chosen;		/* by re */
	bool terminal;		/* what could harm it is replaced */
};

static bool
is_wanted(const struct logs *l, const struct log_line *line)
{
	return line->stamp >= l->since &&
	    (!l->chosen || regexec(&l->re, line->text, 0, NULL, 0) == 0);
}

/* Those that are wanted, in their order. */
static void
choose(const struct logs *l, struct log_lines *lines)
{
	size_t kept = 0;

	for (size_t i = 0; i < lines->count; i++)
		if (is_wanted(l, &lines->items[i]))
			lines->items[kept++] = lines->items[i];
		else
			free(lines->items[i].text);
	lines->count = kept;
}

static int
compare(const void *one, const void *two)
{
	const struct log_line *a = one, *b = two;

	if (a->stamp != b->stamp)
		return a->stamp < b->stamp ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static void
put_time(struct buf *out, int64_t stamp)
{
	time_t seconds = (time_t)(stamp / 1000);
	char text[32];
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	if (stamp == 0)
		buf_printf(out, "%23s ", "-");
	else
		buf_printf(out, "%s.%03d ", text, (int)(stamp % 1000));
}

static void
put_line(const struct logs *l, const struct log_line *line, struct buf *out)
{
	AUTO_BUF struct buf text = BUF_INIT;

	if (l->count > 1)
		buf_printf(out, "%-*s  ", (int)l->width,
		    l->sources[line->source].name);
	if (args_has(l->args, "t"))
		put_time(out, line->stamp);
	/* as a whole: a carriage return before the newline is harmless */
	buf_append(&text, line->text, line->len);
	if (line->whole || l->count > 1)
		buf_putc(&text, '\n');
	if (l->terminal)
		text_clean_lines(out, buf_text(&text), text.len);
	else
		buf_append(out, buf_text(&text), text.len);
}

static int
print_lines(const struct logs *l, struct log_lines *lines, size_t most,
    struct error *e)
{
	AUTO_BUF struct buf out = BUF_INIT;
	size_t first;

	choose(l, lines);
	if (l->count > 1 && lines->count > 1)
		qsort(lines->items, lines->count, sizeof(*lines->items),
		    compare);
	first = lines->count > most ? lines->count - most : 0;
	for (size_t i = first; i < lines->count; i++)
		put_line(l, &lines->items[i], &out);
	return out.len > 0 ? cmd_print_text(&out, e) : 0;
}

static int
print_last(struct logs *l, uint64_t most, struct error *e)
{
	struct log_lines lines = VEC_INIT;
	/* a choice may leave none of the last ones */
	uint64_t each = l->chosen || l->since >= 0 ? UINT64_MAX : most;
	int result = 0;

	for (size_t i = 0; i < l->count && result == 0; i++)
		result = log_source_last(&l->sources[i], each, &lines, e);
	if (result == 0)
		result = print_lines(l, &lines, most, e);
	log_lines_fini(&lines);
	return result;
}

/* Until the last of the jails is destroyed. */
static int
follow(struct logs *l, struct error *e)
{
	const struct timespec pause = { 0, LOOK_EVERY_MS * 1000000L };
	bool any = true;
	int result = 0;

	while (any && result == 0) {
		struct log_lines lines = VEC_INIT;

		any = false;
		for (size_t i = 0; i < l->count && result == 0; i++) {
			any |= cell_exists(l->args->host, l->sources[i].name);
			result = log_source_more(&l->sources[i], &lines, e);
		}
		if (result == 0)
			result = print_lines(l, &lines, SIZE_MAX, e);
		log_lines_fini(&lines);
		if (any && result == 0)
			nanosleep(&pause, NULL);
	}
	return result;
}

static int
open_sources(struct logs *l, const struct strings *names, struct error *e)
{
	l->sources = xcalloc(names->count, sizeof(*l->sources));
	for (size_t i = 0; i < names->count; i++) {
		struct log_source *s = &l->sources[l->count++];

		s->index = i;
		s->fd = -1;
		if (log_source_open(l->args->host, names->items[i], s, e) < 0)
			return -1;
		if (s->fd < 0 && names->count == 1)
			cmd_say("%s has written no log yet", s->name);
		if (strlen(s->name) > l->width)
			l->width = strlen(s->name);
	}
	return 0;
}

static int
compile(struct logs *l, const char *text, struct error *e)
{
	char why[200];
	int failed = text != NULL ? regcomp(&l->re, text,
	    REG_EXTENDED | REG_NOSUB) : 0;

	if (failed != 0) {
		regerror(failed, &l->re, why, sizeof(why));
		return error_set(e, ERROR_USAGE, "logs: -g: '%.80s': %s", text,
		    why);
	}
	l->chosen = text != NULL;
	return 0;
}

static int
logs(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct logs l = { .args = a, .since = -1,
	    .terminal = isatty(STDOUT_FILENO) };
	const char *since = args_value(a, "S");
	uint64_t lines;
	int result;

	if (args_uint(a, "n", 0, INT32_MAX,
	    since != NULL ? INT32_MAX : LINES_USUAL, &lines, e) < 0 ||
	    (since != NULL && since_parse(since, &l.since, e) < 0) ||
	    targets_resolve(a, &a->operands, &names, e) < 0 ||
	    compile(&l, args_value(a, "g"), e) < 0)
		return -1;
	result = open_sources(&l, &names, e);
	if (result == 0)
		result = print_last(&l, lines, e);
	if (result == 0 && args_has(a, "f"))
		result = follow(&l, e);
	for (size_t i = 0; i < l.count; i++)
		log_source_fini(&l.sources[i]);
	free(l.sources);
	if (l.chosen)
		regfree(&l.re);
	return result;
}

const struct cmd cmd_logs = {
	.name = "logs",
	.group = "inside",
	.summary = "print the console logs of jails",
	.operands = "target...",
	.options = options,
	.min = 1,
	.max = CMD_ANY,
	.exec = logs,
};
