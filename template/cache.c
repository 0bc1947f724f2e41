/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <dirent.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/life.h"
#include "core/snapshot.h"
#include "template/cache.h"

enum { KEY_BYTES = 16 };	/* of the sum, in the name */

char *
cache_name(const struct step_key *key)
{
	struct buf name = BUF_INIT;

	buf_puts(&name, CELL_STEP_PREFIX);
	for (size_t i = 0; i < KEY_BYTES; i++)
		buf_printf(&name, "%02x", key->sum[i]);
	return buf_steal(&name);
}

bool
cache_has(const struct host *h, const struct step_key *key)
{
	AUTO_FREE char *name = cache_name(key);

	return cell_exists(h, name);
}

/* What would take an address, a mount or a place at the next boot. */
static void
put_assignments(struct strings *assign)
{
	static const char *const plain[] = { "net=none", "publish=", "mount=",
		"boot=off", "depend=", "tag=", "env=", "protect=off",
		"snapshot.schedule=", "mount.fstab=" };

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		strings_add(assign, plain[i]);
}

int
cache_keep(const struct host *h, const char *jail, const struct step_key *key,
    struct error *e)
{
	AUTO_FREE char *name = cache_name(key), *taken = NULL;
	AUTO_STRINGS struct strings assign = VEC_INIT, names = VEC_INIT;
	struct snapshot_options snapshot = { .name = CACHE_SNAPSHOT, .own = true };
	struct clone_options clone = { .snapshot = CACHE_SNAPSHOT,
		.assign = &assign };
	struct error second = ERROR_INIT;
	struct host quiet = *h;
	int result;

	quiet.say = NULL;
	put_assignments(&assign);
	strings_add(&names, CACHE_SNAPSHOT);
	if (snapshot_take(h, jail, &snapshot, &taken, e) < 0)
		return -1;
	result = jail_clone(&quiet, jail, name, &clone, e);
	if (snapshot_destroy(h, jail, &names, result < 0 ? &second : e) < 0)
		return -1;
	return result;
}

static int
add_entries(const struct host *h, const char *prefix, struct strings *names,
    struct error *e)
{
	AUTO_CLOSE int fd = file_opendir(h->jails_fd, ".", e);
	const struct dirent *d;

	if (fd < 0)
		return -1;
	AUTO_DIR DIR *dir = fdopendir(fd);
	if (dir == NULL)
		return error_sys(e, "%s/jails", h->root);
	fd = -1;
	while ((d = readdir(dir)) != NULL)
		if (strncmp(d->d_name, prefix, strlen(prefix)) == 0 &&
		    strncmp(d->d_name + strlen(prefix), CELL_STEP_PREFIX,
		    strlen(CELL_STEP_PREFIX)) == 0)
			strings_add(names, d->d_name + strlen(prefix));
	return 0;
}

int
cache_list(const struct host *h, struct strings *names, struct error *e)
{
	if (add_entries(h, "", names, e) < 0)
		return -1;
	strings_sort(names);
	return 0;
}

int
cache_prune(const struct host *h, size_t *count, struct error *e)
{
	static const char *const left[] = { ".new.", ".trash.", ".todo." };
	AUTO_STRINGS struct strings names = VEC_INIT, torn = VEC_INIT;

	*count = 0;
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		if (add_entries(h, left[i], &torn, e) < 0)
			return -1;
	for (size_t i = 0; !h->plan && i < torn.count; i++)
		if (life_sweep(h, torn.items[i], e) < 0)
			return -1;
	if (cache_list(h, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++, ++*count)
		if (life_destroy(h, names.items[i], true, false, e) < 0)
			return -1;
	return 0;
}
