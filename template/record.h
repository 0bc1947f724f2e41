/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef TEMPLATE_RECORD_H
#define TEMPLATE_RECORD_H

#include "base/blake2.h"
#include "core/host.h"
#include "template/plan.h"

/*
 * What was applied to a jail: jails/NAME/applied.  For each template the keys
 * of the steps that were done.  A key is a sum of the step, of the content of
 * the files it copies, and of the key before it: where it is the same, so is
 * all that led to it.
 *
 * The files of a jail may be those of a snapshot again while the record stays.
 * So the same random number stands in both; a jail that changes its own makes
 * the next apply do everything, and nothing else.
 */
#define RECORD_STAMP "/var/db/.gaol-applied"
enum { RECORD_STAMP_LEN = 32 };

struct step_key {
	uint8_t sum[BLAKE2_SIZE];
};
VEC_TYPE(step_keys, struct step_key);

struct record_template {
	char *dir;
	struct step_keys keys;
};
struct record {
	char stamp[RECORD_STAMP_LEN + 1];	/* "": there is none */
	VEC(struct record_template) templates;
};
#define RECORD_INIT { .stamp = "" }
#define AUTO_RECORD __attribute__((cleanup(record_fini)))

void record_fini(struct record *r);
/* Empty when there is none, or none that can be read. */
int record_load(const struct host *h, const char *jail, struct record *r,
    struct error *e) FALLIBLE;
/* With a new stamp. */
int record_save(const struct host *h, const char *jail, struct record *r,
    struct error *e) FALLIBLE;
/* The keys of that template, NULL without. */
const struct step_keys *record_find(const struct record *r, const char *dir);
/* Replace them by the first count of keys. */
void record_put(struct record *r, const char *dir,
    const struct step_keys *keys, size_t count);

/* The key that a jail's steps begin with. */
int key_begin(const struct host *h, const char *release, struct step_key *key,
    struct error *e) FALLIBLE;
/* That of the step after key, in place. */
int key_step(const struct host *h, const struct template_step *s,
    struct step_key *key, struct error *e) FALLIBLE;

/* The key of a state and of the step that follows: in place of the state. */
void key_chain(struct step_key *state, const struct step_key *step);

/* A value for SECRET: secrets/NAME, which no one but its owner may read. */
int secret_read(const struct host *h, const char *name, struct buf *value,
    struct error *e) FALLIBLE;

#endif
