/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * From a task's configuration to a jail that runs it.  All of this is done by a
 * child of the plugin, which becomes the task's keeper.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "core/life.h"
#include "core/mount.h"
#include "core/net_state.h"
#include "core/store.h"
#include "nomad/jail.h"
#include "nomad/keep.h"

struct jail {
	const struct jail_order *order;
	struct host host;
	int out;
	struct jail_source source;
	struct jail_net net;
	struct strings assign;	/* PROP=VALUE */
	struct strings argv, env;
	int dir;		/* run/nomad/JAIL */
	int control;
	int read_ends[2], write_ends[2];
	int lock;
	bool created;
	struct engine_left left;
};

static void
say(const char *text)
{
	nomad_log(NOMAD_INFO, NULL, NULL, "%s", text);
}

static void __attribute__((format(printf, 2, 3)))
assign(struct jail *j, const char *fmt, ...)
{
	AUTO_BUF struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	strings_take(&j->assign, buf_steal(&text));
}

/* "NAME+=VALUE" of each. */
static void
assign_all(struct jail *j, const char *name, const struct strings *values)
{
	for (size_t i = 0; i < values->count; i++)
		assign(j, "%s+=%s", name, values->items[i]);
}

/* --- what its cell.conf says --- */

/* Of the jail whose files it gets: what its programs need. */
static bool
is_inherited(const char *name)
{
	static const char *const whole[] = { "exec.jail_user", "exec.timeout",
		"env", "enforce_statfs", "securelevel", "children.max",
		"mount.devfs", "mount.fdescfs", "mount.procfs", "sysvmsg",
		"sysvsem", "sysvshm", "devfs_ruleset", "osrelease",
		"osreldate" };

	if (strncmp(name, "allow.", 6) == 0)
		return true;
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		if (strcmp(name, whole[i]) == 0)
			return true;
	return false;
}

static int
inherit(struct jail *j, struct error *e)
{
	AUTO_CELL struct cell base = CELL_INIT;
	const struct task_fields *f = &j->order->fields;
	AUTO_STRINGS struct strings start = VEC_INIT;

	if (j->source.base == NULL)
		return 0;
	if (cell_load(&j->host, j->source.base, &base, e) < 0)
		return -1;
	for (size_t i = 0; i < base.values.count; i++) {
		const struct cell_value *v = &base.values.items[i];

		if (!is_inherited(v->name))
			continue;
		for (size_t k = 0; k < v->values.count; k++)
			assign(j, "%s%s=%s", v->name,
			    (v->prop->flags & PROP_LIST) ? "+" : "",
			    v->values.items[k]);
	}
	cell_values(&base, "exec.start", &start);
	if (f->init)
		for (size_t i = 0; i < start.count; i++)
			assign(j, "exec.start+=%s", start.items[i]);
	if (f->command != NULL)
		return 0;
	if (start.count == 0 || f->init)
		return error_set(e, ERROR_CONFIG, "command: the image does "
		    "not say what is to be run");
	/* its last command is what it is there for, as with pot */
	strings_add(&j->argv, "/bin/sh");
	strings_add(&j->argv, "-c");
	strings_add(&j->argv, start.items[start.count - 1]);
	return 0;
}

/* pot's attributes, as jail(8) and gaol have them. */
static int
take_attribute(struct jail *j, const char *text, struct error *e)
{
	static const struct { const char *name, *prop; } same[] = {
		{ "enforce_statfs", "enforce_statfs" },
		{ "mount", "allow.mount" },
		{ "linprocfs", "allow.mount.linprocfs" },
		{ "nullfs", "allow.mount.nullfs" },
		{ "tmpfs", "allow.mount.tmpfs" },
		{ "zfs", "allow.mount.zfs" },
		{ "fdescfs", "mount.fdescfs" },
		{ "procfs", "mount.procfs" },
		{ "raw_sockets", "allow.raw_sockets" },
		{ "sysvshm", "sysvshm" }, { "sysvsem", "sysvsem" },
		{ "sysvmsg", "sysvmsg" }, { "children", "children.max" },
		{ "mlock", "allow.mlock" },
		{ "devfs_ruleset", "devfs_ruleset" },
	};
	/* what pot itself goes by and a task's jail always is, or never */
	static const char *const moot[] = { "persistent", "prunable",
		"no-rc-script", "localhost-tunnel", "no-tmpfs",
		"no-etc-hosts", "start-at-boot", "early-start-at-boot" };
	size_t len = strcspn(text, ":");

	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		if (strlen(same[i].name) == len &&
		    strncmp(same[i].name, text, len) == 0) {
			assign(j, "%s=%s", same[i].prop, text + len + 1);
			return 0;
		}
	for (size_t i = 0; i < sizeof(moot) / sizeof(moot[0]); i++)
		if (strlen(moot[i]) == len &&
		    strncmp(moot[i], text, len) == 0)
			return error_set(e, ERROR_CONFIG, "attributes: %s "
			    "means nothing for the jail of a task; leave it "
			    "out", moot[i]);
	if (len == 9 && strncmp(text, "exec_stop", len) == 0)
		return error_set(e, ERROR_CONFIG, "attributes: exec_stop is "
		    "not needed: kill_signal and kill_timeout of the task end "
		    "it gracefully");
	if (len == 12 && strncmp(text, "stop_timeout", len) == 0)
		return error_set(e, ERROR_CONFIG, "attributes: kill_timeout "
		    "of the task takes the place of stop_timeout");
	return error_set(e, ERROR_CONFIG, "attributes: pot has no attribute "
	    "'%.*s'", (int)len, text);
}

static void
add_mount(struct jail *j, const char *source, const char *target,
    const char *options)
{
	char type[] = "nullfs";
	AUTO_FREE char *from = xstrdup(source);
	AUTO_FREE char *to = xstrdup(target);
	AUTO_FREE char *words = xstrdup(options);
	const struct engine_mount m = { .source = from, .target = to,
		.type = type, .options = words };
	AUTO_BUF struct buf line = BUF_INIT;

	mount_format(&m, &line);
	assign(j, "mount+=%s", buf_text(&line));
}

/* "HOST:JAIL": the last colon parts them. */
static void
add_pairs(struct jail *j, const struct strings *pairs, const char *options)
{
	for (size_t i = 0; i < pairs->count; i++) {
		const char *colon = strrchr(pairs->items[i], ':');
		AUTO_FREE char *from = xstrndup(pairs->items[i],
		    (size_t)(colon - pairs->items[i]));

		add_mount(j, from, colon + 1, options);
	}
}

/* volume_mount of the task, and what CSI brings. */
static int
add_volumes(struct jail *j, const struct msg_task_config *t, struct error *e)
{
	for (size_t i = 0; i < t->mounts.count; i++) {
		const struct msg_task_mount *m =
		    ((struct msg_task_mount **)t->mounts.items)[i];

		if (m->host_path == NULL || m->task_path == NULL ||
		    *m->host_path != '/' || *m->task_path != '/')
			return error_set(e, ERROR_CONFIG, "volume_mount: its "
			    "paths have to begin with /");
		if (m->propagation != NULL && *m->propagation != '\0' &&
		    strcmp(m->propagation, "private") != 0)
			return error_set(e, ERROR_CONFIG, "volume_mount: "
			    "propagation_mode \"%.40s\" is not possible: the "
			    "mounts of a jail are its own; \"private\" is",
			    m->propagation);
		add_mount(j, m->host_path, m->task_path,
		    m->readonly ? "ro" : "rw");
	}
	return 0;
}

static int
add_device(struct jail *j, const char *host, const char *inside,
    bool readonly, struct error *e)
{
	if (strncmp(host, "/dev/", 5) != 0 || strstr(host, "/..") != NULL)
		return error_set(e, ERROR_CONFIG, "devices: '%.100s' does not "
		    "lie in /dev", host);
	if ((engine_native->system & SYSTEM_LINUX) == 0) {
		if (strcmp(host, inside) != 0)
			return error_set(e, ERROR_CONFIG, "devices: '%.100s' "
			    "cannot have another name here", host);
		assign(j, "device+=%s", host + 5);
		return 0;
	}
	if (!file_exists(AT_FDCWD, host))
		return error_set(e, ERROR_CONFIG, "devices: the host has no "
		    "%.100s", host);
	add_mount(j, host, inside, readonly ? "ro" : "rw");
	return 0;
}

static int
add_devices(struct jail *j, const struct msg_task_config *t, struct error *e)
{
	const struct strings *own = &j->order->fields.devices;

	for (size_t i = 0; i < own->count; i++)
		if (add_device(j, own->items[i], own->items[i], false, e) < 0)
			return -1;
	for (size_t i = 0; i < t->devices.count; i++) {
		const struct msg_task_device *d =
		    ((struct msg_task_device **)t->devices.items)[i];
		const char *host = d->host_path != NULL ? d->host_path : "";

		if (add_device(j, host, d->task_path != NULL &&
		    *d->task_path != '\0' ? d->task_path : host,
		    d->permissions != NULL && *d->permissions != '\0' &&
		    strchr(d->permissions, 'w') == NULL, e) < 0)
			return -1;
	}
	return 0;
}

/* What Nomad shares with the task: it knows them by these names. */
static void
add_directories(struct jail *j, const struct msg_task_config *t)
{
	static const char *const names[] = { "local", "secrets" };
	AUTO_FREE char *shared = NULL;

	if (t->alloc_dir == NULL || *t->alloc_dir != '/')
		return;
	shared = xasprintf("%s/alloc", t->alloc_dir);
	add_mount(j, shared, "/alloc", "rw");
	for (size_t i = 0; i < 2; i++) {
		AUTO_FREE char *from = xasprintf("%s/%s/%s", t->alloc_dir,
		    t->name, names[i]);
		AUTO_FREE char *to = xasprintf("/%s", names[i]);

		add_mount(j, from, to, "rw");
	}
}

static void
add_limits(struct jail *j, const struct msg_resources *r)
{
	const struct strings *own = &j->order->fields.limit;
	const struct msg_linux_resources *s = r != NULL ? r->system : NULL;
	const struct msg_alloc_memory *m = r != NULL &&
	    r->allocated != NULL ? r->allocated->memory : NULL;
	int64_t memory = s != NULL ? s->memory_limit : 0;

	/* elsewhere than on Linux the agent tells megabytes alone */
	if (memory <= 0 && m != NULL)
		memory = (m->memory_max_mb > 0 ? m->memory_max_mb :
		    m->memory_mb) << 20;
	if (memory >= 1 << 20 && config_map_get(own, "memory") == NULL)
		assign(j, "limit.memory=%" PRId64, memory);
	if (s != NULL && s->cpuset_cpus != NULL && *s->cpuset_cpus != '\0' &&
	    config_map_get(own, "cpuset") == NULL)
		assign(j, "limit.cpuset=%s", s->cpuset_cpus);
	for (size_t i = 0; i < own->count; i++)
		assign(j, "limit.%s", own->items[i]);
}

/* Files of its own over /etc/hosts and /etc/resolv.conf. */
static int
add_names(struct jail *j, const struct msg_task_config *t, struct error *e)
{
	AUTO_BUF struct buf hosts = BUF_INIT;
	AUTO_BUF struct buf resolver = BUF_INIT;
	const struct buf *texts[] = { &hosts, &resolver };
	static const char *const names[] = { "hosts", "resolv.conf" };
	int result = jail_net_files(t, &j->order->fields, j->order->jail,
	    &hosts, &resolver, e);

	if (result == 0 && hosts.len > 0)
		assign(j, "names=off");
	for (size_t i = 0; i < 2; i++) {
		AUTO_FREE char *from = xasprintf("%s/" NOMAD_DIR "/%s/%s",
		    j->host.run, j->order->jail, names[i]);
		AUTO_FREE char *to = xasprintf("/etc/%s", names[i]);

		if (result == 0 && texts[i]->len > 0) {
			result = file_replace(j->dir, names[i], texts[i]->data,
			    texts[i]->len, 0644, FILE_VOLATILE, e);
			add_mount(j, from, to, "ro");
		}
	}
	return result;
}

static int
plan_cell(struct jail *j, struct error *e)
{
	const struct msg_task_config *t = j->order->task;
	const struct task_fields *f = &j->order->fields;

	assign(j, "tag=" NOMAD_TAG);
	if (j->source.note != NULL)
		assign(j, "note=%s", j->source.note);
	if (inherit(j, e) < 0 || jail_net_plan(t, f, &j->net, e) < 0)
		return -1;
	for (size_t i = 0; i < f->attributes.count; i++)
		if (take_attribute(j, f->attributes.items[i], e) < 0)
			return -1;
	assign_all(j, "net", &j->net.net);
	assign_all(j, "publish", &j->net.publish);
	add_limits(j, t->resources);
	add_directories(j, t);
	add_pairs(j, &f->mount, "rw");
	add_pairs(j, &f->mount_read_only, "ro");
	if (add_volumes(j, t, e) < 0 || add_devices(j, t, e) < 0 ||
	    add_names(j, t, e) < 0)
		return -1;
	for (size_t i = 0; i < f->properties.count; i++)
		assign(j, "%s", f->properties.items[i]);
	return 0;
}

/* --- what it runs --- */

static void
plan_command(struct jail *j)
{
	const struct task_fields *f = &j->order->fields;
	AUTO_BUF struct buf line = BUF_INIT;

	plugin_env(&j->order->task->env, &j->env);
	plugin_env(&j->order->task->device_env, &j->env);
	if (f->command == NULL)
		return;
	if (f->pot == NULL) {
		strings_add(&j->argv, f->command);
		for (size_t i = 0; i < f->args.count; i++)
			strings_add(&j->argv, f->args.items[i]);
		return;
	}
	/* pot has a shell of the jail read it all: jobs quote for that */
	buf_puts(&line, f->command);
	for (size_t i = 0; i < f->args.count; i++)
		buf_printf(&line, " %s", f->args.items[i]);
	strings_add(&j->argv, "/bin/sh");
	strings_add(&j->argv, "-c");
	if (strpbrk(buf_text(&line), ";&|<>()\n") == NULL)
		/* so that signals reach the program itself */
		strings_take(&j->argv, xasprintf("exec %s", buf_text(&line)));
	else
		strings_add(&j->argv, buf_text(&line));
}

/* --- its output --- */

/*
 * The directory of a FIFO, which lies where tasks may write: nothing on the way
 * from the allocation's own directory may be a link.
 */
static int
open_log_dir(const char *alloc_dir, const char *path, struct error *e)
{
	size_t len = alloc_dir != NULL ? strlen(alloc_dir) : 0;
	const char *rest = path;
	AUTO_CLOSE int dir = -1;

	if (len > 1 && strncmp(path, alloc_dir, len) == 0 && path[len] == '/')
		rest = path + len + 1;
	else
		alloc_dir = "/";
	dir = open(alloc_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (dir >= 0 && (rest += strspn(rest, "/"), strchr(rest, '/')) !=
	    NULL) {
		AUTO_FREE char *name = xstrndup(rest, strcspn(rest, "/"));
		int next = openat(dir, name, O_RDONLY | O_DIRECTORY |
		    O_NOFOLLOW | O_CLOEXEC);

		close(dir);
		dir = next;
		rest += strlen(name);
	}
	if (dir < 0)
		return error_sys(e, "the directory of %s", path);
	return steal_fd(&dir);
}

static bool
same_fifo(int a, int b)
{
	struct stat sa, sb;

	return fstat(a, &sa) == 0 && fstat(b, &sb) == 0 &&
	    S_ISFIFO(sa.st_mode) && S_ISFIFO(sb.st_mode) &&
	    sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

static int
open_log(struct jail *j, const char *path, size_t i, struct error *e)
{
	AUTO_CLOSE int dir = -1;
	const char *name;

	if (path == NULL || strcmp(path, "/dev/null") == 0) {
		j->read_ends[i] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		j->write_ends[i] = open("/dev/null", O_WRONLY | O_CLOEXEC);
		return j->read_ends[i] < 0 || j->write_ends[i] < 0 ?
		    error_sys(e, "/dev/null") : 0;
	}
	if (*path != '/')
		return error_set(e, ERROR_DATA, "'%.100s' is no path", path);
	dir = open_log_dir(j->order->task->alloc_dir, path, e);
	if (dir < 0)
		return -1;
	name = strrchr(path, '/') + 1;
	/* with a reader of our own the other end opens at once */
	j->read_ends[i] = openat(dir, name, O_RDONLY | O_NONBLOCK |
	    O_NOFOLLOW | O_CLOEXEC | O_NOCTTY);
	if (j->read_ends[i] >= 0)
		j->write_ends[i] = openat(dir, name, O_WRONLY | O_NONBLOCK |
		    O_NOFOLLOW | O_CLOEXEC | O_NOCTTY);
	if (j->read_ends[i] < 0 || j->write_ends[i] < 0)
		return error_sys(e, "%s", path);
	if (!same_fifo(j->read_ends[i], j->write_ends[i]))
		return error_set(e, ERROR_DENIED, "%s is no FIFO", path);
	fcntl(j->write_ends[i], F_SETFL, 0);
	return 0;
}

static int
take_streams(struct jail *j, struct error *e)
{
	AUTO_CLOSE int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	/* what is logged from here on is not for the task's own log */
	AUTO_CLOSE int log = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);

	nomad_log_to(log);
	if (null < 0 || log < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(j->write_ends[0], STDOUT_FILENO) < 0 ||
	    dup2(j->write_ends[1], STDERR_FILENO) < 0)
		return error_sys(e, "standard streams");
	steal_fd(&log);
	return 0;
}

/* --- files --- */

static int
make_dir(struct jail *j, struct error *e)
{
	AUTO_FREE char *path = xasprintf(NOMAD_DIR "/%s", j->order->jail);

	/* of a task that is to begin: whatever is there is of an earlier try */
	if (path_remove_tree(j->host.run_fd, path, e) < 0 ||
	    file_mkdirs(j->host.run_fd, path, 0700, e) < 0)
		return -1;
	j->dir = file_opendir(j->host.run_fd, path, e);
	if (j->dir < 0)
		return -1;
	if (mkfifoat(j->dir, "control", 0600) < 0)
		return error_sys(e, "%s/control", path);
	j->control = openat(j->dir, "control", O_RDWR | O_NONBLOCK |
	    O_CLOEXEC);
	return j->control < 0 ? error_sys(e, "%s/control", path) : 0;
}

/* One file, or a tree of them. */
static int
copy_one(int root, const char *from, const char *to, struct error *e)
{
	AUTO_CLOSE int source = open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	AUTO_FREE char *dir = xstrndup(to, (size_t)(strrchr(to, '/') - to));
	AUTO_CLOSE int parent = -1;
	AUTO_CLOSE int target = -1;
	struct stat st;

	if (source < 0 || fstat(source, &st) < 0)
		return error_sys(e, "copy: %s", from);
	if (S_ISDIR(st.st_mode)) {
		target = path_mkdirs(root, to, 0755, e);
		return target < 0 || path_copy_tree(source, target, e) < 0 ?
		    error_wrap(e, "copy: %s", from) : 0;
	}
	if (!S_ISREG(st.st_mode))
		return error_set(e, ERROR_DATA, "copy: %s is neither a file "
		    "nor a directory", from);
	parent = path_mkdirs(root, *dir != '\0' ? dir : "/", 0755, e);
	if (parent >= 0)
		target = path_open(root, to, O_WRONLY | O_CREAT | O_TRUNC,
		    st.st_mode & 0777, e);
	if (target < 0)
		return error_wrap(e, "copy: %s", to);
	if (path_copy_data(source, target) < 0)
		return error_sys(e, "copy: %s", to);
	return fchmod(target, st.st_mode & 0777) < 0 ?
	    error_sys(e, "copy: %s", to) : 0;
}

static int
copy_files(struct jail *j, struct error *e)
{
	const struct strings *pairs = &j->order->fields.copy;
	AUTO_CELL struct cell c = CELL_INIT;
	AUTO_CELL_STORE struct cell_store s = CELL_STORE_INIT;
	AUTO_CLOSE int root = -1;

	if (pairs->count == 0)
		return 0;
	if (cell_load(&j->host, j->order->jail, &c, e) < 0 ||
	    cell_store_init(&s, &j->host, &c, NULL, e) < 0)
		return -1;
	if (s.store->edit == NULL)
		return error_set(e, ERROR_UNSUPPORTED, "copy: store %s gives "
		    "no way to the files of a jail", s.store->name);
	root = s.store->edit(&s.at, e);
	if (root < 0)
		return -1;
	for (size_t i = 0; i < pairs->count; i++) {
		const char *colon = strrchr(pairs->items[i], ':');
		AUTO_FREE char *from = xstrndup(pairs->items[i],
		    (size_t)(colon - pairs->items[i]));

		if (copy_one(root, from, colon + 1, e) < 0)
			return -1;
	}
	return 0;
}

/* --- steps --- */

static int
create(struct jail *j, struct error *e)
{
	const struct create_options o = { .release = j->source.release,
		.base = j->source.base, .ephemeral = true,
		.assign = j->assign.items, .assign_count = j->assign.count };

	if (life_create_locked(&j->host, j->order->jail, &o, e) < 0)
		return -1;
	j->created = true;
	close_fd(&j->source.hold);
	return copy_files(j, e);
}

/*
 * The group's network: a jail on "the host's" stack is then on that one, and so
 * is whatever joins the jail later.
 */
static int
join_network(const struct jail *j, struct error *e)
{
	if (j->net.netns == NULL)
		return 0;
#ifdef CLONE_NEWNET
	AUTO_CLOSE int fd = open(j->net.netns, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		return error_sys(e, "network: join %s", j->net.netns);
	return 0;
#else
	return error_set(e, ERROR_UNSUPPORTED, "network: this system has no "
	    "network namespaces to join");
#endif
}

static int
start(struct jail *j, struct error *e)
{
	const char *user = j->order->task->user;
	struct run_options o = { .argv = strings_argv(&j->argv),
		.env = &j->env, .left = &j->left };
	int status = 0;

	if (user != NULL && *user != '\0')
		o.user = user;
	if (engine_native->boot_leave == NULL)
		return error_set(e, ERROR_UNSUPPORTED, "the engine '%s' does "
		    "not run tasks", engine_native->name);
	if (join_network(j, e) < 0 || take_streams(j, e) < 0)
		return -1;
	return life_start_locked(&j->host, j->order->jail, &o, &j->lock,
	    &status, e);
}

static void
tell_network(const struct jail *j)
{
	AUTO_NET_STATE struct net_state s = NET_STATE_INIT;
	struct error ignored = ERROR_INIT;
	char text[ADDR_TEXT];

	if (net_state_read(&j->host, j->order->jail, &s, &ignored) < 0)
		return;
	for (size_t i = 0; i < s.ifaces.count; i++)
		if (s.ifaces.items[i].addr_count > 0) {
			job_say(j->out, "address %s %d", addr_text(
			    &s.ifaces.items[i].addrs[0], text),
			    j->net.advertise);
			break;
		}
	for (size_t i = 0; i < j->net.ports.count; i++)
		job_say(j->out, "port %s", j->net.ports.items[i]);
}

static int
order_fds(const struct jail *j)
{
	int from[KEEP_END - KEEP_JAIL] = { j->left.keep, j->left.command,
		j->dir, j->control, j->read_ends[0], j->read_ends[1] };
	size_t count = sizeof(from) / sizeof(from[0]);

	for (size_t i = 0; i < count; i++) {
		from[i] = from[i] >= 0 ? fcntl(from[i], F_DUPFD_CLOEXEC, 64) :
		    open("/dev/null", O_RDWR | O_CLOEXEC);
		if (from[i] < 0)
			return -1;
	}
	for (size_t i = 0; i < count; i++)
		if (dup2(from[i], KEEP_JAIL + (int)i) < 0)
			return -1;
	return 0;
}

/* From here on the jail runs: whatever fails ends it. */
static int
become_keeper(struct jail *j, struct error *e)
{
	static char name[] = "gaol-task";
	AUTO_FREE char *pid = xasprintf("%" PRId64, j->left.pid);
	AUTO_CLOSE int exec = open(j->order->keeper, O_RDONLY |
	    O_CLOEXEC);
	char *const argv[] = { name, pid, NULL };
	char *const envp[] = { NULL };
	int out = fcntl(j->out, F_DUPFD_CLOEXEC, 64);

	if (exec >= 0 && exec < KEEP_END) {
		int high = fcntl(exec, F_DUPFD_CLOEXEC, 64);

		close(exec);
		exec = high;
	}
	if (exec < 0 || out < 0)
		return error_sys(e, "%s", j->order->keeper);
	j->out = out;
	if (order_fds(j) < 0)
		return error_sys(e, "descriptors of the keeper");
	job_say(out, "running");
	fexecve(exec, argv, envp);
	return error_sys(e, "%s", j->order->keeper);
}

static int
start_all(struct jail *j, struct error *e)
{
	const struct msg_task_config *t = j->order->task;

	if (host_open(&j->host, j->order->root, e) < 0)
		return -1;
	j->host.say = say;
	if (make_dir(j, e) < 0 ||
	    image_find(&j->host, &j->order->fields, j->out, &j->source,
	    e) < 0 || plan_cell(j, e) < 0)
		return -1;
	plan_command(j);
	if (open_log(j, t->stdout_path, 0, e) < 0 ||
	    open_log(j, t->stderr_path, 1, e) < 0)
		return -1;
	j->lock = live_lock(&j->host, j->order->jail, "start", e);
	if (j->lock < 0 || create(j, e) < 0 || start(j, e) < 0)
		return -1;
	tell_network(j);
	return become_keeper(j, e);
}

/* Nothing stays of a task that did not start. */
static void
undo(struct jail *j)
{
	AUTO_FREE char *path = xasprintf(NOMAD_DIR "/%s", j->order->jail);
	struct error e = ERROR_INIT;
	struct host h;

	/* descriptors of ours may be the keeper's by now */
	if (host_open(&h, j->order->root, &e) < 0)
		return;
	if (j->left.pid > 0) {
		kill((pid_t)j->left.pid, SIGKILL);
		waitpid((pid_t)j->left.pid, NULL, 0);
	}
	if (j->left.pid <= 0)
		close_fd(&j->lock);
	if (j->created && life_destroy(&h, j->order->jail, true, true,
	    &e) < 0)
		nomad_log(NOMAD_ERROR, "jail", j->order->jail,
		    "a task did not start, and its jail could not be "
		    "destroyed: %s", e.msg);
	else if (path_remove_tree(h.run_fd, path, &e) < 0)
		nomad_log(NOMAD_ERROR, "jail", j->order->jail, "%s", e.msg);
	host_fini(&h);
}

int
jail_start_work(void *arg, int out, struct error *e)
{
	struct jail j = { .order = arg, .out = out,
		.source = JAIL_SOURCE_INIT, .dir = -1, .control = -1,
		.read_ends = { -1, -1 }, .write_ends = { -1, -1 },
		.lock = -1 };

	/* on success it does not come back */
	start_all(&j, e);
	undo(&j);
	return -1;
}
