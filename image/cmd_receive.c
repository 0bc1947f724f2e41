/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/vec.h"
#include "image/control.h"
#include "image/foreign.h"
#include "image/options.h"
#include "image/receive.h"
#include "image/sign.h"

static const char magic[] = "gaol-archive 1\n";

static int
open_archive(struct receive *r, int fd, struct error *e)
{
	struct stat st;

	r->fd = fd;
	r->total = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ?
	    (uint64_t)st.st_size : 0;
	if (receive_open(r, e) < 0)
		return -1;
	if (strncmp(buf_text(&r->manifest), "gaol-archive ", 13) == 0 &&
	    strncmp(r->manifest.data, magic, sizeof(magic) - 1) != 0)
		return error_set(e, ERROR_UNSUPPORTED, "%s: this archive was "
		    "made by a newer gaol", r->name);
	if (strncmp(buf_text(&r->manifest), magic, sizeof(magic) - 1) != 0)
		return error_set(e, ERROR_DATA, "%s: not an archive of gaol",
		    r->name);
	return 0;
}

/* Lines "KEY NAME": the keys that somebody here trusts. */
static bool
find_key(const char *trusted, const char *key, char name[128])
{
	size_t len = strlen(key);

	for (const char *line = trusted; *line != '\0';) {
		size_t size = strcspn(line, "\n");

		if (size > len + 1 && size - len - 1 < 128 &&
		    strncmp(line, key, len) == 0 && line[len] == ' ') {
			memcpy(name, line + len + 1, size - len - 1);
			name[size - len - 1] = '\0';
			return true;
		}
		line += size + (line[size] == '\n');
	}
	return false;
}

/* A signature that is wrong is refused, whether one was asked for or not. */
static int
check_signature(const struct receive *r, const char *trusted, bool needed,
    struct buf *verdict, struct error *e)
{
	AUTO_FREE char *text = xasprintf("gaol-archive-signature 1\n%s\n",
	    r->sum);
	char name[128];

	if (*r->key == '\0') {
		buf_puts(verdict, "unsigned");
		return !needed ? 0 : error_set(e, ERROR_DENIED,
		    "%s: it is not signed", r->name);
	}
	if (sign_check(r->key, r->signature, text, strlen(text), e) < 0)
		return error_wrap(e, "%s", r->name);
	if (find_key(trusted, r->key, name)) {
		buf_printf(verdict, "signed %s", name);
		return 0;
	}
	buf_printf(verdict, "unknown %s", r->key);
	return !needed ? 0 : error_set(e, ERROR_DENIED, "%s: it is signed by "
	    "a key that is not trusted here (%s)", r->name, r->key);
}

static int
receive_own(const struct options *o, struct progress *progress, int archive,
    const char *trusted, struct error *e)
{
	AUTO_BUF struct buf go = BUF_INIT, verdict = BUF_INIT;
	AUTO_CLOSE int dir = -1;
	AUTO_CLOSE int lock = -1;
	int fds[2];
	AUTO_RECEIVE struct receive r = { .name = o->operands[0],
	    .progress = progress, .max_size = o->max_size,
	    .max_entries = o->max_entries, .devices = o->devices,
	    .hold = -1 };

	if (open_archive(&r, archive, e) < 0 ||
	    control_tell(r.manifest.data, r.manifest.len, e) < 0 ||
	    control_tell(buf_text(&r.conf), r.conf.len, e) < 0 ||
	    control_take(&go, fds, 2, e) < 0)
		return -1;
	/* the jail's lock is held as long as anything is written */
	dir = fds[0];
	r.hold = lock = fds[1];
	if (receive_tree(&r, dir, e) < 0 || check_signature(&r, trusted,
	    o->verify, &verdict, e) < 0)
		return -1;
	buf_printf(&verdict, "\nlost %u\n", r.lost);
	return control_tell(verdict.data, verdict.len, e);
}

/* A stream for gaol to receive: the pipe, then whether that was well. */
static int
hand_stream(void *arg, const char *below, int fd, struct error *e)
{
	AUTO_FREE char *text = xasprintf("stream %s", below);

	return pass_send(CONTROL, text, strlen(text), &fd, 1, e);
}

static int
await_stream(void *arg, struct error *e)
{
	AUTO_BUF struct buf answer = BUF_INIT;

	return control_take(&answer, NULL, 0, e);
}

static int
foreign_finish(struct foreign *f, struct buf *verdict, struct error *e)
{
	AUTO_BUF struct buf go = BUF_INIT;
	AUTO_CLOSE int dir = -1;
	AUTO_CLOSE int lock = -1;
	uint64_t lost = 0, devices = 0;
	int fds[2];

	/* of streams there is no directory: the lock twice */
	if (control_take(&go, fds, 2, e) < 0)
		return -1;
	dir = fds[0];
	f->hold = lock = fds[1];
	if (f->kind == FOREIGN_STREAM ?
	    foreign_streams(f, hand_stream, await_stream, NULL, e) < 0 :
	    foreign_tree(f, dir, &lost, &devices, e) < 0)
		return -1;
	buf_printf(verdict, "\nlost %ju\n", (uintmax_t)lost);
	if (devices > 0)
		progress_note(f->progress, "%ju device node%s left out",
		    (uintmax_t)devices, devices == 1 ? "" : "s");
	return control_tell(verdict->data, verdict->len, e);
}

static int
receive_foreign(const struct options *o, struct foreign *f, const char *sums,
    const char *trusted, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT, verdict = BUF_INIT;

	if (foreign_check(f, sums, o->unverified, trusted, &verdict, e) < 0)
		return -1;
	if (o->verify && strncmp(verdict.data, "signed ", 7) != 0)
		return error_set(e, ERROR_DENIED, "%s: %s", f->name,
		    strcmp(verdict.data, "unsigned") == 0 ?
		    "it is not signed" : "it is signed by a key that is not "
		    "trusted here");
	if (f->kind == FOREIGN_TREE && foreign_scan(f, e) < 0)
		return -1;
	buf_printf(&text, "foreign %s\nname %s\nkind foreign\nos %s\n",
	    f->kind == FOREIGN_TREE ? "tree" : "stream", f->jail,
	    f->kind == FOREIGN_STREAM || f->freebsd ? "freebsd" : "linux");
	if (control_tell(text.data, text.len, e) < 0 ||
	    control_tell(buf_text(&f->files), f->files.len, e) < 0)
		return -1;
	return foreign_finish(f, &verdict, e);
}

static int
exec_receive(const struct options *o, struct error *e)
{
	AUTO_BUF struct buf trusted = BUF_INIT, sums = BUF_INIT;
	AUTO_CLOSE int archive = -1;
	struct progress progress;
	struct stat st;
	AUTO_FOREIGN struct foreign f = { .name = o->operands[0],
	    .progress = &progress, .max_size = o->max_size,
	    .max_entries = o->max_entries };

	if (control_take(&trusted, &archive, 1, e) < 0 ||
	    control_take(&sums, NULL, 0, e) < 0)
		return -1;
	progress_init(&progress, PROGRESS_NONE);
	if (fstat(archive, &st) == 0 && S_ISREG(st.st_mode) &&
	    lseek(archive, 0, SEEK_CUR) == 0) {
		f.fd = archive;
		f.total = (uint64_t)st.st_size;
		if (foreign_probe(&f, e) < 0)
			return -1;
	}
	progress_init(&progress, o->progress);
	if (f.kind != FOREIGN_NONE)
		return receive_foreign(o, &f, buf_text(&sums),
		    buf_text(&trusted), e);
	return receive_own(o, &progress, archive, buf_text(&trusted), e);
}

static const char *const receive_options[] = {
	"devices", "max-entries", "max-size", "progress", "unverified",
	"verify", NULL,
};

const struct image_cmd image_cmd_receive = {
	.name = "receive",
	.usage = "NAME",
	.summary = "read an archive of a jail, for gaol",
	.options = receive_options,
	.operands = 1,
	.exec = exec_receive,
};
