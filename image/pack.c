/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/sysmacros.h>
#endif

#include "base/auto.h"
#include "base/walk.h"
#include "image/member.h"
#include "image/pack.h"
#include "image/stop.h"

/* A walk's work: the archive, files with several names met before. */
struct packing {
	struct pack *pack;
	struct walk_links links;
	struct tar_entry entry;	/* reused, for its memory */
};

int
pack_header(struct pack *p, const struct tar_entry *t, struct error *e)
{
	AUTO_BUF struct buf header = BUF_INIT;
	char sum[HASH_HEX] = "";

	if (p->sums && p->members > 0)
		sink_sum(p->sink, sum);
	tar_format(t, sum, &header);
	p->members++;
	return sink_add(p->sink, header.data, header.len, e);
}

static int
pad(struct pack *p, uint64_t len, struct error *e)
{
	static const char zeros[TAR_BLOCK];

	return sink_add(p->sink, zeros, (TAR_BLOCK - len % TAR_BLOCK) %
	    TAR_BLOCK, e);
}

int
pack_text(struct pack *p, const char *name, const char *text, size_t len,
    struct error *e)
{
	AUTO_ENTRY struct tar_entry t = TAR_ENTRY_INIT;

	buf_puts(&t.name, name);
	t.mode = 0600;
	t.size = len;
	if (pack_header(p, &t, e) < 0 || sink_add(p->sink, text, len, e) < 0)
		return -1;
	return pad(p, len, e);
}

int
pack_end(struct pack *p, struct error *e)
{
	static const char zeros[2 * TAR_BLOCK];

	return sink_add(p->sink, zeros, sizeof(zeros), e);
}

/* The walk's error tells the file: "pack etc/passwd: why". */
static int
failed_at(struct walk *w, struct walk_level *in, const char *name,
    struct error *e)
{
	AUTO_BUF struct buf path = BUF_INIT;
	char shown[MEMBER_SHOWN];

	walk_path(w, in, name, &path);
	return error_wrap(e, "%s", member_show(path.len > 0 ? path.data : ".",
	    shown));
}

static int
changed(struct walk *w, struct walk_level *in, const char *name,
    struct error *e)
{
	error_set(e, ERROR_BUSY, "it changed while it was read");
	return failed_at(w, in, name, e);
}

static int
sys_failed(struct walk *w, struct walk_level *in, const char *name,
    struct error *e)
{
	if (errno == ENOENT)
		return changed(w, in, name, e);
	error_sys(e, "read");
	return failed_at(w, in, name, e);
}

static bool
same_stat(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_mode == b->st_mode && a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	    a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	    a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static struct tar_entry *
begin(struct walk *w, struct walk_level *in, const char *name,
    const struct stat *st)
{
	struct packing *k = w->arg;
	struct tar_entry *t = &k->entry;

	tar_entry_clear(t);
	buf_puts(&t->name, k->pack->prefix);
	walk_path(w, in, name, &t->name);
	t->mode = st->st_mode & 07777;
	t->uid = (uint32_t)st->st_uid;
	t->gid = (uint32_t)st->st_gid;
	t->mtime = st->st_mtim;
	return t;
}

/* As large as it was; *bad: it is shorter now. */
static int
send_data(struct pack *p, int fd, uint64_t at, uint64_t len, bool *bad,
    struct error *e)
{
	while (len > 0) {
		unsigned char *room;
		size_t n;
		ssize_t got;

		if (sink_room(p->sink, &room, &n, e) < 0)
			return -1;
		n = n < len ? n : (size_t)len;
		got = pread(fd, room, n, (off_t)at);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return error_sys(e, "read");
		if (got == 0) {
			*bad = true;
			return 0;
		}
		sink_filled(p->sink, (size_t)got);
		p->bytes += (uint64_t)got;
		at += (uint64_t)got;
		len -= (uint64_t)got;
		progress_update(p->progress, p->bytes);
	}
	return 0;
}

/* Where it has data; a file system that cannot tell says all of it. */
static int
find_extents(int fd, uint64_t size, struct tar_extents *x, struct error *e)
{
	uint64_t at = 0;

	while (at < size) {
		off_t data = lseek(fd, (off_t)at, SEEK_DATA), hole;

		if (data < 0 && errno == ENXIO)
			break;
		hole = data < 0 ? -1 : lseek(fd, data, SEEK_HOLE);
		if (data < 0 || hole < 0) {
			if (errno != EINVAL)
				return error_sys(e, "look for holes");
			data = (off_t)at;
			hole = (off_t)size;
		}
		if ((uint64_t)hole > size)
			hole = (off_t)size;
		if (hole <= data)
			break;
		VEC_PUSH(x, (struct tar_extent){ (uint64_t)data,
		    (uint64_t)(hole - data) });
		at = (uint64_t)hole;
	}
	return 0;
}

static int
send_sparse(struct pack *p, int fd, struct tar_entry *t, bool *bad,
    struct error *e)
{
	AUTO_BUF struct buf map = BUF_INIT;

	tar_format_map(&t->extents, &map);
	t->size = map.len;
	for (size_t i = 0; i < t->extents.count; i++)
		t->size += t->extents.items[i].len;
	if (pack_header(p, t, e) < 0 ||
	    sink_add(p->sink, map.data, map.len, e) < 0)
		return -1;
	for (size_t i = 0; i < t->extents.count && !*bad; i++)
		if (send_data(p, fd, t->extents.items[i].at,
		    t->extents.items[i].len, bad, e) < 0)
			return -1;
	return pad(p, t->size, e);
}

static int
send_regular(struct pack *p, int fd, struct tar_entry *t,
    const struct stat *st, bool *bad, struct error *e)
{
	t->size = (uint64_t)st->st_size;
	if (t->size > 0 && (uint64_t)st->st_blocks * 512 < t->size) {
		if (find_extents(fd, t->size, &t->extents, e) < 0)
			return -1;
		t->sparse = t->extents.count != 1 ||
		    t->extents.items[0].at != 0 ||
		    t->extents.items[0].len != t->size;
	}
	if (t->sparse) {
		t->real_size = t->size;
		return send_sparse(p, fd, t, bad, e);
	}
	if (pack_header(p, t, e) < 0 || send_data(p, fd, 0, t->size, bad,
	    e) < 0)
		return -1;
	return pad(p, t->size, e);
}

/* Linked to a member that went before? */
static bool
is_linked(struct walk *w, struct walk_level *in, const char *name,
    const struct stat *st)
{
	struct packing *k = w->arg;
	struct walk_link *link;
	struct buf path = BUF_INIT;
	bool made;

	if (st->st_nlink < 2)
		return false;
	link = walk_links_find(&k->links, st, &made);
	if (!made) {
		buf_puts(&k->entry.link, link->path);
		k->entry.type = TAR_LINK;
		return true;
	}
	buf_puts(&path, k->pack->prefix);
	walk_path(w, in, name, &path);
	link->path = buf_steal(&path);
	return false;
}

static int
pack_opened(struct walk *w, struct walk_level *in, const char *name,
    struct error *e)
{
	struct packing *k = w->arg;
	AUTO_CLOSE int fd = walk_open(in->fd, name, O_NONBLOCK | O_NOCTTY);
	struct attr_file file = { .fd = fd, .name = name };
	struct tar_entry *t;
	struct stat st, after;
	bool bad = false;

	if (fd < 0 && errno == EXDEV)
		return w->ops->mount(w, in, name, e);
	if (fd < 0 || fstat(fd, &st) < 0)
		return sys_failed(w, in, name, e);
	if (!S_ISREG(st.st_mode))
		return changed(w, in, name, e);
	t = begin(w, in, name, &st);
	if (is_linked(w, in, name, &st))
		return pack_header(k->pack, t, e);
	if (attr_read(&file, &t->attrs, e) < 0 ||
	    send_regular(k->pack, fd, t, &st, &bad, e) < 0)
		return failed_at(w, in, name, e);
	if (bad || fstat(fd, &after) < 0 || !same_stat(&st, &after))
		return changed(w, in, name, e);
	return stop_check(e);
}

/* Its attributes are reached by name from the directory it lies in. */
static int
pack_special(struct walk *w, struct walk_level *in, const char *name,
    const struct stat *st, struct error *e)
{
	struct packing *k = w->arg;
	struct attr_file file = { -1, name, st->st_mode };
	struct tar_entry *t = begin(w, in, name, st);
	ssize_t n;

	if (is_linked(w, in, name, st))
		return pack_header(k->pack, t, e);
	t->dev_major = (uint32_t)major(st->st_rdev);
	t->dev_minor = (uint32_t)minor(st->st_rdev);
	if (S_ISLNK(st->st_mode)) {
		size_t size = st->st_size > 0 ? (size_t)st->st_size + 1 : 4096;
		char *to = buf_reserve(&t->link, size + 1);

		t->type = TAR_SYMLINK;
		t->dev_major = t->dev_minor = 0;
		n = readlinkat(in->fd, name, to, size);
		if (n < 0)
			return sys_failed(w, in, name, e);
		if (n == 0 || (size_t)n == size)
			return changed(w, in, name, e);
		t->link.len = (size_t)n;
		to[n] = '\0';
	} else {
		t->type = S_ISFIFO(st->st_mode) ? TAR_FIFO :
		    S_ISCHR(st->st_mode) ? TAR_CHAR : TAR_BLOCK_DEVICE;
		if (t->type == TAR_FIFO)
			t->dev_major = t->dev_minor = 0;
	}
	if (fchdir(in->fd) < 0)
		return sys_failed(w, in, name, e);
	if (attr_read(&file, &t->attrs, e) < 0)
		return failed_at(w, in, name, e);
	return pack_header(k->pack, t, e);
}

static int
pack_file(struct walk *w, struct walk_level *in, const char *name,
    struct error *e)
{
	struct packing *k = w->arg;
	struct stat st;

	if (w->type == DT_REG)
		return pack_opened(w, in, name, e);
	if (fstatat(in->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return sys_failed(w, in, name, e);
	if (S_ISDIR(st.st_mode))
		return 1;
	if (S_ISREG(st.st_mode))
		return pack_opened(w, in, name, e);
	if (S_ISSOCK(st.st_mode)) {
		k->pack->sockets++;
		return 0;
	}
	return pack_special(w, in, name, &st, e);
}

static int
pack_enter(struct walk *w, struct walk_level *in, struct walk_level *entered,
    struct error *e)
{
	struct packing *k = w->arg;
	struct attr_file file = { .fd = entered->fd, .mode = S_IFDIR };
	struct tar_entry *t = begin(w, entered, NULL, &entered->st);

	t->type = TAR_DIRECTORY;
	if (attr_read(&file, &t->attrs, e) < 0)
		return failed_at(w, entered, NULL, e);
	return pack_header(k->pack, t, e);
}

static int
pack_leave(struct walk *w, struct walk_level *in, struct walk_level *left,
    struct error *e)
{
	struct stat st;

	if (fstat(left->fd, &st) < 0)
		return sys_failed(w, left, NULL, e);
	return same_stat(&st, &left->st) ? 0 : changed(w, left, NULL, e);
}

/* An empty file or directory takes the place, of which nothing else is told. */
static int
pack_place(struct walk *w, struct walk_level *in, const char *name,
    struct error *e)
{
	struct packing *k = w->arg;
	struct tar_entry *t;
	struct stat st;

	if (fstatat(in->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return sys_failed(w, in, name, e);
	t = begin(w, in, name, &st);
	t->type = S_ISDIR(st.st_mode) ? TAR_DIRECTORY : TAR_FILE;
	k->pack->mounts++;
	return pack_header(k->pack, t, e);
}

static const struct walk_ops pack_ops = {
	.verb = "read",
	.file = pack_file,
	.enter = pack_enter,
	.leave = pack_leave,
	.mount = pack_place,
};

int
pack_tree(struct pack *p, int fd, struct error *e)
{
	struct packing k = { .pack = p };
	struct walk w = { .ops = &pack_ops, .arg = &k };
	int from = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result;

	if (from < 0)
		return error_sys(e, "read the files");
	result = walk_run(&w, from, -1, "", e);
	walk_links_fini(&k.links);
	tar_entry_fini(&k.entry);
	return result;
}
