/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef BASE_AUTO_H
#define BASE_AUTO_H

/*
 * Scope-bound ownership: the variable's resource is released when its scope
 * ends.  Every such variable is initialised where it is declared.
 *
 *	AUTO_FREE char *name = xasprintf("%s.conf", base);
 *	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
 *	return STEAL(name);			hand it over
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void
auto_free(void *p)
{
	free(*(void **)p);
}

static inline void
auto_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void
auto_dir(DIR **d)
{
	if (*d != NULL)
		closedir(*d);
}

static inline void
auto_file(FILE **f)
{
	if (*f != NULL)
		fclose(*f);
}

static inline int
steal_fd(int *fd)
{
	int kept = *fd;

	*fd = -1;
	return kept;
}

#define AUTO_FREE __attribute__((cleanup(auto_free)))
#define AUTO_CLOSE __attribute__((cleanup(auto_close)))
#define AUTO_DIR __attribute__((cleanup(auto_dir)))
#define AUTO_FILE __attribute__((cleanup(auto_file)))
#define AUTO_BUF __attribute__((cleanup(buf_fini)))

#define STEAL(p)                        \
	__extension__({                 \
		__typeof__(p) kept = p; \
		p = NULL;               \
		kept;                   \
	})

/* Close *fd if open and mark it closed; keeps errno. */
void close_fd(int *fd);

#endif
