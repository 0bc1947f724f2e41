/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/xalloc.h"
#include "image/manifest.h"

enum { MAX_NAME = 64 };

/* Names become parts of paths and URLs. */
static bool
is_name(const char *text)
{
	size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

	return len > 0 && len <= MAX_NAME && text[len] == '\0' &&
	    isalnum((unsigned char)*text);
}

/* Cut the next field off *line. */
static char *
next_field(char **line)
{
	char *field = *line, *tab;

	if (field == NULL)
		return NULL;
	tab = strchr(field, '\t');
	if (tab != NULL)
		*tab++ = '\0';
	*line = tab;
	return field;
}

/* base.txz <sum> <count> base "Base system (MANDATORY)" on */
static int
parse_line(struct manifest *m, char *line, struct error *e)
{
	const char *file = next_field(&line);
	const char *sum = next_field(&line);
	const char *files = next_field(&line);
	const char *name = next_field(&line);
	struct manifest_set set;

	if (file == NULL || sum == NULL || files == NULL || name == NULL)
		return error_set(e, ERROR_DATA, "fields are missing");
	if (!is_name(file) || !is_name(name))
		return error_set(e, ERROR_DATA, "malformed name");
	if (hash_parse(sum, set.sha256, e) < 0) {
		e->kind = ERROR_DATA;
		return -1;
	}
	set.file = xstrdup(file);
	set.name = xstrdup(name);
	VEC_PUSH(m, set);
	return 0;
}

int
manifest_parse(struct manifest *m, const char *text, struct error *e)
{
	AUTO_FREE char *copy = xstrdup(text);
	unsigned number = 1;
	char *line, *next;

	for (line = copy; line != NULL; line = next, number++) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		if (*line != '\0' && parse_line(m, line, e) < 0)
			return error_wrap(e, "line %u", number);
	}
	if (m->count == 0)
		return error_set(e, ERROR_DATA, "no sets in it");
	return 0;
}

void
manifest_fini(struct manifest *m)
{
	for (size_t i = 0; i < m->count; i++) {
		free(m->items[i].file);
		free(m->items[i].name);
	}
	VEC_FINI(m);
}

static bool
is_called(const struct manifest_set *set, const char *name)
{
	size_t stem = strcspn(set->file, ".");

	return strcmp(set->name, name) == 0 || strcmp(set->file, name) == 0 ||
	    (strlen(name) == stem && strncmp(set->file, name, stem) == 0);
}

const struct manifest_set *
manifest_find(const struct manifest *m, const char *name, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	for (size_t i = 0; i < m->count; i++) {
		if (is_called(&m->items[i], name))
			return &m->items[i];
		strings_add(&names, m->items[i].name);
	}
	AUTO_FREE char *all = strings_join(&names, " ");

	error_set(e, ERROR_NOT_FOUND, "no set '%.64s'; it has: %s", name, all);
	return NULL;
}

/* The mirror's directory of an architecture. */
static char *
arch_dir(const char *arch)
{
	static const struct {
		const char *arch;
		const char *dir;
	} known[] = {
		{ "x86_64", "amd64" },
		{ "arm64", "arm64/aarch64" },
		{ "aarch64", "arm64/aarch64" },
		{ "armv6", "arm/armv6" },
		{ "armv7", "arm/armv7" },
		{ "powerpc64", "powerpc/powerpc64" },
		{ "powerpc64le", "powerpc/powerpc64le" },
		{ "riscv64", "riscv/riscv64" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (strcmp(known[i].arch, arch) == 0)
			return xstrdup(known[i].dir);
	}
	return xstrdup(arch);
}

/* Development branches are not under releases/ but beside it. */
static bool
is_snapshot(const char *release)
{
	static const char *const branches[] = {
		"-CURRENT", "-STABLE", "-PRERELEASE", "-ALPHA",
	};

	for (size_t i = 0; i < sizeof(branches) / sizeof(*branches); i++) {
		if (strstr(release, branches[i]) != NULL)
			return true;
	}
	return false;
}

char *
manifest_release_url(const char *base, const char *release, const char *arch,
    struct error *e)
{
	static const char releases[] = "/releases";
	size_t len = strlen(base), tail = sizeof(releases) - 1;

	if (!is_name(release) || !is_name(arch)) {
		error_set(e, ERROR_USAGE,
		    "'%.64s' is not the name of %s", !is_name(release) ?
		    release : arch, !is_name(release) ? "a release" :
		    "an architecture");
		return NULL;
	}
	while (len > 1 && base[len - 1] == '/')
		len--;
	AUTO_FREE char *root = xstrndup(base, len);
	AUTO_FREE char *dir = arch_dir(arch);
	const char *kind = "";

	if (is_snapshot(release) && len > tail &&
	    strcmp(root + len - tail, releases) == 0) {
		root[len - tail] = '\0';
		kind = "/snapshots";
	}
	return xasprintf("%s%s/%s/%s", root, kind, dir, release);
}
