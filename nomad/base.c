/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* What every plugin serves, and the table of all methods. */
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "core/live.h"
#include "nomad/plugin.h"

enum {
	TYPE_DRIVER = 2, SERVING = 1,
	ISOLATION_IMAGE = 2, NETWORK_HOST = 0, NETWORK_GROUP = 1,
};

void
plugin_open_host(struct plugin *p)
{
	struct error e = ERROR_INIT;

	free(p->trouble);
	p->trouble = NULL;
	/* the same directory is opened once: it may have been replaced */
	if (p->host_is_open && access(p->host.root, W_OK) == 0 &&
	    file_exists(p->host.run_fd, "live"))
		return;
	if (p->host_is_open)
		host_fini(&p->host);
	p->host_is_open = false;
	if (geteuid() != 0 && engine_native->system != SYSTEM_FAKE)
		error_set(&e, ERROR_DENIED, "gaol-nomad needs root");
	else if (host_open(&p->host, p->config.root, &e) == 0)
		p->host_is_open = true;
	else
		host_fini(&p->host);
	if (!p->host_is_open)
		p->trouble = xstrdup(e.msg);
}

static void
plugin_info(struct grpc_call *call, const void *data, size_t len)
{
	static char api[] = NOMAD_API, version[] = "v" GAOL_VERSION,
	    name[] = NOMAD_NAME;
	static char *apis[] = { api };
	const struct msg_plugin_info info = { TYPE_DRIVER, { apis, 1 },
		version, name };

	grpc_reply(call, &pb_plugin_info, &info);
}

static void
config_schema(struct grpc_call *call, const void *data, size_t len)
{
	struct msg_schema_response *r = config_plugin_schema();

	grpc_reply(call, &pb_schema_response, r);
	pb_free(&pb_schema_response, r);
}

static bool
same_root(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void
set_config(struct grpc_call *call, const void *data, size_t len)
{
	struct plugin *p = call->user;
	struct msg_set_config *r = plugin_request(call, &pb_set_config, data,
	    len);
	struct plugin_config c;
	struct error e = ERROR_INIT;

	if (r == NULL)
		return;
	if (config_plugin_read(&c, r->config.data, r->config.len, &e) < 0) {
		grpc_fail(call, &e, false);
		config_plugin_fini(&c);
	} else {
		if (!same_root(c.root, p->config.root) && p->host_is_open) {
			host_fini(&p->host);
			p->host_is_open = false;
		}
		config_plugin_fini(&p->config);
		p->config = c;
		grpc_done(call);
	}
	pb_free(&pb_set_config, r);
}

static void
task_schema(struct grpc_call *call, const void *data, size_t len)
{
	struct msg_schema_response *r = config_task_schema();

	grpc_reply(call, &pb_schema_response, r);
	pb_free(&pb_schema_response, r);
}

static void
capabilities(struct grpc_call *call, const void *data, size_t len)
{
	static int64_t modes[] = { NETWORK_HOST, NETWORK_GROUP };
	/* only Linux has namespaces that others make for a group */
	struct msg_capabilities c = { .send_signals = 1, .exec = 1,
		.fs_isolation = ISOLATION_IMAGE, .network_modes = { modes,
		(engine_native->system & SYSTEM_FREEBSD) != 0 ? 1 : 2 } };
	const struct msg_capabilities_response r = { &c };

	grpc_reply(call, &pb_capabilities_response, &r);
}

static void
health(struct grpc_call *call, const void *data, size_t len)
{
	const struct msg_health_response r = { SERVING };

	grpc_reply(call, &pb_health_response, &r);
}

static void
health_watch(struct grpc_call *call, const void *data, size_t len)
{
	const struct msg_health_response r = { SERVING };

	grpc_send(call, &pb_health_response, &r);
}

/* Nothing is ever said by these: they last as long as their client. */
static void
stay_open(struct grpc_call *call)
{
}

static void
stay_silent(struct grpc_call *call, const void *data, size_t len)
{
}

static void
end_stream(struct grpc_call *call)
{
	grpc_finish(call, GRPC_OK, NULL, NULL);
}

static void
stop_when_flushed(struct loop *loop, void *arg)
{
	loop_stop(loop);
}

/* The agent waits for two seconds; tasks go on. */
static void
shut_down(struct grpc_call *call, const void *data, size_t len)
{
	struct plugin *p = call->user;

	grpc_done(call);
	if (!p->closing)
		loop_timer(p->loop, 20, stop_when_flushed, p);
	p->closing = true;
}

#define DRIVER "/hashicorp.nomad.plugins.drivers.proto.Driver/"
#define BASE "/hashicorp.nomad.plugins.base.proto.BasePlugin/"

/* clang-format off */
const struct grpc_method plugin_methods[] = {
	{ "/plugin.GRPCStdio/StreamStdio", stay_open, stay_silent, NULL, false },
	{ "/plugin.GRPCBroker/StartStream", stay_open, stay_silent, end_stream, true },
	{ "/plugin.GRPCController/Shutdown", NULL, shut_down, NULL, false },
	{ "/grpc.health.v1.Health/Check", NULL, health, NULL, false },
	{ "/grpc.health.v1.Health/Watch", NULL, health_watch, NULL, false },
	{ BASE "PluginInfo", NULL, plugin_info, NULL, false },
	{ BASE "ConfigSchema", NULL, config_schema, NULL, false },
	{ BASE "SetConfig", NULL, set_config, NULL, false },
	{ DRIVER "TaskConfigSchema", NULL, task_schema, NULL, false },
	{ DRIVER "Capabilities", NULL, capabilities, NULL, false },
	{ DRIVER "Fingerprint", NULL, driver_fingerprint, NULL, false },
	{ DRIVER "StartTask", NULL, driver_start, NULL, false },
	{ DRIVER "RecoverTask", NULL, driver_recover, NULL, false },
	{ DRIVER "WaitTask", NULL, driver_wait, NULL, false },
	{ DRIVER "StopTask", NULL, driver_stop, NULL, false },
	{ DRIVER "DestroyTask", NULL, driver_destroy, NULL, false },
	{ DRIVER "InspectTask", NULL, driver_inspect, NULL, false },
	{ DRIVER "TaskStats", NULL, driver_stats, NULL, false },
	{ DRIVER "TaskEvents", NULL, driver_events, NULL, false },
	{ DRIVER "SignalTask", NULL, driver_signal, NULL, false },
	{ DRIVER "ExecTask", NULL, driver_exec, NULL, false },
	{ DRIVER "ExecTaskStreaming", NULL, driver_exec_stream, driver_exec_end, true },
	{ NULL, NULL, NULL, NULL, false },
};
/* clang-format on */
