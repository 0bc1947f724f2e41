/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/xalloc.h"
#include "image/fetch.h"
#include "image/http.h"
#include "image/manifest.h"
#include "image/options.h"
#include "image/stop.h"
#include "image/unpack.h"

enum { MAX_MANIFEST = 1024 * 1024 };

static const char default_base[] = "https://download.freebsd.org/releases";

/* A release on its way from a mirror into a directory. */
struct release {
	const struct options *o;
	struct progress progress;
	char *url;		/* of its directory on the mirror */
	char *cache;		/* its directory in the cache */
	struct manifest manifest;
	VEC(const struct manifest_set *) sets;
};

#define AUTO_RELEASE __attribute__((cleanup(release_fini)))

static void
release_fini(struct release *r)
{
	free(r->url);
	free(r->cache);
	manifest_fini(&r->manifest);
	VEC_FINI(&r->sets);
}

static int
get(struct release *r, const char *file, const char *sha256, uint64_t max,
    struct error *e)
{
	AUTO_FREE char *source = xasprintf("%s/%s", r->url, file);
	AUTO_FREE char *path = xasprintf("%s/%s", r->cache, file);
	struct fetch_request rq = {
		.source = source,
		.file = path,
		.sha256 = sha256,
		.max_size = max,
		.stall = (unsigned)r->o->stall,
		.progress = &r->progress,
	};

	return fetch_file(&rq, e);
}

/*
 * The MANIFEST comes from the mirror each time: everything else is trusted
 * because of it, so it is not taken from the cache.
 */
static int
get_manifest(struct release *r, struct error *e)
{
	AUTO_FREE char *path = xasprintf("%s/MANIFEST", r->cache);
	AUTO_BUF struct buf text = BUF_INIT;

	if (strncmp(r->url, "http:", 5) == 0 && *r->o->manifest_sha256 == '\0')
		progress_note(&r->progress,
		    "warning: nothing proves that the MANIFEST is genuine "
		    "(http, and no --manifest-sha256)");
	if (get(r, "MANIFEST", r->o->manifest_sha256, MAX_MANIFEST, e) < 0 ||
	    file_read(AT_FDCWD, path, MAX_MANIFEST, &text, e) < 0)
		return -1;
	if (strlen(buf_text(&text)) != text.len)
		return error_set(e, ERROR_DATA, "MANIFEST: not a text");
	if (manifest_parse(&r->manifest, buf_text(&text), e) < 0)
		return error_wrap(e, "MANIFEST");
	return 0;
}

static int
choose_sets(struct release *r, struct error *e)
{
	AUTO_FREE char *list = xstrdup(r->o->sets != NULL ? r->o->sets :
	    "base");
	char *name, *next;

	for (name = list; name != NULL; name = next) {
		const struct manifest_set *set;

		next = strchr(name, ',');
		if (next != NULL)
			*next++ = '\0';
		set = manifest_find(&r->manifest, name, e);
		if (set == NULL)
			return error_wrap(e, "%s", r->o->release);
		VEC_PUSH(&r->sets, set);
	}
	return 0;
}

static int
unpack_set(struct release *r, const struct manifest_set *set, int dirfd,
    struct error *e)
{
	AUTO_FREE char *path = xasprintf("%s/%s", r->cache, set->file);
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct unpack_result result;
	struct unpack_job job = {
		.fd = fd,
		.name = set->file,
		.sha256 = set->sha256,
		.max_size = r->o->max_size,
		.max_entries = r->o->max_entries,
		.progress = &r->progress,
	};

	if (fd < 0)
		return error_sys(e, "%s", path);
	if (unpack_archive(&job, dirfd, &result, e) < 0)
		return -1;
	unpack_note(&r->progress, set->file, &result);
	return 0;
}

static int
run(struct release *r, int dirfd, struct error *e)
{
	if (file_mkdirs(AT_FDCWD, r->cache, 0755, e) < 0 ||
	    get_manifest(r, e) < 0 || choose_sets(r, e) < 0)
		return -1;
	for (size_t i = 0; i < r->sets.count; i++) {
		const struct manifest_set *set = r->sets.items[i];

		/* One from the cache is checked as well. */
		if (get(r, set->file, set->sha256, r->o->max_size, e) < 0)
			return -1;
	}
	for (size_t i = 0; i < r->sets.count; i++) {
		if (unpack_set(r, r->sets.items[i], dirfd, e) < 0)
			return -1;
	}
	return 0;
}

static const char *
host_arch(struct utsname *host)
{
	return uname(host) == 0 ? host->machine : "amd64";
}

static int
exec_freebsd(const struct options *o, struct error *e)
{
	AUTO_RELEASE struct release r = { .o = o };
	struct utsname host;
	const char *arch = o->arch != NULL ? o->arch : host_arch(&host);
	struct stat before;

	if (o->release == NULL || o->cache == NULL)
		return error_set(e, ERROR_USAGE,
		    "freebsd needs --release and --cache");
	r.url = manifest_release_url(o->base_url != NULL ? o->base_url :
	    default_base, o->release, arch, e);
	if (r.url == NULL)
		return -1;
	r.cache = xasprintf("%s/%s-%s", o->cache, o->release, arch);
	progress_init(&r.progress, o->progress);
	AUTO_CLOSE int dirfd = unpack_open_dir(o->operands[0], &before, e);

	if (dirfd < 0)
		return -1;
	if (run(&r, dirfd, e) < 0) {
		unpack_clean(dirfd, &before, e);
		return -1;
	}
	return 0;
}

static const char *const freebsd_options[] = {
	"arch",
	"base-url",
	"cache",
	"manifest-sha256",
	"max-entries",
	"max-size",
	"progress",
	"release",
	"sets",
	"stall",
	NULL,
};

const struct image_cmd image_cmd_freebsd = {
	.name = "freebsd",
	.usage = "--release NAME --cache DIR DIR",
	.summary = "download, check and unpack a FreeBSD release",
	.options = freebsd_options,
	.operands = 1,
	.exec = exec_freebsd,
};
