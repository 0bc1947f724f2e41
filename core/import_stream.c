/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * An archive of streams of zfs: they become the datasets of the new jail as
 * they are, in which its settings are found.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "core/import.h"

static bool
can_receive(const struct store *s)
{
	return s->receive != NULL;
}

int
import_stream_prepare(struct import *i, struct error *e)
{
	const char *want = i->options->store;

	i->store = want != NULL ? store_find(want) :
	    store_default(i->host, e);
	if (i->store == NULL)
		return want == NULL ? -1 : error_set(e, ERROR_UNSUPPORTED,
		    "store '%s' does not exist on this host", want);
	if (!can_receive(i->store))
		return store_cannot(i->store, "take over a stream of zfs",
		    can_receive, e);
	return i->store->probe(i->host->root, e);
}

/* Read and forget. */
static int
drain(int fd, struct error *e)
{
	char block[65536];
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) != 0)
		if (n < 0 && errno != EINTR)
			return error_sys(e, "read");
	return 0;
}

static int
receive_one(struct import *i, const char *below, int fd, struct error *e)
{
	bool known = *below == '\0' || strcmp(below, "root") == 0 ||
	    strcmp(below, "m") == 0;

	if (fd < 0)
		return error_set(e, ERROR_FAILED,
		    "gaol-image gave no stream");
	if (known ? i->store->receive(&i->at, below, fd, e) < 0 :
	    drain(fd, e) < 0)
		return -1;
	if (!known)
		foreign_lose(&i->foreign, below, NULL,
		    "a dataset beside the jail's root");
	return helper_send(&i->helper, "next", 4, NULL, 0, e);
}

static int
receive_all(void *arg, struct error *e)
{
	struct import *i = arg;
	const int fds[] = { i->lock, i->lock };

	if (mkdirat(i->host->jails_fd, i->fresh, 0700) < 0)
		return error_sys(e, "make %s", i->path);
	if (helper_send(&i->helper, "go", 2, fds, 2, e) < 0)
		return -1;
	for (;;) {
		AUTO_BUF struct buf text = BUF_INIT;
		AUTO_CLOSE int fd = -1;

		if (helper_receive_fd(&i->helper, &text, &fd, e) < 0)
			return -1;
		if (strncmp(buf_text(&text), "stream ", 7) != 0) {
			import_verdict(i, buf_text(&text));
			break;
		}
		if (receive_one(i, text.data + 7, fd, e) < 0)
			return -1;
	}
	if (helper_finish(&i->helper, e) < 0 ||
	    i->store->received(&i->at, e) < 0)
		return -1;
	i->at.dir = file_opendir(i->host->jails_fd, i->fresh, e);
	return i->at.dir < 0 ? -1 : 0;
}

static int
remove_all(void *arg, struct error *e)
{
	struct import *i = arg;

	close_fd(&i->root);
	close_fd(&i->at.dir);
	return store_remove(i->host, i->name, i->fresh, e);
}

static void
tell_receive(void *arg, struct buf *text)
{
	const struct import *i = arg;

	buf_printf(text, "receive the datasets of '%s' (store %s)", i->name,
	    i->store->name);
}

/* The names that are there but "root". */
static int
remove_rest(int dir, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	AUTO_DIR DIR *list = NULL;
	const struct dirent *d;
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || (list = fdopendir(fd)) == NULL)
		return error_sys(e, "read the files");
	while ((d = readdir(list)) != NULL)
		if (strcmp(d->d_name, ".") != 0 &&
		    strcmp(d->d_name, "..") != 0 &&
		    strcmp(d->d_name, "root") != 0)
			strings_add(&names, d->d_name);
	for (size_t i = 0; i < names.count; i++)
		if (path_remove_tree(dir, names.items[i], e) < 0)
			return -1;
	return 0;
}

static int
take_settings(void *arg, struct error *e)
{
	struct import *i = arg;

	i->root = i->store->edit(&i->at, e);
	if (i->root < 0)
		return -1;
	free(i->manifest.os);
	i->manifest.os = xstrdup(foreign_os(i->root));
	if (foreign_read(&i->foreign, i->at.dir, e) < 0 ||
	    import_check_os(i, e) < 0 || import_map(i, e) < 0 ||
	    import_identity(i, e) < 0 ||
	    store_check_quota(&i->cell, i->store, e) < 0 ||
	    import_set(&i->cell, "store", i->store->name, e) < 0 ||
	    import_set(&i->cell, "type", "thick", e) < 0 ||
	    foreign_fit(&i->foreign, e) < 0)
		return -1;
	return remove_rest(i->at.dir, e);
}

static void
tell_settings(void *arg, struct buf *text)
{
	buf_puts(text, "take over the settings that are in them");
}

static void
tell_conf(void *arg, struct buf *text)
{
	const struct import *i = arg;

	buf_printf(text, "write %s/jails/%s/cell.conf", i->host->root,
	    i->name);
}

static const struct step stream_steps[] = {
	{ "receive the datasets", receive_all, remove_all, tell_receive },
	{ "take over the settings", take_settings, NULL, tell_settings },
	{ "forget the old identity", import_forget, NULL,
	    import_tell_forget },
	{ "write cell.conf", import_write_conf, NULL, tell_conf },
	{ "limit its space", import_set_quota, NULL, import_tell_nothing },
	{ "rename it in", import_rename_in, NULL, import_tell_rename },
};

int
import_stream_run(struct import *i, struct error *e)
{
	return steps_run(i->host, stream_steps, sizeof(stream_steps) /
	    sizeof(stream_steps[0]), i, e);
}
