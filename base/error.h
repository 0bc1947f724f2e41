/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/*
 * The error value.  The caller owns it (usually on its stack), nothing is
 * allocated and nothing needs freeing.  It is the last parameter of every
 * fallible function and is named e.
 *
 * Whoever knows the cause makes it:      return error_sys(e, "open %s", path);
 * whoever knows the subject wraps it:    return error_wrap(e, "start %s", name);
 * and it is printed once, at the edge.  All makers return -1.
 */
enum error_kind {
	ERROR_NONE = 0,
	ERROR_FAILED,		/* the operation failed */
	ERROR_USAGE,		/* wrong command line */
	ERROR_DATA,		/* bad data: archive, checksum, file format */
	ERROR_NOT_FOUND,	/* no such jail, release, property ... */
	ERROR_UNSUPPORTED,	/* this host or store cannot do that */
	ERROR_EXISTS,		/* it exists already */
	ERROR_BUSY,		/* locked, running, in use */
	ERROR_DENIED,		/* not permitted */
	ERROR_CONFIG,		/* bad configuration: cell.conf, gaol.conf */
};

struct error {
	enum error_kind kind;
	int sys_errno;		/* 0 when no system call failed */
	char msg[512];		/* one line, no newline, no program name */
};

#define ERROR_INIT { ERROR_NONE, 0, "" }

#define FALLIBLE __attribute__((warn_unused_result))

/* Set kind and message; returns -1.  An error already set is overwritten. */
int error_set(struct error *e, enum error_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * From errno: message is "what: strerror".  The kind follows errno: ENOENT
 * NOT_FOUND, EEXIST EXISTS, EACCES and EPERM DENIED, EBUSY BUSY, EOPNOTSUPP and
 * ENOSYS UNSUPPORTED, anything else FAILED.  Returns -1.
 */
int error_sys(struct error *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Prefix the message with "what: ", keeping kind and errno; returns -1. */
int error_wrap(struct error *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Forget the error. */
void error_clear(struct error *e);

/* The sysexits(3) status of DESIGN 4 for a kind (ERROR_NONE gives 0). */
int error_exit_status(enum error_kind kind);

/* The kind as a stable lower-case word for JSON: "not-found", "busy" ... */
const char *error_code(enum error_kind kind);

#endif
