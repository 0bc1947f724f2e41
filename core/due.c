/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* 'gaol snapshot --due' and 'gaol recover': over all jails. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/walk.h"
#include "core/life.h"
#include "core/schedule.h"
#include "core/snapshot.h"

static bool
is_scheduled(const struct snapshot *s)
{
	return strncmp(s->name, "auto-", 5) == 0;
}

static int
prune(const struct host *h, const char *jail, const struct strings *rules,
    struct error *e)
{
	AUTO_SNAPSHOTS struct snapshots list = VEC_INIT;
	AUTO_STRINGS struct strings names = VEC_INIT;
	size_t n = 0;

	if (snapshot_list(h, jail, false, &list, e) < 0)
		return -1;
	AUTO_FREE int64_t *created = xcalloc(list.count + 1, sizeof(*created));
	AUTO_FREE bool *keep = xcalloc(list.count + 1, sizeof(*keep));
	for (size_t i = 0; i < list.count; i++)
		if (is_scheduled(&list.items[i]))
			created[n++] = list.items[i].created;
	schedule_keep(rules, created, keep, n);
	n = 0;
	for (size_t i = 0; i < list.count; i++)
		if (is_scheduled(&list.items[i]) && !keep[n++] &&
		    !list.items[i].held)
			strings_add(&names, list.items[i].name);
	if (names.count == 0)
		return 0;
	AUTO_FREE char *text = strings_join(&names, " ");
	if (snapshot_destroy(h, jail, &names, e) < 0)
		return -1;
	if (!h->plan)
		host_say(h, "%s: destroyed %s", jail, text);
	return 0;
}

static int
due_one(const struct host *h, const struct cell *c, struct error *e)
{
	AUTO_FREE char *schedule = cell_text(c, "snapshot.schedule");
	AUTO_STRINGS struct strings rules = VEC_INIT;
	AUTO_SNAPSHOTS struct snapshots list = VEC_INIT;
	struct snapshot_options o = { .note = "scheduled",
	    .scheduled = true };
	AUTO_FREE char *name = NULL;
	int64_t last = 0;

	if (schedule == NULL || *schedule == '\0')
		return 0;
	if (snapshot_list(h, c->name, false, &list, e) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++)
		if (is_scheduled(&list.items[i]) &&
		    list.items[i].created > last)
			last = list.items[i].created;
	if (!schedule_due(schedule, last, (int64_t)time(NULL)))
		return 0;
	if (snapshot_take(h, c->name, &o, &name, e) < 0)
		return -1;
	if (name != NULL && !h->plan)
		host_say(h, "%s: snapshot %s", c->name, name);
	cell_values(c, "snapshot.keep", &rules);
	return rules.count > 0 ? prune(h, c->name, &rules, e) : 0;
}

int
snapshot_due(const struct host *h, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	size_t failed = 0;

	if (cell_names(h, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		AUTO_CELL struct cell c = CELL_INIT;
		struct error why = ERROR_INIT;

		/* destroyed meanwhile, or no jail */
		if (!cell_exists(h, names.items[i]))
			continue;
		if (cell_load(h, names.items[i], &c, &why) == 0 &&
		    due_one(h, &c, &why) == 0)
			continue;
		host_say(h, "%s: %s", names.items[i], why.msg);
		failed++;
	}
	if (failed > 0)
		return error_set(e, ERROR_FAILED, "%zu of %zu jails failed",
		    failed, names.count);
	return 0;
}

/* The one block of a copied cell.conf has the name of its directory. */
static int
name_block(const struct host *h, const char *name, bool *changed,
    struct error *e)
{
	AUTO_FREE char *file = xasprintf("%s/cell.conf", name);
	AUTO_BUF struct buf text = BUF_INIT, out = BUF_INIT;
	struct conf_block *b = NULL;

	if (file_read(h->jails_fd, file, 1 << 20, &text, e) < 0)
		return -1;
	AUTO_CONF struct conf *c = conf_parse(file, buf_text(&text), text.len,
	    NULL, e);
	if (c == NULL)
		return -1;
	if (conf_block(c, name) != NULL)
		return 0;
	while ((b = conf_block_next(c, b)) != NULL &&
	    conf_block_name(b) == NULL)
		;
	if (b == NULL)
		return error_set(e, ERROR_CONFIG, "%s: no block in it", file);
	*changed = true;
	host_say(h, "%s: was '%s' where it was copied from", name,
	    conf_block_name(b));
	if (h->plan)
		return 0;
	conf_block_rename(b, name);
	conf_write(c, &out);
	return file_replace(h->jails_fd, file, out.data, out.len, 0600,
	    FILE_DURABLE, e);
}

static bool
is_thick(const struct cell *c)
{
	AUTO_FREE char *type = cell_text(c, "type");

	return type != NULL && strcmp(type, "thick") == 0;
}

static int
recover_one(const struct host *h, const char *name, struct error *e)
{
	AUTO_CLOSE int lock = live_lock(h, name, "recover", e);
	AUTO_CELL struct cell c = CELL_INIT;
	AUTO_CELL_STORE struct cell_store s = CELL_STORE_INIT;
	bool changed = false;

	if (lock < 0 || life_recover(h, name, e) < 0)
		return -1;
	if (!cell_exists(h, name)) {
		AUTO_FREE char *file = xasprintf("lock/%s", name);

		unlinkat(h->run_fd, file, 0);
		return 0;
	}
	if (name_block(h, name, &changed, e) < 0 ||
	    (h->plan && changed))
		return h->plan && changed ? 0 : -1;
	if (cell_load(h, name, &c, e) < 0 ||
	    cell_store_init(&s, h, &c, NULL, e) < 0)
		return -1;
	/* a thick jail has all its files */
	if (s.release != NULL && !is_thick(&c) &&
	    !file_exists(AT_FDCWD, s.release))
		return error_set(e, ERROR_NOT_FOUND, "its release is missing: "
		    "%s; 'gaol bootstrap' gets it", s.release);
	if (h->plan || s.store->adopt == NULL)
		return 0;
	return s.store->adopt(&s.at, e);
}

/* ".new.web" and the like are of web, too. */
static void
add_names(const struct host *h, struct strings *names)
{
	static const char *const prefixes[] = { "", ".new.", ".old.",
	    ".trash.", ".todo." };
	struct error ignored = ERROR_INIT;
	AUTO_CLOSE int fd = file_opendir(h->jails_fd, ".", &ignored);
	AUTO_DIR DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *d;

	if (dir == NULL)
		return;
	steal_fd(&fd);
	while ((d = readdir(dir)) != NULL)
		for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]);
		    i++) {
			size_t len = strlen(prefixes[i]);
			const char *name = d->d_name + len;

			if (strncmp(d->d_name, prefixes[i], len) == 0 &&
			    name_check_cell(name, &ignored) == 0 &&
			    strings_index(names, name) < 0)
				strings_add(names, name);
		}
	strings_sort(names);
}

int
jail_recover_all(const struct host *h, size_t *failed, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	*failed = 0;
	if (!h->plan && store_settle(h, "jails", NULL, false, e) < 0)
		return -1;
	add_names(h, &names);
	for (size_t i = 0; i < names.count; i++) {
		struct error why = ERROR_INIT;

		if (recover_one(h, names.items[i], &why) == 0)
			continue;
		host_say(h, "%s: %s", names.items[i], why.msg);
		(*failed)++;
	}
	if (*failed > 0)
		return error_set(e, ERROR_FAILED,
		    "%zu of %zu jails could not be recovered", *failed,
		    names.count);
	return 0;
}
