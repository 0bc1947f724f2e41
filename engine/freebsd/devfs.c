/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * What a jail sees in /dev.  Without wishes it is the ruleset devfsrules_jail
 * of /etc/defaults/devfs.rules, when the host has loaded that; a jail that
 * wishes more has a ruleset of its own while it runs.  Its first rule, which
 * hides a device that does not exist, tells whose it is.
 */
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "engine/freebsd/freebsd.h"
#include "engine/freebsd/kern_devfs.h"

enum {
	DEVFS_JAIL = 4,
	FIRST_OWN = 1000,
	LAST_OWN = 65000,
	MARK_PLACE = 1,
};

/* Without devfsrules_jail: what it would have shown. */
static const char *const usual[] = {
	"null", "zero", "crypto", "random", "urandom", "ptmx", "pts", "pts/*",
	"fd", "fd/*", "stdin", "stdout", "stderr", "fuse", "zfs",
};

static void
mark_of(const char *key, char mark[DEVFS_PATTERN])
{
	snprintf(mark, DEVFS_PATTERN, "gaol:%s", key);
}

static bool
is_loaded(int number)
{
	char pattern[DEVFS_PATTERN];

	return kern_devfs_first(number, pattern);
}

static int
show(int number, const char *pattern, struct error *e)
{
	const struct kern_devfs_rule r = { .pattern = pattern };

	return kern_devfs_add(number, 0, &r, e);
}

/* "dri/card0" is not seen unless dri is. */
static int
show_path(int number, const char *device, struct error *e)
{
	const char *path = strncmp(device, "/dev/", 5) == 0 ? device + 5 :
	    device;

	for (const char *p = strchr(path, '/'); p != NULL;
	    p = strchr(p + 1, '/')) {
		AUTO_FREE char *dir = xstrndup(path, (size_t)(p - path));

		if (show(number, dir, e) < 0)
			return -1;
	}
	return show(number, path, e);
}

static int
show_usual(int number, int base, struct error *e)
{
	const struct kern_devfs_rule all = { .include = base },
	    none = { .hide = true };

	if (base != 0)
		return kern_devfs_add(number, 0, &all, e);
	if (kern_devfs_add(number, 0, &none, e) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (show(number, usual[i], e) < 0)
			return -1;
	return 0;
}

/* A number that nobody uses becomes ours with its first rule. */
static int
claim(const char *key, int *number, struct error *e)
{
	char mark[DEVFS_PATTERN];
	const struct kern_devfs_rule r = { .pattern = mark, .hide = true };

	mark_of(key, mark);
	for (int n = FIRST_OWN; n <= LAST_OWN; n++) {
		if (kern_devfs_next(n - 1) == n)
			continue;
		if (kern_devfs_add(n, MARK_PLACE, &r, e) == 0) {
			*number = n;
			return 0;
		}
		if (e->kind != ERROR_EXISTS)
			return -1;
		error_clear(e);
	}
	return error_set(e, ERROR_FAILED, "no devfs ruleset is free");
}

int
devfs_ruleset(const struct engine_spec *spec, int *number, struct error *e)
{
	bool wishes = spec->devices != NULL && spec->devices->count > 0;
	int base = spec->devfs_ruleset > 0 ? spec->devfs_ruleset : DEVFS_JAIL;

	/* an empty ruleset would show everything */
	if (!is_loaded(base)) {
		if (spec->devfs_ruleset > 0)
			return error_set(e, ERROR_NOT_FOUND, "devfs_ruleset = "
			    "%d: the host has no such ruleset; 'service devfs "
			    "restart' loads those of /etc/devfs.rules", base);
		base = 0;
	}
	if (!wishes && base != 0) {
		*number = base;
		return 0;
	}
	if (claim(spec->key, number, e) < 0 ||
	    show_usual(*number, base, e) < 0)
		return -1;
	for (size_t i = 0; wishes && i < spec->devices->count; i++)
		if (show_path(*number, spec->devices->items[i], e) < 0)
			return -1;
	return 0;
}

int
devfs_release(const char *key, struct error *e)
{
	char mark[DEVFS_PATTERN], pattern[DEVFS_PATTERN];

	mark_of(key, mark);
	for (int n = kern_devfs_next(FIRST_OWN - 1); n != 0;
	    n = kern_devfs_next(n))
		if (kern_devfs_first(n, pattern) &&
		    strcmp(pattern, mark) == 0 && kern_devfs_clear(n, e) < 0)
			return -1;
	return 0;
}
