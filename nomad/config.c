/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/num.h"
#include "core/net_entry.h"
#include "core/net_publish.h"
#include "core/prop.h"
#include "nomad/config.h"
#include "nomad/msgpack.h"

enum kind { FLAG, TEXT, LIST, MAP };

/* One field of a configuration. */
struct field {
	const char *name;
	enum kind kind;
	size_t offset;
	const char *fallback;	/* an expression of HCL; NULL: none */
	int (*check)(const char *value, struct error *e);	/* of one */
};

/* --- checks of single values --- */

static int
check_pair(const char *v, const char *first, const char *second,
    struct error *e)
{
	const char *colon = strchr(v, ':');

	if (colon == NULL || colon == v || colon[1] == '\0')
		return error_set(e, ERROR_CONFIG, "'%.100s' is not "
		    "\"%s:%s\"", v, first, second);
	return 0;
}

static int
check_absolute(const char *v, const char *whose, struct error *e)
{
	if (*v != '/')
		return error_set(e, ERROR_CONFIG, "'%.100s': the path %s has "
		    "to begin with /", v, whose);
	return 0;
}

/* "HOST:JAIL"; the last colon parts them, as a path may have some. */
static int
check_paths(const char *v, struct error *e)
{
	if (check_pair(v, "HOST", "JAIL", e) < 0 ||
	    check_absolute(v, "of the host", e) < 0)
		return -1;
	return check_absolute(strrchr(v, ':') + 1, "in the jail", e);
}

static int
check_host(const char *v, struct error *e)
{
	struct addr a;
	const char *colon = strchr(v, ':');

	if (check_pair(v, "NAME", "ADDRESS", e) < 0)
		return -1;
	if (strcspn(v, " \t\n") != strlen(v))
		return error_set(e, ERROR_CONFIG, "'%.100s' has a blank", v);
	return addr_parse(colon + 1, &a, e);
}

static int
check_attribute(const char *v, struct error *e)
{
	return check_pair(v, "ATTRIBUTE", "VALUE", e);
}

static int
check_port(const char *v, struct error *e)
{
	const char *value = strchr(v, '=');
	uint64_t port;

	return parse_uint(value == NULL ? v : value + 1, 1, 65535, &port, e);
}

static int
check_limit(const char *v, struct error *e)
{
	AUTO_FREE char *name = xasprintf("limit.%.*s", (int)strcspn(v, "="),
	    v);

	if (prop_find(name) == NULL)
		return error_set(e, ERROR_CONFIG, "there is no %s; cpu, "
		    "memory, processes and openfiles are among those that "
		    "are", name);
	return 0;
}

static int
check_mode(const char *v, struct error *e)
{
	static const char *const modes[] = { "host", "inherit", "alias",
		"public-bridge", "private-bridge", "none" };

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(modes[i], v) == 0)
			return 0;
	return error_set(e, ERROR_CONFIG, "'%.40s' is none of host, inherit, "
	    "alias, public-bridge, private-bridge and none", v);
}

static int
check_duration(const char *v, struct error *e)
{
	uint64_t ms;

	return parse_duration(v, &ms, e);
}

static int
check_device(const char *v, struct error *e)
{
	if (strncmp(v, "/dev/", 5) != 0 || strstr(v, "/..") != NULL)
		return error_set(e, ERROR_CONFIG, "'%.100s' does not lie in "
		    "/dev", v);
	return 0;
}

/* clang-format off */
#define PLUGIN(name, kind, fallback, check) \
	{ #name, kind, offsetof(struct plugin_config, name), fallback, check }
static const struct field plugin_fields[] = {
	PLUGIN(enabled, FLAG, "true", NULL),
	PLUGIN(host_paths, FLAG, "true", NULL),
	PLUGIN(host_properties, FLAG, "false", NULL),
	PLUGIN(image_delay, TEXT, "\"3m\"", check_duration),
	PLUGIN(image_gc, FLAG, "true", NULL),
	PLUGIN(root, TEXT, NULL, NULL),
};

#define TASK(name, member, kind, check) \
	{ name, kind, offsetof(struct task_fields, member), NULL, check }
static const struct field task_fields[] = {
	TASK("args", args, LIST, NULL),
	TASK("attributes", attributes, LIST, check_attribute),
	TASK("command", command, TEXT, NULL),
	TASK("copy", copy, LIST, check_paths),
	TASK("devices", devices, LIST, check_device),
	TASK("extra_hosts", extra_hosts, LIST, check_host),
	TASK("image", image, TEXT, NULL),
	TASK("init", init, FLAG, NULL),
	TASK("jail", jail, TEXT, name_check_cell),
	TASK("limit", limit, MAP, check_limit),
	TASK("mount", mount, LIST, check_paths),
	TASK("mount_read_only", mount_read_only, LIST, check_paths),
	TASK("net", net, LIST, net_entry_check),
	TASK("network_mode", network_mode, TEXT, check_mode),
	TASK("port_map", port_map, MAP, check_port),
	TASK("pot", pot, TEXT, name_check_release),
	TASK("properties", properties, MAP, NULL),
	TASK("publish", publish, LIST, net_publish_check),
	TASK("release", release, TEXT, name_check_release),
	TASK("tag", tag, TEXT, name_check_release),
	TASK("template", templates, LIST, NULL),
};
/* clang-format on */

enum {
	PLUGIN_FIELDS = sizeof(plugin_fields) / sizeof(plugin_fields[0]),
	TASK_FIELDS = sizeof(task_fields) / sizeof(task_fields[0]),
};

/* --- the schema --- */

static struct msg_spec *
new_attr(const struct field *f)
{
	/* a map has to be a list of them: "x = {}" and "x {}" both do then */
	static const char *const types[] = { "bool", "string",
		"list(string)", "list(map(string))" };
	struct msg_spec *spec = xcalloc(1, sizeof(*spec));

	spec->attr = xcalloc(1, sizeof(*spec->attr));
	spec->attr->name = xstrdup(f->name);
	spec->attr->type = xstrdup(types[f->kind]);
	return spec;
}

static struct msg_spec *
new_spec(const struct field *f)
{
	struct msg_spec *spec = new_attr(f), *whole, *literal;

	if (f->fallback == NULL)
		return spec;
	literal = xcalloc(1, sizeof(*literal));
	literal->literal = xcalloc(1, sizeof(*literal->literal));
	literal->literal->value = xstrdup(f->fallback);
	whole = xcalloc(1, sizeof(*whole));
	whole->fallback = xcalloc(1, sizeof(*whole->fallback));
	whole->fallback->primary = spec;
	whole->fallback->fallback = literal;
	return whole;
}

static struct msg_schema_response *
new_schema(const struct field *fields, size_t count)
{
	struct msg_schema_response *r = xcalloc(1, sizeof(*r));
	struct msg_spec_object *object = xcalloc(1, sizeof(*object));

	r->spec = xcalloc(1, sizeof(*r->spec));
	r->spec->object = object;
	for (size_t i = 0; i < count; i++) {
		struct msg_spec_entry **at = pb_list_add(&object->attributes,
		    sizeof(*at));

		*at = xcalloc(1, sizeof(**at));
		(*at)->key = xstrdup(fields[i].name);
		(*at)->value = new_spec(&fields[i]);
	}
	return r;
}

struct msg_schema_response *
config_plugin_schema(void)
{
	return new_schema(plugin_fields, PLUGIN_FIELDS);
}

struct msg_schema_response *
config_task_schema(void)
{
	return new_schema(task_fields, TASK_FIELDS);
}

/* --- reading --- */

static int
wrong(const struct field *f, const char *wanted, struct error *e)
{
	return error_set(e, ERROR_CONFIG, "%s: %s is needed", f->name, wanted);
}

static int
check(const struct field *f, const char *value, struct error *e)
{
	if (f->check == NULL || f->check(value, e) == 0)
		return 0;
	e->kind = ERROR_CONFIG;
	return error_wrap(e, "%s", f->name);
}

static int
read_text(const struct field *f, const struct mp *v, char **to,
    struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;

	if (!mp_text(v, &text))
		return wrong(f, "a text", e);
	/* "" is as if it were not there, as in pot's jobs */
	if (text.len == 0)
		return 0;
	if (check(f, buf_text(&text), e) < 0)
		return -1;
	free(*to);
	*to = buf_steal(&text);
	return 0;
}

static int
read_list(const struct field *f, const struct mp *v, struct strings *to,
    struct error *e)
{
	if (v->kind != MP_ARRAY)
		return wrong(f, "a list of texts", e);
	for (size_t i = 0; i < v->count; i++) {
		AUTO_BUF struct buf text = BUF_INIT;

		if (!mp_text(&v->items[i], &text))
			return wrong(f, "a list of texts", e);
		if (check(f, buf_text(&text), e) < 0)
			return -1;
		strings_add(to, buf_text(&text));
	}
	return 0;
}

static int
read_map(const struct field *f, const struct mp *v, struct strings *to,
    struct error *e)
{
	if (v->kind == MP_ARRAY) {
		for (size_t i = 0; i < v->count; i++)
			if (read_map(f, &v->items[i], to, e) < 0)
				return -1;
		return 0;
	}
	if (v->kind == MP_NIL)
		return 0;
	if (v->kind != MP_MAP)
		return wrong(f, "a map of names and values", e);
	for (size_t i = 0; i + 1 < v->count; i += 2) {
		AUTO_BUF struct buf text = BUF_INIT;

		if (!mp_text(&v->items[i], &text) || text.len == 0)
			return wrong(f, "a map of names and values", e);
		buf_putc(&text, '=');
		if (!mp_text(&v->items[i + 1], &text))
			return wrong(f, "a map of names and values", e);
		if (check(f, buf_text(&text), e) < 0)
			return -1;
		strings_add(to, buf_text(&text));
	}
	return 0;
}

static int
read_flag(const struct field *f, const struct mp *v, bool *to,
    struct error *e)
{
	if (v->kind != MP_BOOL)
		return wrong(f, "true or false", e);
	*to = v->yes;
	return 0;
}

static int
read_field(const struct field *f, const struct mp *v, void *at,
    struct error *e)
{
	switch (f->kind) {
	case FLAG:
		return read_flag(f, v, at, e);
	case TEXT:
		return read_text(f, v, at, e);
	case LIST:
		return read_list(f, v, at, e);
	case MAP:
	default:
		return read_map(f, v, at, e);
	}
}

static int
refuse_unknown(const struct mp *map, const struct field *fields, size_t count,
    struct error *e)
{
	for (size_t i = 0; i + 1 < map->count; i += 2) {
		const char *key = map->items[i].kind == MP_TEXT ?
		    map->items[i].text : "";
		size_t k = 0;

		while (k < count && strcmp(fields[k].name, key) != 0)
			k++;
		if (k == count)
			return error_set(e, ERROR_CONFIG, "%.60s: there is no "
			    "such field", key);
	}
	return 0;
}

static int
read_all(const struct field *fields, size_t count, void *to, const void *data,
    size_t len, struct error *e)
{
	AUTO_MP struct mp map = { .kind = MP_NIL };

	if (len == 0)
		return 0;
	if (mp_read(&map, data, len, e) < 0)
		return -1;
	if (map.kind != MP_MAP && map.kind != MP_NIL)
		return error_set(e, ERROR_DATA, "the configuration is no "
		    "object");
	if (refuse_unknown(&map, fields, count, e) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct mp *v = mp_member(&map, fields[i].name);

		if (v != NULL && read_field(&fields[i], v, (char *)to +
		    fields[i].offset, e) < 0)
			return -1;
	}
	return 0;
}

static void
fini_all(const struct field *fields, size_t count, void *from)
{
	for (size_t i = 0; i < count; i++) {
		void *at = (char *)from + fields[i].offset;

		if (fields[i].kind == TEXT) {
			free(*(char **)at);
			*(char **)at = NULL;
		} else if (fields[i].kind != FLAG) {
			strings_fini(at);
		}
	}
}

int
config_plugin_read(struct plugin_config *c, const void *data, size_t len,
    struct error *e)
{
	*c = (struct plugin_config){ .enabled = true, .host_paths = true,
		.image_gc = true };
	return read_all(plugin_fields, PLUGIN_FIELDS, c, data, len, e);
}

void
config_plugin_fini(struct plugin_config *c)
{
	fini_all(plugin_fields, PLUGIN_FIELDS, c);
}

void
config_task_fini(struct task_fields *t)
{
	fini_all(task_fields, TASK_FIELDS, t);
}

const char *
config_map_get(const struct strings *map, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < map->count; i++)
		if (strncmp(map->items[i], name, len) == 0 &&
		    map->items[i][len] == '=')
			return map->items[i] + len + 1;
	return NULL;
}

/* --- what fields mean together --- */

static int
check_source(const struct task_fields *t, struct error *e)
{
	int sources = (t->image != NULL) + (t->release != NULL) +
	    (t->jail != NULL);

	if (sources == 0)
		return error_set(e, ERROR_CONFIG, "%s: one of image, release "
		    "and jail is needed", t->pot != NULL ? "image" :
		    "release");
	if (sources > 1)
		return error_set(e, ERROR_CONFIG, "%s: only one of image, "
		    "release and jail can be", t->jail != NULL ? "jail" :
		    "release");
	if (t->image == NULL && (t->pot != NULL || t->tag != NULL))
		return error_set(e, ERROR_CONFIG, "%s: it needs image",
		    t->pot != NULL ? "pot" : "tag");
	if ((t->pot == NULL) != (t->tag == NULL))
		return error_set(e, ERROR_CONFIG, "%s: pot and tag go "
		    "together", t->pot == NULL ? "pot" : "tag");
	if (t->image != NULL && t->pot == NULL &&
	    strstr(t->image, "://") == NULL && *t->image != '/')
		return error_set(e, ERROR_CONFIG, "image: '%.200s' is no URL "
		    "and no file; references to an OCI registry are not "
		    "known to this version", t->image);
	if (t->command == NULL && t->args.count > 0)
		return error_set(e, ERROR_CONFIG, "args: they need command");
	if (t->command == NULL && t->release != NULL && !t->init)
		return error_set(e, ERROR_CONFIG, "command: a release does "
		    "not say what is to be run");
	return 0;
}

static int
check_paths_allowed(const struct task_fields *t,
    const struct plugin_config *c, struct error *e)
{
	const char *field = t->mount.count > 0 ? "mount" :
	    t->mount_read_only.count > 0 ? "mount_read_only" :
	    t->copy.count > 0 ? "copy" : t->devices.count > 0 ? "devices" :
	    t->image != NULL && *t->image == '/' ? "image" : NULL;

	if (c->host_paths || field == NULL)
		return 0;
	return error_set(e, ERROR_CONFIG, "%s: paths of the host are not "
	    "for jobs here (host_paths = false in the configuration of the "
	    "plugin)", field);
}

/* Properties that have the host do, read or show something of its own. */
static const char *const host_properties[] = {
	"exec.prepare", "exec.prestart", "exec.created", "exec.poststart",
	"exec.prestop", "exec.poststop", "exec.release", "exec.consolelog",
	"exec.system_user", "exec.system_jail_user", "exec.clean",
	"mount", "mount.fstab", "userns", "path", "depend",
};

static int
check_property(const char *pair, const struct plugin_config *c,
    struct error *e)
{
	AUTO_FREE char *name = xstrndup(pair, strcspn(pair, "="));
	const struct prop *p = NULL;
	bool negated;

	if (prop_resolve(name, &p, &negated, e) < 0) {
		e->kind = ERROR_CONFIG;
		return error_wrap(e, "properties");
	}
	for (size_t i = 0; i < sizeof(host_properties) /
	    sizeof(host_properties[0]); i++)
		if (!c->host_properties &&
		    strcmp(p->name, host_properties[i]) == 0)
			return error_set(e, ERROR_CONFIG, "properties: %s "
			    "concerns the host and is not for jobs "
			    "(host_properties = true in the configuration of "
			    "the plugin lets them)", name);
	return 0;
}

int
config_task_read(struct task_fields *t, const void *data, size_t len,
    const struct plugin_config *c, struct error *e)
{
	if (read_all(task_fields, TASK_FIELDS, t, data, len, e) < 0 ||
	    check_source(t, e) < 0 || check_paths_allowed(t, c, e) < 0)
		return -1;
	for (size_t i = 0; i < t->properties.count; i++)
		if (check_property(t->properties.items[i], c, e) < 0)
			return -1;
	return 0;
}
