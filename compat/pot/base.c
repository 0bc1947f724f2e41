/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* pot init, de-init, create-base, create-fscomp, clone-fscomp. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "compat/pot/pot.h"
#include "core/network.h"
#include "core/release.h"
#include "core/volume.h"

#define SUFFIX "-RELEASE"

/* --- bases --- */

char *
pot_base_name(const char *release)
{
	size_t len = strlen(release), end = strlen(SUFFIX);

	return isdigit((unsigned char)*release) && len > end &&
	    strcmp(release + len - end, SUFFIX) == 0 ?
	    xstrndup(release, len - end) : xstrdup(release);
}

static bool
is_here(struct compat *c, const char *release)
{
	AUTO_RELEASE struct release r = RELEASE_INIT;
	struct error ignored = ERROR_INIT;

	return name_check_release(release, &ignored) == 0 &&
	    release_load(c->host, release, &r, &ignored) == 0;
}

char *
pot_base_release(struct compat *c, const char *base, struct error *e)
{
	AUTO_FREE char *whole = xasprintf("%s" SUFFIX, base);

	if (is_here(c, base))
		return xstrdup(base);
	if (is_here(c, whole))
		return STEAL(whole);
	(void)error_set(e, ERROR_NOT_FOUND, "%s is not a valid base; "
	    "'pot create-base -r %s' makes it", base, base);
	return NULL;
}

static int
create_base(struct compat *c, struct error *e)
{
	const char *rel = compat_value(c, "r"), *name = compat_value(c, "b");

	if (rel == NULL || *rel == '\0')
		return pot_usage(e, "option -r is mandatory");
	AUTO_FREE char *source = isdigit((unsigned char)*rel) &&
	    strchr(rel, '-') == NULL ? xasprintf("%s" SUFFIX, rel) :
	    xstrdup(rel);
	if (name == NULL)
		name = source;
	if (is_here(c, name))
		return error_set(e, ERROR_EXISTS, "%s already exist", name);
	if (pot_info(e, "Create a base with release %s", rel) < 0)
		return -1;
	return compat_call(c, e, "bootstrap", "--name", name, source, NULL);
}

static const struct cmd_option base_options[] = {
	{ 'r', "", "RELEASE", "which one: 14.2, 14.3-RC1" },
	{ 'b', "", "NAME", "its name, if another one" },
	{ 0 },
};

const struct compat_cmd pot_cmd_create_base = {
	.name = "create-base",
	.usage = "[-hv] -r RELEASE [-b NAME]",
	.summary = "fetch a release to make pots from",
	.options = base_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND | COMPAT_TALK,
	.state = COMPAT_DIFFERS,
	.note = "as 'gaol bootstrap': the manifest is fetched and verified; no "
	    "pot base-14_2 is made beside it",
	.test = "root/compat_pot_test.sh:guide",
	.exec = create_base,
};

/* --- init --- */

static int
init(struct compat *c, struct error *e)
{
	const char *pf = compat_value(c, "p");

	if (pf == NULL)
		pf = compat_value(c, "f");
	if (pot_network_need(c, e) < 0 || pot_info(e, "Network %s for the "
	    "public bridge", pot_setting(c, "POT_NETWORK")) < 0)
		return -1;
	if (compat_has(c, "m") || (pf != NULL && *pf == '\0'))
		return 0;
	return pot_info(e, "pf.conf and syslogd are left as they are; 'gaol "
	    "setup' tells what this host needs");
}

static const struct cmd_option init_options[] = {
	{ 'p', "", "FILE", "pf's configuration, '' for none" },
	{ 'f', "", "FILE", "the old name of -p" },
	{ 's', "", NULL, "leave syslogd alone" },
	{ 'm', "", NULL, "as -s -p ''" },
	{ 0 },
};

const struct compat_cmd pot_cmd_init = {
	.name = "init",
	.usage = "[-hvsm] [-p FILE]",
	.summary = "prepare the host for pots",
	.options = init_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "makes the network of the public bridge; gaol needs nothing "
	    "else, and edits neither rc.conf nor pf.conf: 'gaol setup'",
	.test = "cli/compat_pot_test.sh:init",
	.exec = init,
};

static int
de_init(struct compat *c, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (cell_names(c->host, &names, e) < 0)
		return -1;
	if (names.count > 0)
		return error_set(e, ERROR_BUSY, "pot %s is there%s; 'pot "
		    "destroy' removes pots one by one", names.items[0],
		    names.count > 1 ? ", and others are" : "");
	if (network_exists(c->host, POT_NETWORK_NAME) &&
	    network_destroy(c->host, POT_NETWORK_NAME, e) < 0)
		return -1;
	return pot_info(e, "Deinstall pot (%s)", pot_setting(c,
	    "POT_ZFS_ROOT"));
}

static const struct cmd_option de_init_options[] = {
	{ 'f', "", NULL, "stop running pots first" },
	{ 'p', "", "FILE", "pf's configuration" },
	{ 'm', "", NULL, "leave pf's configuration alone" },
	{ 0 },
};

const struct compat_cmd pot_cmd_de_init = {
	.name = "de-init",
	.usage = "[-hvfm] [-p FILE]",
	.summary = "remove what init has made",
	.options = de_init_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "refused while there are pots, with -f too: theirs destroys "
	    "all pots, running ones among them, without asking",
	.test = "cli/compat_pot_test.sh:init",
	.exec = de_init,
};

/* --- fs components --- */

static int
create_fscomp(struct compat *c, struct error *e)
{
	const char *name = compat_value(c, "f");
	const struct volume_options o = { .uid = geteuid(), .gid = getegid(),
		.mode = 0755 };

	if (name == NULL || *name == '\0')
		return pot_usage(e, "fs component name is missing");
	if (name_check_volume(name, e) < 0)
		return -1;
	if (volume_check(c->host, name, e) == 0)
		return pot_info(e, "fs component %s already exists", name);
	error_clear(e);
	return volume_create(c->host, name, &o, e);
}

static const struct cmd_option fscomp_options[] = {
	{ 'f', "", "NAME", "its name" },
	{ 0 },
};

const struct compat_cmd pot_cmd_create_fscomp = {
	.name = "create-fscomp",
	.usage = "[-hv] -f NAME",
	.summary = "make an fs component",
	.options = fscomp_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "a volume of gaol",
	.test = "cli/compat_pot_test.sh:fscomps",
	.exec = create_fscomp,
};

static int
clone_fscomp(struct compat *c, struct error *e)
{
	const char *name = compat_value(c, "f"), *from = compat_value(c, "F");

	if (name == NULL || *name == '\0')
		return pot_usage(e, "fscomp name is missing (option -f)");
	if (from == NULL || *from == '\0')
		return pot_usage(e, "clonable fscomp name is missing "
		    "(option -F)");
	return error_set(e, ERROR_UNSUPPORTED, "volumes of gaol have no "
	    "snapshots and no clones; 'gaol volume create %s', and cp -a "
	    "between the paths that 'gaol volume list' shows, copy one", name);
}

static const struct cmd_option clone_fscomp_options[] = {
	{ 'f', "", "NAME", "the new one" },
	{ 'F', "", "NAME", "the one that is cloned" },
	{ 0 },
};

const struct compat_cmd pot_cmd_clone_fscomp = {
	.name = "clone-fscomp",
	.usage = "[-hv] -f NAME -F NAME",
	.summary = "clone an fs component",
	.options = clone_fscomp_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_CANNOT,
	.note = "volumes have no snapshots: make one and copy",
	.test = "cli/compat_pot_test.sh:refused",
	.exec = clone_fscomp,
};
