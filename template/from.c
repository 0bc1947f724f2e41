/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>

#include "base/auto.h"
#include "template/library.h"
#include "template/target.h"

struct looking {
	const struct host *host;
};

static int
read_named(void *arg, const char *name, struct template_text *t,
    struct error *e)
{
	const struct looking *l = arg;

	return library_read(l->host, name, t, e);
}

/* Only FROM is looked for: any value will do. */
static char *
any(void *arg, const char *name)
{
	return xstrdup("x");
}

int
target_release(const struct host *h, const struct strings *templates,
    const struct vars *args, char **release, struct error *e)
{
	AUTO_VARS struct vars builtin = VEC_INIT;
	struct looking l = { h };
	struct template_target t = { engine_native->runs[0], &builtin, args,
		read_named, any, &l };

	*release = NULL;
	vars_set(&builtin, "JAIL_NAME", "x");
	vars_set(&builtin, "JAIL_IP", "x");
	vars_set(&builtin, "JAIL_IP6", "x");
	for (size_t i = 0; i < templates->count && *release == NULL; i++) {
		AUTO_TEMPLATE_PLAN struct template_plan plan =
		    TEMPLATE_PLAN_INIT;

		if (template_plan(&t, templates->items[i], &plan, e) < 0)
			return -1;
		*release = STEAL(plan.from);
	}
	return 0;
}
