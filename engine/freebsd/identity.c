/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Which of the kernel's jails is ours: its number alone is another's one day. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/freebsd/freebsd.h"

enum { MARK_MAX = 17 };

const char *
key_name(const char *key)
{
	const char *slash = strrchr(key, '/');

	return slash != NULL ? slash + 1 : key;
}

void
kernel_name(const char *key, char name[KERNEL_NAME_MAX])
{
	const char *plain = key_name(key);
	size_t scope = plain > key ? (size_t)(plain - key) - 1 : 0;

	snprintf(name, KERNEL_NAME_MAX, "%s", plain);
	if (scope > 0 && (scope != 4 || strncmp(key, "gaol", 4) != 0))
		snprintf(name, KERNEL_NAME_MAX, "%s@%.*s", plain, (int)scope,
		    key);
	for (char *p = name; *p != '\0'; p++)
		if (*p == '.')
			*p = '+';
}

void
identity_new(char *mark, size_t size)
{
	struct timespec now;

	if (kern_jail_knows("meta")) {
		clock_gettime(CLOCK_REALTIME, &now);
		snprintf(mark, size, "m%08" PRIx32 "%08" PRIx32,
		    (uint32_t)now.tv_sec, (uint32_t)now.tv_nsec ^
		    (uint32_t)getpid() << 12);
	} else {
		*mark = 'b';
		kern_boot_id(mark + 1, size < MARK_MAX ? size - 1 :
		    MARK_MAX - 1);
	}
}

const char *
ident_mark(const struct engine_live *live)
{
	const char *slash = strrchr(live->ident, '/');

	return slash != NULL ? slash + 1 : "";
}

static int
has_mark(const struct kern_jail *j, const char *mark, struct error *e)
{
	char text[64];

	if (*mark == 'b')
		kern_boot_id(text, MARK_MAX - 1);
	else if (kern_jail_text(j->jid, "meta.gaol", text, sizeof(text),
	    e) < 0)
		return -1;
	return strcmp(text, *mark == 'b' ? mark + 1 : mark) == 0;
}

int
identity_find(int jid, const char *name, const char *mark,
    struct kern_jail *j, struct error *e)
{
	int found = jid > 0 ? kern_jail_by_id(jid, false, j, e) :
	    kern_jail_by_name(name, j, e);

	if (found <= 0)
		return found;
	if (strcmp(j->name, name) != 0 || j->dying || *mark == '\0')
		return 0;
	return has_mark(j, mark, e);
}

int
live_find_jail(const struct engine_live *live, struct kern_jail *j,
    struct error *e)
{
	const char *slash = strrchr(live->ident, '/');
	char name[KERNEL_NAME_MAX];

	if (slash == NULL || live->jid <= 0 || live->jid > INT32_MAX)
		return 0;
	snprintf(name, sizeof(name), "%.*s", (int)(slash - live->ident),
	    live->ident);
	return identity_find((int)live->jid, name, slash + 1, j, e);
}
