/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Start: namespaces, the file system, pid 1 waiting; then exec.start. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/auto.h"
#include "base/file.h"
#include "engine/linux/alias.h"
#include "engine/linux/cgroup.h"
#include "engine/linux/confine.h"
#include "engine/linux/limit.h"
#include "engine/linux/linux.h"
#include "engine/linux/root.h"
#include "engine/linux/shared.h"
#include "engine/linux/sys.h"
#include "engine/linux/talk.h"

struct engine_start {
	char *key;
	pid_t pid;
	int pidfd;
	int socket;
	unsigned mounts;	/* of confine */
	struct talk_output output;
	bool booted;
	char *mark;		/* of a volatile overlay; NULL: none */
	struct init_message log;	/* INIT_LOG; type 0: none */
	struct init_message policy;	/* INIT_POLICY; type 0: none */
};

/* What a child needs; it has a copy of it all. */
struct child {
	const struct engine_spec *spec;
	const struct confine *confine;
	const struct talk_output *output;
	const struct shared_links *links;
	const struct limit_entry *limits;
	int socket;
	int log[2];		/* a pipe in place of the console; -1: none */
};

static int
loopback_up(struct error *e)
{
	struct ifreq ifr;
	AUTO_CLOSE int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	memset(&ifr, 0, sizeof(ifr));
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "lo");
	ifr.ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING;
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr) < 0)
		return error_sys(e, "bring lo up");
	return 0;
}

static int
set_names(const struct engine_spec *spec, struct error *e)
{
	if (sethostname(spec->hostname, strlen(spec->hostname)) < 0)
		return error_sys(e, "host name %s", spec->hostname);
	if (spec->domainname != NULL &&
	    setdomainname(spec->domainname, strlen(spec->domainname)) < 0)
		return error_sys(e, "domain name %s", spec->domainname);
	return 0;
}

/* The mounts that were opened for us, in the order of collect_fds. */
static int
receive_root(const struct child *c, struct root *r, struct error *e)
{
	const struct engine_spec *spec = c->spec;
	const struct tree *t = spec->tree;
	bool memory = t->kind == TREE_OVERLAY && t->upper == NULL;
	size_t count = memory ? 1 : 2, at = 0;

	r->lower_count = t->kind == TREE_OVERLAY ? t->lower.count : 0;
	r->mount_count = spec->mount_count;
	r->mounts = xcalloc(r->mount_count, sizeof(int));
	r->lower = xcalloc(r->lower_count, sizeof(int));
	count += r->lower_count;
	for (size_t i = 0; i < r->mount_count; i++)
		count += strcmp(spec->mounts[i].type, "nullfs") == 0;
	AUTO_FREE int *fds = xcalloc(count, sizeof(*fds));
	if (talk_recv_fds(c->socket, fds, count, e) < 0)
		return -1;
	r->init = fds[at++];
	if (!memory)
		r->upper = fds[at++];
	for (size_t i = 0; i < r->lower_count; i++)
		r->lower[i] = fds[at++];
	for (size_t i = 0; i < r->mount_count; i++)
		r->mounts[i] = strcmp(spec->mounts[i].type, "nullfs") == 0 ?
		    fds[at++] : -1;
	return 0;
}

static int
send_root(int socket, const struct root *r, struct error *e)
{
	VEC(int) fds = VEC_INIT;
	int result;

	VEC_PUSH(&fds, r->init);
	if (r->upper >= 0)
		VEC_PUSH(&fds, r->upper);
	for (size_t i = 0; i < r->lower_count; i++)
		VEC_PUSH(&fds, r->lower[i]);
	for (size_t i = 0; i < r->mount_count; i++)
		if (r->mounts[i] >= 0)
			VEC_PUSH(&fds, r->mounts[i]);
	result = talk_send_fds(socket, fds.items, fds.count, e);
	VEC_FINI(&fds);
	return result;
}

static int
set_stdio(const struct child *c, struct error *e)
{
	const struct engine_spec *spec = c->spec;
	int out = c->log[1] >= 0 ? c->log[1] : spec->console_fd;
	AUTO_CLOSE int null = -1;

	if (spec->console_is_stdio)
		return talk_shield_stdio() < 0 ||
		    talk_output_take(c->output) < 0 ?
		    error_sys(e, "standard streams") : 0;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		return error_sys(e, "/dev/null");
	if (dup2(null, 0) < 0 || dup2(out >= 0 ? out : null, 1) < 0 ||
	    dup2(out >= 0 ? out : null, 2) < 0)
		return error_sys(e, "standard streams");
	return 0;
}

static int
compare_fds(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

enum { HELD_MAX = 2 + SHARED_LINKS + 2 + ENGINE_LOGS_OLDER + 1 };

/* What gaol-init gets from descriptor 3 on, in the order of init/protocol.h. */
static size_t
held_fds(const struct child *c, int fds[HELD_MAX])
{
	const struct engine_spec *spec = c->spec;
	size_t count = 0;

	fds[count++] = c->socket;
	if (spec->live_fd < 0)
		return count;
	fds[count++] = spec->live_fd;
	for (unsigned i = 0; i < c->links->count; i++)
		fds[count++] = c->links->fds[i];
	if (c->log[0] >= 0) {
		fds[count++] = c->log[0];
		fds[count++] = spec->console_fd;
	}
	for (unsigned i = 0; c->log[0] >= 0 && i < spec->console_older_count;
	    i++)
		fds[count++] = spec->console_older[i];
	if (spec->restart_fd > 0)
		fds[count++] = spec->restart_fd;
	return count;
}

/* All of gaol's that the jail is not to have: closed for good, not by exec. */
static int
close_others(const struct child *c)
{
	int keep[HELD_MAX], next = 3;
	size_t count = held_fds(c, keep);

	qsort(keep, count, sizeof(keep[0]), compare_fds);
	for (size_t i = 0; i < count; i++) {
		if (keep[i] > next && sys_close_range((unsigned)next,
		    (unsigned)keep[i] - 1, 0) < 0)
			return -1;
		next = keep[i] + 1;
	}
	return sys_close_range((unsigned)next, ~0U, 0);
}

/* Everything up to the exec of gaol-init. */
static int
child_setup(const struct child *c, struct root *r, struct error *e)
{
	const struct engine_spec *spec = c->spec;
	bool locked = confine_owns_mounts(spec);

	if (set_stdio(c, e) < 0)
		return -1;
	if (close_others(c) < 0)
		return error_sys(e, "close descriptors");
	/*
	 * The dearest of all namespaces (0.3 ms) is made here while the host
	 * side opens the file system.  And clone3(2) would root the cgroup
	 * namespace at our parent's group.
	 */
	if (!locked && unshare(CLONE_NEWCGROUP |
	    (spec->net_inherit ? 0 : CLONE_NEWNET)) < 0)
		return error_sys(e, "make namespaces");
	if (receive_root(c, r, e) < 0)
		return -1;
	if (setsid() < 0)
		return error_sys(e, "setsid");
	if (locked && root_enter_locked(r, spec, e) < 0)
		return -1;
	if (set_names(spec, e) < 0)
		return -1;
	if (!spec->net_inherit && loopback_up(e) < 0)
		return -1;
	if (!locked && root_enter(r, spec, e) < 0)
		return -1;
	syscall(SYS_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, NULL);
	return 0;
}

/*
 * Descriptors from 3 on as init/protocol.h says, all others closed by exec:
 * what a user's shell left open in us would otherwise be a way out of the jail.
 */
static int
place_fds(const struct child *c, int *init_fd)
{
	int fds[HELD_MAX];
	int i = fcntl(*init_fd, F_DUPFD_CLOEXEC, 32);
	size_t count = held_fds(c, fds);

	for (size_t n = 0; n < count; n++)
		fds[n] = fcntl(fds[n], F_DUPFD_CLOEXEC, 32);
	for (size_t n = 0; n < count; n++)
		if (fds[n] < 0 || dup2(fds[n], INIT_SOCKET_FD + (int)n) < 0)
			return -1;
	if (i < 0)
		return -1;
	*init_fd = i;
	return sys_close_range(INIT_SOCKET_FD + (unsigned)count, ~0U,
	    CLOSE_RANGE_CLOEXEC);
}

static _Noreturn void
child_main(const struct child *c)
{
	static char name[] = "gaol-init", mode[] = "init";
	char *const argv[] = { name, mode, NULL };
	char *const envp[] = { NULL };
	struct error e = ERROR_INIT;
	struct root r;
	char failed;

	root_init(&r);
	failed = limit_enter(c->limits) < 0 &&
	    error_sys(&e, "enter the control groups of its limits") < 0;
	if (!failed)
		failed = child_setup(c, &r, &e) < 0;
	if (!failed && place_fds(c, &r.init) < 0)
		failed = error_sys(&e, "place descriptors") < 0;
	if (!failed && limit_enter_files(c->limits) < 0)
		failed = error_sys(&e, "limit.openfiles") < 0;
	if (!failed && confine_apply(c->confine) < 0)
		failed = error_sys(&e, "confine") < 0;
	/* from here on our root is the jail's, and nothing can fail but exec */
	struct init_answer ready = { 0, 0, 0 };
	if (!failed && write(c->socket, &ready, sizeof(ready)) < 0)
		_exit(126);
	if (!failed) {
		sys_execveat(r.init, "", argv, envp, AT_EMPTY_PATH);
		error_sys(&e, "gaol-init");
	}
	struct init_answer a = { INIT_FAILED, e.sys_errno, 0 };
	if (write(c->socket, &a, sizeof(a)) == (ssize_t)sizeof(a) &&
	    write(c->socket, &e, sizeof(e)) < 0)
		_exit(126);
	_exit(126);
}

static uint64_t
namespaces(const struct engine_spec *spec)
{
	uint64_t flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS;

	if (spec->userns)
		flags |= CLONE_NEWUSER;
	if (spec->sysvmsg != SHARE_INHERIT)
		flags |= CLONE_NEWIPC;
	return flags;
}

static int
clone_child(struct engine_start *s, const struct child *c,
    const struct cgroup *cg, struct error *e)
{
	struct clone_args args = {
		.flags = namespaces(c->spec) | CLONE_PIDFD | CLONE_CLEAR_SIGHAND,
		.pidfd = (uint64_t)(uintptr_t)&s->pidfd,
		.exit_signal = SIGCHLD,
	};

	if (cg->fd >= 0 && cg->v2) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)cg->fd;
	}
	/* nobody in the jail may look into us before gaol-init is executed */
	prctl(PR_SET_DUMPABLE, 0);
	s->pid = linux_clone_jail(&args, e);
	if (s->pid == 0) {
		close(s->socket);
		child_main(c);
	}
	prctl(PR_SET_DUMPABLE, 1);
	if (s->pid < 0) {
		s->pid = 0;
		return -1;
	}
	if (!cg->v2 && cgroup_join(cg, s->pid, e) < 0)
		return -1;
	return 0;
}

static int
write_map(pid_t pid, const char *which, uint32_t base, struct error *e)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/%s", (int)pid, which);
	AUTO_FREE char *text = xasprintf("0 %u 65536\n", base);
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		return error_sys(e, "%s %u", which, base);
	return 0;
}

static int
map_ids(const struct engine_start *s, uint32_t base, struct error *e)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/ns/user", (int)s->pid);
	int fd;

	if (write_map(s->pid, "uid_map", base, e) < 0 ||
	    write_map(s->pid, "gid_map", base, e) < 0)
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_sys(e, "user namespace");
	return fd;
}

/* The child answers nothing but failures before it is gaol-init. */
static int
child_failure(struct engine_start *s, struct error *e)
{
	struct init_answer a;
	struct error why;

	shutdown(s->socket, SHUT_WR);
	if (read(s->socket, &a, sizeof(a)) == (ssize_t)sizeof(a) &&
	    recv(s->socket, &why, sizeof(why), MSG_WAITALL) ==
	    (ssize_t)sizeof(why))
		talk_error(&why, e);
	return -1;
}

/* Until the child has left the host's root behind, /proc/PID/root is not the
 * jail's. */
static int
wait_ready(struct engine_start *s, struct error *e)
{
	struct init_answer a = { 0, 0, 0 };
	struct error why;
	ssize_t n;

	do
		n = recv(s->socket, &a, sizeof(a), MSG_WAITALL);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)sizeof(a) && a.type == 0)
		return 0;
	if (n == (ssize_t)sizeof(a) && recv(s->socket, &why, sizeof(why),
	    MSG_WAITALL) == (ssize_t)sizeof(why))
		return talk_error(&why, e);
	return error_set(e, ERROR_FAILED, "the jail could not be made");
}

static int
prepare_child(struct engine_start *s, const struct engine_spec *spec,
    struct error *e)
{
	AUTO_CLOSE int userns = -1;
	struct root r;
	int result;

	if (spec->userns) {
		userns = map_ids(s, spec->id_base, e);
		if (userns < 0)
			return -1;
	}
	root_init(&r);
	/* ids that are those of the host need no mapping (a jail in a jail) */
	result = root_open(&r, spec, spec->id_base != 0 ? userns : -1, e);
	if (result == 0 && send_root(s->socket, &r, e) < 0)
		result = child_failure(s, e);
	root_fini(&r);
	return result;
}

void
linux_start_free(struct engine_start *s)
{
	if (s == NULL)
		return;
	if (!s->booted && s->pid > 0)
		kill(s->pid, SIGKILL);
	close_fd(&s->socket);
	/* linux_kill() waits for the end, which takes a while */
	if (!s->booted && s->pid > 0)
		waitpid(s->pid, NULL, WNOHANG);
	close_fd(&s->pidfd);
	talk_output_fini(&s->output);
	free(s->key);
	free(s->mark);
	free(s);
}

/* The pipe to gaol-init, which keeps the log. */
static int
open_log(struct engine_start *s, struct child *c, struct error *e)
{
	const struct engine_spec *spec = c->spec;

	if (!spec->console_stamped || spec->console_fd < 0 ||
	    spec->console_is_stdio || spec->live_fd < 0)
		return 0;
	if (pipe2(c->log, O_CLOEXEC) < 0)
		return error_sys(e, "pipe for the console log");
	s->log = (struct init_message){ .type = INIT_LOG,
	    .uid = spec->console_size, .gid = spec->console_older_count,
	    .ngroups = INIT_HELD_FD + c->links->count };
	return 0;
}

static void
plan_restart(struct engine_start *s, const struct child *c)
{
	const struct engine_spec *spec = c->spec;
	int fds[HELD_MAX];

	if (spec->restart_fd <= 0 || spec->console_is_stdio)
		return;
	s->policy = (struct init_message){ .type = INIT_POLICY,
	    .flags = spec->restart_always ? INIT_ALWAYS : 0,
	    .uid = spec->restart_most,
	    .gid = INIT_SOCKET_FD + (unsigned)held_fds(c, fds) - 1 };
}

struct engine_start *
linux_make(const struct engine_spec *spec, struct engine_live *live,
    struct error *e)
{
	struct engine_start *s = xcalloc(1, sizeof(*s));
	struct confine confine;
	struct cgroup cg = { -1, false };
	struct shared_links links = { .count = 0 };
	struct limit_entry limits = LIMIT_ENTRY_INIT;
	struct child c = { spec, &confine, &s->output, &links, &limits, -1,
		{ -1, -1 } };
	int pair[2];
	int result;

	s->pidfd = s->socket = -1;
	s->output = (struct talk_output)TALK_OUTPUT_INIT;
	s->key = xstrdup(spec->key);
	if (spec->tree->ephemeral && spec->tree->kind == TREE_OVERLAY &&
	    spec->tree->work != NULL)
		s->mark = xasprintf("%s/work/incompat", spec->tree->work);
	if (confine_plan(spec, &confine, e) < 0) {
		linux_start_free(s);
		return NULL;
	}
	s->mounts = confine.mounts;
	result = cgroup_make(spec->key, &cg, e);
	if (result == 0)
		result = limit_make(spec, &limits, e);
	if (result == 0)
		result = shared_hold(spec, confine_effective(spec), &cg,
		    &links, e);
	if (result == 0 && spec->net_inherit && spec->userns &&
	    !alias_any(spec) && (spec->allow & ALLOW_BIT(ALLOW_RESERVED_PORTS)) &&
	    cgroup_reserved_ports(&cg, e) < 0) {
		/* a default that this host cannot give stays shut */
		if (spec->allow_asked & ALLOW_BIT(ALLOW_RESERVED_PORTS))
			result = -1;
		else
			error_clear(e);
	}
	if (result == 0)
		result = open_log(s, &c, e);
	if (result == 0)
		plan_restart(s, &c);
	if (result == 0 && spec->console_is_stdio && !spec->userns)
		result = talk_output_open(&s->output, 1, 2, e);
	if (result == 0 &&
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		result = error_sys(e, "socketpair");
	if (result == 0) {
		s->socket = pair[0];
		c.socket = pair[1];
		result = clone_child(s, &c, &cg, e);
		close(pair[1]);
		talk_output_given(&s->output);
	}
	if (result == 0)
		result = prepare_child(s, spec, e);
	if (result == 0) {
		live->jid = s->pid;
		result = process_ident(s->pid, live->ident,
		    sizeof(live->ident), e);
		if (result == 0)
			result = wait_ready(s, e);
	}
	close_fd(&c.log[0]);
	close_fd(&c.log[1]);
	shared_links_fini(&links);
	limit_entry_fini(&limits);
	cgroup_fini(&cg);
	confine_fini(&confine);
	if (result < 0) {
		linux_start_free(s);
		return NULL;
	}
	return s;
}

/* One command of exec.start, from request to end. */
static int
boot_one(struct engine_start *s, const struct engine_command *c,
    struct error *e)
{
	struct talk_wait w = {
		.socket = s->socket, .pidfd = s->pidfd,
		.timeout_ms = c->timeout_ms, .by_init = true,
	};
	const char *line = c->argv[0];
	int status;

	for (size_t i = 0; c->argv[i] != NULL; i++)
		line = c->argv[i];
	if (talk_send(s->socket, INIT_RUN, INIT_SETSID | s->mounts, c,
	    e) < 0)
		return child_failure(s, e);
	if (talk_wait(&w, &status, e) < 0)
		return error_wrap(e, "exec.start: %s", line);
	status = talk_shell_status(status);
	if (status != 0)
		return error_set(e, ERROR_FAILED, "exec.start: '%s' ended with "
		    "status %d; its output is in the console log", line,
		    status);
	return 0;
}

/*
 * gaol-init takes over by closing its end; so does the death of the jail, which
 * the pidfd tells apart.
 */
static int
boot_life(struct engine_start *s, enum engine_life life, struct error *e)
{
	struct pollfd p = { .fd = s->pidfd, .events = POLLIN };
	struct init_answer a;
	struct error why;
	ssize_t n;

	if (talk_send(s->socket, INIT_PERSIST,
	    life == LIFE_PERSIST ? INIT_STAY : 0, NULL, e) < 0)
		return child_failure(s, e);
	do
		n = recv(s->socket, &a, sizeof(a), MSG_WAITALL);
	while (n < 0 && errno == EINTR);
	if (n == (ssize_t)sizeof(a) && a.step == 0 &&
	    recv(s->socket, &why, sizeof(why), MSG_WAITALL) ==
	    (ssize_t)sizeof(why))
		return talk_error(&why, e);
	if (n != 0)
		return error_set(e, ERROR_FAILED, "gaol-init answered what "
		    "was not asked");
	if (poll(&p, 1, 0) > 0)
		return error_set(e, ERROR_FAILED, life == LIFE_PERSIST ?
		    "gaol-init ended at once" :
		    "exec.start left no process and persist is off");
	s->booted = true;
	return 0;
}

/* What gaol-init runs again when the jail has ended. */
static int
boot_policy(struct engine_start *s, const struct engine_command *commands,
    size_t count, struct error *e)
{
	for (size_t i = 0; i < count; i++)
		if (talk_send(s->socket, INIT_KEEP, INIT_SETSID | s->mounts,
		    &commands[i], e) < 0)
			return -1;
	if (send(s->socket, &s->policy, sizeof(s->policy), MSG_NOSIGNAL) < 0)
		return error_sys(e, "gaol-init");
	return 0;
}

int
linux_boot(struct engine_start *s, const struct engine_command *commands,
    size_t count, enum engine_life life, struct error *e)
{
	if (s->log.type != 0 && send(s->socket, &s->log, sizeof(s->log),
	    MSG_NOSIGNAL) < 0)
		return child_failure(s, e);
	for (size_t i = 0; i < count; i++)
		if (boot_one(s, &commands[i], e) < 0)
			return -1;
	if (life == LIFE_MAIN)
		return 0;
	if (s->policy.type != 0 && count > 0 &&
	    boot_policy(s, commands, count, e) < 0)
		return -1;
	return boot_life(s, life, e);
}

/*
 * The overlay of a throw-away jail marks its work directory, so that nobody
 * mounts it after a crash.  Nobody will, and it is quicker done while the
 * command runs than at the end.
 */
static void
remove_mark(const struct engine_start *s)
{
	static const char *const rest[] = { "volatile/dirty", "volatile" };

	for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", s->mark, rest[i]);

		if (remove(path) < 0)
			return;
	}
	rmdir(s->mark);
}

int
linux_boot_main(struct engine_start *s, const struct engine_command *c,
    int *status, struct error *e)
{
	struct talk_wait w = {
		.socket = s->socket, .pidfd = s->pidfd, .tty = c->tty,
		.timeout_ms = c->timeout_ms, .by_init = true, .forward = true,
		.output = &s->output,
	};
	int raw;

	if (talk_check_stdio(e) < 0)
		return -1;
	if (talk_send(s->socket, INIT_MAIN, s->mounts |
	    (c->tty ? INIT_TTY : 0), c, e) < 0)
		return child_failure(s, e);
	if (s->mark != NULL)
		remove_mark(s);
	if (talk_wait(&w, &raw, e) < 0) {
		if (e->kind == ERROR_NOT_FOUND || e->kind == ERROR_DENIED) {
			*status = e->kind == ERROR_NOT_FOUND ? 127 : 126;
			return error_wrap(e, "%s", c->argv[0]);
		}
		return -1;
	}
	*status = talk_shell_status(raw);
	return 0;
}

/* The child of pid 1 that has this number inside: our pidfd of it, or -1. */
static int
open_command(pid_t init, int inside)
{
	AUTO_FREE char *path = xasprintf("/proc/%d/task/%d/children",
	    (int)init, (int)init);
	AUTO_BUF struct buf text = BUF_INIT;
	struct error ignored = ERROR_INIT;
	char *rest, *word;

	if (file_read(AT_FDCWD, path, 4096, &text, &ignored) < 0)
		return -1;
	rest = text.data;
	while ((word = strsep(&rest, " \n")) != NULL && *word != '\0') {
		pid_t pid = (pid_t)strtol(word, NULL, 10);
		AUTO_CLOSE int fd = sys_pidfd_open(pid);
		AUTO_FREE char *status = xasprintf("/proc/%d/status", (int)pid);
		AUTO_BUF struct buf told = BUF_INIT;
		const char *line;

		if (fd < 0 || file_read(AT_FDCWD, status, 16384, &told,
		    &ignored) < 0)
			continue;
		line = strstr(told.data, "\nNSpid:");
		if (line == NULL)
			continue;
		line = memrchr(line, '\t', strcspn(line + 1, "\n") + 1);
		if (line != NULL && strtol(line, NULL, 10) == inside)
			return steal_fd(&fd);
	}
	return -1;
}

int
linux_boot_leave(struct engine_start *s, const struct engine_command *c,
    struct engine_left *left, struct error *e)
{
	struct talk_wait w = { .socket = s->socket, .pidfd = s->pidfd,
		.by_init = true };
	/* a guard of mounts has what would tell of the exec */
	bool told = s->mounts == 0;
	int inside = 0;

	if (talk_check_stdio(e) < 0)
		return -1;
	if (talk_send(s->socket, INIT_MAIN, s->mounts |
	    (told ? INIT_TELL : 0), c, e) < 0)
		return child_failure(s, e);
	if (told && talk_wait(&w, &inside, e) < 0)
		return error_wrap(e, "%s", c->argv[0]);
	left->pid = s->pid;
	left->command = told ? open_command(s->pid, inside) : -1;
	left->keep = steal_fd(&s->socket);
	s->booted = true;
	return 0;
}
