/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_POSIX_ZFS_H
#define ENGINE_POSIX_ZFS_H

#include "engine/engine.h"

/*
 * What the store zfs asks of ZFS: by the zfs program on Linux (linux/
 * zfs_command.c), by libzfs_core on FreeBSD (freebsd/zfs_core.c).  Only what
 * pools of version 23 (zfs-fuse) and OpenZFS both understand.  zfsprops(7).
 *
 * Datasets are mounted where they belong: path is that place.  Below it may be
 * the dataset DATASET/root, mounted at PATH/root.  NULL: of a snapshot.
 */
/* Where the jails of a root lie: zfs_zone.c. */
struct zfs_zone {
	char *base;		/* "tank/gaol" */
	const char *root;
	int lock;		/* of one jail; a program of ours that outlives
				   us keeps it until it ends */
};
#define ZFS_ZONE_INIT { NULL, NULL, -1 }
#define AUTO_ZFS_ZONE __attribute__((cleanup(zfs_zone_fini)))

struct zfs_value {
	char *dataset;		/* "tank/gaol/jails/web/root@s1" */
	char *property;
	char *value;		/* "-" without one; numbers are bytes */
	bool local;		/* set there itself, not inherited */
};
VEC_TYPE(zfs_values, struct zfs_value);
void zfs_values_fini(struct zfs_values *v);
#define AUTO_ZFS_VALUES __attribute__((cleanup(zfs_values_fini)))

enum zfs_scope {
	ZFS_ONE,	/* the dataset or snapshot */
	ZFS_BELOW,	/* it and all file systems below it */
	ZFS_SNAPSHOTS,	/* its snapshots, oldest first */
};

/* Whether ZFS is there to be asked at all; cheap. */
bool zfs_here(void);
/*
 * Append the values of properties (NULL-terminated), dataset by dataset, in
 * the order asked for.  ERROR_NOT_FOUND when the dataset does not exist.
 */
int zfs_get(const struct zfs_zone *z, const char *dataset, enum zfs_scope scope,
    const char *const *properties, struct zfs_values *out, struct error *e)
    FALLIBLE;
/*
 * The file system of any pool with that user property set to value itself;
 * NULL when there is none.  The caller frees it.
 */
char *zfs_search(const char *property, const char *value, struct error *e);

/* options: "compression=lz4".  Mounted when they return. */
int zfs_create(const struct zfs_zone *z, const char *dataset, const char *path,
    const struct strings *options, struct error *e) FALLIBLE;
int zfs_clone(const struct zfs_zone *z, const char *snapshot, const char *dataset, const char *path,
    const struct strings *options, struct error *e) FALLIBLE;
int zfs_snapshot(const struct zfs_zone *z, const char *snapshot, const struct strings *options,
    struct error *e) FALLIBLE;
/* A file system with nothing below it and no snapshots. */
int zfs_destroy(const struct zfs_zone *z, const char *dataset, const char *path, struct error *e)
    FALLIBLE;
/* One that clones stand on goes with the last of them, if defer. */
int zfs_destroy_snapshots(const struct zfs_zone *z, const struct strings *names, bool defer,
    struct error *e) FALLIBLE;
int zfs_promote(const struct zfs_zone *z, const char *dataset, struct error *e) FALLIBLE;
int zfs_rename(const struct zfs_zone *z, const char *from, const char *to, const char *from_path,
    const char *to_path, struct error *e) FALLIBLE;
/* To the last of its snapshots. */
int zfs_rollback(const struct zfs_zone *z, const char *snapshot, struct error *e) FALLIBLE;
int zfs_hold(const struct zfs_zone *z, const char *snapshot, bool hold, struct error *e) FALLIBLE;
/* value NULL: as inherited. */
int zfs_set(const struct zfs_zone *z, const char *dataset, const char *property, const char *value,
    struct error *e) FALLIBLE;
/* One that is mounted is success. */
int zfs_mount(const struct zfs_zone *z, const char *dataset, const char *path, struct error *e)
    FALLIBLE;

/* zfs_program.c: the program zfs, argv after "zfs".  Tried again while it says
 * that something is busy: what was unmounted may need a moment.  out may be
 * NULL. */
int zfs_program(const struct zfs_zone *z, const struct strings *argv,
    struct buf *out, struct error *e) FALLIBLE;

/* The same, tried once. */
int zfs_program_once(const struct zfs_zone *z, const struct strings *argv,
    struct buf *out, struct error *e) FALLIBLE;
int zfs_program_get(const struct zfs_zone *z, const char *dataset,
    const char *const *properties, struct zfs_values *out, struct error *e)
    FALLIBLE;
/* "create", "clone" or "snapshot"; from and dataset may be NULL. */
int zfs_program_create(const struct zfs_zone *z, const char *command,
    const char *from, const char *dataset, const struct strings *options,
    struct error *e) FALLIBLE;
/* "NAME\tPROPERTY\tSOURCE\tVALUE\n": lines of "zfs get"; text is changed. */
void zfs_parse(char *text, struct zfs_values *out);
char *zfs_field(char **text);
char *zfs_join(const char *const *words);	/* by commas; to be freed */

/* zfs_zone.c */
void zfs_zone_fini(struct zfs_zone *z);
/*
 * Of the jail or release name (locked against those that were killed in it);
 * *base stays NULL where no jail of this root ever lay on ZFS.
 */
int zfs_zone_open(struct zfs_zone *z, const char *root, const char *name,
    struct error *e) FALLIBLE;
/*
 * What touches other jails too, as their clones (zfs-fuse unmounts these for a
 * moment): one at a time, until z is closed.
 */
int zfs_zone_alone(const struct zfs_zone *z, struct error *e) FALLIBLE;
/* The same, made at need; ERROR_UNSUPPORTED where it cannot be. */
int zfs_zone_make(struct zfs_zone *z, const char *root, const char *name,
    struct error *e) FALLIBLE;
/* Whether it could be made: touches nothing. */
int zfs_zone_probe(const char *root, struct error *e) FALLIBLE;

/* Whether a directory is a mount point. */
bool zfs_is_mounted(const char *path);
/* A file system or snapshot: false when it surely is not there; one that cannot
 * be looked at (busy) may be. */
bool zfs_exists(const struct zfs_zone *z, const char *dataset);
/* Mount it; that it is locked is told with the command that unlocks it. */
int zfs_attach(const struct zfs_zone *z, const char *dataset, const char *path, struct error *e)
    FALLIBLE;

/* zfs_snapshots.c */
#define ZFS_HIDDEN ".gaol."	/* begins the names of snapshots of our own use */
#define ZFS_MARK "gaol:snapshot"
struct zfs_snap {
	char *name;		/* after the @ */
	bool ours, hidden;
	unsigned clones;	/* below the base */
};
VEC_TYPE(zfs_snaps, struct zfs_snap);
void zfs_snaps_fini(struct zfs_snaps *list);
#define AUTO_ZFS_SNAPS __attribute__((cleanup(zfs_snaps_fini)))
/* Of a dataset, oldest first, and the file systems that stand on them:
 * clones->items[i] is dataset, value its origin. */
int zfs_snaps_get(const struct zfs_zone *z, const char *dataset,
    struct zfs_snaps *list, struct zfs_values *clones, struct error *e)
    FALLIBLE;
/* A new name for a snapshot that nobody is to see. */
char *zfs_hidden_name(void);
/* From now on it goes with the last of its clones, and is not seen. */
int zfs_retire(const struct zfs_zone *z, const char *dataset, const char *name, struct error *e)
    FALLIBLE;
/* Let clones keep what they stand on when dataset goes; destroy the rest of
 * its snapshots. */
int zfs_give_away(const struct zfs_zone *z, const char *dataset,
    struct error *e) FALLIBLE;
/* Complete what was killed: the files that a rollback puts in place. */
int zfs_settle_rollback(const struct zfs_zone *z, const char *home,
    const char *path, struct error *e) FALLIBLE;

int zfs_take(const struct store_cell *c, const struct snapshot *s,
    const struct store_live *live, struct error *e);
int zfs_snapshots(const struct store_cell *c, bool sizes,
    struct snapshots *list, struct error *e);
int zfs_snapshot_destroy(const struct store_cell *c,
    const struct strings *names, struct error *e);
int zfs_snapshot_hold(const struct store_cell *c, const char *name, bool hold,
    struct error *e);
int zfs_roll_back(const struct store_cell *c, const char *name,
    struct error *e);

/* zfs_receive.c */
#define CELL_PROPERTY "gaol:cell"
int zfs_receive(const struct store_cell *c, const char *below, int fd,
    struct error *e);
int zfs_received(const struct store_cell *c, struct error *e);

/* zfs_send.c */
int zfs_send(const struct store_cell *c, const struct store_send *s,
    struct error *e);
/* What an interrupted one left below the dataset home, mounted at path. */
int zfs_send_forget(const struct zfs_zone *z, const char *home,
    const char *path, const char *name, struct error *e);

/* zfs_take.c */
int zfs_take_check(const struct store_cell *c, const char *path,
    struct buf *was, struct error *e);
int zfs_take_over(const struct store_cell *c, const char *path,
    const char *was, struct error *e);
int zfs_give_back(const struct store_cell *c, const char *path,
    const char *was, struct error *e);

extern const struct store store_zfs;

#endif
