/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>

#include "base/auto.h"
#include "compat/iocage/iocage.h"

char *
ioc_dataset(const char *name)
{
	return xasprintf("gaol/jails/%s", name);
}

int
ioc_cannot(const struct compat *c, const char *why, struct error *e)
{
	return error_set(e, ERROR_UNSUPPORTED, "iocage %s: %s", c->cmd->name,
	    why);
}

bool
ioc_is_template(const struct compat *c, const char *name)
{
	AUTO_CELL struct cell cell = CELL_INIT;
	AUTO_STRINGS struct strings tags = VEC_INIT;
	struct error ignored = ERROR_INIT;

	if (cell_load(c->host, name, &cell, &ignored) < 0)
		return false;
	cell_values(&cell, "tag", &tags);
	return strings_index(&tags, "template") >= 0;
}

int
ioc_target(struct compat *c, const char *word, bool exact, char **name,
    struct error *e)
{
	AUTO_STRINGS struct strings all = VEC_INIT, found = VEC_INIT;
	AUTO_BUF struct buf text = BUF_INIT;

	if (strchr(word, '/') != NULL)
		return error_set(e, ERROR_NOT_FOUND, "jail '%s' not found "
		    "('/' not allowed in jail name)!", word);
	if (cell_names(c->host, &all, e) < 0)
		return -1;
	if (strings_index(&all, word) >= 0) {
		*name = xstrdup(word);
		return 0;
	}
	for (size_t i = 0; *word != '\0' && i < all.count; i++)
		if (strncmp(all.items[i], word, strlen(word)) == 0)
			strings_add(&found, all.items[i]);
	if (found.count == 0)
		return error_set(e, ERROR_NOT_FOUND, "jail '%s' not found!",
		    word);
	if (found.count == 1 && exact)
		return error_set(e, ERROR_NOT_FOUND, "jail '%s' not found! "
		    "%s is begun by that, but what destroys needs the whole "
		    "name", word, found.items[0]);
	if (found.count == 1) {
		*name = xstrdup(found.items[0]);
		return 0;
	}
	for (size_t i = 0; i < found.count; i++)
		buf_printf(&text, " %s (%s/jails/%s)", found.items[i],
		    c->host->root, found.items[i]);
	return error_set(e, ERROR_NOT_FOUND, "Multiple jails found for %s:%s",
	    word, buf_text(&text));
}

int
ioc_targets(struct compat *c, const struct strings *words,
    struct strings *names, struct error *e)
{
	for (size_t i = 0; i < words->count; i++) {
		char *name = NULL;

		/* "WALL" is no "ALL" */
		if (strcmp(words->items[i], "ALL") == 0) {
			AUTO_STRINGS struct strings all = VEC_INIT;

			if (cell_names(c->host, &all, e) < 0)
				return -1;
			ioc_sort(&all);
			for (size_t k = 0; k < all.count; k++)
				if (strings_index(names, all.items[k]) < 0 &&
				    !ioc_is_template(c, all.items[k]))
					strings_add(names, all.items[k]);
			continue;
		}
		if (ioc_target(c, words->items[i], false, &name, e) < 0)
			return -1;
		if (strings_index(names, name) < 0)
			strings_take(names, name);
		else
			free(name);
	}
	return 0;
}

int
ioc_each(struct compat *c, const struct strings *names, ioc_fn *one,
    struct error *e)
{
	struct error last = ERROR_INIT;

	for (size_t i = 0; i < names->count; i++) {
		struct error why = ERROR_INIT;

		if (one(c, names->items[i], &why) == 0)
			continue;
		if (last.kind != ERROR_NONE)
			c->tool->print_error(c, &last);
		last = why;
	}
	if (last.kind == ERROR_NONE)
		return 0;
	*e = last;
	return -1;
}
