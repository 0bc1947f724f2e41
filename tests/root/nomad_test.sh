#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
. "$(atf_get_srcdir)/common.subr"

# Debian's python3-grpcio is of Debian's Python.
python=/usr/bin/python3

# nomad_cases CASE...: of tests/tools/nomad_cases.py.
nomad_cases() {
	[ -x "$(dirname "$(command -v gaol)")/gaol-nomad" ] ||
	    atf_skip "gaol-nomad was not built: libnghttp2 is missing"
	$python -c 'import grpc' 2>/dev/null ||
	    atf_skip "python3-grpcio is missing"
	gaol_setup
	atf_check -o inline:'good\n' -e ignore \
	    $python -B "$GAOL_SOURCE/tests/tools/nomad_cases.py" "$@"
}

root_test calls "every call of the plugin protocol"
calls_body() {
	nomad_cases base life streams files
}

root_test killed "the plugin is killed, tasks go on; thousands of calls"
killed_body() {
	if [ -n "${GAOL_CHECK_LONG-}" ]; then
		GAOL_NOMAD_TASKS=50 GAOL_NOMAD_CALLS=10000
		export GAOL_NOMAD_TASKS GAOL_NOMAD_CALLS
	fi
	nomad_cases recover killed many
}

root_test handshake "what a plugin may be started with"
handshake_body() {
	nomad=$(dirname "$(command -v gaol)")/gaol-nomad
	[ -x "$nomad" ] || atf_skip "gaol-nomad was not built"
	cookie=e4327c2e01eabfd75a8a67adb114fb34a757d57eee7728d857a8cec6e91a7255
	atf_check -s exit:1 -e match:"plugin of Nomad" "$nomad"
	atf_check -s exit:1 -e match:"plugin of Nomad" \
	    env NOMAD_PLUGIN_MAGIC_COOKIE=x "$nomad"
	atf_check -s exit:1 -e match:"version 3,4" \
	    env NOMAD_PLUGIN_MAGIC_COOKIE=$cookie \
	    PLUGIN_PROTOCOL_VERSIONS=3,4 "$nomad"
}

atf_init_test_cases() {
	for case in calls killed handshake; do
		atf_add_test_case $case
	done
}
