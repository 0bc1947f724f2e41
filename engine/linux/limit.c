/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* What is written for each limit, and what cannot be kept here. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "engine/linux/cgroup.h"
#include "engine/linux/limit.h"
#include "engine/linux/limit_place.h"

enum { CPU_PERIOD_US = 100000 };
#define NO_LIMIT UINT64_MAX

/* Those of one file that takes a number. */
static const struct row {
	const char *resource;
	enum limit_controller controller;
	const char *v2, *v1;
	uint64_t factor;	/* of our unit */
	const char *lifted_v2, *lifted_v1;
} rows[] = {
	{ "cpu", LIMIT_CPU, "cpu.max", "cpu.cfs_quota_us",
	    CPU_PERIOD_US / 100, "max", "-1" },
	{ "processes", LIMIT_PIDS, "pids.max", "pids.max", 1, NULL, "max" },
};

/* Those of disks: a word of io.max, a file of v1. */
static const struct disk_row {
	const char *resource, *word, *v1;
} disk_rows[] = {
	{ "io.read.bps", "rbps", "blkio.throttle.read_bps_device" },
	{ "io.read.iops", "riops", "blkio.throttle.read_iops_device" },
	{ "io.write.bps", "wbps", "blkio.throttle.write_bps_device" },
	{ "io.write.iops", "wiops", "blkio.throttle.write_iops_device" },
};
enum { DISK_ROWS = sizeof(disk_rows) / sizeof(disk_rows[0]) };

static uint64_t
amount_of(const struct engine_spec *spec, const char *resource)
{
	for (size_t i = 0; i < spec->limit_count; i++)
		if (spec->limits[i].action == NULL &&
		    strcmp(spec->limits[i].resource, resource) == 0)
			return spec->limits[i].amount;
	return NO_LIMIT;
}

static bool
has_cpus(const struct engine_spec *spec)
{
	return spec->cpus != NULL && spec->cpus->count > 0;
}

/* The controller of a limit; LIMIT_CONTROLLERS: none is needed. */
static enum limit_controller
controller_of(const char *resource)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].resource, resource) == 0)
			return rows[i].controller;
	for (size_t i = 0; i < DISK_ROWS; i++)
		if (strcmp(disk_rows[i].resource, resource) == 0)
			return LIMIT_IO;
	return strcmp(resource, "memory") == 0 ||
	    strcmp(resource, "swap") == 0 ? LIMIT_MEMORY : LIMIT_CONTROLLERS;
}

unsigned
limit_needs(const struct engine_spec *spec)
{
	unsigned needs = has_cpus(spec) ? 1U << LIMIT_CPUSET : 0;

	for (size_t i = 0; i < spec->limit_count; i++) {
		enum limit_controller c =
		    controller_of(spec->limits[i].resource);

		if (c != LIMIT_CONTROLLERS)
			needs |= 1U << c;
	}
	return needs;
}

static int
put(int fd, const char *file, const char *text)
{
	AUTO_CLOSE int f = openat(fd, file, O_WRONLY | O_CLOEXEC);

	if (f < 0)
		return -1;
	return write(f, text, strlen(text)) < 0 ? -1 : 0;
}

static int
fails(const char *resource, const char *file, struct error *e)
{
	if (errno == ENOENT)
		return error_set(e, ERROR_UNSUPPORTED, "limit.%s: this kernel "
		    "has no %s for a control group", resource, file);
	if (errno == EBUSY)
		return error_set(e, ERROR_BUSY, "limit.%s: the jail uses more "
		    "than that, and cannot give it back now", resource);
	return error_sys(e, "limit.%s: %s", resource, file);
}

/* A group of v2 that has not got the controller has no limit either. */
static bool
nothing_to_lift(uint64_t amount)
{
	return amount == NO_LIMIT && errno == ENOENT;
}

static int
write_number(const struct row *r, const struct limit_groups *g,
    uint64_t amount, struct error *e)
{
	bool v2 = g->v2[r->controller];
	const char *file = v2 ? r->v2 : r->v1;
	const char *lifted = v2 ? r->lifted_v2 : r->lifted_v1;
	AUTO_FREE char *text = NULL;

	if (amount != NO_LIMIT)
		text = xasprintf("%" PRIu64, amount * r->factor);
	else if (lifted != NULL)
		text = xstrdup(lifted);
	else	/* what every jail of v2 has */
		text = xasprintf("%d", CGROUP_PROCESSES);
	/* "max 100000": v2 has quota and period in one file */
	if (v2 && r->controller == LIMIT_CPU) {
		char *quota = text;

		text = xasprintf("%s %d", quota, CPU_PERIOD_US);
		free(quota);
	}
	if (put(g->fds[r->controller], file, text) < 0 &&
	    !nothing_to_lift(amount))
		return fails(r->resource, file, e);
	return 0;
}

/* v1 counts memory and swap together, and never less than memory alone. */
static int
write_memory_v1(int fd, uint64_t memory, uint64_t swap, struct error *e)
{
	AUTO_FREE char *most = memory == NO_LIMIT ? xstrdup("-1") :
	    xasprintf("%" PRIu64, memory);
	AUTO_FREE char *both = memory == NO_LIMIT || swap == NO_LIMIT ?
	    xstrdup("-1") : xasprintf("%" PRIu64, memory + swap);

	if (put(fd, "memory.memsw.limit_in_bytes", "-1") < 0 &&
	    errno != ENOENT)
		return fails("swap", "memory.memsw.limit_in_bytes", e);
	if (put(fd, "memory.limit_in_bytes", most) < 0)
		return fails("memory", "memory.limit_in_bytes", e);
	if (swap != NO_LIMIT &&
	    put(fd, "memory.memsw.limit_in_bytes", both) < 0)
		return fails("swap", "memory.memsw.limit_in_bytes", e);
	return 0;
}

static int
write_memory(const struct limit_groups *g, const struct engine_spec *spec,
    struct error *e)
{
	static const char *const names[] = { "memory", "swap" };
	static const char *const files[] = { "memory.max", "memory.swap.max" };
	int fd = g->fds[LIMIT_MEMORY];

	if (!g->v2[LIMIT_MEMORY])
		return write_memory_v1(fd, amount_of(spec, "memory"),
		    amount_of(spec, "swap"), e);
	for (size_t i = 0; i < 2; i++) {
		uint64_t amount = amount_of(spec, names[i]);
		AUTO_FREE char *text = amount == NO_LIMIT ? xstrdup("max") :
		    xasprintf("%" PRIu64, amount);

		if (put(fd, files[i], text) < 0 && !nothing_to_lift(amount))
			return fails(names[i], files[i], e);
	}
	return 0;
}

static int
write_cpus(const struct limit_groups *g, const struct engine_spec *spec,
    struct error *e)
{
	int fd = g->fds[LIMIT_CPUSET];
	AUTO_BUF struct buf above = BUF_INIT;
	AUTO_FREE char *text = NULL;

	if (has_cpus(spec)) {
		text = strings_join(spec->cpus, ",");
	} else if (g->v2[LIMIT_CPUSET]) {
		text = xstrdup("\n");
	} else {
		if (file_read(fd, "../cpuset.cpus", 4096, &above, e) < 0)
			return -1;
		text = xstrdup(buf_text(&above));
	}
	if (put(fd, "cpuset.cpus", text) == 0 ||
	    (!has_cpus(spec) && errno == ENOENT))
		return 0;
	if (errno == EINVAL || errno == EACCES || errno == ERANGE)
		return error_set(e, ERROR_CONFIG, "limit.cpuset: this host has "
		    "no processors %s", text);
	return fails("cpuset", "cpuset.cpus", e);
}

static bool
limits_disks(const struct engine_spec *spec)
{
	return (limit_needs(spec) & 1U << LIMIT_IO) != 0;
}

static int
write_disk(const struct limit_groups *g, const struct engine_spec *spec,
    const char *device, struct error *e)
{
	AUTO_BUF struct buf line = BUF_INIT;

	buf_puts(&line, device);
	for (size_t i = 0; i < DISK_ROWS; i++) {
		const struct disk_row *r = &disk_rows[i];
		uint64_t amount = amount_of(spec, r->resource);
		AUTO_FREE char *text = amount == NO_LIMIT ?
		    xstrdup(g->v2[LIMIT_IO] ? "max" : "0") :
		    xasprintf("%" PRIu64, amount);
		AUTO_FREE char *one = xasprintf("%s %s", device, text);

		buf_printf(&line, " %s=%s", r->word, text);
		if (!g->v2[LIMIT_IO] && put(g->fds[LIMIT_IO], r->v1, one) < 0 &&
		    (amount != NO_LIMIT || errno != ENODEV))
			return fails(r->resource, r->v1, e);
	}
	/* a device that went away meanwhile needs no limit */
	if (g->v2[LIMIT_IO] &&
	    put(g->fds[LIMIT_IO], "io.max", buf_text(&line)) < 0 &&
	    errno != ENODEV && (errno != ENOENT || limits_disks(spec)))
		return fails("io", "io.max", e);
	return 0;
}

/*
 * On every disk that the host has, as nobody can tell on which of them a jail's
 * files will be read; those that are memory do not count.
 */
static int
write_disks(const struct limit_groups *g, const struct engine_spec *spec,
    struct error *e)
{
	AUTO_DIR DIR *dir = opendir("/sys/block");
	const struct dirent *d;

	if (dir == NULL)
		return error_sys(e, "limit.io: /sys/block");
	while ((d = readdir(dir)) != NULL) {
		AUTO_FREE char *file = xasprintf("%s/dev", d->d_name);
		AUTO_BUF struct buf device = BUF_INIT;
		struct error ignored = ERROR_INIT;

		if (d->d_name[0] == '.' || strncmp(d->d_name, "ram", 3) == 0 ||
		    strncmp(d->d_name, "zram", 4) == 0 ||
		    file_read(dirfd(dir), file, 64, &device, &ignored) < 0)
			continue;
		device.data[strcspn(buf_text(&device), "\n")] = '\0';
		if (write_disk(g, spec, device.data, e) < 0)
			return -1;
	}
	return 0;
}

int
limit_write(const struct limit_groups *g, const struct engine_spec *spec,
    bool fresh, struct error *e)
{
	unsigned needs = fresh ? limit_needs(spec) :
	    (1U << LIMIT_CONTROLLERS) - 1;

	for (size_t i = 0; i < LIMIT_CONTROLLERS; i++)
		if (g->fds[i] < 0)
			needs &= ~(1U << i);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((needs & 1U << rows[i].controller) != 0 &&
		    write_number(&rows[i], g, amount_of(spec,
		    rows[i].resource), e) < 0)
			return -1;
	if ((needs & 1U << LIMIT_MEMORY) != 0 && write_memory(g, spec, e) < 0)
		return -1;
	if ((needs & 1U << LIMIT_CPUSET) != 0 && write_cpus(g, spec, e) < 0)
		return -1;
	return (needs & 1U << LIMIT_IO) != 0 ? write_disks(g, spec, e) : 0;
}

static int
check_openfiles(uint64_t amount, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;
	uint64_t most;

	if (file_read(AT_FDCWD, "/proc/sys/fs/nr_open", 64, &text, e) < 0)
		return -1;
	most = strtoull(buf_text(&text), NULL, 10);
	if (amount > most)
		return error_set(e, ERROR_UNSUPPORTED, "limit.openfiles: no "
		    "process of this host may have more than %" PRIu64 " "
		    "files open (sysctl fs.nr_open)", most);
	return 0;
}

/* v1 charges what goes through the page cache to nobody. */
static int
check_v1(const char *resource, const struct engine_spec *spec,
    struct error *e)
{
	if (strncmp(resource, "io.write.", 9) == 0)
		return error_set(e, ERROR_UNSUPPORTED, "limit.%s: cgroup v1 "
		    "does not know whose writes the page cache brings to disk; "
		    "what would do it: a host with cgroup v2 (boot with "
		    "systemd.unified_cgroup_hierarchy=1)", resource);
	if (strcmp(resource, "swap") != 0)
		return 0;
	if (!place_has_v1(LIMIT_MEMORY, "memory.memsw.limit_in_bytes"))
		return error_set(e, ERROR_UNSUPPORTED, "limit.swap: this "
		    "kernel does not count swap; what would do it: boot with "
		    "swapaccount=1");
	if (amount_of(spec, "memory") == NO_LIMIT)
		return error_set(e, ERROR_UNSUPPORTED, "limit.swap: cgroup v1 "
		    "limits memory and swap together; set limit.memory, too");
	return 0;
}

static int
check_one(const char *resource, const struct engine_spec *spec,
    struct error *e)
{
	enum limit_controller c = strcmp(resource, "cpuset") == 0 ?
	    LIMIT_CPUSET : controller_of(resource);
	bool v2;

	if (strcmp(resource, "openfiles") == 0)
		return check_openfiles(amount_of(spec, resource), e);
	if (c == LIMIT_CONTROLLERS)
		return error_set(e, ERROR_UNSUPPORTED, "limit.%s: Linux does "
		    "not count that for a control group", resource);
	if (place_find(c, &v2) == NULL)
		return error_set(e, ERROR_UNSUPPORTED, "limit.%s: this host "
		    "has no control groups with the controller '%s' "
		    "(cgroups(7), /proc/cgroups); what would do it: mount "
		    "them, or boot with cgroup_enable=%s", resource,
		    place_name(c, true), place_name(c, true));
	return v2 ? 0 : check_v1(resource, spec, e);
}

/* "0-3": the last of it must be one of this host's. */
static int
check_cpus(const struct engine_spec *spec, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;
	const char *last;
	unsigned long most;

	if (file_read(AT_FDCWD, "/sys/devices/system/cpu/possible", 4096,
	    &text, e) < 0)
		return -1;
	last = strpbrk(buf_text(&text), "-,") == NULL ? buf_text(&text) :
	    strrchr(buf_text(&text), '-') != NULL ?
	    strrchr(buf_text(&text), '-') + 1 : buf_text(&text);
	most = strtoul(last, NULL, 10);
	for (size_t i = 0; i < spec->cpus->count; i++) {
		const char *range = spec->cpus->items[i];
		const char *end = strchr(range, '-');

		if (strtoul(end != NULL ? end + 1 : range, NULL, 10) > most)
			return error_set(e, ERROR_UNSUPPORTED, "limit.cpuset: "
			    "no %s here, the processors of this host are "
			    "0-%lu", range, most);
	}
	return check_one("cpuset", spec, e);
}

int
limit_check(const struct engine_spec *spec, struct error *e)
{
	for (size_t i = 0; i < spec->limit_count; i++)
		if (check_one(spec->limits[i].resource, spec, e) < 0)
			return -1;
	return has_cpus(spec) ? check_cpus(spec, e) : 0;
}
