/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* snapshot, snapremove, rollback, export, import. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "compat/iocage/iocage.h"
#include "core/others.h"
#include "core/snapshot.h"

/* "2026-11-23_16:12:01", in UTC. */
static void
stamp(bool with_time, char *text, size_t size)
{
	time_t now = time(NULL);
	struct tm tm;

	*text = '\0';
	if (gmtime_r(&now, &tm) == NULL)
		return;
	if (with_time)
		strftime(text, size, "%Y-%m-%d_%H:%M:%S", &tm);
	else
		strftime(text, size, "%Y-%m-%d", &tm);
}

static int
snapshot_one(struct compat *c, const char *name, struct error *e)
{
	const char *given = compat_value(c, "name");
	AUTO_FREE char *dataset = ioc_dataset(name);
	char dated[64];

	stamp(true, dated, sizeof(dated));
	if (compat_call(c, e, "snapshot", "-c", name, given != NULL ? given :
	    dated, NULL) < 0)
		return -1;
	return compat_print(e, "Snapshot: %s@%s created.\n", dataset,
	    given != NULL ? given : dated);
}

static int
snapshot(struct compat *c, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (ioc_targets(c, &c->operands, &names, e) < 0)
		return -1;
	return ioc_each(c, &names, snapshot_one, e);
}

static const struct cmd_option snapshot_options[] = {
	{ 'n', "name", "NAME", "The snapshot name." },
	{ 'f', "force", NULL, "Do not ask." },
	{ 0 },
};

const struct compat_cmd ioc_snapshot = {
	.name = "snapshot",
	.usage = "JAIL|ALL",
	.summary = "Snapshot a jail.",
	.options = snapshot_options,
	.min = 1,
	.max = 1,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_DIFFERS,
	.note = "of the jail's files; datasets are told as `gaol/jails/NAME`; "
	    "where a store can only copy, it copies",
	.test = "cli/compat_iocage_test.sh:snapshots",
	.exec = snapshot,
};

/* --- snapremove --- */

static int
remove_snapshot(struct compat *c, const char *jail, const char *name,
    struct error *e)
{
	AUTO_FREE char *dataset = ioc_dataset(jail);

	if (compat_call(c, e, "snapshot", "-y", "-d", jail, name, NULL) < 0) {
		if (e->kind != ERROR_NOT_FOUND)
			return -1;
		return error_set(e, ERROR_NOT_FOUND, "Snapshot: %s@%s not "
		    "found!", dataset, name);
	}
	return compat_print(e, "Snapshot: %s@%s destroyed\n", dataset, name);
}

static int
snapremove_one(struct compat *c, const char *jail, struct error *e)
{
	const char *name = compat_value(c, "name");
	AUTO_SNAPSHOTS struct snapshots list = VEC_INIT;

	if (strcmp(name, "ALL") != 0)
		return remove_snapshot(c, jail, name, e);
	if (snapshot_list(c->host, jail, false, &list, e) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++)
		if (remove_snapshot(c, jail, list.items[i].name, e) < 0)
			return -1;
	return 0;
}

static int
snapremove(struct compat *c, struct error *e)
{
	const char *name = compat_value(c, "name");
	AUTO_STRINGS struct strings names = VEC_INIT;
	AUTO_FREE char *jail = NULL;

	if (name == NULL)
		return error_set(e, ERROR_USAGE, "Missing option '-n' / "
		    "'--name'.");
	if (strcmp(name, "ALL") == 0 && !compat_has(c, "force"))
		return error_set(e, ERROR_FAILED, "Usage: iocage snapremove "
		    "[OPTIONS] JAIL|ALL -n SNAPSHOT_NAME|ALL: -n ALL needs "
		    "--force (-f)");
	if (strcmp(c->operands.items[0], "ALL") != 0 &&
	    ioc_target(c, c->operands.items[0], true, &jail, e) < 0)
		return -1;
	if (ioc_targets(c, &c->operands, &names, e) < 0)
		return -1;
	return ioc_each(c, &names, snapremove_one, e);
}

static const struct cmd_option snapremove_options[] = {
	{ 'n', "name", "NAME", "The snapshot name." },
	{ 'f', "force", NULL, "Needed for -n ALL." },
	{ 0 },
};

const struct compat_cmd ioc_snapremove = {
	.name = "snapremove",
	.usage = "JAIL|ALL",
	.summary = "Remove specified snapshot of a jail.",
	.options = snapremove_options,
	.min = 1,
	.max = 1,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_DIFFERS,
	.note = "whole names only; a snapshot that clones stand on goes with "
	    "the last of them",
	.test = "cli/compat_iocage_test.sh:snapshots",
	.exec = snapremove,
};

/* --- rollback --- */

static int
rollback(struct compat *c, struct error *e)
{
	const char *snap = compat_value(c, "name");
	AUTO_FREE char *name = NULL;
	AUTO_FREE char *dataset = NULL;
	bool yes = compat_has(c, "force");

	if (snap == NULL)
		return error_set(e, ERROR_USAGE, "Missing option '-n' / "
		    "'--name'.");
	if (ioc_target(c, c->operands.items[0], true, &name, e) < 0)
		return -1;
	if (compat_runs(c, name))
		return error_set(e, ERROR_FAILED, "Please stop %s before "
		    "trying to rollback!", name);
	dataset = ioc_dataset(name);
	if (!yes && compat_confirm(c, "\nThis will destroy ALL data created "
	    "since the snapshot!\n\nAre you sure? [y/N]: ", "-f", &yes, e) <
	    0)
		return error_set(e, ERROR_FAILED, "Aborted! (-f says yes)");
	if (!yes)
		return 0;
	if (compat_call(c, e, "rollback", "-y", name, snap, NULL) < 0)
		return e->kind != ERROR_NOT_FOUND ? -1 : error_set(e,
		    ERROR_NOT_FOUND, "%s@%s does not exist", dataset, snap);
	return compat_print(e, "Rolled back to: %s\n", dataset);
}

static const struct cmd_option rollback_options[] = {
	{ 'n', "name", "NAME", "The snapshot name." },
	{ 'f', "force", NULL, "Do not ask." },
	{ 0 },
};

const struct compat_cmd ioc_rollback = {
	.name = "rollback",
	.usage = "JAIL",
	.summary = "Rollback to a specified snapshot.",
	.options = rollback_options,
	.min = 1,
	.max = 1,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_DIFFERS,
	.note = "whole names only; of the jail's files; on ZFS refused while "
	    "there are later snapshots",
	.test = "cli/compat_iocage_test.sh:snapshots",
	.exec = rollback,
};

/* --- export and import --- */

static char *
images_dir(const struct compat *c)
{
	return xasprintf("%s/images/iocage", c->host->root);
}

static int
export(struct compat *c, struct error *e)
{
	AUTO_FREE char *name = NULL;
	AUTO_FREE char *dir = images_dir(c);
	char date[32];

	if (ioc_target(c, c->operands.items[0], false, &name, e) < 0)
		return -1;
	if (compat_runs(c, name))
		return error_set(e, ERROR_FAILED, "%s is running, stop the "
		    "jail before exporting!", name);
	stamp(false, date, sizeof(date));
	AUTO_FREE char *file = xasprintf("%s/%s_%s.gaol.tar.zst", dir, name,
	    date);
	if (file_mkdirs(AT_FDCWD, dir, 0700, e) < 0 || compat_print(e,
	    "\nPreparing compressed file: %s.\n", file) < 0 || compat_call(c,
	    e, "export", name, file, NULL) < 0)
		return -1;
	return compat_print(e, "\nExported: %s\n", file);
}

static const struct cmd_option export_options[] = {
	{ 'c', "compression", "zip|lzma", "Specify which compression." },
	{ 0 },
};

const struct compat_cmd ioc_export = {
	.name = "export",
	.usage = "JAIL",
	.summary = "Exports a specified jail.",
	.options = export_options,
	.min = 1,
	.max = 1,
	.flags = COMPAT_PERMUTE | COMPAT_TALK,
	.state = COMPAT_DIFFERS,
	.note = "writes an archive of gaol, compressed by zstd whatever `-c` "
	    "says, with checksums inside, to `images/iocage`",
	.test = "cli/compat_iocage_test.sh:archive",
	.exec = export,
};

/* Files of dir that are archives of that jail. */
static int
find_images(const char *dir, const char *name, struct strings *found,
    struct error *e)
{
	static const char *const suffixes[] = { ".zip", ".tar.xz",
		".gaol.tar.zst" };
	AUTO_STRINGS struct strings all = VEC_INIT;

	if (others_list(dir, &all, e) < 0)
		return -1;
	for (size_t i = 0; i < all.count; i++) {
		const char *file = all.items[i];
		size_t len = strlen(file), n = strlen(name);

		for (size_t k = 0; k < 3; k++) {
			size_t end = strlen(suffixes[k]);

			if (strncmp(file, name, n) == 0 && (file[n] == '_' ||
			    file[n] == '.') && len > end && strcmp(file +
			    len - end, suffixes[k]) == 0)
				strings_take(found, xasprintf("%s/%s", dir,
				    file));
		}
	}
	return 0;
}

/* Where they are: -p, ours, iocage's. */
static int
find_archive(struct compat *c, const char *name, char **file, struct error *e)
{
	const char *path = compat_value(c, "path");
	AUTO_STRINGS struct strings found = VEC_INIT;
	AUTO_OTHER struct others o = OTHERS_INIT;
	AUTO_FREE char *ours = images_dir(c);
	struct error ignored = ERROR_INIT;
	struct stat st;

	if (path != NULL && stat(path, &st) == 0 && !S_ISDIR(st.st_mode)) {
		*file = xstrdup(path);
		return 0;
	}
	if (find_images(path != NULL ? path : ours, name, &found, e) < 0)
		return -1;
	if (path == NULL && others_find(c->host, OTHER_IOCAGE, NULL, &o,
	    &ignored) == 0 && o.top != NULL) {
		AUTO_FREE char *theirs = xasprintf("%s/images", o.top);

		if (find_images(theirs, name, &found, e) < 0)
			return -1;
	}
	if (found.count == 0)
		return error_set(e, ERROR_NOT_FOUND, "%s not found!", name);
	if (found.count > 1) {
		AUTO_FREE char *list = strings_join(&found, " ");

		return error_set(e, ERROR_FAILED, "Multiple images found for "
		    "%s: %s", name, list);
	}
	*file = xstrdup(found.items[0]);
	return 0;
}

static int
import(struct compat *c, struct error *e)
{
	const char *name = c->operands.items[0];
	AUTO_FREE char *file = NULL;

	if (find_archive(c, name, &file, e) < 0)
		return -1;
	if (compat_call(c, e, "import", file, NULL) < 0)
		return -1;
	return compat_print(e, "\nImported: %s\n", name);
}

static const struct cmd_option import_options[] = {
	{ 'c', "compression", "zip|lzma", "Specify which compression." },
	{ 'p', "path", "DIR|FILE", "Where the image is." },
	{ 0 },
};

const struct compat_cmd ioc_import = {
	.name = "import",
	.usage = "JAIL",
	.summary = "Imports a specified jail.",
	.options = import_options,
	.min = 1,
	.max = 1,
	.flags = COMPAT_PERMUTE | COMPAT_TALK,
	.state = COMPAT_DIFFERS,
	.note = "takes archives of gaol and those of iocage, from either "
	    "directory; the checksum has to be right; what they are "
	    "compressed by is seen, whatever `-c` says",
	.test = "cli/compat_iocage_test.sh:archive",
	.exec = import,
};
