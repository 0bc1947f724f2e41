#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# Jails with a stack of their own, in a network namespace that stands for the
# host: netown.subr.

. "$(atf_get_srcdir)/common.subr"

host_test() {
	root_test "$1" "$2"
	eval "$1_body() { in_host $1; }"
	names="$names $1"
}

in_host() {
	gaol_setup
	atf_check unshare -n -m sh "$(atf_get_srcdir)/netown.subr" "$1"
}

names=
host_test names "who finds whom, and by which resolver"
host_test spoofing "what a jail may send, and what not"

atf_init_test_cases() {
	for t in $names; do
		atf_add_test_case "$t"
	done
}
