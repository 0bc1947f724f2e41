#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case text
text_head() {
	atf_set descr "in both forms"
}
text_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check -o match:"^gaol [0-9]+\\.[0-9]+\\.[0-9]+ \\(fake\\)$" \
	    gaol version
	atf_check -o save:out gaol version
	atf_check -o file:out gaol --version
	atf_check -o file:out gaol list --version
	atf_check -o match:'^\{"version":"[0-9.]+","engine":"fake"\}$' \
	    gaol -j version
	atf_check -o match:'^\{"version":' gaol version --json
	fails 64 "version: 'x' is one too many (usage: gaol version)" version x
}

atf_test_case quick
quick_head() {
	atf_set descr "starting costs less than 60 system calls"
	atf_set require.progs strace
}
quick_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	[ -z "${ASAN_OPTIONS-}" ] || atf_skip "the sanitizers add calls"
	strace -c -o calls gaol version >out 2>&1 || atf_skip "no strace here"
	count=$(awk '$NF == "total" { print $4 }' calls)
	[ "$count" -gt 5 ] && [ "$count" -lt 60 ] || atf_fail "$count"
}

atf_init_test_cases() {
	atf_add_test_case text
	atf_add_test_case quick
}
