/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <poll.h>
#include <signal.h>
#include <stddef.h>

#include "base/file.h"
#include "image/stop.h"

/* Nothing but this number is touched by the handler. */
static volatile sig_atomic_t caught;

static void
on_signal(int signo)
{
	caught = signo;
}

void
stop_init(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	/* No SA_RESTART: a blocked call must return to see the signal. */
	struct sigaction sa = { .sa_handler = on_signal };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], &sa, NULL);
	/* a file that grows too large is an error of write(2) */
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGXFSZ, &ignore, NULL);
}

int
stop_signal(void)
{
	return caught;
}

int
stop_check(struct error *e)
{
	if (caught != 0)
		return error_set(e, ERROR_FAILED, "interrupted");
	return 0;
}

int
stop_sleep(unsigned ms, struct error *e)
{
	uint64_t end = clock_ms() + ms, now;

	/* Short naps, as a signal may come just before poll(2) blocks. */
	while (caught == 0 && (now = clock_ms()) < end)
		poll(NULL, 0, end - now < 100 ? (int)(end - now) : 100);
	return stop_check(e);
}
