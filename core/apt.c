/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/apt.h"

enum { SOURCES_MAX = 1 << 20 };

/* Words of a list. */
static const char spaces[] = " \t\r\n";

void
apt_sources_fini(struct apt_sources *s)
{
	for (size_t i = 0; i < s->count; i++) {
		free(s->items[i].uri);
		free(s->items[i].suite);
		free(s->items[i].components);
		free(s->items[i].keyring);
	}
	VEC_FINI(s);
}

/* The next word of *text, which is moved behind it; NULL at the end. */
static char *
next_word(const char **text)
{
	const char *start = *text + strspn(*text, spaces);
	size_t len = strcspn(start, spaces);

	*text = start + len;
	return len > 0 ? xstrndup(start, len) : NULL;
}

/*
 * Cloud images name a file of mirrors, "mirror+file:/etc/apt/mirrors/x.list",
 * that a jail does not have: the first mirror in it is meant.
 */
static char *
resolve_uri(const char *uri)
{
	static const char scheme[] = "mirror+file:";
	AUTO_BUF struct buf text = BUF_INIT;
	struct error e = ERROR_INIT;
	char *word = NULL;
	size_t len;

	if (strncmp(uri, scheme, sizeof(scheme) - 1) != 0) {
		word = xstrdup(uri);
	} else if (file_read(AT_FDCWD, uri + sizeof(scheme) - 1, SOURCES_MAX,
	    &text, &e) == 0) {
		const char *at = buf_text(&text);

		word = next_word(&at);
	}
	len = word != NULL ? strlen(word) : 0;
	while (len > 0 && word[len - 1] == '/')
		word[--len] = '\0';
	return word;
}

static void
add_source(struct apt_sources *s, const char *uri, const char *suite,
    const char *components, const char *keyring)
{
	char *resolved = resolve_uri(uri);

	/* cdrom: and the like are of no use to a jail */
	if (resolved == NULL || (strncmp(resolved, "http://", 7) != 0 &&
	    strncmp(resolved, "https://", 8) != 0 &&
	    strncmp(resolved, "file:", 5) != 0)) {
		free(resolved);
		return;
	}
	VEC_PUSH(s, (struct apt_source){ resolved, xstrdup(suite),
	    xstrdup(components), xstrdup(keyring) });
}

/* "[arch=amd64 signed-by=/usr/share/keyrings/x.gpg]" */
static char *
option_keyring(const char *options, size_t len)
{
	static const char name[] = "signed-by=";
	AUTO_FREE char *text = xstrndup(options, len);
	char *at = strstr(text, name);

	if (at == NULL)
		return xstrdup("");
	at += sizeof(name) - 1;
	return xstrndup(at, strcspn(at, " \t]"));
}

/* "deb [options] URI SUITE COMPONENT..." */
static void
parse_line(const char *line, struct apt_sources *s)
{
	AUTO_FREE char *type = next_word(&line);
	AUTO_FREE char *keyring = NULL;

	if (type == NULL || strcmp(type, "deb") != 0)
		return;
	line += strspn(line, spaces);
	if (*line == '[') {
		size_t len = strcspn(line, "]");

		keyring = option_keyring(line + 1, len - 1);
		line += len + (line[len] == ']');
	}
	AUTO_FREE char *uri = next_word(&line);
	AUTO_FREE char *suite = next_word(&line);
	if (uri != NULL && suite != NULL)
		add_source(s, uri, suite, line,
		    keyring != NULL ? keyring : "");
}

/* A deb822 stanza's fields, as far as they matter here. */
enum { F_TYPES, F_URIS, F_SUITES, F_COMPONENTS, F_KEYRING, F_ENABLED, FIELDS };
static const char *const field_names[FIELDS] = {
	"Types:", "URIs:", "Suites:", "Components:", "Signed-By:", "Enabled:",
};

static bool
has_word(const char *list, const char *word)
{
	char *w;

	while ((w = next_word(&list)) != NULL) {
		bool same = strcmp(w, word) == 0;

		free(w);
		if (same)
			return true;
	}
	return false;
}

static void
end_stanza(struct buf *fields, struct apt_sources *s)
{
	const char *uris = buf_text(&fields[F_URIS]);
	const char *enabled = buf_text(&fields[F_ENABLED]);
	const char *keyring = buf_text(&fields[F_KEYRING]);
	AUTO_FREE char *first = next_word(&keyring);
	char *uri, *suite;

	enabled += strspn(enabled, spaces);
	if (has_word(buf_text(&fields[F_TYPES]), "deb") &&
	    strncasecmp(enabled, "no", 2) != 0) {
		while ((uri = next_word(&uris)) != NULL) {
			const char *suites = buf_text(&fields[F_SUITES]);

			while ((suite = next_word(&suites)) != NULL) {
				add_source(s, uri, suite,
				    buf_text(&fields[F_COMPONENTS]),
				    first != NULL ? first : "");
				free(suite);
			}
			free(uri);
		}
	}
	for (size_t i = 0; i < FIELDS; i++)
		buf_clear(&fields[i]);
}

/* A line of a stanza; returns the field that the next line may continue. */
static size_t
take_field(struct buf *fields, const char *line, size_t current)
{
	if (*line == ' ' || *line == '\t') {
		if (current < FIELDS)
			buf_printf(&fields[current], " %s", line);
		return current;
	}
	for (size_t i = 0; i < FIELDS; i++) {
		size_t len = strlen(field_names[i]);

		if (strncasecmp(line, field_names[i], len) == 0) {
			buf_clear(&fields[i]);
			buf_puts(&fields[i], line + len);
			return i;
		}
	}
	return FIELDS;
}

void
apt_parse(const char *text, bool deb822, struct apt_sources *s)
{
	struct buf fields[FIELDS] = { BUF_INIT };
	size_t current = FIELDS;

	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		AUTO_FREE char *line = xstrndup(text, len);

		text += len + (text[len] == '\n');
		if (!deb822) {
			line[strcspn(line, "#")] = '\0';
			parse_line(line, s);
		} else if (strspn(line, spaces) == strlen(line)) {
			end_stanza(fields, s);
			current = FIELDS;
		} else if (*line != '#') {
			current = take_field(fields, line, current);
		}
	}
	end_stanza(fields, s);
	for (size_t i = 0; i < FIELDS; i++)
		buf_fini(&fields[i]);
}

static bool
ends_in(const char *name, const char *suffix)
{
	size_t n = strlen(name), m = strlen(suffix);

	return n > m && strcmp(name + n - m, suffix) == 0;
}

static int
read_file(const char *path, struct apt_sources *s, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;

	if (file_read(AT_FDCWD, path, SOURCES_MAX, &text, e) < 0) {
		if (e->sys_errno != ENOENT)
			return -1;
		error_clear(e);
		return 0;
	}
	apt_parse(buf_text(&text), ends_in(path, ".sources"), s);
	return 0;
}

int
apt_read(const char *dir, struct apt_sources *s, struct error *e)
{
	AUTO_FREE char *list = xasprintf("%s/sources.list", dir);
	AUTO_FREE char *parts = xasprintf("%s/sources.list.d", dir);
	AUTO_STRINGS struct strings names = VEC_INIT;
	AUTO_DIR DIR *d = opendir(parts);
	const struct dirent *entry;

	strings_add(&names, list);
	while (d != NULL && (entry = readdir(d)) != NULL)
		if (ends_in(entry->d_name, ".list") ||
		    ends_in(entry->d_name, ".sources"))
			strings_take(&names, xasprintf("%s/%s", parts,
			    entry->d_name));
	strings_sort(&names);
	for (size_t i = 0; i < names.count; i++)
		if (read_file(names.items[i], s, e) < 0)
			return -1;
	return 0;
}

static bool
is_among(const char *const *words, const char *text, size_t len)
{
	for (; *words != NULL; words++)
		if (strlen(*words) == len && strncmp(*words, text, len) == 0)
			return true;
	return false;
}

/* How surely it is the vendor's own archive: 0 not, 1 maybe, 2 yes. */
static int
is_own(const struct apt_source *src, const struct apt_archive *archive)
{
	const char *place = strrchr(src->uri, '/');
	const char *ring = strrchr(src->keyring, '/');
	size_t len = strlen(archive->vendor);
	bool by_place, by_suite;

	ring = ring != NULL ? ring + 1 : src->keyring;
	if (*ring != '\0' && (strncmp(ring, archive->vendor, len) != 0 ||
	    strncmp(ring + len, "-archive", 8) != 0))
		return 0;
	if (!has_word(src->components, "main"))
		return 0;
	by_place = place != NULL && is_among(archive->places, place + 1,
	    strlen(place + 1));
	by_suite = is_among(archive->suites, src->suite,
	    strcspn(src->suite, "-/"));
	return by_place && by_suite ? 2 : by_place || by_suite ? 1 : 0;
}

const char *
apt_mirror(const struct apt_sources *s, const struct apt_archive *archive,
    const char *ending)
{
	const char *found = NULL;
	int best = 0;

	for (size_t i = 0; i < s->count; i++) {
		const struct apt_source *src = &s->items[i];
		const char *suite_end = strchr(src->suite, '-');
		int own;

		if (strcmp(suite_end != NULL ? suite_end : "", ending) != 0)
			continue;
		own = is_own(src, archive);
		if (own > best) {
			best = own;
			found = src->uri;
		}
	}
	return found;
}
