/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "compat/bastille/bastille.h"

const struct compat_cmd *const bastille_commands[] = {
	NULL,
};
