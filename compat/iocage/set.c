/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* get and set, of jails and of the defaults. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "compat/iocage/iocage.h"
#include "core/life.h"
#include "core/others.h"
#include "core/spec.h"

#define DEFAULTS "iocage-defaults.json"
enum { JSON_MAX = 1 << 20 };

/* --- defaults.json --- */

int
ioc_defaults(struct compat *c, struct strings *pairs, struct error *e)
{
	AUTO_OTHER struct others o = OTHERS_INIT;
	AUTO_BUF struct buf text = BUF_INIT;
	struct error ignored = ERROR_INIT;

	if (file_exists(c->host->root_fd, DEFAULTS)) {
		if (file_read(c->host->root_fd, DEFAULTS, JSON_MAX, &text,
		    e) < 0)
			return -1;
	} else if (others_find(c->host, OTHER_IOCAGE, NULL, &o, &ignored) ==
	    0 && o.top != NULL) {
		AUTO_FREE char *path = xasprintf("%s/defaults.json", o.top);

		if (others_read(path, &text, e) < 0)
			return -1;
	}
	if (text.len == 0)
		return 0;
	if (iocage_json(buf_text(&text), pairs, e) < 0)
		return error_wrap(e, "defaults.json");
	return 0;
}

static void
write_string(struct buf *out, const char *text)
{
	buf_putc(out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			buf_putc(out, '\\');
		if ((unsigned char)*text < ' ')
			buf_printf(out, "\\u%04x", (unsigned)*text);
		else
			buf_putc(out, *text);
	}
	buf_putc(out, '"');
}

static int
save_defaults(struct compat *c, const struct strings *pairs, struct error *e)
{
	AUTO_BUF struct buf out = BUF_INIT;

	buf_puts(&out, "{");
	for (size_t i = 0; i + 1 < pairs->count; i += 2) {
		buf_puts(&out, i > 0 ? ",\n    " : "\n    ");
		write_string(&out, pairs->items[i]);
		buf_puts(&out, ": ");
		write_string(&out, pairs->items[i + 1]);
	}
	buf_puts(&out, "\n}");
	return file_replace(c->host->root_fd, DEFAULTS, out.data, out.len,
	    0644, FILE_DURABLE, e);
}

/* Properties that are there, and what defaults.json has of its own. */
int
ioc_assign_defaults(struct compat *c, struct cell *cell, struct error *e)
{
	AUTO_STRINGS struct strings pairs = VEC_INIT;
	struct error ignored = ERROR_INIT;

	/* those that are gaol's own business are left to create */
	for (size_t i = 0; iocage_defaults[i] != NULL; i++) {
		const struct iocage_prop *p = iocage_prop_find(
		    iocage_defaults[i]);

		if (strncmp(p->name, "exec_st", 7) != 0 && iocage_prop_set(
		    cell, p, p->fallback, &ignored) < 0)
			error_clear(&ignored);
	}
	if (ioc_defaults(c, &pairs, e) < 0)
		return -1;
	for (size_t i = 0; i + 1 < pairs.count; i += 2) {
		const struct iocage_prop *p = iocage_prop_find(
		    pairs.items[i]);

		/* what iocage writes there itself is the default anyway */
		if (p == NULL || p->kind == IOCAGE_TOLD || p->kind ==
		    IOCAGE_FIXED || strcmp(p->fallback, pairs.items[i + 1]) ==
		    0)
			continue;
		if (iocage_prop_set(cell, p, pairs.items[i + 1], e) < 0)
			return error_wrap(e, "defaults.json: %s", p->name);
	}
	return iocage_net_commit(cell, e);
}

/* --- set --- */

/* Words that documentation and scripts have for them. */
static const struct {
	const char *old, *name;
} old_names[] = {
	{ "allow.raw_sockets", "allow_raw_sockets" },
	{ "hostname", "host_hostname" },
};

static const struct iocage_prop *
find_prop(const char *key, struct error *e)
{
	const struct iocage_prop *p;

	for (size_t i = 0; i < sizeof(old_names) / sizeof(old_names[0]); i++)
		if (strcmp(key, old_names[i].old) == 0)
			key = old_names[i].name;
	p = iocage_prop_find(key);
	if (p == NULL)
		error_set(e, ERROR_CONFIG, "%s is not a valid property!", key);
	return p;
}

static int
assign_one(struct cell *cell, const char *word, struct error *e)
{
	const char *equal = strchr(word, '=');
	AUTO_FREE char *key = xstrndup(word, strcspn(word, "="));
	const struct iocage_prop *p;

	if (equal == NULL)
		return error_set(e, ERROR_CONFIG, "%s is missing a value!",
		    word);
	p = find_prop(key, e);
	return p == NULL ? -1 : iocage_prop_set(cell, p, equal + 1, e);
}

/* Whether one of them is of the network, which is not touched otherwise. */
static bool
is_of_net(const struct strings *words)
{
	for (size_t i = 0; i < words->count; i++) {
		AUTO_FREE char *key = xstrndup(words->items[i],
		    strcspn(words->items[i], "="));
		const struct iocage_prop *p = iocage_prop_find(key);

		if (p != NULL && p->kind == IOCAGE_NET)
			return true;
	}
	return false;
}

int
ioc_assign(struct cell *cell, const struct strings *words, struct error *e)
{
	bool net = is_of_net(words);

	if (net && iocage_net_begin(cell, e) < 0)
		return -1;
	for (size_t i = 0; i < words->count; i++)
		if (assign_one(cell, words->items[i], e) < 0)
			return -1;
	return net ? iocage_net_commit(cell, e) : 0;
}

struct change {
	const struct strings *words;
	struct strings told;
};

static int
change(struct cell *cell, void *arg, struct error *e)
{
	struct change *ch = arg;
	AUTO_STRINGS struct strings before = VEC_INIT;

	for (size_t i = 0; i < ch->words->count; i++) {
		AUTO_FREE char *key = xstrndup(ch->words->items[i],
		    strcspn(ch->words->items[i], "="));
		const struct iocage_prop *p = find_prop(key, e);

		if (p == NULL)
			return -1;
		strings_take(&before, iocage_prop_get(cell, p));
	}
	if (ioc_assign(cell, ch->words, e) < 0)
		return -1;
	for (size_t i = 0; i < ch->words->count; i++) {
		AUTO_FREE char *key = xstrndup(ch->words->items[i],
		    strcspn(ch->words->items[i], "="));
		const struct iocage_prop *p = find_prop(key, e);
		AUTO_FREE char *now = p != NULL ? iocage_prop_get(cell, p) :
		    NULL;

		if (now != NULL)
			strings_take(&ch->told, xasprintf("%s: %s -> %s",
			    p->name, before.items[i], now));
	}
	return 0;
}

int
ioc_change(struct compat *c, const char *name, const struct strings *words,
    bool told, struct error *e)
{
	struct change ch = { words, VEC_INIT };
	bool restart = false;
	int result = life_change(c->host, name, change, &ch, &restart, e);

	for (size_t i = 0; result == 0 && told && i < ch.told.count; i++)
		result = compat_print(e, "%s\n", ch.told.items[i]);
	if (result == 0 && told && restart && compat_runs(c, name))
		compat_say(c, "%s needs a restart for that", name);
	strings_fini(&ch.told);
	return result;
}

/* What is checked on a jail that is only thought of. */
static int
set_defaults(struct compat *c, const struct strings *words, struct error *e)
{
	AUTO_STRINGS struct strings pairs = VEC_INIT;
	AUTO_CELL struct cell cell = CELL_INIT;

	cell_init(&cell, "default");
	if (ioc_assign(&cell, words, e) < 0 || ioc_defaults(c, &pairs, e) < 0)
		return -1;
	for (size_t i = 0; i < words->count; i++) {
		const char *equal = strchr(words->items[i], '=');
		AUTO_FREE char *key = xstrndup(words->items[i],
		    strcspn(words->items[i], "="));
		size_t at = 0;

		while (at < pairs.count && strcmp(pairs.items[at], key) != 0)
			at += 2;
		if (at < pairs.count) {
			free(pairs.items[at + 1]);
			pairs.items[at + 1] = xstrdup(equal + 1);
		} else {
			strings_add(&pairs, key);
			strings_add(&pairs, equal + 1);
		}
		if (compat_print(e, "Default Property: %s has been updated to "
		    "%s\n", key, equal + 1) < 0)
			return -1;
	}
	return save_defaults(c, &pairs, e);
}

static int
set(struct compat *c, struct error *e)
{
	AUTO_STRINGS struct strings words = VEC_INIT;
	size_t last = c->operands.count - 1;
	AUTO_FREE char *name = NULL;

	if (compat_has(c, "P"))
		return ioc_cannot(c, "-P: there are no plugins", e);
	for (size_t i = 0; i < last; i++)
		strings_add(&words, c->operands.items[i]);
	if (strcmp(c->operands.items[last], "default") == 0)
		return set_defaults(c, &words, e);
	if (ioc_target(c, c->operands.items[last], false, &name, e) < 0)
		return -1;
	return ioc_change(c, name, &words, true, e);
}

static const struct cmd_option set_options[] = {
	{ 'P', "plugin", NULL, "Set the specified key for a plugin jail." },
	{ 0 },
};

const struct compat_cmd ioc_set = {
	.name = "set",
	.usage = "PROP=VALUE... JAIL|default",
	.summary = "Sets the specified property.",
	.options = set_options,
	.min = 2,
	.max = CMD_ANY,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_DIFFERS,
	.note = "all properties are set or none; words of a list are whole "
	    "ones (`boot=10` is refused); what gaol has no means for is "
	    "refused (69); `memoryuse=8G:deny` is understood too",
	.test = "cli/compat_iocage_test.sh:set",
	.exec = set,
};

/* --- get --- */

static const char *
state_of(const struct compat *c, const char *name)
{
	return compat_runs(c, name) ? "up" : "down";
}

static int
get_all(struct compat *c, const char *name, struct error *e)
{
	AUTO_CELL struct cell cell = CELL_INIT;
	AUTO_BUF struct buf out = BUF_INIT;
	bool stated = false;

	if (cell_load(c->host, name, &cell, e) < 0)
		return -1;
	for (size_t i = 0; i < iocage_prop_count; i++) {
		const struct iocage_prop *p = &iocage_props[i];
		AUTO_FREE char *value = iocage_prop_get(&cell, p);

		if (!stated && strcmp(p->name, "state") > 0) {
			buf_printf(&out, "state:%s\n", state_of(c, name));
			stated = true;
		}
		/* a line each, whatever it holds */
		for (char *s = value; *s != '\0'; s++)
			if (*s == '\n')
				*s = ' ';
		buf_printf(&out, "%s:%s\n", p->name, value);
	}
	return cmd_print_text(&out, e);
}

static int
get_default(struct compat *c, const char *key, struct error *e)
{
	AUTO_STRINGS struct strings pairs = VEC_INIT;
	const struct iocage_prop *p;

	if (ioc_defaults(c, &pairs, e) < 0)
		return -1;
	for (size_t i = 0; i < iocage_prop_count && strcmp(key, "all") == 0;
	    i++) {
		const char *value = iocage_props[i].fallback;

		for (size_t k = 0; k + 1 < pairs.count; k += 2)
			if (strcmp(pairs.items[k], iocage_props[i].name) == 0)
				value = pairs.items[k + 1];
		if (compat_print(e, "%s:%s\n", iocage_props[i].name, value) <
		    0)
			return -1;
	}
	if (strcmp(key, "all") == 0)
		return 0;
	for (size_t k = 0; k + 1 < pairs.count; k += 2)
		if (strcmp(pairs.items[k], key) == 0)
			return compat_print(e, "%s\n", pairs.items[k + 1]);
	p = find_prop(key, e);
	return p == NULL ? -1 : compat_print(e, "%s\n", p->fallback);
}

static int
get_one(struct compat *c, const char *key, const char *name, struct error *e)
{
	AUTO_CELL struct cell cell = CELL_INIT;
	AUTO_FREE char *value = NULL;
	const struct iocage_prop *p;

	if (strcmp(key, "state") == 0)
		return compat_print(e, "%s\n", state_of(c, name));
	p = find_prop(key, e);
	if (p == NULL || cell_load(c->host, name, &cell, e) < 0)
		return -1;
	value = iocage_prop_get(&cell, p);
	return compat_print(e, "%s\n", value);
}

static int
get_recursive(struct compat *c, const char *key, struct error *e)
{
	AUTO_IOC_TABLE struct ioc_table t = IOC_TABLE_INIT(2);
	AUTO_STRINGS struct strings names = VEC_INIT;
	AUTO_FREE char *head = xasprintf("PROP - %s", key);
	bool state = strcmp(key, "state") == 0;
	const struct iocage_prop *p = state ? NULL : find_prop(key, e);

	if ((!state && p == NULL) || cell_names(c->host, &names, e) < 0)
		return -1;
	ioc_sort(&names);
	ioc_row(&t, "NAME", head, NULL);
	for (size_t i = 0; i < names.count; i++) {
		AUTO_CELL struct cell cell = CELL_INIT;
		AUTO_FREE char *value = NULL;
		struct error why = ERROR_INIT;

		if (p != NULL && cell_load(c->host, names.items[i], &cell,
		    &why) < 0) {
			compat_say(c, "%s: %s", names.items[i], why.msg);
			continue;
		}
		value = p != NULL ? iocage_prop_get(&cell, p) : xstrdup(
		    state_of(c, names.items[i]));
		ioc_row(&t, names.items[i], value, NULL);
	}
	return ioc_print_table(&t, compat_has(c, "header"), e);
}

static int
get_jid(struct compat *c, const char *name, struct error *e)
{
	AUTO_LIVE struct live live = LIVE_INIT;

	if (live_running(c->host, name, &live, e) < 0)
		return -1;
	return live.phase == LIVE_RUNNING ? compat_print(e, "%lld\n",
	    (long long)live.engine.jid) : compat_print(e, "-\n");
}

/* The pool that the jails lie on. */
static int
get_pool(struct compat *c, struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct error why = ERROR_INIT;

	if (file_read(c->host->root_fd, "zfs", 1024, &text, &why) < 0)
		return ioc_cannot(c, "-p: the jails do not lie on a pool of "
		    "ZFS", e);
	return compat_print(e, "%.*s\n", (int)strcspn(buf_text(&text),
	    "/\n"), buf_text(&text));
}

static int
get(struct compat *c, struct error *e)
{
	const char *first = compat_operand(c, 0);
	const char *last = c->operands.count > 0 ?
	    c->operands.items[c->operands.count - 1] : NULL;
	bool whole = compat_has(c, "all") || (c->operands.count == 2 &&
	    strcmp(first, "all") == 0);
	AUTO_FREE char *name = NULL;

	if (compat_has(c, "plugin"))
		return ioc_cannot(c, "-P: there are no plugins", e);
	if (compat_has(c, "pool"))
		return get_pool(c, e);
	if (compat_has(c, "recursive"))
		return first == NULL || whole ? error_set(e, ERROR_FAILED,
		    "You must specify a property, and not all of them, with "
		    "-r!") : get_recursive(c, first, e);
	if (last == NULL || (c->operands.count < 2 && !whole &&
	    !compat_has(c, "s") && !compat_has(c, "j")))
		return error_set(e, ERROR_FAILED, "You must specify a jail!");
	if (strcmp(last, "default") == 0)
		return get_default(c, whole ? "all" : first, e);
	if (ioc_target(c, last, false, &name, e) < 0)
		return -1;
	if (compat_has(c, "s"))
		return compat_print(e, "%s\n", state_of(c, name));
	if (compat_has(c, "j"))
		return get_jid(c, name, e);
	return whole ? get_all(c, name, e) : get_one(c, first, name, e);
}

static const struct cmd_option get_options[] = {
	{ 'H', "header", NULL, "Show or hide column name heading." },
	{ 'r', "recursive", NULL, "Get the property for all jails." },
	{ 'P', "plugin", NULL, "Get a key for a plugin jail." },
	{ 'a', "all", NULL, "Get all properties for the specified jail." },
	{ 'p', "pool", NULL, "Get the currently activated zpool." },
	{ 's', "state", NULL, "Get the jail's state." },
	{ 'j', "jid", NULL, "Get the jail's jid." },
	{ 'f', "force", NULL, "Start the jail for -P." },
	{ 0 },
};

const struct compat_cmd ioc_get = {
	.name = "get",
	.usage = "PROP JAIL|default",
	.summary = "Gets the specified property.",
	.options = get_options,
	.max = 2,
	.flags = COMPAT_PERMUTE,
	.state = COMPAT_DIFFERS,
	.note = "a jail that is broken does not hide the others of `-r`; `-p` "
	    "without ZFS and `-P` are refused (69)",
	.test = "cli/compat_iocage_test.sh:get",
	.exec = get,
};
