/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Linked into the programs of the tests, never into gaol itself:
 * GAOL_FAIL_STEP=n makes the n-th step of the process fail, and
 * GAOL_STOP_PATIENCE=ms is how long exec.stop may take without exec.timeout.
 */
#include <stdlib.h>

#include "core/life.h"
#include "core/step.h"

static void __attribute__((constructor))
read_hooks(void)
{
	const char *at = getenv("GAOL_FAIL_STEP");
	const char *patience = getenv("GAOL_STOP_PATIENCE");

	if (at != NULL)
		steps_fail_at = (unsigned)strtoul(at, NULL, 10);
	if (patience != NULL)
		stop_patience_ms = (unsigned)strtoul(patience, NULL, 10);
}
