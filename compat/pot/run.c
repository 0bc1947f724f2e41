/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* pot start, stop, term, run, exec, set-status. */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "compat/pot/pot.h"
#include "core/life.h"

enum { STATUS_ENDED_BADLY = 125 };

/* --- start --- */

static int
mark_prunable(struct cell *cell, void *arg, struct error *e)
{
	return pot_keep(cell, "to-be-pruned", "YES", e);
}

static int
note_run(struct cell *cell, void *arg, struct error *e)
{
	const int *status = arg;
	AUTO_FREE char *last = xasprintf("%d %jd", *status,
	    (intmax_t)time(NULL));

	return pot_keep(cell, "last-run", last, e);
}

static int
start_needed(struct compat *c, const struct cell *cell, struct error *e)
{
	AUTO_STRINGS struct strings depend = VEC_INIT;

	cell_values(cell, "depend", &depend);
	for (size_t i = 0; i < depend.count; i++)
		if (!compat_runs(c, depend.items[i]) &&
		    compat_call(c, e, "start", depend.items[i], NULL) < 0)
			return error_wrap(e, "dependency failed to start");
	return 0;
}

/* Not persistent: here, until its command has ended. */
static int
run_main(struct compat *c, const char *pot, const struct cell *cell,
    int *status, struct error *e)
{
	AUTO_FREE char *cmd = pot_cmd_get(cell);
	char shell[] = "/bin/sh", option[] = "-c";
	char *argv[] = { shell, option, cmd, NULL };
	const struct run_options o = { .argv = argv };

	if (start_needed(c, cell, e) < 0 ||
	    life_start_main(c->host, pot, &o, status, e) < 0)
		return -1;
	return pot_change(c, pot, note_run, status, e);
}

int
pot_start_pot(struct compat *c, const char *pot, int *status, struct error *e)
{
	AUTO_CELL struct cell cell = CELL_INIT;

	*status = 0;
	if (compat_runs(c, pot))
		return 0;
	if (cell_load(c->host, pot, &cell, e) < 0)
		return -1;
	AUTO_FREE char *prunable = pot_kept(&cell, "prunable");
	if (prunable != NULL && strcmp(prunable, "YES") == 0 &&
	    pot_change(c, pot, mark_prunable, NULL, e) < 0)
		return -1;
	if (!cell_bool(&cell, "persist"))
		return run_main(c, pot, &cell, status, e);
	return compat_call(c, e, "start", pot, NULL);
}

static int
start(struct compat *c, struct error *e)
{
	const char *pot = pot_name_or_operand(c, e);
	int status;

	if (pot == NULL)
		return -1;
	if ((compat_has(c, "s") || compat_has(c, "S")) &&
	    !compat_runs(c, pot)) {
		AUTO_FREE char *tag = xasprintf("%jd", (intmax_t)time(NULL));

		if (compat_call(c, e, "snapshot", pot, tag, NULL) < 0)
			return -1;
	}
	if (pot_start_pot(c, pot, &status, e) < 0)
		return error_wrap(e, "%s failed to start", pot);
	if (status != 0) {
		compat_say(c, "###>  %s reported application error", pot);
		c->status = STATUS_ENDED_BADLY;
	}
	return 0;
}

static const struct cmd_option start_options[] = {
	POT_OPTION_NAME,
	{ 's', "", NULL, "take a snapshot before" },
	{ 'S', "", NULL, "the same" },
	{ 0 },
};

const struct compat_cmd pot_cmd_start = {
	.name = "start",
	.usage = "[-hvsS] [-p NAME|NAME]",
	.summary = "start a pot",
	.options = start_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "a persistent pot's command runs on in the background ('gaol "
	    "logs' has what it prints), and start comes back; one that is not "
	    "persistent is in the foreground, as there",
	.test = "cli/compat_pot_test.sh:start",
	.exec = start,
};

/* --- stop --- */

static int
stop(struct compat *c, struct error *e)
{
	const char *pot = pot_name_or_operand(c, e);

	if (pot == NULL)
		return -1;
	if (compat_has(c, "i") || compat_has(c, "s"))
		return error_set(e, ERROR_UNSUPPORTED, "-i and -s are how pot "
		    "calls itself; gaol knows the interfaces of a pot, and "
		    "sees by itself that it has ended");
	return compat_call(c, e, "stop", pot, NULL);
}

static const struct cmd_option stop_options[] = {
	POT_OPTION_NAME,
	{ 'i', "", "IFACES", "internal to pot, refused" },
	{ 's', "", NULL, "internal to pot, refused" },
	{ 0 },
};

const struct compat_cmd pot_cmd_stop = {
	.name = "stop",
	.usage = "[-hv] [-p NAME|NAME]",
	.summary = "stop a pot",
	.options = stop_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "a pot that does not exist is a failure; -i and -s, which pot "
	    "calls itself with, are refused (69)",
	.test = "cli/compat_pot_test.sh:start",
	.exec = stop,
};

/* --- term, run --- */

static int
enter(struct compat *c, bool start_first, struct error *e)
{
	const char *pot = pot_name_or_operand(c, e);
	int status;

	if (pot == NULL)
		return -1;
	if (!start_first && !compat_runs(c, pot))
		return error_set(e, ERROR_FAILED, "The pot %s is not running",
		    pot);
	if (start_first && pot_start_pot(c, pot, &status, e) < 0)
		return error_wrap(e, "The pot %s doesn't start", pot);
	return compat_call(c, e, "console", "-u", "root", pot, NULL);
}

static int
term(struct compat *c, struct error *e)
{
	return enter(c, compat_has(c, "f"), e);
}

static int
run(struct compat *c, struct error *e)
{
	return enter(c, true, e);
}

static const struct cmd_option term_options[] = {
	POT_OPTION_NAME,
	{ 'f', "", NULL, "start it first" },
	{ 0 },
};

const struct compat_cmd pot_cmd_term = {
	.name = "term",
	.usage = "[-hvf] [-p NAME|NAME]",
	.summary = "open a terminal in a pot",
	.options = term_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.test = "cli/compat_pot_test.sh:inside",
	.exec = term,
};

const struct compat_cmd pot_cmd_run = {
	.name = "run",
	.usage = "[-hvf] [-p NAME|NAME]",
	.summary = "the same, and start it first",
	.options = term_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.test = "cli/compat_pot_test.sh:inside",
	.exec = run,
};

/* --- exec --- */

/* -u is of the host, -U of the pot. */
static int
add_user(struct compat *c, struct strings *words, struct error *e)
{
	const char *host = compat_value(c, "u"), *inside = compat_value(c, "U");
	const struct passwd *pw;

	if (host != NULL && inside != NULL)
		return pot_usage(e, "-u and -U are mutually exclusive");
	if (host == NULL && inside == NULL)
		return 0;
	strings_add(words, "-u");
	if (inside != NULL) {
		strings_add(words, inside);
		return 0;
	}
	pw = getpwnam(host);
	if (pw == NULL)
		return pot_usage(e, "%s is no user of this host", host);
	strings_take(words, xasprintf("%u:%u", (unsigned)pw->pw_uid,
	    (unsigned)pw->pw_gid));
	return 0;
}

static int
exec(struct compat *c, struct error *e)
{
	const char *pot = pot_name(c, e);
	AUTO_STRINGS struct strings words = VEC_INIT;
	const struct strings *env;

	if (pot == NULL)
		return -1;
	if (c->operands.count == 0)
		return pot_usage(e, "A command is mandatory");
	if (!compat_runs(c, pot))
		return error_set(e, ERROR_FAILED, "The pot %s is not running",
		    pot);
	strings_add(&words, "exec");
	strings_add(&words, compat_has(c, "t") ? "-t" : "-T");
	env = compat_values(c, "e");
	for (size_t i = 0; i < env->count; i++) {
		strings_add(&words, "-e");
		strings_add(&words, env->items[i]);
	}
	if (add_user(c, &words, e) < 0)
		return -1;
	strings_add(&words, pot);
	if (compat_has(c, "d")) {
		strings_add(&words, "/bin/sh");
		strings_add(&words, "-c");
		strings_add(&words, "trap '' HUP; \"$@\" </dev/null "
		    ">/dev/null 2>&1 &");
		strings_add(&words, "sh");
	}
	for (size_t i = 0; i < c->operands.count; i++)
		strings_add(&words, c->operands.items[i]);
	return compat_call_words(c, &words, NULL, e);
}

static const struct cmd_option exec_options[] = {
	POT_OPTION_NAME,
	{ 'd', "", NULL, "in the background, its output is thrown away" },
	{ 't', "", NULL, "with a terminal" },
	{ 'e', "", "NAME=VALUE", "in its environment; may be given again" },
	{ 'u', "", "USER", "as that user of the host" },
	{ 'U', "", "USER", "as that user of the pot" },
	{ 0 },
};

const struct compat_cmd pot_cmd_exec = {
	.name = "exec",
	.usage = "[-hvdt] -p NAME [-e NAME=VALUE]... [-u USER|-U USER] "
	    "COMMAND [ARGUMENT]...",
	.summary = "run a command in a pot",
	.options = exec_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.test = "cli/compat_pot_test.sh:inside",
	.exec = exec,
};

/* --- what is pot's own --- */

static int
set_status(struct compat *c, struct error *e)
{
	return error_set(e, ERROR_UNSUPPORTED, "set-status is how pot calls "
	    "itself; gaol asks the kernel what runs, and 'gaol doctor "
	    "--repair' clears up what is left of a crash");
}

static const struct cmd_option status_options[] = {
	POT_OPTION_NAME,
	{ 's', "", "STATUS", "" },
	{ 'i', "", "IFACES", "" },
	{ 0 },
};

const struct compat_cmd pot_cmd_set_status = {
	.name = "set-status",
	.usage = "-p NAME -s STATUS [-i IFACES]",
	.summary = "internal to pot",
	.options = status_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND | COMPAT_NO_HOST,
	.state = COMPAT_CANNOT,
	.note = "pot's own bookkeeping; here the kernel is asked",
	.test = "cli/compat_pot_test.sh:refused",
	.exec = set_status,
};

static int
promote(struct compat *c, struct error *e)
{
	return error_set(e, ERROR_FAILED, "Fatal error! promote implementation "
	    "not found!");
}

const struct compat_cmd pot_cmd_promote = {
	.name = "promote",
	.usage = "",
	.summary = "not implemented, by pot either",
	.max = CMD_ANY,
	.flags = COMPAT_NO_HOST | COMPAT_NO_OPTIONS,
	.test = "cli/compat_pot_test.sh:refused",
	.exec = promote,
};
