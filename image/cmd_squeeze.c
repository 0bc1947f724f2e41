/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * An image of pot: what comes out of a pipe is compressed into a file, and
 * summed up and signed as pot does it: skein1024(1) of the file and its .meta,
 * signify(1) of that sum.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/vec.h"
#include "image/control.h"
#include "image/options.h"
#include "image/progress.h"
#include "image/sign.h"
#include "image/sink.h"
#include "image/skein.h"

enum { IN, OUT, KEY, HANDED, BLOCK = 1 << 16, SIGNIFY = 74, NUMBER = 8,
	BASE64 = 101 };

static int
squeeze(const struct options *o, const int fds[HANDED], uint64_t *bytes,
    uint64_t *written, struct error *e)
{
	AUTO_SINK struct sink sink = { .fd = -1 };
	AUTO_FREE unsigned char *block = xcalloc(1, BLOCK);
	ssize_t n;

	if (sink_open(&sink, fds[OUT], "xz", o->level, e) < 0)
		return -1;
	while ((n = read(fds[IN], block, BLOCK)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(e, "read");
		if (sink_add(&sink, block, (size_t)n, e) < 0)
			return -1;
	}
	if (sink_close(&sink, e) < 0)
		return -1;
	*bytes = sink.bytes;
	*written = sink.written;
	return 0;
}

static int
sum(int fd, const struct buf *meta, char hex[SKEIN_HEX], struct error *e)
{
	AUTO_FREE unsigned char *block = xcalloc(1, BLOCK);
	struct skein s;
	off_t at = 0;
	ssize_t n;

	skein_init(&s);
	while ((n = pread(fd, block, BLOCK, at)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(e, "read");
		skein_add(&s, block, (size_t)n);
		at += n;
	}
	skein_add(&s, buf_text(meta), meta->len);
	skein_text(&s, hex);
	return 0;
}

static void
encode(const unsigned char *bytes, size_t len, char *text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t out = 0;

	for (size_t i = 0; i < len; i += 3) {
		uint32_t bits = (uint32_t)bytes[i] << 16 |
		    (i + 1 < len ? (uint32_t)bytes[i + 1] << 8 : 0) |
		    (i + 2 < len ? bytes[i + 2] : 0);

		for (int k = 0; k < 4; k++)
			text[out++] = i + (size_t)k > len ? '=' :
			    digits[bits >> (18 - 6 * k) & 63];
	}
	text[out] = '\0';
}

/* The number of the key, which signify(1) compares, is of its own first bytes. */
static int
sign(int fd, const char *text, struct buf *out, struct error *e)
{
	unsigned char bytes[SIGNIFY] = { 'E', 'd' }, public[32];
	char key[SIGN_KEY_TEXT], signature[SIGN_TEXT], base64[BASE64 + 4];

	if (sign_with(fd, text, strlen(text), key, signature, e) < 0 ||
	    base64_parse(key, public, sizeof(public), e) < 0 ||
	    base64_parse(signature, bytes + 2 + NUMBER, 64, e) < 0)
		return -1;
	memcpy(bytes + 2, public, NUMBER);
	encode(bytes, sizeof(bytes), base64);
	buf_printf(out, " %s", base64);
	return 0;
}

static int
exec_squeeze(const struct options *o, struct error *e)
{
	AUTO_BUF struct buf meta = BUF_INIT, answer = BUF_INIT;
	char hex[SKEIN_HEX];
	uint64_t bytes = 0, written = 0;
	int fds[HANDED] = { -1, -1, -1 };
	int rc = control_take(&meta, fds, HANDED, e);

	if (rc == 0)
		rc = squeeze(o, fds, &bytes, &written, e);
	if (rc == 0)
		rc = sum(fds[OUT], &meta, hex, e);
	if (rc == 0)
		buf_printf(&answer, "%" PRIu64 " %" PRIu64 " %s", bytes,
		    written, hex);
	if (rc == 0 && o->sign) {
		AUTO_FREE char *line = xasprintf("%s\n", hex);

		rc = sign(fds[KEY], line, &answer, e);
	}
	for (size_t i = 0; i < HANDED; i++)
		close_fd(&fds[i]);
	return rc < 0 ? -1 : control_tell(answer.data, answer.len, e);
}

static const char *const squeeze_options[] = {
	"level", "progress", "sign", NULL,
};

const struct image_cmd image_cmd_squeeze = {
	.name = "squeeze",
	.usage = "NAME",
	.summary = "compress an image of pot, for gaol",
	.options = squeeze_options,
	.operands = 1,
	.exec = exec_squeeze,
};
