/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CMD_GRAPH_H
#define CMD_GRAPH_H

#include "cmd/cmd.h"

/*
 * In which order several targets are worked on.  A jail comes after those it
 * depends on and after those of a lower priority number; what it depends on
 * takes over its priority when that is lower.  ORDER_DOWN turns all of it
 * round.  Only the targets themselves count: nothing is added.
 */
struct graph_node {
	int64_t priority;
	VEC(size_t) after;	/* nodes that must be done first */
	enum { NODE_WAITING, NODE_GIVEN, NODE_DONE, NODE_FAILED } state;
	unsigned char mark;	/* for the search of cycles */
};

struct graph {
	const struct strings *names;	/* borrowed; node i is name i */
	struct graph_node *nodes;
	size_t *order;		/* nodes by priority, then as named */
	size_t first;		/* in order: all before it are finished */
};

/*
 * ERROR_CONFIG for a circle: "depend goes in a circle: a -> b -> a".  With
 * ORDER_DOWN that is a warning, and depend does not count: no mistake in a
 * cell.conf keeps jails from being stopped.
 */
int graph_init(struct graph *g, const struct host *h,
    const struct strings *names, enum target_order order, struct error *e)
    FALLIBLE;
void graph_fini(struct graph *g);
/* A node to work on now; -1 when there is none, or none before another one is
 * finished. */
ssize_t graph_next(struct graph *g);
void graph_finish(struct graph *g, size_t node, bool done);
/* A node before this one that failed, or -1: then it is not to be tried. */
ssize_t graph_failed_before(const struct graph *g, size_t node);

#endif
