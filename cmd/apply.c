/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "cmd/apply.h"

enum { C_NAME, C_TEMPLATE, C_STEP, C_STATE, C_MS, C_FILE, C_LINE, COLUMNS };

static const struct view_column columns[COLUMNS] = {
	[C_NAME] = { "name", "NAME", VIEW_TEXT },
	[C_TEMPLATE] = { "template", "TEMPLATE", VIEW_TEXT },
	[C_STEP] = { "step", "STEP", VIEW_TEXT },
	[C_STATE] = { "state", "STATE", VIEW_TEXT },
	[C_MS] = { "ms", "MS", VIEW_NUMBER },
	[C_FILE] = { "file", "FILE", VIEW_TEXT },
	[C_LINE] = { "line", "LINE", VIEW_NUMBER },
};

struct applying {
	struct cmd_args *args;
	const char *jail;
	struct vars *given;
};

/* --- a command of gaol as a keyword --- */

/* These end or replace the jail that is worked on, ask, or write to files of
 * the host. */
static const char *const no_keywords[] = { "apply", "clone", "console",
	"convert", "destroy", "edit", "export", "rename", "rollback", "send" };

static int
check_keyword(const struct cmd *c, const char *name, struct error *e)
{
	bool fit = c != NULL && strncmp(c->operands, "target", 6) == 0;

	for (size_t i = 0; i < sizeof(no_keywords) / sizeof(no_keywords[0]);
	    i++)
		fit = fit && strcmp(c->name, no_keywords[i]) != 0;
	if (fit)
		return 0;
	if (c == NULL)
		return error_set(e, ERROR_DATA, "'%s' is neither a keyword nor "
		    "a command of gaol", name);
	return error_set(e, ERROR_DATA, "the command '%s' cannot be a step of "
	    "a template", c->name);
}

static int
run_command(void *arg, const struct strings *words, bool keyword, int *status,
    struct error *e)
{
	const struct applying *p = arg;
	AUTO_STRINGS struct strings argv = VEC_INIT;
	struct cmd_args sub = CMD_ARGS_INIT;
	int result;

	strings_copy(&argv, words);
	sub.cmd = cmd_find(argv.items[0]);
	sub.host = p->args->host;
	if (keyword && check_keyword(sub.cmd, argv.items[0], e) < 0)
		return -1;
	result = args_parse(&sub, (int)argv.count, strings_argv(&argv), e);
	if (result == 0)
		result = sub.cmd->exec(&sub, e);
	*status = sub.status;
	args_fini(&sub);
	return result;
}

/* --- talk --- */

static void
show(void *arg, const char *line)
{
	const struct applying *p = arg;

	cmd_say("%s| %s", p->jail, line);
}

static char *
ask(void *arg, const char *name)
{
	struct applying *p = arg;
	AUTO_FREE char *line = NULL;
	size_t size = 0;
	ssize_t len;

	fprintf(stderr, "%s: %s? ", p->jail, name);
	len = getline(&line, &size, stdin);
	if (len <= 0)
		return NULL;
	line[strcspn(line, "\n")] = '\0';
	if (*line == '\0')
		return NULL;
	vars_set(p->given, name, line);
	return STEAL(line);
}

static const char *
state_name(enum apply_state s)
{
	switch (s) {
	case APPLY_UNCHANGED:
		return "unchanged";
	case APPLY_DONE:
		return "done";
	case APPLY_IDLE:
		return "idle";
	case APPLY_FAILED:
		return "failed";
	default:
		return "pending";
	}
}

static int
print_rows(const struct cmd_args *a, const char *jail,
    const struct apply_result *r, struct error *e)
{
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);

	for (size_t i = 0; i < r->rows.count; i++) {
		const struct apply_row *row = &r->rows.items[i];

		view_row(v);
		view_text(v, C_NAME, jail);
		view_text(v, C_TEMPLATE, row->template);
		view_text(v, C_STEP, row->text);
		view_text(v, C_STATE, state_name(row->state));
		view_number(v, C_MS, (int64_t)row->ms);
		view_text(v, C_FILE, row->file);
		view_number(v, C_LINE, row->line);
	}
	return cmd_print(a, v, e);
}

static void
say_summary(const char *jail, const struct apply_result *r)
{
	if (r->unchanged == r->rows.count) {
		cmd_say("%s: nothing has changed: %zu steps", jail,
		    r->rows.count);
		return;
	}
	for (size_t i = 0; i < r->rows.count; i++) {
		const struct apply_row *row = &r->rows.items[i];

		if (row->state == APPLY_DONE || row->state == APPLY_FAILED)
			cmd_say("%s: %6llu.%03llu s  %s%s", jail,
			    (unsigned long long)row->ms / 1000,
			    (unsigned long long)row->ms % 1000, row->text,
			    row->state == APPLY_FAILED ? "  FAILED" : "");
	}
	cmd_say("%s: %zu steps done, %zu unchanged, in %llu.%03llu s", jail,
	    r->done, r->unchanged, (unsigned long long)r->ms / 1000,
	    (unsigned long long)r->ms % 1000);
}

int
apply_args(const struct cmd_args *a, struct vars *args, struct error *e)
{
	const struct strings *given = args_values(a, "arg");
	const struct strings *files = args_values(a, "arg-file");

	for (size_t i = 0; i < given->count; i++)
		if (vars_assign(args, given->items[i], e) < 0)
			return error_wrap(e, "--arg");
	for (size_t i = 0; i < files->count; i++)
		if (template_arg_file(files->items[i], args, e) < 0)
			return -1;
	return 0;
}

void
apply_job_fini(struct apply_job *job)
{
	strings_fini(&job->templates);
	vars_fini(&job->args);
	free(job->base);
	job->base = NULL;
}

static void
fill_options(struct applying *p, struct apply_job *job,
    struct apply_options *o)
{
	bool asks = job->alone && isatty(STDIN_FILENO) &&
	    isatty(STDERR_FILENO);

	*o = (struct apply_options) { .templates = &job->templates,
		.args = &job->args, .no_cache = job->no_cache,
		.keep = job->keep, .fresh = job->fresh, .base = job->base,
		.ask = asks ? ask : NULL, .command = run_command,
		.show = show, .arg = p };
}

int
apply_find_base(struct cmd_args *a, const char *jail, const char *release,
    struct apply_job *job, struct error *e)
{
	struct applying p = { a, jail, &job->args };
	struct apply_options o;

	fill_options(&p, job, &o);
	return apply_base(a->host, jail, release, &o, &job->base, e);
}

int
apply_templates(struct cmd_args *a, const char *jail, struct apply_job *job,
    struct error *e)
{
	struct applying p = { a, jail, &job->args };
	AUTO_APPLY_RESULT struct apply_result r = APPLY_RESULT_INIT;
	struct error ignored = ERROR_INIT;
	struct apply_options o;
	int result;

	fill_options(&p, job, &o);
	result = template_apply(a->host, jail, &o, &r, e);
	if (a->plan)
		return result;
	if (a->format != VIEW_TABLE) {
		if (r.rows.count > 0 && print_rows(a, jail, &r,
		    result < 0 ? &ignored : e) < 0)
			return -1;
	} else if (result == 0) {
		say_summary(jail, &r);
	}
	return result;
}
