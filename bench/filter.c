/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* The filter of a usual jail, to stdout: what "bwrap --seccomp" takes. */
#include <err.h>
#include <unistd.h>

#include "engine/linux/seccomp_filter.h"

int
main(void)
{
	static struct sock_filter filter[SECCOMP_LEN_MAX];
#if defined(__aarch64__)
	enum seccomp_machine machine = SECCOMP_AARCH64;
#else
	enum seccomp_machine machine = SECCOMP_X86_64;
#endif
	size_t size = seccomp_build(0, machine, filter) * sizeof(filter[0]);

	if (write(STDOUT_FILENO, filter, size) != (ssize_t)size)
		err(1, "filter");
	return 0;
}
