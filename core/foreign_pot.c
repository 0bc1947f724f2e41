/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* A pot: conf/pot.conf, lines KEY=VALUE, and conf/fscomp.conf. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "core/foreign.h"
#include "core/network.h"
#include "core/pot_attr.h"

/* Keys with the same meaning under another name. */
static const struct {
	const char *key, *prop;
} same[] = {
	{ "host.hostname", "host.hostname" },
	{ "osrelease", "osrelease" },
	{ "pot.rss.memory", "limit.memory" },
	{ "pot.rss.cpus", "limit.cpu" },
};

struct pot {
	char *network, *ip, *bridge;
};

static void
pot_fini(struct pot *p)
{
	free(p->network);
	free(p->ip);
	free(p->bridge);
}

static void
keep(char **to, const char *value)
{
	free(*to);
	*to = xstrdup(value);
}

/* "80 udp:53:5353": inside, then on the host. */
static void
set_ports(struct foreign *f, char *list)
{
	char *item;

	while ((item = strsep(&list, " ")) != NULL) {
		AUTO_FREE char *publish = pot_port_parse(item);

		if (*item == '\0')
			continue;
		if (publish == NULL) {
			foreign_lose(f, "pot.export.ports", item,
			    "it is no port");
			continue;
		}
		foreign_add(f, "publish", publish);
		if (strchr(item + (strchr(item, ':') == item + 3 ? 4 : 0),
		    ':') == NULL)
			foreign_lose(f, "pot.export.ports", item, "pot "
			    "chooses a port of the host, gaol takes the same");
	}
}

/* A network of ours that has the place of theirs, if there is one; on their own
 * host one is made ('gaol adopt'). */
static bool
join(struct foreign *f, const char *network, const char *ip)
{
	AUTO_FREE char *entry = ip != NULL && *ip != '\0' &&
	    strchr(ip, ' ') == NULL ? xasprintf("%s:%s", network, ip) :
	    xstrdup(network);

	if (!f->local && !network_exists(f->host, network))
		return false;
	foreign_set(f, "net", entry);
	return true;
}

static void
set_network(struct foreign *f, const struct pot *p)
{
	if (p->network == NULL || strcmp(p->network, "inherit") == 0) {
		foreign_set(f, "net", "inherit");
	} else if (strcmp(p->network, "alias") == 0 && p->ip != NULL) {
		AUTO_FREE char *copy = xstrdup(p->ip);
		char *item, *rest = copy;

		while ((item = strsep(&rest, ", ")) != NULL) {
			const char *bar = strchr(item, '|');

			if (*item != '\0')
				foreign_addresses(f, strchr(bar != NULL ? bar :
				    item, ':') != NULL, item);
		}
	} else if (!join(f, strcmp(p->network, "private-bridge") == 0 &&
	    p->bridge != NULL ? p->bridge : POT_NETWORK_NAME, p->ip)) {
		foreign_lose(f, "network_type", p->network, "'gaol network "
		    "create NAME SUBNET --nat', and net = NAME, do that");
	}
}

/* What there is no use for is kept under its name. */
static void
keep_key(struct foreign *f, const char *key, const char *value)
{
	const char *name = strncmp(key, "pot.attr.", 9) == 0 ? key + 9 :
	    strncmp(key, "pot.", 4) == 0 ? key + 4 : key;
	struct error why = ERROR_INIT;

	if (*value != '\0' && pot_keep(f->cell, name, value, &why) < 0)
		foreign_lose(f, key, value, why.msg);
}

static void
take_attribute(struct foreign *f, const char *key, const char *value)
{
	const struct pot_attr *a = pot_attr_find(key + strlen("pot.attr."));
	struct error why = ERROR_INIT;

	/* what pot lets each of them have, whatever this says */
	if (a == NULL)
		keep_key(f, key, value);
	else if (a->flags & POT_KEPT)
		keep_key(f, key, strcmp(value, a->fallback) != 0 ? value : "");
	else if ((*value != '\0' || a->type == POT_TEXT) &&
	    pot_attr_set(f->cell, a, value, &why) < 0)
		foreign_lose(f, key, value, why.msg);
}

static void
take(struct foreign *f, struct pot *p, const char *key, char *value)
{
	struct error why = ERROR_INIT;

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (strcmp(key, same[i].key) == 0) {
			if (*value != '\0')
				foreign_set(f, same[i].prop, value);
			return;
		}
	if (strncmp(key, "pot.attr.", 9) == 0)
		take_attribute(f, key, value);
	else if (strcmp(key, "pot.cmd") == 0 &&
	    pot_cmd_set(f->cell, value, &why) < 0)
		foreign_lose(f, key, value, why.msg);
	else if (strcmp(key, "pot.env") == 0)
		foreign_add(f, "env", value);
	else if (strcmp(key, "pot.depend") == 0)
		foreign_add(f, "depend", value);
	else if (strcmp(key, "pot.export.ports") == 0)
		set_ports(f, value);
	else if (strcmp(key, "pot.cmd") != 0)
		keep_key(f, key, value);
	if (strcmp(key, "network_type") == 0)
		keep(&p->network, value);
	else if (strcmp(key, "ip") == 0 || strcmp(key, "ip4") == 0)
		keep(&p->ip, value);
	else if (strcmp(key, "bridge") == 0)
		keep(&p->bridge, value);
}

/* '"A=\"b\""' is 'A="b"'; in place. */
static char *
unquote(char *value)
{
	size_t len = strlen(value);
	char *to;

	if (len < 2 || *value != '"' || value[len - 1] != '"')
		return value;
	value[len - 1] = '\0';
	to = ++value;
	for (const char *p = value; *p != '\0'; p++) {
		if (p[0] == '\\' && p[1] == '"')
			p++;
		*to++ = *p;
	}
	*to = '\0';
	return value;
}

/* What a pot is where its pot.conf does not say anything. */
static void
start_as_pot(struct foreign *f)
{
	struct error ignored = ERROR_INIT;

	for (size_t i = 0; i < pot_attr_count; i++) {
		const struct pot_attr *a = &pot_attrs[i];

		if ((a->type == POT_SHARE || strcmp(a->name, "no-tmpfs") == 0) &&
		    pot_attr_set(f->cell, a, a->fallback, &ignored) < 0)
			error_clear(&ignored);
	}
	foreign_set(f, "persist", "off");
}

/* SRC MOUNTPOINT [ro|zfs-remount]: a dataset, or a directory of the host. */
static void
set_mounts(struct foreign *f, const char *text)
{
	AUTO_FREE char *copy = xstrdup(text != NULL ? text : "");
	char *line, *rest = copy;

	while ((line = foreign_line(&rest)) != NULL) {
		AUTO_FREE char *whole = xstrdup(line);
		const char *source = strsep(&line, " \t");
		const char *target = line != NULL ? strsep(&line, " \t") : NULL;

		if (*source == '\0' || *source == '#')
			continue;
		if (target == NULL || *source != '/' || strstr(target,
		    "/jails/") != NULL) {
			foreign_lose(f, "fscomp.conf", whole, *source != '/' ?
			    "a dataset; 'gaol mount' takes its directory" :
			    "its place is told in an old way");
			continue;
		}
		AUTO_FREE char *mount = xasprintf("%s %s nullfs %s", source,
		    target, line != NULL && strcmp(line, "ro") == 0 ? "ro" :
		    "rw");
		strings_take(&f->mounts, xasprintf("%s of the host is mounted "
		    "at %s", source, target));
		foreign_add(f, "mount", mount);
	}
}

int
foreign_pot(struct foreign *f, struct error *e)
{
	__attribute__((cleanup(pot_fini))) struct pot p = {
	    .network = NULL };
	AUTO_FREE char *copy = xstrdup(foreign_text(f, "conf/pot.conf"));
	AUTO_BUF struct buf hosts = BUF_INIT;
	char *line, *rest = copy;

	start_as_pot(f);
	while ((line = foreign_line(&rest)) != NULL) {
		char *value = strchr(line, '=');

		if (value == NULL || *line == '#')
			continue;
		*value++ = '\0';
		value = unquote(value);
		if (strcmp(line, "pot.hosts") == 0)
			buf_printf(&hosts, "%s%s", hosts.len > 0 ? ", " : "",
			    value);
		else
			take(f, &p, line, value);
	}
	if (hosts.len > 0)
		keep_key(f, "pot.hosts", buf_text(&hosts));
	set_network(f, &p);
	/* which pot always lets it have */
	if (pot_gives_raw_sockets(p.network != NULL ? p.network : "inherit"))
		foreign_set(f, "allow.raw_sockets", "on");
	foreign_set(f, "allow.socket_af", "on");
	if (pot_gives_chflags())
		foreign_set(f, "allow.chflags", "on");
	set_mounts(f, foreign_text(f, "conf/fscomp.conf"));
	return 0;
}
