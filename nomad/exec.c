/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* ExecTask and ExecTaskStreaming: a child of ours joins the jail. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/auto.h"
#include "core/life.h"
#include "nomad/plugin.h"

enum {
	CHUNK = 16384,		/* of output, in one message */
	BACKLOG_MAX = 256 << 10,	/* of output that the client does not take */
	INPUT_MAX = 64 << 10,	/* of input that the command does not take */
	UNARY_MAX = 1 << 20,	/* of each stream of ExecTask */
	END_OF_FILE = 4,	/* control-D */
};

struct exec {
	struct plugin *plugin;
	struct grpc_call *call;	/* NULL: the client has gone */
	struct job *job;
	bool stream, tty;
	int in, out[2];		/* ours; -1: closed; a terminal: in is out[0] */
	struct buf input;	/* not yet written */
	bool input_ends, ended, over;
	struct buf output[2];	/* of ExecTask */
	int status;		/* as a shell's; -1: not known */
};

struct order {
	const char *root, *jail;
	char *const *argv;
	const struct msg_task_config *task;	/* its environment and user */
	unsigned timeout_ms;
	bool tty;
};

/* The child. */
static int
exec_work(void *arg, int out, struct error *e)
{
	const struct order *o = arg;
	AUTO_STRINGS struct strings env = VEC_INIT;
	const struct run_options run = { .argv = o->argv, .tty = o->tty,
		.timeout_ms = o->timeout_ms, .env = &env,
		.user = o->task->user };
	struct host h;
	int status = 0, result;

	signal(SIGPIPE, SIG_DFL);
	plugin_env(&o->task->env, &env);
	plugin_env(&o->task->device_env, &env);
	if (o->tty && ioctl(STDIN_FILENO, TIOCSCTTY, 0) < 0)
		return error_sys(e, "the terminal");
	result = host_open(&h, o->root, e);
	if (result == 0)
		result = life_exec(&h, o->jail, &run, &status, e);
	/* that there is no such program is the command's own status */
	if (result < 0 && (status == 126 || status == 127)) {
		dprintf(STDERR_FILENO, "%s\n", e->msg);
		result = 0;
	}
	if (result == 0)
		job_say(out, "status %d", status);
	host_fini(&h);
	return result;
}

static void
close_input(struct exec *x)
{
	if (x->in >= 0 && x->in != x->out[0]) {
		loop_fd_remove(x->plugin->loop, x->in);
		close(x->in);
	}
	x->in = -1;
	buf_fini(&x->input);
}

static void
close_output(struct exec *x, int i)
{
	if (x->out[i] < 0)
		return;
	loop_fd_remove(x->plugin->loop, x->out[i]);
	if (x->in == x->out[i])
		x->in = -1;
	close_fd(&x->out[i]);
}

static void
exec_free(struct exec *x)
{
	close_input(x);
	close_output(x, 0);
	close_output(x, 1);
	buf_fini(&x->output[0]);
	buf_fini(&x->output[1]);
	free(x);
}

static void
fill_result(const struct exec *x, struct msg_exit_result *r)
{
	*r = (struct msg_exit_result){ .exit_code = x->status };
	if (x->status > 128 && x->status < 128 + NSIG)
		r->signal = x->status - 128;
}

/* All is known and all is said. */
static void
finish(struct exec *x)
{
	struct msg_exit_result result;
	struct msg_exec_output last = { .exited = 1, .result = &result };
	struct msg_exec_response all = { .result = &result };
	struct grpc_call *call = x->call;

	if (!x->ended || x->out[0] >= 0 || x->out[1] >= 0 || x->over)
		return;
	x->over = true;
	fill_result(x, &result);
	x->call = NULL;
	if (call != NULL) {
		call->gone = NULL;
		call->drained = NULL;
		if (x->stream) {
			grpc_send(call, &pb_exec_output, &last);
			grpc_finish(call, GRPC_OK, NULL, NULL);
		} else {
			all.output = (struct pb_bytes){ x->output[0].data,
				x->output[0].len };
			all.errors = (struct pb_bytes){ x->output[1].data,
				x->output[1].len };
			grpc_reply(call, &pb_exec_response, &all);
		}
	}
	exec_free(x);
}

static void
send_output(struct exec *x, int i, char *data, size_t len, bool close)
{
	struct msg_exec_io io = { .data = { data, len }, .close = close };
	struct msg_exec_output o = { .output = i == 0 ? &io : NULL,
		.errors = i == 1 ? &io : NULL };

	if (x->call == NULL)
		return;
	if (x->stream)
		grpc_send(x->call, &pb_exec_output, &o);
	else if (x->output[i].len + len <= UNARY_MAX)
		buf_append(&x->output[i], data, len);
}

static void on_output(struct loop *loop, int fd, short revents, void *arg);
static void on_terminal(struct loop *loop, int fd, short revents, void *arg);

/* Which of our descriptors we want to hear of now. */
static void
watch(struct exec *x)
{
	struct loop *loop = x->plugin->loop;
	bool full = x->call != NULL && x->stream &&
	    grpc_backlog(x->call) > BACKLOG_MAX;
	short in = x->input.len > 0 ? POLLOUT : 0;

	for (int i = 0; i < 2; i++) {
		bool both = x->out[i] >= 0 && x->out[i] == x->in;
		short events = (short)((full ? 0 : POLLIN) | (both ? in : 0));

		if (x->out[i] >= 0 && events != 0)
			loop_fd(loop, x->out[i], events, both ? on_terminal :
			    on_output, x);
		else if (x->out[i] >= 0)
			loop_fd_remove(loop, x->out[i]);
	}
	if (x->in >= 0 && x->in != x->out[0]) {
		if (in != 0)
			loop_fd(loop, x->in, in, on_terminal, x);
		else
			loop_fd_remove(loop, x->in);
	}
}

static void
write_input(struct exec *x)
{
	ssize_t n = 0;

	while (x->in >= 0 && x->input.len > 0) {
		n = write(x->in, x->input.data, x->input.len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		memmove(x->input.data, x->input.data + n,
		    x->input.len - (size_t)n);
		x->input.len -= (size_t)n;
	}
	/* a command that reads no more is no error */
	if (n < 0 && errno != EAGAIN)
		close_input(x);
	if (x->in >= 0 && x->input_ends && x->input.len == 0 && !x->tty)
		close_input(x);
}

static void
take_more_input(struct exec *x)
{
	write_input(x);
	watch(x);
	if (x->call != NULL && x->input.len < INPUT_MAX)
		grpc_hold(x->call, false);
}

/* False at its end. */
static bool
read_output(struct exec *x, int i)
{
	char data[CHUNK];
	ssize_t n = read(x->out[i], data, sizeof(data));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return errno == EINTR;
	if (n > 0) {
		send_output(x, i, data, (size_t)n, false);
		return true;
	}
	/* of a terminal: EIO when nobody has the other side */
	close_output(x, i);
	send_output(x, i, NULL, 0, true);
	return false;
}

static void
on_output(struct loop *loop, int fd, short revents, void *arg)
{
	struct exec *x = arg;
	int i = fd == x->out[0] ? 0 : 1;

	read_output(x, i);
	watch(x);
	finish(x);
}

/* Input that is taken again, or a terminal, which is both. */
static void
on_terminal(struct loop *loop, int fd, short revents, void *arg)
{
	struct exec *x = arg;

	if ((revents & POLLOUT) != 0 || fd != x->out[0])
		take_more_input(x);
	if (fd == x->out[0] && (revents & ~POLLOUT) != 0)
		on_output(loop, fd, revents, arg);
}

static void
on_said(struct job *job, char *line)
{
	struct exec *x = job->owner;

	if (strncmp(line, "status ", 7) == 0)
		x->status = (int)strtol(line + 7, NULL, 10);
}

static void
on_ended(struct job *job, const struct error *e)
{
	struct exec *x = job->owner;
	struct grpc_call *call = x->call;

	x->job = NULL;
	x->ended = true;
	if (e != NULL || x->status < 0) {
		if (call != NULL) {
			call->gone = NULL;
			call->drained = NULL;
			grpc_fail(call, e != NULL ? e : &job->error, false);
		}
		exec_free(x);
		return;
	}
	/* what others have left in the terminal is nobody's */
	if (x->tty) {
		while (x->out[0] >= 0 && read_output(x, 0))
			;
		if (x->out[0] >= 0) {
			close_output(x, 0);
			send_output(x, 0, NULL, 0, true);
		}
	}
	finish(x);
}

/* The client has gone: the command is told, and nobody waits for it. */
static void
on_gone(struct grpc_call *call)
{
	struct exec *x = call->data;

	x->call = NULL;
	if (x->job != NULL) {
		kill(x->job->pid, x->tty ? SIGHUP : SIGTERM);
		x->job->said = NULL;
		x->job->ended = NULL;
	}
	exec_free(x);
}

static void
on_drained(struct grpc_call *call)
{
	watch(call->data);
}

/* Both sides of three pipes, or of a terminal. */
static int
open_streams(struct exec *x, int inside[3], struct error *e)
{
	int ends[2];

	if (x->tty) {
		int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

		x->in = x->out[0] = master;
		if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
			return error_sys(e, "a terminal");
		fcntl(master, F_SETFL, O_NONBLOCK);
		inside[0] = open(ptsname(master), O_RDWR | O_NOCTTY |
		    O_CLOEXEC);
		if (inside[0] < 0)
			return error_sys(e, "a terminal");
		inside[1] = fcntl(inside[0], F_DUPFD_CLOEXEC, 3);
		inside[2] = fcntl(inside[0], F_DUPFD_CLOEXEC, 3);
		return inside[1] < 0 || inside[2] < 0 ?
		    error_sys(e, "a terminal") : 0;
	}
	for (int i = 0; i < 3; i++) {
		int *ours = i == 0 ? &x->in : &x->out[i - 1];

		if (pipe2(ends, O_CLOEXEC) < 0)
			return error_sys(e, "pipe");
		inside[i] = ends[i == 0 ? 0 : 1];
		*ours = ends[i == 0 ? 1 : 0];
		fcntl(*ours, F_SETFL, O_NONBLOCK);
	}
	return 0;
}

static struct exec *
begin(struct grpc_call *call, const char *id, const struct pb_list *command,
    uint64_t timeout_ms, bool stream, bool tty, struct error *e)
{
	struct plugin *p = call->user;
	const struct task *t = task_find(p, id);
	AUTO_STRINGS struct strings argv = VEC_INIT;
	struct order order = { p->config.root, t != NULL ? t->jail : NULL,
		NULL, NULL, timeout_ms > UINT32_MAX ? UINT32_MAX :
		(unsigned)timeout_ms, tty };
	struct msg_task_config *config;
	int inside[3] = { -1, -1, -1 };
	struct exec *x;
	int result;

	if (t == NULL || t->state != TASK_RUNNING) {
		error_set(e, t == NULL ? ERROR_NOT_FOUND : ERROR_FAILED, t ==
		    NULL ? "task not found for given id" :
		    "the task does not run");
		return NULL;
	}
	for (size_t i = 0; i < command->count; i++)
		strings_add(&argv, ((char **)command->items)[i]);
	if (argv.count == 0) {
		error_set(e, ERROR_DATA, "a command is missing");
		return NULL;
	}
	order.argv = strings_argv(&argv);
	config = pb_read(&pb_task_config, t->config.data, t->config.len, e);
	if (config == NULL)
		return NULL;
	order.task = config;
	x = xcalloc(1, sizeof(*x));
	*x = (struct exec){ .plugin = p, .call = call, .stream = stream,
		.tty = tty, .in = -1, .out = { -1, -1 }, .status = -1 };
	result = open_streams(x, inside, e);
	if (result == 0) {
		x->job = job_start(p, exec_work, &order, inside, on_said,
		    on_ended, x, e);
		result = x->job == NULL ? -1 : 0;
	}
	for (int i = 0; i < 3; i++)
		close_fd(&inside[i]);
	pb_free(&pb_task_config, config);
	if (result < 0) {
		exec_free(x);
		return NULL;
	}
	call->data = x;
	call->gone = on_gone;
	call->drained = on_drained;
	watch(x);
	return x;
}

void
driver_exec(struct grpc_call *call, const void *data, size_t len)
{
	struct msg_exec_request *r = plugin_request(call, &pb_exec_request,
	    data, len);
	struct error e = ERROR_INIT;
	struct exec *x;
	int64_t timeout;

	if (r == NULL)
		return;
	timeout = NOMAD_DURATION(r->timeout);
	x = begin(call, r->task_id, &r->command, timeout > 0 ?
	    (uint64_t)timeout : 0, false, false, &e);
	if (x == NULL)
		grpc_fail(call, &e, false);
	else
		close_input(x);
	pb_free(&pb_exec_request, r);
}

static void
take_setup(struct grpc_call *call, const struct msg_exec_input *m)
{
	struct error e = ERROR_INIT;

	if (m->setup == NULL)
		error_set(&e, ERROR_DATA, "the first message has to be the "
		    "setup");
	if (m->setup == NULL || begin(call, m->setup->task_id,
	    &m->setup->command, 0, true, m->setup->tty != 0, &e) == NULL)
		grpc_fail(call, &e, false);
}

static void
take_size(struct exec *x, const struct msg_terminal_size *s)
{
	struct winsize size = { .ws_row = (unsigned short)s->height,
		.ws_col = (unsigned short)s->width };

	if (x->tty && x->in >= 0)
		ioctl(x->in, TIOCSWINSZ, &size);
}

void
driver_exec_stream(struct grpc_call *call, const void *data, size_t len)
{
	struct msg_exec_input *m = plugin_request(call, &pb_exec_input, data,
	    len);
	struct exec *x = call->data;

	if (m == NULL)
		return;
	if (x == NULL) {
		take_setup(call, m);
		pb_free(&pb_exec_input, m);
		return;
	}
	if (m->size != NULL)
		take_size(x, m->size);
	if (m->input != NULL && x->in >= 0 && !x->input_ends) {
		buf_append(&x->input, m->input->data.data,
		    m->input->data.len);
		if (m->input->close && x->tty)
			buf_putc(&x->input, END_OF_FILE);
		x->input_ends = m->input->close != 0;
		write_input(x);
		watch(x);
		if (x->input.len >= INPUT_MAX)
			grpc_hold(call, true);
	}
	pb_free(&pb_exec_input, m);
}

void
driver_exec_end(struct grpc_call *call)
{
	struct exec *x = call->data;

	if (x == NULL) {
		grpc_finish(call, GRPC_INVALID, "the setup is missing", NULL);
		return;
	}
	if (!x->input_ends && x->tty && x->in >= 0)
		buf_putc(&x->input, END_OF_FILE);
	x->input_ends = true;
	write_input(x);
	watch(x);
}
