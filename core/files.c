/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <unistd.h>

#include "base/auto.h"
#include "core/files.h"
#include "core/life.h"
#include "core/live.h"

void
files_fini(struct files *f)
{
	close_fd(&f->root);
	cell_store_fini(&f->store);
	close_fd(&f->lock);
}

int
files_open(struct files *f, const struct host *h, const char *jail,
    const char *what, bool write, struct error *e)
{
	AUTO_CELL struct cell c = CELL_INIT;
	AUTO_LIVE struct live live = LIVE_INIT;
	const struct store *store;

	f->host = h;
	f->jail = jail;
	f->lock = live_lock(h, jail, what, e);
	if (f->lock < 0 || life_recover(h, jail, e) < 0 ||
	    cell_load(h, jail, &c, e) < 0 ||
	    live_running(h, jail, &live, e) < 0)
		return -1;
	if (live.phase != LIVE_STOPPED) {
		close_fd(&f->lock);
		return 0;
	}
	if (cell_store_init(&f->store, h, &c, NULL, e) < 0)
		return -1;
	store = f->store.store;
	if (write ? store->edit == NULL : store->open == NULL)
		return error_set(e, ERROR_UNSUPPORTED, "the files of a stopped "
		    "jail on store %s cannot be reached; 'gaol start %s' "
		    "starts it", store->name, jail);
	f->root = write ? store->edit(&f->store.at, e) :
	    store->open(&f->store.at, NULL, e);
	return f->root < 0 ? -1 : 0;
}

int
files_work(const struct files *f,
    int (*work)(int root, void *arg, struct error *e), void *arg,
    unsigned timeout_ms, struct error *e)
{
	return f->root >= 0 ? work(f->root, arg, e) : life_within(f->host,
	    f->jail, work, arg, timeout_ms, e);
}
