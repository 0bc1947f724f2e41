/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_SYS_SOCKET_H
#define SDK_SYS_SOCKET_H

#include <sys/uio.h>
struct sockaddr { uint8_t sa_len; sa_family_t sa_family; char sa_data[14]; };
struct sockaddr_storage { uint8_t ss_len; sa_family_t ss_family;
    char ss_pad[126]; };
struct msghdr { void *msg_name; socklen_t msg_namelen; struct iovec *msg_iov;
    int msg_iovlen; void *msg_control; socklen_t msg_controllen;
    int msg_flags; };
struct cmsghdr { socklen_t cmsg_len; int cmsg_level, cmsg_type; };
#define SDK_ALIGN(n) (((n) + 7) & ~(size_t)7)
#define CMSG_DATA(c) ((unsigned char *)(c) + SDK_ALIGN(sizeof(struct cmsghdr)))
#define CMSG_SPACE(n) (SDK_ALIGN(sizeof(struct cmsghdr)) + SDK_ALIGN(n))
#define CMSG_LEN(n) (SDK_ALIGN(sizeof(struct cmsghdr)) + (n))
#define CMSG_FIRSTHDR(m) ((m)->msg_controllen >= sizeof(struct cmsghdr) ? \
    (struct cmsghdr *)(m)->msg_control : (struct cmsghdr *)NULL)
#define AF_UNSPEC 0
#define AF_UNIX 1
#define AF_LOCAL 1
#define AF_INET 2
#define AF_INET6 28
#define PF_UNIX 1
#define PF_ROUTE 17
#define AF_LINK 18
#define NET_RT_DUMP 1
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_RAW 3
#define SOCK_SEQPACKET 5
#define SOCK_CLOEXEC 0x10000000
#define SOCK_NONBLOCK 0x20000000
#define SOL_SOCKET 0xffff
#define SO_RCVTIMEO 0x1006
#define SO_SNDTIMEO 0x1005
#define SCM_RIGHTS 0x01
#define MSG_PEEK 0x00000002
#define MSG_WAITALL 0x00000040
#define MSG_CTRUNC 0x00000020
#define MSG_TRUNC 0x00000010
#define MSG_DONTWAIT 0x00000080
#define MSG_NOSIGNAL 0x00020000
#define MSG_CMSG_CLOEXEC 0x00040000
int accept(int, struct sockaddr *, socklen_t *);
int accept4(int, struct sockaddr *, socklen_t *, int);
int bind(int, const struct sockaddr *, socklen_t);
int connect(int, const struct sockaddr *, socklen_t);
int getsockopt(int, int, int, void *, socklen_t *);
int listen(int, int);
ssize_t recv(int, void *, size_t, int);
ssize_t recvmsg(int, struct msghdr *, int);
ssize_t send(int, const void *, size_t, int);
ssize_t sendmsg(int, const struct msghdr *, int);
int setfib(int);
int setsockopt(int, int, int, const void *, socklen_t);
int shutdown(int, int);
int socket(int, int, int);
int socketpair(int, int, int, int *);
#define SHUT_WR 1

#endif
