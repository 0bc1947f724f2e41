/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>
#include <strings.h>

#include "template/directive.h"

#define ANY DIRECTIVE_ANY

/* clang-format off */
const struct directive directive_table[] = {
	{ "ARG", DIRECTIVE_ARG, 1, ANY, "NAME[=DEFAULT]" },
	{ "ARG+", DIRECTIVE_ARG, 1, ANY, "NAME[=DEFAULT]" },
	{ "CMD", DIRECTIVE_CMD, 1, 1, "COMMAND LINE" },
	{ "CONFIG", DIRECTIVE_CONFIG, 2, ANY, "set|remove PROPERTY [VALUE]" },
	{ "COPY", DIRECTIVE_CP, 2, 2, "SOURCE TARGET" },
	{ "CP", DIRECTIVE_CP, 2, 2, "SOURCE TARGET" },
	{ "ELSE", DIRECTIVE_ELSE, 0, 0, "" },
	{ "ENDIF", DIRECTIVE_ENDIF, 0, 0, "" },
	{ "ENV", DIRECTIVE_ENV, 1, ANY, "NAME=VALUE..." },
	{ "EXPOSE", DIRECTIVE_EXPOSE, 1, ANY, "PORT[/tcp|/udp]..." },
	{ "FROM", DIRECTIVE_FROM, 1, 1, "RELEASE" },
	{ "FSTAB", DIRECTIVE_MOUNT, 2, 6,
	    "SOURCE TARGET [TYPE [OPTIONS [DUMP [PASS]]]]" },
	{ "HEALTHCHECK", DIRECTIVE_HEALTHCHECK, 1, ANY,
	    "[interval=TIME] [timeout=TIME] [retries=N] CMD COMMAND LINE|none" },
	{ "HPKG", DIRECTIVE_HPKG, 1, ANY, "PACKAGE..." },
	{ "IF", DIRECTIVE_IF, 1, ANY, "os=linux|freebsd [KEYWORD ...]" },
	{ "INCLUDE", DIRECTIVE_INCLUDE, 1, ANY, "TEMPLATE [--arg NAME=VALUE]..." },
	{ "LIF", DIRECTIVE_LINE, 2, 2, "LINE FILE" },
	{ "LIMITS", DIRECTIVE_LIMITS, 2, ANY, "[add] RESOURCE AMOUNT" },
	{ "LINEINFILE", DIRECTIVE_LINE, 2, 2, "LINE FILE" },
	{ "LINE_IN_FILE", DIRECTIVE_LINE, 2, 2, "LINE FILE" },
	{ "MOUNT", DIRECTIVE_MOUNT, 2, 6,
	    "SOURCE TARGET [TYPE [OPTIONS [DUMP [PASS]]]]" },
	{ "NETWORK", DIRECTIVE_NETWORK, 2, 3,
	    "add|remove NETWORK|INTERFACE [ADDRESS]" },
	{ "ONCHANGE", DIRECTIVE_ONCHANGE, 3, ANY, "FILE -> KEYWORD ..." },
	{ "OVERLAY", DIRECTIVE_OVERLAY, 1, ANY, "DIRECTORY..." },
	{ "PKG", DIRECTIVE_PKG, 1, ANY, "PACKAGE..." },
	{ "RDR", DIRECTIVE_RDR, 3, ANY, "tcp|udp HOST_PORT JAIL_PORT [log ...]" },
	{ "RENDER", DIRECTIVE_RENDER, 1, ANY, "FILE|DIRECTORY..." },
	{ "RESTART", DIRECTIVE_RESTART, 0, 0, "" },
	{ "SECRET", DIRECTIVE_SECRET, 2, 2, "NAME PATH" },
	{ "SERVICE", DIRECTIVE_SERVICE, 2, ANY, "NAME ACTION" },
	{ "SYSRC", DIRECTIVE_SYSRC, 1, ANY, "NAME[+|-]=VALUE..." },
	{ "TAG", DIRECTIVE_TAG, 1, ANY, "TAG..." },
	{ "TAGS", DIRECTIVE_TAG, 1, ANY, "TAG..." },
	{ "TEMPLATE", DIRECTIVE_INCLUDE, 1, ANY, "TEMPLATE [--arg NAME=VALUE]..." },
	{ "USER", DIRECTIVE_USER, 1, 1, "USER" },
	{ "WORKDIR", DIRECTIVE_WORKDIR, 1, 1, "DIRECTORY" },
};
/* clang-format on */
const size_t directive_count =
    sizeof(directive_table) / sizeof(directive_table[0]);

const struct directive *
directive_find(const char *keyword, size_t len)
{
	static const struct directive command = { NULL, DIRECTIVE_COMMAND, 0,
		ANY, "[ARGUMENT...]" };

	for (size_t i = 0; i < directive_count; i++)
		if (strncasecmp(directive_table[i].name, keyword, len) == 0 &&
		    directive_table[i].name[len] == '\0')
			return &directive_table[i];
	return &command;
}
