/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "engine/linux/linux.h"

enum { STATE_LISTEN = 0x0a, TABLE_MAX = 16 << 20 };

/* "  0: 00000000:0050 00000000:0000 0A ...": proc_net_tcp of the kernel. */
static bool
is_listener(const char *line, unsigned port)
{
	unsigned local, state;

	return sscanf(line, " %*u: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x",
	    &local, &state) == 2 && local == port && state == STATE_LISTEN;
}

/*
 * From the tables of the jail's own network stack: nothing is connected to, so
 * that a service which answers one client is left alone.
 */
int
linux_listens(const struct engine_live *live, uint16_t port, bool *listens,
    struct error *e)
{
	static const char *const tables[] = { "tcp", "tcp6" };

	*listens = false;
	for (size_t i = 0; i < 2 && !*listens; i++) {
		AUTO_FREE char *path = xasprintf("/proc/%d/net/%s",
		    (int)live->jid, tables[i]);
		AUTO_BUF struct buf text = BUF_INIT;
		struct error ignored = ERROR_INIT;
		char *line, *rest;

		/* a host without IPv6 has one table, a dead jail none */
		if (file_read(AT_FDCWD, path, TABLE_MAX, &text, &ignored) < 0)
			continue;
		rest = text.data;
		while (rest != NULL && (line = strsep(&rest, "\n")) != NULL)
			*listens |= is_listener(line, port);
	}
	return 0;
}
