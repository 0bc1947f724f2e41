/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* pot set-attribute, get-attribute. */
#include <string.h>

#include "base/auto.h"
#include "compat/pot/pot.h"

struct setting {
	struct compat *c;
	const struct pot_attr *attr;
	const char *value;
};

/* Of a single pot, which is thick. */
static int
check_tmpfs(const struct cell *cell, struct error *e)
{
	AUTO_FREE char *kept = pot_kept(cell, "type");
	AUTO_FREE char *type = cell_text(cell, "type");

	if (kept != NULL ? strcmp(kept, "single") == 0 :
	    type == NULL || strcmp(type, "thick") == 0)
		return 0;
	return error_set(e, ERROR_FAILED, "Attribute no-tmpfs is only usable "
	    "with single type pot");
}

static int
change(struct cell *cell, void *arg, struct error *e)
{
	const struct setting *s = arg;

	if (strcmp(s->attr->name, "no-tmpfs") == 0 && check_tmpfs(cell, e) < 0)
		return -1;
	/* pots that start early do so before the others */
	if (strcmp(s->attr->name, "early-start-at-boot") == 0) {
		AUTO_FREE char *yes = pot_attr_canonical(s->attr, s->value, e);
		bool early = yes != NULL && strcmp(yes, "YES") == 0;

		if (yes == NULL || pot_set_one(cell, "priority", early ? "10" :
		    NULL, e) < 0 || (early && pot_set_one(cell, "boot", "on",
		    e) < 0))
			return -1;
	}
	return pot_attr_set(cell, s->attr, s->value, e);
}

/* Which old guides set as if it were an attribute. */
static int
change_network(struct cell *cell, void *arg, struct error *e)
{
	const struct setting *s = arg;
	AUTO_STRINGS struct strings ips = VEC_INIT;
	AUTO_POT_NET struct pot_net now = POT_NET_INIT;
	AUTO_STRINGS struct strings rest = VEC_INIT;
	const char *addr = pot_setting(s->c, "POT_EXTIF_ADDR");

	pot_net_get(s->c->host, cell, &now, &rest);
	if (strcmp(now.type, s->value) == 0)
		return 0;
	if (strcmp(s->value, "alias") == 0 && *addr == '\0')
		return pot_usage(e, "network-type alias needs an address: set "
		    "POT_EXTIF and POT_EXTIF_ADDR in pot.conf, or 'gaol set "
		    "%s net=IFACE|ADDRESS/LEN'", cell->name);
	if (strcmp(s->value, "alias") == 0)
		strings_add(&ips, addr);
	AUTO_FREE char *net = pot_network(s->c, s->value, &ips, NULL, e);
	if (net == NULL || pot_set_one(cell, "net", net, e) < 0)
		return -1;
	return pot_set_one(cell, "allow.raw_sockets",
	    pot_gives_raw_sockets(s->value) ? "on" : NULL, e);
}

static int
set(struct compat *c, struct error *e)
{
	const char *pot = compat_value(c, "p"), *name = compat_value(c, "A");
	struct setting s = { c, NULL, compat_value(c, "V") };

	if (pot == NULL || *pot == '\0')
		return pot_usage(e, "A pot name is mandatory");
	if (name == NULL || *name == '\0')
		return pot_usage(e, "Option -A is mandatory");
	if (s.value == NULL || (*s.value == '\0' &&
	    strcmp(name, "exec_stop") != 0))
		return pot_usage(e, "Option -V is mandatory");
	if (pot_check(c, pot, e) < 0)
		return -1;
	if (strcmp(name, "network-type") == 0 ||
	    strcmp(name, "network_type") == 0)
		return pot_change(c, pot, change_network, &s, e);
	s.attr = pot_attr_find(name);
	if (s.attr == NULL || (s.attr->flags & POT_TOLD))
		return pot_usage(e, "%s is not a valid attribute", name);
	if (strcmp(name, "no-tmpfs") == 0 && compat_runs(c, pot))
		return error_set(e, ERROR_BUSY, "pot %s is still running",
		    pot);
	return pot_change(c, pot, change, &s, e);
}

static const struct cmd_option set_options[] = {
	POT_OPTION_NAME,
	{ 'A', "", "ATTRIBUTE", "which one" },
	{ 'V', "", "VALUE", "its value" },
	{ 0 },
};

const struct compat_cmd pot_cmd_set_attribute = {
	.name = "set-attribute",
	.aliases = "set-attr",
	.usage = "[-hv] -p NAME -A ATTRIBUTE -V VALUE",
	.summary = "set an attribute of a pot",
	.options = set_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "raw_sockets=NO takes them away; exec_stop can be cleared; "
	    "no-rc-script and localhost-tunnel are kept, and gaol does what "
	    "they are for in any case; network-type, of old guides, works",
	.test = "cli/compat_pot_test.sh:attributes",
	.exec = set,
};

static int
get(struct compat *c, struct error *e)
{
	const char *pot = compat_value(c, "p"), *name = compat_value(c, "A");
	const struct pot_attr *a;
	AUTO_CELL struct cell cell = CELL_INIT;

	if (pot == NULL || *pot == '\0')
		return pot_usage(e, "A pot name is mandatory");
	if (name == NULL || *name == '\0')
		return pot_usage(e, "Option -A is mandatory");
	if (pot_check(c, pot, e) < 0)
		return -1;
	a = pot_attr_find(name);
	if (a == NULL)
		return pot_usage(e, "%s is not a valid attribute", name);
	if (cell_load(c->host, pot, &cell, e) < 0)
		return -1;
	AUTO_FREE char *value = pot_attr_get(&cell, a);
	if (compat_has(c, "q"))
		return compat_print(e, "%s\n", value);
	if (*value == '\0')
		return pot_info(e, "The attribute %s is not set for the pot "
		    "%s", name, pot);
	return pot_info(e, "%s: %s", name, value);
}

static const struct cmd_option get_options[] = {
	POT_OPTION_NAME,
	{ 'A', "", "ATTRIBUTE", "which one" },
	{ 'q', "", NULL, "print the value only" },
	{ 'V', "", "VALUE", "of no meaning, as in pot" },
	{ 0 },
};

const struct compat_cmd pot_cmd_get_attribute = {
	.name = "get-attribute",
	.aliases = "get-attr",
	.usage = "[-hvq] -p NAME -A ATTRIBUTE",
	.summary = "show an attribute of a pot",
	.options = get_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "blanks in a value stay",
	.test = "cli/compat_pot_test.sh:attributes",
	.exec = get,
};
