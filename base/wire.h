/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef BASE_WIRE_H
#define BASE_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/blake2.h"
#include "base/buf.h"
#include "base/error.h"

/*
 * Frames over two descriptors, between two that need not trust each other:
 *
 *	length 4, type 1, zeros 3, argument 8, check 8, payload
 *
 * all numbers little-endian.  check is of all of it.  A frame is read as a
 * whole and checked before anybody sees it; one that is longer than WIRE_MAX
 * is refused when its header has come, before memory is taken for it.
 */
enum { WIRE_HEADER = 24, WIRE_MAX = 1 << 20 };

struct wire {
	int in, out;
	const char *peer;	/* for messages: "the receiving side"; borrowed */
	struct buf pending;	/* written by wire_flush() */
	struct buf payload;	/* of the frame that was read last */
	uint64_t sent, received;	/* bytes, headers included */
	bool gone;		/* the peer has hung up, or said that it failed: */
	bool refused;		/* it said so */
};
#define WIRE_INIT(in, out, peer) { in, out, peer, BUF_INIT, BUF_INIT, 0, 0, \
    false, false }

struct frame {
	uint8_t type;
	uint64_t arg;
	const uint8_t *data;	/* until the next wire_get() */
	size_t len;
	uint8_t sum[BLAKE2_SIZE];	/* of the payload */
};

void wire_fini(struct wire *w);
/* Small frames are kept until wire_flush() or wire_get(). */
int wire_put(struct wire *w, uint8_t type, uint64_t arg, const void *data,
    size_t len, struct error *e) FALLIBLE;
/* The same, of data whose BLAKE2b is known. */
int wire_put_summed(struct wire *w, uint8_t type, uint64_t arg,
    const void *data, size_t len, const uint8_t sum[BLAKE2_SIZE],
    struct error *e) FALLIBLE;
int wire_flush(struct wire *w, struct error *e) FALLIBLE;
/*
 * The next frame.  ERROR_DATA when it is damaged or too long, ERROR_FAILED
 * with sys_errno EPIPE when the peer has gone.
 */
int wire_get(struct wire *w, struct frame *f, struct error *e) FALLIBLE;
/*
 * Check a header of WIRE_HEADER bytes; fills type, arg and len of f.  What the
 * payload must sum to is kept for wire_check().
 */
int wire_header(const uint8_t *header, struct frame *f, struct error *e)
    FALLIBLE;
int wire_check(const uint8_t *header, struct frame *f, struct error *e)
    FALLIBLE;

uint32_t wire_u32(const uint8_t *p);
uint64_t wire_u64(const uint8_t *p);
void wire_set32(uint8_t *p, uint32_t value);
void wire_set64(uint8_t *p, uint64_t value);

#endif
