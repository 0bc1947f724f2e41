/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "cmd/cmd.h"

/* "[-fy] [-P N]": flags together, then those with a value, as in mdoc(7). */
void
cmd_usage(const struct cmd *c, struct buf *out)
{
	bool open = false;

	buf_printf(out, "gaol %s", c->name);
	for (const struct cmd_option *o = c->options; o != NULL && o->name;
	    o++) {
		if (o->arg != NULL || o->letter == '\0')
			continue;
		buf_puts(out, open ? "" : " [-");
		buf_putc(out, o->letter);
		open = true;
	}
	buf_puts(out, open ? "]" : "");
	for (const struct cmd_option *o = c->options; o != NULL && o->name;
	    o++) {
		if (o->letter == '\0')
			buf_printf(out, " [--%s%s%s]", o->name,
			    o->arg != NULL ? " " : "",
			    o->arg != NULL ? o->arg : "");
		else if (o->arg != NULL)
			buf_printf(out, " [-%c %s]", o->letter, o->arg);
	}
	if (*c->operands != '\0')
		buf_printf(out, " %s", c->operands);
	buf_putc(out, '\n');
}

static void
option_text(const struct cmd_option *o, struct buf *text)
{
	if (o->letter != '\0')
		buf_printf(text, "-%c, ", o->letter);
	else
		buf_puts(text, "    ");
	buf_printf(text, "--%s", o->name);
	if (o->arg != NULL)
		buf_printf(text, " %s", o->arg);
}

void
cmd_help(const struct cmd *c, struct buf *out)
{
	size_t width = 0;

	buf_puts(out, "usage: ");
	cmd_usage(c, out);
	buf_printf(out, "\n%s\n", c->summary);
	for (int pass = 0; pass < 2; pass++)
		for (const struct cmd_option *o = c->options;
		    o != NULL && o->name != NULL; o++) {
			AUTO_BUF struct buf text = BUF_INIT;

			option_text(o, &text);
			if (pass == 0 && text.len > width)
				width = text.len;
			if (pass == 1)
				buf_printf(out, "%s  %-*s  %s\n",
				    o == c->options ? "\n" : "", (int)width,
				    buf_text(&text), o->help);
		}
}

static void
help_groups(struct buf *out)
{
	const char *group = "";

	for (const struct cmd *const *c = cmd_table; *c != NULL; c++) {
		if (strcmp((*c)->group, group) != 0) {
			group = (*c)->group;
			buf_printf(out, "\n%s\n", group);
		}
		buf_printf(out, "  %-10s %s\n", (*c)->name, (*c)->summary);
	}
}

void
cmd_help_all(struct buf *out)
{
	buf_puts(out, "usage: gaol [-R root] [-j|-H] [-n] [-q|-v] command "
	    "[options] [target...]\n");
	help_groups(out);
	buf_puts(out, "\n"
	    "target: a jail's name, ALL, @TAG, or a pattern in quotes\n"
	    "-R root   state directory, instead of /var/db/gaol\n"
	    "-j, -H    print JSON; tab-separated text without a header\n"
	    "-n        print what would be done, do nothing\n"
	    "-q, -v    print errors only; tell every step\n"
	    "'gaol help COMMAND' tells more.\n");
}
