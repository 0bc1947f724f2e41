/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Linked into the programs of the tests, never into gaol itself:
 * GAOL_FAIL_STEP=n makes the n-th step of the process fail.
 */
#include <stdlib.h>

#include "core/step.h"

static void __attribute__((constructor))
read_hooks(void)
{
	const char *at = getenv("GAOL_FAIL_STEP");

	if (at != NULL)
		steps_fail_at = (unsigned)strtoul(at, NULL, 10);
}
