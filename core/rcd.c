/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "base/xalloc.h"
#include "core/life.h"
#include "core/rcconf.h"
#include "core/rcd.h"

enum { RCCONF_MAX = 1 << 20, TIMEOUT_MS = 30000 };

/* What others call the services of ports(7). */
static const struct {
	const char *name, *script;
} scripts[] = {
	{ "apache24", "apache2" },
	{ "apache24", "httpd" },
	{ "mysql-server", "mariadb" },
	{ "mysql-server", "mysql" },
	{ "mysql", "mariadb" },
	{ "named", "bind9" },
	{ "ntpd", "ntp" },
	{ "openssh", "ssh" },
	{ "php_fpm", "php-fpm" },
	{ "redis", "redis-server" },
	{ "sshd", "ssh" },
	{ "syslogd", "rsyslog" },
};

static bool
has(int root, const char *path)
{
	struct error ignored = ERROR_INIT;
	AUTO_CLOSE int fd = path_open_any(root, path, &ignored);

	return fd >= 0;
}

static bool
has_script(int root, const char *name)
{
	AUTO_FREE char *path = xasprintf("/etc/init.d/%s", name);

	return strchr(name, '/') == NULL && *name != '.' && has(root, path);
}

char *
rcd_script(int root, const char *name)
{
	AUTO_FREE char *dashes = xstrdup(name);

	if (has_script(root, name))
		return xstrdup(name);
	for (char *p = dashes; *p != '\0'; p++)
		if (*p == '_')
			*p = '-';
	if (has_script(root, dashes))
		return STEAL(dashes);
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		if (strcmp(scripts[i].name, name) == 0 &&
		    has_script(root, scripts[i].script))
			return xstrdup(scripts[i].script);
	return NULL;
}

/* Whether the line is that of a script that the jail does not have. */
static bool
is_line(int root, const char *line, const char *script)
{
	size_t len = strlen(script);

	if (strncmp(line, "/bin/sh ", 8) == 0)
		line += 8;
	else if (strncmp(line, "sh ", 3) == 0)
		line += 3;
	return strncmp(line, script, len) == 0 &&
	    (line[len] == '\0' || line[len] == ' ') && !has(root, script) &&
	    has(root, "/etc/init.d");
}

static bool
is_yes(const char *value)
{
	static const char *const yes[] = { "YES", "TRUE", "ON", "1" };

	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		if (strcasecmp(yes[i], value) == 0)
			return true;
	return false;
}

/* The scripts of what is enabled; a name of rc.conf(5) needs no quotes. */
static void
enabled(int root, struct strings *list)
{
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_STRINGS struct strings names = VEC_INIT;
	struct error ignored = ERROR_INIT;

	if (path_read(root, "/etc/rc.conf", RCCONF_MAX, &text, &ignored) < 0 ||
	    text.len == 0 || memchr(text.data, '\0', text.len) != NULL)
		return;
	rcconf_names(buf_text(&text), &names);
	for (size_t i = 0; i < names.count; i++) {
		const char *name = names.items[i];
		size_t len = strlen(name);
		struct rcconf_value v;

		if (len <= 7 || strcmp(name + len - 7, "_enable") != 0 ||
		    !rcconf_find(buf_text(&text), name, &v))
			continue;
		if (v.literal && is_yes(v.value)) {
			AUTO_FREE char *service = xstrndup(name, len - 7);
			char *script = rcd_script(root, service);

			if (script != NULL)
				strings_take(list, script);
		}
		free(v.value);
	}
}

static char *
services_line(int root, bool stop)
{
	AUTO_STRINGS struct strings list = VEC_INIT;
	struct buf line = BUF_INIT;
	const char *action = stop ? "stop" : "start";

	enabled(root, &list);
	for (size_t i = 0; i < list.count; i++) {
		const char *script = list.items[stop ? list.count - 1 - i : i];

		buf_printf(&line, "/etc/init.d/%s %s || echo '%s: %s failed' "
		    ">&2; ", script, action, script, action);
	}
	buf_puts(&line, "true");
	return buf_steal(&line);
}

char *
rcd_line(const struct engine_live *live, const char *line, bool stop)
{
	struct error ignored = ERROR_INIT;
	AUTO_CLOSE int root = -1;

	if (strstr(line, "/etc/rc") == NULL)
		return xstrdup(line);
	root = engine_native->root(live, &ignored);
	if (root < 0 || !is_line(root, line, stop ? "/etc/rc.shutdown" :
	    "/etc/rc"))
		return xstrdup(line);
	return services_line(root, stop);
}

struct asked {
	const char *name;
	int out;
};

static int
look(int root, void *arg, struct error *e)
{
	const struct asked *asked = arg;
	AUTO_FREE char *script = rcd_script(root, asked->name);

	return script == NULL ? 0 : file_write_fd(asked->out, script,
	    strlen(script), e);
}

int
life_script(const struct host *h, const char *jail, const char *name,
    char **script, struct error *e)
{
	AUTO_CLOSE int out = host_scratch(h, e);
	struct asked asked = { name, out };
	AUTO_BUF struct buf text = BUF_INIT;

	*script = NULL;
	if (out < 0 || life_within(h, jail, look, &asked, TIMEOUT_MS, e) < 0)
		return -1;
	if (lseek(out, 0, SEEK_SET) < 0)
		return error_sys(e, "lseek");
	if (file_read_fd(out, 256, &text, e) < 0)
		return -1;
	if (text.len > 0)
		*script = buf_steal(&text);
	return 0;
}
