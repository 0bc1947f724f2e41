/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/import.h"

enum { SUM_MAX = 4096 };

/* "web_2026-11-23.txz" has its sum in "web_2026-11-23.sha256". */
static const char *const suffixes[] = { ".txz", ".tgz", ".tzst", ".tar.xz",
	".xz", ".gz", ".zst", ".zip", NULL };

static void
add_sum(const char *word, const char *path, struct buf *text)
{
	struct error ignored = ERROR_INIT;
	AUTO_BUF struct buf sum = BUF_INIT;

	if (file_read(AT_FDCWD, path, SUM_MAX, &sum, &ignored) < 0)
		return;
	buf_printf(text, "%s ", word);
	for (size_t i = 0; i < sum.len; i++)
		buf_printf(text, "%02x", (unsigned char)sum.data[i]);
	buf_putc(text, '\n');
}

static bool
has_suffix(const char *name, const char *suffix)
{
	size_t len = strlen(name), end = strlen(suffix);

	return len > end && strcmp(name + len - end, suffix) == 0;
}

void
import_sums(const char *file, struct buf *text)
{
	static const struct {
		const char *word, *suffix;
	} beside[] = { { "skein", ".skein" }, { "meta", ".meta" },
		{ "signature", ".skein.sig" }, { "sha256", ".sha256" } };
	AUTO_FREE char *plain = NULL;

	if (strcmp(file, "-") == 0)
		return;
	for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
		AUTO_FREE char *path = xasprintf("%s%s", file,
		    beside[i].suffix);

		add_sum(beside[i].word, path, text);
	}
	for (size_t i = 0; suffixes[i] != NULL && plain == NULL; i++)
		if (has_suffix(file, suffixes[i]))
			plain = xasprintf("%.*s.sha256", (int)(strlen(file) -
			    strlen(suffixes[i])), file);
	if (plain != NULL)
		add_sum("sha256", plain, text);
}

int
import_map(struct import *i, struct error *e)
{
	cell_init(&i->cell, i->name);
	i->foreign.jail = i->manifest.name;
	i->foreign.cell = &i->cell;
	if (foreign_map(&i->foreign, e) < 0)
		return error_wrap(e, "'%s'", i->manifest.name);
	i->old_host = cell_text(&i->cell, "host.hostname");
	if (i->old_host == NULL || *i->old_host == '\0') {
		free(i->old_host);
		i->old_host = xstrdup(i->manifest.name);
	}
	return 0;
}

void
import_tell_lost(const struct import *i)
{
	for (size_t n = 0; n < i->foreign.mounts.count; n++)
		host_say(i->host, "%s: %s", i->name,
		    i->foreign.mounts.items[n]);
	for (size_t n = 0; n < i->foreign.lost.count; n++)
		host_say(i->host, "%s: %s", i->name,
		    i->foreign.lost.items[n]);
}
