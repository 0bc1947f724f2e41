/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef IMAGE_HTTP_H
#define IMAGE_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { HTTP_FIELD = 1024 };

/* What a server said before the body. */
struct http_reply {
	long status;
	char reason[64];
	char etag[HTTP_FIELD];
	char modified[HTTP_FIELD];	/* Last-Modified, as sent */
	char location[4 * HTTP_FIELD];
	int64_t length;			/* of this body, -1 unknown */
	int64_t range_start;		/* Content-Range, -1 none */
	int64_t range_total;		/* -1 unknown */
	unsigned retry_after;		/* seconds, 0 none */
};

/* One GET; redirects are not followed. */
struct http_request {
	const char *url;
	uint64_t offset;		/* ask for what follows, 0: for all */
	const char *validator;		/* If-Range, "" none */
	unsigned stall;			/* seconds without data */
	/* Called once, before any data of a status 200 or 206. */
	int (*begin)(void *arg, const struct http_reply *reply,
	    struct error *e);
	int (*data)(void *arg, const void *data, size_t len, struct error *e);
	void *arg;
};

enum http_outcome {
	HTTP_ANSWERED,		/* see the status; 200 and 206: body complete */
	HTTP_TRANSIENT,		/* the network's fault, another try may help */
	HTTP_FAILED,		/* e says why, no use to try again */
};

enum http_outcome http_get(const struct http_request *rq,
    struct http_reply *reply, struct error *e);

/* Whether text is a http: or https: URL. */
bool http_is_url(const char *text);
/* The URL without user and password, for messages; the caller frees it. */
char *http_show(const char *url);
/*
 * Where a redirect leads; the caller frees it.  Only http and https, and from
 * https only https; anything else is an error.
 */
char *http_redirect(const char *url, const char *location, struct error *e);
/* The path that a file: URL names; the caller frees it. */
char *http_file_path(const char *url, struct error *e);

#endif
