/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* A decimal number with nothing around it, min <= value <= max. */
int parse_uint(const char *s, uint64_t min, uint64_t max, uint64_t *value,
    struct error *e) FALLIBLE;
int parse_int(const char *s, int64_t min, int64_t max, int64_t *value,
    struct error *e) FALLIBLE;
/* "512", "64K", "1.5G", "10GB", "1GiB": bytes; K M G T P E are powers of 1024. */
int parse_size(const char *s, uint64_t *bytes, struct error *e) FALLIBLE;
/* "30" (seconds), "500ms", "10s", "5m", "2h", "1d", "1h30m": milliseconds. */
int parse_duration(const char *s, uint64_t *ms, struct error *e) FALLIBLE;
/* on off yes no true false enable disable 1 0, any case. */
int parse_bool(const char *s, bool *value, struct error *e) FALLIBLE;

/* "1.5G", "200M", "12K", "512"; into text, which is returned. */
char *format_size(uint64_t bytes, char text[16]);
/* "3d 4h", "2h 5m", "41s"; into text, which is returned. */
char *format_age(uint64_t seconds, char text[24]);

/* Distance of two words for "did you mean" (Damerau-Levenshtein, to 64 characters). */
unsigned word_distance(const char *a, const char *b);

#endif
