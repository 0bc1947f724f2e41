/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* pot signal. */
#include <regex.h>
#include <signal.h>
#include <string.h>

#include "base/auto.h"
#include "base/num.h"
#include "compat/pot/pot.h"
#include "core/usage.h"

static const char *const names[] = { "HUP", "INT", "QUIT", "ILL", "TRAP",
	"ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
	"TERM", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU",
	"XFSZ", "VTALRM", "PROF", "WINCH", "IO", "SYS",
#ifdef SIGINFO
	"INFO",
#endif
	NULL };

static int64_t
inside_pid(const struct engine_process *p)
{
	return p->inside > 0 ? p->inside : p->pid;
}

/* The name without its path and arguments, as pkill(1) compares it. */
static char *
short_name(const char *command)
{
	AUTO_FREE char *word = xstrndup(command, strcspn(command, " "));
	const char *slash = strrchr(word, '/');

	return xstrdup(slash != NULL ? slash + 1 : word);
}

static int
by_pattern(const struct engine_processes *list, const char *pattern,
    struct strings *pids, struct error *e)
{
	regex_t re;

	if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return pot_usage(e, "%s is no regular expression", pattern);
	for (size_t i = 0; i < list->count; i++) {
		AUTO_FREE char *name = short_name(list->items[i].command);

		/* pid 1 is gaol-init where there is one */
		if (inside_pid(&list->items[i]) > 1 &&
		    regexec(&re, name, 0, NULL, 0) == 0)
			strings_take(pids, xasprintf("%jd",
			    (intmax_t)inside_pid(&list->items[i])));
	}
	regfree(&re);
	return 0;
}

static int
by_pid(const struct engine_processes *list, const char *pid,
    struct strings *pids, struct error *e)
{
	uint64_t wanted;

	if (parse_uint(pid, 1, INT32_MAX, &wanted, e) < 0)
		return pot_usage(e, "Invalid pid");
	for (size_t i = 0; i < list->count; i++)
		if (inside_pid(&list->items[i]) == (int64_t)wanted)
			strings_add(pids, pid);
	return 0;
}

/* The first that was started is the main process of a pot that is not
 * persistent. */
static int
main_process(struct compat *c, const char *pot,
    const struct engine_processes *list, struct strings *pids,
    struct error *e)
{
	AUTO_FREE char *persist = compat_property(c, pot, "persist", ",", e);
	int64_t least = 0;

	if (persist == NULL)
		return -1;
	if (strcmp(persist, "on") == 0)
		return error_set(e, ERROR_FAILED,
		    "Persistent pots have no main process");
	for (size_t i = 0; i < list->count; i++) {
		int64_t pid = inside_pid(&list->items[i]);

		if (pid > 1 && (least == 0 || pid < least))
			least = pid;
	}
	if (least > 0)
		strings_take(pids, xasprintf("%jd", (intmax_t)least));
	return 0;
}

static int
send_signal(struct compat *c, const char *pot, const char *name,
    const struct strings *pids, struct error *e)
{
	AUTO_STRINGS struct strings words = VEC_INIT;
	AUTO_FREE char *all = strings_join(pids, " ");

	strings_add(&words, "exec");
	strings_add(&words, "-T");
	strings_add(&words, pot);
	strings_add(&words, "/bin/sh");
	strings_add(&words, "-c");
	strings_take(&words, xasprintf("kill -s %s %s", name, all));
	if (compat_call_words(c, &words, NULL, e) < 0)
		return -1;
	return c->status == 0 ? 0 : error_set(e, ERROR_FAILED,
	    "Sending signal failed");
}

static int
find(struct compat *c, const char *pot, struct strings *pids, struct error *e)
{
	const char *pid = compat_value(c, "P"), *pattern = compat_value(c, "m");
	struct engine_processes list = VEC_INIT;
	int rc = usage_processes(c->host, pot, &list, e);

	if (rc == 0 && pid != NULL)
		rc = by_pid(&list, pid, pids, e);
	else if (rc == 0 && pattern != NULL)
		rc = by_pattern(&list, pattern, pids, e);
	else if (rc == 0)
		rc = main_process(c, pot, &list, pids, e);
	engine_processes_fini(&list);
	if (rc == 0 && pids->count == 0)
		rc = error_set(e, ERROR_FAILED, "Sending signal failed: there "
		    "is no such process");
	return rc;
}

static int
signal_pot(struct compat *c, const char *name, struct error *e)
{
	const char *pot = pot_name(c, e);
	AUTO_STRINGS struct strings pids = VEC_INIT;

	if (pot == NULL)
		return -1;
	if (!compat_runs(c, pot))
		return error_set(e, ERROR_FAILED, "The pot is not running");
	if (find(c, pot, &pids, e) < 0)
		return -1;
	if (!compat_has(c, "C"))
		return send_signal(c, pot, name, &pids, e);
	AUTO_FREE char *all = strings_join(&pids, "\n");
	return compat_print(e, "%s\n", all);
}

static int
exec_signal(struct compat *c, struct error *e)
{
	const char *name = compat_value(c, "s");
	size_t i = 0;

	if (compat_has(c, "l")) {
		for (; names[i] != NULL; i++)
			if (compat_print(e, "%s\n", names[i]) < 0)
				return -1;
		return 0;
	}
	if (compat_has(c, "P") && compat_has(c, "m"))
		return pot_usage(e, "Process ID and pattern match are "
		    "mutually exclusive");
	if (name == NULL)
		name = "INFO";
	if (strncmp(name, "SIG", 3) == 0)
		name += 3;
	while (names[i] != NULL && strcmp(names[i], name) != 0)
		i++;
	if (names[i] == NULL && !compat_has(c, "s") && !compat_has(c, "C"))
		return error_set(e, ERROR_UNSUPPORTED, "this system has no "
		    "SIGINFO; -s names a signal");
	if (names[i] == NULL && compat_has(c, "s"))
		return pot_usage(e, "Invalid signal %s ('pot signal -l' lists "
		    "them)", name);
	if (signal_pot(c, name, e) == 0)
		return 0;
	if (!compat_has(c, "f") || e->kind == ERROR_USAGE)
		return -1;
	compat_say(c, "===>  %s", e->msg);
	error_clear(e);
	c->status = 0;
	return 0;
}

static const struct cmd_option options[] = {
	POT_OPTION_NAME,
	{ 's', "", "SIGNAL", "with or without SIG; SIGINFO without it" },
	{ 'P', "", "PID", "a process, by its number in the pot" },
	{ 'm', "", "PATTERN", "processes by their name, as pkill(1)" },
	{ 'C', "", NULL, "only tell which" },
	{ 'f', "", NULL, "a failure is none" },
	{ 'l', "", NULL, "list signals" },
	{ 0 },
};

const struct compat_cmd pot_cmd_signal = {
	.name = "signal",
	.usage = "[-hvflC] -p NAME [-s SIGNAL] [-P PID|-m PATTERN]",
	.summary = "send a signal to processes of a pot",
	.options = options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "sent from within, so that no process of the host can be hit; "
	    "Linux has no SIGINFO",
	.test = "root/compat_pot_test.sh:guide",
	.exec = exec_signal,
};
