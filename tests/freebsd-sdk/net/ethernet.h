/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_NET_ETHERNET_H
#define SDK_NET_ETHERNET_H

#include <sys/types.h>
#define ETHER_ADDR_LEN 6
typedef uint16_t ether_vlanid_t;

#endif
