/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/auto.h"
#include "base/num.h"
#include "compat/bastille/bastille.h"
#include "core/live.h"
#include "view/cells.h"

struct lookup {
	struct compat *c;
	struct cells cells;
	unsigned kind;
	struct strings *names;
};

static void
add(struct lookup *l, const char *name)
{
	if (strings_index(l->names, name) < 0)
		strings_add(l->names, name);
}

static bool
add_jid(struct lookup *l, const char *word, struct error *e)
{
	struct live_rows live = VEC_INIT;
	bool found = false;
	int64_t jid;

	if (strspn(word, "0123456789") != strlen(word) ||
	    parse_int(word, 1, INT32_MAX, &jid, e) < 0 ||
	    live_all(l->c->host, &live, e) < 0) {
		error_clear(e);
		return false;
	}
	for (size_t i = 0; i < live.count && !found; i++)
		if (live.items[i].jid == jid) {
			add(l, live.items[i].name);
			found = true;
		}
	live_rows_fini(&live);
	return found;
}

static bool
add_tagged(struct lookup *l, const char *word)
{
	bool found = false;

	for (size_t i = 0; i < l->cells.count; i++) {
		AUTO_STRINGS struct strings tags = VEC_INIT;

		cells_values(&l->cells, i, CELLS_TAG, &tags);
		if (strings_index(&tags, word) < 0)
			continue;
		add(l, cells_name(&l->cells, i));
		found = true;
	}
	return found;
}

/* The only jail whose name begins so. */
static int
add_beginning(struct lookup *l, const char *word, struct error *e)
{
	const char *found = NULL;
	size_t len = strlen(word);

	for (size_t i = 0; i < l->cells.count; i++) {
		const char *name = cells_name(&l->cells, i);

		if (strncmp(name, word, len) != 0)
			continue;
		if (found != NULL)
			return error_set(e, ERROR_NOT_FOUND, "'%s' is the "
			    "beginning of several names: %s, %s", word, found,
			    name);
		found = name;
	}
	if (found != NULL && (l->kind & TARGET_TOUCH))
		return error_set(e, ERROR_NOT_FOUND, "Jail not found \"%s\". "
		    "There is '%s', but 'bastille %s' takes no beginnings of "
		    "names", word, found, l->c->cmd->name);
	if (found == NULL)
		return error_set(e, ERROR_NOT_FOUND, "Jail not found \"%s\"",
		    word);
	add(l, found);
	return 0;
}

static int
add_word(struct lookup *l, const char *word, struct error *e)
{
	if (cells_find(&l->cells, word) >= 0)
		add(l, word);
	else if (!add_jid(l, word, e) && !add_tagged(l, word))
		return add_beginning(l, word, e);
	return 0;
}

static int
add_all(struct lookup *l, const char *target, struct error *e)
{
	AUTO_FREE char *copy = xstrdup(target);
	char *rest = copy, *word;

	if (strcasecmp(target, "ALL") == 0) {
		for (size_t i = 0; i < l->cells.count; i++)
			add(l, cells_name(&l->cells, i));
		return 0;
	}
	while ((word = strsep(&rest, " \t\n")) != NULL)
		if (*word != '\0' && add_word(l, word, e) < 0)
			return -1;
	if (l->names->count == 0)
		return error_set(e, ERROR_USAGE, "TARGET is empty");
	return 0;
}

static int64_t
priority(const struct lookup *l, const char *name)
{
	ssize_t row = cells_find(&l->cells, name);
	const char *text = row < 0 ? NULL :
	    cells_value(&l->cells, (size_t)row, CELLS_PRIORITY);
	struct error ignored = ERROR_INIT;
	int64_t n = 99;

	if (text != NULL && parse_int(text, INT32_MIN, INT32_MAX, &n,
	    &ignored) < 0)
		return 99;
	return n;
}

/* Few, and mostly in order already. */
static void
sort(struct lookup *l)
{
	int sign = l->kind & TARGET_DOWN ? -1 : 1;

	strings_sort(l->names);
	for (size_t i = 1; i < l->names->count; i++) {
		char *name = l->names->items[i];
		int64_t mine = priority(l, name);
		size_t k = i;

		while (k > 0 && sign * priority(l, l->names->items[k - 1]) >
		    sign * mine) {
			l->names->items[k] = l->names->items[k - 1];
			k--;
		}
		l->names->items[k] = name;
	}
}

int
bastille_targets(struct compat *c, const char *target, unsigned kind,
    struct strings *names, struct error *e)
{
	struct lookup l = { c, CELLS_INIT, kind, names };
	int result = cells_load(c->host, NULL, &l.cells, e);

	if (result == 0)
		result = add_all(&l, target, e);
	if (result == 0)
		sort(&l);
	cells_fini(&l.cells);
	return result;
}

int
bastille_target(struct compat *c, const char *target, unsigned kind,
    char **name, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (strcasecmp(target, "ALL") == 0)
		return error_set(e, ERROR_USAGE, "[all|ALL] not supported.");
	if (bastille_targets(c, target, kind, &names, e) < 0)
		return -1;
	if (names.count != 1)
		return error_set(e, ERROR_USAGE, "'%s' stands for %zu jails, "
		    "one is needed", target, names.count);
	*name = xstrdup(names.items[0]);
	return 0;
}

int
bastille_each(struct compat *c, const struct strings *names, bastille_fn *fn,
    void *arg, struct error *e)
{
	size_t failed = 0;

	for (size_t i = 0; i < names->count; i++) {
		struct error why = ERROR_INIT;

		if (bastille_header(c, names->items[i], e) < 0)
			return -1;
		c->status = 0;
		if (fn(c, names->items[i], arg, &why) < 0) {
			if (names->count == 1) {
				*e = why;
				return -1;
			}
			bastille_error(c, &why);
			failed++;
		} else if (c->status != 0) {
			failed++;
		}
	}
	/* how a shell ended is its user's business */
	if (failed == 0 || c->cmd == &bastille_console)
		return 0;
	/* of one, its own status stays */
	if (names->count > 1)
		c->status = 1;
	return error_set(e, ERROR_FAILED, "Command failed on %zu jails.",
	    failed);
}

int
bastille_for(struct compat *c, unsigned kind, bastille_fn *fn, void *arg,
    struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (bastille_targets(c, c->operands.items[0], kind, &names, e) < 0)
		return -1;
	return bastille_each(c, &names, fn, arg, e);
}

int
bastille_need_up(struct compat *c, const char *jail, bool automatic,
    struct error *e)
{
	if (compat_runs(c, jail))
		return 0;
	if (!automatic)
		return error_set(e, ERROR_FAILED, "Jail is not running. Use "
		    "[-a|--auto] to auto-start the jail.");
	return compat_call(c, e, "start", jail, NULL);
}

int
bastille_need_down(struct compat *c, const char *jail, bool automatic,
    bool *was_up, struct error *e)
{
	*was_up = compat_runs(c, jail);
	if (!*was_up)
		return 0;
	if (!automatic)
		return error_set(e, ERROR_BUSY, "Jail is running. Use "
		    "[-a|--auto] to auto-stop the jail.");
	return compat_call(c, e, "stop", jail, NULL);
}
