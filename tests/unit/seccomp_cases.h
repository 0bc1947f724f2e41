/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef TESTS_UNIT_SECCOMP_CASES_H
#define TESTS_UNIT_SECCOMP_CASES_H

#include <stdint.h>

/* A call with arguments, and what a filter with that much open says of it. */
struct seccomp_case {
	const char *name;
	uint64_t args[4];
	unsigned open;		/* SECCOMP_* */
	int err;		/* 0: allowed */
};

extern const struct seccomp_case seccomp_cases[];	/* name NULL: the end */

#endif
