/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/limit.h"
#include "core/mount.h"
#include "core/net.h"
#include "core/release.h"
#include "core/spec.h"
#include "core/store.h"
#include "core/volume.h"

static const struct {
	const char *name;
	enum engine_allow bit;
} allows[] = {
	{ "allow.adjtime", ALLOW_ADJTIME },
	{ "allow.chflags", ALLOW_CHFLAGS },
	{ "allow.extattr", ALLOW_EXTATTR },
	{ "allow.mlock", ALLOW_MLOCK },
	{ "allow.mount", ALLOW_MOUNT },
	{ "allow.mount.devfs", ALLOW_MOUNT_DEVFS },
	{ "allow.mount.fdescfs", ALLOW_MOUNT_FDESCFS },
	{ "allow.mount.fusefs", ALLOW_MOUNT_FUSEFS },
	{ "allow.mount.linprocfs", ALLOW_MOUNT_LINPROCFS },
	{ "allow.mount.linsysfs", ALLOW_MOUNT_LINSYSFS },
	{ "allow.mount.nullfs", ALLOW_MOUNT_NULLFS },
	{ "allow.mount.procfs", ALLOW_MOUNT_PROCFS },
	{ "allow.mount.tmpfs", ALLOW_MOUNT_TMPFS },
	{ "allow.mount.zfs", ALLOW_MOUNT_ZFS },
	{ "allow.nfsd", ALLOW_NFSD },
	{ "allow.quotas", ALLOW_QUOTAS },
	{ "allow.raw_sockets", ALLOW_RAW_SOCKETS },
	{ "allow.read_msgbuf", ALLOW_READ_MSGBUF },
	{ "allow.reserved_ports", ALLOW_RESERVED_PORTS },
	{ "allow.routing", ALLOW_ROUTING },
	{ "allow.setaudit", ALLOW_SETAUDIT },
	{ "allow.settime", ALLOW_SETTIME },
	{ "allow.set_hostname", ALLOW_SET_HOSTNAME },
	{ "allow.socket_af", ALLOW_SOCKET_AF },
	{ "allow.suser", ALLOW_SUSER },
	{ "allow.unprivileged_parent_tampering",
	    ALLOW_UNPRIVILEGED_PARENT_TAMPERING },
	{ "allow.unprivileged_proc_debug", ALLOW_UNPRIVILEGED_PROC_DEBUG },
	{ "allow.vmm", ALLOW_VMM },
	{ "allow.vmm_ppt", ALLOW_VMM_PPT },
};

void
tree_fini(struct tree *t)
{
	strings_fini(&t->lower);
	free(t->upper);
	free(t->work);
	memset(t, 0, sizeof(*t));
}

void
spec_fini(struct spec *s)
{
	tree_fini(&s->tree);
	free(s->hostname);
	free(s->domainname);
	free(s->key);
	free(s->name);
	for (size_t i = 0; i < s->mounts.count; i++)
		mount_fini(&s->mounts.items[i]);
	VEC_FINI(&s->mounts);
	VEC_FINI(&s->ifaces);
	VEC_FINI(&s->publish);
	for (size_t i = 0; i < s->params.count; i++) {
		free(s->params.items[i].name);
		free(s->params.items[i].value);
	}
	VEC_FINI(&s->params);
	limit_fini(s);
	strings_fini(&s->devices);
}

int
spec_honours(const struct prop *p, const struct strings *values,
    struct error *e)
{
	if (p->systems & engine_native->system)
		return 0;
	/* the default asks for nothing */
	if (values->count == 0 || (values->count == 1 && p->fallback != NULL &&
	    strcmp(values->items[0], p->fallback) == 0))
		return 0;
	return error_set(e, ERROR_UNSUPPORTED,
	    "%s cannot be enforced on this host%s%s", p->name,
	    p->instead != NULL ? "; what would do it: " : "",
	    p->instead != NULL ? p->instead : "");
}

static int
check_honoured(const struct cell *c, struct error *e)
{
	for (size_t i = 0; i < c->values.count; i++)
		if (spec_honours(c->values.items[i].prop,
		    &c->values.items[i].values, e) < 0)
			return -1;
	return 0;
}

static void
fill_allow(struct engine_spec *s, const struct cell *c)
{
	for (size_t i = 0; i < sizeof(allows) / sizeof(allows[0]); i++) {
		if (cell_bool(c, allows[i].name))
			s->allow |= ALLOW_BIT(allows[i].bit);
		if (cell_names_property(c, allows[i].name))
			s->allow_asked |= ALLOW_BIT(allows[i].bit);
	}
}

/*
 * All that cell.conf itself asks of jail_set(2), under the kernel's own names:
 * such a system needs no member of the spec for each of them.
 */
static void
fill_params(struct spec *s, const struct cell *c)
{
	for (size_t i = 0; i < c->values.count; i++) {
		const struct cell_value *v = &c->values.items[i];
		struct engine_param p;

		if ((v->prop->flags & PROP_KERNEL) == 0 ||
		    (v->prop->flags & PROP_READONLY) != 0)
			continue;
		p.name = xstrdup(v->name != NULL ? v->name : v->prop->name);
		if (v->prop->type == PROP_BOOL)
			p.value = xstrdup(cell_bool(c, p.name) ? "true" :
			    "false");
		else
			p.value = strings_join(&v->values, ",");
		VEC_PUSH(&s->params, p);
	}
	s->engine.params = s->params.items;
	s->engine.param_count = s->params.count;
}

static enum engine_share
share_of(const struct cell *c, const char *name)
{
	AUTO_FREE char *text = cell_text(c, name);

	/* jail(8): allow.sysvipc is the old way to say "inherit" to all three */
	if (!cell_names_property(c, name) && cell_bool(c, "allow.sysvipc"))
		return SHARE_INHERIT;
	if (text == NULL || strcmp(text, "disable") == 0)
		return SHARE_DISABLE;
	return strcmp(text, "inherit") == 0 ? SHARE_INHERIT : SHARE_NEW;
}

static int
add_mount(struct spec *s, const struct host *h, const char *line,
    struct error *e)
{
	struct engine_mount m;

	if (mount_parse(h, line, &m, e) < 0)
		return -1;
	VEC_PUSH(&s->mounts, m);
	return 0;
}

static int
add_fstab(struct spec *s, const struct host *h, const char *file,
    struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;
	char *line, *rest;

	if (file_read(AT_FDCWD, file, 1 << 20, &text, e) < 0)
		return error_wrap(e, "mount.fstab");
	rest = buf_reserve(&text, 0) - text.len;
	while ((line = strsep(&rest, "\n")) != NULL) {
		line[strcspn(line, "#")] = '\0';
		if (line[strspn(line, " \t")] != '\0' &&
		    add_mount(s, h, line, e) < 0)
			return error_wrap(e, "%s", file);
	}
	return 0;
}

static int
fill_mounts(struct spec *s, const struct host *h, const struct cell *c,
    struct error *e)
{
	AUTO_STRINGS struct strings lines = VEC_INIT;
	AUTO_FREE char *fstab = cell_text(c, "mount.fstab");

	if (fstab != NULL && *fstab != '\0' && add_fstab(s, h, fstab, e) < 0)
		return -1;
	cell_values(c, "mount", &lines);
	for (size_t i = 0; i < lines.count; i++)
		if (add_mount(s, h, lines.items[i], e) < 0)
			return -1;
	s->engine.mounts = s->mounts.items;
	s->engine.mount_count = s->mounts.count;
	return 0;
}

static int
fill_tree(struct spec *s, const struct host *h, const struct cell *c,
    struct error *e)
{
	const struct store *store = store_of_cell(c, e);
	AUTO_FREE char *release = cell_text(c, "release");
	AUTO_FREE char *path = xasprintf("%s/jails/%s", h->root, c->name);
	AUTO_FREE char *release_root = NULL;

	if (store == NULL)
		return -1;
	if (release != NULL && *release != '\0')
		release_root = release_path(h, release);
	const struct store_cell at = {
		.root = h->root, .name = c->name, .entry = c->name,
		.path = path, .dir = -1, .release = release_root,
	};
	if (store->tree(&at, &s->tree, e) < 0)
		return -1;
	s->tree.quota = store_quota(c);
	s->engine.tree = &s->tree;
	return 0;
}

char *
spec_path(const struct host *h, const struct cell *c,
    const struct engine_live *live)
{
	AUTO_FREE char *name = cell_text(c, "store");
	const struct store *store = store_find(name != NULL ? name :
	    stores_native[0]->name);

	if (store != NULL && store->data != NULL &&
	    (!store->thin || engine_native->mount != NULL))
		return xasprintf("%s/jails/%s/%s", h->root, c->name,
		    store->data);
	if (live == NULL || live->jid == 0 || engine_native->root_path == NULL)
		return NULL;
	return engine_native->root_path(live);
}

/* Off by default on FreeBSD, but Linux programs need them to be there. */
static bool
wanted_mount(const struct cell *c, const char *name)
{
	if (cell_names_property(c, name) ||
	    engine_native->system == SYSTEM_FREEBSD)
		return cell_bool(c, name);
	return true;
}

int
spec_init(struct spec *s, const struct host *h, const struct cell *c,
    bool with_tree, struct error *e)
{
	memset(s, 0, sizeof(*s));
	s->name = xstrdup(c->name);
	s->engine.name = s->name;
	s->key = xasprintf("%s/%s", h->scope, c->name);
	s->engine.key = s->key;
	s->engine.console_fd = s->engine.live_fd = -1;
	s->engine.securelevel = (int)cell_int(c, "securelevel");
	s->engine.enforce_statfs = (int)cell_int(c, "enforce_statfs");
	s->engine.children_max = (unsigned)cell_int(c, "children.max");
	s->engine.sysvmsg = share_of(c, "sysvmsg");
	s->engine.sysvsem = share_of(c, "sysvsem");
	s->engine.sysvshm = share_of(c, "sysvshm");
	s->engine.userns = cell_bool(c, "userns");
	s->engine.mount_devfs = cell_bool(c, "mount.devfs");
	s->engine.mount_fdescfs = wanted_mount(c, "mount.fdescfs");
	s->engine.mount_procfs = wanted_mount(c, "mount.procfs");
	s->hostname = cell_text(c, "host.hostname");
	if (s->hostname == NULL || *s->hostname == '\0') {
		free(s->hostname);
		s->hostname = xstrdup(c->name);
	}
	s->engine.hostname = s->hostname;
	s->domainname = cell_text(c, "host.domainname");
	s->engine.domainname = s->domainname;
	s->engine.devfs_ruleset = (int)cell_int(c, "devfs_ruleset");
	s->engine.fib = cell_names_property(c, "exec.fib") ?
	    (int)cell_int(c, "exec.fib") : -1;
	fill_allow(&s->engine, c);
	fill_params(s, c);
	cell_values(c, "device", &s->devices);
	s->engine.devices = &s->devices;
	if (check_honoured(c, e) < 0 || limit_fill(s, c, e) < 0 || net_fill(s, c, e) < 0 ||
	    fill_mounts(s, h, c, e) < 0)
		return -1;
	if (!with_tree)
		return 0;
	return volume_check_mounts(h, c, e) < 0 ? -1 : fill_tree(s, h, c, e);
}
