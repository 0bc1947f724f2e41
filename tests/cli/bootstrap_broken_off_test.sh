#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC1091,SC2154

atf_test_case leftovers
leftovers_head() {
	atf_set descr "what a killed one left is removed by the next"
	atf_set require.progs busybox
}
leftovers_body() {
	. "$(atf_get_srcdir)/bootstrap_helper.sh"
	atf_check -e ignore gaol bootstrap busybox
	mkdir -p "$releases/.new.other/root" "$releases/.trash.third" \
	    "$releases/.new.second/root/deep/er"
	mv "$releases/busybox" "$releases/.old.busybox"
	atf_check -s exit:73 \
	    -e inline:"busybox: putting back what an interrupted bootstrap took away
other: removing what an interrupted bootstrap left
second: removing what an interrupted bootstrap left
third: completing an interrupted removal
gaol: release 'busybox' exists already; -f replaces it
" gaol bootstrap busybox
	atf_check -o inline:'busybox\n' ls -A "$releases"
}

# fail_each COMMAND...: with each step failing in turn, until none does; after
# each failure "kept" is all that releases/ holds.
fail_each() {
	n=0 status=1
	while [ $status != 0 ]; do
		n=$((n + 1)) status=0
		GAOL_FAIL_STEP=$n "$@" 2>err || status=$?
		[ $status != 0 ] || break
		grep -q 'failure asked for' err || atf_fail "$n: $(cat err)"
		[ "$(ls -A "$releases")" = "$kept" ] ||
		    atf_fail "step $n left: $(ls -A "$releases")"
	done
	[ $n = "$steps" ] || atf_fail "$n runs, not $steps"
}

atf_test_case each_step_fails
each_step_fails_head() {
	atf_set descr "whatever step fails, nothing is left"
	atf_set require.progs busybox
}
each_step_fails_body() {
	. "$(atf_get_srcdir)/bootstrap_helper.sh"
	kept='' steps=5
	fail_each gaol bootstrap busybox
	kept=busybox
	touch "$releases/busybox/root/mark"
	n=1
	while [ $n -lt 5 ]; do
		GAOL_FAIL_STEP=$n gaol -q bootstrap -f busybox 2>err &&
		    atf_fail "step $n did not fail"
		[ -e "$releases/busybox/root/mark" ] || atf_fail "step $n"
		n=$((n + 1))
	done
	fail_each gaol bootstrap -f busybox
	[ ! -e "$releases/busybox/root/mark" ] || atf_fail "not replaced"
	# once it is renamed away it is gone, and the next command says so
	GAOL_FAIL_STEP=1 gaol -q releases -d busybox -y 2>err &&
	    atf_fail "step 1 did not fail"
	[ -e "$releases/busybox/root/bin/sh" ] || atf_fail "it is gone"
}

atf_test_case killed
killed_head() {
	atf_set descr "killed in the middle; the next one mends it"
}
killed_body() {
	. "$(atf_get_srcdir)/bootstrap_helper.sh"
	. "$(atf_get_srcdir)/image_helper.sh"
	make_tar web.tar
	httpd_start
	cp web.tar www/
	for signal in INT TERM HUP KILL; do
		# a server that stops answering keeps it in the middle
		gaol -q bootstrap "$base/stall/1000/web.tar" \
		    --sha256 "$(sum web.tar)" 2>err &
		pid=$!
		wait_for test -d "$releases/.new.web"
		sleep 0.2
		kill -$signal $pid
		status=0
		wait $pid || status=$?
		if [ $signal = KILL ]; then
			[ -d "$releases/.new.web" ] || atf_fail "not killed"
			continue
		fi
		[ $status = 1 ] || atf_fail "$signal: status $status"
		atf_check -o inline:'gaol: interrupted\n' cat err
		[ ! -e "$releases/.new.web" ] || atf_fail "$signal: left"
	done
	# and the download is continued, not begun anew
	[ -s "$releases/.cache/web/web.tar.part" ] || atf_fail "no part is kept"
	grep -q 'stall/1000/web.tar bytes=1000-' log || atf_fail "$(cat log)"
	atf_check -e match:'^web: removing what an interrupted bootstrap left$' \
	    -e match:'^web: ready, ' gaol bootstrap "$base/plain/web.tar" \
	    --sha256 "$(sum web.tar)"
	atf_check -o inline:'web\n' ls -A "$releases"
}

atf_test_case locked
locked_head() {
	atf_set descr "two of the same name follow one another"
	atf_set require.progs busybox
}
locked_body() {
	. "$(atf_get_srcdir)/bootstrap_helper.sh"
	pids=
	for i in 1 2 3 4 5 6; do
		gaol -q bootstrap -f busybox 2>err.$i &
		pids="$pids $!"
	done
	for p in $pids; do
		wait "$p" || atf_fail "status $?: $(cat err.*)"
	done
	atf_check -o inline:'busybox\n' ls -A "$releases"
}

atf_init_test_cases() {
	atf_add_test_case leftovers
	atf_add_test_case each_step_fails
	atf_add_test_case killed
	atf_add_test_case locked
}
