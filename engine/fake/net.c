/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "engine/fake/fake.h"

const struct net *const net_native = NULL;
