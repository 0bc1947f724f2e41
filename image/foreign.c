/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/vec.h"
#include "image/confine.h"
#include "image/foreign.h"
#include "image/sign.h"
#include "image/skein.h"
#include "image/stop.h"
#include "image/unpack.h"

enum { POLL_MS = 200, BLOCK = 256 * 1024, SIGNIFY = 74, FILES_MAX = 4 << 20 };

void
foreign_fini(struct foreign *f)
{
	buf_fini(&f->files);
}

/* The reading process as it is seen from here. */
struct child {
	pid_t pid;
	int in;
	struct foreign_frame frame;
	char *data;		/* of the frame */
};

static void
end_child(struct child *c)
{
	if (c->pid > 0) {
		kill(c->pid, SIGKILL);
		while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	close_fd(&c->in);
	free(c->data);
	c->data = NULL;
	c->pid = 0;
}

static int
start_child(struct child *c, const struct foreign *f, enum foreign_work work,
    struct error *e)
{
	int fds[2];

	*c = (struct child){ .in = -1 };
	if (pipe2(fds, O_CLOEXEC) < 0)
		return error_sys(e, "pipe");
	hash_load();
	c->pid = confine_fork();
	if (c->pid == 0)
		foreign_reader(f, work, fds[1]);
	close(fds[1]);
	c->in = fds[0];
	c->data = xcalloc(1, FOREIGN_FRAME_MAX + 1);
	return c->pid < 0 ? error_sys(e, "fork") : 0;
}

static int
read_all(struct child *c, void *to, size_t len, struct error *e)
{
	struct pollfd pfd = { .fd = c->in, .events = POLLIN };
	char *p = to;

	while (len > 0) {
		ssize_t n;

		if (stop_check(e) < 0)
			return -1;
		if (poll(&pfd, 1, POLL_MS) <= 0)
			continue;
		n = read(c->in, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return error_set(e, ERROR_DATA,
			    "it made the reading process die");
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* 1: a frame, its data ended by a NUL; 0: that was all. */
static int
next_frame(struct child *c, struct error *e)
{
	if (read_all(c, &c->frame, sizeof(c->frame), e) < 0)
		return -1;
	if (c->frame.len > FOREIGN_FRAME_MAX)
		return error_set(e, ERROR_DATA,
		    "it made the reading process mad");
	if (read_all(c, c->data, c->frame.len, e) < 0)
		return -1;
	c->data[c->frame.len] = '\0';
	if (c->frame.word == FOREIGN_FAILED &&
	    c->frame.len == sizeof(struct error)) {
		memcpy(e, c->data, sizeof(*e));
		e->msg[sizeof(e->msg) - 1] = '\0';
		return -1;
	}
	return c->frame.word != FOREIGN_DONE;
}

int
foreign_probe(struct foreign *f, struct error *e)
{
	struct child c;
	int rc;

	f->kind = FOREIGN_NONE;
	if (start_child(&c, f, FOREIGN_PROBE, e) < 0)
		return -1;
	while ((rc = next_frame(&c, e)) > 0) {
		if (c.frame.word != FOREIGN_JAIL || c.frame.len < 1 ||
		    c.frame.len > sizeof(f->jail))
			continue;
		f->kind = *c.data == '0' + FOREIGN_TREE ? FOREIGN_TREE :
		    FOREIGN_STREAM;
		memcpy(f->jail, c.data + 1, c.frame.len);
	}
	end_child(&c);
	if (rc < 0 && stop_signal() == 0) {
		/* whoever reads it next says so */
		error_clear(e);
		f->kind = FOREIGN_NONE;
		return 0;
	}
	return rc;
}

/* The word after "KEY " of a line, or NULL; the caller frees it. */
static char *
find_line(const char *text, const char *key)
{
	size_t len = strlen(key);

	for (const char *line = text; *line != '\0';) {
		size_t size = strcspn(line, "\n");

		if (size > len && strncmp(line, key, len) == 0 &&
		    line[len] == ' ')
			return xstrndup(line + len + 1, size - len - 1);
		line += size + (line[size] == '\n');
	}
	return NULL;
}

static void
parse_hex(const char *hex, struct buf *bytes)
{
	unsigned value = 0;

	for (size_t i = 0; isxdigit((unsigned char)hex[i]); i++) {
		char c = (char)tolower((unsigned char)hex[i]);

		value = value << 4 | (unsigned)(c <= '9' ? c - '0' :
		    c - 'a' + 10);
		if (i % 2 == 1)
			buf_putc(bytes, (char)(value & 0xff));
	}
}

/* Both sums in one pass: the one of pot is of what stands in .meta, too. */
static int
sum_file(struct foreign *f, const struct buf *meta, char skein[SKEIN_HEX],
    struct error *e)
{
	AUTO_HASH struct hash *hash = hash_new();
	AUTO_FREE char *block = xcalloc(1, BLOCK);
	struct skein s;
	off_t at = 0;

	skein_init(&s);
	progress_begin(f->progress, "checking", f->name, f->total);
	for (;;) {
		ssize_t n = pread(f->fd, block, BLOCK, at);

		if (stop_check(e) < 0)
			return -1;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(e, "read");
		if (n == 0)
			break;
		hash_add(hash, block, (size_t)n);
		if (skein != NULL)
			skein_add(&s, block, (size_t)n);
		at += n;
		progress_update(f->progress, (uint64_t)at);
	}
	progress_end(f->progress);
	hash_text(hash, f->sha256);
	if (skein != NULL) {
		skein_add(&s, buf_text(meta), meta->len);
		skein_text(&s, skein);
	}
	return 0;
}

/*
 * signify(1): a comment, then in base64 "Ed", the number of a key, and a
 * signature.  Of keys that are trusted the bare bytes are known: the one that
 * fits has signed it.
 */
static int
check_signature(const char *signature, const char *signed_text, size_t len,
    const char *trusted, struct buf *verdict, struct error *e)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *line = strchr(signature, '\n');
	AUTO_FREE char *base64 = line == NULL ? NULL :
	    xstrndup(line + 1, strcspn(line + 1, "\r\n"));
	unsigned char bytes[SIGNIFY];
	const unsigned char *p = bytes + SIGNIFY - 64;
	char text[SIGN_TEXT];
	size_t n = 0;

	if (base64 == NULL || base64_parse(base64, bytes, SIGNIFY, e) < 0 ||
	    memcmp(bytes, "Ed", 2) != 0)
		return error_set(e, ERROR_DATA,
		    "its signature is not one of signify(1)");
	for (size_t i = 0; i < 66; i += 3) {
		uint32_t bits = (uint32_t)p[i] << 16 |
		    (i + 1 < 64 ? (uint32_t)p[i + 1] << 8 : 0) |
		    (i + 2 < 64 ? p[i + 2] : 0);

		for (int k = 0; k < 4; k++)
			text[n++] = digits[bits >> (18 - 6 * k) & 63];
	}
	text[86] = text[87] = '=';
	text[88] = '\0';
	while (*trusted != '\0') {
		size_t size = strcspn(trusted, "\n");
		size_t key = strcspn(trusted, " \n");
		AUTO_FREE char *public = xstrndup(trusted, key);
		struct error ignored = ERROR_INIT;

		if (key < size && sign_check(public, text, signed_text, len,
		    &ignored) == 0) {
			buf_printf(verdict, "signed %.*s", (int)(size - key -
			    1), trusted + key + 1);
			return 0;
		}
		trusted += size + (trusted[size] == '\n');
	}
	buf_puts(verdict, "unknown signify");
	return 0;
}

static int
compare_skein(const char *want, const char *got, struct error *e)
{
	size_t len = strspn(want, "0123456789abcdefABCDEF");

	if (len != SKEIN_HEX - 1 || (want[len] != '\0' &&
	    !isspace((unsigned char)want[len])))
		return error_set(e, ERROR_DATA,
		    "its file .skein does not have a sum of skein1024(1)");
	for (size_t i = 0; i < len; i++)
		if (tolower((unsigned char)want[i]) != got[i])
			return error_set(e, ERROR_DATA, "wrong checksum: "
			    "Skein-1024 begins with %.16s, expected %.16s",
			    got, want);
	return 0;
}

static int
check_skein(struct foreign *f, const char *sums, const char *skein_hex,
    const char *trusted, struct buf *verdict, struct error *e)
{
	AUTO_FREE char *meta_hex = find_line(sums, "meta");
	AUTO_FREE char *signature_hex = find_line(sums, "signature");
	AUTO_BUF struct buf meta = BUF_INIT, skein = BUF_INIT;
	AUTO_BUF struct buf signature = BUF_INIT;
	char got[SKEIN_HEX];

	parse_hex(skein_hex, &skein);
	parse_hex(meta_hex != NULL ? meta_hex : "", &meta);
	if (sum_file(f, &meta, got, e) < 0 ||
	    compare_skein(buf_text(&skein), got, e) < 0)
		return -1;
	if (meta.len > 0 && *meta.data != '-')
		return error_set(e, ERROR_UNSUPPORTED, "it is only what "
		    "differs from the pot '%.*s'; one that stands alone can "
		    "be imported", (int)strcspn(meta.data, ":\n"), meta.data);
	if (signature_hex == NULL) {
		buf_puts(verdict, "unsigned");
		return 0;
	}
	parse_hex(signature_hex, &signature);
	return check_signature(buf_text(&signature), buf_text(&skein),
	    skein.len, trusted, verdict, e);
}

static int
check(struct foreign *f, const char *sums, bool unverified,
    const char *trusted, struct buf *verdict, struct error *e)
{
	AUTO_FREE char *skein = find_line(sums, "skein");
	AUTO_FREE char *sha256 = find_line(sums, "sha256");
	AUTO_BUF struct buf text = BUF_INIT;
	char want[HASH_HEX];

	if (skein != NULL)
		return check_skein(f, sums, skein, trusted, verdict, e);
	buf_puts(verdict, "unsigned");
	if (sha256 == NULL && !unverified)
		return error_set(e, ERROR_DATA, "its checksum is missing: a "
		    "file of that name with .sha256 (Bastille, iocage) or "
		    ".skein (pot) has to lie beside it; --unverified does "
		    "without");
	if (sha256 == NULL)
		return sum_file(f, NULL, NULL, e);
	parse_hex(sha256, &text);
	if (text.len > HASH_HEX - 1)
		text.data[text.len = HASH_HEX - 1] = '\0';
	if (hash_parse(buf_text(&text), want, e) < 0) {
		e->kind = ERROR_DATA;
		return error_wrap(e, "its file .sha256");
	}
	return sum_file(f, NULL, NULL, e) < 0 ? -1 :
	    hash_compare(want, f->sha256, e);
}

int
foreign_check(struct foreign *f, const char *sums, bool unverified,
    const char *trusted, struct buf *verdict, struct error *e)
{
	return check(f, sums, unverified, trusted, verdict, e) < 0 ?
	    error_wrap(e, "%s", f->name) : 0;
}

int
foreign_scan(struct foreign *f, struct error *e)
{
	struct child c;
	int rc;

	progress_begin(f->progress, "reading", f->name, f->total);
	if (start_child(&c, f, FOREIGN_SCAN, e) < 0)
		return -1;
	while ((rc = next_frame(&c, e)) > 0) {
		size_t head = strlen(c.data) + 1;

		if (c.frame.word == FOREIGN_OS)
			f->freebsd = true;
		if (c.frame.word != FOREIGN_FILE || head > c.frame.len ||
		    f->files.len + c.frame.len > FILES_MAX)
			continue;
		buf_printf(&f->files, "%s %zu\n", c.data,
		    c.frame.len - head);
		buf_append(&f->files, c.data + head, c.frame.len - head);
	}
	end_child(&c);
	progress_end(f->progress);
	return rc < 0 ? error_wrap(e, "%s", f->name) : 0;
}

int
foreign_tree(struct foreign *f, int dirfd, uint64_t *lost, uint64_t *devices,
    struct error *e)
{
	AUTO_FREE char *below = xasprintf("%s/root", f->jail);
	struct unpack_job job = { .fd = f->fd, .name = f->name,
	    .below = below, .hold = f->hold, .sha256 = f->sha256,
	    .checked = true, .max_size = f->max_size,
	    .max_entries = f->max_entries, .progress = f->progress };
	struct unpack_result result = { .members = 0 };

	if (unpack_archive(&job, dirfd, &result, e) < 0)
		return -1;
	if (result.members == 0)
		return error_set(e, ERROR_DATA, "%s: nothing lies in '%s/'",
		    f->name, below);
	*lost = result.lost;
	*devices = result.devices;
	return 0;
}

/* What a stream goes to: the writing end of a pipe. */
struct relay {
	int (*take)(void *arg, const char *below, int fd, struct error *e);
	int (*done)(void *arg, struct error *e);
	void *arg;
	int out;
	const char *sha256;
};

static int
begin_stream(struct relay *r, const char *below, struct error *e)
{
	int fds[2], rc;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return error_sys(e, "pipe");
	r->out = fds[1];
	rc = r->take(r->arg, below, fds[0], e);
	close(fds[0]);
	return rc;
}

static int
relay(struct relay *r, const struct child *c, struct error *e)
{
	switch (c->frame.word) {
	case FOREIGN_BEGIN:
		return begin_stream(r, c->data, e);
	case FOREIGN_DATA:
		if (file_write_fd(r->out, c->data, c->frame.len, e) == 0)
			return 0;
		/* who reads knows why it does so no more */
		if (e->sys_errno != EPIPE)
			return -1;
		error_clear(e);
		close_fd(&r->out);
		return r->done(r->arg, e) < 0 ? -1 : error_set(e,
		    ERROR_FAILED, "zfs receive ended too soon");
	case FOREIGN_END:
		close_fd(&r->out);
		return r->done(r->arg, e);
	case FOREIGN_SUM:
		return hash_compare(r->sha256, c->data, e) < 0 ?
		    error_wrap(e, "it was changed while in use") : 0;
	default:
		return 0;
	}
}

int
foreign_streams(struct foreign *f, int (*take)(void *arg, const char *below,
    int fd, struct error *e), int (*done)(void *arg, struct error *e),
    void *arg, struct error *e)
{
	struct relay r = { .take = take, .done = done, .arg = arg, .out = -1,
	    .sha256 = f->sha256 };
	struct child c;
	int rc;

	progress_begin(f->progress, "importing", f->name, f->total);
	if (start_child(&c, f, FOREIGN_STREAMS, e) < 0)
		return -1;
	while ((rc = next_frame(&c, e)) > 0)
		if ((rc = relay(&r, &c, e)) < 0)
			break;
	close_fd(&r.out);
	end_child(&c);
	progress_end(f->progress);
	return rc < 0 ? error_wrap(e, "%s", f->name) : 0;
}
