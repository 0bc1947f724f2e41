/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Templates of before there was a Bastillefile: a file for each keyword. */
#include <fcntl.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "template/library.h"

enum { TEXT_MAX = 1 << 20 };

/* In the order in which they are done. */
static const struct {
	const char *file;
	const char *before, *after;	/* around each line */
} hooks[] = {
	{ "ARG", "ARG ", "" },
	{ "LIMITS", "LIMITS ", "" },
	{ "INCLUDE", "INCLUDE ", "" },
	{ "PRE", "CMD ", "" },
	{ "FSTAB", "MOUNT ", "" },
	{ "PF", "RDR ", "" },
	{ "PKG", "PKG ", "" },
	{ "OVERLAY", "CP ", " /" },
	{ "CONFIG", "CP ", " /" },
	{ "SYSRC", "SYSRC ", "" },
	{ "SERVICE", "SERVICE ", "" },
	{ "CMD", "CMD ", "" },
	{ "RENDER", "RENDER ", "" },
};

bool
convert_has_hooks(const char *dir)
{
	for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++) {
		AUTO_FREE char *file = xasprintf("%s/%s", dir, hooks[i].file);
		AUTO_CLOSE int fd = open(file, O_RDONLY | O_CLOEXEC |
		    O_NOFOLLOW | O_NONBLOCK);
		AUTO_BUF struct buf text = BUF_INIT;
		struct error none = ERROR_INIT;

		/* a directory of that name is none */
		if (fd >= 0 && file_read_fd(fd, TEXT_MAX, &text, &none) == 0)
			return true;
	}
	return false;
}

static void
add_lines(const struct buf *from, const char *before, const char *after,
    struct buf *to)
{
	const char *p = buf_text(from);

	while (*p != '\0') {
		size_t len = strcspn(p, "\n"), blank = strspn(p, " \t");

		if (blank < len && p[blank] != '#')
			buf_printf(to, "%s%.*s%s\n", before,
			    (int)(len - blank), p + blank, after);
		p += len + (p[len] == '\n');
	}
}

int
convert_hooks(const char *dir, struct template_text *t, struct error *e)
{
	AUTO_FREE char *target = xasprintf("%s/TARGET", dir);

	t->hooks = true;
	t->dir = xstrdup(dir);
	t->file = xasprintf("%s/Bastillefile (of its hook files)", dir);
	for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++) {
		AUTO_FREE char *file = xasprintf("%s/%s", dir, hooks[i].file);
		AUTO_BUF struct buf text = BUF_INIT;

		if (file_read(AT_FDCWD, file, TEXT_MAX, &text, e) < 0) {
			if (e->kind != ERROR_NOT_FOUND &&
			    strcmp(hooks[i].file, "CONFIG") != 0 &&
			    strcmp(hooks[i].file, "OVERLAY") != 0)
				return -1;
			error_clear(e);
			continue;
		}
		add_lines(&text, hooks[i].before, hooks[i].after, &t->text);
	}
	if (file_exists(AT_FDCWD, target))
		strings_take(&t->notes, xasprintf("%s: jails are named where "
		    "the template is applied", target));
	return 0;
}
