/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/prop.h"
#include "view/cells_cache.h"

enum { CACHE_MAX = 256 << 20 };
static const char cache_name[] = "list";

/* Then rows, then texts: in this host's own byte order and alignment. */
struct header {
	char magic[8];
	uint64_t format;	/* version, fields, defaults */
	uint64_t checksum;	/* of all that follows it */
	struct cells_stamp directory;
	uint64_t rows, texts;	/* how many; how long */
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

static uint64_t
checksum(const struct buf *file)
{
	size_t start = offsetof(struct header, checksum) + sizeof(uint64_t);

	return mix(0, file->data + start, file->len - start);
}

/* A damaged file was found out by its checksum; this is for one that somebody
 * made. */
static bool
offsets_hold(const struct cells *c, const struct cells_cache *cache)
{
	for (size_t i = 0; i < cache->count; i++) {
		const struct cells_row *r = &cache->rows[i];

		if (r->name == 0 || r->name >= c->base_len)
			return false;
		for (size_t k = 0; k < CELLS_FIELDS; k++)
			if (r->fields[k] >= c->base_len)
				return false;
		if (i > 0 && strcmp(c->base + r[-1].name,
		    c->base + r->name) >= 0)
			return false;
	}
	return true;
}

static bool
take(struct cells *c, struct cells_cache *cache)
{
	const struct buf *file = &c->cache;
	const struct header *head;
	const void *rows;
	size_t rows_size;

	if (file->len < sizeof(*head))
		return false;
	head = (const void *)file->data;	/* heap memory is aligned */
	if (memcmp(head->magic, magic, sizeof(magic)) != 0 ||
	    head->format != format() ||
	    head->rows > CACHE_MAX / sizeof(*cache->rows) ||
	    head->texts == 0 || head->texts > CACHE_MAX)
		return false;
	rows_size = head->rows * sizeof(*cache->rows);
	if (sizeof(*head) + rows_size + head->texts != file->len ||
	    head->checksum != checksum(file))
		return false;
	rows = file->data + sizeof(*head);
	cache->rows = rows;
	cache->count = head->rows;
	cache->directory = head->directory;
	c->base = file->data + sizeof(*head) + rows_size;
	c->base_len = head->texts;
	return c->base[0] == '\0' && c->base[c->base_len - 1] == '\0' &&
	    offsets_hold(c, cache);
}

void
cells_cache_none(struct cells *c)
{
	cells_fini(c);
	c->base = "";		/* offset 0 means not set */
	c->base_len = 1;
}

void
cells_cache_read(const struct host *h, struct cells *c,
    struct cells_cache *cache)
{
	AUTO_CLOSE int fd = openat(h->run_fd, cache_name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct error ignored = ERROR_INIT;
	struct stat st;

	memset(cache, 0, sizeof(*cache));
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size < CACHE_MAX) {
		buf_reserve(&c->cache, (size_t)st.st_size + 8192);
		if (file_read_fd(fd, CACHE_MAX, &c->cache, &ignored) == 0 &&
		    take(c, cache))
			return;
	}
	memset(cache, 0, sizeof(*cache));
	cells_cache_none(c);
}

/* Texts and rows of the file to be written. */
struct image {
	VEC(struct cells_row) rows;
	struct buf texts;
};

/* Jails are alike: a text that the row before has is not kept again. */
static uint32_t
put_text(struct image *to, uint32_t last, const char *text)
{
	size_t at = to->texts.len;

	if (last != 0 && strcmp(to->texts.data + last, text) == 0)
		return last;
	buf_append(&to->texts, text, strlen(text) + 1);
	return (uint32_t)at;
}

static void
put_rows(const struct cells *from, struct image *to)
{
	struct cells_row last;

	memset(&last, 0, sizeof(last));
	buf_putc(&to->texts, '\0');
	for (size_t i = 0; i < from->count; i++) {
		struct cells_row row = *from->items[i];

		if (row.stamp.inode == 0)
			continue;
		row.name = put_text(to, 0, cells_name(from, i));
		for (int k = 0; k < CELLS_FIELDS; k++) {
			const char *text = cells_value(from, i,
			    (enum cells_field)k);

			if (text != NULL)
				row.fields[k] = put_text(to, last.fields[k],
				    text);
		}
		VEC_PUSH(&to->rows, row);
		last = row;
	}
}

void
cells_cache_write(const struct host *h, const struct cells *c,
    const struct cells_stamp *directory)
{
	struct image image = { VEC_INIT, BUF_INIT };
	AUTO_BUF struct buf file = BUF_INIT;
	struct error ignored = ERROR_INIT;
	struct header head;

	put_rows(c, &image);
	memset(&head, 0, sizeof(head));
	memcpy(head.magic, magic, sizeof(magic));
	head.format = format();
	head.directory = *directory;
	head.rows = image.rows.count;
	head.texts = image.texts.len;
	buf_append(&file, &head, sizeof(head));
	buf_append(&file, image.rows.items,
	    image.rows.count * sizeof(*image.rows.items));
	buf_append(&file, image.texts.data, image.texts.len);
	head.checksum = checksum(&file);
	memcpy(file.data, &head, sizeof(head));
	VEC_FINI(&image.rows);
	buf_fini(&image.texts);
	if (file_replace(h->run_fd, cache_name, file.data, file.len, 0600,
	    FILE_VOLATILE, &ignored) < 0)
		return;
}
