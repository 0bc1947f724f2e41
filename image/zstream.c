/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * The stream is a row of records of one size, each with a payload whose length
 * the record tells:
 *
 *	0  type 4, payload length 4 (of some)
 *	8  of a BEGIN: magic 8, version and features 8, time 8, type 4, flags 4,
 *	   guid 8, guid of the snapshot that it starts from 8, name 256
 *
 * Numbers have the byte order of who wrote it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "image/member.h"
#include "image/zstream.h"

/* Records, and where in one of them the numbers stand that tell the payload. */
enum {
	BEGIN,
	OBJECT,
	FREEOBJECTS,
	WRITE,
	FREE,
	END,
	WRITE_BYREF,
	SPILL,
	WRITE_EMBEDDED,
	OBJECT_RANGE,
	REDACT,
	TYPES,

	AT_MAGIC = 8,
	AT_VERSION = 16,
	AT_FROM = 48,
	AT_NAME = 56,
	NAME_SIZE = 256,

	PAYLOAD_MAX = 64 << 20,
	COMPOUND = 2,
};

#define MAGIC UINT64_C(0x2f5bacbac)
#define SWAPPED UINT64_C(0xaccbbaf502000000)
#define FEATURE_RAW ((uint64_t)1 << 26)

static uint32_t
u32(const unsigned char *p)
{
	uint32_t x;

	memcpy(&x, p, sizeof(x));
	return x;
}

static uint64_t
u64(const unsigned char *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof(x));
	return x;
}

static uint64_t
round_up(uint64_t n)
{
	return (n + 7) & ~(uint64_t)7;
}

static uint64_t
payload_of(const unsigned char *r)
{
	switch (u32(r)) {
	case OBJECT:
		/* encrypted ones tell another length */
		return u32(r + 36) != 0 ? u32(r + 36) : round_up(u32(r + 28));
	case WRITE:
		return r[50] != 0 ? u64(r + 96) : u64(r + 32);
	case SPILL:
		return r[33] != 0 ? u64(r + 40) : u64(r + 16);
	case WRITE_EMBEDDED:
		return round_up(u32(r + 52));
	case BEGIN:
	case REDACT:
		return u32(r + 4);
	default:
		return 0;
	}
}

static bool
is_begin(const unsigned char *r)
{
	return u32(r) == BEGIN && u64(r + AT_MAGIC) == MAGIC;
}

/* The dataset's name, before its "@"; NULL when there is none. */
static char *
dataset_of(const unsigned char *r)
{
	const char *name = (const char *)r + AT_NAME;
	const char *at = memchr(name, '@', NAME_SIZE);

	return at == NULL || at == name ? NULL :
	    xstrndup(name, (size_t)(at - name));
}

bool
zstream_probe(const unsigned char *data, char *name, size_t size)
{
	AUTO_FREE char *dataset = is_begin(data) ? dataset_of(data) : NULL;
	const char *slash = dataset != NULL ? strrchr(dataset, '/') : NULL;
	size_t len;

	if (dataset == NULL)
		return u32(data) == BEGIN && u64(data + AT_MAGIC) == SWAPPED;
	slash = slash != NULL ? slash + 1 : dataset;
	len = strlen(slash) < size ? strlen(slash) : size - 1;
	memcpy(name, slash, len);
	name[len] = '\0';
	return true;
}

void
zstream_fini(struct zstream *z)
{
	free(z->top);
	z->top = NULL;
	strings_fini(&z->met);
}

static int
begin_snapshot(struct zstream *z, struct error *e)
{
	AUTO_FREE char *dataset = dataset_of(z->record);
	char shown[MEMBER_SHOWN];
	size_t len;

	if (dataset == NULL)
		return error_set(e, ERROR_DATA,
		    "a snapshot without a name in the zfs stream");
	member_show(dataset, shown);
	if (z->top == NULL)
		z->top = xstrdup(dataset);
	len = strlen(z->top);
	if (strncmp(dataset, z->top, len) != 0 ||
	    (dataset[len] != '\0' && dataset[len] != '/'))
		return error_set(e, ERROR_DATA,
		    "dataset '%s' does not belong to the jail", shown);
	if (u64(z->record + AT_VERSION) & FEATURE_RAW)
		return error_set(e, ERROR_UNSUPPORTED, "dataset '%s' is "
		    "encrypted in the archive; 'zfs send' without -w writes "
		    "one that can be read", shown);
	if (strings_index(&z->met, dataset) < 0) {
		if (u64(z->record + AT_FROM) != 0)
			return error_set(e, ERROR_UNSUPPORTED, "dataset '%s' "
			    "is only what differs from another one, which is "
			    "not in the archive", shown);
		strings_add(&z->met, dataset);
	}
	z->state = ZSTREAM_SNAPSHOT;
	return z->begin(z->arg, dataset + len + (dataset[len] == '/'), e);
}

static int
take_record(struct zstream *z, struct error *e)
{
	const unsigned char *r = z->record;
	uint32_t type = u32(r);

	z->payload = payload_of(r);
	if (type >= TYPES || z->payload > PAYLOAD_MAX)
		return error_set(e, ERROR_DATA, "damaged zfs stream");
	if (z->state == ZSTREAM_BETWEEN) {
		/* the end of all */
		if (type == END && z->top != NULL)
			return 0;
		if (type == BEGIN && u64(r + AT_MAGIC) == SWAPPED)
			return error_set(e, ERROR_UNSUPPORTED, "the zfs "
			    "stream is of a machine with the other byte "
			    "order; 'zfs receive' and export it again here");
		if (!is_begin(r))
			return error_set(e, ERROR_DATA, "damaged zfs stream");
		if ((u64(r + AT_VERSION) & 3) == COMPOUND) {
			z->state = ZSTREAM_PROPERTIES;
			return 0;
		}
		if (begin_snapshot(z, e) < 0)
			return -1;
	} else if (type == BEGIN) {
		return error_set(e, ERROR_DATA, "damaged zfs stream");
	}
	if (z->state == ZSTREAM_PROPERTIES) {
		if (type == END)
			z->state = ZSTREAM_BETWEEN;
		return 0;
	}
	if (z->data(z->arg, r, ZSTREAM_RECORD, e) < 0)
		return -1;
	if (type != END)
		return 0;
	z->state = ZSTREAM_BETWEEN;
	return z->end(z->arg, e);
}

int
zstream_add(struct zstream *z, const unsigned char *data, size_t len,
    struct error *e)
{
	while (len > 0) {
		size_t n;

		if (z->payload > 0) {
			n = z->payload < len ? (size_t)z->payload : len;
			if (z->state == ZSTREAM_SNAPSHOT &&
			    z->data(z->arg, data, n, e) < 0)
				return -1;
			z->payload -= n;
		} else {
			n = ZSTREAM_RECORD - z->have;
			n = n < len ? n : len;
			memcpy(z->record + z->have, data, n);
			z->have += n;
			if (z->have == ZSTREAM_RECORD) {
				z->have = 0;
				if (take_record(z, e) < 0)
					return -1;
			}
		}
		data += n;
		len -= n;
	}
	return 0;
}

int
zstream_finish(struct zstream *z, struct error *e)
{
	if (z->top == NULL || z->state != ZSTREAM_BETWEEN || z->have > 0 ||
	    z->payload > 0)
		return error_set(e, ERROR_DATA, "the zfs stream is truncated");
	return 0;
}
