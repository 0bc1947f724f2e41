/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/mounts.h"
#include "core/foreign.h"
#include "core/others.h"
#include "core/rcconf.h"

enum { FILE_MAX = 1 << 20, DEPTH = 8 };

#define LOCAL_ETC "/usr/local/etc"

static const char *const kinds[OTHER_KINDS] = {
	[OTHER_BASTILLE] = "bastille",
	[OTHER_IOCAGE] = "iocage",
	[OTHER_POT] = "pot",
	[OTHER_JAIL_CONF] = "jail.conf",
	[OTHER_EZJAIL] = "ezjail",
};

void
others_fini(struct others *o)
{
	for (size_t i = 0; i < o->jails.count; i++) {
		struct other_jail *j = &o->jails.items[i];

		for (size_t k = 0; k < j->parts.count; k++) {
			free(j->parts.items[k].from);
			free(j->parts.items[k].to);
		}
		VEC_FINI(&j->parts);
		free(j->name);
		free(j->home);
		free(j->root);
		free(j->conf);
		free(j->fstab);
		free(j->why);
	}
	VEC_FINI(&o->jails);
	free(o->dir);
	free(o->top);
	free(o->templates);
	free(o->subnet);
}

const char *
others_name(enum other_kind kind)
{
	return kinds[kind];
}

bool
others_parse(const char *word, enum other_kind *kind)
{
	for (int i = 0; i < OTHER_KINDS; i++)
		if (strcmp(word, kinds[i]) == 0) {
			*kind = (enum other_kind)i;
			return true;
		}
	return false;
}

const struct other_jail *
others_jail(const struct others *o, const char *name)
{
	for (size_t i = 0; i < o->jails.count; i++)
		if (strcmp(o->jails.items[i].name, name) == 0)
			return &o->jails.items[i];
	return NULL;
}

struct other_jail *
others_add(struct others *o, const char *name)
{
	VEC_PUSH(&o->jails, (struct other_jail){ .name = xstrdup(name) });
	return &o->jails.items[o->jails.count - 1];
}

char *
others_path(const struct host *h, const char *path)
{
	const char *above = host_setting(h, "altroot", "");

	return xasprintf("%s%s", strcmp(above, "/") == 0 ? "" : above, path);
}

int
others_read(const char *path, struct buf *text, struct error *e)
{
	if (file_read(AT_FDCWD, path, FILE_MAX, text, e) == 0)
		return 0;
	if (e->kind != ERROR_NOT_FOUND)
		return -1;
	error_clear(e);
	return 0;
}

int
others_list(const char *dir, struct strings *names, struct error *e)
{
	AUTO_DIR DIR *d = opendir(dir);
	const struct dirent *entry;

	if (d == NULL)
		return errno == ENOENT ? 0 : error_sys(e, "%s", dir);
	while ((entry = readdir(d)) != NULL)
		if (*entry->d_name != '.')
			strings_add(names, entry->d_name);
	strings_sort(names);
	return 0;
}

/* "$a/b${c}": what stands in the same file. */
static char *
expand(const char *text, const char *value, unsigned depth)
{
	AUTO_BUF struct buf out = BUF_INIT;

	for (const char *p = value; *p != '\0';) {
		bool braces = p[0] == '$' && p[1] == '{';
		const char *name = p + (braces ? 2 : 1);
		size_t len = *p != '$' ? 0 : strspn(name,
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		    "0123456789_");
		struct rcconf_value v = { .value = NULL };

		if (len == 0 || (braces && name[len] != '}')) {
			buf_putc(&out, *p++);
			continue;
		}
		AUTO_FREE char *key = xstrndup(name, len);
		p = name + len + braces;
		if (depth == 0 || !rcconf_find(text, key, &v))
			continue;
		AUTO_FREE char *inner = expand(text, v.value, depth - 1);
		buf_puts(&out, inner);
		free(v.value);
	}
	return xstrdup(buf_text(&out));
}

char *
others_setting(const char *text, const char *name)
{
	struct rcconf_value v = { .value = NULL };
	char *value;

	if (!rcconf_find(text, name, &v))
		return NULL;
	value = v.literal ? xstrdup(v.value) : expand(text, v.value, DEPTH);
	free(v.value);
	return value;
}

/* The same, or what it is without, as a path that is reached here. */
static char *
path_setting(const struct host *h, const char *text, const char *name,
    const char *fallback)
{
	AUTO_FREE char *value = others_setting(text, name);

	return others_path(h, value != NULL && *value == '/' ? value :
	    fallback);
}

static bool
is_dir(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Each directory of dir is a jail whose settings are in file. */
static int
scan(struct others *o, const char *dir, const char *leaf, const char *file,
    struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (others_list(dir, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		AUTO_FREE char *home = xasprintf("%s/%s", dir,
		    names.items[i]);
		AUTO_FREE char *conf = xasprintf("%s/%s", home, file);
		struct other_jail *j;

		if (!is_dir(home))
			continue;
		j = others_add(o, names.items[i]);
		j->root = xasprintf("%s/%s", home, leaf);
		j->home = STEAL(home);
		if (!file_exists(AT_FDCWD, conf))
			j->why = xasprintf("%s is missing: nothing says what "
			    "jail it is", conf);
	}
	return 0;
}

static int
find_bastille(const struct host *h, const char *dir, struct others *o,
    struct error *e)
{
	AUTO_FREE char *file = others_path(h, LOCAL_ETC
	    "/bastille/bastille.conf");
	AUTO_BUF struct buf text = BUF_INIT;

	if (others_read(file, &text, e) < 0)
		return -1;
	AUTO_FREE char *prefix = others_setting(buf_text(&text),
	    "bastille_prefix");
	AUTO_FREE char *jails = xasprintf("%s/jails", prefix != NULL ? prefix :
	    "/usr/local/bastille");
	AUTO_FREE char *templates = xasprintf("%s/templates", prefix != NULL ?
	    prefix : "/usr/local/bastille");
	o->dir = dir != NULL ? xstrdup(dir) : path_setting(h, buf_text(&text),
	    "bastille_jailsdir", jails);
	o->templates = path_setting(h, buf_text(&text),
	    "bastille_templatesdir", templates);
	return scan(o, o->dir, "root", "jail.conf", e);
}

/* Where a dataset ".../iocage" is mounted, or where one usually is. */
static char *
iocage_top(const struct host *h, struct error *e)
{
	static const char *const usual[] = { "/iocage", "/zroot/iocage",
		"/tank/iocage", "/mnt/iocage" };
	AUTO_STRINGS struct strings points = VEC_INIT;
	AUTO_FREE char *above = others_path(h, "");

	if (mounts_below(*above != '\0' ? above : "/", &points, e) < 0)
		error_clear(e);		/* an altroot that is not there */
	for (size_t i = 0; i < points.count; i++) {
		size_t len = strlen(points.items[i]);
		AUTO_FREE char *jails = xasprintf("%s/jails",
		    points.items[i]);

		if (len > 7 && strcmp(points.items[i] + len - 7,
		    "/iocage") == 0 && is_dir(jails))
			return xstrdup(points.items[i]);
	}
	for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		AUTO_FREE char *top = others_path(h, usual[i]);
		AUTO_FREE char *jails = xasprintf("%s/jails", top);

		if (is_dir(jails))
			return STEAL(top);
	}
	return NULL;
}

static int
find_iocage(const struct host *h, const char *dir, struct others *o,
    struct error *e)
{
	size_t first;

	o->top = dir != NULL ? xstrdup(dir) : iocage_top(h, e);
	if (o->top == NULL)
		return 0;
	o->dir = xasprintf("%s/jails", o->top);
	AUTO_FREE char *templates = xasprintf("%s/templates", o->top);
	if (scan(o, o->dir, "root", "config.json", e) < 0)
		return -1;
	first = o->jails.count;
	if (scan(o, templates, "root", "config.json", e) < 0)
		return -1;
	for (size_t i = first; i < o->jails.count; i++)
		o->jails.items[i].template = true;
	return 0;
}

/* "zroot/pot/bases/14.2" -> FSROOT/bases/14.2; NULL when it is none of pot's. */
static char *
dataset_path(const char *zroot, const char *top, const char *dataset)
{
	size_t len = strlen(zroot);

	if (strncmp(dataset, zroot, len) != 0 || dataset[len] != '/')
		return NULL;
	return xasprintf("%s%s", top, dataset + len);
}

/*
 * fscomp.conf as it would be written today: directories for datasets, targets
 * that count from the root; a pot of type multi has its own files there, too.
 */
static void
take_mounts(struct others *o, struct other_jail *j, const char *zroot,
    const char *text, bool multi, struct buf *out)
{
	AUTO_FREE char *copy = xstrdup(text);
	char *line, *rest = copy;
	size_t len = strlen(j->root);

	while ((line = foreign_line(&rest)) != NULL) {
		const char *from = strsep(&line, " \t");
		const char *to = line != NULL ? strsep(&line, " \t") : NULL;
		AUTO_FREE char *path = NULL;

		if (*from == '\0' || *from == '#' || to == NULL)
			continue;
		path = *from == '/' ? xstrdup(from) : dataset_path(zroot,
		    o->top, from);
		if (strncmp(to, j->root, len) == 0 && (to[len] == '/' ||
		    to[len] == '\0'))
			to += len;
		if (multi && path != NULL && *from != '/' && strncmp(path +
		    strlen(o->top), "/fscomp/", 8) != 0) {
			VEC_PUSH(&j->parts, (struct other_part){ STEAL(path),
			    xstrdup(strcmp(to, "/") == 0 ? "" : to) });
			continue;
		}
		buf_printf(out, "%s %s%s%s\n", path != NULL ? path : from, to,
		    line != NULL ? " " : "", line != NULL ? line : "");
	}
}

static int
read_pot(struct others *o, struct other_jail *j, const char *zroot,
    struct error *e)
{
	AUTO_FREE char *file = xasprintf("%s/conf/pot.conf", j->home);
	AUTO_FREE char *mounts = xasprintf("%s/conf/fscomp.conf", j->home);
	AUTO_BUF struct buf text = BUF_INIT, lines = BUF_INIT, out = BUF_INIT;

	if (others_read(file, &text, e) < 0 ||
	    others_read(mounts, &lines, e) < 0)
		return -1;
	AUTO_FREE char *plain = xasprintf("\n%s", buf_text(&text));
	bool multi = strstr(plain, "\npot.type=multi") != NULL;

	if (multi && strstr(plain, "\npot.level=0") != NULL) {
		j->why = xasprintf("it is the base of other pots, not a jail");
		return 0;
	}
	take_mounts(o, j, zroot, buf_text(&lines), multi, &out);
	j->fstab = xstrdup(buf_text(&out));
	if (multi && j->parts.count == 0)
		j->why = xasprintf("%s does not say what its files are",
		    mounts);
	return 0;
}

static int
find_pot(const struct host *h, const char *dir, struct others *o,
    struct error *e)
{
	AUTO_FREE char *defaults = others_path(h, LOCAL_ETC
	    "/pot/pot.default.conf");
	AUTO_FREE char *file = others_path(h, LOCAL_ETC "/pot/pot.conf");
	AUTO_BUF struct buf text = BUF_INIT;

	if (others_read(defaults, &text, e) < 0)
		return -1;
	buf_putc(&text, '\n');
	if (others_read(file, &text, e) < 0)
		return -1;
	AUTO_FREE char *zroot = others_setting(buf_text(&text),
	    "POT_ZFS_ROOT");
	o->top = dir != NULL ? xstrdup(dir) : path_setting(h, buf_text(&text),
	    "POT_FS_ROOT", "/opt/pot");
	o->subnet = others_setting(buf_text(&text), "POT_NETWORK");
	o->dir = xasprintf("%s/jails", o->top);
	if (scan(o, o->dir, "m", "conf/pot.conf", e) < 0)
		return -1;
	for (size_t i = 0; i < o->jails.count; i++)
		if (o->jails.items[i].why == NULL && read_pot(o,
		    &o->jails.items[i], zroot != NULL ? zroot : "zroot/pot",
		    e) < 0)
			return -1;
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	const struct other_jail *x = a, *y = b;

	return strcmp(x->name, y->name);
}

int
others_find(const struct host *h, enum other_kind kind, const char *dir,
    struct others *o, struct error *e)
{
	int rc;

	o->kind = kind;
	switch (kind) {
	case OTHER_BASTILLE:
		rc = find_bastille(h, dir, o, e);
		break;
	case OTHER_IOCAGE:
		rc = find_iocage(h, dir, o, e);
		break;
	case OTHER_POT:
		rc = find_pot(h, dir, o, e);
		break;
	case OTHER_JAIL_CONF:
		rc = others_jail_conf(h, dir, o, e);
		break;
	case OTHER_EZJAIL:
		rc = others_ezjail(h, dir, o, e);
		break;
	case OTHER_KINDS:
	default:
		return error_set(e, ERROR_USAGE, "no such manager of jails");
	}
	if (rc < 0)
		return error_wrap(e, "%s", others_name(kind));
	if (o->dir != NULL && !file_exists(AT_FDCWD, o->dir)) {
		free(o->dir);
		o->dir = NULL;
	}
	if (o->jails.count > 1)
		qsort(o->jails.items, o->jails.count,
		    sizeof(*o->jails.items), by_name);
	return 0;
}
