/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* cp, rcp, jcp, edit. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "base/spawn.h"
#include "compat/bastille/bastille.h"
#include "core/files.h"
#include "core/life.h"
#include "template/place.h"

enum { TEXT_MAX = 1 << 20 };

static int
told(struct compat *c, const char *from, const char *to, struct error *e)
{
	return compat_has(c, "q") ? 0 : bastille_info(c, e, "%s -> %s", from,
	    to);
}

/* A path of the host that may be relative, as one below "/". */
static char *
absolute(const char *path)
{
	AUTO_FREE char *here = *path == '/' ? NULL : getcwd(NULL, 0);

	return *path == '/' || here == NULL ? xstrdup(path) :
	    xasprintf("%s/%s", here, path);
}

/* "JAIL:/path" of gaol. */
static char *
inside(const char *jail, const char *path)
{
	return xasprintf("%s:%s%s", jail, *path == '/' ? "" : "/", path);
}

/* Directories that are missing are made; gaol makes none. */
struct parent {
	const char *path;
};

static int
make_parent(int root, void *arg, struct error *e)
{
	const struct parent *p = arg;
	const char *slash = strrchr(p->path, '/');
	AUTO_FREE char *dir = slash == NULL ? NULL : xstrndup(p->path,
	    (size_t)(slash - p->path));
	AUTO_CLOSE int fd = -1;

	if (dir == NULL || *dir == '\0')
		return 0;
	fd = path_mkdirs(root, dir, 0755, e);
	return fd < 0 ? -1 : 0;
}

struct copying {
	const char *source, *from, *to;
};

/* Its lock is gone when gaol cp takes it. */
static int
make_parents(struct compat *c, const char *jail, struct parent *parent,
    struct error *e)
{
	AUTO_FILES struct files f = FILES_INIT;

	return files_open(&f, c->host, jail, "cp", true, e) < 0 ? -1 :
	    files_work(&f, make_parent, parent, 0, e);
}

static int
into_jail(struct compat *c, const char *jail, void *arg, struct error *e)
{
	const struct copying *k = arg;
	AUTO_FREE char *target = inside(jail, k->to);
	struct parent parent = { k->to };

	if (make_parents(c, jail, &parent, e) < 0 ||
	    compat_call(c, e, "cp", k->source, target, NULL) < 0)
		return -1;
	return told(c, k->from, k->to, e);
}

static int
cp(struct compat *c, struct error *e)
{
	AUTO_FREE char *source = absolute(c->operands.items[1]);
	struct copying k = { source, c->operands.items[1],
		c->operands.items[2] };

	return bastille_for(c, TARGET_TOUCH, into_jail, &k, e);
}

static int
rcp(struct compat *c, struct error *e)
{
	const char *from = c->operands.items[1], *to = c->operands.items[2];
	AUTO_FREE char *target = absolute(to);
	AUTO_FREE char *jail = NULL, *source = NULL;

	if (bastille_target(c, c->operands.items[0], TARGET_LOOK, &jail,
	    e) < 0 || bastille_header(c, jail, e) < 0)
		return -1;
	source = inside(jail, from);
	if (compat_call(c, e, "cp", source, target, NULL) < 0)
		return -1;
	return told(c, from, to, e);
}

static int
jcp(struct compat *c, struct error *e)
{
	struct copying k = { NULL, c->operands.items[1],
		c->operands.items[3] };
	AUTO_STRINGS struct strings names = VEC_INIT;
	AUTO_FREE char *jail = NULL, *source = NULL;

	if (bastille_target(c, c->operands.items[0], TARGET_LOOK, &jail,
	    e) < 0 || bastille_targets(c, c->operands.items[2], TARGET_TOUCH,
	    &names, e) < 0)
		return -1;
	source = inside(jail, k.from);
	k.source = source;
	return bastille_each(c, &names, into_jail, &k, e);
}

/* --- edit: a file of the jail in an editor of the host --- */

struct editing {
	const char *path;
	struct buf text;
	int scratch;
};

static int
read_inside(int root, void *arg, struct error *e)
{
	struct editing *k = arg;
	AUTO_BUF struct buf text = BUF_INIT;

	if (path_read(root, k->path, TEXT_MAX, &text, e) < 0)
		return -1;
	return file_write_fd(k->scratch, text.data, text.len, e);
}

static int
write_inside(int root, void *arg, struct error *e)
{
	struct editing *k = arg;

	return place_data(root, k->path, k->text.data, k->text.len, 0644, e);
}

/* $EDITOR may have arguments; no shell looks at it. */
static int
run_editor(const char *file, struct error *e)
{
	const char *editor = getenv("EDITOR");
	AUTO_STRINGS struct strings argv = VEC_INIT;
	struct spawn s = SPAWN_INIT;
	int status;

	if (editor == NULL || *editor == '\0')
		editor = "vi";
	for (const char *p = editor; *p != '\0';) {
		size_t len = strcspn(p, " \t");

		if (len > 0)
			strings_take(&argv, xstrndup(p, len));
		p += len + (p[len] != '\0');
	}
	strings_add(&argv, file);
	s.argv = strings_argv(&argv);
	if (spawn_run(&s, &status, e) < 0)
		return error_wrap(e, "editor %s", editor);
	return status == 0 ? 0 : error_set(e, ERROR_FAILED, "editor %s ended "
	    "with status %d; nothing was changed", editor, status);
}

static int
edit_inside(struct compat *c, const char *jail, const char *path,
    struct error *e)
{
	AUTO_FREE char *file = xasprintf("%s/edit.%s.file", c->host->run,
	    jail);
	AUTO_CLOSE int fd = open(file, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	struct editing k = { .path = path, .scratch = fd };
	int result;

	if (fd < 0)
		return error_sys(e, "%s", file);
	result = life_within(c->host, jail, read_inside, &k, 0, e);
	if (result == 0)
		result = run_editor(file, e);
	if (result == 0)
		result = file_read(AT_FDCWD, file, TEXT_MAX, &k.text, e);
	if (result == 0)
		result = life_within(c->host, jail, write_inside, &k, 0, e);
	unlink(file);
	buf_fini(&k.text);
	return result;
}

static int
edit(struct compat *c, struct error *e)
{
	const char *file = compat_operand(c, 1);
	AUTO_FREE char *jail = NULL;

	if (bastille_target(c, c->operands.items[0], TARGET_TOUCH, &jail,
	    e) < 0)
		return -1;
	if (file == NULL || strcmp(file, "jail.conf") == 0)
		return compat_call(c, e, "edit", jail, NULL);
	if (strcmp(file, "rc") == 0 || strcmp(file, "rc.conf") == 0)
		return edit_inside(c, jail, "/etc/rc.conf", e);
	if (strcmp(file, "resolv") == 0 || strcmp(file, "resolv.conf") == 0)
		return edit_inside(c, jail, "/etc/resolv.conf", e);
	if (strncmp(file, "root/", 5) == 0)
		return edit_inside(c, jail, file + 4, e);
	return error_set(e, ERROR_UNSUPPORTED, "bastille edit: %s: what "
	    "Bastille keeps in files beside jail.conf is in cell.conf here: "
	    "'bastille edit %s'", file, jail);
}

static const struct cmd_option quiet_options[] = {
	{ 'q', "quiet", NULL, "Suppress output." },
	{ 0 },
};

const struct compat_cmd bastille_cp = {
	.name = "cp",
	.usage = "[option(s)] TARGET HOST_PATH JAIL_PATH",
	.summary = "Copy file(s)/directorie(s) from host to jail(s).",
	.options = quiet_options,
	.min = 3,
	.max = 3,
	.state = COMPAT_DIFFERS,
	.note = "its links lead nowhere outside",
	.test = "cli/compat_bastille_test.sh:copy",
	.exec = cp,
};

const struct compat_cmd bastille_rcp = {
	.name = "rcp",
	.usage = "[option(s)] TARGET JAIL_PATH HOST_PATH",
	.summary = "Copy file(s)/directorie(s) from jail to host.",
	.options = quiet_options,
	.min = 3,
	.max = 3,
	.state = COMPAT_DIFFERS,
	.note = "as `cp`",
	.test = "cli/compat_bastille_test.sh:copy",
	.exec = rcp,
};

const struct compat_cmd bastille_jcp = {
	.name = "jcp",
	.usage = "[option(s)] SOURCE_JAIL JAIL_PATH DEST_JAIL JAIL_PATH",
	.summary = "Copy file(s)/directorie(s) from jail to jail(s).",
	.options = quiet_options,
	.min = 4,
	.max = 4,
	.state = COMPAT_DIFFERS,
	.note = "as `cp`",
	.test = "cli/compat_bastille_test.sh:copy",
	.exec = jcp,
};

const struct compat_cmd bastille_edit = {
	.name = "edit",
	.usage = "TARGET [FILE]",
	.summary = "Edit jail configuration files.",
	.min = 1,
	.max = 2,
	.state = COMPAT_DIFFERS,
	.note = "without FILE cell.conf, which is checked; files below `root/` "
	    "of a running jail; fstab, rctl.conf and the like are refused "
	    "(69): they are properties",
	.test = "cli/compat_bastille_test.sh:edit",
	.exec = edit,
};
