/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/num.h"

int
parse_uint(const char *s, uint64_t min, uint64_t max, uint64_t *value,
    struct error *e)
{
	uint64_t v = 0;

	if (*s == '\0')
		return error_set(e, ERROR_USAGE, "a number is missing");
	for (const char *p = s; *p != '\0'; p++) {
		unsigned digit = (unsigned)(*p - '0');

		if (digit > 9)
			return error_set(e, ERROR_USAGE,
			    "'%.64s' is not a number", s);
		if (v > (UINT64_MAX - digit) / 10)
			return error_set(e, ERROR_USAGE,
			    "%.64s is too large", s);
		v = v * 10 + digit;
	}
	if (v < min || v > max)
		return error_set(e, ERROR_USAGE, "%.64s is not between %" PRIu64
		    " and %" PRIu64, s, min, max);
	*value = v;
	return 0;
}

int
parse_int(const char *s, int64_t min, int64_t max, int64_t *value,
    struct error *e)
{
	const char *digits = *s == '-' ? s + 1 : s;
	struct error ignored = ERROR_INIT;
	uint64_t v = UINT64_MAX;
	int64_t n;

	if (*s == '\0')
		return error_set(e, ERROR_USAGE, "a number is missing");
	if (digits[strspn(digits, "0123456789")] != '\0' || *digits == '\0')
		return error_set(e, ERROR_USAGE, "'%.64s' is not a number", s);
	/* The lowest has no positive counterpart. */
	if (parse_uint(digits, 0, (uint64_t)INT64_MAX + (digits != s), &v,
	    &ignored) < 0)
		goto range;
	if (digits == s)
		n = (int64_t)v;
	else
		n = v > INT64_MAX ? INT64_MIN : -(int64_t)v;
	if (n < min || n > max)
		goto range;
	*value = n;
	return 0;
range:
	return error_set(e, ERROR_USAGE, "%.64s is not between %" PRId64
	    " and %" PRId64, s, min, max);
}

/* A number with an optional fraction. */
struct fixed {
	uint64_t whole;
	unsigned thousandths;
};

static int
parse_fixed(const char *s, const char **end, struct fixed *f)
{
	unsigned scale = 1000;

	*f = (struct fixed) { 0, 0 };
	if (!isdigit((unsigned char)*s))
		return -1;
	for (; isdigit((unsigned char)*s); s++)
		if (__builtin_mul_overflow(f->whole, 10, &f->whole) ||
		    __builtin_add_overflow(f->whole, (uint64_t)(*s - '0'),
		    &f->whole))
			return -1;
	if (*s == '.') {
		if (!isdigit((unsigned char)*++s))
			return -1;
		for (; isdigit((unsigned char)*s); s++) {
			scale /= 10;
			f->thousandths += scale * (unsigned)(*s - '0');
		}
	}
	*end = s;
	return 0;
}

/* f times unit, rounded down; false when no number holds it. */
static bool
scale_fixed(const struct fixed *f, uint64_t unit, uint64_t *result)
{
	uint64_t part = unit / 1000 * f->thousandths +
	    unit % 1000 * f->thousandths / 1000;

	return !__builtin_mul_overflow(f->whole, unit, result) &&
	    !__builtin_add_overflow(*result, part, result);
}

int
parse_size(const char *s, uint64_t *bytes, struct error *e)
{
	static const char units[] = "KMGTPE";
	const char *end, *unit;
	uint64_t factor = 1, v;
	struct fixed f;

	if (parse_fixed(s, &end, &f) < 0)
		goto bad;
	if (*end != '\0' && toupper((unsigned char)*end) != 'B') {
		unit = strchr(units, toupper((unsigned char)*end));
		if (unit == NULL)
			goto bad;
		factor = (uint64_t)1 << (10 * (unit - units + 1));
		end++;
		if (*end == 'i' && (end[1] == 'B' || end[1] == 'b'))
			end++;
	}
	if (toupper((unsigned char)*end) == 'B')
		end++;
	/* There is no half of a byte: somebody forgot the unit. */
	if (*end != '\0' || (factor == 1 && f.thousandths != 0))
		goto bad;
	if (!scale_fixed(&f, factor, &v))
		return error_set(e, ERROR_USAGE, "%.64s is too large", s);
	*bytes = v;
	return 0;
bad:
	return error_set(e, ERROR_USAGE,
	    "'%.64s' is not a size (examples: 512M, 1.5G)", s);
}

static uint64_t
duration_unit(const char **s)
{
	static const struct {
		const char *name;
		uint64_t ms;
	} units[] = {
		{ "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 },
		{ "d", 86400000 }, { "w", 604800000 },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t len = strlen(units[i].name);

		if (strncmp(*s, units[i].name, len) == 0 &&
		    !isalpha((unsigned char)(*s)[len])) {
			*s += len;
			return units[i].ms;
		}
	}
	return 0;
}

int
parse_duration(const char *s, uint64_t *ms, struct error *e)
{
	const char *p = s;
	uint64_t total = 0, part, unit;
	struct fixed f;

	do {
		if (parse_fixed(p, &p, &f) < 0)
			goto bad;
		unit = *p == '\0' ? 1000 : duration_unit(&p);
		/* Half the range, so that it can be added to a clock. */
		if (unit == 0 || !scale_fixed(&f, unit, &part) ||
		    part > UINT64_MAX / 2 - total)
			goto bad;
		total += part;
	} while (*p != '\0');
	*ms = total;
	return 0;
bad:
	return error_set(e, ERROR_USAGE,
	    "'%.64s' is not a duration (examples: 30, 500ms, 10s, 5m, 1h30m)",
	    s);
}

int
parse_bool(const char *s, bool *value, struct error *e)
{
	static const char *const words[][2] = {
		{ "off", "on" }, { "no", "yes" }, { "false", "true" },
		{ "disable", "enable" }, { "0", "1" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		for (size_t v = 0; v < 2; v++)
			if (strcasecmp(s, words[i][v]) == 0) {
				*value = v == 1;
				return 0;
			}
	return error_set(e, ERROR_USAGE, "'%.64s' is neither on nor off", s);
}

char *
format_size(uint64_t bytes, char text[16])
{
	static const char units[] = " KMGTPE";
	size_t unit = 0;
	uint64_t rest = 0;

	while (bytes >= 1024 && unit < sizeof(units) - 2) {
		rest = bytes % 1024;
		bytes /= 1024;
		unit++;
	}
	if (unit == 0)
		snprintf(text, 16, "%u", (unsigned)bytes);
	else if (bytes < 10)
		snprintf(text, 16, "%u.%u%c", (unsigned)bytes,
		    (unsigned)(rest * 10 / 1024), units[unit]);
	else
		snprintf(text, 16, "%u%c", (unsigned)bytes, units[unit]);
	return text;
}

char *
format_age(uint64_t s, char text[24])
{
	if (s < 60)
		snprintf(text, 24, "%us", (unsigned)s);
	else if (s < 3600)
		snprintf(text, 24, "%um %us", (unsigned)(s / 60),
		    (unsigned)(s % 60));
	else if (s < 86400)
		snprintf(text, 24, "%uh %um", (unsigned)(s / 3600),
		    (unsigned)(s / 60 % 60));
	else
		snprintf(text, 24, "%ud %uh", (unsigned)(s / 86400),
		    (unsigned)(s / 3600 % 24));
	return text;
}

unsigned
word_distance(const char *a, const char *b)
{
	unsigned rows[3][66];
	size_t la = strlen(a), lb = strlen(b);
	unsigned *before = rows[0], *last = rows[1], *row = rows[2];

	if (la > 64 || lb > 64)
		return 64;
	for (size_t j = 0; j <= lb; j++)
		last[j] = before[j] = (unsigned)j;
	for (size_t i = 1; i <= la; i++) {
		unsigned *spare = before;

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= lb; j++) {
			unsigned best = last[j - 1] + (a[i - 1] != b[j - 1]);

			if (last[j] + 1 < best)
				best = last[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			row[j] = best;
		}
		before = last;
		last = row;
		row = spare;
	}
	return last[lb];
}
