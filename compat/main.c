/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <string.h>

#include "compat/compat.h"

int
main(int argc, char **argv)
{
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
	const struct compat_tool *tool = NULL;

	cmd_prepare_process();
	if (argc > 0)
		tool = compat_find(slash != NULL ? slash + 1 : argv[0]);
	if (tool != NULL)
		return compat_main(tool, NULL, argc, argv);
	return cmd_main(argc, argv, compat_front);
}
