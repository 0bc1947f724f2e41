/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* What iocage describes plugins in: a tree, or an error with file and line. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/xalloc.h"
#include "template/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool good)
{
	if (!good)
		abort();
}

static void
check(const struct json *j, bool member)
{
	for (; j != NULL; j = j->next) {
		require((j->key != NULL) == member);
		require((j->text != NULL) == (j->kind < JSON_ARRAY));
		require(j->first == NULL || j->kind >= JSON_ARRAY);
		check(j->first, j->kind == JSON_OBJECT);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *copy = xrealloc(NULL, size + 1);
	struct error e = ERROR_INIT;
	AUTO_JSON struct json *j = NULL;

	memcpy(copy, data, size);
	j = json_read("f", copy, size, &e);
	if (j == NULL)
		require(e.kind == ERROR_DATA && strncmp(e.msg, "f:", 2) == 0);
	else
		check(j, false);
	return 0;
}
