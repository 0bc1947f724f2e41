/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * A poll(2) loop: descriptors with callbacks, one-shot timers, and signals
 * through a self-pipe.  Callbacks may add and remove any watch, their own
 * included.
 */
struct loop;

typedef void loop_fd_fn(struct loop *loop, int fd, short revents, void *arg);
typedef void loop_timer_fn(struct loop *loop, void *arg);
typedef void loop_signal_fn(struct loop *loop, int signo, void *arg);

struct loop *loop_new(void);
/* Restores signal handlers; does not close the watched descriptors. */
void loop_free(struct loop *loop);
void loop_fd(struct loop *loop, int fd, short events, loop_fd_fn *fn,
    void *arg);			/* adds, or changes events of a watch */
void loop_fd_remove(struct loop *loop, int fd);
void loop_timer(struct loop *loop, uint64_t in_ms, loop_timer_fn *fn,
    void *arg);
int loop_signal(struct loop *loop, int signo, loop_signal_fn *fn, void *arg,
    struct error *e) FALLIBLE;
/*
 * Until loop_stop, or until nothing is watched; a signal is watched until
 * loop_free.  Not to be called from a callback.
 */
int loop_run(struct loop *loop, struct error *e) FALLIBLE;
void loop_stop(struct loop *loop);

#endif
