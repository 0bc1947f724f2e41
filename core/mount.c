/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Mounts that come and go while a jail runs.  Three places know of one: the
 * jail, the record of what is in force, and cell.conf, whose rename decides.
 * The file mount.NAME in the run directory says that one is on its way.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/life.h"
#include "core/mount.h"
#include "core/spec.h"
#include "core/step.h"
#include "core/volume.h"

struct change {
	const struct host *host;
	const char *name;
	char *line;		/* of the mount */
	char *note;		/* "mount.NAME" */
	struct engine_mount m;	/* for the engine */
	struct cell before, after;
	struct cell force;	/* in force before */
	struct live live;
	struct spec spec;	/* what confines the running jail */
	bool adding, running, detach;
	bool done;		/* in the jail: to be undone */
};

static void
change_init(struct change *c, const struct host *h, const char *name)
{
	memset(c, 0, sizeof(*c));
	c->host = h;
	c->name = name;
	c->note = xasprintf("mount.%s", name);
	c->live = (struct live)LIVE_INIT;
}

static void
change_fini(struct change *c)
{
	free(c->line);
	free(c->note);
	mount_fini(&c->m);
	cell_fini(&c->before);
	cell_fini(&c->after);
	cell_fini(&c->force);
	live_fini(&c->live);
	spec_fini(&c->spec);
}

/* Add the line to the mounts of a cell, or take out those on its target. */
static int
edit_mounts(struct cell *c, const struct engine_mount *m, const char *line,
    bool adding, struct error *e)
{
	AUTO_STRINGS struct strings old = VEC_INIT, lines = VEC_INIT;
	bool changed = false;

	cell_values(c, "mount", &old);
	for (size_t i = 0; i < old.count; i++) {
		struct engine_mount there;

		if (mount_split(old.items[i], &there, e) < 0)
			return -1;
		mount_normalize(there.target);
		if (strcmp(there.target, m->target) == 0)
			changed = true;
		else
			strings_add(&lines, old.items[i]);
		mount_fini(&there);
	}
	if (adding && !changed) {
		strings_fini(&lines);
		strings_add(&lines, line);
		return cell_set(c, prop_find("mount"), "mount", &lines, true,
		    e);
	}
	if (adding || !changed)
		return 0;
	return cell_set(c, prop_find("mount"), "mount", &lines, false, e);
}

/* The line of a cell that mounts on that target; NULL when it has none. */
static char *
find_line(const struct cell *c, const char *target)
{
	AUTO_STRINGS struct strings lines = VEC_INIT;
	struct error ignored = ERROR_INIT;

	cell_values(c, "mount", &lines);
	for (size_t i = 0; i < lines.count; i++) {
		struct engine_mount m;
		bool found;

		if (mount_split(lines.items[i], &m, &ignored) < 0)
			continue;
		mount_normalize(m.target);
		found = strcmp(m.target, target) == 0;
		mount_fini(&m);
		if (found)
			return xstrdup(lines.items[i]);
	}
	return NULL;
}

static int
write_note(void *arg, struct error *e)
{
	const struct change *c = arg;

	if (!c->running)
		return 0;
	return file_replace(c->host->run_fd, c->note, c->line,
	    strlen(c->line), 0600, FILE_VOLATILE, e);
}

static int
drop_note(void *arg, struct error *e)
{
	const struct change *c = arg;

	if (unlinkat(c->host->run_fd, c->note, 0) < 0 && errno != ENOENT)
		return error_sys(e, "%s/%s", c->host->run, c->note);
	return 0;
}

static int
mount_live(void *arg, struct error *e)
{
	struct change *c = arg;

	if (!c->running)
		return 0;
	if (engine_native->mount_live(&c->live.engine, &c->spec.engine, &c->m,
	    e) < 0)
		return -1;
	c->done = true;
	return 0;
}

static int
umount_live(void *arg, struct error *e)
{
	struct change *c = arg;

	if (!c->running)
		return 0;
	if (engine_native->umount_live(&c->live.engine, &c->spec.engine, &c->m,
	    c->detach, e) < 0)
		return -1;
	c->done = true;
	return 0;
}

/* What failed has changed nothing: another mount that is there stays. */
static int
undo_mount(void *arg, struct error *e)
{
	struct change *c = arg;

	c->detach = true;
	return c->done ? umount_live(arg, e) : 0;
}

static int
undo_umount(void *arg, struct error *e)
{
	const struct change *c = arg;

	return c->done ? mount_live(arg, e) : 0;
}

static int
write_conf(void *arg, struct error *e)
{
	const struct change *c = arg;

	return cell_save(c->host, &c->after, e);
}

static int
restore_conf(void *arg, struct error *e)
{
	const struct change *c = arg;

	return cell_save(c->host, &c->before, e);
}

static int
write_record(void *arg, struct error *e)
{
	struct change *c = arg;
	AUTO_CELL struct cell force = CELL_INIT;
	AUTO_BUF struct buf text = BUF_INIT;

	if (!c->running)
		return 0;
	if (life_in_force(c->name, &c->live, &force, e) < 0 ||
	    edit_mounts(&force, &c->m, c->line, c->adding, e) < 0)
		return -1;
	conf_write(force.conf, &text);
	return live_set_conf(&c->live, &text, e);
}

static int
restore_record(void *arg, struct error *e)
{
	struct change *c = arg;
	AUTO_BUF struct buf text = BUF_INIT;

	if (!c->running)
		return 0;
	conf_write(c->force.conf, &text);
	return live_set_conf(&c->live, &text, e);
}

static void
tell_mount(void *arg, struct buf *text)
{
	const struct change *c = arg;

	if (c->running)
		buf_printf(text, "mount %s on %s of the running jail '%s'",
		    c->m.source, c->m.target, c->name);
}

static void
tell_umount(void *arg, struct buf *text)
{
	const struct change *c = arg;

	if (c->running)
		buf_printf(text, "umount %s of the running jail '%s'",
		    c->m.target, c->name);
}

static void
tell_conf(void *arg, struct buf *text)
{
	const struct change *c = arg;

	buf_printf(text, "%s %s/jails/%s/cell.conf: %s",
	    c->adding ? "add to" : "take out of", c->host->root, c->name,
	    c->line);
}

static void
tell_nothing(void *arg, struct buf *text)
{
}

static const struct step mount_steps[] = {
	{ "note the mount", write_note, drop_note, tell_nothing },
	{ "mount it", mount_live, undo_mount, tell_mount },
	{ "change the record", write_record, restore_record, tell_nothing },
	{ "write cell.conf", write_conf, restore_conf, tell_conf },
	{ "drop the note", drop_note, NULL, tell_nothing },
};

static const struct step umount_steps[] = {
	{ "note the umount", write_note, drop_note, tell_nothing },
	{ "umount it", umount_live, undo_umount, tell_umount },
	{ "change the record", write_record, restore_record, tell_nothing },
	{ "write cell.conf", write_conf, restore_conf, tell_conf },
	{ "drop the note", drop_note, NULL, tell_nothing },
};

/* The jail as it is, its lock held: on disk, running, in force. */
static int
load(struct change *c, struct error *e)
{
	const struct host *h = c->host;

	if (cell_load(h, c->name, &c->before, e) < 0 ||
	    cell_load(h, c->name, &c->after, e) < 0 ||
	    live_running(h, c->name, &c->live, e) < 0)
		return -1;
	c->running = c->live.phase == LIVE_RUNNING;
	if (!c->running)
		return 0;
	if (engine_native->mount_live == NULL)
		return error_set(e, ERROR_UNSUPPORTED, "this host cannot mount "
		    "into a running jail; 'gaol stop %s' first", c->name);
	if (life_in_force(c->name, &c->live, &c->force, e) < 0 ||
	    spec_init(&c->spec, h, &c->force, false, e) < 0)
		return -1;
	c->spec.engine.id_base = c->live.id_base;
	return 0;
}

/* Whether the jail would start with its new cell.conf. */
static int
check_after(const struct change *c, struct error *e)
{
	AUTO_SPEC struct spec spec;

	memset(&spec, 0, sizeof(spec));
	if (spec_init(&spec, c->host, &c->after, false, e) < 0)
		return -1;
	return engine_native->check == NULL ? 0 :
	    engine_native->check(&spec.engine, e);
}

/* A running jail's source is opened by the engine; here it is a typing error
 * that would show at the next start. */
static int
check_source(const struct change *c, struct error *e)
{
	AUTO_FREE char *top = NULL;
	struct stat st;

	if (strcmp(c->m.type, "nullfs") != 0)
		return 0;
	top = c->m.anchor > 0 ? xstrndup(c->m.source, c->m.anchor) :
	    xstrdup(c->m.source);
	return stat(top, &st) < 0 ? error_sys(e, "%s", top) : 0;
}

static int
mount_locked(struct change *c, struct error *e)
{
	AUTO_FREE char *there = NULL;

	if (life_recover(c->host, c->name, e) < 0 || load(c, e) < 0)
		return -1;
	there = find_line(&c->before, c->m.target);
	if (there != NULL)
		return error_set(e, ERROR_EXISTS, "jail '%s' has a mount on "
		    "%s: %s", c->name, c->m.target, there);
	if (check_source(c, e) < 0 ||
	    edit_mounts(&c->after, &c->m, c->line, true, e) < 0 ||
	    check_after(c, e) < 0)
		return -1;
	return steps_run(c->host, mount_steps,
	    sizeof(mount_steps) / sizeof(mount_steps[0]), c, e);
}

int
life_mount(const struct host *h, const char *name,
    const struct engine_mount *m, struct error *e)
{
	AUTO_CLOSE int lock = live_lock(h, name, "mount", e), volume = -1;
	AUTO_BUF struct buf line = BUF_INIT;
	struct change c;
	int result = -1;

	if (lock < 0)
		return -1;
	change_init(&c, h, name);
	mount_format(m, &line);
	c.line = buf_steal(&line);
	c.adding = true;
	if (mount_parse(h, c.line, &c.m, e) == 0)
		result = 0;
	if (result == 0 && volume_is(m->source)) {
		AUTO_FREE char *of = volume_of(m->source);

		volume = volume_lock(h, of, false, "mount", e);
		if (volume < 0 || volume_check(h, of, e) < 0)
			result = -1;
	}
	if (result == 0)
		result = mount_locked(&c, e);
	change_fini(&c);
	return result;
}

static int
not_mounted(const struct change *c, const char *target, struct error *e)
{
	AUTO_FREE char *fstab = cell_text(&c->before, "mount.fstab");

	if (fstab != NULL && *fstab != '\0')
		return error_set(e, ERROR_NOT_FOUND, "cell.conf has no mount "
		    "on %s; perhaps %s (mount.fstab) has", target, fstab);
	return error_set(e, ERROR_NOT_FOUND, "no mount on %s; 'gaol mount %s' "
	    "lists them", target, c->name);
}

static int
umount_locked(struct change *c, const char *target, struct error *e)
{
	if (life_recover(c->host, c->name, e) < 0 || load(c, e) < 0)
		return -1;
	c->line = find_line(&c->before, target);
	if (c->line == NULL)
		return not_mounted(c, target, e);
	if (mount_parse(c->host, c->line, &c->m, e) < 0)
		return -1;
	mount_normalize(c->m.target);
	if (edit_mounts(&c->after, &c->m, c->line, false, e) < 0)
		return -1;
	return steps_run(c->host, umount_steps,
	    sizeof(umount_steps) / sizeof(umount_steps[0]), c, e);
}

int
life_umount(const struct host *h, const char *name, const char *target,
    bool force, struct error *e)
{
	AUTO_CLOSE int lock = live_lock(h, name, "umount", e);
	AUTO_FREE char *path = xstrdup(target);
	struct change c;
	int result;

	if (lock < 0)
		return -1;
	mount_normalize(path);
	change_init(&c, h, name);
	c.detach = force;
	result = umount_locked(&c, path, e);
	change_fini(&c);
	return result;
}

/* The jail is made to have what its cell.conf says of that target. */
static int
settle(struct change *c, struct error *e)
{
	AUTO_FREE char *wanted = NULL;
	struct error why = ERROR_INIT;
	int result;

	if (load(c, e) < 0)
		return -1;
	wanted = find_line(&c->before, c->m.target);
	c->adding = wanted != NULL;
	c->detach = true;
	host_say(c->host, "%s: %s an interrupted mount or umount of %s",
	    c->name, c->adding ? "completing" : "undoing", c->m.target);
	if (c->host->plan)
		return 0;
	result = c->adding ? mount_live(c, &why) : umount_live(c, &why);
	if (result < 0 && why.kind != ERROR_EXISTS)
		host_say(c->host, "%s: %s", c->name, why.msg);
	return write_record(c, e);
}

int
mount_recover(const struct host *h, const char *name, struct error *e)
{
	AUTO_BUF struct buf line = BUF_INIT;
	struct error why = ERROR_INIT;
	struct change c;
	int result = 0;

	change_init(&c, h, name);
	if (!file_exists(h->run_fd, c.note)) {
		change_fini(&c);
		return 0;
	}
	if (file_read(h->run_fd, c.note, 1 << 16, &line, e) < 0) {
		change_fini(&c);
		return -1;
	}
	c.line = xstrdup(buf_text(&line));
	/* what is damaged must not keep a jail from being stopped */
	if (mount_parse(h, c.line, &c.m, &why) == 0) {
		mount_normalize(c.m.target);
		if (settle(&c, &why) < 0)
			host_say(h, "%s: %s", name, why.msg);
	}
	if (!h->plan)
		result = drop_note(&c, e);
	change_fini(&c);
	return result;
}
