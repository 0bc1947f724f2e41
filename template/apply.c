/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "core/life.h"
#include "core/snapshot.h"
#include "template/apply.h"
#include "template/cache.h"
#include "template/library.h"
#include "template/record.h"
#include "template/settings.h"
#include "template/target.h"

enum { STAMP_MAX = 256, KEEP_MS = 1000 };
#define SNAPSHOT "gaol-applying"

/* One of the templates that are applied. */
struct part {
	const char *name;
	char *file;		/* that tells it from others */
	struct template_plan plan;
	struct step_keys keys;
	struct step_keys states;	/* with all templates before it */
	size_t unchanged;	/* so many steps from the first */
	size_t done;		/* unchanged ones and those done now */
	size_t row;		/* of its first step */
};

struct applying {
	const struct host *host;
	const char *jail;
	const struct apply_options *options;
	struct apply_result *result;
	struct cell cell;
	struct buf conf;	/* cell.conf as it was */
	char *os, *release;
	char *outermost;	/* the file of the template that is read */
	VEC(struct part) parts;
	struct record record;
	bool was_running, snapshot;
	struct step_key state;	/* of the last step that was read */
	bool keeping;		/* what was done so far can be kept */
	uint64_t since;		/* ms of steps whose state is not kept */
	struct output output;
	struct performer performer;
};

void
apply_result_fini(struct apply_result *r)
{
	for (size_t i = 0; i < r->rows.count; i++) {
		free(r->rows.items[i].template);
		free(r->rows.items[i].file);
		free(r->rows.items[i].text);
	}
	VEC_FINI(&r->rows);
}

static void
applying_fini(struct applying *a)
{
	cell_fini(&a->cell);
	buf_fini(&a->conf);
	free(a->os);
	free(a->release);
	for (size_t i = 0; i < a->parts.count; i++) {
		free(a->parts.items[i].file);
		template_plan_fini(&a->parts.items[i].plan);
		VEC_FINI(&a->parts.items[i].keys);
		VEC_FINI(&a->parts.items[i].states);
	}
	VEC_FINI(&a->parts);
	record_fini(&a->record);
	output_fini(&a->output);
	VEC_FINI(&a->performer.watched);
}

/* --- what is to be done --- */

static int
read_named(void *arg, const char *name, struct template_text *t,
    struct error *e)
{
	struct applying *a = arg;

	if (library_read(a->host, name, t, e) < 0)
		return -1;
	if (a->outermost == NULL)
		a->outermost = xstrdup(t->file);
	return 0;
}

static char *
ask(void *arg, const char *name)
{
	const struct applying *a = arg;

	return a->options->ask != NULL && !a->host->plan ?
	    a->options->ask(a->options->arg, name) : NULL;
}

static int
check_from(const struct applying *a, const struct part *p, struct error *e)
{
	if (p->plan.from == NULL || strcmp(p->plan.from, a->release) == 0)
		return 0;
	return error_set(e, ERROR_DATA, "template %s is FROM %s, and '%s' "
	    "stands on %s", p->name, p->plan.from, a->jail, a->release);
}

/*
 * An --arg is for whichever template has an ARG of that name: it is told when
 * none has.
 */
static void
tell_notes(const struct applying *a, const struct template_plan *plan)
{
	for (size_t i = 0; i < plan->notes.count; i++)
		host_say(a->host, "%s: %s", a->jail, plan->notes.items[i]);
}

static int
add_keys(struct applying *a, struct part *p, struct error *e)
{
	struct step_key key;

	if (key_begin(a->host, a->release, &key, e) < 0)
		return -1;
	if (a->parts.count == 1)
		a->state = key;
	for (size_t i = 0; i < p->plan.steps.count; i++) {
		if (key_step(a->host, &p->plan.steps.items[i], &key, e) < 0)
			return -1;
		VEC_PUSH(&p->keys, key);
		key_chain(&a->state, &key);
		VEC_PUSH(&p->states, a->state);
	}
	return 0;
}

static void
add_rows(struct applying *a, struct part *p)
{
	p->row = a->result->rows.count;
	for (size_t i = 0; i < p->plan.steps.count; i++) {
		const struct template_step *s = &p->plan.steps.items[i];
		AUTO_BUF struct buf text = BUF_INIT;

		template_step_tell(s, &text);
		VEC_PUSH(&a->result->rows, (struct apply_row) {
		    xstrdup(p->name), xstrdup(s->file),
		    xstrdup(buf_text(&text)), s->line, APPLY_PENDING, 0 });
	}
}

static int
plan_part(struct applying *a, const struct template_target *t,
    const char *name, struct error *e)
{
	struct part *p;

	VEC_PUSH(&a->parts, (struct part) { .name = name });
	p = &a->parts.items[a->parts.count - 1];
	a->outermost = NULL;
	if (template_plan(t, name, &p->plan, e) < 0) {
		free(a->outermost);
		return -1;
	}
	p->file = a->outermost;
	if (check_from(a, p, e) < 0 || add_keys(a, p, e) < 0)
		return -1;
	tell_notes(a, &p->plan);
	add_rows(a, p);
	return 0;
}

static int
plan_all(struct applying *a, const struct vars *builtin, struct error *e)
{
	struct template_target t = { .builtin = builtin,
		.args = a->options->args, .read = read_named, .ask = ask,
		.arg = a };

	a->os = target_os(a->host, a->release, e);
	if (a->os == NULL)
		return -1;
	t.os = a->os;
	for (size_t i = 0; i < a->options->templates->count; i++)
		if (plan_part(a, &t, a->options->templates->items[i], e) < 0)
			return -1;
	return 0;
}

static int
plan_for_jail(struct applying *a, struct error *e)
{
	AUTO_VARS struct vars builtin = VEC_INIT;

	return target_builtin(a->host, &a->cell, &builtin, e) < 0 ? -1 :
	    plan_all(a, &builtin, e);
}

/* --- what was done before --- */

/* Of a jail that does not run. */
static int
read_stamp(const struct applying *a, struct buf *stamp, struct error *e)
{
	AUTO_CELL_STORE struct cell_store s = CELL_STORE_INIT;
	AUTO_CLOSE int root = -1;
	struct error none = ERROR_INIT;

	if (cell_store_init(&s, a->host, &a->cell, NULL, e) < 0)
		return -1;
	root = s.store->open(&s.at, NULL, e);
	if (root < 0)
		return -1;
	if (path_read(root, RECORD_STAMP, STAMP_MAX, stamp, &none) < 0)
		buf_clear(stamp);
	return 0;
}

static void
count_unchanged(const struct applying *a, struct part *p)
{
	const struct step_keys *old = record_find(&a->record, p->file);
	size_t n = 0;

	while (old != NULL && n < p->keys.count && n < old->count &&
	    memcmp(&p->keys.items[n], &old->items[n],
	    sizeof(p->keys.items[n])) == 0)
		a->result->rows.items[p->row + n++].state = APPLY_UNCHANGED;
	p->unchanged = p->done = n;
	a->result->unchanged += n;
}

static int
look_back(struct applying *a, struct error *e)
{
	AUTO_BUF struct buf stamp = BUF_INIT;

	if (record_load(a->host, a->jail, &a->record, e) < 0)
		return -1;
	if (a->record.stamp[0] == '\0')
		return 0;
	if (a->was_running ?
	    perform_read_stamp(a->host, a->jail, &stamp, e) < 0 :
	    read_stamp(a, &stamp, e) < 0)
		return -1;
	if (strcmp(buf_text(&stamp), a->record.stamp) != 0)
		record_fini(&a->record);
	for (size_t i = 0; !a->options->no_cache && i < a->parts.count; i++)
		count_unchanged(a, &a->parts.items[i]);
	return 0;
}

static void
take_part(const struct applying *a, struct part *p, size_t n)
{
	p->unchanged = p->done = n;
	a->result->unchanged += n;
	for (size_t k = 0; k < n; k++)
		a->result->rows.items[p->row + k].state = APPLY_UNCHANGED;
}

/* All steps up to the one whose state the jail began with. */
static int
look_at_base(const struct applying *a, struct error *e)
{
	for (size_t i = 0; i < a->parts.count; i++)
		for (size_t n = a->parts.items[i].states.count; n > 0; n--) {
			AUTO_FREE char *name = cache_name(
			    &a->parts.items[i].states.items[n - 1]);

			if (strcmp(name, a->options->base) != 0)
				continue;
			for (size_t k = 0; k < i; k++)
				take_part(a, &a->parts.items[k],
				    a->parts.items[k].states.count);
			take_part(a, &a->parts.items[i], n);
			return 0;
		}
	return error_set(e, ERROR_FAILED, "'%s' began with a step that is none "
	    "of its templates'", a->jail);
}

/* --- before and after --- */

static int
drop_snapshot(const struct applying *a, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;

	strings_add(&names, SNAPSHOT);
	return snapshot_destroy(a->host, a->jail, &names, e);
}

/* Those of an apply that was interrupted, or kept a failure. */
static int
drop_old_snapshots(const struct applying *a, struct error *e)
{
	AUTO_SNAPSHOTS struct snapshots list = VEC_INIT;
	AUTO_STRINGS struct strings names = VEC_INIT;

	if (snapshot_list(a->host, a->jail, false, &list, e) < 0)
		return -1;
	for (size_t i = 0; i < list.count; i++)
		if (strcmp(list.items[i].name, SNAPSHOT) == 0 ||
		    strcmp(list.items[i].name, CACHE_SNAPSHOT) == 0)
			strings_add(&names, list.items[i].name);
	return names.count == 0 ? 0 :
	    snapshot_destroy(a->host, a->jail, &names, e);
}

static int
take_snapshot(struct applying *a, struct error *e)
{
	AUTO_CELL_STORE struct cell_store s = CELL_STORE_INIT;
	AUTO_FREE char *name = NULL;
	struct snapshot_options o = { .name = SNAPSHOT, .own = true,
		.note = "before an apply" };

	if (cell_store_init(&s, a->host, &a->cell, NULL, e) < 0)
		return -1;
	if (s.store->snapshot == NULL || s.store->by_copy ||
	    s.store->rollback == NULL)
		return 0;
	if (drop_old_snapshots(a, e) < 0 ||
	    snapshot_take(a->host, a->jail, &o, &name, e) < 0)
		return -1;
	a->snapshot = true;
	a->keeping = a->options->fresh && s.store->clone != NULL;
	return 0;
}

static int
restore_conf(struct cell *c, void *arg, struct error *e)
{
	const struct applying *a = arg;

	cell_fini(c);
	*c = (struct cell)CELL_INIT;
	return cell_parse("cell.conf", a->jail, buf_text(&a->conf),
	    a->conf.len, c, e);
}

/* The jail as it was; what cannot be is told. */
static void
put_back(struct applying *a)
{
	struct error e = ERROR_INIT;
	bool ran, later;

	if (life_stop(a->host, a->jail, false, &ran, &e) < 0 ||
	    snapshot_rollback(a->host, a->jail, SNAPSHOT, false, &e) < 0 ||
	    life_change(a->host, a->jail, restore_conf, a, &later, &e) < 0 ||
	    drop_snapshot(a, &e) < 0 ||
	    (a->was_running && life_start(a->host, a->jail, &e) < 0))
		host_say(a->host, "%s: it could not be made as it was: %s",
		    a->jail, e.msg);
	else
		host_say(a->host, "%s: is as before the apply", a->jail);
}

/* What was done stands in the record: the next apply goes on there. */
static int
write_record(struct applying *a, struct error *e)
{
	for (size_t i = 0; i < a->parts.count; i++) {
		const struct part *p = &a->parts.items[i];

		record_put(&a->record, p->file, &p->keys, p->done);
	}
	if (record_save(a->host, a->jail, &a->record, e) < 0)
		return -1;
	return perform_write_stamp(a->host, a->jail, a->record.stamp, e);
}

static int
stop_again(struct applying *a, struct error *e)
{
	bool ran;

	return a->was_running ? 0 :
	    life_stop(a->host, a->jail, false, &ran, e);
}

static void
after_failure(struct applying *a)
{
	struct error e = ERROR_INIT;

	if (a->snapshot && !a->options->keep) {
		put_back(a);
		return;
	}
	if (write_record(a, &e) < 0)
		host_say(a->host, "%s: %s", a->jail, e.msg);
	if (a->snapshot)
		host_say(a->host, "%s: is kept as the failed step left it; "
		    "'gaol rollback --restart %s " SNAPSHOT "' gives it its "
		    "files of before", a->jail, a->jail);
	else
		host_say(a->host, "%s: stays as the failed step left it: its "
		    "store has no cheap snapshots", a->jail);
	if (!a->options->keep && stop_again(a, &e) < 0)
		host_say(a->host, "%s: %s", a->jail, e.msg);
}

/* --- the steps --- */

static int
failed(const struct template_step *s, const struct apply_row *row, int status,
    struct error *e)
{
	if (status != 0)
		error_set(e, ERROR_FAILED, "ended with status %d", status);
	return error_wrap(e, "%s:%u: %.200s", s->file, s->line, row->text);
}

static int
do_step(struct applying *a, struct part *p, size_t n, struct error *e)
{
	const struct template_step *s = &p->plan.steps.items[n];
	struct apply_row *row = &a->result->rows.items[p->row + n];
	uint64_t begin = clock_ms();
	bool idle = false;
	int status = 0, result;

	a->result->unchanged -= row->state == APPLY_UNCHANGED;
	host_say(a->host, "%s: %zu/%zu %s", a->jail, p->row + n + 1,
	    a->result->rows.count, row->text);
	result = perform_step(&a->performer, s, &status, &idle, e);
	row->ms = clock_ms() - begin;
	if (result < 0 || status != 0) {
		row->state = APPLY_FAILED;
		return failed(s, row, status, e);
	}
	row->state = idle ? APPLY_IDLE : APPLY_DONE;
	a->result->done += !idle;
	p->done = n + 1;
	return 0;
}

/*
 * Of steps whose state was taken over: what is no file of the jail is done all
 * the same.
 */
static bool
is_repeated(const struct applying *a, const struct template_step *s)
{
	return a->options->base != NULL && (settings_takes(s) ||
	    s->directive->kind == DIRECTIVE_SERVICE);
}

/* What reaches further than the jail's files, or is nobody else's. */
static bool
is_private(const struct template_step *s)
{
	return s->directive->kind == DIRECTIVE_COMMAND ||
	    s->directive->kind == DIRECTIVE_MOUNT ||
	    s->directive->kind == DIRECTIVE_SECRET;
}

/*
 * Keeping a state costs a snapshot: after steps that took longer than that,
 * not after each.
 */
static void
keep_state(struct applying *a, const struct part *p, size_t n)
{
	const struct template_step *s = &p->plan.steps.items[n];
	struct error e = ERROR_INIT;

	a->keeping = a->keeping && !is_private(s);
	a->since += a->result->rows.items[p->row + n].ms;
	if (!a->keeping || a->since < KEEP_MS ||
	    cache_has(a->host, &p->states.items[n]))
		return;
	a->since = 0;
	if (cache_keep(a->host, a->jail, &p->states.items[n], &e) < 0)
		host_say(a->host, "%s: the state after this step could not be "
		    "kept: %s", a->jail, e.msg);
}

static bool
is_done_now(const struct applying *a, const struct part *p, size_t n)
{
	const struct template_step *s = &p->plan.steps.items[n];

	return n >= p->unchanged || is_repeated(a, s) ||
	    s->directive->kind == DIRECTIVE_ONCHANGE;
}

static int
do_steps(struct applying *a, struct error *e)
{
	for (size_t i = 0; i < a->parts.count; i++) {
		struct part *p = &a->parts.items[i];

		for (size_t n = 0; n < p->plan.steps.count; n++) {
			if (is_done_now(a, p, n) && do_step(a, p, n, e) < 0)
				return -1;
			/* it was done before, whatever it did now */
			if (n < p->unchanged)
				p->done = p->unchanged;
			else
				keep_state(a, p, n);
		}
	}
	return 0;
}

static int
watch_files(struct applying *a, struct error *e)
{
	for (size_t i = 0; i < a->parts.count; i++)
		for (size_t n = 0; n < a->parts.items[i].plan.steps.count;
		    n++) {
			const struct template_step *s =
			    &a->parts.items[i].plan.steps.items[n];

			if (s->directive->kind == DIRECTIVE_ONCHANGE &&
			    perform_watch(&a->performer, s, e) < 0)
				return -1;
		}
	return 0;
}

static int
work(struct applying *a, struct error *e)
{
	a->performer = (struct performer) { .host = a->host, .jail = a->jail,
		.output = &a->output, .command = a->options->command,
		.arg = a->options->arg };
	a->output.show = a->options->show;
	a->output.arg = a->options->arg;
	if (take_snapshot(a, e) < 0)
		return -1;
	if ((!a->was_running && life_start(a->host, a->jail, e) < 0) ||
	    watch_files(a, e) < 0 || do_steps(a, e) < 0) {
		after_failure(a);
		return -1;
	}
	if (write_record(a, e) < 0)
		return -1;
	return a->snapshot ? drop_snapshot(a, e) : 0;
}

static void
tell_plan(const struct applying *a)
{
	size_t count = a->result->rows.count;

	if (a->result->unchanged < count && !a->was_running)
		host_say(a->host, "would start '%s'", a->jail);
	for (size_t i = 0; i < count; i++) {
		const struct apply_row *row = &a->result->rows.items[i];

		host_say(a->host, "%s %zu/%zu %s (%s:%u)",
		    row->state == APPLY_UNCHANGED ? "unchanged:" : "would do",
		    i + 1, count, row->text, row->file, row->line);
	}
	if (a->result->unchanged < count && !a->was_running)
		host_say(a->host, "would stop '%s'", a->jail);
}

static int
begin(struct applying *a, struct error *e)
{
	AUTO_LIVE struct live live = LIVE_INIT;

	if (life_sweep(a->host, a->jail, e) < 0 ||
	    cell_load(a->host, a->jail, &a->cell, e) < 0 ||
	    live_running(a->host, a->jail, &live, e) < 0)
		return -1;
	a->was_running = live.phase != LIVE_STOPPED;
	a->release = cell_text(&a->cell, "release");
	if (a->release == NULL)
		return error_set(e, ERROR_FAILED, "jail '%s' has no release",
		    a->jail);
	conf_write(a->cell.conf, &a->conf);
	if (plan_for_jail(a, e) < 0)
		return -1;
	return a->options->base != NULL ? look_at_base(a, e) :
	    look_back(a, e);
}

static int
apply(struct applying *a, struct error *e)
{
	uint64_t start = clock_ms();
	int result;

	if (begin(a, e) < 0)
		return -1;
	if (a->host->plan) {
		tell_plan(a);
		return 0;
	}
	if (a->result->unchanged == a->result->rows.count &&
	    a->options->base == NULL)
		return 0;
	result = work(a, e);
	if (result == 0)
		result = stop_again(a, e);
	a->result->ms = clock_ms() - start;
	return result;
}

int
template_apply(const struct host *h, const char *jail,
    const struct apply_options *o, struct apply_result *r, struct error *e)
{
	struct applying a = { .host = h, .jail = jail, .options = o,
		.result = r, .cell = CELL_INIT, .output = OUTPUT_INIT };
	AUTO_FREE char *file = xasprintf("apply.%s", jail);
	AUTO_CLOSE int lock = file_lock(h->run_fd, file, true,
	    h->lock_timeout_ms, e);
	int result = -1;

	if (lock >= 0) {
		file_lock_note(lock, "apply");
		result = apply(&a, e);
		unlinkat(h->run_fd, file, 0);
	}
	applying_fini(&a);
	return result;
}

/* Its addresses are not known yet: steps that name them are nobody else's. */
static int
find_base(struct applying *a, char **base, struct error *e)
{
	AUTO_VARS struct vars builtin = VEC_INIT;

	vars_set(&builtin, "JAIL_NAME", a->jail);
	vars_set(&builtin, "JAIL_IP", "\1");
	vars_set(&builtin, "JAIL_IP6", "\1");
	if (plan_all(a, &builtin, e) < 0)
		return -1;
	for (size_t i = a->parts.count; i > 0 && *base == NULL; i--) {
		const struct step_keys *states = &a->parts.items[i - 1].states;

		for (size_t n = states->count; n > 0 && *base == NULL; n--)
			if (cache_has(a->host, &states->items[n - 1]))
				*base = cache_name(&states->items[n - 1]);
	}
	return 0;
}

int
apply_base(const struct host *h, const char *jail, const char *release,
    const struct apply_options *o, char **base, struct error *e)
{
	AUTO_APPLY_RESULT struct apply_result unused = APPLY_RESULT_INIT;
	struct host quiet = *h;
	struct applying a = { .host = &quiet, .jail = jail, .options = o,
		.result = &unused, .cell = CELL_INIT, .output = OUTPUT_INIT,
		.release = xstrdup(release) };
	int result;

	quiet.say = NULL;
	*base = NULL;
	result = find_base(&a, base, e);
	applying_fini(&a);
	return result;
}
