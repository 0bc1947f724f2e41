/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* The real kern_jail.h: jail_get(2), and jail_set(2) through libjail. */
#include <sys/param.h>
#include <sys/jail.h>
#include <sys/sysctl.h>
#include <sys/uio.h>
#include <errno.h>
#include <jail.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/xalloc.h"
#include "engine/freebsd/kern_jail.h"

/* libjail's own words when it has some; errno alone says less. */
static int
jail_error(struct error *e, const char *what)
{
	int saved = errno;

	if (*jail_errmsg == '\0')
		return error_sys(e, "%s", what);
	/* for the kind; the text is the kernel's */
	error_sys(e, "%s", what);
	error_set(e, e->kind, "%s: %s", what, jail_errmsg);
	e->sys_errno = saved;
	return -1;
}

/* Which parameter the kernel does not know is the only thing worth telling. */
static int
import_params(const struct kern_param *params, size_t count,
    struct jailparam *jp, struct error *e)
{
	for (size_t i = 0; i < count; i++) {
		*jail_errmsg = '\0';
		if (jailparam_init(&jp[i], params[i].name) < 0)
			return error_set(e, ERROR_UNSUPPORTED, "%s: this "
			    "kernel does not have it%s%s", params[i].name,
			    *jail_errmsg != '\0' ? "; it says: " : "",
			    jail_errmsg);
		if (jailparam_import(&jp[i], params[i].value) < 0)
			return jail_error(e, params[i].name);
	}
	return 0;
}

static int
set_params(const struct kern_param *params, size_t count, int flags,
    int *jid, struct error *e)
{
	struct jailparam *jp = xcalloc(count, sizeof(*jp));
	int result = import_params(params, count, jp, e);

	if (result == 0) {
		*jail_errmsg = '\0';
		*jid = jailparam_set(jp, (unsigned)count, flags);
		if (*jid < 0)
			result = jail_error(e, "jail_set");
	}
	jailparam_free(jp, (unsigned)count);
	free(jp);
	return result;
}

int
kern_jail_create(const struct kern_param *params, size_t count, int *jid,
    struct error *e)
{
	return set_params(params, count, JAIL_CREATE, jid, e);
}

int
kern_jail_update(const struct kern_param *params, size_t count,
    struct error *e)
{
	int jid;

	return set_params(params, count, JAIL_UPDATE, &jid, e);
}

int
kern_jail_remove(int jid, struct error *e)
{
	if (jail_remove(jid) < 0 && errno != EINVAL && errno != ENOENT)
		return error_sys(e, "remove jail %d", jid);
	return 0;
}

static void
put(struct iovec *iov, size_t *n, const char *name, void *value, size_t size)
{
	union {
		const char *read;
		char *write;
	} key = { name };

	iov[(*n)++] = (struct iovec){ key.write, strlen(name) + 1 };
	iov[(*n)++] = (struct iovec){ value, size };
}

/* key names what to look up by: jid, lastjid or name. */
static int
get_jail(const char *key, void *value, size_t size, int flags,
    struct kern_jail *j, struct error *e)
{
	struct iovec iov[8];
	size_t n = 0;
	int dying = 0;

	put(iov, &n, key, value, size);
	if (strcmp(key, "name") != 0)
		put(iov, &n, "name", j->name, sizeof(j->name));
	put(iov, &n, "path", j->path, sizeof(j->path));
	put(iov, &n, "dying", &dying, sizeof(dying));
	j->jid = jail_get(iov, (unsigned)n, flags);
	if (j->jid < 0 && errno == ENOENT)
		return 0;
	if (j->jid < 0)
		return error_sys(e, "jail_get");
	j->dying = dying != 0;
	return 1;
}

int
kern_jail_by_id(int jid, bool dying, struct kern_jail *j, struct error *e)
{
	if (jid <= 0)
		return 0;
	return get_jail("jid", &jid, sizeof(jid), dying ? JAIL_DYING : 0, j,
	    e);
}

int
kern_jail_by_name(const char *name, struct kern_jail *j, struct error *e)
{
	snprintf(j->name, sizeof(j->name), "%s", name);
	return get_jail("name", j->name, strlen(j->name) + 1, 0, j, e);
}

int
kern_jail_all(struct kern_jails *jails, struct error *e)
{
	struct kern_jail j;
	int last = 0, found;

	while ((found = get_jail("lastjid", &last, sizeof(last), 0, &j,
	    e)) > 0) {
		last = j.jid;
		VEC_PUSH(jails, j);
	}
	return found;
}

bool
kern_jail_knows(const char *param)
{
	struct jailparam jp;

	if (jailparam_init(&jp, param) < 0)
		return false;
	jailparam_free(&jp, 1);
	return true;
}

int
kern_jail_text(int jid, const char *param, char *text, size_t size,
    struct error *e)
{
	struct iovec iov[4];
	size_t n = 0;

	*text = '\0';
	put(iov, &n, "jid", &jid, sizeof(jid));
	put(iov, &n, param, text, size);
	if (jail_get(iov, (unsigned)n, 0) < 0 && errno != ENOENT)
		return error_sys(e, "%s of jail %d", param, jid);
	return 0;
}

void
kern_boot_id(char *text, size_t size)
{
	unsigned char id[16];
	size_t len = sizeof(id), at = 0;

	snprintf(text, size, "0");
	if (sysctlbyname("kern.boot_id", id, &len, NULL, 0) < 0)
		return;
	for (size_t i = 0; i < len && at + 2 < size; i++)
		at += (size_t)snprintf(text + at, size - at, "%02x", id[i]);
}
