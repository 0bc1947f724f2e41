/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef NOMAD_GRPC_H
#define NOMAD_GRPC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/loop.h"
#include "nomad/message.h"

/*
 * A server of gRPC over HTTP/2, in the loop of its caller: several connections,
 * any number of calls in each, none of which waits for another.
 */
enum grpc_code {
	GRPC_OK = 0, GRPC_CANCELLED = 1, GRPC_UNKNOWN = 2,
	GRPC_INVALID = 3, GRPC_NOT_FOUND = 5, GRPC_EXHAUSTED = 8,
	GRPC_PRECONDITION = 9, GRPC_UNIMPLEMENTED = 12, GRPC_INTERNAL = 13,
};

/* No message may be longer; gRPC's own default. */
enum { GRPC_MESSAGE_MAX = 4 << 20 };

struct grpc;
struct grpc_call;

struct grpc_method {
	const char *path;	/* "/package.Service/Method" */
	/* The call has come; NULL: nothing is done before its message. */
	void (*open)(struct grpc_call *call);
	/* A message of it; data is the caller's.  NULL: none is expected. */
	void (*message)(struct grpc_call *call, const void *data, size_t len);
	/* The client will say no more.  NULL: that means nothing. */
	void (*end)(struct grpc_call *call);
	bool streams;		/* more than one message may come */
};

struct grpc_call {
	void *user;		/* of grpc_new() */
	void *data;		/* the method's own */
	/* The call is over, by the client, by us or with the connection; then
	 * it is freed. */
	void (*gone)(struct grpc_call *call);
	/* What grpc_send() queued is with the kernel; see grpc_backlog(). */
	void (*drained)(struct grpc_call *call);
};

/* methods end with a path of NULL. */
struct grpc *grpc_new(struct loop *loop, const struct grpc_method *methods,
    void *user);
/* Closes all connections; their calls are gone. */
void grpc_free(struct grpc *g);
/* Serve a connection; fd, a stream socket, becomes the server's. */
int grpc_add(struct grpc *g, int fd, struct error *e) FALLIBLE;
size_t grpc_connections(const struct grpc *g);
/* Whether all that was said is with the kernel. */
bool grpc_is_flushed(const struct grpc *g);

/* Queue a message of the answer. */
void grpc_send(struct grpc_call *call, const struct pb_message *m,
    const void *value);
/* Bytes queued that the client has not taken. */
size_t grpc_backlog(const struct grpc_call *call);
/*
 * The end of the answer.  details: the bytes of a google.rpc.Status, NULL
 * without.  The call lives on until gone(), and is to be left alone.
 */
void grpc_finish(struct grpc_call *call, enum grpc_code code,
    const char *message, const struct buf *details);
/* One message and the end. */
void grpc_reply(struct grpc_call *call, const struct pb_message *m,
    const void *value);
/* An empty message and the end. */
void grpc_done(struct grpc_call *call);
/* The end by an error; recoverable as Nomad's RecoverableError has it. */
void grpc_fail(struct grpc_call *call, const struct error *e,
    bool recoverable);
/* Take no more of the client's messages until hold is false again. */
void grpc_hold(struct grpc_call *call, bool hold);

#endif
