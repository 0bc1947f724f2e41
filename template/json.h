/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef TEMPLATE_JSON_H
#define TEMPLATE_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* RFC 8259, read into a tree: what iocage describes its plugins in. */
enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY,
	JSON_OBJECT };

struct json {
	enum json_kind kind;
	char *key;		/* of a member of an object */
	char *text;		/* a string; a number or boolean as written */
	struct json *first;	/* of an array or object */
	struct json *next;	/* beside it */
};

/* NULL with ERROR_DATA "FILE:LINE: why".  The caller's for json_free. */
struct json *json_read(const char *file, const char *text, size_t len,
    struct error *e);
void json_free(struct json *j);
void json_cleanup(struct json **j);
#define AUTO_JSON __attribute__((cleanup(json_cleanup)))
/* The member of that name, NULL without; j may be NULL. */
const struct json *json_member(const struct json *j, const char *key);
/* The text of a string, number or boolean member, NULL without. */
const char *json_text(const struct json *j, const char *key);

#endif
