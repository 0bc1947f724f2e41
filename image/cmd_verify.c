/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "image/hash.h"
#include "image/options.h"

static int
sum_of(const struct options *o, char hex[HASH_HEX], struct error *e)
{
	const char *name = o->operands[0];
	AUTO_CLOSE int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct progress p;
	struct stat st;
	int rc;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_sys(e, "%s", name);
	if (!S_ISREG(st.st_mode))
		return error_set(e, ERROR_DATA, "%s: not a regular file", name);
	progress_init(&p, o->progress);
	progress_begin(&p, "checking", name, (uint64_t)st.st_size);
	rc = hash_file(fd, &p, hex, e);
	progress_end(&p);
	return rc < 0 ? error_wrap(e, "%s", name) : 0;
}

static int
exec_verify(const struct options *o, struct error *e)
{
	char hex[HASH_HEX];

	if (*o->sha256 == '\0')
		return error_set(e, ERROR_USAGE, "verify needs --sha256");
	if (sum_of(o, hex, e) < 0)
		return -1;
	if (hash_compare(o->sha256, hex, e) < 0)
		return error_wrap(e, "%s", o->operands[0]);
	return 0;
}

static int
exec_sha256(const struct options *o, struct error *e)
{
	char hex[HASH_HEX];

	if (sum_of(o, hex, e) < 0)
		return -1;
	if (printf("%s\n", hex) < 0 || fflush(stdout) != 0)
		return error_sys(e, "write");
	return 0;
}

static const char *const verify_options[] = { "progress", "sha256", NULL };
static const char *const sha256_options[] = { "progress", NULL };

const struct image_cmd image_cmd_verify = {
	.name = "verify",
	.usage = "--sha256 HEX FILE",
	.summary = "compare a file with its checksum",
	.options = verify_options,
	.operands = 1,
	.exec = exec_verify,
};

const struct image_cmd image_cmd_sha256 = {
	.name = "sha256",
	.usage = "FILE",
	.summary = "print a file's checksum",
	.options = sha256_options,
	.operands = 1,
	.exec = exec_sha256,
};
