/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/num.h"
#include "core/cell.h"
#include "core/jailconf.h"
#include "core/store.h"

enum { CELL_CONF_MAX = 1 << 20 };

int
cell_names(const struct host *h, struct strings *names, struct error *e)
{
	AUTO_CLOSE int fd = file_opendir(h->jails_fd, ".", e);
	const struct dirent *d;

	if (fd < 0)
		return -1;
	AUTO_DIR DIR *dir = fdopendir(fd);
	if (dir == NULL)
		return error_sys(e, "%s/jails", h->root);
	fd = -1;
	while ((d = readdir(dir)) != NULL)
		if (d->d_name[0] != '.' && strncmp(d->d_name, CELL_STEP_PREFIX,
		    strlen(CELL_STEP_PREFIX)) != 0)
			strings_add(names, d->d_name);
	strings_sort(names);
	return 0;
}

bool
cell_exists(const struct host *h, const char *name)
{
	AUTO_FREE char *file = xasprintf("%s/cell.conf", name);
	struct error ignored = ERROR_INIT;

	if (file_exists(h->jails_fd, file))
		return true;
	return file_exists(h->jails_fd, name) &&
	    store_settle(h, "jails", name, false, &ignored) == 0 &&
	    file_exists(h->jails_fd, file);
}

static void
clear_values(struct cell *c)
{
	for (size_t i = 0; i < c->values.count; i++) {
		free(c->values.items[i].name);
		strings_fini(&c->values.items[i].values);
	}
	VEC_FINI(&c->values);
}

void
cell_fini(struct cell *c)
{
	clear_values(c);
	free(c->name);
	conf_free(c->conf);
	*c = (struct cell)CELL_INIT;
}

void
cell_init(struct cell *c, const char *name)
{
	*c = (struct cell)CELL_INIT;
	c->name = xstrdup(name);
	c->conf = conf_new("cell.conf");
	c->block = conf_block_make(c->conf, name);
}

static struct cell_value *
find_value(const struct cell *c, const char *name)
{
	for (size_t i = 0; i < c->values.count; i++)
		if (strcmp(c->values.items[i].name, name) == 0)
			return &c->values.items[i];
	return NULL;
}

/* $name is the jail's name, any other variable a property set above. */
static const char *
lookup(const char *name, void *arg)
{
	const struct cell *c = arg;
	const struct cell_value *v;

	if (strcmp(name, "name") == 0)
		return c->name;
	v = find_value(c, name);
	return v != NULL && v->values.count == 1 ? v->values.items[0] : NULL;
}

static int
expand_values(struct cell *c, const struct conf_param *p, struct strings *out,
    struct error *e)
{
	for (size_t i = 0; i < conf_param_count(p); i++) {
		AUTO_BUF struct buf b = BUF_INIT;

		if (conf_param_expand(p, i, lookup, c, &b, e) < 0)
			return -1;
		strings_take(out, buf_steal(&b));
	}
	return 0;
}

/* "allow.noraw_sockets" is kept under the positive name. */
static const char *
stored_name(const struct prop *prop, const char *written)
{
	return prop->flags & PROP_FAMILY ? written : prop->name;
}

static int
take_param(struct cell *c, const struct conf_param *p, struct error *e)
{
	AUTO_STRINGS struct strings raw = VEC_INIT, values = VEC_INIT;
	const struct prop *prop;
	struct cell_value *v;
	bool negated;

	if (conf_param_is_include(p))
		return error_set(e, ERROR_CONFIG,
		    ".include is not allowed in cell.conf");
	if (prop_resolve(conf_param_name(p), &prop, &negated, e) < 0 ||
	    expand_values(c, p, &raw, e) < 0)
		return -1;
	if (negated && raw.count > 0)
		return error_set(e, ERROR_CONFIG, "%s takes no value",
		    conf_param_name(p));
	if (negated)
		strings_add(&raw, prop->type == PROP_BOOL ? "off" : "disable");
	if (conf_param_appends(p) && !(prop->flags & PROP_LIST))
		return error_set(e, ERROR_CONFIG, "%s takes one value, so += "
		    "does not apply", prop->name);
	if (prop_parse(prop, &raw, &values, e) < 0)
		return -1;
	v = find_value(c, stored_name(prop, conf_param_name(p)));
	if (v == NULL) {
		VEC_PUSH(&c->values, (struct cell_value){ prop,
		    xstrdup(stored_name(prop, conf_param_name(p))), VEC_INIT });
		v = &c->values.items[c->values.count - 1];
	} else if (!conf_param_appends(p)) {
		strings_fini(&v->values);
	}
	strings_copy(&v->values, &values);
	return 0;
}

static int
resolve(struct cell *c, const char *file, struct error *e)
{
	const struct conf_param *p = NULL;

	clear_values(c);
	while ((p = conf_param_next(c->block, p)) != NULL)
		if (take_param(c, p, e) < 0) {
			e->kind = ERROR_CONFIG;
			return error_wrap(e, "%s:%d:%d", file,
			    conf_param_line(p), conf_param_column(p));
		}
	return 0;
}

static int
check_shape(const struct cell *c, const char *file, struct error *e)
{
	const struct conf_block *top = conf_block(c->conf, NULL);
	const struct conf_block *b = NULL;
	const struct conf_param *p;

	p = top != NULL ? conf_param_next(top, NULL) : NULL;
	if (p != NULL)
		return error_set(e, ERROR_CONFIG, "%s:%d:%d: '%s' stands "
		    "outside of the block '%s { }'", file, conf_param_line(p),
		    conf_param_column(p), conf_param_name(p), c->name);
	while ((b = conf_block_next(c->conf, b)) != NULL)
		if (b != c->block && b != top)
			return error_set(e, ERROR_CONFIG,
			    "%s: only the block '%s { }' belongs here, found "
			    "'%s'", file, c->name, conf_block_name(b));
	return 0;
}

int
cell_parse(const char *file, const char *name, const char *text, size_t len,
    struct cell *c, struct error *e)
{
	*c = (struct cell)CELL_INIT;
	c->name = xstrdup(name);
	c->conf = conf_parse(file, text, len, NULL, e);
	if (c->conf == NULL)
		return -1;
	c->block = conf_block(c->conf, name);
	if (c->block == NULL)
		return error_set(e, ERROR_CONFIG,
		    "%s: no block '%s { }' in it", file, name);
	if (check_shape(c, file, e) < 0)
		return -1;
	return resolve(c, file, e);
}

static int
no_such_jail(const struct host *h, const char *name, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	const char *near = NULL;
	unsigned best = 3;

	if (cell_names(h, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		unsigned d = word_distance(name, names.items[i]);

		if (d < best) {
			best = d;
			near = names.items[i];
		}
	}
	if (near != NULL)
		return error_set(e, ERROR_NOT_FOUND, "no jail named '%s' "
		    "(did you mean '%s'?)", name, near);
	return error_set(e, ERROR_NOT_FOUND, "no jail named '%s'", name);
}

int
cell_load(const struct host *h, const char *name, struct cell *c,
    struct error *e)
{
	AUTO_FREE char *rel = xasprintf("%s/cell.conf", name);
	AUTO_FREE char *path = xasprintf("%s/jails/%s", h->root, rel);
	AUTO_BUF struct buf text = BUF_INIT;

	*c = (struct cell)CELL_INIT;
	if (file_read(h->jails_fd, rel, CELL_CONF_MAX, &text, e) < 0) {
		if (e->sys_errno != ENOENT && e->sys_errno != ENOTDIR)
			return -1;
		error_clear(e);
		if (store_settle(h, "jails", name, false, e) < 0)
			return -1;
		if (file_read(h->jails_fd, rel, CELL_CONF_MAX, &text, e) < 0)
			return no_such_jail(h, name, e);
	}
	return cell_parse(path, name, buf_text(&text), text.len, c, e);
}

int
cell_save(const struct host *h, const struct cell *c, struct error *e)
{
	AUTO_FREE char *rel = xasprintf("%s/cell.conf", c->name);
	AUTO_BUF struct buf text = BUF_INIT;

	conf_write(c->conf, &text);
	if (file_replace(h->jails_fd, rel, text.data, text.len, 0600,
	    FILE_DURABLE, e) < 0)
		return -1;
	jailconf_refresh(h, c->name);
	return 0;
}

void
cell_get(const struct cell *c, const struct prop *p, const char *name,
    struct strings *out)
{
	const struct cell_value *v = find_value(c, stored_name(p, name));

	if (v != NULL)
		strings_copy(out, &v->values);
	else if (p->fallback != NULL)
		strings_add(out, p->fallback);
}

bool
cell_names_property(const struct cell *c, const char *name)
{
	return find_value(c, name) != NULL;
}

/* Every spelling of the property in the file: the negated one too. */
static void
unset_all(struct cell *c, const struct prop *p, const char *name)
{
	AUTO_STRINGS struct strings spellings = VEC_INIT;
	const struct conf_param *at = NULL;

	while ((at = conf_param_next(c->block, at)) != NULL) {
		const struct prop *other;
		struct error ignored = ERROR_INIT;
		bool negated;

		if (prop_resolve(conf_param_name(at), &other, &negated,
		    &ignored) == 0 && other == p &&
		    strcmp(stored_name(p, conf_param_name(at)),
		    stored_name(p, name)) == 0 &&
		    strcmp(conf_param_name(at), name) != 0 &&
		    strings_index(&spellings, conf_param_name(at)) < 0)
			strings_add(&spellings, conf_param_name(at));
	}
	for (size_t i = 0; i < spellings.count; i++)
		conf_unset(c->block, spellings.items[i]);
}

int
cell_set(struct cell *c, const struct prop *p, const char *name,
    const struct strings *values, bool append, struct error *e)
{
	AUTO_STRINGS struct strings canonical = VEC_INIT;
	const char *key = stored_name(p, name);

	if (values->count == 0 && !append) {
		unset_all(c, p, key);
		conf_unset(c->block, key);
		return resolve(c, "cell.conf", e);
	}
	if (append && !(p->flags & PROP_LIST))
		return error_set(e, ERROR_USAGE,
		    "%s takes one value, so += does not apply", key);
	if (prop_parse(p, values, &canonical, e) < 0)
		return -1;
	unset_all(c, p, key);
	if (append)
		conf_add(c->block, key, &canonical);
	else
		conf_set(c->block, key, &canonical);
	return resolve(c, "cell.conf", e);
}

char *
cell_text(const struct cell *c, const char *name)
{
	AUTO_STRINGS struct strings values = VEC_INIT;

	cell_values(c, name, &values);
	if (values.count == 0)
		return NULL;
	return xstrdup(values.items[0]);
}

void
cell_values(const struct cell *c, const char *name, struct strings *out)
{
	const struct prop *p = prop_find(name);

	if (p != NULL)
		cell_get(c, p, name, out);
}

bool
cell_bool(const struct cell *c, const char *name)
{
	AUTO_FREE char *text = cell_text(c, name);
	struct error ignored = ERROR_INIT;
	bool value = false;

	if (text == NULL || parse_bool(text, &value, &ignored) < 0)
		return false;
	return value;
}

int64_t
cell_int(const struct cell *c, const char *name)
{
	AUTO_FREE char *text = cell_text(c, name);
	struct error ignored = ERROR_INIT;
	int64_t value = 0;

	if (text == NULL ||
	    parse_int(text, INT64_MIN, INT64_MAX, &value, &ignored) < 0)
		return 0;
	return value;
}

uint64_t
cell_duration(const struct cell *c, const char *name)
{
	AUTO_FREE char *text = cell_text(c, name);
	struct error ignored = ERROR_INIT;
	uint64_t ms = 0;

	if (text == NULL || parse_duration(text, &ms, &ignored) < 0)
		return 0;
	return ms;
}

int
cell_assign(struct cell *c, const char *operand, bool creating,
    struct error *e)
{
	const char *eq = strchr(operand, '=');
	AUTO_STRINGS struct strings values = VEC_INIT;
	const struct prop *p;
	bool negated, append;

	append = eq != NULL && eq > operand && eq[-1] == '+';
	AUTO_FREE char *name = eq == NULL ? xstrdup(operand) :
	    xstrndup(operand, (size_t)(eq - operand) - append);
	if (prop_resolve(name, &p, &negated, e) < 0) {
		e->kind = ERROR_USAGE;
		return -1;
	}
	if (p->flags & PROP_READONLY)
		return error_set(e, ERROR_USAGE, "%s cannot be set", name);
	if ((p->flags & PROP_CREATE) && !creating)
		return error_set(e, ERROR_USAGE,
		    "%s is given when the jail is created", name);
	if (negated && eq != NULL)
		return error_set(e, ERROR_USAGE, "%s takes no value", name);
	if (eq != NULL && eq[1] != '\0')
		strings_add(&values, eq + 1);
	else if (eq == NULL && p->type != PROP_BOOL)
		return error_set(e, ERROR_USAGE,
		    "%s needs a value: %s=VALUE", name, name);
	else if (eq == NULL)
		strings_add(&values, negated ? "off" : "on");
	if (cell_set(c, p, negated ? p->name : name, &values, append, e) < 0) {
		if (e->kind == ERROR_CONFIG)
			e->kind = ERROR_USAGE;
		return -1;
	}
	return 0;
}

int
cell_check_protect(const struct cell *c, const char *done, struct error *e)
{
	if (!cell_bool(c, "protect"))
		return 0;
	return error_set(e, ERROR_DENIED, "jail '%s' is protected: it may not "
	    "be %s; 'gaol set %s protect=off' lifts that", c->name, done,
	    c->name);
}
