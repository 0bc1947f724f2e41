/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "cmd/cmd.h"
#include "core/life.h"

static const struct cmd_option options[] = {
	{ 'f', "force", NULL, "stop it first when it runs" },
	{ 'y', "yes", NULL, "do not ask" },
	OPTION_PARALLEL,
	{ 0 },
};

static int
destroy_one(struct cmd_args *a, const char *name, void *arg, struct error *e)
{
	if (life_destroy(a->host, name, args_has(a, "f"), false, e) < 0)
		return -1;
	if (!a->plan)
		cmd_say("%s: destroyed", name);
	return 0;
}

static int
ask(const struct cmd_args *a, const struct strings *names, struct error *e)
{
	AUTO_BUF struct buf question = BUF_INIT;

	buf_puts(&question, "destroy, with all its files:");
	for (size_t i = 0; i < names->count; i++)
		buf_printf(&question, " %s", names->items[i]);
	buf_putc(&question, '?');
	return cmd_confirm(a, args_has(a, "y"), buf_text(&question), e);
}

static int
destroy(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (targets_resolve(a, &a->operands, &names, e) < 0)
		return -1;
	if (names.count == 0)
		return 0;
	if (ask(a, &names, e) < 0)
		return -1;
	return targets_run(a, &names, 0, ORDER_DOWN, destroy_one, NULL, e);
}

const struct cmd cmd_destroy = {
	.name = "destroy",
	.group = "life",
	.summary = "destroy jails and all their files",
	.operands = "target...",
	.options = options,
	.min = 1,
	.max = CMD_ANY,
	.flags = CMD_PLAN,
	.exec = destroy,
};
