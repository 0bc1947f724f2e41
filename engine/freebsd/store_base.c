/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Thin jails: the release is seen read-only in /.base, and links lead there
 * from where its programs and libraries are looked for; all else is the jail's
 * own.  One mount for each jail.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "base/vec.h"
#include "engine/freebsd/freebsd.h"

/* What no jail writes to, at the top and in usr. */
static const char *const shared_top[] = {
	"bin", "boot", "lib", "libexec", "rescue", "sbin", NULL,
};
static const char *const shared_usr[] = {
	"bin", "include", "lib", "lib32", "libdata", "libexec", "sbin",
	"share", "src", "tests", NULL,
};

struct place {
	int from, to;
	const char *const *shared;
	const char *base;	/* the release, seen from there */
};

static bool
is_shared(const struct place *p, const char *name)
{
	for (const char *const *s = p->shared; *s != NULL; s++)
		if (strcmp(*s, name) == 0)
			return true;
	return false;
}

static int
link_base(const struct place *p, const char *name, struct error *e)
{
	AUTO_FREE char *target = xasprintf("%s/%s", p->base, name);

	if (symlinkat(target, p->to, name) < 0)
		return error_sys(e, "link %s", name);
	return 0;
}

static int
copy_link(const struct place *p, const char *name, struct error *e)
{
	char target[1024];
	ssize_t n = readlinkat(p->from, name, target, sizeof(target) - 1);

	if (n < 0)
		return error_sys(e, "%s", name);
	target[n] = '\0';
	if (symlinkat(target, p->to, name) < 0)
		return error_sys(e, "link %s", name);
	return 0;
}

static int populate(const struct place *p, struct error *e);

static int
make_directory(const struct place *p, const char *name, const struct stat *st,
    struct error *e)
{
	AUTO_CLOSE int from = file_opendir(p->from, name, e);
	AUTO_CLOSE int to = -1;
	int result;

	if (from < 0)
		return -1;
	if (mkdirat(p->to, name, 0700) < 0)
		return error_sys(e, "make %s", name);
	to = file_opendir(p->to, name, e);
	if (to < 0)
		return -1;
	if (p->shared == shared_top && strcmp(name, "usr") == 0) {
		struct place usr = { from, to, shared_usr,
		    "../" TREE_BASE_DIR "/usr" };

		result = populate(&usr, e);
	} else {
		result = path_copy_tree(from, to, e);
	}
	if (result < 0)
		return -1;
	if (fchown(to, st->st_uid, st->st_gid) < 0 ||
	    fchmod(to, st->st_mode & 07777) < 0)
		return error_sys(e, "owner of %s", name);
	return 0;
}

static int
make_entry(const struct place *p, const char *name, struct error *e)
{
	struct stat st;

	if (is_shared(p, name))
		return link_base(p, name, e);
	if (fstatat(p->from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_sys(e, "%s", name);
	if (S_ISLNK(st.st_mode))
		return copy_link(p, name, e);
	if (S_ISDIR(st.st_mode))
		return make_directory(p, name, &st, e);
	/* .cshrc, COPYRIGHT */
	return S_ISREG(st.st_mode) ? link_base(p, name, e) : 0;
}

static int
populate(const struct place *p, struct error *e)
{
	AUTO_CLOSE int fd = file_opendir(p->from, ".", e);
	const struct dirent *d;

	if (fd < 0)
		return -1;
	AUTO_DIR DIR *dir = fdopendir(fd);
	if (dir == NULL)
		return error_sys(e, "read the release");
	fd = -1;
	while ((d = readdir(dir)) != NULL)
		if (strcmp(d->d_name, ".") != 0 &&
		    strcmp(d->d_name, "..") != 0 &&
		    make_entry(p, d->d_name, e) < 0)
			return -1;
	return 0;
}

static int
base_probe(const char *root, struct error *e)
{
	return 0;
}

static int
base_create(const struct store_cell *c, struct error *e)
{
	AUTO_CLOSE int from = -1;
	AUTO_CLOSE int to = -1;
	struct place top = { -1, -1, shared_top, TREE_BASE_DIR };

	if (c->release == NULL)
		return error_set(e, ERROR_CONFIG,
		    "a thin jail needs a release");
	from = file_opendir(AT_FDCWD, c->release, e);
	if (from < 0)
		return -1;
	if (mkdirat(c->dir, "root", 0755) < 0)
		return error_sys(e, "make the jail's root");
	to = file_opendir(c->dir, "root", e);
	if (to < 0)
		return -1;
	if (mkdirat(to, TREE_BASE_DIR, 0755) < 0)
		return error_sys(e, "make %s", TREE_BASE_DIR);
	top.from = from;
	top.to = to;
	if (populate(&top, e) < 0)
		return -1;
	if (fchmod(to, 0755) < 0)
		return error_sys(e, "mode of the jail's root");
	return c->ephemeral ? 0 : store_sync(to, e);
}

static int
base_tree(const struct store_cell *c, struct tree *tree, struct error *e)
{
	if (c->release == NULL)
		return error_set(e, ERROR_CONFIG,
		    "a thin jail needs a release");
	*tree = (struct tree){ .kind = TREE_BASE };
	strings_add(&tree->lower, c->release);
	tree->upper = xasprintf("%s/root", c->path);
	return 0;
}

const struct store store_base = {
	.name = "nullfs",
	.thin = true,
	.probe = base_probe,
	.create = base_create,
	.tree = base_tree,
	.data = "root",
};
