/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * Bastillefiles.  What is refused is told with the file; what is read has steps
 * that keep what directive.c says of them, and is read alike again.  Whatever
 * stands in it, nothing is executed and no file of the host is opened.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "template/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool good)
{
	if (!good)
		abort();
}

static int
read_named(void *arg, const char *name, struct template_text *t,
    struct error *e)
{
	if (strcmp(name, "x/inner") != 0)
		return error_set(e, ERROR_NOT_FOUND, "no template");
	t->file = xstrdup("x/inner");
	t->dir = xstrdup("/nonexistent");
	buf_puts(&t->text, "ARG WHO=nobody\nCMD echo ${WHO} ${OUTER}\n");
	return 0;
}

static char *
ask(void *arg, const char *name)
{
	return strcmp(name, "ASKED") == 0 ? xstrdup("an answer") : NULL;
}

static int
plan(const char *data, size_t len, const char *os, struct template_plan *out,
    struct error *e)
{
	static const struct vars none = VEC_INIT;
	AUTO_VARS struct vars builtin = VEC_INIT;
	struct template_target t = { os, &builtin, &none, read_named, ask,
		NULL };

	vars_set(&builtin, "JAIL_NAME", "web");
	vars_set(&builtin, "JAIL_IP", "10.0.0.2");
	vars_set(&builtin, "JAIL_IP6", "");
	return template_plan_text(&t, "f", "/nonexistent", data, len, out, e);
}

static void
check_step(const struct template_step *s)
{
	const struct directive *d = s->directive;

	require(d->kind >= DIRECTIVE_CMD && s->keyword != NULL &&
	    s->line > 0 && s->dir != NULL);
	if (d->kind == DIRECTIVE_CMD)
		require(s->text != NULL && s->text[0] != '\0' &&
		    s->words.count == 0);
	else if (d->kind != DIRECTIVE_ONCHANGE &&
	    d->kind != DIRECTIVE_HEALTHCHECK)
		require(s->words.count >= d->min && s->words.count <= d->max);
	require((d->kind == DIRECTIVE_ONCHANGE) == (s->then != NULL));
	if (s->then != NULL)
		check_step(s->then);
}

static void
tell_all(const struct template_plan *p, struct buf *out)
{
	for (size_t i = 0; i < p->steps.count; i++) {
		check_step(&p->steps.items[i]);
		template_step_tell(&p->steps.items[i], out);
		buf_putc(out, '\n');
	}
}

static void
fuzz(const char *data, size_t size, const char *os)
{
	AUTO_TEMPLATE_PLAN struct template_plan a = TEMPLATE_PLAN_INIT;
	AUTO_TEMPLATE_PLAN struct template_plan b = TEMPLATE_PLAN_INIT;
	AUTO_BUF struct buf first = BUF_INIT, second = BUF_INIT;
	struct error e = ERROR_INIT;

	if (plan(data, size, os, &a, &e) < 0) {
		require(e.kind == ERROR_DATA || e.kind == ERROR_USAGE ||
		    e.kind == ERROR_NOT_FOUND);
		require(e.msg[0] == 'f');
		require(plan(data, size, os, &b, &e) < 0);
		return;
	}
	require(plan(data, size, os, &b, &e) == 0);
	tell_all(&a, &first);
	tell_all(&b, &second);
	require(strcmp(buf_text(&first), buf_text(&second)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *copy = xrealloc(NULL, size + 1);

	memcpy(copy, data, size);
	fuzz(copy, size, "linux");
	fuzz(copy, size, "freebsd");
	return 0;
}
