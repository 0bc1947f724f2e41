/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_NETINET6_ND6_H
#define SDK_NETINET6_ND6_H

#include <net/if.h>
struct nd_ifinfo { uint32_t linkmtu, maxmtu, basereachable, reachable,
    retrans, flags; };
struct in6_ndireq { char ifname[IFNAMSIZ]; struct nd_ifinfo ndi; };
#define ND6_IFF_IFDISABLED 0x8
#define ND6_IFF_NO_DAD 0x100
#define ND6_INFINITE_LIFETIME 0xffffffff

#endif
