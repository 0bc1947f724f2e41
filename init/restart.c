/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "init/restart.h"

enum {
	FIRST_MS = 250, MOST_MS = 60000,	/* between two beginnings */
	STEADY_MS = 10000,	/* what lasted as long was no failure of it */
	FAILURES_USUAL = 10,	/* without a number of the policy's own */
	STATE_MAX = 65536,
};

static int64_t
now_ms(void)
{
	struct sys_timespec t = { 0, 0 };

	sys3(SYS_CLOCK_GETTIME, CLOCK_BOOTTIME, (long)&t, 0);
	return (t.seconds * 1000 + t.nanoseconds / 1000000);
}

struct text {
	char data[256];
	size_t size;
};

static void
put(struct text *t, const char *s)
{
	while (*s != '\0' && t->size < sizeof(t->data))
		t->data[t->size++] = *s++;
}

static void
put_number(struct text *t, unsigned n)
{
	char digits[12];
	size_t at = sizeof(digits);

	digits[--at] = '\0';
	do {
		digits[--at] = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	put(t, digits + at);
}

static void
put_status(struct text *t, int status)
{
	put(t, ": its last process ended ");
	if ((status & 0x7f) != 0) {
		put(t, "by signal ");
		put_number(t, (unsigned)status & 0x7f);
	} else {
		put(t, "with status ");
		put_number(t, (unsigned)status >> 8 & 0xff);
	}
}

/* Into the log, and for gaol: "TIME EVENT MESSAGE", with tabs. */
static void
tell(const struct restart *r, struct log *l, const char *event,
    const struct text *message)
{
	struct text line = { .size = 0 };
	char stamp[LOG_STAMP];

	log_stamp(stamp);
	for (size_t i = 0; i < LOG_STAMP - 1; i++)
		line.data[line.size++] = stamp[i];
	put(&line, "\t");
	put(&line, event);
	put(&line, "\t");
	for (size_t i = 0; i < message->size &&
	    line.size < sizeof(line.data) - 1; i++)
		line.data[line.size++] = message->data[i];
	line.data[line.size++] = '\n';
	if (sys3(SYS_LSEEK, r->state, 0, SEEK_END) > STATE_MAX)
		sys3(SYS_FTRUNCATE, r->state, 0, 0);
	sys_write(r->state, line.data, line.size);
	log_line(l, message->data, message->size);
}

bool
restart_keep(struct restart *r, struct inbox *in)
{
	if (r->count == RESTART_COMMANDS || r->phase != RESTART_NEVER)
		return (false);
	r->kept[r->count++] = *in;
	/* the caller clears its own */
	in->body = NULL;
	return (true);
}

bool
restart_policy(struct restart *r, const struct init_message *m)
{
	if (m->size != 0 || r->count == 0)
		return (false);
	r->phase = RESTART_UP;
	r->always = (m->flags & INIT_ALWAYS) != 0;
	r->most = m->uid != 0 ? m->uid : FAILURES_USUAL;
	r->state = (int)m->gid;
	r->failures = 0;
	r->at_ms = now_ms();
	return (true);
}

bool
restart_ended(struct restart *r, struct log *l, int status)
{
	struct text t = { .size = 0 };
	int64_t now = now_ms();
	int64_t wait = FIRST_MS;

	if (r->phase == RESTART_NEVER || (!r->always && status == 0))
		return (false);
	if (now - r->at_ms >= STEADY_MS)
		r->failures = 0;
	if (r->failures++ >= r->most) {
		put(&t, "gaol: gave up after ");
		put_number(&t, r->most);
		put(&t, " restarts");
		put_status(&t, status);
		tell(r, l, "failed", &t);
		return (false);
	}
	for (uint32_t i = 1; i < r->failures && wait < MOST_MS; i++)
		wait *= 2;
	if (wait > MOST_MS)
		wait = MOST_MS;
	put(&t, "gaol: restart ");
	put_number(&t, r->failures);
	put_status(&t, status);
	tell(r, l, "restart", &t);
	r->phase = RESTART_WAITING;
	r->at_ms = now + wait;
	return (true);
}

int
restart_wait(const struct restart *r)
{
	int64_t left = r->at_ms - now_ms();

	return (left > 0 ? (int)left : 0);
}

struct inbox *
restart_next(struct restart *r)
{
	if (r->phase == RESTART_WAITING) {
		r->phase = RESTART_RUNNING;
		r->next = 0;
	}
	if (r->next == r->count) {
		r->phase = RESTART_UP;
		r->at_ms = now_ms();
		return (NULL);
	}
	return (&r->kept[r->next++]);
}
