/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_SYS_MMAN_H
#define SDK_SYS_MMAN_H

#include <sys/types.h>
#define PROT_NONE 0
#define PROT_READ 1
#define PROT_WRITE 2
#define MAP_SHARED 1
#define MAP_PRIVATE 2
#define MAP_ANON 0x1000
#define MAP_ANONYMOUS MAP_ANON
#define MAP_FAILED ((void *)-1)
#define MFD_CLOEXEC 0x00000001U
void *mmap(void *, size_t, int, int, int, off_t);
int munmap(void *, size_t);
int memfd_create(const char *, unsigned);

#endif
