/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdio.h>

#include "base/auto.h"
#include "base/num.h"
#include "cmd/cmd.h"
#include "core/usage.h"

enum { C_JAIL, C_PID, C_INSIDE, C_UID, C_STATE, C_CPU, C_MEMORY, C_COMMAND,
	COLUMNS };

static const struct view_column columns[COLUMNS] = {
	[C_JAIL] = { "jail", "JAIL", VIEW_TEXT },
	[C_PID] = { "pid", "PID", VIEW_NUMBER },
	[C_INSIDE] = { "inside", "INSIDE", VIEW_NUMBER },
	[C_UID] = { "uid", "UID", VIEW_NUMBER },
	[C_STATE] = { "state", "STATE", VIEW_TEXT },
	[C_CPU] = { "cpu", "CPU", VIEW_NUMBER },
	[C_MEMORY] = { "memory", "MEMORY", VIEW_NUMBER },
	[C_COMMAND] = { "command", "COMMAND", VIEW_TEXT },
};

static const struct cmd_option options[] = {
	{ 'o', "columns", "COL[,COL...]", "columns to print" },
	{ 's', "sort", "[-]COL", "sort by that column; \"-\": descending" },
	{ 0 },
};

/* Minutes and seconds, as ps(1). */
static void
put_cpu(struct view *v, uint64_t us)
{
	char text[32];

	view_number(v, C_CPU, (int64_t)(us / 1000));
	snprintf(text, sizeof(text), "%llu:%02llu.%02llu",
	    (unsigned long long)(us / 60000000),
	    (unsigned long long)(us / 1000000 % 60),
	    (unsigned long long)(us / 10000 % 100));
	view_shown(v, C_CPU, text);
}

static void
put_process(struct view *v, const char *jail, const struct engine_process *p)
{
	const char state[2] = { p->state, '\0' };
	char text[16];

	view_row(v);
	view_text(v, C_JAIL, jail);
	view_number(v, C_PID, p->pid);
	view_number(v, C_INSIDE, p->inside != 0 ? p->inside : p->pid);
	view_number(v, C_UID, p->uid);
	view_text(v, C_STATE, state);
	put_cpu(v, p->cpu_us);
	if (p->memory != ENGINE_UNKNOWN) {
		view_number(v, C_MEMORY, (int64_t)p->memory);
		view_shown(v, C_MEMORY, format_size(p->memory, text));
	}
	view_text(v, C_COMMAND, p->command);
}

static int
ps(struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT, all = VEC_INIT;
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);
	const char *only = args_value(a, "o"), *sort = args_value(a, "s");

	strings_add(&all, "ALL");
	if (targets_resolve(a, a->operands.count > 0 ? &a->operands : &all,
	    &names, e) < 0)
		return -1;
	if ((only != NULL && view_select(v, only, e) < 0) ||
	    (sort != NULL && view_sort(v, sort, e) < 0))
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		AUTO_PROCESSES struct engine_processes list = VEC_INIT;

		if (usage_processes(a->host, names.items[i], &list, e) < 0)
			return -1;
		for (size_t n = 0; n < list.count; n++)
			put_process(v, names.items[i], &list.items[n]);
	}
	return cmd_print(a, v, e);
}

const struct cmd cmd_ps = {
	.name = "ps",
	.group = "inside",
	.summary = "list the processes of jails",
	.operands = "[target...]",
	.options = options,
	.max = CMD_ANY,
	.flags = CMD_VIEW,
	.exec = ps,
};
