/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef NOMAD_LOG_H
#define NOMAD_LOG_H

/*
 * Lines of JSON on standard error, as go-hclog writes them, which the agent
 * takes into its own log at their level.  What is logged is no secret.
 */
enum nomad_level { NOMAD_DEBUG, NOMAD_INFO, NOMAD_WARN, NOMAD_ERROR };

/* key NULL: no more than the message. */
void nomad_log(enum nomad_level level, const char *key, const char *value,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* Where lines go instead of standard error, in a child. */
void nomad_log_to(int fd);

#endif
