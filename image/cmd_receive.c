/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/vec.h"
#include "image/control.h"
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
exec_receive(const struct options *o, struct error *e)
{
	AUTO_BUF struct buf trusted = BUF_INIT, go = BUF_INIT;
	AUTO_BUF struct buf verdict = BUF_INIT;
	AUTO_CLOSE int archive = -1;
	AUTO_CLOSE int dir = -1;
	AUTO_CLOSE int lock = -1;
	int fds[2];
	struct progress progress;
	AUTO_RECEIVE struct receive r = { .name = o->operands[0],
	    .progress = &progress, .max_size = o->max_size,
	    .max_entries = o->max_entries, .devices = o->devices,
	    .hold = -1 };

	progress_init(&progress, o->progress);
	if (control_take(&trusted, &archive, 1, e) < 0 ||
	    open_archive(&r, archive, e) < 0 ||
	    control_tell(r.manifest.data, r.manifest.len, e) < 0 ||
	    control_tell(buf_text(&r.conf), r.conf.len, e) < 0 ||
	    control_take(&go, fds, 2, e) < 0)
		return -1;
	/* the jail's lock is held as long as anything is written */
	dir = fds[0];
	r.hold = lock = fds[1];
	if (receive_tree(&r, dir, e) < 0 || check_signature(&r,
	    buf_text(&trusted), o->verify, &verdict, e) < 0)
		return -1;
	buf_printf(&verdict, "\nlost %u\n", r.lost);
	return control_tell(verdict.data, verdict.len, e);
}

static const char *const receive_options[] = {
	"devices", "max-entries", "max-size", "progress", "verify", NULL,
};

const struct image_cmd image_cmd_receive = {
	.name = "receive",
	.usage = "NAME",
	.summary = "read an archive of a jail, for gaol",
	.options = receive_options,
	.operands = 1,
	.exec = exec_receive,
};
