/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_SCHEDULE_H
#define CORE_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"

/*
 * Whether schedule ("hourly", "daily", "weekly", "monthly", or five fields of
 * crontab(5)) has come round between last (0: never) and now, local time.
 */
bool schedule_due(const char *schedule, int64_t last, int64_t now);
/* Which hour, day, week, month or year that is, as a number. */
int64_t schedule_period(const char *word, int64_t when);
/*
 * Which of the snapshots, oldest first, the rules keep: "hourly:24 daily:7", or
 * "10" for the newest ten.  No rule keeps all.
 */
void schedule_keep(const struct strings *rules, const int64_t *created,
    bool *keep, size_t count);

#endif
