/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "engine/linux/talk.h"

enum { FDS_AT_ONCE = 200 };

/* send(2), because a jail that died must not kill us by SIGPIPE. */
static int
send_all(int socket, const void *data, size_t len, struct error *e)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = send(socket, p, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(e, "gaol-init");
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static void
add_strings(struct buf *b, char *const *list, uint32_t *count)
{
	for (*count = 0; list != NULL && list[*count] != NULL; ++*count)
		buf_append(b, list[*count], strlen(list[*count]) + 1);
}

int
talk_send(int socket, enum init_request type, unsigned flags,
    const struct engine_command *c, struct error *e)
{
	struct init_message m = { .type = type, .flags = flags };
	AUTO_BUF struct buf b = BUF_INIT;
	struct winsize size;
	const char *dir;

	if (c != NULL) {
		m.uid = c->uid;
		m.gid = c->gid;
		m.ngroups = (uint32_t)c->group_count;
		buf_append(&b, c->groups,
		    c->group_count * sizeof(*c->groups));
		dir = c->dir != NULL ? c->dir : "";
		buf_append(&b, dir, strlen(dir) + 1);
		add_strings(&b, c->argv, &m.argc);
		add_strings(&b, c->env, &m.envc);
		if (c->no_new_privs)
			m.flags |= INIT_NO_NEW_PRIVS;
		if (c->dir_is_home)
			m.flags |= INIT_HOME;
		if (c->tty && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) {
			m.rows = size.ws_row;
			m.columns = size.ws_col;
		}
	}
	if (b.len > INIT_MESSAGE_MAX)
		return error_set(e, ERROR_USAGE,
		    "command line and environment are too long");
	m.size = (uint32_t)b.len;
	if (send_all(socket, &m, sizeof(m), e) < 0)
		return -1;
	return send_all(socket, b.data, b.len, e);
}

static int
send_some(int socket, const int *fds, size_t count, struct error *e)
{
	union {
		struct cmsghdr align;
		char data[CMSG_SPACE(FDS_AT_ONCE * sizeof(int))];
	} control;
	char byte = 'f';
	struct iovec iov = { &byte, 1 };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.data,
		.msg_controllen = CMSG_SPACE(count * sizeof(int)),
	};
	struct cmsghdr *c;

	memset(&control, 0, sizeof(control));
	c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(c), fds, count * sizeof(int));
	if (sendmsg(socket, &m, MSG_NOSIGNAL) < 0)
		return error_sys(e, "pass descriptors");
	return 0;
}

int
talk_send_fds(int socket, const int *fds, size_t count, struct error *e)
{
	while (count > 0) {
		size_t n = count < FDS_AT_ONCE ? count : FDS_AT_ONCE;

		if (send_some(socket, fds, n, e) < 0)
			return -1;
		fds += n;
		count -= n;
	}
	return 0;
}

static int
recv_some(int socket, int *fds, size_t count, struct error *e)
{
	union {
		struct cmsghdr align;
		char data[CMSG_SPACE(FDS_AT_ONCE * sizeof(int))];
	} control;
	char byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.data,
		.msg_controllen = sizeof(control.data),
	};
	const struct cmsghdr *c;
	ssize_t n;

	do
		n = recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_sys(e, "receive descriptors");
	c = CMSG_FIRSTHDR(&m);
	if (n == 0 || c == NULL || c->cmsg_type != SCM_RIGHTS ||
	    c->cmsg_len != CMSG_LEN(count * sizeof(int)))
		return error_set(e, ERROR_FAILED, "descriptors are missing");
	memcpy(fds, CMSG_DATA(c), count * sizeof(int));
	return 0;
}

int
talk_recv_fds(int socket, int *fds, size_t count, struct error *e)
{
	while (count > 0) {
		size_t n = count < FDS_AT_ONCE ? count : FDS_AT_ONCE;

		if (recv_some(socket, fds, n, e) < 0)
			return -1;
		fds += n;
		count -= n;
	}
	return 0;
}

int
talk_check_stdio(struct error *e)
{
	struct stat st;

	for (int fd = 0; fd <= 2; fd++)
		if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
			return error_set(e, ERROR_USAGE, "standard stream %d is "
			    "a directory; the jail could leave through it",
			    fd);
	return 0;
}

static int
reopen(int fd, const char *path, int flags)
{
	int copy = open(path, flags | O_NOCTTY | O_CLOEXEC);
	int result = copy < 0 ? -1 : dup2(copy, fd);

	if (copy >= 0)
		close(copy);
	return result < 0 ? -1 : 0;
}

int
talk_shield_stdio(void)
{
	if (isatty(0) && reopen(0, "/dev/null", O_RDONLY) < 0)
		return -1;
	if (isatty(1) && reopen(1, "/proc/self/fd/1", O_WRONLY) < 0)
		return -1;
	if (isatty(2) && reopen(2, "/proc/self/fd/2", O_WRONLY) < 0)
		return -1;
	return 0;
}

int
talk_output_open(struct talk_output *o, int out, int err, struct error *e)
{
	const int to[2] = { out, err };

	for (int i = 0; i < 2; i++) {
		int ends[2];

		if (!isatty(to[i]))
			continue;
		if (pipe2(ends, O_CLOEXEC) < 0)
			return error_sys(e, "pipe");
		o->to[i] = to[i];
		o->outside[i] = ends[0];
		o->inside[i] = ends[1];
	}
	return 0;
}

int
talk_output_take(const struct talk_output *o)
{
	for (int i = 0; i < 2; i++)
		if (o->inside[i] >= 0 && dup2(o->inside[i], 1 + i) < 0)
			return -1;
	return 0;
}

void
talk_output_given(struct talk_output *o)
{
	close_fd(&o->inside[0]);
	close_fd(&o->inside[1]);
}

void
talk_output_fini(struct talk_output *o)
{
	talk_output_given(o);
	close_fd(&o->outside[0]);
	close_fd(&o->outside[1]);
}

int
talk_error(const struct error *received, struct error *e)
{
	*e = *received;
	e->msg[sizeof(e->msg) - 1] = '\0';
	if (e->kind <= ERROR_NONE || e->kind > ERROR_CONFIG)
		e->kind = ERROR_FAILED;
	return -1;
}

int
talk_shell_status(int status)
{
	if (WIFSIGNALED(status))
		return 128 + WTERMSIG(status);
	return WEXITSTATUS(status);
}
