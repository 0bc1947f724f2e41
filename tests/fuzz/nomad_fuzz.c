/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * What an agent sends to gaol-nomad.  The first byte says as what the rest is
 * read: a message, which written and read again must be the same bytes; or a
 * configuration, whose refusal must be told in clean text.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "core/prop.h"
#include "nomad/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool good)
{
	if (!good)
		abort();
}

static void
fuzz_message(const struct pb_message *m, const uint8_t *data, size_t size)
{
	AUTO_BUF struct buf first = BUF_INIT;
	AUTO_BUF struct buf second = BUF_INIT;
	struct error e = ERROR_INIT;
	void *value = pb_read(m, data, size, &e), *again;

	if (value == NULL) {
		require(e.kind == ERROR_DATA && e.msg[0] != '\0');
		return;
	}
	pb_write(m, value, &first);
	again = pb_read(m, first.data, first.len, &e);
	require(again != NULL);
	pb_write(m, again, &second);
	require(first.len == second.len && (first.len == 0 ||
	    memcmp(first.data, second.data, first.len) == 0));
	pb_free(m, value);
	pb_free(m, again);
}

static void
fuzz_config(const uint8_t *data, size_t size)
{
	struct plugin_config all, none = { .enabled = true };
	struct task_fields t;
	struct error e = ERROR_INIT, ignored = ERROR_INIT;

	if (config_plugin_read(&all, data, size, &e) < 0)
		require(e.msg[0] != '\0');
	config_plugin_fini(&all);
	memset(&t, 0, sizeof(t));
	error_clear(&e);
	if (config_task_read(&t, data, size, &none, &e) < 0) {
		AUTO_FREE char *text = xstrdup(e.msg);

		pb_clean(text, strlen(text));
		require(*text != '\0');
	} else {
		require((t.image != NULL) + (t.jail != NULL) +
		    (t.release != NULL) == 1);
		require(t.jail == NULL ||
		    name_check_cell(t.jail, &ignored) == 0);
	}
	config_task_fini(&t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct pb_message *const messages[] = {
		&pb_task_config, &pb_task_handle, &pb_start_request,
		&pb_recover_request, &pb_set_config, &pb_exec_input,
		&pb_stop_request, &pb_spec, &pb_fingerprint, &pb_stats_response,
		&pb_inspect_response, &pb_rpc_status,
	};
	enum { COUNT = sizeof(messages) / sizeof(messages[0]) };

	if (size == 0)
		return 0;
	if (data[0] < COUNT)
		fuzz_message(messages[data[0]], data + 1, size - 1);
	else
		fuzz_config(data + 1, size - 1);
	return 0;
}
