/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/move.h"

void
move_new_id(char id[MOVE_ID])
{
	unsigned char random[(MOVE_ID - 1) / 2];

	/* never short, and never fails once the kernel is up */
	if (getrandom(random, sizeof(random), 0) < 0)
		abort();
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(id + 2 * i, 3, "%02x", random[i]);
}

bool
move_is_id(const char *text)
{
	return strlen(text) == MOVE_ID - 1 &&
	    strspn(text, "0123456789abcdef") == MOVE_ID - 1;
}

static bool
is_host(const char *text)
{
	size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789._-@:[]%");

	return len > 0 && text[len] == '\0' && *text != '-' && len < 256;
}

/* "to ID HOST [running]" */
static bool
parse(const char *text, struct move *m)
{
	char way[8] = "", state[16] = "";
	int n = sscanf(text, "%7s %32s %255s %15s", way, m->id, m->host,
	    state);

	m->way = strcmp(way, "to") == 0 ? MOVE_TO :
	    strcmp(way, "from") == 0 ? MOVE_FROM : MOVE_NONE;
	m->running = n == 4;
	return m->way != MOVE_NONE && n >= 3 && move_is_id(m->id) &&
	    is_host(m->host) && (n == 3 || strcmp(state, "running") == 0);
}

int
prop_check_move(const char *value, struct error *e)
{
	struct move m;

	return parse(value, &m) ? 0 : error_set(e, ERROR_CONFIG, "'%.80s' is "
	    "not what 'gaol send --move' writes; no value ends the move",
	    value);
}

int
prop_check_replica(const char *value, struct error *e)
{
	char origin[MOVE_ID] = "", host[256] = "", rest[2] = "";

	if (sscanf(value, "%32s %255s %1s", origin, host, rest) == 2 &&
	    move_is_id(origin) && is_host(host))
		return 0;
	return error_set(e, ERROR_CONFIG, "'%.80s' is not what 'gaol send' "
	    "writes", value);
}

void
move_get(const struct cell *c, struct move *m)
{
	AUTO_FREE char *text = cell_text(c, "move");

	memset(m, 0, sizeof(*m));
	if (text == NULL || *text == '\0' || !parse(text, m))
		m->way = MOVE_NONE;
}

static int
set_text(struct cell *c, const char *name, const char *value, struct error *e)
{
	AUTO_STRINGS struct strings values = VEC_INIT;

	if (value != NULL)
		strings_add(&values, value);
	else if (!cell_names_property(c, name))
		return 0;
	return cell_set(c, prop_find(name), name, &values, false, e);
}

int
move_set(struct cell *c, const struct move *m, struct error *e)
{
	AUTO_FREE char *text = m == NULL ? NULL : xasprintf("%s %s %s%s",
	    m->way == MOVE_TO ? "to" : "from", m->id, m->host,
	    m->running ? " running" : "");

	return set_text(c, "move", text, e);
}

void
replica_get(const struct cell *c, char origin[MOVE_ID])
{
	AUTO_FREE char *text = cell_text(c, "replica");

	origin[0] = '\0';
	if (text != NULL)
		snprintf(origin, MOVE_ID, "%.32s", text);
	if (!move_is_id(origin))
		origin[0] = '\0';
}

int
replica_set(struct cell *c, const char *origin, const char *host,
    struct error *e)
{
	AUTO_FREE char *text = origin == NULL ? NULL : xasprintf("%s %s",
	    origin, host);

	return set_text(c, "replica", text, e);
}

static char *
taken_name(const char *id)
{
	return xasprintf("moves/%s", id);
}

bool
move_taken(const struct host *h, const char *id)
{
	AUTO_FREE char *file = taken_name(id);

	return file_exists(h->root_fd, file);
}

int
move_take(const struct host *h, const char *id, const char *name,
    struct error *e)
{
	AUTO_FREE char *file = taken_name(id);
	AUTO_FREE char *text = xasprintf("%s\n", name);

	if (mkdirat(h->root_fd, "moves", 0700) < 0 && errno != EEXIST)
		return error_sys(e, "make %s/moves", h->root);
	if (file_sync_dir(h->root_fd, ".", e) < 0)
		return -1;
	return file_replace(h->root_fd, file, text, strlen(text), 0600,
	    FILE_DURABLE, e);
}

int
move_forget(const struct host *h, const char *id, struct error *e)
{
	AUTO_FREE char *file = taken_name(id);

	if (unlinkat(h->root_fd, file, 0) < 0)
		return errno == ENOENT ? 0 : error_sys(e, "remove %s/%s",
		    h->root, file);
	if (unlinkat(h->root_fd, "moves", AT_REMOVEDIR) == 0)
		return file_sync_dir(h->root_fd, ".", e);
	return file_sync_dir(h->root_fd, "moves", e);
}

int
move_check_start(const struct host *h, const struct cell *c, struct error *e)
{
	struct move m;

	move_get(c, &m);
	if (m.way == MOVE_NONE ||
	    (m.way == MOVE_FROM && move_taken(h, m.id)))
		return 0;
	if (m.way == MOVE_FROM)
		return error_set(e, ERROR_BUSY, "jail '%s' is on its way here "
		    "from %s; 'gaol send --move %s' there completes it",
		    c->name, m.host, c->name);
	return error_set(e, ERROR_BUSY, "jail '%s' is on its way to %s, where "
	    "it may run already; 'gaol send --move %s %s' completes that, "
	    "--abort instead of --move takes it back", c->name, m.host,
	    c->name, m.host);
}

bool
move_is_marked(const struct cell *c)
{
	return cell_names_property(c, "move") ||
	    cell_names_property(c, "replica");
}

int
move_unmark(struct cell *c, struct error *e)
{
	return move_set(c, NULL, e) < 0 ? -1 : replica_set(c, NULL, NULL, e);
}

int
move_origin(const struct host *h, const char *name, char origin[MOVE_ID],
    struct error *e)
{
	AUTO_FREE char *file = xasprintf("%s/origin", name);
	AUTO_BUF struct buf text = BUF_INIT;

	if (file_exists(h->jails_fd, file)) {
		if (file_read(h->jails_fd, file, 256, &text, e) < 0)
			return -1;
		snprintf(origin, MOVE_ID, "%.32s", buf_text(&text));
		if (move_is_id(origin))
			return 0;
	}
	move_new_id(origin);
	return file_replace(h->jails_fd, file, origin, MOVE_ID - 1, 0600,
	    FILE_DURABLE, e);
}
