/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_NETINET6_IN6_VAR_H
#define SDK_NETINET6_IN6_VAR_H

#include <netinet/in.h>
#include <net/if.h>
struct in6_addrlifetime { time_t ia6t_expire, ia6t_preferred;
    uint32_t ia6t_vltime, ia6t_pltime; };
struct in6_aliasreq { char ifra_name[IFNAMSIZ];
    struct sockaddr_in6 ifra_addr, ifra_dstaddr, ifra_prefixmask;
    int ifra_flags; struct in6_addrlifetime ifra_lifetime; int ifra_vhid; };
struct in6_ifreq { char ifr_name[IFNAMSIZ]; union {
    struct sockaddr_in6 ifru_addr; int ifru_flags6; } ifr_ifru; };
#define IN6_IFF_TENTATIVE 0x02
#define IN6_IFF_DUPLICATED 0x04
#define SIOCDIFADDR_IN6 101
#define SIOCAIFADDR_IN6 102
#define SIOCGIFAFLAG_IN6 103
#define SIOCGIFINFO_IN6 104
#define SIOCSIFINFO_FLAGS 105

#endif
