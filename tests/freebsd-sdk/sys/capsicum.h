/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* cap_enter(2) */
#ifndef SDK_SYS_CAPSICUM_H
#define SDK_SYS_CAPSICUM_H

int cap_enter(void);

#endif
