/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/num.h"
#include "image/confine.h"
#include "image/member.h"
#include "image/receive.h"
#include "image/stop.h"
#include "image/stream.h"

enum { POLL_MS = 200, PIPE_SIZE = 1 << 20, END_MAX = 4096 };

/* What a child tells when it ends; small enough to be written at once. */
struct report {
	int rc;
	bool broken;		/* because nobody read on */
	struct error e;
	uint64_t members, bytes;
	unsigned lost;
	char sum[HASH_HEX];
	char end[END_MAX];	/* the last member */
};

/* The decompressing process. */
struct reader {
	struct stream stream;
	int out;
	bool broken;
};

static int
next_block(void *arg, const unsigned char **block, size_t *len,
    struct error *e)
{
	struct reader *r = arg;

	return stream_next(&r->stream, block, len, e);
}

static int
pass_on(void *arg, const unsigned char *data, size_t len, struct error *e)
{
	struct reader *r = arg;

	while (len > 0) {
		ssize_t n = write(r->out, data, len);

		if (n < 0 && errno == EINTR && stop_signal() == 0)
			continue;
		if (n < 0) {
			r->broken = errno == EPIPE;
			return error_sys(e, "pipe");
		}
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static int
wrap(struct error *e, const char *name)
{
	char shown[MEMBER_SHOWN];

	return *name == '\0' ? error_wrap(e, "at its beginning") :
	    error_wrap(e, "member '%s'", member_show(name, shown));
}

/* Each header is compared before it is passed on.  A wrong sum is that of the
 * member before, and so is data that cannot be decompressed. */
static int
read_all(struct reader *r, struct report *report, struct error *e)
{
	AUTO_ENTRY struct tar_entry t = TAR_ENTRY_INIT;
	AUTO_BUF struct buf last = BUF_INIT, end = BUF_INIT;
	AUTO_HASH struct hash *hash = hash_new();
	struct tar_in in = { .next = next_block, .pass = pass_on, .arg = r,
	    .hash = hash };
	bool ended = false;
	int rc;

	while ((rc = tar_read(&in, &t, e)) > 0) {
		if (ended) {
			rc = error_set(e, ERROR_DATA,
			    "a member after the last one");
			break;
		}
		buf_clear(&last);
		buf_append(&last, t.name.data, t.name.len);
		if (strcmp(t.name.data, "gaol-end") != 0)
			continue;
		ended = true;
		memcpy(report->sum, t.sum, sizeof(report->sum));
		if ((rc = tar_read_text(&in, END_MAX - 1, &end, e)) < 0)
			break;
		memcpy(report->end, end.data, end.len);
	}
	tar_in_fini(&in);
	if (rc == 0 && !ended)
		rc = error_set(e, ERROR_DATA, "the archive is truncated");
	return rc < 0 && !r->broken ? wrap(e, buf_text(&last)) : rc;
}

static void
send_report(int out, const struct report *report)
{
	struct error ignored = ERROR_INIT;

	if (file_write_fd(out, report, sizeof(*report), &ignored) < 0)
		_exit(1);
}

static _Noreturn void
reader_run(const struct receive *job, int out, int report_fd)
{
	struct report *report = xcalloc(1, sizeof(*report));
	struct reader r = { .out = out };
	const int keep[] = { job->fd, out, report_fd };

	report->rc = -1;
	if (confine_compute(keep, 3, &report->e) == 0) {
		/* its own sum is not wanted, but that of each member */
		if (stream_open(&r.stream, job->fd, false, job->progress,
		    &report->e) < 0)
			error_wrap(&report->e, "at its beginning");
		else
			report->rc = read_all(&r, report, &report->e);
	}
	report->broken = r.broken;
	send_report(report_fd, report);
	close(out);
	_exit(0);
}

static int
start_reader(struct receive *r, struct error *e)
{
	int data[2], report[2];

	if (pipe2(data, O_CLOEXEC) < 0)
		return error_sys(e, "pipe");
#ifdef F_SETPIPE_SZ
	(void)fcntl(data[1], F_SETPIPE_SZ, PIPE_SIZE);
#endif
	if (pipe2(report, O_CLOEXEC) < 0) {
		close(data[0]);
		close(data[1]);
		return error_sys(e, "pipe");
	}
	hash_load();
	r->reader = confine_fork();
	if (r->reader == 0)
		reader_run(r, data[1], report[1]);
	close(data[1]);
	close(report[1]);
	r->pipe = data[0];
	r->report = report[0];
	return r->reader < 0 ? error_sys(e, "fork") : 0;
}

/* What the reader passed on. */
static int
next_piped(void *arg, const unsigned char **block, size_t *len,
    struct error *e)
{
	struct receive *r = arg;
	ssize_t n;

	do {
		if (stop_check(e) < 0)
			return -1;
		n = read(r->pipe, r->block, PIPE_SIZE);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_sys(e, "pipe");
	*block = r->block;
	*len = (size_t)n;
	return 0;
}

/* Wait for a report; -1: the child died without, or we are to stop. */
static int
wait_report(int in, struct report *report)
{
	struct pollfd pfd = { .fd = in, .events = POLLIN };
	size_t have = 0;

	while (have < sizeof(*report)) {
		ssize_t n;

		if (poll(&pfd, 1, POLL_MS) <= 0) {
			if (stop_signal() != 0)
				return -1;
			continue;
		}
		n = read(in, (char *)report + have, sizeof(*report) - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		have += (size_t)n;
	}
	return 0;
}

static void
end_child(pid_t *pid)
{
	if (*pid <= 0)
		return;
	kill(*pid, SIGKILL);
	while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
		;
	*pid = 0;
}

/* Why the reader gave up; other is what it looked like from here. */
static int
reader_failed(struct receive *r, struct error *e)
{
	AUTO_FREE struct report *report = xcalloc(1, sizeof(*report));
	int rc = wait_report(r->report, report);

	end_child(&r->reader);
	if (stop_check(e) < 0)
		return -1;
	if (rc < 0)
		return error_set(e, ERROR_DATA,
		    "it made the reading process die");
	if (report->rc < 0 && !report->broken)
		*e = report->e;
	return -1;
}

static int
read_first(struct receive *r, const char *name, struct buf *text,
    struct error *e)
{
	AUTO_ENTRY struct tar_entry t = TAR_ENTRY_INIT;
	int rc = tar_read(&r->in, &t, e);

	if (rc < 0)
		return -1;
	if (rc == 0 || strcmp(t.name.data, name) != 0 || t.type != TAR_FILE ||
	    t.sparse)
		return error_set(e, ERROR_DATA, "not an archive of gaol");
	if (tar_read_text(&r->in, RECEIVE_FIRST, text, e) < 0)
		return error_wrap(e, "member '%s'", name);
	if (strlen(buf_text(text)) != text->len)
		return error_set(e, ERROR_DATA, "member '%s': not a text",
		    name);
	return 0;
}

int
receive_open(struct receive *r, struct error *e)
{
	r->block = xrealloc(NULL, PIPE_SIZE);
	r->in = (struct tar_in){ .next = next_piped, .arg = r };
	r->pipe = r->report = -1;
	progress_begin(r->progress, "importing", r->name, r->total);
	if (start_reader(r, e) < 0)
		return -1;
	if (read_first(r, "gaol-archive", &r->manifest, e) < 0 ||
	    read_first(r, "cell.conf", &r->conf, e) < 0) {
		reader_failed(r, e);
		return error_wrap(e, "%s", r->name);
	}
	return 0;
}

static int
plant_all(struct receive *r, struct plant *p, struct error *e)
{
	AUTO_ENTRY struct tar_entry t = TAR_ENTRY_INIT;
	char shown[MEMBER_SHOWN];
	int rc;

	while ((rc = tar_read(&r->in, &t, e)) > 0) {
		if (strcmp(t.name.data, "gaol-end") == 0)
			continue;
		member_show(t.name.data, shown);
		if (plant_member(p, &r->in, &t, e) < 0)
			return error_wrap(e, "member '%s'", shown);
	}
	return rc < 0 ? -1 : plant_finish(p, e);
}

static _Noreturn void
writer_run(struct receive *r, int dirfd, int report_fd)
{
	struct report *report = xcalloc(1, sizeof(*report));
	const int keep[] = { r->pipe, report_fd, r->hold };
	struct plant p;

	report->rc = -1;
	plant_init(&p, "root");
	p.max_size = r->max_size;
	p.max_entries = r->max_entries;
	p.devices = r->devices;
	if (confine_enter_with_nodes(dirfd, keep, r->hold >= 0 ? 3 : 2, &report->e) == 0) {
		umask(0);
		report->rc = plant_all(r, &p, &report->e);
	}
	report->members = p.entries;
	report->bytes = p.size;
	report->lost = p.lost;
	send_report(report_fd, report);
	_exit(0);
}

static int
run_writer(struct receive *r, int dirfd, struct report *report,
    struct error *e)
{
	int fds[2], got;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return error_sys(e, "pipe");
	pid = confine_fork();
	if (pid == 0)
		writer_run(r, dirfd, fds[1]);
	close(fds[1]);
	/* so that the reader sees when the writer is gone */
	close_fd(&r->pipe);
	if (pid < 0) {
		close(fds[0]);
		return error_sys(e, "fork");
	}
	got = wait_report(fds[0], report);
	close(fds[0]);
	end_child(&pid);
	if (stop_check(e) < 0)
		return -1;
	if (got < 0)
		return error_set(e, ERROR_DATA,
		    "it made the unpacking process die");
	if (report->rc < 0)
		*e = report->e;
	return report->rc;
}

int
receive_parse_end(struct receive *r, const char *text, struct error *e)
{
	AUTO_FREE char *copy = xstrdup(text);
	char *line, *rest = copy;

	while ((line = strsep(&rest, "\n")) != NULL) {
		char *value = strchr(line, ' ');
		size_t len = value != NULL ? strlen(value + 1) : 0;

		if (*line == '\0')
			continue;
		if (value == NULL)
			return error_set(e, ERROR_DATA, "unreadable");
		*value++ = '\0';
		if (strcmp(line, "key") == 0 && len < sizeof(r->key))
			memcpy(r->key, value, len + 1);
		else if (strcmp(line, "signature") == 0 &&
		    len < sizeof(r->signature))
			memcpy(r->signature, value, len + 1);
		else if (strcmp(line, "members") == 0 && parse_uint(value, 0,
		    UINT64_MAX, &r->members, e) < 0)
			return error_set(e, ERROR_DATA, "unreadable");
	}
	return 0;
}

static int
finish_reader(struct receive *r, const struct report *written,
    struct error *e)
{
	AUTO_FREE struct report *report = xcalloc(1, sizeof(*report));
	int rc = wait_report(r->report, report);

	end_child(&r->reader);
	if (stop_check(e) < 0)
		return -1;
	if (rc < 0)
		return error_set(e, ERROR_DATA,
		    "it made the reading process die");
	if (report->rc < 0) {
		*e = report->e;
		return -1;
	}
	memcpy(r->sum, report->sum, sizeof(r->sum));
	report->end[END_MAX - 1] = '\0';
	if (receive_parse_end(r, report->end, e) < 0)
		return error_wrap(e, "member 'gaol-end'");
	if (r->members != written->members)
		return error_set(e, ERROR_DATA, "member 'gaol-end': it tells "
		    "of other members than there are");
	return 0;
}

int
receive_tree(struct receive *r, int dirfd, struct error *e)
{
	AUTO_FREE struct report *written = xcalloc(1, sizeof(*written));
	int rc = run_writer(r, dirfd, written, e);

	/* what the reader found wrong is why the writer had no more to read */
	rc = rc < 0 ? reader_failed(r, e) : finish_reader(r, written, e);
	r->bytes = written->bytes;
	r->lost = written->lost;
	if (rc == 0)
		progress_update(r->progress, r->total);
	progress_end(r->progress);
	return rc < 0 ? error_wrap(e, "%s", r->name) : 0;
}

void
receive_fini(struct receive *r)
{
	end_child(&r->reader);
	if (r->block != NULL) {
		close_fd(&r->pipe);
		close_fd(&r->report);
	}
	free(r->block);
	r->block = NULL;
	tar_in_fini(&r->in);
	buf_fini(&r->manifest);
	buf_fini(&r->conf);
}
