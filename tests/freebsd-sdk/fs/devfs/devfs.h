/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_FS_DEVFS_DEVFS_H
#define SDK_FS_DEVFS_DEVFS_H

#include <sys/types.h>
#define DEVFS_MAGIC 0xdb0a087a
#define DEVFS_MAXPTRNLEN 200
typedef uint16_t devfs_rnum, devfs_rsnum;
typedef uint32_t devfs_rid;
#define mkrid(rsn, rn) ((rn) | ((rsn) << 16))
#define rid2rsn(rid) ((rid) >> 16)
struct devfs_rule { uint32_t dr_magic; devfs_rid dr_id; int dr_icond,
    dr_dswflags; char dr_pathptrn[DEVFS_MAXPTRNLEN]; int dr_iacts, dr_bacts;
    uid_t dr_uid; gid_t dr_gid; mode_t dr_mode; devfs_rsnum dr_incset; };
#define DRC_PATHPTRN 0x002
#define DRA_BACTS 0x001
#define DRA_INCSET 0x010
#define DRB_HIDE 0x001
#define DRB_UNHIDE 0x002
#define DEVFSIO_RADD 1
#define DEVFSIO_RDEL 2
#define DEVFSIO_RGETNEXT 3
#define DEVFSIO_SGETNEXT 4

#endif
