/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>
#include <unistd.h>

#include "image/control.h"

int
control_take(struct buf *text, int *fds, size_t count, struct error *e)
{
	int got[PASS_FDS];
	size_t n = 0;
	int rc = pass_receive(CONTROL, CONTROL_MAX, text, got, &n, e);

	if (rc < 0)
		return -1;
	if (rc > 0 && n == count) {
		if (count > 0)
			memcpy(fds, got, count * sizeof(*got));
		return 0;
	}
	while (n > 0)
		close(got[--n]);
	return error_set(e, ERROR_FAILED, rc == 0 ? "gaol is gone" :
	    "standard input is not gaol");
}

int
control_tell(const char *text, size_t len, struct error *e)
{
	return pass_send(CONTROL, text, len, NULL, 0, e);
}
