/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "base/num.h"
#include "cmd/cmd.h"
#include "core/send.h"
#include "core/snapshot.h"

static const struct cmd_option options[] = {
	{ 'm', "move", NULL, "start it there, then remove it here" },
	{ 'a', "abort", NULL, "take back a move that was interrupted" },
	{ 's', "snapshot", "SNAPSHOT", "its files at that snapshot" },
	{ 'N', "name", "NAME", "its name there" },
	{ 't', "thick", NULL, "send all files, those of its release too" },
	{ 'f', "force", NULL, "replace a jail of that name there" },
	{ 'p', "port", "PORT", "port of the other host's sshd" },
	{ 'e', "rsh", "COMMAND", "in place of ssh: words, the host follows" },
	{ 0, "remote-gaol", "COMMAND", "what runs gaol there" },
	{ 0, "remote-root", "DIR", "state directory there" },
	{ 0 },
};

static int
check(const struct cmd_args *a, const struct send_options *o,
    struct error *e)
{
	uint64_t port;

	if (o->move + o->abort + (o->snapshot != NULL) > 1)
		return error_set(e, ERROR_USAGE,
		    "one of --move, --abort and --snapshot");
	if (o->rsh != NULL && o->port != NULL)
		return error_set(e, ERROR_USAGE,
		    "-p is for ssh; the port belongs into -e");
	if (o->port != NULL && args_uint(a, "p", 1, 65535, 0, &port, e) < 0)
		return -1;
	if (o->name != NULL && name_check_cell(o->name, e) < 0)
		return -1;
	return o->snapshot != NULL ? name_check_snapshot(o->snapshot, e) : 0;
}

static void
tell(const char *jail, const struct send_options *o,
    const struct send_report *r)
{
	char data[16], wire[16];

	if (r->aborted)
		cmd_say("%s: is this host's again%s", jail,
		    r->started ? ", and started" : "");
	else
		cmd_say("%s: %s to %s, %s of data in %llu files (%s in all)",
		    jail, r->moved ? "moved" : "sent", o->host,
		    format_size(r->bytes, data), (unsigned long long)r->files,
		    format_size(r->wire, wire));
}

static int
send_jail(struct cmd_args *a, struct error *e)
{
	AUTO_FREE char *jail = NULL;
	const char *gaol = args_value(a, "remote-gaol");
	const struct send_options o = {
		.host = a->operands.items[1],
		.name = args_value(a, "N"),
		.snapshot = args_value(a, "s"),
		.rsh = args_value(a, "e"),
		.port = args_value(a, "p"),
		.gaol = gaol != NULL ? gaol : "gaol",
		.root = args_value(a, "remote-root"),
		.move = args_has(a, "m"),
		.abort = args_has(a, "a"),
		.force = args_has(a, "f"),
		.thick = args_has(a, "t"),
	};
	struct send_report report;

	if (check(a, &o, e) < 0 ||
	    targets_one(a, a->operands.items[0], &jail, e) < 0)
		return -1;
	if (jail_send(a->host, jail, &o, &report, e) < 0)
		return report.started ? error_wrap(e, "it was started here "
		    "again, for") : -1;
	if (!a->plan)
		tell(jail, &o, &report);
	return 0;
}

const struct cmd cmd_send = {
	.name = "send",
	.group = "data",
	.summary = "copy or move a jail to another host",
	.operands = "target [USER@]HOST",
	.options = options,
	.min = 2,
	.max = 2,
	.flags = CMD_PLAN,
	.exec = send_jail,
};
