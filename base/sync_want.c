/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Files, asked for block by block.  What is there already, be it another
 * version or a part that came before, is told by its sums.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/falloc.h>
#endif

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "base/sync_want.h"

enum {
	WANTS = 32,		/* at once */
	ASKED = 16 << 10,	/* bytes of their questions: a pipe holds them,
				   while the other side is busy answering */
	PAGE = 4096,
};

static void
want_free(struct want *w)
{
	free(w->record);
	buf_fini(&w->attrs);
	free(w->path);
	close_fd(&w->dir);
	close_fd(&w->base);
	close_fd(&w->file);
	free(w->sums);
	free(w);
}

void
wants_fini(struct receiver *v)
{
	for (size_t i = 0; i < v->wants.count; i++)
		want_free(v->wants.items[i]);
	VEC_FINI(&v->wants);
}

static int
failed(const struct want *w, struct error *e)
{
	return error_sys(e, "write %s", w->path);
}

static int
note_done(struct receiver *v, const struct want *w, struct error *e)
{
	uint8_t entry[BLAKE2_SIZE];

	v->target->files++;
	if (w->record->young)
		return 0;
	sync_path_sum(w->path, entry);
	memcpy(entry + SYNC_TOKEN, w->record->token, SYNC_TOKEN);
	return file_write_fd(v->done, entry, sizeof(entry), e);
}

static int
open_temporary(struct receiver *v, const struct want *w, int flags)
{
	return openat(v->scratch, w->temporary,
	    flags | O_NOFOLLOW | O_CLOEXEC, 0600);
}

/* What blocks are written to: begins as what is there. */
static int
begin_writing(struct receiver *v, struct want *w)
{
	if (w->file >= 0)
		return 0;
	w->file = open_temporary(v, w, w->partial ? O_RDWR :
	    O_RDWR | O_CREAT | O_TRUNC);
	if (w->file < 0)
		return -1;
	if (w->partial || w->base < 0)
		return 0;
	w->written = true;
	return path_copy_data(w->base, w->file);
}

/*
 * The contents are complete: owner, mode and the like, and into its place.  A
 * file with other names is never changed in place: they may be others' by now.
 */
static int
complete(struct receiver *v, struct want *w, struct error *e)
{
	struct stat st;

	w->record->attrs = (const uint8_t *)w->attrs.data;
	if (w->file < 0 && w->base >= 0 && !w->partial) {
		if (fstat(w->base, &st) < 0)
			return failed(w, e);
		if (st.st_nlink == 1 &&
		    (uint64_t)st.st_size == w->record->size)
			return sync_status(w->base, NULL, w->record) < 0 ?
			    failed(w, e) : note_done(v, w, e);
	}
	if (begin_writing(v, w) < 0 ||
	    ftruncate(w->file, (off_t)w->record->size) < 0 ||
	    sync_status(w->file, NULL, w->record) < 0 ||
	    renameat(v->scratch, w->temporary, w->dir,
	    w->record->name) < 0)
		return failed(w, e);
	return note_done(v, w, e);
}

/* Blocks up to that one are those of base. */
static int
pass_to(struct want *w, uint64_t block, struct error *e)
{
	static const uint8_t hole[BLAKE2_SIZE];

	if (block < w->next || block > sync_block_count(w->record->size))
		return error_set(e, ERROR_DATA,
		    "%s: blocks come in disorder", w->path);
	for (; w->next < block; w->next++)
		blake2_add(&w->total, w->next < w->count ?
		    w->sums + w->next * BLAKE2_SIZE : hole, BLAKE2_SIZE);
	return 0;
}

static int
write_at(int fd, const uint8_t *data, size_t len, uint64_t at)
{
	while (len > 0) {
		ssize_t n = pwrite(fd, data, len, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		len -= (size_t)n;
		at += (uint64_t)n;
	}
	return 0;
}

static bool
all_zero(const uint8_t *data, size_t len)
{
	return len == 0 || (data[0] == 0 &&
	    memcmp(data, data + 1, len - 1) == 0);
}

/* Where nothing was before pages of zeros stay holes. */
static int
write_sparsely(int fd, const uint8_t *data, size_t len, uint64_t at)
{
	size_t from = 0, end;

	while (from < len) {
		end = from + PAGE < len ? from + PAGE : len;
		if (all_zero(data + from, end - from)) {
			from = end;
			continue;
		}
		while (end < len && !all_zero(data + end,
		    len - end < PAGE ? len - end : PAGE))
			end = end + PAGE < len ? end + PAGE : len;
		if (write_at(fd, data + from, end - from, at + from) < 0)
			return -1;
		from = end;
	}
	return 0;
}

static int
take_data(struct receiver *v, struct want *w, const struct frame *f,
    struct error *e)
{
	uint64_t size = w->record->size;

	if (f->arg % SYNC_BLOCK != 0 || f->arg >= size ||
	    f->len != (size - f->arg < SYNC_BLOCK ? size - f->arg :
	    SYNC_BLOCK))
		return error_set(e, ERROR_DATA, "%s: a block is in no place "
		    "of it", w->path);
	if (pass_to(w, f->arg / SYNC_BLOCK, e) < 0)
		return -1;
	blake2_add(&w->total, f->sum, sizeof(f->sum));
	w->next++;
	if (begin_writing(v, w) < 0 ||
	    (w->written || w->partial ?
	    write_at(w->file, f->data, f->len, f->arg) :
	    write_sparsely(w->file, f->data, f->len, f->arg)) < 0)
		return failed(w, e);
	return 0;
}

static int
punch(int fd, uint64_t at, uint64_t len)
{
	AUTO_FREE uint8_t *zeros = NULL;

#ifdef FALLOC_FL_PUNCH_HOLE
	if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
	    (off_t)at, (off_t)len) == 0)
		return 0;
#endif
	zeros = xcalloc(1, len);
	return write_at(fd, zeros, len, at);
}

static int
take_hole(struct receiver *v, struct want *w, const struct frame *f,
    struct error *e)
{
	static const uint8_t hole[BLAKE2_SIZE];
	uint64_t size = w->record->size;

	if (f->arg % SYNC_BLOCK != 0 || f->arg >= size || f->len != 0)
		return error_set(e, ERROR_DATA, "%s: a hole is in no place "
		    "of it", w->path);
	if (pass_to(w, f->arg / SYNC_BLOCK, e) < 0)
		return -1;
	blake2_add(&w->total, hole, sizeof(hole));
	w->next++;
	if (begin_writing(v, w) < 0 || punch(w->file, f->arg,
	    size - f->arg < SYNC_BLOCK ? size - f->arg : SYNC_BLOCK) < 0)
		return failed(w, e);
	return 0;
}

static int
take_end(struct receiver *v, struct want *w, const struct frame *f,
    struct error *e)
{
	uint8_t sum[BLAKE2_SIZE];

	if (f->arg == SYNC_CHANGED && !v->target->final) {
		v->target->changed++;
		return 0;
	}
	if (f->arg != SYNC_COMPLETE || f->len != sizeof(sum))
		return error_set(e, ERROR_DATA, "%s did not come whole",
		    w->path);
	if (pass_to(w, sync_block_count(w->record->size), e) < 0)
		return -1;
	blake2_end(&w->total, sum);
	if (memcmp(sum, f->data, sizeof(sum)) != 0)
		return error_set(e, ERROR_DATA, "%s did not come as it is "
		    "there: its checksum is wrong", w->path);
	return complete(v, w, e);
}

/* Answers until the oldest question is answered. */
static int
take_answer(struct receiver *v, struct error *e)
{
	struct want *w = v->wants.items[0];

	for (;;) {
		struct frame f;
		int result;

		if (sync_get(v->wire, &f, e) < 0)
			return -1;
		if (f.type == SYNC_DATA)
			result = take_data(v, w, &f, e);
		else if (f.type == SYNC_HOLE)
			result = take_hole(v, w, &f, e);
		else if (f.type == SYNC_END)
			result = take_end(v, w, &f, e);
		else
			result = error_set(e, ERROR_DATA, "the sending side "
			    "sends what is not expected");
		if (result < 0)
			return -1;
		if (f.type == SYNC_END)
			break;
	}
	v->asked -= w->asked;
	v->wants.count--;
	memmove(v->wants.items, v->wants.items + 1,
	    v->wants.count * sizeof(v->wants.items[0]));
	want_free(w);
	return 0;
}

int
wants_finish(struct receiver *v, struct error *e)
{
	while (v->wants.count > 0)
		if (take_answer(v, e) < 0)
			return -1;
	return 0;
}

static int
sum_base(struct want *w)
{
	struct sync_blocks b;
	struct stat st;
	size_t len;
	int result = 0;

	if (fstat(w->base, &st) < 0)
		return -1;
	w->count = sync_block_count((uint64_t)st.st_size);
	if (w->count > sync_block_count(w->record->size))
		w->count = sync_block_count(w->record->size);
	if (w->count > SYNC_HAVE_MAX)
		w->count = SYNC_HAVE_MAX;
	w->sums = xcalloc(w->count + 1, BLAKE2_SIZE);
	sync_blocks_init(&b, w->base, (uint64_t)st.st_size);
	for (uint64_t i = 0; result == 0 && i < w->count; i++)
		result = sync_block(&b, i, &len, w->sums + i * BLAKE2_SIZE);
	sync_blocks_fini(&b);
	return result;
}

static int
ask(struct receiver *v, struct want *w, struct error *e)
{
	AUTO_BUF struct buf question = BUF_INIT;
	uint64_t left = w->count * BLAKE2_SIZE;
	const uint8_t *sums = w->sums;

	w->asked = strlen(w->path) + left + (size_t)4 * WIRE_HEADER;
	while (v->wants.count > 0 && (v->wants.count == WANTS ||
	    v->asked + w->asked > ASKED))
		if (take_answer(v, e) < 0)
			return -1;
	buf_append(&question, w->record->token, SYNC_TOKEN);
	buf_puts(&question, w->path);
	if (wire_put(v->wire, SYNC_WANT, w->count, question.data,
	    question.len, e) < 0)
		return -1;
	while (left > 0) {
		size_t len = left < WIRE_MAX ? (size_t)left : WIRE_MAX;

		if (wire_put(v->wire, SYNC_HAVE, 0, sums, len, e) < 0)
			return -1;
		sums += len;
		left -= len;
	}
	v->asked += w->asked;
	return 0;
}

/* Of what is there something may be in it. */
static int
find_base(struct receiver *v, struct want *w, bool there)
{
	w->base = open_temporary(v, w, O_RDWR);
	w->partial = w->base >= 0;
	if (w->base < 0 && there)
		w->base = openat(w->dir, w->record->name,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (w->base < 0 && errno == EACCES && there &&
	    fchmodat(w->dir, w->record->name, 0600, 0) == 0)
		w->base = openat(w->dir, w->record->name,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	return w->base < 0 && errno != ENOENT ? -1 : 0;
}

static struct want *
want_new(const struct sync_record *r, char *path)
{
	struct want *w = xcalloc(1, sizeof(*w));
	uint8_t sum[BLAKE2_SIZE];

	w->record = xcalloc(1, sizeof(*r));
	*w->record = *r;
	buf_append(&w->attrs, r->attrs, r->attrs_len);
	w->path = path;
	w->dir = w->base = w->file = -1;
	blake2_init(&w->total);
	sync_path_sum(path, sum);
	for (size_t i = 0; i < SYNC_TOKEN; i++)
		snprintf(w->temporary + 2 * i, 3, "%02x", sum[i]);
	return w;
}

/* As it was received before, and nobody has touched it since. */
static bool
is_known(const struct receiver *v, const struct sync_record *r,
    const char *path, const struct stat *st)
{
	return S_ISREG(st->st_mode) && (uint64_t)st->st_size == r->size &&
	    st->st_mtim.tv_sec == r->mtime &&
	    st->st_mtim.tv_nsec == (long)r->nsec && !r->young &&
	    sync_known_has(v->target->known, path, r->token);
}

int
want_file(struct receiver *v, const struct sync_record *r, struct error *e)
{
	struct sync_place *p = sync_top(&v->stack);
	char *path = sync_path(&v->stack, r->name);
	struct want *w;
	struct stat st;
	bool there = fstatat(p->fd, r->name, &st, AT_SYMLINK_NOFOLLOW) == 0;

	if (there && is_known(v, r, path, &st)) {
		v->target->kept++;
		free(path);
		return 0;
	}
	w = want_new(r, path);
	w->dir = fcntl(p->fd, F_DUPFD_CLOEXEC, 3);
	if (r->size > SYNC_FILE_MAX) {
		error_set(e, ERROR_DATA, "%s is larger than 16 TB", path);
	} else if (w->dir < 0) {
		failed(w, e);
	} else if (there && !S_ISREG(st.st_mode) &&
	    path_remove_tree(p->fd, r->name, e) < 0) {
		error_wrap(e, "write %s", path);
	} else if (find_base(v, w, there && S_ISREG(st.st_mode)) < 0 ||
	    (w->base >= 0 && sum_base(w) < 0)) {
		failed(w, e);
	} else if (ask(v, w, e) == 0) {
		VEC_PUSH(&v->wants, w);
		return 0;
	}
	want_free(w);
	return -1;
}
