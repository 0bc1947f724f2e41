/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef BASE_PASS_H
#define BASE_PASS_H

#include "base/buf.h"
#include "base/error.h"

/*
 * Messages between two processes of ours over a stream socket: a text, and
 * descriptors.  So neither secrets nor paths need stand in an argument vector.
 */
enum { PASS_FDS = 4 };

/* fds stay the caller's. */
int pass_send(int socket, const void *text, size_t len, const int *fds,
    size_t count, struct error *e) FALLIBLE;
/*
 * The text is appended; of fds, which has room for PASS_FDS, *count are the
 * caller's to close.  1: a message; 0: the other side has closed; -1, and
 * ERROR_DATA for more than max bytes.
 */
int pass_receive(int socket, size_t max, struct buf *text, int *fds,
    size_t *count, struct error *e) FALLIBLE;

#endif
