/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/mounts.h"
#include "cmd/check.h"
#include "core/release.h"
#include "core/store.h"
#include "view/cells.h"

void
check_add(struct check *c, enum finding_level level, const char *subject,
    const char *fmt, ...)
{
	AUTO_BUF struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	VEC_PUSH(&c->findings, (struct finding){ level, xstrdup(subject),
	    buf_steal(&text), false });
}

static void
check_dir(struct check *c, const char *path, size_t *wrong)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return;
	if (!S_ISDIR(st.st_mode))
		check_add(c, FINDING_BAD, path, "is not a directory");
	else if (st.st_uid != geteuid())
		check_add(c, FINDING_BAD, path, "belongs to uid %u; 'chown "
		    "root %s' mends it", (unsigned)st.st_uid, path);
	else if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		check_add(c, FINDING_BAD, path, "others can write to it; "
		    "'chmod go-w %s' mends it", path);
	else
		return;
	++*wrong;
}

int
check_root(struct check *c, struct error *e)
{
	AUTO_FREE char *jails = xasprintf("%s/jails", c->host->root);
	AUTO_FREE char *releases = xasprintf("%s/releases", c->host->root);
	const char *const dirs[] = { c->host->root, jails, releases,
	    c->host->run, c->host->log };
	size_t wrong = 0;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		check_dir(c, dirs[i], &wrong);
	if (wrong == 0)
		check_add(c, FINDING_OK, "directories",
		    "only their owner can write to them");
	return 0;
}

static void
check_release(struct check *c, const struct cells *cells, size_t row)
{
	const char *release = cells_value(cells, row, CELLS_RELEASE);
	const char *type = cells_value(cells, row, CELLS_TYPE);
	AUTO_RELEASE struct release r = RELEASE_INIT;
	struct error why = ERROR_INIT;

	/* a thick jail has its files, wherever they came from */
	if (type != NULL && strcmp(type, "thick") == 0)
		return;
	if (release == NULL || release_load(c->host, release, &r, &why) == 0)
		return;
	check_add(c, FINDING_BAD, cells_name(cells, row), "%s", why.msg);
}

static void
check_depend(struct check *c, const struct cells *cells, size_t row)
{
	AUTO_STRINGS struct strings depend = VEC_INIT;

	cells_values(cells, row, CELLS_DEPEND, &depend);
	for (size_t i = 0; i < depend.count; i++)
		if (cells_find(cells, depend.items[i]) < 0)
			check_add(c, FINDING_WARNING, cells_name(cells, row),
			    "depends on '%s', which does not exist",
			    depend.items[i]);
}

int
check_cells(struct check *c, struct error *e)
{
	AUTO_CELLS struct cells cells = CELLS_INIT;
	size_t before = c->findings.count;

	if (cells_load(c->host, NULL, &cells, e) < 0)
		return -1;
	for (size_t i = 0; i < cells.count; i++) {
		const char *problem = cells_value(&cells, i, CELLS_PROBLEM);

		if (problem != NULL) {
			check_add(c, FINDING_BAD, cells_name(&cells, i), "%s",
			    problem);
			continue;
		}
		check_release(c, &cells, i);
		check_depend(c, &cells, i);
	}
	for (size_t i = 0; i < c->names.count; i++)
		if (cells_find(&cells, c->names.items[i]) < 0)
			check_add(c, FINDING_NOTE, c->names.items[i],
			    "%s/jails/%s is no jail of gaol", c->host->root,
			    c->names.items[i]);
	if (c->findings.count == before)
		check_add(c, FINDING_OK, "jails", "%zu, every cell.conf is "
		    "valid, every release is there", cells.count);
	return 0;
}

/* jails/NAME and jails/NAME/root are mounts by themselves where the store's
 * are. */
static bool
is_of_store(const char *point, size_t jails)
{
	AUTO_FREE char *home = xstrndup(point, jails + strcspn(point + jails,
	    "/"));
	struct error why = ERROR_INIT;

	return store_refuse_mounts(NULL, home, &why) == 0;
}

/* A jail's mounts are in its own namespace, or its path is its own: a mount of
 * ours below a jail's files would be deleted through, so destroy refuses. */
int
check_mounts(struct check *c, struct error *e)
{
	AUTO_STRINGS struct strings points = VEC_INIT;
	AUTO_FREE char *jails = xasprintf("%s/jails/", c->host->root);
	size_t found = 0;

	if (mounts_below(c->host->root, &points, e) < 0)
		return -1;
	for (size_t i = 0; i < points.count; i++) {
		if (strncmp(points.items[i], jails, strlen(jails)) != 0 ||
		    is_of_store(points.items[i], strlen(jails)))
			continue;
		check_add(c, FINDING_WARNING, "mount", "%s is mounted; 'umount "
		    "%s' removes it, destroy refuses while it is there",
		    points.items[i], points.items[i]);
		found++;
	}
	if (found == 0)
		check_add(c, FINDING_OK, "mounts",
		    "none below the files of a jail");
	return 0;
}

/* "user:first:count": a range given to users that overlaps ours. */
static void
check_subid_line(struct check *c, const char *file, const char *line,
    size_t *found)
{
	static const unsigned long long first = 0x70000000, end = 0xf0000000;
	unsigned long long at, count;
	char user[64];

	if (sscanf(line, "%63[^:]:%llu:%llu", user, &at, &count) != 3 ||
	    at >= end || at + count <= first)
		return;
	check_add(c, FINDING_WARNING, file, "gives ids %llu to %llu to %s; "
	    "jails use %llu to %llu", at, at + count - 1, user, first,
	    end - 1);
	++*found;
}

int
check_subids(struct check *c, struct error *e)
{
	static const char *const files[] = { "/etc/subuid", "/etc/subgid" };
	size_t found = 0;

	for (size_t i = 0; i < 2; i++) {
		AUTO_FILE FILE *f = fopen(files[i], "re");
		char line[256];

		while (f != NULL && fgets(line, sizeof(line), f) != NULL)
			check_subid_line(c, files[i], line, &found);
	}
	if (found == 0)
		check_add(c, FINDING_OK, "id ranges",
		    "subuid(5) and subgid(5) give away none of the jails'");
	return 0;
}
