/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* export, import, migrate. */
#include <fcntl.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/file.h"
#include "compat/bastille/bastille.h"

/* --- export --- */

static const char *
extension(const struct compat *c, const char *options)
{
	static const char *const kinds[] = { "txz", "tgz", "tzst" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		AUTO_FREE char *option = xasprintf("--%s", kinds[i]);

		if (compat_has(c, kinds[i]) || strstr(options, option) != NULL)
			return kinds[i];
	}
	return "txz";
}

/* A stream of zfs(8) is what only a pool can take. */
static int
refuse_streams(struct compat *c, const char *options, struct error *e)
{
	static const char *const kinds[] = { "raw", "gz", "xz", "zst" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		AUTO_FREE char *option = xasprintf("--%s", kinds[i]);

		if (compat_has(c, kinds[i]) || strstr(options, option) != NULL)
			return error_set(e, ERROR_UNSUPPORTED, "bastille "
			    "export: %s: gaol writes no streams of zfs(8) into "
			    "files; --txz, --tgz and --tzst are for any host",
			    option);
	}
	return 0;
}

static char *
archive(struct compat *c, const char *jail, const char *dir,
    const char *options)
{
	time_t now = time(NULL);
	struct tm tm;
	char date[32];

	localtime_r(&now, &tm);
	strftime(date, sizeof(date), "%Y-%m-%d-%H%M%S", &tm);
	return xasprintf("%s/%s_%s.%s", dir, jail, date,
	    extension(c, options));
}

static int
export_jail(struct compat *c, struct error *e)
{
	const char *options = compat_conf_get(&c->conf,
	    "bastille_export_options", "");
	const char *to = compat_operand(c, 1);
	AUTO_FREE char *jail = NULL, *file = NULL;
	AUTO_FREE char *dir = to != NULL ? xstrdup(to) :
	    bastille_dir(c, "backups");
	bool up = false, live = compat_has(c, "l");
	bool automatic = compat_has(c, "a") || strstr(options, "--auto");

	if (to != NULL && strchr(to, '/') == NULL)
		return error_set(e, ERROR_USAGE, "export: '%s' is no path of a "
		    "directory", to);
	if (refuse_streams(c, options, e) < 0 ||
	    bastille_target(c, c->operands.items[0], TARGET_LOOK, &jail,
	    e) < 0 || bastille_header(c, jail, e) < 0 ||
	    file_mkdirs(AT_FDCWD, dir, 0750, e) < 0)
		return -1;
	if (!live && bastille_need_down(c, jail, automatic, &up, e) < 0)
		return -1;
	file = archive(c, jail, dir, options);
	if (compat_call(c, e, "export", "--format", "bastille",
	    live ? "-l" : jail, live ? jail : file, live ? file : NULL,
	    NULL) < 0)
		return -1;
	if (bastille_info(c, e, "Exported '%s' successfully.", file) < 0)
		return -1;
	return up ? compat_call(c, e, "start", jail, NULL) : 0;
}

/* --- import --- */

static int
import_jail(struct compat *c, struct error *e)
{
	const char *name = c->operands.items[0];
	const char *release = compat_operand(c, 1);
	AUTO_FREE char *dir = bastille_dir(c, "backups");
	AUTO_FREE char *below = xasprintf("%s/%s", dir, name);
	AUTO_STRINGS struct strings words = VEC_INIT;
	AUTO_FREE char *known = release != NULL ? bastille_release(release) :
	    NULL;

	strings_add(&words, "import");
	strings_add(&words, strchr(name, '/') == NULL && file_exists(AT_FDCWD,
	    below) ? below : name);
	if (compat_has(c, "f"))
		strings_add(&words, "--unverified");
	if (known != NULL)
		strings_take(&words, xasprintf("release=%s", known));
	if (compat_call_words(c, &words, NULL, e) < 0)
		return -1;
	return bastille_info(c, e, "Imported '%s' successfully.", name);
}

/* --- migrate --- */

static int
refuse_migrate(struct compat *c, struct error *e)
{
	if (compat_has(c, "p"))
		return bastille_cannot(c, "-p: a password in a command line is "
		    "everybody's to see; use a key or ssh-agent(1)", e);
	if (compat_has(c, "b"))
		return bastille_cannot(c, "-b: gaol sends a jail without an "
		    "archive; 'bastille export' makes one", e);
	if (compat_has(c, "a") && !compat_has(c, "d"))
		return bastille_cannot(c, "-a: two jails that are one would "
		    "run; with -d it moves, and is started there if it ran", e);
	return 0;
}

static int
migrate_one(struct compat *c, const char *jail, void *arg, struct error *e)
{
	const char *to = arg;
	size_t len = strcspn(to, ":");
	AUTO_FREE char *host = xstrndup(to, len), *rsh = NULL;
	AUTO_STRINGS struct strings words = VEC_INIT;
	bool root = strncmp(to, "root@", 5) == 0;

	strings_add(&words, "send");
	if (compat_has(c, "d"))
		strings_add(&words, "--move");
	if (to[len] == ':') {
		strings_add(&words, "-p");
		strings_add(&words, to + len + 1);
	}
	if (compat_value(c, "k") != NULL) {
		rsh = xasprintf("ssh -i %s", compat_value(c, "k"));
		strings_add(&words, "-e");
		strings_add(&words, rsh);
	}
	if (!root) {
		strings_add(&words, "--remote-gaol");
		strings_add(&words, compat_has(c, "doas") ? "doas gaol" :
		    "sudo gaol");
	}
	strings_add(&words, jail);
	strings_add(&words, host);
	return compat_call_words(c, &words, NULL, e);
}

static int
migrate(struct compat *c, struct error *e)
{
	if (refuse_migrate(c, e) < 0)
		return -1;
	return bastille_for(c, TARGET_TOUCH, migrate_one,
	    c->operands.items[1], e);
}

static const struct cmd_option export_options[] = {
	BASTILLE_AUTO,
	{ 'l', "live", NULL, "Export a running jail, by a snapshot." },
	{ '\0', "txz", NULL, "Export to .txz, the default." },
	{ '\0', "tgz", NULL, "Export to .tgz." },
	{ '\0', "tzst", NULL, "Export to .tzst." },
	{ 'r', "raw", NULL, "Export a stream of zfs(8)." },
	{ '\0', "gz", NULL, "Export a stream of zfs(8)." },
	{ '\0', "xz", NULL, "Export a stream of zfs(8)." },
	{ '\0', "zst", NULL, "Export a stream of zfs(8)." },
	{ 'v', "verbose", NULL, "Enable verbose mode." },
	{ 0 },
};
static const struct cmd_option import_options[] = {
	{ 'f', "force", NULL, "Import without a checksum." },
	{ 'M', "static-mac", NULL, "A stable MAC address, as always." },
	{ 'v', "verbose", NULL, "Enable verbose mode." },
	{ 0 },
};
static const struct cmd_option migrate_options[] = {
	{ 'a', "auto", NULL, "Start the jail over there (with -d)." },
	{ 'b', "backup", NULL, "Keep an archive over there." },
	{ 'd', "destroy", NULL, "Move it: destroy it here." },
	{ '\0', "doas", NULL, "doas over there, instead of sudo." },
	{ 'k', "keyfile", "FILE", "Key of ssh(1)." },
	{ 'l', "live", NULL, "Of a running jail, as always." },
	{ 'p', "password", NULL, "Ask for a password." },
	{ 0 },
};

const struct compat_cmd bastille_export = {
	.name = "export",
	.usage = "[option(s)] TARGET [PATH]",
	.summary = "Export a jail.",
	.options = export_options,
	.min = 1,
	.max = 2,
	.state = COMPAT_DIFFERS,
	.note = "tar archives with their checksum, `--txz` by default; streams "
	    "of zfs(8) (`--raw`, `--gz`, `--xz`, `--zst`) are refused (69); "
	    "the file is complete or not there",
	.test = "cli/compat_bastille_release_test.sh:data",
	.exec = export_jail,
};

const struct compat_cmd bastille_import = {
	.name = "import",
	.usage = "[option(s)] FILE [RELEASE]",
	.summary = "Import a jail.",
	.options = import_options,
	.min = 1,
	.max = 2,
	.state = COMPAT_DIFFERS,
	.note = "checksums are compared on every store; commands on the host "
	    "in what is imported are told and not taken",
	.test = "cli/compat_bastille_release_test.sh:data",
	.exec = import_jail,
};

const struct compat_cmd bastille_migrate = {
	.name = "migrate",
	.usage = "[option(s)] TARGET USER@HOST[:PORT]",
	.summary = "Migrate jail(s) to a remote system.",
	.options = migrate_options,
	.min = 2,
	.max = 2,
	.flags = COMPAT_TALK,
	.state = COMPAT_DIFFERS,
	.note = "`gaol send` to a host that has gaol, whatever the stores; "
	    "`-p` (a password in argv), `-b` and `-a` without `-d` are "
	    "refused (69)",
	.test = "cli/compat_bastille_release_test.sh:refused",
	.exec = migrate,
};
