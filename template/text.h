/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef TEMPLATE_TEXT_H
#define TEMPLATE_TEXT_H

#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"

/*
 * The text of a Bastillefile, or of another file of lines, as it is executed:
 * lines that end in a backslash are joined to the next (the backslash goes and
 * nothing takes its place), then those that are empty or begin with # are left
 * out.  Where each byte stood is kept for messages.
 */
struct text_joint {
	size_t offset;		/* from here in text ... */
	unsigned line, column;	/* ... stood there, both from 1 */
};
struct text_line {
	char *text;		/* without newline, may be indented */
	struct text_joint *joints;
	size_t joint_count;
};
struct text {
	char *file;		/* for messages */
	VEC(struct text_line) lines;
};
#define TEXT_INIT { NULL, VEC_INIT }
#define AUTO_TEXT __attribute__((cleanup(text_fini)))

/* ERROR_DATA for what is no text: a NUL byte. */
int text_init(struct text *t, const char *file, const char *data, size_t len,
    struct error *e) FALLIBLE;
void text_fini(struct text *t);

/* Of the first byte of a line. */
unsigned text_number(const struct text_line *l);
/* "FILE:LINE:COLUMN: message", kind ERROR_DATA; returns -1. */
int text_error(const struct text *t, const struct text_line *l, size_t offset,
    struct error *e, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

#endif
