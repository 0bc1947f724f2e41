/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/num.h"
#include "base/xalloc.h"
#include "image/download.h"
#include "image/http.h"
#include "image/stop.h"

enum {
	MAX_REDIRECTS = 10,
	MAX_RETRIES = 3,
	FIRST_WAIT_MS = 500,
	MAX_WAIT_MS = 30000,
	/* A try that brought so much counts as a success: a large file over
	 * a bad line needs more than MAX_RETRIES. */
	GAIN = 1024 * 1024,
};

struct download {
	const struct fetch_request *rq;
	struct part *part;
	char *url;		/* where redirects led to */
	unsigned redirects;
	unsigned failures;
	uint64_t best;		/* the largest size so far */
	uint64_t asked;		/* offset of this request */
	unsigned wait_ms;	/* that the server asked for */
	bool stale;		/* the answer does not fit the part */
	bool continued;
};

enum step {
	STEP_DONE,
	STEP_AGAIN,	/* at once, something was learned */
	STEP_RETRY,	/* later */
	STEP_FAIL,
};

static bool
can_continue(const struct download *d)
{
	const struct part *part = d->part;

	return part->size > 0 && part->url != NULL &&
	    strcmp(part->url, d->rq->source) == 0 &&
	    (*part_validator(part) != '\0' || *d->rq->sha256 != '\0');
}

static bool
differs(const char *ours, const char *theirs)
{
	return ours != NULL && *theirs != '\0' && strcmp(ours, theirs) != 0;
}

/* Status 206: it must continue just where the part ends, with the version that
 * the part is of, whatever the server makes of If-Range. */
static int
begin_rest(struct download *d, const struct http_reply *reply, struct error *e)
{
	const struct part *part = d->part;

	if (d->asked == 0)
		return error_set(e, ERROR_FAILED,
		    "the server sent a part without being asked");
	if (reply->range_start < 0 ||
	    (uint64_t)reply->range_start != d->asked ||
	    differs(part->etag, reply->etag) ||
	    differs(part->modified, reply->modified)) {
		d->stale = true;
		return error_set(e, ERROR_FAILED, "the file was changed");
	}
	return 0;
}

static int
on_begin(void *arg, const struct http_reply *reply, struct error *e)
{
	struct download *d = arg;
	uint64_t total = 0;
	char limit[16];

	if (reply->status == 206) {
		if (begin_rest(d, reply, e) < 0)
			return -1;
	} else {
		d->continued = false;
		if (part_restart(d->part, d->rq->source, reply->etag,
		    reply->modified, e) < 0)
			return -1;
	}
	if (reply->length >= 0)
		total = d->part->size + (uint64_t)reply->length;
	if (total > d->rq->max_size)
		return error_set(e, ERROR_DATA, "larger than %s",
		    format_size(d->rq->max_size, limit));
	progress_total(d->rq->progress, total, d->part->size);
	return 0;
}

static int
on_data(void *arg, const void *data, size_t len, struct error *e)
{
	struct download *d = arg;
	char limit[16];

	if (len > d->rq->max_size - d->part->size)
		return error_set(e, ERROR_DATA, "larger than %s",
		    format_size(d->rq->max_size, limit));
	if (part_append(d->part, data, len, e) < 0)
		return -1;
	progress_update(d->rq->progress, d->part->size);
	return 0;
}

static enum step
follow(struct download *d, const struct http_reply *reply, struct error *e)
{
	char *to;

	if (++d->redirects > MAX_REDIRECTS) {
		error_set(e, ERROR_FAILED, "more than %d redirects",
		    MAX_REDIRECTS);
		return STEP_FAIL;
	}
	to = http_redirect(d->url, reply->location, e);
	if (to == NULL)
		return STEP_FAIL;
	free(d->url);
	d->url = to;
	return STEP_AGAIN;
}

static enum step
refused(const struct http_reply *reply, struct error *e)
{
	static const struct {
		long status;
		enum error_kind kind;
		enum step step;
	} known[] = {
		{ 401, ERROR_DENIED, STEP_FAIL },
		{ 403, ERROR_DENIED, STEP_FAIL },
		{ 404, ERROR_NOT_FOUND, STEP_FAIL },
		{ 408, ERROR_FAILED, STEP_RETRY },
		{ 410, ERROR_NOT_FOUND, STEP_FAIL },
		{ 429, ERROR_FAILED, STEP_RETRY },
		{ 500, ERROR_FAILED, STEP_RETRY },
		{ 502, ERROR_FAILED, STEP_RETRY },
		{ 503, ERROR_FAILED, STEP_RETRY },
		{ 504, ERROR_FAILED, STEP_RETRY },
	};
	enum error_kind kind = ERROR_FAILED;
	enum step step = STEP_FAIL;

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (known[i].status == reply->status) {
			kind = known[i].kind;
			step = known[i].step;
		}
	}
	error_set(e, kind, "HTTP status %ld%s%s", reply->status,
	    *reply->reason != '\0' ? " " : "", reply->reason);
	return step;
}

static enum step
judge(struct download *d, const struct http_reply *reply, struct error *e)
{
	switch (reply->status) {
	case 200:
	case 206:
		return STEP_DONE;
	case 301:
	case 302:
	case 303:
	case 307:
	case 308:
		return follow(d, reply, e);
	case 416:
		/* Nothing follows what we have: complete, or changed. */
		if (d->asked > 0 && reply->range_total >= 0 &&
		    (uint64_t)reply->range_total == d->asked)
			return STEP_DONE;
		if (d->asked > 0) {
			d->stale = true;
			return STEP_AGAIN;
		}
		break;
	default:
		break;
	}
	d->wait_ms = reply->retry_after * 1000;
	return refused(reply, e);
}

static enum step
request(struct download *d, struct error *e)
{
	struct http_reply reply;
	struct http_request rq = {
		.url = d->url,
		.offset = can_continue(d) ? d->part->size : 0,
		.validator = part_validator(d->part),
		.stall = d->rq->stall,
		.begin = on_begin,
		.data = on_data,
		.arg = d,
	};
	/* The part's fields change during the request. */
	AUTO_FREE char *validator = xstrdup(rq.validator);
	enum step step = STEP_FAIL;

	rq.validator = validator;
	d->asked = rq.offset;
	d->stale = false;
	d->wait_ms = 0;
	switch (http_get(&rq, &reply, e)) {
	case HTTP_ANSWERED:
		step = judge(d, &reply, e);
		break;
	case HTTP_TRANSIENT:
		step = STEP_RETRY;
		break;
	case HTTP_FAILED:
		break;
	}
	if (!d->stale)
		return step;
	d->continued = false;
	if (part_restart(d->part, d->rq->source, NULL, NULL, e) < 0)
		return STEP_FAIL;
	return STEP_AGAIN;
}

/* Wait before the next try, or fail with what went wrong. */
static int
retry(struct download *d, struct error *e)
{
	unsigned ms = FIRST_WAIT_MS;

	if (d->part->size >= d->best + GAIN) {
		d->best = d->part->size;
		d->failures = 0;
	}
	if (++d->failures > MAX_RETRIES)
		return error_wrap(e, "tried %d times", MAX_RETRIES + 1);
	ms <<= d->failures - 1;
	if (d->wait_ms > ms)
		ms = d->wait_ms < MAX_WAIT_MS ? d->wait_ms : MAX_WAIT_MS;
	progress_note(d->rq->progress, "%s, trying again in %u.%u s", e->msg,
	    ms / 1000, ms % 1000 / 100);
	/* Redirects may lead to another server this time. */
	free(d->url);
	d->url = xstrdup(d->rq->source);
	d->redirects = 0;
	return stop_sleep(ms, e);
}

static int
run(struct download *d, struct error *e)
{
	for (;;) {
		if (stop_check(e) < 0)
			return -1;
		switch (request(d, e)) {
		case STEP_DONE:
			return 0;
		case STEP_AGAIN:
			break;
		case STEP_RETRY:
			if (retry(d, e) < 0)
				return -1;
			break;
		case STEP_FAIL:
			return -1;
		}
	}
}

int
download_url(const struct fetch_request *rq, struct part *part,
    bool *continued, struct error *e)
{
	struct download d = {
		.rq = rq,
		.part = part,
		.url = xstrdup(rq->source),
		.best = part->size,
	};
	int rc;

	d.continued = can_continue(&d);
	rc = run(&d, e);
	*continued = d.continued;
	free(d.url);
	return rc;
}
