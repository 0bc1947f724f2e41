/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/cell.h"
#include "core/restart.h"

enum { FILE_LIMIT = 1 << 20 };

static char *
file_of(const char *name)
{
	return xasprintf("restart/%s", name);
}

int
restart_begin(const struct host *h, const struct cell *c, struct spec *s,
    int *fd, struct error *e)
{
	AUTO_FREE char *policy = cell_text(c, "restart");
	AUTO_FREE char *file = file_of(c->name);
	const char *most;

	if (policy == NULL || strcmp(policy, "no") == 0) {
		restart_forget(h, c->name);
		return 0;
	}
	if (mkdirat(h->run_fd, "restart", 0700) < 0 && errno != EEXIST)
		return error_sys(e, "%s/restart", h->run);
	*fd = openat(h->run_fd, file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND |
	    O_NOFOLLOW | O_CLOEXEC, 0600);
	if (*fd < 0)
		return error_sys(e, "%s/%s", h->run, file);
	most = strchr(policy, ':');
	s->engine.restart_fd = *fd;
	s->engine.restart_always = strcmp(policy, "always") == 0;
	s->engine.restart_most = most != NULL ?
	    (unsigned)strtoul(most + 1, NULL, 10) : 0;
	return 0;
}

void
restart_forget(const struct host *h, const char *name)
{
	AUTO_FREE char *file = file_of(name);

	(void)unlinkat(h->run_fd, file, 0);
}

char *
restart_failure(const struct host *h, const char *name)
{
	AUTO_FREE char *file = file_of(name);
	AUTO_BUF struct buf text = BUF_INIT;
	struct error ignored = ERROR_INIT;
	const char *last, *failed;

	if (file_read(h->run_fd, file, FILE_LIMIT, &text, &ignored) < 0 ||
	    text.len == 0)
		return NULL;
	if (text.data[text.len - 1] == '\n')
		text.data[text.len - 1] = '\0';
	last = strrchr(text.data, '\n');
	last = last != NULL ? last + 1 : text.data;
	failed = strstr(last, "\tfailed\tgaol: ");
	return failed != NULL ?
	    xstrdup(failed + strlen("\tfailed\tgaol: ")) : NULL;
}

int
restart_names(const struct host *h, struct strings *names, struct error *e)
{
	AUTO_CLOSE int fd = file_opendir(h->run_fd, "restart", e);
	const struct dirent *d;

	if (fd < 0 && e->sys_errno == ENOENT) {
		error_clear(e);
		return 0;
	}
	if (fd < 0)
		return -1;
	AUTO_DIR DIR *dir = fdopendir(fd);
	if (dir == NULL)
		return error_sys(e, "%s/restart", h->run);
	steal_fd(&fd);
	while ((d = readdir(dir)) != NULL)
		if (d->d_name[0] != '.')
			strings_add(names, d->d_name);
	strings_sort(names);
	return 0;
}
