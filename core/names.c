/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/names.h"

enum { HOSTS_MAX = 16 << 20 };

/* In place: jails have this very file mounted. */
static int
rewrite_fd(const struct host *h, const char *file, int fd,
    const struct buf *text, struct error *e)
{
	if (pwrite(fd, text->data, text->len, 0) != (ssize_t)text->len ||
	    ftruncate(fd, (off_t)text->len) < 0)
		return error_sys(e, "%s/%s", h->run, file);
	return 0;
}

static int
open_text(const struct host *h, const char *file, struct error *e)
{
	int fd = openat(h->run_fd, file,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);

	if (fd < 0)
		return error_sys(e, "%s/%s", h->run, file);
	return fd;
}

static int
rewrite(const struct host *h, const char *file, const struct buf *text,
    struct error *e)
{
	AUTO_CLOSE int fd = open_text(h, file, e);

	return fd < 0 ? -1 : rewrite_fd(h, file, fd, text, e);
}

static void
put_head(struct buf *text)
{
	buf_puts(text, "127.0.0.1\tlocalhost\n"
	    "::1\tlocalhost ip6-localhost ip6-loopback\n");
}

/* "web.example.org" is found as "web", too. */
static void
put_hostname(struct buf *text, const char *hostname)
{
	size_t len = strcspn(hostname, ".");

	buf_printf(text, " %s", hostname);
	if (hostname[len] != '\0' && len > 0)
		buf_printf(text, " %.*s", (int)len, hostname);
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
				put_hostname(text, l->hostname);
			buf_putc(text, '\n');
		}
	}
}

static int
write_hosts(const struct host *h, const struct network *n, struct error *e)
{
	AUTO_FREE char *file = xasprintf("network/%s.hosts", n->name);
	AUTO_BUF struct buf text = BUF_INIT;

	buf_printf(&text, "# The jails of network %s, by gaol.\n", n->name);
	put_head(&text);
	put_members(n, &text);
	return rewrite(h, file, &text, e);
}

/*
 * Of several networks.  The first line tells which; the file is locked from
 * before they are read, so that the last to write has read what is newest.
 */
static int
write_union(const struct host *h, const char *file,
    const struct strings *networks, struct error *e)
{
	AUTO_FREE char *names = strings_join(networks, " ");
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_CLOSE int fd = open_text(h, file, e);

	if (fd < 0)
		return -1;
	if (flock(fd, LOCK_EX) < 0)
		return error_sys(e, "%s/%s", h->run, file);
	buf_printf(&text, "# %s\n# The jails of these networks, by gaol.\n",
	    names);
	put_head(&text);
	for (size_t i = 0; i < networks->count; i++) {
		AUTO_NETWORK struct network n;

		memset(&n, 0, sizeof(n));
		if (network_load(h, networks->items[i], &n, e) < 0)
			return -1;
		put_members(&n, &text);
	}
	return rewrite_fd(h, file, fd, &text, e);
}

/* The networks that a file of several is about. */
static void
union_networks(const struct host *h, const char *file, struct strings *out)
{
	AUTO_CLOSE int fd = openat(h->run_fd, file, O_RDONLY | O_CLOEXEC);
	char line[4096], *word, *rest = line;
	ssize_t n = fd < 0 ? 0 : read(fd, line, sizeof(line) - 1);

	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	while ((word = strsep(&rest, " ")) != NULL)
		if (*word != '\0' && *word != '#')
			strings_add(out, word);
}

typedef int each_union(const struct host *h, const char *file,
    const struct strings *networks, struct error *e);

/* Each file of several networks that has this one among them. */
static int
unions_of(const struct host *h, const char *network, each_union *do_it,
    struct error *e)
{
	AUTO_CLOSE int fd = file_opendir(h->run_fd, "network", e);
	const struct dirent *d;

	if (fd < 0)
		return -1;
	AUTO_DIR DIR *dir = fdopendir(fd);
	if (dir == NULL)
		return error_sys(e, "%s/network", h->run);
	steal_fd(&fd);
	while ((d = readdir(dir)) != NULL) {
		AUTO_FREE char *file = xasprintf("network/%s", d->d_name);
		AUTO_STRINGS struct strings networks = VEC_INIT;

		if (*d->d_name != '+' || strstr(d->d_name, ".hosts") == NULL)
			continue;
		union_networks(h, file, &networks);
		if (strings_index(&networks, network) >= 0 &&
		    do_it(h, file, &networks, e) < 0)
			return -1;
	}
	return 0;
}

int
names_update(const struct host *h, const struct network *n, struct error *e)
{
	AUTO_FREE char *file = xasprintf("network/%s.hosts", n->name);

	/* it is made when the network comes up */
	if (!file_exists(h->run_fd, file))
		return 0;
	if (write_hosts(h, n, e) < 0)
		return -1;
	return unions_of(h, n->name, write_union, e);
}

/* The lines of a resolv.conf that make sense in a jail. */
static bool
copy_resolver(const char *path, bool loopback, struct buf *out)
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
			if (!loopback && (addr_parse(word, &a, &ignored) < 0 ||
			    addr_is_loopback(&a)))
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

static const char *const resolvers[] = {
	"/etc/resolv.conf",
	/* behind the stub 127.0.0.53, which jails do not reach */
	"/run/systemd/resolve/resolv.conf",
};

static bool
put_resolver(struct buf *text, bool loopback)
{
	for (size_t i = 0; i < 2; i++) {
		size_t before = text->len;

		if (copy_resolver(resolvers[i], loopback, text))
			return true;
		text->len = before;
	}
	return false;
}

static int
write_resolver(const struct host *h, const struct network *n,
    struct error *e)
{
	AUTO_FREE char *file = xasprintf("network/%s.resolv", n->name);
	AUTO_BUF struct buf text = BUF_INIT;

	buf_printf(&text, "# The resolver of network %s, by gaol.\n", n->name);
	if (n->mode != NETWORK_ISOLATED && !put_resolver(&text, false) &&
	    n->dns)
		host_say(h, "network %s: the resolvers of the host are on its "
		    "loopback, where jails do not reach them", n->name);
	return rewrite(h, file, &text, e);
}

int
names_make(const struct host *h, const struct network *n, struct error *e)
{
	if (write_resolver(h, n, e) < 0)
		return -1;
	return write_hosts(h, n, e);
}

static int
remove_file(const struct host *h, const char *file,
    const struct strings *networks, struct error *e)
{
	if (unlinkat(h->run_fd, file, 0) < 0 && errno != ENOENT)
		return error_sys(e, "%s/%s", h->run, file);
	return 0;
}

int
names_remove(const struct host *h, const struct network *n, struct error *e)
{
	static const char *const suffixes[] = { "hosts", "resolv" };

	for (size_t i = 0; i < 2; i++) {
		AUTO_FREE char *file = xasprintf("network/%s.%s", n->name,
		    suffixes[i]);

		if (remove_file(h, file, NULL, e) < 0)
			return -1;
	}
	return unions_of(h, n->name, remove_file, e);
}

/* Whether the host's has changed since ours was written. */
static bool
is_stale(const struct host *h, const char *file)
{
	struct stat ours, theirs;

	if (fstatat(h->run_fd, file, &ours, 0) < 0)
		return true;
	for (size_t i = 0; i < 2; i++)
		if (stat(resolvers[i], &theirs) == 0 &&
		    theirs.st_mtime >= ours.st_mtime)
			return true;
	return false;
}

int
names_refresh(const struct host *h, const struct network *n,
    struct error *e)
{
	AUTO_FREE char *file = xasprintf("network/%s.resolv", n->name);

	return is_stale(h, file) ? write_resolver(h, n, e) : 0;
}

static void
add_mount(const struct host *h, struct spec *s, const char *file,
    const char *target)
{
	for (size_t i = 0; i < s->mounts.count; i++)
		if (strcmp(s->mounts.items[i].target, target) == 0)
			return;
	struct engine_mount m = {
		.source = xasprintf("%s/%s", h->run, file),
		.target = xstrdup(target),
		.type = xstrdup("nullfs"),
		.options = xstrdup("ro,nosuid,noexec"),
		.plain = true,
	};

	VEC_PUSH(&s->mounts, m);
	s->engine.mounts = s->mounts.items;
	s->engine.mount_count = s->mounts.count;
}

static char *
union_file(const struct strings *networks)
{
	AUTO_FREE char *names = strings_join(networks, " ");
	uint64_t hash = 14695981039346656037u;

	if (networks->count == 1)
		return xasprintf("network/%s.hosts", names);
	for (const char *p = names; *p != '\0'; p++)
		hash = (hash ^ (unsigned char)*p) * 1099511628211u;
	return xasprintf("network/+%016" PRIx64 ".hosts", hash);
}

static int
mount_networks(const struct host *h, struct spec *s,
    const struct strings *networks, const char *resolver, struct error *e)
{
	AUTO_FREE char *hosts = union_file(networks);
	AUTO_FREE char *resolv = xasprintf("network/%s.resolv", resolver);

	if (networks->count > 1 && write_union(h, hosts, networks, e) < 0)
		return -1;
	add_mount(h, s, hosts, "/etc/hosts");
	add_mount(h, s, resolv, "/etc/resolv.conf");
	return 0;
}

/* Its own name, and no others. */
static int
write_own_hosts(const struct host *h, const struct spec *s, const char *file,
    struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;
	bool some = false;

	put_head(&text);
	for (size_t i = 0; i < s->ifaces.count; i++)
		for (size_t k = 0; k < s->ifaces.items[i].addr_count; k++) {
			char addr[ADDR_TEXT];

			buf_printf(&text, "%s\t%s", addr_text(
			    &s->ifaces.items[i].addrs[k], addr),
			    s->engine.name);
			put_hostname(&text, s->engine.hostname);
			buf_putc(&text, '\n');
			some = true;
		}
	if (!some) {
		buf_printf(&text, "127.0.1.1\t%s", s->engine.name);
		put_hostname(&text, s->engine.hostname);
		buf_putc(&text, '\n');
	}
	return rewrite(h, file, &text, e);
}

static int
mount_own_hosts(const struct host *h, struct spec *s, struct error *e)
{
	AUTO_FREE char *hosts = xasprintf("net/.%s.hosts", s->engine.name);

	if (file_mkdirs(h->run_fd, "net", 0700, e) < 0 ||
	    write_own_hosts(h, s, hosts, e) < 0)
		return -1;
	add_mount(h, s, hosts, "/etc/hosts");
	return 0;
}

static int
mount_own(const struct host *h, struct spec *s, struct error *e)
{
	/* of the host's stack, but where its loopback is not the jail's */
	bool loopback = s->engine.net_inherit && s->ifaces.count == 0;
	bool dhcp = false;
	const char *resolv = loopback ? "network/+inherit.resolv" :
	    "network/+own.resolv";

	for (size_t i = 0; i < s->ifaces.count; i++)
		dhcp |= s->ifaces.items[i].dhcp;
	if (mount_own_hosts(h, s, e) < 0 ||
	    file_mkdirs(h->run_fd, "network", 0700, e) < 0)
		return -1;
	if (is_stale(h, resolv)) {
		AUTO_BUF struct buf text = BUF_INIT;

		buf_puts(&text, "# The resolver of the host, by gaol.\n");
		(void)put_resolver(&text, loopback);
		if (rewrite(h, resolv, &text, e) < 0)
			return -1;
	}
	/* who is told its address is told its resolver, too */
	if (!dhcp)
		add_mount(h, s, resolv, "/etc/resolv.conf");
	return 0;
}

/*
 * A jail whose networks tell no names keeps its own files; so does one that
 * mounts something there itself.
 */
int
names_mount(const struct host *h, struct spec *s,
    const struct strings *networks, const char *resolver, struct error *e)
{
	bool has_network = false;

	for (size_t i = 0; i < s->ifaces.count; i++)
		has_network |= s->ifaces.items[i].kind == IFACE_NETWORK;
	if (!s->names)
		return 0;
	if (networks->count > 0)
		return mount_networks(h, s, networks, resolver, e);
	if (has_network)
		return 0;
	if (s->ifaces.count > 0 || s->engine.net_inherit)
		return mount_own(h, s, e);
	/* alone it still has a name, that sudo(8) and others look up */
	return s->tree.ephemeral ? 0 : mount_own_hosts(h, s, e);
}

void
names_drop(const struct host *h, const char *name)
{
	AUTO_FREE char *file = xasprintf("net/.%s.hosts", name);

	unlinkat(h->run_fd, file, 0);
}
