/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_SYSLOG_H
#define SDK_SYSLOG_H

#include <stdarg.h>
#define LOG_ERR 3
#define LOG_WARNING 4
#define LOG_NOTICE 5
#define LOG_INFO 6
#define LOG_DEBUG 7
#define LOG_CRIT 2
#define LOG_PID 1
#define LOG_NDELAY 8
#define LOG_DAEMON (3 << 3)
void openlog(const char *, int, int);
void syslog(int, const char *, ...) __attribute__((format(printf, 2, 3)));
void vsyslog(int, const char *, va_list) __attribute__((format(printf, 2, 0)));
void closelog(void);

#endif
