/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/sync.h"
#include "core/cell.h"
#include "core/copy.h"
#include "core/life.h"
#include "core/live.h"
#include "core/store.h"

/* An end, ready for its process. */
struct side {
	const char *jail;	/* NULL: the host */
	int lock, root;		/* of a jail that does not run; -1 */
	struct cell_store store;
};
#define SIDE_INIT(jail) { jail, -1, -1, CELL_STORE_INIT }

static void
side_fini(struct side *s)
{
	close_fd(&s->root);
	cell_store_fini(&s->store);
	close_fd(&s->lock);
}

/*
 * A running jail is entered.  One that does not run is locked, so that it is not
 * started meanwhile, and its files are opened.
 */
static int
side_open(struct side *s, const struct host *h, bool write, struct error *e)
{
	AUTO_CELL struct cell c = CELL_INIT;
	AUTO_LIVE struct live live = LIVE_INIT;
	const struct store *store;

	s->lock = live_lock(h, s->jail, "cp", e);
	if (s->lock < 0 || life_recover(h, s->jail, e) < 0 ||
	    cell_load(h, s->jail, &c, e) < 0 ||
	    live_running(h, s->jail, &live, e) < 0)
		return -1;
	if (live.phase != LIVE_STOPPED) {
		close_fd(&s->lock);
		return 0;
	}
	if (cell_store_init(&s->store, h, &c, NULL, e) < 0)
		return -1;
	store = s->store.store;
	if ((write ? store->edit : NULL) == NULL && store->open == NULL)
		return error_set(e, ERROR_UNSUPPORTED, "the files of a stopped "
		    "jail on store %s cannot be reached; 'gaol start %s' "
		    "starts it", store->name, s->jail);
	s->root = write && store->edit != NULL ?
	    store->edit(&s->store.at, e) : store->open(&s->store.at, NULL, e);
	return s->root < 0 ? -1 : 0;
}

/* Locks are taken in the order of names. */
static int
open_sides(struct side *from, struct side *to, const struct host *h,
    struct error *e)
{
	bool same = from->jail != NULL && to->jail != NULL &&
	    strcmp(from->jail, to->jail) == 0;
	bool first = from->jail != NULL && (to->jail == NULL ||
	    strcmp(from->jail, to->jail) < 0);

	if (first && side_open(from, h, false, e) < 0)
		return error_wrap(e, "%s", from->jail);
	if (to->jail != NULL && side_open(to, h, true, e) < 0)
		return error_wrap(e, "%s", to->jail);
	if (from->jail != NULL && !first && !same &&
	    side_open(from, h, false, e) < 0)
		return error_wrap(e, "%s", from->jail);
	/* its files are open once, for both */
	if (same && to->root >= 0) {
		from->root = dup(to->root);
		if (from->root < 0)
			return error_sys(e, "%s", to->jail);
	}
	return 0;
}

static int
run_side(const struct side *s, const struct host *h,
    int (*work)(int root, void *arg, struct error *e), struct copy_job *job,
    struct error *e)
{
	if (s->jail != NULL && s->root < 0)
		return life_within(h, s->jail, work, job, 0, e);
	return work(s->root, job, e);
}

static int
copy(struct copy_job *job, const struct side *from, const struct side *to,
    struct error *e)
{
	int pair[2], result;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return error_sys(e, "socket pair");
	pid = fork();
	if (pid < 0) {
		close(pair[0]);
		close(pair[1]);
		return error_sys(e, "fork");
	}
	if (pid == 0) {
		struct error why = ERROR_INIT;

		close(pair[0]);
		job->wire = (struct wire)WIRE_INIT(pair[1], pair[1],
		    "the end that writes");
		if (run_side(from, job->host, copy_send, job, &why) < 0) {
			if (from->jail != NULL)
				error_wrap(&why, "%s", from->jail);
			sync_tell_error(&job->wire, &why);
		}
		_exit(0);
	}
	close(pair[1]);
	job->wire = (struct wire)WIRE_INIT(pair[0], pair[0], "read");
	result = run_side(to, job->host, copy_receive, job, e);
	if (result < 0 && !job->done->source_failed && to->jail != NULL)
		error_wrap(e, "%s", to->jail);
	close(pair[0]);
	wire_fini(&job->wire);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return result;
}

int
life_copy(const struct host *h, const struct copy_end *from, size_t count,
    const struct copy_end *to, const struct copy_options *o,
    struct copy_count *c, struct error *e)
{
	struct side sides[2] = { SIDE_INIT(from->jail), SIDE_INIT(to->jail) };
	struct copy_job job = { .host = h, .from = from, .to = to,
	    .count = count, .options = o,
	    .tame = from->jail != NULL && to->jail == NULL };
	int result;

	if (h->plan) {
		for (size_t i = 0; i < count; i++)
			host_say(h, "would copy %s%s%s to %s%s%s",
			    from->jail != NULL ? from->jail : "",
			    from->jail != NULL ? ":" : "", from[i].path,
			    to->jail != NULL ? to->jail : "",
			    to->jail != NULL ? ":" : "", to->path);
		return 0;
	}
	job.done = mmap(NULL, sizeof(*job.done), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (job.done == MAP_FAILED)
		return error_sys(e, "memory");
	result = open_sides(&sides[0], &sides[1], h, e);
	if (result == 0)
		result = copy(&job, &sides[0], &sides[1], e);
	*c = *job.done;
	side_fini(&sides[0]);
	side_fini(&sides[1]);
	munmap(job.done, sizeof(*job.done));
	return result;
}
