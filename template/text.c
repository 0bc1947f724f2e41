/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/xalloc.h"
#include "template/text.h"

VEC_TYPE(joints, struct text_joint);

/* What stands between p and the end of its line, "\r\n" being one as well. */
static size_t
line_length(const char *p, const char *end, const char **next)
{
	const char *newline = memchr(p, '\n', (size_t)(end - p));
	size_t len = (size_t)((newline != NULL ? newline : end) - p);

	*next = newline != NULL ? newline + 1 : end;
	if (len > 0 && p[len - 1] == '\r')
		len--;
	return len;
}

static bool
is_code(const char *text)
{
	text += strspn(text, " \t");
	return *text != '\0' && *text != '#';
}

/* One line with those that continue it; returns what follows. */
static const char *
take_line(const char *p, const char *end, unsigned *number, struct buf *text,
    struct joints *joints)
{
	bool more = true;

	while (more && p < end) {
		const char *next;
		size_t len = line_length(p, end, &next);
		struct text_joint joint = { text->len, ++*number, 1 };

		more = len > 0 && p[len - 1] == '\\';
		VEC_PUSH(joints, joint);
		buf_append(text, p, more ? len - 1 : len);
		p = next;
	}
	return p;
}

int
text_init(struct text *t, const char *file, const char *data, size_t len,
    struct error *e)
{
	const char *p = data, *end = data + len;
	unsigned number = 0;

	t->file = xstrdup(file);
	if (len > 0 && memchr(data, '\0', len) != NULL)
		return error_set(e, ERROR_DATA,
		    "%s: it is no text: there is a NUL byte in it", file);
	while (p < end) {
		AUTO_BUF struct buf text = BUF_INIT;
		struct joints joints = VEC_INIT;

		buf_puts(&text, "");
		p = take_line(p, end, &number, &text, &joints);
		if (!is_code(buf_text(&text))) {
			VEC_FINI(&joints);
			continue;
		}
		VEC_PUSH(&t->lines, (struct text_line) { buf_steal(&text),
		    joints.items, joints.count });
	}
	return 0;
}

void
text_fini(struct text *t)
{
	for (size_t i = 0; i < t->lines.count; i++) {
		free(t->lines.items[i].text);
		free(t->lines.items[i].joints);
	}
	VEC_FINI(&t->lines);
	free(t->file);
	t->file = NULL;
}

unsigned
text_number(const struct text_line *l)
{
	return l->joints[0].line;
}

int
text_error(const struct text *t, const struct text_line *l, size_t offset,
    struct error *e, const char *fmt, ...)
{
	const struct text_joint *j = &l->joints[0];
	va_list ap;
	AUTO_BUF struct buf why = BUF_INIT;

	for (size_t i = 1; i < l->joint_count; i++)
		if (l->joints[i].offset <= offset)
			j = &l->joints[i];
	va_start(ap, fmt);
	buf_vprintf(&why, fmt, ap);
	va_end(ap);
	return error_set(e, ERROR_DATA, "%s:%u:%zu: %s", t->file, j->line,
	    offset - j->offset + j->column, buf_text(&why));
}
