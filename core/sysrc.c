/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "base/xalloc.h"
#include "core/life.h"
#include "core/rcconf.h"
#include "core/sysrc.h"

enum { FILE_MAX = 1 << 20, FILES_MAX = 3, SYSRC_TIMEOUT_MS = 30000 };

struct rc_file {
	const char *path;
	bool defaults;		/* of the system: never written */
	bool missing, changed;
	mode_t mode;
	struct buf text;
};
struct rc_files {
	struct rc_file list[FILES_MAX];	/* the first that has it counts */
	size_t count;
	struct rc_file *main;		/* what has no place goes there */
};

/* A word of the command line. */
enum word_kind { WORD_ASK, WORD_SET, WORD_ADD, WORD_SUBTRACT };
struct word {
	enum word_kind kind;
	char *name;
	const char *value;
};

static int
word_parse(const char *text, struct word *w, struct error *e)
{
	size_t len = strcspn(text, "+-=");
	const char *p = text + len;

	w->kind = *p == '+' ? WORD_ADD : *p == '-' ? WORD_SUBTRACT :
	    *p == '=' ? WORD_SET : WORD_ASK;
	if (*p == '+' || *p == '-')
		p++;
	if (!rcconf_is_name(text, len) || (w->kind != WORD_ASK && *p != '='))
		return error_set(e, ERROR_USAGE, "sysrc: '%s' is none of NAME, "
		    "NAME=VALUE, NAME+=VALUE and NAME-=VALUE, with letters, "
		    "digits and _ in the name", text);
	w->name = xstrndup(text, len);
	w->value = *p == '=' ? p + 1 : NULL;
	return 0;
}

static int
load(int root, struct rc_file *f, struct error *e)
{
	AUTO_CLOSE int fd = path_open(root, f->path, O_RDONLY, 0, e);
	struct stat st;

	buf_puts(&f->text, "");
	f->mode = 0644;
	if (fd < 0 && e->kind == ERROR_NOT_FOUND) {
		error_clear(e);
		f->missing = true;
		return 0;
	}
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return error_sys(e, "%s", f->path);
	f->mode = st.st_mode & 07777;
	if (file_read_fd(fd, FILE_MAX, &f->text, e) < 0)
		return error_wrap(e, "%s", f->path);
	if (memchr(f->text.data, '\0', f->text.len) != NULL)
		return error_set(e, ERROR_DATA, "%s is no text", f->path);
	return 0;
}

static int
load_all(int root, const struct sysrc *r, struct rc_files *files,
    struct error *e)
{
	static const struct rc_file usual[FILES_MAX] = {
		{ .path = "/etc/rc.conf.local" }, { .path = "/etc/rc.conf" },
		{ .path = "/etc/defaults/rc.conf", .defaults = true },
	};

	if (r->file != NULL) {
		files->list[0] = (struct rc_file) { .path = r->file };
		files->count = 1;
		files->main = &files->list[0];
	} else {
		memcpy(files->list, usual, sizeof(usual));
		files->count = r->all ? FILES_MAX - 1 : FILES_MAX;
		files->main = &files->list[1];
	}
	for (size_t i = 0; i < files->count; i++)
		if (load(root, &files->list[i], e) < 0)
			return -1;
	return 0;
}

/*
 * In place of the old file, where the jail's links lead to: written beside it,
 * then renamed.
 */
static int
save(int root, const struct rc_file *f, struct error *e)
{
	AUTO_FREE char *dir = xstrdup(f->path);
	char *slash = strrchr(dir, '/');
	const char *base = slash != NULL ? slash + 1 : dir;
	AUTO_CLOSE int parent = -1;

	if (slash != NULL)
		*slash = '\0';
	parent = path_mkdirs(root, slash == NULL || slash == dir ? "/" : dir,
	    0755, e);
	if (parent < 0)
		return -1;
	return file_replace(parent, base, f->text.data, f->text.len, f->mode,
	    FILE_DURABLE, e);
}

/* The file that has the name in force; NULL: none. */
static struct rc_file *
find(struct rc_files *files, const char *name, struct rcconf_value *v)
{
	for (size_t i = 0; i < files->count; i++)
		if (rcconf_find(buf_text(&files->list[i].text), name, v))
			return &files->list[i];
	return NULL;
}

static void
tell(const struct sysrc *r, const char *name, const char *value,
    struct buf *report)
{
	if (r->names)
		buf_printf(report, "%s\n", name);
	else if (r->values)
		buf_printf(report, "%s\n", value);
	else if (r->equals)
		buf_printf(report, "%s=\"%s\"\n", name, value);
	else
		buf_printf(report, "%s: %s\n", name, value);
}

static void
ask(const struct sysrc *r, struct rc_files *files, const struct word *w,
    struct buf *report, struct strings *unknown, int *status)
{
	struct rcconf_value v;

	if (find(files, w->name, &v) != NULL) {
		if (!r->check)
			tell(r, w->name, v.value, report);
		free(v.value);
		return;
	}
	if (r->ignore)
		return;
	*status = 1;
	strings_add(unknown, w->name);
}

static void
unset(const struct sysrc *r, struct rc_files *files, const struct word *w,
    struct strings *unknown, int *status)
{
	bool found = false;

	for (size_t i = 0; i < files->count; i++) {
		struct rc_file *f = &files->list[i];

		if (!f->defaults && rcconf_unset(&f->text, w->name))
			found = f->changed = true;
	}
	if (found || r->ignore)
		return;
	*status = 1;
	strings_add(unknown, w->name);
}

static void
assign(const struct sysrc *r, struct rc_files *files, const struct word *w,
    struct buf *report, int *status)
{
	struct rcconf_value old = { 0, 0, NULL, true };
	struct rc_file *f = find(files, w->name, &old);
	AUTO_FREE char *before = f != NULL ? old.value : xstrdup("");
	AUTO_FREE char *after = w->kind == WORD_ADD ?
	    rcconf_add(before, w->value) : w->kind == WORD_SUBTRACT ?
	    rcconf_subtract(before, w->value) : xstrdup(w->value);
	bool same = f != NULL && !f->defaults && strcmp(before, after) == 0;

	if (r->check) {
		if (!same)
			*status = 1;
		return;
	}
	if (!same) {
		if (f == NULL || f->defaults)
			f = files->main;
		rcconf_set(&f->text, w->name, after);
		f->changed = true;
	}
	if (r->quiet)
		return;
	if (r->names)
		buf_printf(report, "%s\n", w->name);
	else
		buf_printf(report, "%s%s%s -> %s\n", r->values ? "" : w->name,
		    r->values ? "" : ": ", before, after);
}

static void
tell_all(const struct sysrc *r, struct rc_files *files, struct buf *report)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	for (size_t i = files->count; i-- > 0;)
		rcconf_names(buf_text(&files->list[i].text), &names);
	strings_sort(&names);
	for (size_t i = 0; i < names.count; i++) {
		struct rcconf_value v;

		if ((i == 0 || strcmp(names.items[i], names.items[i - 1])) &&
		    find(files, names.items[i], &v) != NULL) {
			tell(r, names.items[i], v.value, report);
			free(v.value);
		}
	}
}

static void
apply(const struct sysrc *r, struct rc_files *files, const struct word *words,
    struct buf *report, struct strings *unknown, int *status)
{
	if (r->all)
		tell_all(r, files, report);
	for (size_t i = 0; i < r->words->count; i++)
		if (r->remove)
			unset(r, files, &words[i], unknown, status);
		else if (words[i].kind == WORD_ASK)
			ask(r, files, &words[i], report, unknown,
			    status);
		else
			assign(r, files, &words[i], report, status);
}

static int
save_all(int root, struct rc_files *files, bool *changed, struct error *e)
{
	for (size_t i = 0; i < files->count; i++)
		if (files->list[i].changed) {
			if (save(root, &files->list[i], e) < 0)
				return -1;
			*changed = true;
		}
	return 0;
}

int
sysrc_apply(int root, const struct sysrc *r, struct buf *report,
    struct strings *unknown, int *status, bool *changed, struct error *e)
{
	struct rc_files files = { .count = 0 };
	struct word *words = xcalloc(r->words->count + 1, sizeof(*words));
	int result = 0;

	*status = 0;
	*changed = false;
	for (size_t i = 0; result == 0 && i < r->words->count; i++)
		result = word_parse(r->words->items[i], &words[i], e);
	if (result == 0)
		result = load_all(root, r, &files, e);
	if (result == 0) {
		apply(r, &files, words, report, unknown, status);
		result = save_all(root, &files, changed, e);
	}
	for (size_t i = 0; i < files.count; i++)
		buf_fini(&files.list[i].text);
	for (size_t i = 0; i < r->words->count; i++)
		free(words[i].name);
	free(words);
	return result;
}

/* --- in a running jail --- */

struct job {
	const struct sysrc *r;
	int out;		/* a file that both sides have open */
};

/* The first line is "STATUS CHANGED UNKNOWN...", the report follows. */
static int
work(int root, void *arg, struct error *e)
{
	const struct job *job = arg;
	AUTO_BUF struct buf report = BUF_INIT, answer = BUF_INIT;
	AUTO_STRINGS struct strings unknown = VEC_INIT;
	AUTO_FREE char *names = NULL;
	int status;
	bool changed;

	if (sysrc_apply(root, job->r, &report, &unknown, &status, &changed,
	    e) < 0)
		return -1;
	names = strings_join(&unknown, " ");
	buf_printf(&answer, "%d %d %s\n%s", status, changed, names,
	    buf_text(&report));
	return file_write_fd(job->out, answer.data, answer.len, e);
}

static int
read_answer(int fd, struct buf *report, struct strings *unknown, int *status,
    bool *changed, struct error *e)
{
	AUTO_BUF struct buf answer = BUF_INIT;
	char *line, *rest, *name, *next;

	if (lseek(fd, 0, SEEK_SET) < 0 ||
	    file_read_fd(fd, 16 << 20, &answer, e) < 0)
		return error_wrap(e, "sysrc");
	line = answer.data;
	rest = line != NULL ? strchr(line, '\n') : NULL;
	if (rest == NULL || rest - line < 4)
		return error_set(e, ERROR_FAILED, "sysrc: there is no answer");
	*rest = '\0';
	*status = line[0] == '1';
	*changed = line[2] == '1';
	for (name = line + 4; *name != '\0'; name = next) {
		next = name + strcspn(name, " ");
		if (*next != '\0')
			*next++ = '\0';
		strings_add(unknown, name);
	}
	buf_puts(report, rest + 1);
	return 0;
}

int
life_sysrc(const struct host *h, const char *name, const struct sysrc *r,
    struct buf *report, struct strings *unknown, int *status, bool *changed,
    struct error *e)
{
	struct job job = { .r = r };
	AUTO_CLOSE int out = host_scratch(h, e);

	if (out < 0)
		return -1;
	job.out = out;
	if (life_within(h, name, work, &job, SYSRC_TIMEOUT_MS, e) < 0)
		return -1;
	return read_answer(out, report, unknown, status, changed, e);
}
