/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <arpa/inet.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/num.h"
#include "core/prop.h"
#include "core/prop_check.h"

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* Whether v is 1 to max bytes of the set. */
static bool
made_of(const char *v, const char *set, size_t max)
{
	size_t len = strspn(v, set);

	return len > 0 && len <= max && v[len] == '\0';
}

/*
 * Bytes of the UTF-8 character at s, 0 when it is none or a control character
 * (C1 too: terminals obey them).
 */
static size_t
utf8_char(const unsigned char *s)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	uint32_t c = s[0] & (0x7fU >> len);

	if (s[0] < 0x80)
		return s[0] >= 0x20 && s[0] != 0x7f;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ||
	    (c >= 0x80 && c <= 0x9f))
		return 0;
	return len;
}

void
prop_check_mend(char *text)
{
	for (char *p = text; *p != '\0';) {
		size_t len = utf8_char((unsigned char *)p);

		if (len == 0)
			*p = '?';
		p += len > 0 ? len : 1;
	}
}

int
prop_check_text(const char *v, bool multiline, struct error *e)
{
	const unsigned char *s = (const unsigned char *)v;

	while (*s != '\0') {
		size_t len = utf8_char(s);

		if (len > 0)
			s += len;
		else if (*s == '\t' || (*s == '\n' && multiline))
			s++;
		else if (*s == '\n')
			return error_set(e, ERROR_CONFIG,
			    "a value of several lines is not possible here");
		else
			return error_set(e, ERROR_CONFIG, "the value is not "
			    "plain UTF-8 text (byte 0x%02x)", *s);
	}
	return 0;
}

int
prop_check_path(const char *v, struct error *e)
{
	if (*v != '/')
		return error_set(e, ERROR_CONFIG,
		    "'%.64s' is not an absolute path", v);
	if (strlen(v) >= PATH_MAX)
		return error_set(e, ERROR_CONFIG, "the path is too long");
	for (const char *p = v; (p = strstr(p, "/..")) != NULL; p += 3)
		if (p[3] == '/' || p[3] == '\0')
			return error_set(e, ERROR_CONFIG,
			    "'..' may not stand in the path '%.64s'", v);
	return 0;
}

int
prop_check_hostname(const char *v, struct error *e)
{
	const char *p = v;

	if (*v == '\0' || strlen(v) > 253)
		goto bad;
	for (;;) {
		size_t len = strspn(p, LETTERS DIGITS "-");

		if (len == 0 || len > 63 || p[0] == '-' || p[len - 1] == '-')
			goto bad;
		p += len;
		if (*p == '\0')
			return 0;
		if (*p++ != '.')
			goto bad;
	}
bad:
	return error_set(e, ERROR_CONFIG, "'%.64s' is not a host name: labels "
	    "of letters, digits and inner hyphens, joined by dots", v);
}

int
prop_check_assign(const char *v, struct error *e)
{
	size_t len = strspn(v, LETTERS DIGITS "_.-");

	if (len == 0 || v[len] != '=')
		return error_set(e, ERROR_CONFIG,
		    "'%.64s' is not of the form NAME=VALUE", v);
	return 0;
}

int
prop_check_env(const char *v, struct error *e)
{
	size_t len = strspn(v, LETTERS DIGITS "_");

	/* the value may be a secret: it is not shown */
	if (len == 0 || v[len] != '=' || strchr(DIGITS, v[0]) != NULL)
		return error_set(e, ERROR_CONFIG, "a variable is NAME=VALUE, "
		    "NAME of letters, digits and _, no digit first");
	return 0;
}

/* IFNAMSIZ is 16 on both systems. */
static bool
is_interface(const char *v, size_t len)
{
	/* the name becomes part of paths below /sys and /proc/sys */
	if (len == 0 || len > 15 || *v == '-' || strncmp(v, "..", len) == 0)
		return false;
	for (size_t i = 0; i < len; i++)
		if (v[i] <= 0x20 || v[i] >= 0x7f ||
		    strchr("/|:,;'\"\\", v[i]) != NULL)
			return false;
	return true;
}

int
prop_check_interface(const char *v, struct error *e)
{
	if (!is_interface(v, strlen(v)))
		return error_set(e, ERROR_CONFIG,
		    "'%.64s' is not an interface name (1 to 15 characters)",
		    v);
	return 0;
}

/* "24", or for IPv4 "255.255.255.0". */
static int
parse_prefix(int family, const char *text, uint64_t *bits)
{
	struct error ignored = ERROR_INIT;
	struct in_addr mask;
	uint32_t m;

	if (parse_uint(text, 0, family == AF_INET ? 32 : 128, bits,
	    &ignored) == 0)
		return 0;
	if (family != AF_INET || inet_pton(AF_INET, text, &mask) != 1)
		return -1;
	m = ntohl(mask.s_addr);
	if ((~m & (~m + 1)) != 0)
		return -1;
	for (*bits = 0; m != 0; m <<= 1)
		++*bits;
	return 0;
}

int
prop_check_address(int family, const char *v, struct buf *out,
    struct error *e)
{
	const char *bar = strchr(v, '|');
	const char *start = bar != NULL ? bar + 1 : v;
	size_t len = strcspn(start, "/");
	char text[INET6_ADDRSTRLEN];
	unsigned char address[sizeof(struct in6_addr)];
	uint64_t bits = 0;

	if (bar != NULL && !is_interface(v, (size_t)(bar - v)))
		return error_set(e, ERROR_CONFIG, "'%.64s': the interface name "
		    "before | has 1 to 15 characters", v);
	if (len < sizeof(text)) {
		memcpy(text, start, len);
		text[len] = '\0';
	}
	if (len >= sizeof(text) || inet_pton(family, text, address) != 1 ||
	    inet_ntop(family, address, text, sizeof(text)) == NULL)
		return error_set(e, ERROR_CONFIG, "'%.64s' is not of the form "
		    "[INTERFACE|]%s-ADDRESS[/PREFIX]", v,
		    family == AF_INET ? "IPV4" : "IPV6");
	if (start[len] == '/' &&
	    parse_prefix(family, start + len + 1, &bits) < 0)
		return error_set(e, ERROR_CONFIG,
		    "'%.64s': the prefix after / is 0 to %d", v,
		    family == AF_INET ? 32 : 128);
	buf_append(out, v, (size_t)(start - v));
	buf_puts(out, text);
	if (start[len] == '/')
		buf_printf(out, "/%u", (unsigned)bits);
	return 0;
}

/* The next word of a line into word; false when there is none or it is long. */
static bool
next_word(const char **line, char word[PATH_MAX])
{
	size_t len;

	*line += strspn(*line, " \t");
	len = strcspn(*line, " \t");
	if (len == 0 || len >= PATH_MAX)
		return false;
	memcpy(word, *line, len);
	word[len] = '\0';
	*line += len;
	return true;
}

static bool
is_mount_type(const char *type)
{
	static const char *const types[] = { "nullfs", "tmpfs", "procfs",
	    "linprocfs", "linsysfs", "devfs", "fdescfs", "zfs", "ufs",
	    "unionfs" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

/* A path, or "vol:NAME" and perhaps a path in that volume. */
static int
check_source(char *source, const char *type, struct error *e)
{
	bool nullfs = strcmp(type, "nullfs") == 0;
	char *rest;

	if (strncmp(source, "vol:", 4) != 0)
		return nullfs || strcmp(type, "unionfs") == 0 ?
		    prop_check_path(source, e) : 0;
	if (!nullfs)
		return error_set(e, ERROR_CONFIG,
		    "a volume is mounted with type nullfs");
	rest = strchr(source, '/');
	if (rest != NULL && prop_check_path(rest, e) < 0)
		return -1;
	if (rest != NULL)
		*rest = '\0';
	return name_check_volume(source + 4, e);
}

int
prop_check_mount(const char *v, struct error *e)
{
	char source[PATH_MAX], target[PATH_MAX], word[PATH_MAX];
	const char *p = v;

	if (!next_word(&p, source) || !next_word(&p, target) ||
	    !next_word(&p, word))
		return error_set(e, ERROR_CONFIG, "'%.64s' is not of the form "
		    "SOURCE TARGET TYPE OPTIONS, as in fstab(5)", v);
	if (!is_mount_type(word))
		return error_set(e, ERROR_CONFIG, "unknown file system '%.32s' "
		    "(nullfs tmpfs procfs linprocfs linsysfs devfs fdescfs zfs "
		    "ufs unionfs)", word);
	if (check_source(source, word, e) < 0)
		return error_wrap(e, "source");
	if (prop_check_path(target, e) < 0)
		return error_wrap(e, "target");
	if (!next_word(&p, word))
		return error_set(e, ERROR_CONFIG, "'%.64s': the options are "
		    "missing (rw or ro, for instance)", v);
	for (int i = 0; i < 2 && next_word(&p, word); i++)
		if (!made_of(word, DIGITS, 3))
			return error_set(e, ERROR_CONFIG, "'%.64s': only the "
			    "numbers DUMP and PASS may follow the options", v);
	if (p[strspn(p, " \t")] != '\0')
		return error_set(e, ERROR_CONFIG,
		    "'%.64s': there are more than six words", v);
	return 0;
}

int
prop_check_user(const char *v, struct error *e)
{
	static const char set[] = LETTERS DIGITS "_.-";
	size_t user = strspn(v, set), group = 0;
	const char *p = v + user;

	if (*p == '$')
		p++;
	if (*p == ':') {
		group = strspn(++p, set);
		p += group;
		if (group == 0 || group > 32)
			user = 0;
	}
	if (user == 0 || user > 32 || *v == '-' || *p != '\0')
		return error_set(e, ERROR_CONFIG,
		    "'%.64s' is not USER or USER:GROUP", v);
	return 0;
}

int
prop_check_word(const char *v, struct error *e)
{
	size_t len = 0;

	while (v[len] > 0x20 && v[len] < 0x7f)
		len++;
	if (len == 0 || len > 63 || v[len] != '\0')
		return error_set(e, ERROR_CONFIG, "'%.64s' is not one word of "
		    "1 to 63 printable characters", v);
	return 0;
}

int
prop_check_restart(const char *v, struct error *e)
{
	struct error ignored = ERROR_INIT;
	uint64_t n;

	if (strcmp(v, "no") == 0 || strcmp(v, "always") == 0 ||
	    strcmp(v, "on-failure") == 0)
		return 0;
	if (strncmp(v, "on-failure:", 11) == 0 &&
	    parse_uint(v + 11, 1, 1000, &n, &ignored) == 0)
		return 0;
	return error_set(e, ERROR_CONFIG, "'%.64s' is none of no, always, "
	    "on-failure and on-failure:N (N up to 1000)", v);
}

/* "1.5" processors or "150%" of one. */
int
prop_check_cpu_count(const char *v, struct error *e)
{
	size_t whole = strspn(v, DIGITS);
	const char *p = v + whole;
	bool nonzero = strcspn(v, "123456789") < strcspn(v, "%");

	if (*p == '.' && p[1] != '%' && p[1] != '\0')
		p += 1 + strspn(p + 1, DIGITS);
	if (*p == '%')
		p++;
	if (whole == 0 || whole > 6 || *p != '\0' || strlen(v) > 12 ||
	    !nonzero)
		return error_set(e, ERROR_CONFIG, "'%.64s' is not a number of "
		    "processors (examples: 2, 0.5, 150%%)", v);
	return 0;
}

/* "3" or "0-3". */
int
prop_check_cpu_range(const char *v, struct error *e)
{
	struct error ignored = ERROR_INIT;
	char first[8];
	size_t len = strcspn(v, "-");
	uint64_t low, high;

	if (len < sizeof(first)) {
		memcpy(first, v, len);
		first[len] = '\0';
		if (parse_uint(first, 0, 4095, &low, &ignored) == 0 &&
		    (v[len] == '\0' || parse_uint(v + len + 1, low, 4095,
		    &high, &ignored) == 0))
			return 0;
	}
	return error_set(e, ERROR_CONFIG,
	    "'%.64s' is not a processor or a range of them (3, 0-3)", v);
}

int
prop_check_dataset(const char *v, struct error *e)
{
	if (!made_of(v, LETTERS DIGITS "_.:-/ ", 255) ||
	    strchr(LETTERS, *v) == NULL || strstr(v, "//") != NULL ||
	    v[strlen(v) - 1] == '/' || strstr(v, "..") != NULL)
		return error_set(e, ERROR_CONFIG,
		    "'%.64s' is not a ZFS dataset (POOL/NAME)", v);
	return 0;
}

/* A name or pattern of devfs(8), with or without "/dev/". */
int
prop_check_device(const char *v, struct error *e)
{
	const char *name = strncmp(v, "/dev/", 5) == 0 ? v + 5 : v;

	if (!made_of(name, LETTERS DIGITS "_.:/*?[]-", 127) || *name == '/' ||
	    *name == '-' || strstr(name, "..") != NULL)
		return error_set(e, ERROR_CONFIG, "'%.64s' is not a device "
		    "below /dev (examples: bpf*, /dev/fuse)", v);
	return 0;
}

/* A word, or the five fields of crontab(5). */
int
prop_check_schedule(const char *v, struct error *e)
{
	static const char *const words[] = { "hourly", "daily", "weekly",
	    "monthly" };
	const char *p = v;
	int fields = 0;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(v, words[i]) == 0)
			return 0;
	while (*p != '\0' && fields < 6) {
		size_t len = strspn(p, DIGITS "*,-/");

		if (len == 0 || len > 64)
			break;
		fields++;
		p += len;
		p += strspn(p, " \t");
	}
	if (fields == 5 && *p == '\0')
		return 0;
	return error_set(e, ERROR_CONFIG, "'%.64s' is none of hourly, daily, "
	    "weekly, monthly, and not five fields of crontab(5)", v);
}

int
prop_check_keep(const char *v, struct error *e)
{
	static const char *const words[] = { "hourly", "daily", "weekly",
	    "monthly", "yearly" };
	struct error ignored = ERROR_INIT;
	const char *colon = strchr(v, ':');
	uint64_t number;

	if (parse_uint(colon != NULL ? colon + 1 : v, 1, 100000, &number,
	    &ignored) == 0) {
		if (colon == NULL)
			return 0;
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (strlen(words[i]) == (size_t)(colon - v) &&
			    strncmp(v, words[i], (size_t)(colon - v)) == 0)
				return 0;
	}
	return error_set(e, ERROR_CONFIG, "'%.64s' is neither a number of "
	    "snapshots nor one for each hourly, daily, weekly, monthly or "
	    "yearly, such as daily:7", v);
}

int
prop_check_exposed(const char *v, struct error *e)
{
	struct error ignored = ERROR_INIT;
	size_t len = strspn(v, DIGITS);
	char port[8] = "";
	uint64_t number;

	if (len > 0 && len < sizeof(port))
		memcpy(port, v, len);
	if (parse_uint(port, 1, 65535, &number, &ignored) == 0 &&
	    (v[len] == '\0' || strcmp(v + len, "/tcp") == 0 ||
	    strcmp(v + len, "/udp") == 0))
		return 0;
	return error_set(e, ERROR_CONFIG, "'%.64s' is no port such as 80, "
	    "80/tcp or 53/udp", v);
}
