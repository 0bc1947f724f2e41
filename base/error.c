/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/error.h"

static const struct {
	const char *code;
	int status;
} kinds[] = {
	[ERROR_NONE] = { "ok", 0 },
	[ERROR_FAILED] = { "failed", 1 },
	[ERROR_USAGE] = { "usage", EX_USAGE },
	[ERROR_DATA] = { "data", EX_DATAERR },
	[ERROR_NOT_FOUND] = { "not-found", EX_NOINPUT },
	[ERROR_UNSUPPORTED] = { "unsupported", EX_UNAVAILABLE },
	[ERROR_EXISTS] = { "exists", EX_CANTCREAT },
	[ERROR_BUSY] = { "busy", EX_TEMPFAIL },
	[ERROR_DENIED] = { "denied", EX_NOPERM },
	[ERROR_CONFIG] = { "config", EX_CONFIG },
};

static enum error_kind
kind_of_errno(int err)
{
	switch (err) {
	case ENOENT:
		return ERROR_NOT_FOUND;
	case EEXIST:
		return ERROR_EXISTS;
	case EACCES:
	case EPERM:
		return ERROR_DENIED;
	case EBUSY:
		return ERROR_BUSY;
	case EOPNOTSUPP:
	case ENOSYS:
		return ERROR_UNSUPPORTED;
	default:
		return ERROR_FAILED;
	}
}

/* Names that came out of a jail must not paint the user's terminal. */
static void
clean(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

int
error_set(struct error *e, enum error_kind kind, const char *fmt, ...)
{
	va_list ap;

	e->kind = kind;
	e->sys_errno = 0;
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	clean(e->msg);
	return -1;
}

static void join(struct error *e, const char *why, const char *fmt,
    va_list ap) __attribute__((format(printf, 3, 0)));

/*
 * e->msg becomes "what: why".  When it is too long what is cut short, then the
 * beginning of why: the cause stands at its end.
 */
static void
join(struct error *e, const char *why, const char *fmt, va_list ap)
{
	enum { ROOM = sizeof(e->msg) - 1, AT_LEAST = 96 };
	char what[ROOM + 1], text[2 * ROOM + 8];
	size_t cause = strlen(why) + 2, len;

	vsnprintf(what, sizeof(what), fmt, ap);
	if (cause + AT_LEAST <= ROOM)
		what[ROOM - cause] = '\0';
	else
		what[AT_LEAST] = '\0';
	len = strlen(what);
	if (len + cause <= ROOM)
		snprintf(text, sizeof(text), "%s: %s", what, why);
	else
		snprintf(text, sizeof(text), "%s: ...%s", what,
		    why + (len + cause + 3 - ROOM));
	snprintf(e->msg, sizeof(e->msg), "%.*s", (int)ROOM, text);
	clean(e->msg);
}

int
error_sys(struct error *e, const char *fmt, ...)
{
	int err = errno;
	va_list ap;

	e->kind = kind_of_errno(err);
	e->sys_errno = err;
	va_start(ap, fmt);
	join(e, strerror(err), fmt, ap);
	va_end(ap);
	return -1;
}

int
error_wrap(struct error *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	join(e, e->msg, fmt, ap);
	va_end(ap);
	return -1;
}

void
error_clear(struct error *e)
{
	e->kind = ERROR_NONE;
	e->sys_errno = 0;
	e->msg[0] = '\0';
}

int
error_exit_status(enum error_kind kind)
{
	return kinds[kind].status;
}

const char *
error_code(enum error_kind kind)
{
	return kinds[kind].code;
}
