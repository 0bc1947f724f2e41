/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* zfs(8), for what is done by program. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/spawn.h"
#include "engine/posix/zfs.h"

enum { PATIENCE = 100, PAUSE_NS = 20000000 };

void
zfs_values_fini(struct zfs_values *v)
{
	for (size_t i = 0; i < v->count; i++) {
		free(v->items[i].dataset);
		free(v->items[i].property);
		free(v->items[i].value);
	}
	VEC_FINI(v);
}

/* Not of a dataset "busybox". */
static bool
is_busy(const struct error *e)
{
	return strstr(e->msg, "is busy") != NULL ||
	    strstr(e->msg, "resource busy") != NULL ||
	    strstr(e->msg, ": Device busy") != NULL;
}

/* What the program says, as an error that others understand. */
static void
classify(struct error *e)
{
	if (strstr(e->msg, "does not exist") != NULL ||
	    strstr(e->msg, "could not find any snapshots") != NULL)
		e->kind = ERROR_NOT_FOUND;
	else if (strstr(e->msg, "already exists") != NULL)
		e->kind = ERROR_EXISTS;
	else if (is_busy(e) ||
	    strstr(e->msg, "has dependent clones") != NULL)
		e->kind = ERROR_BUSY;
	else if (strstr(e->msg, "out of space") != NULL)
		e->sys_errno = ENOSPC;
}

int
zfs_program_once(const struct zfs_zone *z, const struct strings *words,
    struct buf *out, struct error *e)
{
	AUTO_STRINGS struct strings argv = VEC_INIT;
	AUTO_BUF struct buf ignored = BUF_INIT;

	strings_add(&argv, "zfs");
	strings_copy(&argv, words);
	if (spawn_capture_from(strings_argv(&argv), z != NULL ? z->lock : -1,
	    out != NULL ? out : &ignored, e) == 0)
		return 0;
	classify(e);
	return -1;
}

int
zfs_program(const struct zfs_zone *z, const struct strings *words,
    struct buf *out, struct error *e)
{
	const struct timespec pause = { 0, PAUSE_NS };
	size_t before = out != NULL ? out->len : 0;

	for (int i = 0;; i++) {
		if (zfs_program_once(z, words, out, e) == 0)
			return 0;
		if (!is_busy(e) || i == PATIENCE)
			return -1;
		if (out != NULL)
			out->len = before;
		error_clear(e);
		nanosleep(&pause, NULL);
	}
}

char *
zfs_field(char **text)
{
	return strsep(text, "\t");
}

static void
add_value(struct zfs_values *out, char *line)
{
	const char *dataset = zfs_field(&line);
	const char *property = zfs_field(&line);
	const char *source = zfs_field(&line);

	if (line == NULL || property == NULL || source == NULL)
		return;
	VEC_PUSH(out, (struct zfs_value){ xstrdup(dataset), xstrdup(property),
	    xstrdup(line), strcmp(source, "local") == 0 ||
	    strcmp(source, "received") == 0 });
}

void
zfs_parse(char *text, struct zfs_values *out)
{
	char *line;

	while (text != NULL && (line = strsep(&text, "\n")) != NULL)
		if (*line != '\0')
			add_value(out, line);
}

int
zfs_program_get(const struct zfs_zone *z, const char *dataset,
    const char *const *properties, struct zfs_values *out, struct error *e)
{
	AUTO_STRINGS struct strings argv = VEC_INIT;
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_FREE char *names = zfs_join(properties);
	const char *const words[] = { "get", "-Hp", "-o",
		"name,property,source,value", names, dataset };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		strings_add(&argv, words[i]);
	if (zfs_program(z, &argv, &text, e) < 0)
		return -1;
	zfs_parse(text.data, out);
	return 0;
}

char *
zfs_join(const char *const *words)
{
	AUTO_BUF struct buf text = BUF_INIT;

	for (size_t i = 0; words[i] != NULL; i++)
		buf_printf(&text, "%s%s", i > 0 ? "," : "", words[i]);
	return buf_steal(&text);
}

char *
zfs_search(const char *property, const char *value, struct error *e)
{
	AUTO_STRINGS struct strings argv = VEC_INIT;
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_FREE char *columns = xasprintf("name,%s", property);
	const char *const words[] = { "list", "-H", "-t", "filesystem", "-o",
		columns };
	char *line, *rest;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		strings_add(&argv, words[i]);
	if (zfs_program(NULL, &argv, &text, e) < 0) {
		error_clear(e);		/* no pools at all */
		return NULL;
	}
	rest = text.data;
	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL) {
		const char *name = zfs_field(&line);

		/* those below inherit it, and come later */
		if (line != NULL && strcmp(line, value) == 0)
			return xstrdup(name);
	}
	return NULL;
}

int
zfs_program_create(const struct zfs_zone *z, const char *command,
    const char *from, const char *dataset, const struct strings *options,
    struct error *e)
{
	AUTO_STRINGS struct strings argv = VEC_INIT;

	strings_add(&argv, command);
	for (size_t i = 0; options != NULL && i < options->count; i++) {
		strings_add(&argv, "-o");
		strings_add(&argv, options->items[i]);
	}
	if (from != NULL)
		strings_add(&argv, from);
	if (dataset != NULL)
		strings_add(&argv, dataset);
	return zfs_program(z, &argv, NULL, e);
}

int
zfs_set(const struct zfs_zone *z, const char *dataset, const char *property,
    const char *value, struct error *e)
{
	AUTO_STRINGS struct strings argv = VEC_INIT;

	strings_add(&argv, value != NULL ? "set" : "inherit");
	strings_take(&argv, value == NULL ? xstrdup(property) :
	    xasprintf("%s=%s", property, value));
	strings_add(&argv, dataset);
	return zfs_program(z, &argv, NULL, e);
}
