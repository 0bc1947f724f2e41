/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* URLs, taken apart by the same parser that the requests go through. */
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/auto.h"
#include "base/xalloc.h"
#include "image/http.h"

static CURLU *
parse_url(const char *text)
{
	CURLU *url = curl_url();

	if (url == NULL)
		abort();
	if (curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK)
		return url;
	curl_url_cleanup(url);
	return NULL;
}

/* A part as our own heap memory; "" when the URL does not have it. */
static char *
url_part(CURLU *url, CURLUPart part, unsigned flags)
{
	char *text = NULL, *copy;

	if (curl_url_get(url, part, &text, flags) != CURLUE_OK)
		return xstrdup("");
	copy = xstrdup(text);
	curl_free(text);
	return copy;
}

bool
http_is_url(const char *text)
{
	return strncasecmp(text, "http://", 7) == 0 ||
	    strncasecmp(text, "https://", 8) == 0;
}

char *
http_show(const char *text)
{
	CURLU *url = parse_url(text);
	char *shown;

	if (url == NULL)
		return xstrdup("URL");
	curl_url_set(url, CURLUPART_USER, NULL, 0);
	curl_url_set(url, CURLUPART_PASSWORD, NULL, 0);
	shown = url_part(url, CURLUPART_URL, 0);
	curl_url_cleanup(url);
	return shown;
}

char *
http_redirect(const char *from, const char *location, struct error *e)
{
	CURLU *url = parse_url(from);
	char *to = NULL;

	if (url == NULL) {
		error_set(e, ERROR_DATA, "malformed URL");
		return NULL;
	}
	AUTO_FREE char *before = url_part(url, CURLUPART_SCHEME, 0);

	/* A second URL is taken relative to the first. */
	if (*location == '\0' || curl_url_set(url, CURLUPART_URL, location,
	    CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
		error_set(e, ERROR_DATA, "redirected to a malformed URL");
	} else {
		AUTO_FREE char *after = url_part(url, CURLUPART_SCHEME, 0);

		if (strcmp(after, "https") == 0 ||
		    (strcmp(after, "http") == 0 && strcmp(before, after) == 0))
			to = url_part(url, CURLUPART_URL, 0);
		else
			error_set(e, ERROR_DATA, "redirected from %s to %.32s, "
			    "which is refused", before, after);
	}
	curl_url_cleanup(url);
	return to;
}

char *
http_file_path(const char *text, struct error *e)
{
	CURLU *url = parse_url(text);
	char *path;

	if (url == NULL) {
		error_set(e, ERROR_USAGE, "%.200s: malformed URL", text);
		return NULL;
	}
	path = url_part(url, CURLUPART_PATH, CURLU_URLDECODE);
	curl_url_cleanup(url);
	return path;
}
