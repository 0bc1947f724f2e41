/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_NETINET_IN_VAR_H
#define SDK_NETINET_IN_VAR_H

#include <netinet/in.h>
#include <net/if.h>
struct in_aliasreq { char ifra_name[IFNAMSIZ]; struct sockaddr_in ifra_addr,
    ifra_dstaddr, ifra_mask; int ifra_vhid; };
#define ifra_broadaddr ifra_dstaddr

#endif
