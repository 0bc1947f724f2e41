/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "cmd/cmd.h"

int
targets_run(struct cmd_args *a, const struct strings *names,
    unsigned parallel, enum target_order order, target_fn *fn, void *arg,
    struct error *e)
{
	AUTO_BUF struct buf failed = BUF_INIT;
	size_t failures = 0;

	if (names->count == 1)
		return fn(a, names->items[0], arg, e);
	for (size_t i = 0; i < names->count; i++) {
		struct error why = ERROR_INIT;

		if (fn(a, names->items[i], arg, &why) == 0)
			continue;
		cmd_print_error(a, names->items[i], &why);
		buf_printf(&failed, "%s %s", failures++ > 0 ? "," : "",
		    names->items[i]);
	}
	if (failures > 0)
		return error_set(e, ERROR_FAILED, "%s failed for %zu of %zu:%s",
		    a->cmd->name, failures, names->count, buf_text(&failed));
	return 0;
}
