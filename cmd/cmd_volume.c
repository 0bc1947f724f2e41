/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/num.h"
#include "cmd/cmd.h"
#include "core/volume.h"

enum { C_NAME, C_SIZE, C_USED, C_PATH, COLUMNS };

static const struct view_column columns[COLUMNS] = {
	[C_NAME] = { "name", "NAME", VIEW_TEXT },
	[C_SIZE] = { "bytes", "SIZE", VIEW_NUMBER },
	[C_USED] = { "used_by", "USED-BY", VIEW_LIST },
	[C_PATH] = { "path", "PATH", VIEW_TEXT },
};

static const struct cmd_option options[] = {
	{ 'm', "mode", "MODE", "create: mode of its directory, 0755 else" },
	{ 'o', "owner", "UID[:GID]", "create: owner of its directory, root "
	    "else" },
	{ 'y', "yes", NULL, "destroy: do not ask" },
	{ 0 },
};

static int
list(struct cmd_args *a, struct error *e)
{
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (volume_names(a->host, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		AUTO_STRINGS struct strings users = VEC_INIT;
		AUTO_FREE char *path = xasprintf("%s/volumes/%s",
		    a->host->root, names.items[i]);
		uint64_t bytes;
		char size[16];

		if (volume_size(a->host, names.items[i], &bytes, e) < 0 ||
		    volume_users(a->host, names.items[i], &users, e) < 0)
			return -1;
		view_row(v);
		view_text(v, C_NAME, names.items[i]);
		view_number(v, C_SIZE, (int64_t)bytes);
		view_shown(v, C_SIZE, format_size(bytes, size));
		view_list(v, C_USED, &users);
		view_text(v, C_PATH, path);
	}
	return cmd_print(a, v, e);
}

/* Numbers: they are the jails', and the host has other names for them. */
static int
parse_owner(const char *text, struct volume_options *o, struct error *e)
{
	AUTO_FREE char *copy = xstrdup(text);
	char *colon = strchr(copy, ':');
	uint64_t uid, gid;

	if (colon != NULL)
		*colon++ = '\0';
	if (parse_uint(copy, 0, 65535, &uid, e) < 0 ||
	    parse_uint(colon != NULL ? colon : copy, 0, 65535, &gid, e) < 0) {
		e->kind = ERROR_USAGE;
		return error_wrap(e, "volume: -o %s", text);
	}
	o->uid = (uint32_t)uid;
	o->gid = (uint32_t)gid;
	return 0;
}

static int
parse_options(const struct cmd_args *a, struct volume_options *o,
    struct error *e)
{
	const char *mode = args_value(a, "m"), *owner = args_value(a, "o");

	*o = (struct volume_options){ geteuid(), getegid(), 0755 };
	if (owner != NULL && parse_owner(owner, o, e) < 0)
		return -1;
	if (mode == NULL)
		return 0;
	if (strspn(mode, "01234567") != strlen(mode) || strlen(mode) < 3 ||
	    strlen(mode) > 4)
		return error_set(e, ERROR_USAGE,
		    "volume: -m %s: an octal mode such as 0755 is needed",
		    mode);
	o->mode = 0;
	for (const char *p = mode; *p != '\0'; p++)
		o->mode = o->mode * 8 + (uint32_t)(*p - '0');
	return 0;
}

static int
create(struct cmd_args *a, struct error *e)
{
	struct volume_options o;

	if (parse_options(a, &o, e) < 0)
		return -1;
	for (size_t i = 1; i < a->operands.count; i++)
		if (volume_create(a->host, a->operands.items[i], &o, e) < 0)
			return -1;
	return 0;
}

static int
destroy(struct cmd_args *a, struct error *e)
{
	AUTO_BUF struct buf question = BUF_INIT;

	buf_puts(&question, "destroy with all files in them: volumes");
	for (size_t i = 1; i < a->operands.count; i++) {
		if (volume_check(a->host, a->operands.items[i], e) < 0)
			return -1;
		buf_printf(&question, " %s", a->operands.items[i]);
	}
	buf_putc(&question, '?');
	if (cmd_confirm(a, args_has(a, "y"), buf_text(&question), e) < 0)
		return -1;
	for (size_t i = 1; i < a->operands.count; i++)
		if (volume_destroy(a->host, a->operands.items[i], e) < 0)
			return -1;
	return 0;
}

static int
volume(struct cmd_args *a, struct error *e)
{
	const char *verb = a->operands.count > 0 ? a->operands.items[0] :
	    "list";
	bool makes = strcmp(verb, "create") == 0;

	if (!makes && (args_has(a, "m") || args_has(a, "o")))
		return error_set(e, ERROR_USAGE,
		    "volume: -m and -o are of volume create");
	if (strcmp(verb, "list") != 0 && !makes &&
	    strcmp(verb, "destroy") != 0)
		return error_set(e, ERROR_USAGE, "volume %s: what is that? "
		    "create, list and destroy are possible", verb);
	if (volume_recover_all(a->host, e) < 0)
		return -1;
	if (strcmp(verb, "list") == 0 && a->operands.count > 1)
		return error_set(e, ERROR_USAGE, "volume list takes no names");
	if (strcmp(verb, "list") == 0)
		return list(a, e);
	if (a->operands.count < 2)
		return error_set(e, ERROR_USAGE, "volume %s: which volume?",
		    verb);
	return makes ? create(a, e) : destroy(a, e);
}

const struct cmd cmd_volume = {
	.name = "volume",
	.group = "data",
	.summary = "create, list and destroy volumes, which outlive jails",
	.operands = "[create|list|destroy [name...]]",
	.options = options,
	.min = 0,
	.max = CMD_ANY,
	.flags = CMD_PLAN | CMD_VIEW,
	.exec = volume,
};
