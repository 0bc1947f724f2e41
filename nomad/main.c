/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* gaol-nomad: run by a Nomad agent, see gaol-nomad(8). */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/num.h"
#include "nomad/jail.h"

/* Of go-plugin's handshake: it keeps people from running plugins by hand. */
#define COOKIE_NAME "NOMAD_PLUGIN_MAGIC_COOKIE"
#define COOKIE "e4327c2e01eabfd75a8a67adb114fb34a757d57eee7728d857a8cec6e91a7255"

enum {
	PROTOCOL = 2, TICK_MS = 200, FINGERPRINT_MS = 30000,
	GC_MS = 60000, SOCKET_PATH_MAX = 100,
};

/* The agent names the versions that it can speak, "2,3". */
static bool
speaks_ours(const char *versions)
{
	char *rest;

	if (versions == NULL || *versions == '\0')
		return true;
	for (const char *p = versions; *p != '\0'; p = rest + (*rest == ',')) {
		long version = strtol(p, &rest, 10);

		if (version == PROTOCOL)
			return true;
		if (rest == p)
			break;
	}
	return false;
}

static int
check_caller(struct error *e)
{
	const char *cookie = getenv(COOKIE_NAME);
	const char *cert = getenv("PLUGIN_CLIENT_CERT");

	if (cookie == NULL || strcmp(cookie, COOKIE) != 0)
		return error_set(e, ERROR_USAGE, "this is a plugin of Nomad, "
		    "which the agent runs; see gaol-nomad(8)");
	if (!speaks_ours(getenv("PLUGIN_PROTOCOL_VERSIONS")))
		return error_set(e, ERROR_UNSUPPORTED, "the agent speaks "
		    "version %.40s of the plugin protocol, and this plugin "
		    "%d", getenv("PLUGIN_PROTOCOL_VERSIONS"), PROTOCOL);
	if (cert != NULL && *cert != '\0')
		return error_set(e, ERROR_UNSUPPORTED, "the agent asks for "
		    "TLS on the plugin's socket (AutoMTLS), which this plugin "
		    "has not; Nomad does without");
	return 0;
}

static int
give_group(const char *path, const char *group, struct error *e)
{
	const struct group *g;
	uint64_t gid;

	if (group == NULL || *group == '\0')
		return 0;
	if (parse_uint(group, 0, UINT32_MAX - 1, &gid, e) < 0) {
		error_clear(e);
		g = getgrnam(group);
		if (g == NULL)
			return error_set(e, ERROR_NOT_FOUND,
			    "PLUGIN_UNIX_SOCKET_GROUP: no group '%.60s'",
			    group);
		gid = g->gr_gid;
	}
	if (chown(path, (uid_t)-1, (gid_t)gid) < 0 || chmod(path, 0660) < 0)
		return error_sys(e, "%s", path);
	return 0;
}

/* A socket of a fresh name: several of us may run at once. */
static int
open_socket(struct plugin *p, struct error *e)
{
	const char *dir = getenv("PLUGIN_UNIX_SOCKET_DIR");
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	uint64_t number;

	if (dir == NULL || *dir == '\0')
		dir = getenv("TMPDIR");
	/* a path that is too long for some is too long for us */
	if (dir == NULL || *dir != '/' || strlen(dir) > SOCKET_PATH_MAX - 30)
		dir = "/tmp";
	if (getentropy(&number, sizeof(number)) < 0)
		return error_sys(e, "random number");
	p->socket = xasprintf("%s/gaol-nomad%012llx", dir,
	    (unsigned long long)number & 0xffffffffffffULL);
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", p->socket);
	p->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC |
	    SOCK_NONBLOCK, 0);
	umask(077);
	if (p->listener < 0 || bind(p->listener, (struct sockaddr *)&a,
	    sizeof(a)) < 0 || listen(p->listener, 16) < 0)
		return error_sys(e, "%s", p->socket);
	umask(022);
	return give_group(p->socket, getenv("PLUGIN_UNIX_SOCKET_GROUP"), e);
}

static int
shake_hands(const struct plugin *p, struct error *e)
{
	AUTO_FREE char *line = xasprintf("1|%d|unix|%s|grpc|%s\n", PROTOCOL,
	    p->socket, getenv("PLUGIN_MULTIPLEX_GRPC") != NULL ? "|false" :
	    "");

	return file_write_fd(STDOUT_FILENO, line, strlen(line), e);
}

static void
on_connection(struct loop *loop, int fd, short revents, void *arg)
{
	struct plugin *p = arg;
	struct error e = ERROR_INIT;
	int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

	if (client >= 0 && grpc_add(p->grpc, client, &e) < 0)
		nomad_log(NOMAD_WARN, NULL, NULL, "%s", e.msg);
}

/* What job.c and the keepers have left: how they ended is told by pipes. */
static void
on_child(struct loop *loop, int signo, void *arg)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static void
ignore_signal(struct loop *loop, int signo, void *arg)
{
}

static void
on_term(struct loop *loop, int signo, void *arg)
{
	loop_stop(loop);
}

static void
gc_said(struct job *job, char *line)
{
	nomad_log(NOMAD_INFO, NULL, NULL, "images: %s", line);
}

static void
gc_ended(struct job *job, const struct error *e)
{
	if (e != NULL)
		nomad_log(NOMAD_WARN, NULL, NULL, "images: %s", e->msg);
}

static void
collect_images(struct plugin *p)
{
	struct image_gc gc = { .root = p->config.root };
	struct error e = ERROR_INIT;

	if (!p->config.image_gc || p->trouble != NULL || !p->host_is_open ||
	    parse_duration(p->config.image_delay != NULL ?
	    p->config.image_delay : "3m", &gc.delay_ms, &e) < 0)
		return;
	if (job_start(p, image_gc_work, &gc, NULL, gc_said, gc_ended, NULL,
	    &e) == NULL)
		nomad_log(NOMAD_WARN, NULL, NULL, "images: %s", e.msg);
}

static void
tick(struct loop *loop, void *arg)
{
	struct plugin *p = arg;

	stats_tick(p);
	loop_timer(loop, TICK_MS, tick, p);
}

static void
tick_slow(struct loop *loop, void *arg)
{
	struct plugin *p = arg;

	fingerprint_tick(p);
	loop_timer(loop, FINGERPRINT_MS, tick_slow, p);
}

static void
tick_gc(struct loop *loop, void *arg)
{
	struct plugin *p = arg;

	collect_images(p);
	loop_timer(loop, GC_MS, tick_gc, p);
}

/* Beside us, else in libexec. */
static char *
find_keeper(void)
{
	AUTO_FREE char *self = file_self();
	char *slash = self != NULL ? strrchr(self, '/') : NULL;
	AUTO_FREE char *path = slash == NULL ? NULL :
	    xasprintf("%.*s/gaol-task", (int)(slash - self), self);

	if (path != NULL && access(path, X_OK) == 0)
		return STEAL(path);
	return xstrdup(GAOL_LIBEXEC "/gaol-task");
}

static int
serve(struct plugin *p, struct error *e)
{
	if (loop_signal(p->loop, SIGCHLD, on_child, p, e) < 0 ||
	    /* of the agent's terminal, which is our group's too */
	    loop_signal(p->loop, SIGINT, ignore_signal, p, e) < 0 ||
	    /* not SIG_IGN: programs we run would inherit that */
	    loop_signal(p->loop, SIGPIPE, ignore_signal, p, e) < 0 ||
	    loop_signal(p->loop, SIGTERM, on_term, p, e) < 0 ||
	    open_socket(p, e) < 0)
		return -1;
	loop_fd(p->loop, p->listener, POLLIN, on_connection, p);
	if (shake_hands(p, e) < 0)
		return -1;
	loop_timer(p->loop, TICK_MS, tick, p);
	loop_timer(p->loop, FINGERPRINT_MS, tick_slow, p);
	loop_timer(p->loop, GC_MS, tick_gc, p);
	return loop_run(p->loop, e);
}

static void
plugin_fini(struct plugin *p)
{
	if (p->socket != NULL && p->listener >= 0)
		unlink(p->socket);
	grpc_free(p->grpc);
	while (p->tasks.count > 0) {
		struct task *t = p->tasks.items[p->tasks.count - 1];

		/* whoever starts, stops or destroys goes on without us */
		t->job = NULL;
		t->start = NULL;
		task_free(t);
	}
	for (size_t i = 0; i < p->jobs.count; i++) {
		close_fd(&p->jobs.items[i]->fd);
		buf_fini(&p->jobs.items[i]->line);
		free(p->jobs.items[i]);
	}
	VEC_FINI(&p->jobs);
	VEC_FINI(&p->tasks);
	VEC_FINI(&p->fingerprints);
	VEC_FINI(&p->events);
	VEC_FINI(&p->stats);
	close_fd(&p->listener);
	free(p->socket);
	free(p->trouble);
	config_plugin_fini(&p->config);
	if (p->host_is_open)
		host_fini(&p->host);
	loop_free(p->loop);
}

int
main(int argc, char **argv)
{
	AUTO_FREE char *keeper = find_keeper();
	struct plugin p = { .listener = -1, .keeper = keeper,
		.config = { .enabled = true, .host_paths = true } };
	struct error e = ERROR_INIT;
	int result = check_caller(&e);

	if (result < 0) {
		fprintf(stderr, "gaol-nomad: %s\n", e.msg);
		return 1;
	}
	p.loop = loop_new();
	p.grpc = grpc_new(p.loop, plugin_methods, &p);
	result = serve(&p, &e);
	if (result < 0)
		nomad_log(NOMAD_ERROR, NULL, NULL, "%s", e.msg);
	plugin_fini(&p);
	return result < 0 ? 1 : 0;
}
