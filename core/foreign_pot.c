/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* A pot: conf/pot.conf, lines KEY=VALUE, and conf/fscomp.conf. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "core/foreign.h"

/* Keys with the same meaning under another name. */
static const struct {
	const char *key, *prop;
} same[] = {
	{ "host.hostname", "host.hostname" },
	{ "osrelease", "osrelease" },
	{ "pot.attr.start-at-boot", "boot" },
	{ "pot.attr.persistent", "persist" },
	{ "pot.attr.enforce_statfs", "enforce_statfs" },
	{ "pot.attr.mount", "allow.mount" },
	{ "pot.attr.linprocfs", "allow.mount.linprocfs" },
	{ "pot.attr.nullfs", "allow.mount.nullfs" },
	{ "pot.attr.tmpfs", "allow.mount.tmpfs" },
	{ "pot.attr.zfs", "allow.mount.zfs" },
	{ "pot.attr.fdescfs", "mount.fdescfs" },
	{ "pot.attr.procfs", "mount.procfs" },
	{ "pot.attr.sysvshm", "sysvshm" },
	{ "pot.attr.sysvsem", "sysvsem" },
	{ "pot.attr.sysvmsg", "sysvmsg" },
	{ "pot.attr.children", "children.max" },
	{ "pot.attr.mlock", "allow.mlock" },
	{ "pot.attr.exec_stop", "exec.stop" },
	{ "pot.attr.stop_timeout", "stop.timeout" },
	{ "pot.rss.memory", "limit.memory" },
};

/* Of no use elsewhere, or dealt with below. */
static const char *const silent[] = { "pot.level", "pot.type", "pot.base",
	"pot.potbase", "pot.stack", "network_type", "vnet", "ip", "bridge",
	"pot.attr.no-rc-script", "pot.attr.prunable", "pot.attr.no-tmpfs",
	"pot.attr.to-be-pruned", "pot.attr.raw_sockets",
	"pot.attr.no-etc-hosts", "pot.dns", "pot.attr.early-start-at-boot",
	NULL };

struct pot {
	char *network, *ip;
};

static void
pot_fini(struct pot *p)
{
	free(p->network);
	free(p->ip);
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
		const char *protocol = "tcp";
		char *inside, *outside;

		if (strncmp(item, "tcp:", 4) == 0 ||
		    strncmp(item, "udp:", 4) == 0) {
			protocol = *item == 't' ? "tcp" : "udp";
			item += 4;
		}
		if (*item == '\0')
			continue;
		inside = strsep(&item, ":");
		outside = item != NULL ? item : inside;
		AUTO_FREE char *value = xasprintf("%s:%s/%s", outside, inside,
		    protocol);
		foreign_add(f, "publish", value);
		if (item == NULL)
			foreign_lose(f, "pot.export.ports", inside, "pot "
			    "chooses a port of the host, gaol takes the same");
	}
}

/* pot runs one command and keeps it running; rc(8) comes back. */
static void
set_command(struct foreign *f, const char *value)
{
	AUTO_FREE char *background = xasprintf("%s &", value);
	bool rc = strcmp(value, "sh /etc/rc") == 0 ||
	    strcmp(value, "/bin/sh /etc/rc") == 0;

	foreign_set(f, "exec.start", rc ? value : background);
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
	} else {
		foreign_lose(f, "network_type", p->network, "'gaol network "
		    "create NAME SUBNET --nat', and net = NAME, do that");
	}
}

static void
take(struct foreign *f, struct pot *p, const char *key, char *value)
{
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (strcmp(key, same[i].key) == 0) {
			if (*value != '\0')
				foreign_set(f, same[i].prop, value);
			return;
		}
	if (strcmp(key, "network_type") == 0)
		keep(&p->network, value);
	else if (strcmp(key, "ip") == 0)
		keep(&p->ip, value);
	else if (strcmp(key, "pot.cmd") == 0)
		set_command(f, value);
	else if (strcmp(key, "pot.env") == 0)
		foreign_add(f, "env", value);
	else if (strcmp(key, "pot.depend") == 0)
		foreign_add(f, "depend", value);
	else if (strcmp(key, "pot.export.ports") == 0)
		set_ports(f, value);
	else if (strcmp(key, "pot.attr.devfs_ruleset") == 0 &&
	    strcmp(value, "4") != 0)
		foreign_set(f, "devfs_ruleset", value);
	else if (strcmp(key, "pot.attr.devfs_ruleset") != 0 &&
	    strcmp(value, "NO") != 0) {
		for (size_t i = 0; silent[i] != NULL; i++)
			if (strcmp(key, silent[i]) == 0)
				return;
		foreign_lose(f, key, value, "gaol has no such setting");
	}
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
	__attribute__((cleanup(pot_fini))) struct pot p = { NULL, NULL };
	AUTO_FREE char *copy = xstrdup(foreign_text(f, "conf/pot.conf"));
	char *line, *rest = copy;

	while ((line = foreign_line(&rest)) != NULL) {
		char *value = strchr(line, '=');
		size_t len;

		if (value == NULL || *line == '#')
			continue;
		*value++ = '\0';
		len = strlen(value);
		if (len > 1 && *value == '"' && value[len - 1] == '"') {
			value[len - 1] = '\0';
			value++;
		}
		take(f, &p, line, value);
	}
	set_network(f, &p);
	/* which pot always lets it have */
	foreign_set(f, "allow.raw_sockets", "on");
	foreign_set(f, "allow.socket_af", "on");
	foreign_set(f, "allow.chflags", "on");
	set_mounts(f, foreign_text(f, "conf/fscomp.conf"));
	return 0;
}
