/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "core/helper.h"

enum { ANSWER_MAX = 6 << 20 };

void
helper_argv(const struct host *h, const char *command, struct strings *argv)
{
	strings_take(argv, xasprintf("%s/gaol-image", h->libexec));
	strings_add(argv, command);
	strings_take(argv, xasprintf("--progress=%s", tool_progress()));
}

int
helper_start(struct helper *p, const struct host *h, struct strings *argv,
    struct error *e)
{
	int ends[2], result;

	if (access(argv->items[0], X_OK) < 0)
		return error_set(e, ERROR_UNSUPPORTED, "%s is missing: this "
		    "gaol was built without it", argv->items[0]);
	if (tool_init(&p->tool, h, e) < 0)
		return -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return error_sys(e, "socketpair");
	p->socket = ends[0];
	p->tool.in = ends[1];
	result = tool_start(&p->tool, argv, NULL, TOOL_SHOWN, e);
	close_fd(&p->tool.in);
	return result;
}

/* It ended, and said why. */
static int
ended(struct helper *p, struct error *e)
{
	int status = 0;

	if (tool_finish(&p->tool, &status, e) < 0)
		return -1;
	if (status == 0)
		return 0;
	if (status > 128)
		return error_set(e, ERROR_FAILED,
		    "gaol-image was ended by signal %d", status - 128);
	return error_set(e, tool_kind(status), "%.450s", tool_why(&p->tool));
}

int
helper_send(struct helper *p, const char *text, size_t len, const int *fds,
    size_t count, struct error *e)
{
	struct error why = ERROR_INIT;

	if (pass_send(p->socket, text, len, fds, count, e) == 0)
		return 0;
	return ended(p, &why) < 0 ? (*e = why, -1) : -1;
}

int
helper_receive(struct helper *p, struct buf *text, struct error *e)
{
	AUTO_CLOSE int fd = -1;

	return helper_receive_fd(p, text, &fd, e);
}

int
helper_receive_fd(struct helper *p, struct buf *text, int *fd,
    struct error *e)
{
	int fds[PASS_FDS], rc;
	size_t count = 0;

	*fd = -1;
	if (tool_wait(&p->tool, p->socket, e) < 0)
		return -1;
	rc = pass_receive(p->socket, ANSWER_MAX, text, fds, &count, e);
	while (count > 1)
		close(fds[--count]);
	if (count == 1)
		*fd = fds[0];
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (ended(p, e) < 0)
		return -1;
	return error_set(e, ERROR_FAILED, "gaol-image ended too soon");
}

int
helper_finish(struct helper *p, struct error *e)
{
	return ended(p, e);
}

void
helper_fini(struct helper *p)
{
	struct error ignored = ERROR_INIT;
	int status;

	/* it may wait for a message, which no signal ends */
	close_fd(&p->socket);
	if (p->tool.pid > 0) {
		kill(p->tool.pid, SIGTERM);
		if (tool_finish(&p->tool, &status, &ignored) < 0)
			error_clear(&ignored);
	}
	tool_fini(&p->tool);
}
