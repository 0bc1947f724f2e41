/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>

#include "base/auto.h"
#include "cmd/inside.h"
#include "core/guest.h"
#include "core/rcd.h"

static const struct cmd_option options[] = {
	OPTION_PARALLEL,
	{ 0 },
};

static int
service_one(struct cmd_args *a, const char *name, void *arg, struct error *e)
{
	AUTO_STRINGS struct strings argv = VEC_INIT, words = VEC_INIT;
	struct run_options o = { 0 };
	char *script = NULL;
	struct guest g;

	strings_copy(&words, &a->command);
	if (life_guest(a->host, name, &g, e) < 0 ||
	    (g.services != SERVICES_OPENRC && life_script(a->host, name,
	    words.items[0], &script, e) < 0))
		return -1;
	if (script != NULL) {
		free(words.items[0]);
		words.items[0] = script;
	}
	if (guest_service_argv(&g, &words, &argv, e) < 0)
		return -1;
	o.argv = strings_argv(&argv);
	o.user = "root";
	return life_exec(a->host, name, &o, &a->status, e);
}

static int
exec(struct cmd_args *a, struct error *e)
{
	if (a->command.count == 0)
		return error_set(e, ERROR_USAGE, "service: NAME and ACTION are "
		    "missing: 'gaol service %s nginx restart'",
		    a->operands.items[0]);
	return inside_each(a, service_one, NULL, e);
}

const struct cmd cmd_service = {
	.name = "service",
	.group = "inside",
	.summary = "control a service of a running jail",
	.operands = "target name action [argument...]",
	.options = options,
	.min = 1,
	.max = 1,
	.flags = CMD_COMMAND | CMD_STATUS,
	.exec = exec,
};
