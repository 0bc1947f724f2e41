/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "compat/iocage/iocage.h"

void
ioc_table_fini(struct ioc_table *t)
{
	strings_fini(&t->cells);
}

void
ioc_row(struct ioc_table *t, const char *first, ...)
{
	va_list ap;

	va_start(ap, first);
	for (const char *w = first; w != NULL; w = va_arg(ap, const char *))
		strings_add(&t->cells, w);
	va_end(ap);
}

/* Characters, a tab reaching to the next multiple of 8. */
static size_t
width_of(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		if (*text == '\t')
			n = (n / 8 + 1) * 8;
		else if (((unsigned char)*text & 0xc0) != 0x80)
			n++;
	return n;
}

static void
put(struct buf *out, const char *text, size_t before, size_t after)
{
	size_t n = 0;

	buf_printf(out, "%*s", (int)before, "");
	for (; *text != '\0'; text++) {
		if (*text != '\t') {
			buf_putc(out, *text);
			n += ((unsigned char)*text & 0xc0) != 0x80;
			continue;
		}
		do
			buf_putc(out, ' ');
		while (++n % 8 != 0);
	}
	buf_printf(out, "%*s", (int)after, "");
}

static void
rule(struct buf *out, const size_t *widths, size_t columns, char c)
{
	for (size_t i = 0; i < columns; i++) {
		buf_putc(out, '+');
		for (size_t n = 0; n < widths[i] + 2; n++)
			buf_putc(out, c);
	}
	buf_puts(out, "+\n");
}

static void
draw(const struct ioc_table *t, struct buf *out)
{
	enum { COLUMNS_MAX = 16 };
	size_t widths[COLUMNS_MAX] = { 0 };

	for (size_t i = 0; i < t->cells.count; i++) {
		size_t w = width_of(t->cells.items[i]);

		if (w > widths[i % t->columns])
			widths[i % t->columns] = w;
	}
	rule(out, widths, t->columns, '-');
	for (size_t i = 0; i < t->cells.count; i += t->columns) {
		for (size_t k = 0; k < t->columns; k++) {
			const char *text = t->cells.items[i + k];
			size_t fill = widths[k] - width_of(text);
			size_t before = i == 0 ? fill / 2 : 0;

			buf_puts(out, k == 0 ? "| " : " | ");
			put(out, text, before, fill - before);
		}
		buf_puts(out, " |\n");
		rule(out, widths, t->columns, i == 0 ? '=' : '-');
	}
}

int
ioc_print_table(const struct ioc_table *t, bool bare, struct error *e)
{
	AUTO_BUF struct buf out = BUF_INIT;

	if (!bare)
		draw(t, &out);
	for (size_t i = t->columns; bare && i < t->cells.count; i++)
		buf_printf(&out, "%s%c", t->cells.items[i],
		    (i + 1) % t->columns == 0 ? '\n' : '\t');
	return cmd_print_text(&out, e);
}

void
ioc_bytes(uint64_t n, struct buf *out)
{
	static const char units[] = "BKMGTPE";
	size_t unit = 0;
	uint64_t whole = n;
	double value;

	if (n == UINT64_MAX) {
		buf_puts(out, "none");
		return;
	}
	while (whole >= 1024 && unit < 6) {
		whole /= 1024;
		unit++;
	}
	value = (double)n / (double)((uint64_t)1 << (10 * unit));
	if (unit == 0 || n == whole << (10 * unit)) {
		buf_printf(out, "%llu%c", (unsigned long long)whole,
		    units[unit]);
		return;
	}
	for (int digits = 2; digits >= 0; digits--) {
		char text[32];

		snprintf(text, sizeof(text), "%.*f", digits, value);
		if (strlen(text) <= 4 || digits == 0) {
			buf_printf(out, "%s%c", text, units[unit]);
			return;
		}
	}
}

/* The number behind the last "_", -1 without. */
static long
number_of(const char *name, size_t *base)
{
	const char *bar = strrchr(name, '_');
	const char *digits = bar != NULL ? bar + 1 : name;

	*base = bar != NULL ? (size_t)(bar - name) : 0;
	if (*digits == '\0' || strspn(digits, "0123456789") != strlen(digits)) {
		*base = strlen(name);
		return -1;
	}
	return strtol(digits, NULL, 10);
}

int
ioc_compare(const char *a, const char *b)
{
	size_t base_a, base_b;
	long x = number_of(a, &base_a), y = number_of(b, &base_b);
	size_t shorter = base_a < base_b ? base_a : base_b;
	int order = strncmp(a, b, shorter);

	if (order != 0)
		return order;
	if (base_a != base_b)
		return base_a < base_b ? -1 : 1;
	return x < y ? -1 : x > y;
}

static int
by_name(const void *a, const void *b)
{
	return ioc_compare(*(char *const *)a, *(char *const *)b);
}

void
ioc_sort(struct strings *names)
{
	if (names->count > 1)
		qsort(names->items, names->count, sizeof(*names->items),
		    by_name);
}
