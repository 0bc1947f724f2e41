/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>

#include "base/num.h"
#include "cmd/cmd.h"

extern const struct cmd
    cmd_adopt,
    cmd_apply,
    cmd_audit,
    cmd_bootstrap,
    cmd_clone,
    cmd_console,
    cmd_convert,
    cmd_create,
    cmd_cp,
    cmd_destroy,
    cmd_df,
    cmd_doctor,
    cmd_edit,
    cmd_events,
    cmd_exec,
    cmd_export,
    cmd_get,
    cmd_help_command,
    cmd_import,
    cmd_key,
    cmd_limits,
    cmd_list,
    cmd_logs,
    cmd_mount,
    cmd_network,
    cmd_pkg,
    cmd_ps,
    cmd_publish,
    cmd_receive,
    cmd_recover,
    cmd_releases,
    cmd_rename,
    cmd_restart,
    cmd_rollback,
    cmd_run,
    cmd_send,
    cmd_service,
    cmd_set,
    cmd_setup,
    cmd_show,
    cmd_snapshot,
    cmd_snapshots,
    cmd_start,
    cmd_stop,
    cmd_sysrc,
    cmd_tag,
    cmd_template,
    cmd_top,
    cmd_umount,
    cmd_unpublish,
    cmd_update,
    cmd_version,
    cmd_volume;

/* By group, in the order that help shows. */
const struct cmd *const cmd_table[] = {
	&cmd_setup,
	&cmd_doctor,
	&cmd_recover,
	&cmd_df,
	&cmd_events,
	&cmd_bootstrap,
	&cmd_releases,
	&cmd_create,
	&cmd_start,
	&cmd_stop,
	&cmd_restart,
	&cmd_run,
	&cmd_destroy,
	&cmd_rename,
	&cmd_exec,
	&cmd_console,
	&cmd_cp,
	&cmd_pkg,
	&cmd_update,
	&cmd_audit,
	&cmd_service,
	&cmd_sysrc,
	&cmd_logs,
	&cmd_ps,
	&cmd_top,
	&cmd_list,
	&cmd_show,
	&cmd_get,
	&cmd_set,
	&cmd_edit,
	&cmd_tag,
	&cmd_limits,
	&cmd_snapshot,
	&cmd_snapshots,
	&cmd_rollback,
	&cmd_clone,
	&cmd_convert,
	&cmd_export,
	&cmd_import,
	&cmd_key,
	&cmd_send,
	&cmd_receive,
	&cmd_mount,
	&cmd_umount,
	&cmd_volume,
	&cmd_network,
	&cmd_publish,
	&cmd_unpublish,
	&cmd_apply,
	&cmd_template,
	&cmd_adopt,
	&cmd_help_command,
	&cmd_version,
	NULL,
};

const struct cmd *
cmd_find(const char *name)
{
	for (const struct cmd *const *c = cmd_table; *c != NULL; c++)
		if (strcmp((*c)->name, name) == 0 || ((*c)->alias != NULL &&
		    strcmp((*c)->alias, name) == 0))
			return *c;
	return NULL;
}

const char *
cmd_nearest(const char *name)
{
	const char *near = NULL;
	unsigned best = 3;

	for (const struct cmd *const *c = cmd_table; *c != NULL; c++) {
		unsigned d = word_distance(name, (*c)->name);

		/* a word of two letters is near to any other of two */
		if (d < best && d < strlen((*c)->name) - 1) {
			best = d;
			near = (*c)->name;
		}
	}
	return near;
}

int
cmd_unknown(const char *name, struct error *e)
{
	const char *near = cmd_nearest(name);

	if (near != NULL)
		return error_set(e, ERROR_USAGE,
		    "no command '%s' (did you mean '%s'?)", name, near);
	return error_set(e, ERROR_USAGE,
	    "no command '%s' ('gaol help' lists them)", name);
}
