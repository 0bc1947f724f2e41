/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef NOMAD_PB_H
#define NOMAD_PB_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/*
 * Protocol buffers (proto3) by tables: a struct, and for each of its members
 * that is a field a row.  What a member is by its type:
 *
 *	PB_STRING	char *, NULL when absent or empty
 *	PB_BYTES	struct pb_bytes
 *	PB_INT		int64_t; of all varint types, bool and enums too
 *	PB_DOUBLE	double
 *	PB_MESSAGE	a pointer to its struct, NULL when absent
 *
 * and with PB_LIST a struct pb_list of these.  A map<K, V> is a list of
 * messages { 1 key, 2 value }.  Fields of value zero are not written, as
 * proto3 has it.
 */
enum pb_type { PB_STRING, PB_BYTES, PB_INT, PB_DOUBLE, PB_MESSAGE };
enum pb_flag { PB_ONE, PB_LIST };

struct pb_bytes {
	char *data;
	size_t len;
};
struct pb_list {
	void *items;		/* of char *, int64_t, struct *, ... */
	size_t count;
};

struct pb_message;
struct pb_field {
	uint32_t number;
	enum pb_type type;
	enum pb_flag flag;
	size_t offset;
	const struct pb_message *message;	/* of PB_MESSAGE */
};
struct pb_message {
	const char *name;
	size_t size;
	const struct pb_field *fields;	/* in the order of numbers */
	size_t count;
};

/*
 * An empty struct filled from data, or NULL with ERROR_DATA.  Unknown fields
 * are skipped, of a single field the last one counts.  For pb_free.
 */
void *pb_read(const struct pb_message *m, const void *data, size_t len,
    struct error *e);
/* Append; bytes of strings that are no UTF-8 are written as '?'. */
void pb_write(const struct pb_message *m, const void *value, struct buf *out);
void pb_free(const struct pb_message *m, void *value);

/* Grow a list by one element and return where it is, zeroed. */
void *pb_list_add(struct pb_list *list, size_t size);

/* Replace what is no UTF-8, in place. */
void pb_clean(char *text, size_t len);

#endif
