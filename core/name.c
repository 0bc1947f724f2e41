/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>

#include "core/cell.h"
#include "core/prop.h"

#define NAME_MAX_LEN 63

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Why it is no name, or NULL.  By bytes: no locale makes a letter of "ä". */
static const char *
name_fault(const char *name, bool digits_allowed)
{
	size_t digits = 0, len = 0;

	if (*name == '\0')
		return "it is empty";
	for (; name[len] != '\0'; len++) {
		char c = name[len];

		if (!is_letter(c) && !is_digit(c) && c != '.' && c != '_' &&
		    c != '-')
			return "only A-Z a-z 0-9 . _ - may stand in it";
		digits += is_digit(c);
	}
	if (len > NAME_MAX_LEN)
		return "it is longer than 63 characters";
	if (*name == '-' || *name == '.')
		return "it must begin with a letter, a digit or _";
	if (strstr(name, "..") != NULL)
		return "'..' may not stand in it";
	if (digits == len && !digits_allowed)
		return "a number alone is a jail id";
	/* logs of jails lie beside the one of the host */
	if (strcmp(name, "ALL") == 0 || strcmp(name, "all") == 0 ||
	    strncmp(name, "events.log", 10) == 0)
		return "it is a reserved word";
	return NULL;
}

/* Names come from anywhere: one that could upset a terminal is not shown. */
static bool
showable(const char *name)
{
	for (const char *p = name; *p != '\0'; p++)
		if (*p < 0x20 || *p > 0x7e)
			return false;
	return *name != '\0';
}

static int
name_check(const char *what, const char *name, bool digits_allowed,
    struct error *e)
{
	const char *fault = name_fault(name, digits_allowed);

	if (fault == NULL)
		return 0;
	if (showable(name))
		return error_set(e, ERROR_USAGE,
		    "'%.80s' cannot be the name of a %s: %s", name, what,
		    fault);
	return error_set(e, ERROR_USAGE, "that cannot be the name of a %s: %s",
	    what, fault);
}

int
name_check_cell(const char *name, struct error *e)
{
	if (strncmp(name, CELL_STEP_PREFIX, strlen(CELL_STEP_PREFIX)) == 0)
		return error_set(e, ERROR_USAGE, "names of jails that begin "
		    "with " CELL_STEP_PREFIX " are gaol's own");
	return name_check("jail", name, false, e);
}

int
name_check_release(const char *name, struct error *e)
{
	return name_check("release", name, true, e);
}

int
name_check_volume(const char *name, struct error *e)
{
	return name_check("volume", name, true, e);
}

int
name_check_tag(const char *name, struct error *e)
{
	return name_check("tag", name, true, e);
}

/* Words that the property net has for something else. */
int
name_check_network(const char *name, struct error *e)
{
	static const char *const words[] = {
		"inherit", "none", "lo", "vnet", "if", "dhcp", "slaac",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(name, words[i]) == 0)
			return error_set(e, ERROR_USAGE, "'%s' cannot be the "
			    "name of a network: it is a reserved word", name);
	return name_check("network", name, true, e);
}
