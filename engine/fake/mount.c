/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Mounts of running jails in pretence: the file ".mounts.NAME" in the state
 * directory has a line "TARGET SOURCE" for each.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "engine/fake/fake.h"

static char *
mounts_file(const struct engine_spec *spec)
{
	return xasprintf(".mounts.%s", fake_name(spec->key));
}

static int
read_mounts(int dir, const char *file, struct buf *text, struct error *e)
{
	if (file_read(dir, file, 1 << 20, text, e) == 0)
		return 0;
	if (e->kind != ERROR_NOT_FOUND)
		return -1;
	error_clear(e);
	return 0;
}

/* Where the line of a target begins, NULL when there is none. */
static char *
find_mount(struct buf *text, const char *target)
{
	size_t len = strlen(target);
	char *line = text->data;

	while (line != NULL && *line != '\0') {
		char *end = strchr(line, '\n');

		if (strncmp(line, target, len) == 0 && line[len] == ' ')
			return line;
		line = end != NULL ? end + 1 : NULL;
	}
	return NULL;
}

static int
write_mounts(int dir, const char *file, const struct buf *text,
    struct error *e)
{
	return file_replace(dir, file, text->data, text->len, 0644,
	    FILE_VOLATILE, e);
}

int
fake_mount(const struct engine_live *live, const struct engine_spec *spec,
    const struct engine_mount *m, struct error *e)
{
	AUTO_CLOSE int dir = fake_dir(e);
	AUTO_FREE char *file = mounts_file(spec);
	AUTO_BUF struct buf text = BUF_INIT;

	if (dir < 0 || read_mounts(dir, file, &text, e) < 0)
		return -1;
	if (strcmp(m->type, "nullfs") != 0 && strcmp(m->type, "tmpfs") != 0)
		return error_set(e, ERROR_UNSUPPORTED, "type %s is mounted "
		    "when a jail starts; into one that runs nullfs and tmpfs "
		    "can be", m->type);
	if (strcmp(m->type, "nullfs") == 0 && access(m->source, F_OK) < 0)
		return error_sys(e, "%s", m->source);
	if (find_mount(&text, m->target) != NULL)
		return error_set(e, ERROR_EXISTS,
		    "%s: something is mounted there", m->target);
	buf_printf(&text, "%s %s\n", m->target, m->source);
	return write_mounts(dir, file, &text, e);
}

int
fake_umount(const struct engine_live *live, const struct engine_spec *spec,
    const struct engine_mount *m, bool detach, struct error *e)
{
	AUTO_CLOSE int dir = fake_dir(e);
	AUTO_FREE char *file = mounts_file(spec);
	AUTO_BUF struct buf text = BUF_INIT, kept = BUF_INIT;
	char *line, *end;

	if (dir < 0 || read_mounts(dir, file, &text, e) < 0)
		return -1;
	line = find_mount(&text, m->target);
	if (line == NULL)
		return 0;
	end = strchr(line, '\n') + 1;
	/* "busy" stands for a process that works there */
	if (!detach && strncmp(line + strlen(m->target) + 1, "busy\n",
	    5) == 0)
		return error_set(e, ERROR_BUSY, "%s is in use in the jail; -f "
		    "takes it away all the same", m->target);
	buf_append(&kept, text.data, (size_t)(line - text.data));
	buf_puts(&kept, end);
	return write_mounts(dir, file, &kept, e);
}
