/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_SYS_JAIL_H
#define SDK_SYS_JAIL_H

#define JAIL_CREATE 0x01
#define JAIL_UPDATE 0x02
#define JAIL_ATTACH 0x04
#define JAIL_DYING 0x08
struct iovec;
int jail_attach(int);
int jail_get(struct iovec *, unsigned, int);
int jail_remove(int);
int jail_set(struct iovec *, unsigned, int);

#endif
