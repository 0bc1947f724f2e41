/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Settings that sh(1) sources elsewhere: read here, and never run. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "compat/compat.h"

enum { CONF_MAX = 1 << 20 };

static const char word_chars[] = "abcdefghijklmnopqrstuvwxyz"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

/* "${NAME}", "$NAME", "${NAME:-WORD}" at *p, which is moved behind it. */
static void
expand(const struct compat_conf *conf, const char **p, struct buf *out)
{
	bool brace = (*p)[1] == '{';
	const char *begin = *p + 1 + brace;
	size_t len = strspn(begin, word_chars);
	AUTO_FREE char *name = xstrndup(begin, len);
	const char *value = compat_conf_get(conf, name, NULL);
	const char *at = begin + len;

	if (len == 0) {
		buf_putc(out, '$');
		(*p)++;
		return;
	}
	if (brace) {
		size_t rest = strcspn(at, "}");
		bool other = rest > 2 && at[0] == ':' &&
		    (at[1] == '-' || at[1] == '=');

		if (value == NULL && other)
			for (size_t i = 2; i < rest; i++)
				if (at[i] != '"' && at[i] != '\'')
					buf_putc(out, at[i]);
		at += rest + (at[rest] == '}');
	}
	buf_puts(out, value != NULL ? value : "");
	*p = at;
}

/* One word, as it stands behind "=". */
static void
unquote(const struct compat_conf *conf, const char *p, struct buf *out)
{
	char quote = '\0';

	while (*p != '\0' && (quote != '\0' || strchr(" \t;", *p) == NULL)) {
		if (quote == '\0' && (*p == '"' || *p == '\'')) {
			quote = *p++;
		} else if (quote != '\0' && *p == quote) {
			quote = '\0';
			p++;
		} else if (*p == '$' && quote != '\'') {
			expand(conf, &p, out);
		} else {
			if (*p == '\\' && quote != '\'' && p[1] != '\0')
				p++;
			buf_putc(out, *p++);
		}
	}
}

static void
take_line(struct compat_conf *conf, const char *line)
{
	AUTO_BUF struct buf value = BUF_INIT;
	AUTO_FREE char *name = NULL;
	size_t len;

	line += strspn(line, " \t");
	if (strncmp(line, "export ", 7) == 0)
		line += 7 + strspn(line + 7, " \t");
	len = strspn(line, word_chars);
	if (len == 0 || line[len] != '=')
		return;
	name = xstrndup(line, len);
	unquote(conf, line + len + 1, &value);
	compat_conf_set(conf, name, buf_text(&value));
}

void
compat_conf_parse(struct compat_conf *conf, const char *text)
{
	AUTO_FREE char *copy = xstrdup(text);
	char *rest = copy, *line;

	while ((line = strsep(&rest, "\n")) != NULL)
		take_line(conf, line);
}

int
compat_conf_read(struct compat_conf *conf, const char *path, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;

	if (file_read(AT_FDCWD, path, CONF_MAX, &text, e) < 0) {
		if (e->kind != ERROR_NOT_FOUND)
			return -1;
		error_clear(e);
		return 0;
	}
	compat_conf_parse(conf, buf_text(&text));
	return 0;
}

void
compat_conf_set(struct compat_conf *conf, const char *name, const char *value)
{
	int at = strings_index(&conf->names, name);

	if (at < 0) {
		strings_add(&conf->names, name);
		strings_add(&conf->values, value);
		return;
	}
	free(conf->values.items[at]);
	conf->values.items[at] = xstrdup(value);
}

const char *
compat_conf_get(const struct compat_conf *conf, const char *name,
    const char *fallback)
{
	int at = strings_index(&conf->names, name);

	return at >= 0 && *conf->values.items[at] != '\0' ?
	    conf->values.items[at] : fallback;
}

void
compat_conf_fini(struct compat_conf *conf)
{
	strings_fini(&conf->names);
	strings_fini(&conf->values);
}
