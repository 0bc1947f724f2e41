/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>

#include "base/auto.h"
#include "cmd/check.h"
#include "core/live.h"
#include "core/release.h"

enum { COLUMN_LEVEL, COLUMN_SUBJECT, COLUMN_TEXT, COLUMN_REPAIRED, COLUMNS };

static const struct view_column columns[COLUMNS] = {
	[COLUMN_LEVEL] = { "level", "LEVEL", VIEW_TEXT },
	[COLUMN_SUBJECT] = { "subject", "SUBJECT", VIEW_TEXT },
	[COLUMN_TEXT] = { "text", "TEXT", VIEW_TEXT },
	[COLUMN_REPAIRED] = { "repaired", "REPAIRED", VIEW_BOOL },
};

static const char *const levels[] = {
	[FINDING_OK] = "ok",
	[FINDING_NOTE] = "note",
	[FINDING_WARNING] = "warning",
	[FINDING_BAD] = "bad",
};

static const struct cmd_option options[] = {
	{ '\0', "repair", NULL, "remove what is left over" },
	{ 0 },
};

typedef int check_fn(struct check *c, struct error *e);

static int
check_engine(struct check *c, struct error *e)
{
	AUTO_STRINGS struct strings running = VEC_INIT;
	struct live_rows rows = VEC_INIT;
	int result = live_all(c->host, &rows, e);

	for (size_t i = 0; i < rows.count; i++)
		strings_add(&running, rows.items[i].name);
	if (result == 0 && engine_native->probe != NULL)
		result = engine_native->probe(c->host->scope, &running,
		    c->repair, &c->findings, e);
	live_rows_fini(&rows);
	return result;
}

static int
check_network(struct check *c, struct error *e)
{
	AUTO_STRINGS struct strings lines = VEC_INIT;
	struct engine_iface usual = { .kind = IFACE_NETWORK };
	const struct engine_spec spec = { .ifaces = &usual, .iface_count = 1 };

	if (net_native != NULL && net_native->able != NULL &&
	    net_native->able(&spec, e) < 0) {
		check_add(c, FINDING_NOTE, "packet filter", "%s", e->msg);
		error_clear(e);
		return 0;
	}
	if (net_native == NULL || net_native->hindrances == NULL)
		return 0;
	if (net_native->hindrances(c->host->scope, &lines, e) < 0)
		return -1;
	for (size_t i = 0; i < lines.count; i++)
		check_add(c, FINDING_NOTE, "packet filter", "%s",
		    lines.items[i]);
	return 0;
}

/* The engine last: a record put right above is a leftover less for it. */
static check_fn *const checks[] = {
	check_root, check_cells, check_leftovers, check_records, check_mounts,
	check_subids, check_others, check_network, check_engine,
};

/* Whether all is well but for notes. */
static bool
report(const struct check *c, struct view *v)
{
	bool well = true;

	for (size_t i = 0; i < c->findings.count; i++) {
		const struct finding *f = &c->findings.items[i];

		view_row(v);
		view_text(v, COLUMN_LEVEL, levels[f->level]);
		view_text(v, COLUMN_SUBJECT, f->subject);
		view_text(v, COLUMN_TEXT, f->text);
		view_bool(v, COLUMN_REPAIRED, f->repaired);
		if (f->repaired)
			view_shown(v, COLUMN_LEVEL, "repaired");
		else if (f->level >= FINDING_WARNING)
			well = false;
	}
	return well;
}

static void
check_fini(struct check *c)
{
	for (size_t i = 0; i < c->findings.count; i++) {
		free(c->findings.items[i].subject);
		free(c->findings.items[i].text);
	}
	VEC_FINI(&c->findings);
	strings_fini(&c->names);
}

static int
doctor(struct cmd_args *a, struct error *e)
{
	AUTO_VIEW struct view *v = view_new(columns, COLUMNS);
	/* what is wrong is the plan of what --repair mends */
	struct check c = { a->host, args_has(a, "repair") && !a->host->plan,
	    VEC_INIT, VEC_INIT };
	int result = cell_names(a->host, &c.names, e);

	/* a check that cannot be made is itself a finding */
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		struct error why = ERROR_INIT;

		if (checks[i](&c, &why) < 0)
			check_add(&c, FINDING_BAD, "check", "%s", why.msg);
	}
	a->status = report(&c, v) ? 0 : 1;
	if (result == 0 && a->format != VIEW_JSON)
		result = view_select(v, "level,subject,text", e);
	if (result == 0)
		result = cmd_print(a, v, e);
	check_fini(&c);
	return result;
}

const struct cmd cmd_doctor = {
	.name = "doctor",
	.group = "host",
	.summary = "check the host and what gaol has on it",
	.operands = "",
	.options = options,
	.flags = CMD_VIEW | CMD_PLAN,
	.exec = doctor,
};
