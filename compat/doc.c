/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "compat/compat.h"

static const char *
state_text(enum compat_state state)
{
	static const char *const texts[] = {
		[COMPAT_SAME] = "the same",
		[COMPAT_DIFFERS] = "differs",
		[COMPAT_CANNOT] = "refused (69)",
	};

	return texts[state];
}

void
compat_doc(const struct compat_tool *tool, struct buf *out)
{
	buf_puts(out, "| sub-command | state | what differs | test |\n"
	    "|---|---|---|---|\n");
	for (const struct compat_cmd *const *c = tool->commands; *c != NULL;
	    c++) {
		buf_printf(out, "| `%s %s`", tool->name, (*c)->name);
		if ((*c)->aliases != NULL)
			buf_printf(out, " (`%s`)", (*c)->aliases);
		buf_printf(out, " | %s | %s | `%s` |\n",
		    state_text((*c)->state),
		    (*c)->note != NULL ? (*c)->note : "nothing",
		    (*c)->test);
	}
}

void
compat_doc_all(struct buf *out)
{
	for (const struct compat_tool *const *t = compat_tools; *t != NULL;
	    t++) {
		buf_printf(out, "### %s %s\n\n", (*t)->name, (*t)->version);
		compat_doc(*t, out);
		buf_putc(out, '\n');
	}
}
