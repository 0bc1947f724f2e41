/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef TESTS_FREEBSD_TWIN_RECORD_H
#define TESTS_FREEBSD_TWIN_RECORD_H

/* Among the files of the twin. */
#include "base/error.h"

/* Write down a call. */
void twin_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* -1 when this call is to fail. */
int twin_call(const char *name, struct error *e) FALLIBLE;
/* The jail is gone: the host has its interfaces again. */
void twin_vnet_gone(int jid);
void twin_reset_net(void);
void twin_reset_host(void);

#endif
