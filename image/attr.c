/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "image/attr.h"

void
attrs_fini(struct attrs *a)
{
	for (size_t i = 0; i < a->count; i++) {
		free(a->items[i].name);
		free(a->items[i].value);
	}
	VEC_FINI(a);
}

void
attrs_add(struct attrs *a, const char *name, const void *value, size_t len)
{
	char *copy = xrealloc(NULL, len + 1);

	if (len > 0)
		memcpy(copy, value, len);
	copy[len] = '\0';
	VEC_PUSH(a, (struct attr){ xstrdup(name), copy, len });
}

char *
attr_key(const char *name)
{
	struct buf key = BUF_INIT;

	if (strchr(name, '=') == NULL)
		return xasprintf(ATTR_XATTR "%s", name);
	buf_puts(&key, ATTR_CODED);
	for (; *name != '\0'; name++) {
		if (*name == '=' || *name == '%')
			buf_printf(&key, "%%%02X", (unsigned char)*name);
		else
			buf_putc(&key, *name);
	}
	return buf_steal(&key);
}

char *
attr_name(const char *key)
{
	struct buf name = BUF_INIT;

	if (strncmp(key, ATTR_XATTR, sizeof(ATTR_XATTR) - 1) == 0)
		return xstrdup(key + sizeof(ATTR_XATTR) - 1);
	if (strncmp(key, ATTR_CODED, sizeof(ATTR_CODED) - 1) != 0)
		return NULL;
	for (key += sizeof(ATTR_CODED) - 1; *key != '\0'; key++) {
		if (strncmp(key, "%3D", 3) == 0 ||
		    strncmp(key, "%25", 3) == 0) {
			buf_putc(&name, key[1] == '3' ? '=' : '%');
			key += 2;
		} else {
			buf_putc(&name, *key);
		}
	}
	return name.len > 0 ? buf_steal(&name) : xstrdup("");
}
