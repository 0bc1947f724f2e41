/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_NLMSG_H
#define ENGINE_LINUX_NLMSG_H

/*
 * netlink(7), as much of it as interfaces, addresses, routes and the packet
 * filter need.  Messages are gathered in a buffer and sent together; each one
 * that asks for it (NLM_F_ACK) is answered by itself.
 */
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/* A socket of that protocol (NETLINK_ROUTE ...) in our network namespace. */
int nl_open(int protocol, struct error *e) FALLIBLE;

/*
 * Begin a message with its own header; returns where it begins, for nl_end,
 * which writes its length.  NLM_F_REQUEST is added.
 */
size_t nl_begin(struct buf *b, uint16_t type, uint16_t flags,
    const void *header, size_t len);
void nl_end(struct buf *b, size_t begin);

/* Attributes; a nest is ended by nl_nest_end with what nl_nest returned. */
void nl_attr(struct buf *b, uint16_t type, const void *data, size_t len);
void nl_attr_text(struct buf *b, uint16_t type, const char *text);
void nl_attr_u8(struct buf *b, uint16_t type, uint8_t value);
void nl_attr_u16(struct buf *b, uint16_t type, uint16_t value);
void nl_attr_u32(struct buf *b, uint16_t type, uint32_t value);
void nl_attr_be16(struct buf *b, uint16_t type, uint16_t value);
void nl_attr_be32(struct buf *b, uint16_t type, uint32_t value);
size_t nl_nest(struct buf *b, uint16_t type);
void nl_nest_end(struct buf *b, size_t nest);

/*
 * Send all messages and read the answer to each; the first error is ours, with
 * what the kernel says of it; sys_errno is set.  what is for the message.
 */
int nl_talk(int fd, const struct buf *b, const char *what, struct error *e)
    FALLIBLE;

/* Send one request (with NLM_F_DUMP) and give each answer to found; it goes on
 * until the end of the answers even when found returns -1. */
typedef int nl_found(const struct nlmsghdr *m, void *arg, struct error *e);
int nl_dump(int fd, const struct buf *b, nl_found *found, void *arg,
    const char *what, struct error *e) FALLIBLE;

/* The attributes behind a header of that length, by type below count. */
void nl_parse(const struct nlmsghdr *m, size_t header,
    const struct nlattr **attrs, size_t count);
static inline const void *
nl_data(const struct nlattr *a)
{
	return (const char *)a + NLA_HDRLEN;
}
static inline size_t
nl_len(const struct nlattr *a)
{
	return a->nla_len - (size_t)NLA_HDRLEN;
}

#endif
