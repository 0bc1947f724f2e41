/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* pot set-cmd, set-env, set-hosts, set-hook, set-rss, add-dep, export-ports. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/auto.h"
#include "base/file.h"
#include "base/num.h"
#include "compat/pot/pot.h"

/* --- set-cmd --- */

static int
change_cmd(struct cell *cell, void *arg, struct error *e)
{
	const char *cmd = arg;

	return pot_cmd_set(cell, cmd, e);
}

static int
set_cmd(struct compat *c, struct error *e)
{
	const char *pot = pot_name(c, e), *given;
	size_t len;

	if (pot == NULL)
		return -1;
	given = compat_value(c, "c");
	if (given == NULL || *given == '\0')
		return pot_usage(e, "A command is mandatory");
	/* one quote at each end is not meant */
	AUTO_FREE char *cmd = xstrdup(given + (*given == '"'));
	len = strlen(cmd);
	if (len > 0 && cmd[len - 1] == '"')
		cmd[len - 1] = '\0';
	return pot_change(c, pot, change_cmd, cmd, e);
}

static const struct cmd_option cmd_options[] = {
	POT_OPTION_NAME,
	{ 'c', "", "COMMAND", "what is run in it" },
	{ 0 },
};

const struct compat_cmd pot_cmd_set_cmd = {
	.name = "set-cmd",
	.usage = "[-hv] -p NAME -c COMMAND",
	.summary = "set the command that a pot is started for",
	.options = cmd_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "it is a line for the pot's sh(1) with no-rc-script and "
	    "without: quotes are quotes",
	.test = "cli/compat_pot_test.sh:settings",
	.exec = set_cmd,
};

/* --- set-env --- */

static int
change_env(struct cell *cell, void *arg, struct error *e)
{
	const struct strings *env = arg;

	return pot_set(cell, "env", env, e);
}

static int
set_env(struct compat *c, struct error *e)
{
	const char *pot = pot_name(c, e);
	AUTO_STRINGS struct strings env = VEC_INIT;

	if (pot == NULL)
		return -1;
	strings_copy(&env, compat_values(c, "E"));
	if (env.count == 0)
		return pot_usage(e, "A variable is mandatory");
	for (size_t i = 0; i < env.count; i++)
		if (strchr(env.items[i], '=') == NULL)
			return pot_usage(e, "%s is not VARIABLE=value",
			    env.items[i]);
	return pot_change(c, pot, change_env, &env, e);
}

static const struct cmd_option env_options[] = {
	POT_OPTION_NAME,
	{ 'E', "", "NAME=VALUE", "a variable; may be given again" },
	{ 0 },
};

const struct compat_cmd pot_cmd_set_env = {
	.name = "set-env",
	.usage = "[-hv] -p NAME -E NAME=VALUE...",
	.summary = "set the environment of a pot, all of it",
	.options = env_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "no shell expands $ and ` in values",
	.test = "cli/compat_pot_test.sh:settings",
	.exec = set_env,
};

/* --- set-hosts --- */

static int
set_hosts(struct compat *c, struct error *e)
{
	if (pot_name(c, e) == NULL)
		return -1;
	return error_set(e, ERROR_UNSUPPORTED, "gaol writes the names of a "
	    "network's members into /etc/hosts and no others; set-attribute "
	    "-A no-etc-hosts -V YES leaves that file to the pot, and 'pot "
	    "copy-in' puts one there");
}

static const struct cmd_option hosts_options[] = {
	POT_OPTION_NAME,
	{ 'H', "", "NAME:IP", "a host; may be given again" },
	{ 0 },
};

const struct compat_cmd pot_cmd_set_hosts = {
	.name = "set-hosts",
	.usage = "[-hv] -p NAME -H NAME:IP...",
	.summary = "add hosts to /etc/hosts of a pot",
	.options = hosts_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_CANNOT,
	.note = "gaol has no hosts of a single jail: set no-etc-hosts, and "
	    "copy a file in",
	.test = "cli/compat_pot_test.sh:refused",
	.exec = set_hosts,
};

/* --- set-hook --- */

static const struct {
	const char *option, *name, *prop;
} hooks[] = {
	{ "s", "prestart", "exec.prestart" },
	{ "S", "poststart", "exec.poststart" },
	{ "t", "prestop", "exec.prestop" },
	{ "T", "poststop", "exec.poststop" },
};
enum { HOOKS = sizeof(hooks) / sizeof(hooks[0]) };

static int
check_hook(const char *path, struct error *e)
{
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode) ||
	    access(path, X_OK) < 0)
		return pot_usage(e, "%s not a valid hook", path);
	return 0;
}

struct hook {
	const char *prop;
	char *line;
};

static int
change_hook(struct cell *cell, void *arg, struct error *e)
{
	const struct hook *h = arg;

	return pot_set_one(cell, h->prop, h->line, e);
}

/* A copy of it, which is the administrator's, as theirs is. */
static int
copy_hook(struct compat *c, const char *pot, size_t i, const char *file,
    struct error *e)
{
	AUTO_FREE char *dir = xasprintf("%s/hooks", c->host->root);
	AUTO_FREE char *path = xasprintf("%s/%s.%s", dir, pot, hooks[i].name);
	AUTO_BUF struct buf text = BUF_INIT;
	struct hook h = { hooks[i].prop, NULL };
	int rc;

	if (file_read(AT_FDCWD, file, 1 << 20, &text, e) < 0 ||
	    file_mkdirs(AT_FDCWD, dir, 0700, e) < 0 ||
	    file_replace(AT_FDCWD, path, buf_text(&text), text.len, 0700,
	    FILE_DURABLE, e) < 0)
		return -1;
	/* as 'pot info -E' tells it */
	h.line = xasprintf("_POT_NAME=%s exec %s", pot, path);
	rc = pot_change(c, pot, change_hook, &h, e);
	free(h.line);
	return rc;
}

static int
set_hook(struct compat *c, struct error *e)
{
	const char *pot = pot_name(c, e);
	size_t count = 0;

	if (pot == NULL)
		return -1;
	for (size_t i = 0; i < HOOKS; i++) {
		const char *file = compat_value(c, hooks[i].option);

		if (file != NULL && check_hook(file, e) < 0)
			return -1;
		count += file != NULL;
	}
	if (count == 0)
		return pot_usage(e, "No hooks provided - at least one hook "
		    "as to be set");
	for (size_t i = 0; i < HOOKS; i++) {
		const char *file = compat_value(c, hooks[i].option);

		if (file != NULL && copy_hook(c, pot, i, file, e) < 0)
			return -1;
	}
	return 0;
}

static const struct cmd_option hook_options[] = {
	POT_OPTION_NAME,
	{ 's', "", "FILE", "run before the start" },
	{ 'S', "", "FILE", "run after the start" },
	{ 't', "", "FILE", "run before the stop" },
	{ 'T', "", "FILE", "run after the stop" },
	{ 0 },
};

const struct compat_cmd pot_cmd_set_hook = {
	.name = "set-hook",
	.usage = "[-hv] -p NAME [-s FILE] [-S FILE] [-t FILE] [-T FILE]",
	.summary = "set programs of the host for start and stop",
	.options = hook_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "they get _POT_NAME ('pot info -E' tells the rest); a start "
	    "whose hook fails fails",
	.test = "cli/compat_pot_test.sh:settings",
	.exec = set_hook,
};

/* --- set-rss --- */

struct rss {
	const char *cpus, *memory;
};

static int
change_rss(struct cell *cell, void *arg, struct error *e)
{
	const struct rss *r = arg;

	if (r->cpus != NULL && pot_set_one(cell, "limit.cpu", r->cpus, e) < 0)
		return -1;
	return r->memory == NULL ? 0 :
	    pot_set_one(cell, "limit.memory", r->memory, e);
}

static int
check_memory(const char *size, struct error *e)
{
	size_t digits = strspn(size, "0123456789");

	if (digits == 0 || strlen(size + digits) > 1 ||
	    (size[digits] != '\0' &&
	    strchr("bBkKmMgG", size[digits]) == NULL))
		return pot_usage(e, "%s is not a valid memory constraint",
		    size);
	if (strspn(size, "0") == digits)
		return pot_usage(e, "Memory constraint has to be greater than "
		    "zero");
	return 0;
}

static int
set_rss(struct compat *c, struct error *e)
{
	const char *pot = pot_name(c, e);
	struct rss r = { NULL, NULL };
	uint64_t count;

	if (pot == NULL)
		return -1;
	r.cpus = compat_value(c, "C");
	r.memory = compat_value(c, "M");
	if (r.cpus == NULL && r.memory == NULL)
		return pot_usage(e, "One resource has to be specified "
		    "(-C or -M)");
	if (r.cpus != NULL && parse_uint(r.cpus, 1, 100000, &count, e) < 0)
		return pot_usage(e, "%s is a not valid amount of CPUs!",
		    r.cpus);
	if (r.memory != NULL && check_memory(r.memory, e) < 0)
		return -1;
	/* bytes have no letter of their own here */
	AUTO_FREE char *memory = r.memory == NULL ? NULL :
	    xstrndup(r.memory, strcspn(r.memory, "bB"));
	r.memory = memory;
	return pot_change(c, pot, change_rss, &r, e);
}

static const struct cmd_option rss_options[] = {
	POT_OPTION_NAME,
	{ 'C', "", "NUMBER", "of CPUs" },
	{ 'M', "", "SIZE", "of memory, in bytes or with k, m, g" },
	{ 0 },
};

const struct compat_cmd pot_cmd_set_rss = {
	.name = "set-rss",
	.usage = "[-hv] -p NAME [-C NUMBER] [-M SIZE]",
	.summary = "limit CPUs and memory of a pot",
	.options = rss_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "in force at once; -C is an amount of processor time, not a "
	    "set of processors",
	.test = "cli/compat_pot_test.sh:settings",
	.exec = set_rss,
};

/* --- add-dep --- */

static int
change_dep(struct cell *cell, void *arg, struct error *e)
{
	const char *dep = arg;
	AUTO_STRINGS struct strings depend = VEC_INIT;

	cell_values(cell, "depend", &depend);
	if (strings_index(&depend, dep) >= 0)
		return 0;
	strings_add(&depend, dep);
	return pot_set(cell, "depend", &depend, e);
}

static int
add_dep(struct compat *c, struct error *e)
{
	const char *pot = compat_value(c, "p"), *given = compat_value(c, "P");

	if (pot == NULL || *pot == '\0')
		return pot_usage(e, "A pot name is mandatory");
	if (given == NULL || *given == '\0')
		return pot_usage(e, "A dependency pot is mandatory");
	if (strcmp(pot, given) == 0)
		return pot_usage(e, "a pot cannot be run time dependency of "
		    "itself");
	if (pot_check(c, pot, e) < 0 || pot_check(c, given, e) < 0)
		return -1;
	AUTO_FREE char *dep = xstrdup(given);
	return pot_change(c, pot, change_dep, dep, e);
}

static const struct cmd_option dep_options[] = {
	POT_OPTION_NAME,
	{ 'P', "", "NAME", "the one that it needs" },
	{ 0 },
};

const struct compat_cmd pot_cmd_add_dep = {
	.name = "add-dep",
	.usage = "[-hv] -p NAME -P NAME",
	.summary = "let a pot depend on another",
	.options = dep_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.test = "cli/compat_pot_test.sh:settings",
	.exec = add_dep,
};

/* --- export-ports --- */

/* Whether nobody listens there now. */
static bool
is_free(unsigned port, bool udp)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port) };
	AUTO_CLOSE int fd = socket(AF_INET, (udp ? SOCK_DGRAM : SOCK_STREAM) |
	    SOCK_CLOEXEC, 0);

	return fd < 0 || bind(fd, (struct sockaddr *)&in, sizeof(in)) == 0;
}

/* Ports of the host that jails have already, as "8080/tcp". */
static int
published(struct compat *c, struct strings *taken, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (cell_names(c->host, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		AUTO_CELL struct cell cell = CELL_INIT;
		AUTO_STRINGS struct strings values = VEC_INIT;
		struct error ignored = ERROR_INIT;

		if (cell_load(c->host, names.items[i], &cell, &ignored) < 0)
			continue;
		cell_values(&cell, "publish", &values);
		for (size_t k = 0; k < values.count; k++) {
			const char *v = values.items[k];
			const char *slash = strrchr(v, '/');

			strings_take(taken, xasprintf("%.*s%s",
			    (int)strcspn(v, ":/"), v, slash != NULL ? slash :
			    "/tcp"));
		}
	}
	return 0;
}

/* The first of the range that pot chooses from. */
static char *
choose_port(const char *port, struct strings *taken, struct error *e)
{
	enum { FIRST = 1024, LAST = 9999 };
	bool udp = strncmp(port, "udp:", 4) == 0;

	for (unsigned n = FIRST; n <= LAST; n++) {
		char *one = xasprintf("%u/%s", n, udp ? "udp" : "tcp");

		if (strings_index(taken, one) < 0 && is_free(n, udp)) {
			strings_take(taken, one);
			return xasprintf("%s:%u", port, n);
		}
		free(one);
	}
	(void)error_set(e, ERROR_BUSY, "no port of the host is free for %s",
	    port);
	return NULL;
}

static int
change_ports(struct cell *cell, void *arg, struct error *e)
{
	const struct strings *publish = arg;

	return pot_set(cell, "publish", publish, e);
}

static int
export_ports(struct compat *c, struct error *e)
{
	const char *pot = pot_name(c, e);
	const struct strings *ports;
	AUTO_STRINGS struct strings publish = VEC_INIT, taken = VEC_INIT;

	if (pot == NULL)
		return -1;
	ports = compat_values(c, "e");
	if (ports->count == 0)
		return pot_usage(e, "One port has to be specified (-e)");
	if (published(c, &taken, e) < 0)
		return -1;
	for (size_t i = 0; i < ports->count; i++) {
		const char *p = ports->items[i];
		AUTO_FREE char *plain = pot_port_parse(p);
		bool named = strncmp(p, "tcp:", 4) == 0 ||
		    strncmp(p, "udp:", 4) == 0;
		AUTO_FREE char *whole = NULL;

		if (plain == NULL)
			return pot_usage(e, "%s is not a valid port number",
			    p);
		if (strchr(p + (named ? 4 : 0), ':') == NULL) {
			whole = choose_port(p, &taken, e);
			if (whole == NULL)
				return -1;
		}
		strings_take(&publish, whole != NULL ? pot_port_parse(whole) :
		    STEAL(plain));
	}
	return pot_change(c, pot, change_ports, &publish, e);
}

static const struct cmd_option port_options[] = {
	POT_OPTION_NAME,
	{ 'e', "", "[tcp:|udp:]PORT[:HOST_PORT]", "a port of the pot, and "
	    "where the host has it; may be given again" },
	{ 0 },
};

const struct compat_cmd pot_cmd_export_ports = {
	.name = "export-ports",
	.usage = "[-hv] -p NAME -e [tcp:|udp:]PORT[:HOST_PORT]...",
	.summary = "publish ports of a pot, all that there are",
	.options = port_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "a port of the host that is not given is chosen now, and kept",
	.test = "cli/compat_pot_test.sh:settings",
	.exec = export_ports,
};
