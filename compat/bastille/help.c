/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Usage as Bastille prints it: the first line to stderr, the rest to stdout,
 * and a status of 1. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "compat/bastille/bastille.h"
#include "view/text.h"

static const char red[] = "\033[31m", green[] = "\033[32m",
    plain[] = "\033[0m";

static bool
coloured(int fd)
{
	const char *no = getenv("NO_COLOR");

	return (no == NULL || *no == '\0') && isatty(fd);
}

int
bastille_info(const struct compat *c, struct error *e, const char *fmt, ...)
{
	AUTO_BUF struct buf text = BUF_INIT;
	va_list ap;

	if (c->quiet)
		return 0;
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	buf_putc(&text, '\n');
	return cmd_print_text(&text, e);
}

int
bastille_header(const struct compat *c, const char *jail, struct error *e)
{
	bool colour = coloured(STDOUT_FILENO);

	return bastille_info(c, e, "%s\n[%s]:%s", colour ? green : "", jail,
	    colour ? plain : "");
}

/* The reason on stdout, too, for those who parse that. */
static void
json_error(const struct compat *c, const struct error *e)
{
	bool pretty = compat_has_global(c, "p");
	AUTO_BUF struct buf message = BUF_INIT, out = BUF_INIT;
	AUTO_FREE char *text = xasprintf("[ERROR]: %s", e->msg);
	struct error ignored = ERROR_INIT;

	json_string(&message, text);
	buf_printf(&out, pretty ? "{\n  \"bastille\": {\n    \"type\": "
	    "\"error\",\n    \"error\": {\n      \"message\": %s\n    }\n  }"
	    "\n}\n" : "{\"bastille\":{\"type\":\"error\",\"error\":"
	    "{\"message\":%s}}}\n", buf_text(&message));
	if (cmd_print_text(&out, &ignored) < 0)
		return;
}

void
bastille_error(const struct compat *c, const struct error *e)
{
	AUTO_BUF struct buf line = BUF_INIT;
	struct error ignored = ERROR_INIT;
	bool colour = coloured(STDERR_FILENO);

	if (c->json)
		json_error(c, e);
	if (c->quiet && !c->json)
		return;
	buf_printf(&line, "%s[ERROR]: ", colour ? red : "");
	text_clean(&line, e->msg, 0);
	buf_printf(&line, "%s\n", colour ? plain : "");
	if (file_write_fd(STDERR_FILENO, line.data, line.len, &ignored) < 0)
		return;
}

int
bastille_cannot(struct compat *c, const char *instead, struct error *e)
{
	return error_set(e, ERROR_UNSUPPORTED, "bastille %s: %s", c->cmd->name,
	    instead);
}

static void
put_options(const struct cmd_option *o, struct buf *out)
{
	for (; o != NULL && o->name != NULL; o++) {
		AUTO_BUF struct buf text = BUF_INIT;

		if (o->letter != '\0')
			buf_printf(&text, "-%c%s", o->letter,
			    *o->name != '\0' ? " | " : "");
		if (*o->name != '\0')
			buf_printf(&text, "--%.*s", (int)strcspn(o->name, "|"),
			    o->name);
		if (o->arg != NULL)
			buf_printf(&text, " %s", o->arg);
		buf_printf(out, "    %-28s %s\n", buf_text(&text), o->help);
	}
}

static void
put_commands(const struct compat_tool *tool, struct buf *out)
{
	buf_puts(out, "Bastille is an open-source system for automating "
	    "deployment and management of\ncontainerized applications on "
	    "FreeBSD.  This is gaol, which speaks its command line.\n\n"
	    "Usage:\n  bastille [option(s)] command [option(s)] TARGET ARGS"
	    "\n\nAvailable Commands:\n");
	for (const struct compat_cmd *const *c = tool->commands; *c != NULL;
	    c++)
		buf_printf(out, "  %-12s %s\n", (*c)->name, (*c)->summary);
	buf_puts(out, "\nUse \"bastille -v|--version\" for version info.\n"
	    "Use \"bastille command -h|--help\" for more information about a "
	    "command.\n");
}

int
bastille_help(struct compat *c, struct error *e)
{
	AUTO_BUF struct buf out = BUF_INIT;

	c->status = 1;
	if (c->cmd == NULL) {
		put_commands(c->tool, &out);
		return cmd_print_text(&out, e);
	}
	c->quiet = false;
	compat_say(c, "Usage: bastille %s%s%s", c->cmd->name,
	    *c->cmd->usage != '\0' ? " " : "", c->cmd->usage);
	if (c->cmd->options != NULL || c->tool->common != NULL)
		buf_puts(&out, "    Options:\n\n");
	put_options(c->cmd->options, &out);
	put_options(c->tool->common, &out);
	return cmd_print_text(&out, e);
}
