/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fnmatch.h>
#include <string.h>

#include "base/auto.h"
#include "base/num.h"
#include "cmd/cmd.h"
#include "core/life.h"
#include "view/cells.h"

/* The first source names each jail once: no need to look. */
static void
add_once(struct strings *names, bool first, const char *name)
{
	if (first || strings_index(names, name) < 0)
		strings_add(names, name);
}

static bool
has_tag(const struct cells *cells, size_t row, const char *tag)
{
	AUTO_STRINGS struct strings tags = VEC_INIT;

	cells_values(cells, row, CELLS_TAG, &tags);
	return strings_index(&tags, tag) >= 0;
}

static int
no_such_tag(const struct cells *cells, const char *tag, struct error *e)
{
	AUTO_FREE char *near = NULL;
	unsigned best = 3;

	for (size_t i = 0; i < cells->count; i++) {
		AUTO_STRINGS struct strings tags = VEC_INIT;

		cells_values(cells, i, CELLS_TAG, &tags);
		for (size_t k = 0; k < tags.count; k++) {
			unsigned d = word_distance(tag, tags.items[k]);

			/* a word of two letters is near to any other */
			if (d >= best || d >= strlen(tag))
				continue;
			best = d;
			free(near);
			near = xstrdup(tags.items[k]);
		}
	}
	if (near != NULL)
		return error_set(e, ERROR_NOT_FOUND, "no jail has the tag '%s' "
		    "(did you mean '%s'?)", tag, near);
	return error_set(e, ERROR_NOT_FOUND, "no jail has the tag '%s'", tag);
}

static int
add_tagged(const struct host *h, const char *tag, struct strings *names,
    struct error *e)
{
	AUTO_CELLS struct cells cells = CELLS_INIT;
	bool any = false, first = names->count == 0;

	if (name_check_tag(tag, e) < 0 || cells_load(h, NULL, &cells, e) < 0)
		return -1;
	for (size_t i = 0; i < cells.count; i++)
		if (has_tag(&cells, i, tag)) {
			add_once(names, first, cells_name(&cells, i));
			any = true;
		}
	return any ? 0 : no_such_tag(&cells, tag, e);
}

static int
add_matching(const struct host *h, const char *pattern, struct strings *names,
    struct error *e)
{
	AUTO_STRINGS struct strings all = VEC_INIT;
	struct error ignored = ERROR_INIT;
	bool any = false, first = names->count == 0;

	if (cell_names(h, &all, e) < 0)
		return -1;
	for (size_t i = 0; i < all.count; i++) {
		/* lost+found is no jail, nor is what has no cell.conf */
		if (fnmatch(pattern, all.items[i], 0) != 0 ||
		    name_check_cell(all.items[i], &ignored) < 0 ||
		    !cell_exists(h, all.items[i]))
			continue;
		add_once(names, first, all.items[i]);
		any = true;
	}
	if (any)
		return 0;
	return error_set(e, ERROR_NOT_FOUND, "no jail's name matches '%s'",
	    pattern);
}

static int
add_exact(const struct host *h, const char *name, struct strings *names,
    struct error *e)
{
	AUTO_CELL struct cell c = CELL_INIT;

	if (name_check_cell(name, e) < 0)
		return -1;
	/* of a jail whose create or destroy was interrupted something is left;
	 * only the loader knows what is near to a wrong name */
	if (!cell_exists(h, name) && (life_sweep(h, name, e) < 0 ||
	    cell_load(h, name, &c, e) < 0))
		return -1;
	add_once(names, false, name);
	return 0;
}

static bool
is_pattern(const char *operand)
{
	return strpbrk(operand, "*?[") != NULL;
}

int
targets_resolve(const struct cmd_args *a, const struct strings *operands,
    struct strings *names, struct error *e)
{
	for (size_t i = 0; i < operands->count; i++) {
		const char *t = operands->items[i];
		int result;

		if (strcmp(t, "ALL") == 0) {
			result = add_matching(a->host, "*", names, e);
			if (result < 0 && e->kind == ERROR_NOT_FOUND)
				result = 0;
		} else if (*t == '@') {
			result = add_tagged(a->host, t + 1, names, e);
		} else if (is_pattern(t)) {
			result = add_matching(a->host, t, names, e);
		} else {
			result = add_exact(a->host, t, names, e);
		}
		if (result < 0)
			return -1;
	}
	return 0;
}

int
targets_resolve_running(const struct cmd_args *a,
    const struct strings *operands, struct strings *names, struct error *e)
{
	AUTO_STRINGS struct strings all = VEC_INIT;
	struct live_rows live = VEC_INIT;
	int result = targets_resolve(a, operands, &all, e);
	bool exact = true;

	for (size_t i = 0; i < all.count; i++)
		exact = exact && targets_exact(operands, all.items[i]);
	/* what is named itself need not be looked for among all others */
	if (result == 0 && !exact)
		result = live_all(a->host, &live, e);
	for (size_t i = 0; result == 0 && i < all.count; i++)
		if (targets_exact(operands, all.items[i]) ||
		    live_find(&live, all.items[i]) != NULL)
			strings_add(names, all.items[i]);
	live_rows_fini(&live);
	return result;
}

/* What one jail needs, when it is not there already. */
static void
add_needed(const struct cmd_args *a, const struct cells *cells, size_t row,
    struct strings *names, struct strings *missing)
{
	AUTO_STRINGS struct strings depend = VEC_INIT;

	cells_values(cells, row, CELLS_DEPEND, &depend);
	for (size_t i = 0; i < depend.count; i++) {
		if (cell_exists(a->host, depend.items[i])) {
			add_once(names, false, depend.items[i]);
			continue;
		}
		strings_add(missing, cells_name(cells, row));
		strings_take(missing, xasprintf("depends on '%s', which does "
		    "not exist", depend.items[i]));
	}
}

int
targets_add_needed(const struct cmd_args *a, struct strings *names,
    struct strings *missing, struct error *e)
{
	size_t done = 0;

	/* each round loads those that the last one added */
	while (done < names->count) {
		struct strings fresh = { names->items + done,
		    names->count - done, 0 };
		AUTO_CELLS struct cells cells = CELLS_INIT;

		if (cells_load(a->host, &fresh, &cells, e) < 0)
			return -1;
		done = names->count;
		for (size_t i = 0; i < cells.count; i++)
			add_needed(a, &cells, i, names, missing);
	}
	return 0;
}

int
targets_one(const struct cmd_args *a, const char *operand, char **name,
    struct error *e)
{
	AUTO_STRINGS struct strings operands = VEC_INIT, names = VEC_INIT;

	strings_add(&operands, operand);
	if (targets_resolve(a, &operands, &names, e) < 0)
		return -1;
	if (names.count != 1)
		return error_set(e, ERROR_USAGE, "%s: one jail is needed, "
		    "'%s' stands for %zu", a->cmd->name, operand, names.count);
	*name = xstrdup(names.items[0]);
	return 0;
}

bool
targets_exact(const struct strings *operands, const char *name)
{
	return strings_index(operands, name) >= 0;
}
