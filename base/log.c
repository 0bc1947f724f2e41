/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"

static const char *program = "gaol";
static int use_syslog;
static int verbose;

void
log_init(const char *progname, int to_syslog)
{
	program = progname;
	use_syslog = to_syslog;
	if (to_syslog)
		openlog(progname, LOG_PID, LOG_DAEMON);
}

void
log_setverbose(int level)
{
	verbose = level;
}

int
log_getverbose(void)
{
	return verbose;
}

static void vlog(int priority, const char *suffix, const char *fmt,
    va_list ap) __attribute__((format(printf, 3, 0)));
static void with_errno(int priority, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* One write(2) per line, so that lines of several processes do not mix. */
static void
vlog(int priority, const char *suffix, const char *fmt, va_list ap)
{
	int saved = errno;
	struct buf b = BUF_INIT;

	if (!use_syslog)
		buf_printf(&b, "%s: ", program);
	buf_vprintf(&b, fmt, ap);
	buf_puts(&b, suffix);
	/* What came out of a jail must not forge a line or a colour. */
	for (size_t i = 0; i < b.len; i++)
		if (((unsigned char)b.data[i] < ' ' && b.data[i] != '\t') ||
		    b.data[i] == 0x7f)
			b.data[i] = '?';
	if (use_syslog) {
		syslog(priority, "%s", buf_text(&b));
	} else {
		buf_putc(&b, '\n');
		/* There is nobody to tell when even that fails. */
		if (write(STDERR_FILENO, b.data, b.len) < 0)
			errno = saved;
	}
	buf_fini(&b);
	errno = saved;
}

static void
with_errno(int priority, const char *fmt, va_list ap)
{
	struct buf why = BUF_INIT;

	buf_printf(&why, ": %s", strerror(errno));
	vlog(priority, buf_text(&why), fmt, ap);
	buf_fini(&why);
}

#define VLOG(call)                \
	do {                      \
		va_list ap;       \
		va_start(ap, fmt); \
		call;             \
		va_end(ap);       \
	} while (0)

void
log_warn(const char *fmt, ...)
{
	VLOG(with_errno(LOG_WARNING, fmt, ap));
}

void
log_warnx(const char *fmt, ...)
{
	VLOG(vlog(LOG_WARNING, "", fmt, ap));
}

void
log_info(const char *fmt, ...)
{
	if (verbose >= 0)
		VLOG(vlog(LOG_INFO, "", fmt, ap));
}

void
log_debug(const char *fmt, ...)
{
	if (verbose >= 1)
		VLOG(vlog(LOG_DEBUG, "", fmt, ap));
}

void
fatal(int status, const char *fmt, ...)
{
	VLOG(with_errno(LOG_ERR, fmt, ap));
	exit(status);
}

void
fatalx(int status, const char *fmt, ...)
{
	VLOG(vlog(LOG_ERR, "", fmt, ap));
	exit(status);
}
