/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/num.h"
#include "cmd/cmd.h"
#include "core/release.h"

static const struct cmd_option options[] = {
	{ 'd', "destroy", NULL, "destroy the releases that are named" },
	{ 'y', "yes", NULL, "do not ask" },
	{ 0 },
};

enum { C_NAME, C_OS, C_SIZE, C_USED, C_CREATED, C_SOURCE, C_SHA256, COLUMNS };

static const struct view_column columns[COLUMNS] = {
	[C_NAME] = { "name", "NAME", VIEW_TEXT },
	[C_OS] = { "os", "OS", VIEW_TEXT },
	[C_SIZE] = { "bytes", "SIZE", VIEW_NUMBER },
	[C_USED] = { "used_by", "USED-BY", VIEW_NUMBER },
	[C_CREATED] = { "created", "CREATED", VIEW_NUMBER },
	[C_SOURCE] = { "source", "SOURCE", VIEW_TEXT },
	[C_SHA256] = { "sha256", "SHA256", VIEW_TEXT },
};

static void
add_row(struct view *v, const struct release *r, int64_t used)
{
	char size[16], created[32];
	time_t when = (time_t)r->created;
	struct tm tm;

	view_row(v);
	view_text(v, C_NAME, r->name);
	view_text(v, C_OS, r->os);
	view_number(v, C_SIZE, (int64_t)r->bytes);
	view_shown(v, C_SIZE, format_size(r->bytes, size));
	view_number(v, C_USED, used);
	view_number(v, C_CREATED, r->created);
	if (localtime_r(&when, &tm) != NULL &&
	    strftime(created, sizeof(created), "%Y-%m-%d %H:%M", &tm) > 0)
		view_shown(v, C_CREATED, created);
	view_text(v, C_SOURCE, r->source);
	if (r->sha256 != NULL)
		view_text(v, C_SHA256, r->sha256);
}

static int64_t
count_uses(const struct strings *uses, const char *name)
{
	int64_t n = 0;

	for (size_t i = 0; i < uses->count; i++)
		n += strcmp(uses->items[i], name) == 0;
	return n;
}

/* One that cannot be read is told, and the others are shown. */
static int
list(struct cmd_args *a, struct error *e)
{
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);
	AUTO_STRINGS struct strings names = VEC_INIT, uses = VEC_INIT;

	if (release_names(a->host, &names, e) < 0 ||
	    release_uses(a->host, &uses, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		AUTO_RELEASE struct release r = RELEASE_INIT;
		struct error why = ERROR_INIT;

		if (release_load(a->host, names.items[i], &r, &why) == 0) {
			add_row(v, &r, count_uses(&uses, r.name));
			continue;
		}
		cmd_print_error(a, names.items[i], &why);
		a->status = error_exit_status(why.kind);
	}
	if (a->format == VIEW_TABLE &&
	    view_select(v, "name,os,bytes,used_by,created,source", e) < 0)
		return -1;
	return cmd_print(a, v, e);
}

/* All are checked before one is touched. */
static int
check_names(const struct cmd_args *a, struct error *e)
{
	AUTO_STRINGS struct strings known = VEC_INIT;

	if (release_names(a->host, &known, e) < 0)
		return -1;
	for (size_t i = 0; i < a->operands.count; i++) {
		const char *name = a->operands.items[i];

		if (name_check_release(name, e) < 0)
			return -1;
		if (strings_index(&known, name) < 0)
			return release_missing(a->host, name, e);
		if (release_check_unused(a->host, name, e) < 0)
			return -1;
	}
	return 0;
}

static int
destroy(struct cmd_args *a, struct error *e)
{
	AUTO_BUF struct buf question = BUF_INIT;

	/* one that an interrupted removal left is gone, or nearly so */
	if (release_recover_all(a->host, e) < 0 || check_names(a, e) < 0)
		return -1;
	buf_puts(&question, "destroy releases");
	for (size_t i = 0; i < a->operands.count; i++)
		buf_printf(&question, " %s", a->operands.items[i]);
	buf_putc(&question, '?');
	if (cmd_confirm(a, args_has(a, "y"), buf_text(&question), e) < 0)
		return -1;
	for (size_t i = 0; i < a->operands.count; i++) {
		const char *name = a->operands.items[i];

		if (release_destroy(a->host, name, e) < 0)
			return -1;
		if (!a->plan)
			cmd_say("%s: destroyed", name);
	}
	return 0;
}

static int
releases(struct cmd_args *a, struct error *e)
{
	if (args_has(a, "d")) {
		if (a->operands.count == 0)
			return error_set(e, ERROR_USAGE, "releases -d: which? "
			    "'gaol releases' lists them");
		return destroy(a, e);
	}
	if (a->operands.count > 0)
		return error_set(e, ERROR_USAGE, "releases takes names with "
		    "-d only");
	return list(a, e);
}

const struct cmd cmd_releases = {
	.name = "releases",
	.group = "releases",
	.summary = "list releases, or destroy them",
	.operands = "[name...]",
	.options = options,
	.min = 0,
	.max = CMD_ANY,
	.flags = CMD_PLAN | CMD_VIEW,
	.exec = releases,
};
