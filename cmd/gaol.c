/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/log.h"
#include "cmd/cmd.h"

enum { STATUS_OWN_FAILURE = 125 };

/* Not SIG_IGN: programs we run would inherit that. */
static void
notice_pipe(int signo)
{
}

void
cmd_prepare_process(void)
{
	struct sigaction pipe_action;

	memset(&pipe_action, 0, sizeof(pipe_action));
	pipe_action.sa_handler = notice_pipe;
	pipe_action.sa_flags = SA_RESTART;
	sigaction(SIGPIPE, &pipe_action, NULL);
	/* with stderr closed a message would land in the next file opened */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		if (open("/dev/null", O_RDWR) != fd)
			_exit(EX_OSERR);
		if (fd == STDOUT_FILENO)
			cmd_stdout_closed();
	}
	umask(022);
}

static void
say(const char *text)
{
	cmd_say("%s", text);
}

static int
print_help(const struct cmd_args *a, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;

	if (a->cmd != NULL)
		cmd_help(a->cmd, &text);
	else
		cmd_help_all(&text);
	return cmd_print_text(&text, e);
}

static int
usage_at_all(struct cmd_args *a, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;

	cmd_help_all(&text);
	a->status = EX_USAGE;
	return file_write_fd(STDERR_FILENO, text.data, text.len, e);
}

static int
run(struct cmd_args *a, struct error *e)
{
	struct host host;
	int result;

	cmd_say_to(a);
	log_setverbose(a->verbose);
	if (a->cmd->flags & CMD_NO_HOST)
		return a->cmd->exec(a, e);
	result = host_open(&host, a->root, e);
	host.plan = a->plan;
	host.say = say;
	a->host = &host;
	if (result == 0)
		result = cmd_exec_told(a, e);
	if (result == 0)
		result = cmd_finish_plan(a, e);
	host_fini(&host);
	a->host = NULL;
	return result;
}

/*
 * The values of -e NAME=VALUE: processes of the jail may read the arguments of
 * the one that joins them, and users of the host those of any.
 */
static void
hide_values(const struct cmd_args *a, int argc, char **argv)
{
	const struct strings *env;
	const struct cmd_option *o = a->cmd->options;

	while (o != NULL && o->name != NULL && strcmp(o->name, "env") != 0)
		o++;
	if (o == NULL || o->name == NULL)
		return;
	env = args_values(a, "env");
	for (size_t n = 0; env != NULL && n < env->count; n++)
		for (int i = 1; i < argc; i++) {
			const char *value = env->items[n];
			size_t len = strlen(value), all = strlen(argv[i]);
			size_t name = strcspn(value, "=");

			if (all >= len &&
			    strcmp(argv[i] + all - len, value) == 0)
				memset(argv[i] + all - len + name, '\0',
				    len - name);
		}
}

static int
choose(struct cmd_args *a, int argc, char **argv, cmd_front_fn *front,
    struct error *e)
{
	int at = args_parse_global(a, argc, argv, e);
	const char *name;

	if (at < 0)
		return -1;
	if (a->help)
		return print_help(a, e);
	name = a->version ? "version" : argv[at];
	if (name == NULL)
		return usage_at_all(a, e);
	a->cmd = cmd_find(name);
	if (a->cmd == NULL && front(a, argc - at, argv + at, &a->status))
		return 0;
	if (a->cmd == NULL)
		return cmd_unknown(name, e);
	if (!a->version && args_parse(a, argc - at, argv + at, e) < 0)
		return -1;
	if (a->help)
		return print_help(a, e);
	if (!a->version)
		hide_values(a, argc, argv);
	if (a->version) {
		args_fini(a);
		a->cmd = cmd_find("version");
	}
	return run(a, e);
}

int
cmd_main(int argc, char **argv, cmd_front_fn *front)
{
	struct cmd_args a = CMD_ARGS_INIT;
	struct error e = ERROR_INIT;

	log_init("gaol", 0);
	if (choose(&a, argc, argv, front, &e) < 0) {
		cmd_print_error(&a, NULL, &e);
		/* 126 and 127 are the command's, as a shell gives them */
		if (a.cmd == NULL || !(a.cmd->flags & CMD_STATUS))
			a.status = error_exit_status(e.kind);
		else if (a.status == 0)
			a.status = STATUS_OWN_FAILURE;
	}
	args_fini(&a);
	return a.status;
}
