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
#include "core/copy.h"
#include "core/files.h"

/* An end, ready for its process. */
struct side {
	const char *jail;	/* NULL: the host */
	struct files files;
};
#define SIDE_INIT(jail) { jail, FILES_INIT }

/* Locks are taken in the order of names. */
static int
open_sides(struct side *from, struct side *to, const struct host *h,
    struct error *e)
{
	bool same = from->jail != NULL && to->jail != NULL &&
	    strcmp(from->jail, to->jail) == 0;
	bool first = from->jail != NULL && (to->jail == NULL ||
	    strcmp(from->jail, to->jail) < 0);

	if (first && files_open(&from->files, h, from->jail, "cp", false,
	    e) < 0)
		return error_wrap(e, "%s", from->jail);
	if (to->jail != NULL && files_open(&to->files, h, to->jail, "cp",
	    true, e) < 0)
		return error_wrap(e, "%s", to->jail);
	if (from->jail != NULL && !first && !same &&
	    files_open(&from->files, h, from->jail, "cp", false, e) < 0)
		return error_wrap(e, "%s", from->jail);
	if (!same)
		return 0;
	/* its files are open once, for both */
	from->files.host = h;
	from->files.jail = from->jail;
	if (to->files.root >= 0) {
		from->files.root = dup(to->files.root);
		if (from->files.root < 0)
			return error_sys(e, "%s", to->jail);
	}
	return 0;
}

static int
run_side(const struct side *s, int (*work)(int root, void *arg,
    struct error *e), struct copy_job *job, struct error *e)
{
	return s->jail == NULL ? work(-1, job, e) :
	    files_work(&s->files, work, job, 0, e);
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
		if (run_side(from, copy_send, job, &why) < 0) {
			if (from->jail != NULL)
				error_wrap(&why, "%s", from->jail);
			sync_tell_error(&job->wire, &why);
		}
		_exit(0);
	}
	close(pair[1]);
	job->wire = (struct wire)WIRE_INIT(pair[0], pair[0], "read");
	result = run_side(to, copy_receive, job, e);
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
	files_fini(&sides[0].files);
	files_fini(&sides[1].files);
	munmap(job.done, sizeof(*job.done));
	return result;
}
