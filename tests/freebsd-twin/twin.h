/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef TESTS_FREEBSD_TWIN_TWIN_H
#define TESTS_FREEBSD_TWIN_TWIN_H

/*
 * The thin files of engine/freebsd (kern_*.h) without a FreeBSD kernel: each
 * call is written down, and jails and mounts are lists in memory, so that what
 * was made can be asked for and undone.
 */
#include <stdbool.h>

/* Forget everything. */
void twin_reset(void);
/* The calls so far, one a line; borrowed. */
const char *twin_calls(void);
void twin_forget_calls(void);

struct twin {
	bool no_meta;		/* a kernel before FreeBSD 15 */
	const char *unknown;	/* a parameter that it does not have */
	const char *fail;	/* this call fails ... */
	int fail_errno;		/* ... so ... */
	int fail_after;		/* ... after it went well that often */
	int status;		/* of commands, as wait(2) gives it */
	int processes;		/* in each jail */
	bool stubborn;		/* they do not heed SIGTERM */
	int busy;		/* so many unmounts are refused first */
	const char *boot;	/* kern.boot_id */
	bool dying;		/* removed jails take a while to go */
	const char *pf_main;	/* the main rules of pf; NULL: it is off */
	bool racct;		/* resources are counted */
	bool no_ruleset;	/* devfsrules_jail is not loaded */
};
extern struct twin twin;

/* Put a jail there that another manager made; its number. */
int twin_foreign(const char *name, const char *path);
int twin_jails(void);
/* An interface of the host with an address, "" for none. */
void twin_iface(const char *name, const char *group, const char *address);
/* Interfaces, rulesets of devfs, rules of rctl and anchors of pf with rules. */
int twin_ifaces(void);
int twin_rulesets(void);
int twin_rules(void);
int twin_anchors(void);
int twin_mounts(void);

#endif
