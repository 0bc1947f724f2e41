/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "image/fetch.h"
#include "image/options.h"

static int
exec_fetch(const struct options *o, struct error *e)
{
	struct progress p;
	struct fetch_request rq = {
		.source = o->operands[0],
		.file = o->operands[1],
		.sha256 = o->sha256,
		.max_size = o->max_size,
		.stall = (unsigned)o->stall,
		.progress = &p,
	};

	progress_init(&p, o->progress);
	return fetch_file(&rq, e);
}

static const char *const fetch_options[] = {
	"max-size",
	"progress",
	"sha256",
	"stall",
	NULL,
};

const struct image_cmd image_cmd_fetch = {
	.name = "fetch",
	.usage = "[--sha256 HEX] URL FILE",
	.summary = "download a file, or continue to",
	.options = fetch_options,
	.operands = 2,
	.exec = exec_fetch,
};
