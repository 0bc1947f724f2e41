/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <linux/magic.h>

#include "base/auto.h"
#include "base/xalloc.h"
#include "engine/linux/subvolume.h"

enum { SEARCH_BUFFER = 64 << 10, DEPTH_MAX = 64 };

bool
btrfs_is(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == BTRFS_SUPER_MAGIC;
}

bool
btrfs_is_subvolume(int fd)
{
	struct stat st;

	return btrfs_is(fd) && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) &&
	    st.st_ino == BTRFS_FIRST_FREE_OBJECTID;
}

static int
check_name(const char *name, struct error *e)
{
	if (strlen(name) > BTRFS_SUBVOL_NAME_MAX)
		return error_set(e, ERROR_FAILED, "%.40s...: too long a name",
		    name);
	return 0;
}

int
btrfs_make(int dir, const char *name, struct error *e)
{
	struct btrfs_ioctl_vol_args args;

	memset(&args, 0, sizeof(args));
	if (check_name(name, e) < 0)
		return -1;
	snprintf(args.name, sizeof(args.name), "%s", name);
	if (ioctl(dir, BTRFS_IOC_SUBVOL_CREATE, &args) < 0)
		return error_sys(e, "make subvolume %s", name);
	return 0;
}

int
btrfs_snapshot(int from, int dir, const char *name, bool readonly,
    struct error *e)
{
	struct btrfs_ioctl_vol_args_v2 args;

	memset(&args, 0, sizeof(args));
	if (check_name(name, e) < 0)
		return -1;
	args.fd = from;
	args.flags = readonly ? BTRFS_SUBVOL_RDONLY : 0;
	snprintf(args.name, sizeof(args.name), "%s", name);
	if (ioctl(dir, BTRFS_IOC_SNAP_CREATE_V2, &args) < 0)
		return error_sys(e, "make snapshot %s", name);
	return 0;
}

int
btrfs_info(int fd, struct btrfs_subvolume *s, struct error *e)
{
	struct btrfs_ioctl_get_subvol_info_args args;

	memset(&args, 0, sizeof(args));
	if (ioctl(fd, BTRFS_IOC_GET_SUBVOL_INFO, &args) < 0)
		return error_sys(e, "subvolume");
	s->id = args.treeid;
	s->transid = args.otransid;
	s->generation = args.generation;
	s->made = (int64_t)args.otime.sec;
	s->readonly = (args.flags & BTRFS_SUBVOL_RDONLY) != 0 ||
	    (args.flags & 1) != 0;
	return 0;
}

/*
 * All items of a type in a tree, one after another.  The kernel takes the ends
 * of the range as one long number each, so that others are among them.
 */
struct search {
	uint64_t tree, type, after;
	uint64_t object_min, object_max;
	uint64_t offset_min, offset_max;
	void (*item)(void *arg, const struct btrfs_ioctl_search_header *h,
	    const void *data);
	void *arg;
};

/* The items of one answer; false when it was the last. */
static bool
take_items(const struct search *s, struct btrfs_ioctl_search_args_v2 *args)
{
	struct btrfs_ioctl_search_header h;
	const unsigned char *p = args->buf;

	memset(&h, 0, sizeof(h));
	if (args->key.nr_items == 0)
		return false;
	for (uint32_t i = 0; i < args->key.nr_items; i++) {
		memcpy(&h, p, sizeof(h));
		p += sizeof(h);
		if (h.type == s->type)
			s->item(s->arg, &h, p);
		p += h.len;
	}
	args->key.min_objectid = h.objectid;
	args->key.min_type = h.type;
	args->key.min_offset = h.offset + 1;
	if (args->key.min_offset != 0)
		return true;
	if (++args->key.min_type <= UINT8_MAX)
		return true;
	args->key.min_type = 0;
	return ++args->key.min_objectid != 0;
}

static int
search(int fd, const struct search *s)
{
	AUTO_FREE struct btrfs_ioctl_search_args_v2 *args = xcalloc(1,
	    sizeof(*args) + SEARCH_BUFFER);

	args->key.tree_id = s->tree;
	args->key.min_objectid = s->object_min;
	args->key.max_objectid = s->object_max;
	args->key.min_type = args->key.max_type = (uint32_t)s->type;
	args->key.min_offset = s->offset_min;
	args->key.max_offset = s->offset_max;
	args->key.min_transid = s->after;
	args->key.max_transid = UINT64_MAX;
	do {
		args->key.nr_items = UINT32_MAX;
		args->buf_size = SEARCH_BUFFER;
		if (ioctl(fd, BTRFS_IOC_TREE_SEARCH_V2, args) < 0)
			return -1;
	} while (take_items(s, args));
	return 0;
}

struct written {
	uint64_t after, bytes;
};

static void
add_extent(void *arg, const struct btrfs_ioctl_search_header *h,
    const void *data)
{
	struct written *w = arg;
	struct btrfs_file_extent_item item;
	size_t head = offsetof(struct btrfs_file_extent_item, disk_bytenr);

	memset(&item, 0, sizeof(item));
	if (h->len < head)
		return;
	memcpy(&item, data, h->len < sizeof(item) ? h->len : sizeof(item));
	if (item.generation <= w->after)
		return;
	if (item.type == BTRFS_FILE_EXTENT_INLINE)
		w->bytes += item.ram_bytes;
	else if (item.disk_bytenr != 0)
		w->bytes += item.num_bytes;
}

int
btrfs_written(int fd, uint64_t after, uint64_t *bytes, struct error *e)
{
	struct written w = { after, 0 };
	const struct search s = {
		.type = BTRFS_EXTENT_DATA_KEY, .after = after,
		.object_max = UINT64_MAX, .offset_max = UINT64_MAX,
		.item = add_extent, .arg = &w,
	};

	if (search(fd, &s) < 0)
		return error_sys(e, "extents of a subvolume");
	*bytes = w.bytes;
	return 0;
}

struct children {
	uint64_t *ids;
	size_t count, cap;
};

static void
add_child(void *arg, const struct btrfs_ioctl_search_header *h,
    const void *data)
{
	struct children *c = arg;

	if (c->count == c->cap) {
		c->cap = c->cap != 0 ? c->cap * 2 : 8;
		c->ids = xrealloc(c->ids, c->cap * sizeof(*c->ids));
	}
	c->ids[c->count++] = h->offset;
}

static int
remove_children(int dir, uint64_t id, int depth, struct error *e);

/* By its number: no path in the tree, which may be hostile, is looked up. */
static int
remove_id(int dir, uint64_t id, int depth, struct error *e)
{
	struct btrfs_ioctl_vol_args_v2 args;

	if (remove_children(dir, id, depth, e) < 0)
		return -1;
	memset(&args, 0, sizeof(args));
	args.flags = BTRFS_SUBVOL_SPEC_BY_ID;
	args.subvolid = id;
	if (ioctl(dir, BTRFS_IOC_SNAP_DESTROY_V2, &args) < 0 &&
	    errno != ENOENT)
		return error_sys(e, "remove subvolume %llu",
		    (unsigned long long)id);
	return 0;
}

/* Those that somebody made in it: a jail's root may. */
static int
remove_children(int dir, uint64_t id, int depth, struct error *e)
{
	struct children c = { NULL, 0, 0 };
	const struct search s = {
		.tree = BTRFS_ROOT_TREE_OBJECTID, .type = BTRFS_ROOT_REF_KEY,
		.object_min = id, .object_max = id, .offset_max = UINT64_MAX,
		.item = add_child, .arg = &c,
	};
	int result = 0;

	if (depth > DEPTH_MAX)
		return error_set(e, ERROR_FAILED,
		    "subvolumes in subvolumes, deeper than %d", DEPTH_MAX);
	if (search(dir, &s) < 0)
		result = error_sys(e, "subvolumes in a subvolume");
	for (size_t i = 0; i < c.count && result == 0; i++)
		result = remove_id(dir, c.ids[i], depth + 1, e);
	free(c.ids);
	return result;
}

int
btrfs_remove(int dir, const char *name, struct error *e)
{
	AUTO_CLOSE int fd = openat(dir, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct btrfs_ioctl_vol_args args;
	struct btrfs_subvolume s;

	if (fd < 0)
		return errno == ENOENT ? 0 : error_sys(e, "%s", name);
	if (!btrfs_is_subvolume(fd))
		return error_set(e, ERROR_FAILED, "%s: not a subvolume", name);
	if (check_name(name, e) < 0 || btrfs_info(fd, &s, e) < 0 ||
	    remove_children(dir, s.id, 0, e) < 0)
		return -1;
	close_fd(&fd);
	memset(&args, 0, sizeof(args));
	snprintf(args.name, sizeof(args.name), "%s", name);
	if (ioctl(dir, BTRFS_IOC_SNAP_DESTROY, &args) < 0 && errno != ENOENT)
		return error_sys(e, "remove subvolume %s", name);
	return 0;
}

static void
take_info(void *arg, const struct btrfs_ioctl_search_header *h,
    const void *data)
{
	struct btrfs_qgroup_info_item item;
	struct btrfs_group *g = arg;

	if (h->len < sizeof(item))
		return;
	memcpy(&item, data, sizeof(item));
	g->counted = true;
	g->referenced = item.rfer;
	g->exclusive = item.excl;
}

static void
take_limit(void *arg, const struct btrfs_ioctl_search_header *h,
    const void *data)
{
	struct btrfs_qgroup_limit_item item;
	struct btrfs_group *g = arg;

	if (h->len < sizeof(item))
		return;
	memcpy(&item, data, sizeof(item));
	if (item.flags & BTRFS_QGROUP_LIMIT_MAX_RFER)
		g->limit = item.max_rfer;
}

int
btrfs_group(int fd, uint64_t id, struct btrfs_group *g, struct error *e)
{
	struct search s = {
		.tree = BTRFS_QUOTA_TREE_OBJECTID,
		.type = BTRFS_QGROUP_INFO_KEY, .offset_min = id,
		.offset_max = id, .item = take_info, .arg = g,
	};

	*g = (struct btrfs_group){ false, 0, 0, UINT64_MAX };
	if (search(fd, &s) < 0)
		return errno == ENOENT ? 0 : error_sys(e, "quota groups");
	s.type = BTRFS_QGROUP_LIMIT_KEY;
	s.item = take_limit;
	if (search(fd, &s) < 0)
		return error_sys(e, "quota groups");
	return 0;
}

static int
set_limit(int fd, uint64_t id, uint64_t bytes)
{
	struct btrfs_ioctl_qgroup_limit_args args;

	memset(&args, 0, sizeof(args));
	args.qgroupid = id;
	args.lim.flags = BTRFS_QGROUP_LIMIT_MAX_RFER;
	args.lim.max_rfer = bytes;	/* UINT64_MAX takes it away */
	return ioctl(fd, BTRFS_IOC_QGROUP_LIMIT, &args);
}

int
btrfs_limit(int fd, uint64_t id, uint64_t bytes, struct error *e)
{
	struct btrfs_ioctl_quota_ctl_args on = { BTRFS_QUOTA_CTL_ENABLE, 0 };
	struct btrfs_group g;

	if (btrfs_group(fd, id, &g, e) < 0)
		return -1;
	if (!g.counted && bytes == UINT64_MAX)
		return 0;
	/* it counts what is there already before it returns */
	if (!g.counted && (ioctl(fd, BTRFS_IOC_QUOTA_CTL, &on) < 0 ||
	    (ioctl(fd, BTRFS_IOC_QUOTA_RESCAN_WAIT) < 0 && errno != EINTR)))
		return error_sys(e, "quota groups");
	if (set_limit(fd, id, bytes) < 0)
		return error_sys(e, "limit of a subvolume");
	return 0;
}
