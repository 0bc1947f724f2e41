/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* config.json and defaults.json of iocage: one flat object each. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "core/iocage_prop.h"

static void
skip_space(const char **p)
{
	*p += strspn(*p, " \t\r\n");
}

static int
unreadable(struct error *e)
{
	return error_set(e, ERROR_DATA, "it is no flat object of JSON");
}

/* A string; of \u only what is ASCII, the rest is written as it is. */
static int
take_string(const char **p, struct buf *out, struct error *e)
{
	static const char escapes[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";

	if (*(*p)++ != '"')
		return unreadable(e);
	for (; **p != '"'; (*p)++) {
		const char *escape;

		if ((unsigned char)**p < ' ')
			return unreadable(e);
		if (**p != '\\') {
			buf_putc(out, **p);
			continue;
		}
		(*p)++;
		if (**p == 'u') {
			AUTO_FREE char *digits = xstrndup(*p + 1, 4);
			char *end;
			unsigned long c = strtoul(digits, &end, 16);

			if (strlen(digits) != 4 || *end != '\0' || c < ' ' ||
			    c > '~')
				return unreadable(e);
			buf_putc(out, (char)c);
			*p += 4;
			continue;
		}
		escape = **p == '\0' ? NULL : strchr(escapes, **p);
		if (escape == NULL)
			return unreadable(e);
		buf_putc(out, bytes[escape - escapes]);
	}
	(*p)++;
	return 0;
}

static int
take_value(const char **p, struct buf *out, struct error *e)
{
	size_t len;

	if (**p == '"')
		return take_string(p, out, e);
	len = strspn(*p, "abcdefghijklmnopqrstuvwxyz0123456789.+-E");
	if (len == 0)
		return unreadable(e);
	buf_append(out, *p, len);
	*p += len;
	return 0;
}

int
iocage_json(const char *p, struct strings *pairs, struct error *e)
{
	skip_space(&p);
	if (*p++ != '{')
		return unreadable(e);
	skip_space(&p);
	if (*p == '}')
		return 0;
	for (;;) {
		AUTO_BUF struct buf key = BUF_INIT, value = BUF_INIT;

		skip_space(&p);
		if (take_string(&p, &key, e) < 0)
			return -1;
		skip_space(&p);
		if (*p++ != ':')
			return unreadable(e);
		skip_space(&p);
		if (take_value(&p, &value, e) < 0)
			return -1;
		strings_add(pairs, buf_text(&key));
		strings_add(pairs, buf_text(&value));
		skip_space(&p);
		if (*p == '}')
			return 0;
		if (*p++ != ',')
			return unreadable(e);
	}
}
