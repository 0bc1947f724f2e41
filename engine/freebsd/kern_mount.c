/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* The real kern_mount.h. */
#include <sys/param.h>
#include <sys/mount.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/xalloc.h"
#include "engine/freebsd/kern_mount.h"

enum { ERRMSG_SIZE = 255 };

/* The file system id as one number; its two halves are int32_t. */
static uint64_t
id_of(const struct statfs *st)
{
	return (uint64_t)(uint32_t)st->f_fsid.val[0] << 32 |
	    (uint32_t)st->f_fsid.val[1];
}

static void
put(struct iovec *iov, unsigned *n, const char *name, const void *value,
    size_t size)
{
	union {
		const void *read;
		void *write;
	} key = { name }, data = { value };

	iov[(*n)++] = (struct iovec){ key.write, strlen(name) + 1 };
	iov[(*n)++] = (struct iovec){ data.write, size };
}

/* nmount(2) where we are: the path "." or the name of a file here. */
static int
mount_here(const char *name, const struct kern_option *options, size_t count,
    const char *path, struct error *e)
{
	AUTO_FREE struct iovec *iov = xcalloc(2 * (count + 2), sizeof(*iov));
	char errmsg[ERRMSG_SIZE] = "";
	unsigned n = 0;

	put(iov, &n, "fspath", name, strlen(name) + 1);
	for (size_t i = 0; i < count; i++)
		put(iov, &n, options[i].name, options[i].value,
		    options[i].value != NULL ?
		    strlen(options[i].value) + 1 : 0);
	put(iov, &n, "errmsg", errmsg, sizeof(errmsg));
	if (nmount(iov, n, 0) == 0)
		return 0;
	error_sys(e, "mount on %s", path);
	if (*errmsg != '\0')
		error_wrap(e, "%s", errmsg);
	return -1;
}

/* Whether the mount is where it was meant to be; whose id it is then. */
static int
find_id(const char *path, uint64_t *id, struct error *e)
{
	struct statfs st;

	if (statfs(path, &st) < 0)
		return error_sys(e, "%s", path);
	if (strcmp(st.f_mntonname, path) != 0)
		return error_set(e, ERROR_FAILED,
		    "%s was moved while it was mounted on", path);
	*id = id_of(&st);
	return 0;
}

int
kern_mount(int dir, const char *file, const char *path,
    const struct kern_option *options, size_t count, uint64_t *id,
    struct error *e)
{
	AUTO_CLOSE int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result;

	if (here < 0)
		return error_sys(e, "working directory");
	/* nmount(2) takes no directory descriptor */
	if (fchdir(dir) < 0)
		return error_sys(e, "%s", path);
	result = mount_here(file != NULL ? file : ".", options, count, path,
	    e);
	if (fchdir(here) < 0 && result == 0)
		result = error_sys(e, "working directory");
	return result < 0 ? -1 : find_id(path, id, e);
}

int
kern_unmount(uint64_t id, bool force, struct error *e)
{
	char text[64];

	snprintf(text, sizeof(text), "FSID:%" PRId32 ":%" PRId32,
	    (int32_t)(uint32_t)(id >> 32), (int32_t)(uint32_t)id);
	if (unmount(text, MNT_BYFSID | (force ? MNT_FORCE : 0)) == 0)
		return 0;
	if (errno == ENOENT || errno == EINVAL)
		return 0;
	return error_sys(e, "unmount %s", text);
}

int
kern_mount_all(struct kern_mounts *mounts, struct error *e)
{
	struct statfs *table;
	int count = getmntinfo(&table, MNT_NOWAIT);

	if (count == 0)
		return error_sys(e, "list of mounts");
	for (int i = 0; i < count; i++) {
		struct kern_mount m = { .id = id_of(&table[i]) };

		snprintf(m.type, sizeof(m.type), "%s", table[i].f_fstypename);
		snprintf(m.on, sizeof(m.on), "%s", table[i].f_mntonname);
		VEC_PUSH(mounts, m);
	}
	return 0;
}

int
kern_path(int fd, char *path, size_t size, struct error *e)
{
	AUTO_FREE struct kinfo_file *info = xcalloc(1, sizeof(*info));

	info->kf_structsize = (int)sizeof(*info);
	if (fcntl(fd, F_KINFO, info) < 0)
		return error_sys(e, "path of a directory");
	if (*info->kf_path == '\0' ||
	    snprintf(path, size, "%s", info->kf_path) >= (int)size)
		return error_set(e, ERROR_FAILED,
		    "the path of a mount point cannot be told");
	return 0;
}
