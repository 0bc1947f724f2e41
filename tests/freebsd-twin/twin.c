/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "engine/freebsd/kern_jail.h"
#include "engine/freebsd/kern_mount.h"
#include "engine/freebsd/kern_process.h"
#include "tests/freebsd-twin/record.h"
#include "tests/freebsd-twin/twin.h"

enum { PIDS_BEGIN = 1000, JAIL_MAX = 16, MOUNT_MAX = 64 };

static struct jail {
	struct kern_jail k;
	char meta[64];
	int processes;
	int dying;		/* asked so often, it is gone */
} jails[JAIL_MAX];
static struct kern_mount mounts[MOUNT_MAX];
static size_t jail_count, mount_count;
static int last_jid;
static uint64_t last_id;
static struct buf calls = BUF_INIT;
struct twin twin;

static int call(const char *name, struct error *e);

void
twin_reset(void)
{
	jail_count = mount_count = 0;
	last_jid = 0;
	last_id = 0;
	twin = (struct twin){ .boot = "00112233445566778899aabbccddeeff" };
	buf_fini(&calls);
	twin_reset_net();
	twin_reset_host();
}

const char *
twin_calls(void)
{
	return buf_text(&calls);
}

void
twin_forget_calls(void)
{
	buf_clear(&calls);
}

int
twin_jails(void)
{
	return (int)jail_count;
}

int
twin_mounts(void)
{
	return (int)mount_count;
}

void
twin_say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&calls, fmt, ap);
	va_end(ap);
}

int
twin_call(const char *name, struct error *e)
{
	return call(name, e);
}

static int
call(const char *name, struct error *e)
{
	if (twin.fail == NULL || strcmp(twin.fail, name) != 0 ||
	    twin.fail_after-- > 0)
		return 0;
	buf_printf(&calls, "%s fails\n", name);
	errno = twin.fail_errno;
	return error_sys(e, "%s", name);
}

static struct jail *
add_jail(const char *name, const char *path)
{
	struct jail *j = &jails[jail_count++];

	memset(j, 0, sizeof(*j));
	j->k.jid = ++last_jid;
	snprintf(j->k.name, sizeof(j->k.name), "%s", name);
	snprintf(j->k.path, sizeof(j->k.path), "%s", path);
	j->processes = twin.processes;
	return j;
}

int
twin_foreign(const char *name, const char *path)
{
	return add_jail(name, path)->k.jid;
}

static struct jail *
find(int jid, const char *name)
{
	for (size_t i = 0; i < jail_count; i++)
		if (name != NULL ? strcmp(jails[i].k.name, name) == 0 &&
		    !jails[i].k.dying : jails[i].k.jid == jid)
			return &jails[i];
	return NULL;
}

static const char *
value_of(const struct kern_param *params, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(params[i].name, name) == 0)
			return params[i].value;
	return NULL;
}

static void
tell_params(const struct kern_param *params, size_t count)
{
	for (size_t i = 0; i < count; i++)
		/* it differs each time */
		buf_printf(&calls, " %s=%s", params[i].name,
		    strcmp(params[i].name, "meta.gaol") == 0 ? "MARK" :
		    params[i].value);
	buf_putc(&calls, '\n');
}

int
kern_jail_create(const struct kern_param *params, size_t count, int *jid,
    struct error *e)
{
	const char *name = value_of(params, count, "name");
	const char *mark = value_of(params, count, "meta.gaol");
	struct jail *j;

	buf_puts(&calls, "jail_set create");
	tell_params(params, count);
	if (call("jail_set", e) < 0)
		return -1;
	if (find(0, name) != NULL) {
		errno = EEXIST;
		return error_sys(e, "jail_set");
	}
	j = add_jail(name, value_of(params, count, "path"));
	if (mark != NULL)
		snprintf(j->meta, sizeof(j->meta), "%s", mark);
	*jid = j->k.jid;
	return 0;
}

int
kern_jail_update(const struct kern_param *params, size_t count,
    struct error *e)
{
	buf_puts(&calls, "jail_set update");
	tell_params(params, count);
	return call("jail_update", e);
}

static void
drop(struct jail *j)
{
	size_t i = (size_t)(j - jails);

	twin_vnet_gone(j->k.jid);
	memmove(j, j + 1, (--jail_count - i) * sizeof(*j));
}

int
kern_jail_remove(int jid, struct error *e)
{
	struct jail *j = find(jid, NULL);

	buf_printf(&calls, "jail_remove %d\n", jid);
	if (call("jail_remove", e) < 0)
		return -1;
	if (j != NULL && twin.dying && !j->k.dying) {
		j->k.dying = true;
		j->dying = 3;
		j->processes = 0;
	} else if (j != NULL) {
		drop(j);
	}
	return 0;
}

int
kern_jail_by_id(int jid, bool dying, struct kern_jail *k, struct error *e)
{
	struct jail *j = find(jid, NULL);

	if (j != NULL && j->k.dying && --j->dying == 0) {
		drop(j);
		j = NULL;
	}
	if (j == NULL || (j->k.dying && !dying))
		return 0;
	*k = j->k;
	return 1;
}

int
kern_jail_by_name(const char *name, struct kern_jail *k, struct error *e)
{
	const struct jail *j = find(0, name);

	if (j == NULL)
		return 0;
	*k = j->k;
	return 1;
}

int
kern_jail_all(struct kern_jails *all, struct error *e)
{
	for (size_t i = 0; i < jail_count; i++)
		VEC_PUSH(all, jails[i].k);
	return 0;
}

bool
kern_jail_knows(const char *param)
{
	if (strcmp(param, "meta") == 0)
		return !twin.no_meta;
	return twin.unknown == NULL || strcmp(param, twin.unknown) != 0;
}

int
kern_jail_text(int jid, const char *param, char *text, size_t size,
    struct error *e)
{
	const struct jail *j = find(jid, NULL);

	snprintf(text, size, "%s", j == NULL ? "" :
	    strcmp(param, "host.hostname") == 0 ? j->k.name : j->meta);
	return 0;
}

void
kern_boot_id(char *text, size_t size)
{
	snprintf(text, size, "%s", twin.boot);
}

int
kern_mount(int dir, const char *file, const char *path,
    const struct kern_option *options, size_t count, uint64_t *id,
    struct error *e)
{
	struct kern_mount *m = &mounts[mount_count];

	buf_printf(&calls, "nmount %s", path);
	for (size_t i = 0; i < count; i++)
		buf_printf(&calls, " %s%s%s", options[i].name,
		    options[i].value != NULL ? "=" : "",
		    options[i].value != NULL ? options[i].value : "");
	buf_putc(&calls, '\n');
	if (call("nmount", e) < 0)
		return -1;
	m->id = *id = ++last_id;
	snprintf(m->type, sizeof(m->type), "%s", options[0].value);
	snprintf(m->on, sizeof(m->on), "%s", path);
	mount_count++;
	return 0;
}

int
kern_unmount(uint64_t id, bool force, struct error *e)
{
	buf_printf(&calls, "unmount %" PRIu64 "%s\n", id,
	    force ? " force" : "");
	if (call("unmount", e) < 0)
		return -1;
	if (twin.busy > 0) {
		twin.busy--;
		errno = EBUSY;
		return error_sys(e, "unmount");
	}
	for (size_t i = 0; i < mount_count; i++)
		if (mounts[i].id == id) {
			memmove(&mounts[i], &mounts[i + 1],
			    (--mount_count - i) * sizeof(*mounts));
			break;
		}
	return 0;
}

int
kern_mount_all(struct kern_mounts *all, struct error *e)
{
	for (size_t i = 0; i < mount_count; i++)
		VEC_PUSH(all, mounts[i]);
	return 0;
}

int
kern_path(int fd, char *path, size_t size, struct error *e)
{
	AUTO_FREE char *link = xasprintf("/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, size - 1);

	if (n < 0)
		return error_sys(e, "%s", link);
	path[n] = '\0';
	return 0;
}

int
kern_process_start(const struct kern_start *s, struct kern_process *p,
    struct error *e)
{
	int ends[2];

	buf_printf(&calls, "pdfork jail_attach %d uid %u exec", s->jid,
	    (unsigned)s->command->uid);
	for (char *const *a = s->command->argv; *a != NULL; a++)
		buf_printf(&calls, " %s", *a);
	buf_putc(&calls, '\n');
	if (call("exec", e) < 0)
		return -1;
	/* the other end closed: POLLHUP, as after the end of a process */
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_sys(e, "pipe");
	close(ends[1]);
	*p = (struct kern_process){ PIDS_BEGIN, ends[0], -1 };
	return 0;
}

void
kern_process_signal(const struct kern_process *p, int signo)
{
	buf_printf(&calls, "pdkill %d\n", signo);
}

int
kern_process_wait(struct kern_process *p, int *status, struct error *e)
{
	close_fd(&p->fd);
	*status = twin.status;
	return 0;
}

int
kern_process_list(int jid, struct kern_pids *pids, struct error *e)
{
	const struct jail *j = find(jid, NULL);

	for (int i = 0; j != NULL && i < j->processes; i++)
		VEC_PUSH(pids, (pid_t)(jid * PIDS_BEGIN + i));
	return 0;
}

int
kern_process_details(int jid, struct engine_processes *list, struct error *e)
{
	struct kern_pids pids = VEC_INIT;
	int result = kern_process_list(jid, &pids, e);

	for (size_t i = 0; i < pids.count; i++) {
		struct engine_process p = { .pid = pids.items[i],
		    .state = 'S', .command = xstrdup("sh /etc/rc") };

		VEC_PUSH(list, p);
	}
	VEC_FINI(&pids);
	return result;
}

int
kern_process_within(int jid, int (*work)(int root, void *arg,
    struct error *e), void *arg, unsigned timeout_ms, struct error *e)
{
	AUTO_CLOSE int root = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	buf_printf(&calls, "within %d\n", jid);
	return root < 0 ? error_sys(e, ".") : work(root, arg, e);
}

void
kern_process_signal_all(const struct kern_pids *pids, int signo)
{
	struct jail *j;

	buf_puts(&calls, "kill");
	for (size_t i = 0; i < pids->count; i++)
		buf_printf(&calls, " %d", (int)pids->items[i]);
	buf_printf(&calls, " signal %d\n", signo);
	if (twin.stubborn || pids->count == 0)
		return;
	j = find((int)pids->items[0] / PIDS_BEGIN, NULL);
	if (j != NULL)
		j->processes = 0;
}

bool
kern_process_wait_all(const struct kern_pids *pids, unsigned timeout_ms)
{
	const struct jail *j = pids->count == 0 ? NULL :
	    find((int)pids->items[0] / PIDS_BEGIN, NULL);

	buf_printf(&calls, "wait for %zu\n", pids->count);
	return j == NULL || j->processes == 0;
}

void
kern_sleep(unsigned ms)
{
}
