/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Networks as files: read, written, locked. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/num.h"
#include "core/network.h"
#include "core/prop.h"
#include "core/prop_check.h"

enum { CONF_MAX = 1 << 20 };

static const char *const modes[] = {
	[NETWORK_NAT] = "nat", [NETWORK_ROUTED] = "routed",
	[NETWORK_ISOLATED] = "isolated",
};

const char *
network_mode_name(enum network_mode mode)
{
	return modes[mode];
}

bool
network_mode_parse(const char *word, enum network_mode *mode)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(word, modes[i]) == 0) {
			*mode = (enum network_mode)i;
			return true;
		}
	return false;
}

void
network_fini(struct network *n)
{
	free(n->name);
	conf_free(n->conf);
	conf_free(n->passing);
	memset(n, 0, sizeof(*n));
}

int
network_names(const struct host *h, struct strings *names, struct error *e)
{
	AUTO_CLOSE int fd = -1;
	const struct dirent *d;

	if (!file_exists(h->root_fd, "networks"))
		return 0;
	fd = file_opendir(h->root_fd, "networks", e);
	if (fd < 0)
		return -1;
	AUTO_DIR DIR *dir = fdopendir(fd);
	if (dir == NULL)
		return error_sys(e, "%s/networks", h->root);
	fd = -1;
	while ((d = readdir(dir)) != NULL) {
		size_t len = strlen(d->d_name);

		if (*d->d_name != '.' && len > 5 &&
		    strcmp(d->d_name + len - 5, ".conf") == 0)
			strings_take(names, xstrndup(d->d_name, len - 5));
	}
	strings_sort(names);
	return 0;
}

bool
network_exists(const struct host *h, const char *name)
{
	AUTO_FREE char *file = xasprintf("networks/%s.conf", name);

	return file_exists(h->root_fd, file);
}

static int
missing(const struct host *h, const char *name, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct error ignored = ERROR_INIT;
	const char *near = NULL;
	unsigned best = 3;

	if (network_names(h, &names, &ignored) < 0)
		error_clear(&ignored);
	for (size_t i = 0; i < names.count; i++) {
		unsigned d = word_distance(name, names.items[i]);

		if (d < best) {
			best = d;
			near = names.items[i];
		}
	}
	if (near != NULL)
		return error_set(e, ERROR_NOT_FOUND, "no network named '%s' "
		    "(did you mean '%s'?)", name, near);
	return error_set(e, ERROR_NOT_FOUND, "no network named '%s'; "
	    "'gaol network create %s' makes it", name, name);
}

static int
set_subnets(struct network *n, const struct conf_param *p, struct error *e)
{
	for (size_t i = 0; i < conf_param_count(p); i++) {
		struct addr a;

		if (addr_parse(conf_param_value(p, i), &a, e) < 0)
			return -1;
		n->subnet[a.family == 6] = a;
	}
	return 0;
}

static int
set_name(const char *value, char to[IFACE_NAME], struct error *e)
{
	if (prop_check_interface(value, e) < 0)
		return -1;
	snprintf(to, IFACE_NAME, "%s", value);
	return 0;
}

/* One statement of the file. */
static int
set_param(struct network *n, const struct conf_param *p, struct error *e)
{
	const char *name = conf_param_name(p);
	const char *value = conf_param_value(p, 0);
	uint64_t mtu;

	if (strncmp(name, "lease.", 6) == 0 || strcmp(name, "next") == 0)
		return 0;
	if (value == NULL)
		return error_set(e, ERROR_CONFIG, "%s needs a value", name);
	if (strcmp(name, "subnet") == 0)
		return set_subnets(n, p, e);
	if (strcmp(name, "mode") == 0 && network_mode_parse(value, &n->mode))
		return 0;
	if (strcmp(name, "bridge") == 0)
		return set_name(value, n->bridge, e);
	if (strcmp(name, "uplink") == 0)
		return set_name(value, n->uplink, e);
	if (strcmp(name, "host.bridge") == 0) {
		n->bridge_is_ours = false;
		return set_name(value, n->bridge, e);
	}
	if (strcmp(name, "mtu") == 0) {
		if (parse_uint(value, 68, 65535, &mtu, e) < 0)
			return -1;
		n->mtu = (unsigned)mtu;
		return 0;
	}
	if (strcmp(name, "dns") == 0)
		return parse_bool(value, &n->dns, e);
	if (strcmp(name, "peer") == 0)
		return parse_bool(value, &n->peer, e);
	return error_set(e, ERROR_CONFIG, "'%s = %s' is not known", name,
	    value);
}

static struct conf *
read_conf(int dirfd, const char *file, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;

	if (file_read(dirfd, file, CONF_MAX, &text, e) < 0)
		return NULL;
	return conf_parse(file, buf_text(&text), text.len, NULL, e);
}

/* Leases of throw-away jails: missing is none. */
static int
read_passing(const struct host *h, struct network *n, struct error *e)
{
	AUTO_FREE char *file = xasprintf("network/%s.leases", n->name);

	if (!file_exists(h->run_fd, file)) {
		n->passing = conf_new(file);
		return 0;
	}
	n->passing = read_conf(h->run_fd, file, e);
	return n->passing == NULL ? -1 : 0;
}

int
network_load(const struct host *h, const char *name, struct network *n,
    struct error *e)
{
	AUTO_FREE char *file = xasprintf("networks/%s.conf", name);
	const struct conf_param *p = NULL;
	const struct conf_block *block;

	memset(n, 0, sizeof(*n));
	n->dns = n->peer = n->bridge_is_ours = true;
	if (!network_exists(h, name))
		return missing(h, name, e);
	n->name = xstrdup(name);
	n->conf = read_conf(h->root_fd, file, e);
	if (n->conf == NULL)
		return error_wrap(e, "network '%s'", name);
	block = conf_block(n->conf, name);
	if (block == NULL)
		return error_set(e, ERROR_CONFIG, "%s/%s: there is no block "
		    "'%s'", h->root, file, name);
	while ((p = conf_param_next(block, p)) != NULL)
		if (set_param(n, p, e) < 0) {
			e->kind = ERROR_CONFIG;
			return error_wrap(e, "%s/%s:%d", h->root, file,
			    conf_param_line(p));
		}
	return read_passing(h, n, e);
}

int
network_save(const struct host *h, const struct network *n, struct error *e)
{
	AUTO_FREE char *file = xasprintf("networks/%s.conf", n->name);
	AUTO_BUF struct buf text = BUF_INIT;

	if (file_mkdirs(h->root_fd, "networks", 0700, e) < 0)
		return -1;
	conf_write(n->conf, &text);
	return file_replace(h->root_fd, file, text.data, text.len, 0600,
	    FILE_DURABLE, e);
}

static int
lock_file(const struct host *h, const char *file, const char *what,
    struct error *e)
{
	AUTO_FREE char *note = xasprintf("(gaol %s)", what);
	int fd = file_lock(h->run_fd, file, true, h->lock_timeout_ms, e);

	if (fd < 0 && e->kind == ERROR_NOT_FOUND) {
		error_clear(e);
		if (file_mkdirs(h->run_fd, "network", 0700, e) < 0)
			return -1;
		fd = file_lock(h->run_fd, file, true, h->lock_timeout_ms, e);
	}
	if (fd >= 0)
		file_lock_note(fd, note);
	return fd;
}

int
network_lock(const struct host *h, const char *name, const char *what,
    struct error *e)
{
	AUTO_FREE char *file = xasprintf("network/%s.lock", name);

	return lock_file(h, file, what, e);
}

/* A name that no network can have. */
int
network_lock_all(const struct host *h, const char *what, struct error *e)
{
	return lock_file(h, "network/.lock", what, e);
}
