/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_TOOL_H
#define CORE_TOOL_H

#include <stdbool.h>

#include "base/loop.h"
#include "base/vec.h"
#include "core/host.h"

/*
 * Programs that work for a while.  SIGINT, SIGTERM and SIGHUP are caught from
 * tool_init to tool_fini: a program that runs is ended, and what goes on here
 * stops at the next tool_check, so that steps are undone.
 */
enum tool_talk {
	TOOL_KEPT,	/* output is told when it fails; shown with -v */
	TOOL_STEPS,	/* the same, and lines "I: step..." are told */
	TOOL_SHOWN,	/* shown as it comes (a progress bar), but for lines
			   "gaol-image: why", which are for the error */
};

struct tool {
	const struct host *host;
	struct loop *loop;
	enum tool_talk talk;
	bool wrapped;		/* SIGKILL takes all of it along */
	bool stopped;		/* a signal came */
	pid_t pid;		/* 0: none runs */
	int in;			/* its standard input; -1: /dev/null */
	int out;		/* of the one that runs */
	int waited;		/* see tool_wait */
	bool ended;		/* all of its output was read */
	struct buf line;	/* output not yet complete */
	size_t shown;		/* of it */
	struct strings last;	/* the last lines */
};

#define AUTO_TOOL __attribute__((cleanup(tool_fini)))
#define TOOL_INIT { .in = -1, .out = -1 }

int tool_init(struct tool *t, const struct host *h, struct error *e) FALLIBLE;
void tool_fini(struct tool *t);
/* ERROR_FAILED "interrupted" once a signal came. */
int tool_check(struct tool *t, struct error *e) FALLIBLE;

/* "gaol-image: why" at the end of the output: why, or the last line. */
const char *tool_why(const struct tool *t);

/* Where PATH has it; heap memory of the caller, or NULL. */
char *tool_find(const char *name);
/*
 * Put before argv what makes the program's processes and mounts end with it,
 * and it with us, where the host can: a process and a mount namespace.
 */
void tool_wrap(struct tool *t, struct strings *argv);

/*
 * Run and wait; -1 with ERROR_FAILED when it was interrupted or could not be
 * run.  t->last has its last lines of output, both streams mixed.
 */
int tool_run(struct tool *t, struct strings *argv, struct strings *env,
    enum tool_talk talk, int *status, struct error *e) FALLIBLE;

/* The same in parts, for a program that is talked with. */
int tool_start(struct tool *t, struct strings *argv, struct strings *env,
    enum tool_talk talk, struct error *e) FALLIBLE;
/* Until fd can be read, or the program has ended; -1: interrupted. */
int tool_wait(struct tool *t, int fd, struct error *e) FALLIBLE;
int tool_finish(struct tool *t, int *status, struct error *e) FALLIBLE;

/* The error kind that gaol-image means by its exit status. */
enum error_kind tool_kind(int status);
/* Its --progress for our own terminal and verbosity. */
const char *tool_progress(void);

#endif
