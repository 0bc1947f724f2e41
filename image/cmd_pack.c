/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/num.h"
#include "base/vec.h"
#include "image/control.h"
#include "image/options.h"
#include "image/pack.h"
#include "image/sign.h"

/* What gaol hands over: the tree, the file to write, the secret key (or the
 * tree again). */
enum { TREE, OUT, KEY, HANDED };

struct job {
	const struct options *o;
	int fds[HANDED];
	struct buf manifest, conf;
	struct pack pack;
};

#define AUTO_JOB __attribute__((cleanup(job_fini)))

static void
job_fini(struct job *j)
{
	for (size_t i = 0; i < HANDED; i++)
		close_fd(&j->fds[i]);
	buf_fini(&j->manifest);
	buf_fini(&j->conf);
}

static int
sign(struct job *j, struct buf *end, struct error *e)
{
	char sum[HASH_HEX], key[SIGN_KEY_TEXT], signature[SIGN_TEXT];
	AUTO_FREE char *text = NULL;

	sink_sum(j->pack.sink, sum);
	text = xasprintf("gaol-archive-signature 1\n%s\n", sum);
	if (sign_with(j->fds[KEY], text, strlen(text), key, signature, e) < 0)
		return -1;
	buf_printf(end, "key %s\nsignature %s\n", key, signature);
	return 0;
}

/* The sum of all that goes before stands in this member's header. */
static int
add_end(struct job *j, struct error *e)
{
	AUTO_BUF struct buf end = BUF_INIT;

	buf_printf(&end, "members %" PRIu64 "\nbytes %" PRIu64 "\n",
	    j->pack.members - 2, j->pack.bytes);
	if (j->o->sign && sign(j, &end, e) < 0)
		return -1;
	if (pack_text(&j->pack, "gaol-end", end.data, end.len, e) < 0)
		return -1;
	return pack_end(&j->pack, e);
}

static int
pack_all(struct job *j, struct error *e)
{
	struct pack *p = &j->pack;

	if (pack_text(p, "gaol-archive", buf_text(&j->manifest),
	    j->manifest.len, e) < 0 || pack_text(p, "cell.conf",
	    buf_text(&j->conf), j->conf.len, e) < 0 ||
	    pack_tree(p, j->fds[TREE], e) < 0)
		return -1;
	return add_end(j, e);
}

/* The next of the files, "NAME LENGTH\n" and so many bytes. */
static int
pack_file_text(struct job *j, size_t *at, struct error *e)
{
	const char *text = j->manifest.data + *at;
	size_t left = j->manifest.len - *at;
	const char *line = memchr(text, '\n', left);
	const char *space = memchr(text, ' ', left);
	uint64_t len;

	if (line == NULL || space == NULL || space > line)
		return error_set(e, ERROR_FAILED, "gaol told no files");
	AUTO_FREE char *number = xstrndup(space + 1, (size_t)(line - space -
	    1));
	left -= (size_t)(line + 1 - text);
	if (parse_uint(number, 0, left, &len, e) < 0)
		return -1;
	AUTO_FREE char *name = xasprintf("%s/%.*s", j->o->operands[0],
	    (int)(space - text), text);
	*at += (size_t)(line + 1 - text) + (size_t)len;
	return pack_text(&j->pack, name, line + 1, (size_t)len, e);
}

/* A jail's directory as Bastille's tar has it: NAME, files that describe it,
 * NAME/root. */
static int
pack_directory(struct job *j, struct error *e)
{
	AUTO_ENTRY struct tar_entry top = { .type = TAR_DIRECTORY,
	    .mode = 0700 };
	size_t at = 0;

	top.mtime.tv_sec = time(NULL);
	buf_puts(&top.name, j->o->operands[0]);
	if (pack_header(&j->pack, &top, e) < 0)
		return -1;
	while (at < j->manifest.len)
		if (pack_file_text(j, &at, e) < 0)
			return -1;
	if (pack_tree(&j->pack, j->fds[TREE], e) < 0)
		return -1;
	return pack_end(&j->pack, e);
}

static int
tell(const struct job *j, struct error *e)
{
	const struct pack *p = &j->pack;
	AUTO_BUF struct buf text = BUF_INIT;
	char sum[HASH_HEX];
	struct stat st;

	buf_printf(&text, "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
	    " %" PRIu64, p->members - 3, p->bytes, p->sink->written,
	    p->sockets, p->mounts);
	/* what lies beside the file of Bastille's */
	if (j->o->compression != NULL && fstat(j->fds[OUT], &st) == 0 &&
	    S_ISREG(st.st_mode)) {
		if (hash_file(j->fds[OUT], p->progress, sum, e) < 0)
			return -1;
		buf_printf(&text, " %s", sum);
	}
	return control_tell(text.data, text.len, e);
}

static int
exec_pack(const struct options *o, struct error *e)
{
	AUTO_JOB struct job j = { .o = o, .fds = { -1, -1, -1 } };
	AUTO_SINK struct sink sink = { .fd = -1 };
	AUTO_FREE char *below = xasprintf("%s/root", o->operands[0]);
	bool own = o->compression == NULL;
	struct progress progress;

	if (control_take(&j.manifest, j.fds, HANDED, e) < 0 ||
	    control_take(&j.conf, NULL, 0, e) < 0)
		return -1;
	progress_init(&progress, o->progress);
	j.pack = (struct pack){ .sink = &sink, .prefix = own ? "root" : below,
	    .sums = own, .progress = &progress };
	progress_begin(&progress, "exporting", o->operands[0], 0);
	if (sink_open(&sink, j.fds[OUT], own ? "zstd" : o->compression,
	    o->level, e) < 0 || (own ? pack_all(&j, e) :
	    pack_directory(&j, e)) < 0 || sink_close(&sink, e) < 0)
		return -1;
	progress_end(&progress);
	return tell(&j, e);
}

static const char *const pack_options[] = {
	"compression", "level", "progress", "sign", NULL,
};

const struct image_cmd image_cmd_pack = {
	.name = "pack",
	.usage = "NAME",
	.summary = "write an archive of a jail, for gaol",
	.options = pack_options,
	.operands = 1,
	.exec = exec_pack,
};
