/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_FREEBSD_LZC_H
#define ENGINE_FREEBSD_LZC_H

#include <stdint.h>

/*
 * What we use of libzfs_core(3) and libnvpair(3), whose libraries are in base
 * and whose headers include some that are not (sys/fs/zfs.h, sys/nvpair.h).
 * boolean_t is an int.  Functions return an errno.
 */
typedef struct nvlist nvlist_t;

enum { LZC_UNIQUE_NAMES = 1, LZC_TYPE_ZFS = 2 };

int nvlist_alloc(nvlist_t **list, unsigned flags, int sleep);
void nvlist_free(nvlist_t *list);
int nvlist_add_boolean(nvlist_t *list, const char *name);
int nvlist_add_string(nvlist_t *list, const char *name, const char *value);
int nvlist_add_string_array(nvlist_t *list, const char *name,
    const char *const *values, unsigned count);
int nvlist_add_nvlist(nvlist_t *list, const char *name, const nvlist_t *value);
int nvlist_lookup_string(const nvlist_t *list, const char *name,
    const char **value);

int libzfs_core_init(void);
void libzfs_core_fini(void);
int lzc_exists(const char *name);
int lzc_create(const char *name, int type, nvlist_t *props, uint8_t *key,
    unsigned key_len);
int lzc_clone(const char *name, const char *origin, nvlist_t *props);
int lzc_promote(const char *name, char *conflict, int conflict_len);
int lzc_rename(const char *from, const char *to);
int lzc_destroy(const char *name);
int lzc_snapshot(nvlist_t *snapshots, nvlist_t *props, nvlist_t **errors);
int lzc_destroy_snaps(nvlist_t *snapshots, int defer, nvlist_t **errors);
int lzc_rollback_to(const char *name, const char *snapshot);
int lzc_hold(nvlist_t *holds, int cleanup_fd, nvlist_t **errors);
int lzc_release(nvlist_t *holds, nvlist_t **errors);
int lzc_channel_program_nosync(const char *pool, const char *program,
    uint64_t instructions, uint64_t memory, nvlist_t *arguments,
    nvlist_t **out);

#endif
