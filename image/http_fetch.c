/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * image/http.h by fetch(3), which is in FreeBSD's base system.  It follows
 * redirects by itself and tells no ETag: the part that is there is continued
 * when date and length of the file say that it still is the same.
 */
#include <sys/param.h>
#include <stdio.h>
#include <fetch.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/xalloc.h"
#include "image/http.h"
#include "image/stop.h"

enum { CHUNK = 256 * 1024 };

/* What errors of fetch(3) are in HTTP's words; others are the network's. */
static const struct {
	int code;
	long status;
} refusals[] = {
	{ FETCH_AUTH, 401 },
	{ FETCH_UNAVAIL, 404 },
	{ FETCH_PROTO, 0 },
	{ FETCH_MEMORY, 0 },
	{ FETCH_URL, 0 },
	{ FETCH_UNKNOWN, 0 },
};

static enum http_outcome
outcome_of_error(struct http_reply *reply, struct error *e)
{
	if (stop_check(e) < 0)
		return HTTP_FAILED;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		if (refusals[i].code != fetchLastErrCode)
			continue;
		if (refusals[i].status == 0)
			break;
		reply->status = refusals[i].status;
		snprintf(reply->reason, sizeof(reply->reason), "%s",
		    fetchLastErrString);
		return HTTP_ANSWERED;
	}
	error_set(e, ERROR_FAILED, "%s", fetchLastErrString);
	switch (fetchLastErrCode) {
	case FETCH_PROTO:
	case FETCH_MEMORY:
	case FETCH_URL:
	case FETCH_UNKNOWN:
		return HTTP_FAILED;
	default:
		return HTTP_TRANSIENT;
	}
}

static void
tell_file(struct http_reply *reply, const struct url_stat *st)
{
	if (st->mtime > 0)
		snprintf(reply->modified, sizeof(reply->modified), "%lld",
		    (long long)st->mtime);
}

/*
 * Whether the file that a part is of has more to come: 1; 0 when it is told in
 * reply that it has not, or that it is another file now.
 */
static int
has_more(const struct http_request *rq, struct url *url,
    struct http_reply *reply)
{
	struct url_stat st = { -1, 0, 0 };

	if (rq->offset == 0)
		return 1;
	url->offset = 0;
	if (fetchStat(url, &st, "") < 0)
		return 1;	/* the request itself will tell */
	tell_file(reply, &st);
	if (strcmp(reply->modified, rq->validator) != 0)
		return 1;	/* all of it, anew */
	url->offset = (off_t)rq->offset;
	if (st.size < 0 || (uint64_t)st.size != rq->offset)
		return 1;
	reply->status = 416;
	reply->range_total = st.size;
	return 0;
}

static enum http_outcome
copy_body(const struct http_request *rq, FILE *body, struct error *e)
{
	AUTO_FREE char *data = xcalloc(1, CHUNK);
	size_t len;

	while ((len = fread(data, 1, CHUNK, body)) > 0)
		if (stop_check(e) < 0 || rq->data(rq->arg, data, len, e) < 0)
			return HTTP_FAILED;
	if (stop_check(e) < 0)
		return HTTP_FAILED;
	if (ferror(body)) {
		error_set(e, ERROR_FAILED, "the connection broke off");
		return HTTP_TRANSIENT;
	}
	return HTTP_ANSWERED;
}

/* fetch(3) knows the authorities of a site under other names. */
static void
use_authorities(void)
{
	const char *file = getenv("SSL_CERT_FILE");
	const char *dir = getenv("SSL_CERT_DIR");

	if (file != NULL && *file != '\0')
		setenv("SSL_CA_CERT_FILE", file, 0);
	if (dir != NULL && *dir != '\0')
		setenv("SSL_CA_CERT_PATH", dir, 0);
}

static enum http_outcome
get(const struct http_request *rq, struct url *url, struct http_reply *reply,
    struct error *e)
{
	struct url_stat st = { -1, 0, 0 };
	off_t asked;
	enum http_outcome outcome;
	FILE *body;

	if (has_more(rq, url, reply) == 0)
		return HTTP_ANSWERED;
	asked = url->offset;
	body = fetchXGet(url, &st, "");
	if (body == NULL)
		return outcome_of_error(reply, e);
	tell_file(reply, &st);
	reply->status = asked > 0 && url->offset == asked ? 206 : 200;
	reply->range_start = reply->status == 206 ? (int64_t)asked : -1;
	reply->range_total = st.size;
	if (st.size >= 0)
		reply->length = st.size -
		    (reply->status == 206 ? (int64_t)asked : 0);
	outcome = HTTP_FAILED;
	if (rq->begin(rq->arg, reply, e) == 0)
		outcome = copy_body(rq, body, e);
	fclose(body);
	return outcome;
}

enum http_outcome
http_get(const struct http_request *rq, struct http_reply *reply,
    struct error *e)
{
	struct url *url = fetchParseURL(rq->url);
	enum http_outcome outcome;

	memset(reply, 0, sizeof(*reply));
	reply->length = reply->range_start = reply->range_total = -1;
	if (url == NULL) {
		error_set(e, ERROR_FAILED, "not a URL");
		return HTTP_FAILED;
	}
	use_authorities();
	fetchTimeout = (int)rq->stall;
	fetchRestartCalls = 0;
	outcome = get(rq, url, reply, e);
	fetchFreeURL(url);
	return outcome;
}
