/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <string.h>

#include "base/auto.h"
#include "image/options.h"
#include "image/unpack.h"

static int
exec_unpack(const struct options *o, struct error *e)
{
	const char *archive = o->operands[0], *slash = strrchr(archive, '/');
	AUTO_CLOSE int fd = open(archive, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct unpack_result result;
	struct progress p;
	struct stat st, before;
	struct unpack_job job = {
		.fd = fd,
		.name = slash != NULL ? slash + 1 : archive,
		.sha256 = o->sha256,
		.max_size = o->max_size,
		.max_entries = o->max_entries,
		.progress = &p,
	};

	if (o->owner_map != NULL && strcmp(o->owner_map, "none") != 0)
		return error_set(e, ERROR_USAGE,
		    "--owner-map: only 'none' is known");
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_sys(e, "%s", archive);
	if (!S_ISREG(st.st_mode))
		return error_set(e, ERROR_DATA, "%s: not a regular file",
		    archive);
	AUTO_CLOSE int dirfd = unpack_open_dir(o->operands[1], &before, e);

	if (dirfd < 0)
		return -1;
	progress_init(&p, o->progress);
	if (unpack_archive(&job, dirfd, &result, e) < 0) {
		unpack_clean(dirfd, &before, e);
		return -1;
	}
	unpack_note(&p, job.name, &result);
	return 0;
}

static const char *const unpack_options[] = {
	"max-entries",
	"max-size",
	"owner-map",
	"progress",
	"sha256",
	NULL,
};

const struct image_cmd image_cmd_unpack = {
	.name = "unpack",
	.usage = "[--sha256 HEX] ARCHIVE DIR",
	.summary = "unpack a tar archive into an empty directory",
	.options = unpack_options,
	.operands = 2,
	.exec = exec_unpack,
};
