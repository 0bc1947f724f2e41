/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* compat_doc: print the tables of docs/compat.md, which stand between its
 * lines "<!-- tables -->" and "<!-- end -->". */
#include <stdio.h>

#include "base/auto.h"
#include "compat/compat.h"

int
main(void)
{
	AUTO_BUF struct buf out = BUF_INIT;

	compat_doc_all(&out);
	fputs(buf_text(&out), stdout);
	return fflush(stdout) != 0;
}
