/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* regex(3) */
#ifndef SDK_REGEX_H
#define SDK_REGEX_H

#include <sys/types.h>
typedef off_t regoff_t;
typedef struct {
	int re_magic;
	size_t re_nsub;
	const char *re_endp;
	void *re_g;
} regex_t;
typedef struct {
	regoff_t rm_so, rm_eo;
} regmatch_t;
#define REG_EXTENDED 0001
#define REG_ICASE 0002
#define REG_NOSUB 0004
#define REG_NEWLINE 0010
#define REG_NOTBOL 00001
#define REG_NOTEOL 00002
#define REG_STARTEND 00004
#define REG_NOMATCH 1
int regcomp(regex_t *, const char *, int);
int regexec(const regex_t *, const char *, size_t, regmatch_t *, int);
size_t regerror(int, const regex_t *, char *, size_t);
void regfree(regex_t *);

#endif
