#!/usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# The command line of bastille on real jails, in a network namespace that stands
# for the host: compat_bastille.subr.

. "$(atf_get_srcdir)/common.subr"

in_host() {
	gaol_setup
	mkdir bin
	for name in bastille gaol; do
		ln -s "$(command -v gaol)" bin/$name
	done
	BASTILLE_CONFIG=$PWD/bastille.conf
	export BASTILLE_CONFIG
	atf_check -o ignore -e ignore env PATH="$PWD/bin:$PATH" unshare -n \
	    sh "$(atf_get_srcdir)/compat_bastille.subr" "$1"
}

root_test guides "the command lines of published guides, as they print them"
guides_body() {
	in_host guides
}

root_test freebsd "a release of FreeBSD from a mirror, and its updates"
freebsd_body() {
	in_host freebsd
}

root_test ansible "what a connection plugin of Ansible does"
ansible_body() {
	in_host ansible
}

root_test kinds "kinds of network, with what they give the jail"
kinds_body() {
	in_host kinds
}

atf_init_test_cases() {
	for t in guides freebsd ansible kinds; do
		atf_add_test_case $t
	done
}
