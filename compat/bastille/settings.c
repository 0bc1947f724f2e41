/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "compat/bastille/bastille.h"

char *
bastille_dir(const struct compat *c, const char *name)
{
	AUTO_FREE char *key = xasprintf("bastille_%sdir", name);
	const char *dir = compat_conf_get(&c->conf, key, NULL);
	const char *prefix = compat_conf_get(&c->conf, "bastille_prefix",
	    NULL);

	if (dir != NULL)
		return xstrdup(dir);
	return xasprintf("%s/%s", prefix != NULL ? prefix : c->host->root,
	    name);
}
