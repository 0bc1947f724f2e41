/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* A network comes up with its first jail, and again after a boot. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/net_state.h"
#include "core/network.h"

void
network_engine(const struct host *h, const struct network *n,
    struct engine_network *out)
{
	memset(out, 0, sizeof(*out));
	out->scope = h->scope;
	out->name = n->name;
	out->mode = n->mode;
	out->bridge_is_ours = n->bridge_is_ours;
	memcpy(out->bridge, n->bridge, IFACE_NAME);
	memcpy(out->uplink, n->uplink, IFACE_NAME);
	out->mtu = n->mtu;
	out->apart = !n->peer;
	for (size_t f = 0; f < 2; f++)
		if (n->subnet[f].family != 0 && n->bridge_is_ours)
			out->gateway[f] = addr_nth(&n->subnet[f], 1);
}

/* In place: jails have this very file mounted. */
static int
rewrite(const struct host *h, const char *file, const struct buf *text,
    struct error *e)
{
	AUTO_CLOSE int fd = openat(h->run_fd, file,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);

	if (fd < 0 || pwrite(fd, text->data, text->len, 0) !=
	    (ssize_t)text->len || ftruncate(fd, (off_t)text->len) < 0)
		return error_sys(e, "%s/%s", h->run, file);
	return 0;
}

static void
put_members(const struct network *n, struct buf *text)
{
	AUTO_LEASES struct leases leases = VEC_INIT;

	network_leases(n, &leases);
	for (size_t i = 0; i < leases.count; i++) {
		const struct lease *l = &leases.items[i];

		for (size_t f = 0; f < 2; f++) {
			char addr[ADDR_TEXT];

			if (l->addrs[f].family == 0)
				continue;
			buf_printf(text, "%s\t%s %s.%s",
			    addr_text(&l->addrs[f], addr), l->jail, l->jail,
			    n->name);
			if (l->hostname != NULL)
				buf_printf(text, " %s", l->hostname);
			buf_putc(text, '\n');
		}
	}
}

static int
write_hosts(const struct host *h, const struct network *n, struct error *e)
{
	AUTO_FREE char *file = xasprintf("network/%s.hosts", n->name);
	AUTO_BUF struct buf text = BUF_INIT;

	buf_printf(&text, "# The jails of network %s, by gaol.\n"
	    "127.0.0.1\tlocalhost\n"
	    "::1\tlocalhost ip6-localhost ip6-loopback\n", n->name);
	put_members(n, &text);
	return rewrite(h, file, &text, e);
}

int
network_write_hosts(const struct host *h, const struct network *n,
    struct error *e)
{
	AUTO_FREE char *file = xasprintf("network/%s.hosts", n->name);

	/* it is made when the network comes up */
	return file_exists(h->run_fd, file) ? write_hosts(h, n, e) : 0;
}

/* The lines of a resolv.conf that make sense in a jail. */
static bool
copy_resolver(const char *path, struct buf *out)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct error ignored = ERROR_INIT;
	char *line, *rest;
	bool server = false;

	if (file_read(AT_FDCWD, path, 1 << 16, &text, &ignored) < 0)
		return false;
	rest = text.data;
	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL) {
		struct addr a;

		if (strncmp(line, "nameserver", 10) == 0) {
			const char *word = line + 10 +
			    strspn(line + 10, " \t");

			/* the host's loopback is not the jail's */
			if (addr_parse(word, &a, &ignored) < 0 ||
			    addr_is_loopback(&a))
				continue;
			server = true;
		} else if (strncmp(line, "search", 6) != 0 &&
		    strncmp(line, "options", 7) != 0 &&
		    strncmp(line, "domain", 6) != 0) {
			continue;
		}
		buf_printf(out, "%s\n", line);
	}
	return server;
}

static int
write_resolver(const struct host *h, const struct network *n,
    struct error *e)
{
	static const char *const sources[] = {
		"/etc/resolv.conf", "/run/systemd/resolve/resolv.conf",
	};
	AUTO_FREE char *file = xasprintf("network/%s.resolv", n->name);
	AUTO_BUF struct buf text = BUF_INIT;

	buf_printf(&text, "# The resolver of network %s, by gaol.\n", n->name);
	for (size_t i = 0; i < 2 && n->mode != NETWORK_ISOLATED; i++) {
		size_t before = text.len;

		if (copy_resolver(sources[i], &text))
			break;
		text.len = before;
	}
	return rewrite(h, file, &text, e);
}

/* The packet filter is new: whatever else was up or runs is entered again. */
static int
enter_all(const struct host *h, const char *except, struct strings *notes,
    struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT, jails = VEC_INIT;

	if (network_names(h, &names, e) < 0 ||
	    net_state_names(h, &jails, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		AUTO_NETWORK struct network n;
		AUTO_FREE char *file = xasprintf("network/%s.hosts",
		    names.items[i]);
		struct engine_network out;
		bool fresh;

		memset(&n, 0, sizeof(n));
		if (strcmp(names.items[i], except) == 0 ||
		    !file_exists(h->run_fd, file))
			continue;
		if (network_load(h, names.items[i], &n, e) < 0)
			return -1;
		network_engine(h, &n, &out);
		if (net_native->up(&out, &fresh, notes, e) < 0)
			return -1;
	}
	for (size_t i = 0; i < jails.count; i++) {
		AUTO_NET_STATE struct net_state s = NET_STATE_INIT;
		AUTO_FREE char *key = xasprintf("%s/%s", h->scope,
		    jails.items[i]);
		struct engine_spec spec = { .key = key };

		if (net_state_read(h, jails.items[i], &s, e) < 0)
			return -1;
		spec.name = jails.items[i];
		spec.ifaces = s.ifaces.items;
		spec.iface_count = s.ifaces.count;
		spec.publish = s.ports.items;
		spec.publish_count = s.ports.count;
		if (net_native->enter(&spec, e) < 0 &&
		    e->kind != ERROR_EXISTS)
			return -1;
		error_clear(e);
	}
	return 0;
}

bool
network_is_up(const struct host *h, const struct network *n)
{
	AUTO_FREE char *file = xasprintf("network/%s.hosts", n->name);
	struct engine_network out;

	network_engine(h, n, &out);
	return file_exists(h->run_fd, file) && net_native->is_up(&out);
}

/* What the host's resolver is now. */
int
network_refresh(const struct host *h, const struct network *n,
    struct error *e)
{
	AUTO_FREE char *file = xasprintf("network/%s.resolv", n->name);
	struct stat ours, theirs;

	if (fstatat(h->run_fd, file, &ours, 0) == 0 &&
	    (stat("/etc/resolv.conf", &theirs) < 0 ||
	    theirs.st_mtime < ours.st_mtime))
		return 0;
	return write_resolver(h, n, e);
}

int
network_up(const struct host *h, const struct network *n, struct error *e)
{
	AUTO_STRINGS struct strings notes = VEC_INIT;
	struct engine_network out;
	bool fresh = false;
	int result;

	network_engine(h, n, &out);
	result = net_native->up(&out, &fresh, &notes, e);
	if (result == 0 && fresh)
		result = enter_all(h, n->name, &notes, e);
	for (size_t i = 0; i < notes.count; i++)
		host_say(h, "network %s: %s", n->name, notes.items[i]);
	if (result < 0)
		return error_wrap(e, "network '%s'", n->name);
	if (write_resolver(h, n, e) < 0)
		return -1;
	return write_hosts(h, n, e);
}
