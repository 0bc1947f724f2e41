/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_ASSERT_H
#define SDK_ASSERT_H

#define assert(e) ((void)(e))

#endif
