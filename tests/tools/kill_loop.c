/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * kill_loop GAOL ROOT CGROUP [STRIDE [OFFSET [SCENARIO]]]
 *
 * SIGKILL to gaol at every system call (at its entry and at its return) of
 * create, start, stop, destroy, run, set, mount, export, import and others, on the
 * real engine.  After each kill the next commands must find the old or the new state, do their work, and
 * leave nothing.  With STRIDE only every STRIDE-th point is tried, from OFFSET
 * on.  Prints the number of points.
 *
 * Those of send have a second state directory, kill_loop.far, in the current
 * one.  "kill_loop --at N PROGRAM..." kills a program once.
 *
 * The scenarios whose names begin with "network" need a network namespace of
 * their own (unshare -n) and are tried when SCENARIO is "network" alone.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGS_MAX = 16 };

/* In the working directory; gone before each point. */
#define ARCHIVE "kill_loop.archive"
#define BASTILLE "kill_loop.txz"

static const char *gaol, *root, *cgroup;

struct scenario {
	const char *name;
	const char *before[4];	/* commands that must succeed */
	const char *victim;
	/* "0,73:start t": allowed statuses, then the command */
	const char *after[9];
};

static const struct scenario scenarios[] = {
	{ "create", { NULL }, "create t -r busybox",
	    { "0,73:create t -r busybox", "0:start t", "0:exec t true",
	    "0:stop t", "0:destroy -y t", NULL } },
	{ "start", { "create t -r busybox", NULL }, "start t",
	    { "0,73:start t", "0:exec t true", "0:exec t touch /made",
	    "0:stop t", "0:start t", "0:exec t test -f /made",
	    "0:destroy -f -y t", NULL } },
	{ "start with commands", { "create t -r busybox "
	    "exec.start=true exec.prestart=true exec.poststart=true", NULL },
	    "start t",
	    { "0,73:start t", "0:exec t true", "0:destroy -f -y t", NULL } },
	{ "start that mounts", { "create t -r busybox allow.mount=on "
	    "allow.mount.tmpfs=on enforce_statfs=1 children.max=0 "
	    "exec.start=true", NULL }, "start t",
	    { "0,73:start t", "0:exec t mount -t tmpfs none /mnt",
	    "0:destroy -f -y t", NULL } },
	{ "stop", { "create t -r busybox exec.stop=true exec.poststop=true",
	    "start t", "exec t touch /made", NULL }, "stop t",
	    { "0:stop t", "0:start t", "0:exec t test -f /made",
	    "0:destroy -f -y t", NULL } },
	{ "destroy", { "create t -r busybox", "start t", "exec t touch /made",
	    "stop t" }, "destroy -y t",
	    { "0,66:destroy -y t", "0:create t -r busybox", "0:start t",
	    "1:exec t test -f /made", "0:destroy -f -y t", NULL } },
	{ "destroy running", { "create t -r busybox", "start t", NULL },
	    "destroy -f -y t",
	    { "0,66:destroy -f -y t", "0:create t -r busybox",
	    "0:destroy -y t", NULL } },
	{ "run", { NULL }, "run -r busybox --name t -- true",
	    { "0,66:destroy -f -y t", "0:run -r busybox --name t -- true",
	    NULL } },
	{ "set", { "create t -r busybox note=old", NULL }, "set t note=new",
	    { "0:get note t", "0:set t note=newer", "0:destroy -y t",
	    NULL } },
	{ "mount", { "create t -r busybox", "volume create v", "start t", NULL },
	    "mount t vol:v /xmnt rw",
	    { "0:set t note=next", "0,66:umount t /xmnt", "0:mount t vol:v /xmnt rw",
	    "0:exec t touch /xmnt/made", "0:umount t /xmnt",
	    "1:exec t test -f /xmnt/made", "0:destroy -f -y t",
	    "0:volume destroy -y v", NULL } },
	{ "umount", { "create t -r busybox", "volume create v", "start t",
	    "mount t vol:v /xmnt rw" }, "umount t /xmnt",
	    { "0:set t note=next", "0,66:umount t /xmnt",
	    "75,1:exec t grep -q /xmnt /proc/mounts", "0:mount t vol:v /xmnt rw",
	    "0:exec t grep -q /xmnt /proc/mounts", "0:stop t", "0:destroy -y t",
	    "0:volume destroy -y v", NULL } },
	{ "volume create", { NULL }, "volume create v",
	    { "0,73:volume create v", "0:volume list",
	    "0:volume destroy -y v", NULL } },
	{ "volume destroy", { "volume create v", NULL },
	    "volume destroy -y v",
	    { "0,66:volume destroy -y v", "0:volume create v",
	    "0:volume destroy -y v", NULL } },
	{ "export", { "create t -r busybox", NULL }, "export t " ARCHIVE,
	    { "0,73:export t " ARCHIVE, "0:destroy -y t", "0:import " ARCHIVE,
	    "0:start t", "0:exec t true", "0:destroy -f -y t", NULL } },
	{ "export live", { "create t -r busybox", "start t", NULL },
	    "export --live t " ARCHIVE,
	    { "0,73:export --live t " ARCHIVE, "0:exec t true",
	    "0:snapshot t s", "0:import " ARCHIVE " u", "0:start u",
	    "0:destroy -f -y t u", NULL } },
	{ "import", { "create t -r busybox", "export t " ARCHIVE,
	    "destroy -y t", NULL }, "import -S dir " ARCHIVE,
	    { "0,73:import -S dir " ARCHIVE, "0:start t", "0:exec t true",
	    "0:destroy -f -y t", NULL } },
	{ "export bastille", { "create t -r busybox", NULL },
	    "export --format bastille t " BASTILLE,
	    { "0,73:export --format bastille t " BASTILLE, "0:destroy -y t",
	    "0:import " BASTILLE, "0:start t", "0:exec t true",
	    "0:destroy -f -y t", NULL } },
	{ "import bastille", { "create t -r busybox",
	    "export --format bastille t " BASTILLE, "destroy -y t", NULL },
	    "import " BASTILLE,
	    { "0,73:import " BASTILLE, "0:start t", "0:exec t true",
	    "0:destroy -f -y t", NULL } },
	{ "network create", { NULL }, "network create lan",
	    { "0,73:network create lan", "0:create t -r busybox net=lan",
	    "0:start t", "0:destroy -f -y t", "0:network destroy lan",
	    NULL } },
	{ "network destroy", { "network create lan",
	    "create t -r busybox net=lan", "start t", "destroy -f -y t" },
	    "network destroy lan",
	    { "0,66:network destroy lan", "0:network create lan",
	    "0:create t -r busybox net=lan", "0:start t",
	    "0:destroy -f -y t", "0:network destroy lan", NULL } },
	{ "network join", { "network create lan", NULL },
	    "create t -r busybox net=lan",
	    { "0,73:create t -r busybox net=lan", "0:start t",
	    "0:destroy -f -y t", "0:network destroy lan", NULL } },
	{ "network start", { "network create lan",
	    "create t -r busybox net=lan publish=8080,9000-9002/udp", NULL },
	    "start t",
	    { "0,73:start t", "0:exec t true", "0:publish t 8081",
	    "0:stop t", "0:start t", "0:destroy -f -y t",
	    "0:network destroy lan", NULL } },
	{ "network stop", { "network create lan",
	    "create t -r busybox net=lan publish=8080", "start t", NULL },
	    "stop t",
	    { "0:stop t", "0:start t", "0:destroy -f -y t",
	    "0:network destroy lan", NULL } },
	{ "network leave", { "network create lan",
	    "create t -r busybox net=lan publish=8080", "start t", NULL },
	    "destroy -f -y t",
	    { "0,66:destroy -f -y t", "0:create t -r busybox "
	    "net=lan publish=8080", "0:start t", "0:destroy -f -y t",
	    "0:network destroy lan", NULL } },
	{ "network publish", { "network create lan",
	    "create t -r busybox net=lan publish=8080", "start t", NULL },
	    "set t publish=8081,8082-8084",
	    { "0:publish t", "0:set t publish=8080,8081", "0:stop t",
	    "0:create u -r busybox net=lan publish=8080,8081",
	    "0:start u", "0:destroy -f -y u", "0:destroy -y t",
	    "0:network destroy lan", NULL } },
	{ "network change", { "network create lan", "network create dmz",
	    "create t -r busybox net=lan publish=8080", "start t" },
	    "set t net=dmz,lan",
	    { "0:exec t true", "0:publish t 8081", "0:stop t", "0:start t",
	    "0:set t net=dmz", "0:destroy -f -y t",
	    "0:network destroy lan dmz", NULL } },
	{ "network publish shared", { "create t -r busybox "
	    "net=lo|10.99.0.9 publish=8080", "start t", NULL },
	    "publish t 8081",
	    { "0:exec t true", "0:unpublish -a t", "0:publish t 8081",
	    "0:stop t", "0:start t", "0:destroy -f -y t", NULL } },
	{ "start with addresses", { "create t -r busybox "
	    "net=lo|127.0.9.9,10.99.0.9", NULL }, "start t",
	    { "0,73:start t", "0:exec t true", "0:stop t", "0:start t",
	    "0:destroy -f -y t", NULL } },
	{ "stop with addresses", { "create t -r busybox "
	    "net=lo|127.0.9.9,10.99.0.9", "start t", NULL }, "stop -f t",
	    { "0:stop t", "0:start t", "0:destroy -f -y t", NULL } },
	/* without a range of ids: not every file system can map them */
	{ "create alone", { NULL }, "create t -r busybox userns=off",
	    { "0,73:create t -r busybox userns=off", "0:start t",
	    "0:exec t true", "0:destroy -f -y t", NULL } },
	{ "snapshot", { "create t -r busybox userns=off", NULL },
	    "snapshot t s1",
	    { "0,73:snapshot t s1", "0:snapshot t s2", "0:rollback -y t s2",
	    "0:start t", "0:exec t true", "0:destroy -f -y t", NULL } },
	{ "snapshot running", { "create t -r busybox userns=off", "start t",
	    "exec t touch /made", NULL }, "snapshot t s1",
	    { "0,73:snapshot t s1", "0:exec t rm /made", "0:stop t",
	    "0:rollback -y t s1", "0:start t", "0:exec t test -f /made",
	    "0:destroy -f -y t", NULL } },
	{ "rollback", { "create t -r busybox userns=off", "snapshot t s1",
	    NULL }, "rollback -y t s1",
	    { "0:rollback -y t s1", "0:start t", "0:exec t true",
	    "0:destroy -f -y t", NULL } },
	{ "clone", { "create t -r busybox userns=off", "snapshot t s1", NULL },
	    "clone -s s1 t u",
	    { "0,73:clone -s s1 t u", "0:destroy -y t", "0:start u",
	    "0:exec u true", "0:destroy -f -y u", NULL } },
	{ "destroy a clone", { "create t -r busybox userns=off",
	    "clone t u", NULL }, "destroy -y u",
	    { "0,66:destroy -y u", "0:start t", "0:exec t true",
	    "0:destroy -f -y t", NULL } },
	{ "destroy what is cloned", { "create t -r busybox userns=off",
	    "snapshot t s1", "clone -s s1 t u", NULL }, "destroy -y t",
	    { "0,66:destroy -y t", "0:start u", "0:exec u true",
	    "0:destroy -f -y u", NULL } },
	{ "rename", { "create t -r busybox userns=off", "snapshot t s1",
	    NULL }, "rename t u",
	    { "0,66,73:rename t u", "0:start u", "0:exec u true", "0:stop u",
	    "0:rollback -y u s1", "0:destroy -y u", NULL } },
	{ "send", { "create t -r busybox", NULL },
	    "send -e ./kill_loop.rsh --remote-root kill_loop.far t other",
	    { "0:send -e ./kill_loop.rsh --remote-root kill_loop.far t other",
	    "0:-R kill_loop.far start t", "0:-R kill_loop.far exec t true",
	    "0:-R kill_loop.far destroy -f -y t", "0:start t",
	    "0:destroy -f -y t", NULL } },
	{ "send running", { "create t -r busybox", "start t", NULL },
	    "send -e ./kill_loop.rsh --remote-root kill_loop.far t other",
	    { "0:send -e ./kill_loop.rsh --remote-root kill_loop.far t other",
	    "0:exec t true", "0:-R kill_loop.far start t",
	    "0:-R kill_loop.far destroy -f -y t", "0:destroy -f -y t",
	    NULL } },
	{ "send --move", { "create t -r busybox", "start t", NULL },
	    "send --move -e ./kill_loop.rsh --remote-root kill_loop.far t other",
	    { "0,66:send --move -e ./kill_loop.rsh --remote-root kill_loop.far "
	    "t other", "66:start t", "0,73:-R kill_loop.far start t",
	    "0:-R kill_loop.far exec t true",
	    "0:-R kill_loop.far destroy -f -y t", NULL } },
	{ "exec", { "create t -r busybox", "start t", NULL }, "exec t true",
	    { "0:exec t true", "0:stop t", "0:destroy -y t", NULL } },
};

static void
split(char *line, char **argv)
{
	size_t n = 0;
	char *word;

	argv[n++] = strdup(gaol);
	while ((word = strsep(&line, " ")) != NULL && n < ARGS_MAX - 1)
		argv[n++] = word;
	argv[n] = NULL;
}

static pid_t
spawn(const char *line, bool traced)
{
	char *argv[ARGS_MAX], *copy = strdup(line);
	pid_t pid;

	split(copy, argv);
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);
		int log = open("kill_loop.log", O_WRONLY | O_CREAT | O_APPEND,
		    0600);

		dup2(null, 0);
		dup2(log, 1);
		dup2(log, 2);
		if (traced && (ptrace(PTRACE_TRACEME, 0, 0, 0) < 0 ||
		    raise(SIGSTOP) != 0))
			_exit(99);
		execv(argv[0], argv);
		_exit(98);
	}
	free(copy);
	return pid;
}

static int
run(const char *line)
{
	pid_t pid = spawn(line, false);
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			err(1, "wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
}

/* Kill at the n-th stop; false when it ended before, with its status. */
static bool
kill_at(pid_t pid, long n, int *status)
{
	int signo = 0;

	if (waitpid(pid, status, 0) < 0 || !WIFSTOPPED(*status))
		errx(1, "not traced");
	ptrace(PTRACE_SETOPTIONS, pid, 0,
	    PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC);
	for (;;) {
		if (ptrace(PTRACE_SYSCALL, pid, 0, signo) < 0)
			err(1, "ptrace");
		if (waitpid(pid, status, 0) < 0)
			err(1, "wait");
		if (!WIFSTOPPED(*status))
			return false;
		signo = 0;
		if (WSTOPSIG(*status) == (SIGTRAP | 0x80)) {
			if (--n == 0)
				break;
		} else if (WSTOPSIG(*status) != SIGTRAP) {
			signo = WSTOPSIG(*status);
		}
	}
	kill(pid, SIGKILL);
	while (waitpid(pid, status, 0) >= 0 && WIFSTOPPED(*status))
		;
	return true;
}

static bool
run_and_kill(const char *line, long n)
{
	int status;

	return kill_at(spawn(line, true), n, &status);
}

/* kill_loop --at N PROGRAM ARGUMENT...: once, streams and all as they are. */
static int
run_once(char **argv)
{
	long n = strtol(argv[0], NULL, 10);
	pid_t pid = fork();
	int status;

	if (pid < 0)
		err(1, "fork");
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0) < 0 || raise(SIGSTOP) != 0)
			_exit(99);
		execvp(argv[1], argv + 1);
		_exit(98);
	}
	/* who reads our output is to see that it has ended */
	close(0);
	close(1);
	if (kill_at(pid, n, &status))
		return 137;
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
}

static size_t
entries(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *d;
	size_t n = 0;

	if (dir == NULL)
		return 0;
	while ((d = readdir(dir)) != NULL)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			n++;
	closedir(dir);
	return n;
}

static size_t
directories(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *d;
	size_t n = 0;

	if (dir == NULL)
		return 0;
	while ((d = readdir(dir)) != NULL)
		if (d->d_type == DT_DIR && d->d_name[0] != '.')
			n++;
	closedir(dir);
	return n;
}

/* Of the tested root: other jails may come and go meanwhile. */
static bool
is_ours(const char *pid)
{
	const char *scope = strrchr(cgroup, '/');
	char path[300], text[8192] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/cgroup", pid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return false;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	return strstr(text, scope) != NULL;
}

static size_t
processes(const char *wanted)
{
	DIR *dir = opendir("/proc");
	const struct dirent *d;
	size_t n = 0;

	while ((d = readdir(dir)) != NULL) {
		char path[300], text[128] = "";
		const char *name, *end;
		int fd;

		if (d->d_name[0] < '0' || d->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/stat", d->d_name);
		fd = open(path, O_RDONLY);
		if (fd < 0)
			continue;
		/* "4711 (gaol-init) S": a zombie is its parent's business */
		if (read(fd, text, sizeof(text) - 1) > 0 &&
		    (name = strchr(text, '(')) != NULL &&
		    (end = strrchr(name, ')')) != NULL && end[1] == ' ' &&
		    strncmp(name + 1, wanted, strlen(wanted)) == 0)
			n += end[2] != 'Z' && is_ours(d->d_name);
		close(fd);
	}
	closedir(dir);
	return n;
}

static size_t processes_before;

static bool
of_network(const char *scenario)
{
	return strncmp(scenario, "network", 7) == 0;
}

/* Interfaces of ours in this network namespace. */
static size_t
interfaces(void)
{
	FILE *f = fopen("/proc/net/dev", "re");
	char line[512];
	size_t n = 0;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		n += strstr(line, "gaol") != NULL ||
		    strstr(line, "gj") != NULL;
	if (f != NULL)
		fclose(f);
	return n;
}

/* Ranges of ids that are taken. */
static size_t
id_ranges(void)
{
	char path[4096], byte;
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/run/ids", root);
	f = fopen(path, "re");
	if (f == NULL)
		return 0;
	/* behind where to look next */
	fseek(f, 4, SEEK_SET);
	while (fread(&byte, 1, 1, f) == 1)
		n += byte != 0;
	fclose(f);
	return n;
}

/* What the scenarios with addresses give to their jails. */
static bool
has_address(const char *text)
{
	struct ifaddrs *all, *i;
	struct in_addr wanted;
	bool found = false;

	if (inet_aton(text, &wanted) == 0 || getifaddrs(&all) < 0)
		err(1, "%s", text);
	for (i = all; i != NULL; i = i->ifa_next)
		found |= i->ifa_addr != NULL &&
		    i->ifa_addr->sa_family == AF_INET &&
		    ((struct sockaddr_in *)(void *)i->ifa_addr)->sin_addr
		    .s_addr == wanted.s_addr;
	freeifaddrs(all);
	return found;
}

/* What the last commands said. */
static void
show_log(void)
{
	enum { LAST = 2000 };
	char text[LAST];
	int fd = open("kill_loop.log", O_RDONLY);
	off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	ssize_t n = fd < 0 ? 0 : pread(fd, text, LAST,
	    size > LAST ? size - LAST : 0);

	if (n > 0)
		fprintf(stderr, "kill_loop.log ends with:\n%.*s", (int)n, text);
	if (fd >= 0)
		close(fd);
}

/* What a destroyed jail may leave: nothing. */
static void
check_nothing_left(const char *where, long n)
{
	static const char *const dirs[] = { "jails", "run/live", "run/index",
		"volumes", "networks", "run/net" };
	char path[4096];

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", root, dirs[i]);
		if (entries(path) != 0)
			errx(1, "%s, point %ld: %s is not empty", where, n,
			    path);
	}
	if (directories(cgroup) != 0)
		errx(1, "%s, point %ld: %s is not empty", where, n, cgroup);
	for (int i = 0; of_network(where) && interfaces() > 0; i++) {
		if (i == 3000)
			errx(1, "%s, point %ld: an interface is left", where,
			    n);
		usleep(1000);
	}
	if (id_ranges() > 0)
		errx(1, "%s, point %ld: a range of ids is left", where, n);
	if (has_address("127.0.9.9") || has_address("10.99.0.9"))
		errx(1, "%s, point %ld: an address is left", where, n);
	/* the dead may need a moment to be reaped */
	for (int i = 0; processes("gaol-init") > processes_before; i++) {
		if (i == 1000)
			errx(1, "%s, point %ld: a gaol-init is left", where, n);
		usleep(1000);
	}
}

static void
check_after(const struct scenario *s, long n)
{
	for (size_t i = 0; s->after[i] != NULL; i++) {
		const char *colon = strchr(s->after[i], ':');
		int status = run(colon + 1);
		bool allowed = false;

		for (const char *p = s->after[i]; p < colon;) {
			char *end;

			allowed |= strtol(p, &end, 10) == status;
			p = end + 1;
		}
		if (allowed)
			continue;
		show_log();
		errx(1, "%s, killed at point %ld: then 'gaol %s' "
		    "ended with %d", s->name, n, colon + 1, status);
	}
	check_nothing_left(s->name, n);
}

/* What the scenarios of send have for ssh and for another host. */
static void
make_rsh(void)
{
	static const char text[] = "#!/bin/sh\nshift\nexec \"$@\"\n";
	int fd = open("kill_loop.rsh", O_WRONLY | O_CREAT | O_TRUNC, 0700);

	if (fd < 0 || write(fd, text, sizeof(text) - 1) < 0)
		err(1, "kill_loop.rsh");
	close(fd);
}

static long
try_scenario(const struct scenario *s, long stride, long offset)
{
	long tried = 0;
	bool killed = true;

	for (long n = 1 + offset % stride; killed; n += stride) {
		unlink(ARCHIVE);
		unlink(BASTILLE);
		for (size_t i = 0; i < 4 && s->before[i] != NULL; i++)
			if (run(s->before[i]) != 0) {
				show_log();
				errx(1, "%s, before point %ld: 'gaol %s' "
				    "failed", s->name, n, s->before[i]);
			}
		killed = run_and_kill(s->victim, n);
		tried += killed;
		check_after(s, n);
	}
	printf("%-20s %5ld points\n", s->name, tried);
	fflush(stdout);
	return tried;
}

int
main(int argc, char **argv)
{
	long stride, offset, total = 0;

	if (argc > 3 && strcmp(argv[1], "--at") == 0)
		return run_once(argv + 2);
	if (argc < 4)
		errx(64, "usage: kill_loop GAOL ROOT CGROUP [STRIDE [OFFSET [SCENARIO]]]");
	gaol = argv[1];
	root = argv[2];
	cgroup = argv[3];
	stride = argc > 4 ? strtol(argv[4], NULL, 10) : 1;
	offset = argc > 5 ? strtol(argv[5], NULL, 10) : 0;
	processes_before = processes("gaol-init");
	make_rsh();
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		if (argc < 7 ? !of_network(scenarios[i].name) :
		    strcmp(argv[6], scenarios[i].name) == 0 ||
		    (strcmp(argv[6], "network") == 0 &&
		    of_network(scenarios[i].name)))
			total += try_scenario(&scenarios[i], stride, offset);
	if (total == 0)
		errx(64, "no scenario '%s'", argc > 6 ? argv[6] : "");
	printf("%ld points tried, nothing lost, nothing left\n", total);
	return 0;
}
