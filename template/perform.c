/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "core/life.h"
#include "core/mount.h"
#include "template/perform.h"
#include "template/place.h"
#include "template/record.h"
#include "template/settings.h"

/* Of whoever copies files into a jail: a large site takes a while. */
enum { FILES_TIMEOUT_MS = 600 * 1000, STAMP_MAX = 256 };

/* --- commands in the jail --- */

struct order {
	struct performer *p;
	const struct template_step *step;
	struct strings argv;
	bool keyword;
};

static int
do_order(void *arg, int *status, struct error *e)
{
	const struct order *o = arg;

	return o->p->command(o->p->arg, &o->argv, o->keyword, status, e);
}

/* gaol NAME [OPTION] JAIL WORDS... */
static int
order(struct performer *p, const struct template_step *s, const char *name,
    const char *option, const char *verb, bool keyword, int *status,
    struct error *e)
{
	struct order o = { p, s, VEC_INIT, keyword };
	int result;

	strings_add(&o.argv, name);
	if (option != NULL)
		strings_add(&o.argv, option);
	strings_add(&o.argv, p->jail);
	if (verb != NULL)
		strings_add(&o.argv, verb);
	for (size_t i = 0; i < s->words.count; i++)
		strings_add(&o.argv, s->words.items[i]);
	result = output_run(p->output, do_order, &o, status, e);
	strings_fini(&o.argv);
	return result;
}

static int
do_cmd(void *arg, int *status, struct error *e)
{
	const struct order *o = arg;
	char sh[] = "/bin/sh", c[] = "-c";
	char *argv[] = { sh, c, o->step->text, NULL };
	struct run_options run = { .argv = argv,
		.user = o->step->user != NULL ? o->step->user : "root",
		.dir = o->step->workdir };

	return life_exec(o->p->host, o->p->jail, &run, status, e);
}

static int
cmd(struct performer *p, const struct template_step *s, int *status,
    struct error *e)
{
	struct order o = { p, s, VEC_INIT, false };

	return output_run(p->output, do_cmd, &o, status, e);
}

static int
pkg(struct performer *p, const struct template_step *s, int *status,
    struct error *e)
{
	return order(p, s, "pkg", "-y", "install", false, status, e);
}

static int
service(struct performer *p, const struct template_step *s, int *status,
    struct error *e)
{
	return order(p, s, "service", NULL, NULL, false, status, e);
}

static int
sysrc(struct performer *p, const struct template_step *s, int *status,
    struct error *e)
{
	return order(p, s, "sysrc", NULL, NULL, false, status, e);
}

static int
command(struct performer *p, const struct template_step *s, int *status,
    struct error *e)
{
	AUTO_FREE char *name = xstrdup(s->keyword);

	for (char *c = name; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return order(p, s, name, NULL, NULL, true, status, e);
}

static int
restart(struct performer *p, const struct template_step *s, int *status,
    struct error *e)
{
	bool was_running;

	if (life_stop(p->host, p->jail, false, &was_running, e) < 0)
		return -1;
	return life_start(p->host, p->jail, e);
}

/* --- files --- */

struct files {
	const struct template_step *step;
	const struct source *source;
	const char *target;
	const void *data;
	size_t len;
	int out;
};

static int
within(struct performer *p, int (*work)(int root, void *arg,
    struct error *e), void *arg, struct error *e)
{
	return life_within(p->host, p->jail, work, arg, FILES_TIMEOUT_MS, e);
}

static int
do_copy(int root, void *arg, struct error *e)
{
	const struct files *f = arg;

	return place_source(root, f->source, f->target, e);
}

static int
copy(struct performer *p, const struct template_step *s, const char *path,
    const char *target, struct error *e)
{
	AUTO_SOURCE struct source source = SOURCE_INIT;
	struct files f = { .source = &source, .target = target };

	if (source_read(p->host, s->dir, path, &source, e) < 0)
		return -1;
	return within(p, do_copy, &f, e);
}

static int
cp(struct performer *p, const struct template_step *s, int *status,
    struct error *e)
{
	return copy(p, s, s->words.items[0], s->words.items[1], e);
}

static int
overlay(struct performer *p, const struct template_step *s, int *status,
    struct error *e)
{
	for (size_t i = 0; i < s->words.count; i++)
		if (copy(p, s, s->words.items[i], "/", e) < 0)
			return -1;
	return 0;
}

static int
do_render(int root, void *arg, struct error *e)
{
	const struct files *f = arg;

	return place_render(root, f->target, &f->step->vars, e);
}

/* What is not there is said and no error, as in Bastille. */
static int
render(struct performer *p, const struct template_step *s, int *status,
    struct error *e)
{
	for (size_t i = 0; i < s->words.count; i++) {
		struct files f = { .step = s, .target = s->words.items[i] };

		if (within(p, do_render, &f, e) == 0)
			continue;
		if (e->kind != ERROR_NOT_FOUND)
			return -1;
		host_say(p->host, "%s: %s:%u: RENDER %s: there is no such "
		    "file in the jail", p->jail, s->file, s->line, f.target);
		error_clear(e);
	}
	return 0;
}

static int
do_line(int root, void *arg, struct error *e)
{
	const struct files *f = arg;

	return place_line(root, f->step->words.items[1],
	    f->step->words.items[0], e);
}

static int
line(struct performer *p, const struct template_step *s, int *status,
    struct error *e)
{
	struct files f = { .step = s };

	return within(p, do_line, &f, e);
}

static int
do_secret(int root, void *arg, struct error *e)
{
	const struct files *f = arg;

	return place_data(root, f->target, f->data, f->len, 0400, e);
}

static int
secret(struct performer *p, const struct template_step *s, int *status,
    struct error *e)
{
	AUTO_BUF struct buf value = BUF_INIT;
	struct files f = { .target = s->words.items[1] };

	if (secret_read(p->host, s->words.items[0], &value, e) < 0)
		return -1;
	f.data = buf_text(&value);
	f.len = value.len;
	return within(p, do_secret, &f, e);
}

/* --- MOUNT SOURCE TARGET [TYPE [OPTIONS [DUMP [PASS]]]] --- */

static int
is_mounted(const struct performer *p, const struct engine_mount *want,
    bool *mounted, struct error *e)
{
	AUTO_CELL struct cell c = CELL_INIT;
	AUTO_STRINGS struct strings lines = VEC_INIT;

	*mounted = false;
	if (cell_load(p->host, p->jail, &c, e) < 0)
		return -1;
	cell_values(&c, "mount", &lines);
	for (size_t i = 0; i < lines.count; i++) {
		struct engine_mount have;

		if (mount_split(lines.items[i], &have, e) < 0)
			return -1;
		mount_normalize(have.target);
		if (strcmp(have.target, want->target) == 0 &&
		    strcmp(have.source, want->source) == 0 &&
		    strcmp(have.type, want->type) == 0 &&
		    strcmp(have.options, want->options) == 0)
			*mounted = true;
		mount_fini(&have);
	}
	return 0;
}

static int
mount(struct performer *p, const struct template_step *s, int *status,
    struct error *e)
{
	const struct strings *w = &s->words;
	struct engine_mount m = { .source = xstrdup(w->items[0]),
		.target = xstrdup(w->items[1]),
		.type = xstrdup(w->count > 2 ? w->items[2] : "nullfs"),
		.options = xstrdup(w->count > 3 ? w->items[3] : "ro") };
	bool mounted;
	int result;

	mount_normalize(m.target);
	if (strcmp(m.type, "nullfs") == 0)
		mount_normalize(m.source);
	result = is_mounted(p, &m, &mounted, e);
	if (result == 0 && !mounted)
		result = life_mount(p->host, p->jail, &m, e);
	mount_fini(&m);
	return result;
}

/* --- properties --- */

struct change {
	const struct host *host;
	const struct template_step *step;
};

static int
do_change(struct cell *c, void *arg, struct error *e)
{
	const struct change *change = arg;

	return settings_change(change->host, change->step, c, e);
}

static int
settings(struct performer *p, const struct template_step *s, int *status,
    struct error *e)
{
	struct change change = { p->host, s };
	bool later = false;

	if (life_change(p->host, p->jail, do_change, &change, &later, e) < 0)
		return -1;
	if (later)
		host_say(p->host, "%s: %s %s: in force at the next start",
		    p->jail, s->keyword, s->words.count > 0 ?
		    s->words.items[0] : "");
	return 0;
}

/* --- ONCHANGE --- */

static int
do_sum(int root, void *arg, struct error *e)
{
	const struct files *f = arg;
	uint8_t sum[BLAKE2_SIZE];

	if (place_sum(root, f->target, sum, e) < 0)
		return -1;
	return file_write_fd(f->out, sum, sizeof(sum), e);
}

static int
read_sum(struct performer *p, const struct template_step *s,
    uint8_t sum[BLAKE2_SIZE], struct error *e)
{
	AUTO_CLOSE int out = host_scratch(p->host, e);
	struct files f = { .target = s->words.items[0], .out = out };

	if (out < 0 || within(p, do_sum, &f, e) < 0)
		return -1;
	if (pread(out, sum, BLAKE2_SIZE, 0) != BLAKE2_SIZE)
		return error_set(e, ERROR_FAILED, "the jail gave no answer");
	return 0;
}

int
perform_watch(struct performer *p, const struct template_step *s,
    struct error *e)
{
	struct watched w = { .step = s };

	if (read_sum(p, s, w.sum, e) < 0)
		return error_wrap(e, "%s:%u: ONCHANGE", s->file, s->line);
	VEC_PUSH(&p->watched, w);
	return 0;
}

static int
on_change(struct performer *p, const struct template_step *s, int *status,
    bool *idle, struct error *e)
{
	uint8_t now[BLAKE2_SIZE];

	if (read_sum(p, s, now, e) < 0)
		return -1;
	for (size_t i = 0; i < p->watched.count; i++)
		if (p->watched.items[i].step == s)
			*idle = memcmp(now, p->watched.items[i].sum,
			    sizeof(now)) == 0;
	return *idle ? 0 : perform_step(p, s->then, status, idle, e);
}

/* clang-format off */
static const struct {
	enum directive_kind kind;
	int (*perform)(struct performer *p, const struct template_step *s,
	    int *status, struct error *e);
} performers[] = {
	{ DIRECTIVE_CMD, cmd },
	{ DIRECTIVE_COMMAND, command },
	{ DIRECTIVE_CP, cp },
	{ DIRECTIVE_HPKG, pkg },
	{ DIRECTIVE_LINE, line },
	{ DIRECTIVE_MOUNT, mount },
	{ DIRECTIVE_OVERLAY, overlay },
	{ DIRECTIVE_PKG, pkg },
	{ DIRECTIVE_RENDER, render },
	{ DIRECTIVE_RESTART, restart },
	{ DIRECTIVE_SECRET, secret },
	{ DIRECTIVE_SERVICE, service },
	{ DIRECTIVE_SYSRC, sysrc },
};
/* clang-format on */

int
perform_step(struct performer *p, const struct template_step *s, int *status,
    bool *idle, struct error *e)
{
	*status = 0;
	if (s->directive->kind == DIRECTIVE_ONCHANGE)
		return on_change(p, s, status, idle, e);
	if (settings_takes(s))
		return settings(p, s, status, e);
	for (size_t i = 0; i < sizeof(performers) / sizeof(performers[0]); i++)
		if (performers[i].kind == s->directive->kind)
			return performers[i].perform(p, s, status, e);
	return error_set(e, ERROR_FAILED, "%s is no step", s->keyword);
}

/* --- the stamp --- */

static int
do_read_stamp(int root, void *arg, struct error *e)
{
	const struct files *f = arg;
	AUTO_BUF struct buf text = BUF_INIT;
	struct error none = ERROR_INIT;

	if (path_read(root, RECORD_STAMP, STAMP_MAX, &text, &none) < 0)
		return 0;
	return file_write_fd(f->out, buf_text(&text), text.len, e);
}

int
perform_read_stamp(const struct host *h, const char *jail, struct buf *stamp,
    struct error *e)
{
	AUTO_CLOSE int out = host_scratch(h, e);
	struct files f = { .out = out };

	if (out < 0 || life_within(h, jail, do_read_stamp, &f,
	    FILES_TIMEOUT_MS, e) < 0)
		return -1;
	if (lseek(out, 0, SEEK_SET) < 0)
		return error_sys(e, "lseek");
	return file_read_fd(out, STAMP_MAX, stamp, e);
}

static int
do_write_stamp(int root, void *arg, struct error *e)
{
	const struct files *f = arg;

	return place_data(root, RECORD_STAMP, f->data, f->len, 0600, e);
}

int
perform_write_stamp(const struct host *h, const char *jail, const char *stamp,
    struct error *e)
{
	struct files f = { .data = stamp, .len = strlen(stamp) };

	return life_within(h, jail, do_write_stamp, &f, FILES_TIMEOUT_MS, e);
}
