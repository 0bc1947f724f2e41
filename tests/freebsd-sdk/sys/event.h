/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_SYS_EVENT_H
#define SDK_SYS_EVENT_H

#include <sys/timespec.h>
struct kevent { uintptr_t ident; short filter; unsigned short flags;
    unsigned fflags; int64_t data; void *udata; uint64_t ext[4]; };
#define EV_SET(k, i, f, fl, ff, d, u) (*(k) = (struct kevent){ (i), (f), \
    (fl), (ff), (d), (u), { 0, 0, 0, 0 } })
#define EVFILT_PROC (-5)
#define EVFILT_PROCDESC (-8)
#define EVFILT_JAIL (-14)
#define EV_ADD 0x0001
#define EV_DELETE 0x0002
#define EV_ONESHOT 0x0010
#define EV_ERROR 0x4000
#define NOTE_EXIT 0x80000000U
int kqueue(void);
int kevent(int, const struct kevent *, int, struct kevent *, int,
    const struct timespec *);

#endif
