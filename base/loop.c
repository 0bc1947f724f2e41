/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/loop.h"
#include "base/vec.h"

struct watch {
	int fd;			/* -1: removed, swept after the round */
	short events;
	loop_fd_fn *fn;
	void *arg;
};

struct timer {
	uint64_t due, number;
	loop_timer_fn *fn;
	void *arg;
};

struct trap {
	int signo;
	struct sigaction before;
	loop_signal_fn *fn;
	void *arg;
};

struct loop {
	VEC(struct watch) watches;
	VEC(struct timer) timers;
	VEC(struct trap) traps;
	VEC(struct pollfd) polled;
	uint64_t timer_number;
	int wake[2];		/* the self-pipe, made with the first signal */
	bool running, stopped;
};

/* What the handler knows; signals belong to one loop at a time. */
static volatile sig_atomic_t arrived[NSIG];
static volatile sig_atomic_t wake_fd = -1;

static void
on_signal(int signo)
{
	int saved = errno;

	arrived[signo] = 1;
	/* A full pipe wakes the loop just as well. */
	if (write((int)wake_fd, "", 1) < 0)
		errno = 0;
	errno = saved;
}

struct loop *
loop_new(void)
{
	struct loop *loop = xcalloc(1, sizeof(*loop));

	loop->wake[0] = loop->wake[1] = -1;
	return loop;
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	for (size_t i = loop->traps.count; i > 0; i--) {
		const struct trap *t = &loop->traps.items[i - 1];

		sigaction(t->signo, &t->before, NULL);
		arrived[t->signo] = 0;
	}
	if (loop->wake[1] >= 0)
		wake_fd = -1;
	close_fd(&loop->wake[0]);
	close_fd(&loop->wake[1]);
	VEC_FINI(&loop->watches);
	VEC_FINI(&loop->timers);
	VEC_FINI(&loop->traps);
	VEC_FINI(&loop->polled);
	free(loop);
}

static struct watch *
find_watch(struct loop *loop, int fd)
{
	for (size_t i = 0; i < loop->watches.count; i++)
		if (loop->watches.items[i].fd == fd)
			return &loop->watches.items[i];
	return NULL;
}

void
loop_fd(struct loop *loop, int fd, short events, loop_fd_fn *fn, void *arg)
{
	struct watch *w = find_watch(loop, fd);

	assert(fd >= 0);
	if (w != NULL)
		*w = (struct watch) { fd, events, fn, arg };
	else
		VEC_PUSH(&loop->watches,
		    (struct watch) { fd, events, fn, arg });
}

void
loop_fd_remove(struct loop *loop, int fd)
{
	struct watch *w = fd >= 0 ? find_watch(loop, fd) : NULL;

	/* It stays in its place, because a round may be going over them. */
	if (w != NULL)
		w->fd = -1;
}

void
loop_timer(struct loop *loop, uint64_t in_ms, loop_timer_fn *fn, void *arg)
{
	uint64_t now = clock_ms();
	uint64_t due = in_ms < UINT64_MAX - now ? now + in_ms : UINT64_MAX;

	VEC_PUSH(&loop->timers,
	    (struct timer) { due, loop->timer_number++, fn, arg });
}

static int
make_pipe(struct loop *loop, struct error *e)
{
	if (loop->wake[0] >= 0)
		return 0;
	assert(wake_fd == -1);
	if (pipe2(loop->wake, O_CLOEXEC | O_NONBLOCK) < 0)
		return error_sys(e, "pipe");
	wake_fd = loop->wake[1];
	return 0;
}

int
loop_signal(struct loop *loop, int signo, loop_signal_fn *fn, void *arg,
    struct error *e)
{
	struct sigaction action = { .sa_handler = on_signal,
		.sa_flags = SA_RESTART };
	struct trap trap = { .signo = signo, .fn = fn, .arg = arg };

	for (size_t i = 0; i < loop->traps.count; i++) {
		struct trap *old = &loop->traps.items[i];

		if (old->signo == signo) {
			old->fn = fn;
			old->arg = arg;
			return 0;
		}
	}
	if (make_pipe(loop, e) < 0)
		return -1;
	sigfillset(&action.sa_mask);
	if (sigaction(signo, &action, &trap.before) < 0)
		return error_sys(e, "signal %d", signo);
	VEC_PUSH(&loop->traps, trap);
	return 0;
}

void
loop_stop(struct loop *loop)
{
	loop->stopped = true;
}

static void
sweep(struct loop *loop)
{
	size_t kept = 0;

	for (size_t i = 0; i < loop->watches.count; i++)
		if (loop->watches.items[i].fd >= 0)
			loop->watches.items[kept++] = loop->watches.items[i];
	loop->watches.count = kept;
}

/* The timer that is due first; of two at once, the older. */
static size_t
first_timer(const struct loop *loop)
{
	size_t first = 0;

	for (size_t i = 1; i < loop->timers.count; i++) {
		const struct timer *t = &loop->timers.items[i];
		const struct timer *best = &loop->timers.items[first];

		if (t->due < best->due ||
		    (t->due == best->due && t->number < best->number))
			first = i;
	}
	return first;
}

static int
poll_timeout(const struct loop *loop)
{
	uint64_t due, now;

	/* Left over when a callback stopped the loop. */
	for (size_t i = 0; i < loop->traps.count; i++)
		if (arrived[loop->traps.items[i].signo] != 0)
			return 0;
	if (loop->timers.count == 0)
		return -1;
	due = loop->timers.items[first_timer(loop)].due;
	now = clock_ms();
	if (due <= now)
		return 0;
	return due - now < 60000 ? (int)(due - now) : 60000;
}

/* Those that are due now; one added by a callback has its turn next round. */
static void
run_timers(struct loop *loop)
{
	uint64_t now = clock_ms(), end = loop->timer_number;

	while (loop->timers.count > 0 && !loop->stopped) {
		size_t i = first_timer(loop);
		struct timer t = loop->timers.items[i];

		if (t.due > now || t.number >= end)
			return;
		loop->timers.items[i] =
		    loop->timers.items[--loop->timers.count];
		t.fn(loop, t.arg);
	}
}

static void
run_signals(struct loop *loop)
{
	char drain[256];

	while (read(loop->wake[0], drain, sizeof(drain)) > 0)
		continue;
	for (size_t i = 0; i < loop->traps.count && !loop->stopped; i++) {
		struct trap t = loop->traps.items[i];

		if (arrived[t.signo] == 0)
			continue;
		arrived[t.signo] = 0;
		t.fn(loop, t.signo, t.arg);
	}
}

/*
 * polled[i] is what poll(2) said of watch i.  What a callback adds comes behind
 * those, even under the number of a descriptor that was closed.
 */
static void
run_watches(struct loop *loop, size_t count)
{
	for (size_t i = 0; i < count && !loop->stopped; i++) {
		const struct pollfd *p = &loop->polled.items[i];
		struct watch w = loop->watches.items[i];
		short revents = p->revents &
		    (w.events | POLLERR | POLLHUP | POLLNVAL);

		if (revents == 0 || w.fd != p->fd)
			continue;
		/* It was closed without a word; it would spin for ever. */
		if ((revents & POLLNVAL) != 0)
			loop_fd_remove(loop, w.fd);
		w.fn(loop, w.fd, revents, w.arg);
	}
}

static int
run_round(struct loop *loop, struct error *e)
{
	size_t count = loop->watches.count;
	int n;

	loop->polled.count = 0;
	for (size_t i = 0; i < count; i++)
		VEC_PUSH(&loop->polled, (struct pollfd) {
			.fd = loop->watches.items[i].fd,
			.events = loop->watches.items[i].events });
	VEC_PUSH(&loop->polled,
	    (struct pollfd) { .fd = loop->wake[0], .events = POLLIN });
	n = poll(loop->polled.items, (nfds_t)count + 1, poll_timeout(loop));
	if (n < 0 && errno != EINTR)
		return error_sys(e, "poll");
	if (loop->wake[0] >= 0)
		run_signals(loop);
	if (n > 0)
		run_watches(loop, count);
	run_timers(loop);
	sweep(loop);
	return 0;
}

int
loop_run(struct loop *loop, struct error *e)
{
	int result = 0;

	assert(!loop->running);
	loop->running = true;
	loop->stopped = false;
	sweep(loop);
	while (result == 0 && !loop->stopped &&
	    loop->watches.count + loop->timers.count + loop->traps.count > 0)
		result = run_round(loop, e);
	loop->running = false;
	return result;
}
