/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <atf-c.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/init_jail.h"

enum { PATIENCE_MS = 60000, HIGH_FD = 100, ID_BASE = 100000 };

const char *
jail_program(void)
{
	static char path[PATH_MAX];
	const char *given = getenv("GAOL_INIT");
	char self[PATH_MAX] = "";

	if (given != NULL)
		return (given);
	ATF_REQUIRE(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	while (strrchr(self, '/') != NULL) {
		*strrchr(self, '/') = '\0';
		snprintf(path, sizeof(path), "%.4000s/gaol-init", self);
		if (access(path, X_OK) == 0)
			return (path);
	}
	atf_tc_skip("no gaol-init above this program: set GAOL_INIT");
}

static void
must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	_exit(99);
}

static void
place(int fd, int wanted)
{
	must(dup2(fd, wanted) == wanted, "dup2");
}

static void
make_noise(void)
{
	sigset_t all;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	umask(0);
	place(1, 9);
}

static void
mount_all(const struct jail_options *o)
{
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "private");
	must(mount("proc", "/proc", "proc", 0, NULL) == 0, "proc");
	if (o->no_pts)
		must(mount("tmpfs", "/dev/pts", "tmpfs", 0, NULL) == 0,
		    "tmpfs");
	else
		must(mount("devpts", "/dev/pts", "devpts", 0,
		    "newinstance,ptmxmode=0666,mode=0620,gid=5") == 0,
		    "devpts");
	if (o->fake_ptmx)
		must(mount("/dev/null", "/dev/pts/ptmx", NULL, MS_BIND,
		    NULL) == 0, "fake ptmx");
}

static void
become_root(void)
{
	must(setgroups(0, NULL) == 0 && setresgid(0, 0, 0) == 0 &&
	    setresuid(0, 0, 0) == 0, "root of the jail");
}

/* In the new process: arrange the descriptors and become gaol-init. */
static void
execute(const char *mode, const struct jail_options *o, int program,
    int socket, int record, int input, int output)
{
	char *argv[] = { (char[]){ "gaol-init" }, strdup(mode), NULL };
	char *env[] = { NULL };

	if (o->noisy)
		make_noise();
	place(input, 0);
	place(output, 1);
	place(output, 2);
	place(socket, 3);
	if (record >= 0)
		place(record, 4);
	syscall(SYS_execveat, program, "", argv, env, AT_EMPTY_PATH);
	must(false, "gaol-init");
}

/* Out of the way of the descriptors 0 to 4, closed on exec. */
static int
lift(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, HIGH_FD);

	ATF_REQUIRE(high >= HIGH_FD);
	close(fd);
	return (high);
}

static int
open_program(const struct jail_options *o)
{
	int from, to;
	ssize_t n;
	char data[65536];

	from = open(jail_program(), O_RDONLY | O_CLOEXEC);
	ATF_REQUIRE_MSG(from >= 0, "%s: %s", jail_program(), strerror(errno));
	if (!o->execute_only)
		return (lift(from));
	to = open("gaol-init.x", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	    0511);
	ATF_REQUIRE(to >= 0);
	n = read(from, data, sizeof(data));
	ATF_REQUIRE(n > 0 && write(to, data, (size_t)n) == n);
	close(from);
	close(to);
	to = open("gaol-init.x", O_PATH | O_CLOEXEC);
	ATF_REQUIRE(to >= 0);
	return (lift(to));
}

static void
write_map(pid_t pid, const char *which)
{
	char path[64], map[64];
	int fd, n;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, which);
	n = snprintf(map, sizeof(map), "0 %d 65536\n", ID_BASE);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ATF_REQUIRE(fd >= 0);
	ATF_REQUIRE_EQ(n, write(fd, map, (size_t)n));
	close(fd);
}

struct ends {
	int ours, theirs;
};

static struct ends
socket_pair(void)
{
	int pair[2];

	ATF_REQUIRE_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
	    pair));
	return ((struct ends){ lift(pair[0]), lift(pair[1]) });
}

static int
open_output(void)
{
	char path[] = "output.XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC | O_APPEND);

	ATF_REQUIRE(fd >= 0);
	unlink(path);
	return (lift(fd));
}

static int
open_input(const struct jail_options *o)
{
	int fd = o->foreign_input ?
	    open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) :
	    open("/dev/null", O_RDWR | O_CLOEXEC);

	ATF_REQUIRE(fd >= 0);
	return (lift(fd));
}

void
jail_start(struct jail *j, const struct jail_options *options)
{
	static const struct jail_options plain;
	const struct jail_options *o = options != NULL ? options : &plain;
	struct ends control = socket_pair(), ready = socket_pair();
	int program = open_program(o), output = open_output();
	int input = open_input(o), record = lift(open("/", O_PATH | O_CLOEXEC));
	unsigned long flags = CLONE_NEWPID | CLONE_NEWNS | SIGCHLD;
	char byte = 0;
	long pid;

	fflush(NULL);
	pid = syscall(SYS_clone, flags | (o->userns ? CLONE_NEWUSER : 0), NULL,
	    NULL, NULL, NULL);
	if (pid < 0)
		atf_tc_skip("no namespaces here: %s", strerror(errno));
	if (pid == 0) {
		must(read(ready.theirs, &byte, 1) == 1, "ready");
		if (o->userns)
			become_root();
		mount_all(o);
		execute("init", o, program, control.theirs, record, input,
		    output);
	}
	if (o->userns) {
		write_map((pid_t)pid, "uid_map");
		write_map((pid_t)pid, "gid_map");
	}
	ATF_REQUIRE_EQ(1, write(ready.ours, &byte, 1));
	close(ready.theirs);
	/* Closed by exec: now gaol-init runs, in the finished jail. */
	ATF_REQUIRE_EQ(0, read(ready.ours, &byte, 1));
	close(ready.ours);
	close(control.theirs);
	close(program);
	close(input);
	close(record);
	*j = (struct jail){ (pid_t)pid, control.ours, output };
}

static int
open_namespace(const struct jail *j, const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)j->pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ATF_REQUIRE(fd >= 0);
	return (lift(fd));
}

void
jail_join(const struct jail *j, struct jail *joined,
    const struct jail_options *options)
{
	static const struct jail_options plain;
	const struct jail_options *o = options != NULL ? options : &plain;
	struct ends control = socket_pair();
	int program = open_program(o), output = open_output();
	int input = open_input(o);
	int user = o->userns ? open_namespace(j, "user") : -1;
	int mnt = open_namespace(j, "mnt"), pids = open_namespace(j, "pid");
	int own = open_namespace(&(struct jail){ .pid = getpid() }, "pid");
	pid_t pid;

	fflush(NULL);
	ATF_REQUIRE_EQ(0, setns(pids, CLONE_NEWPID));
	pid = fork();
	ATF_REQUIRE(pid >= 0);
	if (pid == 0) {
		must(setns(mnt, CLONE_NEWNS) == 0, "setns");
		if (user >= 0) {
			must(setns(user, CLONE_NEWUSER) == 0, "setns");
			become_root();
		}
		execute("exec", o, program, control.theirs, -1, input, output);
	}
	ATF_REQUIRE_EQ(0, setns(own, CLONE_NEWPID));
	close(own);
	close(pids);
	close(mnt);
	if (user >= 0)
		close(user);
	close(program);
	close(input);
	close(control.theirs);
	*joined = (struct jail){ pid, control.ours, output };
}

bool
jail_lives(struct jail *j, int milliseconds)
{
	struct pollfd p = { .events = POLLIN };
	int ended;

	p.fd = (int)syscall(SYS_pidfd_open, j->pid, 0);
	ATF_REQUIRE(p.fd >= 0);
	ended = poll(&p, 1, milliseconds);
	ATF_REQUIRE(ended >= 0);
	close(p.fd);
	return (ended == 0);
}

int
jail_wait(struct jail *j)
{
	int status;

	if (jail_lives(j, PATIENCE_MS)) {
		jail_end(j);
		atf_tc_fail("pid 1 does not end");
	}
	ATF_REQUIRE_EQ(j->pid, waitpid(j->pid, &status, 0));
	j->pid = 0;
	jail_end(j);
	return (status);
}

void
jail_end(struct jail *j)
{
	if (j->pid > 0) {
		kill(j->pid, SIGKILL);
		waitpid(j->pid, NULL, 0);
	}
	if (j->socket >= 0)
		close(j->socket);
	if (j->output >= 0)
		close(j->output);
	*j = (struct jail){ 0, -1, -1 };
}

static size_t
put_strings(char *to, const char *const *list, uint32_t *count)
{
	size_t size = 0;

	*count = 0;
	for (; list != NULL && *list != NULL; list++, ++*count) {
		size_t n = strlen(*list) + 1;

		if (to != NULL)
			memcpy(to + size, *list, n);
		size += n;
	}
	return (size);
}

char *
jail_encode(uint32_t type, const struct jail_command *c, size_t *size)
{
	const char *const directory[] = {
		c->directory != NULL ? c->directory : "", NULL
	};
	size_t groups = c->group_count * sizeof(uint32_t), at;
	struct init_message m = {
		.type = type, .flags = c->flags, .uid = c->uid, .gid = c->gid,
		.ngroups = c->group_count, .rows = c->rows,
		.columns = c->columns,
	};
	uint32_t one;
	char *text;

	m.size = (uint32_t)(groups + put_strings(NULL, directory, &one) +
	    put_strings(NULL, c->argv, &m.argc) +
	    put_strings(NULL, c->env, &m.envc));
	*size = sizeof(m) + m.size;
	text = calloc(1, *size);
	ATF_REQUIRE(text != NULL);
	memcpy(text, &m, sizeof(m));
	at = sizeof(m);
	if (groups > 0)
		memcpy(text + at, c->groups, groups);
	at += groups;
	at += put_strings(text + at, directory, &one);
	at += put_strings(text + at, c->argv, &m.argc);
	put_strings(text + at, c->env, &m.envc);
	return (text);
}

void
jail_send(struct jail *j, uint32_t type, const struct jail_command *c)
{
	size_t size;
	char *text = jail_encode(type, c, &size);

	ATF_REQUIRE_EQ((ssize_t)size, send(j->socket, text, size,
	    MSG_NOSIGNAL));
	free(text);
}

void
jail_request(struct jail *j, uint32_t type, uint32_t flags)
{
	struct init_message m = { .type = type, .flags = flags };

	ATF_REQUIRE_EQ((ssize_t)sizeof(m), send(j->socket, &m, sizeof(m),
	    MSG_NOSIGNAL));
}

void
jail_send_shell(struct jail *j, uint32_t type, uint32_t flags,
    const char *script)
{
	const char *const argv[] = { "sh", "-c", script, NULL };

	jail_send(j, type, &(struct jail_command){
	    .flags = flags, .argv = argv });
}

bool
jail_answer_fd(struct jail *j, struct init_answer *a, int *fd)
{
	struct pollfd p = { .fd = j->socket, .events = POLLIN };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { a, sizeof(*a) };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	ssize_t n;

	*fd = -1;
	ATF_REQUIRE_EQ_MSG(1, poll(&p, 1, PATIENCE_MS), "no answer");
	n = recvmsg(j->socket, &m, MSG_CMSG_CLOEXEC | MSG_WAITALL);
	if (n <= 0)
		return (false);
	ATF_REQUIRE_EQ((ssize_t)sizeof(*a), n);
	c = CMSG_FIRSTHDR(&m);
	if (c != NULL && c->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(c), sizeof(*fd));
	return (true);
}

bool
jail_answer(struct jail *j, struct init_answer *a)
{
	int fd;
	bool came = jail_answer_fd(j, a, &fd);

	if (fd >= 0)
		close(fd);
	return (came);
}

void
jail_expect(struct jail *j, uint32_t type, int32_t value, uint32_t step)
{
	struct init_answer a = { 0, 0, 0 };

	ATF_REQUIRE_MSG(jail_answer(j, &a), "closed, not %u %d %u", type,
	    value, step);
	ATF_REQUIRE_MSG(a.type == type && a.value == value && a.step == step,
	    "answer %u %d %u, not %u %d %u; output: %s", a.type, a.value,
	    a.step, type, value, step, jail_output(j));
}

void
jail_expect_closed(struct jail *j)
{
	struct init_answer a = { 0, 0, 0 };

	ATF_REQUIRE_MSG(!jail_answer(j, &a), "answer %u %d %u, not closed",
	    a.type, a.value, a.step);
}

void
jail_shell(struct jail *j, const char *script, int exit_status)
{
	jail_send_shell(j, INIT_RUN, 0, script);
	jail_expect(j, INIT_STATUS, exit_status << 8, 0);
}

const char *
jail_output(struct jail *j)
{
	static char text[65536];
	ssize_t n = pread(j->output, text, sizeof(text) - 1, 0);

	ATF_REQUIRE(n >= 0);
	text[n] = '\0';
	ATF_REQUIRE_EQ(0, ftruncate(j->output, 0));
	return (text);
}

void
jail_expect_output(struct jail *j, const char *wanted)
{
	const char *text = jail_output(j);

	ATF_REQUIRE_STREQ(wanted, text);
}

int
jail_descriptors(const struct jail *j)
{
	char path[64];
	DIR *d;
	int n = -2;		/* . and .. */

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)j->pid);
	d = opendir(path);
	ATF_REQUIRE(d != NULL);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return (n);
}

long
jail_status(const struct jail *j, const char *name)
{
	char path[64], line[256];
	size_t n = strlen(name);
	long value = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)j->pid);
	f = fopen(path, "re");
	ATF_REQUIRE(f != NULL);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, name, n) == 0 && line[n] == ':')
			value = strtol(line + n + 1, NULL, 10);
	}
	fclose(f);
	ATF_REQUIRE_MSG(value >= 0, "no %s", name);
	return (value);
}
