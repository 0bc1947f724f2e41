/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Start and stop: one list of steps each, in the order of jail(8). */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/num.h"
#include "core/command.h"
#include "core/hook.h"
#include "core/life.h"
#include "core/move.h"
#include "core/names.h"
#include "core/net.h"
#include "core/rcd.h"
#include "core/restart.h"
#include "core/spec.h"
#include "core/step.h"
#include "core/usage.h"

struct start {
	const struct host *host;
	const char *name;
	struct cell cell;
	struct spec spec;
	struct live live;
	struct engine_start *engine;
	int console;
	int restart;		/* see core/restart.h */
	int older[ENGINE_LOGS_OLDER];	/* before it, the newest first */
	unsigned older_count;
	/* "run": the command that is the jail's life; NULL for start */
	const struct run_options *main_command;
	int *main_status;
	bool kill;		/* stop -f: no time to end by itself */
	char *replica, *move;	/* what it was until it started */
};

/* For O_WRONLY, or O_RDWR by who moves it on; never what the jail gets. */
static int
open_console(struct start *s, int access, struct error *e)
{
	AUTO_FREE char *file = cell_text(&s->cell, "exec.consolelog");
	AUTO_FREE char *dir = xasprintf("%s/%s", s->host->log, s->name);
	AUTO_FREE char *standard = xasprintf("%s/console.log", dir);
	const char *path = file != NULL && *file != '\0' ? file : standard;

	if (path == standard && file_mkdirs(AT_FDCWD, dir, 0700, e) < 0)
		return -1;
	s->console = open(path, access | O_CREAT | O_APPEND | O_CLOEXEC |
	    O_NOFOLLOW | O_NOCTTY, 0600);
	return s->console < 0 ? error_sys(e, "%s", path) : 0;
}

/* The files that the log moves on to, where the engine keeps it. */
static int
open_older(struct start *s, const char *path, struct error *e)
{
	int64_t count = cell_int(&s->cell, "log.count");

	for (; s->older_count < count; s->older_count++) {
		AUTO_FREE char *older = xasprintf("%s.%u", path,
		    s->older_count + 1);
		int fd = open(older, O_RDWR | O_CREAT | O_CLOEXEC |
		    O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600);
		struct stat st;

		if (fd < 0)
			return error_sys(e, "%s", older);
		s->older[s->older_count] = fd;
		if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
			s->older_count++;
			return error_set(e, ERROR_FAILED, "%s is no file",
			    older);
		}
	}
	return 0;
}

/* Lines get their times, and the log its size, from the jail's pid 1; what is
 * no regular file is written to as it is. */
static int
keep_console(struct start *s, struct error *e)
{
	AUTO_FREE char *file = cell_text(&s->cell, "exec.consolelog");
	AUTO_FREE char *path = file != NULL && *file != '\0' ?
	    xstrdup(file) : xasprintf("%s/%s/console.log", s->host->log,
	    s->name);
	AUTO_FREE char *text = cell_text(&s->cell, "log.size");
	uint64_t size = 0;
	struct stat st;

	if (open_console(s, O_RDWR, e) < 0)
		return -1;
	if (fstat(s->console, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	if (parse_size(text, &size, e) < 0)
		return error_wrap(e, "log.size");
	if (size > UINT32_MAX)
		size = UINT32_MAX;
	if (size > 0 && open_older(s, path, e) < 0)
		return -1;
	s->spec.engine.console_stamped = true;
	s->spec.engine.console_size = (uint32_t)size;
	s->spec.engine.console_older = s->older;
	s->spec.engine.console_older_count = s->older_count;
	return 0;
}

/* Of a jail that lives on: its output goes on after us. */
static int
open_lasting_console(struct start *s, struct error *e)
{
	if ((engine_native->system & prop_find("log.stamps")->systems) == 0 ||
	    !cell_bool(&s->cell, "log.stamps"))
		return open_console(s, O_WRONLY, e);
	return keep_console(s, e);
}

/* Only what cell.conf names itself. */
static int
open_named_console(struct start *s, struct error *e)
{
	AUTO_FREE char *file = cell_text(&s->cell, "exec.consolelog");

	return file != NULL && *file != '\0' ?
	    open_console(s, O_WRONLY, e) : 0;
}

static int
step_record(void *arg, struct error *e)
{
	struct start *s = arg;
	AUTO_BUF struct buf conf = BUF_INIT;

	conf_write(s->cell.conf, &conf);
	if (live_begin(s->host, s->name, &conf, &s->live, e) < 0)
		return -1;
	return s->spec.engine.userns ? ids_take(s->host, &s->live, e) : 0;
}

static int
undo_record(void *arg, struct error *e)
{
	struct start *s = arg;

	if (s->live.fd < 0)
		return 0;
	if (s->live.id_base != 0 &&
	    ids_release(s->host, &s->live, e) < 0)
		return -1;
	return live_remove(s->host, s->name, e);
}

static int
hook(struct start *s, const char *which, struct error *e)
{
	return hooks_run(s->host, &s->cell, which, s->live.engine.jid, e);
}

static void
tell_hook(const struct start *s, const char *which, struct buf *text)
{
	AUTO_STRINGS struct strings commands = VEC_INIT;

	cell_values(&s->cell, which, &commands);
	for (size_t i = 0; i < commands.count; i++)
		buf_printf(text, "%srun %s: %s", i > 0 ? "; " : "", which,
		    commands.items[i]);
}

#define HOOK_STEP(symbol, property)				\
	static int						\
	symbol(void *arg, struct error *e)			\
	{							\
		return hook(arg, property, e);			\
	}							\
	static void						\
	tell_##symbol(void *arg, struct buf *text)		\
	{							\
		tell_hook(arg, property, text);			\
	}

HOOK_STEP(prepare, "exec.prepare")
HOOK_STEP(prestart, "exec.prestart")
HOOK_STEP(created, "exec.created")
HOOK_STEP(poststart, "exec.poststart")
HOOK_STEP(prestop, "exec.prestop")
HOOK_STEP(poststop, "exec.poststop")
HOOK_STEP(release, "exec.release")

/* What is mounted lies under exec.prestart, as with jail(8). */
static int
mount_files(void *arg, struct error *e)
{
	struct start *s = arg;

	return engine_native->mount != NULL ?
	    engine_native->mount(&s->spec.engine, e) : 0;
}

static int
unmount_files(void *arg, struct error *e)
{
	struct start *s = arg;

	return engine_native->unmount != NULL ?
	    engine_native->unmount(s->spec.key, e) : 0;
}

static void
tell_mount(void *arg, struct buf *text)
{
	const struct start *s = arg;

	if (engine_native->mount != NULL)
		buf_printf(text, "mount the files of '%s'", s->name);
}

static void
tell_unmount(void *arg, struct buf *text)
{
	const struct start *s = arg;

	if (engine_native->unmount != NULL)
		buf_printf(text, "unmount the files of '%s'", s->name);
}

static int
make_jail(void *arg, struct error *e)
{
	struct start *s = arg;

	s->spec.engine.live_fd = s->live.lock_fd;
	s->spec.engine.id_base = s->live.id_base;
	if (s->main_command != NULL)
		s->spec.engine.console_is_stdio = true;
	if (s->main_command != NULL ? open_named_console(s, e) < 0 :
	    open_lasting_console(s, e) < 0)
		return -1;
	if (s->main_command == NULL && restart_begin(s->host, &s->cell,
	    &s->spec, &s->restart, e) < 0)
		return -1;
	s->spec.engine.console_fd = s->console;
	s->engine = engine_native->make(&s->spec.engine, &s->live.engine, e);
	if (s->engine == NULL)
		return -1;
	s->live.started = (int64_t)time(NULL);
	return live_update(&s->live, e);
}

static int
unmake_jail(void *arg, struct error *e)
{
	struct start *s = arg;

	engine_native->start_free(s->engine);
	s->engine = NULL;
	return engine_native->kill(&s->live.engine, s->spec.key, e);
}

static void
tell_jail(void *arg, struct buf *text)
{
	const struct start *s = arg;

	buf_printf(text, "make the jail '%s' (host name %s, ", s->name,
	    s->spec.hostname);
	net_tell(&s->cell, text);
	buf_putc(text, ')');
}

/* Names that its networks tell are files to mount, known only now. */
static int
join_networks(void *arg, struct error *e)
{
	struct start *s = arg;
	size_t mounted = s->spec.engine.mount_count;

	if (net_join(s->host, &s->spec, s->spec.tree.ephemeral, e) < 0)
		return -1;
	if (engine_native->mount_more == NULL ||
	    s->spec.engine.mount_count == mounted)
		return 0;
	return engine_native->mount_more(&s->spec.engine, mounted, e);
}

/* It keeps its addresses. */
static int
forget_names(void *arg, struct error *e)
{
	const struct start *s = arg;

	names_drop(s->host, s->name);
	return 0;
}

static int
connect_jail(void *arg, struct error *e)
{
	struct start *s = arg;

	return net_connect(s->host, &s->spec, &s->live.engine, e);
}

static int
disconnect_jail(void *arg, struct error *e)
{
	const struct start *s = arg;

	/* of a throw-away one nothing is there at all */
	if (s->spec.engine.name != NULL && s->spec.engine.iface_count == 0 &&
	    !s->spec.engine.net_inherit && s->spec.tree.ephemeral)
		return 0;
	return net_disconnect(s->host, s->name, e);
}

/* After a stop: also what the jail had, and does not ask for any more. */
static int
leave_networks(void *arg, struct error *e)
{
	struct start *s = arg;

	if (disconnect_jail(s, e) < 0)
		return -1;
	return s->cell.name != NULL && s->spec.engine.iface_count > 0 ?
	    net_trim(s->host, &s->cell, e) : 0;
}

static int
boot_main(struct start *s, struct error *e)
{
	AUTO_COMMAND struct command c = COMMAND_INIT;

	if (command_init(&c, &s->cell, &s->live.engine, s->main_command, e) < 0)
		return -1;
	return s->main_command->left != NULL ? engine_native->boot_leave(
	    s->engine, &c.engine, s->main_command->left, e) :
	    engine_native->boot_main(s->engine, &c.engine, s->main_status, e);
}

/*
 * exec.start before the command of "run", whose streams are the command's: as
 * jail(8) does it goes to exec.consolelog, or to whoever called, who looks for
 * data on standard output.
 */
static int
boot_before_main(struct start *s, const struct strings *lines, struct error *e)
{
	int output = s->console >= 0 ? s->console : STDERR_FILENO;

	for (size_t i = 0; i < lines->count; i++) {
		AUTO_COMMAND struct command c = COMMAND_INIT;
		int status = 0;

		if (command_shell(&c, &s->cell, &s->live.engine,
		    lines->items[i], output, e) < 0 ||
		    engine_native->exec(&s->live.engine, &s->spec.engine,
		    &c.engine, &status, e) < 0)
			return error_wrap(e, "exec.start: %s",
			    lines->items[i]);
		if (status != 0)
			return error_set(e, ERROR_FAILED, "exec.start: '%s' "
			    "ended with status %d", lines->items[i], status);
	}
	return engine_native->boot(s->engine, NULL, 0, LIFE_MAIN, e);
}

static int
boot_jail(void *arg, struct error *e)
{
	struct start *s = arg;
	AUTO_STRINGS struct strings lines = VEC_INIT;
	struct command *commands;
	struct engine_command *plain;
	int result = 0;
	size_t n = 0;

	net_boot_lines(&s->spec, &lines);
	if (s->main_command == NULL || !s->main_command->instead)
		cell_values(&s->cell, "exec.start", &lines);
	if (s->main_command != NULL)
		return boot_before_main(s, &lines, e);
	commands = xcalloc(lines.count, sizeof(*commands));
	plain = xcalloc(lines.count, sizeof(*plain));
	for (; n < lines.count && result == 0; n++) {
		AUTO_FREE char *line = rcd_line(&s->live.engine,
		    lines.items[n], false);

		result = command_shell(&commands[n], &s->cell,
		    &s->live.engine, line, -1, e);
		plain[n] = commands[n].engine;
	}
	if (result == 0)
		result = engine_native->boot(s->engine, plain, lines.count,
		    cell_bool(&s->cell, "persist") ? LIFE_PERSIST :
		    LIFE_PROCESSES, e);
	for (size_t i = 0; i < n; i++)
		command_fini(&commands[i]);
	free(commands);
	free(plain);
	return result;
}

static void
tell_boot(void *arg, struct buf *text)
{
	tell_hook(arg, "exec.start", text);
	if (text->len > 0)
		buf_puts(text, " (inside)");
}

static int
record_running(void *arg, struct error *e)
{
	struct start *s = arg;

	s->live.phase = LIVE_RUNNING;
	if (live_update(&s->live, e) < 0)
		return -1;
	return live_index(s->host, s->name, &s->live, e);
}

static void
tell_nothing(void *arg, struct buf *text)
{
}

/* From here on it is nobody's copy: what it does must not be lost. */
static int
own_it(void *arg, struct error *e)
{
	struct start *s = arg;

	if (!move_is_marked(&s->cell))
		return 0;
	s->replica = cell_text(&s->cell, "replica");
	s->move = cell_text(&s->cell, "move");
	if (move_unmark(&s->cell, e) < 0)
		return -1;
	return cell_save(s->host, &s->cell, e);
}

static int
restore(struct cell *c, const char *name, const char *value, struct error *e)
{
	AUTO_STRINGS struct strings values = VEC_INIT;

	if (value == NULL)
		return 0;
	strings_add(&values, value);
	return cell_set(c, prop_find(name), name, &values, false, e);
}

static int
disown_it(void *arg, struct error *e)
{
	struct start *s = arg;

	if (s->replica == NULL && s->move == NULL)
		return 0;
	if (restore(&s->cell, "replica", s->replica, e) < 0 ||
	    restore(&s->cell, "move", s->move, e) < 0)
		return -1;
	return cell_save(s->host, &s->cell, e);
}

static void
tell_own(void *arg, struct buf *text)
{
	const struct start *s = arg;

	if (move_is_marked(&s->cell))
		buf_printf(text, "make '%s' a jail of its own, which 'gaol "
		    "send' does not change any more", s->name);
}

static const struct step start_steps[] = {
	{ "make it a jail of its own", own_it, disown_it, tell_own },
	{ "take the record", step_record, undo_record, tell_nothing },
	{ "run exec.prepare", prepare, release, tell_prepare },
	{ "mount its files", mount_files, unmount_files, tell_mount },
	{ "run exec.prestart", prestart, poststop, tell_prestart },
	{ "join its networks", join_networks, forget_names, tell_nothing },
	{ "make the jail", make_jail, unmake_jail, tell_jail },
	{ "connect it", connect_jail, disconnect_jail, tell_nothing },
	{ "run exec.created", created, NULL, tell_created },
	{ "run exec.start", boot_jail, NULL, tell_boot },
	{ "run exec.poststart", poststart, NULL, tell_poststart },
	{ "record it as running", record_running, NULL, tell_nothing },
};

static void
start_fini(struct start *s)
{
	if (s->engine != NULL)
		engine_native->start_free(s->engine);
	close_fd(&s->console);
	close_fd(&s->restart);
	while (s->older_count > 0)
		close_fd(&s->older[--s->older_count]);
	live_fini(&s->live);
	spec_fini(&s->spec);
	cell_fini(&s->cell);
	free(s->replica);
	free(s->move);
}

static int
start_init(struct start *s, const struct host *h, const char *name,
    struct error *e)
{
	memset(s, 0, sizeof(*s));
	s->host = h;
	s->name = name;
	s->console = s->restart = s->live.fd = s->live.lock_fd = -1;
	if (cell_load(h, name, &s->cell, e) < 0 ||
	    move_check_start(h, &s->cell, e) < 0 ||
	    spec_init(&s->spec, h, &s->cell, true, e) < 0)
		return -1;
	if (engine_native->check != NULL)
		return engine_native->check(&s->spec.engine, e);
	return 0;
}

int
life_in_force(const char *name, const struct live *live, struct cell *c,
    struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;

	*c = (struct cell)CELL_INIT;
	if (live_conf(live, &text, e) < 0)
		return -1;
	return cell_parse("the record of the running jail", name,
	    buf_text(&text), text.len, c, e);
}

int
life_start_locked(const struct host *h, const char *name,
    const struct run_options *main_command, int *lock, int *status,
    struct error *e)
{
	AUTO_LIVE struct live old = LIVE_INIT;
	struct start s;
	int result;

	if (live_running(h, name, &old, e) < 0)
		return -1;
	if (old.phase != LIVE_STOPPED)
		return error_set(e, ERROR_EXISTS,
		    "jail '%s' is running already", name);
	result = start_init(&s, h, name, e);
	s.main_command = main_command;
	s.main_status = status;
	s.spec.tree.ephemeral = main_command != NULL && !main_command->keep;
	if (result == 0)
		result = steps_run(h, start_steps,
		    sizeof(start_steps) / sizeof(start_steps[0]), &s, e);
	if (result == 0 && main_command != NULL && !h->plan) {
		/* from here on pid 1 alone holds the record's lock */
		live_fini(&s.live);
		close_fd(lock);
		result = boot_main(&s, e);
		if (result < 0) {
			struct error second = ERROR_INIT;

			if (unmake_jail(&s, &second) < 0)
				host_say(h, "%s: %s", name, second.msg);
		}
	}
	start_fini(&s);
	return result;
}

int
life_start(const struct host *h, const char *name, struct error *e)
{
	AUTO_CLOSE int lock = live_lock(h, name, "start", e);

	return lock < 0 || life_recover(h, name, e) < 0 ? -1 :
	    life_start_locked(h, name, NULL, NULL, NULL, e);
}

int
life_starts_at_boot(const struct host *h, const char *name, bool *starts,
    struct error *e)
{
	AUTO_CELL struct cell c = CELL_INIT;

	if (cell_load(h, name, &c, e) < 0)
		return -1;
	*starts = cell_bool(&c, "boot") && !move_is_marked(&c);
	return 0;
}

unsigned stop_patience_ms = 120000;

/* What is left of the time that a stop may take, where the host has said how
 * long that is. */
static unsigned
time_left(const struct host *h, unsigned wanted_ms)
{
	uint64_t now = clock_ms();

	if (h->stop_by_ms == 0)
		return wanted_ms;
	if (now >= h->stop_by_ms)
		return 0;
	return h->stop_by_ms - now < wanted_ms ?
	    (unsigned)(h->stop_by_ms - now) : wanted_ms;
}

static int
command_stop(struct command *c, const struct start *s, const char *line,
    struct error *e)
{
	AUTO_FREE char *own = rcd_line(&s->live.engine, line, true);

	if (command_shell(c, &s->cell, &s->live.engine, own, s->console,
	    e) < 0)
		return -1;
	/* the jail must not keep itself from being stopped */
	if (c->engine.timeout_ms == 0)
		c->engine.timeout_ms = stop_patience_ms;
	c->engine.timeout_ms = time_left(s->host, c->engine.timeout_ms);
	if (c->engine.timeout_ms == 0)
		return error_set(e, ERROR_FAILED, "no time is left for it");
	return 0;
}

/* exec.stop inside, as jail(8) does; a failure is told, the stop goes on. */
static int
stop_inside(void *arg, struct error *e)
{
	struct start *s = arg;
	AUTO_STRINGS struct strings lines = VEC_INIT;
	struct error why = ERROR_INIT;

	cell_values(&s->cell, "exec.stop", &lines);
	if (lines.count > 0 && open_console(s, O_WRONLY, &why) < 0)
		host_say(s->host, "%s: exec.stop: %s", s->name, why.msg);
	for (size_t i = 0; i < lines.count; i++) {
		AUTO_COMMAND struct command c = COMMAND_INIT;
		int status = 0;

		error_clear(&why);
		if (command_stop(&c, s, lines.items[i], &why) < 0 ||
		    engine_native->exec(&s->live.engine, &s->spec.engine,
		    &c.engine, &status, &why) < 0)
			host_say(s->host, "%s: exec.stop: %s", s->name,
			    why.msg);
		else if (status != 0)
			host_say(s->host, "%s: exec.stop: '%s' ended with "
			    "status %d", s->name, lines.items[i], status);
	}
	return 0;
}

static void
tell_stop(void *arg, struct buf *text)
{
	tell_hook(arg, "exec.stop", text);
	if (text->len > 0)
		buf_puts(text, " (inside)");
}

static int
mark_stopping(void *arg, struct error *e)
{
	struct start *s = arg;

	s->live.phase = LIVE_STOPPING;
	return live_update(&s->live, e);
}

static int
stop_jail(void *arg, struct error *e)
{
	struct start *s = arg;
	AUTO_CELL struct cell force = CELL_INIT;
	struct error ignored = ERROR_INIT;

	/* the kernel forgets with the jail */
	if (s->spec.engine.limit_count > 0 &&
	    life_in_force(s->name, &s->live, &force, &ignored) == 0)
		usage_tell_oom(s->host, &force, &s->live);
	return engine_native->stop(&s->live.engine, s->spec.key, s->kill ? 0 :
	    time_left(s->host,
	    (unsigned)cell_duration(&s->cell, "stop.timeout")), e);
}

static void
tell_kill(void *arg, struct buf *text)
{
	const struct start *s = arg;

	if (s->kill)
		buf_printf(text, "kill all processes of '%s'", s->name);
	else
		buf_printf(text, "end all processes of '%s' (SIGTERM, SIGKILL "
		    "after %u ms)", s->name,
		    (unsigned)cell_duration(&s->cell, "stop.timeout"));
}

static int
drop_record(void *arg, struct error *e)
{
	struct start *s = arg;

	restart_forget(s->host, s->name);
	return undo_record(s, e);
}

static const struct step stop_steps[] = {
	{ "run exec.prestop", prestop, NULL, tell_prestop },
	{ "run exec.stop", stop_inside, NULL, tell_stop },
	{ "mark it as stopping", mark_stopping, NULL, tell_nothing },
	{ "end its processes", stop_jail, NULL, tell_kill },
	{ "disconnect it", leave_networks, NULL, tell_nothing },
	{ "run exec.poststop", poststop, NULL, tell_poststop },
	{ "unmount its files", unmount_files, NULL, tell_unmount },
	{ "run exec.release", release, NULL, tell_release },
	{ "drop the record", drop_record, NULL, tell_nothing },
};
enum { STOP_FORCED_FIRST = 2 };

/*
 * Hooks and times as cell.conf has them now, as with jail(8); what the jail was
 * confined by is in its record.
 */
static int
stop_init(struct start *s, struct error *e)
{
	AUTO_CELL struct cell force = CELL_INIT;

	if (life_in_force(s->name, &s->live, &force, e) < 0 ||
	    spec_init(&s->spec, s->host, &force, false, e) < 0)
		return -1;
	s->spec.engine.id_base = s->live.id_base;
	return cell_load(s->host, s->name, &s->cell, e);
}

int
life_stop_locked(const struct host *h, const char *name, bool force,
    bool *was_running, struct error *e)
{
	struct start s;
	size_t first = force ? STOP_FORCED_FIRST : 0;
	int result;

	memset(&s, 0, sizeof(s));
	s.host = h;
	s.name = name;
	s.console = s.restart = s.live.fd = s.live.lock_fd = -1;
	*was_running = false;
	result = live_running(h, name, &s.live, e);
	if (result == 0 && s.live.phase == LIVE_STOPPED) {
		if (!cell_exists(h, name))
			result = cell_load(h, name, &s.cell, e);
		/* one that had failed is stopped from here on */
		if (!h->plan)
			restart_forget(h, name);
		start_fini(&s);
		return result;
	}
	*was_running = true;
	s.kill = force;
	if (result == 0 && stop_init(&s, e) < 0) {
		/* what is damaged must not keep a jail alive */
		host_say(h, "%s: %s; stopping without its hooks", name,
		    e->msg);
		error_clear(e);
		first = STOP_FORCED_FIRST;
		if (s.spec.key == NULL)
			s.spec.key = xasprintf("%s/%s", h->scope, name);
	}
	if (result == 0)
		result = steps_run(h, stop_steps + first,
		    sizeof(stop_steps) / sizeof(stop_steps[0]) - first, &s, e);
	start_fini(&s);
	return result;
}

int
life_stop(const struct host *h, const char *name, bool force,
    bool *was_running, struct error *e)
{
	AUTO_CLOSE int lock = live_lock(h, name, "stop", e);

	return lock < 0 || life_recover(h, name, e) < 0 ? -1 :
	    life_stop_locked(h, name, force, was_running, e);
}
