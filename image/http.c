/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/num.h"
#include "base/xalloc.h"
#include "image/http.h"
#include "image/stop.h"

enum { CONNECT_SECONDS = 30 };

struct exchange {
	const struct http_request *rq;
	struct http_reply *reply;
	struct error *e;
	bool begun;
	bool failed;		/* a callback set e */
	bool stalled;
	curl_off_t seen;	/* bytes, when there were new ones last */
	uint64_t seen_ms;
};

static void
clear_reply(struct http_reply *reply)
{
	memset(reply, 0, sizeof(*reply));
	reply->length = reply->range_start = reply->range_total = -1;
}

/* "HTTP/1.1 404 Not Found" */
static void
take_status(struct http_reply *reply, const char *line)
{
	const char *p = strchr(line, ' ');

	clear_reply(reply);
	if (p == NULL)
		return;
	reply->status = strtol(p + 1, NULL, 10);
	p = strchr(p + 1, ' ');
	if (p != NULL)
		snprintf(reply->reason, sizeof(reply->reason), "%s", p + 1);
}

static int64_t
take_number(const char *text, size_t len)
{
	AUTO_FREE char *copy = xstrndup(text, len);
	struct error e = ERROR_INIT;
	int64_t value;

	return parse_int(copy, 0, INT64_MAX, &value, &e) == 0 ? value : -1;
}

/* "bytes 100-199/200", or "bytes" and a star for either half. */
static void
take_range(struct http_reply *reply, const char *value)
{
	const char *slash = strchr(value, '/');

	if (strncasecmp(value, "bytes ", 6) != 0 || slash == NULL)
		return;
	value += 6;
	reply->range_start = take_number(value, strcspn(value, "-/"));
	reply->range_total = take_number(slash + 1, strlen(slash + 1));
}

static void
take_field(struct http_reply *reply, const char *name, const char *value)
{
	int64_t seconds;

	if (strcasecmp(name, "etag") == 0) {
		snprintf(reply->etag, sizeof(reply->etag), "%s", value);
	} else if (strcasecmp(name, "last-modified") == 0) {
		snprintf(reply->modified, sizeof(reply->modified), "%s", value);
	} else if (strcasecmp(name, "location") == 0) {
		snprintf(reply->location, sizeof(reply->location), "%s", value);
	} else if (strcasecmp(name, "content-length") == 0) {
		reply->length = take_number(value, strlen(value));
	} else if (strcasecmp(name, "content-range") == 0) {
		take_range(reply, value);
	} else if (strcasecmp(name, "retry-after") == 0) {
		seconds = take_number(value, strlen(value));
		reply->retry_after = seconds > 0 && seconds < 3600 ?
		    (unsigned)seconds : 0;
	}
}

static size_t
on_header(char *data, size_t size, size_t count, void *arg)
{
	struct exchange *x = arg;
	size_t len = size * count;
	AUTO_FREE char *line = xstrndup(data, len);
	char *value;

	line[strcspn(line, "\r\n")] = '\0';
	if (strncmp(line, "HTTP/", 5) == 0) {
		take_status(x->reply, line);
		return len;
	}
	value = strchr(line, ':');
	if (value != NULL) {
		*value++ = '\0';
		value += strspn(value, " \t");
		take_field(x->reply, line, value);
	}
	return len;
}

static int
begin(struct exchange *x)
{
	if (x->begun)
		return 0;
	x->begun = true;
	if (x->rq->begin(x->rq->arg, x->reply, x->e) < 0) {
		x->failed = true;
		return -1;
	}
	return 0;
}

static bool
has_content(const struct http_reply *reply)
{
	return reply->status == 200 || reply->status == 206;
}

static size_t
on_data(char *data, size_t size, size_t count, void *arg)
{
	struct exchange *x = arg;
	size_t len = size * count;

	/* An error page is not what was asked for. */
	if (!has_content(x->reply))
		return len;
	if (begin(x) < 0)
		return 0;
	if (x->rq->data(x->rq->arg, data, len, x->e) < 0) {
		x->failed = true;
		return 0;
	}
	return len;
}

static int
on_progress(void *arg, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal,
    curl_off_t ulnow)
{
	struct exchange *x = arg;
	uint64_t now = clock_ms();

	if (dlnow != x->seen) {
		x->seen = dlnow;
		x->seen_ms = now;
	}
	/* curl's own limit is of a speed averaged over many seconds. */
	x->stalled = now - x->seen_ms > x->rq->stall * (uint64_t)1000;
	return x->stalled || stop_signal() != 0;
}

/* Whether the same request may succeed a little later. */
static bool
is_transient(CURLcode code)
{
	static const CURLcode codes[] = {
		CURLE_COULDNT_RESOLVE_PROXY,
		CURLE_COULDNT_RESOLVE_HOST,
		CURLE_COULDNT_CONNECT,
		CURLE_OPERATION_TIMEDOUT,
		CURLE_SSL_CONNECT_ERROR,
		CURLE_SEND_ERROR,
		CURLE_RECV_ERROR,
		CURLE_GOT_NOTHING,
		CURLE_PARTIAL_FILE,
		CURLE_HTTP2,
		CURLE_HTTP2_STREAM,
		CURLE_AGAIN,
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
		if (codes[i] == code)
			return true;
	}
	return false;
}

static void
set_options(CURL *curl, struct exchange *x, char *message)
{
	const char *file = getenv("SSL_CERT_FILE");
	const char *dir = getenv("SSL_CERT_DIR");

	curl_easy_setopt(curl, CURLOPT_URL, x->rq->url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, message);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "gaol/" GAOL_VERSION);
	curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 256L * 1024);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, x);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, x);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, x);
	/* As OpenSSL's own tools: a site may have an authority of its own. */
	if (file != NULL && *file != '\0')
		curl_easy_setopt(curl, CURLOPT_CAINFO, file);
	if (dir != NULL && *dir != '\0')
		curl_easy_setopt(curl, CURLOPT_CAPATH, dir);
}

static struct curl_slist *
range_headers(const struct http_request *rq)
{
	struct curl_slist *list = NULL;
	AUTO_FREE char *range = xasprintf("Range: bytes=%" PRIu64 "-",
	    rq->offset);
	AUTO_FREE char *condition = xasprintf("If-Range: %s", rq->validator);

	if (rq->offset == 0)
		return NULL;
	list = curl_slist_append(list, range);
	if (*rq->validator != '\0')
		list = curl_slist_append(list, condition);
	return list;
}

static enum http_outcome
outcome_of(struct exchange *x, CURLcode code, const char *message)
{
	if (x->failed || stop_check(x->e) < 0)
		return HTTP_FAILED;
	if (code == CURLE_OK) {
		/* An empty body never reached on_data. */
		if (has_content(x->reply) && begin(x) < 0)
			return HTTP_FAILED;
		return HTTP_ANSWERED;
	}
	if (x->stalled) {
		error_set(x->e, ERROR_FAILED, "nothing came for %u seconds",
		    x->rq->stall);
		return HTTP_TRANSIENT;
	}
	error_set(x->e, ERROR_FAILED, "%s", *message != '\0' ? message :
	    curl_easy_strerror(code));
	return is_transient(code) ? HTTP_TRANSIENT : HTTP_FAILED;
}

enum http_outcome
http_get(const struct http_request *rq, struct http_reply *reply,
    struct error *e)
{
	struct exchange x = {
		.rq = rq,
		.reply = reply,
		.e = e,
		.seen_ms = clock_ms(),
	};
	struct curl_slist *headers = range_headers(rq);
	char message[CURL_ERROR_SIZE] = "";
	CURL *curl = curl_easy_init();
	CURLcode code;

	clear_reply(reply);
	if (curl == NULL)
		abort();
	set_options(curl, &x, message);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	code = curl_easy_perform(curl);
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	return outcome_of(&x, code, message);
}
