/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Archives, unpacked in this process, without the walls of image/confine.h, so
 * that only the checks of members stand between the archive and the host:
 * nothing may change beside the directory.
 *
 * An input is an archive as it is, or, after a byte 1, members to make one of:
 * type, permissions, size in two bytes, name, NUL, link, NUL.  A "%" in names
 * becomes the absolute path of the directory that must not be touched.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "image/unpack.h"
#include "tests/fuzz/scratch.h"

enum {
	BLOCK = 512,
	MAX_SIZE = 1 << 20,
	MAX_ENTRIES = 200,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
octal(char *field, int width, unsigned value)
{
	snprintf(field, (size_t)width, "%0*o", width - 1, value);
}

/* The offsets are those of the ustar header. */
static void
add_header(struct buf *tar, char type, unsigned mode, size_t size,
    const char *name, const char *link)
{
	char block[BLOCK] = { 0 };
	unsigned sum = 0;

	snprintf(block, 100, "%s", name);
	octal(block + 100, 8, mode);
	octal(block + 108, 8, 0);
	octal(block + 116, 8, 0);
	octal(block + 124, 12, (unsigned)size);
	octal(block + 136, 12, 0);
	memset(block + 148, ' ', 8);
	block[156] = type;
	snprintf(block + 157, 100, "%s", link);
	memcpy(block + 257, "ustar\00000", 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)block[i];
	octal(block + 148, 8, sum);
	buf_append(tar, block, BLOCK);
}

static void
add_data(struct buf *tar, const char *data, size_t len)
{
	static const char zeros[BLOCK];

	buf_append(tar, data, len);
	buf_append(tar, zeros, (BLOCK - len % BLOCK) % BLOCK);
}

/* GNU's way to give names that the header has no room for. */
static void
add_long(struct buf *tar, char type, const char *text)
{
	size_t len = strlen(text) + 1;

	if (len <= 100)
		return;
	add_header(tar, type, 0644, len, "././@LongLink", "");
	add_data(tar, text, len);
}

/* The text up to a NUL, "%" replaced; returns what follows. */
static const uint8_t *
take_text(const uint8_t *p, const uint8_t *end, struct buf *text)
{
	for (; p < end && *p != '\0'; p++) {
		if (*p == '%')
			buf_puts(text, scratch_canary);
		else
			buf_putc(text, (char)*p);
	}
	return p < end ? p + 1 : end;
}

static void
make_tar(const uint8_t *p, size_t size, struct buf *tar)
{
	static const char zeros[2 * BLOCK];
	static const char data[65536];
	const uint8_t *end = p + size;

	while (end - p > 4) {
		AUTO_BUF struct buf name = BUF_INIT, link = BUF_INIT;
		const uint8_t *head = p;
		size_t len = (size_t)head[2] << 8 | head[3];

		p = take_text(p + 4, end, &name);
		p = take_text(p, end, &link);
		add_long(tar, 'L', buf_text(&name));
		add_long(tar, 'K', buf_text(&link));
		add_header(tar, (char)head[0], head[1] * 8 + 4, len,
		    buf_text(&name), buf_text(&link));
		if (head[0] == '0' || head[0] == '1')
			add_data(tar, data, len);
	}
	buf_append(tar, zeros, sizeof(zeros));
}

static void
unpack(int fd)
{
	struct progress progress;
	struct unpack_job job = {
		.fd = fd,
		.name = "input",
		.sha256 = "",
		.max_size = MAX_SIZE,
		.max_entries = MAX_ENTRIES,
		.progress = &progress,
	};
	struct unpack_result result;
	struct error e = ERROR_INIT;

	progress_init(&progress, PROGRESS_NONE);
	scratch_enter();
	if (unpack_here(&job, &result, &e) < 0)
		require(e.kind != ERROR_NONE && *e.msg != '\0' &&
		    strpbrk(e.msg, "\n\033") == NULL);
	scratch_leave();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_BUF struct buf tar = BUF_INIT;
	AUTO_CLOSE int fd = memfd_create("archive", MFD_CLOEXEC);
	struct error e = ERROR_INIT;

	scratch_set_up();
	if (size > 0 && data[0] == 1)
		make_tar(data + 1, size - 1, &tar);
	else
		buf_append(&tar, data, size);
	require(fd >= 0 && file_write_fd(fd, tar.data, tar.len, &e) == 0);
	unpack(fd);
	return 0;
}
