/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* What goes to stdout (data, plans) and to stderr (talk, warnings, errors). */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "cmd/cmd.h"
#include "core/event.h"
#include "view/text.h"

/* How to talk; core's callback takes no argument that could say. */
static struct {
	bool quiet, plan, json;
	bool closed;		/* stdout, by the caller */
	struct strings steps;	/* with -n -j */
	struct buf *captured;	/* instead of stdout */
} talk;

void
cmd_say_to(const struct cmd_args *a)
{
	talk.quiet = a->verbose < 0;
	talk.plan = a->plan;
	talk.json = a->format == VIEW_JSON;
}

void
cmd_stdout_closed(void)
{
	talk.closed = true;
}

void
cmd_capture(struct buf *text)
{
	talk.captured = text;
}

/* One write(2) each, so that lines of several processes do not mix. */
static void
put_line(int fd, const char *text)
{
	AUTO_BUF struct buf line = BUF_INIT;
	struct error ignored = ERROR_INIT;

	text_clean_lines(&line, text, strlen(text));
	buf_putc(&line, '\n');
	if (file_write_fd(fd, line.data, line.len, &ignored) < 0)
		return;
}

void
cmd_say(const char *fmt, ...)
{
	AUTO_BUF struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	if (talk.plan && talk.json)
		strings_add(&talk.steps, buf_text(&text));
	else if (talk.plan)
		put_line(STDOUT_FILENO, buf_text(&text));
	else if (!talk.quiet)
		put_line(STDERR_FILENO, buf_text(&text));
}

void
cmd_warn(const char *fmt, ...)
{
	AUTO_BUF struct buf text = BUF_INIT, line = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	if (talk.json) {
		buf_puts(&line, "{\"warning\":{\"message\":");
		json_string(&line, buf_text(&text));
		buf_puts(&line, "}}");
	} else {
		buf_puts(&line, "gaol: warning: ");
		text_clean(&line, buf_text(&text), 0);
	}
	put_line(STDERR_FILENO, buf_text(&line));
}

int
cmd_finish_plan(const struct cmd_args *a, struct error *e)
{
	AUTO_BUF struct buf out = BUF_INIT;

	if (!a->plan || a->format != VIEW_JSON)
		return 0;
	buf_puts(&out, "{\"plan\":[");
	for (size_t i = 0; i < talk.steps.count; i++) {
		buf_puts(&out, i > 0 ? ",\n " : "");
		json_string(&out, talk.steps.items[i]);
	}
	buf_puts(&out, "]}\n");
	strings_fini(&talk.steps);
	return cmd_print_text(&out, e);
}

void
cmd_print_error(const struct cmd_args *a, const char *target,
    const struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;

	if (a->format == VIEW_JSON) {
		buf_printf(&text, "{\"error\":{\"code\":\"%s\",",
		    error_code(e->kind));
		if (target != NULL) {
			buf_puts(&text, "\"target\":");
			json_string(&text, target);
			buf_putc(&text, ',');
		}
		buf_puts(&text, "\"message\":");
		json_string(&text, e->msg);
		buf_puts(&text, "}}");
	} else {
		buf_puts(&text, "gaol: ");
		if (target != NULL)
			buf_printf(&text, "%s: ", target);
		text_clean(&text, e->msg, 0);
	}
	put_line(STDERR_FILENO, buf_text(&text));
}

/* What was set, without values: some of them are secrets. */
static void
put_names(struct buf *out, const struct strings *assign)
{
	for (size_t i = 0; i < assign->count; i++) {
		const char *text = assign->items[i];

		buf_printf(out, "%s%.*s", out->len > 0 ? " " : "",
		    (int)strcspn(text, "+="), text);
	}
}

void
cmd_event(struct cmd_args *a, const char *jail, uint64_t begin_ms,
    const struct error *e)
{
	AUTO_BUF struct buf names = BUF_INIT;
	struct event ev = { .what = a->event != NULL ? a->event :
	    a->cmd->name, .jail = jail,
	    .result = e->kind == ERROR_NONE ? "ok" : error_code(e->kind),
	    .ms = (int64_t)(clock_ms() - begin_ms) };

	if (a->host == NULL || a->plan || !(a->cmd->flags & CMD_PLAN) ||
	    e->kind == ERROR_USAGE)
		return;
	put_names(&names, &a->assign);
	ev.message = e->kind != ERROR_NONE ? e->msg :
	    names.len > 0 ? buf_text(&names) : NULL;
	event_write(a->host, &ev);
	a->told = true;
}

int
cmd_print_text(const struct buf *text, struct error *e)
{
	if (talk.captured != NULL) {
		buf_append(talk.captured, buf_text(text), text->len);
		return 0;
	}
	if (talk.closed && text->len > 0) {
		errno = EBADF;
		return error_sys(e, "stdout");
	}
	if (file_write_fd(STDOUT_FILENO, text->data, text->len, e) == 0)
		return 0;
	if (e->sys_errno == EPIPE) {
		signal(SIGPIPE, SIG_DFL);
		raise(SIGPIPE);
	}
	return error_wrap(e, "stdout");
}

static unsigned
terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		return 0;
	return size.ws_col;
}

int
cmd_print(const struct cmd_args *a, struct view *v, struct error *e)
{
	AUTO_BUF struct buf out = BUF_INIT;

	view_print(v, a->format, terminal_width(), &out);
	return cmd_print_text(&out, e);
}

int
cmd_print_object(const struct cmd_args *a, const struct view *v,
    struct error *e)
{
	AUTO_BUF struct buf out = BUF_INIT;

	view_print_object(v, a->format, &out);
	return cmd_print_text(&out, e);
}
