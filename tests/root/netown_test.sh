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
	for program in curl ip nft unshare nsenter; do
		command -v $program >/dev/null || atf_skip "no $program"
	done
	[ "$1" != asked ] || command -v dnsmasq >/dev/null ||
	    atf_skip "no dnsmasq"
	gaol_setup
	atf_check -o ignore unshare -n -m sh "$(atf_get_srcdir)/netown.subr" "$1"
}

names=
host_test names "who finds whom, and by which resolver"
host_test bridged "interfaces at a bridge of the administrators"
host_test asked "addresses from DHCP and from routers of the link"
host_test hindered "another table of the host drops what is forwarded"
host_test vlan "VLANs at a bridge"
host_test passed "an interface goes into a jail and comes back"
host_test limits "bytes a second, in and out"
host_test spoofing "what a jail may send, and what not"

atf_init_test_cases() {
	for t in $names; do
		atf_add_test_case "$t"
	done
}
