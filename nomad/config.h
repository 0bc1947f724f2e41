/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef NOMAD_CONFIG_H
#define NOMAD_CONFIG_H

#include <stdbool.h>

#include "base/vec.h"
#include "nomad/message.h"

/*
 * What the plugin's and a task's configuration may hold: one table each, which
 * makes the schema that Nomad asks for and takes its answer apart.
 */

/* plugin "gaol" { config { ... } } */
struct plugin_config {
	bool enabled;
	char *root;		/* gaol's state directory; NULL: the usual */
	bool host_paths;	/* jobs may name paths of the host */
	bool host_properties;	/* and commands that run on it */
	bool image_gc;		/* remove images that no task uses */
	char *image_delay;	/* ... after that time */
};

/* task { driver = "gaol" config { ... } }.  Maps are "NAME=VALUE". */
struct task_fields {
	char *image, *pot, *tag;
	char *release, *jail, *command, *network_mode;
	struct strings templates, args, net, publish, devices, mount,
	    mount_read_only, copy, extra_hosts, attributes;
	struct strings port_map, limit, properties;
	bool init;
};

/* The schema; the caller's, for pb_free(&pb_schema_response, ...). */
struct msg_schema_response *config_plugin_schema(void);
struct msg_schema_response *config_task_schema(void);

/*
 * Read what Nomad made of it.  Errors are ERROR_CONFIG and begin with the name
 * of the field.  What is filled is the caller's in either case.
 */
int config_plugin_read(struct plugin_config *c, const void *data, size_t len,
    struct error *e) FALLIBLE;
void config_plugin_fini(struct plugin_config *c);
int config_task_read(struct task_fields *t, const void *data, size_t len,
    const struct plugin_config *c, struct error *e) FALLIBLE;
void config_task_fini(struct task_fields *t);
#define AUTO_TASK_FIELDS __attribute__((cleanup(config_task_fini)))

/* "NAME=VALUE" of a map: the value of that name, or NULL. */
const char *config_map_get(const struct strings *map, const char *name);

#endif
