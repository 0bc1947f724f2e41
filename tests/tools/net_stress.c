/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * net_stress GAOL ROOT CGROUP OPERATIONS [WORKERS [SEED]]
 *
 * WORKERS (8) processes do OPERATIONS random things at once to a few jails in a
 * few networks: create, start, stop, destroy, publish, set, network create and
 * destroy, SIGKILL to a jail and SIGKILL to a gaol at work.  Whatever a command
 * says, it may not crash, and may not fail in a way that is not told below.
 * Afterwards everything is destroyed and nothing may be left: no interface,
 * table of the packet filter, lease, record, control group or process.  To be
 * run in a network namespace of its own, with a busybox release in ROOT.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JAILS = 12, NETWORKS = 3, PORTS = 6, WORKERS_MAX = 64, ARGS_MAX = 24,
	COMMAND = 512 };

static const char *gaol, *root, *cgroup;

/* What an operation may end with, beside 0. */
enum {
	ALREADY = 73, ABSENT = 66, BUSY = 75, CONFIG = 78,
};

struct operation {
	const char *name;
	unsigned weight;
	/* J a jail, N a network, P a port, Q another */
	const char *line;
	bool kill_jail, kill_gaol;
};
static const struct operation operations[] = {
	{ "create", 10, "create J -r busybox net=N publish=P", false, false },
	{ "create two", 3, "create J -r busybox net=N,M publish=P,Q/udp",
	    false, false },
	{ "start", 24, "start J", false, false },
	{ "stop", 8, "stop J", false, false },
	{ "stop -f", 8, "stop -f J", false, false },
	{ "restart", 3, "restart J", false, false },
	{ "destroy", 8, "destroy -f -y J", false, false },
	{ "publish", 4, "publish J P", false, false },
	{ "unpublish", 4, "unpublish J P", false, false },
	{ "set", 4, "set J net=N publish=P", false, false },
	{ "run", 3, "run -r busybox net=N -- true", false, false },
	{ "network create", 3, "network create N", false, false },
	{ "network destroy", 2, "network destroy N", false, false },
	{ "exec", 3, "exec J true", false, false },
	{ "list", 2, "list", false, false },
	{ "kill jail", 8, NULL, true, false },
	{ "kill start", 8, "start J", false, true },
	{ "kill stop", 4, "stop -f J", false, true },
	{ "kill create", 4, "create J -r busybox net=N", false, true },
	{ "kill destroy", 4, "destroy -f -y J", false, true },
	{ "kill publish", 2, "publish J P", false, true },
	{ "kill network", 2, "network destroy N", false, true },
};
enum { OPERATIONS = sizeof(operations) / sizeof(operations[0]) };

/* Shared by the workers. */
struct shared {
	long left;
	long done[OPERATIONS], ok[OPERATIONS];
	long bad;
};
static struct shared *shared;

static uint64_t
roll(uint64_t *seed, uint64_t below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed % below;
}

static void
fill(const char *line, uint64_t *seed, char text[COMMAND])
{
	size_t at = 0;

	for (; *line != '\0' && at < COMMAND - 32; line++) {
		char *to = text + at;
		size_t left = COMMAND - at;

		switch (*line) {
		case 'J':
			snprintf(to, left, "j%d", (int)roll(seed, JAILS));
			break;
		case 'N':
		case 'M':
			snprintf(to, left, "n%d", (int)(*line == 'M' ?
			    NETWORKS : roll(seed, NETWORKS)));
			break;
		case 'P':
		case 'Q':
			snprintf(to, left, "%d", 8000 + (*line == 'Q') * 100 +
			    (int)roll(seed, PORTS));
			break;
		default:
			snprintf(to, left, "%c", *line);
		}
		at += strlen(to);
	}
	text[at] = '\0';
}

/* Its standard error goes to the file. */
static pid_t
spawn(const char *line, const char *file)
{
	char *argv[ARGS_MAX], *copy = strdup(line), *rest = copy;
	size_t n = 0;
	pid_t pid;

	argv[n++] = strdup(gaol);
	while (n < ARGS_MAX - 1 && (argv[n] = strsep(&rest, " ")) != NULL)
		n++;
	argv[n] = NULL;
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid == 0) {
		dup2(open("/dev/null", O_RDWR), 0);
		dup2(0, 1);
		dup2(open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600), 2);
		execv(argv[0], argv);
		_exit(127);
	}
	free(argv[0]);
	free(copy);
	return pid;
}

static int
wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			err(1, "wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
}

/* A jail that runs dies: run/index has "NAME,JID,STARTED". */
static void
kill_jail(uint64_t *seed)
{
	char path[4096];
	const struct dirent *d;
	unsigned skip = (unsigned)roll(seed, JAILS);
	DIR *dir;

	snprintf(path, sizeof(path), "%s/run/index", root);
	dir = opendir(path);
	while (dir != NULL && (d = readdir(dir)) != NULL) {
		const char *comma = strchr(d->d_name, ',');
		long pid = comma != NULL ? strtol(comma + 1, NULL, 10) : 0;

		if (pid > 1 && skip-- == 0) {
			kill((pid_t)pid, SIGKILL);
			break;
		}
	}
	if (dir != NULL)
		closedir(dir);
}

static bool
is_allowed(int status)
{
	return status == 0 || status == ALREADY || status == ABSENT ||
	    status == BUSY || status == CONFIG;
}

/* exec and run end as their command, or with 125 where there is no jail. */
static bool
is_of_command(const char *line, int status)
{
	return strncmp(line, "exec ", 5) == 0 ||
	    (strncmp(line, "run ", 4) == 0 && status == 125);
}

static void
complain(const char *line, int status, const char *file)
{
	char text[600] = "";
	int fd = open(file, O_RDONLY);

	if (fd >= 0 && read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	fprintf(stderr, "'gaol %s' ended with %d: %s\n", line, status, text);
	__atomic_fetch_add(&shared->bad, 1, __ATOMIC_RELAXED);
}

static void
work(uint64_t seed, const char *file)
{
	unsigned weights = 0;

	for (size_t i = 0; i < OPERATIONS; i++)
		weights += operations[i].weight;
	while (__atomic_fetch_sub(&shared->left, 1, __ATOMIC_RELAXED) > 0) {
		unsigned at = (unsigned)roll(&seed, weights);
		char line[COMMAND] = "";
		int status = 0;
		size_t i = 0;

		while (at >= operations[i].weight)
			at -= operations[i++].weight;
		if (operations[i].kill_jail) {
			kill_jail(&seed);
		} else {
			pid_t pid;

			fill(operations[i].line, &seed, line);
			pid = spawn(line, file);
			if (operations[i].kill_gaol) {
				usleep((useconds_t)roll(&seed, 15000));
				kill(pid, SIGKILL);
			}
			status = wait_for(pid);
		}
		__atomic_fetch_add(&shared->done[i], 1, __ATOMIC_RELAXED);
		if (status == 0)
			__atomic_fetch_add(&shared->ok[i], 1,
			    __ATOMIC_RELAXED);
		else if (!is_allowed(status) && !(operations[i].kill_gaol &&
		    status == 128 + SIGKILL) && !is_of_command(line, status))
			complain(line, status, file);
	}
}

static void
must(const char *line, int other)
{
	int status = wait_for(spawn(line, "stress.last"));

	if (status != 0 && status != other)
		complain(line, status, "stress.last");
}

/* Entries of a directory that are not hidden; of directories only. */
static size_t
entries(const char *path, bool directories)
{
	DIR *dir = opendir(path);
	const struct dirent *d;
	size_t n = 0;

	while (dir != NULL && (d = readdir(dir)) != NULL)
		if (strcmp(d->d_name, ".") != 0 &&
		    strcmp(d->d_name, "..") != 0 &&
		    (!directories || d->d_type == DT_DIR)) {
			fprintf(stderr, "left: %s/%s\n", path, d->d_name);
			n++;
		}
	if (dir != NULL)
		closedir(dir);
	return n;
}

/* Interfaces of ours: the last go some milliseconds after their jails. */
static size_t
interfaces(bool tell)
{
	FILE *f = fopen("/proc/net/dev", "re");
	char line[512];
	size_t n = 0;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strstr(line, "gaol") != NULL || strstr(line, "gj") != NULL) {
			n++;
			if (tell)
				fprintf(stderr, "left: %s", line);
		}
	if (f != NULL)
		fclose(f);
	return n;
}

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
	if (n > 0)
		fprintf(stderr, "left: %zu bytes of id ranges\n", n);
	return n;
}

/* Lines of a file with that word. */
static size_t
lines(const char *path, const char *word)
{
	FILE *f = fopen(path, "re");
	char line[4096];
	size_t n = 0;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strstr(line, word) != NULL) {
			fprintf(stderr, "left: %s: %s", path, line);
			n++;
		}
	if (f != NULL)
		fclose(f);
	return n;
}

/* Of jails that are gone, in networks that are there. */
static size_t
left_in_networks(void)
{
	pid_t pid;
	size_t n = 0;

	for (int i = 0; i <= NETWORKS; i++) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/networks/n%d.conf", root, i);
		n += lines(path, "lease.");
		snprintf(path, sizeof(path), "%s/run/network/n%d.leases",
		    root, i);
		n += lines(path, "lease.");
	}
	pid = fork();
	if (pid == 0) {
		dup2(open("stress.nft", O_WRONLY | O_CREAT | O_TRUNC, 0600),
		    1);
		execlp("nft", "nft", "list", "ruleset", (char *)NULL);
		_exit(127);
	}
	if (wait_for(pid) != 0)
		errx(1, "nft");
	/* elements of jails are addresses, ports and our ends of pairs */
	return n + lines("stress.nft", " : 10.") + lines("stress.nft", "\"gj");
}

static size_t
left_behind(void)
{
	static const char *const dirs[] = { "jails", "run/live", "run/index",
		"run/net", "networks", "volumes" };
	char path[4096];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", root, dirs[i]);
		n += entries(path, false);
	}
	for (int i = 0; interfaces(i == 499) > 0 && i < 500; i++)
		usleep(10000);
	n += interfaces(false) + entries(cgroup, true) + id_ranges();
	return n;
}

static size_t
destroy_all(void)
{
	size_t left;

	must("destroy -f -y ALL", 66);
	for (int i = 0; i < JAILS; i++) {
		char line[64];

		snprintf(line, sizeof(line), "destroy -f -y j%d", i);
		must(line, 66);
	}
	/* it may have a warning of the host */
	must("doctor --repair", 1);
	left = left_in_networks();
	for (int i = 0; i <= NETWORKS; i++) {
		char line[64];

		snprintf(line, sizeof(line), "network destroy n%d", i);
		must(line, 66);
	}
	return left;
}

int
main(int argc, char **argv)
{
	long workers = argc > 5 ? strtol(argv[5], NULL, 10) : 8, total = 0;
	uint64_t seed = argc > 6 ? strtoull(argv[6], NULL, 10) : 1;
	size_t left;

	if (argc < 5 || workers < 1 || workers > WORKERS_MAX)
		errx(64, "usage: net_stress GAOL ROOT CGROUP OPERATIONS "
		    "[WORKERS [SEED]]");
	gaol = argv[1];
	root = argv[2];
	cgroup = argv[3];
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		err(1, "mmap");
	shared->left = strtol(argv[4], NULL, 10);
	for (int i = 0; i <= NETWORKS; i++) {
		char line[64];

		snprintf(line, sizeof(line), "network create n%d", i);
		must(line, 0);
	}
	fflush(NULL);
	for (long i = 0; i < workers; i++) {
		char file[64];

		snprintf(file, sizeof(file), "stress.%ld", i);
		if (fork() == 0) {
			work(seed * 1000003 + (uint64_t)i * 7919 + 1, file);
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		;
	left = destroy_all();
	left += left_behind();
	for (size_t i = 0; i < OPERATIONS; i++) {
		printf("%-16s %6ld, %6ld done\n", operations[i].name,
		    shared->done[i], shared->ok[i]);
		total += shared->done[i];
	}
	printf("%ld operations by %ld workers, %ld unexpected, %zu left\n",
	    total, workers, shared->bad, left);
	return shared->bad > 0 || left > 0;
}
