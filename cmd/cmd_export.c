/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>

#include "base/auto.h"
#include "base/num.h"
#include "cmd/cmd.h"
#include "core/archive.h"
#include "core/snapshot.h"

static const struct cmd_option options[] = {
	{ 's', "snapshot", "SNAPSHOT", "its files at that snapshot" },
	{ 'l', "live", NULL, "of a running jail, by a snapshot that goes "
	    "again" },
	{ 0, "format", "FORMAT", "gaol (the default), bastille or pot" },
	{ 0, "sign", "KEY", "sign it with that key" },
	{ 0, "level", "N", "how hard to compress, 1 to 19; 1 by default" },
	{ 0 },
};

static void
say_done(const char *jail, const struct export_result *r)
{
	char bytes[16], written[16];

	if (r->files == 0) {
		/* a stream of zfs has no files */
		cmd_say("%s: exported to %s (%s as %s)", jail, r->file,
		    format_size(r->bytes, bytes),
		    format_size(r->written, written));
		return;
	}
	cmd_say("%s: exported to %s (%s of %ju files as %s)", jail,
	    r->file != NULL ? r->file : "standard output",
	    format_size(r->bytes, bytes), (uintmax_t)r->files,
	    format_size(r->written, written));
}

static int
check_format(struct export_options *o, struct error *e)
{
	if (o->format == NULL)
		return 0;
	if (strcmp(o->format, "gaol") == 0)
		o->format = NULL;
	else if (strcmp(o->format, "bastille") != 0 &&
	    strcmp(o->format, "pot") != 0)
		return error_set(e, ERROR_USAGE, "--format: '%.32s' is "
		    "neither gaol nor bastille nor pot", o->format);
	if (o->format != NULL && *o->format == 'b' && o->sign != NULL)
		return error_set(e, ERROR_USAGE,
		    "--sign: an archive of Bastille has no signature");
	return 0;
}

static int
export(struct cmd_args *a, struct error *e)
{
	AUTO_FREE char *jail = NULL;
	AUTO_EXPORT_RESULT struct export_result r = { .file = NULL };
	uint64_t level;
	struct export_options o = {
		.file = a->operands.count > 1 ? a->operands.items[1] : NULL,
		.snapshot = args_value(a, "s"),
		.live = args_has(a, "l"),
		.sign = args_value(a, "sign"),
		.level = args_value(a, "level"),
		.format = args_value(a, "format"),
	};

	if (check_format(&o, e) < 0)
		return -1;

	if (o.live && o.snapshot != NULL)
		return error_set(e, ERROR_USAGE, "--live takes a snapshot of "
		    "its own: without -s");
	if (args_uint(a, "level", 1, 19, 1, &level, e) < 0 ||
	    (o.snapshot != NULL && name_check_snapshot(o.snapshot, e) < 0) ||
	    targets_one(a, a->operands.items[0], &jail, e) < 0 ||
	    export_jail(a->host, jail, &o, &r, e) < 0)
		return -1;
	if (!a->plan)
		say_done(jail, &r);
	return 0;
}

const struct cmd cmd_export = {
	.name = "export",
	.group = "data",
	.summary = "write a jail into an archive",
	.operands = "target [FILE|DIRECTORY|-]",
	.options = options,
	.min = 1,
	.max = 2,
	.flags = CMD_PLAN,
	.exec = export,
};
