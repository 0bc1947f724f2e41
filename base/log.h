/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef BASE_LOG_H
#define BASE_LOG_H

/*
 * OpenBSD's log functions: to stderr ("gaol: text"), or to syslog(3) in a
 * daemon.  Only main files call fatal and fatalx.
 */
void log_init(const char *progname, int to_syslog);
/* -1 quiet (warnings only), 0 normal (info), 1 verbose (debug). */
void log_setverbose(int level);
int log_getverbose(void);
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warnx(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void fatal(int status, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
_Noreturn void fatalx(int status, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
