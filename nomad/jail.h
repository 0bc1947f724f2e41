/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef NOMAD_JAIL_H
#define NOMAD_JAIL_H

#include "nomad/plugin.h"

/*
 * In a child of the plugin (job.c): the jail of a task.  said() gets the lines
 *
 *	event TEXT		for the task's events
 *	address ADDRESS ADVERTISE	of a network of its own
 *	port LABEL PORT		inside
 *	running			the task's first instruction comes
 *
 * and then the child is the task's keeper.
 */
struct jail_order {
	const struct plugin_config *plugin;
	const char *root;	/* gaol's; NULL: the usual one */
	const char *keeper;
	const char *jail;
	const struct msg_task_config *task;
	struct task_fields fields;
};
int jail_start_work(void *arg, int out, struct error *e);

/* --- image.c --- */

/*
 * What the jail is made of: a release and perhaps a jail whose files it gets,
 * an image, which is prepared when it is not there.
 */
struct jail_source {
	char *release, *base;	/* base NULL: the release's own files */
	char *note;		/* what tells the image from all others */
	int hold;		/* keeps it while the jail is made */
};
#define JAIL_SOURCE_INIT { NULL, NULL, NULL, -1 }
int image_find(const struct host *h, const struct task_fields *f, int out,
    struct jail_source *s, struct error *e) FALLIBLE;
void image_fini(struct jail_source *s);
#define AUTO_JAIL_SOURCE __attribute__((cleanup(image_fini)))

/* Remove images that nobody has used for delay_ms. */
struct image_gc {
	const char *root;
	uint64_t delay_ms;
};
int image_gc_work(void *arg, int out, struct error *e);

/* --- network.c --- */

/* The values of net and publish for a task, and what else follows. */
struct jail_net {
	struct strings net, publish;
	struct strings ports;	/* "LABEL=PORT": where they are inside */
	const char *netns;	/* to be joined; NULL: none */
	bool advertise;		/* its address is to be announced */
};
int jail_net_plan(const struct msg_task_config *task,
    const struct task_fields *f, struct jail_net *n, struct error *e)
    FALLIBLE;
void jail_net_fini(struct jail_net *n);
#define AUTO_JAIL_NET __attribute__((cleanup(jail_net_fini)))
/* /etc/hosts and /etc/resolv.conf of its own, when the task asks for any; the
 * texts are empty otherwise. */
int jail_net_files(const struct msg_task_config *task,
    const struct task_fields *f, const char *hostname, struct buf *hosts,
    struct buf *resolver, struct error *e) FALLIBLE;

#endif
