/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/path.h"
#include "base/xalloc.h"
#include "template/plan.h"
#include "template/words.h"

enum { FILE_MAX = 1 << 20, DEPTH_MAX = 16, STEPS_MAX = 10000 };

/* IF without a directive behind it. */
struct branch {
	unsigned line;
	bool active;		/* what follows is done */
	bool outer;		/* what surrounds it is */
	bool has_else;
};

struct reader {
	const struct template_target *t;
	struct template_plan *plan;
	const struct reader *outer;	/* that includes this one */
	unsigned depth;
	const char *dir;
	const struct text *text;
	const struct vars *args;	/* given to this template */
	struct vars vars;
	struct strings taken;	/* names of args that an ARG took */
	char *user, *workdir;
	VEC(struct branch) branches;
};

static int read_template(struct reader *outer, const struct template_target *t,
    const char *name, const struct vars *args, struct template_plan *plan,
    struct error *e) FALLIBLE;
static int read_step(struct reader *r, const struct text_line *l,
    size_t offset, struct template_step *s, struct error *e) FALLIBLE;
static int read_directive(struct reader *r, const struct text_line *l,
    size_t offset, struct error *e) FALLIBLE;

static void
step_fini(struct template_step *s)
{
	free(s->keyword);
	free(s->file);
	free(s->dir);
	strings_fini(&s->words);
	free(s->text);
	free(s->user);
	free(s->workdir);
	vars_fini(&s->vars);
	if (s->then != NULL)
		step_fini(s->then);
	free(s->then);
}

void
template_plan_fini(struct template_plan *plan)
{
	for (size_t i = 0; i < plan->steps.count; i++)
		step_fini(&plan->steps.items[i]);
	VEC_FINI(&plan->steps);
	free(plan->from);
	plan->from = NULL;
	strings_fini(&plan->notes);
}

static void
note(struct reader *r, const struct text_line *l, char *what)
{
	strings_take(&r->plan->notes, xasprintf("%s:%u: %s", r->text->file,
	    text_number(l), what));
	free(what);
}

static size_t
skip_blanks(const struct text_line *l, size_t offset)
{
	return offset + strspn(l->text + offset, " \t");
}

/* What ends at a blank, with variables put in; moves *offset behind it. */
static char *
plain_word(struct reader *r, const struct text_line *l, size_t *offset)
{
	struct buf word = BUF_INIT;
	size_t len;

	*offset = skip_blanks(l, *offset);
	len = strcspn(l->text + *offset, " \t");
	buf_puts(&word, "");
	vars_expand(&r->vars, l->text + *offset, len, &word);
	*offset = skip_blanks(l, *offset + len);
	return buf_steal(&word);
}

/* All that is left of the line, for the jail's sh. */
static int
command_text(struct reader *r, const struct text_line *l, size_t offset,
    char **text, struct error *e)
{
	struct buf out = BUF_INIT;

	offset = skip_blanks(l, offset);
	if (l->text[offset] == '\0')
		return text_error(r->text, l, offset, e,
		    "a command line is missing");
	vars_expand(&r->vars, l->text + offset, strlen(l->text + offset), &out);
	*text = buf_steal(&out);
	return 0;
}

static int
check_count(struct reader *r, const struct text_line *l,
    const struct directive *d, const char *keyword, const struct strings *words,
    struct error *e)
{
	if (words->count >= d->min && words->count <= d->max)
		return 0;
	return text_error(r->text, l, 0, e, "%s has %zu words behind it; "
	    "it is written '%s%s%s'", keyword, words->count, keyword,
	    d->form[0] != '\0' ? " " : "", d->form);
}

/* --- what is done while the plan is made --- */

/* The rest of the words: 'ARG X=a b' is "a b", as echo makes it. */
static void
arg_value(const struct strings *words, struct buf *value)
{
	const char *equals = strchr(words->items[0], '=');

	buf_puts(value, equals != NULL ? equals + 1 : "");
	for (size_t i = 1; i < words->count; i++)
		buf_printf(value, " %s", words->items[i]);
}

static int
read_arg(struct reader *r, const struct text_line *l, const char *keyword,
    const struct strings *words, struct error *e)
{
	AUTO_FREE char *name = xstrdup(words->items[0]);
	AUTO_BUF struct buf value = BUF_INIT;
	bool needed = strchr(keyword, '+') != NULL;
	const char *given;
	char *asked = NULL;

	name[strcspn(name, "=")] = '\0';
	if (!vars_is_name(name, strlen(name)))
		return text_error(r->text, l, 0, e, "'%s' cannot be the name of "
		    "a variable: letters, digits and _ can", name);
	given = vars_find(r->args, name, strlen(name));
	if (given != NULL) {
		strings_add(&r->taken, name);
		buf_puts(&value, given);
	} else {
		arg_value(words, &value);
	}
	if (value.len == 0 && needed && r->t->ask != NULL)
		asked = r->t->ask(r->t->arg, name);
	if (asked != NULL)
		buf_puts(&value, asked);
	free(asked);
	if (value.len == 0 && needed)
		return error_set(e, ERROR_USAGE, "%s:%u: a value for %s is "
		    "needed: --arg %s=VALUE", r->text->file, text_number(l),
		    name, name);
	if (value.len == 0)
		note(r, l, xasprintf("%s is empty; --arg %s=VALUE gives it a "
		    "value", name, name));
	vars_set(&r->vars, name, buf_text(&value));
	return 0;
}

static int
arg_lines(const char *path, const struct buf *data, struct vars *args,
    struct error *e)
{
	static const struct vars none = VEC_INIT;
	AUTO_TEXT struct text text = TEXT_INIT;

	if (text_init(&text, path, buf_text(data), data->len, e) < 0)
		return -1;
	for (size_t i = 0; i < text.lines.count; i++) {
		const struct text_line *l = &text.lines.items[i];
		AUTO_STRINGS struct strings words = VEC_INIT;
		AUTO_FREE char *line = NULL;
		size_t len;

		if (words_split(&text, l, 0, &none, &words, e) < 0)
			return -1;
		line = strings_join(&words, " ");
		len = strcspn(line, "=");
		if (!vars_is_name(line, len) || line[len] == '\0')
			return text_error(&text, l, 0, e,
			    "a line is NAME=VALUE");
		if (vars_find(args, line, len) == NULL &&
		    vars_assign(args, line, e) < 0)
			return -1;
	}
	return 0;
}

int
template_arg_file(const char *path, struct vars *args, struct error *e)
{
	AUTO_BUF struct buf data = BUF_INIT;

	return file_read(AT_FDCWD, path, FILE_MAX, &data, e) < 0 ? -1 :
	    arg_lines(path, &data, args, e);
}

/* A template names it: it lies in that template's directory. */
static int
arg_file_below(const char *dir, const char *path, struct vars *args,
    struct error *e)
{
	AUTO_CLOSE int root = file_opendir(AT_FDCWD, dir, e);
	AUTO_BUF struct buf data = BUF_INIT;

	return root < 0 || path_read(root, path, FILE_MAX, &data, e) < 0 ?
	    -1 : arg_lines(path, &data, args, e);
}

static int
include_args(struct reader *r, const struct strings *words, struct vars *args,
    struct error *e)
{
	for (size_t i = 1; i < words->count; i++) {
		const char *w = words->items[i], *value;
		bool file = strncmp(w, "--arg-file", 10) == 0;
		size_t len = file ? 10 : 5;

		if (strncmp(w, "--arg", 5) != 0 ||
		    (w[len] != '=' && w[len] != '\0'))
			return error_set(e, ERROR_DATA, "'%s' is neither --arg "
			    "NAME=VALUE nor --arg-file FILE", w);
		value = w[len] == '=' ? w + len + 1 :
		    i + 1 < words->count ? words->items[++i] : NULL;
		if (value == NULL)
			return error_set(e, ERROR_DATA, "%s: a value is missing",
			    w);
		if (file) {
			if (arg_file_below(r->dir, value, args, e) < 0)
				return -1;
		} else if (vars_assign(args, value, e) < 0) {
			return -1;
		}
	}
	return 0;
}

static int
read_include(struct reader *r, const struct text_line *l,
    const struct strings *words, struct error *e)
{
	AUTO_VARS struct vars args = VEC_INIT;

	if (include_args(r, words, &args, e) < 0 ||
	    read_template(r, r->t, words->items[0], &args, r->plan, e) < 0)
		return error_wrap(e, "%s:%u", r->text->file, text_number(l));
	return 0;
}

static int
read_from(struct reader *r, const struct text_line *l, const char *release,
    struct error *e)
{
	if (r->plan->from == NULL)
		r->plan->from = xstrdup(release);
	else if (strcmp(r->plan->from, release) != 0)
		return text_error(r->text, l, 0, e, "FROM %s, and before it "
		    "FROM %s: a jail has one release", release, r->plan->from);
	return 0;
}

static void
replace(char **p, const char *value)
{
	free(*p);
	*p = xstrdup(value);
}

/* --- IF --- */

static bool
is_active(const struct reader *r)
{
	return r->branches.count == 0 ||
	    r->branches.items[r->branches.count - 1].active;
}

/* "os=linux|freebsd" */
static int
condition(struct reader *r, const struct text_line *l, const char *word,
    bool *holds, struct error *e)
{
	const char *p = word + 3;

	*holds = false;
	if (strncmp(word, "os=", 3) != 0 || *p == '\0')
		return text_error(r->text, l, 0, e,
		    "IF %s: it is written 'IF os=linux' or 'IF os=freebsd'",
		    word);
	for (;;) {
		size_t len = strcspn(p, "|");

		if (!(len == 5 && strncmp(p, "linux", len) == 0) &&
		    !(len == 7 && strncmp(p, "freebsd", len) == 0))
			return text_error(r->text, l, 0, e, "IF os=%.*s: "
			    "the systems are linux and freebsd", (int)len, p);
		if (strlen(r->t->os) == len && strncmp(p, r->t->os, len) == 0)
			*holds = true;
		if (p[len] == '\0')
			return 0;
		p += len + 1;
	}
}

static int
read_if(struct reader *r, const struct text_line *l, size_t offset,
    struct error *e)
{
	AUTO_FREE char *word = plain_word(r, l, &offset);
	bool holds, outer = is_active(r);

	if (condition(r, l, word, &holds, e) < 0)
		return -1;
	if (l->text[offset] != '\0' && l->text[offset] != '#')
		return holds && outer ? read_directive(r, l, offset, e) : 0;
	VEC_PUSH(&r->branches, (struct branch) { text_number(l),
	    holds && outer, outer, false });
	return 0;
}

static int
read_else(struct reader *r, const struct text_line *l, struct error *e)
{
	struct branch *b;

	if (r->branches.count == 0)
		return text_error(r->text, l, 0, e, "ELSE without IF");
	b = &r->branches.items[r->branches.count - 1];
	if (b->has_else)
		return text_error(r->text, l, 0, e,
		    "a second ELSE for the IF of line %u", b->line);
	b->has_else = true;
	b->active = b->outer && !b->active;
	return 0;
}

static int
read_endif(struct reader *r, const struct text_line *l, struct error *e)
{
	if (r->branches.count == 0)
		return text_error(r->text, l, 0, e, "ENDIF without IF");
	r->branches.count--;
	return 0;
}

/* --- steps --- */

/* [interval=30s] [timeout=5s] [retries=3] CMD text; none */
static int
read_healthcheck(struct reader *r, const struct text_line *l, size_t offset,
    struct template_step *s, struct error *e)
{
	for (;;) {
		size_t at = skip_blanks(l, offset);
		AUTO_FREE char *word = plain_word(r, l, &offset);

		if (strcasecmp(word, "CMD") == 0)
			return command_text(r, l, offset, &s->text, e);
		if (strcasecmp(word, "none") == 0 && s->words.count == 0 &&
		    l->text[offset] == '\0') {
			strings_add(&s->words, "none");
			return 0;
		}
		if (strchr(word, '=') == NULL)
			return text_error(r->text, l, at, e,
			    "HEALTHCHECK is written '%s'", s->directive->form);
		strings_add(&s->words, word);
	}
}

/* FILE -> KEYWORD ... */
static int
read_onchange(struct reader *r, const struct text_line *l, size_t offset,
    struct template_step *s, struct error *e)
{
	AUTO_FREE char *file = plain_word(r, l, &offset);
	size_t at = offset;
	AUTO_FREE char *arrow = plain_word(r, l, &offset);

	if (strcmp(arrow, "->") != 0 || l->text[offset] == '\0')
		return text_error(r->text, l, at, e, "ONCHANGE is written "
		    "'ONCHANGE FILE -> KEYWORD ...'");
	strings_add(&s->words, file);
	s->then = xcalloc(1, sizeof(*s->then));
	if (read_step(r, l, offset, s->then, e) < 0)
		return -1;
	if (s->then->directive->kind <= DIRECTIVE_WORKDIR ||
	    s->then->directive->kind == DIRECTIVE_ONCHANGE)
		return text_error(r->text, l, offset, e,
		    "%s cannot wait for a change; CMD, SERVICE and RESTART can",
		    s->then->keyword);
	return 0;
}

/* The keyword at offset, in capitals; moves *offset behind it. */
static char *
read_keyword(const struct text_line *l, size_t *offset)
{
	size_t start = skip_blanks(l, *offset);
	size_t len = strcspn(l->text + start, " \t;");
	char *keyword = xstrndup(l->text + start, len);

	for (char *p = keyword; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	*offset = start + len;
	return keyword;
}

static int
read_words(struct reader *r, const struct text_line *l, size_t offset,
    struct template_step *s, struct error *e)
{
	switch (s->directive->kind) {
	case DIRECTIVE_CMD:
		return command_text(r, l, offset, &s->text, e);
	case DIRECTIVE_HEALTHCHECK:
		return read_healthcheck(r, l, offset, s, e);
	case DIRECTIVE_ONCHANGE:
		return read_onchange(r, l, offset, s, e);
	default:
		if (words_split(r->text, l, offset, &r->vars, &s->words, e) < 0)
			return -1;
		return check_count(r, l, s->directive, s->keyword, &s->words,
		    e);
	}
}

static int
read_step(struct reader *r, const struct text_line *l, size_t offset,
    struct template_step *s, struct error *e)
{
	s->keyword = read_keyword(l, &offset);
	s->directive = directive_find(s->keyword, strlen(s->keyword));
	s->file = xstrdup(r->text->file);
	s->line = text_number(l);
	s->dir = xstrdup(r->dir);
	if (read_words(r, l, offset, s, e) < 0)
		return -1;
	if (s->directive->kind == DIRECTIVE_CMD && r->user != NULL)
		s->user = xstrdup(r->user);
	if (s->directive->kind == DIRECTIVE_CMD && r->workdir != NULL)
		s->workdir = xstrdup(r->workdir);
	if (s->directive->kind == DIRECTIVE_RENDER)
		vars_copy(&s->vars, &r->vars);
	return 0;
}

/* What is no step: done at once. */
static int
act(struct reader *r, const struct text_line *l, const struct template_step *s,
    struct error *e)
{
	switch (s->directive->kind) {
	case DIRECTIVE_ARG:
		return read_arg(r, l, s->keyword, &s->words, e);
	case DIRECTIVE_FROM:
		return read_from(r, l, s->words.items[0], e);
	case DIRECTIVE_INCLUDE:
		return read_include(r, l, &s->words, e);
	case DIRECTIVE_USER:
		replace(&r->user, s->words.items[0]);
		return 0;
	default:
		if (s->words.items[0][0] != '/')
			return text_error(r->text, l, 0, e, "WORKDIR %s: an "
			    "absolute path is needed", s->words.items[0]);
		replace(&r->workdir, s->words.items[0]);
		return 0;
	}
}

static int
read_directive(struct reader *r, const struct text_line *l, size_t offset,
    struct error *e)
{
	struct template_step s;

	memset(&s, 0, sizeof(s));
	if (read_step(r, l, offset, &s, e) < 0) {
		step_fini(&s);
		return -1;
	}
	if (s.directive->kind <= DIRECTIVE_WORKDIR) {
		int result = act(r, l, &s, e);

		step_fini(&s);
		return result;
	}
	VEC_PUSH(&r->plan->steps, s);
	if (r->plan->steps.count > STEPS_MAX)
		return text_error(r->text, l, 0, e,
		    "more than %d steps in one template", STEPS_MAX);
	return 0;
}

static int
read_line(struct reader *r, const struct text_line *l, struct error *e)
{
	size_t offset = 0;
	AUTO_FREE char *keyword = read_keyword(l, &offset);

	switch (directive_find(keyword, strlen(keyword))->kind) {
	case DIRECTIVE_IF:
		return read_if(r, l, offset, e);
	case DIRECTIVE_ELSE:
		return read_else(r, l, e);
	case DIRECTIVE_ENDIF:
		return read_endif(r, l, e);
	default:
		return is_active(r) ? read_directive(r, l, 0, e) : 0;
	}
}

static int
read_lines(struct reader *r, struct error *e)
{
	const struct branch *open;

	for (size_t i = 0; i < r->text->lines.count; i++)
		if (read_line(r, &r->text->lines.items[i], e) < 0)
			return -1;
	for (size_t i = 0; i < r->args->count; i++)
		if (strings_index(&r->taken, r->args->items[i].name) < 0)
			strings_take(&r->plan->notes, xasprintf("%s: there is "
			    "no ARG %s that takes the value given",
			    r->text->file, r->args->items[i].name));
	if (r->branches.count == 0)
		return 0;
	open = &r->branches.items[r->branches.count - 1];
	return error_set(e, ERROR_DATA, "%s:%u: this IF has no ENDIF",
	    r->text->file, open->line);
}

static int
check_loop(const struct reader *outer, const char *file, struct error *e)
{
	for (const struct reader *r = outer; r != NULL; r = r->outer)
		if (strcmp(r->text->file, file) == 0)
			return error_set(e, ERROR_DATA,
			    "%s includes itself", file);
	if (outer != NULL && outer->depth + 1 >= DEPTH_MAX)
		return error_set(e, ERROR_DATA,
		    "more than %d templates within each other", DEPTH_MAX);
	return 0;
}

static int
read_data(struct reader *outer, const struct template_target *t,
    const char *file, const char *dir, const char *data, size_t len,
    const struct vars *args, struct template_plan *plan, struct error *e)
{
	AUTO_TEXT struct text text = TEXT_INIT;
	struct reader r = { .t = t, .plan = plan, .outer = outer,
		.depth = outer != NULL ? outer->depth + 1 : 0, .dir = dir,
		.text = &text, .args = args };
	int result;

	vars_copy(&r.vars, t->builtin);
	result = check_loop(outer, file, e);
	if (result == 0)
		result = text_init(&text, file, data, len, e);
	if (result == 0)
		result = read_lines(&r, e);
	vars_fini(&r.vars);
	strings_fini(&r.taken);
	free(r.user);
	free(r.workdir);
	VEC_FINI(&r.branches);
	return result;
}

static int
read_template(struct reader *outer, const struct template_target *t,
    const char *name, const struct vars *args, struct template_plan *plan,
    struct error *e)
{
	AUTO_TEMPLATE_TEXT struct template_text x = TEMPLATE_TEXT_INIT;

	if (t->read(t->arg, name, &x, e) < 0)
		return -1;
	for (size_t i = 0; i < x.notes.count; i++)
		strings_add(&plan->notes, x.notes.items[i]);
	return read_data(outer, t, x.file, x.dir, buf_text(&x.text),
	    x.text.len, args, plan, e);
}

void
template_text_fini(struct template_text *t)
{
	free(t->file);
	free(t->dir);
	buf_fini(&t->text);
	strings_fini(&t->notes);
	t->file = t->dir = NULL;
}

int
template_plan(const struct template_target *t, const char *name,
    struct template_plan *plan, struct error *e)
{
	return read_template(NULL, t, name, t->args, plan, e);
}

int
template_plan_text(const struct template_target *t, const char *file,
    const char *dir, const char *data, size_t len, struct template_plan *plan,
    struct error *e)
{
	return read_data(NULL, t, file, dir, data, len, t->args, plan, e);
}

void
template_step_tell(const struct template_step *s, struct buf *line)
{
	buf_puts(line, s->keyword);
	for (size_t i = 0; i < s->words.count; i++)
		buf_printf(line, " %s", s->words.items[i]);
	if (s->directive->kind == DIRECTIVE_HEALTHCHECK && s->text != NULL)
		buf_puts(line, " CMD");
	if (s->text != NULL)
		buf_printf(line, " %s", s->text);
	if (s->then != NULL) {
		buf_puts(line, " -> ");
		template_step_tell(s->then, line);
	}
}
