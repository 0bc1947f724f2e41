/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/spawn.h"
#include "cmd/cmd.h"
#include "core/life.h"

enum { TEXT_MAX = 1 << 20 };

struct edit {
	const char *name;
	char *file;		/* the copy */
	struct buf before, after;
	struct cell cell;	/* the copy as parsed */
};

static bool
same_text(const struct buf *a, const struct buf *b)
{
	return a->len == b->len &&
	    (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static int
changed_meanwhile(struct error *e)
{
	return error_set(e, ERROR_BUSY,
	    "cell.conf was changed by another command meanwhile");
}

/* $EDITOR may have arguments ("vim -u NONE"); no shell looks at it. */
static int
run_editor(const char *file, struct error *e)
{
	AUTO_STRINGS struct strings argv = VEC_INIT;
	const char *editor = getenv("VISUAL");
	struct spawn s = SPAWN_INIT;
	int status;

	if (editor == NULL || *editor == '\0')
		editor = getenv("EDITOR");
	if (editor == NULL || *editor == '\0') {
		editor = "vi";
		if (!isatty(STDIN_FILENO))
			return error_set(e, ERROR_USAGE, "edit: no terminal "
			    "for %s; VISUAL or EDITOR names another", editor);
	}
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
	if (status != 0)
		return error_set(e, ERROR_FAILED, "editor %s ended with status "
		    "%d; nothing was changed", editor, status);
	return 0;
}

static int
make_copy(const struct host *h, struct edit *ed, struct error *e)
{
	AUTO_FREE char *rel = xasprintf("%s/cell.conf", ed->name);

	if (file_read(h->jails_fd, rel, TEXT_MAX, &ed->before, e) < 0)
		return -1;
	/* The run directory is root's alone; and always the same name, so that
	 * an edit that was killed leaves nothing but what the next takes. */
	ed->file = xasprintf("%s/edit.%s.conf", h->run, ed->name);
	return file_replace(AT_FDCWD, ed->file, ed->before.data,
	    ed->before.len, 0600, FILE_VOLATILE, e);
}

/* Whether to open the editor again after a mistake. */
static bool
try_again(const struct cmd_args *a, struct error *e)
{
	struct error no = ERROR_INIT;

	cmd_print_error(a, NULL, e);
	return cmd_confirm(a, false, "edit again?", &no) == 0;
}

static int
edit_until_valid(const struct cmd_args *a, struct edit *ed, struct error *e)
{
	for (;;) {
		AUTO_FREE char *shown = xasprintf("%s.conf", ed->name);

		if (run_editor(ed->file, e) < 0)
			return -1;
		buf_clear(&ed->after);
		if (file_read(AT_FDCWD, ed->file, TEXT_MAX, &ed->after,
		    e) < 0)
			return -1;
		cell_fini(&ed->cell);
		if (cell_parse(shown, ed->name, buf_text(&ed->after),
		    ed->after.len, &ed->cell, e) == 0)
			return 0;
		if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
			return -1;
		if (!try_again(a, e))
			return error_set(e, ERROR_FAILED,
			    "nothing was changed");
		error_clear(e);
	}
}

/* What only create decides stays as it is. */
static int
refuse_fixed(const struct cell *old, const struct cell *new, struct error *e)
{
	for (size_t i = 0; i < prop_count; i++) {
		const struct prop *p = &prop_table[i];
		AUTO_STRINGS struct strings a = VEC_INIT, b = VEC_INIT;

		if (!(p->flags & (PROP_CREATE | PROP_READONLY)))
			continue;
		cell_get(old, p, p->name, &a);
		cell_get(new, p, p->name, &b);
		AUTO_FREE char *before = strings_join(&a, "\n");
		AUTO_FREE char *after = strings_join(&b, "\n");
		if (strcmp(before, after) != 0)
			return error_set(e, ERROR_USAGE, "%s is given when the "
			    "jail is created, and stays '%s'", p->name, before);
	}
	return 0;
}

static int
put_in_place(struct cell *c, void *arg, struct error *e)
{
	AUTO_BUF struct buf now = BUF_INIT;
	struct edit *ed = arg;

	conf_write(c->conf, &now);
	if (!same_text(&now, &ed->before))
		return changed_meanwhile(e);
	if (refuse_fixed(c, &ed->cell, e) < 0)
		return -1;
	cell_fini(c);
	*c = ed->cell;
	ed->cell = (struct cell)CELL_INIT;
	return 0;
}

/*
 * life_change needs a file that it understands; this puts a right one in the
 * place of a broken one.  What a running jail was started with is in its
 * record, and stays.
 */
static int
mend(const struct host *h, struct edit *ed, bool *restart, struct error *e)
{
	AUTO_FREE char *rel = xasprintf("%s/cell.conf", ed->name);
	AUTO_CLOSE int lock = live_lock(h, ed->name, "edit", e);
	AUTO_LIVE struct live live = LIVE_INIT;
	AUTO_BUF struct buf now = BUF_INIT;

	if (lock < 0 || file_read(h->jails_fd, rel, TEXT_MAX, &now, e) < 0 ||
	    live_running(h, ed->name, &live, e) < 0)
		return -1;
	*restart = live.phase != LIVE_STOPPED;
	if (!same_text(&now, &ed->before))
		return changed_meanwhile(e);
	return cell_save(h, &ed->cell, e);
}

static bool
is_broken(const struct host *h, const char *name)
{
	AUTO_CELL struct cell c = CELL_INIT;
	struct error why = ERROR_INIT;

	return cell_load(h, name, &c, &why) < 0 && why.kind == ERROR_CONFIG;
}

static int
edit_one(struct cmd_args *a, struct edit *ed, struct error *e)
{
	bool restart = false;
	int result;

	if (make_copy(a->host, ed, e) < 0 || edit_until_valid(a, ed, e) < 0)
		return -1;
	if (same_text(&ed->after, &ed->before)) {
		cmd_say("%s: nothing was changed", ed->name);
		return 0;
	}
	if (is_broken(a->host, ed->name))
		result = mend(a->host, ed, &restart, e);
	else
		result = life_change(a->host, ed->name, put_in_place, ed,
		    &restart, e);
	if (result < 0)
		return -1;
	if (restart)
		cmd_say("%s: in force at the next start", ed->name);
	return 0;
}

static int
edit(struct cmd_args *a, struct error *e)
{
	AUTO_FREE char *name = NULL;
	struct edit ed = { .cell = CELL_INIT };
	int result;

	if (targets_one(a, a->operands.items[0], &name, e) < 0)
		return -1;
	AUTO_FREE char *lock_file = xasprintf("edit.%s.lock", name);
	AUTO_CLOSE int lock = file_lock(a->host->run_fd, lock_file, true, 0, e);
	if (lock < 0)
		return error_wrap(e, "'%s' is being edited", name);
	file_lock_note(lock, "(gaol edit)");
	ed.name = name;
	result = edit_one(a, &ed, e);
	if (ed.file != NULL)
		unlink(ed.file);
	unlinkat(a->host->run_fd, lock_file, 0);
	free(ed.file);
	buf_fini(&ed.before);
	buf_fini(&ed.after);
	cell_fini(&ed.cell);
	return result;
}

const struct cmd cmd_edit = {
	.name = "edit",
	.group = "properties",
	.summary = "change cell.conf in an editor",
	.operands = "target",
	.min = 1,
	.max = 1,
	.exec = edit,
};
