/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Names and values of properties.  The input is a name and its values, with
 * NUL between them.  What is accepted must be accepted again in its canonical
 * form and stay as it is; what is refused must be told in clean text.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "core/prop.h"
#include "core/prop_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool good)
{
	if (!good)
		abort();
}

static void
require_message(const struct error *e, enum error_kind kind)
{
	struct error ignored = ERROR_INIT;

	require(e->kind == kind && e->msg[0] != '\0');
	require(prop_check_text(e->msg, false, &ignored) == 0);
}

static void
fuzz_name(const char *name)
{
	struct error e = ERROR_INIT;
	bool cell = name_check_cell(name, &e) == 0;

	if (!cell)
		require_message(&e, ERROR_USAGE);
	if (name_check_release(name, &e) == 0) {
		require(name_check_tag(name, &e) == 0);
		require(*name != '\0' && strlen(name) < 64);
		require(strchr(name, '/') == NULL && *name != '.' &&
		    *name != '-');
	} else {
		require(!cell && name_check_tag(name, &e) < 0);
		require_message(&e, ERROR_USAGE);
	}
}

/* The value that core gives to "novnet" and "noboot". */
static void
fuzz_negation(const struct prop *p)
{
	AUTO_STRINGS struct strings values = VEC_INIT, out = VEC_INIT;
	struct error e = ERROR_INIT;

	require(p->type == PROP_BOOL || p->type == PROP_ENUM);
	strings_add(&values, p->type == PROP_BOOL ? "off" : "disable");
	require((p->flags & PROP_READONLY) ||
	    prop_parse(p, &values, &out, &e) == 0);
}

static void
fuzz_values(const struct prop *p, const struct strings *values)
{
	AUTO_STRINGS struct strings out = VEC_INIT, again = VEC_INIT;
	struct error e = ERROR_INIT, ignored = ERROR_INIT;

	if (prop_parse(p, values, &out, &e) < 0) {
		require_message(&e, ERROR_CONFIG);
		require(out.count == 0);
		return;
	}
	require((p->flags & PROP_LIST) || out.count == 1);
	for (size_t i = 0; i < out.count; i++)
		require(prop_check_text(out.items[i],
		    p->type == PROP_COMMAND || strcmp(p->name, "note") == 0,
		    &ignored) == 0);
	require(prop_parse(p, &out, &again, &e) == 0);
	require(out.count == again.count);
	for (size_t i = 0; i < out.count; i++)
		require(strcmp(out.items[i], again.items[i]) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_STRINGS struct strings values = VEC_INIT;
	AUTO_FREE char *text = xcalloc(size + 1, 1);
	const struct prop *p = NULL;
	const char *near;
	struct error e = ERROR_INIT;
	bool negated;

	memcpy(text, data, size);
	for (size_t at = strlen(text) + 1; at <= size;
	    at += strlen(text + at) + 1)
		strings_add(&values, text + at);
	fuzz_name(text);
	if (prop_resolve(text, &p, &negated, &e) < 0) {
		near = prop_nearest(text);
		require(near == NULL || prop_find(near) != NULL);
		require_message(&e, ERROR_CONFIG);
		return 0;
	}
	AUTO_FREE char *type = prop_type_text(p);
	require(*type != '\0' && *prop_when(p) != '\0');
	if (negated)
		fuzz_negation(p);
	fuzz_values(p, &values);
	return 0;
}
