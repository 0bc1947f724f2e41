/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_NET_IF_DL_H
#define SDK_NET_IF_DL_H

#include <sys/socket.h>

#endif
