/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef IMAGE_PROGRESS_H
#define IMAGE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Talk about long work on stderr: a bar that redraws itself on a terminal, or
 * one line per step.
 */
enum progress_mode {
	PROGRESS_AUTO,	/* TTY when stderr is a terminal, else LINES */
	PROGRESS_TTY,
	PROGRESS_LINES,
	PROGRESS_NONE,
};

struct progress {
	enum progress_mode mode;
	bool active;		/* a bar stands on the terminal's line */
	char verb[16];
	char name[256];
	uint64_t total;		/* 0: not known */
	uint64_t done;
	uint64_t drawn_ms, drawn_done;
	double rate;		/* bytes per second, smoothed */
};

void progress_init(struct progress *p, enum progress_mode mode);
/* Start a step: "fetching", "https://...", bytes to come or 0. */
void progress_begin(struct progress *p, const char *verb, const char *name,
    uint64_t total);
/* The size became known; done bytes were there before this step. */
void progress_total(struct progress *p, uint64_t total, uint64_t done);
void progress_update(struct progress *p, uint64_t done);
/* The step is over, well or not; the terminal's line is finished. */
void progress_end(struct progress *p);
/* One line of talk, unless the mode is PROGRESS_NONE. */
void progress_note(struct progress *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
