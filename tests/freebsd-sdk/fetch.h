/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* What fetch(3) tells. */
#ifndef FETCH_H
#define FETCH_H
#include <sys/types.h>
#include <stdio.h>
#include <time.h>

struct url {
	char scheme[17];
	char user[257];
	char pwd[257];
	char host[257];
	int port;
	char *doc;
	off_t offset;
	size_t length;
	time_t ims_time;
	int netrcfd;
};
struct url_stat {
	off_t size;
	time_t atime, mtime;
};
enum {
	FETCH_AUTH = 2, FETCH_MEMORY = 7, FETCH_PROTO = 11,
	FETCH_UNAVAIL = 16, FETCH_UNKNOWN = 17, FETCH_URL = 18,
};
struct url *fetchParseURL(const char *);
void fetchFreeURL(struct url *);
FILE *fetchXGet(struct url *, struct url_stat *, const char *);
int fetchStat(struct url *, struct url_stat *, const char *);
extern int fetchLastErrCode, fetchTimeout, fetchRestartCalls;
extern char fetchLastErrString[256];
#endif
