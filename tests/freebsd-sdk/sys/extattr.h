/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* extattr(2) */
#ifndef SDK_SYS_EXTATTR_H
#define SDK_SYS_EXTATTR_H

#include <sys/types.h>
#define EXTATTR_NAMESPACE_USER 1
#define EXTATTR_NAMESPACE_SYSTEM 2

ssize_t extattr_list_fd(int fd, int ns, void *data, size_t len);
ssize_t extattr_list_link(const char *path, int ns, void *data, size_t len);
ssize_t extattr_get_fd(int fd, int ns, const char *name, void *data,
    size_t len);
ssize_t extattr_get_link(const char *path, int ns, const char *name,
    void *data, size_t len);
ssize_t extattr_set_fd(int fd, int ns, const char *name, const void *data,
    size_t len);
ssize_t extattr_set_link(const char *path, int ns, const char *name,
    const void *data, size_t len);

#endif
