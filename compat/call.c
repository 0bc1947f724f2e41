/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "compat/compat.h"
#include "core/live.h"
#include "view/text.h"

int
compat_call_words(struct compat *c, const struct strings *words,
    struct buf *out, struct error *e)
{
	int status = 0;

	if (cmd_call(c->host, words, out, &status, e) < 0)
		return -1;
	c->status = status;
	return 0;
}

int
compat_call(struct compat *c, struct error *e, const char *command, ...)
{
	AUTO_STRINGS struct strings words = VEC_INIT;
	va_list ap;

	va_start(ap, command);
	for (const char *w = command; w != NULL; w = va_arg(ap, const char *))
		strings_add(&words, w);
	va_end(ap);
	return compat_call_words(c, &words, NULL, e);
}

int
compat_print(struct error *e, const char *fmt, ...)
{
	AUTO_BUF struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	return cmd_print_text(&text, e);
}

void
compat_say(const struct compat *c, const char *fmt, ...)
{
	AUTO_BUF struct buf text = BUF_INIT, line = BUF_INIT;
	struct error ignored = ERROR_INIT;
	va_list ap;

	if (c->quiet)
		return;
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	text_clean_lines(&line, buf_text(&text), text.len);
	buf_putc(&line, '\n');
	if (file_write_fd(STDERR_FILENO, line.data, line.len, &ignored) < 0)
		return;
}

/* One line and no more: what follows may be for a command. */
static ssize_t
read_line(char *line, size_t size)
{
	size_t len = 0;
	ssize_t n;
	char ch;

	while ((n = read(STDIN_FILENO, &ch, 1)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (ch == '\n')
			return (ssize_t)len;
		if (len + 1 < size)
			line[len++] = ch;
		line[len] = '\0';
	}
	return len > 0 ? (ssize_t)len : -1;
}

int
compat_confirm(struct compat *c, const char *question, const char *option,
    bool *yes, struct error *e)
{
	char answer[64] = "";

	*yes = true;
	if (c->yes)
		return 0;
	if (compat_print(e, "%s", question) < 0)
		return -1;
	if (read_line(answer, sizeof(answer)) < 0)
		return error_set(e, ERROR_USAGE, "nobody answered; %s says yes",
		    option);
	*yes = strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
	return 0;
}

char *
compat_property(struct compat *c, const char *jail, const char *name,
    const char *sep, struct error *e)
{
	AUTO_CELL struct cell cell = CELL_INIT;
	AUTO_STRINGS struct strings values = VEC_INIT;

	if (cell_load(c->host, jail, &cell, e) < 0)
		return NULL;
	cell_values(&cell, name, &values);
	return strings_join(&values, sep);
}

bool
compat_runs(const struct compat *c, const char *jail)
{
	AUTO_LIVE struct live live = LIVE_INIT;
	struct error ignored = ERROR_INIT;

	return live_running(c->host, jail, &live, &ignored) == 0 &&
	    live.phase == LIVE_RUNNING;
}
