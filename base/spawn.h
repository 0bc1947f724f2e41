/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef BASE_SPAWN_H
#define BASE_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/error.h"

/*
 * Child processes by argument vector, never by a shell.  The only "sh -c" on
 * the host is a hook that the administrator wrote.  A child gets default
 * signal handlers and an empty signal mask.
 */
struct spawn_user {
	uid_t uid;
	gid_t gid;
	const gid_t *groups;
	size_t group_count;
};
struct spawn {
	char *const *argv;	/* argv[0] is looked up in our PATH */
	char *const *envp;	/* NULL: our own environment */
	int in, out, err;	/* -1: ours; otherwise that descriptor */
	const char *dir;	/* working directory, NULL: ours */
	unsigned timeout_ms;	/* 0: none; then SIGTERM, SIGKILL after 2 s */
	const struct spawn_user *user;	/* NULL, or who we are: as we are */
};

#define SPAWN_INIT { NULL, NULL, -1, -1, -1, NULL, 0, NULL }

/*
 * Run and wait.  *status is the exit status, 128 + N after signal N, 127 when
 * the program does not exist and 126 when it cannot be run.  -1 only when
 * no process could be made, or on timeout (ERROR_FAILED).
 */
int spawn_run(const struct spawn *s, int *status, struct error *e) FALLIBLE;
/*
 * Run with /dev/null as stdin and collect stdout (at most 16 MB); a status
 * other than 0 is an error with the first line of stderr.
 */
int spawn_capture(char *const *argv, struct buf *out, struct error *e) FALLIBLE;
/* The same with in as stdin; -1: /dev/null. */
int spawn_capture_from(char *const *argv, int in, struct buf *out,
    struct error *e) FALLIBLE;
/*
 * Start without waiting; *pid is the caller's to wait for.  A program that does
 * not exist is ERROR_NOT_FOUND.
 */
int spawn_start(const struct spawn *s, pid_t *pid, struct error *e) FALLIBLE;
/* Wait for pid; as spawn_run. */
int spawn_wait(pid_t pid, unsigned timeout_ms, int *status, struct error *e)
    FALLIBLE;

#endif
