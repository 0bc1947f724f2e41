/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Debian and Ubuntu, installed by mmdebstrap(1) or debootstrap(8) from the
 * host's mirror.  The distribution's keyring is always named to them, so that
 * nothing unsigned is ever installed.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "base/spawn.h"
#include "core/bootstrap.h"
#include "core/debian.h"

static const char scripts[] = "/usr/share/debootstrap/scripts";

static bool
match(const char *source)
{
	return debian_find(source) != NULL;
}

static int
find_origin(const struct bootstrap *b, struct debian_origin *o,
    struct error *e)
{
	const struct debian_release *r = debian_find(b->options->source);
	const char *mirror = b->options->mirror;

	if (mirror == NULL)
		mirror = host_setting(b->host, "mirror", NULL);
	return debian_origin_find(o, r, mirror, b->options->arch, "/etc/apt",
	    e);
}

static void
mmdebstrap_argv(struct bootstrap *b, const struct debian_origin *o,
    const char *program)
{
	struct strings *argv = &b->argv;
	AUTO_STRINGS struct strings lines = VEC_INIT;

	strings_add(argv, program);
	strings_add(argv, "--mode=root");
	strings_add(argv, "--variant=minbase");
	strings_add(argv, "--format=directory");
	strings_take(argv, xasprintf("--architectures=%s", o->arch));
	strings_take(argv, xasprintf("--keyring=%s", o->keyring));
	if (o->https)
		strings_add(argv, "--include=ca-certificates");
	strings_add(argv, o->release->suite);
	strings_add(argv, b->root);
	debian_origin_lines(o, &lines);
	strings_copy(argv, &lines);
}

/* It takes one mirror; the other lines are written for the jail's own apt. */
static void
debootstrap_argv(struct bootstrap *b, const struct debian_origin *o,
    const char *program)
{
	struct strings *argv = &b->argv;
	AUTO_FREE char *known = xasprintf("%s/%s", scripts, o->release->suite);
	AUTO_FREE char *similar = xasprintf("%s/%s", scripts,
	    o->release->similar);
	AUTO_FREE char *components = xstrdup(o->components);

	for (char *p = components; (p = strchr(p, ' ')) != NULL;)
		*p = ',';
	strings_add(argv, program);
	strings_add(argv, "--variant=minbase");
	strings_add(argv, "--force-check-gpg");
	strings_take(argv, xasprintf("--arch=%s", o->arch));
	strings_take(argv, xasprintf("--keyring=%s", o->keyring));
	strings_take(argv, xasprintf("--components=%s", components));
	if (o->https)
		strings_add(argv, "--include=ca-certificates");
	strings_add(argv, o->release->suite);
	strings_add(argv, b->root);
	strings_add(argv, o->mirror);
	if (access(known, F_OK) < 0 && access(similar, F_OK) == 0)
		strings_add(argv, similar);
}

static bool
is_debootstrap(const struct bootstrap *b)
{
	return strcmp(strrchr(b->argv.items[0], '/'), "/debootstrap") == 0;
}

static int
prepare(struct bootstrap *b, struct error *e)
{
	AUTO_FREE char *preferred = tool_find("mmdebstrap");
	AUTO_FREE char *other = tool_find("debootstrap");
	AUTO_DEBIAN_ORIGIN struct debian_origin o = DEBIAN_ORIGIN_INIT;

	if (preferred == NULL && other == NULL)
		return error_set(e, ERROR_UNSUPPORTED, "%s is made by "
		    "mmdebstrap, which this host does not have; the package "
		    "mmdebstrap has it", b->options->source);
	if (find_origin(b, &o, e) < 0)
		return -1;
	if (!b->host->plan && geteuid() != 0)
		return error_set(e, ERROR_DENIED, "only root can install %s",
		    b->options->source);
	AUTO_FREE char *shown = bootstrap_shown(o.mirror);

	free(b->made.source);
	b->made.source = xasprintf("%s %s", shown, o.release->suite);
	if (preferred != NULL)
		mmdebstrap_argv(b, &o, preferred);
	else
		debootstrap_argv(b, &o, other);
	return 0;
}

static void
tell(const struct bootstrap *b, struct buf *text)
{
	buf_puts(text, "run");
	for (size_t i = 0; i < b->argv.count; i++)
		buf_printf(text, strchr(b->argv.items[i], ' ') != NULL ?
		    " '%s'" : " %s", b->argv.items[i]);
}

/* What a package's script may see of the administrator's environment. */
static void
make_environment(const struct bootstrap *b, struct strings *env)
{
	static const char *const passed[] = {
		"TERM", "http_proxy", "https_proxy", "ftp_proxy", "no_proxy",
		"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
	};
	const char *path = getenv("PATH");

	for (size_t i = 0; i < sizeof(passed) / sizeof(passed[0]); i++)
		if (getenv(passed[i]) != NULL)
			strings_take(env, xasprintf("%s=%s", passed[i],
			    getenv(passed[i])));
	/* dpkg wants what lies in sbin; su(1) without "-" does not set it */
	strings_take(env, xasprintf("PATH=%s:/usr/sbin:/sbin",
	    path != NULL ? path : "/usr/bin:/bin"));
	strings_add(env, "HOME=/root");
	strings_add(env, "LC_ALL=C.UTF-8");
	strings_add(env, "DEBIAN_FRONTEND=noninteractive");
	/* what a killed one leaves goes with the rest */
	strings_take(env, xasprintf("TMPDIR=%s", b->work));
}

/* apt on the host uses a proxy that only its configuration names. */
static void
add_proxy(struct strings *env)
{
	char config[] = "apt-config", shell[] = "shell", name[] = "X";
	char key[] = "Acquire::http::Proxy";
	char *argv[] = { config, shell, name, key, NULL };
	AUTO_BUF struct buf out = BUF_INIT;
	struct error e = ERROR_INIT;
	const char *value;

	for (size_t i = 0; i < env->count; i++)
		if (strncmp(env->items[i], "http_proxy=", 11) == 0)
			return;
	if (spawn_capture(argv, &out, &e) < 0)
		return;
	/* X='http://...' */
	value = buf_text(&out);
	if (strncmp(value, "X='http", 7) == 0)
		strings_take(env, xasprintf("http_proxy=%.*s",
		    (int)strcspn(value + 3, "'\n"), value + 3));
}

static int
run_tool(struct bootstrap *b, struct error *e)
{
	AUTO_STRINGS struct strings argv = VEC_INIT, env = VEC_INIT;
	bool slow = is_debootstrap(b);
	const char *program = slow ? "debootstrap" : "mmdebstrap";
	int status;

	tool_wrap(&b->tool, &argv);
	strings_copy(&argv, &b->argv);
	make_environment(b, &env);
	add_proxy(&env);
	if (slow)
		host_say(b->host, "debootstrap downloads and installs; that "
		    "takes a while");
	if (tool_run(&b->tool, &argv, &env, slow ? TOOL_KEPT : TOOL_STEPS,
	    &status, e) < 0)
		return -1;
	if (status == 0)
		return 0;
	for (size_t i = 0; i < b->tool.last.count; i++)
		host_say(b->host, "%s", b->tool.last.items[i]);
	return error_set(e, ERROR_FAILED, "%s ended with status %d: %.300s",
	    program, status, tool_why(&b->tool));
}

static int
clear_dir(const struct bootstrap *b, const char *parent, const char *name,
    struct error *e)
{
	AUTO_CLOSE int fd = path_open(b->root_fd, parent,
	    O_RDONLY | O_DIRECTORY, 0, e);

	if (fd < 0 || path_remove_tree(fd, name, e) < 0)
		return -1;
	if (mkdirat(fd, name, 0755) < 0)
		return error_sys(e, "%s/%s", parent, name);
	return 0;
}

/* The lines that debootstrap could not use, and its downloads. */
static int
finish_debootstrap(struct bootstrap *b, struct error *e)
{
	AUTO_DEBIAN_ORIGIN struct debian_origin o = DEBIAN_ORIGIN_INIT;
	AUTO_STRINGS struct strings lines = VEC_INIT;
	AUTO_FREE char *text = NULL, *list = NULL;

	if (find_origin(b, &o, e) < 0)
		return -1;
	debian_origin_lines(&o, &lines);
	text = strings_join(&lines, "\n");
	list = xasprintf("%s\n", text);
	if (clear_dir(b, "/var/cache/apt", "archives", e) < 0 ||
	    clear_dir(b, "/var/lib/apt", "lists", e) < 0)
		return -1;
	return bootstrap_write(b, "/etc/apt", "sources.list", list, 0644, e);
}

static int
fill(struct bootstrap *b, struct error *e)
{
	if (run_tool(b, e) < 0)
		return -1;
	/* the tool may have replaced the directory by its own */
	close_fd(&b->root_fd);
	b->root_fd = file_opendir(b->work_fd, "root", e);
	if (b->root_fd < 0 ||
	    (is_debootstrap(b) && finish_debootstrap(b, e) < 0))
		return -1;
	/* both tools leave the builder's name there; a jail has its own */
	if (bootstrap_write(b, "/etc", "hostname", "localhost\n", 0644,
	    e) < 0 || bootstrap_write(b, "/etc", "hosts",
	    "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n", 0644,
	    e) < 0)
		return -1;
	return bootstrap_resolver(b, e);
}

const struct bootstrap_source bootstrap_debian = {
	.os = "linux",
	.takes = TAKES_MIRROR | TAKES_ARCH,
	.match = match,
	.prepare = prepare,
	.fill = fill,
	.tell = tell,
};
