/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_SYS_RCTL_H
#define SDK_SYS_RCTL_H

#include <sys/types.h>
int rctl_add_rule(const char *, size_t, char *, size_t);
int rctl_remove_rule(const char *, size_t, char *, size_t);
int rctl_get_racct(const char *, size_t, char *, size_t);

#endif
