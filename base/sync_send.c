/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* The side that has the tree: tells it, then gives what it is asked for. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/sync.h"
#include "base/walk.h"

struct sender {
	struct wire *wire;
	struct buf records;
};

static int
put(void *arg, const struct sync_record *r, struct error *e)
{
	struct sender *s = arg;

	sync_put_record(&s->records, r);
	if (s->records.len < (64 << 10))
		return 0;
	if (wire_put(s->wire, SYNC_MANIFEST, 0, s->records.data,
	    s->records.len, e) < 0)
		return -1;
	buf_clear(&s->records);
	return 0;
}

static int
send_manifest(struct wire *w, struct sync_source *source, struct error *e)
{
	struct sender s = { w, BUF_INIT };
	int result;

	source->records = 0;
	result = sync_scan(source, put, &s, e);
	if (result == 0 && s.records.len > 0)
		result = wire_put(w, SYNC_MANIFEST, 0, s.records.data,
		    s.records.len, e);
	buf_fini(&s.records);
	if (result < 0)
		return -1;
	return wire_put(w, SYNC_MANIFEST_END, source->records, NULL, 0, e);
}

/*
 * The file at path, which the other side may have made up: component by
 * component, never through a link, a mount or "..".
 */
static int
open_path(int root, const char *path)
{
	AUTO_FREE char *copy = xstrdup(path);
	AUTO_CLOSE int dir = -1;
	char *part = copy, *slash;

	for (;; part = slash + 1) {
		int fd;

		slash = strchr(part, '/');
		if (slash != NULL)
			*slash = '\0';
		if (*part == '\0' || strcmp(part, ".") == 0 ||
		    strcmp(part, "..") == 0) {
			errno = EINVAL;
			return -1;
		}
		fd = walk_open(dir >= 0 ? dir : root, part, slash != NULL ?
		    O_DIRECTORY : O_NONBLOCK | O_NOCTTY);
		if (fd < 0 || slash == NULL)
			return fd;
		close_fd(&dir);
		dir = fd;
	}
}

/* What the other side asks for, and what it has of it. */
struct want {
	uint8_t token[SYNC_TOKEN];
	char *path;
	uint8_t *sums;
	uint64_t count;		/* blocks it has */
};

static void
want_fini(struct want *w)
{
	free(w->path);
	free(w->sums);
}
#define AUTO_WANT __attribute__((cleanup(want_fini)))

static int
take_want(const struct frame *f, struct want *want, struct error *e)
{
	if (f->len <= SYNC_TOKEN || f->len > SYNC_PATH_MAX ||
	    memchr(f->data + SYNC_TOKEN, '\0', f->len - SYNC_TOKEN) != NULL)
		return error_set(e, ERROR_DATA,
		    "the receiving side asks for no file");
	memcpy(want->token, f->data, SYNC_TOKEN);
	want->path = xstrndup((const char *)f->data + SYNC_TOKEN,
	    f->len - SYNC_TOKEN);
	want->count = f->arg;
	return 0;
}

static int
take_sums(struct wire *w, struct want *want, struct error *e)
{
	uint64_t have = 0;

	want->sums = xrealloc(NULL, want->count * BLAKE2_SIZE + 1);
	while (have < want->count) {
		struct frame f;

		if (sync_expect(w, SYNC_HAVE, &f, e) < 0)
			return -1;
		if (f.len == 0 || f.len % BLAKE2_SIZE != 0 ||
		    f.len / BLAKE2_SIZE > want->count - have)
			return error_set(e, ERROR_DATA,
			    "the receiving side has other blocks than it says");
		memcpy(want->sums + have * BLAKE2_SIZE, f.data, f.len);
		have += f.len / BLAKE2_SIZE;
	}
	return 0;
}

/* The file as the manifest told it: then the token is the same. */
static bool
unchanged(int fd, const struct want *want, uint64_t *size)
{
	uint8_t token[SYNC_TOKEN];
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	*size = (uint64_t)st.st_size;
	sync_token(&st, token);
	return memcmp(token, want->token, SYNC_TOKEN) == 0;
}

static int
send_blocks(struct wire *w, struct sync_source *s, const struct want *want,
    struct sync_blocks *b, uint8_t total[BLAKE2_SIZE], struct error *e)
{
	uint64_t blocks = sync_block_count(b->size);
	struct blake2 all;

	blake2_init(&all);
	for (uint64_t i = 0; i < blocks; i++) {
		uint8_t sum[BLAKE2_SIZE];
		bool known = i < want->count;
		int result = 0;
		size_t len;

		if (sync_block(b, i, &len, sum) < 0)
			return error_sys(e, "read %s", want->path);
		blake2_add(&all, sum, sizeof(sum));
		if (known && memcmp(want->sums + i * BLAKE2_SIZE, sum,
		    sizeof(sum)) == 0)
			continue;
		if (!sync_is_hole(sum)) {
			result = wire_put_summed(w, SYNC_DATA,
			    i * SYNC_BLOCK, b->block, len, sum, e);
			s->bytes += len;
		} else if (known) {
			result = wire_put(w, SYNC_HOLE, i * SYNC_BLOCK, NULL,
			    0, e);
		}
		if (result < 0)
			return -1;
	}
	blake2_end(&all, total);
	return 0;
}

static int
changed(struct wire *w, struct sync_source *s, const struct want *want,
    struct error *e)
{
	if (!s->live)
		return error_set(e, ERROR_BUSY, "%s changed while it was "
		    "sent", want->path);
	s->changed++;
	return wire_put(w, SYNC_END, SYNC_CHANGED, NULL, 0, e);
}

static int
serve(struct wire *w, struct sync_source *s, const struct frame *f,
    struct error *e)
{
	AUTO_WANT struct want want = { .path = NULL };
	AUTO_CLOSE int fd = -1;
	struct sync_blocks b;
	uint8_t total[BLAKE2_SIZE];
	uint64_t size = 0, before = s->bytes;
	int result;

	if (take_want(f, &want, e) < 0)
		return -1;
	fd = open_path(s->root, want.path);
	if (fd < 0 && errno == EINVAL)
		return error_set(e, ERROR_DATA,
		    "the receiving side asks for no file of the jail's");
	if (want.count > SYNC_HAVE_MAX)
		return error_set(e, ERROR_DATA, "the receiving side has "
		    "more blocks than it may tell");
	if (take_sums(w, &want, e) < 0)
		return -1;
	if (fd < 0 || !unchanged(fd, &want, &size))
		return changed(w, s, &want, e);
	sync_blocks_init(&b, fd, size);
	result = send_blocks(w, s, &want, &b, total, e);
	sync_blocks_fini(&b);
	if (result < 0)
		return -1;
	s->files += s->bytes != before;
	if (!unchanged(fd, &want, &size))
		return changed(w, s, &want, e);
	return wire_put(w, SYNC_END, SYNC_COMPLETE, total, sizeof(total), e);
}

int
sync_send(struct wire *w, struct sync_source *s, struct error *e)
{
	struct frame f;

	s->files = s->bytes = s->changed = 0;
	if (send_manifest(w, s, e) < 0)
		return -1;
	for (;;) {
		if (sync_get(w, &f, e) < 0)
			return -1;
		if (f.type == SYNC_DONE)
			return 0;
		if (f.type != SYNC_WANT)
			return error_set(e, ERROR_DATA, "the receiving side "
			    "sends what is not expected");
		if (serve(w, s, &f, e) < 0)
			return -1;
	}
}

int
sync_get(struct wire *w, struct frame *f, struct error *e)
{
	if (wire_get(w, f, e) < 0)
		return -1;
	if (f->type != SYNC_ERROR)
		return 0;
	w->gone = w->refused = true;
	return error_set(e, f->arg > ERROR_NONE && f->arg <= ERROR_CONFIG ?
	    (enum error_kind)f->arg : ERROR_FAILED, "%s: %.400s", w->peer,
	    (const char *)f->data);
}

int
sync_expect(struct wire *w, uint8_t type, struct frame *f, struct error *e)
{
	if (sync_get(w, f, e) < 0)
		return -1;
	return f->type == type ? 0 : error_set(e, ERROR_DATA,
	    "%s sends what is not expected", w->peer);
}

void
sync_tell_error(struct wire *w, const struct error *e)
{
	struct error ignored = ERROR_INIT;

	if (w->gone || wire_put(w, SYNC_ERROR, e->kind, e->msg,
	    strlen(e->msg), &ignored) < 0 || wire_flush(w, &ignored) < 0)
		return;
}

void
sync_last_words(struct wire *w, struct error *e)
{
	struct error last = ERROR_INIT;
	struct frame f;

	if (!w->gone || w->refused)
		return;
	buf_clear(&w->pending);
	while (sync_get(w, &f, &last) == 0)
		;
	if (w->refused)
		*e = last;
}
