#!/usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# Jails with addresses of the host (net=IFACE|ADDR/LEN, net=lo|ADDR), with real
# traffic, in a network namespace that stands for the host: shared.subr.

. "$(atf_get_srcdir)/common.subr"

host_test() {
	root_test "$1" "$2"
	eval "$1_body() { in_host $1; }"
}

in_host() {
	gaol_setup
	BUSYBOX=$(command -v busybox || echo busybox)
	export BUSYBOX
	atf_check unshare -n sh "$(atf_get_srcdir)/shared.subr" "$1"
}

host_test one_port "several jails and the host serve one port"
host_test aliases "addresses are added and removed, others left alone"
host_test refused "addresses of others"
host_test several "several addresses of one jail"
host_test loopback "jails of the loopback, and what is the hosts there"
host_test escapes "a hostile program"
host_test raw "raw sockets need allow.raw_sockets"
host_test published "ports of the host lead to jails on its stack"
host_test published_loopback "the same to jails of the loopback"
host_test dies "a jail that ends by itself"

atf_init_test_cases() {
	for t in one_port aliases refused several loopback escapes raw \
	    published published_loopback dies; do
		atf_add_test_case $t
	done
}
