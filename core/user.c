/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/num.h"
#include "base/path.h"
#include "core/user.h"

enum { PASSWD_MAX = 4 << 20, FIELDS = 7, ID_MAX = 65535 };

void
user_fini(struct user *u)
{
	VEC_FINI(&u->groups);
	free(u->name);
	free(u->home);
	free(u->shell);
	*u = (struct user)USER_INIT;
}

/*
 * Cut the next line of *rest into fields at ':'; the line is changed.
 * Returns how many there are, 0 at the end.
 */
static size_t
next_line(char **rest, char *fields[FIELDS])
{
	size_t n = 0;
	char *line = *rest, *end;

	if (*line == '\0')
		return 0;
	end = line + strcspn(line, "\n");
	*rest = *end == '\n' ? end + 1 : end;
	*end = '\0';
	while (n < FIELDS) {
		fields[n++] = line;
		line += strcspn(line, ":");
		if (*line == '\0')
			break;
		*line++ = '\0';
	}
	return n;
}

static bool
parse_id(const char *text, uint32_t *id)
{
	struct error ignored = ERROR_INIT;
	uint64_t v;

	if (parse_uint(text, 0, ID_MAX, &v, &ignored) < 0)
		return false;
	*id = (uint32_t)v;
	return true;
}

static int
read_table(int rootfd, const char *path, struct buf *text, struct error *e)
{
	if (path_read(rootfd, path, PASSWD_MAX, text, e) < 0) {
		if (e->kind != ERROR_NOT_FOUND)
			return error_wrap(e, "the jail's %s", path);
		error_clear(e);
	}
	/* a NUL would hide what follows it */
	for (size_t i = 0; i < text->len; i++)
		if (text->data[i] == '\0')
			text->data[i] = ' ';
	return 0;
}

/* By name, or by id when by_id is set; false when there is none. */
static bool
find_passwd(char *text, const char *name, bool by_id, struct user *u)
{
	char *fields[FIELDS];
	size_t n;

	while ((n = next_line(&text, fields)) > 0) {
		uint32_t uid, gid;

		if (n < FIELDS || !parse_id(fields[2], &uid) ||
		    !parse_id(fields[3], &gid))
			continue;
		if (by_id ? uid != u->uid : strcmp(fields[0], name) != 0)
			continue;
		u->uid = uid;
		u->gid = gid;
		free(u->name);
		u->name = xstrdup(fields[0]);
		if (fields[5][0] == '/') {
			free(u->home);
			u->home = xstrdup(fields[5]);
		}
		if (fields[6][0] == '/') {
			free(u->shell);
			u->shell = xstrdup(fields[6]);
		}
		return true;
	}
	return false;
}

static bool
names_member(char *members, const char *name)
{
	char *rest = members;

	while (rest != NULL && *rest != '\0') {
		char *member = rest;

		rest = strchr(member, ',');
		if (rest != NULL)
			*rest++ = '\0';
		if (strcmp(member, name) == 0)
			return true;
	}
	return false;
}

static bool
find_group(char *text, const char *name, uint32_t *gid)
{
	char *fields[FIELDS];
	size_t n;

	while ((n = next_line(&text, fields)) > 0)
		if (n >= 3 && strcmp(fields[0], name) == 0 &&
		    parse_id(fields[2], gid))
			return true;
	return false;
}

static void
add_groups(char *text, struct user *u)
{
	char *fields[FIELDS];
	uint32_t gid;
	size_t n;

	VEC_PUSH(&u->groups, u->gid);
	while ((n = next_line(&text, fields)) > 0)
		if (n >= 4 && *u->name != '\0' && parse_id(fields[2], &gid) &&
		    gid != u->gid && u->groups.count < 1024 &&
		    names_member(fields[3], u->name))
			VEC_PUSH(&u->groups, gid);
}

int
user_find(int rootfd, const char *spec, struct user *u, struct error *e)
{
	const char *colon = spec != NULL ? strchr(spec, ':') : NULL;
	AUTO_FREE char *name = spec == NULL ? xstrdup("0") :
	    xstrndup(spec, colon != NULL ? (size_t)(colon - spec) :
	    strlen(spec));
	AUTO_BUF struct buf passwd = BUF_INIT, group = BUF_INIT;
	bool by_id;

	*u = (struct user)USER_INIT;
	u->name = xstrdup("");
	u->home = xstrdup("/");
	u->shell = xstrdup("/bin/sh");
	by_id = parse_id(name, &u->uid);
	/* a number needs no table: a jail cannot keep its host's root out */
	if (read_table(rootfd, "/etc/passwd", &passwd, e) < 0 ||
	    read_table(rootfd, "/etc/group", &group, e) < 0) {
		if (!by_id)
			return -1;
		error_clear(e);
		buf_clear(&passwd);
		buf_clear(&group);
	}
	AUTO_FREE char *again = xstrdup(buf_text(&group));
	if (by_id)
		u->gid = u->uid == 0 ? 0 : u->uid;
	if (!find_passwd(buf_reserve(&passwd, 0) - passwd.len, name, by_id,
	    u)) {
		if (!by_id && strcmp(name, "root") != 0)
			return error_set(e, ERROR_NOT_FOUND,
			    "no user '%s' in the jail", name);
		if (u->uid == 0) {
			free(u->name);
			u->name = xstrdup("root");
			free(u->home);
			u->home = xstrdup("/root");
		}
	}
	if (colon != NULL && !parse_id(colon + 1, &u->gid) &&
	    !find_group(again, colon + 1, &u->gid))
		return error_set(e, ERROR_NOT_FOUND,
		    "no group '%s' in the jail", colon + 1);
	add_groups(buf_reserve(&group, 0) - group.len, u);
	return 0;
}
