/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "image/options.h"

enum option_type {
	TYPE_PROGRESS,
	TYPE_SHA256,
	TYPE_SIZE,
	TYPE_COUNT,
	TYPE_TEXT,
	TYPE_FLAG,
};

struct option_row {
	const char *name;
	const char *argument;
	enum option_type type;
	size_t offset;
	const char *help;
};

#define AT(member) offsetof(struct options, member)

/* clang-format off */
static const struct option_row rows[] = {
	{ "arch", "ARCH", TYPE_TEXT, AT(arch),
	    "amd64, arm64, riscv64 ..." },
	{ "base-url", "URL", TYPE_TEXT, AT(base_url),
	    "mirror, https://download.freebsd.org/releases by default" },
	{ "cache", "DIR", TYPE_TEXT, AT(cache),
	    "where downloads are kept" },
	{ "compression", "NAME", TYPE_TEXT, AT(compression),
	    "xz, gzip or zstd: a jail's directory as Bastille packs it" },
	{ "devices", NULL, TYPE_FLAG, AT(devices),
	    "let device nodes in" },
	{ "level", "N", TYPE_TEXT, AT(level),
	    "how hard to compress" },
	{ "manifest-sha256", "HEX", TYPE_SHA256, AT(manifest_sha256),
	    "refuse any other MANIFEST" },
	{ "max-entries", "N", TYPE_COUNT, AT(max_entries),
	    "members that an archive may have, 2000000 by default" },
	{ "max-size", "BYTES", TYPE_SIZE, AT(max_size),
	    "refuse more than this, 16G by default" },
	{ "owner-map", "none", TYPE_TEXT, AT(owner_map),
	    "owners as the archive's numbers say" },
	{ "progress", "MODE", TYPE_PROGRESS, AT(progress),
	    "auto, tty, lines or none" },
	{ "release", "NAME", TYPE_TEXT, AT(release),
	    "14.3-RELEASE ..." },
	{ "sets", "LIST", TYPE_TEXT, AT(sets),
	    "base,lib32 ...; base by default" },
	{ "sha256", "HEX", TYPE_SHA256, AT(sha256),
	    "the sum that the file must have" },
	{ "sign", NULL, TYPE_FLAG, AT(sign),
	    "sign it with the key that was handed over" },
	{ "stall", "SECONDS", TYPE_COUNT, AT(stall),
	    "give up when nothing comes for so long, 30 by default" },
	{ "unverified", NULL, TYPE_FLAG, AT(unverified),
	    "take what has no checksum" },
	{ "verify", NULL, TYPE_FLAG, AT(verify),
	    "refuse what no trusted key signed" },
};
/* clang-format on */

enum { ROWS = sizeof(rows) / sizeof(*rows) };

static int
parse_progress(const char *text, enum progress_mode *mode, struct error *e)
{
	static const char *const names[] = {
		[PROGRESS_AUTO] = "auto",
		[PROGRESS_TTY] = "tty",
		[PROGRESS_LINES] = "lines",
		[PROGRESS_NONE] = "none",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(text, names[i]) == 0) {
			*mode = (enum progress_mode)i;
			return 0;
		}
	}
	return error_set(e, ERROR_USAGE,
	    "'%.64s' is not auto, tty, lines or none", text);
}

static int
parse_value(const struct option_row *row, const char *text, struct options *o,
    struct error *e)
{
	void *to = (char *)o + row->offset;
	int rc = 0;

	switch (row->type) {
	case TYPE_PROGRESS:
		rc = parse_progress(text, to, e);
		break;
	case TYPE_SHA256:
		rc = hash_parse(text, to, e);
		break;
	case TYPE_SIZE:
		rc = parse_size(text, to, e);
		break;
	case TYPE_COUNT:
		rc = parse_uint(text, 1, INT32_MAX, to, e);
		break;
	case TYPE_TEXT:
		if (*text == '\0')
			rc = error_set(e, ERROR_USAGE, "must not be empty");
		*(const char **)to = text;
		break;
	case TYPE_FLAG:
		*(bool *)to = true;
		break;
	}
	return rc < 0 ? error_wrap(e, "--%s", row->name) : 0;
}

static const struct option_row *
find_row(const char *name)
{
	size_t i = 0;

	/* A command that names an option without a row is a bug. */
	while (i < ROWS && strcmp(rows[i].name, name) != 0)
		i++;
	if (i == ROWS)
		abort();
	return &rows[i];
}

static void
fill_long(const struct image_cmd *cmd, struct option *longs)
{
	for (size_t i = 0; cmd->options[i] != NULL; i++) {
		const struct option_row *row = find_row(cmd->options[i]);

		*longs++ = (struct option){ row->name,
			row->type == TYPE_FLAG ? no_argument :
			required_argument, NULL, 256 + (int)(row - rows) };
	}
	*longs = (struct option){ NULL, 0, NULL, 0 };
}

static int
take_operand(struct options *o, char *text, const struct image_cmd *cmd,
    struct error *e)
{
	if (o->operand_count == cmd->operands)
		return error_set(e, ERROR_USAGE, "unexpected '%.64s'", text);
	o->operands[o->operand_count++] = text;
	return 0;
}

int
options_parse(const struct image_cmd *cmd, int argc, char **argv,
    struct options *o, struct error *e)
{
	struct option longs[ROWS + 1];
	int c, before;

	fill_long(cmd, longs);
	/* argv[0] and the slots that were read already are free to reuse. */
	o->operands = argv;
	opterr = 0;
	for (;;) {
		before = optind;
		/* '+': the same order with every libc, and we see operands. */
		c = getopt_long(argc, argv, "+:", longs, NULL);
		if (c >= 256 && c < 256 + ROWS) {
			if (parse_value(&rows[c - 256], optarg, o, e) < 0)
				return -1;
		} else if (c != -1) {
			return error_set(e, ERROR_USAGE, "%s '%.64s'", c == ':'
			    ? "no value for" : "unknown option",
			    argv[optind - 1]);
		} else if (optind < argc && optind == before) {
			if (take_operand(o, argv[optind++], cmd, e) < 0)
				return -1;
		} else {
			break;
		}
	}
	while (optind < argc) {
		if (take_operand(o, argv[optind++], cmd, e) < 0)
			return -1;
	}
	if (o->operand_count != cmd->operands)
		return error_set(e, ERROR_USAGE, "usage: gaol-image %s %s",
		    cmd->name, cmd->usage);
	return 0;
}

void
options_help(const struct image_cmd *cmd)
{
	for (size_t i = 0; cmd->options[i] != NULL; i++) {
		const struct option_row *row = find_row(cmd->options[i]);

		printf("    --%s%s%s\n        %s\n", row->name,
		    row->argument != NULL ? " " : "", row->argument != NULL ?
		    row->argument : "", row->help);
	}
}
