/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/wire.h"

enum { PENDING_MAX = 64 << 10 };

uint32_t
wire_u32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

uint64_t
wire_u64(const uint8_t *p)
{
	return wire_u32(p) | (uint64_t)wire_u32(p + 4) << 32;
}

void
wire_set32(uint8_t *p, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

void
wire_set64(uint8_t *p, uint64_t value)
{
	wire_set32(p, (uint32_t)value);
	wire_set32(p + 4, (uint32_t)(value >> 32));
}

void
wire_fini(struct wire *w)
{
	buf_fini(&w->pending);
	buf_fini(&w->payload);
}

/* The sum of the payload is often known already, so it stands for that. */
static uint64_t
check_of(const uint8_t *header, const uint8_t sum[BLAKE2_SIZE])
{
	uint8_t text[16 + BLAKE2_SIZE], out[BLAKE2_SIZE];

	memcpy(text, header, 16);
	memcpy(text + 16, sum, BLAKE2_SIZE);
	blake2_sum(text, sizeof(text), out);
	return wire_u64(out);
}

int
wire_flush(struct wire *w, struct error *e)
{
	if (w->pending.len == 0)
		return 0;
	if (file_write_fd(w->out, w->pending.data, w->pending.len, e) < 0) {
		w->gone = true;
		return error_wrap(e, "%s", w->peer);
	}
	w->sent += w->pending.len;
	buf_clear(&w->pending);
	return 0;
}

int
wire_put_summed(struct wire *w, uint8_t type, uint64_t arg, const void *data,
    size_t len, const uint8_t sum[BLAKE2_SIZE], struct error *e)
{
	uint8_t header[WIRE_HEADER] = { 0 };

	if (len > WIRE_MAX)
		return error_set(e, ERROR_DATA, "%zu bytes are too much for "
		    "one frame", len);
	wire_set32(header, (uint32_t)len);
	header[4] = type;
	wire_set64(header + 8, arg);
	wire_set64(header + 16, check_of(header, sum));
	buf_append(&w->pending, header, sizeof(header));
	if (len > 0)
		buf_append(&w->pending, data, len);
	return w->pending.len >= PENDING_MAX ? wire_flush(w, e) : 0;
}

int
wire_put(struct wire *w, uint8_t type, uint64_t arg, const void *data,
    size_t len, struct error *e)
{
	uint8_t sum[BLAKE2_SIZE];

	blake2_sum(data, len, sum);
	return wire_put_summed(w, type, arg, data, len, sum, e);
}

static int
read_all(struct wire *w, void *to, size_t len, struct error *e)
{
	char *p = to;

	while (len > 0) {
		ssize_t n = read(w->in, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			w->gone = true;
		if (n < 0)
			return error_sys(e, "%s", w->peer);
		if (n == 0) {
			error_set(e, ERROR_FAILED, "%s has hung up", w->peer);
			e->sys_errno = EPIPE;
			return -1;
		}
		p += n;
		len -= (size_t)n;
		w->received += (size_t)n;
	}
	return 0;
}

int
wire_header(const uint8_t *header, struct frame *f, struct error *e)
{
	f->len = wire_u32(header);
	f->type = header[4];
	f->arg = wire_u64(header + 8);
	f->data = NULL;
	if (f->len > WIRE_MAX || (header[5] | header[6] | header[7]) != 0)
		return error_set(e, ERROR_DATA, "not a frame of gaol's");
	return 0;
}

int
wire_check(const uint8_t *header, struct frame *f, struct error *e)
{
	blake2_sum(f->data, f->len, f->sum);
	if (check_of(header, f->sum) != wire_u64(header + 16))
		return error_set(e, ERROR_DATA, "a frame is damaged: its "
		    "checksum is wrong");
	return 0;
}

int
wire_get(struct wire *w, struct frame *f, struct error *e)
{
	uint8_t header[WIRE_HEADER];

	if (wire_flush(w, e) < 0 || read_all(w, header, sizeof(header), e) < 0)
		return -1;
	if (wire_header(header, f, e) < 0)
		return error_wrap(e, "%s", w->peer);
	buf_clear(&w->payload);
	buf_reserve(&w->payload, f->len);
	if (f->len > 0 && read_all(w, w->payload.data, f->len, e) < 0)
		return -1;
	w->payload.len = f->len;
	w->payload.data[f->len] = '\0';
	f->data = (const uint8_t *)w->payload.data;
	if (wire_check(header, f, e) < 0)
		return error_wrap(e, "%s", w->peer);
	return 0;
}
