/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef IMAGE_MEMBER_H
#define IMAGE_MEMBER_H

#include <archive_entry.h>
#include <limits.h>
#include <stdint.h>

#include "base/error.h"

/*
 * The judgement of one archive member before anything of it is written.  The
 * tree so far is looked at below the working directory.
 */
enum member_verdict {
	MEMBER_WRITE,
	MEMBER_SKIP,		/* it is there already, exactly so */
	MEMBER_DEVICE,		/* a node below dev/: left out */
};

/* What is remembered from one member to the next. */
struct member_check {
	char parent[PATH_MAX];	/* a directory known to be real, "" first */
	uint64_t lost;		/* attributes that could not be taken over */
};

/*
 * Judge a member.  Its name, and a hard link's target, are replaced by their
 * plain form ("./a//b/" becomes "a/b", the root "."); attributes that must not
 * come from an archive are removed.  ERROR_DATA says what is wrong with it,
 * without its name.
 */
int member_judge(struct member_check *check, struct archive_entry *entry,
    enum member_verdict *verdict, struct error *e) FALLIBLE;

enum { MEMBER_SHOWN = 200 };

/* A member's name fit for a message: cut, control characters escaped. */
const char *member_show(const char *name, char shown[MEMBER_SHOWN]);

#endif
