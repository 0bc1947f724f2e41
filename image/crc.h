/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef IMAGE_CRC_H
#define IMAGE_CRC_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32 as in gzip: begins with 0, goes on with what it returned. */
uint32_t crc_add(uint32_t crc, const void *data, size_t len);

#endif
