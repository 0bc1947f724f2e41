/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_POSIX_LAYERS_H
#define ENGINE_POSIX_LAYERS_H

#include "engine/engine.h"

/*
 * Stacks of read-only layers: snapshots and clones of the store overlay.
 *
 *	jails/NAME/layers/{upper,work,below}	what the jail writes to
 *	jails/NAME/frozen/ID/{upper,below,used}	layers of this jail alone
 *	jails/NAME/snapshots/SNAP		-> "1 ID CREATED ORDER HELD NOTE"
 *	ROOT/layers/ID/{upper,below,used,refs/}	layers of several jails
 *
 * A layer never changes.  below is a symbolic link whose text is the ID of the
 * layer underneath, missing when that is the release; used caches
 * "BYTES TOTAL", TOTAL with all layers below.  An ID is looked up in frozen/
 * first.  layers/ and frozen/ID look alike, so that one rename2(2) with
 * RENAME_EXCHANGE turns what is written to into a layer below an empty one.
 *
 * References are what lies on disk and are never counted.  A layer of frozen/
 * is kept while layers/below, a snapshot or a kept layer names it.  One of
 * ROOT/layers is kept while refs/ has an entry: NAME for a jail that names it
 * directly, +ID for a layer on top of it.  An entry is made before what needs
 * it is in place and goes after it, under flock(2) on ROOT/layers.
 */
enum { LAYER_ID = 18 };		/* level, 16 hexadecimal digits, NUL */
/* Deeper stacks are merged; the kernel takes 500. */
enum { LAYERS_DEEP = 60, LAYERS_RUN = 16 };
#define LAYERS_OPAQUE "user.overlay.opaque"

int layers_tree(const struct store_cell *c, struct tree *tree,
    struct error *e) FALLIBLE;
/*
 * The directories of a snapshot, or (NULL) of the jail, uppermost first, with
 * the release.
 */
int layers_paths(const struct store_cell *c, const char *snapshot,
    struct strings *paths, struct error *e) FALLIBLE;
int layers_snapshot(const struct store_cell *c, const struct snapshot *s,
    const struct store_live *live, struct error *e) FALLIBLE;
int layers_snapshots(const struct store_cell *c, bool sizes,
    struct snapshots *list, struct error *e) FALLIBLE;
int layers_snapshot_destroy(const struct store_cell *c,
    const struct strings *names, struct error *e) FALLIBLE;
int layers_snapshot_hold(const struct store_cell *c, const char *name,
    bool hold, struct error *e) FALLIBLE;
int layers_rollback(const struct store_cell *c, const char *name,
    struct error *e) FALLIBLE;
int layers_clone(const struct store_cell *c, const char *snapshot,
    const struct store_cell *to, struct error *e) FALLIBLE;
int layers_destroy(const struct store_cell *c, struct error *e) FALLIBLE;
int layers_rename(const struct store_cell *c, const char *to_name,
    const char *to, struct error *e) FALLIBLE;
int layers_usage(const struct store_cell *c, struct store_usage *usage,
    struct error *e) FALLIBLE;
int layers_recover(const struct store_cell *c, struct error *e) FALLIBLE;
int layers_adopt(const struct store_cell *c, struct error *e) FALLIBLE;

/* Between the files of layers. */

/* What a jail's directory names. */
struct layer {
	char id[LAYER_ID];
	char below[LAYER_ID];	/* "" at the bottom */
	bool kept;
};
VEC_TYPE(layer_list, struct layer);
struct stack {
	struct layer_list own;		/* frozen/, sorted */
	struct strings outside;		/* named directly, in ROOT/layers */
};
#define STACK_INIT { VEC_INIT, VEC_INIT }
#define AUTO_STACK __attribute__((cleanup(stack_fini)))

struct layer_snapshot {
	char top[LAYER_ID];	/* "" is the release alone */
	int64_t created;
	uint64_t order;
	bool held;
	const char *note;	/* in text */
	char text[4096];
};

void stack_fini(struct stack *s);
/* Read it and mark what is kept. */
int stack_load(int dir, struct stack *s, struct error *e) FALLIBLE;
struct layer *stack_find(const struct stack *s, const char *id);
/* ERROR_NOT_FOUND that names the jail. */
int snapshot_read(const struct store_cell *c, const char *name,
    struct layer_snapshot *s, struct error *e) FALLIBLE;
int snapshot_write(int dir, const char *name, const char *top,
    const struct layer_snapshot *s, const char *note, struct error *e)
    FALLIBLE;
/* The text of the link at dir/name, which is an ID; "" when there is none. */
int layer_below(int dir, const char *name, char id[LAYER_ID],
    struct error *e) FALLIBLE;
void layer_new_id(int level, char id[LAYER_ID]);
/* The directory of a layer of the jail, below c->root; heap memory. */
char *layer_path(const struct store_cell *c, const char *id);
/* Remove what is not kept, and references of it. */
int layers_sweep(const struct store_cell *c, const struct strings *dropped,
    struct error *e) FALLIBLE;
/* After a change: a stack that is too deep is merged, when that works. */
int layers_merge(const struct store_cell *c, struct error *e) FALLIBLE;

/* ROOT/layers, made and locked. */
int pool_open(const char *root, struct error *e) FALLIBLE;
int pool_add_ref(int pool, const char *id, const char *ref, struct error *e)
    FALLIBLE;
/* Take a reference away; without any the layer goes, and so on below. */
int pool_drop_ref(int pool, const char *id, const char *ref, struct error *e)
    FALLIBLE;
/* Move the layers of that stack from top on out of frozen/. */
int pool_share(int pool, const struct store_cell *c, const char *top,
    struct error *e) FALLIBLE;
/* Drop all references that nothing stands for. */
int pool_check(int pool, const char *root, struct error *e) FALLIBLE;
/* Whether some directory of that jail, but for one, names the layer. */
bool pool_needed(const char *root, const char *name, const char *but,
    const char *id);

#endif
