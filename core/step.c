/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "base/auto.h"
#include "base/log.h"
#include "core/step.h"

unsigned steps_fail_at;

static void
tell(const struct host *h, const struct step *s, void *arg)
{
	AUTO_BUF struct buf text = BUF_INIT;

	if (s->tell == NULL)
		buf_puts(&text, s->name);
	else
		s->tell(arg, &text);
	if (text.len > 0)
		host_say(h, "would %s", buf_text(&text));
}

static int
make(const struct step *s, void *arg, struct error *e)
{
	if (steps_fail_at > 0 && --steps_fail_at == 0)
		return error_set(e, ERROR_FAILED, "%s: failure asked for by "
		    "the test", s->name);
	return s->make(arg, e);
}

int
steps_run(const struct host *h, const struct step *steps, size_t count,
    void *arg, struct error *e)
{
	for (size_t i = 0; i < count; i++) {
		if (h->plan) {
			tell(h, &steps[i], arg);
			continue;
		}
		log_debug("step: %s", steps[i].name);
		if (make(&steps[i], arg, e) == 0)
			continue;
		/* the failed step's undo runs too: it may be half done */
		for (size_t back = i + 1; back-- > 0;) {
			struct error second = ERROR_INIT;

			if (steps[back].undo == NULL)
				continue;
			log_debug("undo: %s", steps[back].name);
			if (steps[back].undo(arg, &second) < 0)
				log_debug("undo %s: %s", steps[back].name,
				    second.msg);
		}
		return -1;
	}
	return 0;
}
