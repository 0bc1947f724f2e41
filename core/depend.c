/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>

#include "base/auto.h"
#include "core/depend.h"

struct walk {
	const struct host *host;
	const struct cell *first;
	struct strings path;	/* from the first one to here */
	struct strings seen;	/* leads nowhere back */
};

static int
circle(const struct walk *w, struct error *e)
{
	AUTO_FREE char *text = strings_join(&w->path, " -> ");

	return error_set(e, ERROR_CONFIG, "depend goes in a circle: %s -> %s",
	    text, w->first->name);
}

static int visit(struct walk *w, const struct cell *c, struct error *e);

static int
follow(struct walk *w, const char *name, struct error *e)
{
	AUTO_CELL struct cell c = CELL_INIT;
	struct error ignored = ERROR_INIT;

	if (strcmp(name, w->first->name) == 0)
		return circle(w, e);
	if (strings_index(&w->seen, name) >= 0 ||
	    cell_load(w->host, name, &c, &ignored) < 0)
		return 0;
	strings_add(&w->seen, name);
	return visit(w, &c, e);
}

static int
visit(struct walk *w, const struct cell *c, struct error *e)
{
	AUTO_STRINGS struct strings depend = VEC_INIT;
	int result = 0;

	strings_add(&w->path, c->name);
	cell_values(c, "depend", &depend);
	for (size_t i = 0; i < depend.count && result == 0; i++)
		result = follow(w, depend.items[i], e);
	free(w->path.items[--w->path.count]);
	return result;
}

int
depend_check(const struct host *h, const struct cell *c, struct error *e)
{
	struct walk w = { h, c, VEC_INIT, VEC_INIT };
	int result = 0;

	if (cell_names_property(c, "depend"))
		result = visit(&w, c, e);
	strings_fini(&w.path);
	strings_fini(&w.seen);
	return result;
}
