/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/num.h"
#include "image/progress.h"

enum {
	REDRAW_MS = 200,
	BAR_WIDTH = 24,
	FALLBACK_COLUMNS = 80,
};

void
progress_init(struct progress *p, enum progress_mode mode)
{
	const char *term = getenv("TERM");

	memset(p, 0, sizeof(*p));
	if (mode == PROGRESS_AUTO)
		mode = isatty(STDERR_FILENO) && term != NULL &&
		    strcmp(term, "dumb") != 0 ? PROGRESS_TTY : PROGRESS_LINES;
	p->mode = mode;
}

static size_t
columns(void)
{
	struct winsize ws;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 20)
		return ws.ws_col;
	return FALLBACK_COLUMNS;
}

static void
add_bar(const struct progress *p, struct buf *line)
{
	uint64_t done = p->done < p->total ? p->done : p->total;
	unsigned filled = (unsigned)(done * BAR_WIDTH / p->total);

	buf_printf(line, " %3u%% [", (unsigned)(done * 100 / p->total));
	for (unsigned i = 0; i < BAR_WIDTH; i++)
		buf_putc(line, i < filled ? '#' : '.');
	buf_puts(line, "]");
}

static void
add_numbers(const struct progress *p, struct buf *line)
{
	char done[16], total[16], rate[16];
	uint64_t left;

	buf_printf(line, " %s", format_size(p->done, done));
	if (p->total > 0)
		buf_printf(line, " of %s", format_size(p->total, total));
	if (p->rate < 1)
		return;
	buf_printf(line, " %s/s", format_size((uint64_t)p->rate, rate));
	if (p->total <= p->done)
		return;
	left = (uint64_t)((double)(p->total - p->done) / p->rate);
	if (left < 100 * 3600)
		buf_printf(line, " %" PRIu64 ":%02" PRIu64, left / 60,
		    left % 60);
}

/* The line, cut to the terminal; a long name loses its beginning. */
static void
draw(struct progress *p)
{
	AUTO_BUF struct buf right = BUF_INIT;
	size_t width = columns() - 1, room, len = strlen(p->name);
	const char *name = p->name;

	if (p->total > 0)
		add_bar(p, &right);
	add_numbers(p, &right);
	room = strlen(p->verb) + 1 + right.len;
	room = room < width ? width - room : 0;
	if (len > room)
		name += len - room;
	fprintf(stderr, "\r%s %s%s\033[K", p->verb, name, right.data);
	fflush(stderr);
	p->active = true;
}

void
progress_begin(struct progress *p, const char *verb, const char *name,
    uint64_t total)
{
	progress_end(p);
	snprintf(p->verb, sizeof(p->verb), "%s", verb);
	snprintf(p->name, sizeof(p->name), "%s", name);
	p->rate = 0;
	progress_total(p, total, 0);
	if (p->mode == PROGRESS_LINES)
		fprintf(stderr, "%s %s\n", p->verb, p->name);
	else if (p->mode == PROGRESS_TTY)
		draw(p);
}

void
progress_total(struct progress *p, uint64_t total, uint64_t done)
{
	p->total = total < UINT64_MAX / 100 ? total : 0;
	p->done = p->drawn_done = done;
	p->drawn_ms = clock_ms();
}

void
progress_update(struct progress *p, uint64_t done)
{
	uint64_t now, passed;
	double rate;

	p->done = done;
	if (p->mode != PROGRESS_TTY)
		return;
	now = clock_ms();
	passed = now - p->drawn_ms;
	if (passed < REDRAW_MS)
		return;
	if (done >= p->drawn_done) {
		rate = (double)(done - p->drawn_done) * 1000 / (double)passed;
		p->rate = p->rate < 1 ? rate : p->rate * 0.8 + rate * 0.2;
	}
	p->drawn_ms = now;
	p->drawn_done = done;
	draw(p);
}

void
progress_end(struct progress *p)
{
	if (!p->active)
		return;
	draw(p);
	fputc('\n', stderr);
	p->active = false;
}

void
progress_note(struct progress *p, const char *fmt, ...)
{
	va_list ap;

	progress_end(p);
	if (p->mode == PROGRESS_NONE)
		return;
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}
