/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef NOMAD_MESSAGE_H
#define NOMAD_MESSAGE_H

#include "nomad/pb.h"

/*
 * The messages of the plugin protocol: struct msg_NAME and its table pb_NAME
 * for pb_read() and pb_write().  A task's own configuration goes through as
 * bytes: what a newer Nomad adds to it comes back to it unchanged.
 */
struct msg_health_request {
	char *service;
};
struct msg_health_response {
	int64_t status;
};
struct msg_plugin_info {
	int64_t type;
	struct pb_list api;	/* char * */
	char *version;
	char *name;
};
struct msg_spec_attr {
	char *name;
	char *type;
	int64_t required;
};
struct msg_spec_literal {
	char *value;
};
struct msg_spec_default {
	struct msg_spec *primary;
	struct msg_spec *fallback;
};
struct msg_spec_block {
	char *name;
	int64_t required;
	struct msg_spec *nested;
};
struct msg_spec_block_attrs {
	char *name;
	char *type;
	int64_t required;
};
struct msg_spec_block_list {
	char *name;
	int64_t min;
	int64_t max;
	struct msg_spec *nested;
};
struct msg_spec_object {
	struct pb_list attributes;	/* struct msg_spec_entry * */
};
struct msg_spec_entry {
	char *key;
	struct msg_spec *value;
};
struct msg_spec {
	struct msg_spec_object *object;
	struct msg_spec_attr *attr;
	struct msg_spec_block *block;
	struct msg_spec_block_attrs *block_attrs;
	struct msg_spec_block_list *block_list;
	struct msg_spec_default *fallback;
	struct msg_spec_literal *literal;
};
struct msg_schema_response {
	struct msg_spec *spec;
};
struct msg_set_config {
	struct pb_bytes config;
	char *api;
};
struct msg_capabilities {
	int64_t send_signals;
	int64_t exec;
	int64_t fs_isolation;
	struct pb_list network_modes;	/* int64_t */
	int64_t must_create_network;
	int64_t mount_configs;
};
struct msg_capabilities_response {
	struct msg_capabilities *capabilities;
};
struct msg_attribute {
	double real;
	int64_t integer;
	char *text;
	int64_t yes;
	char *unit;
};
struct msg_attribute_entry {
	char *key;
	struct msg_attribute *value;
};
struct msg_fingerprint {
	struct pb_list attributes;	/* struct msg_attribute_entry * */
	int64_t health;
	char *description;
	char *error;
};
struct msg_string_entry {
	char *key;
	char *value;
};
struct msg_number_entry {
	char *key;
	int64_t value;
};
struct msg_duration {
	int64_t seconds;
	int64_t nanos;
};
struct msg_timestamp {
	int64_t seconds;
	int64_t nanos;
};
struct msg_port {
	char *label;
	int64_t value;
};
struct msg_network {
	char *device;
	char *cidr;
	char *ip;
	int64_t mbits;
	struct pb_list reserved;	/* struct msg_port * */
	struct pb_list dynamic;	/* struct msg_port * */
};
struct msg_alloc_cpu {
	int64_t shares;
};
struct msg_alloc_memory {
	int64_t memory_mb;
	int64_t memory_max_mb;
};
struct msg_alloc_resources {
	struct msg_alloc_cpu *cpu;
	struct msg_alloc_memory *memory;
	struct pb_list networks;	/* struct msg_network * */
};
struct msg_linux_resources {
	int64_t cpu_period;
	int64_t cpu_quota;
	int64_t cpu_shares;
	int64_t memory_limit;
	int64_t oom_score;
	char *cpuset_cpus;
	double percent;
	char *cpuset_cgroup;
};
struct msg_port_mapping {
	char *label;
	int64_t value;
	int64_t to;
	char *host_ip;
};
struct msg_resources {
	struct msg_alloc_resources *allocated;
	struct msg_linux_resources *system;
	struct pb_list ports;	/* struct msg_port_mapping * */
};
struct msg_task_mount {
	char *task_path;
	char *host_path;
	int64_t readonly;
	char *propagation;
};
struct msg_task_device {
	char *task_path;
	char *host_path;
	char *permissions;
};
struct msg_hosts_config {
	char *hostname;
	char *address;
};
struct msg_isolation {
	int64_t mode;
	char *path;
	struct pb_list labels;	/* struct msg_string_entry * */
	struct msg_hosts_config *hosts;
};
struct msg_dns_config {
	struct pb_list servers;	/* char * */
	struct pb_list searches;	/* char * */
	struct pb_list options;	/* char * */
};
struct msg_task_config {
	char *id;
	char *name;
	struct pb_bytes driver_config;
	struct pb_list env;	/* struct msg_string_entry * */
	struct pb_list device_env;	/* struct msg_string_entry * */
	struct msg_resources *resources;
	struct pb_list mounts;	/* struct msg_task_mount * */
	struct pb_list devices;	/* struct msg_task_device * */
	char *user;
	char *alloc_dir;
	char *stdout_path;
	char *stderr_path;
	char *task_group;
	char *job_name;
	char *alloc_id;
	struct msg_isolation *isolation;
	struct msg_dns_config *dns;
	char *job_id;
	char *namespace;
	char *node_name;
	char *node_id;
};
struct msg_task_handle {
	int64_t version;
	struct pb_bytes config;
	int64_t state;
	struct pb_bytes driver_state;
};
struct msg_network_override {
	struct pb_list port_map;	/* struct msg_number_entry * */
	char *address;
	int64_t auto_advertise;
};
struct msg_start_request {
	struct pb_bytes config;
};
struct msg_start_response {
	int64_t result;
	char *error;
	struct msg_task_handle *handle;
	struct msg_network_override *network;
};
struct msg_recover_request {
	char *task_id;
	struct msg_task_handle *handle;
};
struct msg_id_request {
	char *task_id;
};
struct msg_exit_result {
	int64_t exit_code;
	int64_t signal;
	int64_t oom_killed;
};
struct msg_wait_response {
	struct msg_exit_result *result;
	char *error;
};
struct msg_stop_request {
	char *task_id;
	struct msg_duration *timeout;
	char *signal;
};
struct msg_destroy_request {
	char *task_id;
	int64_t force;
};
struct msg_task_status {
	char *id;
	char *name;
	int64_t state;
	struct msg_timestamp *started;
	struct msg_timestamp *completed;
	struct msg_exit_result *result;
};
struct msg_driver_status {
	struct pb_list attributes;	/* struct msg_string_entry * */
};
struct msg_inspect_response {
	struct msg_task_status *task;
	struct msg_driver_status *driver;
	struct msg_network_override *network;
};
struct msg_stats_request {
	char *task_id;
	struct msg_duration *interval;
};
struct msg_cpu_usage {
	double system;
	double user;
	double ticks;
	int64_t throttled_periods;
	int64_t throttled_time;
	double percent;
	struct pb_list measured;	/* int64_t */
};
struct msg_memory_usage {
	int64_t rss;
	int64_t cache;
	int64_t max_usage;
	int64_t kernel;
	int64_t kernel_max;
	struct pb_list measured;	/* int64_t */
	int64_t usage;
	int64_t swap;
};
struct msg_usage {
	struct msg_cpu_usage *cpu;
	struct msg_memory_usage *memory;
};
struct msg_task_stats {
	char *id;
	struct msg_timestamp *timestamp;
	struct msg_usage *total;
};
struct msg_stats_response {
	struct msg_task_stats *stats;
};
struct msg_task_event {
	char *task_id;
	char *alloc_id;
	char *task_name;
	struct msg_timestamp *timestamp;
	char *message;
	struct pb_list annotations;	/* struct msg_string_entry * */
};
struct msg_signal_request {
	char *task_id;
	char *signal;
};
struct msg_exec_request {
	char *task_id;
	struct pb_list command;	/* char * */
	struct msg_duration *timeout;
};
struct msg_exec_response {
	struct pb_bytes output;
	struct pb_bytes errors;
	struct msg_exit_result *result;
};
struct msg_exec_setup {
	char *task_id;
	struct pb_list command;	/* char * */
	int64_t tty;
};
struct msg_terminal_size {
	int64_t height;
	int64_t width;
};
struct msg_exec_io {
	struct pb_bytes data;
	int64_t close;
};
struct msg_exec_input {
	struct msg_exec_setup *setup;
	struct msg_terminal_size *size;
	struct msg_exec_io *input;
};
struct msg_exec_output {
	struct msg_exec_io *output;
	struct msg_exec_io *errors;
	int64_t exited;
	struct msg_exit_result *result;
};
struct msg_create_network {
	char *alloc_id;
	char *hostname;
};
struct msg_recoverable_error {
	int64_t recoverable;
};
struct msg_any {
	char *type_url;
	struct pb_bytes value;
};
struct msg_rpc_status {
	int64_t code;
	char *message;
	struct pb_list details;	/* struct msg_any * */
};

/* google.protobuf.Empty, and every message without fields. */
extern const struct pb_message pb_empty;
extern const struct pb_message pb_health_request;
extern const struct pb_message pb_health_response;
extern const struct pb_message pb_plugin_info;
extern const struct pb_message pb_spec_attr;
extern const struct pb_message pb_spec_literal;
extern const struct pb_message pb_spec_default;
extern const struct pb_message pb_spec_block;
extern const struct pb_message pb_spec_block_attrs;
extern const struct pb_message pb_spec_block_list;
extern const struct pb_message pb_spec_object;
extern const struct pb_message pb_spec_entry;
extern const struct pb_message pb_spec;
extern const struct pb_message pb_schema_response;
extern const struct pb_message pb_set_config;
extern const struct pb_message pb_capabilities;
extern const struct pb_message pb_capabilities_response;
extern const struct pb_message pb_attribute;
extern const struct pb_message pb_attribute_entry;
extern const struct pb_message pb_fingerprint;
extern const struct pb_message pb_string_entry;
extern const struct pb_message pb_number_entry;
extern const struct pb_message pb_duration;
extern const struct pb_message pb_timestamp;
extern const struct pb_message pb_port;
extern const struct pb_message pb_network;
extern const struct pb_message pb_alloc_cpu;
extern const struct pb_message pb_alloc_memory;
extern const struct pb_message pb_alloc_resources;
extern const struct pb_message pb_linux_resources;
extern const struct pb_message pb_port_mapping;
extern const struct pb_message pb_resources;
extern const struct pb_message pb_task_mount;
extern const struct pb_message pb_task_device;
extern const struct pb_message pb_hosts_config;
extern const struct pb_message pb_isolation;
extern const struct pb_message pb_dns_config;
extern const struct pb_message pb_task_config;
extern const struct pb_message pb_task_handle;
extern const struct pb_message pb_network_override;
extern const struct pb_message pb_start_request;
extern const struct pb_message pb_start_response;
extern const struct pb_message pb_recover_request;
extern const struct pb_message pb_id_request;
extern const struct pb_message pb_exit_result;
extern const struct pb_message pb_wait_response;
extern const struct pb_message pb_stop_request;
extern const struct pb_message pb_destroy_request;
extern const struct pb_message pb_task_status;
extern const struct pb_message pb_driver_status;
extern const struct pb_message pb_inspect_response;
extern const struct pb_message pb_stats_request;
extern const struct pb_message pb_cpu_usage;
extern const struct pb_message pb_memory_usage;
extern const struct pb_message pb_usage;
extern const struct pb_message pb_task_stats;
extern const struct pb_message pb_stats_response;
extern const struct pb_message pb_task_event;
extern const struct pb_message pb_signal_request;
extern const struct pb_message pb_exec_request;
extern const struct pb_message pb_exec_response;
extern const struct pb_message pb_exec_setup;
extern const struct pb_message pb_terminal_size;
extern const struct pb_message pb_exec_io;
extern const struct pb_message pb_exec_input;
extern const struct pb_message pb_exec_output;
extern const struct pb_message pb_create_network;
extern const struct pb_message pb_recoverable_error;
extern const struct pb_message pb_any;
extern const struct pb_message pb_rpc_status;

#endif
