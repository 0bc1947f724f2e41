/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "nomad/log.h"
#include "nomad/pb.h"

static int log_fd = STDERR_FILENO;

void
nomad_log_to(int fd)
{
	log_fd = fd;
}

static void
put_text(struct buf *out, const char *text)
{
	AUTO_FREE char *clean = strdup(text);

	if (clean == NULL)
		return;
	pb_clean(clean, strlen(clean));
	buf_putc(out, '"');
	for (const unsigned char *p = (unsigned char *)clean; *p != '\0'; p++)
		if (*p == '"' || *p == '\\')
			buf_printf(out, "\\%c", *p);
		else if (*p < 0x20)
			buf_printf(out, "\\u%04x", *p);
		else
			buf_putc(out, (char)*p);
	buf_putc(out, '"');
}

void
nomad_log(enum nomad_level level, const char *key, const char *value,
    const char *fmt, ...)
{
	static const char *const levels[] = { "debug", "info", "warn",
		"error" };
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_BUF struct buf line = BUF_INIT;
	struct timespec now;
	struct tm tm;
	char stamp[32];
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
	buf_printf(&line, "{\"@level\":\"%s\",\"@message\":", levels[level]);
	put_text(&line, buf_text(&text));
	buf_printf(&line, ",\"@module\":\"gaol\",\"@timestamp\":"
	    "\"%s.%06ldZ\"", stamp, now.tv_nsec / 1000);
	if (key != NULL && value != NULL) {
		buf_putc(&line, ',');
		put_text(&line, key);
		buf_putc(&line, ':');
		put_text(&line, value);
	}
	buf_puts(&line, "}\n");
	/* an agent that is gone reads no more: the plugin goes on */
	if (write(log_fd, line.data, line.len) < 0)
		return;
}
