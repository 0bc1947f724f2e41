/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* activate, clean, debug, fetch, migrate, update, upgrade. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/mounts.h"
#include "base/path.h"
#include "base/spawn.h"
#include "compat/iocage/iocage.h"
#include "core/guest.h"
#include "core/life.h"
#include "core/others.h"
#include "core/release.h"
#include "core/store.h"

/* gaol finds the pool by where its root lies. */
static int
activate(struct compat *c, struct error *e)
{
	const char *pool = c->operands.items[0];
	size_t len = strlen(pool);
	AUTO_FREE char *dataset = NULL;
	AUTO_FREE char *at = NULL;
	const struct store *store = store_default(c->host, e);

	if (store == NULL || mounts_source(c->host->root, "zfs", &dataset,
	    &at, e) < 0)
		return -1;
	if (dataset != NULL && strncmp(dataset, pool, len) == 0 &&
	    (dataset[len] == '/' || dataset[len] == '\0'))
		return compat_print(e, "ZFS pool '%s' successfully "
		    "activated.\n", pool);
	if (strcmp(store->name, "zfs") == 0)
		return error_set(e, ERROR_FAILED, "%s, where the jails are, "
		    "does not lie on ZFS pool '%s'; 'zfs set gaol:root=%s "
		    "DATASET' says which dataset is to hold them",
		    c->host->root, pool, c->host->root);
	compat_say(c, "gaol needs no pool: jails lie in %s (store %s)",
	    c->host->root, store->name);
	return 0;
}

const struct compat_cmd ioc_activate = {
	.name = "activate",
	.usage = "ZPOOL",
	.summary = "Set a zpool active for iocage usage.",
	.min = 1,
	.max = 1,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_DIFFERS,
	.note = "nothing is to be activated: jails lie where gaol's root is; "
	    "on a host without ZFS that is said, and is no failure",
	.test = "cli/compat_iocage_test.sh:host",
	.exec = activate,
};

/* --- clean --- */

static int
clean_jails(struct compat *c, bool templates, const char *what,
    struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (compat_print(e, "Cleaning iocage/%s\n", templates ? "templates" :
	    "jails") < 0 || cell_names(c->host, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++)
		if (ioc_is_template(c, names.items[i]) == templates &&
		    compat_call(c, e, "destroy", "-f", "-y", names.items[i],
		    NULL) < 0)
			return -1;
	return compat_print(e, "%s\n", what);
}

static int
clean_releases(struct compat *c, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (compat_print(e, "Cleaning iocage/releases\n") < 0 ||
	    release_names(c->host, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++)
		if (compat_call(c, e, "releases", "-d", "-y", names.items[i],
		    NULL) < 0)
			return -1;
	return compat_print(e, "All iocage RELEASE and jail datasets have "
	    "been destroyed.\n");
}

static int
clean_dir(struct compat *c, const char *dir, const char *what,
    struct error *e)
{
	return path_remove_tree(c->host->root_fd, dir, e) < 0 ? -1 :
	    compat_print(e, "%s\n", what);
}

static int
clean_chosen(struct compat *c, struct error *e)
{
	bool all = compat_has(c, "all");

	if ((all || compat_has(c, "jails") || compat_has(c, "release")) &&
	    clean_jails(c, false, "All iocage jail datasets have been "
	    "destroyed.", e) < 0)
		return -1;
	if ((all || compat_has(c, "template")) && clean_jails(c, true,
	    "All iocage template datasets have been destroyed.", e) < 0)
		return -1;
	if ((all || compat_has(c, "release")) && clean_releases(c, e) < 0)
		return -1;
	if ((all || compat_has(c, "images")) && clean_dir(c, "images/iocage",
	    "The iocage images dataset has been destroyed.", e) < 0)
		return -1;
	if ((all || compat_has(c, "debug")) && clean_dir(c, "debug",
	    "All iocage debugs have been destroyed.", e) < 0)
		return -1;
	return 0;
}

static int
clean(struct compat *c, struct error *e)
{
	static const char *const kinds[] = { "all", "jails", "release",
		"template", "images", "debug" };
	bool yes = compat_has(c, "force"), any = false;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		any |= compat_has(c, kinds[i]);
	if (!any)
		return error_set(e, ERROR_FAILED,
		    "Please specify a dataset type to clean!");
	if (!yes && compat_confirm(c, "\nThis will destroy all that you "
	    "named, jails with their files included!\n\nAre you sure? [y/N]: ",
	    "-f", &yes, e) < 0)
		return error_set(e, ERROR_FAILED, "Aborted! (-f says yes)");
	return yes ? clean_chosen(c, e) : 0;
}

static const struct cmd_option clean_options[] = {
	{ 'f', "force", NULL, "Runs the command without any prompting." },
	{ 'a', "all", NULL, "Cleans all iocage datasets." },
	{ 'j', "jails", NULL, "Cleans all jails created." },
	{ 'r', "release|base", NULL, "Cleans all RELEASEs fetched." },
	{ 'b', "b", NULL, "Cleans all RELEASEs fetched." },
	{ 't', "template", NULL, "Cleans all templates." },
	{ 'i', "images", NULL, "Cleans all images." },
	{ 'd', "debug", NULL, "Cleans all debugs." },
	{ 0 },
};

const struct compat_cmd ioc_clean = {
	.name = "clean",
	.usage = "",
	.summary = "Destroy ALL of a specified dataset type.",
	.options = clean_options,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_DIFFERS,
	.note = "all that is named is cleaned, not the last; what is "
	    "protected stays; gaol's root itself stays",
	.test = "cli/compat_iocage_test.sh:destroy",
	.exec = clean,
};

/* --- debug --- */

static int
write_debug(struct compat *c, int dir, const char *file,
    const struct strings *words, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;

	if (compat_call_words(c, words, &text, e) < 0)
		return -1;
	return file_replace(dir, file, buf_text(&text), text.len, 0600,
	    FILE_VOLATILE, e);
}

static int
debug(struct compat *c, struct error *e)
{
	const char *given = compat_value(c, "directory");
	AUTO_FREE char *path = given != NULL ? xstrdup(given) :
	    xasprintf("%s/debug", c->host->root);
	AUTO_STRINGS struct strings names = VEC_INIT, words = VEC_INIT;
	AUTO_CLOSE int dir = -1;

	if (file_mkdirs(AT_FDCWD, path, 0700, e) < 0 ||
	    cell_names(c->host, &names, e) < 0)
		return -1;
	dir = file_opendir(AT_FDCWD, path, e);
	strings_add(&words, "doctor");
	if (dir < 0 || write_debug(c, dir, "host.txt", &words, e) < 0)
		return -1;
	/* what is wrong stands in the file */
	c->status = 0;
	for (size_t i = 0; i < names.count; i++) {
		AUTO_FREE char *file = xasprintf("%s.txt", names.items[i]);
		AUTO_STRINGS struct strings show = VEC_INIT;
		struct error why = ERROR_INIT;

		strings_add(&show, "show");
		strings_add(&show, names.items[i]);
		if (write_debug(c, dir, file, &show, &why) < 0)
			compat_say(c, "%s: %s", names.items[i], why.msg);
	}
	return compat_print(e, "Debug data has been written to %s\n", path);
}

static const struct cmd_option debug_options[] = {
	{ 'd', "directory", "DIR", "Where to write." },
	{ 0 },
};

const struct compat_cmd ioc_debug = {
	.name = "debug",
	.usage = "",
	.summary = "Make a debug of all jails.",
	.options = debug_options,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_DIFFERS,
	.note = "host.txt is what `gaol doctor` says, NAME.txt what `gaol "
	    "show` does",
	.test = "cli/compat_iocage_test.sh:host",
	.exec = debug,
};

/* --- fetch --- */

static int
fetch(struct compat *c, struct error *e)
{
	const char *release = compat_value(c, "release");
	const char *server = compat_value(c, "server");
	const char *proxy = compat_value(c, "proxy");
	AUTO_STRINGS struct strings words = VEC_INIT;
	AUTO_RELEASE struct release r = RELEASE_INIT;
	struct error missing = ERROR_INIT;

	if (compat_has(c, "plugins") || compat_has(c, "plugin-name"))
		return ioc_cannot(c, "there are no plugins; a template of "
		    "gaol does what one did", e);
	if (compat_has(c, "files") || compat_has(c, "file"))
		return ioc_cannot(c, "-f: 'gaol bootstrap FILE --sha256 HEX' "
		    "takes an archive whose sum is known", e);
	if (compat_has(c, "user") || compat_has(c, "password") ||
	    compat_has(c, "auth"))
		return ioc_cannot(c, "-u, -p, -a: mirrors are asked without a "
		    "password", e);
	if (release == NULL)
		return error_set(e, ERROR_FAILED, "Please supply a RELEASE "
		    "with -r; https://download.freebsd.org/releases/ has "
		    "them");
	if (release_load(c->host, release, &r, &missing) == 0)
		return compat_print(e, "%s is fetched already.\n", release);
	if (proxy != NULL && (setenv("http_proxy", proxy, 1) < 0 ||
	    setenv("https_proxy", proxy, 1) < 0))
		return error_sys(e, "--proxy");
	if (compat_print(e, "Fetching: %s\n", release) < 0)
		return -1;
	strings_add(&words, "bootstrap");
	strings_add(&words, release);
	if (server != NULL) {
		const char *dir = compat_value(c, "root-dir");

		strings_add(&words, "--mirror");
		strings_take(&words, xasprintf("%s%s/%s", strstr(server,
		    "://") != NULL ? "" : "https://", server, dir != NULL ?
		    dir : "ftp/releases"));
	}
	return compat_call_words(c, &words, NULL, e);
}

static const struct cmd_option fetch_options[] = {
	{ 'r', "release", "RELEASE", "The FreeBSD release to fetch." },
	{ 's', "server", "SERVER", "Server to use." },
	{ 'd', "root-dir", "DIR", "Root directory of the RELEASEs." },
	{ 'f', "file", NULL, "Use a local file directory." },
	{ 'F', "files", "FILE", "Specify the files to fetch." },
	{ 'h', "http", NULL, "Nothing." },
	{ 'u', "user", "USER", "The user to use." },
	{ 'p', "password", "PASS", "The password to use." },
	{ 'a', "auth", "KIND", "basic or digest." },
	{ 'V', "verify|noverify|-NV", NULL, "Verify the server." },
	{ 'U', "update|noupdate|-NU", NULL, "Update afterwards." },
	{ 'E', "eol|noeol|-NE", NULL, "Look whether it is supported." },
	{ 'S', "proxy", "URL", "Provide a proxy to use." },
	{ '\0', "plugins", NULL, "Fetch a plugin." },
	{ 'P', "plugin-name", "NAME", "The plugin." },
	{ 'n', "name", "NAME", "Name of its jail." },
	{ 'c', "count", "N", "How many." },
	{ 'g', "git_repository", "URL", "Its index." },
	{ '\0', "branch", "BRANCH", "Branch of the index." },
	{ '\0', "accept|noaccept", NULL, "Accept the licence." },
	{ 'O', "official", NULL, "Only official plugins." },
	{ 'C', "check", NULL, "Check first." },
	{ 'k', "keep_jail_on_failure", NULL, "Keep it." },
	{ 0 },
};

const struct compat_cmd ioc_fetch = {
	.name = "fetch",
	.usage = "[PROP=VALUE]...",
	.summary = "Fetch a version of FreeBSD for jail usage.",
	.options = fetch_options,
	.max = CMD_ANY,
	.flags = COMPAT_PERMUTE | COMPAT_TALK,
	.state = COMPAT_DIFFERS,
	.note = "as `gaol bootstrap`: by https, sums are checked before "
	    "anything is unpacked; no menu without `-r`; not updated "
	    "afterwards; `-f`, `-F`, `-u`, `-p`, `-a` and plugins are refused "
	    "(69)",
	.test = "cli/compat_iocage_test.sh:host",
	.exec = fetch,
};

/* --- update, upgrade, migrate --- */

/* A base system that is not of packages. */
static const char base_program[] = "/usr/sbin/freebsd-update";
static const char base_line[] = "PAGER=/bin/cat freebsd-update "
    "--not-running-from-cron fetch && PAGER=/bin/cat freebsd-update "
    "--not-running-from-cron install";

static int
find_base_program(int root, void *arg, struct error *e)
{
	AUTO_CLOSE int fd = path_open_any(root, base_program, e);
	const int *out = arg;

	if (fd < 0) {
		error_clear(e);
		return 0;
	}
	return pwrite(*out, "y", 1, 0) == 1 ? 0 : error_sys(e, "answer");
}

/* What work finds out comes by a file: its memory is lost. */
static int
has_base_program(struct compat *c, const char *name, bool *has,
    struct error *e)
{
	AUTO_CLOSE int out = host_scratch(c->host, e);
	char answer;

	if (out < 0 || life_within(c->host, name, find_base_program, &out,
	    30000, e) < 0)
		return -1;
	*has = pread(out, &answer, 1, 0) == 1;
	return 0;
}

static int
run_updater(struct compat *c, const char *name, struct error *e)
{
	struct guest guest;
	bool base;

	if (has_base_program(c, name, &base, e) < 0 ||
	    life_guest(c->host, name, &guest, e) < 0)
		return -1;
	if (!base && guest.packages == GUEST_NONE)
		return error_set(e, ERROR_UNSUPPORTED, "iocage update: '%s' "
		    "has no program that updates its system; 'gaol bootstrap "
		    "-f RELEASE' renews a release", name);
	if (base && compat_call(c, e, "exec", name, "--", "/bin/sh", "-c",
	    base_line, NULL) < 0)
		return -1;
	if (c->status == 0 && (!base || compat_has(c, "pkgs")) &&
	    compat_call(c, e, "update", "--no-snapshot", name, NULL) < 0)
		return -1;
	if (c->status != 0)
		return error_set(e, ERROR_FAILED, "the update of '%s' ended "
		    "with status %d", name, c->status);
	return compat_print(e, "\n%s updates have been applied "
	    "successfully.\n", name);
}

static int
update_one(struct compat *c, const char *name, struct error *e)
{
	time_t now = time(NULL);
	char dated[80] = "";
	bool running = compat_runs(c, name);
	struct error why = ERROR_INIT;
	struct tm tm;
	int result;

	if (gmtime_r(&now, &tm) != NULL)
		strftime(dated, sizeof(dated), "ioc_update_%Y-%m-%d_%H-%M-%S",
		    &tm);
	if (compat_call(c, e, "snapshot", "-c", name, dated, NULL) < 0 ||
	    (!running && compat_call(c, e, "start", name, NULL) < 0))
		return -1;
	result = run_updater(c, name, e);
	if (!running && compat_call(c, &why, "stop", name, NULL) < 0 &&
	    result == 0) {
		*e = why;
		return -1;
	}
	return result;
}

static int
update(struct compat *c, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (compat_has(c, "server"))
		return ioc_cannot(c, "-s: the jail's own program asks its own "
		    "server", e);
	if (ioc_targets(c, &c->operands, &names, e) < 0)
		return -1;
	return ioc_each(c, &names, update_one, e);
}

static const struct cmd_option update_options[] = {
	{ 'P', "pkgs", NULL, "Decide whether or not to update the pkgs." },
	{ 's', "server", "SERVER", "Server to use." },
	{ 'V', "verify|noverify|-NV", NULL, "Verify the server." },
	{ 0 },
};

const struct compat_cmd ioc_update = {
	.name = "update",
	.usage = "JAIL|ALL",
	.summary = "Run freebsd-update to update a specified jail.",
	.options = update_options,
	.min = 1,
	.max = 1,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_DIFFERS,
	.note = "a snapshot, then the jail's own freebsd-update, else its "
	    "packages by 'gaol update'; 69 where it has none; `-s` is refused "
	    "(69)",
	.test = "root/compat_iocage_test.sh:appendix",
	.exec = update,
};

static int
upgrade(struct compat *c, struct error *e)
{
	return ioc_cannot(c, "a jail of gaol keeps its release; make a new "
	    "one with 'iocage create -r RELEASE' and apply its template, or "
	    "run freebsd-update(8) in it with 'iocage console'", e);
}

static const struct cmd_option upgrade_options[] = {
	{ 'r', "release", "RELEASE", "RELEASE to upgrade to." },
	{ 0 },
};

const struct compat_cmd ioc_upgrade = {
	.name = "upgrade",
	.usage = "JAIL|ALL",
	.summary = "Run freebsd-update to upgrade a jail to a RELEASE.",
	.options = upgrade_options,
	.min = 1,
	.max = 1,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_CANNOT,
	.note = "a jail keeps its release; what does it is told",
	.test = "cli/compat_iocage_test.sh:host",
	.exec = upgrade,
};

static int
migrate(struct compat *c, struct error *e)
{
	return ioc_cannot(c, "jails of iocage_legacy are brought to the form of "
	    "today by iocage itself; 'gaol adopt --from iocage' takes them "
	    "then", e);
}

static const struct cmd_option migrate_options[] = {
	{ 'f', "force", NULL, "Bypass the interactive question." },
	{ 'd', "delete", NULL, "Delete the old dataset." },
	{ 0 },
};

const struct compat_cmd ioc_migrate = {
	.name = "migrate",
	.usage = "",
	.summary = "Migrate all iocage_legacy develop basejails.",
	.options = migrate_options,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_CANNOT,
	.note = "only for jails of iocage_legacy",
	.test = "cli/compat_iocage_test.sh:host",
	.exec = migrate,
};
