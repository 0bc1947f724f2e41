/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Templates that every new jail of a kind gets, as settings of the host. */
#include <string.h>

#include "base/auto.h"
#include "core/release.h"
#include "template/target.h"

static void
add_setting(const struct host *h, const char *kind, struct strings *templates)
{
	AUTO_FREE char *name = xasprintf("template.%s", kind);
	const char *p = host_setting(h, name, "");

	while (*p != '\0') {
		size_t len;

		p += strspn(p, " \t,");
		len = strcspn(p, " \t,");
		if (len > 0)
			strings_take(templates, xstrndup(p, len));
		p += len;
	}
}

/* Whether it has a stack of its own that reaches out. */
static bool
has_stack(const struct cell *c)
{
	AUTO_STRINGS struct strings net = VEC_INIT;

	cell_values(c, "net", &net);
	for (size_t i = 0; i < net.count; i++)
		if (strcmp(net.items[i], "none") == 0 ||
		    strcmp(net.items[i], "inherit") == 0 ||
		    strchr(net.items[i], '|') != NULL)
			return false;
	return net.count > 0;
}

int
target_defaults(const struct host *h, const struct cell *c,
    struct strings *templates, struct error *e)
{
	AUTO_FREE char *type = cell_text(c, "type");
	AUTO_FREE char *release = cell_text(c, "release");
	AUTO_FREE char *os = NULL;

	add_setting(h, "base", templates);
	if (release != NULL) {
		os = target_os(h, release, e);
		if (os == NULL)
			return -1;
		add_setting(h, os, templates);
	}
	add_setting(h, type != NULL && strcmp(type, "thick") == 0 ? "thick" :
	    "thin", templates);
	if (has_stack(c))
		add_setting(h, "vnet", templates);
	return 0;
}
