/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "core/iocage_prop.h"
#include "core/limit.h"
#include "core/spec.h"

const struct iocage_prop *
iocage_prop_find(const char *name)
{
	for (size_t i = 0; i < iocage_prop_count; i++)
		if (strcmp(iocage_props[i].name, name) == 0)
			return &iocage_props[i];
	return NULL;
}

bool
iocage_is_on(const char *v)
{
	return strcmp(v, "1") == 0 || strcmp(v, "on") == 0 ||
	    strcmp(v, "yes") == 0 || strcmp(v, "true") == 0;
}

bool
iocage_is_bool(const char *v)
{
	return iocage_is_on(v) || strcmp(v, "0") == 0 ||
	    strcmp(v, "off") == 0 || strcmp(v, "no") == 0 ||
	    strcmp(v, "false") == 0;
}

bool
iocage_is_nothing(const char *v)
{
	return *v == '\0' || strcmp(v, "none") == 0 || strcmp(v, "off") == 0;
}

/* --- gaol's side --- */

int
iocage_put(struct cell *c, const char *prop, const struct strings *values,
    struct error *e)
{
	const struct prop *p = prop_find(prop);
	AUTO_STRINGS struct strings canonical = VEC_INIT;

	if (p == NULL)
		return error_set(e, ERROR_UNSUPPORTED, "gaol has no property "
		    "'%s'", prop);
	if (values->count > 0 && (prop_parse(p, values, &canonical, e) < 0 ||
	    spec_honours(p, &canonical, e) < 0))
		return -1;
	return cell_set(c, p, prop, values, false, e);
}

static int
put_one(struct cell *c, const char *prop, const char *value, struct error *e)
{
	AUTO_STRINGS struct strings values = VEC_INIT;

	if (value != NULL)
		strings_add(&values, value);
	return iocage_put(c, prop, &values, e);
}

char *
iocage_kept(const struct cell *c, const char *name)
{
	AUTO_FREE char *prop = xasprintf("compat.iocage.%s", name);

	return cell_names_property(c, prop) ? cell_text(c, prop) : NULL;
}

int
iocage_keep(struct cell *c, const char *name, const char *value,
    struct error *e)
{
	AUTO_FREE char *prop = xasprintf("compat.iocage.%s", name);

	if (value == NULL && !cell_names_property(c, prop))
		return 0;
	return put_one(c, prop, value, e);
}

/* A member of a list is there, or not. */
static bool
has_member(const struct cell *c, const struct iocage_prop *p)
{
	AUTO_STRINGS struct strings values = VEC_INIT;

	cell_values(c, p->prop, &values);
	return strings_index(&values, p->words) >= 0;
}

static int
put_member(struct cell *c, const struct iocage_prop *p, bool on,
    struct error *e)
{
	AUTO_STRINGS struct strings old = VEC_INIT, new = VEC_INIT;

	if (has_member(c, p) == on)
		return 0;
	cell_values(c, p->prop, &old);
	for (size_t i = 0; i < old.count; i++)
		if (strcmp(old.items[i], p->words) != 0)
			strings_add(&new, old.items[i]);
	if (on)
		strings_add(&new, p->words);
	return iocage_put(c, p->prop, &new, e);
}

/* --- limits: "deny=8G", one rule for each resource --- */

/* Whether that rule of limit.rctl is of the resource. */
static bool
is_rule(const char *rule, const char *resource)
{
	size_t len = strlen(resource);

	return strncmp(rule, resource, len) == 0 && rule[len] == ':';
}

static char *
get_limit(const struct cell *c, const char *resource)
{
	const struct limit_rctl *l = limit_rctl_find(resource);
	AUTO_STRINGS struct strings rules = VEC_INIT;

	if (l != NULL) {
		AUTO_FREE char *v = cell_text(c, l->prop);
		AUTO_FREE char *amount = v != NULL && *v != '\0' ?
		    limit_rctl_amount(l, v) : NULL;

		if (amount != NULL)
			return xasprintf("%s=%s", l->action, amount);
	}
	cell_values(c, "limit.rctl", &rules);
	for (size_t i = 0; i < rules.count; i++)
		if (is_rule(rules.items[i], resource))
			return xstrdup(rules.items[i] + strlen(resource) + 1);
	return xstrdup("off");
}

/* As it was written once: "8G:deny". */
static char *
modern_rule(const char *value)
{
	const char *colon = strchr(value, ':');

	if (colon == NULL || strchr(value, '=') != NULL)
		return xstrdup(value);
	return xasprintf("%s=%.*s", colon + 1, (int)(colon - value), value);
}

static int
clear_limit(struct cell *c, const char *resource,
    const struct limit_rctl *l, struct error *e)
{
	AUTO_STRINGS struct strings old = VEC_INIT, new = VEC_INIT;

	if (l != NULL && cell_names_property(c, l->prop) &&
	    put_one(c, l->prop, NULL, e) < 0)
		return -1;
	cell_values(c, "limit.rctl", &old);
	for (size_t i = 0; i < old.count; i++)
		if (!is_rule(old.items[i], resource))
			strings_add(&new, old.items[i]);
	return new.count == old.count ? 0 : iocage_put(c, "limit.rctl", &new,
	    e);
}

static int
set_limit(struct cell *c, const char *resource, const char *value,
    struct error *e)
{
	AUTO_FREE char *rule = modern_rule(value);
	const char *amount = strchr(rule, '=');
	AUTO_STRINGS struct strings rules = VEC_INIT;
	const struct limit_rctl *l = limit_rctl_find(resource);

	if (iocage_is_nothing(value))
		return clear_limit(c, resource, l, e);
	if (amount == NULL || amount == rule || amount[1] == '\0')
		return error_set(e, ERROR_CONFIG, "%s is not a valid value "
		    "for %s. Value must be off or action=amount", value,
		    resource);
	if (clear_limit(c, resource, l, e) < 0)
		return -1;
	if (l != NULL && strncmp(rule, l->action, strlen(l->action)) == 0 &&
	    rule[strlen(l->action)] == '=') {
		AUTO_FREE char *v = limit_rctl_value(l, amount + 1);

		return put_one(c, l->prop, v, e);
	}
	cell_values(c, "limit.rctl", &rules);
	strings_take(&rules, xasprintf("%s:%s", resource, rule));
	return iocage_put(c, "limit.rctl", &rules, e);
}

/* --- the rest --- */

static char *
get_text(const struct cell *c, const struct iocage_prop *p)
{
	AUTO_STRINGS struct strings values = VEC_INIT;
	const char *empty = p->kind == IOCAGE_LIST ||
	    iocage_is_nothing(p->fallback) ||
	    strcmp(p->fallback, "/usr/bin/true") == 0 ? p->fallback : "none";

	cell_values(c, p->prop, &values);
	AUTO_FREE char *text = strings_join(&values,
	    strcmp(p->prop, "limit.cpuset") == 0 ? "," : strncmp(p->prop,
	    "exec.", 5) == 0 ? "; " : " ");
	if (strcmp(p->name, "devfs_ruleset") == 0 && strcmp(text, "0") == 0)
		return xstrdup("4");
	if (*text == '\0' && strcmp(p->name, "host_hostname") == 0)
		return xstrdup(c->name);
	if (*text == '\0' && strcmp(p->name, "exec_fib") == 0)
		return xstrdup("0");
	/* "60s" */
	if (strstr(p->name, "_timeout") != NULL && isdigit((unsigned char)
	    *text))
		return xasprintf("%.*s", (int)strspn(text, "0123456789"),
		    text);
	return *text != '\0' ? STEAL(text) : xstrdup(empty);
}

static int
set_text(struct cell *c, const struct iocage_prop *p, const char *value,
    struct error *e)
{
	bool empty = iocage_is_nothing(value) ||
	    strcmp(value, "/usr/bin/true") == 0 ||
	    (strcmp(p->name, "devfs_ruleset") == 0 &&
	    strcmp(value, "4") == 0) || (strcmp(p->name, "exec_fib") == 0 &&
	    strcmp(value, "0") == 0) || (strcmp(p->name, "cpuset") == 0 &&
	    strcmp(value, "all") == 0);
	AUTO_STRINGS struct strings values = VEC_INIT;
	AUTO_FREE char *copy = xstrdup(value);
	char *word, *rest = copy;

	if (empty || p->kind == IOCAGE_TEXT)
		return cell_names_property(c, p->prop) || !empty ?
		    put_one(c, p->prop, empty ? NULL : value, e) : 0;
	while ((word = strsep(&rest, " ,")) != NULL)
		if (*word != '\0')
			strings_add(&values, word);
	return iocage_put(c, p->prop, &values, e);
}

static int
check_word(const struct iocage_prop *p, const char *value, struct error *e)
{
	AUTO_FREE char *copy = xstrdup(p->words);
	char *word, *rest = copy;

	while ((word = strsep(&rest, " ")) != NULL)
		if (strcmp(word, value) == 0)
			return 0;
	return error_set(e, ERROR_CONFIG, "%s is not a valid value for %s. "
	    "Value must be one of %s", value, p->name, p->words);
}

static char *
get_kept(const struct cell *c, const struct iocage_prop *p)
{
	AUTO_FREE char *word = iocage_kept(c, p->name);
	AUTO_FREE char *release = cell_text(c, "release");
	AUTO_STRINGS struct strings tags = VEC_INIT;

	if (word != NULL)
		return STEAL(word);
	if (strcmp(p->name, "host_hostuuid") == 0)
		return xstrdup(c->name);
	if (strcmp(p->name, "release") == 0)
		return xstrdup(release != NULL && *release != '\0' ? release :
		    "EMPTY");
	if (strcmp(p->name, "cloned_release") == 0 && release != NULL &&
	    *release != '\0')
		return STEAL(release);
	cell_values(c, "tag", &tags);
	if (strcmp(p->name, "type") == 0 && strings_index(&tags,
	    "template") >= 0)
		return xstrdup("template");
	return xstrdup(p->fallback);
}

char *
iocage_prop_get(const struct cell *c, const struct iocage_prop *p)
{
	switch (p->kind) {
	case IOCAGE_BOOL:
		return xstrdup(cell_bool(c, p->prop) ? "1" : "0");
	case IOCAGE_TEXT:
	case IOCAGE_LIST:
	case IOCAGE_WORD:
		return get_text(c, p);
	case IOCAGE_DEVICE:
	case IOCAGE_MOUNT:
	case IOCAGE_TAG:
		return xstrdup(has_member(c, p) ? "1" : "0");
	case IOCAGE_NET:
		return iocage_net_get(c, p);
	case IOCAGE_LIMIT:
		return get_limit(c, p->name);
	case IOCAGE_KEPT:
	case IOCAGE_TOLD:
		return get_kept(c, p);
	case IOCAGE_FIXED:
	default:
		return xstrdup(p->fallback);
	}
}

static int
check_bool(const struct iocage_prop *p, const char *value, struct error *e)
{
	return iocage_is_bool(value) ? 0 : error_set(e, ERROR_CONFIG,
	    "%s is not a valid value for %s. Value must be 0 or 1 (no or "
	    "yes, off or on, false or true)", value, p->name);
}

int
iocage_prop_set(struct cell *c, const struct iocage_prop *p,
    const char *value, struct error *e)
{
	bool on = iocage_is_on(value);

	switch (p->kind) {
	case IOCAGE_BOOL:
		if (check_bool(p, value, e) < 0)
			return -1;
		return cell_bool(c, p->prop) == on ? 0 : put_one(c, p->prop,
		    on ? "on" : "off", e);
	case IOCAGE_DEVICE:
	case IOCAGE_MOUNT:
	case IOCAGE_TAG:
		return check_bool(p, value, e) < 0 ? -1 : put_member(c, p, on,
		    e);
	case IOCAGE_WORD:
		if (check_word(p, value, e) < 0)
			return -1;
		return put_one(c, p->prop, value, e);
	case IOCAGE_TEXT:
	case IOCAGE_LIST:
		return set_text(c, p, value, e);
	case IOCAGE_NET:
		return iocage_net_set(c, p, value, e);
	case IOCAGE_LIMIT:
		return set_limit(c, p->name, value, e);
	case IOCAGE_KEPT:
		return iocage_keep(c, p->name, strcmp(value, p->fallback) ==
		    0 ? NULL : value, e);
	case IOCAGE_TOLD:
		return error_set(e, ERROR_CONFIG, "%s cannot be changed by "
		    "the user.", p->name);
	case IOCAGE_FIXED:
	default:
		if (strcmp(value, p->fallback) == 0 || (iocage_is_bool(
		    p->fallback) && iocage_is_bool(value) && !on))
			return 0;
		return error_set(e, ERROR_UNSUPPORTED, "%s = %s: gaol has no "
		    "such setting; what does it here: %s", p->name, value,
		    p->prop);
	}
}
