/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "view/property.h"
#include "view/view.h"

static void
one_value(const struct prop *p, const char *value, struct buf *out)
{
	if (p->type == PROP_BOOL)
		buf_puts(out, strcmp(value, "on") == 0 ? "true" : "false");
	else if (p->type == PROP_INT)
		buf_puts(out, value);
	else
		json_string(out, value);
}

void
property_json(const struct prop *p, const struct strings *values,
    struct buf *out)
{
	bool list = p->flags & PROP_LIST;

	if (values->count == 0 && !list) {
		buf_puts(out, "null");
		return;
	}
	if (list)
		buf_putc(out, '[');
	for (size_t i = 0; i < values->count; i++) {
		if (i > 0)
			buf_putc(out, ',');
		one_value(p, values->items[i], out);
	}
	if (list)
		buf_putc(out, ']');
}

char *
property_text(const struct strings *values)
{
	return values->count > 0 ? strings_join(values, ",") : NULL;
}

struct entry {
	const struct prop *prop;
	const char *name;
	bool from_file;
};

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name,
	    ((const struct entry *)b)->name);
}

void
property_each(const struct cell *c, bool all, property_fn *fn, void *arg)
{
	VEC(struct entry) entries = VEC_INIT;

	for (size_t i = 0; i < c->values.count; i++)
		VEC_PUSH(&entries, (struct entry){ c->values.items[i].prop,
		    c->values.items[i].name, true });
	for (size_t i = 0; all && i < prop_count; i++) {
		const struct prop *p = &prop_table[i];

		if (!(p->flags & (PROP_FAMILY | PROP_READONLY)) &&
		    p->fallback != NULL && !cell_names_property(c, p->name))
			VEC_PUSH(&entries, (struct entry){ p, p->name, false });
	}
	if (entries.count > 1)
		qsort(entries.items, entries.count, sizeof(*entries.items),
		    compare);
	for (size_t i = 0; i < entries.count; i++) {
		AUTO_STRINGS struct strings values = VEC_INIT;

		cell_get(c, entries.items[i].prop, entries.items[i].name,
		    &values);
		fn(entries.items[i].prop, entries.items[i].name, &values,
		    entries.items[i].from_file, arg);
	}
	VEC_FINI(&entries);
}

void
property_pending(const struct cell *running, const struct cell *file,
    struct strings *names)
{
	const struct cell *both[] = { running, file };

	for (size_t n = 0; n < 2; n++)
		for (size_t i = 0; i < both[n]->values.count; i++) {
			const struct cell_value *v = &both[n]->values.items[i];
			AUTO_STRINGS struct strings old = VEC_INIT;
			AUTO_STRINGS struct strings new = VEC_INIT;

			cell_get(running, v->prop, v->name, &old);
			cell_get(file, v->prop, v->name, &new);
			AUTO_FREE char *before = strings_join(&old, "\n");
			AUTO_FREE char *after = strings_join(&new, "\n");
			if (!(v->prop->flags & PROP_LIVE) &&
			    strcmp(before, after) != 0 &&
			    strings_index(names, v->name) < 0)
				strings_add(names, v->name);
		}
	strings_sort(names);
}
