/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Views over all fake jails at once: for list and for doctor. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "engine/fake/fake.h"

/* The names in the state directory; ".jid" and the like are not jails. */
static int
state_names(int dir, struct strings *names, struct error *e)
{
	AUTO_CLOSE int fd = file_opendir(dir, ".", e);
	const struct dirent *d;

	if (fd < 0)
		return -1;
	AUTO_DIR DIR *stream = fdopendir(fd);
	if (stream == NULL)
		return error_sys(e, "fake jails");
	fd = -1;
	while ((d = readdir(stream)) != NULL)
		if (d->d_name[0] != '.')
			strings_add(names, d->d_name);
	strings_sort(names);
	return 0;
}

static int
compare_inodes(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

int
fake_alive_many(const uint64_t *inodes, bool *alive, size_t count,
    int64_t device, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	VEC_TYPE(living, uint64_t) living = VEC_INIT;
	AUTO_CLOSE int dir = fake_dir(e);

	if (dir < 0 || state_names(dir, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		AUTO_STATE struct fake_state s = FAKE_STATE_INIT;
		struct error ignored = ERROR_INIT;

		if (fake_state_read(dir, names.items[i], &s, &ignored) == 0 &&
		    s.record_device == (uint64_t)device &&
		    fake_state_alive(dir, names.items[i], &s))
			VEC_PUSH(&living, s.record_inode);
	}
	if (living.count > 1)
		qsort(living.items, living.count, sizeof(*living.items),
		    compare_inodes);
	for (size_t i = 0; i < count; i++)
		alive[i] = living.count > 0 && bsearch(&inodes[i],
		    living.items, living.count, sizeof(*living.items),
		    compare_inodes) != NULL;
	VEC_FINI(&living);
	return 0;
}

int
fake_probe(const char *scope, const struct strings *running, bool repair,
    struct findings *findings, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	AUTO_CLOSE int dir = fake_dir(e);

	if (dir < 0 || state_names(dir, &names, e) < 0)
		return -1;
	VEC_PUSH(findings, (struct finding){ FINDING_OK, xstrdup("engine"),
	    xstrdup("a test double; nothing is confined"), false });
	for (size_t i = 0; i < names.count; i++) {
		if (strings_index(running, names.items[i]) >= 0)
			continue;
		if (repair && fake_state_remove(dir, names.items[i], e) < 0)
			return -1;
		VEC_PUSH(findings, (struct finding){ FINDING_WARNING,
		    xstrdup("leftovers"), xasprintf("jail '%s' runs without a "
		    "record", names.items[i]), repair });
	}
	return 0;
}
