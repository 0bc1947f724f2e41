/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* acl(3), acl_get(3), acl_set(3), acl_to_text(3), acl_is_trivial_np(3) */
#ifndef SDK_SYS_ACL_H
#define SDK_SYS_ACL_H

typedef struct acl_sdk *acl_t;
typedef int acl_type_t;
#define ACL_TYPE_ACCESS 2
#define ACL_TYPE_DEFAULT 3
#define ACL_TYPE_NFS4 4
#define ACL_TEXT_NUMERIC_IDS 2

acl_t acl_get_fd_np(int fd, acl_type_t type);
acl_t acl_get_link_np(const char *path, acl_type_t type);
int acl_set_fd_np(int fd, acl_t acl, acl_type_t type);
int acl_set_link_np(const char *path, acl_type_t type, acl_t acl);
int acl_is_trivial_np(const acl_t acl, int *trivial);
char *acl_to_text_np(acl_t acl, long *len, int flags);
acl_t acl_from_text(const char *text);
int acl_free(void *obj);


#endif
