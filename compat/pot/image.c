/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* pot export, import, prepare. */
#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/num.h"
#include "compat/pot/pot.h"
#include "core/helper.h"

/* --- export --- */

/* As 'sort -V': numbers by their value. */
static int
compare_versions(const char *a, const char *b)
{
	while (*a != '\0' && *b != '\0') {
		if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
			char *end_a, *end_b;
			unsigned long na = strtoul(a, &end_a, 10);
			unsigned long nb = strtoul(b, &end_b, 10);

			if (na != nb)
				return na < nb ? -1 : 1;
			a = end_a;
			b = end_b;
			continue;
		}
		if (*a != *b)
			return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
		a++;
		b++;
	}
	return (*a != '\0') - (*b != '\0');
}

static int
keep_tag(struct cell *cell, void *arg, struct error *e)
{
	const char *tag = arg;

	return pot_keep(cell, "tag", tag, e);
}

static int
check_tag(struct compat *c, const char *pot, const char *tag,
    struct error *e)
{
	AUTO_CELL struct cell cell = CELL_INIT;

	if (strchr(tag, '/') != NULL || *tag == '\0')
		return pot_usage(e, "'%s' is no tag", tag);
	if (cell_load(c->host, pot, &cell, e) < 0)
		return -1;
	AUTO_FREE char *last = pot_kept(&cell, "tag");
	if (compat_has(c, "c") && last != NULL &&
	    compare_versions(tag, last) <= 0)
		return error_set(e, ERROR_FAILED, "tag %s is not higher than "
		    "the last one, %s", tag, last);
	return 0;
}

/* The one snapshot that is exported; with -A there is exactly one after. */
static int
choose_snapshot(struct compat *c, const char *pot, char **snapshot,
    struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	AUTO_FREE char *tag = xasprintf("%jd", (intmax_t)time(NULL));

	if (pot_snapshots(c, pot, &names, e) < 0)
		return -1;
	for (size_t i = 1; compat_has(c, "A") && i < names.count; i++)
		if (compat_call(c, e, "snapshot", "-d", "-y", pot,
		    names.items[i], NULL) < 0)
			return -1;
	if (names.count > 1 && !compat_has(c, "A") && !compat_has(c, "F"))
		return error_set(e, ERROR_FAILED, "pot %s has several "
		    "snapshots; -F exports the last one, -A destroys the "
		    "others", pot);
	if (names.count == 0 && !compat_has(c, "A"))
		return error_set(e, ERROR_FAILED, "pot %s has no snapshot; "
		    "'pot snapshot -p %s' takes one, and so does -A", pot,
		    pot);
	if (names.count == 0 && compat_call(c, e, "snapshot", pot, tag,
	    NULL) < 0)
		return -1;
	*snapshot = names.count > 0 ? xstrdup(names.items[0]) : STEAL(tag);
	return 0;
}

static int
write_image(struct compat *c, const char *pot, const char *snapshot,
    const char *file, struct error *e)
{
	AUTO_STRINGS struct strings words = VEC_INIT;

	strings_add(&words, "export");
	strings_add(&words, "--format");
	strings_add(&words, "pot");
	strings_add(&words, "-s");
	strings_add(&words, snapshot);
	if (compat_value(c, "l") != NULL)
		strings_take(&words, xasprintf("--level=%s",
		    compat_value(c, "l")));
	if (compat_value(c, "S") != NULL)
		strings_take(&words, xasprintf("--sign=%s",
		    compat_value(c, "S")));
	strings_add(&words, pot);
	strings_add(&words, file);
	return compat_call_words(c, &words, NULL, e);
}

static int
export(struct compat *c, struct error *e)
{
	const char *pot = pot_name(c, e), *dir, *given, *level;
	AUTO_FREE char *snapshot = NULL;
	AUTO_FREE char *tag = NULL;
	AUTO_FREE char *file = NULL;
	uint64_t number;

	if (pot == NULL)
		return -1;
	level = compat_value(c, "l");
	if (level != NULL && parse_uint(level, 0, 9, &number, e) < 0)
		return -1;
	given = compat_value(c, "t");
	if ((given != NULL && check_tag(c, pot, given, e) < 0) ||
	    choose_snapshot(c, pot, &snapshot, e) < 0)
		return -1;
	tag = xstrdup(given != NULL ? given : snapshot);
	dir = compat_value(c, "D");
	file = xasprintf("%s/%s_%s.xz", dir != NULL ? dir : ".", pot, tag);
	if (pot_info(e, "exporting %s @ %s to %s", pot, snapshot, file) < 0 ||
	    write_image(c, pot, snapshot, file, e) < 0)
		return -1;
	return pot_change(c, pot, keep_tag, tag, e);
}

static const struct cmd_option export_options[] = {
	POT_OPTION_NAME,
	{ 't', "", "TAG", "part of the file's name; the snapshot's without "
	    "it" },
	{ 'D', "", "DIR", "where the files are made" },
	{ 'l', "", "LEVEL", "of compression, 0 to 9; 6 without it" },
	{ 'c', "", NULL, "refuse a tag that is not higher than the last" },
	{ 'F', "", NULL, "though there are several snapshots" },
	{ 'A', "", NULL, "take a snapshot if there is none, and destroy all "
	    "but the last" },
	{ 'S', "", "KEY", "sign it: a key of 'gaol key'" },
	{ 0 },
};

const struct compat_cmd pot_cmd_export = {
	.name = "export",
	.usage = "[-hvcFA] -p NAME [-t TAG] [-D DIR] [-l LEVEL] [-S KEY]",
	.summary = "write an image of a pot",
	.options = export_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "needs the store zfs, whose streams images are (69 elsewhere; "
	    "'gaol export' writes archives on all); a clone is written whole, "
	    "and so is a pot of several levels; -S names a key of 'gaol key'",
	.test = "root/compat_pot_test.sh:guide",
	.exec = export,
};

/* --- import --- */

char *
pot_image_name(const char *image, const char *tag)
{
	char *name = tag == NULL ? xstrdup(image) :
	    xasprintf("%s_%s", image, tag);

	for (char *p = name; *p != '\0'; p++)
		if (*p == '.')
			*p = '_';
	return name;
}

static bool
is_remote(const char *url)
{
	return strncmp(url, "http://", 7) == 0 ||
	    strncmp(url, "https://", 8) == 0;
}

/* A file that need not be there is none. */
static int
fetch(struct compat *c, const char *url, const char *suffix,
    const char *file, bool needed, struct error *e)
{
	AUTO_TOOL struct tool t = TOOL_INIT;
	AUTO_STRINGS struct strings argv = VEC_INIT;
	int status = 0;

	helper_argv(c->host, "fetch", &argv);
	strings_take(&argv, xasprintf("%s%s", url, suffix));
	strings_take(&argv, xasprintf("%s%s", file, suffix));
	if (tool_init(&t, c->host, e) < 0 ||
	    tool_run(&t, &argv, NULL, TOOL_SHOWN, &status, e) < 0)
		return -1;
	if (status == 0 || !needed)
		return 0;
	return error_set(e, tool_kind(status), "%s%s: %s", url, suffix,
	    tool_why(&t));
}

static const char *const parts[] = { "", ".skein", ".meta", ".skein.sig" };

static void
forget(const char *file)
{
	for (size_t i = 0; i < 4; i++) {
		AUTO_FREE char *path = xasprintf("%s%s", file, parts[i]);

		(void)unlink(path);
	}
}

/* The public key is trusted from now on. */
static int
trust(struct compat *c, const char *key, struct error *e)
{
	int rc = compat_call(c, e, "key", "trust", key, "pot", NULL);

	if (rc < 0 && e->kind == ERROR_EXISTS) {
		error_clear(e);
		return 0;
	}
	return rc;
}

static int
import_file(struct compat *c, const char *file, const char *name,
    const char *key, struct error *e)
{
	if (key != NULL && *key != '\0') {
		if (trust(c, key, e) < 0)
			return -1;
		return compat_call(c, e, "import", "--verify", file, name,
		    NULL);
	}
	return compat_call(c, e, "import", file, name, NULL);
}

static int
import_remote(struct compat *c, const char *url, const char *name,
    const char *key, struct error *e)
{
	AUTO_FREE char *dir = xasprintf("%s/releases/.cache", c->host->root);
	AUTO_FREE char *file = xasprintf("%s/pot.%s.xz", dir, name);
	int rc;

	if (file_mkdirs(AT_FDCWD, dir, 0700, e) < 0)
		return -1;
	forget(file);
	rc = fetch(c, url, ".skein", file, true, e);
	if (rc == 0)
		rc = fetch(c, url, "", file, true, e);
	if (rc == 0)
		rc = fetch(c, url, ".meta", file, false, e);
	if (rc == 0 && key != NULL && *key != '\0')
		rc = fetch(c, url, ".skein.sig", file, true, e);
	if (rc == 0)
		rc = import_file(c, file, name, key, e);
	forget(file);
	return rc;
}

int
pot_import_image(struct compat *c, const char *image, const char *tag,
    const char *url, const char *key, struct error *e)
{
	size_t len = url != NULL ? strlen(url) : 0;
	/* old guides have the file itself, and no tag */
	bool whole = len > 3 && strcmp(url + len - 3, ".xz") == 0;
	AUTO_FREE char *name = pot_image_name(image, tag);
	AUTO_FREE char *at = NULL;

	if (key == NULL)
		key = pot_setting(c, "POT_DEFAULT_SIGNATURE_PUBKEY");
	if (tag == NULL && !whole)
		return pot_usage(e, "A tag is mandatory");
	if (name_check_cell(name, e) < 0)
		return -1;
	if (cell_exists(c->host, name))
		return error_set(e, ERROR_EXISTS,
		    "A pot with name %s already exists", name);
	if (url == NULL)
		url = ".";
	at = whole ? xstrdup(url) : xasprintf("%.*s/%s_%s.xz",
	    (int)(len > 0 && url[len - 1] == '/' ? len - 1 : strlen(url)),
	    url, image, tag);
	if (is_remote(at))
		return import_remote(c, at, name, key, e);
	return import_file(c, at + (strncmp(at, "file://", 7) == 0 ? 7 : 0),
	    name, key, e);
}

static int
import(struct compat *c, struct error *e)
{
	const char *image = compat_value(c, "p");

	if (image == NULL || *image == '\0')
		return pot_usage(e, "A pot name is mandatory");
	return pot_import_image(c, image, compat_value(c, "t"),
	    compat_value(c, "U"), compat_value(c, "C"), e);
}

static const struct cmd_option import_options[] = {
	{ 'p', "", "NAME", "the name of the image" },
	{ 't', "", "TAG", "its tag" },
	{ 'U', "", "URL", "where it lies: the directory, or the file itself" },
	{ 'C', "", "FILE", "a public key of signify(1) that must have signed "
	    "it" },
	{ 0 },
};

const struct compat_cmd pot_cmd_import = {
	.name = "import",
	.usage = "[-hv] -p NAME -t TAG [-U URL] [-C FILE]",
	.summary = "make a pot of an image",
	.options = import_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND | COMPAT_TALK,
	.state = COMPAT_DIFFERS,
	.note = "needs the store zfs (69 elsewhere); an image that stands on "
	    "another is refused (69); without -U it lies in the working "
	    "directory; a key of -C is trusted from then on; an image without "
	    "its checksum is refused",
	.test = "root/compat_pot_test.sh:guide",
	.exec = import,
};

/* --- prepare --- */

static int
prepare_settings(struct cell *cell, void *arg, struct error *e)
{
	static const char *const settings[][2] = { { "persistent", "NO" },
		{ "no-rc-script", "YES" }, { "prunable", "YES" },
		{ "localhost-tunnel", "YES" }, { "no-etc-hosts", "YES" },
		{ "no-tmpfs", "YES" } };
	const char *cmd = arg;

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (pot_attr_set(cell, pot_attr_find(settings[i][0]),
		    settings[i][1], e) < 0)
			return -1;
	return cmd != NULL ? pot_cmd_set(cell, cmd, e) : 0;
}

static int
check_prepare(struct compat *c, struct error *e)
{
	const char *type = compat_value(c, "N");
	const struct strings *ports = compat_values(c, "e");

	if (!compat_has(c, "p"))
		return pot_usage(e, "A pot name is mandatory");
	if (!compat_has(c, "t"))
		return pot_usage(e, "A tag is mandatory");
	if (!compat_has(c, "a"))
		return pot_usage(e, "An allocation id is mandatory");
	if (type != NULL && strcmp(type, "private-bridge") == 0 &&
	    !compat_has(c, "B"))
		return pot_usage(e, "A bridge name has to be provided if "
		    "private-bridge is selected as network-type");
	for (size_t i = 0; i < ports->count; i++) {
		AUTO_FREE char *publish = pot_port_parse(ports->items[i]);

		if (publish == NULL)
			return pot_usage(e, "%s is not a valid port number",
			    ports->items[i]);
	}
	return 0;
}

static int
make_clone(struct compat *c, const char *from, const char *to,
    struct error *e)
{
	AUTO_STRINGS struct strings words = VEC_INIT, assign = VEC_INIT;
	const struct strings *ports = compat_values(c, "e");

	if (pot_network_options(c, &assign, e) < 0)
		return -1;
	strings_add(&words, "clone");
	strings_add(&words, from);
	strings_add(&words, to);
	for (size_t i = 0; i < assign.count; i++)
		strings_add(&words, assign.items[i]);
	strings_take(&words, xasprintf("compat.pot.potbase=%s", from));
	strings_add(&words, "publish=");
	for (size_t i = 0; i < ports->count; i++) {
		AUTO_FREE char *publish = pot_port_parse(ports->items[i]);

		strings_take(&words, xasprintf("publish+=%s", publish));
	}
	return compat_call_words(c, &words, NULL, e);
}

static int
prepare(struct compat *c, struct error *e)
{
	const char *image, *given, *alloc;
	AUTO_FREE char *imported = NULL;
	AUTO_FREE char *both = NULL;
	AUTO_FREE char *name = NULL;
	AUTO_FREE char *cmd = NULL;
	int status;

	if (check_prepare(c, e) < 0)
		return -1;
	image = compat_value(c, "p");
	alloc = compat_value(c, "a");
	given = compat_value(c, "n");
	imported = pot_image_name(image, compat_value(c, "t"));
	both = xasprintf("%s_%s", given != NULL ? given : image, alloc);
	name = pot_image_name(both, NULL);
	if (name_check_cell(name, e) < 0)
		return -1;
	if (cell_exists(c->host, name))
		return error_set(e, ERROR_EXISTS,
		    "A pot with name %s already exists", name);
	if (!cell_exists(c->host, imported) && pot_import_image(c, image,
	    compat_value(c, "t"), compat_value(c, "U"), compat_value(c, "C"),
	    e) < 0)
		return error_wrap(e, "pot import failed");
	if (compat_value(c, "c") != NULL)
		cmd = xstrdup(compat_value(c, "c"));
	if (make_clone(c, imported, name, e) < 0 || pot_dns(c, name, e) < 0 ||
	    pot_change(c, name, prepare_settings, cmd, e) < 0)
		return error_wrap(e, "Not able to clone imported pot as %s",
		    name);
	if (!compat_has(c, "s"))
		return pot_info(e, "Prepared the pot %s", name);
	if (pot_start_pot(c, name, &status, e) < 0)
		return error_wrap(e, "pot %s failed to start", name);
	return 0;
}

static const struct cmd_option prepare_options[] = {
	{ 'p', "", "NAME", "the image" },
	{ 't', "", "TAG", "its tag" },
	{ 'U', "", "URL", "where it lies" },
	{ 'C', "", "FILE", "the public key that must have signed it" },
	{ 'a', "", "ID", "the end of the pot's name" },
	{ 'n', "", "NAME", "the beginning of the pot's name" },
	{ 'c', "", "COMMAND", "what is run in it" },
	{ 'e', "", "PORT", "publish it; may be given again" },
	{ 'N', "", "TYPE", "as of create; host is inherit" },
	{ 'i', "", "IP", "as of create" },
	{ 'B', "", "NAME", "as of create" },
	{ 'S', "", "STACK", "as of create" },
	{ 'd', "", "DNS", "as of create" },
	{ 's', "", NULL, "start it" },
	{ 0 },
};

const struct compat_cmd pot_cmd_prepare = {
	.name = "prepare",
	.usage = "[-hvs] -p NAME -t TAG -a ID [-U URL] [-C FILE] [-n NAME] "
	    "[-c COMMAND] [-e PORT]... [-N TYPE] [-i IP]... [-B NAME] "
	    "[-S STACK] [-d DNS]",
	.summary = "import an image and make a pot of it, for orchestrators",
	.options = prepare_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "each step that fails is a failure; a port without one of the "
	    "host has the same there; no image need be imported when a pot of "
	    "its name is there",
	.test = "cli/compat_pot_test.sh:prepare",
	.exec = prepare,
};
