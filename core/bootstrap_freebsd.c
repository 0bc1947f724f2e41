/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* FreeBSD's distribution sets from a mirror, by their MANIFEST. */
#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/spawn.h"
#include "core/bootstrap.h"

/* "14.3-RELEASE", "15.0-RC2", "15.0-BETA1", "14-STABLE", "16.0-CURRENT" */
static bool
match(const char *source)
{
	static const struct {
		const char *word;
		bool numbered;
	} kinds[] = {
		{ "-RELEASE", false }, { "-STABLE", false },
		{ "-CURRENT", false }, { "-PRERELEASE", false },
		{ "-RC", true }, { "-BETA", true }, { "-ALPHA", true },
	};
	const char *p = source + strspn(source, "0123456789");

	if (p == source)
		return false;
	if (*p == '.') {
		size_t minor = strspn(p + 1, "0123456789");

		if (minor == 0)
			return false;
		p += 1 + minor;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t len = strlen(kinds[i].word), digits;

		if (strncmp(p, kinds[i].word, len) != 0)
			continue;
		digits = strspn(p + len, "0123456789");
		if (p[len + digits] == '\0' &&
		    (digits > 0) == kinds[i].numbered)
			return true;
	}
	return false;
}

static const char *
base_url(const struct bootstrap *b)
{
	return b->options->mirror != NULL ? b->options->mirror :
	    host_setting(b->host, "freebsd.url", NULL);
}

static int
prepare(struct bootstrap *b, struct error *e)
{
	const struct bootstrap_options *o = b->options;
	AUTO_FREE char *shown = bootstrap_shown(base_url(b));

	free(b->made.source);
	b->made.source = xasprintf("%s %s %s", shown, o->source,
	    o->sets != NULL ? o->sets : "base");
	return bootstrap_image_check(b, e);
}

static void
tell(const struct bootstrap *b, struct buf *text)
{
	AUTO_FREE char *shown = bootstrap_shown(base_url(b));
	const char *sets = b->options->sets;

	buf_printf(text, "fetch %s (%s) from %s, check it and unpack it",
	    b->options->source, sets != NULL ? sets : "base", shown);
}

/* The sum of the MANIFEST stands for all sets; --sha256 pins it next time. */
static int
record_sum(struct bootstrap *b, const char *dir, struct error *e)
{
	AUTO_FREE char *program = bootstrap_image(b);
	AUTO_FREE char *file = xasprintf("%s/MANIFEST", dir);
	char command[] = "sha256", quiet[] = "--progress=none";
	char *argv[] = { program, command, quiet, file, NULL };
	AUTO_BUF struct buf out = BUF_INIT;

	if (spawn_capture(argv, &out, e) < 0)
		return -1;
	b->made.sha256 = xstrndup(buf_text(&out),
	    strcspn(buf_text(&out), "\n"));
	return 0;
}

static int
fill(struct bootstrap *b, struct error *e)
{
	const struct bootstrap_options *o = b->options;
	AUTO_STRINGS struct strings argv = VEC_INIT;
	AUTO_FREE char *sets = NULL;
	const char *arch = o->arch;
	struct utsname host;

	if (arch == NULL)
		arch = uname(&host) == 0 ? host.machine : "amd64";
	if (file_mkdirs(AT_FDCWD, b->cache, 0700, e) < 0)
		return -1;
	bootstrap_image_argv(b, "freebsd", &argv);
	strings_take(&argv, xasprintf("--base-url=%s", base_url(b)));
	strings_take(&argv, xasprintf("--release=%s", o->source));
	strings_take(&argv, xasprintf("--cache=%s", b->cache));
	strings_take(&argv, xasprintf("--arch=%s", arch));
	if (o->sets != NULL)
		strings_take(&argv, xasprintf("--sets=%s", o->sets));
	if (o->sha256 != NULL)
		strings_take(&argv, xasprintf("--manifest-sha256=%s",
		    o->sha256));
	strings_add(&argv, b->root);
	if (bootstrap_image_run(b, &argv, e) < 0)
		return -1;
	/* where gaol-image keeps what belongs to one release and machine */
	sets = xasprintf("%s/%s-%s", b->cache, o->source,
	    arch);
	return record_sum(b, sets, e);
}

const struct bootstrap_source bootstrap_freebsd = {
	.os = "freebsd",
	.takes = TAKES_MIRROR | TAKES_ARCH | TAKES_SETS | TAKES_SHA256 |
	    TAKES_MAX_SIZE,
	.match = match,
	.prepare = prepare,
	.fill = fill,
	.tell = tell,
};
