/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdio.h>

#include "tools/completion.h"

static void
put_option(const struct cmd_option *o, const void *arg)
{
	const bool *valued = arg;

	if (*valued && o->arg == NULL)
		return;
	if (o->letter != '\0')
		printf(" -%c", o->letter);
	printf(" --%s", o->name);
}

/* -r|--release) echo releases ;; */
static void
put_value(const struct cmd_option *o, const void *arg)
{
	const struct cmd *c = arg;
	const char *name = c != NULL ? c->name : "";

	if (o->arg == NULL || kind_of_value(o) == KIND_NONE)
		return;
	printf("\t");
	if (o->letter != '\0')
		printf("'%s -%c' | ", name, o->letter);
	printf("'%s --%s') echo %s ;;\n", name, o->name,
	    kind_name(kind_of_value(o)));
}

static void
put_description(const struct cmd *c)
{
	bool all = false, valued = true;

	if (c == NULL)
		printf("\t*)\n");
	else if (c->alias != NULL)
		printf("\t%s | %s)\n", c->name, c->alias);
	else
		printf("\t%s)\n", c->name);
	printf("\t\toptions='");
	each_option(c, put_option, &all);
	printf("'\n\t\tvalued='");
	each_option(c, put_option, &valued);
	printf("'\n\t\tfirst=%s rest=%s assign=%s\n\t\t;;\n",
	    c != NULL ? kind_name(kind_of_first(c)) : "nothing",
	    c != NULL ? kind_name(kind_of_rest(c)) : "nothing",
	    c == NULL || !(c->flags & CMD_ASSIGN) ? "''" :
	    c->min > 0 ? "1" : "0");
}

void
print_bash(void)
{
	printf("_gaol_commands() {\n\techo");
	for (const struct cmd *const *c = cmd_table; *c != NULL; c++)
		printf(" %s", (*c)->name);
	printf("\n}\n\n_gaol_properties() {\n\techo");
	for (size_t i = 0; i < prop_count; i++)
		if (!(prop_table[i].flags & PROP_FAMILY))
			printf(" %s", prop_table[i].name);
	printf("\n}\n\n# What a command takes.\n"
	    "_gaol_describe() {\n\tcase $1 in\n");
	for (const struct cmd *const *c = cmd_table; *c != NULL; c++)
		put_description(*c);
	put_description(NULL);
	printf("\tesac\n}\n\n# What the value of an option is.\n"
	    "_gaol_value() {\n\tcase \"$1 $2\" in\n");
	for (const struct cmd *const *c = cmd_table; *c != NULL; c++)
		each_option(*c, put_value, *c);
	each_option(NULL, put_value, NULL);
	printf("\t*) echo nothing ;;\n\tesac\n}\n");
}
