/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* skein FILE...: skein1024(1) -q of all of them together. */
#include <err.h>
#include <stdio.h>

#include "image/skein.h"

int
main(int argc, char **argv)
{
	static char block[65536];
	char hex[SKEIN_HEX];
	struct skein s;
	size_t n;

	skein_init(&s);
	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rbe");

		if (f == NULL)
			err(1, "%s", argv[i]);
		while ((n = fread(block, 1, sizeof(block), f)) > 0)
			skein_add(&s, block, n);
		fclose(f);
	}
	skein_text(&s, hex);
	puts(hex);
	return 0;
}
