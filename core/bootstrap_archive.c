/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * A release from an archive, a file or URL with its checksum.  gaol-image does
 * the work; it checks before it unpacks, also what it finds in the cache.
 */
#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/spawn.h"
#include "core/bootstrap.h"

static const uint64_t default_max_size = (uint64_t)16 << 30;

char *
bootstrap_image(const struct bootstrap *b)
{
	return xasprintf("%s/gaol-image", b->host->libexec);
}

void
bootstrap_image_argv(const struct bootstrap *b, const char *command,
    struct strings *argv)
{
	uint64_t max = b->options->max_size;

	strings_take(argv, bootstrap_image(b));
	strings_add(argv, command);
	strings_take(argv, xasprintf("--progress=%s", tool_progress()));
	strings_take(argv, xasprintf("--max-size=%" PRIu64,
	    max != 0 ? max : default_max_size));
}

int
bootstrap_image_run(struct bootstrap *b, struct strings *argv,
    struct error *e)
{
	int status;

	if (tool_run(&b->tool, argv, NULL, TOOL_SHOWN, &status, e) < 0)
		return -1;
	if (status == 0)
		return 0;
	return error_set(e, tool_kind(status), "%.450s",
	    tool_why(&b->tool));
}

int
bootstrap_image_check(const struct bootstrap *b, struct error *e)
{
	AUTO_FREE char *program = bootstrap_image(b);
	const char *sum = b->options->sha256;
	size_t len = sum != NULL ? strlen(sum) : 64;

	for (const char *p = sum; p != NULL && *p != '\0'; p++)
		if (!isxdigit((unsigned char)*p))
			len = 0;
	if (len != 64)
		return error_set(e, ERROR_USAGE, "'%.80s' is no SHA-256: that "
		    "is 64 hexadecimal digits", sum);
	if (access(program, X_OK) < 0)
		return error_sys(e, "%s", program);
	return 0;
}

static bool
archive_match(const char *source)
{
	struct stat st;

	return bootstrap_is_url(source) || strchr(source, '/') != NULL ||
	    stat(source, &st) == 0;
}

/* The last part of the path, without what follows a "?" or "#" of a URL. */
static char *
base_name(const char *source)
{
	size_t len = bootstrap_is_url(source) ? strcspn(source, "?#") :
	    strlen(source);
	AUTO_FREE char *path = xstrndup(source, len);
	const char *slash = strrchr(path, '/');

	return xstrdup(slash != NULL ? slash + 1 : path);
}

static char *
archive_name(const char *source)
{
	static const char *const suffixes[] = {
		".tar.gz", ".tar.xz", ".tar.zst", ".tar.bz2", ".tgz", ".txz",
		".tzst", ".tbz", ".tar",
	};
	char *name = base_name(source);
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		size_t cut = strlen(suffixes[i]);

		if (len > cut && strcmp(name + len - cut, suffixes[i]) == 0) {
			name[len - cut] = '\0';
			break;
		}
	}
	return name;
}

static int
archive_prepare(struct bootstrap *b, struct error *e)
{
	const struct bootstrap_options *o = b->options;
	struct stat st;

	if (!bootstrap_is_url(o->source)) {
		if (stat(o->source, &st) < 0)
			return error_sys(e, "%s", o->source);
		if (!S_ISREG(st.st_mode))
			return error_set(e, ERROR_DATA,
			    "%s is not a regular file", o->source);
	}
	if (o->sha256 == NULL)
		return error_set(e, ERROR_USAGE, "an archive needs --sha256 "
		    "HEX, the sum that its maker publishes; sha256sum FILE "
		    "prints what a file has");
	if (bootstrap_image_check(b, e) < 0)
		return -1;
	b->made.sha256 = xstrdup(o->sha256);
	for (char *p = b->made.sha256; *p != '\0'; p++)
		*p = (char)tolower((unsigned char)*p);
	return 0;
}

static void
archive_tell(const struct bootstrap *b, struct buf *text)
{
	AUTO_FREE char *shown = bootstrap_shown(b->options->source);

	buf_printf(text, "%s %s, check its SHA-256 and unpack it",
	    bootstrap_is_url(b->options->source) ? "fetch" : "take", shown);
}

static char *
cache_file(const struct bootstrap *b)
{
	AUTO_FREE char *name = base_name(b->options->source);

	/* "http://host/.." leads nowhere but there */
	return xasprintf("%s/%s", b->cache,
	    *name != '\0' && *name != '.' ? name : "archive");
}

static int
archive_fetch(struct bootstrap *b, const char *file, struct error *e)
{
	AUTO_STRINGS struct strings argv = VEC_INIT;

	if (file_mkdirs(AT_FDCWD, b->cache, 0700, e) < 0)
		return -1;
	bootstrap_image_argv(b, "fetch", &argv);
	strings_take(&argv, xasprintf("--sha256=%s", b->made.sha256));
	strings_add(&argv, "--");
	strings_add(&argv, b->options->source);
	strings_add(&argv, file);
	return bootstrap_image_run(b, &argv, e);
}

static int
archive_fill(struct bootstrap *b, struct error *e)
{
	AUTO_STRINGS struct strings argv = VEC_INIT;
	AUTO_FREE char *file = NULL;

	if (bootstrap_is_url(b->options->source)) {
		file = cache_file(b);
		if (archive_fetch(b, file, e) < 0)
			return -1;
	} else {
		file = xstrdup(b->options->source);
	}
	bootstrap_image_argv(b, "unpack", &argv);
	strings_take(&argv, xasprintf("--sha256=%s", b->made.sha256));
	strings_add(&argv, "--");
	strings_add(&argv, file);
	strings_add(&argv, b->root);
	return bootstrap_image_run(b, &argv, e);
}

const struct bootstrap_source bootstrap_archive = {
	.takes = TAKES_SHA256 | TAKES_MAX_SIZE,
	.match = archive_match,
	.name = archive_name,
	.prepare = archive_prepare,
	.fill = archive_fill,
	.tell = archive_tell,
};
