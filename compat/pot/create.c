/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* pot create, clone, rename. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "compat/pot/pot.h"
#include "core/life.h"
#include "template/library.h"

/* --- flavours --- */

/* The file with its commands, or the script, as it is called or in the
 * directory of flavours; NULL when there is neither. */
static char *
find_flavour(const char *name)
{
	AUTO_FREE char *path = strchr(name, '/') != NULL ? xstrdup(name) :
	    xasprintf("./%s", name);

	if (convert_is_flavour(path))
		return STEAL(path);
	free(path);
	path = xasprintf("%s/flavours/%s", pot_etc(), name);
	return convert_is_flavour(path) || access(path, R_OK) == 0 ?
	    STEAL(path) : NULL;
}

static int
check_flavours(struct compat *c, struct error *e)
{
	const struct strings *names = compat_values(c, "f");

	for (size_t i = 0; i < names->count; i++) {
		AUTO_FREE char *path = find_flavour(names->items[i]);

		if (path == NULL)
			return pot_usage(e, "Flavour %s not found",
			    names->items[i]);
	}
	return 0;
}

int
pot_flavours(struct compat *c, const char *pot, struct error *e)
{
	const struct strings *names = compat_values(c, "f");
	AUTO_STRINGS struct strings words = VEC_INIT;

	strings_add(&words, "apply");
	strings_add(&words, pot);
	for (size_t i = 0; i < names->count; i++) {
		AUTO_FREE char *path = find_flavour(names->items[i]);

		if (path == NULL)
			return pot_usage(e, "Flavour %s not found",
			    names->items[i]);
		strings_add(&words, path);
	}
	return names->count == 0 ? 0 : compat_call_words(c, &words, NULL, e);
}

/* --- create --- */

struct plan {
	const char *name, *type, *level, *base, *potbase;
	char *release;		/* NULL: the files are another pot's */
	struct strings assign;
};

static void
plan_fini(struct plan *p)
{
	free(p->release);
	strings_fini(&p->assign);
}

/* Which combinations there are: a single pot of a base or of a pot, a multi one
 * of level 0 or 1 of a base or of a pot of level 1, of level 2 of a pot. */
static int
check_origin(struct compat *c, const struct plan *p, struct error *e)
{
	bool single = strcmp(p->type, "single") == 0;

	if (!single && strcmp(p->type, "multi") != 0)
		return pot_usage(e, "Type %s not supported", p->type);
	if (single && compat_has(c, "l"))
		return pot_usage(e, "single pot level can only be zero (omit "
		    "-l option)");
	if (strlen(p->level) != 1 || strchr("012", *p->level) == NULL)
		return pot_usage(e, "level %s is not supported", p->level);
	if (p->base == NULL && p->potbase == NULL)
		return pot_usage(e, "at least one of -b and -P has to be "
		    "used");
	if (*p->level == '0' && !single && p->base == NULL)
		return pot_usage(e, "level 0 needs option -b");
	if (*p->level == '0' && !single && p->potbase != NULL)
		return pot_usage(e, "-P option is not allowed with level 0");
	if (*p->level == '2' && p->potbase == NULL)
		return pot_usage(e, "level 2 pots need another pot as "
		    "reference");
	if (p->potbase != NULL && (name_check_cell(p->potbase, e) < 0 ||
	    !cell_exists(c->host, p->potbase)))
		return error_set(e, ERROR_NOT_FOUND, "pot %s not found",
		    p->potbase);
	return 0;
}

/* -b and -P must not contradict each other. */
static int
check_base(struct compat *c, struct plan *p, struct error *e)
{
	AUTO_CELL struct cell cell = CELL_INIT;
	AUTO_FREE char *theirs = NULL;

	if (p->base != NULL) {
		p->release = pot_base_release(c, p->base, e);
		if (p->release == NULL)
			return -1;
	}
	if (p->potbase == NULL)
		return 0;
	if (cell_load(c->host, p->potbase, &cell, e) < 0)
		return -1;
	theirs = cell_text(&cell, "release");
	if (p->release != NULL && theirs != NULL &&
	    strcmp(p->release, theirs) != 0)
		return pot_usage(e, "-b %s and -P %s are not compatible",
		    p->base, p->potbase);
	free(p->release);
	p->release = NULL;
	return 0;
}

/* What all pots are, unless a flavour says otherwise. */
static void
assign_defaults(struct plan *p, const char *net_type)
{
	static const char *const always[] = { "allow.socket_af=on", "allow.set_hostname=off", "sysvshm=new", "sysvsem=new",
		"sysvmsg=new", "persist=on", ("exec.start=" POT_CMD_RC),
		"mount+=tmpfs /tmp tmpfs rw" };

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		strings_add(&p->assign, always[i]);
	if (pot_gives_chflags())
		strings_add(&p->assign, "allow.chflags=on");
	if (pot_gives_raw_sockets(net_type))
		strings_add(&p->assign, "allow.raw_sockets=on");
}

static void
assign_origin(struct plan *p)
{
	strings_take(&p->assign, xasprintf("compat.pot.type=%s", p->type));
	strings_take(&p->assign, xasprintf("compat.pot.level=%s", p->level));
	if (p->potbase != NULL)
		strings_take(&p->assign, xasprintf("compat.pot.potbase=%s",
		    p->potbase));
}

static int
tell(struct compat *c, const struct plan *p, struct error *e)
{
	const char *type = compat_value(c, "N"), *bridge = compat_value(c, "B");
	const char *dns = compat_value(c, "d"), *stack = compat_value(c, "S");
	AUTO_FREE char *ips = strings_join(compat_values(c, "i"), " ");
	AUTO_FREE char *flavours = strings_join(compat_values(c, "f"), " ");

	if (type == NULL)
		type = "inherit";
	if (stack == NULL)
		stack = pot_setting(c, "POT_NETWORK_STACK");
	return compat_print(e, "===>  Creating a new pot\n"
	    "===>  pot name     : %s\n===>  type         : %s\n"
	    "===>  base         : %s\n===>  pot_base     : %s\n"
	    "===>  level        : %s\n===>  network-type : %s\n"
	    "===>  network-stack: %s\n===>  ip           : %s\n"
	    "===>  bridge       : %s\n===>  dns          : %s\n"
	    "===>  flavours     : %s\n", p->name, p->type,
	    p->base != NULL ? p->base : "", p->potbase != NULL ? p->potbase :
	    "", p->level, type, stack, *ips != '\0' ? ips :
	    strcmp(type, "inherit") == 0 ? "" : "auto", bridge != NULL ?
	    bridge : "", dns != NULL ? dns : "inherit", flavours);
}

/* The last snapshot, or what is there now. */
static int
clone_files(struct compat *c, const char *from, const char *snapshot,
    const char *to, bool thick, const struct strings *assign,
    struct error *e)
{
	AUTO_STRINGS struct strings words = VEC_INIT, snapshots = VEC_INIT;

	if (pot_snapshots(c, from, &snapshots, e) < 0)
		return -1;
	if (snapshot == NULL && snapshots.count > 0)
		snapshot = snapshots.items[0];
	if (snapshot == NULL && compat_runs(c, from))
		return error_set(e, ERROR_FAILED, "%s has no snapshot and is "
		    "running; 'pot stop %s', or take one", from, from);
	strings_add(&words, "clone");
	if (thick)
		strings_add(&words, "--thick");
	if (snapshot != NULL) {
		strings_add(&words, "-s");
		strings_add(&words, snapshot);
	}
	strings_add(&words, from);
	strings_add(&words, to);
	for (size_t i = 0; i < assign->count; i++)
		strings_add(&words, assign->items[i]);
	return compat_call_words(c, &words, NULL, e);
}

static int
make_files(struct compat *c, struct plan *p, struct error *e)
{
	AUTO_STRINGS struct strings words = VEC_INIT;
	bool single = strcmp(p->type, "single") == 0;

	if (p->release == NULL)
		return clone_files(c, p->potbase, NULL, p->name, single,
		    &p->assign, e);
	strings_add(&words, "create");
	strings_add(&words, "-r");
	strings_add(&words, p->release);
	if (single)
		strings_add(&words, "--thick");
	strings_add(&words, p->name);
	for (size_t i = 0; i < p->assign.count; i++)
		strings_add(&words, p->assign.items[i]);
	return compat_call_words(c, &words, NULL, e);
}

/* Nothing stays of a pot whose creation failed, unless it is asked for. */
static int
undo(struct compat *c, const char *pot, struct error *e)
{
	struct error why = ERROR_INIT;

	if (compat_has(c, "k"))
		return error_wrap(e, "pot %s is kept (-k)", pot);
	if (life_destroy(c->host, pot, true, false, &why) < 0)
		compat_say(c, "###>  %s", why.msg);
	return -1;
}

static int
create(struct compat *c, struct error *e)
{
	__attribute__((cleanup(plan_fini))) struct plan p = {
		.name = compat_value(c, "p"), .type = compat_value(c, "t"),
		.level = compat_value(c, "l"), .base = compat_value(c, "b"),
		.potbase = compat_value(c, "P") };

	if (p.type == NULL)
		p.type = "multi";
	if (p.level == NULL)
		p.level = strcmp(p.type, "single") == 0 ? "0" : "1";
	if (pot_check_new(c, p.name, e) < 0 || check_origin(c, &p, e) < 0 ||
	    check_base(c, &p, e) < 0 || check_flavours(c, e) < 0)
		return -1;
	assign_defaults(&p, compat_has(c, "N") ? compat_value(c, "N") :
	    "inherit");
	assign_origin(&p);
	if (!compat_has(c, "N"))
		strings_add(&p.assign, "net=inherit");
	if (pot_network_options(c, &p.assign, e) < 0 || tell(c, &p, e) < 0 ||
	    make_files(c, &p, e) < 0)
		return -1;
	if (pot_dns(c, p.name, e) < 0 || pot_flavours(c, p.name, e) < 0)
		return undo(c, p.name, e);
	return 0;
}

#define NETWORK_OPTIONS \
	{ 'N', "", "TYPE", "inherit, alias, public-bridge, private-bridge" }, \
	{ 'i', "", "IP", "auto, an address, or IFACE|ADDRESS; may be given " \
	    "again" }, \
	{ 'B', "", "NAME", "the private bridge" }, \
	{ 'S', "", "STACK", "ipv4, ipv6 or dual" }, \
	{ 'd', "", "DNS", "inherit, off or custom:FILE" }

static const struct cmd_option create_options[] = {
	{ 'p', "", "NAME", "its name" },
	{ 't', "", "TYPE", "multi (default) or single" },
	{ 'l', "", "LEVEL", "of a multi pot: 0, 1 (default) or 2" },
	{ 'b', "", "BASE", "the base that it is made from" },
	{ 'P', "", "NAME", "the pot that it is made from" },
	{ 'f', "", "FLAVOUR", "apply it; may be given again" },
	NETWORK_OPTIONS,
	{ 'k', "", NULL, "keep a pot whose creation failed" },
	{ 0 },
};

const struct compat_cmd pot_cmd_create = {
	.name = "create",
	.usage = "[-hvk] -p NAME [-t TYPE] [-l LEVEL] -b BASE|-P NAME "
	    "[-f FLAVOUR]... [-N TYPE] [-i IP]... [-B NAME] [-S STACK] "
	    "[-d DNS]",
	.summary = "create a pot",
	.options = create_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "a single pot is a thick jail, a multi one a thin one; names "
	    "are checked; a base is not fetched by the way; -d pot is refused "
	    "(networks tell names by themselves); IPv6 is dual where the "
	    "network is; a failure is a failure (theirs is 0 at times)",
	.test = "cli/compat_pot_test.sh:create",
	.exec = create,
};

/* --- clone --- */

/* What is the clone's own is left out. */
static int
clone(struct compat *c, struct error *e)
{
	const char *pot = compat_value(c, "p"), *from = compat_value(c, "P");
	const char *snapshot = compat_value(c, "s");
	AUTO_STRINGS struct strings assign = VEC_INIT, names = VEC_INIT;

	if (from == NULL || *from == '\0')
		return pot_usage(e, "reference pot name is missing "
		    "(option -P)");
	if (compat_has(c, "F") && snapshot != NULL)
		return pot_usage(e, "-s and -F are incompatible - which "
		    "snapshot should I use");
	if (pot_check_new(c, pot, e) < 0)
		return -1;
	if (name_check_cell(from, e) < 0 || !cell_exists(c->host, from))
		return error_set(e, ERROR_NOT_FOUND,
		    "reference pot %s not found", from);
	if (check_flavours(c, e) < 0 || pot_network_options(c, &assign, e) < 0 ||
	    pot_snapshots(c, from, &names, e) < 0)
		return -1;
	if (snapshot != NULL && strings_index(&names, snapshot) < 0)
		return error_set(e, ERROR_NOT_FOUND, "snapshot %s not found",
		    snapshot);
	if (compat_has(c, "F") && names.count == 0) {
		AUTO_FREE char *tag = xasprintf("%jd", (intmax_t)time(NULL));

		if (compat_call(c, e, "snapshot", from, tag, NULL) < 0)
			return -1;
	}
	strings_take(&assign, xasprintf("compat.pot.potbase=%s", from));
	if (clone_files(c, from, snapshot, pot, false, &assign, e) < 0)
		return -1;
	if (pot_dns(c, pot, e) < 0 || pot_flavours(c, pot, e) < 0)
		return undo(c, pot, e);
	return 0;
}

static const struct cmd_option clone_options[] = {
	{ 'p', "", "NAME", "the new pot" },
	{ 'P', "", "NAME", "the pot that is cloned" },
	{ 's', "", "SNAPSHOT", "its files at that snapshot, not the last" },
	{ 'F', "", NULL, "take a snapshot if there is none" },
	{ 'f', "", "FLAVOUR", "apply it; may be given again" },
	NETWORK_OPTIONS,
	{ 'k', "", NULL, "keep a pot whose creation failed" },
	{ 0 },
};

const struct compat_cmd pot_cmd_clone = {
	.name = "clone",
	.usage = "[-hvFk] -p NAME -P NAME [-s SNAPSHOT] [-f FLAVOUR]... "
	    "[-N TYPE] [-i IP]... [-B NAME] [-S STACK] [-d DNS]",
	.summary = "clone a pot",
	.options = clone_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "a stopped pot without a snapshot is cloned as it is; mounts "
	    "of directories are kept; a pot of level 0 can be cloned; the "
	    "private bridge is inherited; a failure is a failure (theirs is 0 "
	    "at times)",
	.test = "cli/compat_pot_test.sh:clone",
	.exec = clone,
};

/* --- rename --- */

static int
rename_pot(struct compat *c, struct error *e)
{
	const char *pot = compat_value(c, "p"), *to = compat_value(c, "n");

	if (pot == NULL || *pot == '\0')
		return pot_usage(e, "pot name is missing (-p)");
	if (to == NULL || *to == '\0')
		return pot_usage(e, "new name is missing (-n)");
	if (pot_check(c, pot, e) < 0)
		return -1;
	if (cell_exists(c->host, to))
		return error_set(e, ERROR_EXISTS, "pot %s exists already", to);
	if (compat_runs(c, pot))
		return error_set(e, ERROR_BUSY, "pot %s is still running",
		    pot);
	if (pot_check_new(c, to, e) < 0)
		return -1;
	return compat_call(c, e, "rename", pot, to, NULL);
}

static const struct cmd_option rename_options[] = {
	POT_OPTION_NAME,
	{ 'n', "", "NAME", "its new name" },
	{ 0 },
};

const struct compat_cmd pot_cmd_rename = {
	.name = "rename",
	.usage = "[-hv] -p NAME -n NAME",
	.summary = "rename a pot",
	.options = rename_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "the new name is checked, too",
	.test = "cli/compat_pot_test.sh:rename",
	.exec = rename_pot,
};
