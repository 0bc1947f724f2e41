/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "template/vars.h"

static const char letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
static const char name_bytes[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

void
vars_fini(struct vars *v)
{
	for (size_t i = 0; i < v->count; i++) {
		free(v->items[i].name);
		free(v->items[i].value);
	}
	VEC_FINI(v);
}

void
vars_copy(struct vars *to, const struct vars *from)
{
	for (size_t i = 0; i < from->count; i++)
		vars_set(to, from->items[i].name, from->items[i].value);
}

bool
vars_is_name(const char *name, size_t len)
{
	return len > 0 && name[0] != '\0' && strchr(letters, name[0]) != NULL &&
	    strspn(name, name_bytes) >= len;
}

static struct var *
find(const struct vars *v, const char *name, size_t len)
{
	for (size_t i = 0; i < v->count; i++)
		if (strncmp(v->items[i].name, name, len) == 0 &&
		    v->items[i].name[len] == '\0')
			return &v->items[i];
	return NULL;
}

void
vars_set(struct vars *v, const char *name, const char *value)
{
	struct var *old = find(v, name, strlen(name));

	if (old == NULL) {
		VEC_PUSH(v, (struct var) { xstrdup(name), xstrdup(value) });
	} else {
		free(old->value);
		old->value = xstrdup(value);
	}
}

int
vars_assign(struct vars *v, const char *assignment, struct error *e)
{
	const char *equals = strchr(assignment, '=');
	size_t len = equals != NULL ? (size_t)(equals - assignment) : 0;
	char *name;

	if (!vars_is_name(assignment, len))
		return error_set(e, ERROR_USAGE, "'%s' is not NAME=VALUE, with "
		    "letters, digits and _ in the name", assignment);
	name = xstrndup(assignment, len);
	vars_set(v, name, equals + 1);
	free(name);
	return 0;
}

const char *
vars_find(const struct vars *v, const char *name, size_t len)
{
	const struct var *found = find(v, name, len);

	return found != NULL ? found->value : NULL;
}

size_t
vars_reference(const char *p, size_t *name_len)
{
	size_t len;

	if (p[0] != '$' || p[1] != '{')
		return 0;
	len = strspn(p + 2, name_bytes);
	if (!vars_is_name(p + 2, len) || p[2 + len] != '}')
		return 0;
	*name_len = len;
	return len + 3;
}

void
vars_expand(const struct vars *v, const char *text, size_t len,
    struct buf *out)
{
	const char *end = text + len;

	while (text < end) {
		size_t name_len, skip = vars_reference(text, &name_len);
		const char *value = skip == 0 ? NULL :
		    vars_find(v, text + 2, name_len);

		if (value != NULL && value[0] != '\0') {
			buf_puts(out, value);
			text += skip;
		} else {
			buf_putc(out, *text++);
		}
	}
}
