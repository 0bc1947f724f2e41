/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_DIRENT_H
#define SDK_DIRENT_H

#include <sys/types.h>
struct dirent { ino_t d_fileno; off_t d_off; uint16_t d_reclen; uint8_t d_type;
    uint8_t d_pad0; uint16_t d_namlen, d_pad1; char d_name[256]; };
#define d_ino d_fileno
#define DT_UNKNOWN 0
#define DT_FIFO 1
#define DT_CHR 2
#define DT_DIR 4
#define DT_BLK 6
#define DT_REG 8
#define DT_LNK 10
#define DT_SOCK 12
typedef struct _dirdesc DIR;
int closedir(DIR *);
int dirfd(DIR *);
DIR *fdopendir(int);
DIR *opendir(const char *);
struct dirent *readdir(DIR *);
void rewinddir(DIR *);
int scandir(const char *, struct dirent ***, int (*)(const struct dirent *),
    int (*)(const struct dirent **, const struct dirent **));

#endif
