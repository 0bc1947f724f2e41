/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef NOMAD_MSGPACK_H
#define NOMAD_MSGPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

/* A value of MessagePack, read into a tree. */
enum mp_kind { MP_NIL, MP_BOOL, MP_INT, MP_REAL, MP_TEXT, MP_ARRAY, MP_MAP };

struct mp {
	enum mp_kind kind;
	bool yes;
	int64_t integer;
	double real;
	char *text;		/* NUL-terminated, and has none inside */
	struct mp *items;	/* of an array; of a map keys and values */
	size_t count;		/* of items: twice the members of a map */
};

/*
 * One value that is all of the data.  ERROR_DATA for what is cut off, nested
 * too deeply, or of a type that has no place in a configuration (ext: Nomad's
 * unknown values).  The caller's, for mp_free, in either case.
 */
int mp_read(struct mp *value, const void *data, size_t len, struct error *e)
    FALLIBLE;
void mp_free(struct mp *value);
#define AUTO_MP __attribute__((cleanup(mp_free)))
/* The member of a map, NULL when there is none or it is nil. */
const struct mp *mp_member(const struct mp *map, const char *key);
/* A number, a bool or a text as text, as go-cty makes strings of them; false
 * for everything else. */
bool mp_text(const struct mp *value, struct buf *out);

#endif
