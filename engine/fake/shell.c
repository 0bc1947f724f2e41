/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* A toy shell: what tests need of a jail's programs, without a program. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/num.h"
#include "engine/fake/fake.h"

enum { STATUS_USAGE = 2, STATUS_UNKNOWN = 127, STATUS_KILLED = 137 };
enum { SLICE_MS = 10 };

static int run_line(struct fake_shell *s, const char *line);

static void
put(int fd, const struct buf *text)
{
	struct error ignored = ERROR_INIT;

	if (file_write_fd(fd, buf_text(text), text->len, &ignored) < 0)
		error_clear(&ignored);
}

/*
 * Wait a little, for input or at most ms; false when the jail was stopped
 * meanwhile or the time is over.
 */
static bool
wait_slice(struct fake_shell *s, int fd, uint64_t ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (ms > SLICE_MS)
		ms = SLICE_MS;
	if (poll(&p, fd >= 0, (int)ms) < 0 && errno != EINTR)
		return false;
	if (s->deadline != 0 && clock_ms() >= s->deadline)
		s->timed_out = true;
	return !s->timed_out && file_exists(s->dir, s->name);
}

static int
do_echo(struct fake_shell *s, char **argv)
{
	AUTO_BUF struct buf b = BUF_INIT;

	for (size_t i = 1; argv[i] != NULL; i++)
		buf_printf(&b, "%s%s", i > 1 ? " " : "", argv[i]);
	buf_putc(&b, '\n');
	put(s->out, &b);
	return 0;
}

static int
do_true(struct fake_shell *s, char **argv)
{
	return 0;
}

static int
do_false(struct fake_shell *s, char **argv)
{
	return 1;
}

static int
do_exit(struct fake_shell *s, char **argv)
{
	struct error ignored = ERROR_INIT;
	uint64_t status = 0;

	s->exiting = true;
	if (argv[1] != NULL && parse_uint(argv[1], 0, 255, &status,
	    &ignored) < 0)
		return STATUS_USAGE;
	return (int)status;
}

static int
do_env(struct fake_shell *s, char **argv)
{
	AUTO_BUF struct buf b = BUF_INIT;

	for (char *const *p = s->command->env; p != NULL && *p != NULL; p++)
		buf_printf(&b, "%s\n", *p);
	put(s->out, &b);
	return 0;
}

static int
do_pwd(struct fake_shell *s, char **argv)
{
	AUTO_BUF struct buf b = BUF_INIT;

	buf_printf(&b, "%s\n",
	    s->command->dir != NULL ? s->command->dir : "/");
	put(s->out, &b);
	return 0;
}

static int
do_id(struct fake_shell *s, char **argv)
{
	AUTO_BUF struct buf b = BUF_INIT;

	buf_printf(&b, "uid=%u gid=%u groups=", s->command->uid,
	    s->command->gid);
	for (size_t i = 0; i < s->command->group_count; i++)
		buf_printf(&b, "%s%u", i > 0 ? "," : "",
		    s->command->groups[i]);
	buf_putc(&b, '\n');
	put(s->out, &b);
	return 0;
}

static int
do_cat(struct fake_shell *s, char **argv)
{
	char data[4096];

	if (argv[1] != NULL)
		return STATUS_USAGE;
	while (wait_slice(s, s->in, SLICE_MS)) {
		struct pollfd p = { .fd = s->in, .events = POLLIN };
		struct buf b = { .data = data };
		ssize_t n;

		if (poll(&p, 1, 0) == 0)
			continue;
		n = read(s->in, data, sizeof(data));
		if (n < 0)
			return 1;
		if (n == 0)
			return 0;
		b.len = (size_t)n;
		put(s->out, &b);
	}
	return STATUS_KILLED;
}

static int
do_sleep(struct fake_shell *s, char **argv)
{
	struct error ignored = ERROR_INIT;
	uint64_t ms, end;

	if (argv[1] == NULL || parse_duration(argv[1], &ms, &ignored) < 0)
		return STATUS_USAGE;
	end = clock_ms() + ms;
	for (uint64_t now = clock_ms(); now < end; now = clock_ms())
		if (!wait_slice(s, -1, end - now))
			return STATUS_KILLED;
	return 0;
}

/* Lines from standard input, as a shell that "console" starts reads them. */
static int
read_lines(struct fake_shell *s)
{
	AUTO_BUF struct buf line = BUF_INIT;
	int status = 0;
	char c;

	while (!s->exiting && !s->timed_out && read(s->in, &c, 1) == 1) {
		if (c != '\n') {
			buf_putc(&line, c);
			continue;
		}
		status = run_line(s, buf_text(&line));
		buf_clear(&line);
	}
	return s->exiting || line.len == 0 ? status :
	    run_line(s, buf_text(&line));
}

static int
do_sh(struct fake_shell *s, char **argv)
{
	size_t i = 1;
	int status;

	while (argv[i] != NULL && strcmp(argv[i], "-l") == 0)
		i++;
	if (argv[i] != NULL && strcmp(argv[i], "-c") != 0)
		return STATUS_UNKNOWN;
	if (argv[i] != NULL && argv[i + 1] == NULL)
		return STATUS_USAGE;
	status = argv[i] != NULL ? run_line(s, argv[i + 1]) : read_lines(s);
	s->exiting = false;	/* it left that shell, not the one around it */
	return status;
}

static const struct {
	const char *name;
	int (*run)(struct fake_shell *s, char **argv);
} programs[] = {
	{ "cat", do_cat },
	{ "echo", do_echo },
	{ "env", do_env },
	{ "exit", do_exit },
	{ "false", do_false },
	{ "id", do_id },
	{ "pwd", do_pwd },
	{ "sh", do_sh },
	{ "sleep", do_sleep },
	{ "true", do_true },
};

static int
run_words(struct fake_shell *s, char **argv)
{
	static const char *const dirs[] = { "/bin/", "/usr/bin/", "" };
	AUTO_BUF struct buf b = BUF_INIT;

	for (size_t d = 0; d < sizeof(dirs) / sizeof(dirs[0]); d++) {
		size_t len = strlen(dirs[d]);

		if (strncmp(argv[0], dirs[d], len) != 0)
			continue;
		for (size_t i = 0;
		    i < sizeof(programs) / sizeof(programs[0]); i++)
			if (strcmp(argv[0] + len, programs[i].name) == 0)
				return programs[i].run(s, argv);
	}
	buf_printf(&b, "sh: %s: not found\n", argv[0]);
	put(s->err, &b);
	return STATUS_UNKNOWN;
}

/* The next word of *line, quotes undone; false at its end or at ; & newline. */
static bool
next_word(const char **line, struct buf *word)
{
	const char *p = *line + strspn(*line, " \t");
	char quote = '\0';

	buf_clear(word);
	*line = p;
	if (*p == '\0' || strchr(";&\n", *p) != NULL)
		return false;
	for (; *p != '\0'; p++) {
		if (quote == '\0' && strchr(" \t;&\n", *p) != NULL)
			break;
		if (quote == '\0' && (*p == '"' || *p == '\''))
			quote = *p;
		else if (*p == quote)
			quote = '\0';
		else if (*p == '\\' && quote != '\'' && p[1] != '\0')
			buf_putc(word, *++p);
		else
			buf_putc(word, *p);
	}
	*line = p;
	return true;
}

static int
run_line(struct fake_shell *s, const char *line)
{
	AUTO_BUF struct buf word = BUF_INIT;
	int status = 0;

	while (!s->exiting && !s->timed_out) {
		AUTO_STRINGS struct strings words = VEC_INIT;

		while (next_word(&line, &word))
			strings_add(&words, buf_text(&word));
		if (*line == '&')
			s->background = true;
		else if (words.count > 0)
			status = run_words(s, strings_argv(&words));
		if (*line == '\0')
			break;
		line++;
	}
	return status;
}

int
fake_shell_run(struct fake_shell *s, int *status, struct error *e)
{
	AUTO_STRINGS struct strings words = VEC_INIT;
	int result;

	for (char *const *p = s->command->argv; *p != NULL; p++)
		strings_add(&words, *p);
	if (s->command->timeout_ms > 0)
		s->deadline = clock_ms() + s->command->timeout_ms;
	result = run_words(s, strings_argv(&words));
	if (s->timed_out)
		return error_set(e, ERROR_FAILED, "'%s' was killed after %u ms",
		    words.items[words.count - 1], s->command->timeout_ms);
	*status = result;
	return 0;
}
