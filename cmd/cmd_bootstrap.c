/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "base/num.h"
#include "cmd/cmd.h"
#include "core/release.h"

/* -n stays the plan, as everywhere. */
static const struct cmd_option options[] = {
	{ 'N', "name", "NAME", "call the release so" },
	{ '\0', "sha256", "HEX", "the sum of the archive, or of FreeBSD's "
	    "MANIFEST" },
	{ '\0', "mirror", "URL", "get it from there" },
	{ '\0', "arch", "ARCH", "amd64, arm64 ...; default: the host's" },
	{ '\0', "sets", "LIST", "FreeBSD's sets: base,lib32 ...; "
	    "default: base" },
	{ '\0', "max-size", "SIZE", "refuse to unpack more; default: 16G" },
	{ 'f', "force", NULL, "replace a release that no jail uses" },
	{ 0 },
};

static int
fill_options(const struct cmd_args *a, struct bootstrap_options *o,
    struct error *e)
{
	const char *max_size = args_value(a, "max-size");

	o->source = a->operands.items[0];
	o->name = args_value(a, "N");
	o->sha256 = args_value(a, "sha256");
	o->mirror = args_value(a, "mirror");
	o->arch = args_value(a, "arch");
	o->sets = args_value(a, "sets");
	o->force = args_has(a, "f");
	if (o->name != NULL && name_check_release(o->name, e) < 0)
		return -1;
	if (max_size != NULL && parse_size(max_size, &o->max_size, e) < 0)
		return error_wrap(e, "--max-size");
	return 0;
}

static int
bootstrap(struct cmd_args *a, struct error *e)
{
	struct bootstrap_options o = { .source = NULL };
	AUTO_RELEASE struct release r = RELEASE_INIT;
	AUTO_FREE char *name = NULL;
	char size[16];

	if (fill_options(a, &o, e) < 0 ||
	    release_bootstrap(a->host, &o, &name, e) < 0)
		return -1;
	if (a->plan)
		return 0;
	if (release_load(a->host, name, &r, e) < 0)
		return -1;
	cmd_say("%s: ready, %s", name, format_size(r.bytes, size));
	return 0;
}

const struct cmd cmd_bootstrap = {
	.name = "bootstrap",
	.group = "releases",
	.summary = "get a release for jails to stand on",
	.operands = "source",
	.options = options,
	.min = 1,
	.max = 1,
	.flags = CMD_PLAN,
	.exec = bootstrap,
};
