/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* What sync knows of files: their blocks, and what was received before. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/sync.h"
#include "base/xalloc.h"

void
sync_blocks_init(struct sync_blocks *b, int fd, uint64_t size)
{
	*b = (struct sync_blocks){ .fd = fd, .size = size };
	b->block = xrealloc(NULL, SYNC_BLOCK);
}

void
sync_blocks_fini(struct sync_blocks *b)
{
	free(b->block);
	b->block = NULL;
}

bool
sync_is_hole(const uint8_t sum[BLAKE2_SIZE])
{
	static const uint8_t none[BLAKE2_SIZE];

	return memcmp(sum, none, sizeof(none)) == 0;
}

/* Whether all from at to end lies in a hole. */
static bool
is_hole(struct sync_blocks *b, uint64_t at, uint64_t end)
{
	if (at >= b->hole) {
		off_t data = lseek(b->fd, (off_t)at, SEEK_DATA);
		off_t hole;

		/* a file system that knows no holes: all is data */
		if (data < 0 && errno != ENXIO)
			data = (off_t)at;
		b->data = data < 0 ? UINT64_MAX : (uint64_t)data;
		hole = data < 0 ? -1 : lseek(b->fd, data, SEEK_HOLE);
		b->hole = hole < 0 ? UINT64_MAX : (uint64_t)hole;
	}
	return end <= b->data;
}

int
sync_block(struct sync_blocks *b, uint64_t index, size_t *len,
    uint8_t sum[BLAKE2_SIZE])
{
	uint64_t at = index * SYNC_BLOCK, end = at + SYNC_BLOCK;

	*len = 0;
	memset(sum, 0, BLAKE2_SIZE);
	if (end > b->size)
		end = b->size;
	if (at >= end)
		return 0;
	if (is_hole(b, at, end)) {
		*len = (size_t)(end - at);
		return 0;
	}
	while (at + *len < end) {
		ssize_t n = pread(b->fd, b->block + *len,
		    (size_t)(end - at) - *len, (off_t)(at + *len));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		*len += (size_t)n;
	}
	/* zeros that take space here may be a hole there */
	if (*len > 0 && !(b->block[0] == 0 &&
	    memcmp(b->block, b->block + 1, *len - 1) == 0))
		blake2_sum(b->block, *len, sum);
	return 0;
}

void
sync_known_fini(struct sync_known *k)
{
	VEC_FINI(k);
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, (size_t)2 * SYNC_TOKEN);
}

int
sync_known_load(struct sync_known *k, int dir, const char *name,
    struct error *e)
{
	AUTO_CLOSE int fd = openat(dir, name,
	    O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	uint8_t chunk[2 * SYNC_TOKEN * 512];
	size_t fill = 0;
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? 0 : error_sys(e, "%s", name);
	while ((n = read(fd, chunk + fill, sizeof(chunk) - fill)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(e, "%s", name);
		fill += (size_t)n;
		for (size_t at = 0; at + 2 * SYNC_TOKEN <= fill;
		    at += (size_t)2 * SYNC_TOKEN) {
			if (k->count == k->cap) {
				k->cap = k->cap > 0 ? k->cap * 2 : 1024;
				k->items = xrealloc(k->items,
				    k->cap * sizeof(*k->items));
			}
			memcpy(k->items[k->count++], chunk + at,
			    (size_t)2 * SYNC_TOKEN);
		}
		/* what was cut off by a crash is at the end */
		memmove(chunk, chunk + fill - fill % (2 * SYNC_TOKEN),
		    fill % (2 * SYNC_TOKEN));
		fill %= (size_t)2 * SYNC_TOKEN;
	}
	return 0;
}

void
sync_known_sort(struct sync_known *k)
{
	if (k->count > 1)
		qsort(k->items, k->count, sizeof(*k->items), compare);
}

bool
sync_known_has(const struct sync_known *k, const char *path,
    const uint8_t token[SYNC_TOKEN])
{
	uint8_t sum[BLAKE2_SIZE];

	if (k == NULL || k->count == 0)
		return false;
	sync_path_sum(path, sum);
	memcpy(sum + SYNC_TOKEN, token, SYNC_TOKEN);
	return bsearch(sum, k->items, k->count, sizeof(*k->items), compare) !=
	    NULL;
}
