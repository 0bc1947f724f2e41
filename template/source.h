/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef TEMPLATE_SOURCE_H
#define TEMPLATE_SOURCE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/blake2.h"
#include "core/host.h"

/*
 * Files of a template, as they are copied into a jail.  They are looked up
 * below the template's directory, which a "/" at the beginning and links mean
 * too: a template reaches no other file of the host.
 */
struct source_file {
	char *path;		/* below what is copied; "": that itself */
	mode_t mode;		/* with its type: file, directory, link */
	char *link;		/* a link's text */
	size_t offset, size;	/* a file's content in data */
};
struct source {
	char *name;		/* its last component: "nginx.conf" */
	VEC(struct source_file) files;	/* a directory before what is in it */
	const char *data;	/* the content of all, mapped */
	size_t len;
	uint8_t sum[BLAKE2_SIZE];	/* of names, modes and content */
};
#define SOURCE_INIT { .name = NULL, .files = VEC_INIT }
#define AUTO_SOURCE __attribute__((cleanup(source_fini)))

/* ERROR_NOT_FOUND, or ERROR_DATA for what is neither file, directory nor
 * link. */
int source_read(const struct host *h, const char *dir, const char *path,
    struct source *s, struct error *e) FALLIBLE;
/* The sum alone, added to b. */
int source_sum(const char *dir, const char *path, struct blake2 *b,
    struct error *e) FALLIBLE;
void source_fini(struct source *s);

#endif
