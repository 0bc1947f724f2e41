/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* mount, umount, network. */
#include <fcntl.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "compat/bastille/bastille.h"
#include "core/mount.h"
#include "core/net_entry.h"

struct mount {
	char *source, *target;
	const char *type, *options;
};

/* A space in a path may be "\ " or "\040". */
static char *
plain(const char *word, bool absolute)
{
	AUTO_BUF struct buf out = BUF_INIT;

	if (absolute && *word != '/')
		buf_putc(&out, '/');
	for (; *word != '\0'; word++) {
		if (strncmp(word, "\\040", 4) == 0) {
			buf_putc(&out, ' ');
			word += 3;
		} else if (word[0] != '\\' || word[1] != ' ') {
			buf_putc(&out, *word);
		}
	}
	return buf_steal(&out);
}

static int
mount_one(struct compat *c, const char *jail, void *arg, struct error *e)
{
	const struct mount *m = arg;

	if (bastille_need_up(c, jail, compat_has(c, "a"), e) < 0 ||
	    compat_call(c, e, "mount", jail, m->source, m->target, m->options,
	    m->type, NULL) < 0)
		return -1;
	return bastille_info(c, e, "Mounted: %s", m->target);
}

/* The directory of the host is made when it is missing. */
static int
prepare(const struct mount *m, struct error *e)
{
	if (strcmp(m->type, "nullfs") != 0 || *m->source != '/' ||
	    file_exists(AT_FDCWD, m->source))
		return 0;
	return file_mkdirs(AT_FDCWD, m->source, 0755, e);
}

static int
mount(struct compat *c, struct error *e)
{
	struct mount m = { .type = "nullfs", .options = "ro" };
	int result = 0;

	if (c->operands.count > 3)
		m.type = c->operands.items[3];
	if (c->operands.count > 4)
		m.options = c->operands.items[4];
	if (strcmp(m.type, "proc") == 0)
		m.type = "procfs";
	if (strcmp(m.type, "fdesc") == 0)
		m.type = "fdescfs";
	m.source = plain(c->operands.items[1], false);
	m.target = plain(c->operands.items[2], true);
	result = prepare(&m, e);
	if (result == 0)
		result = bastille_for(c, TARGET_TOUCH, mount_one, &m, e);
	free(m.source);
	free(m.target);
	return result;
}

static int
umount_one(struct compat *c, const char *jail, void *arg, struct error *e)
{
	const char *target = arg;

	if (bastille_need_up(c, jail, compat_has(c, "a"), e) < 0 ||
	    compat_call(c, e, "umount", jail, target, NULL) < 0)
		return -1;
	return bastille_info(c, e, "Unmounted: %s", target);
}

static int
umount(struct compat *c, struct error *e)
{
	AUTO_FREE char *target = plain(c->operands.items[1], true);

	return bastille_for(c, TARGET_TOUCH, umount_one, target, e);
}

/* --- network --- */

static int
set_net(struct compat *c, const char *jail, const struct strings *entries,
    struct error *e)
{
	AUTO_FREE char *text = strings_join(entries, ",");
	AUTO_FREE char *word = xasprintf("net=%s", text);

	return compat_call(c, e, "set", jail, word, NULL);
}

static int
network_add(struct compat *c, const char *jail, struct strings *entries,
    struct error *e)
{
	struct address_options o = { ADDRESS_SHARED, c->operands.items[2],
		compat_operand(c, 3), compat_value(c, "vlan"), NULL };
	AUTO_FREE char *entry = NULL;

	o.kind = compat_has(c, "V") ? ADDRESS_VNET : compat_has(c, "B") ?
	    ADDRESS_BRIDGE : compat_has(c, "P") ? ADDRESS_PASS :
	    ADDRESS_SHARED;
	if (compat_has(c, "n"))
		o.ip = NULL;
	if (bastille_address(c, &o, &entry, e) < 0)
		return -1;
	/* none stands alone */
	if (entries->count == 1 && strcmp(entries->items[0], "none") == 0)
		strings_fini(entries);
	strings_add(entries, entry);
	return set_net(c, jail, entries, e);
}

/* Exactly that interface, bridge or network. */
static bool
is_at(const char *entry, const char *name)
{
	AUTO_NET_ENTRIES struct net_entries parsed = VEC_INIT;
	AUTO_STRINGS struct strings one = VEC_INIT;
	struct error ignored = ERROR_INIT;
	AUTO_FREE char *bridge = xasprintf("%sbridge", name);
	const struct engine_iface *f;

	strings_add(&one, entry);
	if (net_entries_parse(&one, &parsed, &ignored) < 0 ||
	    parsed.count == 0 || parsed.items[0].kind != NET_IFACE)
		return false;
	f = &parsed.items[0].iface;
	return strcmp(f->kind == IFACE_NETWORK ? f->network : f->link,
	    name) == 0 || (f->kind == IFACE_BRIDGE &&
	    strcmp(f->link, bridge) == 0);
}

static int
network_remove(struct compat *c, const char *jail, struct strings *entries,
    struct error *e)
{
	AUTO_STRINGS struct strings kept = VEC_INIT;

	for (size_t i = 0; i < entries->count; i++)
		if (!is_at(entries->items[i], c->operands.items[2]))
			strings_add(&kept, entries->items[i]);
	if (kept.count == entries->count)
		return error_set(e, ERROR_NOT_FOUND, "Interface not found in "
		    "net: \"%s\"", c->operands.items[2]);
	if (kept.count == 0)
		strings_add(&kept, "none");
	return set_net(c, jail, &kept, e);
}

static int
network(struct compat *c, struct error *e)
{
	const char *verb = c->operands.items[1];
	AUTO_STRINGS struct strings entries = VEC_INIT;
	AUTO_CELL struct cell cell = CELL_INIT;
	AUTO_FREE char *jail = NULL;
	bool add = strcmp(verb, "add") == 0, up;
	int result;

	if (!add && strcmp(verb, "remove") != 0 && strcmp(verb, "delete") != 0)
		return error_set(e, ERROR_USAGE, "network: add INTERFACE [IP] "
		    "and remove INTERFACE are possible");
	if (bastille_target(c, c->operands.items[0], TARGET_TOUCH, &jail,
	    e) < 0 || bastille_header(c, jail, e) < 0 ||
	    bastille_need_down(c, jail, compat_has(c, "a"), &up, e) < 0 ||
	    cell_load(c->host, jail, &cell, e) < 0)
		return -1;
	cell_values(&cell, "net", &entries);
	result = add ? network_add(c, jail, &entries, e) :
	    network_remove(c, jail, &entries, e);
	if (result == 0)
		result = bastille_info(c, e, "%s interface: %s", add ? "Added" :
		    "Removed", c->operands.items[2]);
	return result == 0 && up ? compat_call(c, e, "start", jail, NULL) :
	    result;
}

static const struct cmd_option auto_options[] = { BASTILLE_AUTO, { 0 } };
static const struct cmd_option network_options[] = {
	BASTILLE_AUTO,
	{ 'B', "bridge", NULL, "INTERFACE is a bridge." },
	{ 'M', "static-mac", NULL, "A stable MAC address, as always." },
	{ 'n', "no-ip", NULL, "Without an address." },
	{ 'P', "passthrough", NULL, "INTERFACE goes into the jail." },
	{ 'V', "vnet", NULL, "INTERFACE is on a bridge." },
	{ 'v', "vlan", "ID", "VLAN of that interface." },
	{ 0 },
};

const struct compat_cmd bastille_mount = {
	.name = "mount",
	.usage = "[option(s)] TARGET HOST_PATH JAIL_PATH "
	    "[TYPE OPTIONS DUMP PASS]",
	.summary = "Mount a volume inside jail(s).",
	.options = auto_options,
	.min = 3,
	.max = 7,
	.state = COMPAT_DIFFERS,
	.note = "links of the jail are not followed out of it; type zfs is "
	    "refused",
	.test = "cli/compat_bastille_test.sh:mounts",
	.exec = mount,
};

const struct compat_cmd bastille_umount = {
	.name = "umount",
	.aliases = "unmount",
	.usage = "[option(s)] TARGET JAIL_PATH",
	.summary = "Unmount a volume of jail(s).",
	.options = auto_options,
	.min = 2,
	.max = 2,
	.state = COMPAT_DIFFERS,
	.note = "a mount that is in use is a failure and stays",
	.test = "cli/compat_bastille_test.sh:mounts",
	.exec = umount,
};

const struct compat_cmd bastille_network = {
	.name = "network",
	.aliases = "net",
	.usage = "[option(s)] TARGET add INTERFACE [IP] | TARGET remove|delete "
	    "INTERFACE",
	.summary = "Add or remove interfaces of a jail.",
	.options = network_options,
	.min = 3,
	.max = 4,
	.state = COMPAT_DIFFERS,
	.note = "exactly that interface is removed; interfaces are as `create` "
	    "takes them",
	.test = "cli/compat_bastille_create_test.sh:network",
	.exec = network,
};
