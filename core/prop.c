/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/num.h"
#include "core/prop.h"
#include "core/prop_check.h"

/*
 * A command or a variable is one argument of a program; Linux takes 128 KB of
 * one, and nothing else needs as much.
 */
#define VALUE_MAX_LEN 65535

static bool
has_word(const struct prop *p, const char *word)
{
	if (p->words == NULL)
		return false;
	for (const char *const *w = p->words; *w != NULL; w++)
		if (strcmp(*w, word) == 0)
			return true;
	return false;
}

/* inherit, new and perhaps disable: jail(8) lets the name alone mean "new". */
static bool
is_jailsys(const struct prop *p)
{
	return p->type == PROP_ENUM && has_word(p, "new") &&
	    has_word(p, "inherit");
}

static bool
is_vnet(const struct prop *p)
{
	return strcmp(p->name, "vnet") == 0;
}

/* Whether name is a member of the family row "PREFIX.*". */
static bool
is_member(const struct prop *family, const char *name)
{
	size_t prefix = strlen(family->name) - 1;
	size_t len;

	if (strncmp(family->name, name, prefix) != 0)
		return false;
	for (len = prefix; name[len] != '\0'; len++)
		if (!isalnum((unsigned char)name[len]) &&
		    strchr("_.:-", name[len]) == NULL)
			return false;
	return len > prefix && len - prefix <= 64;
}

static const struct prop *
find_row(const char *name)
{
	size_t low = 0, high = prop_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(name, prop_table[middle].name);

		if (order == 0)
			return &prop_table[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct prop *
prop_find(const char *name)
{
	const struct prop *row = find_row(name);

	if (row != NULL)
		return row->flags & PROP_FAMILY ? NULL : row;
	for (size_t i = 0; i < prop_count; i++)
		if ((prop_table[i].flags & PROP_FAMILY) &&
		    is_member(&prop_table[i], name))
			return &prop_table[i];
	return NULL;
}

/* Lower case and one separator: iocage writes allow_raw_sockets. */
static void
fold(const char *name, char folded[66])
{
	size_t i;

	for (i = 0; i < 65 && name[i] != '\0'; i++)
		folded[i] = name[i] == '_' || name[i] == '-' ? '.' :
		    (char)tolower((unsigned char)name[i]);
	folded[i] = '\0';
}

/* What people of other systems call it. */
static const char *
known_alias(const char *folded)
{
	static const char *const aliases[][2] = {
		{ "autostart", "boot" },
		{ "comment", "note" },
		{ "cpuset", "limit.cpuset" },
		{ "description", "note" },
		{ "environment", "env" },
		{ "maxproc", "limit.processes" },
		{ "memoryuse", "limit.memory" },
		{ "notes", "note" },
		{ "openfiles", "limit.openfiles" },
		{ "osversion", "release" },
		{ "pcpu", "limit.cpu" },
		{ "ports", "publish" },
		{ "rdr", "publish" },
		{ "swapuse", "limit.swap" },
		{ "volume", "mount" },
	};

	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (strcmp(folded, aliases[i][0]) == 0)
			return aliases[i][1];
	return NULL;
}

/* Twice the distance of two folded words; limit when it is no less. */
static unsigned
distance_below(const char *wanted, const char *name, unsigned limit)
{
	char folded[66];
	size_t a = strlen(wanted), b = strlen(name);
	unsigned d;

	/* each letter more costs one: most rows are out without a look */
	if (2 * (a > b ? a - b : b - a) >= limit)
		return limit;
	fold(name, folded);
	d = 2 * word_distance(wanted, folded);
	return d < limit ? d : limit;
}

/*
 * How far a row is from what was written, in half letters: as a whole, and
 * what follows one of its dots ("raw_sockets" is allow.raw_sockets), which
 * counts as half a letter away.  limit when it is no less.
 */
static unsigned
row_distance(const char *wanted, const struct prop *row, unsigned limit)
{
	const char *tail = row->name;
	unsigned best = distance_below(wanted, row->name, limit);

	while (best > 1 && (tail = strchr(tail, '.')) != NULL)
		best = distance_below(wanted, ++tail, best - 1) + 1;
	return best;
}

const char *
prop_nearest(const char *name)
{
	const char *near = NULL;
	char wanted[66];
	size_t len;
	unsigned best;

	fold(name, wanted);
	len = strlen(wanted);
	if (len < 2 || len > 64)
		return NULL;
	near = known_alias(wanted);
	if (near != NULL)
		return near;
	/* a third of the letters may be wrong, three at most */
	best = 2 * (len < 4 ? 1 : len < 10 ? (unsigned)len / 3 : 3) + 2;
	for (size_t i = 0; i < prop_count; i++) {
		const struct prop *row = &prop_table[i];
		unsigned d;

		if (row->flags & PROP_FAMILY)
			continue;
		/* of equals the shorter: devfs is mount.devfs first */
		d = row_distance(wanted, row, best + 1);
		if (d < best || (d == best && near != NULL &&
		    strlen(row->name) < strlen(near))) {
			best = d;
			near = row->name;
		}
	}
	return near;
}

/*
 * allow.mount.nulfs belongs to a family that takes any name, but is one letter
 * from a name that we know: that is a slip, and would stay unnoticed.
 */
static const char *
member_slip(const struct prop *family, const char *name)
{
	size_t prefix = strlen(family->name) - 1;

	if (strlen(name) < prefix + 5)
		return NULL;
	for (size_t i = 0; i < prop_count; i++)
		if (!(prop_table[i].flags & PROP_FAMILY) &&
		    strncmp(prop_table[i].name, name, prefix) == 0 &&
		    word_distance(prop_table[i].name, name) == 1)
			return prop_table[i].name;
	return NULL;
}

/* The row that "allow.noraw_sockets" or "novnet" negates, or NULL. */
static const struct prop *
find_negated(const char *written)
{
	const char *dot = strrchr(written, '.');
	const char *last = dot != NULL ? dot + 1 : written;
	char name[128];
	size_t prefix = (size_t)(last - written);
	const struct prop *row;

	if (strncmp(last, "no", 2) != 0 || strlen(written) > sizeof(name))
		return NULL;
	memcpy(name, written, prefix);
	memcpy(name + prefix, last + 2, strlen(last + 2) + 1);
	row = find_row(name);
	if (row == NULL || (row->flags & PROP_FAMILY))
		return NULL;
	if (row->type == PROP_BOOL || (is_jailsys(row) &&
	    (has_word(row, "disable") || is_vnet(row))))
		return row;
	return NULL;
}

static int
unknown(const char *written, const char *near, struct error *e)
{
	struct error ignored = ERROR_INIT;

	if (prop_check_text(written, false, &ignored) < 0)
		return error_set(e, ERROR_CONFIG, "unknown property");
	if (near == NULL)
		error_set(e, ERROR_CONFIG, "unknown property '%.100s'",
		    written);
	else
		error_set(e, ERROR_CONFIG, "unknown property '%.100s' (did "
		    "you mean '%s'?)", written, near);
	prop_check_mend(e->msg);
	return -1;
}

int
prop_resolve(const char *written, const struct prop **prop, bool *negated,
    struct error *e)
{
	const struct prop *row = find_row(written);
	const struct prop *opposite = NULL;
	const char *slip;

	if (row == NULL)
		opposite = find_negated(written);
	if (opposite == NULL) {
		row = prop_find(written);
		if (row == NULL)
			return unknown(written, prop_nearest(written), e);
		slip = row->flags & PROP_FAMILY ?
		    member_slip(row, written) : NULL;
		if (slip != NULL)
			return unknown(written, slip, e);
	}
	*prop = opposite != NULL ? opposite : row;
	*negated = opposite != NULL;
	return 0;
}

static int
parse_bool_value(const struct prop *p, const char *v, char **canonical,
    struct error *e)
{
	bool on;

	if (parse_bool(v, &on, e) < 0)
		return -1;
	*canonical = xstrdup(on ? "on" : "off");
	return 0;
}

static int
parse_int_value(const struct prop *p, const char *v, char **canonical,
    struct error *e)
{
	bool any = p->min == 0 && p->max == 0;
	int64_t n;

	if (parse_int(v, any ? INT64_MIN : p->min, any ? INT64_MAX : p->max,
	    &n, e) < 0)
		return -1;
	*canonical = xasprintf("%" PRId64, n);
	return 0;
}

static int
parse_size_value(const struct prop *p, const char *v, char **canonical,
    struct error *e)
{
	char least[16];
	uint64_t bytes;

	if (parse_size(v, &bytes, e) < 0)
		return -1;
	if (bytes < (uint64_t)p->min)
		return error_set(e, ERROR_CONFIG, "%.64s is less than %s", v,
		    format_size((uint64_t)p->min, least));
	*canonical = xstrdup(v);
	return 0;
}

/* Limits of a duration are seconds. */
static int
parse_duration_value(const struct prop *p, const char *v, char **canonical,
    struct error *e)
{
	uint64_t ms;

	if (parse_duration(v, &ms, e) < 0)
		return -1;
	if (p->max != 0 && (ms > (uint64_t)p->max * 1000 ||
	    ms < (uint64_t)p->min * 1000))
		return error_set(e, ERROR_CONFIG, "%.64s is not between "
		    "%" PRId64 "s and %" PRId64 "s", v, p->min, p->max);
	*canonical = xstrdup(v);
	return 0;
}

static int
parse_enum_value(const struct prop *p, const char *v, char **canonical,
    struct error *e)
{
	AUTO_BUF struct buf words = BUF_INIT;

	for (const char *const *w = p->words; *w != NULL; w++) {
		if (strcasecmp(v, *w) == 0) {
			*canonical = xstrdup(*w);
			return 0;
		}
		buf_printf(&words, "%s%s", w == p->words ? "" : ", ", *w);
	}
	/* novnet: a vnet cannot be disabled, the host's is used instead */
	if (is_vnet(p) && strcmp(v, "disable") == 0) {
		*canonical = xstrdup("inherit");
		return 0;
	}
	return error_set(e, ERROR_CONFIG, "'%.64s' is none of: %s", v,
	    buf_text(&words));
}

static int
parse_address_value(const struct prop *p, const char *v, char **canonical,
    struct error *e)
{
	AUTO_BUF struct buf b = BUF_INIT;

	if (prop_check_address(p->type == PROP_IP4 ? AF_INET : AF_INET6, v, &b,
	    e) < 0)
		return -1;
	*canonical = buf_steal(&b);
	return 0;
}

/* Types that stay as they are written. */
static int
parse_text_value(const struct prop *p, const char *v, char **canonical,
    struct error *e)
{
	int result = 0;

	if (p->type == PROP_NAME && p->check == NULL)
		result = name_check_release(v, e);
	else if (p->type == PROP_PATH)
		result = prop_check_path(v, e);
	else if (p->type == PROP_HOSTNAME)
		result = prop_check_hostname(v, e);
	else if (p->type == PROP_ASSIGN && p->check == NULL)
		result = prop_check_assign(v, e);
	else if (p->type == PROP_COMMAND && v[strspn(v, " \t\n")] == '\0')
		result = error_set(e, ERROR_CONFIG, "the command is empty");
	if (result == 0)
		*canonical = xstrdup(v);
	return result;
}

typedef int parse_fn(const struct prop *p, const char *v, char **canonical,
    struct error *e);

static parse_fn *const parsers[] = {
	[PROP_BOOL] = parse_bool_value,
	[PROP_INT] = parse_int_value,
	[PROP_SIZE] = parse_size_value,
	[PROP_DURATION] = parse_duration_value,
	[PROP_STRING] = parse_text_value,
	[PROP_ENUM] = parse_enum_value,
	[PROP_NAME] = parse_text_value,
	[PROP_PATH] = parse_text_value,
	[PROP_COMMAND] = parse_text_value,
	[PROP_HOSTNAME] = parse_text_value,
	[PROP_IP4] = parse_address_value,
	[PROP_IP6] = parse_address_value,
	[PROP_ASSIGN] = parse_text_value,
};

static bool
takes_lines(const struct prop *p)
{
	return p->type == PROP_COMMAND || strcmp(p->name, "note") == 0;
}

static int
parse_value(const struct prop *p, const char *v, struct strings *out,
    struct error *e)
{
	AUTO_FREE char *canonical = NULL;

	if (strlen(v) > VALUE_MAX_LEN)
		return error_set(e, ERROR_CONFIG,
		    "the value is longer than %d bytes", VALUE_MAX_LEN);
	if (prop_check_text(v, takes_lines(p), e) < 0 ||
	    parsers[p->type](p, v, &canonical, e) < 0 ||
	    (p->check != NULL && p->check(v, e) < 0))
		return -1;
	strings_take(out, STEAL(canonical));
	return 0;
}

/* Commands, variables and mount lines have commas of their own. */
static bool
splits_at_commas(const struct prop *p)
{
	return (p->flags & PROP_LIST) && p->type != PROP_COMMAND &&
	    p->type != PROP_ASSIGN && p->check != prop_check_mount;
}

static int
parse_split(const struct prop *p, const char *v, struct strings *out,
    struct error *e)
{
	for (;;) {
		size_t len = strcspn(v, ",");
		size_t lead = strspn(v, " \t");
		AUTO_FREE char *item = NULL;

		if (lead > len)
			lead = len;
		item = xstrndup(v + lead, len - lead);
		for (size_t n = len - lead; n > 0 && (item[n - 1] == ' ' ||
		    item[n - 1] == '\t'); n--)
			item[n - 1] = '\0';
		if (*item == '\0')
			return error_set(e, ERROR_CONFIG,
			    "'%.64s' has nothing beside a comma", v);
		if (parse_value(p, item, out, e) < 0)
			return -1;
		if (v[len] == '\0')
			return 0;
		v += len + 1;
	}
}

/* "exec.start;" and exec.start = "" are the empty list. */
static bool
is_empty_list(const struct prop *p, const struct strings *values)
{
	return (p->flags & PROP_LIST) && (values->count == 0 ||
	    (values->count == 1 && *values->items[0] == '\0'));
}

static int
parse_values(const struct prop *p, const struct strings *values,
    struct strings *out, struct error *e)
{
	/* idmap is written by gaol itself; what the kernel tells never is */
	if ((p->flags & PROP_READONLY) && !(p->flags & PROP_OWN))
		return error_set(e, ERROR_CONFIG, "it is read-only");
	if (is_empty_list(p, values))
		return 0;
	if (values->count == 0 && p->type == PROP_BOOL) {
		strings_add(out, "on");
		return 0;
	}
	if (values->count == 0 && is_jailsys(p)) {
		strings_add(out, "new");
		return 0;
	}
	if (values->count == 0)
		return error_set(e, ERROR_CONFIG, "it needs a value");
	if (!(p->flags & PROP_LIST) && values->count > 1)
		return error_set(e, ERROR_CONFIG,
		    "it takes one value, not %zu", values->count);
	for (size_t i = 0; i < values->count; i++)
		if ((splits_at_commas(p) ?
		    parse_split(p, values->items[i], out, e) :
		    parse_value(p, values->items[i], out, e)) < 0)
			return -1;
	return 0;
}

int
prop_parse(const struct prop *prop, const struct strings *values,
    struct strings *out, struct error *e)
{
	AUTO_STRINGS struct strings parsed = VEC_INIT;

	if (parse_values(prop, values, &parsed, e) < 0) {
		e->kind = ERROR_CONFIG;
		error_wrap(e, "%s", prop->name);
		prop_check_mend(e->msg);
		return -1;
	}
	for (size_t i = 0; i < parsed.count; i++) {
		strings_take(out, parsed.items[i]);
		parsed.items[i] = NULL;
	}
	return 0;
}

static char *
int_text(const struct prop *p)
{
	if (p->min == 0 && p->max == 0)
		return xstrdup("number");
	return xasprintf("%" PRId64 "..%" PRId64, p->min, p->max);
}

static char *
enum_text(const struct prop *p)
{
	struct buf b = BUF_INIT;

	for (const char *const *w = p->words; *w != NULL; w++)
		buf_printf(&b, "%s%s", w == p->words ? "" : "|", *w);
	return buf_steal(&b);
}

char *
prop_type_text(const struct prop *prop)
{
	static const char *const words[] = {
		[PROP_BOOL] = "on|off",
		[PROP_SIZE] = "size",
		[PROP_DURATION] = "duration",
		[PROP_STRING] = "text",
		[PROP_NAME] = "name",
		[PROP_PATH] = "path",
		[PROP_COMMAND] = "command",
		[PROP_HOSTNAME] = "hostname",
		[PROP_IP4] = "[interface|]address[/prefix]",
		[PROP_IP6] = "[interface|]address[/prefix]",
		[PROP_ASSIGN] = "NAME=VALUE",
	};
	AUTO_FREE char *text = NULL;

	if (prop->type == PROP_INT)
		text = int_text(prop);
	else if (prop->type == PROP_ENUM)
		text = enum_text(prop);
	else
		text = xstrdup(words[prop->type]);
	if (prop->flags & PROP_LIST)
		return xasprintf("list of %s", text);
	return STEAL(text);
}

const char *
prop_when(const struct prop *prop)
{
	if (prop->flags & PROP_READONLY)
		return "read-only";
	if (prop->flags & PROP_CREATE)
		return "create";
	return prop->flags & PROP_LIVE ? "live" : "next start";
}
