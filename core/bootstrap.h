/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_BOOTSTRAP_H
#define CORE_BOOTSTRAP_H

#include "core/release.h"
#include "core/tool.h"

/*
 * A release under construction: everything lies below releases/.new.NAME until
 * it is complete.
 */
struct bootstrap {
	const struct host *host;
	const struct bootstrap_options *options;
	const struct bootstrap_source *source;
	char *name;
	char *work;		/* absolute path of releases/.new.NAME */
	char *root;		/* work/root */
	char *cache;		/* downloads: releases/.cache/NAME, absolute;
				   removed when it went well */
	int work_fd, root_fd;	/* open once they were made */
	bool replace;		/* a release of that name is there */
	struct release made;	/* what release.conf will say */
	struct tool tool;
	struct strings argv;	/* of the program that fills the root */
};

/* Options that not every source takes. */
enum {
	TAKES_MIRROR = 1 << 0,
	TAKES_ARCH = 1 << 1,
	TAKES_SETS = 1 << 2,
	TAKES_SHA256 = 1 << 3,
	TAKES_MAX_SIZE = 1 << 4,
};

/* A kind of source. */
struct bootstrap_source {
	const char *os;		/* NULL: told by what was unpacked */
	unsigned takes;		/* TAKES_* */
	bool (*match)(const char *source);
	/* The name of the release, when none was given; NULL: the source. */
	char *(*name)(const char *source);
	/* Refuse what cannot work, before anything is touched. */
	int (*prepare)(struct bootstrap *b, struct error *e);
	/* Fill the empty root; made.sha256 may be set. */
	int (*fill)(struct bootstrap *b, struct error *e);
	void (*tell)(const struct bootstrap *b, struct buf *text);
};

extern const struct bootstrap_source bootstrap_busybox;
extern const struct bootstrap_source bootstrap_debian;
extern const struct bootstrap_source bootstrap_freebsd;
extern const struct bootstrap_source bootstrap_archive;

/* Whether a URL, and what may be told of it: without user and password; heap
 * memory of the caller. */
bool bootstrap_is_url(const char *source);
char *bootstrap_shown(const char *url);

/* gaol-image: its path; that it is there, and that --sha256 is a sum; the
 * command line up to the options that all its commands take; running it, with
 * its reason as the error. */
char *bootstrap_image(const struct bootstrap *b);
int bootstrap_image_check(const struct bootstrap *b, struct error *e) FALLIBLE;
void bootstrap_image_argv(const struct bootstrap *b, const char *command,
    struct strings *argv);
int bootstrap_image_run(struct bootstrap *b, struct strings *argv,
    struct error *e) FALLIBLE;

/* Write a file below the new root; what is there is replaced, not followed. */
int bootstrap_write(const struct bootstrap *b, const char *dir,
    const char *name, const char *text, mode_t mode, struct error *e)
    FALLIBLE;
/* The host's resolv.conf, so that names resolve where the jail has the host's
 * network. */
int bootstrap_resolver(const struct bootstrap *b, struct error *e) FALLIBLE;

#endif
