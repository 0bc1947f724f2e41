/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "nomad/message.h"

/* clang-format off */
#define ONE(m, number, type, name) \
	{ number, type, PB_ONE, offsetof(struct msg_##m, name), NULL }
#define LIST(m, number, type, name) \
	{ number, type, PB_LIST, offsetof(struct msg_##m, name), NULL }
#define MESSAGE(m, number, name, of) \
	{ number, PB_MESSAGE, PB_ONE, offsetof(struct msg_##m, name), &pb_##of }
#define MESSAGES(m, number, name, of) \
	{ number, PB_MESSAGE, PB_LIST, offsetof(struct msg_##m, name), &pb_##of }
#define TABLE(m) \
	const struct pb_message pb_##m = { #m, sizeof(struct msg_##m), \
	    fields_##m, sizeof(fields_##m) / sizeof(fields_##m[0]) }

const struct pb_message pb_empty = { "empty", 1, NULL, 0 };

static const struct pb_field fields_health_request[] = {
	ONE(health_request, 1, PB_STRING, service),
};
TABLE(health_request);

static const struct pb_field fields_health_response[] = {
	ONE(health_response, 1, PB_INT, status),
};
TABLE(health_response);

static const struct pb_field fields_plugin_info[] = {
	ONE(plugin_info, 1, PB_INT, type),
	LIST(plugin_info, 2, PB_STRING, api),
	ONE(plugin_info, 3, PB_STRING, version),
	ONE(plugin_info, 4, PB_STRING, name),
};
TABLE(plugin_info);

static const struct pb_field fields_spec_attr[] = {
	ONE(spec_attr, 1, PB_STRING, name),
	ONE(spec_attr, 2, PB_STRING, type),
	ONE(spec_attr, 3, PB_INT, required),
};
TABLE(spec_attr);

static const struct pb_field fields_spec_literal[] = {
	ONE(spec_literal, 1, PB_STRING, value),
};
TABLE(spec_literal);

static const struct pb_field fields_spec_default[] = {
	MESSAGE(spec_default, 1, primary, spec),
	MESSAGE(spec_default, 2, fallback, spec),
};
TABLE(spec_default);

static const struct pb_field fields_spec_block[] = {
	ONE(spec_block, 1, PB_STRING, name),
	ONE(spec_block, 2, PB_INT, required),
	MESSAGE(spec_block, 3, nested, spec),
};
TABLE(spec_block);

static const struct pb_field fields_spec_block_attrs[] = {
	ONE(spec_block_attrs, 1, PB_STRING, name),
	ONE(spec_block_attrs, 2, PB_STRING, type),
	ONE(spec_block_attrs, 3, PB_INT, required),
};
TABLE(spec_block_attrs);

static const struct pb_field fields_spec_block_list[] = {
	ONE(spec_block_list, 1, PB_STRING, name),
	ONE(spec_block_list, 2, PB_INT, min),
	ONE(spec_block_list, 3, PB_INT, max),
	MESSAGE(spec_block_list, 4, nested, spec),
};
TABLE(spec_block_list);

static const struct pb_field fields_spec_object[] = {
	MESSAGES(spec_object, 1, attributes, spec_entry),
};
TABLE(spec_object);

static const struct pb_field fields_spec_entry[] = {
	ONE(spec_entry, 1, PB_STRING, key),
	MESSAGE(spec_entry, 2, value, spec),
};
TABLE(spec_entry);

static const struct pb_field fields_spec[] = {
	MESSAGE(spec, 1, object, spec_object),
	MESSAGE(spec, 3, attr, spec_attr),
	MESSAGE(spec, 4, block, spec_block),
	MESSAGE(spec, 5, block_attrs, spec_block_attrs),
	MESSAGE(spec, 6, block_list, spec_block_list),
	MESSAGE(spec, 9, fallback, spec_default),
	MESSAGE(spec, 10, literal, spec_literal),
};
TABLE(spec);

static const struct pb_field fields_schema_response[] = {
	MESSAGE(schema_response, 1, spec, spec),
};
TABLE(schema_response);

static const struct pb_field fields_set_config[] = {
	ONE(set_config, 1, PB_BYTES, config),
	ONE(set_config, 3, PB_STRING, api),
};
TABLE(set_config);

static const struct pb_field fields_capabilities[] = {
	ONE(capabilities, 1, PB_INT, send_signals),
	ONE(capabilities, 2, PB_INT, exec),
	ONE(capabilities, 3, PB_INT, fs_isolation),
	LIST(capabilities, 4, PB_INT, network_modes),
	ONE(capabilities, 5, PB_INT, must_create_network),
	ONE(capabilities, 6, PB_INT, mount_configs),
};
TABLE(capabilities);

static const struct pb_field fields_capabilities_response[] = {
	MESSAGE(capabilities_response, 1, capabilities, capabilities),
};
TABLE(capabilities_response);

static const struct pb_field fields_attribute[] = {
	ONE(attribute, 1, PB_DOUBLE, real),
	ONE(attribute, 2, PB_INT, integer),
	ONE(attribute, 3, PB_STRING, text),
	ONE(attribute, 4, PB_INT, yes),
	ONE(attribute, 5, PB_STRING, unit),
};
TABLE(attribute);

static const struct pb_field fields_attribute_entry[] = {
	ONE(attribute_entry, 1, PB_STRING, key),
	MESSAGE(attribute_entry, 2, value, attribute),
};
TABLE(attribute_entry);

static const struct pb_field fields_fingerprint[] = {
	MESSAGES(fingerprint, 1, attributes, attribute_entry),
	ONE(fingerprint, 2, PB_INT, health),
	ONE(fingerprint, 3, PB_STRING, description),
	ONE(fingerprint, 4, PB_STRING, error),
};
TABLE(fingerprint);

static const struct pb_field fields_string_entry[] = {
	ONE(string_entry, 1, PB_STRING, key),
	ONE(string_entry, 2, PB_STRING, value),
};
TABLE(string_entry);

static const struct pb_field fields_number_entry[] = {
	ONE(number_entry, 1, PB_STRING, key),
	ONE(number_entry, 2, PB_INT, value),
};
TABLE(number_entry);

static const struct pb_field fields_duration[] = {
	ONE(duration, 1, PB_INT, seconds),
	ONE(duration, 2, PB_INT, nanos),
};
TABLE(duration);

static const struct pb_field fields_timestamp[] = {
	ONE(timestamp, 1, PB_INT, seconds),
	ONE(timestamp, 2, PB_INT, nanos),
};
TABLE(timestamp);

static const struct pb_field fields_port[] = {
	ONE(port, 1, PB_STRING, label),
	ONE(port, 2, PB_INT, value),
};
TABLE(port);

static const struct pb_field fields_network[] = {
	ONE(network, 1, PB_STRING, device),
	ONE(network, 2, PB_STRING, cidr),
	ONE(network, 3, PB_STRING, ip),
	ONE(network, 4, PB_INT, mbits),
	MESSAGES(network, 5, reserved, port),
	MESSAGES(network, 6, dynamic, port),
};
TABLE(network);

static const struct pb_field fields_alloc_cpu[] = {
	ONE(alloc_cpu, 1, PB_INT, shares),
};
TABLE(alloc_cpu);

static const struct pb_field fields_alloc_memory[] = {
	ONE(alloc_memory, 1, PB_INT, memory_mb),
	ONE(alloc_memory, 2, PB_INT, memory_max_mb),
};
TABLE(alloc_memory);

static const struct pb_field fields_alloc_resources[] = {
	MESSAGE(alloc_resources, 1, cpu, alloc_cpu),
	MESSAGE(alloc_resources, 2, memory, alloc_memory),
	MESSAGES(alloc_resources, 5, networks, network),
};
TABLE(alloc_resources);

static const struct pb_field fields_linux_resources[] = {
	ONE(linux_resources, 1, PB_INT, cpu_period),
	ONE(linux_resources, 2, PB_INT, cpu_quota),
	ONE(linux_resources, 3, PB_INT, cpu_shares),
	ONE(linux_resources, 4, PB_INT, memory_limit),
	ONE(linux_resources, 5, PB_INT, oom_score),
	ONE(linux_resources, 6, PB_STRING, cpuset_cpus),
	ONE(linux_resources, 8, PB_DOUBLE, percent),
	ONE(linux_resources, 9, PB_STRING, cpuset_cgroup),
};
TABLE(linux_resources);

static const struct pb_field fields_port_mapping[] = {
	ONE(port_mapping, 1, PB_STRING, label),
	ONE(port_mapping, 2, PB_INT, value),
	ONE(port_mapping, 3, PB_INT, to),
	ONE(port_mapping, 4, PB_STRING, host_ip),
};
TABLE(port_mapping);

static const struct pb_field fields_resources[] = {
	MESSAGE(resources, 1, allocated, alloc_resources),
	MESSAGE(resources, 2, system, linux_resources),
	MESSAGES(resources, 3, ports, port_mapping),
};
TABLE(resources);

static const struct pb_field fields_task_mount[] = {
	ONE(task_mount, 1, PB_STRING, task_path),
	ONE(task_mount, 2, PB_STRING, host_path),
	ONE(task_mount, 3, PB_INT, readonly),
	ONE(task_mount, 4, PB_STRING, propagation),
};
TABLE(task_mount);

static const struct pb_field fields_task_device[] = {
	ONE(task_device, 1, PB_STRING, task_path),
	ONE(task_device, 2, PB_STRING, host_path),
	ONE(task_device, 3, PB_STRING, permissions),
};
TABLE(task_device);

static const struct pb_field fields_hosts_config[] = {
	ONE(hosts_config, 1, PB_STRING, hostname),
	ONE(hosts_config, 2, PB_STRING, address),
};
TABLE(hosts_config);

static const struct pb_field fields_isolation[] = {
	ONE(isolation, 1, PB_INT, mode),
	ONE(isolation, 2, PB_STRING, path),
	MESSAGES(isolation, 3, labels, string_entry),
	MESSAGE(isolation, 4, hosts, hosts_config),
};
TABLE(isolation);

static const struct pb_field fields_dns_config[] = {
	LIST(dns_config, 1, PB_STRING, servers),
	LIST(dns_config, 2, PB_STRING, searches),
	LIST(dns_config, 3, PB_STRING, options),
};
TABLE(dns_config);

static const struct pb_field fields_task_config[] = {
	ONE(task_config, 1, PB_STRING, id),
	ONE(task_config, 2, PB_STRING, name),
	ONE(task_config, 3, PB_BYTES, driver_config),
	MESSAGES(task_config, 4, env, string_entry),
	MESSAGES(task_config, 5, device_env, string_entry),
	MESSAGE(task_config, 6, resources, resources),
	MESSAGES(task_config, 7, mounts, task_mount),
	MESSAGES(task_config, 8, devices, task_device),
	ONE(task_config, 9, PB_STRING, user),
	ONE(task_config, 10, PB_STRING, alloc_dir),
	ONE(task_config, 11, PB_STRING, stdout_path),
	ONE(task_config, 12, PB_STRING, stderr_path),
	ONE(task_config, 13, PB_STRING, task_group),
	ONE(task_config, 14, PB_STRING, job_name),
	ONE(task_config, 15, PB_STRING, alloc_id),
	MESSAGE(task_config, 16, isolation, isolation),
	MESSAGE(task_config, 17, dns, dns_config),
	ONE(task_config, 18, PB_STRING, job_id),
	ONE(task_config, 19, PB_STRING, namespace),
	ONE(task_config, 20, PB_STRING, node_name),
	ONE(task_config, 21, PB_STRING, node_id),
};
TABLE(task_config);

static const struct pb_field fields_task_handle[] = {
	ONE(task_handle, 1, PB_INT, version),
	ONE(task_handle, 2, PB_BYTES, config),
	ONE(task_handle, 3, PB_INT, state),
	ONE(task_handle, 4, PB_BYTES, driver_state),
};
TABLE(task_handle);

static const struct pb_field fields_network_override[] = {
	MESSAGES(network_override, 1, port_map, number_entry),
	ONE(network_override, 2, PB_STRING, address),
	ONE(network_override, 3, PB_INT, auto_advertise),
};
TABLE(network_override);

static const struct pb_field fields_start_request[] = {
	ONE(start_request, 1, PB_BYTES, config),
};
TABLE(start_request);

static const struct pb_field fields_start_response[] = {
	ONE(start_response, 1, PB_INT, result),
	ONE(start_response, 2, PB_STRING, error),
	MESSAGE(start_response, 3, handle, task_handle),
	MESSAGE(start_response, 4, network, network_override),
};
TABLE(start_response);

static const struct pb_field fields_recover_request[] = {
	ONE(recover_request, 1, PB_STRING, task_id),
	MESSAGE(recover_request, 2, handle, task_handle),
};
TABLE(recover_request);

static const struct pb_field fields_id_request[] = {
	ONE(id_request, 1, PB_STRING, task_id),
};
TABLE(id_request);

static const struct pb_field fields_exit_result[] = {
	ONE(exit_result, 1, PB_INT, exit_code),
	ONE(exit_result, 2, PB_INT, signal),
	ONE(exit_result, 3, PB_INT, oom_killed),
};
TABLE(exit_result);

static const struct pb_field fields_wait_response[] = {
	MESSAGE(wait_response, 1, result, exit_result),
	ONE(wait_response, 2, PB_STRING, error),
};
TABLE(wait_response);

static const struct pb_field fields_stop_request[] = {
	ONE(stop_request, 1, PB_STRING, task_id),
	MESSAGE(stop_request, 2, timeout, duration),
	ONE(stop_request, 3, PB_STRING, signal),
};
TABLE(stop_request);

static const struct pb_field fields_destroy_request[] = {
	ONE(destroy_request, 1, PB_STRING, task_id),
	ONE(destroy_request, 2, PB_INT, force),
};
TABLE(destroy_request);

static const struct pb_field fields_task_status[] = {
	ONE(task_status, 1, PB_STRING, id),
	ONE(task_status, 2, PB_STRING, name),
	ONE(task_status, 3, PB_INT, state),
	MESSAGE(task_status, 4, started, timestamp),
	MESSAGE(task_status, 5, completed, timestamp),
	MESSAGE(task_status, 6, result, exit_result),
};
TABLE(task_status);

static const struct pb_field fields_driver_status[] = {
	MESSAGES(driver_status, 1, attributes, string_entry),
};
TABLE(driver_status);

static const struct pb_field fields_inspect_response[] = {
	MESSAGE(inspect_response, 1, task, task_status),
	MESSAGE(inspect_response, 2, driver, driver_status),
	MESSAGE(inspect_response, 3, network, network_override),
};
TABLE(inspect_response);

static const struct pb_field fields_stats_request[] = {
	ONE(stats_request, 1, PB_STRING, task_id),
	MESSAGE(stats_request, 2, interval, duration),
};
TABLE(stats_request);

static const struct pb_field fields_cpu_usage[] = {
	ONE(cpu_usage, 1, PB_DOUBLE, system),
	ONE(cpu_usage, 2, PB_DOUBLE, user),
	ONE(cpu_usage, 3, PB_DOUBLE, ticks),
	ONE(cpu_usage, 4, PB_INT, throttled_periods),
	ONE(cpu_usage, 5, PB_INT, throttled_time),
	ONE(cpu_usage, 6, PB_DOUBLE, percent),
	LIST(cpu_usage, 7, PB_INT, measured),
};
TABLE(cpu_usage);

static const struct pb_field fields_memory_usage[] = {
	ONE(memory_usage, 1, PB_INT, rss),
	ONE(memory_usage, 2, PB_INT, cache),
	ONE(memory_usage, 3, PB_INT, max_usage),
	ONE(memory_usage, 4, PB_INT, kernel),
	ONE(memory_usage, 5, PB_INT, kernel_max),
	LIST(memory_usage, 6, PB_INT, measured),
	ONE(memory_usage, 7, PB_INT, usage),
	ONE(memory_usage, 8, PB_INT, swap),
};
TABLE(memory_usage);

static const struct pb_field fields_usage[] = {
	MESSAGE(usage, 1, cpu, cpu_usage),
	MESSAGE(usage, 2, memory, memory_usage),
};
TABLE(usage);

static const struct pb_field fields_task_stats[] = {
	ONE(task_stats, 1, PB_STRING, id),
	MESSAGE(task_stats, 2, timestamp, timestamp),
	MESSAGE(task_stats, 3, total, usage),
};
TABLE(task_stats);

static const struct pb_field fields_stats_response[] = {
	MESSAGE(stats_response, 1, stats, task_stats),
};
TABLE(stats_response);

static const struct pb_field fields_task_event[] = {
	ONE(task_event, 1, PB_STRING, task_id),
	ONE(task_event, 2, PB_STRING, alloc_id),
	ONE(task_event, 3, PB_STRING, task_name),
	MESSAGE(task_event, 4, timestamp, timestamp),
	ONE(task_event, 5, PB_STRING, message),
	MESSAGES(task_event, 6, annotations, string_entry),
};
TABLE(task_event);

static const struct pb_field fields_signal_request[] = {
	ONE(signal_request, 1, PB_STRING, task_id),
	ONE(signal_request, 2, PB_STRING, signal),
};
TABLE(signal_request);

static const struct pb_field fields_exec_request[] = {
	ONE(exec_request, 1, PB_STRING, task_id),
	LIST(exec_request, 2, PB_STRING, command),
	MESSAGE(exec_request, 3, timeout, duration),
};
TABLE(exec_request);

static const struct pb_field fields_exec_response[] = {
	ONE(exec_response, 1, PB_BYTES, output),
	ONE(exec_response, 2, PB_BYTES, errors),
	MESSAGE(exec_response, 3, result, exit_result),
};
TABLE(exec_response);

static const struct pb_field fields_exec_setup[] = {
	ONE(exec_setup, 1, PB_STRING, task_id),
	LIST(exec_setup, 2, PB_STRING, command),
	ONE(exec_setup, 3, PB_INT, tty),
};
TABLE(exec_setup);

static const struct pb_field fields_terminal_size[] = {
	ONE(terminal_size, 1, PB_INT, height),
	ONE(terminal_size, 2, PB_INT, width),
};
TABLE(terminal_size);

static const struct pb_field fields_exec_io[] = {
	ONE(exec_io, 1, PB_BYTES, data),
	ONE(exec_io, 2, PB_INT, close),
};
TABLE(exec_io);

static const struct pb_field fields_exec_input[] = {
	MESSAGE(exec_input, 1, setup, exec_setup),
	MESSAGE(exec_input, 2, size, terminal_size),
	MESSAGE(exec_input, 3, input, exec_io),
};
TABLE(exec_input);

static const struct pb_field fields_exec_output[] = {
	MESSAGE(exec_output, 1, output, exec_io),
	MESSAGE(exec_output, 2, errors, exec_io),
	ONE(exec_output, 3, PB_INT, exited),
	MESSAGE(exec_output, 4, result, exit_result),
};
TABLE(exec_output);

static const struct pb_field fields_create_network[] = {
	ONE(create_network, 1, PB_STRING, alloc_id),
	ONE(create_network, 2, PB_STRING, hostname),
};
TABLE(create_network);

static const struct pb_field fields_recoverable_error[] = {
	ONE(recoverable_error, 1, PB_INT, recoverable),
};
TABLE(recoverable_error);

static const struct pb_field fields_any[] = {
	ONE(any, 1, PB_STRING, type_url),
	ONE(any, 2, PB_BYTES, value),
};
TABLE(any);

static const struct pb_field fields_rpc_status[] = {
	ONE(rpc_status, 1, PB_INT, code),
	ONE(rpc_status, 2, PB_STRING, message),
	MESSAGES(rpc_status, 3, details, any),
};
TABLE(rpc_status);
/* clang-format on */
