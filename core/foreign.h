/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CORE_FOREIGN_H
#define CORE_FOREIGN_H

#include "core/cell.h"

/*
 * What Bastille, iocage and pot write down about a jail, as a cell.  The files
 * are hostile: commands that they want run on the host are told of and not
 * taken over.
 */
struct foreign_file {
	char *name;		/* "jail.conf" */
	char *text;
};
struct foreign {
	const struct host *host;
	const char *jail;	/* its name where it came from */
	/* Taken over on this host, by its administrator ('gaol adopt'): its
	 * commands on the host hold, and the releases of its manager too. */
	bool local;
	/* Where the files are, as its settings say; NULL: .../JAIL/root. */
	const char *root;
	/* What jail.conf says is meant as it is: nobody's plumbing is known. */
	bool plain;
	struct cell *cell;	/* what it becomes; borrowed, made already */
	VEC(struct foreign_file) files;
	struct strings lost;	/* sentences: what was not taken over, and why */
	struct strings mounts;	/* what of the host it gets to see */
};
#define AUTO_FOREIGN __attribute__((cleanup(foreign_fini)))
void foreign_fini(struct foreign *f);

/* The files that matter, NULL-terminated; what gaol-image tells of a tree:
 * "NAME LENGTH\n" and so many bytes each; and out of a directory. */
extern const char *const foreign_names[];
int foreign_parse(struct foreign *f, const char *text, size_t len,
    struct error *e) FALLIBLE;
int foreign_read(struct foreign *f, int dir, struct error *e) FALLIBLE;

/*
 * Fill the cell.  ERROR_DATA when there is no file that describes a jail, or
 * one that cannot be read; ERROR_NOT_FOUND when it stands on a release that is
 * not here.
 */
int foreign_map(struct foreign *f, struct error *e) FALLIBLE;

/* What this host refuses at a start: whether the cell will do; properties that
 * will not are taken away from it, and told. */
int foreign_check(const struct foreign *f, struct error *e) FALLIBLE;
int foreign_fit(struct foreign *f, struct error *e) FALLIBLE;

/* Private to foreign*.c. */
const char *foreign_text(const struct foreign *f, const char *name);
void foreign_set(struct foreign *f, const char *prop, const char *value);
void foreign_add(struct foreign *f, const char *prop, const char *value);
void foreign_lose(struct foreign *f, const char *name, const char *value,
    const char *why);
/* A setting that only the command line of its manager ("iocage") has a use
 * for: compat.MANAGER.KEY. */
void foreign_keep(struct foreign *f, const char *manager, const char *key,
    const char *value);
/* The system that a tree is of: "freebsd", "linux". */
const char *foreign_os(int root);
/* Entries of net; without an interface ip4.addr or ip6.addr, where the host has
 * them.  Separated by commas: "em0|10.0.0.1/24". */
void foreign_addresses(struct foreign *f, bool ip6, const char *text);
/* What rctl(8) shall do: "memoryuse", "deny=1G" or "deny=1G/jail". */
void foreign_limit(struct foreign *f, const char *resource, const char *rule);
/* Lines of fstab(5), whose targets are paths of the host below .../root. */
int foreign_fstab(struct foreign *f, const char *text, struct error *e)
    FALLIBLE;
/* The next line of *rest, without white space around it; NULL at the end. */
char *foreign_line(char **rest);
int foreign_bastille(struct foreign *f, struct error *e) FALLIBLE;
int foreign_iocage(struct foreign *f, struct error *e) FALLIBLE;
int foreign_pot(struct foreign *f, struct error *e) FALLIBLE;

#endif
