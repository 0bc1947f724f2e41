/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* A command that joins a running jail. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

#include "base/auto.h"
#include "engine/linux/cgroup.h"
#include "engine/linux/confine.h"
#include "engine/linux/limit.h"
#include "engine/linux/linux.h"
#include "engine/linux/root.h"
#include "engine/linux/sys.h"
#include "engine/linux/talk.h"
#include "init/become.h"

struct join {
	const struct engine_spec *spec;
	const struct confine *confine;
	const struct engine_command *command;
	int pidfd;		/* of the jail's pid 1 */
	int init;		/* gaol-init on a read-only mount, or -1 */
	int socket;
	int null, output;	/* the standard streams; 0: ours */
	struct talk_output *terminals;
	const struct limit_entry *limits;
};

/*
 * A child of ours can become the command itself, without gaol-init (0.3 ms),
 * where the kernel keeps the jail's root from looking into it or tracing it,
 * because our memory is of the host's user namespace, and from writing to our
 * program, whose owner it cannot be.  Not so where the jail has the host's ids,
 * nor where a guard of mounts would stay behind (init/guard.c).
 */
static bool
by_itself(const struct engine_spec *spec, const struct confine *confine)
{
	return spec->userns && spec->id_base != 0 && confine->mounts == 0;
}

/*
 * From setns(2) on, processes of the jail may get at us in ways that depend on
 * the kernel and its settings: what they must not have is closed before.
 */
static int
keep_only(int *socket, int *pidfd, int *init)
{
	int s = fcntl(*socket, F_DUPFD_CLOEXEC, 10);
	int p = fcntl(*pidfd, F_DUPFD_CLOEXEC, 10);
	int i = *init < 0 ? -1 : fcntl(*init, F_DUPFD_CLOEXEC, 10);

	if (s < 0 || p < 0 || dup3(s, INIT_SOCKET_FD, O_CLOEXEC) < 0 ||
	    dup3(p, 4, O_CLOEXEC) < 0)
		return -1;
	*socket = INIT_SOCKET_FD;
	*pidfd = 4;
	if (*init < 0)
		return sys_close_range(5, ~0U, 0);
	if (i < 0 || dup3(i, 5, O_CLOEXEC) < 0)
		return -1;
	*init = 5;
	return sys_close_range(6, ~0U, 0);
}

static int
join_namespaces(const struct join *j, int pidfd)
{
	int flags = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET |
	    CLONE_NEWCGROUP;

	if (j->spec->userns)
		flags |= CLONE_NEWUSER;
	if (setns(pidfd, flags) < 0 || close(pidfd) < 0)
		return -1;
	if (setgroups(0, NULL) < 0 || setresgid(0, 0, 0) < 0 ||
	    setresuid(0, 0, 0) < 0)
		return -1;
	/* a change of ids sets it back to fs.suid_dumpable */
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return -1;
	return chdir("/");
}

/* gaol-init gets the socket and is told over it what to become. */
static void
become_by_init(int init)
{
	static char name[] = "gaol-init", mode[] = "exec";
	char *const argv[] = { name, mode, NULL };
	char *const envp[] = { NULL };

	if (fcntl(INIT_SOCKET_FD, F_SETFD, 0) == 0)
		sys_execveat(init, "", argv, envp, AT_EMPTY_PATH);
}

static _Noreturn void
become_itself(const struct engine_command *c)
{
	char *const none[] = { NULL };
	const struct command command = {
		.flags = (c->tty ? INIT_TTY : 0) |
		    (c->no_new_privs ? INIT_NO_NEW_PRIVS : 0) |
		    (c->dir_is_home ? INIT_HOME : 0),
		.uid = c->uid, .gid = c->gid,
		.groups = c->groups, .ngroups = (uint32_t)c->group_count,
		.directory = c->dir != NULL ? c->dir : "",
		.argv = c->argv, .env = c->env != NULL ? c->env : none,
	};
	struct init_answer a = { INIT_FAILED, 0, 0 };
	struct fault f = { EINVAL, STEP_GROUPS };

	run_signals();
	/* setresuid(2): "leave it as it is" */
	if (c->uid != UINT32_MAX && c->gid != UINT32_MAX)
		run_become(&command, &f);
	a.value = f.error;
	a.step = f.step;
	if (send(INIT_SOCKET_FD, &a, sizeof(a), MSG_NOSIGNAL) < 0)
		_exit(125);
	_exit(run_exit_status(&f));
}

static _Noreturn void
join_main(const struct join *j)
{
	struct init_answer a = { INIT_FAILED, 0, 0 };
	struct error e = ERROR_INIT;
	int socket = j->socket, init = j->init, pidfd = j->pidfd;

	if (limit_enter(j->limits) == 0 &&
	    (j->output == 0 || (dup2(j->null, 0) == 0 &&
	    dup2(j->output, 1) == 1 && dup2(j->output, 2) == 2)) &&
	    talk_shield_stdio() == 0 && talk_output_take(j->terminals) == 0 &&
	    keep_only(&socket, &pidfd, &init) == 0 && setsid() >= 0 &&
	    join_namespaces(j, pidfd) == 0) {
		syscall(SYS_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, NULL);
		if (limit_enter_files(j->limits) == 0 &&
		    confine_apply(j->confine) == 0) {
			if (init < 0)
				become_itself(j->command);
			become_by_init(init);
		}
	}
	a.value = errno;
	error_sys(&e, "join the jail");
	if (send(socket, &a, sizeof(a), MSG_NOSIGNAL) < 0 ||
	    send(socket, &e, sizeof(e), MSG_NOSIGNAL) < 0)
		_exit(125);
	_exit(125);
}

int
linux_open_jail(const struct engine_live *live, struct error *e)
{
	char ident[sizeof(live->ident)];
	AUTO_CLOSE int fd = sys_pidfd_open((pid_t)live->jid);

	if (fd < 0)
		return error_sys(e, "the jail's pid 1");
	if (process_ident((pid_t)live->jid, ident, sizeof(ident), e) < 0)
		return -1;
	if (strcmp(ident, live->ident) != 0)
		return error_set(e, ERROR_NOT_FOUND, "the jail has ended");
	return steal_fd(&fd);
}

/*
 * gaol-init on a read-only mount.  The jail's pid 1 is it on such a one, which
 * spares a mount and its removal (0.1 ms), unless gaol has been replaced since.
 */
static int
open_gaol_init(const struct engine_live *live, struct error *e)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/exe", (int)live->jid);
	AUTO_CLOSE int fd = open(path, O_PATH | O_CLOEXEC);
	struct stat theirs, ours;
	struct statvfs mount;

	if (fd >= 0 && fstat(fd, &theirs) == 0 &&
	    stat(linux_helper("gaol-init"), &ours) == 0 &&
	    theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino &&
	    fstatvfs(fd, &mount) == 0 && (mount.f_flag & ST_RDONLY) != 0)
		return steal_fd(&fd);
	return root_open_init(e);
}

/* The child that joins; its parent is ours where we are not to be it. */
static pid_t
clone_into(const struct join *j, const struct cgroup *cg, uint64_t flags,
    int *pidfd)
{
	struct clone_args args = {
		.flags = CLONE_PIDFD | CLONE_CLEAR_SIGHAND | flags,
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		.exit_signal = (flags & CLONE_PARENT) != 0 ? 0 : SIGCHLD,
	};
	pid_t pid;

	if (cg->fd >= 0 && cg->v2) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)cg->fd;
	}
	prctl(PR_SET_DUMPABLE, 0);
	pid = sys_clone3(&args);
	if (pid == 0)
		join_main(j);
	prctl(PR_SET_DUMPABLE, 1);
	return pid;
}

/*
 * Children are to be born in the jail's pid namespace from here on; own, if it
 * can be, leads back for those that come later.
 */
static pid_t
clone_and_return(const struct join *j, const struct cgroup *cg, int *pidfd,
    struct error *e)
{
	AUTO_CLOSE int own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
	pid_t pid;

	if (own < 0 || setns(j->pidfd, CLONE_NEWPID) < 0)
		return error_sys(e, "join the jail's processes");
	pid = clone_into(j, cg, 0, pidfd);
	if (pid < 0)
		error_sys(e, "join the jail");
	setns(own, CLONE_NEWPID);
	return pid;
}

/*
 * In a jail the pid namespace belongs to a user namespace above ours, and there
 * is no way back: a helper goes, and leaves us its child.
 */
static pid_t
clone_by_helper(const struct join *j, const struct cgroup *cg, int *pidfd,
    struct error *e)
{
	struct clone_args args = { .flags = CLONE_FILES,
	    .exit_signal = SIGCHLD };
	struct { pid_t pid; int pidfd, error; } made = { -1, -1, EIO };
	int ends[2];
	pid_t helper;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_sys(e, "join the jail");
	helper = sys_clone3(&args);
	if (helper == 0) {
		if (setns(j->pidfd, CLONE_NEWPID) == 0)
			made.pid = clone_into(j, cg, CLONE_PARENT,
			    &made.pidfd);
		made.error = errno;
		_exit(write(ends[1], &made, sizeof(made)) < 0);
	}
	while (helper > 0 && waitpid(helper, NULL, 0) < 0 && errno == EINTR)
		;
	close(ends[1]);
	if (helper < 0 || read(ends[0], &made, sizeof(made)) < 0)
		made.error = errno;
	close(ends[0]);
	errno = made.error;
	if (made.pid < 0)
		return error_sys(e, "join the jail");
	*pidfd = made.pidfd;
	return made.pid;
}

static int
run_joined(const struct join *j, const struct cgroup *cg,
    const struct engine_command *c, int socket, int *status, struct error *e)
{
	struct talk_wait w = {
		.socket = socket, .tty = c->tty, .timeout_ms = c->timeout_ms,
		/* a hook has no say in how we end */
		.forward = c->output == 0, .output = j->terminals,
	};
	int raw, result;

	w.child = j->spec->id_base != 0 ?
	    clone_and_return(j, cg, &w.pidfd, e) :
	    clone_by_helper(j, cg, &w.pidfd, e);
	close(j->socket);
	talk_output_given(j->terminals);
	if (w.child < 0)
		return -1;
	result = !cg->v2 ? cgroup_join(cg, w.child, e) : 0;
	/* a child that failed has left its reason in the socket */
	if (result == 0 && j->init >= 0 && talk_send(socket, INIT_RUN,
	    j->confine->mounts | (c->tty ? INIT_TTY : 0), c, e) < 0 &&
	    e->sys_errno != EPIPE)
		result = -1;
	if (result < 0)
		kill(w.child, SIGKILL);
	if (talk_wait(&w, &raw, e) < 0)
		result = -1;
	close(w.pidfd);
	if (result == 0)
		*status = talk_shell_status(raw);
	return result;
}

int
linux_exec(const struct engine_live *live, const struct engine_spec *spec,
    const struct engine_command *c, int *status, struct error *e)
{
	AUTO_CLOSE int pidfd = linux_open_jail(live, e);
	AUTO_CLOSE int init = -1;
	struct confine confine;
	struct cgroup cg = { -1, false };
	AUTO_CLOSE int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct talk_output terminals = TALK_OUTPUT_INIT;
	struct limit_entry limits = LIMIT_ENTRY_INIT;
	struct join j = { spec, &confine, c, pidfd, -1, -1, null, c->output,
		&terminals, &limits };
	int pair[2], result = 0;

	if (pidfd < 0 || talk_check_stdio(e) < 0)
		return -1;
	confine_plan_join(spec, &confine);
	if (!by_itself(spec, &confine)) {
		j.init = init = open_gaol_init(live, e);
		result = init < 0 ? -1 : 0;
	}
	if (result == 0)
		result = cgroup_open(spec->key, &cg, e);
	if (result == 0)
		result = limit_join(spec, &limits, e);
	if (result == 0 && !spec->userns && !c->tty)
		result = talk_output_open(&terminals,
		    c->output > 0 ? c->output : 1,
		    c->output > 0 ? c->output : 2, e);
	if (result == 0 &&
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		result = error_sys(e, "socketpair");
	if (result == 0) {
		j.socket = pair[1];
		result = run_joined(&j, &cg, c, pair[0], status, e);
		close(pair[0]);
	}
	talk_output_fini(&terminals);
	limit_entry_fini(&limits);
	cgroup_fini(&cg);
	confine_fini(&confine);
	if (result < 0 && e->kind == ERROR_NOT_FOUND) {
		*status = 127;
		return error_wrap(e, "%s", c->argv[0]);
	}
	if (result < 0 && e->kind == ERROR_DENIED) {
		*status = 126;
		return error_wrap(e, "%s", c->argv[0]);
	}
	return result;
}

char *
linux_root_path(const struct engine_live *live)
{
	return xasprintf("/proc/%d/root", (int)live->jid);
}

int
linux_root(const struct engine_live *live, struct error *e)
{
	AUTO_CLOSE int pidfd = linux_open_jail(live, e);
	AUTO_FREE char *path = xasprintf("/proc/%d/root", (int)live->jid);
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	AUTO_CLOSE int root = -1;

	if (pidfd < 0)
		return -1;
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return error_sys(e, "the jail's root");
	/* alive after the open: it was the root of our process */
	if (poll(&p, 1, 0) != 0)
		return error_set(e, ERROR_NOT_FOUND, "the jail has ended");
	return steal_fd(&root);
}
