/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "base/xalloc.h"
#include "core/guest.h"
#include "core/life.h"

enum { GUEST_TIMEOUT_MS = 30000 };

static const struct {
	const char *path;
	enum guest_packages packages;
} package_programs[] = {
	{ "/usr/sbin/pkg", GUEST_PKG },
	{ "/usr/local/sbin/pkg", GUEST_PKG },
	{ "/usr/bin/apt-get", GUEST_APT },
	{ "/sbin/apk", GUEST_APK },
};
static const struct {
	const char *path;
	enum guest_services services;
} service_programs[] = {
	{ "/usr/sbin/service", SERVICES_SERVICE },
	{ "/sbin/rc-service", SERVICES_OPENRC },
	{ "/etc/init.d", SERVICES_INIT_D },
};
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* --- finding out --- */

static bool
has(int root, const char *path)
{
	struct error ignored = ERROR_INIT;
	AUTO_CLOSE int fd = path_open_any(root, path, &ignored);

	return fd >= 0;
}

/* Into the file at *arg: an index of each table, as a letter. */
static int
look(int root, void *arg, struct error *e)
{
	const int *out = arg;
	char answer[3];
	size_t p = 0, s = 0;

	while (p < COUNT(package_programs) &&
	    !has(root, package_programs[p].path))
		p++;
	while (s < COUNT(service_programs) &&
	    !has(root, service_programs[s].path))
		s++;
	answer[0] = (char)('a' + p);
	answer[1] = (char)('a' + s);
	answer[2] = has(root, "/var/lib/apt/lists/auxfiles") ? 'y' : 'n';
	return file_write_fd(*out, answer, sizeof(answer), e);
}

int
life_guest(const struct host *h, const char *name, struct guest *g,
    struct error *e)
{
	AUTO_CLOSE int out = host_scratch(h, e);
	char answer[3];
	size_t p, s;

	if (out < 0 ||
	    life_within(h, name, look, &out, GUEST_TIMEOUT_MS, e) < 0)
		return -1;
	if (pread(out, answer, sizeof(answer), 0) != sizeof(answer))
		return error_set(e, ERROR_FAILED, "the jail gave no answer");
	p = (size_t)(answer[0] - 'a');
	s = (size_t)(answer[1] - 'a');
	g->packages = p < COUNT(package_programs) ?
	    package_programs[p].packages : GUEST_NONE;
	g->services = s < COUNT(service_programs) ?
	    service_programs[s].services : SERVICES_NONE;
	g->service = g->services == SERVICES_NONE ? NULL :
	    service_programs[s].path;
	g->lists = answer[2] == 'y';
	return 0;
}

/* --- packages --- */

/* What pkg(8) calls so, in the words of others; "+" stands for the rest. */
struct translation {
	const char *word;
	const char *apt, *apk;	/* separated by blanks; ";" ends a line */
};
static const struct translation translations[] = {
	{ "install", "apt-get install --no-install-recommends +", "apk add +" },
	{ "add", "apt-get install --no-install-recommends +", "apk add +" },
	{ "delete", "apt-get remove +", "apk del +" },
	{ "remove", "apt-get remove +", "apk del +" },
	{ "autoremove", "apt-get autoremove +", "apk cache clean +" },
	{ "update", "apt-get update +", "apk update +" },
	{ "upgrade", "apt-get update ; apt-get upgrade +",
	    "apk update ; apk upgrade +" },
	{ "search", "apt-cache search +", "apk search +" },
	{ "info", "dpkg-query -W +", "apk info -v +" },
	{ "version", "apt list --upgradable", "apk version +" },
	{ "which", "dpkg-query -S +", "apk info -W +" },
	{ "clean", "apt-get clean", "apk cache clean" },
	{ "check", "dpkg --verify +", "apk verify +" },
	{ "lock", "apt-mark hold +", NULL },
	{ "unlock", "apt-mark unhold +", NULL },
};

static const char *
translate(const struct guest *g, const char *word)
{
	for (size_t i = 0; i < COUNT(translations); i++)
		if (strcmp(translations[i].word, word) == 0)
			return g->packages == GUEST_APT ?
			    translations[i].apt : translations[i].apk;
	return NULL;
}

/* -y of apt-get(8); apk(8) and the others never ask. */
static bool
asks(const char *program)
{
	return strcmp(program, "apt-get") == 0;
}

static void
end_line(struct guest_lines *lines, struct strings *line)
{
	VEC_PUSH(lines, *line);
	*line = (struct strings) VEC_INIT;
}

/* The lines of a pattern; rest begins at words->items[from]. */
static void
fill(const char *pattern, const struct strings *words, size_t from, bool yes,
    struct guest_lines *lines)
{
	struct strings line = VEC_INIT;

	while (*pattern != '\0') {
		size_t len = strcspn(pattern, " ");
		AUTO_FREE char *word = xstrndup(pattern, len);

		pattern += len + strspn(pattern + len, " ");
		if (strcmp(word, ";") == 0) {
			end_line(lines, &line);
		} else if (strcmp(word, "+") == 0) {
			for (size_t i = from; i < words->count; i++)
				strings_add(&line, words->items[i]);
		} else {
			strings_add(&line, word);
			if (yes && asks(word))
				strings_add(&line, "-y");
		}
	}
	end_line(lines, &line);
}

void
guest_lines_fini(struct guest_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		strings_fini(&lines->items[i]);
	VEC_FINI(lines);
}

/* "-y" is pkg's word for it, before or behind the command. */
static void
without_yes(const struct strings *words, struct strings *out, bool *yes)
{
	for (size_t i = 0; i < words->count; i++)
		if (strcmp(words->items[i], "-y") == 0)
			*yes = true;
		else
			strings_add(out, words->items[i]);
}

int
guest_package_lines(const struct guest *g, const struct strings *words,
    bool yes, struct guest_lines *lines, struct error *e)
{
	AUTO_STRINGS struct strings rest = VEC_INIT;
	const char *pattern;

	without_yes(words, &rest, &yes);
	if (g->packages == GUEST_NONE)
		return error_set(e, ERROR_UNSUPPORTED, "the jail has none of "
		    "pkg, apt-get and apk; a release that has one can be "
		    "installed into");
	if (rest.count == 0)
		return error_set(e, ERROR_USAGE, "pkg: what is it to do? "
		    "'install NAME...', 'delete NAME...', 'upgrade', "
		    "'search TEXT', 'info'");
	if (g->packages == GUEST_PKG) {
		fill(yes ? "env ASSUME_ALWAYS_YES=yes pkg +" : "pkg +", &rest, 0,
		    false, lines);
		return 0;
	}
	pattern = translate(g, rest.items[0]);
	if (g->packages == GUEST_APT && !g->lists && pattern != NULL &&
	    strncmp(pattern, "apt-get install", 15) == 0)
		fill("apt-get update", &rest, 0, yes, lines);
	if (pattern != NULL)
		fill(pattern, &rest, 1, yes, lines);
	else
		fill(g->packages == GUEST_APT ? "apt-get +" : "apk +", &rest, 0,
		    yes, lines);
	return 0;
}

/* --- services --- */

int
guest_service_argv(const struct guest *g, const struct strings *words,
    struct strings *argv, struct error *e)
{
	const char *name = words->count > 0 ? words->items[0] : "";

	if (g->services == SERVICES_NONE)
		return error_set(e, ERROR_UNSUPPORTED, "the jail has no "
		    "service(8), no rc-service and no /etc/init.d; 'gaol exec' "
		    "starts a program");
	if (g->services == SERVICES_INIT_D) {
		if (words->count < 2 || strchr(name, '/') != NULL)
			return error_set(e, ERROR_USAGE,
			    "service: NAME and ACTION are needed");
		strings_take(argv, xasprintf("%s/%s", g->service, name));
	} else {
		strings_add(argv, g->service);
		if (words->count > 0)
			strings_add(argv, name);
	}
	for (size_t i = 1; i < words->count; i++)
		strings_add(argv, words->items[i]);
	return 0;
}
