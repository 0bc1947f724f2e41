/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_NET_IF_H
#define SDK_NET_IF_H

#include <sys/socket.h>
#define IFNAMSIZ 16
#define IFF_UP 0x1
typedef char *caddr_t;
struct ifreq_buffer { size_t length; void *buffer; };
struct ifreq { char ifr_name[IFNAMSIZ]; union { struct sockaddr ifru_addr;
    struct ifreq_buffer ifru_buffer; short ifru_flags[2]; int ifru_jid;
    int ifru_mtu; caddr_t ifru_data; } ifr_ifru; };
#define ifr_addr ifr_ifru.ifru_addr
#define ifr_buffer ifr_ifru.ifru_buffer
#define ifr_flags ifr_ifru.ifru_flags[0]
#define ifr_jid ifr_ifru.ifru_jid
#define ifr_mtu ifr_ifru.ifru_mtu
#define ifr_data ifr_ifru.ifru_data
struct ifdrv { char ifd_name[IFNAMSIZ]; unsigned long ifd_cmd;
    size_t ifd_len; void *ifd_data; };
struct ifg_req { union { char ifgrqu_group[IFNAMSIZ]; } ifgrq_ifgrqu; };
#define ifgrq_group ifgrq_ifgrqu.ifgrqu_group
struct ifgroupreq { char ifgr_name[IFNAMSIZ]; u_int ifgr_len; union {
    char ifgru_group[IFNAMSIZ]; struct ifg_req *ifgru_groups; } ifgr_ifgru; };
#define ifgr_group ifgr_ifgru.ifgru_group
#define ifgr_groups ifgr_ifgru.ifgru_groups
unsigned if_nametoindex(const char *);
char *if_indextoname(unsigned, char *);

#endif
