/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_LOGIN_CAP_H
#define SDK_LOGIN_CAP_H

#include <sys/types.h>
#define LOGIN_SETGROUP 0x0001
#define LOGIN_SETLOGIN 0x0002
#define LOGIN_SETPATH 0x0004
#define LOGIN_SETPRIORITY 0x0008
#define LOGIN_SETRESOURCES 0x0010
#define LOGIN_SETUMASK 0x0020
#define LOGIN_SETUSER 0x0040
#define LOGIN_SETENV 0x0080
#define LOGIN_SETMAC 0x0100
#define LOGIN_SETCPUMASK 0x0200
#define LOGIN_SETLOGINCLASS 0x0400
struct passwd;
typedef struct login_cap login_cap_t;
int setusercontext(login_cap_t *, const struct passwd *, uid_t, unsigned);

#endif
