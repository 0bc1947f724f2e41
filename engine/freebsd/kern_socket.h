/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_FREEBSD_KERN_SOCKET_H
#define ENGINE_FREEBSD_KERN_SOCKET_H

/* Common to the files of kern_iface.h. */
#include "base/error.h"

/* A socket for ioctls about interfaces, AF_LOCAL or of an address family. */
int kern_socket(int family, struct error *e) FALLIBLE;

#endif
