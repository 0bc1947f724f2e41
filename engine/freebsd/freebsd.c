/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/auto.h"
#include "engine/freebsd/freebsd.h"
#include "engine/freebsd/kern_process.h"
#include "engine/net.h"
#ifdef HAVE_ZFS
#include "engine/posix/zfs.h"
#endif

enum { CONNECT_TIMEOUT_MS = 2000 };

/* What no file of this engine does yet is not passed over in silence. */
static int
check_param(const struct engine_param *p, struct error *e)
{
	if ((strcmp(p->name, "ip4.addr") == 0 ||
	    strcmp(p->name, "ip6.addr") == 0) &&
	    strpbrk(p->value, "|/") != NULL)
		return error_set(e, ERROR_UNSUPPORTED, "%s = %s: gaol does not "
		    "configure interfaces here; give the address to one with "
		    "ifconfig(8), and write the address alone", p->name,
		    p->value);
	/* one that is a family, such as meta.key, is known by its head */
	if (strncmp(p->name, "meta", 4) == 0 && !kern_jail_knows("meta"))
		return error_set(e, ERROR_UNSUPPORTED,
		    "meta: this kernel does not have it; FreeBSD 15 does");
	if (strncmp(p->name, "meta", 4) != 0 && !kern_jail_knows(p->name))
		return error_set(e, ERROR_UNSUPPORTED, "%s: this kernel does "
		    "not have it, or its module is not loaded", p->name);
	return 0;
}

int
freebsd_check(const struct engine_spec *spec, struct error *e)
{
	for (size_t i = 0; i < spec->param_count; i++)
		if (check_param(&spec->params[i], e) < 0)
			return -1;
	return limit_check(spec, e);
}

static int
freebsd_within(const struct engine_live *live, const struct engine_spec *spec,
    int (*work)(int root, void *arg, struct error *e), void *arg,
    unsigned timeout_ms, struct error *e)
{
	struct kern_jail j;
	int found = live_find_jail(live, &j, e);

	if (found < 0)
		return -1;
	if (found == 0)
		return error_set(e, ERROR_NOT_FOUND, "the jail has ended");
	return kern_process_within(j.jid, work, arg, timeout_ms, e);
}

/* In the jail, whose stack it is: 0 when a connection is taken. */
static int
try_connect(int root, void *arg, struct error *e)
{
	const uint16_t *port = arg;
	struct sockaddr_in v4 = { .sin_family = AF_INET,
	    .sin_port = htons(*port), .sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
	    .sin6_port = htons(*port), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	AUTO_CLOSE int four = socket(AF_INET, SOCK_STREAM, 0);
	AUTO_CLOSE int other = socket(AF_INET6, SOCK_STREAM, 0);

	if ((four >= 0 && connect(four, (const struct sockaddr *)&v4,
	    sizeof(v4)) == 0) ||
	    (other >= 0 && connect(other, (const struct sockaddr *)&v6,
	    sizeof(v6)) == 0))
		return 0;
	return error_set(e, ERROR_NOT_FOUND, "nothing listens");
}

static int
freebsd_listens(const struct engine_live *live, uint16_t port, bool *listens,
    struct error *e)
{
	struct error why = ERROR_INIT;
	struct kern_jail j;
	int found = live_find_jail(live, &j, e);

	*listens = false;
	if (found <= 0)
		return found;
	*listens = kern_process_within(j.jid, try_connect, &port,
	    CONNECT_TIMEOUT_MS, &why) == 0;
	return 0;
}

static int
freebsd_processes(const struct engine_live *live, const char *key,
    struct engine_processes *list, struct error *e)
{
	struct kern_jail j;
	int found = live_find_jail(live, &j, e);

	return found <= 0 ? found : kern_process_details(j.jid, list, e);
}

static char *
name_for_jail(const char *key)
{
	char name[KERNEL_NAME_MAX];

	kernel_name(key, name);
	return xstrdup(name);
}

static const char *const runs[] = { "freebsd", NULL };

static const struct engine freebsd_engine = {
	.name = "freebsd",
	.system = SYSTEM_FREEBSD,
	.check = freebsd_check,
	.remember = log_directory,
	.mount = freebsd_mount,
	.mount_more = freebsd_mount_more,
	.unmount = freebsd_unmount,
	.make = freebsd_make,
	.boot = freebsd_boot,
	.boot_main = freebsd_boot_main,
	.boot_leave = freebsd_boot_leave,
	.start_free = freebsd_start_free,
	.alive = freebsd_alive,
	.others = freebsd_others,
	.exec = freebsd_exec,
	.stop = freebsd_stop,
	.kill = freebsd_kill,
	.limit = freebsd_limit,
	.usage = freebsd_usage,
	.listens = freebsd_listens,
	.processes = freebsd_processes,
	.within = freebsd_within,
	.root = freebsd_root,
	.probe = freebsd_probe,
	.kernel_name = name_for_jail,
	.runs = runs,
};

const struct engine *const engine_native = &freebsd_engine;
const struct store *const stores_native[] = {
#ifdef HAVE_ZFS
	&store_zfs,
#endif
	&store_base, &store_dir, NULL
};
