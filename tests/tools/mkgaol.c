/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Write an archive of gaol-archive(5) member by member, so that it can be as
 * wrong as a test needs it; what is not told is right.
 *
 *	mkgaol FILE MEMBER...
 *
 * A member is KIND:NAME[:ARGUMENT]:
 *
 *	manifest::TEXT	conf::TEXT	the first two ("|" is a newline)
 *	dir:NAME	fifo:NAME	char:NAME
 *	file:NAME:TEXT	zeros:NAME:SIZE	link:NAME:TO	hard:NAME:TO
 *	sparse:NAME:MAP	(AT,LEN,AT,LEN... the data is zeros) of 1M
 *	attr:NAME:KEY=VALUE	a file with that record
 *	badsum:		what follows tells a wrong sum
 *	end:		the end with the right numbers; end::TEXT another text
 *	stop:		no zeros at the end;  raw::TEXT	bytes as they are
 */
#include <err.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "image/pack.h"

static struct sink sink = { .fd = -1 };
static struct pack out = { .sink = &sink, .prefix = "root", .sums = true };
static struct error e = ERROR_INIT;
static bool bad_sum, stopped;

static void
require(int rc)
{
	if (rc < 0)
		errx(1, "%s", e.msg);
}

static void
put_zeros(uint64_t len)
{
	static const char zeros[65536];

	while (len > 0) {
		size_t n = len < sizeof(zeros) ? (size_t)len : sizeof(zeros);

		require(sink_add(&sink, zeros, n, &e));
		len -= n;
	}
}

static void
put_header(const struct tar_entry *t)
{
	AUTO_BUF struct buf header = BUF_INIT;
	char sum[HASH_HEX] = "";

	if (out.members++ > 0)
		sink_sum(&sink, sum);
	if (bad_sum)
		sum[0] = sum[0] == '0' ? '1' : '0';
	bad_sum = false;
	tar_format(t, sum, &header);
	require(sink_add(&sink, header.data, header.len, &e));
}

static void
put_data(const char *data, size_t len)
{
	require(sink_add(&sink, data, len, &e));
	put_zeros((TAR_BLOCK - len % TAR_BLOCK) % TAR_BLOCK);
	out.bytes += len;
}

/* "|" is a newline. */
static void
put_text(struct tar_entry *t, const char *name, const char *text)
{
	AUTO_FREE char *copy = xstrdup(text);

	for (char *p = copy; (p = strchr(p, '|')) != NULL;)
		*p = '\n';
	buf_clear(&t->name);
	buf_puts(&t->name, name);
	t->size = strlen(copy);
	put_header(t);
	put_data(copy, strlen(copy));
}

static void
put_sparse(struct tar_entry *t, char *map)
{
	AUTO_BUF struct buf text = BUF_INIT;
	char *word;

	while ((word = strsep(&map, ",")) != NULL) {
		struct tar_extent x = { strtoull(word, NULL, 10), 0 };

		word = strsep(&map, ",");
		x.len = word != NULL ? strtoull(word, NULL, 10) : 0;
		VEC_PUSH(&t->extents, x);
		t->size += x.len;
	}
	tar_format_map(&t->extents, &text);
	t->size += text.len;
	t->sparse = true;
	t->real_size = 1 << 20;
	put_header(t);
	require(sink_add(&sink, text.data, text.len, &e));
	put_zeros((t->size - text.len + TAR_BLOCK - 1) / TAR_BLOCK *
	    TAR_BLOCK);
}

static void
put_end(struct tar_entry *t, const char *text)
{
	AUTO_FREE char *right = xasprintf("members %" PRIu64 "|bytes %" PRIu64
	    "|", out.members - 2, out.bytes);

	put_text(t, "gaol-end", *text != '\0' ? text : right);
}

static const struct kind {
	const char *name;
	enum tar_type type;
} kinds[] = {
	{ "dir", TAR_DIRECTORY }, { "fifo", TAR_FIFO }, { "char", TAR_CHAR },
	{ "file", TAR_FILE }, { "zeros", TAR_FILE }, { "link", TAR_SYMLINK },
	{ "hard", TAR_LINK }, { "sparse", TAR_FILE }, { "attr", TAR_FILE },
};

static void
put_member(const char *kind, const char *name, char *argument)
{
	AUTO_ENTRY struct tar_entry t = TAR_ENTRY_INIT;
	size_t i = 0;

	while (i < sizeof(kinds) / sizeof(*kinds) &&
	    strcmp(kinds[i].name, kind) != 0)
		i++;
	if (i == sizeof(kinds) / sizeof(*kinds))
		errx(1, "%s: what kind is that?", kind);
	t.type = kinds[i].type;
	t.mode = t.type == TAR_DIRECTORY ? 0755 : 0644;
	t.uid = (uint32_t)geteuid();
	t.gid = (uint32_t)getegid();
	t.dev_major = 1;
	t.dev_minor = 3;
	buf_puts(&t.name, name);
	if (t.type == TAR_SYMLINK || t.type == TAR_LINK)
		buf_puts(&t.link, argument);
	if (strcmp(kind, "sparse") == 0) {
		put_sparse(&t, argument);
	} else if (strcmp(kind, "zeros") == 0) {
		t.size = strtoull(argument, NULL, 10);
		put_header(&t);
		put_zeros((t.size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK);
		out.bytes += t.size;
	} else if (strcmp(kind, "file") == 0) {
		put_text(&t, name, argument);
	} else {
		char *value = strcmp(kind, "attr") == 0 ? strchr(argument,
		    '=') : NULL;

		if (value != NULL) {
			*value++ = '\0';
			attrs_add(&t.attrs, argument, value, strlen(value));
		}
		put_header(&t);
	}
}

static void
put(const char *spec)
{
	AUTO_FREE char *copy = xstrdup(spec);
	AUTO_ENTRY struct tar_entry t = TAR_ENTRY_INIT;
	char none[] = "", *argument = copy;
	const char *kind = strsep(&argument, ":");
	const char *name = strsep(&argument, ":");

	if (argument == NULL)
		argument = none;
	if (strcmp(kind, "manifest") == 0)
		put_text(&t, "gaol-archive", argument);
	else if (strcmp(kind, "conf") == 0)
		put_text(&t, "cell.conf", argument);
	else if (strcmp(kind, "end") == 0)
		put_end(&t, argument);
	else if (strcmp(kind, "badsum") == 0)
		bad_sum = true;
	else if (strcmp(kind, "stop") == 0)
		stopped = true;
	else if (strcmp(kind, "raw") == 0)
		require(sink_add(&sink, argument, strlen(argument), &e));
	else
		put_member(kind, name != NULL ? name : "", argument);
}

int
main(int argc, char **argv)
{
	int fd;

	if (argc < 2)
		errx(64, "usage: mkgaol FILE MEMBER...");
	fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		err(1, "%s", argv[1]);
	require(sink_open(&sink, fd, "zstd", NULL, &e));
	for (int i = 2; i < argc; i++)
		put(argv[i]);
	if (!stopped)
		put_zeros(2 * TAR_BLOCK);
	require(sink_close(&sink, &e));
	sink_fini(&sink);
	return 0;
}
