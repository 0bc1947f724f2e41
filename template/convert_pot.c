/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Flavours of pot: a file with commands, and a script that runs in the jail.  A
 * command becomes a line here, so that messages tell the right one, as long as
 * none before it became two.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "core/pot_attr.h"
#include "template/library.h"

enum { TEXT_MAX = 1 << 20, LETTERS = 128 };

/* The options of one line: their values by letter, "" for flags. */
struct options {
	const char *of[LETTERS];
	struct strings ports;	/* of -e, which may come again */
};

static bool
is_regular(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static bool
has_suffix(const char *path, const char *suffix)
{
	size_t len = strlen(path), n = strlen(suffix);

	return len > n && strcmp(path + len - n, suffix) == 0;
}

bool
convert_is_flavour(const char *path)
{
	AUTO_FREE char *script = xasprintf("%s.sh", path);

	return is_regular(path) || is_regular(script);
}

void
convert_quote(const char *word, struct buf *out)
{
	if (*word != '\0' && strspn(word, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/:=+,@%-") ==
	    strlen(word)) {
		buf_puts(out, word);
		return;
	}
	buf_putc(out, '\'');
	for (; *word != '\0'; word++)
		if (*word == '\'')
			buf_puts(out, "'\\''");
		else
			buf_putc(out, *word);
	buf_putc(out, '\'');
}

static void
put(struct buf *out, const char *keyword, const char *a, const char *b)
{
	buf_puts(out, keyword);
	if (a != NULL) {
		buf_putc(out, ' ');
		convert_quote(a, out);
	}
	if (b != NULL) {
		buf_putc(out, ' ');
		convert_quote(b, out);
	}
}

static void
assign(struct buf *out, const char *property, const char *value)
{
	put(out, "CONFIG set", property, value);
}

/* --- set-attribute --- */

static bool
set_attribute(const struct options *o, struct buf *out)
{
	const char *name = o->of['A'], *value = o->of['V'];
	const struct pot_attr *a = name != NULL ? pot_attr_find(name) : NULL;
	struct error ignored = ERROR_INIT;
	AUTO_FREE char *canonical = NULL;
	bool yes;

	if (a == NULL || value == NULL || (a->flags & POT_TOLD) ||
	    (canonical = pot_attr_canonical(a, value, &ignored)) == NULL)
		return false;
	yes = strcmp(canonical, "YES") == 0;
	if (a->prop == NULL) {
		AUTO_FREE char *prop = xasprintf("compat.pot.%s", a->name);

		assign(out, prop, canonical);
	} else if (strcmp(a->prop, "mount") == 0) {
		/* what every pot has, and one without: nothing takes a mount
		 * away that may not be there */
		if (yes)
			return false;
		buf_puts(out, "MOUNT tmpfs /tmp tmpfs rw");
	} else {
		assign(out, a->prop, a->type != POT_BOOL ? canonical :
		    yes != ((a->flags & POT_NEGATED) != 0) ? "on" : "off");
	}
	return true;
}

/* --- the other commands --- */

static bool
add_dep(const struct options *o, struct buf *out)
{
	if (o->of['P'] == NULL)
		return false;
	put(out, "CONFIG add depend", o->of['P'], NULL);
	return true;
}

static bool
copy_in(const struct options *o, struct buf *out)
{
	if (o->of['s'] == NULL || o->of['d'] == NULL)
		return false;
	put(out, "CP", o->of['s'], o->of['d']);
	return true;
}

static bool
mount_in(const struct options *o, struct buf *out)
{
	AUTO_FREE char *volume = o->of['f'] == NULL ? NULL :
	    xasprintf("vol:%s", o->of['f']);
	const char *source = o->of['d'] != NULL ? o->of['d'] : volume;

	if (o->of['m'] == NULL || source == NULL)
		return false;
	put(out, "MOUNT", source, o->of['m']);
	buf_printf(out, " nullfs %s", o->of['r'] != NULL ? "ro" : "rw");
	return true;
}

static bool
set_rss(const struct options *o, struct buf *out)
{
	if (o->of['C'] == NULL && o->of['M'] == NULL)
		return false;
	if (o->of['C'] != NULL)
		assign(out, "limit.cpu", o->of['C']);
	if (o->of['C'] != NULL && o->of['M'] != NULL)
		buf_putc(out, '\n');
	if (o->of['M'] != NULL)
		assign(out, "limit.memory", o->of['M']);
	return true;
}

/* [tcp:|udp:]PORT[:HOST_PORT] */
static void
export_port(const char *port, struct buf *out)
{
	bool udp = strncmp(port, "udp:", 4) == 0;
	const char *inside = port + (udp || strncmp(port, "tcp:", 4) == 0 ?
	    4 : 0);
	size_t len = strcspn(inside, ":");
	AUTO_FREE char *in = xstrndup(inside, len);

	put(out, udp ? "RDR udp" : "RDR tcp", inside[len] == ':' ?
	    inside + len + 1 : in, in);
}

static bool
export_ports(const struct options *o, struct buf *out)
{
	for (size_t i = 0; i < o->ports.count; i++) {
		if (i > 0)
			buf_putc(out, '\n');
		export_port(o->ports.items[i], out);
	}
	return o->ports.count > 0;
}

static bool
set_env(const struct options *o, struct buf *out)
{
	if (o->of['E'] == NULL)
		return false;
	put(out, "ENV", o->of['E'], NULL);
	return true;
}

static const struct {
	const char *name;
	const char *values;	/* letters of options with a value */
	bool (*convert)(const struct options *o, struct buf *out);
} commands[] = {
	{ "add-dep", "P", add_dep },
	{ "copy-in", "sd", copy_in },
	{ "copy-in-flv", "sd", copy_in },
	{ "export-ports", "e", export_ports },
	{ "mount-in", "fdzm", mount_in },
	{ "set-attribute", "AV", set_attribute },
	{ "set-attr", "AV", set_attribute },
	{ "set-env", "E", set_env },
	{ "set-rss", "CM", set_rss },
};

static void
take_options(const struct strings *words, const char *values,
    struct options *o)
{
	for (size_t i = 1; i < words->count; i++) {
		const char *w = words->items[i], *value = "";
		unsigned char letter;

		if (w[0] != '-' || w[1] == '\0')
			continue;
		letter = (unsigned char)w[1];
		if (letter >= LETTERS)
			continue;
		if (strchr(values, letter) != NULL)
			value = w[2] != '\0' ? w + 2 : i + 1 < words->count ?
			    words->items[++i] : "";
		o->of[letter] = value;
		if (letter == 'e')
			strings_add(&o->ports, value);
	}
}

/* Words are split at blanks; there is no quoting. */
static void
split(const char *line, size_t len, struct strings *words)
{
	for (size_t at = 0; at < len;) {
		size_t n;

		at += strspn(line + at, " \t");
		n = strcspn(line + at, " \t\r\n");
		if (at + n > len)
			n = len - at;
		if (n > 0)
			strings_take(words, xstrndup(line + at, n));
		at += n > 0 ? n : 1;
	}
}

/* "set-cmd -c REST": all of the rest, as it is. */
static bool
set_cmd(const char *line, size_t len, struct buf *out)
{
	const char *p = memmem(line, len, " -c", 3);
	AUTO_FREE char *rest = NULL;
	AUTO_FREE char *start = NULL;

	if (p == NULL)
		return false;
	p += 3;
	p += strspn(p, " \t");
	rest = xstrndup(p, len - (size_t)(p - line));
	start = pot_cmd_line(rest);
	assign(out, "exec.start", start);
	return true;
}

static bool
convert_line(const char *line, size_t len, struct buf *out)
{
	AUTO_STRINGS struct strings words = VEC_INIT;
	struct options o = { { NULL }, VEC_INIT };
	bool done = false;

	split(line, len, &words);
	if (words.count == 0 || words.items[0][0] == '#')
		return true;
	if (strcmp(words.items[0], "set-cmd") == 0)
		return set_cmd(line, len, out);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, words.items[0]) == 0) {
			take_options(&words, commands[i].values, &o);
			done = commands[i].convert(&o, out);
		}
	strings_fini(&o.ports);
	return done;
}

static int
convert_commands(const char *path, struct template_text *t, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;
	const char *p;
	unsigned number = 0;

	if (file_read(AT_FDCWD, path, TEXT_MAX, &text, e) < 0)
		return -1;
	for (p = buf_text(&text); *p != '\0';) {
		size_t len = strcspn(p, "\n");

		number++;
		if (!convert_line(p, len, &t->text))
			strings_take(&t->notes, xasprintf("%s:%u: '%.*s' has "
			    "no counterpart and is left out", path, number,
			    (int)len, p));
		buf_putc(&t->text, '\n');
		p += len + (p[len] == '\n');
	}
	return 0;
}

static void
convert_script(const char *name, struct buf *out)
{
	AUTO_BUF struct buf target = BUF_INIT;

	buf_printf(&target, "/tmp/%s", name);
	put(out, "CP", name, buf_text(&target));
	buf_puts(out, "\nCMD chmod 755 ");
	convert_quote(buf_text(&target), out);
	buf_puts(out, " && ");
	convert_quote(buf_text(&target), out);
	buf_puts(out, " ${JAIL_NAME}\n");
}

int
convert_flavour(const char *path, struct template_text *t, struct error *e)
{
	AUTO_FREE char *script = has_suffix(path, ".sh") ? xstrdup(path) :
	    xasprintf("%s.sh", path);
	bool commands_too = !has_suffix(path, ".sh") && is_regular(path);
	AUTO_FREE char *real = realpath(commands_too ? path : script, NULL);
	char *slash;

	if (real == NULL)
		return error_sys(e, "flavour %s", path);
	t->file = xstrdup(real);
	slash = strrchr(real, '/');
	*slash = '\0';
	t->dir = xstrdup(*real != '\0' ? real : "/");
	if (commands_too && convert_commands(path, t, e) < 0)
		return -1;
	if (is_regular(script)) {
		slash = strrchr(script, '/');
		convert_script(slash != NULL ? slash + 1 : script, &t->text);
	}
	return 0;
}
