/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* The host side of a jail's file system: detached mounts, ids mapped. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/path.h"
#include "base/vec.h"
#include "engine/linux/linux.h"
#include "engine/linux/root.h"
#include "engine/linux/sys.h"

void
root_init(struct root *r)
{
	memset(r, 0, sizeof(*r));
	r->upper = r->init = -1;
}

void
root_fini(struct root *r)
{
	close_fd(&r->upper);
	close_fd(&r->init);
	for (size_t i = 0; i < r->lower_count; i++)
		close_fd(&r->lower[i]);
	for (size_t i = 0; i < r->mount_count; i++)
		close_fd(&r->mounts[i]);
	free(r->lower);
	free(r->mounts);
	root_init(r);
}

/*
 * A detached copy of the mount at path, with attributes, the jail's ids mapped
 * when userns_fd >= 0: what lies on disk as 0:0 is 0:0 in the jail.
 */
static int
clone_opened(int at, const char *path, uint64_t attributes, int userns_fd,
    struct error *e)
{
	AUTO_CLOSE int fd = sys_open_tree(at, at == AT_FDCWD ? path : "",
	    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
	    (at == AT_FDCWD ? 0 : AT_EMPTY_PATH));
	struct mount_attr attr = {
		.attr_set = attributes, .propagation = MS_PRIVATE,
	};

	if (fd < 0)
		return error_sys(e, "%s", path);
	if (userns_fd >= 0) {
		attr.attr_set |= MOUNT_ATTR_IDMAP;
		attr.userns_fd = (uint64_t)userns_fd;
	}
	if (sys_mount_setattr(fd, "", AT_EMPTY_PATH, &attr) < 0) {
		if (userns_fd >= 0 && (errno == EINVAL || errno == EPERM ||
		    errno == EOPNOTSUPP))
			return error_set(e, ERROR_UNSUPPORTED, "the file system "
			    "of %s cannot map the ids of a user namespace; "
			    "userns = off would do, or ext4, xfs, btrfs, "
			    "tmpfs on a newer kernel", path);
		return error_sys(e, "mount_setattr %s", path);
	}
	return steal_fd(&fd);
}

static int
clone_mount(const char *path, uint64_t attributes, int userns_fd,
    struct error *e)
{
	return clone_opened(AT_FDCWD, path, attributes, userns_fd, e);
}

int
root_open_init(struct error *e)
{
	const char *path = linux_helper("gaol-init");
	int fd = clone_mount(path,
	    MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, -1, e);

	return fd;
}

static uint64_t
mount_attributes(const char *options)
{
	static const struct {
		const char *word;
		uint64_t attribute;
	} words[] = {
		{ "ro", MOUNT_ATTR_RDONLY }, { "nosuid", MOUNT_ATTR_NOSUID },
		{ "noexec", MOUNT_ATTR_NOEXEC }, { "nodev", MOUNT_ATTR_NODEV },
	};
	uint64_t set = MOUNT_ATTR_NODEV;

	while (*options != '\0') {
		size_t len = strcspn(options, ",");

		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (len == strlen(words[i].word) &&
			    strncmp(options, words[i].word, len) == 0)
				set |= words[i].attribute;
		options += len + (options[len] == ',');
	}
	return set;
}

int
root_open_source(const struct engine_mount *m, struct error *e)
{
	AUTO_CLOSE int above = -1;

	if (m->anchor == 0) {
		int fd = open(m->source, O_PATH | O_CLOEXEC);

		return fd < 0 ? error_sys(e, "%s", m->source) : fd;
	}
	AUTO_FREE char *path = xstrndup(m->source, m->anchor);
	above = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (above < 0)
		return error_sys(e, "%s", path);
	return path_open_any(above, m->source[m->anchor] != '\0' ?
	    m->source + m->anchor : "/", e);
}

int
root_clone_source(const struct engine_mount *m, int userns_fd,
    struct error *e)
{
	AUTO_CLOSE int fd = root_open_source(m, e);

	if (fd < 0)
		return -1;
	return clone_opened(fd, m->source, mount_attributes(m->options),
	    userns_fd, e);
}

static int
open_mounts(struct root *r, const struct engine_spec *spec, int userns_fd,
    struct error *e)
{
	r->mounts = xcalloc(spec->mount_count, sizeof(*r->mounts));
	for (size_t i = 0; i < spec->mount_count; i++) {
		const struct engine_mount *m = &spec->mounts[i];

		r->mounts[i] = -1;
		r->mount_count = i + 1;
		if (strcmp(m->type, "nullfs") != 0)
			continue;
		r->mounts[i] = root_clone_source(m,
		    m->plain ? -1 : userns_fd, e);
		if (r->mounts[i] < 0)
			return error_wrap(e, "mount on %s", m->target);
	}
	return 0;
}

static int
open_overlay(struct root *r, const struct tree *t, int userns_fd,
    struct error *e)
{
	if (t->lower.count > ROOT_LAYERS_MAX)
		return error_set(e, ERROR_UNSUPPORTED,
		    "%zu layers; the kernel takes %d", t->lower.count,
		    ROOT_LAYERS_MAX);
	if (t->upper != NULL) {
		AUTO_FREE char *parent = xstrndup(t->upper,
		    (size_t)(strrchr(t->upper, '/') - t->upper));

		r->upper = clone_mount(parent, 0, userns_fd, e);
		if (r->upper < 0)
			return -1;
	}
	r->lower = xcalloc(t->lower.count, sizeof(*r->lower));
	for (size_t i = 0; i < t->lower.count; i++) {
		r->lower[i] = clone_mount(t->lower.items[i],
		    MOUNT_ATTR_RDONLY, userns_fd, e);
		r->lower_count = i + 1;
		if (r->lower[i] < 0)
			return -1;
	}
	return 0;
}

int
root_open(struct root *r, const struct engine_spec *spec, int userns_fd,
    struct error *e)
{
	const struct tree *t = spec->tree;

	if (t->kind == TREE_OVERLAY) {
		if (open_overlay(r, t, userns_fd, e) < 0)
			return -1;
	} else {
		r->upper = clone_mount(t->upper, MOUNT_ATTR_NODEV, userns_fd,
		    e);
		if (r->upper < 0)
			return -1;
	}
	if (open_mounts(r, spec, userns_fd, e) < 0)
		return -1;
	r->init = root_open_init(e);
	return r->init < 0 ? -1 : 0;
}
