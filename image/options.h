/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef IMAGE_OPTIONS_H
#define IMAGE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "image/hash.h"
#include "image/progress.h"

/* The options of all sub-commands; "" and NULL are "not given". */
struct options {
	enum progress_mode progress;
	char sha256[HASH_HEX];
	char manifest_sha256[HASH_HEX];
	uint64_t max_size;
	uint64_t max_entries;
	uint64_t stall;		/* seconds */
	const char *base_url;
	const char *release;
	const char *arch;
	const char *sets;
	const char *cache;
	const char *owner_map;
	const char *compression;	/* a jail's directory, not ours */
	const char *level;
	bool devices, sign, unverified, verify;
	char **operands;
	size_t operand_count;
};

/* Long options of a sub-command, by name, NULL-terminated. */
struct image_cmd {
	const char *name;
	const char *usage;	/* what follows the name */
	const char *summary;
	const char *const *options;
	size_t operands;	/* exactly that many */
	int (*exec)(const struct options *o, struct error *e);
};

/*
 * Parse argv[1] and after; options may stand before or after operands, "--"
 * ends them.  The operands are argv's own, moved to its front.
 */
int options_parse(const struct image_cmd *cmd, int argc, char **argv,
    struct options *o, struct error *e) FALLIBLE;
/* The lines that describe a command's options. */
void options_help(const struct image_cmd *cmd);

extern const struct image_cmd image_cmd_fetch;
extern const struct image_cmd image_cmd_freebsd;
extern const struct image_cmd image_cmd_key;
extern const struct image_cmd image_cmd_pack;
extern const struct image_cmd image_cmd_receive;
extern const struct image_cmd image_cmd_sha256;
extern const struct image_cmd image_cmd_squeeze;
extern const struct image_cmd image_cmd_unpack;
extern const struct image_cmd image_cmd_verify;

#endif
