/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "cmd/check.h"
#include "core/arrival.h"
#include "core/life.h"
#include "core/release.h"

/*
 * Lock the jail without waiting: who holds it is at work on what looks left
 * over.  -1 then.
 */
static int
try_lock(const struct check *c, const char *name)
{
	struct host impatient = *c->host;
	struct error ignored = ERROR_INIT;

	impatient.lock_timeout_ms = 0;
	return live_lock(&impatient, name, "doctor", &ignored);
}

static void
unlock(const struct check *c, const char *name, int *lock)
{
	AUTO_FREE char *file = xasprintf("lock/%s", name);

	/* one of a jail that does not exist was made by us */
	if (!cell_exists(c->host, name))
		unlinkat(c->host->run_fd, file, 0);
	close_fd(lock);
}

static int
recover(struct check *c, const char *name, const char *what, struct error *e)
{
	int lock = try_lock(c, name);

	if (lock < 0)
		return 0;
	check_add(c, FINDING_WARNING, name, "%s%s", what, c->repair ? "" :
	    "; the next command on it, or --repair, puts that right");
	if (c->repair && life_recover(c->host, name, e) < 0) {
		c->findings.items[c->findings.count - 1].level = FINDING_BAD;
		unlock(c, name, &lock);
		return -1;
	}
	c->findings.items[c->findings.count - 1].repaired = c->repair;
	unlock(c, name, &lock);
	return 0;
}

/* ".recv.web" -> "web" */
static const char *
arrival_name(const char *entry)
{
	struct error ignored = ERROR_INIT;

	return strncmp(entry, ".recv.", 6) == 0 &&
	    name_check_cell(entry + 6, &ignored) == 0 ? entry + 6 : NULL;
}

/* ".new.web" -> "web"; NULL for other names. */
static const char *
left_name(const char *entry)
{
	static const char *const prefixes[] = { ".new.", ".old.",
	    ".todo.", ".trash." };
	struct error ignored = ERROR_INIT;

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		size_t len = strlen(prefixes[i]);

		if (strncmp(entry, prefixes[i], len) == 0 &&
		    name_check_cell(entry + len, &ignored) == 0)
			return entry + len;
	}
	return NULL;
}

static int
read_names(const struct host *h, int at, const char *path,
    const char *(*pick)(const char *entry), struct strings *names,
    struct error *e)
{
	AUTO_CLOSE int fd = file_opendir(at, path, e);
	const struct dirent *d;

	if (fd < 0)
		return -1;
	AUTO_DIR DIR *dir = fdopendir(fd);
	if (dir == NULL)
		return error_sys(e, "%s", path);
	fd = -1;
	while ((d = readdir(dir)) != NULL) {
		const char *name = pick(d->d_name);

		if (name != NULL && strings_index(names, name) < 0)
			strings_add(names, name);
	}
	strings_sort(names);
	return 0;
}

/* Of releases core knows itself what nobody works on. */
static int
check_releases(struct check *c, struct error *e)
{
	static const char *const prefixes[] = { ".new.", ".old.", ".trash." };
	size_t before = c->findings.count;

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
		AUTO_STRINGS struct strings names = VEC_INIT;

		if (release_entries(c->host, prefixes[i], &names, e) < 0)
			return -1;
		for (size_t n = 0; n < names.count; n++) {
			check_add(c, FINDING_WARNING, names.items[n],
			    "files that an interrupted bootstrap left%s",
			    c->repair ? "" : "; --repair removes them");
			c->findings.items[c->findings.count - 1].repaired =
			    c->repair;
		}
	}
	return c->repair && c->findings.count > before ?
	    release_recover_all(c->host, e) : 0;
}

/* "edit.web.conf" */
static const char *
edit_copy(const char *entry)
{
	size_t len = strlen(entry);

	return strncmp(entry, "edit.", 5) == 0 && len > 10 &&
	    strcmp(entry + len - 5, ".conf") == 0 ? entry : NULL;
}

/* The copy of cell.conf that an edit gave to its editor and did not take. */
static int
check_edits(struct check *c, struct error *e)
{
	AUTO_STRINGS struct strings copies = VEC_INIT;

	if (read_names(c->host, c->host->run_fd, ".", edit_copy, &copies,
	    e) < 0)
		return -1;
	for (size_t i = 0; i < copies.count; i++) {
		const char *copy = copies.items[i];
		AUTO_FREE char *name = xstrndup(copy + 5, strlen(copy) - 10);
		AUTO_FREE char *file = xasprintf("edit.%s.lock", name);
		struct error ignored = ERROR_INIT;
		AUTO_CLOSE int lock = file_lock(c->host->run_fd, file, true, 0,
		    &ignored);

		if (lock < 0)
			continue;
		check_add(c, FINDING_WARNING, name, "a copy of its cell.conf "
		    "that an interrupted edit left%s", c->repair ? "" :
		    "; the next edit of it, or --repair, removes it");
		if (c->repair) {
			unlinkat(c->host->run_fd, copy, 0);
			c->findings.items[c->findings.count - 1].repaired =
			    true;
		}
		unlinkat(c->host->run_fd, file, 0);
	}
	return 0;
}

/* What an interrupted send left, for the next one to go on with. */
static int
check_arrivals(struct check *c, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (read_names(c->host, c->host->jails_fd, ".", arrival_name, &names,
	    e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		const char *name = names.items[i];
		int lock = try_lock(c, name);
		int result = 0;

		if (lock < 0)
			continue;
		check_add(c, FINDING_WARNING, name, "a part of it that an "
		    "interrupted send left; the next one goes on with it%s",
		    c->repair ? "" : ", --repair removes it");
		if (c->repair && (life_recover(c->host, name, e) < 0 ||
		    arrival_drop(c->host, name, e) < 0))
			result = -1;
		c->findings.items[c->findings.count - 1].repaired =
		    c->repair && result == 0;
		unlock(c, name, &lock);
		if (result < 0)
			return -1;
	}
	return 0;
}

int
check_leftovers(struct check *c, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	size_t before = c->findings.count;

	if (check_releases(c, e) < 0 || check_edits(c, e) < 0 ||
	    check_arrivals(c, e) < 0)
		return -1;

	if (read_names(c->host, c->host->jails_fd, ".", left_name, &names,
	    e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++)
		if (recover(c, names.items[i], "files that an interrupted "
		    "command left", e) < 0)
			return -1;
	if (c->findings.count == before)
		check_add(c, FINDING_OK, "leftovers",
		    "none of an interrupted command");
	return 0;
}

static const char *
record_name(const char *entry)
{
	return *entry != '.' ? entry : NULL;
}

static int
check_record(struct check *c, const char *name, struct error *e)
{
	AUTO_LIVE struct live live = LIVE_INIT;

	if (live_running(c->host, name, &live, e) < 0)
		return -1;
	if (live.fd < 0 || live.phase == LIVE_RUNNING)
		return 0;
	return recover(c, name, live.phase == LIVE_STOPPED ?
	    "is recorded as running and does not" :
	    "its start or stop was interrupted", e);
}

int
check_records(struct check *c, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	size_t before = c->findings.count;

	if (read_names(c->host, c->host->live_fd, ".", record_name, &names,
	    e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++)
		if (check_record(c, names.items[i], e) < 0)
			return -1;
	if (c->findings.count == before)
		check_add(c, FINDING_OK, "records",
		    "each belongs to a jail that runs");
	return 0;
}
