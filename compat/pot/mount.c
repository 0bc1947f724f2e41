/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* pot copy-in, copy-out, mount-in, mount-out. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "compat/pot/pot.h"
#include "core/copy.h"
#include "core/files.h"
#include "core/mount.h"
#include "core/volume.h"
#include "template/place.h"

enum { TIMEOUT_MS = 600000, RESOLV_MAX = 1 << 16 };

/* Below the root of a pot, running or not. */
static int
within(struct compat *c, const char *pot,
    int (*work)(int root, void *arg, struct error *e), void *arg,
    struct error *e)
{
	AUTO_FILES struct files f = FILES_INIT;

	return files_open(&f, c->host, pot, "copy", true, e) < 0 ? -1 :
	    files_work(&f, work, arg, TIMEOUT_MS, e);
}

static int
put_resolver(int root, void *arg, struct error *e)
{
	const struct buf *text = arg;

	return place_data(root, "/etc/resolv.conf", buf_text(text), text->len,
	    0644, e);
}

int
pot_dns(struct compat *c, const char *pot, struct error *e)
{
	const char *dns = compat_value(c, "d");
	AUTO_BUF struct buf text = BUF_INIT;

	if (dns == NULL || strncmp(dns, "custom:", 7) != 0)
		return 0;
	if (file_read(AT_FDCWD, dns + 7, RESOLV_MAX, &text, e) < 0)
		return -1;
	return within(c, pot, put_resolver, &text, e);
}

/* --- copy-in, copy-out --- */

/* The directory that a path of the pot is in. */
static int
make_dirs(int root, void *arg, struct error *e)
{
	const char *path = arg;
	AUTO_FREE char *dir = xstrdup(path);
	char *slash = strrchr(dir, '/');
	AUTO_CLOSE int fd = -1;

	if (slash == dir)
		return 0;
	*slash = '\0';
	fd = path_mkdirs(root, dir, 0755, e);
	return fd < 0 ? -1 : 0;
}

/* Mounts of a running pot show what the host has. */
static int
check_copy(struct compat *c, const char *pot, const char *from,
    const char *inside, struct error *e)
{
	if (from == NULL || *from == '\0')
		return pot_usage(e, "A source is mandatory");
	if (!compat_has(c, "d"))
		return pot_usage(e, "A destination is mandatory");
	if (*inside != '/')
		return pot_usage(e, "The path in the pot has to be an "
		    "absolute pathname");
	if (compat_runs(c, pot) && !compat_has(c, "F"))
		return error_set(e, ERROR_BUSY, "pot %s is running; -F copies "
		    "all the same", pot);
	return 0;
}

static int
copy_in(struct compat *c, struct error *e)
{
	const char *pot = pot_name(c, e), *from, *to;
	const struct copy_options o = { .progress = NULL };
	struct copy_count count;

	if (pot == NULL)
		return -1;
	from = compat_value(c, "s");
	to = compat_value(c, "d");
	if (check_copy(c, pot, from, to != NULL ? to : "", e) < 0)
		return -1;
	AUTO_FREE char *target = xstrdup(to);
	if (compat_has(c, "c") && within(c, pot, make_dirs, target, e) < 0)
		return error_wrap(e, "Destination path %s NOT created", to);
	const struct copy_end source = { NULL, from };
	const struct copy_end end = { pot, to };
	return life_copy(c->host, &source, 1, &end, &o, &count, e);
}

static const struct cmd_option copy_in_options[] = {
	POT_OPTION_NAME,
	{ 's', "", "PATH", "a file or directory of the host" },
	{ 'd', "", "PATH", "where it goes in the pot" },
	{ 'F', "", NULL, "into a running pot, too" },
	{ 'c', "", NULL, "make the directory it goes into" },
	{ 0 },
};

const struct compat_cmd pot_cmd_copy_in = {
	.name = "copy-in",
	.usage = "[-hvFc] -p NAME -s PATH -d PATH",
	.summary = "copy a file or directory into a pot",
	.options = copy_in_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "nothing of the host is mounted meanwhile, so -F exposes "
	    "nothing",
	.test = "cli/compat_pot_test.sh:copy",
	.exec = copy_in,
};

static int
copy_out(struct compat *c, struct error *e)
{
	const char *pot = pot_name(c, e), *from, *to;
	const struct copy_options o = { .progress = NULL };
	struct copy_count count;
	struct stat st;

	if (pot == NULL)
		return -1;
	from = compat_value(c, "s");
	to = compat_value(c, "d");
	if (check_copy(c, pot, from, from != NULL ? from : "", e) < 0)
		return -1;
	if (stat(to, &st) < 0 || !S_ISDIR(st.st_mode))
		return pot_usage(e, "%s not valid", to);
	const struct copy_end source = { pot, from };
	const struct copy_end end = { NULL, to };
	return life_copy(c->host, &source, 1, &end, &o, &count, e);
}

static const struct cmd_option copy_out_options[] = {
	POT_OPTION_NAME,
	{ 's', "", "PATH", "a file or directory of the pot" },
	{ 'd', "", "DIR", "a directory of the host that it goes into" },
	{ 'F', "", NULL, "out of a running pot, too" },
	{ 0 },
};

const struct compat_cmd pot_cmd_copy_out = {
	.name = "copy-out",
	.usage = "[-hvF] -p NAME -s PATH -d DIR",
	.summary = "copy a file or directory out of a pot",
	.options = copy_out_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "files come without setuid and setgid; nothing of the host is "
	    "mounted meanwhile",
	.test = "cli/compat_pot_test.sh:copy",
	.exec = copy_out,
};

/* --- mount-in, mount-out --- */

static int
check_target(const char *target, struct error *e)
{
	if (target == NULL || *target == '\0')
		return pot_usage(e, "A mount point is mandatory");
	if (strpbrk(target, " \t\n") != NULL)
		return pot_usage(e, "The mountpoint cannot contain spaces");
	if (*target != '/')
		return pot_usage(e, "The mount point has to be an absolute "
		    "pathname");
	if (target[strspn(target, "/")] == '\0')
		return pot_usage(e, "/ is not a valid mount point");
	return 0;
}

/* The directory or the volume; NULL with the error. */
static char *
mount_source(struct compat *c, struct error *e)
{
	const char *dir = compat_value(c, "d"), *fscomp = compat_value(c, "f");
	struct stat st;

	if ((dir != NULL) + (fscomp != NULL) + compat_has(c, "z") != 1) {
		(void)pot_usage(e, "One of -f|-d|-z option has to be used");
		return NULL;
	}
	if (compat_has(c, "z")) {
		(void)error_set(e, ERROR_UNSUPPORTED, "a dataset is mounted "
		    "by its directory: -d with its mountpoint, or zfs.dataset "
		    "to have the pot administer it");
		return NULL;
	}
	if (fscomp != NULL)
		return name_check_volume(fscomp, e) < 0 ||
		    volume_check(c->host, fscomp, e) < 0 ? NULL :
		    xasprintf("vol:%s", fscomp);
	if (stat(dir, &st) < 0 || !S_ISDIR(st.st_mode)) {
		(void)pot_usage(e, "%s is not a directory", dir);
		return NULL;
	}
	if (compat_has(c, "w")) {
		(void)pot_usage(e, "Remount cannot be used with directories, "
		    "but with fscomp only");
		return NULL;
	}
	return realpath(dir, NULL);
}

/* A blank is "\040", as in fstab(5). */
static void
put_word(struct buf *out, const char *word)
{
	for (; *word != '\0'; word++)
		if (strchr(" \t\n\\", *word) != NULL)
			buf_printf(out, "\\%03o", *word);
		else
			buf_putc(out, *word);
}

static int
mount_in(struct compat *c, struct error *e)
{
	const char *pot = pot_name(c, e), *target;
	AUTO_FREE char *source = NULL;
	AUTO_BUF struct buf line = BUF_INIT;
	struct engine_mount m = { 0 };
	int rc;

	if (pot == NULL)
		return -1;
	target = compat_value(c, "m");
	if (check_target(target, e) < 0 ||
	    (source = mount_source(c, e)) == NULL)
		return -1;
	put_word(&line, source);
	buf_printf(&line, " %s nullfs %s", target, compat_has(c, "r") ? "ro" :
	    "rw");
	rc = mount_split(buf_text(&line), &m, e);
	if (rc == 0)
		rc = life_mount(c->host, pot, &m, e);
	mount_fini(&m);
	return rc;
}

static const struct cmd_option mount_in_options[] = {
	POT_OPTION_NAME,
	{ 'm', "", "PATH", "where in the pot" },
	{ 'd', "", "DIR", "a directory of the host" },
	{ 'f', "", "NAME", "an fs component" },
	{ 'z', "", "DATASET", "a dataset of zfs" },
	{ 'r', "", NULL, "read-only" },
	{ 'w', "", NULL, "an fs component only: move it there" },
	{ 0 },
};

const struct compat_cmd pot_cmd_mount_in = {
	.name = "mount-in",
	.usage = "[-hvrw] -p NAME -m PATH -d DIR|-f NAME|-z DATASET",
	.summary = "mount a directory or fs component in a pot",
	.options = mount_in_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "an fs component is mounted with -w as without; a dataset is "
	    "refused (69): its directory does it",
	.test = "cli/compat_pot_test.sh:mounts",
	.exec = mount_in,
};

static int
mount_out(struct compat *c, struct error *e)
{
	const char *pot = pot_name(c, e), *target;

	if (pot == NULL)
		return -1;
	target = compat_value(c, "m");
	if (check_target(target, e) < 0)
		return -1;
	return life_umount(c->host, pot, target, false, e);
}

static const struct cmd_option mount_out_options[] = {
	POT_OPTION_NAME,
	{ 'm', "", "PATH", "where in the pot" },
	{ 0 },
};

const struct compat_cmd pot_cmd_mount_out = {
	.name = "mount-out",
	.usage = "[-hv] -p NAME -m PATH",
	.summary = "take a mount of a pot away",
	.options = mount_out_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "it does: in 0.16 the entry stays",
	.test = "cli/compat_pot_test.sh:mounts",
	.exec = mount_out,
};
