/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdio.h>

#include "tools/completion.h"

static void
put_values(enum kind kind)
{
	switch (kind) {
	case KIND_TARGET:
		printf(" -a '(__gaol_targets)'");
		break;
	case KIND_RELEASE:
		printf(" -a '(__gaol_releases)'");
		break;
	case KIND_COMMAND:
		printf(" -a '$__gaol_commands'");
		break;
	case KIND_PROPERTY:
		printf(" -a '$__gaol_properties'");
		break;
	case KIND_FILE:
		printf(" -F");
		break;
	case KIND_NONE:
	default:
		break;
	}
}

static void
put_option(const struct cmd_option *o, const void *arg)
{
	const struct cmd *c = arg;

	printf("complete -c gaol -n ");
	if (c == NULL)
		printf("__gaol_needs_command");
	else
		printf("'__gaol_command %s%s%s'", c->name,
		    c->alias != NULL ? " " : "",
		    c->alias != NULL ? c->alias : "");
	if (o->letter != '\0')
		printf(" -s %c", o->letter);
	printf(" -l %s -d '", o->name);
	put_quoted(o->help);
	printf("'");
	if (o->arg != NULL) {
		printf(" -r");
		put_values(kind_of_value(o));
	}
	printf("\n");
}

static void
put_valued(const struct cmd_option *o, const void *arg)
{
	if (o->arg == NULL)
		return;
	if (o->letter != '\0')
		printf(" -%c", o->letter);
	printf(" --%s", o->name);
}

static void
put_operand(const struct cmd *c, const char *which, enum kind kind,
    const char *more)
{
	if (kind == KIND_NONE && more == NULL)
		return;
	printf("complete -c gaol -n '__gaol_command %s%s%s; "
	    "and __gaol_operand %s", c->name, c->alias != NULL ? " " : "",
	    c->alias != NULL ? c->alias : "", which);
	each_option(c, put_valued, NULL);
	printf("'");
	if (more != NULL)
		printf(" -a '%s'", more);
	else
		put_values(kind);
	printf("\n");
}

static void
put_command(const struct cmd *c)
{
	static const char assignments[] = "$__gaol_properties\\=";

	printf("complete -c gaol -n __gaol_needs_command -a %s -d '",
	    c->name);
	put_quoted(c->summary);
	printf("'\n");
	each_option(c, put_option, c);
	put_operand(c, "first", kind_of_first(c), NULL);
	put_operand(c, "rest", kind_of_rest(c), NULL);
	if ((c->flags & CMD_ASSIGN) && c->min == 0)
		put_operand(c, "first", KIND_NONE, assignments);
	if (c->flags & CMD_ASSIGN)
		put_operand(c, "rest", KIND_NONE, assignments);
}

void
print_fish(void)
{
	printf("set -g __gaol_commands");
	for (const struct cmd *const *c = cmd_table; *c != NULL; c++)
		printf(" %s", (*c)->name);
	printf("\nset -g __gaol_properties");
	for (size_t i = 0; i < prop_count; i++)
		if (!(prop_table[i].flags & PROP_FAMILY))
			printf(" \\\n    %s", prop_table[i].name);
	printf("\n");
	each_option(NULL, put_option, NULL);
	for (const struct cmd *const *c = cmd_table; *c != NULL; c++)
		put_command(*c);
}
