/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * measure [-1] [-n ROUNDS] [-b COMMAND] [-j FILE]
 *	LABEL [@MNTNS] [+FILE] COMMAND... [-- LABEL ...]
 *
 * Run the commands ROUNDS times, interleaved and in rotating order, and tell
 * the wall time of each from fork to wait: minimum, quartiles, median, and the
 * median's ratio to that of the first.  With @FILE a command runs in that mount
 * namespace, with +FILE it gets that file as descriptor 3.  A command that fails
 * ends the measurement.  COMMAND of -b is run by sh(1) before each, whatever comes
 * of it, and not measured.  With -1 each is run once, in order, and lines "LABEL
 * MS" are printed: of commands that cannot be repeated.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { COMMANDS_MAX = 16, ROUNDS_MAX = 10000 };

struct command {
	const char *label;
	int mntns;
	const char *file;
	char **argv;
	double *ms;
};

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double
run(const struct command *c)
{
	double start = now_ms();
	pid_t pid = fork();
	int status;

	if (pid < 0)
		err(1, "fork");
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		if (c->file != NULL &&
		    dup2(open(c->file, O_RDONLY | O_CLOEXEC), 3) < 0)
			err(126, "%s", c->file);
		if (c->mntns >= 0 && setns(c->mntns, CLONE_NEWNS) < 0)
			err(126, "setns");
		execvp(c->argv[0], c->argv);
		err(127, "%s", c->argv[0]);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			err(1, "wait");
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		errx(1, "%s failed (status 0x%x)", c->label, (unsigned)status);
	return now_ms() - start;
}

static void
prepare(const char *command)
{
	pid_t pid = command != NULL ? fork() : -1;

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 1);
		dup2(null, 2);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static size_t
parse(char **argv, struct command *commands, int rounds)
{
	size_t count = 0;

	while (*argv != NULL && count < COMMANDS_MAX) {
		struct command *c = &commands[count++];

		c->label = *argv++;
		c->mntns = -1;
		if (*argv != NULL && **argv == '@') {
			c->mntns = open(*argv + 1, O_RDONLY | O_CLOEXEC);
			if (c->mntns < 0)
				err(1, "%s", *argv + 1);
			argv++;
		}
		if (*argv != NULL && **argv == '+')
			c->file = *argv++ + 1;
		c->argv = argv;
		c->ms = calloc((size_t)rounds, sizeof(*c->ms));
		while (*argv != NULL && strcmp(*argv, "--") != 0)
			argv++;
		if (*argv != NULL)
			*argv++ = NULL;
		if (c->argv[0] == NULL || c->ms == NULL)
			errx(64, "%s: no command", c->label);
	}
	return count;
}

static void
report(FILE *json, const struct command *commands, size_t count, int rounds)
{
	double first = commands[0].ms[rounds / 2];

	printf("%-26s %8s %8s %8s %8s %7s\n", "ms", "min", "q1", "median", "q3",
	    "ratio");
	for (size_t i = 0; i < count; i++) {
		const double *ms = commands[i].ms;

		printf("%-26s %8.2f %8.2f %8.2f %8.2f %7.2f\n",
		    commands[i].label, ms[0], ms[rounds / 4], ms[rounds / 2],
		    ms[rounds * 3 / 4], ms[rounds / 2] / first);
		if (json != NULL)
			fprintf(json, "{\"label\":\"%s\",\"rounds\":%d,"
			    "\"min\":%.4f,\"q1\":%.4f,\"median\":%.4f,"
			    "\"q3\":%.4f,\"ratio\":%.4f}\n",
			    commands[i].label, rounds, ms[0], ms[rounds / 4],
			    ms[rounds / 2], ms[rounds * 3 / 4],
			    ms[rounds / 2] / first);
	}
}

int
main(int argc, char **argv)
{
	static struct command commands[COMMANDS_MAX];
	const char *json_file = NULL, *before = NULL;
	bool once = false;
	FILE *json = NULL;
	int rounds = 30, c;
	size_t count;

	while ((c = getopt(argc, argv, "+1b:n:j:")) != -1) {
		if (c == 'n')
			rounds = (int)strtol(optarg, NULL, 10);
		else if (c == '1')
			once = true;
		else if (c == 'b')
			before = optarg;
		else if (c == 'j')
			json_file = optarg;
		else
			return 64;
	}
	if (rounds < 1 || rounds > ROUNDS_MAX)
		errx(64, "1 to %d rounds", ROUNDS_MAX);
	count = parse(argv + optind, commands, rounds);
	if (count == 0)
		errx(64, "what is to be measured?");
	for (size_t i = 0; once && i < count; i++)
		printf("%s %.4f\n", commands[i].label, run(&commands[i]));
	if (once)
		return 0;
	for (size_t i = 0; i < count; i++) {
		prepare(before);
		run(&commands[i]);	/* caches warm for all */
	}
	for (int r = 0; r < rounds; r++)
		for (size_t i = 0; i < count; i++) {
			size_t at = (i + (size_t)r) % count;

			prepare(before);
			commands[at].ms[r] = run(&commands[at]);
		}
	for (size_t i = 0; i < count; i++)
		qsort(commands[i].ms, (size_t)rounds, sizeof(double), compare);
	if (json_file != NULL && (json = fopen(json_file, "a")) == NULL)
		err(1, "%s", json_file);
	report(json, commands, count, rounds);
	if (json != NULL)
		fclose(json);
	return 0;
}
