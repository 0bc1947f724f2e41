/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_INTTYPES_H
#define SDK_INTTYPES_H

#include <stdint.h>
#define PRId32 "d"
#define PRIu32 "u"
#define PRIx32 "x"
#define PRIX32 "X"
#define PRIu16 "u"
#define PRId64 "ld"
#define PRIu64 "lu"
#define PRIx64 "lx"
#define PRIuMAX "ju"
#define PRIdMAX "jd"
#define SCNd64 "ld"
#define SCNu64 "lu"
#define SCNx64 "lx"
#define SCNu32 "u"
#define SCNx32 "x"

#endif
