/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Where the controllers are, and the groups that a limited jail has in them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/file.h"
#include "engine/linux/cgroup.h"
#include "engine/linux/limit_place.h"
#include "engine/linux/linux.h"

/* Another jail's removal may take the directory above away meanwhile. */
enum { MAKE_TRIES = 100, MOVE_ROUNDS = 100 };

static const struct {
	const char *v2, *v1, *path;
} controllers[LIMIT_CONTROLLERS] = {
	[LIMIT_CPU] = { "cpu", "cpu", "/sys/fs/cgroup/cpu" },
	[LIMIT_CPUSET] = { "cpuset", "cpuset", "/sys/fs/cgroup/cpuset" },
	[LIMIT_IO] = { "io", "blkio", "/sys/fs/cgroup/blkio" },
	[LIMIT_MEMORY] = { "memory", "memory", "/sys/fs/cgroup/memory" },
	[LIMIT_PIDS] = { "pids", "pids", "/sys/fs/cgroup/pids" },
};

const char *
place_name(enum limit_controller c, bool v2)
{
	return v2 ? controllers[c].v2 : controllers[c].v1;
}

/* "cpu io memory": whether word is one of them. */
static bool
has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = text; (p = strstr(p, word)) != NULL; p += len)
		if ((p == text || p[-1] == ' ') &&
		    (p[len] == ' ' || p[len] == '\n' || p[len] == '\0'))
			return true;
	return false;
}

const char *
place_find(enum limit_controller c, bool *v2)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct error ignored = ERROR_INIT;
	const char *top;

	*v2 = false;
	if (cgroup_is_v1(controllers[c].path))
		return controllers[c].path;
	top = cgroup_top(v2);
	if (top == NULL || !*v2)
		return NULL;
	AUTO_FREE char *file = xasprintf("%s/cgroup.controllers", top);
	if (file_read(AT_FDCWD, file, 4096, &text, &ignored) < 0 ||
	    !has_word(buf_text(&text), controllers[c].v2))
		return NULL;
	return top;
}

bool
place_has_v1(enum limit_controller c, const char *file)
{
	AUTO_FREE char *path = xasprintf("%s/%s", controllers[c].path, file);

	return file_exists(AT_FDCWD, path);
}

void
limit_groups_fini(struct limit_groups *g)
{
	for (size_t i = 0; i < LIMIT_CONTROLLERS; i++)
		close_fd(&g->fds[i]);
}

void
limit_entry_fini(struct limit_entry *entry)
{
	for (size_t i = 0; i < entry->count; i++)
		close_fd(&entry->procs[i]);
	entry->count = 0;
}

static int
put(const char *dir, const char *file, const char *text)
{
	AUTO_FREE char *path = xasprintf("%s/%s", dir, file);
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, text, strlen(text)) < 0 ? -1 : 0;
}

/* A group of v2 has the files of a controller when those above it say so. */
static int
enable(enum limit_controller c, const char *top, const char *scope,
    struct error *e)
{
	AUTO_FREE char *word = xasprintf("+%s", controllers[c].v2);

	if (put(top, "cgroup.subtree_control", word) < 0 ||
	    put(scope, "cgroup.subtree_control", word) < 0)
		return error_set(e, ERROR_UNSUPPORTED, "the controller '%s' "
		    "cannot be had for jails: %s/cgroup.subtree_control: %s",
		    controllers[c].v2, top, strerror(errno));
	return 0;
}

/* A new group of cpuset in v1 has no processors and no memory. */
static int
inherit_cpus(const char *dir)
{
	static const char *const files[] = { "cpuset.cpus", "cpuset.mems" };

	for (size_t i = 0; i < 2; i++) {
		AUTO_FREE char *above = xasprintf("%s/../%s", dir, files[i]);
		AUTO_BUF struct buf text = BUF_INIT;
		struct error ignored = ERROR_INIT;

		if (file_read(AT_FDCWD, above, 4096, &text, &ignored) < 0 ||
		    put(dir, files[i], buf_text(&text)) < 0)
			return -1;
	}
	return 0;
}

static int
try_v1(enum limit_controller c, const char *scope, const char *path)
{
	if (mkdir(scope, 0755) < 0 && errno != EEXIST)
		return -1;
	if (c == LIMIT_CPUSET && inherit_cpus(scope) < 0 && errno != EBUSY)
		return -1;
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return -1;
	return c == LIMIT_CPUSET ? inherit_cpus(path) : 0;
}

static int
make_v1(enum limit_controller c, const char *path, struct error *e)
{
	AUTO_FREE char *scope = xstrndup(path,
	    (size_t)(strrchr(path, '/') - path));
	int tries = MAKE_TRIES;

	while (try_v1(c, scope, path) < 0)
		if (errno != ENOENT || --tries == 0)
			return error_sys(e, "make %s", path);
	return 0;
}

/* In the jail's own group; before the others, which it tells of. */
static int
make_mark(const char *key, struct error *e)
{
	struct cgroup cg;
	int result = 0;

	if (cgroup_open(key, &cg, e) < 0)
		return -1;
	if (cg.fd < 0)
		return error_set(e, ERROR_UNSUPPORTED, "limits need a control "
		    "group of the jail, and this host gives none");
	if (mkdirat(cg.fd, LIMIT_MARK, 0755) < 0 && errno != EEXIST)
		result = error_sys(e, "control group of the jail");
	cgroup_fini(&cg);
	return result;
}

static int
make_group(enum limit_controller c, const char *key, struct limit_groups *g,
    struct error *e)
{
	const char *top = place_find(c, &g->v2[c]);
	AUTO_FREE char *path = NULL;

	if (top == NULL)
		return error_set(e, ERROR_UNSUPPORTED, "this host has no "
		    "control groups with the controller '%s'",
		    controllers[c].v2);
	path = xasprintf("%s/%s", top, key);
	if (g->v2[c]) {
		AUTO_FREE char *scope = xstrndup(path,
		    (size_t)(strrchr(path, '/') - path));
		if (enable(c, top, scope, e) < 0)
			return -1;
	} else if (make_mark(key, e) < 0 || make_v1(c, path, e) < 0) {
		return -1;
	}
	g->fds[c] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return g->fds[c] < 0 ? error_sys(e, "%s", path) : 0;
}

int
limit_groups_open(const char *key, struct limit_groups *g, struct error *e)
{
	for (size_t i = 0; i < LIMIT_CONTROLLERS; i++) {
		const char *top = place_find((enum limit_controller)i,
		    &g->v2[i]);
		AUTO_FREE char *path = NULL;

		if (top == NULL)
			continue;
		path = xasprintf("%s/%s", top, key);
		g->fds[i] = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (g->fds[i] < 0 && errno != ENOENT)
			return error_sys(e, "%s", path);
	}
	return 0;
}

int
limit_groups_remove(const char *key)
{
	bool v2;
	const char *own = cgroup_top(&v2);

	for (size_t i = 0; i < LIMIT_CONTROLLERS; i++) {
		const char *top = controllers[i].path;
		AUTO_FREE char *path = xasprintf("%s/%s", top, key);
		AUTO_FREE char *scope = xstrndup(path,
		    (size_t)(strrchr(path, '/') - path));

		if ((own != NULL && strcmp(own, top) == 0) ||
		    !cgroup_is_v1(top))
			continue;
		if (rmdir(path) < 0 && errno != ENOENT)
			return -1;
		/* the last one; others are in use */
		if (rmdir(scope) < 0 && errno != ENOENT && errno != EBUSY &&
		    errno != ENOTEMPTY)
			return -1;
	}
	return 0;
}

static uint64_t
openfiles_of(const struct engine_spec *spec)
{
	for (size_t i = 0; i < spec->limit_count; i++)
		if (strcmp(spec->limits[i].resource, "openfiles") == 0)
			return spec->limits[i].amount;
	return 0;
}

static int
open_procs(const struct limit_groups *g, struct limit_entry *entry,
    struct error *e)
{
	for (size_t i = 0; i < LIMIT_CONTROLLERS; i++) {
		int fd;

		if (g->fds[i] < 0 || g->v2[i])
			continue;
		fd = openat(g->fds[i], "cgroup.procs", O_WRONLY | O_CLOEXEC);
		if (fd < 0)
			return error_sys(e, "%s control group",
			    controllers[i].v1);
		entry->procs[entry->count++] = fd;
	}
	return 0;
}

static int
make_groups(const char *key, unsigned needs, struct limit_groups *g,
    struct error *e)
{
	for (size_t i = 0; i < LIMIT_CONTROLLERS; i++) {
		if ((needs & 1U << i) == 0 || (g->fds[i] >= 0 && !g->v2[i]))
			continue;
		/* of v2 it is there, perhaps without this controller */
		close_fd(&g->fds[i]);
		if (make_group((enum limit_controller)i, key, g, e) < 0)
			return -1;
	}
	return 0;
}

int
limit_make(const struct engine_spec *spec, struct limit_entry *entry,
    struct error *e)
{
	unsigned needs = limit_needs(spec);
	AUTO_GROUPS struct limit_groups g = LIMIT_GROUPS_INIT;

	entry->openfiles = openfiles_of(spec);
	if (needs == 0)
		return 0;
	if (make_groups(spec->key, needs, &g, e) < 0 ||
	    limit_write(&g, spec, true, e) < 0)
		return -1;
	return open_procs(&g, entry, e);
}

int
limit_join(const struct engine_spec *spec, struct limit_entry *entry,
    struct error *e)
{
	AUTO_GROUPS struct limit_groups g = LIMIT_GROUPS_INIT;

	entry->openfiles = openfiles_of(spec);
	if (limit_needs(spec) == 0)
		return 0;
	if (limit_groups_open(spec->key, &g, e) < 0)
		return -1;
	return open_procs(&g, entry, e);
}

int
limit_enter(const struct limit_entry *entry)
{
	for (size_t i = 0; i < entry->count; i++)
		if (write(entry->procs[i], "0", 1) < 0)
			return -1;
	return 0;
}

int
limit_enter_files(const struct limit_entry *entry)
{
	const struct rlimit most = { entry->openfiles, entry->openfiles };

	return entry->openfiles > 0 ? setrlimit(RLIMIT_NOFILE, &most) : 0;
}

/* Put pid where it is not yet; what has ended is fine. */
static int
move_one(const struct limit_entry *entry, pid_t pid, struct error *e)
{
	AUTO_FREE char *text = xasprintf("%d", (int)pid);

	for (size_t i = 0; i < entry->count; i++)
		if (write(entry->procs[i], text, strlen(text)) < 0 &&
		    errno != ESRCH)
			return error_sys(e, "move process %s under its limits",
			    text);
	return 0;
}

/* Raising it asks for CAP_SYS_RESOURCE, which not every root has; what was
 * lifted then holds for the processes that come. */
static int
limit_files(pid_t pid, const struct rlimit *files, bool lifted,
    struct error *e)
{
	if (prlimit(pid, RLIMIT_NOFILE, files, NULL) == 0 || errno == ESRCH ||
	    (errno == EPERM && lifted))
		return 0;
	if (errno == EPERM)
		return error_set(e, ERROR_DENIED, "limit.openfiles: it cannot "
		    "be raised for processes that run without "
		    "CAP_SYS_RESOURCE; stop the jail first");
	return error_sys(e, "limit.openfiles");
}

/*
 * All that run, until there is nobody new: a child is born into the groups that
 * its parent is in, so only those of a parent that had not been moved are left.
 */
static int
move_all(const char *key, const struct limit_entry *entry,
    const struct rlimit *files, struct error *e)
{
	struct cgroup_pids done = VEC_INIT;
	bool found = true;
	int result = 0;

	for (int round = 0; found && result == 0 && round < MOVE_ROUNDS;
	    round++) {
		struct cgroup_pids pids = VEC_INIT;

		found = false;
		result = cgroup_list(key, &pids, e);
		for (size_t i = 0; i < pids.count && result == 0; i++) {
			if (cgroup_pids_has(&done, pids.items[i]))
				continue;
			found = true;
			VEC_PUSH(&done, pids.items[i]);
			result = move_one(entry, pids.items[i], e);
			if (result == 0 && files != NULL)
				result = limit_files(pids.items[i], files,
				    entry->openfiles == 0, e);
		}
		VEC_FINI(&pids);
	}
	VEC_FINI(&done);
	return result;
}

int
linux_limit(const struct engine_live *live, const struct engine_spec *before,
    const struct engine_spec *spec, struct error *e)
{
	AUTO_GROUPS struct limit_groups g = LIMIT_GROUPS_INIT;
	struct limit_entry entry = LIMIT_ENTRY_INIT;
	uint64_t most = openfiles_of(spec);
	struct rlimit files = { most, most };
	bool same = most == openfiles_of(before);
	int result;

	/* what a jail has without a limit is what gaol has */
	if (most == 0 && getrlimit(RLIMIT_NOFILE, &files) < 0)
		return error_sys(e, "limit.openfiles");
	entry.openfiles = most;
	if (limit_groups_open(spec->key, &g, e) < 0 ||
	    make_groups(spec->key, limit_needs(spec), &g, e) < 0 ||
	    limit_write(&g, spec, false, e) < 0)
		return -1;
	result = open_procs(&g, &entry, e);
	if (result == 0 && (entry.count > 0 || !same))
		result = move_all(spec->key, &entry, same ? NULL : &files, e);
	limit_entry_fini(&entry);
	return result;
}
