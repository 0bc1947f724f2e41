/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Ranges of host ids for the user namespaces of running jails.  Files keep
 * plain ids on disk (idmapped mounts), so a range is needed only while a jail
 * runs: a bitmap in the run directory, gone at reboot, is all.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/live.h"

enum { IDS_RANGES = 32768, IDS_SIZE = 65536 };
/* Above systemd-nspawn's and subuid(5)'s usual ranges. */
static const uint32_t ids_first = 0x70000000;

struct bitmap {
	uint32_t hint;		/* where to look next: late reuse */
	unsigned char bits[IDS_RANGES / 8];
};

static bool
taken(const struct bitmap *map, uint32_t i)
{
	return (map->bits[i / 8] & (1 << i % 8)) != 0;
}

static int
open_locked(const struct host *h, struct bitmap *map, struct error *e)
{
	int fd = file_lock(h->run_fd, "ids", true, h->lock_timeout_ms, e);

	if (fd < 0)
		return -1;
	memset(map, 0, sizeof(*map));
	if (pread(fd, map, sizeof(*map), 0) < 0) {
		error_sys(e, "id ranges");
		close(fd);
		return -1;
	}
	return fd;
}

static int
store_bit(int fd, struct bitmap *map, uint32_t i, bool on, struct error *e)
{
	size_t at = offsetof(struct bitmap, bits) + i / 8;
	unsigned char mask = (unsigned char)(1 << i % 8);

	if (on)
		map->bits[i / 8] |= mask;
	else
		map->bits[i / 8] &= (unsigned char)~mask;
	if (pwrite(fd, &map->bits[i / 8], 1, (off_t)at) != 1 ||
	    pwrite(fd, &map->hint, sizeof(map->hint), 0) !=
	    (ssize_t)sizeof(map->hint))
		return error_sys(e, "id ranges");
	return 0;
}

int
ids_take(const struct host *h, struct live *l, struct error *e)
{
	struct bitmap map;
	AUTO_CLOSE int fd = -1;
	uint32_t i;

	l->id_base = 0;
	if (engine_native->has_ids == NULL || !engine_native->has_ids())
		return 0;
	fd = open_locked(h, &map, e);
	if (fd < 0)
		return -1;
	for (uint32_t n = 0; n < IDS_RANGES; n++) {
		i = (map.hint + n) % IDS_RANGES;
		if (taken(&map, i))
			continue;
		map.hint = i + 1;
		l->id_base = ids_first + i * IDS_SIZE;
		if (store_bit(fd, &map, i, true, e) < 0)
			return -1;
		return live_update(l, e);
	}
	return error_set(e, ERROR_FAILED, "all %d id ranges are in use; "
	    "'gaol doctor --repair' frees those of dead jails", IDS_RANGES);
}

int
ids_release(const struct host *h, struct live *l, struct error *e)
{
	struct bitmap map;
	uint32_t i = (l->id_base - ids_first) / IDS_SIZE;

	if (l->id_base < ids_first || i >= IDS_RANGES)
		return 0;
	AUTO_CLOSE int fd = open_locked(h, &map, e);
	if (fd < 0)
		return -1;
	/* or whoever is killed here would give back another's */
	l->id_base = 0;
	if (l->fd >= 0 && live_update(l, e) < 0)
		return -1;
	return store_bit(fd, &map, i, false, e);
}

int
ids_sweep(const struct host *h, struct error *e)
{
	struct bitmap map;
	AUTO_CLOSE int dirfd = -1, fd = -1;
	const struct dirent *d;

	if (!file_exists(h->run_fd, "ids"))
		return 0;
	fd = open_locked(h, &map, e);
	dirfd = fd < 0 ? -1 : file_opendir(h->run_fd, "live", e);
	if (dirfd < 0)
		return -1;
	AUTO_DIR DIR *dir = fdopendir(dirfd);
	if (dir == NULL)
		return error_sys(e, "%s/live", h->run);
	dirfd = -1;
	memset(map.bits, 0, sizeof(map.bits));
	while ((d = readdir(dir)) != NULL) {
		AUTO_LIVE struct live l = LIVE_INIT;
		uint32_t i;

		if (*d->d_name == '.')
			continue;
		if (live_read(h, d->d_name, &l, e) < 0)
			return -1;
		i = (l.id_base - ids_first) / IDS_SIZE;
		if (l.id_base >= ids_first && i < IDS_RANGES)
			map.bits[i / 8] |= (unsigned char)(1 << i % 8);
	}
	if (pwrite(fd, &map, sizeof(map), 0) != (ssize_t)sizeof(map))
		return error_sys(e, "id ranges");
	return 0;
}
