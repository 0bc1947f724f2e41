/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Commands of gaol run by others than main(). */
#include "base/auto.h"
#include "base/file.h"
#include "cmd/cmd.h"

/* The form of a command that only shows something: "gaol tag web". */
static bool
is_view(const struct cmd_args *a)
{
	return (a->cmd->flags & CMD_VIEW) != 0 && a->operands.count < 2;
}

int
cmd_exec_told(struct cmd_args *a, struct error *e)
{
	uint64_t begin = clock_ms();
	int result = a->cmd->exec(a, e);

	if (!a->told && !is_view(a)) {
		AUTO_FREE char *jails = strings_join(&a->operands, " ");

		cmd_event(a, jails, begin, e);
	}
	return result;
}

int
cmd_call(struct host *h, const struct strings *words, struct buf *out,
    int *status, struct error *e)
{
	AUTO_STRINGS struct strings argv = VEC_INIT;
	struct cmd_args a = CMD_ARGS_INIT;
	int result;

	strings_copy(&argv, words);
	a.cmd = cmd_find(argv.items[0]);
	if (a.cmd == NULL)
		return cmd_unknown(argv.items[0], e);
	a.host = h;
	cmd_capture(out);
	result = args_parse(&a, (int)argv.count, strings_argv(&argv), e);
	if (result == 0)
		result = cmd_exec_told(&a, e);
	cmd_capture(NULL);
	*status = a.status;
	args_fini(&a);
	return result;
}
