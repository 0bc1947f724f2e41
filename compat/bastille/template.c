/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "compat/bastille/bastille.h"

/* PROJECT/TEMPLATE below Bastille's own directory, where it is there; else as
 * gaol finds it. */
static char *
find(struct compat *c, const char *name)
{
	AUTO_FREE char *own = xasprintf("%s/templates", c->host->root);
	AUTO_FREE char *dir = bastille_dir(c, "templates");
	AUTO_FREE char *path = xasprintf("%s/%s", dir, name);

	return *name != '/' && *name != '.' && strcmp(dir, own) != 0 &&
	    file_exists(AT_FDCWD, path) ? STEAL(path) : xstrdup(name);
}

static int
apply(struct compat *c, const char *jail, void *arg, struct error *e)
{
	const char *template = arg;
	const struct strings *args = compat_values(c, "arg");
	const struct strings *files = compat_values(c, "arg-file");
	AUTO_STRINGS struct strings words = VEC_INIT;

	if (bastille_need_up(c, jail, compat_has(c, "a"), e) < 0 ||
	    bastille_info(c, e, "Applying template: %s...", template) < 0)
		return -1;
	strings_add(&words, "apply");
	strings_add(&words, jail);
	strings_add(&words, template);
	for (size_t i = 0; i < args->count; i++) {
		strings_add(&words, "--arg");
		strings_add(&words, args->items[i]);
	}
	for (size_t i = 0; i < files->count; i++) {
		strings_add(&words, "--arg-file");
		strings_add(&words, files->items[i]);
	}
	if (compat_call_words(c, &words, NULL, e) < 0)
		return -1;
	return bastille_info(c, e, "Template applied: %s", template);
}

static int
template(struct compat *c, struct error *e)
{
	AUTO_FREE char *name = find(c, c->operands.items[1]);

	if (strcmp(c->operands.items[0], "convert") == 0)
		return compat_call(c, e, "template", "convert", name, NULL);
	return bastille_for(c, TARGET_TOUCH, apply, name, e);
}

static const struct cmd_option options[] = {
	BASTILLE_AUTO,
	{ '\0', "arg", "KEY=VALUE", "A value for ARG KEY." },
	{ '\0', "arg-file", "FILE", "Lines KEY=VALUE." },
	{ 0 },
};

const struct compat_cmd bastille_template = {
	.name = "template",
	.usage = "[option(s)] TARGET PROJECT/TEMPLATE|URL [--arg KEY=VALUE] | "
	    "convert TEMPLATE",
	.summary = "Apply a template to jail(s).",
	.options = options,
	.min = 2,
	.max = 2,
	.flags = COMPAT_PERMUTE | COMPAT_TALK,
	.state = COMPAT_DIFFERS,
	.note = "no shell of the host reads a template; steps that were done "
	    "are not done again; after a failure the jail is as before it",
	.test = "cli/compat_bastille_test.sh:template",
	.exec = template,
};
