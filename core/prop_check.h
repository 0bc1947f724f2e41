/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_PROP_CHECK_H
#define CORE_PROP_CHECK_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"

/*
 * The checks of single values: what the types of core/prop.h mean, and what
 * single properties ask for beyond their type.  The error says what is
 * allowed; prop_parse() adds the property's name and the kind.
 */

/* UTF-8 without control characters; tabs and newlines only when multiline. */
int prop_check_text(const char *v, bool multiline, struct error *e) FALLIBLE;
/* Make UTF-8 of a message that was cut inside of a character. */
void prop_check_mend(char *text);
/* Absolute, no ".." component, shorter than PATH_MAX. */
int prop_check_path(const char *v, struct error *e) FALLIBLE;
/* RFC 1123, at most 253 bytes. */
int prop_check_hostname(const char *v, struct error *e) FALLIBLE;
/* NAME=VALUE. */
int prop_check_assign(const char *v, struct error *e) FALLIBLE;
/*
 * [IFACE|]ADDRESS[/PREFIX], appended to out: the address as inet_ntop(3)
 * writes it, an IPv4 netmask as a prefix.
 */
int prop_check_address(int family, const char *v, struct buf *out,
    struct error *e) FALLIBLE;

int prop_check_cpu_count(const char *v, struct error *e) FALLIBLE;
int prop_check_cpu_range(const char *v, struct error *e) FALLIBLE;
int prop_check_dataset(const char *v, struct error *e) FALLIBLE;
int prop_check_device(const char *v, struct error *e) FALLIBLE;
int prop_check_env(const char *v, struct error *e) FALLIBLE;
/* PORT[/tcp|/udp] */
int prop_check_exposed(const char *v, struct error *e) FALLIBLE;
int prop_check_interface(const char *v, struct error *e) FALLIBLE;
int prop_check_mount(const char *v, struct error *e) FALLIBLE;
int prop_check_restart(const char *v, struct error *e) FALLIBLE;
int prop_check_keep(const char *v, struct error *e) FALLIBLE;
int prop_check_schedule(const char *v, struct error *e) FALLIBLE;
int prop_check_user(const char *v, struct error *e) FALLIBLE;
/* A word for the kernel: printable ASCII, no blanks, at most 63 bytes. */
int prop_check_word(const char *v, struct error *e) FALLIBLE;

#endif
