/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* bootstrap, update, upgrade, verify, etcupdate. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <stdlib.h>
#include <strings.h>

#include "base/auto.h"
#include "compat/bastille/bastille.h"
#include "core/release.h"
#include "core/tool.h"
#include "template/library.h"

/* Words as Bastille takes them, in any case, without "debian" or "ubuntu" and
 * "_" or "-" before it. */
static const struct {
	const char *word, *release;
} linuxes[] = {
	{ "buster", "debian-10" }, { "debian10", "debian-10" },
	{ "bullseye", "debian-11" }, { "debian11", "debian-11" },
	{ "bookworm", "debian-12" }, { "debian12", "debian-12" },
	{ "trixie", "debian-13" }, { "debian13", "debian-13" },
	{ "bionic", "ubuntu-18.04" }, { "1804", "ubuntu-18.04" },
	{ "focal", "ubuntu-20.04" }, { "2004", "ubuntu-20.04" },
	{ "jammy", "ubuntu-22.04" }, { "2204", "ubuntu-22.04" },
	{ "noble", "ubuntu-24.04" }, { "2404", "ubuntu-24.04" },
};

static bool
begins(const char *text, const char *with)
{
	return strncasecmp(text, with, strlen(with)) == 0;
}

/* "14.2-release" is 14.2-RELEASE. */
static char *
upper(const char *name)
{
	size_t number = strspn(name, "0123456789.");
	char *copy = xstrdup(name);

	if (number > 0 && name[number] == '-' && strchr(name, '.') != NULL &&
	    !begins(name + number, "-stable-build"))
		for (char *p = copy + number; *p != '\0' &&
		    !begins(p, "-i386"); p++)
			*p = (char)toupper((unsigned char)*p);
	return copy;
}

char *
bastille_release(const char *name)
{
	const char *word = name;

	if (begins(word, "ubuntu_") || begins(word, "ubuntu-") ||
	    begins(word, "debian_") || begins(word, "debian-"))
		word += 7;
	for (size_t i = 0; i < sizeof(linuxes) / sizeof(linuxes[0]); i++)
		if (strcasecmp(word, linuxes[i].word) == 0)
			return xstrdup(linuxes[i].release);
	return upper(name);
}

/* --- a program of FreeBSD on a release's files --- */

static int
freebsd_update(struct compat *c, const char *release, const char *verbs[],
    struct error *e)
{
	AUTO_FREE char *program = tool_find("freebsd-update");
	AUTO_FREE char *root = release_path(c->host, release);
	__attribute__((cleanup(tool_fini))) struct tool t = TOOL_INIT;
	AUTO_STRINGS struct strings argv = VEC_INIT, env = VEC_INIT;
	AUTO_CLOSE int lock = -1;
	int status;

	if (program == NULL)
		return error_set(e, ERROR_UNSUPPORTED, "bastille %s: "
		    "freebsd-update(8) is not on this host; 'gaol bootstrap -f' "
		    "gets the release anew", c->cmd->name);
	strings_add(&argv, program);
	strings_add(&argv, "--not-running-from-cron");
	strings_add(&argv, "-b");
	strings_add(&argv, root);
	strings_add(&argv, "--currently-running");
	strings_add(&argv, release);
	if (c->cmd == &bastille_update && compat_has(c, "f"))
		strings_add(&argv, "-F");
	for (size_t i = 0; verbs[i] != NULL; i++)
		strings_add(&argv, verbs[i]);
	strings_add(&env, "PAGER=/bin/cat");
	lock = release_lock(c->host, release, false, c->cmd->name, e);
	if (lock < 0 || tool_init(&t, c->host, e) < 0 ||
	    tool_run(&t, &argv, &env, TOOL_SHOWN, &status, e) < 0)
		return -1;
	if (status != 0)
		return error_set(e, ERROR_FAILED, "freebsd-update ended with "
		    "status %d: %s", status, tool_why(&t));
	return 0;
}

/* The sum of its files is of the old ones. */
static int
forget_digest(struct compat *c, const char *release, struct error *e)
{
	AUTO_FREE char *name = xasprintf("releases/%s/digest", release);

	if (unlinkat(c->host->root_fd, name, 0) < 0 && errno != ENOENT)
		return error_sys(e, "%s", name);
	return 0;
}

static int
update_release(struct compat *c, const char *release, struct error *e)
{
	const char *verbs[] = { "fetch", "install", NULL };
	AUTO_RELEASE struct release r = RELEASE_INIT;

	if (release_load(c->host, release, &r, e) < 0)
		return -1;
	if (strcmp(r.os, "freebsd") != 0)
		return error_set(e, ERROR_UNSUPPORTED, "bastille update: %s is "
		    "no release of FreeBSD; 'bastille update TARGET' "
		    "brings a jail's packages up to date", release);
	if (freebsd_update(c, release, verbs, e) < 0)
		return -1;
	return forget_digest(c, release, e);
}

/* --- bootstrap --- */

static bool
is_arch(const char *word)
{
	return strcmp(word, "--i386") == 0 || strcmp(word, "--32bit") == 0;
}

static int
bootstrap_release(struct compat *c, const char *release, bool i386,
    struct error *e)
{
	const char *mirror = getenv("BASTILLE_URL_FREEBSD");
	AUTO_FREE char *sets = xstrdup(compat_conf_get(&c->conf,
	    "bastille_bootstrap_archives", "base"));
	AUTO_STRINGS struct strings words = VEC_INIT;

	if (mirror == NULL)
		mirror = compat_conf_get(&c->conf, "bastille_url_freebsd",
		    NULL);
	for (char *p = sets; *p != '\0'; p++)
		if (*p == ' ')
			*p = ',';
	strings_add(&words, "bootstrap");
	strings_add(&words, release);
	if (isdigit((unsigned char)*release)) {
		if (mirror != NULL) {
			strings_add(&words, "--mirror");
			strings_add(&words, mirror);
		}
		strings_add(&words, "--sets");
		strings_add(&words, sets);
	}
	if (i386) {
		strings_add(&words, "--arch");
		strings_add(&words, "i386");
		strings_add(&words, "--name");
		strings_take(&words, xasprintf("%s-i386", release));
	}
	if (bastille_info(c, e, "\nAttempting to bootstrap release: %s...",
	    release) < 0)
		return -1;
	if (compat_call_words(c, &words, NULL, e) < 0) {
		if (e->kind != ERROR_EXISTS)
			return -1;
		/* run again it completes there what was missing */
		error_clear(e);
	}
	return bastille_info(c, e, "Bootstrap appears complete.");
}

static int
bootstrap(struct compat *c, struct error *e)
{
	AUTO_FREE char *release = bastille_release(c->operands.items[0]);
	const char *second = compat_operand(c, 1);
	bool update = compat_has(c, "u") || (second != NULL &&
	    strcmp(second, "update") == 0);
	bool i386 = compat_has(c, "i386") || (second != NULL &&
	    (is_arch(second) || strcmp(second, "i386") == 0));

	if (library_is_url(c->operands.items[0]))
		return compat_call(c, e, "template", "update",
		    c->operands.items[0], NULL);
	if (compat_has(c, "p"))
		return bastille_cannot(c, "-p: gaol gets releases from their "
		    "sets, whose sums are checked; pkgbase has none", e);
	if (bootstrap_release(c, release, i386, e) < 0)
		return -1;
	return update ? update_release(c, release, e) : 0;
}

/* --- update, upgrade, verify, etcupdate --- */

/* Its packages, which are all of it where the base system is of packages. */
static int
update_jail(struct compat *c, const char *jail, struct error *e)
{
	if (bastille_header(c, jail, e) < 0 ||
	    bastille_need_up(c, jail, compat_has(c, "a"), e) < 0)
		return -1;
	return compat_call(c, e, "update", jail, NULL);
}

static int
update(struct compat *c, struct error *e)
{
	const char *what = c->operands.items[0];
	AUTO_FREE char *release = bastille_release(what);

	if (strcmp(what, "templates") == 0)
		return compat_call(c, e, "template", "update", NULL);
	if (cell_exists(c->host, what))
		return update_jail(c, what, e);
	if (strchr(what, '/') != NULL)
		return compat_call(c, e, "template", "update", what, NULL);
	return update_release(c, release, e);
}

static int
upgrade(struct compat *c, struct error *e)
{
	return bastille_cannot(c, "a jail of gaol keeps its release; make a new "
	    "one on the new release and apply its template", e);
}

static int
etcupdate(struct compat *c, struct error *e)
{
	return bastille_cannot(c, "gaol merges no files of /etc; run "
	    "etcupdate(8) in the jail with 'bastille cmd'", e);
}

static int
verify(struct compat *c, struct error *e)
{
	const char *what = c->operands.items[0];
	AUTO_FREE char *release = bastille_release(what);
	const char *verbs[] = { "IDS", NULL };
	AUTO_RELEASE struct release r = RELEASE_INIT;

	if (strchr(what, '/') != NULL)
		return compat_call(c, e, "template", "verify", what, NULL);
	if (release_load(c->host, release, &r, e) < 0)
		return -1;
	return freebsd_update(c, release, verbs, e);
}

static const struct cmd_option bootstrap_options[] = {
	{ 'p', "pkgbase", NULL, "Bootstrap by pkgbase." },
	{ 'u', "update", NULL, "Update the release afterwards." },
	{ '\0', "i386|32bit", NULL, "The release for i386." },
	{ 0 },
};
static const struct cmd_option update_options[] = {
	BASTILLE_AUTO,
	{ 'f', "force", NULL, "freebsd-update -F." },
	{ 0 },
};
static const struct cmd_option etcupdate_options[] = {
	{ 'd', "dry-run", NULL, "Show what would change." },
	{ 'f', "force", NULL, "Force." },
	{ 0 },
};

const struct compat_cmd bastille_bootstrap = {
	.name = "bootstrap",
	.usage = "[option(s)] RELEASE|TEMPLATE [update|ARCH]",
	.summary = "Bootstrap a release or template(s).",
	.options = bootstrap_options,
	.min = 1,
	.max = 2,
	.flags = COMPAT_PERMUTE | COMPAT_TALK,
	.state = COMPAT_DIFFERS,
	.note = "sums are checked always, of downloads that were kept, too; "
	    "sets that a release lacks are not added to it; pkgbase is "
	    "refused (69), as are HardenedBSD and MidnightBSD; `update` needs "
	    "freebsd-update(8) on the host",
	.test = "cli/compat_bastille_release_test.sh:bootstrap",
	.exec = bootstrap,
};

const struct compat_cmd bastille_update = {
	.name = "update",
	.usage = "[option(s)] RELEASE|TARGET|TEMPLATE|templates",
	.summary = "Update a release or a jail.",
	.options = update_options,
	.min = 1,
	.max = 1,
	.flags = COMPAT_TALK,
	.state = COMPAT_DIFFERS,
	.note = "releases of FreeBSD, by freebsd-update(8) of the host; of a "
	    "jail its packages, behind a snapshot: where its base system is "
	    "of packages, too, that is all of it; templates by their names",
	.test = "cli/compat_bastille_release_test.sh:update",
	.exec = update,
};

const struct compat_cmd bastille_upgrade = {
	.name = "upgrade",
	.usage = "[option(s)] TARGET NEW_RELEASE | TARGET install",
	.summary = "Upgrade a jail to a new release.",
	.options = update_options,
	.min = 2,
	.max = 2,
	.state = COMPAT_CANNOT,
	.note = "a jail of gaol keeps its release",
	.test = "cli/compat_bastille_release_test.sh:refused",
	.exec = upgrade,
};

const struct compat_cmd bastille_verify = {
	.name = "verify",
	.usage = "RELEASE|TEMPLATE",
	.summary = "Compare a release, or verify a template.",
	.min = 1,
	.max = 1,
	.flags = COMPAT_TALK,
	.state = COMPAT_DIFFERS,
	.note = "a template that is none is told and stays, where Bastille "
	    "removes it; a release needs freebsd-update(8) on the host",
	.test = "cli/compat_bastille_release_test.sh:update",
	.exec = verify,
};

const struct compat_cmd bastille_etcupdate = {
	.name = "etcupdate",
	.usage = "[option(s)] bootstrap RELEASE | TARGET update RELEASE | "
	    "TARGET diff|resolve",
	.summary = "Update /etc of a jail.",
	.options = etcupdate_options,
	.min = 2,
	.max = 3,
	.state = COMPAT_CANNOT,
	.note = "etcupdate(8) in the jail does it, by `bastille cmd`",
	.test = "cli/compat_bastille_release_test.sh:refused",
	.exec = etcupdate,
};
