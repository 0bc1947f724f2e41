/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <inttypes.h>
#include <string.h>

#include "view/rows.h"
#include "view/text.h"

static void
escape(struct buf *out, uint32_t point)
{
	static const char named[] = "\b\t\n\f\r";
	const char *at = point < 0x20 && point != 0 ?
	    strchr(named, (int)point) : NULL;

	if (at != NULL)
		buf_printf(out, "\\%c", "btnfr"[at - named]);
	else
		buf_printf(out, "\\u%04x", (unsigned)point);
}

/* All that could harm a terminal is below U+10000: one \u escape will do. */
void
json_string(struct buf *out, const char *text)
{
	const char *start = text;
	size_t len;

	buf_putc(out, '"');
	while (*text >= 0x20 && *text < 0x7f && *text != '"' && *text != '\\')
		text++;		/* nearly all text */
	for (; *text != '\0'; text += len) {
		uint32_t p = text_decode(text, &len);

		if (p != '"' && p != '\\' && text_harmless(p))
			continue;
		buf_append(out, start, (size_t)(text - start));
		if (p == '"' || p == '\\')
			buf_printf(out, "\\%c", (int)p);
		else
			escape(out, p);
		start = text + len;
	}
	buf_append(out, start, (size_t)(text - start));
	buf_putc(out, '"');
}

static void
json_list(const struct view *v, const struct view_slot *s, struct buf *out)
{
	const char *item = view_slot_text(v, s->text);

	buf_putc(out, '[');
	for (int64_t i = 0; i < s->number; i++) {
		if (i > 0)
			buf_putc(out, ',');
		json_string(out, item);
		item += strlen(item) + 1;
	}
	buf_putc(out, ']');
}

static void
json_slot(const struct view *v, const struct view_slot *s,
    enum view_type type, struct buf *out)
{
	if (!s->set) {
		buf_puts(out, "null");
		return;
	}
	switch (type) {
	case VIEW_TEXT:
		json_string(out, view_slot_text(v, s->text));
		break;
	case VIEW_NUMBER:
		buf_printf(out, "%" PRId64, s->number);
		break;
	case VIEW_BOOL:
		buf_puts(out, s->number != 0 ? "true" : "false");
		break;
	case VIEW_LIST:
		json_list(v, s, out);
		break;
	case VIEW_RAW:
		buf_puts(out, view_slot_text(v, s->text));
		break;
	}
}

void
view_json_row(const struct view *v, size_t row, struct buf *out)
{
	buf_putc(out, '{');
	for (size_t i = 0; i < v->chosen_count; i++) {
		const struct view_column *c = &v->columns[v->chosen[i]];

		if (i > 0)
			buf_putc(out, ',');
		json_string(out, c->key);
		buf_putc(out, ':');
		json_slot(v, view_slot(v, row, i), c->type, out);
	}
	buf_putc(out, '}');
}
