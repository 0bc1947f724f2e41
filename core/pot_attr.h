/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_POT_ATTR_H
#define CORE_POT_ATTR_H

#include "core/cell.h"

/*
 * The attributes of pot, 'pot set-attribute -A NAME', and what of gaol each of
 * them is.  What gaol has no use of its own for is kept in a property
 * compat.pot.NAME, so that nothing is lost on the way there and back.
 */
enum pot_attr_type {
	POT_BOOL,		/* YES, NO */
	POT_UINT,
	POT_TEXT,
	POT_SHARE,		/* new, inherit, disable */
};
enum pot_attr_flag {
	POT_FRAMEWORK = 1 << 0,	/* pot's own; others are of jail(8) */
	POT_NEGATED = 1 << 1,	/* YES is off */
	POT_TOLD = 1 << 2,	/* not to be set by users */
	POT_MADE = 1 << 3,	/* written into each pot.conf by 'pot create' */
	POT_KEPT = 1 << 4,	/* pots have it whatever it says: what it says
				   is kept as well */
};

struct pot_attr {
	const char *name;
	const char *prop;	/* NULL: compat.pot.NAME; "mount": a tmpfs on
				   /tmp */
	enum pot_attr_type type;
	unsigned flags;
	const char *fallback;	/* pot's default */
};
/* In the order of 'pot info'. */
extern const struct pot_attr pot_attrs[];
extern const size_t pot_attr_count;

const struct pot_attr *pot_attr_find(const char *name);
/* "on" is YES; heap memory of the caller, NULL with ERROR_USAGE. */
char *pot_attr_canonical(const struct pot_attr *a, const char *value,
    struct error *e);
/* Check, and change the cell; ERROR_UNSUPPORTED when this system has no means
 * for it. */
int pot_attr_set(struct cell *c, const struct pot_attr *a, const char *value,
    struct error *e) FALLIBLE;
/* The value in pot's words; heap memory of the caller. */
char *pot_attr_get(const struct cell *c, const struct pot_attr *a);

/* Whether pots have all that pot gives them all.  Where jails have user ids of
 * their own they have no allow.chflags, and allow.raw_sockets only on a network
 * stack of their own ("public-bridge", "private-bridge"). */
bool pot_gives_chflags(void);
bool pot_gives_raw_sockets(const char *net_type);

/* The network that has the place of pot's public bridge. */
#define POT_NETWORK_NAME "pot"

/* compat.pot.NAME; NULL or value NULL: not set. */
char *pot_kept(const struct cell *c, const char *name);
int pot_keep(struct cell *c, const char *name, const char *value,
    struct error *e) FALLIBLE;

/*
 * pot.cmd: what is run in the jail, and keeps it in use.  In exec.start it is
 * in the background, unless it is rc(8), which comes back.
 */
#define POT_CMD_RC "sh /etc/rc"
char *pot_cmd_line(const char *cmd);
int pot_cmd_set(struct cell *c, const char *cmd, struct error *e) FALLIBLE;
char *pot_cmd_get(const struct cell *c);

/* How pot would call the network of a cell. */
struct pot_net {
	const char *type;	/* "inherit", "alias", "public-bridge",
				   "private-bridge", "none" */
	char *ip;		/* "" when it has none; several: with blanks */
	char *bridge;		/* the network; NULL: none */
};
#define AUTO_POT_NET __attribute__((cleanup(pot_net_fini)))
#define POT_NET_INIT { NULL, NULL, NULL }
void pot_net_fini(struct pot_net *n);
/* h NULL: addresses that are not in cell.conf are not looked up.  *rest gets
 * what pot has no word for. */
void pot_net_get(const struct host *h, const struct cell *c,
    struct pot_net *n, struct strings *rest);

/*
 * pot.export.ports, "80", "udp:53:5353" (inside, then on the host), and
 * publish, "5353:53/udp".  Heap memory of the caller; NULL: it is none.
 */
char *pot_port_parse(const char *port);
char *pot_port_format(const char *publish);

/* conf/pot.conf and conf/fscomp.conf of a cell, each appended to files as
 * foreign_parse() takes them; *lost as of bastille_files(). */
void pot_files(const struct cell *c, struct buf *files, struct strings *lost);

#endif
