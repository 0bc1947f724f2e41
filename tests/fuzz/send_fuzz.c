/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * What comes over the wire of a send.  The first byte says what the rest is:
 * frames, records of a manifest, or an offer.  What is accepted must be written
 * again as it came, or be accepted again; what is refused is ERROR_DATA.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/auto.h"
#include "core/parley.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool good)
{
	if (!good)
		abort();
}

static void
fuzz_frames(const uint8_t *data, size_t size)
{
	while (size >= WIRE_HEADER) {
		struct error e = ERROR_INIT;
		struct frame f;

		if (wire_header(data, &f, &e) < 0) {
			require(e.kind == ERROR_DATA);
			return;
		}
		require(f.len <= WIRE_MAX);
		if (f.len > size - WIRE_HEADER)
			return;
		f.data = data + WIRE_HEADER;
		if (wire_check(data, &f, &e) < 0)
			require(e.kind == ERROR_DATA);
		data += WIRE_HEADER + f.len;
		size -= WIRE_HEADER + f.len;
	}
}

static void
check_record(const struct sync_record *r)
{
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_FREE struct sync_record *again = xcalloc(1, sizeof(*again));
	struct error e = ERROR_INIT;
	size_t used;

	require(strchr(r->name, '/') == NULL && strcmp(r->name, "..") != 0 &&
	    strcmp(r->name, ".") != 0);
	require(r->kind >= SYNC_DIR && r->kind <= SYNC_SAME);
	require(attr_check(r->attrs, r->attrs_len));
	sync_put_record(&text, r);
	require(sync_get_record((const uint8_t *)text.data, text.len, &used,
	    again, &e) == 0);
	require(used == text.len && again->kind == r->kind &&
	    strcmp(again->name, r->name) == 0 && again->mode == r->mode &&
	    again->size == r->size && again->mtime == r->mtime &&
	    again->group == r->group && again->rdev == r->rdev);
}

static void
fuzz_records(const uint8_t *data, size_t size)
{
	AUTO_FREE struct sync_record *r = xcalloc(1, sizeof(*r));

	while (size > 0) {
		struct error e = ERROR_INIT;
		size_t used = 0;

		if (sync_get_record(data, size, &used, r, &e) < 0) {
			require(e.kind == ERROR_DATA);
			return;
		}
		require(used > 0 && used <= size);
		check_record(r);
		data += used;
		size -= used;
	}
}

static void
fuzz_offer(const uint8_t *data, size_t size)
{
	AUTO_OFFER struct offer o = OFFER_INIT, again = OFFER_INIT;
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_FREE char *copy = xcalloc(size + 1, 1);
	struct error e = ERROR_INIT;

	memcpy(copy, data, size);
	if (offer_parse(copy, size, &o, &e) < 0) {
		require(e.kind == ERROR_DATA);
		return;
	}
	require(name_check_cell(o.name, &e) == 0);
	offer_write(&o, &text);
	require(offer_parse(text.data, text.len, &again, &e) == 0);
	require(strcmp(o.name, again.name) == 0 && o.force == again.force);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (*data == 'f')
		fuzz_frames(data + 1, size - 1);
	else if (*data == 'r')
		fuzz_records(data + 1, size - 1);
	else
		fuzz_offer(data + 1, size - 1);
	return 0;
}
