/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef INIT_PROTOCOL_H
#define INIT_PROTOCOL_H

/*
 * Between gaol (engine/linux) and gaol-init, over a SOCK_STREAM socket pair.
 * Both ends are built together; nothing of it is kept on disk.
 *
 * gaol-init is executed inside the jail, already confined (namespaces, root,
 * capabilities, seccomp), from a read-only mount, with these descriptors and
 * no others:
 *
 *	0 1 2	standard streams: of the console log, or of the user (run, exec);
 *		for "init" a pipe in place of the log: see INIT_LOG
 *	3	the socket (closed on exec by gaol-init itself)
 *	4	"init" only: the record of the jail, flock(2)ed; kept open for
 *		the whole life and never given to a child
 *	5...	"init" only: what must live as long as the jail, held like that
 *
 * Its own environment is empty: the jail's root may be able to read it.
 * argv[1] is the mode:
 *
 *	init	pid 1 of the jail.  Reads requests from the socket; when gaol
 *		closes it without having sent INIT_PERSIST, it exits and the
 *		jail ends: whoever waits for INIT_MAIN is the jail's life.
 *	exec	a command that joins a running jail: reads one INIT_RUN and
 *		becomes it.  Then the socket ends without an answer
 *		(INIT_MASTER may come before); otherwise INIT_FAILED comes and
 *		the exit status is 127 (no such program) or 126.
 *
 * What comes back may be the jail's: its root can perhaps trace a process that
 * joins.  So gaol takes values for numbers only, and an INIT_MASTER for a
 * terminal only after it has looked (character device 5:2, in a devpts).
 *
 * SIGTERM, SIGINT or SIGPWR make pid 1 send SIGTERM (and SIGCONT) to all
 * processes and exit with 0 when none is left.  With a main process it passes
 * them, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 and SIGWINCH to that one instead.
 */
#include <stdint.h>

enum { INIT_SOCKET_FD = 3, INIT_RECORD_FD = 4, INIT_HELD_FD = 5 };

enum init_request {
	/*
	 * Fork, run, answer INIT_STATUS when it has ended, or INIT_FAILED.  One
	 * at a time: EBUSY; ECANCELED when the jail is being stopped.
	 */
	INIT_RUN = 1,
	/* As INIT_RUN, and when the command has ended kill all that is left and
	 * exit with its status as a shell's: the jail's main process.  Answered
	 * with INIT_FAILED the jail is as it was before. */
	INIT_MAIN,
	/* Live on without the socket, until SIGTERM (flags: INIT_STAY) or until
	 * no other process is left.  The answer is that the socket ends; a
	 * command that still runs goes on and is not told of. */
	INIT_PERSIST,
	/*
	 * Take what comes by the pipe that is descriptor ngroups into the
	 * console log, which is the next one; gid older logs follow, and uid is
	 * the size at which they change (0: never).  No answer unless it fails.
	 */
	INIT_LOG,
	/*
	 * Before INIT_PERSIST: keep a command, as INIT_RUN has it, to be run
	 * again.  No answer unless it fails.
	 */
	INIT_KEEP,
	/*
	 * Then: run what is kept again when no other process is left, uid times
	 * (0: a usual number) when the jail does not last (flags: INIT_ALWAYS,
	 * else only after a failure).  Descriptor gid is told of it, a line
	 * "TIME EVENT MESSAGE" each time, "failed" being the last.
	 */
	INIT_POLICY,
	/* Kill the command that INIT_RUN is waiting for (a timeout), and when
	 * it has a session of its own, that.  Its INIT_STATUS is the answer;
	 * without a command there is none. */
	INIT_KILL,
};

enum init_flags {
	INIT_TTY = 1 << 0,	/* a pty of the jail's devpts becomes 0 1 2;
				   its master is sent with INIT_MASTER */
	INIT_STAY = 1 << 1,	/* with INIT_PERSIST: also without processes */
	INIT_NO_NEW_PRIVS = 1 << 2,	/* and no capabilities, root neither */
	INIT_SETSID = 1 << 3,	/* a session of its own (exec.start commands) */
	INIT_ALWAYS = 1 << 5,	/* with INIT_POLICY */
	INIT_TELL = 1 << 6,	/* with INIT_MAIN: INIT_RUNS once it is executed */
	INIT_HOME = 1 << 4,	/* a directory that cannot be entered: "/" */
	/*
	 * File systems that the command may mount, none of them: the filter of
	 * the jail says.  With any of them the filter lets mount(2) through
	 * and gaol-init tells the kinds apart (guard.c).
	 */
	INIT_MOUNT_NULLFS = 1 << 8,
	INIT_MOUNT_TMPFS = 1 << 9,
	INIT_MOUNT_PROCFS = 1 << 10,
	INIT_MOUNT_SYSFS = 1 << 11,
	INIT_MOUNT_FUSEFS = 1 << 12,
	INIT_MOUNTS = INIT_MOUNT_NULLFS | INIT_MOUNT_TMPFS |
	    INIT_MOUNT_PROCFS | INIT_MOUNT_SYSFS | INIT_MOUNT_FUSEFS,
	INIT_RUN_FLAGS = INIT_TTY | INIT_NO_NEW_PRIVS | INIT_SETSID |
	    INIT_HOME | INIT_TELL | INIT_MOUNTS,
};

/*
 * A request, followed by size bytes: groups[ngroups] (uint32_t), then
 * NUL-terminated strings: directory ("" is "/"), argv[argc], env[envc].
 */
struct init_message {
	uint32_t type;
	uint32_t flags;
	uint32_t uid, gid;
	uint32_t ngroups;
	uint32_t argc, envc;
	uint32_t size;		/* at most INIT_MESSAGE_MAX */
	uint16_t rows, columns;	/* INIT_TTY: size of the terminal, or 0 0 */
};
enum {
	INIT_MESSAGE_MAX = 4 << 20, INIT_GROUPS_MAX = 1024,
	INIT_STRINGS_MAX = 1 << 18,	/* of argc, and of envc */
};

enum init_answer_type {
	INIT_STATUS = 1,	/* value: status as waitpid(2) gives it */
	INIT_FAILED,		/* value: errno; step: where */
	INIT_MASTER,		/* the pty master rides along (SCM_RIGHTS) */
	INIT_RUNS,		/* value: the command's pid, inside */
};
enum init_step {
	STEP_MESSAGE = 1, STEP_FORK, STEP_TTY, STEP_GROUPS, STEP_DIRECTORY,
	STEP_MOUNTS,
	STEP_EXEC,		/* ENOENT: no such program; other: cannot run */
};
struct init_answer {
	uint32_t type;
	int32_t value;
	uint32_t step;
};

#endif
