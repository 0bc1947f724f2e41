/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_JAIL_H
#define SDK_JAIL_H

#include <stddef.h>
#define JAIL_ERRMSGLEN 1024
extern char jail_errmsg[];
struct jailparam { char *jp_name; void *jp_value; size_t jp_valuelen,
    jp_elemlen; int jp_ctltype, jp_structtype; unsigned jp_flags; };
int jailparam_init(struct jailparam *, const char *);
int jailparam_import(struct jailparam *, const char *);
int jailparam_set(struct jailparam *, unsigned, int);
int jailparam_get(struct jailparam *, unsigned, int);
char *jailparam_export(struct jailparam *);
void jailparam_free(struct jailparam *, unsigned);

#endif
