/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Members of gaol-archive(5), uncompressed and without sums, which no fuzzer
 * could guess.  The first byte tells how large the blocks are that the reader
 * gets.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "image/receive.h"
#include "tests/fuzz/scratch.h"

enum { MAX_SIZE = 1 << 20, MAX_ENTRIES = 200 };

struct input {
	const unsigned char *data;
	size_t left, step;
	unsigned char *copy;	/* a block of its own, for the sanitizer */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
next(void *arg, const unsigned char **block, size_t *len, struct error *e)
{
	struct input *in = arg;
	size_t n = in->left < in->step ? in->left : in->step;

	free(in->copy);
	in->copy = xrealloc(NULL, n > 0 ? n : 1);
	memcpy(in->copy, in->data, n);
	in->data += n;
	in->left -= n;
	*block = in->copy;
	*len = n;
	return 0;
}

static int
plant_all(struct tar_in *in, struct plant *p, struct error *e)
{
	AUTO_ENTRY struct tar_entry t = TAR_ENTRY_INIT;
	int rc;

	while ((rc = tar_read(in, &t, e)) > 0) {
		AUTO_BUF struct buf text = BUF_INIT;
		struct receive r = { .fd = -1 };

		if (strcmp(t.name.data, "gaol-end") != 0) {
			if (plant_member(p, in, &t, e) < 0)
				return -1;
			continue;
		}
		if (tar_read_text(in, 4096, &text, e) < 0 ||
		    receive_parse_end(&r, buf_text(&text), e) < 0)
			return -1;
	}
	return rc < 0 ? -1 : plant_finish(p, e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { .step = 1 };
	struct tar_in in = { .next = next, .arg = &input };
	struct error e = ERROR_INIT;
	struct plant p;

	if (size == 0)
		return 0;
	input.data = data + 1;
	input.left = size - 1;
	input.step = (size_t)data[0] * 17 + 1;
	scratch_set_up();
	scratch_enter();
	plant_init(&p, "root");
	p.max_size = MAX_SIZE;
	p.max_entries = MAX_ENTRIES;
	p.devices = true;
	umask(0);
	if (plant_all(&in, &p, &e) < 0)
		require(e.kind != ERROR_NONE && *e.msg != '\0');
	plant_fini(&p);
	tar_in_fini(&in);
	free(input.copy);
	umask(022);
	scratch_leave();
	return 0;
}
