/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* The real kern_pf.h. */
#include <sys/param.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <net/if.h>
#include <netinet/in.h>
#include <net/pfvar.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/spawn.h"
#include "base/xalloc.h"
#include "engine/freebsd/kern_pf.h"

static char pfctl[] = "/sbin/pfctl";

/* A descriptor that reads as the text. */
static int
text_file(const char *text, struct error *e)
{
	int fd = memfd_create("gaol.pf", MFD_CLOEXEC);

	if (fd < 0)
		return error_sys(e, "memfd_create");
	if (file_write_fd(fd, text, strlen(text), e) < 0 ||
	    lseek(fd, 0, SEEK_SET) < 0) {
		close_fd(&fd);
		return -1;
	}
	return fd;
}

/* The first line that pfctl(8) complains with. */
static void
read_complaint(int fd, char *line, size_t size)
{
	ssize_t n = pread(fd, line, size - 1, 0);

	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
}

int
kern_pf_load(const char *anchor, const char *rules, struct error *e)
{
	AUTO_FREE char *name = xstrdup(anchor);
	char quiet[] = "-q", at[] = "-a", file[] = "-f", in[] = "-";
	char *argv[] = { pfctl, quiet, at, name, file, in, NULL };
	AUTO_CLOSE int rules_fd = text_file(rules, e);
	AUTO_CLOSE int err = rules_fd < 0 ? -1 : text_file("", e);
	struct spawn s = SPAWN_INIT;
	char line[256];
	int status;

	if (err < 0)
		return -1;
	s.argv = argv;
	s.in = rules_fd;
	s.out = s.err = err;
	if (spawn_run(&s, &status, e) < 0)
		return -1;
	if (status == 0)
		return 0;
	read_complaint(err, line, sizeof(line));
	return error_set(e, ERROR_FAILED, "pfctl -a %s: %s", anchor, line);
}

int
kern_pf_show(const char *what, struct buf *text, struct error *e)
{
	AUTO_FREE char *word = xstrdup(what);
	char show[] = "-s";
	char *argv[] = { pfctl, show, word, NULL };

	return spawn_capture(argv, text, e);
}

int
kern_pf_anchors(const char *anchor)
{
	AUTO_CLOSE int fd = open("/dev/pf", O_RDONLY | O_CLOEXEC);
	AUTO_FREE struct pfioc_ruleset *r = xcalloc(1, sizeof(*r));

	snprintf(r->path, sizeof(r->path), "%s", anchor);
	if (fd < 0 || ioctl(fd, DIOCGETRULESETS, r) < 0)
		return -1;
	return (int)r->nr;
}
