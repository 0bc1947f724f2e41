/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_NET_ROUTE_H
#define SDK_NET_ROUTE_H

#include <sys/socket.h>
typedef unsigned short u_short;
struct rt_msghdr { u_short rtm_msglen; u_char rtm_version, rtm_type;
    u_short rtm_index; int rtm_flags, rtm_addrs; pid_t rtm_pid;
    int rtm_seq, rtm_errno, rtm_fmask; u_long rtm_inits; u_long sdk_rmx[14]; };
#define RTM_VERSION 5
#define RTM_ADD 1
#define RTF_UP 0x1
#define RTF_GATEWAY 0x2
#define RTF_HOST 0x4
#define RTF_REJECT 0x8
#define RTF_STATIC 0x800
#define RTF_BLACKHOLE 0x1000
#define RTA_DST 1
#define RTA_GATEWAY 2
#define RTA_NETMASK 4
#define RTAX_DST 0
#define RTAX_GATEWAY 1
#define RTAX_NETMASK 2
#define RTAX_MAX 8

#endif
