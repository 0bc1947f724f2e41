/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_LOCALE_H
#define SDK_LOCALE_H

#define LC_ALL 0
#define LC_CTYPE 2
char *setlocale(int, const char *);

#endif
