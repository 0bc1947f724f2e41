/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/num.h"
#include "cmd/cmd.h"
#include "core/usage.h"

enum { C_JAIL, C_CPU, C_MEMORY, C_PROCESSES, C_READ, C_WRITE, C_IN, C_OUT,
	COLUMNS };
enum { INTERVAL_USUAL_MS = 2000, INTERVAL_LEAST_MS = 100 };

static const struct view_column columns[COLUMNS] = {
	[C_JAIL] = { "jail", "JAIL", VIEW_TEXT },
	[C_CPU] = { "cpu", "CPU%", VIEW_NUMBER },
	[C_MEMORY] = { "memory", "MEMORY", VIEW_NUMBER },
	[C_PROCESSES] = { "processes", "PROCS", VIEW_NUMBER },
	[C_READ] = { "read", "READ/s", VIEW_NUMBER },
	[C_WRITE] = { "write", "WRITE/s", VIEW_NUMBER },
	[C_IN] = { "in", "IN/s", VIEW_NUMBER },
	[C_OUT] = { "out", "OUT/s", VIEW_NUMBER },
};

static const struct cmd_option options[] = {
	{ 'b', "batch", NULL, "print one table after the other" },
	{ 'd', "delay", "TIME", "time between two of them; default: 2s" },
	{ 'n', "count", "N", "end after N of them" },
	{ 'o', "columns", "COL[,COL...]", "columns to print" },
	{ 's', "sort", "[-]COL", "sort by that column; \"-\": descending; "
	    "default: -cpu" },
	{ 0 },
};

/* What a key sorts by. */
static const struct {
	char key;
	const char *sort;
} keys[] = {
	{ 'a', "jail" }, { 'c', "-cpu" }, { 'm', "-memory" },
	{ 'p', "-processes" }, { 'r', "-read" }, { 'w', "-write" },
	{ 'i', "-in" }, { 'o', "-out" },
};

struct top {
	struct cmd_args *args;
	const struct strings *names;	/* NULL: all */
	const char *sort;
	struct usage_rows before, now;
	bool live;		/* a terminal that is drawn anew */
	struct termios usual;	/* its settings, for the end */
};

/* ^C, so that the terminal is given back. */
static volatile sig_atomic_t interrupted;

static void
notice_interrupt(int signo)
{
	interrupted = 1;
}

static void
put_size(struct view *v, size_t column, uint64_t bytes)
{
	char text[16];

	if (bytes == ENGINE_UNKNOWN)
		return;
	view_number(v, column, (int64_t)bytes);
	view_shown(v, column, format_size(bytes, text));
}

static void
put_row(struct view *v, const struct usage_row *before,
    const struct usage_row *now)
{
	const struct engine_usage none = { 0 };
	const struct engine_usage *b = before != NULL ? &before->use : &none;
	const struct engine_usage *n = &now->use;
	uint64_t cpu = usage_rate(before, now, b->cpu_us, n->cpu_us);
	char text[32];

	view_row(v);
	view_text(v, C_JAIL, now->name);
	if (cpu != ENGINE_UNKNOWN) {
		/* percent of one processor; in numbers, its thousandths */
		snprintf(text, sizeof(text), "%llu.%llu",
		    (unsigned long long)(cpu / 10000),
		    (unsigned long long)(cpu / 1000 % 10));
		view_number(v, C_CPU, (int64_t)(cpu / 1000));
		view_shown(v, C_CPU, text);
	}
	put_size(v, C_MEMORY, n->memory);
	if (n->processes != ENGINE_UNKNOWN)
		view_number(v, C_PROCESSES, (int64_t)n->processes);
	put_size(v, C_READ, usage_rate(before, now, b->read_bytes,
	    n->read_bytes));
	put_size(v, C_WRITE, usage_rate(before, now, b->write_bytes,
	    n->write_bytes));
	put_size(v, C_IN, usage_rate(before, now, b->net_in, n->net_in));
	put_size(v, C_OUT, usage_rate(before, now, b->net_out, n->net_out));
}

static int
draw(struct top *t, struct error *e)
{
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);
	const char *only = args_value(t->args, "o");
	AUTO_BUF struct buf home = BUF_INIT;

	if ((only != NULL && view_select(v, only, e) < 0) ||
	    view_sort(v, t->sort, e) < 0)
		return -1;
	for (size_t i = 0; i < t->now.count; i++)
		put_row(v, usage_find(&t->before, t->now.items[i].name),
		    &t->now.items[i]);
	if (t->live) {
		buf_printf(&home, "\033[H\033[J%zu running; sort: a name, c "
		    "cpu, m memory, p processes, r read, w write, i in, o "
		    "out; q ends\n\n", t->now.count);
		if (cmd_print_text(&home, e) < 0)
			return -1;
	}
	return cmd_print(t->args, v, e);
}

static int
sample(struct top *t, struct error *e)
{
	usage_rows_fini(&t->before);
	t->before = t->now;
	t->now = (struct usage_rows)VEC_INIT;
	return usage_read(t->args->host, t->names, &t->now, e);
}

/* Whether to go on. */
static bool
obey(struct top *t, char key)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].key == key)
			t->sort = keys[i].sort;
	return key != 'q';
}

/* The time to the next sample; false when the user has had enough. */
static bool
pause_for(struct top *t, uint64_t ms)
{
	struct pollfd p = { STDIN_FILENO, POLLIN, 0 };
	struct error ignored = ERROR_INIT;
	char key;

	if (!t->live) {
		const struct timespec time = { (time_t)(ms / 1000),
		    (long)(ms % 1000) * 1000000 };

		return nanosleep(&time, NULL) == 0 && !interrupted;
	}
	while (poll(&p, 1, (int)ms) > 0) {
		if (read(STDIN_FILENO, &key, 1) != 1 || !obey(t, key))
			return false;
		if (draw(t, &ignored) < 0)
			return false;
	}
	return !interrupted;
}

static int
run(struct top *t, uint64_t ms, uint64_t count, struct error *e)
{
	if (sample(t, e) < 0)
		return -1;
	for (uint64_t i = 0; count == 0 || i < count; i++) {
		/* the first one needs something to compare with */
		if (!pause_for(t, i == 0 && ms > INTERVAL_LEAST_MS ?
		    INTERVAL_LEAST_MS : ms))
			return 0;
		if (sample(t, e) < 0 || draw(t, e) < 0)
			return -1;
	}
	return 0;
}

/* Keys come one by one, and are not shown. */
static void
take_terminal(struct top *t)
{
	struct termios raw;

	if (tcgetattr(STDIN_FILENO, &t->usual) < 0) {
		t->live = false;
		return;
	}
	raw = t->usual;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

static int
top(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct top t = { .args = a, .sort = args_value(a, "s"),
	    .live = !args_has(a, "b") && a->format == VIEW_TABLE &&
	    isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) };
	const char *delay = args_value(a, "d");
	uint64_t ms = INTERVAL_USUAL_MS, count;
	struct sigaction notice;
	int result;

	if (t.sort == NULL)
		t.sort = "-cpu";
	if (args_uint(a, "n", 1, UINT32_MAX, 0, &count, e) < 0 ||
	    (delay != NULL && parse_duration(delay, &ms, e) < 0))
		return -1;
	if (ms < INTERVAL_LEAST_MS || ms > INT32_MAX)
		return error_set(e, ERROR_USAGE, "top: a delay of %s is not "
		    "possible, at least 0.1s is", delay);
	if (a->operands.count > 0) {
		if (targets_resolve(a, &a->operands, &names, e) < 0)
			return -1;
		t.names = &names;
	}
	memset(&notice, 0, sizeof(notice));
	notice.sa_handler = notice_interrupt;
	sigaction(SIGINT, &notice, NULL);
	sigaction(SIGTERM, &notice, NULL);
	if (t.live)
		take_terminal(&t);
	result = run(&t, ms, count, e);
	if (t.live)
		tcsetattr(STDIN_FILENO, TCSANOW, &t.usual);
	usage_rows_fini(&t.before);
	usage_rows_fini(&t.now);
	return result;
}

const struct cmd cmd_top = {
	.name = "top",
	.group = "inside",
	.summary = "watch what jails use",
	.operands = "[target...]",
	.options = options,
	.max = CMD_ANY,
	.flags = CMD_VIEW,
	.exec = top,
};
