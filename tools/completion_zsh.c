/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdio.h>
#include <string.h>

#include "tools/completion.h"

/* Text within '...[text]...' of _arguments or _describe. */
static void
put_text(const char *text)
{
	for (; *text != '\0'; text++) {
		if (strchr("[]:\\", *text) != NULL)
			putchar('\\');
		if (*text == '\'')
			fputs("'\\'", stdout);
		putchar(*text);
	}
}

static const char *
action(enum kind kind)
{
	static const char *const actions[] = {
		[KIND_NONE] = " ",
		[KIND_TARGET] = "_gaol_targets",
		[KIND_RELEASE] = "_gaol_releases",
		[KIND_COMMAND] = "_gaol_commands",
		[KIND_PROPERTY] = "_gaol_properties",
		[KIND_FILE] = "_files",
	};

	return actions[kind];
}

/* '*'{-r,--release}'[help]:RELEASE:_gaol_releases' */
static void
put_option(const struct cmd_option *o, const void *arg)
{
	if (o->letter != '\0')
		printf("\t\t    '*'{-%c,--%s}'[", o->letter, o->name);
	else
		printf("\t\t    '*--%s[", o->name);
	put_text(o->help);
	if (o->arg != NULL) {
		printf("]:");
		put_text(o->arg);
		printf(":%s' \\\n", action(kind_of_value(o)));
	} else {
		printf("]' \\\n");
	}
}

static void
put_operands(const struct cmd *c)
{
	const char *first = action(kind_of_first(c));
	const char *rest = action(kind_of_rest(c));

	if (c->flags & CMD_COMMAND_ONLY)
		printf("\t\t    '*:argument:_gaol_assignments'\n");
	else if (c->flags & CMD_COMMAND)
		printf("\t\t    '1:first:%s' '*:argument: '\n", first);
	else if (c->flags & CMD_ASSIGN)
		printf("\t\t    '1:first:%s' "
		    "'*:rest:{ %s; _gaol_assignments }'\n", first,
		    *rest != ' ' ? rest : ":");
	else
		printf("\t\t    '1:first:%s' '*:rest:%s'\n", first, rest);
}

static void
put_command(const struct cmd *c)
{
	printf("\t%s%s%s)\n\t\t_arguments -S \\\n", c->name,
	    c->alias != NULL ? " | " : "", c->alias != NULL ? c->alias : "");
	each_option(c, put_option, NULL);
	put_operands(c);
	printf("\t\t;;\n");
}

void
print_zsh(void)
{
	printf("_gaol_property_list() {\n\tnames=(\n");
	for (size_t i = 0; i < prop_count; i++)
		if (!(prop_table[i].flags & PROP_FAMILY))
			printf("\t    %s\n", prop_table[i].name);
	printf("\t)\n}\n\n_gaol_properties() {\n\tlocal -a names\n"
	    "\t_gaol_property_list\n\tcompadd -a names\n}\n\n"
	    "_gaol_commands() {\n\tlocal -a commands\n\tcommands=(\n");
	for (const struct cmd *const *c = cmd_table; *c != NULL; c++) {
		printf("\t    '%s:", (*c)->name);
		put_text((*c)->summary);
		printf("'\n");
	}
	printf("\t)\n\t_describe command commands\n}\n\n"
	    "_gaol_globals=( \\\n");
	each_option(NULL, put_option, NULL);
	printf(")\n\n_gaol_arguments() {\n\tcase $words[1] in\n");
	for (const struct cmd *const *c = cmd_table; *c != NULL; c++)
		put_command(*c);
	printf("\tesac\n}\n");
}
