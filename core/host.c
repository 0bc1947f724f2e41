/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/num.h"
#include "core/host.h"

const struct host_setting host_settings[] = {
	{ "altroot", NULL, "where the root directory of another manager's host "
	    "is, for adopt and doctor", NULL },
	{ "store", NULL, "store of new jails: overlay, dir, btrfs",
	    NULL },
	{ "net", NULL, "net of new jails where create is not told it; "
	    "default: gaol0", "gaol0" },
	{ "mirror", NULL, "Debian or Ubuntu mirror for bootstrap; "
	    "default: the host's own", NULL },
	{ "freebsd.url", "https://download.freebsd.org/releases",
	    "mirror layout to bootstrap FreeBSD releases from", NULL },
	{ "lock.timeout", "30", "how long to wait for a locked jail",
	    NULL },
	{ "parallel", NULL, "targets worked on at once; "
	    "default: number of cores", NULL },
	{ "template.base", NULL, "templates that new jails get, separated by "
	    "blanks", NULL },
	{ "template.freebsd", NULL, "more for those of FreeBSD", NULL },
	{ "template.linux", NULL, "more for those of Linux", NULL },
	{ "template.thick", NULL, "more for thick ones", NULL },
	{ "template.thin", NULL, "more for thin ones", NULL },
	{ "template.vnet", NULL, "more for those with interfaces of their own",
	    NULL },
	{ NULL, NULL, NULL, NULL },
};

static const char *
default_of(const char *name)
{
	for (const struct host_setting *s = host_settings; s->name; s++)
		if (strcmp(s->name, name) == 0)
			return s->fallback;
	return NULL;
}

const char *
host_setting(const struct host *h, const char *name, const char *fallback)
{
	const struct conf_block *top = conf_block(h->settings, NULL);
	const struct conf_param *p = NULL, *found = NULL;

	while (top != NULL && (p = conf_param_next(top, p)) != NULL)
		if (strcmp(conf_param_name(p), name) == 0)
			found = p;
	if (found != NULL && conf_param_count(found) > 0)
		return conf_param_value(found, 0);
	return fallback != NULL ? fallback : default_of(name);
}

int
host_scratch(const struct host *h, struct error *e)
{
	AUTO_FREE char *name = xasprintf(".scratch.%d", (int)getpid());
	int fd;

	/* of a process that was killed before it could remove its name */
	unlinkat(h->run_fd, name, 0);
	fd = openat(h->run_fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	if (fd < 0)
		return error_sys(e, "%s/%s", h->run, name);
	unlinkat(h->run_fd, name, 0);
	return fd;
}

void
host_say(const struct host *h, const char *fmt, ...)
{
	AUTO_BUF struct buf b = BUF_INIT;
	va_list ap;

	if (h->say == NULL)
		return;
	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	h->say(buf_text(&b));
}

static int
check_settings(const struct host *h, const char *file, struct error *e)
{
	const struct conf_block *top = conf_block(h->settings, NULL);
	const struct conf_param *p = NULL;

	while (top != NULL && (p = conf_param_next(top, p)) != NULL) {
		const struct host_setting *s = host_settings;

		while (s->name != NULL &&
		    strcmp(s->name, conf_param_name(p)) != 0)
			s++;
		if (s->name == NULL)
			return error_set(e, ERROR_CONFIG,
			    "%s:%d:%d: unknown setting '%s'", file,
			    conf_param_line(p), conf_param_column(p),
			    conf_param_name(p));
	}
	return 0;
}

static int
read_settings(struct host *h, struct error *e)
{
	const char *file = getenv("GAOL_CONF");
	AUTO_BUF struct buf text = BUF_INIT;
	uint64_t ms;

	if (file == NULL)
		file = GAOL_ETC "/gaol.conf";
	if (file_read(AT_FDCWD, file, 1 << 20, &text, e) < 0) {
		if (e->sys_errno != ENOENT)
			return -1;
		error_clear(e);
	}
	h->settings = conf_parse(file, buf_text(&text), text.len, NULL, e);
	if (h->settings == NULL)
		return -1;
	if (check_settings(h, file, e) < 0)
		return -1;
	if (parse_duration(host_setting(h, "lock.timeout", NULL), &ms, e) < 0)
		return error_wrap(e, "%s: lock.timeout", file);
	h->lock_timeout_ms = (unsigned)ms;
	return 0;
}

static int
make_dir(const char *path, mode_t mode, struct error *e)
{
	if (file_mkdirs(AT_FDCWD, path, mode, e) < 0)
		return -1;
	return file_opendir(AT_FDCWD, path, e);
}

/* 64-bit FNV-1a: tells roots apart in names of kernel objects. */
static uint32_t
hash_path(const char *path)
{
	uint64_t hash = 14695981039346656037u;

	for (; *path != '\0'; path++)
		hash = (hash ^ (unsigned char)*path) * 1099511628211u;
	return (uint32_t)(hash ^ (hash >> 32));
}

static int
choose_paths(struct host *h, const char *root, struct error *e)
{
	if (root == NULL)
		root = getenv("GAOL_ROOT");
	if (root == NULL || *root == '\0')
		root = HOST_DEFAULT_ROOT;
	/* what lies below may be setuid, and is no business of host users */
	if (file_mkdirs(AT_FDCWD, root, 0700, e) < 0)
		return -1;
	h->root = realpath(root, NULL);
	if (h->root == NULL)
		return error_sys(e, "%s", root);
	if (strcmp(h->root, HOST_DEFAULT_ROOT) == 0) {
		h->run = xstrdup("/var/run/gaol");
		h->log = xstrdup("/var/log/gaol");
		h->scope = xstrdup("gaol");
	} else {
		h->run = xasprintf("%s/run", h->root);
		h->log = xasprintf("%s/log", h->root);
		h->scope = xasprintf("gaol-%08x", hash_path(h->root));
	}
	return 0;
}

/* In the build tree the helpers lie beside us; installed, in libexec. */
static char *
find_libexec(void)
{
	AUTO_FREE char *self = file_self();
	char *slash = self != NULL ? strrchr(self, '/') : NULL;

	if (slash != NULL) {
		*slash = '\0';
		AUTO_FREE char *helper = xasprintf("%s/gaol-image", self);
		if (access(helper, X_OK) == 0)
			return xstrdup(self);
	}
	return xstrdup(GAOL_LIBEXEC);
}

static int
open_dirs(struct host *h, struct error *e)
{
	AUTO_FREE char *jails = xasprintf("%s/jails", h->root);
	AUTO_FREE char *live = xasprintf("%s/live", h->run);
	AUTO_FREE char *index = xasprintf("%s/index", h->run);
	AUTO_FREE char *lock = xasprintf("%s/lock", h->run);

	h->root_fd = file_opendir(AT_FDCWD, h->root, e);
	if (h->root_fd < 0)
		return -1;
	h->jails_fd = file_opendir(AT_FDCWD, jails, e);
	if (h->jails_fd < 0) {
		error_clear(e);
		h->jails_fd = make_dir(jails, 0700, e);
	}
	if (h->jails_fd < 0)
		return -1;
	h->live_fd = file_opendir(AT_FDCWD, live, e);
	if (h->live_fd < 0) {
		error_clear(e);
		if (file_mkdirs(AT_FDCWD, index, 0700, e) < 0 ||
		    file_mkdirs(AT_FDCWD, lock, 0700, e) < 0)
			return -1;
		h->live_fd = make_dir(live, 0700, e);
	}
	if (h->live_fd < 0)
		return -1;
	h->run_fd = file_opendir(AT_FDCWD, h->run, e);
	if (h->run_fd < 0)
		return -1;
	if (engine_native->remember != NULL)
		engine_native->remember(h->run_fd);
	return 0;
}

int
host_open(struct host *h, const char *root, struct error *e)
{
	memset(h, 0, sizeof(*h));
	h->root_fd = h->jails_fd = h->run_fd = h->live_fd = -1;
	h->libexec = find_libexec();
	if (choose_paths(h, root, e) < 0 || read_settings(h, e) < 0 ||
	    open_dirs(h, e) < 0) {
		if (e->kind == ERROR_DENIED)
			error_wrap(e, "gaol must run as root");
		return -1;
	}
	return 0;
}

void
host_fini(struct host *h)
{
	free(h->root);
	free(h->run);
	free(h->log);
	free(h->libexec);
	free(h->scope);
	conf_free(h->settings);
	close_fd(&h->root_fd);
	close_fd(&h->jails_fd);
	close_fd(&h->run_fd);
	close_fd(&h->live_fd);
	memset(h, 0, sizeof(*h));
	h->root_fd = h->jails_fd = h->run_fd = h->live_fd = -1;
}
