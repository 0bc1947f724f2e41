/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* create, clone. */
#include <string.h>
#include <strings.h>

#include "base/auto.h"
#include "compat/bastille/bastille.h"
#include "core/life.h"
#include "core/release.h"
#include "template/place.h"

struct create {
	const char *name, *ip, *iface;
	char *release, *entry;
	struct strings words;	/* of gaol create */
};

static void
create_fini(struct create *o)
{
	free(o->release);
	free(o->entry);
	strings_fini(&o->words);
}

static int
refuse(struct compat *c, struct error *e)
{
	if (compat_has(c, "E"))
		return bastille_cannot(c, "-E: a jail of gaol stands on a "
		    "release; 'gaol bootstrap FILE' makes one of an archive",
		    e);
	if (compat_has(c, "O") || compat_has(c, "e") || compat_has(c, "os") ||
	    compat_has(c, "data-path"))
		return bastille_cannot(c, "-O: there are no jails of OCI images "
		    "yet; an unpacked root is a release by 'gaol bootstrap "
		    "FILE'", e);
	if (compat_has(c, "T") && compat_has(c, "C"))
		return error_set(e, ERROR_USAGE, "Clonejail and Thickjail can't "
		    "be used together.");
	if (compat_has(c, "V") + compat_has(c, "B") + compat_has(c, "P") > 1)
		return error_set(e, ERROR_USAGE, "Only one of [-V|--vnet], "
		    "[-B|--bridge] or [-P|--passthrough] can be selected.");
	return 0;
}

static enum address_kind
kind(const struct compat *c)
{
	return compat_has(c, "V") ? ADDRESS_VNET : compat_has(c, "B") ?
	    ADDRESS_BRIDGE : compat_has(c, "P") ? ADDRESS_PASS :
	    ADDRESS_SHARED;
}

static int
network(struct compat *c, struct create *o, struct error *e)
{
	struct address_options a = { kind(c), o->iface, o->ip,
		compat_value(c, "vlan"), compat_value(c, "gateway") };

	if (a.kind == ADDRESS_SHARED && (a.vlan != NULL || o->ip == NULL))
		return error_set(e, ERROR_USAGE, "%s can only be used with VNET "
		    "jails.", a.vlan != NULL ? "VLANs" : "[--no-ip]");
	if (a.gateway == NULL && a.kind != ADDRESS_SHARED)
		a.gateway = compat_conf_get(&c->conf,
		    "bastille_network_gateway", NULL);
	return bastille_address(c, &a, &o->entry, e);
}

/* NAME RELEASE IP [INTERFACE]; with --no-ip NAME RELEASE [INTERFACE]. */
static int
operands(struct compat *c, struct create *o, struct error *e)
{
	bool no_ip = compat_has(c, "no-ip");
	AUTO_RELEASE struct release r = RELEASE_INIT;

	if (c->operands.count > (no_ip ? 3 : 4) ||
	    c->operands.count < (no_ip ? 2 : 3))
		return error_set(e, ERROR_USAGE,
		    "create: NAME RELEASE IP [INTERFACE] are needed");
	o->name = c->operands.items[0];
	o->release = bastille_release(c->operands.items[1]);
	o->ip = no_ip ? NULL : c->operands.items[2];
	o->iface = compat_operand(c, no_ip ? 2 : 3);
	if (cell_exists(c->host, o->name))
		return error_set(e, ERROR_EXISTS, "Jail already exists: %s",
		    o->name);
	if (release_load(c->host, o->release, &r, e) < 0)
		return e->kind != ERROR_NOT_FOUND ? -1 : error_set(e,
		    ERROR_NOT_FOUND, "Release must be bootstrapped first: %s. "
		    "See 'bastille bootstrap'.", c->operands.items[1]);
	return 0;
}

/* "-o compress=on -o atime=off" are properties of its dataset. */
static void
zfs_options(struct create *o, const char *text)
{
	AUTO_FREE char *copy = xstrdup(text != NULL ? text : "");
	char *rest = copy, *word;

	while ((word = strsep(&rest, " ")) != NULL)
		if (strchr(word, '=') != NULL)
			strings_take(&o->words, xasprintf("zfs.%s", word));
}

static void
words(struct compat *c, struct create *o)
{
	const char *priority = compat_value(c, "priority");
	const char *tag = compat_value(c, "tag");

	strings_add(&o->words, "create");
	strings_add(&o->words, o->name);
	strings_add(&o->words, "-r");
	strings_add(&o->words, o->release);
	if (compat_has(c, "T"))
		strings_add(&o->words, "-t");
	strings_take(&o->words, xasprintf("net=%s", o->entry));
	strings_take(&o->words, xasprintf("boot=%s",
	    compat_has(c, "no-boot") ? "off" : "on"));
	strings_take(&o->words, xasprintf("priority=%s",
	    priority != NULL ? priority : "99"));
	strings_add(&o->words, "securelevel=2");
	if (tag != NULL)
		strings_take(&o->words, xasprintf("tag=%s", tag));
	if (compat_has(c, "nameserver"))
		strings_add(&o->words, "names=off");
	zfs_options(o, compat_value(c, "zfs-opts"));
}

/* --- what is done with the jail that runs --- */

static int
write_resolvers(int root, void *arg, struct error *e)
{
	const struct buf *text = arg;

	return place_data(root, "/etc/resolv.conf", text->data, text->len,
	    0644, e);
}

static int
nameservers(struct compat *c, const char *jail, struct error *e)
{
	const char *list = compat_value(c, "nameserver");
	AUTO_FREE char *copy = xstrdup(list != NULL ? list : "");
	AUTO_BUF struct buf text = BUF_INIT;
	char *rest = copy, *word;

	while ((word = strsep(&rest, ", ")) != NULL)
		if (*word != '\0')
			buf_printf(&text, "nameserver %s\n", word);
	return text.len == 0 ? 0 : life_within(c->host, jail, write_resolvers,
	    &text, 0, e);
}

/* Those that bastille.conf names; its own default ones do what gaol does. */
static int
templates(struct compat *c, const char *jail, struct error *e)
{
	const char *const names[] = { kind(c) != ADDRESS_SHARED ? "vnet" : NULL,
	    compat_has(c, "vlan") ? "vlan" : NULL,
	    compat_has(c, "T") ? "thick" : compat_has(c, "C") ? "clone" :
	    "thin" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		AUTO_FREE char *key = xasprintf("bastille_template_%s",
		    names[i] != NULL ? names[i] : "");
		const char *name = compat_conf_get(&c->conf, key, NULL);

		if (name != NULL && strncmp(name, "default/", 8) != 0 &&
		    compat_call(c, e, "apply", jail, name, NULL) < 0)
			return -1;
	}
	return 0;
}

/* Nothing is left of a jail that does not start. */
static int
begin(struct compat *c, const char *jail, struct error *e)
{
	struct error why = ERROR_INIT;

	if (compat_call(c, e, "start", jail, NULL) == 0 &&
	    nameservers(c, jail, e) == 0 && templates(c, jail, e) == 0)
		return 0;
	if (compat_call(c, &why, "destroy", "-fy", jail, NULL) < 0)
		compat_say(c, "%s", why.msg);
	return error_wrap(e, "Failed to create jail: %s", jail);
}

static int
create(struct compat *c, struct error *e)
{
	struct create o = { .words = VEC_INIT };
	int result = refuse(c, e);

	if (result == 0)
		result = operands(c, &o, e);
	if (result == 0)
		result = network(c, &o, e);
	if (result == 0)
		result = bastille_info(c, e, "\nCreating jail: %s...",
		    o.name);
	if (result == 0) {
		words(c, &o);
		result = compat_call_words(c, &o.words, NULL, e);
	}
	if (result == 0)
		result = begin(c, o.name, e);
	if (result == 0)
		result = bastille_info(c, e, "%s: created", o.name);
	create_fini(&o);
	return result;
}

/* --- clone --- */

/* Of one that runs, by a snapshot, which goes again where the store can clone
 * without it. */
static int
clone_files(struct compat *c, const char *jail, const char *to,
    const char *net, struct error *e)
{
	static const char snapshot[] = "bastille-clone";
	struct error ignored = ERROR_INIT;

	if (!compat_runs(c, jail))
		return compat_call(c, e, "clone", jail, to, net, NULL);
	if (compat_call(c, e, "snapshot", jail, snapshot, NULL) < 0)
		return -1;
	if (compat_call(c, e, "clone", "-s", snapshot, jail, to, net,
	    NULL) == 0) {
		if (compat_call(c, &ignored, "snapshot", "-d", "-y", jail,
		    snapshot, NULL) < 0)
			compat_say(c, "%s", ignored.msg);
		return 0;
	}
	if (compat_call(c, &ignored, "snapshot", "-d", "-y", jail, snapshot,
	    NULL) < 0)
		compat_say(c, "%s", ignored.msg);
	return -1;
}

static int
clone(struct compat *c, struct error *e)
{
	const char *to = c->operands.items[1];
	struct address_options a = { .ip = c->operands.items[2] };
	AUTO_FREE char *jail = NULL, *entry = NULL, *net = NULL, *old = NULL;
	bool up = false;

	if (bastille_target(c, c->operands.items[0], TARGET_TOUCH, &jail,
	    e) < 0)
		return -1;
	old = compat_property(c, jail, "net", ",", e);
	if (old == NULL)
		return -1;
	/* as it was with the one that is cloned */
	a.kind = strncmp(old, "vnet:", 5) == 0 ? ADDRESS_BRIDGE :
	    ADDRESS_SHARED;
	net = xstrndup(old + (a.kind == ADDRESS_BRIDGE ? 5 : 0),
	    strcspn(old + (a.kind == ADDRESS_BRIDGE ? 5 : 0), ":|, "));
	if (strcmp(net, "lo") != 0 && strcmp(net, "none") != 0 &&
	    strcmp(net, "inherit") != 0)
		a.iface = net;
	if (bastille_header(c, jail, e) < 0 ||
	    bastille_address(c, &a, &entry, e) < 0)
		return -1;
	if (!compat_has(c, "l") && bastille_need_down(c, jail,
	    compat_has(c, "a"), &up, e) < 0)
		return -1;
	AUTO_FREE char *word = xasprintf("net=%s", entry);
	if (clone_files(c, jail, to, word, e) < 0 ||
	    bastille_info(c, e, "Cloned '%s' to '%s' successfully.", jail,
	    to) < 0)
		return -1;
	if (!compat_has(c, "a"))
		return 0;
	if (up && compat_call(c, e, "start", jail, NULL) < 0)
		return -1;
	return compat_call(c, e, "start", to, NULL);
}

static const struct cmd_option create_options[] = {
	{ 'B', "bridge", NULL, "VNET, INTERFACE is a bridge." },
	{ 'C', "clone", NULL, "Share the files of the release." },
	{ '\0', "data-path", "PATH", "Of an OCI jail." },
	{ 'D', "dual", NULL, "IPv4 and IPv6 with 'inherit'." },
	{ 'E', "empty", NULL, "Create an empty jail." },
	{ 'e', "env", "KEY=VALUE", "Of an OCI jail." },
	{ 'g', "gateway|defaultrouter", "IP", "Default route (VNET)." },
	{ 'L', "linux", NULL, "RELEASE is one of Linux." },
	{ 'M', "static-mac", NULL, "A stable MAC address, as always." },
	{ 'n', "nameserver", "IP,IP", "Nameserver(s) of the jail." },
	{ '\0', "no-boot", NULL, "Do not start the jail with the host." },
	{ '\0', "no-ip", NULL, "VNET without an address." },
	{ '\0', "no-validate", NULL, "Take any RELEASE that is there." },
	{ 'O', "oci", NULL, "RELEASE is an OCI image." },
	{ '\0', "os", "OS", "Of an OCI jail." },
	{ 'P', "passthrough", NULL, "VNET, INTERFACE goes into the jail." },
	{ 'p', "priority", "VALUE", "Priority at start and stop." },
	{ 'T', "thick", NULL, "Copy the files of the release." },
	{ '\0', "tag|tags", "TAG,TAG", "Tags of the jail." },
	{ 'V', "vnet", NULL, "VNET, INTERFACE is on a bridge." },
	{ 'v', "vlan", "ID", "VLAN of the jail (VNET)." },
	{ 'Z', "zfs-opts", "OPTIONS", "Options of its dataset: \"-o x=y\"." },
	{ 0 },
};
static const struct cmd_option clone_options[] = {
	BASTILLE_AUTO,
	{ 'l', "live", NULL, "Clone a running jail." },
	{ 0 },
};

const struct compat_cmd bastille_create = {
	.name = "create",
	.usage = "[option(s)] NAME RELEASE IP [INTERFACE]",
	.summary = "Create a new thin jail or a thick one.",
	.options = create_options,
	.min = 1,
	.max = 4,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_DIFFERS,
	.note = "an address in a network of gaol's makes the jail a member of "
	    "it; `-V` takes a bridge or INTERFACEbridge, no physical "
	    "interface; `-E`, `-O`, `-P` with an address and `ip_hostname` are "
	    "refused (69); a failed template is a failure, and nothing stays",
	.test = "cli/compat_bastille_create_test.sh:kinds",
	.exec = create,
};

const struct compat_cmd bastille_clone = {
	.name = "clone",
	.usage = "[option(s)] TARGET NEW_NAME IP",
	.summary = "Clone an existing jail.",
	.options = clone_options,
	.min = 3,
	.max = 3,
	.state = COMPAT_DIFFERS,
	.note = "no beginnings of names; the clone shares the files where the "
	    "store can; nothing of the old identity stays, nor its ports",
	.test = "cli/compat_bastille_create_test.sh:clone",
	.exec = clone,
};
