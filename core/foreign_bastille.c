/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* A jail of Bastille: jail.conf, which is that of jail(8), and small files. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "conf/conf.h"
#include "core/foreign.h"

/* What Bastille's commands on the host make of the network. */
struct plumbing {
	char *bridge, *mac;
	struct strings interfaces;
	bool vnet;
};

static void
plumbing_fini(struct plumbing *p)
{
	free(p->bridge);
	free(p->mac);
	strings_fini(&p->interfaces);
}

/* Word n of a line, from 0; NULL when it has fewer. */
static char *
word(const char *line, size_t n)
{
	for (;; n--) {
		line += strspn(line, " \t");
		if (*line == '\0')
			return NULL;
		if (n == 0)
			return xstrndup(line, strcspn(line, " \t"));
		line += strcspn(line, " \t");
	}
}

/* A command on the host: known ones say how the jail is wired. */
static void
host_command(struct foreign *f, struct plumbing *p, const char *name,
    const char *line)
{
	AUTO_FREE char *first = word(line, 0);
	AUTO_FREE char *second = word(line, 1);
	AUTO_FREE char *third = word(line, 2);
	AUTO_FREE char *fourth = word(line, 3);

	if (first == NULL)
		return;
	if (strcmp(first, "jib") == 0 && fourth != NULL &&
	    strcmp(second, "addm") == 0) {
		free(p->bridge);
		p->bridge = xasprintf("%sbridge", fourth);
	} else if (strcmp(first, "ifconfig") == 0 && third != NULL &&
	    strcmp(third, "addm") == 0) {
		free(p->bridge);
		p->bridge = xstrdup(second);
	} else if (strcmp(first, "ifconfig") == 0 && fourth != NULL &&
	    strcmp(third, "ether") == 0 && strncmp(second, "e0b", 3) == 0) {
		free(p->mac);
		p->mac = xstrdup(fourth);
	} else if (strcmp(first, "ifconfig") == 0 ||
	    strncmp(first, "epair0=", 7) == 0 || strcmp(first, "zfs") == 0) {
		return;
	} else if (f->local) {
		foreign_add(f, name, line);
	} else {
		foreign_lose(f, name, line, "commands on the host are not "
		    "taken from archives");
	}
}

static bool
is_host_command(const char *name)
{
	static const char *const names[] = { "exec.prestart",
		"exec.poststart", "exec.prestop", "exec.poststop",
		"exec.created", "exec.prepare", "exec.release", NULL };

	for (size_t i = 0; names[i] != NULL; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* Paths of the old host, and what gaol sees to itself. */
static bool
is_of_no_use(const char *name, const char *value)
{
	static const char *const names[] = { "path", "mount.fstab",
		"exec.consolelog", "name", "jid", "persist", NULL };

	for (size_t i = 0; names[i] != NULL; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	/* the usual devices */
	return strcmp(name, "devfs_ruleset") == 0 && value != NULL &&
	    (strcmp(value, "4") == 0 || strcmp(value, "13") == 0 ||
	    strcmp(value, "0") == 0);
}

static bool
is_network(struct foreign *f, struct plumbing *p, const char *name,
    const char *value)
{
	const struct prop *prop = prop_find(name);

	if (strcmp(name, "vnet") == 0) {
		p->vnet = true;
	} else if (strcmp(name, "vnet.interface") == 0) {
		strings_add(&p->interfaces, value);
	} else if (strcmp(name, "ip4.addr") == 0) {
		foreign_addresses(f, false, value);
	} else if (strcmp(name, "ip6.addr") == 0) {
		foreign_addresses(f, true, value);
	} else if ((strcmp(name, "ip4") == 0 || strcmp(name, "ip6") == 0) &&
	    prop != NULL && !(prop->systems & engine_native->system)) {
		if (strcmp(value, "inherit") == 0)
			foreign_set(f, "net", "inherit");
	} else {
		return false;
	}
	return true;
}

/* Interfaces that nobody's commands make for it: those of jail(8) itself. */
static bool
is_kernel_network(const struct foreign *f, const char *name)
{
	return f->plain && strncmp(name, "vnet", 4) == 0;
}

static void
take_value(struct foreign *f, struct plumbing *p, const char *name,
    const char *value)
{
	const struct prop *prop;
	struct error ignored = ERROR_INIT;
	bool negated = false;

	if (is_of_no_use(name, value))
		return;
	prop = prop_find(name);
	/* "vnet;" */
	if (prop != NULL && prop->type == PROP_ENUM && strcmp(value, "on") == 0)
		value = "new";
	if (is_host_command(name) && !f->plain) {
		host_command(f, p, name, value);
	} else if (!is_kernel_network(f, name) &&
	    is_network(f, p, name, value)) {
		return;
	} else if (prop_resolve(name, &prop, &negated, &ignored) == 0 &&
	    negated) {
		foreign_set(f, prop->name, "off");
	} else if (prop_find(name) != NULL && (prop_find(name)->flags &
	    PROP_LIST)) {
		foreign_add(f, name, value);
	} else {
		foreign_set(f, name, value);
	}
}

static void
wire(struct foreign *f, const struct plumbing *p)
{
	for (size_t i = 0; p->vnet && i < p->interfaces.count; i++) {
		const char *name = p->interfaces.items[i];
		AUTO_FREE char *entry = NULL;

		if (strncmp(name, "e", 1) != 0 || strchr(name, '_') == NULL)
			entry = xasprintf("if:%s", name);
		else if (p->bridge != NULL)
			entry = xasprintf("vnet:%s name=vnet%zu%s%s",
			    p->bridge, i, p->mac != NULL ? " mac=" : "",
			    p->mac != NULL ? p->mac : "");
		if (entry != NULL)
			foreign_add(f, "net", entry);
		else
			foreign_lose(f, "vnet.interface", name,
			    "nothing says which bridge it is on");
	}
}

static int
jail_conf(struct foreign *f, struct error *e)
{
	__attribute__((cleanup(plumbing_fini))) struct plumbing p = {
	    .vnet = false };
	const char *text = foreign_text(f, "jail.conf");
	AUTO_CONF struct conf *conf = conf_parse("jail.conf", text,
	    strlen(text), NULL, e);
	const struct conf_param *at = NULL;
	const struct conf_block *b;

	if (conf == NULL) {
		e->kind = ERROR_DATA;
		return -1;
	}
	b = conf_block(conf, f->jail);
	if (b == NULL)
		b = conf_block_next(conf, NULL);
	if (b == NULL)
		return error_set(e, ERROR_DATA, "jail.conf describes no jail");
	while ((at = conf_param_next(b, at)) != NULL) {
		const char *name = conf_param_name(at);

		if (conf_param_is_include(at))
			continue;
		if (conf_param_count(at) == 0)
			take_value(f, &p, name, "on");
		for (size_t i = 0; i < conf_param_count(at); i++)
			take_value(f, &p, name, conf_param_value(at, i));
	}
	wire(f, &p);
	return 0;
}

/* KEY="VALUE", as sysrc(8) writes it. */
static void
settings(struct foreign *f)
{
	const char *text = foreign_text(f, "settings.conf");
	AUTO_FREE char *copy = xstrdup(text != NULL ? text : "");
	char *line, *rest = copy;

	while ((line = foreign_line(&rest)) != NULL) {
		char *value = strchr(line, '='), *end;

		if (value == NULL || *line == '#')
			continue;
		*value++ = '\0';
		value += *value == '"';
		end = strchr(value, '"');
		if (end != NULL)
			*end = '\0';
		if (*value == '\0')
			continue;
		if (strcmp(line, "depend") == 0) {
			char *name;

			while ((name = strsep(&value, " ")) != NULL)
				if (*name != '\0')
					foreign_add(f, "depend", name);
		} else if (strcmp(line, "boot") == 0 ||
		    strcmp(line, "priority") == 0) {
			foreign_set(f, line, value);
		} else {
			foreign_lose(f, line, value,
			    "gaol has no such setting");
		}
	}
}

/* INET IF SRC DST PROTO HPORT JPORT [log ...]; once it was PROTO HPORT JPORT. */
static void
redirection(struct foreign *f, const char *line)
{
	AUTO_STRINGS struct strings words = VEC_INIT;
	AUTO_BUF struct buf value = BUF_INIT;
	size_t at = 4;
	char *one;

	for (size_t i = 0; (one = word(line, i)) != NULL; i++)
		strings_take(&words, one);
	if (words.count > 2 && (strcmp(words.items[0], "tcp") == 0 ||
	    strcmp(words.items[0], "udp") == 0))
		at = 0;
	if (words.count < at + 3) {
		foreign_lose(f, "rdr.conf", line, "unreadable");
		return;
	}
	if (at > 0 && strcmp(words.items[3], "any") != 0)
		buf_printf(&value, strchr(words.items[3], ':') != NULL ?
		    "[%s]:" : "%s:", words.items[3]);
	buf_printf(&value, "%s:%s/%s", words.items[at + 1],
	    words.items[at + 2], words.items[at]);
	if (at > 0 && strcmp(words.items[2], "any") != 0)
		buf_printf(&value, " from %s", words.items[2]);
	if (words.count > at + 3 && strcmp(words.items[at + 3], "log") == 0)
		buf_puts(&value, " log");
	foreign_add(f, "publish", buf_text(&value));
}

/* "jail:NAME:RESOURCE:ACTION=AMOUNT/PER" */
static void
rule(struct foreign *f, const char *line)
{
	AUTO_FREE char *copy = xstrdup(line);
	char *rest = copy;
	const char *subject = strsep(&rest, ":");
	const char *name = strsep(&rest, ":");
	const char *resource = strsep(&rest, ":");

	if (rest == NULL || name == NULL || strcmp(subject, "jail") != 0)
		foreign_lose(f, "rctl.conf", line, "unreadable");
	else
		foreign_limit(f, resource, rest);
}

static void
cpus(struct foreign *f, const char *line)
{
	foreign_add(f, "limit.cpuset", line);
}

static void
dataset(struct foreign *f, const char *line)
{
	AUTO_FREE char *name = word(line, 0);

	foreign_add(f, "zfs.dataset", name);
}

static void
tag(struct foreign *f, const char *line)
{
	foreign_add(f, "tag", line);
}

static void
monitored(struct foreign *f, const char *line)
{
	foreign_lose(f, "monitor", line, "health.command does that");
}

static void
each_line(struct foreign *f, const char *file,
    void (*take)(struct foreign *f, const char *line))
{
	const char *text = foreign_text(f, file);
	AUTO_FREE char *copy = xstrdup(text != NULL ? text : "");
	char *line, *rest = copy;

	while ((line = foreign_line(&rest)) != NULL)
		if (*line != '\0' && *line != '#')
			take(f, line);
}

int
foreign_bastille(struct foreign *f, struct error *e)
{
	if (jail_conf(f, e) < 0 ||
	    foreign_fstab(f, foreign_text(f, "fstab"), e) < 0)
		return -1;
	settings(f);
	each_line(f, "rdr.conf", redirection);
	each_line(f, "rctl.conf", rule);
	each_line(f, "cpuset.conf", cpus);
	each_line(f, "zfs.conf", dataset);
	each_line(f, "tags", tag);
	each_line(f, "monitor", monitored);
	return 0;
}
