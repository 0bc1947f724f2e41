/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

#include <stdbool.h>

#include "base/buf.h"

/*
 * Extended attributes that belong to a file (ACLs, capabilities, user's and
 * trusted ones; no labels of the host's security modules) as one string of
 * bytes: sorted, "NAME\0" with the length of the value before it.  Where there
 * are none it is empty.  name is the last name of the file in dirfd, not
 * followed; NULL is dirfd itself.  -1 with errno.
 */
int attr_read(int dirfd, const char *name, struct buf *out);
/*
 * Make them what the string says, those it does not name removed.  Without
 * root what only root may set is left out.  EINVAL when it is none.
 */
int attr_write(int dirfd, const char *name, const void *data, size_t len);
/* Leave out what gives rights to who runs the file: capabilities, and trusted
 * ones, in which they could be told. */
void attr_tame(struct buf *attrs);
/* Whether it is such a string. */
bool attr_check(const void *data, size_t len);

#endif
