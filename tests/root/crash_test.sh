#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# Failures and SIGKILL at any point, on the real engine.
. "$(atf_get_srcdir)/common.subr"

scope_of() {
	gaol -q create scope -r busybox
	gaol -q start scope
	for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/unified \
	    /sys/fs/cgroup/pids; do
		for group in "$hierarchy"/gaol-*/scope; do
			[ ! -d "$group" ] ||
			    grep -q "$(gaol list -H -o jid scope)" "$group/cgroup.procs" &&
			    dirname "$group"
		done
	done | head -n 1
	gaol -q destroy -f -y scope
}

# fail_each BEFORE COMMAND AFTER [STATUS]: each step of "gaol COMMAND" fails in turn;
# then "gaol AFTER" works, and with the jail destroyed nothing is left.
fail_each() {
	step=1
	while :; do
		[ -z "$1" ] || atf_check -e ignore -x "gaol -q $1"
		status=0
		GAOL_FAIL_STEP=$step "$GAOL_HOOKS" -q $2 >/dev/null 2>err ||
		    status=$?
		failed=$(grep -c 'failure asked for' err || :)
		if [ "$failed" != 0 ]; then
			atf_check_equal "${4:-1}" "$status"
		elif [ "$status" != 0 ]; then
			atf_fail "step $step of $2: $(cat err)"
		fi
		[ -z "$3" ] || gaol -q $3 >/dev/null 2>err ||
		    grep -q 'already\|exists\|no jail' err ||
		    atf_fail "after step $step of '$2', gaol $3: $(cat err)"
		gaol -q destroy -f -y t >/dev/null 2>err ||
		    grep -q 'no jail' err || atf_fail "destroy: $(cat err)"
		atf_check -o empty find root/jails root/run/live \
		    root/run/index -mindepth 1
		[ ! -d "$scope" ] ||
		    atf_check -o empty find "$scope" -mindepth 1 -type d
		[ "$failed" != 0 ] || break
		step=$((step + 1))
		points=$((points + 1))
	done
}

root_test failing_steps "each step of create, start, stop, destroy, run fails in turn"
failing_steps_body() {
	gaol_setup
	scope=$(scope_of)
	points=0
	made='create t -r busybox exec.prestart=true exec.start=true exec.poststart=true exec.prestop=true exec.stop=true exec.poststop=true'
	fail_each '' "$made" "$made"
	fail_each "$made" 'start t' 'start t'
	fail_each "$made --start" 'stop t' 'stop t'
	fail_each "$made" 'destroy -y t' 'destroy -y t'
	fail_each "$made --start" 'destroy -f -y t' 'destroy -f -y t'
	fail_each '' 'run -r busybox --name t true' '' 125
	echo "$points points tried, nothing lost, nothing left"
	[ "$points" -ge 30 ] || atf_fail "only $points points"
}

root_test killed_anywhere "SIGKILL to gaol at each system call (a sample; all with GAOL_CHECK_LONG)"
killed_anywhere_head() {
	atf_set descr 'SIGKILL to gaol at each system call'
	atf_set require.user root
	atf_set timeout 3600
}
killed_anywhere_body() {
	gaol_setup
	scope=$(scope_of)
	stride=149
	[ -z "$GAOL_CHECK_LONG" ] || stride=1
	# a network of its own: some of them add addresses
	atf_check -o save:out unshare -n "$GAOL_TEST_TOOLS/kill_loop" \
	    "$(command -v gaol)" "$PWD/root" "${scope:-/nonexistent}" \
	    $stride 7
	cat out
}

root_test killed_in_network "the same of networks, in a network namespace"
killed_in_network_head() {
	atf_set descr 'SIGKILL to gaol at system calls about networks'
	atf_set require.user root
	atf_set timeout 3600
}
killed_in_network_body() {
	gaol_setup
	scope=$(scope_of)
	stride=97
	[ -z "$GAOL_CHECK_LONG" ] || stride=1
	atf_check -o save:out unshare -n "$GAOL_TEST_TOOLS/kill_loop" \
	    "$(command -v gaol)" "$PWD/root" "${scope:-/nonexistent}" \
	    $stride 7 network
	cat out
}

root_test thousand "jails at once: 100, and 1,000 with GAOL_CHECK_LONG"
thousand_head() {
	atf_set descr 'many jails at once'
	atf_set require.user root
	atf_set timeout 600
}
thousand_body() {
	gaol_setup
	many=100
	[ -z "$GAOL_CHECK_LONG" ] || many=1000
	# shellcheck disable=SC2046
	atf_check -e ignore gaol -q create $(seq -f 'j%g' 1 $many) -r busybox
	atf_check -e ignore gaol -q start ALL
	atf_check_equal $many "$(gaol list -H -o state | grep -c running)"
	atf_check -o inline:'j7\n' gaol exec j7 hostname
	atf_check -e ignore gaol -q stop ALL
	atf_check_equal $many "$(gaol list -H -o state | grep -c stopped)"
	atf_check -e ignore gaol -q destroy -y ALL
	atf_check -o empty ls root/jails
}

root_test racing "commands that race on one jail leave it whole"
racing_body() {
	gaol_setup
	i=0
	while [ $i -lt 15 ]; do
		gaol -q create t -r busybox >/dev/null 2>&1 &
		gaol -q start t >/dev/null 2>&1 &
		gaol -q exec t true >/dev/null 2>&1 &
		gaol -q stop t >/dev/null 2>&1 &
		gaol -q destroy -f -y t >/dev/null 2>&1 &
		gaol -q start t >/dev/null 2>&1 &
		wait
		i=$((i + 1))
	done
	gaol -q destroy -f -y t >/dev/null 2>&1 || :
	atf_check -o empty find root/jails root/run/live root/run/index \
	    -mindepth 1
	atf_check -e ignore gaol -q create t -r busybox
	atf_check -e ignore gaol -q start t
	atf_check gaol exec t true
}

root_test full_disk "a full disk is an error and leaves the old state"
full_disk_head() {
	atf_set descr 'a full disk is an error and leaves the old state'
	atf_set require.user root
}
full_disk_body() {
	mkdir root
	mount -t tmpfs -o size=4M none root
	gaol_setup
	gaol_jail web note=old
	dd if=/dev/zero of=root/fill bs=4k >/dev/null 2>&1
	atf_check -s not-exit:0 -e match:'No space' gaol set web \
	    "note=$(head -c 60000 /dev/zero | tr '\0' n)"
	atf_check -s not-exit:0 -e match:'No space' gaol create more -r busybox \
	    type=thick
	rm root/fill
	atf_check -o match:'old' gaol get note web
	atf_check -o inline:'web\n' ls root/jails
	atf_check -e ignore gaol create more -r busybox
	atf_check -e ignore gaol destroy -f -y ALL
}
full_disk_cleanup() {
	gaol_cleanup
	umount root || :
}

atf_init_test_cases() {
	for t in failing_steps killed_anywhere killed_in_network thousand racing full_disk; do
		atf_add_test_case $t
	done
}
