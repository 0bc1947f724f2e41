/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * fstab of iocage: what gaol's property mount says, the target as the path on
 * the host that iocage writes.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/num.h"
#include "compat/iocage/iocage.h"
#include "core/mount.h"

enum { SOURCE, TARGET, TYPE, OPTIONS, DUMP, PASS, WORDS };

/* The words of the operands behind the jail; one may hold them all, or stand
 * for both ends. */
static int
take_words(struct compat *c, size_t from, struct strings *words,
    struct error *e)
{
	static const char *const rest[] = { NULL, NULL, "nullfs", "ro", "0",
		"0" };

	for (size_t i = from; i < c->operands.count; i++) {
		AUTO_FREE char *copy = xstrdup(c->operands.items[i]);
		char *word, *next = copy;

		while ((word = strsep(&next, " \t")) != NULL)
			if (*word != '\0')
				strings_add(words, word);
	}
	if (words->count == 0)
		return error_set(e, ERROR_FAILED,
		    "Please supply an fstab entry or jail!");
	if (words->count == 1)
		strings_add(words, words->items[0]);
	for (size_t i = words->count; i < WORDS; i++)
		strings_add(words, rest[i]);
	return 0;
}

/* "ROOT/jails/web/root/mnt" or "/mnt" -> "/mnt". */
static const char *
inside(const struct compat *c, const char *jail, const char *target)
{
	AUTO_FREE char *root = xasprintf("%s/jails/%s/root", c->host->root,
	    jail);
	size_t len = strlen(root);

	return strncmp(target, root, len) == 0 && target[len] == '/' ?
	    target + len : target;
}

static int
check(struct compat *c, const struct strings *words, struct error *e)
{
	struct stat st;

	if (strcmp(words->items[TYPE], "nullfs") != 0)
		return 0;
	if (stat(words->items[SOURCE], &st) < 0 || !S_ISDIR(st.st_mode))
		return error_set(e, ERROR_FAILED, "%s is not a directory",
		    words->items[SOURCE]);
	return 0;
}

static int
add(struct compat *c, const char *jail, struct error *e)
{
	AUTO_STRINGS struct strings words = VEC_INIT;
	const char *target;

	if (take_words(c, 1, &words, e) < 0 || check(c, &words, e) < 0)
		return -1;
	target = words.items[TARGET];
	if (*target != '/')
		return error_set(e, ERROR_FAILED, "Destination must be an "
		    "absolute path: %s", target);
	if (compat_call(c, e, "mount", jail, words.items[SOURCE], inside(c,
	    jail, target), words.items[OPTIONS], words.items[TYPE], NULL) < 0)
		return -1;
	return compat_print(e, "Successfully added mount to %s's fstab\n",
	    jail);
}

/* The mounts of the jail as they are split. */
static int
load(struct compat *c, const char *jail, struct strings *lines,
    struct error *e)
{
	AUTO_CELL struct cell cell = CELL_INIT;

	if (cell_load(c->host, jail, &cell, e) < 0)
		return -1;
	cell_values(&cell, "mount", lines);
	return 0;
}

/* "SRC<sep>DST..." as iocage has it. */
static int
entry(const struct compat *c, const char *jail, const char *line,
    const char *sep, char **text, struct error *e)
{
	struct engine_mount m;

	if (mount_split(line, &m, e) < 0)
		return -1;
	*text = xasprintf("%s%s%s/jails/%s/root%s%s%s%s%s%s0%s0", m.source,
	    sep, c->host->root, jail, m.target, sep, m.type, sep, m.options,
	    sep, sep);
	mount_fini(&m);
	return 0;
}

static int
list(struct compat *c, const char *jail, struct error *e)
{
	bool bare = compat_has(c, "header");
	AUTO_IOC_TABLE struct ioc_table t = IOC_TABLE_INIT(2);
	AUTO_STRINGS struct strings lines = VEC_INIT;

	if (load(c, jail, &lines, e) < 0)
		return -1;
	ioc_row(&t, "INDEX", "FSTAB ENTRY", NULL);
	for (size_t i = 0; i < lines.count; i++) {
		AUTO_FREE char *index = xasprintf("%zu", i);
		AUTO_FREE char *text = NULL;

		if (entry(c, jail, lines.items[i], "\t", &text, e) < 0)
			return -1;
		ioc_row(&t, index, text, NULL);
	}
	return ioc_print_table(&t, bare, e);
}

/* The target of the one with that index, or of a whole entry. */
static int
find_target(struct compat *c, const char *jail, const char *index,
    char **target, struct error *e)
{
	AUTO_STRINGS struct strings lines = VEC_INIT, words = VEC_INIT;
	uint64_t at = 0;
	bool by_index = index != NULL && *index != '\0' &&
	    strspn(index, "0123456789") == strlen(index);

	if (load(c, jail, &lines, e) < 0)
		return -1;
	if (by_index) {
		if (parse_uint(index, 0, UINT32_MAX, &at, e) < 0)
			return -1;
	} else {
		if (take_words(c, 1, &words, e) < 0)
			return -1;
		at = lines.count;
	}
	for (size_t i = 0; i < lines.count; i++) {
		struct engine_mount m;
		bool same;

		if (mount_split(lines.items[i], &m, e) < 0)
			return -1;
		same = by_index ? i == at : strcmp(m.source,
		    words.items[SOURCE]) == 0 && strcmp(m.target, inside(c,
		    jail, words.items[TARGET])) == 0;
		if (same)
			*target = xstrdup(m.target);
		mount_fini(&m);
		if (same)
			return 0;
	}
	return error_set(e, ERROR_NOT_FOUND, "No matching fstab entry.");
}

static int
remove_entry(struct compat *c, const char *jail, struct error *e)
{
	AUTO_FREE char *target = NULL;

	if (find_target(c, jail, compat_operand(c, 1), &target, e) < 0 ||
	    compat_call(c, e, "umount", jail, target, NULL) < 0)
		return -1;
	return compat_print(e, "Successfully removed mount from %s's "
	    "fstab\n", jail);
}

static int
replace(struct compat *c, const char *jail, struct error *e)
{
	const char *index = compat_value(c, "replace");
	AUTO_STRINGS struct strings words = VEC_INIT;
	AUTO_FREE char *target = NULL;

	if (take_words(c, 1, &words, e) < 0 || check(c, &words, e) < 0 ||
	    find_target(c, jail, index, &target, e) < 0 ||
	    compat_call(c, e, "umount", jail, target, NULL) < 0 ||
	    compat_call(c, e, "mount", jail, words.items[SOURCE], inside(c,
	    jail, words.items[TARGET]), words.items[OPTIONS],
	    words.items[TYPE], NULL) < 0)
		return -1;
	return compat_print(e, "Index %s replaced.\n", index);
}

/* The index is a value of -R, or came first: "-R web 0 ...". */
static int
fstab(struct compat *c, struct error *e)
{
	AUTO_FREE char *jail = NULL;

	if (c->operands.count == 0)
		return error_set(e, ERROR_FAILED,
		    "Please supply an fstab entry or jail!");
	if (ioc_target(c, c->operands.items[0], false, &jail, e) < 0)
		return -1;
	if (compat_has(c, "list"))
		return list(c, jail, e);
	if (compat_has(c, "add"))
		return add(c, jail, e);
	if (compat_has(c, "remove"))
		return remove_entry(c, jail, e);
	if (compat_has(c, "replace"))
		return replace(c, jail, e);
	if (compat_has(c, "edit"))
		return compat_call(c, e, "edit", jail, NULL);
	return error_set(e, ERROR_FAILED,
	    "Please supply an fstab entry or jail!");
}

static const struct cmd_option options[] = {
	{ 'a', "add", NULL, "Adds an entry to the jail's fstab." },
	{ 'r', "remove", NULL, "Removes an entry from it." },
	{ 'e', "edit", NULL, "Opens it in your editor." },
	{ 'R', "replace", "INDEX", "Replaces an entry by index." },
	{ 'l', "list", NULL, "Lists the fstab for the jail." },
	{ 'H', "header", NULL, "Show or hide column name heading." },
	{ 0 },
};

const struct compat_cmd ioc_fstab = {
	.name = "fstab",
	.usage = "JAIL [ENTRY]",
	.summary = "Manipulate the specified jail's fstab.",
	.options = options,
	.max = CMD_ANY,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_DIFFERS,
	.note = "entries are values of the property mount, so there is no "
	    "comment behind them; a target that is missing is made; `-e` "
	    "edits the cell.conf",
	.test = "cli/compat_iocage_test.sh:fstab",
	.exec = fstab,
};
