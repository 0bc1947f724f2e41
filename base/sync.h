/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef BASE_SYNC_H
#define BASE_SYNC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/vec.h"
#include "base/wire.h"

/*
 * Making a file tree like another one at the far end of a wire, where most of
 * it may be already.  sync_send() tells every file (a manifest), the other
 * side asks for what it lacks, block by block, and gets that.
 *
 * A manifest is the walk through the tree: a record for each file, directories
 * entered and left.  Whatever is not in it is not in the tree.  Names are
 * single components; paths exist only where blocks are asked for, and are
 * walked component by component, no link followed.
 */
enum sync_kind {
	SYNC_DIR = 1,	/* entered; the root has no name */
	SYNC_LEAVE,
	SYNC_FILE,
	SYNC_LINK,	/* another name of the file of that group */
	SYNC_SYMLINK,
	SYNC_NODE,	/* device or FIFO */
	SYNC_SAME,	/* as in the base, with all that is below */
};
enum {
	SYNC_TOKEN = 16,
	SYNC_BLOCK = 128 << 10,
	SYNC_RECORD_MAX = 512 << 10,
	SYNC_PATH_MAX = 512 << 10,
	SYNC_HAVE_MAX = 1 << 20,	/* blocks; what is behind is sent */
};

struct sync_record {
	enum sync_kind kind;
	char name[256];
	uint32_t mode, uid, gid;	/* mode with its type */
	int64_t mtime;
	uint32_t nsec;
	uint64_t size;			/* FILE */
	uint64_t rdev;			/* NODE: major << 32 | minor */
	uint64_t group;			/* 0: it has no other names; the first
					   of group n has it too */
	uint8_t token[SYNC_TOKEN];	/* FILE: another one when anything of
					   it has changed */
	bool young;			/* changed so lately that the next
					   change may have the same token */
	char target[4096];		/* SYMLINK */
	const uint8_t *attrs;		/* attr_read(); borrowed */
	size_t attrs_len;
};

void sync_put_record(struct buf *out, const struct sync_record *r);
/*
 * One record from the beginning of data; *used is its length.  Everything is
 * checked that does not need the file system.  ERROR_DATA.
 */
int sync_get_record(const uint8_t *data, size_t len, size_t *used,
    struct sync_record *r, struct error *e) FALLIBLE;
/* Appended bytes that the record begins with: its length. */
void sync_put_number(struct buf *out, uint64_t value);
/* Bytes used; 0 when that is no number. */
size_t sync_get_number(const uint8_t *data, size_t len, uint64_t *value);

/* Types of frames; those of who uses this begin at SYNC_FRAMES. */
enum {
	SYNC_MANIFEST = 1,	/* records */
	SYNC_MANIFEST_END,	/* arg: how many */
	SYNC_WANT,		/* arg: blocks at hand; token, path */
	SYNC_HAVE,		/* the sums of these blocks */
	SYNC_DATA,		/* arg: offset */
	SYNC_HOLE,		/* arg: offset; a block of zeros */
	SYNC_END,		/* arg: enum sync_end; sum of all sums */
	SYNC_DONE,		/* all is here */
	SYNC_ERROR,		/* arg: enum error_kind; text */
	SYNC_FRAMES,
};
enum sync_end { SYNC_COMPLETE, SYNC_CHANGED };

/* wire_get(); a SYNC_ERROR of the peer becomes ours. */
int sync_get(struct wire *w, struct frame *f, struct error *e) FALLIBLE;
/* The same, of a frame that must be of that type. */
int sync_expect(struct wire *w, uint8_t type, struct frame *f,
    struct error *e) FALLIBLE;
/*
 * After a failure to write: the peer may have said why it does not listen any
 * more.  Then that is the error.
 */
void sync_last_words(struct wire *w, struct error *e);
/* Tell the peer; what goes wrong with that is of no interest. */
void sync_tell_error(struct wire *w, const struct error *e);

struct sync_source {
	int root;		/* the tree, opened */
	int base;		/* what may be told as SAME; -1 */
	bool live;		/* files may change meanwhile: such a file is
				   left for the next time.  Otherwise that is
				   ERROR_BUSY */
	uint64_t records, files;	/* out: told; of which data was sent */
	uint64_t bytes;			/* out: of data */
	uint64_t changed;		/* out: left for the next time */
};
/* Until the other side has all of it. */
int sync_send(struct wire *w, struct sync_source *s, struct error *e)
    FALLIBLE;
/* The manifest alone, into put(). */
typedef int sync_put_fn(void *arg, const struct sync_record *r,
    struct error *e);
int sync_scan(struct sync_source *s, sync_put_fn *put, void *arg,
    struct error *e) FALLIBLE;
/* A sum of names, contents, owners, modes, times and attributes. */
int sync_digest(int root, uint8_t sum[BLAKE2_SIZE], struct error *e) FALLIBLE;

/*
 * What was received before, by sum of the path: 32 bytes each, the half of the
 * sum and the token.
 */
struct sync_known {
	uint8_t (*items)[2 * SYNC_TOKEN];
	size_t count, cap;
};
void sync_known_fini(struct sync_known *k);
/* Append the entries of dir/name; missing is fine.  sync_known_sort() before
 * they are looked up. */
int sync_known_load(struct sync_known *k, int dir, const char *name,
    struct error *e) FALLIBLE;
void sync_known_sort(struct sync_known *k);
bool sync_known_has(const struct sync_known *k, const char *path,
    const uint8_t token[SYNC_TOKEN]);

struct sync_target {
	int root;		/* the tree, opened; nobody else is in it */
	int base;		/* what SAME means; -1: nothing */
	bool fresh;		/* the tree is as base, where not as known */
	int state;		/* a directory of ours: "manifest", "done",
				   "next" */
	const char *scratch;	/* a name in root that no file has */
	bool final;		/* make it whole: directories, links, times;
				   otherwise contents alone */
	struct sync_known *known;
	uint64_t files, kept;	/* out */
	uint64_t changed;	/* out: left for the next time */
};
/*
 * Make the tree so.  With an error what is there stays, and is used by the
 * next call.  When final, "next" in state has what was received, for
 * sync_known_load() of the next time.
 */
int sync_receive(struct wire *w, struct sync_target *t, struct error *e)
    FALLIBLE;

/* Between the files of sync. */

/* 16 TB: who says more would keep us busy for no data. */
#define SYNC_FILE_MAX ((uint64_t)1 << 44)

/*
 * The directories from the root down to where a manifest is, opened; of deep
 * ones only the lowest.
 */
struct sync_place {
	int fd, base;		/* base: -1 when it has no such directory */
	struct stat st, base_st;
	size_t path;		/* length of the path of the one above */
	struct strings names;	/* that the manifest has */
	struct sync_record *dir;	/* its record, or NULL */
	struct buf attrs;
};
struct sync_stack {
	struct sync_place *items;
	size_t count, cap;
	struct buf path;	/* of the lowest, "" the root */
};
/* fd and base are taken over, also with an error. */
int sync_push(struct sync_stack *s, int fd, int base, const char *name,
    struct error *e) FALLIBLE;
int sync_pop(struct sync_stack *s, struct error *e) FALLIBLE;
void sync_stack_fini(struct sync_stack *s);
static inline struct sync_place *
sync_top(const struct sync_stack *s)
{
	return &s->items[s->count - 1];
}
/* Heap memory. */
char *sync_path(const struct sync_stack *s, const char *name);

/*
 * Owner, mode, attributes and time of name in dirfd, or (NULL) of dirfd, as r
 * says; what is so already is not touched.  -1 with errno.
 */
int sync_status(int dirfd, const char *name, const struct sync_record *r);
/* A link, device or FIFO, made when the one there is another. */
int sync_special(int dirfd, const char *name, const struct sync_record *r);
/* The file of r is what lies at name in base: everything of it, and below. */
int sync_revert(int dirfd, int base, const char *name, struct error *e)
    FALLIBLE;
/* The record of a file, attributes into attrs. */
int sync_describe(int dirfd, const char *name, struct sync_record *r,
    struct buf *attrs);

void sync_record_stat(struct sync_record *r, const struct stat *st);
void sync_token(const struct stat *st, uint8_t token[SYNC_TOKEN]);
void sync_path_sum(const char *path, uint8_t sum[BLAKE2_SIZE]);
/* The sum of a block of zeros, a hole or not, is all zeros. */
struct sync_blocks {
	int fd;
	uint64_t size;		/* blocks are looked at up to here */
	uint64_t data, hole;	/* data lies from data to hole; from hole on
				   it is not known */
	uint8_t *block;		/* what was read last */
};
void sync_blocks_init(struct sync_blocks *b, int fd, uint64_t size);
void sync_blocks_fini(struct sync_blocks *b);
/* *len is 0 at the end of the file, which may come before size. */
int sync_block(struct sync_blocks *b, uint64_t index, size_t *len,
    uint8_t sum[BLAKE2_SIZE]);
static inline uint64_t
sync_block_count(uint64_t size)
{
	return size / SYNC_BLOCK + (size % SYNC_BLOCK != 0);
}
bool sync_is_hole(const uint8_t sum[BLAKE2_SIZE]);

#endif
