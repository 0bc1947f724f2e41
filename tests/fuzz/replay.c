/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * main for a fuzz target without libFuzzer: give it every file of the
 * arguments, directories included.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/auto.h"
#include "base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned inputs;

static void
replay_file(int dirfd, const char *name)
{
	AUTO_BUF struct buf b = BUF_INIT;
	struct error e = ERROR_INIT;
	uint8_t *exact;

	if (file_read(dirfd, name, 64 << 20, &b, &e) < 0)
		errx(EX_NOINPUT, "%s", e.msg);
	/* of its exact size, so that a sanitizer sees a read beyond the end */
	exact = malloc(b.len > 0 ? b.len : 1);
	if (exact == NULL)
		err(EX_OSERR, "malloc");
	if (b.len > 0)
		memcpy(exact, b.data, b.len);
	LLVMFuzzerTestOneInput(exact, b.len);
	free(exact);
	inputs++;
}

static void
replay(const char *path)
{
	AUTO_DIR DIR *dir = opendir(path);
	const struct dirent *d;

	if (dir == NULL && errno == ENOTDIR) {
		replay_file(AT_FDCWD, path);
		return;
	}
	if (dir == NULL)
		err(EX_NOINPUT, "%s", path);
	while ((d = readdir(dir)) != NULL)
		if (d->d_name[0] != '.')
			replay_file(dirfd(dir), d->d_name);
}

int
main(int argc, char **argv)
{
	const uint8_t nothing = 0;

	LLVMFuzzerTestOneInput(&nothing, 0);
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	printf("%u inputs\n", inputs);
	return 0;
}
