/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_SYS_LINKER_H
#define SDK_SYS_LINKER_H

int kldload(const char *);

#endif
