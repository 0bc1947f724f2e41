/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "cmd/cmd.h"
#include "core/archive.h"

enum { TEXT_MAX = 4096 };
enum { C_NAME, C_SIGN, C_KEY, COLUMNS };

static const struct view_column columns[COLUMNS] = {
	[C_NAME] = { "name", "NAME", VIEW_TEXT },
	[C_SIGN] = { "signs", "SIGNS", VIEW_BOOL },
	[C_KEY] = { "key", "KEY", VIEW_TEXT },
};

static const struct cmd_option options[] = {
	{ 'y', "yes", NULL, "destroy: do not ask" },
	{ 0 },
};

static int
list(struct cmd_args *a, struct error *e)
{
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);
	AUTO_KEYS struct keys k = VEC_INIT;

	if (key_list(a->host, &k, e) < 0)
		return -1;
	for (size_t i = 0; i < k.count; i++) {
		view_row(v);
		view_text(v, C_NAME, k.items[i].name);
		view_bool(v, C_SIGN, k.items[i].secret);
		view_text(v, C_KEY, k.items[i].base64);
	}
	return cmd_print(a, v, e);
}

static int
create(struct cmd_args *a, struct error *e)
{
	if (key_create(a->host, a->operands.items[1], e) < 0)
		return -1;
	if (!a->plan)
		cmd_say("%s: created; 'gaol key show %s' tells others how to "
		    "trust it", a->operands.items[1], a->operands.items[1]);
	return 0;
}

static int
trust(struct cmd_args *a, struct error *e)
{
	const char *file = a->operands.items[1];
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_FREE char *name = NULL;
	int rc = strcmp(file, "-") == 0 ?
	    file_read_fd(STDIN_FILENO, TEXT_MAX, &text, e) :
	    file_read(AT_FDCWD, file, TEXT_MAX, &text, e);

	if (rc < 0 || key_trust(a->host, buf_text(&text),
	    a->operands.count > 2 ? a->operands.items[2] : NULL, &name,
	    e) < 0)
		return -1;
	if (!a->plan)
		cmd_say("%s: trusted", name);
	return 0;
}

static int
show(struct cmd_args *a, struct error *e)
{
	AUTO_BUF struct buf line = BUF_INIT;

	if (key_line(a->host, a->operands.items[1], &line, e) < 0)
		return -1;
	return cmd_print_text(&line, e);
}

static int
destroy(struct cmd_args *a, struct error *e)
{
	AUTO_FREE char *question = xasprintf("destroy key %s?",
	    a->operands.items[1]);

	if (cmd_confirm(a, args_has(a, "y"), question, e) < 0)
		return -1;
	return key_destroy(a->host, a->operands.items[1], e);
}

static const struct cmd_verb verbs[] = {
	{ "list", 1, 1, list },
	{ "create", 2, 2, create },
	{ "trust", 2, 3, trust },
	{ "show", 2, 2, show },
	{ "destroy", 2, 2, destroy },
	{ 0 },
};

static int
key(struct cmd_args *a, struct error *e)
{
	return cmd_verb(a, verbs, "list, create, trust, show and destroy", e);
}

const struct cmd cmd_key = {
	.name = "key",
	.group = "data",
	.summary = "keys that archives are signed with, and trusted by",
	.operands = "[list|create|trust|show|destroy] [NAME|FILE [NAME]]",
	.options = options,
	.min = 0,
	.max = 3,
	.flags = CMD_PLAN | CMD_VIEW,
	.exec = key,
};
