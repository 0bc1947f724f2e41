/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_PWD_H
#define SDK_PWD_H

#include <sys/types.h>
struct passwd { char *pw_name, *pw_passwd; uid_t pw_uid; gid_t pw_gid;
    time_t pw_change; char *pw_class, *pw_gecos, *pw_dir, *pw_shell;
    time_t pw_expire; int pw_fields; };
struct passwd *getpwnam(const char *);
struct passwd *getpwuid(uid_t);
void endpwent(void);

#endif
