#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case back
back_head() {
	atf_set descr "back and forth between snapshots"
}
back_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	echo one >root/jails/web/layers/upper/file
	atf_check gaol -q snapshot web s1
	echo two >root/jails/web/layers/upper/file
	atf_check gaol -q snapshot web s2
	echo three >root/jails/web/layers/upper/file
	atf_check -s exit:64 -e match:"-y answers yes" gaol rollback web s1
	atf_check -e inline:"web: is as at snapshot s1 again\n" \
	    gaol rollback -y web s1
	atf_check -o empty ls root/jails/web/layers/upper
	top=$(readlink root/jails/web/layers/below)
	atf_check -o inline:"one\n" cat "root/jails/web/frozen/$top/upper/file"
	atf_check gaol -q rollback -y web s2
	top=$(readlink root/jails/web/layers/below)
	atf_check -o inline:"two\n" cat "root/jails/web/frozen/$top/upper/file"
	# what was given up is gone, the snapshots are all there
	atf_check_equal 2 "$(ls root/jails/web/frozen | wc -l | tr -d ' ')"
	atf_check -o inline:"s1\ns2\n" gaol snapshots -H -o name web
}

atf_test_case running
running_head() {
	atf_set descr "a running jail only with --restart"
}
running_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	atf_check gaol -q snapshot web s1
	fails 75 "jail 'web' is running; 'gaol stop web' first, or --restart" \
	    rollback -y web s1
	# a wrong name stops nothing
	fails 66 "jail 'web' has no snapshot 's2'; 'gaol snapshots web' lists them" \
	    rollback -y --restart web s2
	states "web running"
	jid=$(gaol list -H -o jid web)
	atf_check gaol -q rollback -y --restart web s1
	states "web running"
	[ "$jid" != "$(gaol list -H -o jid web)" ] || atf_fail "not restarted"
}

atf_test_case plan
plan_head() {
	atf_set descr "-n tells and does nothing"
}
plan_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	atf_check gaol -q snapshot web s1
	echo two >root/jails/web/layers/upper/file
	atf_check -o inline:"would give 'web' the files of snapshot 's1'\n" \
	    gaol -n rollback -y web s1
	atf_check test -f root/jails/web/layers/upper/file
}

atf_init_test_cases() {
	for t in back running plan; do
		atf_add_test_case $t
	done
}
