/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/num.h"
#include "base/path.h"
#include "core/foreign.h"
#include "core/limit.h"
#include "core/release.h"
#include "core/spec.h"

enum { FILE_MAX = 1 << 20, ELF_HEAD = 8, ELF_OSABI = 7, ELF_FREEBSD = 9 };

const char *const foreign_names[] = { "jail.conf", "fstab", "settings.conf",
	"rdr.conf", "rctl.conf", "cpuset.conf", "zfs.conf", "tags", "monitor",
	"config.json", "conf/pot.conf", "conf/fscomp.conf", NULL };

void
foreign_fini(struct foreign *f)
{
	for (size_t i = 0; i < f->files.count; i++) {
		free(f->files.items[i].name);
		free(f->files.items[i].text);
	}
	VEC_FINI(&f->files);
	strings_fini(&f->lost);
	strings_fini(&f->mounts);
}

int
foreign_parse(struct foreign *f, const char *text, size_t len,
    struct error *e)
{
	const char *end = text + len;

	while (text < end) {
		const char *line = memchr(text, '\n', (size_t)(end - text));
		const char *space = line == NULL ? NULL :
		    memchr(text, ' ', (size_t)(line - text));
		AUTO_FREE char *number = space == NULL ? NULL :
		    xstrndup(space + 1, (size_t)(line - space - 1));
		uint64_t size;

		if (number == NULL || parse_uint(number, 0,
		    (uint64_t)(end - line - 1), &size, e) < 0)
			return error_set(e, ERROR_FAILED,
			    "gaol-image gave no account of it");
		VEC_PUSH(&f->files, (struct foreign_file){
		    xstrndup(text, (size_t)(space - text)),
		    xstrndup(line + 1, (size_t)size) });
		text = line + 1 + size;
	}
	return 0;
}

int
foreign_read(struct foreign *f, int dir, struct error *e)
{
	for (size_t i = 0; foreign_names[i] != NULL; i++) {
		AUTO_BUF struct buf text = BUF_INIT;

		if (path_read(dir, foreign_names[i], FILE_MAX, &text, e) < 0) {
			if (e->kind != ERROR_NOT_FOUND)
				return -1;
			error_clear(e);
			continue;
		}
		VEC_PUSH(&f->files, (struct foreign_file){
		    xstrdup(foreign_names[i]), xstrdup(buf_text(&text)) });
	}
	return 0;
}

const char *
foreign_text(const struct foreign *f, const char *name)
{
	for (size_t i = 0; i < f->files.count; i++)
		if (strcmp(f->files.items[i].name, name) == 0)
			return f->files.items[i].text;
	return NULL;
}

void
foreign_lose(struct foreign *f, const char *name, const char *value,
    const char *why)
{
	strings_take(&f->lost, xasprintf("not taken over: %.80s%s%.300s (%s)",
	    name, value != NULL ? " = " : "", value != NULL ? value : "",
	    why));
}

static void
put(struct foreign *f, const char *name, const char *value, bool append)
{
	AUTO_STRINGS struct strings values = VEC_INIT, canonical = VEC_INIT;
	const struct prop *p = prop_find(name);
	struct error why = ERROR_INIT;

	strings_add(&values, value);
	if (p == NULL)
		foreign_lose(f, name, value, "gaol has no such property");
	else if (prop_parse(p, &values, &canonical, &why) < 0 ||
	    spec_honours(p, &canonical, &why) < 0 ||
	    cell_set(f->cell, p, name, &values, append, &why) < 0)
		foreign_lose(f, name, value, why.msg);
}

void
foreign_set(struct foreign *f, const char *prop, const char *value)
{
	put(f, prop, value, false);
}

void
foreign_add(struct foreign *f, const char *prop, const char *value)
{
	put(f, prop, value, true);
}

void
foreign_keep(struct foreign *f, const char *manager, const char *key,
    const char *value)
{
	AUTO_FREE char *name = xasprintf("compat.%s.%s", manager, key);

	put(f, name, value, false);
}

char *
foreign_line(char **rest)
{
	char *line = strsep(rest, "\n");
	size_t len;

	if (line == NULL)
		return NULL;
	line += strspn(line, " \t\r");
	len = strlen(line);
	while (len > 0 && isspace((unsigned char)line[len - 1]))
		line[--len] = '\0';
	return line;
}

static bool
honoured(const char *name)
{
	const struct prop *p = prop_find(name);

	return p != NULL && (p->systems & engine_native->system);
}

void
foreign_addresses(struct foreign *f, bool ip6, const char *text)
{
	const char *name = ip6 ? "ip6.addr" : "ip4.addr";
	AUTO_FREE char *copy = xstrdup(text);
	char *item, *rest = copy;

	while ((item = strsep(&rest, ",")) != NULL) {
		const char *bar = strchr(item, '|');

		if (*item == '\0')
			continue;
		if (bar == NULL && honoured(name)) {
			foreign_add(f, name, item);
		} else {
			/* the loopback's, whose addresses have no length */
			bool loop = bar == NULL ||
			    strncmp(item, "lo0|", 4) == 0;
			const char *addr = bar != NULL ? bar + 1 : item;
			AUTO_FREE char *entry = loop ? xasprintf("lo|%.*s",
			    (int)strcspn(addr, "/"), addr) :
			    xasprintf("%s%s", item, strchr(item, '/') !=
			    NULL ? "" : ip6 ? "/128" : "/32");

			foreign_add(f, "net", entry);
		}
	}
}

void
foreign_limit(struct foreign *f, const char *resource, const char *rule)
{
	const struct limit_rctl *known = limit_rctl_find(resource);
	AUTO_FREE char *copy = xstrdup(rule);
	char *amount = strchr(copy, '='), *per = strrchr(copy, '/');
	bool whole = per == NULL || strcmp(per, "/jail") == 0;

	if (per != NULL && whole)
		*per = '\0';
	AUTO_FREE char *other = xasprintf("%s:%s", resource, copy);
	if (amount != NULL)
		*amount++ = '\0';
	if (amount != NULL && whole && known != NULL &&
	    strcmp(known->action, copy) == 0) {
		AUTO_FREE char *value = limit_rctl_value(known, amount);

		foreign_set(f, known->prop, value);
		return;
	}
	foreign_add(f, "limit.rctl", other);
}

/* Below a release of theirs: below ours of that name; 1: it is none. */
static int
release_source(struct foreign *f, const char *source, struct buf *out,
    struct error *e)
{
	const char *at = strstr(source, "/releases/");
	AUTO_RELEASE struct release r = RELEASE_INIT;

	if (at == NULL)
		return 1;
	if (f->local)
		return 1;
	at += strlen("/releases/");
	AUTO_FREE char *name = xstrndup(at, strcspn(at, "/"));
	at += strlen(name);
	if (strncmp(at, "/root", 5) == 0 && (at[5] == '/' || at[5] == '\0'))
		at += 5;
	if (name_check_release(name, e) < 0 ||
	    release_load(f->host, name, &r, e) < 0)
		return error_wrap(e, "it stands on a release of its host");
	AUTO_FREE char *path = release_path(f->host, name);
	buf_printf(out, "%s%s", path, at);
	return 0;
}

/* Where below its root a path of the old host is; NULL: outside. */
static const char *
below_root(const struct foreign *f, const char *target)
{
	AUTO_FREE char *home = f->root != NULL ? xstrdup(f->root) :
	    xasprintf("/%s/root", f->jail);
	const char *at = strstr(target, home);

	if (at == NULL)
		return NULL;
	at += strlen(home);
	return *at == '/' ? at : *at == '\0' ? "/" : NULL;
}

static int
fstab_line(struct foreign *f, char *line, struct error *e)
{
	static const struct {
		const char *target, *type, *prop;
	} own[] = {
		{ "/dev", "devfs", "mount.devfs" },
		{ "/dev/fd", "fdescfs", "mount.fdescfs" },
		{ "/proc", "procfs", "mount.procfs" },
	};
	const char *words[4] = { NULL, NULL, NULL, NULL }, *target;
	AUTO_FREE char *whole = xstrdup(line);
	AUTO_BUF struct buf source = BUF_INIT;
	char *rest = line;
	int rc;

	for (size_t i = 0; i < 4 && rest != NULL;) {
		const char *word = strsep(&rest, " \t");

		if (*word != '\0')
			words[i++] = word;
	}
	target = words[1] != NULL ? below_root(f, words[1]) : NULL;
	if (words[3] == NULL || target == NULL) {
		foreign_lose(f, "fstab", whole, "it is mounted outside of the "
		    "jail's root");
		return 0;
	}
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strcmp(target, own[i].target) == 0 &&
		    strcmp(words[2], own[i].type) == 0) {
			foreign_set(f, own[i].prop, "on");
			return 0;
		}
	rc = release_source(f, words[0], &source, e);
	if (rc < 0)
		return -1;
	if (rc > 0)
		buf_puts(&source, words[0]);
	if (rc > 0 && strcmp(words[2], "nullfs") == 0)
		strings_take(&f->mounts, xasprintf("%s of the host is mounted "
		    "at %s", words[0], target));
	AUTO_FREE char *mount = xasprintf("%s %s %s %s", buf_text(&source),
	    target, words[2], words[3]);
	foreign_add(f, "mount", mount);
	return 0;
}

int
foreign_fstab(struct foreign *f, const char *text, struct error *e)
{
	AUTO_FREE char *copy = xstrdup(text != NULL ? text : "");
	char *line, *rest = copy;

	while ((line = foreign_line(&rest)) != NULL)
		if (*line != '\0' && *line != '#' && fstab_line(f, line,
		    e) < 0)
			return -1;
	return 0;
}

/* By a program that every system has; without any it is taken for FreeBSD's,
 * which is what all who write such archives run. */
const char *
foreign_os(int root)
{
	static const char *const programs[] = { "bin/sh", "rescue/sh",
		"sbin/init", "bin/busybox", NULL };
	bool other = false;

	for (size_t i = 0; programs[i] != NULL; i++) {
		struct error ignored = ERROR_INIT;
		AUTO_CLOSE int fd = path_open(root, programs[i], O_RDONLY, 0,
		    &ignored);
		unsigned char head[ELF_HEAD];

		if (fd < 0 || read(fd, head, ELF_HEAD) != ELF_HEAD ||
		    memcmp(head, "\177ELF", 4) != 0)
			continue;
		if (head[ELF_OSABI] == ELF_FREEBSD)
			return "freebsd";
		other = true;
	}
	return other ? "linux" : "freebsd";
}

int
foreign_check(const struct foreign *f, struct error *e)
{
	AUTO_SPEC struct spec spec;

	memset(&spec, 0, sizeof(spec));
	if (spec_init(&spec, f->host, f->cell, false, e) < 0)
		return -1;
	return engine_native->check != NULL ?
	    engine_native->check(&spec.engine, e) : 0;
}

/* Take that property away, and tell why; false: it is not there. */
static bool
drop(struct foreign *f, const char *name, const struct error *why)
{
	AUTO_STRINGS struct strings values = VEC_INIT, none = VEC_INIT;
	struct error ignored = ERROR_INIT;

	if (prop_find(name) == NULL || !cell_names_property(f->cell, name))
		return false;
	cell_values(f->cell, name, &values);
	AUTO_FREE char *text = strings_join(&values, ", ");
	foreign_lose(f, name, text, why->msg);
	return cell_set(f->cell, prop_find(name), name, &none, false,
	    &ignored) == 0;
}

int
foreign_fit(struct foreign *f, struct error *e)
{
	static const char *const candidates[] = { "publish", "net",
		"ip4.addr", "ip6.addr", "limit.rctl", "limit.memory",
		"limit.cpu", "limit.cpuset", "limit.disk", "mount",
		"securelevel", NULL };

	while (foreign_check(f, e) < 0) {
		/* "publish: the jail has no address" */
		AUTO_FREE char *first = xstrndup(e->msg,
		    strcspn(e->msg, ": "));
		const struct error why = *e;
		size_t n = 0;

		if (e->kind != ERROR_CONFIG && e->kind != ERROR_UNSUPPORTED)
			return -1;
		error_clear(e);
		if (drop(f, first, &why))
			continue;
		while (candidates[n] != NULL && !drop(f, candidates[n], &why))
			n++;
		if (candidates[n] == NULL) {
			*e = why;
			return -1;
		}
	}
	return 0;
}

int
foreign_map(struct foreign *f, struct error *e)
{
	if (foreign_text(f, "config.json") != NULL)
		return foreign_iocage(f, e);
	if (foreign_text(f, "conf/pot.conf") != NULL)
		return foreign_pot(f, e);
	if (foreign_text(f, "jail.conf") != NULL)
		return foreign_bastille(f, e);
	return error_set(e, ERROR_DATA, "nothing in it describes a jail: "
	    "neither jail.conf nor config.json nor pot.conf");
}
