/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Write a tar archive header by header, so that it can be as wrong as a test
 * needs it.
 *
 *	mktar [-x] [-z none|gzip|bzip2|xz|zstd] FILE MEMBER...
 *
 * -x leaves out the end marker.  A member is KIND:NAME[:ARGUMENT]; see kinds.
 */
#include <archive.h>
#include <archive_entry.h>
#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 512, CHUNK = 65536 };

struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12];
	char sum[8], type, link[100], magic[6], version[2];
	char uname[32], gname[32], major[8], minor[8], prefix[155], pad[12];
};

static struct archive *out;

static void
put(const void *data, size_t len)
{
	if (archive_write_data(out, data, len) != (la_ssize_t)len)
		errx(1, "%s", archive_error_string(out));
}

static void
put_filled(int c, uint64_t len)
{
	static char chunk[CHUNK];

	memset(chunk, c, sizeof(chunk));
	while (len > 0) {
		size_t n = len < sizeof(chunk) ? (size_t)len : sizeof(chunk);

		put(chunk, n);
		len -= n;
	}
}

static void
put_data(const void *data, size_t len)
{
	put(data, len);
	put_filled(0, (BLOCK - len % BLOCK) % BLOCK);
}

static void
octal(char *field, size_t width, uint64_t value)
{
	char text[32];

	/* Beyond octal: the base-256 form of GNU tar. */
	if (width == 12 && value > 077777777777) {
		memset(field, 0, width);
		field[0] = (char)0x80;
		for (size_t i = 0; i < 8; i++)
			field[11 - i] = (char)(value >> 8 * i);
		return;
	}
	snprintf(text, sizeof(text), "%0*llo", (int)width - 1,
	    (unsigned long long)value);
	memcpy(field, text, width);
}

static void
put_header(struct header *h)
{
	unsigned sum = 0;
	char text[16];

	memset(h->sum, ' ', sizeof(h->sum));
	for (size_t i = 0; i < sizeof(*h); i++)
		sum += ((unsigned char *)h)[i];
	snprintf(text, sizeof(text), "%06o", sum);
	memcpy(h->sum, text, 7);
	put(h, sizeof(*h));
}

static struct header
new_header(char type, const char *name, uint64_t size)
{
	struct header h;

	memset(&h, 0, sizeof(h));
	memcpy(h.name, name, strlen(name) < 100 ? strlen(name) : 100);
	octal(h.mode, sizeof(h.mode), type == '5' ? 0755 : 0644);
	octal(h.uid, sizeof(h.uid), 0);
	octal(h.gid, sizeof(h.gid), 0);
	octal(h.size, sizeof(h.size), size);
	octal(h.mtime, sizeof(h.mtime), 1000000000);
	h.type = type;
	memcpy(h.magic, "ustar", 6);
	memcpy(h.version, "00", 2);
	return h;
}

/* One pax record "LEN key=value\n", whose length counts its own digits. */
static char *
pax_record(const char *key, const char *value)
{
	size_t body = strlen(key) + strlen(value) + 3, len = body;
	char digits[24], *record;

	do {
		snprintf(digits, sizeof(digits), "%zu", len);
		if (body + strlen(digits) == len)
			break;
		len = body + strlen(digits);
	} while (true);
	if (asprintf(&record, "%zu %s=%s\n", len, key, value) < 0)
		err(1, NULL);
	return record;
}

static void
put_pax(char type, const char *key, const char *value)
{
	char *record = pax_record(key, value);
	struct header h = new_header(type, "pax", strlen(record));

	put_header(&h);
	put_data(record, strlen(record));
	free(record);
}

/* A header whose name and link may be longer than its fields. */
static void
put_member(char type, const char *name, const char *link, uint64_t size)
{
	struct header h = new_header(type, name, size);

	if (strlen(name) >= 100)
		put_pax('x', "path", name);
	if (link != NULL && strlen(link) >= 100)
		put_pax('x', "linkpath", link);
	else if (link != NULL)
		memcpy(h.link, link, strlen(link));
	put_header(&h);
}

static void
put_file(const char *name, const char *text)
{
	put_member('0', name, NULL, strlen(text));
	put_data(text, strlen(text));
}

static void
kind_file(const char *name, const char *arg)
{
	put_file(name, arg);
}

static void
kind_dir(const char *name, const char *arg)
{
	put_member('5', name, NULL, 0);
}

static void
kind_link(const char *name, const char *arg)
{
	put_member('2', name, arg, 0);
}

static void
kind_hard(const char *name, const char *arg)
{
	put_member('1', name, arg, 0);
}

static void
kind_fifo(const char *name, const char *arg)
{
	put_member('6', name, NULL, 0);
}

static void
kind_node(const char *name, const char *arg)
{
	struct header h = new_header(*arg == 'b' ? '4' : '3', name, 0);

	octal(h.major, sizeof(h.major), 1);
	octal(h.minor, sizeof(h.minor), 3);
	put_header(&h);
}

static void
kind_type(const char *name, const char *arg)
{
	put_member(*arg, name, NULL, 0);
}

static void
kind_mode(const char *name, const char *arg)
{
	struct header h = new_header('0', name, 0);

	octal(h.mode, sizeof(h.mode), strtoul(arg, NULL, 8));
	octal(h.uid, sizeof(h.uid), 100);
	octal(h.gid, sizeof(h.gid), 200);
	put_header(&h);
}

static void
kind_zeros(const char *name, const char *arg)
{
	uint64_t size = strtoull(arg, NULL, 10);

	put_member('0', name, NULL, size);
	put_filled(0, (size + BLOCK - 1) / BLOCK * BLOCK);
}

/* Data that no compressor likes. */
static void
kind_noise(const char *name, const char *arg)
{
	uint64_t size = strtoull(arg, NULL, 10), x = 88172645463325252U;

	put_member('0', name, NULL, size);
	for (uint64_t i = 0; i < (size + BLOCK - 1) / BLOCK * BLOCK; i += 8) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		put(&x, sizeof(x));
	}
}

/* A size without the data. */
static void
kind_claim(const char *name, const char *arg)
{
	put_member('0', name, NULL, strtoull(arg, NULL, 10));
}

/* One pax header of several records, which are freed. */
static void
put_records(char **records, size_t count)
{
	struct header h;
	size_t len = 0;

	for (size_t i = 0; i < count; i++)
		len += strlen(records[i]);
	h = new_header('x', "pax", len);
	put_header(&h);
	for (size_t i = 0; i < count; i++) {
		put(records[i], strlen(records[i]));
		free(records[i]);
	}
	put_filled(0, (BLOCK - len % BLOCK) % BLOCK);
}

/* ARG is the size, a map of offset,length,... follows after a slash. */
static void
kind_sparse(const char *name, const char *arg)
{
	const char *slash = strchr(arg, '/');
	char *size = strndup(arg, slash != NULL ? (size_t)(slash - arg) :
	    strlen(arg));
	char *records[3];
	records[0] = pax_record("GNU.sparse.size", size);
	records[1] = pax_record("GNU.sparse.numblocks", "1");
	records[2] = pax_record("GNU.sparse.map", slash != NULL ? slash + 1 :
	    "0,512");
	put_records(records, 3);
	put_member('0', name, NULL, BLOCK);
	put_filled('s', BLOCK);
	free(size);
}

/* GNU sparse 1.0: a map of ARG entries before the data. */
static void
kind_map(const char *name, const char *arg)
{
	static char chunk[CHUNK];
	uint64_t left = strtoull(arg, NULL, 10) * 4, len;
	char *records[] = {
		pax_record("GNU.sparse.major", "1"),
		pax_record("GNU.sparse.minor", "0"),
		pax_record("GNU.sparse.realsize", "1000"),
	};

	for (size_t i = 0; i < sizeof(chunk); i++)
		chunk[i] = "1\n0\n"[i % 4];
	len = strlen(arg) + 1 + left;
	put_records(records, 3);
	put_member('0', name, NULL, len);
	put(arg, strlen(arg));
	put("\n", 1);
	for (; left > 0; left -= left < CHUNK ? left : CHUNK)
		put(chunk, left < CHUNK ? (size_t)left : CHUNK);
	put_filled(0, (BLOCK - len % BLOCK) % BLOCK);
}

/* ARG is KEY=VALUE; "+" in a value is a line's end. */
static void
kind_pax(const char *name, const char *arg)
{
	char *key = strdup(arg), *value = strchr(key, '=');

	if (value == NULL)
		errx(1, "%s: no value", arg);
	*value++ = '\0';
	for (char *p = value; *p != '\0'; p++)
		*p = *p == '+' ? '\n' : *p;
	put_pax('x', key, value);
	put_file(name, "x");
	free(key);
}

/* So many global headers, which are no members. */
static void
kind_global(const char *name, const char *arg)
{
	char *value = calloc(1, CHUNK);

	memset(value, 'c', CHUNK - 1);
	for (unsigned long n = strtoul(arg, NULL, 10); n > 0; n--)
		put_pax('g', "comment", value);
	free(value);
}

static void
kind_many(const char *name, const char *arg)
{
	unsigned long n = strtoul(arg, NULL, 10);
	char *each;

	for (unsigned long i = 0; i < n; i++) {
		if (asprintf(&each, "%s%lu", name, i) < 0)
			err(1, NULL);
		put_file(each, "");
		free(each);
	}
}

/* A name of ARG components. */
static void
kind_deep(const char *name, const char *arg)
{
	unsigned long n = strtoul(arg, NULL, 10);
	char *path = calloc(n, 2);

	for (unsigned long i = 0; i < n; i++)
		memcpy(path + 2 * i, i + 1 < n ? "d/" : "f", i + 1 < n ? 2 : 1);
	put_file(path, "deep");
	free(path);
}

/* A name of ARG bytes, in components of NAME's number of bytes. */
static void
kind_long(const char *name, const char *arg)
{
	size_t n = strtoul(arg, NULL, 10), each = strtoul(name, NULL, 10);
	char *path = calloc(1, n + 1);

	for (size_t i = 0; i < n; i++)
		path[i] = i % (each + 1) == each && i + 1 < n ? '/' : 'n';
	put_file(path, "long");
	free(path);
}

static void
kind_junk(const char *name, const char *arg)
{
	put_filled('j', strtoull(arg, NULL, 10));
}

static void
kind_padding(const char *name, const char *arg)
{
	put_filled(0, strtoull(arg, NULL, 10));
}

static const struct {
	const char *name;
	void (*put)(const char *name, const char *arg);
} kinds[] = {
	{ "file", kind_file },		/* a file with this text */
	{ "dir", kind_dir },
	{ "link", kind_link },		/* a symbolic link to */
	{ "hard", kind_hard },		/* a hard link to */
	{ "fifo", kind_fifo },
	{ "node", kind_node },		/* a device: c or b */
	{ "type", kind_type },		/* any type letter */
	{ "mode", kind_mode },		/* a file of 100:200, mode */
	{ "zeros", kind_zeros },	/* a file of so many bytes */
	{ "noise", kind_noise },
	{ "claim", kind_claim },	/* a size, and no data */
	{ "sparse", kind_sparse },	/* SIZE or SIZE/OFFSET,LENGTH */
	{ "map", kind_map },		/* a file with a map of N entries */
	{ "pax", kind_pax },		/* a file with a pax record */
	{ "global", kind_global },	/* ::N global headers of 64 KB */
	{ "many", kind_many },		/* PREFIX and N files */
	{ "deep", kind_deep },		/* ::N components */
	{ "long", kind_long },		/* EACH and N bytes of name */
	{ "junk", kind_junk },		/* ::N bytes between members */
	{ "padding", kind_padding },	/* ::N zeros */
};

static void
put_spec(char *spec)
{
	const char *kind = strsep(&spec, ":");
	const char *name = strsep(&spec, ":");
	const char *arg = spec != NULL ? spec : "";

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (name != NULL && strcmp(kinds[i].name, kind) == 0) {
			kinds[i].put(name, arg);
			return;
		}
	}
	errx(1, "%s: no such kind", kind);
}

static void
open_archive(const char *file, const char *filter)
{
	struct archive_entry *entry = archive_entry_new();

	out = archive_write_new();
	archive_write_set_format_raw(out);
	if (strcmp(filter, "none") != 0 &&
	    archive_write_add_filter_by_name(out, filter) != ARCHIVE_OK)
		errx(1, "%s", archive_error_string(out));
	archive_write_set_bytes_in_last_block(out, 1);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_pathname(entry, "tar");
	if (archive_write_open_filename(out, file) != ARCHIVE_OK ||
	    archive_write_header(out, entry) != ARCHIVE_OK)
		errx(1, "%s", archive_error_string(out));
	archive_entry_free(entry);
}

int
main(int argc, char **argv)
{
	const char *filter = "none";
	bool end = true;
	int c;

	while ((c = getopt(argc, argv, "xz:")) != -1) {
		if (c == 'x')
			end = false;
		else if (c == 'z')
			filter = optarg;
		else
			return 64;
	}
	if (optind == argc)
		return 64;
	open_archive(argv[optind++], filter);
	while (optind < argc)
		put_spec(argv[optind++]);
	if (end)
		put_filled(0, 2 * BLOCK);
	if (archive_write_close(out) != ARCHIVE_OK)
		errx(1, "%s", archive_error_string(out));
	archive_write_free(out);
	return 0;
}
