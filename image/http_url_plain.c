/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* URLs where there is no libcurl to take them apart. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/auto.h"
#include "base/xalloc.h"
#include "image/http.h"

bool
http_is_url(const char *text)
{
	return strncasecmp(text, "http://", 7) == 0 ||
	    strncasecmp(text, "https://", 8) == 0;
}

char *
http_show(const char *text)
{
	const char *host = strstr(text, "://");
	const char *at;
	size_t len;

	if (host == NULL)
		return xstrdup("URL");
	host += 3;
	len = strcspn(host, "/?#");
	at = memrchr(host, '@', len);
	return at == NULL ? xstrdup(text) :
	    xasprintf("%.*s%s", (int)(host - text), text, at + 1);
}

char *
http_redirect(const char *url, const char *location, struct error *e)
{
	if (!http_is_url(location))
		error_set(e, ERROR_FAILED, "redirected to something else "
		    "than http or https");
	else if (strncasecmp(url, "https:", 6) == 0 &&
	    strncasecmp(location, "https:", 6) != 0)
		error_set(e, ERROR_FAILED, "redirected from https to http");
	else
		return xstrdup(location);
	return NULL;
}

static int
digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c == '\0' ? NULL :
	    strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);

	return at == NULL ? -1 : (int)(at - digits);
}

char *
http_file_path(const char *url, struct error *e)
{
	const char *p = url + strlen("file:");
	char *path, *to;

	if (strncmp(p, "//", 2) == 0)
		p += 2;
	if (strncmp(p, "localhost/", 10) == 0)
		p += 9;
	if (*p != '/') {
		error_set(e, ERROR_USAGE, "%s names another host", url);
		return NULL;
	}
	path = to = xstrdup(p);
	for (; *p != '\0' && *p != '?' && *p != '#'; p++) {
		if (*p == '%' && digit(p[1]) >= 0 && digit(p[2]) >= 0 &&
		    (p[1] != '0' || p[2] != '0')) {
			*to++ = (char)(digit(p[1]) << 4 | digit(p[2]));
			p += 2;
		} else {
			*to++ = *p;
		}
	}
	*to = '\0';
	return path;
}
