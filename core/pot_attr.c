/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/auto.h"
#include "base/num.h"
#include "core/net_publish.h"
#include "core/pot_attr.h"
#include "core/spec.h"
#include "engine/engine.h"

#define TMPFS "tmpfs /tmp tmpfs rw"

enum { F = POT_FRAMEWORK, N = POT_NEGATED, M = POT_MADE };

/* clang-format off */
const struct pot_attr pot_attrs[] = {
	{ "start-at-boot", "boot", POT_BOOL, F | M, "NO" },
	{ "early-start-at-boot", NULL, POT_BOOL, F, "NO" },
	{ "persistent", "persist", POT_BOOL, F | M, "YES" },
	{ "no-rc-script", NULL, POT_BOOL, F | M, "NO" },
	{ "prunable", NULL, POT_BOOL, F | M, "NO" },
	{ "localhost-tunnel", NULL, POT_BOOL, F, "NO" },
	{ "no-tmpfs", "mount", POT_BOOL, F | M, "NO" },
	{ "no-etc-hosts", "names", POT_BOOL, F | N, "NO" },
	{ "to-be-pruned", NULL, POT_BOOL, F | POT_TOLD, "NO" },
	{ "enforce_statfs", "enforce_statfs", POT_UINT, M, "2" },
	{ "mount", "allow.mount", POT_BOOL, M, "NO" },
	{ "fdescfs", "mount.fdescfs", POT_BOOL, M, "NO" },
	{ "linprocfs", "allow.mount.linprocfs", POT_BOOL, M, "NO" },
	{ "nullfs", "allow.mount.nullfs", POT_BOOL, M, "NO" },
	{ "procfs", "mount.procfs", POT_BOOL, M, "NO" },
	{ "tmpfs", "allow.mount.tmpfs", POT_BOOL, M, "NO" },
	{ "zfs", "allow.mount.zfs", POT_BOOL, M, "NO" },
	{ "raw_sockets", "allow.raw_sockets", POT_BOOL, M | POT_KEPT, "NO" },
	{ "sysvshm", "sysvshm", POT_SHARE, M, "new" },
	{ "sysvsem", "sysvsem", POT_SHARE, M, "new" },
	{ "sysvmsg", "sysvmsg", POT_SHARE, M, "new" },
	{ "children", "children.max", POT_UINT, M, "0" },
	{ "mlock", "allow.mlock", POT_BOOL, M, "NO" },
	{ "devfs_ruleset", "devfs_ruleset", POT_UINT, M, "4" },
	{ "exec_stop", "exec.stop", POT_TEXT, M, "" },
	{ "stop_timeout", "stop.timeout", POT_UINT, M, "10" },
};
/* clang-format on */
const size_t pot_attr_count = sizeof(pot_attrs) / sizeof(pot_attrs[0]);

const struct pot_attr *
pot_attr_find(const char *name)
{
	for (size_t i = 0; i < pot_attr_count; i++)
		if (strcmp(pot_attrs[i].name, name) == 0)
			return &pot_attrs[i];
	return NULL;
}

char *
pot_attr_canonical(const struct pot_attr *a, const char *value,
    struct error *e)
{
	static const char *const yes[] = { "yes", "true", "on", NULL };
	static const char *const no[] = { "no", "false", "off", NULL };
	uint64_t number;

	switch (a->type) {
	case POT_BOOL:
		for (size_t i = 0; yes[i] != NULL; i++)
			if (strcasecmp(value, yes[i]) == 0)
				return xstrdup("YES");
			else if (strcasecmp(value, no[i]) == 0)
				return xstrdup("NO");
		break;
	case POT_UINT:
		if (parse_uint(value, 0, UINT32_MAX, &number, e) == 0)
			return xasprintf("%ju", (uintmax_t)number);
		error_clear(e);
		break;
	case POT_SHARE:
		if (strcmp(value, "new") == 0 ||
		    strcmp(value, "inherit") == 0 ||
		    strcmp(value, "disable") == 0)
			return xstrdup(value);
		break;
	case POT_TEXT:
		return xstrdup(value);
	}
	(void)error_set(e, ERROR_USAGE, "%s is not a valid value for %s",
	    value, a->name);
	return NULL;
}

char *
pot_kept(const struct cell *c, const char *name)
{
	AUTO_FREE char *prop = xasprintf("compat.pot.%s", name);

	for (size_t i = 0; i < c->values.count; i++)
		if (strcmp(c->values.items[i].name, prop) == 0 &&
		    c->values.items[i].values.count > 0)
			return xstrdup(c->values.items[i].values.items[0]);
	return NULL;
}

/* No value: back to the default. */
static int
set(struct cell *c, const char *name, const char *value, struct error *e)
{
	AUTO_STRINGS struct strings values = VEC_INIT;
	const struct prop *p = prop_find(name);

	if (p == NULL)
		return error_set(e, ERROR_CONFIG, "%s cannot be kept", name);
	if (value != NULL)
		strings_add(&values, value);
	if (value != NULL && spec_honours(p, &values, e) < 0)
		return -1;
	return cell_set(c, p, name, &values, false, e);
}

int
pot_keep(struct cell *c, const char *name, const char *value, struct error *e)
{
	AUTO_FREE char *prop = xasprintf("compat.pot.%s", name);

	return set(c, prop, value, e);
}

bool
pot_gives_chflags(void)
{
	return !(prop_find("userns")->systems & engine_native->system);
}

bool
pot_gives_raw_sockets(const char *net_type)
{
	return pot_gives_chflags() || strstr(net_type, "bridge") != NULL;
}

/* --- no-tmpfs --- */

/* Which of the mounts is one on /tmp; -1: none. */
static ssize_t
find_tmpfs(const struct strings *mounts)
{
	for (size_t i = 0; i < mounts->count; i++) {
		const char *line = mounts->items[i];

		line += strcspn(line, " \t");
		line += strspn(line, " \t");
		if (strncmp(line, "/tmp tmpfs", 10) == 0)
			return (ssize_t)i;
	}
	return -1;
}

static int
set_tmpfs(struct cell *c, bool wanted, struct error *e)
{
	AUTO_STRINGS struct strings mounts = VEC_INIT, rest = VEC_INIT;
	ssize_t at;

	cell_values(c, "mount", &mounts);
	at = find_tmpfs(&mounts);
	if (wanted == (at >= 0))
		return 0;
	for (size_t i = 0; i < mounts.count; i++)
		if ((ssize_t)i != at)
			strings_add(&rest, mounts.items[i]);
	if (wanted)
		strings_add(&rest, TMPFS);
	return cell_set(c, prop_find("mount"), "mount", &rest, false, e);
}

static bool
has_tmpfs(const struct cell *c)
{
	AUTO_STRINGS struct strings mounts = VEC_INIT;

	cell_values(c, "mount", &mounts);
	return find_tmpfs(&mounts) >= 0;
}

/* --- all others --- */

/* 4 is the ruleset that jails have anyway, and 10 seconds are ours, too. */
static bool
is_default(const struct pot_attr *a, const char *value)
{
	return *value == '\0' || (a->type == POT_UINT &&
	    strcmp(value, a->fallback) == 0);
}

int
pot_attr_set(struct cell *c, const struct pot_attr *a, const char *value,
    struct error *e)
{
	AUTO_FREE char *canonical = pot_attr_canonical(a, value, e);
	bool yes;

	if (canonical == NULL)
		return -1;
	yes = strcmp(canonical, "YES") == 0;
	if (a->prop == NULL)
		return pot_keep(c, a->name, strcmp(canonical,
		    a->fallback) == 0 ? NULL : canonical, e);
	if (strcmp(a->prop, "mount") == 0)
		return set_tmpfs(c, !yes, e);
	if ((a->flags & POT_KEPT) && pot_keep(c, a->name, yes ? canonical :
	    NULL, e) < 0)
		return -1;
	if (a->type == POT_BOOL)
		return set(c, a->prop,
		    yes != ((a->flags & POT_NEGATED) != 0) ? "on" : "off", e);
	return set(c, a->prop, is_default(a, canonical) ? NULL : canonical, e);
}

char *
pot_attr_get(const struct cell *c, const struct pot_attr *a)
{
	AUTO_FREE char *text = NULL;
	bool yes;

	if (a->prop == NULL || (a->flags & POT_KEPT)) {
		text = pot_kept(c, a->name);
		return text != NULL ? STEAL(text) : xstrdup(a->fallback);
	}
	if (strcmp(a->prop, "mount") == 0)
		return xstrdup(has_tmpfs(c) ? "NO" : "YES");
	if (a->type == POT_BOOL) {
		yes = cell_bool(c, a->prop) != ((a->flags & POT_NEGATED) != 0);
		return xstrdup(yes ? "YES" : "NO");
	}
	if (!cell_names_property(c, a->prop) && a->type != POT_SHARE)
		return xstrdup(a->fallback);
	text = cell_text(c, a->prop);
	return text != NULL ? STEAL(text) : xstrdup(a->fallback);
}

/* --- what is no attribute --- */

static bool
is_rc(const char *cmd)
{
	return strcmp(cmd, POT_CMD_RC) == 0 ||
	    strcmp(cmd, "/bin/sh /etc/rc") == 0;
}

char *
pot_cmd_line(const char *cmd)
{
	return is_rc(cmd) ? xstrdup(cmd) : xasprintf("%s &", cmd);
}

int
pot_cmd_set(struct cell *c, const char *cmd, struct error *e)
{
	AUTO_FREE char *line = pot_cmd_line(cmd);

	return set(c, "exec.start", line, e);
}

char *
pot_cmd_get(const struct cell *c)
{
	AUTO_STRINGS struct strings lines = VEC_INIT;
	size_t len;

	cell_values(c, "exec.start", &lines);
	if (lines.count == 0)
		return xstrdup(POT_CMD_RC);
	char *all = strings_join(&lines, "; ");
	len = strlen(all);
	if (len > 2 && strcmp(all + len - 2, " &") == 0)
		all[len - 2] = '\0';
	return all;
}

char *
pot_port_parse(const char *port)
{
	bool udp = strncmp(port, "udp:", 4) == 0;
	const char *inside = port + (udp || strncmp(port, "tcp:", 4) == 0 ?
	    4 : 0);
	size_t len = strcspn(inside, ":");
	const char *outside = inside[len] == ':' ? inside + len + 1 : inside;
	struct error ignored = ERROR_INIT;
	AUTO_FREE char *in = xstrndup(inside, len);
	uint64_t a, b;

	if (parse_uint(in, 1, 65535, &a, &ignored) < 0 ||
	    parse_uint(outside, 1, 65535, &b, &ignored) < 0)
		return NULL;
	return xasprintf("%ju:%ju/%s", (uintmax_t)b, (uintmax_t)a,
	    udp ? "udp" : "tcp");
}

char *
pot_port_format(const char *publish)
{
	struct engine_publish p;
	struct error ignored = ERROR_INIT;

	if (net_publish_parse(publish, &p, &ignored) < 0 ||
	    p.first != p.last || p.host.family != 0 || p.from.family != 0 ||
	    p.log)
		return NULL;
	return xasprintf("%s%u:%u", p.udp ? "udp:" : "", p.to_first, p.first);
}
