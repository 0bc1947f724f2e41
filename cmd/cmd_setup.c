/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "cmd/cmd.h"

static const struct cmd_option options[] = {
	{ 'y', "yes", NULL, "do not ask" },
	{ 0 },
};

/*
 * Every setting, commented out with what it is without being set, but for those
 * that a new host is better off with.
 */
static void
sample(struct buf *out)
{
	buf_puts(out, "# gaol.conf: settings of the host; none is needed.\n");
	for (const struct host_setting *s = host_settings; s->name != NULL;
	    s++) {
		if (s->setup != NULL && net_native != NULL &&
		    !net_native->by_default) {
			buf_printf(out, "\n# %s\n%s = %s;\n", s->summary,
			    s->name, s->setup);
			continue;
		}
		buf_printf(out, "\n# %s\n#%s = %s%s%s;\n", s->summary, s->name,
		    s->fallback != NULL ? "\"" : "",
		    s->fallback != NULL ? s->fallback : "...",
		    s->fallback != NULL ? "\"" : "");
	}
}

static void
show_difference(const char *file, const struct buf *text)
{
	AUTO_BUF struct buf lines = BUF_INIT;

	for (const char *p = buf_text(text); *p != '\0';) {
		size_t len = strcspn(p, "\n");

		buf_printf(&lines, "\n+%.*s", (int)len, p);
		p += len + 1;
	}
	cmd_say("--- /dev/null\n+++ %s%s", file, buf_text(&lines));
}

static int
write_settings(const char *file, const struct buf *text, struct error *e)
{
	AUTO_FREE char *dir = xstrdup(file);
	char *slash = strrchr(dir, '/');

	if (slash != NULL && slash != dir) {
		*slash = '\0';
		if (file_mkdirs(AT_FDCWD, dir, 0755, e) < 0)
			return -1;
	}
	return file_replace(AT_FDCWD, file, text->data, text->len, 0644,
	    FILE_DURABLE, e);
}

static int
make_settings(struct cmd_args *a, bool *changed, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;
	const char *file = getenv("GAOL_CONF");

	if (file == NULL)
		file = GAOL_ETC "/gaol.conf";
	if (access(file, F_OK) == 0)
		return 0;
	AUTO_FREE char *question = xasprintf("write %s?", file);
	sample(&text);
	show_difference(file, &text);
	*changed = true;
	if (a->plan) {
		cmd_say("would write %s", file);
		return 0;
	}
	if (cmd_confirm(a, args_has(a, "y"), question, e) < 0)
		return -1;
	return write_settings(file, &text, e);
}

/*
 * Of the usual state directory alone: others are trials.  cron(8) of FreeBSD
 * and of Linux read the same directory.
 */
static const char *
cron_file(const struct host *h)
{
	const char *file = getenv("GAOL_CRON");

	if (file != NULL)
		return file;
	if (strcmp(h->root, HOST_DEFAULT_ROOT) != 0 ||
	    !file_exists(AT_FDCWD, "/etc/cron.d"))
		return NULL;
	return "/etc/cron.d/gaol";
}

static int
make_cron(struct cmd_args *a, bool *changed, struct error *e)
{
	const char *file = cron_file(a->host);
	AUTO_BUF struct buf text = BUF_INIT;
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (file == NULL || file_exists(AT_FDCWD, file))
		return 0;
	self[n > 0 ? n : 0] = '\0';
	AUTO_FREE char *question = xasprintf("write %s?", file);
	buf_printf(&text, "# gaol: snapshots by snapshot.schedule of the "
	    "jails\n*/5 * * * * root %s -q snapshot --due\n",
	    n > 0 ? self : "gaol");
	show_difference(file, &text);
	*changed = true;
	if (a->plan) {
		cmd_say("would write %s", file);
		return 0;
	}
	if (cmd_confirm(a, args_has(a, "y"), question, e) < 0)
		return -1;
	return write_settings(file, &text, e);
}

static int
make_dirs(struct cmd_args *a, bool *changed, struct error *e)
{
	AUTO_FREE char *releases = xasprintf("%s/releases", a->host->root);
	const struct { const char *path; mode_t mode; } dirs[] = {
		{ releases, 0755 }, { a->host->log, 0700 },
	};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		if (file_exists(AT_FDCWD, dirs[i].path))
			continue;
		*changed = true;
		cmd_say("%smake %s", a->plan ? "would " : "", dirs[i].path);
		if (!a->plan && file_mkdirs(AT_FDCWD, dirs[i].path,
		    dirs[i].mode, e) < 0)
			return -1;
	}
	return 0;
}

static int
setup(struct cmd_args *a, struct error *e)
{
	bool changed = false;

	if (make_dirs(a, &changed, e) < 0 || make_settings(a, &changed, e) < 0 ||
	    make_cron(a, &changed, e) < 0)
		return -1;
	if (!changed)
		cmd_say("nothing to do: the host is set up");
	else if (!a->plan)
		cmd_say("done; 'gaol doctor' checks the host");
	return 0;
}

const struct cmd cmd_setup = {
	.name = "setup",
	.group = "host",
	.summary = "make gaol's directories, gaol.conf and crontab",
	.operands = "",
	.options = options,
	.flags = CMD_PLAN,
	.exec = setup,
};
