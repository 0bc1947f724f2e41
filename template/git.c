/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Repositories of templates.  git(1) is run by argument vector and told to run
 * nothing of a repository's own: no hooks, no submodules, no helpers.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "base/spawn.h"
#include "template/library.h"

static void
put_options(struct strings *argv)
{
	static const char *const options[] = { "git",
		"-c", "protocol.ext.allow=never",
		"-c", "core.hooksPath=/dev/null",
		"-c", "core.fsmonitor=false",
		"-c", "submodule.recurse=false",
		"-c", "advice.detachedHead=false",
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		strings_add(argv, options[i]);
}

/* git -C DIR WORDS...; DIR may be NULL. */
static int
git(const char *dir, const char *const *words, struct buf *out,
    struct error *e)
{
	AUTO_STRINGS struct strings argv = VEC_INIT;
	AUTO_BUF struct buf ignored = BUF_INIT;

	put_options(&argv);
	if (dir != NULL) {
		strings_add(&argv, "-C");
		strings_add(&argv, dir);
	}
	for (size_t i = 0; words[i] != NULL; i++)
		strings_add(&argv, words[i]);
	setenv("GIT_TERMINAL_PROMPT", "0", 1);
	if (spawn_capture(strings_argv(&argv), out != NULL ? out : &ignored,
	    e) < 0)
		return -1;
	if (out != NULL && out->len > 0 && out->data[out->len - 1] == '\n')
		out->data[--out->len] = '\0';
	return 0;
}

bool
library_is_url(const char *name)
{
	return strncmp(name, "https://", 8) == 0 ||
	    strncmp(name, "http://", 7) == 0 ||
	    strncmp(name, "file:///", 8) == 0 ||
	    strncmp(name, "ssh://", 6) == 0 || strncmp(name, "git@", 4) == 0;
}

static bool
is_part(const char *part)
{
	return *part != '\0' && *part != '.' && *part != '-' &&
	    strspn(part, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789._+-") == strlen(part);
}

/* "https://host/user/repo.git" becomes user/repo. */
static int
name_of(const char *url, char **project, char **template, struct error *e)
{
	AUTO_FREE char *copy = xstrdup(url);
	size_t len = strlen(copy);
	char *last, *before;

	while (len > 0 && copy[len - 1] == '/')
		copy[--len] = '\0';
	if (len > 4 && strcmp(copy + len - 4, ".git") == 0)
		copy[len - 4] = '\0';
	last = strrchr(copy, '/');
	if (last != NULL)
		*last++ = '\0';
	before = strrchr(copy, '/');
	if (before == NULL)
		before = strrchr(copy, ':');
	if (last == NULL || before == NULL || !is_part(last) ||
	    !is_part(before + 1))
		return error_set(e, ERROR_USAGE, "'%s' does not end in "
		    "PROJECT/TEMPLATE, which it is to be called", url);
	*project = xstrdup(before + 1);
	*template = xstrdup(last);
	return 0;
}

static bool
is_commit(const char *text)
{
	size_t len = strlen(text);

	return len >= 7 && len <= 64 &&
	    strspn(text, "0123456789abcdefABCDEF") == len;
}

/* Into fresh, below the project's directory. */
static int
clone_into(const char *fresh, const char *url, const char *commit,
    struct error *e)
{
	const char *const clone[] = { "clone", "-q", "--no-recurse-submodules",
		"--no-hardlinks", "--template=", "--", url, fresh, NULL };
	const char *const checkout[] = { "checkout", "-q", "--detach", commit,
		"--", NULL };

	if (git(NULL, clone, NULL, e) < 0)
		return error_wrap(e, "%s", url);
	if (commit == NULL || git(fresh, checkout, NULL, e) == 0)
		return 0;
	return error_wrap(e, "%s: commit %s", url, commit);
}

/* One that is there was perhaps cloned for another commit. */
static int
check_commit(const char *dir, const char *url, const char *commit,
    struct error *e)
{
	AUTO_FREE char *have = NULL, *from = NULL;
	bool pinned;

	if (commit == NULL)
		return 0;
	if (library_version(dir, &have, &from, &pinned, e) < 0)
		return -1;
	if (strncasecmp(have, commit, strlen(commit)) == 0)
		return 0;
	return error_set(e, ERROR_EXISTS, "%s: %s is there already, at commit "
	    "%.12s; remove it to have another commit", url, dir, have);
}

int
library_clone(const struct host *h, const char *url, char **dir,
    struct error *e)
{
	AUTO_FREE char *plain = xstrdup(url);
	AUTO_FREE char *project = NULL, *template = NULL, *fresh = NULL;
	AUTO_FREE char *place = NULL, *above = NULL;
	struct error ignored = ERROR_INIT;
	char *commit = strrchr(plain, '#');

	if (commit != NULL)
		*commit++ = '\0';
	if (commit != NULL && !is_commit(commit))
		return error_set(e, ERROR_USAGE, "%s: '%s' is no commit: 7 to "
		    "64 hexadecimal digits are", plain, commit);
	if (name_of(plain, &project, &template, e) < 0)
		return -1;
	above = xasprintf("%s/templates/%s", h->root, project);
	place = xasprintf("%s/%s", above, template);
	fresh = xasprintf("%s/.new.%s", above, template);
	if (!file_exists(AT_FDCWD, place)) {
		host_say(h, h->plan ? "would clone %s as %s/%s" :
		    "%s: cloning it as %s/%s", plain, project, template);
		if (h->plan)
			return error_set(e, ERROR_NOT_FOUND, "%s: what it "
			    "would do is known once it is cloned", plain);
		if (file_mkdirs(AT_FDCWD, above, 0755, e) < 0 ||
		    path_remove_tree(AT_FDCWD, fresh, e) < 0)
			return -1;
		if (clone_into(fresh, plain, commit, e) < 0 ||
		    file_rename_new(AT_FDCWD, fresh, place) < 0) {
			if (e->kind == ERROR_NONE)
				error_sys(e, "%s", place);
			if (path_remove_tree(AT_FDCWD, fresh, &ignored) < 0)
				host_say(h, "%s", ignored.msg);
			return -1;
		}
	} else if (check_commit(place, plain, commit, e) < 0) {
		return -1;
	}
	*dir = STEAL(place);
	return 0;
}

char *
library_repository(const struct host *h, const char *dir)
{
	AUTO_FREE char *top = xasprintf("%s/templates/", h->root);
	AUTO_FREE char *at = xstrdup(dir);

	while (strncmp(at, top, strlen(top)) == 0) {
		AUTO_FREE char *git_dir = xasprintf("%s/.git", at);

		if (file_exists(AT_FDCWD, git_dir))
			return STEAL(at);
		*strrchr(at, '/') = '\0';
	}
	return NULL;
}

int
library_version(const char *repository, char **commit, char **url,
    bool *pinned, struct error *e)
{
	const char *const head[] = { "rev-parse", "HEAD", NULL };
	const char *const origin[] = { "config", "--get", "remote.origin.url",
		NULL };
	const char *const branch[] = { "symbolic-ref", "-q", "HEAD", NULL };
	AUTO_BUF struct buf have = BUF_INIT, from = BUF_INIT;
	struct error none = ERROR_INIT;

	if (git(repository, head, &have, e) < 0)
		return -1;
	if (git(repository, origin, &from, &none) < 0)
		error_clear(&none);
	*pinned = git(repository, branch, NULL, &none) < 0;
	*commit = xstrdup(buf_text(&have));
	*url = xstrdup(buf_text(&from));
	return 0;
}

int
library_update(const struct host *h, const char *repository, bool *changed,
    struct error *e)
{
	const char *const fetch[] = { "fetch", "-q", "--no-recurse-submodules",
		"origin", NULL };
	const char *const merge[] = { "merge", "-q", "--ff-only", "@{upstream}",
		NULL };
	AUTO_FREE char *before = NULL, *after = NULL, *url = NULL;
	bool pinned;

	*changed = false;
	if (library_version(repository, &before, &url, &pinned, e) < 0)
		return -1;
	if (pinned)
		return 0;
	if (h->plan) {
		host_say(h, "would fetch what is new of %s", url);
		return 0;
	}
	if (git(repository, fetch, NULL, e) < 0 ||
	    git(repository, merge, NULL, e) < 0)
		return error_wrap(e, "%s", repository);
	free(url);
	url = NULL;
	if (library_version(repository, &after, &url, &pinned, e) < 0)
		return -1;
	*changed = strcmp(before, after) != 0;
	return 0;
}
