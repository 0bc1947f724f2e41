/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* create and clone. */
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/num.h"
#include "compat/iocage/iocage.h"
#include "core/release.h"

enum { PKGLIST_MAX = 1 << 20 };

/* A UUID of random digits, version 4. */
static int
make_uuid(bool brief, char **name, struct error *e)
{
	AUTO_CLOSE int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	unsigned char b[16];
	AUTO_BUF struct buf out = BUF_INIT;

	if (fd < 0 || read(fd, b, sizeof(b)) != (ssize_t)sizeof(b))
		return error_sys(e, "/dev/urandom");
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < sizeof(b); i++)
		buf_printf(&out, "%s%02x", i == 4 || i == 6 || i == 8 ||
		    i == 10 ? "-" : "", b[i]);
	/* a number alone is a jail id */
	if (brief && strspn(out.data, "0123456789") >= 8)
		out.data[0] = 'a';
	*name = xstrndup(out.data, brief ? 8 : out.len);
	return 0;
}

static bool
is_uuid(const char *word)
{
	return strlen(word) == 36 && strspn(word,
	    "0123456789abcdefABCDEF-") == 36 && word[8] == '-' &&
	    word[13] == '-' && word[18] == '-' && word[23] == '-';
}

/* "3", "1,000" */
static int
count_of(struct compat *c, uint64_t *count, struct error *e)
{
	const char *text = compat_value(c, "count");
	AUTO_BUF struct buf digits = BUF_INIT;

	*count = 1;
	for (const char *p = text; p != NULL && *p != '\0'; p++)
		if (*p != ',')
			buf_putc(&digits, *p);
	if (text != NULL && parse_uint(buf_text(&digits), 1, 10000, count,
	    e) < 0)
		return error_wrap(e, "--count");
	return 0;
}

/* The names of the new jails. */
static int
choose_names(struct compat *c, struct strings *names, struct error *e)
{
	const char *name = compat_value(c, "name"),
	    *uuid = compat_value(c, "uuid");
	uint64_t count;

	if (count_of(c, &count, e) < 0)
		return -1;
	if (uuid != NULL && !is_uuid(uuid))
		return error_set(e, ERROR_FAILED, "Please provide a valid "
		    "UUID");
	if (uuid != NULL && count > 1)
		return error_set(e, ERROR_FAILED, "Flag --count cannot be "
		    "used with --uuid");
	if (name == NULL)
		name = uuid;
	if (name != NULL && (strcmp(name, "default") == 0 ||
	    strcmp(name, "help") == 0))
		return error_set(e, ERROR_FAILED, "You cannot name a jail %s, "
		    "that is a reserved name.", name);
	if (name != NULL && strspn(name, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") != strlen(name))
		return error_set(e, ERROR_FAILED, "Invalid character in %s, "
		    "please remove it.", name);
	for (uint64_t i = 1; i <= count; i++) {
		char *one = NULL;

		if (name == NULL && make_uuid(c->cmd == &ioc_create &&
		    compat_has(c, "short"), &one, e) < 0)
			return -1;
		if (one == NULL)
			one = count == 1 ? xstrdup(name) : xasprintf("%s_%llu",
			    name, (unsigned long long)i);
		strings_take(names, one);
		if (name_check_cell(one, e) < 0)
			return -1;
		if (cell_exists(c->host, one))
			return error_set(e, ERROR_EXISTS, "Jail: %s already "
			    "exists!", one);
	}
	return 0;
}

/* "PROP=VALUE" and "PROP+=VALUE" of all that the cell says. */
static void
add_words(const struct cell *cell, struct strings *words)
{
	for (size_t i = 0; i < cell->values.count; i++) {
		const struct cell_value *v = &cell->values.items[i];

		for (size_t k = 0; k < v->values.count; k++)
			strings_take(words, xasprintf("%s%s=%s", v->name,
			    k > 0 ? "+" : "", v->values.items[k]));
	}
}

/* Words that say what the new jail is. */
static int
make_words(struct compat *c, const char *name, bool defaults,
    struct strings *words, bool *boot, struct error *e)
{
	AUTO_CELL struct cell cell = CELL_INIT;

	cell_init(&cell, name);
	if (defaults && ioc_assign_defaults(c, &cell, e) < 0)
		return -1;
	AUTO_STRINGS struct strings props = VEC_INIT;
	for (size_t i = c->cmd == &ioc_clone ? 1 : 0; i < c->operands.count;
	    i++)
		strings_add(&props, c->operands.items[i]);
	if (ioc_assign(&cell, &props, e) < 0)
		return -1;
	if (c->cmd == &ioc_create && (compat_has(c, "basejail") ||
	    compat_has(c, "clone_basejail")) && iocage_keep(&cell, "basejail",
	    "1", e) < 0)
		return -1;
	*boot = cell_bool(&cell, "boot");
	add_words(&cell, words);
	return 0;
}

/* "14.2-release" -> 14.2-RELEASE where there is one. */
static char *
release_name(struct compat *c, const char *word)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	AUTO_FREE char *upper = xstrdup(word);
	struct error ignored = ERROR_INIT;

	for (char *p = upper; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	if (release_names(c->host, &names, &ignored) < 0 ||
	    strings_index(&names, word) >= 0)
		return xstrdup(word);
	return strings_index(&names, upper) >= 0 || isdigit(
	    (unsigned char)*word) ? STEAL(upper) : xstrdup(word);
}

static int
need_release(struct compat *c, const char *release, struct error *e)
{
	AUTO_RELEASE struct release r = RELEASE_INIT;
	struct error missing = ERROR_INIT;

	if (release_load(c->host, release, &r, &missing) == 0)
		return 0;
	if (compat_print(e, "Fetching: %s\n", release) < 0)
		return -1;
	return compat_call(c, e, "bootstrap", release, NULL);
}

/* The names in {"pkgs": ["a", "b"]}. */
static int
read_pkgs(const char *file, struct strings *pkgs, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;
	const char *p;

	if (file_read(AT_FDCWD, file, PKGLIST_MAX, &text, e) < 0)
		return -1;
	p = strstr(buf_text(&text), "\"pkgs\"");
	p = p != NULL ? strchr(p, '[') : NULL;
	while (p != NULL && *p != ']' && *p != '\0') {
		size_t len;

		p += strcspn(p, "\"]");
		if (*p != '"')
			break;
		len = strcspn(++p, "\"");
		strings_take(pkgs, xstrndup(p, len));
		p += len + (p[len] == '"');
	}
	return pkgs->count > 0 ? 0 : error_set(e, ERROR_DATA, "%s has no list "
	    "\"pkgs\"", file);
}

static int
install(struct compat *c, const char *name, const struct strings *pkgs,
    bool running, struct error *e)
{
	AUTO_STRINGS struct strings words = VEC_INIT;
	static const char *const begin[] = { "pkg", "-y" };

	for (size_t i = 0; i < 2; i++)
		strings_add(&words, begin[i]);
	strings_add(&words, name);
	strings_add(&words, "install");
	strings_copy(&words, pkgs);
	if (!running && compat_call(c, e, "start", name, NULL) < 0)
		return -1;
	if (compat_call_words(c, &words, NULL, e) < 0)
		return -1;
	return running ? 0 : compat_call(c, e, "stop", name, NULL);
}

static int
create_one(struct compat *c, const char *name, const char *release,
    const char *template, const struct strings *pkgs, struct error *e)
{
	AUTO_STRINGS struct strings words = VEC_INIT;
	bool boot = false;

	if (template != NULL) {
		strings_add(&words, "clone");
		strings_add(&words, template);
	} else {
		strings_add(&words, "create");
		strings_add(&words, "-r");
		strings_add(&words, release);
		if (compat_has(c, "thickjail"))
			strings_add(&words, "-t");
	}
	strings_add(&words, name);
	if (make_words(c, name, template == NULL, &words, &boot, e) < 0)
		return -1;
	if (template != NULL) {
		strings_take(&words, xasprintf("compat.iocage.source_template="
		    "%s", template));
		/* it is no template itself */
		strings_add(&words, "tag=");
	}
	if (compat_call_words(c, &words, NULL, e) < 0 ||
	    compat_print(e, "%s successfully created!\n", name) < 0)
		return -1;
	if (boot && ioc_start_one(c, name, e) < 0)
		return -1;
	return pkgs->count > 0 ? install(c, name, pkgs, boot, e) : 0;
}

static int
no_template(struct compat *c, const char *word, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	AUTO_BUF struct buf text = BUF_INIT;

	if (cell_names(c->host, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++)
		if (ioc_is_template(c, names.items[i]))
			buf_printf(&text, " %s", names.items[i]);
	return error_set(e, ERROR_NOT_FOUND, "Template: %s not found! "
	    "Created Templates:%s", word, buf_text(&text));
}

static int
create(struct compat *c, struct error *e)
{
	const char *release = compat_value(c, "release"),
	    *template = compat_value(c, "template"),
	    *proxy = compat_value(c, "proxy");
	AUTO_STRINGS struct strings names = VEC_INIT, pkgs = VEC_INIT;
	AUTO_FREE char *real = NULL;

	if (compat_has(c, "empty"))
		return ioc_cannot(c, "-e: a jail of gaol begins with the "
		    "files of a release; 'gaol import' makes one of an "
		    "archive", e);
	if (release == NULL && template == NULL)
		return error_set(e, ERROR_FAILED, "Must supply either "
		    "--template (-t) or --release (-r)!");
	if (release != NULL && strcmp(release, "LATEST") == 0)
		return ioc_cannot(c, "-r LATEST: say which release, they are "
		    "told at https://www.freebsd.org/releases/", e);
	if (choose_names(c, &names, e) < 0 || (compat_has(c, "pkglist") &&
	    read_pkgs(compat_value(c, "pkglist"), &pkgs, e) < 0))
		return -1;
	if (proxy != NULL && (setenv("http_proxy", proxy, 1) < 0 ||
	    setenv("https_proxy", proxy, 1) < 0))
		return error_sys(e, "--proxy");
	if (template != NULL && !ioc_is_template(c, template))
		return no_template(c, template, e);
	real = release != NULL ? release_name(c, release) : NULL;
	if (real != NULL && need_release(c, real, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++)
		if (create_one(c, names.items[i], real, template, &pkgs, e) <
		    0)
			return -1;
	return 0;
}

static const struct cmd_option create_options[] = {
	{ 'r', "release", "RELEASE", "Specify which RELEASE to use." },
	{ 't', "template", "TEMPLATE", "Specify which TEMPLATE to use." },
	{ 'e', "empty", NULL, "Create an empty jail." },
	{ 'n', "name", "NAME", "Provide a specific name." },
	{ 'u', "uuid", "UUID", "Provide a specific UUID." },
	{ 's', "short", NULL, "Use a short UUID of 8 characters." },
	{ 'c', "count", "N", "Designate a number of jails to create." },
	{ 'C', "thickconfig", NULL, "Do not use inheritable configuration." },
	{ 'b', "basejail", NULL, "Set the new jail type to a basejail." },
	{ 'B', "clone_basejail", NULL, "Set it to a clonetype basejail." },
	{ 'T', "thickjail", NULL, "Set the new jail type to a thickjail." },
	{ 'p', "pkglist", "FILE", "Specify a JSON file with packages." },
	{ 'S', "proxy", "URL", "Provide a proxy to use." },
	{ 0 },
};

const struct compat_cmd ioc_create = {
	.name = "create",
	.usage = "-r RELEASE|-t TEMPLATE [PROP=VALUE]...",
	.summary = "Create a jail.",
	.options = create_options,
	.max = CMD_ANY,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_DIFFERS,
	.note = "`-b` and `-B` make a thin jail, which shares its release; the "
	    "configuration is always whole (`-C`); `-e` and `-r LATEST` are "
	    "refused (69)",
	.test = "cli/compat_iocage_test.sh:create",
	.exec = create,
};

/* --- clone --- */

/* One that runs is cloned as it is at this moment: by a snapshot, which goes. */
static int
clone_files(struct compat *c, const char *from, const char *to,
    struct error *e)
{
	AUTO_STRINGS struct strings words = VEC_INIT;
	bool running = compat_runs(c, from), boot;
	struct error why = ERROR_INIT;
	int result;

	strings_add(&words, "clone");
	if (compat_has(c, "thickjail"))
		strings_add(&words, "-t");
	if (running) {
		strings_add(&words, "-s");
		strings_add(&words, to);
	}
	strings_add(&words, from);
	strings_add(&words, to);
	if (make_words(c, to, false, &words, &boot, e) < 0 || (running &&
	    compat_call(c, e, "snapshot", "-c", from, to, NULL) < 0))
		return -1;
	result = compat_call_words(c, &words, NULL, e);
	if (running && compat_call(c, &why, "snapshot", "-y", "-d", from, to,
	    NULL) < 0)
		compat_say(c, "%s", why.msg);
	return result;
}

static int
clone_one(struct compat *c, const char *from, const char *to,
    struct error *e)
{
	if (clone_files(c, from, to, e) < 0)
		return -1;
	return compat_print(e, "%s successfully cloned!\n", to);
}

static int
clone(struct compat *c, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	AUTO_FREE char *from = NULL;

	if (ioc_target(c, c->operands.items[0], false, &from, e) < 0)
		return -1;
	if (ioc_is_template(c, from))
		return error_set(e, ERROR_FAILED, "You cannot clone a "
		    "template, use create -t instead.");
	if (choose_names(c, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++)
		if (clone_one(c, from, names.items[i], e) < 0)
			return -1;
	return 0;
}

static const struct cmd_option clone_options[] = {
	{ 'n', "name", "NAME", "Provide a specific name." },
	{ 'u', "uuid", "UUID", "Provide a specific UUID." },
	{ 'c', "count", "N", "Designate a number of jails to create." },
	{ 'N', "newmac", NULL, "Regenerate the clone's MAC address." },
	{ 'T', "thickjail", NULL, "Make the clone a thickjail." },
	{ 0 },
};

const struct compat_cmd ioc_clone = {
	.name = "clone",
	.usage = "SOURCE [PROP=VALUE]...",
	.summary = "Clone a jail.",
	.options = clone_options,
	.min = 1,
	.max = CMD_ANY,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_DIFFERS,
	.note = "a running jail is cloned, too; a clone gets an identity of its "
	    "own, addresses and MAC included, also without `-N`; its name is "
	    "checked",
	.test = "cli/compat_iocage_test.sh:clone",
	.exec = clone,
};
