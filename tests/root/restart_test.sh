#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
. "$(atf_get_srcdir)/common.subr"

# wait_for COMMAND...: until it succeeds, 20 s at most.
wait_for() {
	n=0
	until "$@"; do
		n=$((n + 1))
		[ $n -lt 200 ] || atf_fail "$* does not come"
		sleep 0.1
	done
}

state_is() {
	[ "$(gaol list -H -o state web)" = "$1" ]
}

began() {
	[ "$(gaol logs web | grep -c '^begin$')" -ge "$1" ]
}

root_test crash_loop "a jail that keeps failing is given up, and says why"
crash_loop_body() {
	gaol_setup
	gaol_jail web restart=on-failure:2 \
	    'exec.start=echo begin; (sleep 0.1; exit 3) &'
	wait_for state_is failed
	atf_check -o inline:'3\n' sh -c 'gaol logs web | grep -c "^begin$"'
	atf_check -o match:'^reason +gave up after 2 restarts: its last process ended with status 3$' \
	    gaol show web
	atf_check -o match:'restart 1: its last process ended with status 3' \
	    gaol logs web
	atf_check -e ignore gaol stop web
	state_is stopped || atf_fail "$(gaol list)"
	atf_check -o match:'failed	web	.*gave up' gaol events -H
}

root_test ends "on-failure lets a jail end well; always does not"
ends_body() {
	gaol_setup
	gaol_jail web restart=on-failure 'exec.start=echo begin; sleep 0.1 &'
	wait_for state_is stopped
	atf_check -o inline:'begin\n' gaol logs web
	atf_check -e ignore gaol set web restart=always
	atf_check -e ignore gaol start web
	wait_for began 3
	state_is running || atf_fail "$(gaol list)"
	# what a signal ended is a failure, and a stop is none
	atf_check -e ignore gaol stop web
	state_is stopped || atf_fail "$(gaol list)"
	sleep 0.6
	state_is stopped || atf_fail "$(gaol list)"
}

root_test commands "all commands are run again, with user and environment"
commands_body() {
	gaol_setup
	gaol_jail web restart=always env=COLOUR=red \
	    exec.start='echo first $COLOUR $(pwd)' \
	    exec.start+='echo begin; sleep 300 &'
	wait_for began 1
	for i in 2 3; do
		pid=$(gaol ps -H -o pid,command web |
		    sed -n 's/	sleep 300$//p')
		kill -9 "$pid"
		wait_for began $i
	done
	atf_check -o inline:'3\n' sh -c \
	    'gaol logs web | grep -c "^first red /$"'
	atf_check -o match:'ended by signal 9' gaol logs web
	# it is the same jail: its number stays
	atf_check -e ignore gaol stop -f web
}

atf_init_test_cases() {
	for t in crash_loop ends commands; do
		atf_add_test_case $t
	done
}
