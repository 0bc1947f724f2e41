/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Lines as in fstab(5), and what their source means. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/mounts.h"
#include "core/mount.h"
#include "core/volume.h"

void
mount_fini(struct engine_mount *m)
{
	free(m->source);
	free(m->target);
	free(m->type);
	free(m->options);
	*m = (struct engine_mount){ NULL, NULL, NULL, NULL, false, 0 };
}

int
mount_split(const char *line, struct engine_mount *m, struct error *e)
{
	char **words[] = { &m->source, &m->target, &m->type, &m->options };
	size_t n = 0;

	*m = (struct engine_mount){ NULL, NULL, NULL, NULL, false, 0 };
	while (n < 4) {
		size_t len;

		line += strspn(line, " \t");
		len = strcspn(line, " \t");
		if (len == 0)
			break;
		*words[n] = xstrndup(line, len);
		mounts_unescape(*words[n++]);
		line += len;
	}
	if (n == 4)
		return 0;
	mount_fini(m);
	return error_set(e, ERROR_CONFIG, "mount: SOURCE TARGET TYPE "
	    "OPTIONS are needed, %zu of them are there", n);
}

void
mount_format(const struct engine_mount *m, struct buf *line)
{
	const char *words[] = { m->source, m->target, m->type, m->options };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (i > 0)
			buf_putc(line, ' ');
		for (const char *p = words[i]; *p != '\0'; p++)
			if (*p == ' ' || *p == '\t' || *p == '\\')
				buf_printf(line, "\\%03o", (unsigned)*p);
			else
				buf_putc(line, *p);
	}
}

void
mount_normalize(char *path)
{
	char *to = path;

	for (const char *p = path; *p != '\0'; p++)
		if (*p != '/' || to == path || to[-1] != '/')
			*to++ = *p;
	if (to > path + 1 && to[-1] == '/')
		to--;
	*to = '\0';
}

/*
 * How many bytes of a path below the state directory name a tree whose links
 * somebody else made; 0 for other paths.
 */
static size_t
hostile_part(const struct host *h, const char *path)
{
	static const char *const roots[] = { "root", "layers/upper" };
	static const char *const dirs[] = { "/jails/", "/releases/" };
	size_t len = strlen(h->root);

	if (strncmp(path, h->root, len) != 0)
		return 0;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		size_t at = len + strlen(dirs[i]);

		if (strncmp(path + len, dirs[i], strlen(dirs[i])) != 0)
			continue;
		at += strcspn(path + at, "/");
		for (size_t r = 0; r < sizeof(roots) / sizeof(roots[0]); r++) {
			size_t n = strlen(roots[r]);

			if (path[at] == '/' &&
			    strncmp(path + at + 1, roots[r], n) == 0 &&
			    (path[at + 1 + n] == '/' ||
			    path[at + 1 + n] == '\0'))
				return at + 1 + n;
		}
		return at;
	}
	return 0;
}

int
mount_parse(const struct host *h, const char *line, struct engine_mount *m,
    struct error *e)
{
	if (mount_split(line, m, e) < 0)
		return -1;
	if (strcmp(m->type, "nullfs") != 0)
		return 0;
	if (volume_is(m->source)) {
		char *path = volume_source(h, m->source, &m->anchor);

		free(m->source);
		m->source = path;
	} else {
		mount_normalize(m->source);
		m->anchor = hostile_part(h, m->source);
	}
	return 0;
}
