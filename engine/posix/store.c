/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"

const struct store *
store_find(const char *name)
{
	for (const struct store *const *s = stores_native; *s != NULL; s++)
		if (strcmp((*s)->name, name) == 0)
			return *s;
	return NULL;
}

void
engine_others_fini(struct engine_others *others)
{
	for (size_t i = 0; i < others->count; i++) {
		free(others->items[i].name);
		free(others->items[i].path);
		free(others->items[i].hostname);
	}
	VEC_FINI(others);
}

void
engine_processes_fini(struct engine_processes *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].command);
	VEC_FINI(list);
}
