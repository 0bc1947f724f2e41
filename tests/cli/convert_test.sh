#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case both
both_head() {
	atf_set descr "thin to thick and back"
}
both_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web note=kept
	echo one >root/jails/web/layers/upper/file
	atf_check -e inline:"web: is thick now\n" gaol convert --thick web
	atf_check -o inline:"one\n" cat root/jails/web/root/file
	atf_check -o match:"type = thick" -o match:'store = "?dir' \
	    -o match:kept cat root/jails/web/cell.conf
	[ ! -e root/jails/web/layers ] || atf_fail "the old files are there"
	atf_check gaol -q start web
	fails 75 "jail 'web' is running; 'gaol stop web' first" \
	    convert --thin web
	atf_check gaol -q stop web
	atf_check -e inline:"web: is thin now\n" gaol convert --thin web
	atf_check -o inline:"one\n" cat root/jails/web/layers/upper/file
	atf_check -o inline:"web\n" ls -A root/jails
}

atf_test_case wrong
wrong_head() {
	atf_set descr "what cannot be"
}
wrong_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	atf_check -s exit:64 -e match:"one of --thick and --thin" gaol convert web
	fails 73 "jail 'web' is thin already (store overlay)" convert --thin web
	fails 64 "store dir holds thick jails" convert --thin --store dir web
	fails 69 "store 'nostore' does not exist on this host" \
	    convert --thin --store nostore web
	atf_check gaol -q snapshot web s1
	atf_check -s exit:75 -e match:"has 1 snapshots" gaol convert --thick web
	atf_check -o inline:"web\n" ls -A root/jails
}

atf_test_case interrupted
interrupted_head() {
	atf_set descr "until the new files are in place the old ones hold"
}
interrupted_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	echo convert >root/jails/.todo.web
	cp -a root/jails/web root/jails/.new.web
	mv root/jails/web root/jails/.old.web
	atf_check -o ignore -e ignore gaol start web
	atf_check gaol -q stop web
	atf_check -o inline:"web\n" ls -A root/jails
	echo convert >root/jails/.todo.web
	cp -a root/jails/web root/jails/.old.web
	atf_check -o ignore -e ignore gaol start web
	atf_check -o inline:"web\n" ls -A root/jails
}

atf_test_case plan
plan_head() {
	atf_set descr "-n tells and does nothing"
}
plan_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	atf_check -o match:"^would copy the files of 'web' for 'web' \(store dir\)$" \
	    -o match:"^would remove the old files \(store overlay\)$" \
	    gaol -n convert --thick web
	[ -e root/jails/web/layers ] || atf_fail "it was done"
}

atf_init_test_cases() {
	for t in both wrong interrupted plan; do
		atf_add_test_case $t
	done
}
