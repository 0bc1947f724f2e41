/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* What doctor should know about this host. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "engine/freebsd/freebsd.h"

/* A jail without our mark; before FreeBSD 15 none has it, and core knows the
 * numbers of its own. */
int
freebsd_others(struct engine_others *others, struct error *e)
{
	struct kern_jails all = VEC_INIT;
	bool meta = kern_jail_knows("meta");
	int result = kern_jail_all(&all, e);

	for (size_t i = 0; i < all.count && result == 0; i++) {
		const struct kern_jail *j = &all.items[i];
		struct engine_other o = { .jid = j->jid };
		char text[256] = "";

		if (meta && (result = kern_jail_text(j->jid, "meta.gaol", text,
		    sizeof(text), e)) < 0)
			break;
		if (*text != '\0')
			continue;
		result = kern_jail_text(j->jid, "host.hostname", text,
		    sizeof(text), e);
		o.name = xstrdup(j->name);
		o.path = xstrdup(j->path);
		o.hostname = xstrdup(text);
		VEC_PUSH(others, o);
	}
	VEC_FINI(&all);
	return result;
}

static struct finding *
find(struct findings *findings, enum finding_level level, const char *subject,
    char *text)
{
	struct finding f = { .level = level, .subject = xstrdup(subject),
	    .text = text };

	VEC_PUSH(findings, f);
	return &findings->items[findings->count - 1];
}

/* Mounts and a jail that an interrupted command left and nothing remembers. */
static int
probe_left(const char *scope, const char *name, bool repair,
    struct findings *findings, struct error *e)
{
	AUTO_FREE char *key = xasprintf("%s/%s", scope, name);
	struct finding *f = find(findings, FINDING_WARNING, name,
	    xasprintf("mounts or a jail are left of '%s', which does not run; "
	    "'gaol doctor --repair' removes them", name));

	if (!repair)
		return 0;
	if (freebsd_kill(NULL, key, e) < 0 || freebsd_unmount(key, e) < 0)
		return -1;
	f->repaired = true;
	return 0;
}

int
freebsd_probe(const char *scope, const struct strings *running, bool repair,
    struct findings *findings, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	bool meta = kern_jail_knows("meta");

	find(findings, meta ? FINDING_OK : FINDING_NOTE, "jails",
	    xstrdup(meta ? "the kernel keeps a mark with each jail" :
	    "this kernel has no meta parameter (FreeBSD 15 has): jails are "
	    "told apart by number, name and boot"));
	if (log_names(&names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++)
		if (strings_index(running, names.items[i]) < 0 &&
		    probe_left(scope, names.items[i], repair, findings, e) < 0)
			return -1;
	return 0;
}
