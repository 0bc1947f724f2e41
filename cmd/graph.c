/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/num.h"
#include "cmd/graph.h"
#include "view/cells.h"

enum { MARK_NEW, MARK_OPEN, MARK_CLOSED };

static size_t
count(const struct graph *g)
{
	return g->names->count;
}

/* Position of each name, sorted, so that finding one of thousands is quick. */
struct place {
	const char *name;
	size_t node;
};

static int
compare_places(const void *a, const void *b)
{
	return strcmp(((const struct place *)a)->name,
	    ((const struct place *)b)->name);
}

static struct place *
sort_places(const struct graph *g)
{
	struct place *places = xcalloc(count(g), sizeof(*places));

	for (size_t i = 0; i < count(g); i++)
		places[i] = (struct place){ g->names->items[i], i };
	qsort(places, count(g), sizeof(*places), compare_places);
	return places;
}

static void
add_dependencies(struct graph *g, const struct place *places,
    const struct cells *cells, size_t row, size_t node)
{
	AUTO_STRINGS struct strings depend = VEC_INIT;

	cells_values(cells, row, CELLS_DEPEND, &depend);
	for (size_t i = 0; i < depend.count; i++) {
		struct place key = { depend.items[i], 0 };
		const struct place *found = bsearch(&key, places, count(g),
		    sizeof(key), compare_places);

		if (found != NULL)
			VEC_PUSH(&g->nodes[node].after, found->node);
	}
}

static int
load(struct graph *g, const struct host *h, struct error *e)
{
	AUTO_CELLS struct cells cells = CELLS_INIT;
	AUTO_FREE struct place *places = sort_places(g);

	if (cells_load(h, g->names, &cells, e) < 0)
		return -1;
	for (size_t i = 0; i < count(g); i++) {
		ssize_t row = cells_find(&cells, g->names->items[i]);
		struct error ignored = ERROR_INIT;
		const char *text;

		if (row < 0)
			continue;
		text = cells_value(&cells, (size_t)row, CELLS_PRIORITY);
		if (text != NULL && parse_int(text, INT32_MIN, INT32_MAX,
		    &g->nodes[i].priority, &ignored) < 0)
			g->nodes[i].priority = 0;
		add_dependencies(g, places, &cells, (size_t)row, i);
	}
	return 0;
}

static int
circle(const struct graph *g, const size_t *path, size_t depth, size_t node,
    struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;
	size_t from = 0;

	while (path[from] != node)
		from++;
	for (size_t i = from; i < depth; i++)
		buf_printf(&text, "%s -> ", g->names->items[path[i]]);
	return error_set(e, ERROR_CONFIG, "depend goes in a circle: %s%s",
	    buf_text(&text), g->names->items[node]);
}

/* Follow what node comes after; one that is met on its own path is a circle. */
static int
visit(struct graph *g, size_t node, size_t *path, size_t depth,
    struct error *e)
{
	struct graph_node *n = &g->nodes[node];

	if (n->mark == MARK_OPEN)
		return circle(g, path, depth, node, e);
	if (n->mark == MARK_CLOSED)
		return 0;
	n->mark = MARK_OPEN;
	path[depth] = node;
	for (size_t i = 0; i < n->after.count; i++)
		if (visit(g, n->after.items[i], path, depth + 1, e) < 0)
			return -1;
	n->mark = MARK_CLOSED;
	return 0;
}

static int
check_circles(struct graph *g, struct error *e)
{
	AUTO_FREE size_t *path = xcalloc(count(g) + 1, sizeof(*path));

	for (size_t i = 0; i < count(g); i++)
		if (visit(g, i, path, 0, e) < 0)
			return -1;
	return 0;
}

static void
forget_dependencies(struct graph *g)
{
	for (size_t i = 0; i < count(g); i++)
		VEC_FINI(&g->nodes[i].after);
}

/* There are no circles: this ends after as many rounds as chains are long. */
static void
hand_down_priorities(struct graph *g)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < count(g); i++)
			for (size_t k = 0; k < g->nodes[i].after.count; k++) {
				struct graph_node *first =
				    &g->nodes[g->nodes[i].after.items[k]];

				if (first->priority <= g->nodes[i].priority)
					continue;
				first->priority = g->nodes[i].priority;
				changed = true;
			}
	}
}

static void
turn_round(struct graph *g)
{
	struct graph_node *turned = xcalloc(count(g), sizeof(*turned));

	for (size_t i = 0; i < count(g); i++) {
		turned[i].priority = -g->nodes[i].priority;
		for (size_t k = 0; k < g->nodes[i].after.count; k++)
			VEC_PUSH(&turned[g->nodes[i].after.items[k]].after, i);
	}
	for (size_t i = 0; i < count(g); i++)
		VEC_FINI(&g->nodes[i].after);
	free(g->nodes);
	g->nodes = turned;
}

struct rank {
	int64_t priority;
	size_t node;
};

static int
compare_ranks(const void *one, const void *two)
{
	const struct rank *a = one, *b = two;

	if (a->priority != b->priority)
		return a->priority < b->priority ? -1 : 1;
	return a->node < b->node ? -1 : 1;
}

static void
sort_order(struct graph *g)
{
	AUTO_FREE struct rank *ranks = xcalloc(count(g), sizeof(*ranks));

	for (size_t i = 0; i < count(g); i++)
		ranks[i] = (struct rank){ g->nodes[i].priority, i };
	qsort(ranks, count(g), sizeof(*ranks), compare_ranks);
	g->order = xcalloc(count(g), sizeof(*g->order));
	for (size_t i = 0; i < count(g); i++)
		g->order[i] = ranks[i].node;
}

int
graph_init(struct graph *g, const struct host *h, const struct strings *names,
    enum target_order order, struct error *e)
{
	*g = (struct graph){ names, NULL, NULL, 0 };
	g->nodes = xcalloc(names->count, sizeof(*g->nodes));
	if (order != ORDER_NONE) {
		if (load(g, h, e) < 0)
			return -1;
		if (check_circles(g, e) < 0) {
			if (order == ORDER_UP)
				return -1;
			cmd_warn("%s", e->msg);
			error_clear(e);
			forget_dependencies(g);
		}
		hand_down_priorities(g);
	}
	if (order == ORDER_DOWN)
		turn_round(g);
	sort_order(g);
	return 0;
}

void
graph_fini(struct graph *g)
{
	for (size_t i = 0; g->nodes != NULL && i < count(g); i++)
		VEC_FINI(&g->nodes[i].after);
	free(g->nodes);
	free(g->order);
	*g = (struct graph){ NULL, NULL, NULL, 0 };
}

static bool
finished(const struct graph_node *n)
{
	return n->state == NODE_DONE || n->state == NODE_FAILED;
}

static bool
ready(const struct graph *g, const struct graph_node *n)
{
	for (size_t i = 0; i < n->after.count; i++)
		if (!finished(&g->nodes[n->after.items[i]]))
			return false;
	return true;
}

ssize_t
graph_next(struct graph *g)
{
	int64_t wave;

	while (g->first < count(g) &&
	    finished(&g->nodes[g->order[g->first]]))
		g->first++;
	if (g->first == count(g))
		return -1;
	wave = g->nodes[g->order[g->first]].priority;
	for (size_t i = g->first; i < count(g); i++) {
		struct graph_node *n = &g->nodes[g->order[i]];

		if (n->priority != wave)
			break;
		if (n->state != NODE_WAITING || !ready(g, n))
			continue;
		n->state = NODE_GIVEN;
		return (ssize_t)g->order[i];
	}
	return -1;
}

void
graph_finish(struct graph *g, size_t node, bool done)
{
	g->nodes[node].state = done ? NODE_DONE : NODE_FAILED;
}

ssize_t
graph_failed_before(const struct graph *g, size_t node)
{
	const struct graph_node *n = &g->nodes[node];

	for (size_t i = 0; i < n->after.count; i++)
		if (g->nodes[n->after.items[i]].state == NODE_FAILED)
			return (ssize_t)n->after.items[i];
	return -1;
}
