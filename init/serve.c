/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "init/restart.h"

/*
 * Pid 1.  One thing at a time is run for the host; everything else that
 * lives here is somebody's orphan and only reaped.
 */
struct serve {
	struct inbox in;
	int socket;		/* -1: the host has gone */
	int signals;		/* signalfd of all that is handled here */
	int faults;		/* what the command could not do before exec */
	int command;		/* its pid; 0: none runs */
	bool leads;		/* it leads a session of its own */
	bool is_main;		/* the jail ends with it */
	bool tell;		/* INIT_RUNS is owed */
	bool persist, stay;
	bool stopping;		/* exit when nobody is left */
	int last;		/* status of the one that ended last */
	struct log log;
	struct restart restart;
};

static const uint64_t handled = SIGNAL_BIT(SIGCHLD) | SIGNAL_BIT(SIGTERM) |
    SIGNAL_BIT(SIGINT) | SIGNAL_BIT(SIGHUP) | SIGNAL_BIT(SIGQUIT) |
    SIGNAL_BIT(SIGUSR1) | SIGNAL_BIT(SIGUSR2) | SIGNAL_BIT(SIGWINCH) |
    SIGNAL_BIT(SIGPWR);

/*
 * The host has gone, or makes no sense.  With the exit of pid 1 the kernel
 * kills all that is left, so that a host that dies leaves no half-made jail.
 */
static void
hang_up(struct serve *s)
{
	if (s->socket >= 0)
		sys_close(s->socket);
	s->socket = -1;
	inbox_clear(&s->in);
	if (!s->persist)
		sys_exit(0);
}

static void
answer(struct serve *s, uint32_t type, int32_t value, uint32_t step)
{
	if (s->socket >= 0 && !message_answer(s->socket, type, value, step))
		hang_up(s);
}

/* The forked child: never returns to pid 1's work. */
static _Noreturn void
child(const struct command *c, int faults)
{
	struct fault f;

	run_become(c, &f);
	sys_write(faults, &f, sizeof(f));
	sys_exit(run_exit_status(&f));
}

enum { EXIT_CANNOT = 126 };
static void ran_again(struct serve *s, int status);

/* The pid of the child, or an error; *faults tells what it could not do. */
static long
launch(const struct command *c, int *faults)
{
	int ends[2] = { -1, -1 };
	/*
	 * Not blocking: should the jail get hold of the child's end before it
	 * is closed by exec, pid 1 must not wait for it.
	 */
	long pid = sys3(SYS_PIPE2, (long)ends, O_CLOEXEC | O_NONBLOCK, 0);

	if (pid < 0)
		return (pid);
	pid = sys_fork();
	if (pid == 0)
		child(c, ends[1]);
	sys_close(ends[1]);
	*faults = ends[0];
	if (pid < 0)
		sys_close(ends[0]);
	return (pid);
}

static void
start(struct serve *s, struct inbox *in, bool is_main)
{
	struct command c;
	int error = message_parse(in, &c);
	long pid;

	if (error == 0 && s->command != 0)
		error = EBUSY;
	if (error == 0 && s->stopping)
		error = ECANCELED;
	if (error != 0) {
		answer(s, INIT_FAILED, error, STEP_MESSAGE);
		return;
	}
	pid = launch(&c, &s->faults);
	if (pid < 0) {
		answer(s, INIT_FAILED, (int32_t)-pid, STEP_FORK);
		return;
	}
	s->command = (int)pid;
	s->leads = (c.flags & (INIT_SETSID | INIT_TTY)) != 0;
	s->is_main = is_main;
	s->tell = is_main && (c.flags & INIT_TELL) != 0;
}

/* Closed by exec there is nothing in it; otherwise ended() reads why. */
static void
begun(struct serve *s, int revents)
{
	s->tell = false;
	if ((revents & POLLIN) == 0)
		answer(s, INIT_RUNS, s->command, 0);
}

/* The next of the commands that are run again. */
static void
run_again(struct serve *s)
{
	struct inbox *next = restart_next(&s->restart);

	if (next == NULL)
		return;
	start(s, next, false);
	/* it could not even be forked: the jail has no process, and that is seen */
	if (s->command == 0)
		ran_again(s, EXIT_CANNOT << 8);
}

/* One that fails ends the others: the jail is to begin as a whole. */
static void
ran_again(struct serve *s, int status)
{
	s->last = status;
	if (status == 0) {
		run_again(s);
		return;
	}
	sys_kill(-1, SIGKILL);
	s->restart.phase = RESTART_UP;
}

/* The command has ended: the host, or our own exit, says how. */
static void
ended(struct serve *s, int status)
{
	struct fault f = { 0, 0 };
	bool failed = sys_read(s->faults, &f, sizeof(f)) == (long)sizeof(f);
	bool was_main = s->is_main;

	if (s->tell)
		begun(s, failed ? POLLIN : 0);
	sys_close(s->faults);
	/* who is told of the end looks for why in the log */
	log_take(&s->log);
	s->command = 0;
	s->is_main = was_main && !failed;
	if (s->restart.phase == RESTART_RUNNING)
		ran_again(s, failed ? run_exit_status(&f) << 8 : status);
	else if (failed)
		answer(s, INIT_FAILED, f.error, f.step);
	else
		answer(s, INIT_STATUS, status, 0);
	if (was_main && !failed)
		sys_exit((status & 0x7f) != 0 ? 128 + (status & 0x7f) :
		    status >> 8 & 0xff);
}

/* The pid that was handed out last: a child tells by being born. */
static int
newest_pid(void)
{
	long pid = sys_fork();

	if (pid == 0)
		sys_exit(0);
	return ((int)pid);
}

/*
 * Its processes are younger than the leader, so their pids follow its own.
 * A parent comes before its children and once killed has no more of them:
 * only those born behind the newest pid can have been missed, which is where
 * the next round looks.
 */
static void
kill_session(int leader)
{
	enum { PID_LIMIT = 4 << 20, ROUNDS = 100 };
	bool found = true;
	int pid = leader;

	for (int round = 0; found && round < ROUNDS; round++) {
		int last = newest_pid();

		found = false;
		if (last < 0)
			return;
		for (; pid != last; pid = pid == PID_LIMIT ? 2 : pid + 1) {
			if (sys3(SYS_GETSID, pid, 0, 0) != leader)
				continue;
			found = true;
			sys_kill(pid, SIGKILL);
		}
	}
}

static void
kill_command(struct serve *s)
{
	if (s->command == 0)
		return;
	sys_kill(s->command, SIGKILL);
	if (s->leads) {
		sys_kill(-s->command, SIGKILL);
		kill_session(s->command);
	}
}

static void
persist(struct serve *s)
{
	s->persist = true;
	s->stay = (s->in.head.flags & INIT_STAY) != 0;
	/* The terminal that a jail was started from must not interrupt it. */
	sys3(SYS_SETSID, 0, 0, 0);
	/* The host takes the end of the stream as the answer. */
	hang_up(s);
}

static void
request(struct serve *s)
{
	const struct init_message *m = &s->in.head;
	uint32_t allowed = m->type == INIT_PERSIST ? INIT_STAY : 0;

	if (m->type == INIT_RUN || m->type == INIT_MAIN)
		start(s, &s->in, m->type == INIT_MAIN);
	else if (m->type == INIT_LOG && m->flags == 0 &&
	    log_begin(&s->log, m))
		;
	else if (m->type == INIT_KEEP && restart_keep(&s->restart, &s->in))
		;
	else if (m->type == INIT_POLICY &&
	    restart_policy(&s->restart, m))
		;
	else if ((m->type != INIT_PERSIST && m->type != INIT_KILL) ||
	    m->size != 0 || (m->flags & ~allowed) != 0)
		answer(s, INIT_FAILED, EINVAL, STEP_MESSAGE);
	else if (m->type == INIT_KILL)
		kill_command(s);
	else
		persist(s);
	inbox_clear(&s->in);
}

static void
receive(struct serve *s)
{
	enum inbox_state state = inbox_read(&s->in, s->socket, MSG_DONTWAIT);

	if (state == INBOX_MORE)
		return;
	if (state == INBOX_FULL) {
		request(s);
		return;
	}
	if (state == INBOX_LOST)
		answer(s, INIT_FAILED, EINVAL, STEP_MESSAGE);
	hang_up(s);
}

static void
handle_signal(struct serve *s, const struct sys_siginfo *si)
{
	int signo = (int)si->signo;

	if (signo == SIGCHLD)
		return;
	if (s->is_main) {
		/* The terminal has told our whole group already. */
		if (si->code != SI_KERNEL || s->leads)
			sys_kill(s->command, signo == SIGPWR ? SIGTERM : signo);
		return;
	}
	if (signo != SIGTERM && signo != SIGINT && signo != SIGPWR)
		return;
	s->stopping = true;
	sys_kill(-1, SIGTERM);
	sys_kill(-1, SIGCONT);
}

static void
handle_signals(struct serve *s)
{
	struct sys_siginfo si;

	while (sys_read(s->signals, &si, sizeof(si)) == (long)sizeof(si))
		handle_signal(s, &si);
}

/*
 * Collect the dead.  Returns how long to sleep, in milliseconds, -1 is for
 * ever: processes that joined the jail from outside are not our children,
 * nothing tells when they end, and they keep a jail as any other does.
 */
static int
reap(struct serve *s)
{
	enum { SOON = 10, NOW_AND_THEN = 1000 };
	int status;
	long pid;

	while ((pid = sys6(SYS_WAIT4, -1, (long)&status, WNOHANG | WALL, 0, 0,
	    0)) > 0) {
		if (pid == s->command)
			ended(s, status);
		else
			s->last = status;
	}
	if (s->restart.phase == RESTART_WAITING && !s->stopping) {
		int wait = restart_wait(&s->restart);

		if (wait > 0)
			return (wait);
		run_again(s);
		return (-1);
	}
	if (pid != -ECHILD || !(s->stopping || (s->persist && (!s->stay ||
	    s->restart.phase != RESTART_NEVER))))
		return (-1);
	if (sys_kill(-1, 0) == -ESRCH) {
		log_take(&s->log);
		if (s->stopping ||
		    !restart_ended(&s->restart, &s->log, s->last))
			sys_exit(0);
		return (0);
	}
	return (s->stopping ? SOON : NOW_AND_THEN);
}

void
serve(void)
{
	struct serve s = { .socket = INIT_SOCKET_FD, .log = { .pipe = -1 } };
	uint64_t mask = handled;

	sys_sigmask(mask);
	s.signals = (int)sys6(SYS_SIGNALFD4, -1, (long)&mask, sizeof(mask),
	    O_CLOEXEC | O_NONBLOCK, 0, 0);
	if (s.signals < 0)
		sys_exit(126);
	for (;;) {
		int wait = reap(&s);
		struct sys_timespec timeout = {
			wait / 1000, wait % 1000 * 1000000L
		};
		struct sys_poll fds[4] = {
			{ s.signals, POLLIN, 0 }, { s.socket, POLLIN, 0 },
			{ s.log.pipe, POLLIN, 0 },
			{ s.tell ? s.faults : -1, POLLIN, 0 },
		};

		sys6(SYS_PPOLL, (long)fds, 4, wait < 0 ? 0 : (long)&timeout,
		    0, 0, 0);
		if (fds[0].revents != 0)
			handle_signals(&s);
		if (fds[2].revents != 0)
			log_take(&s.log);
		if (fds[3].revents != 0)
			begun(&s, fds[3].revents);
		if (fds[1].revents != 0)
			receive(&s);
	}
}
