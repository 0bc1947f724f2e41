/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* What getrandom(2) tells. */
#ifndef SDK_SYS_RANDOM_H
#define SDK_SYS_RANDOM_H
#include <sys/types.h>
enum { GRND_NONBLOCK = 1, GRND_RANDOM = 2, GRND_INSECURE = 4 };
ssize_t getrandom(void *, size_t, unsigned int);
#endif
