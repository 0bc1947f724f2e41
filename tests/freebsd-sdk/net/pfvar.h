/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_NET_PFVAR_H
#define SDK_NET_PFVAR_H

#include <sys/types.h>
struct pfioc_ruleset { uint32_t nr; char path[1024]; char name[64]; };
#define DIOCGETRULESETS 1
#define DIOCGETRULESET 2

#endif
