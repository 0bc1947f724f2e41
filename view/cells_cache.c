/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/prop.h"
#include "view/cells_cache.h"

enum { CACHE_MAX = 256 << 20 };
static const char cache_name[] = ".list";

/* Then rows, then texts; in this host's own byte order and alignment. */
struct header {
	char magic[8];
	uint64_t format;	/* version, fields, defaults */
	uint64_t checksum;	/* of all that follows the header */
	uint32_t rows, texts;	/* how many; how long */
};
static const char magic[8] = "gaollist";

static uint64_t
mix(uint64_t hash, const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t word;

	for (; len >= sizeof(word); len -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
		hash ^= hash >> 29;
	}
	for (; len > 0; len--)
		hash = (hash ^ *p++) * 1099511628211u;
	return hash ^ hash >> 32;
}

/* Values in force come from the file and from defaults: a gaol with others must
 * not believe what this one wrote. */
static uint64_t
format(void)
{
	static const char version[] = GAOL_VERSION;
	const size_t size = sizeof(struct cells_row);
	uint64_t hash = mix(mix(0, version, sizeof(version)), &size,
	    sizeof(size));

	for (size_t i = 0; i < CELLS_PROBLEM; i++) {
		const char *name = cells_properties[i];
		const struct prop *p = prop_find(name);

		hash = mix(hash, name, strlen(name));
		if (p != NULL && p->fallback != NULL)
			hash = mix(hash, p->fallback, strlen(p->fallback));
	}
	return hash;
}

static bool
offsets_hold(const struct cells *c)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct cells_row *r = &c->items[i];

		if (r->name == 0 || r->name >= c->texts.len)
			return false;
		for (size_t k = 0; k < CELLS_FIELDS; k++)
			if (r->fields[k] >= c->texts.len)
				return false;
		if (i > 0 && strcmp(cells_name(c, i - 1),
		    cells_name(c, i)) >= 0)
			return false;
	}
	return true;
}

static bool
take(const struct buf *file, struct cells *c)
{
	struct header head;
	size_t rows_size;

	if (file->len < sizeof(head))
		return false;
	memcpy(&head, file->data, sizeof(head));
	rows_size = (size_t)head.rows * sizeof(*c->items);
	if (memcmp(head.magic, magic, sizeof(magic)) != 0 ||
	    head.format != format() || head.texts == 0 ||
	    sizeof(head) + rows_size + head.texts != file->len ||
	    head.checksum != mix(0, file->data + sizeof(head),
	    rows_size + head.texts))
		return false;
	c->items = xcalloc(head.rows, sizeof(*c->items));
	c->count = c->cap = head.rows;
	if (rows_size > 0)
		memcpy(c->items, file->data + sizeof(head), rows_size);
	buf_append(&c->texts, file->data + sizeof(head) + rows_size,
	    head.texts);
	return c->texts.data[0] == '\0' &&
	    c->texts.data[head.texts - 1] == '\0' && offsets_hold(c);
}

void
cells_cache_read(const struct host *h, struct cells *c)
{
	AUTO_CLOSE int fd = openat(h->jails_fd, cache_name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	AUTO_BUF struct buf file = BUF_INIT;
	struct error ignored = ERROR_INIT;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_size > CACHE_MAX)
		return;
	buf_reserve(&file, (size_t)st.st_size + 8192);
	if (file_read_fd(fd, CACHE_MAX, &file, &ignored) < 0 ||
	    !take(&file, c))
		cells_fini(c);
}

/* A text of the old row goes where the last row has the same one. */
static uint32_t
move(struct cells *to, uint32_t last, const char *text)
{
	size_t at = to->texts.len;

	if (last != 0 && strcmp(to->texts.data + last, text) == 0)
		return last;
	buf_append(&to->texts, text, strlen(text) + 1);
	return (uint32_t)at;
}

static void
compact(const struct cells *from, struct cells *to)
{
	struct cells_row last;

	memset(&last, 0, sizeof(last));
	buf_putc(&to->texts, '\0');
	for (size_t i = 0; i < from->count; i++) {
		struct cells_row row = from->items[i];

		if (row.stamp.inode == 0)
			continue;
		row.name = move(to, 0, cells_name(from, i));
		for (int k = 0; k < CELLS_FIELDS; k++) {
			const char *text = cells_value(from, i,
			    (enum cells_field)k);

			if (text != NULL)
				row.fields[k] = move(to, last.fields[k], text);
		}
		VEC_PUSH(to, row);
		last = row;
	}
}

void
cells_cache_write(const struct host *h, const struct cells *c)
{
	AUTO_CELLS struct cells kept = CELLS_INIT;
	AUTO_BUF struct buf file = BUF_INIT;
	struct error ignored = ERROR_INIT;
	struct header head;

	compact(c, &kept);
	memset(&head, 0, sizeof(head));
	memcpy(head.magic, magic, sizeof(magic));
	head.format = format();
	head.rows = (uint32_t)kept.count;
	head.texts = (uint32_t)kept.texts.len;
	buf_append(&file, &head, sizeof(head));
	buf_append(&file, kept.items, kept.count * sizeof(*kept.items));
	buf_append(&file, kept.texts.data, kept.texts.len);
	head.checksum = mix(0, file.data + sizeof(head),
	    file.len - sizeof(head));
	memcpy(file.data, &head, sizeof(head));
	if (file_replace(h->jails_fd, cache_name, file.data, file.len, 0600,
	    FILE_VOLATILE, &ignored) < 0)
		return;
}
