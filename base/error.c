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

int
error_set(struct error *e, enum error_kind kind, const char *fmt, ...)
{
	va_list ap;

	e->kind = kind;
	e->sys_errno = 0;
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	return -1;
}

int
error_sys(struct error *e, const char *fmt, ...)
{
	int err = errno;
	size_t len;
	va_list ap;

	e->kind = kind_of_errno(err);
	e->sys_errno = err;
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	len = strlen(e->msg);
	snprintf(e->msg + len, sizeof(e->msg) - len, ": %s", strerror(err));
	return -1;
}

int
error_wrap(struct error *e, const char *fmt, ...)
{
	char old[sizeof(e->msg)];
	size_t len;
	va_list ap;

	memcpy(old, e->msg, sizeof(old));
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	len = strlen(e->msg);
	snprintf(e->msg + len, sizeof(e->msg) - len, ": %s", old);
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
