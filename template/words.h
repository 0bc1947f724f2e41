/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef TEMPLATE_WORDS_H
#define TEMPLATE_WORDS_H

#include "template/text.h"
#include "template/vars.h"

/*
 * Append the words of a line from offset on, split and unquoted as sh(1) does
 * (XCU 2.2, 2.6.5), which is how Bastillefiles are written: single and double
 * quotes, backslashes, a comment behind " #", an end at ";".  Nothing is
 * executed or looked up on the host: ${NAME} stands for a variable of the
 * template, within single quotes too where it is known; whatever else a shell
 * would do ($(...), `...`, $NAME, > | & a second command) is ERROR_DATA at that
 * column, with what to write instead.
 */
int words_split(const struct text *t, const struct text_line *l, size_t offset,
    const struct vars *v, struct strings *words, struct error *e) FALLIBLE;

#endif
