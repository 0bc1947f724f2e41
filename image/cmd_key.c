/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "image/options.h"
#include "image/sign.h"

/* The secret goes to a new file only, the public key to standard output. */
static int
exec_key(const struct options *o, struct error *e)
{
	AUTO_BUF struct buf secret = BUF_INIT;
	char key[SIGN_KEY_TEXT];
	const char *file = o->operands[0];
	AUTO_CLOSE int fd = open(file,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_sys(e, "%s", file);
	if (sign_make(&secret, key, e) < 0 ||
	    file_write_fd(fd, secret.data, secret.len, e) < 0)
		return error_wrap(e, "%s", file);
	if (fsync(fd) < 0)
		return error_sys(e, "%s", file);
	if (printf("%s\n", key) < 0 || fflush(stdout) != 0)
		return error_sys(e, "write");
	return 0;
}

static const char *const no_options[] = { NULL };

const struct image_cmd image_cmd_key = {
	.name = "key",
	.usage = "FILE",
	.summary = "make a key for signatures",
	.options = no_options,
	.operands = 1,
	.exec = exec_key,
};
