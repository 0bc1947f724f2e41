#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case take
take_head() {
	atf_set descr "of a stopped jail: what it wrote becomes a layer"
}
take_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	echo one >root/jails/web/layers/upper/file
	atf_check -e inline:"web: snapshot s1\n" gaol snapshot web s1
	atf_check -o empty ls root/jails/web/layers/upper
	atf_check -o inline:"one\n" cat root/jails/web/frozen/*/upper/file
	atf_check -o empty find root/jails -name '.*'
	# nothing new: the same layer again
	atf_check -e ignore gaol snapshot web s2
	atf_check_equal 1 "$(ls root/jails/web/frozen | wc -l | tr -d ' ')"
	atf_check -o inline:"s1\ns2\n" gaol snapshots -H -o name web
}

atf_test_case live
live_head() {
	atf_set descr "of a running jail: its layer is copied"
}
live_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	echo one >root/jails/web/layers/upper/file
	atf_check -e ignore gaol snapshot web s1
	echo two >root/jails/web/layers/upper/file
	atf_check -o inline:"one\n" cat root/jails/web/frozen/*/upper/file
	states "web running"
}

atf_test_case names
names_head() {
	atf_set descr "made from the time, checked, each once"
}
names_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	atf_check -e match:"^web: snapshot [0-9]{8}-[0-9]{6}$" gaol snapshot web
	atf_check -e ignore gaol snapshot web
	atf_check -e ignore gaol snapshot web
	atf_check_equal 3 "$(gaol snapshots -H web | wc -l | tr -d ' ')"
	atf_check -e ignore gaol snapshot web a:b_c-1.2
	fails 73 "jail 'web' has a snapshot 'a:b_c-1.2' already" \
	    snapshot web a:b_c-1.2
	for name in .x -x a/b 'a b' '' "$(printf 'x%.0s' $(seq 129))"; do
		atf_check -s exit:64 -e ignore gaol snapshot -- web "$name"
	done
	atf_check -s exit:64 -e match:"one line" gaol snapshot -m 'a
b' web
	atf_check -s exit:66 -e match:"no jail" gaol snapshot nojail x
	atf_check -s exit:64 -e match:"which jail" gaol snapshot
	atf_check -s exit:64 -e match:"one name" gaol snapshot web a b
	atf_check -s exit:64 -e match:"one of" gaol snapshot -d --hold web a
}

atf_test_case several
several_head() {
	atf_set descr "one name for several jails"
}
several_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail a
	jail b
	atf_check -o ignore -e ignore gaol snapshot ALL friday
	atf_check -o inline:"a\tfriday\nb\tfriday\n" \
	    gaol snapshots -H -o jail,name ALL
}

atf_test_case destroy
destroy_head() {
	atf_set descr "asked for, and only what nobody needs goes"
}
destroy_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	for i in 1 2 3; do
		echo $i >root/jails/web/layers/upper/file
		atf_check gaol -q snapshot web s$i
	done
	atf_check -s exit:64 -e match:"-y answers yes" gaol snapshot -d web s1
	atf_check -e inline:"web: destroyed snapshot s2\n" \
	    gaol snapshot -y -d web s2
	# s3 stands on it
	atf_check_equal 3 "$(ls root/jails/web/frozen | wc -l | tr -d ' ')"
	atf_check -s exit:66 -e match:"no snapshot 's2'" \
	    gaol snapshot -y -d web s1 s2
	atf_check -o inline:"s1\ns3\n" gaol snapshots -H -o name web
	atf_check gaol -q rollback -y web s1
	atf_check gaol -q snapshot -y -d web s3
	atf_check_equal 1 "$(ls root/jails/web/frozen | wc -l | tr -d ' ')"
	atf_check -s exit:64 -e match:"which snapshot" gaol snapshot -d web
}

atf_test_case hold
hold_head() {
	atf_set descr "a held snapshot stays"
}
hold_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	atf_check gaol -q snapshot -m 'for ever' web s1
	atf_check -e inline:"web: snapshot s1 is held\n" \
	    gaol snapshot --hold web s1
	atf_check -o inline:"s1\t1\tfor ever\n" \
	    gaol snapshots -H -o name,holds,note web
	atf_check -s exit:75 -e match:"is held" gaol snapshot -y -d web s1
	atf_check gaol -q snapshot --release web s1
	atf_check gaol -q snapshot -y -d web s1
	atf_check -s exit:66 -e match:"no snapshot" gaol snapshot --hold web s1
}

atf_test_case copy
copy_head() {
	atf_set descr "store dir takes them with --copy only"
}
copy_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web type=thick
	atf_check -s exit:69 -e match:"overlay can" -e match:"--copy" \
	    gaol snapshot web s1
	echo one >root/jails/web/root/file
	atf_check gaol -q snapshot --copy -m note web s1
	echo two >root/jails/web/root/file
	atf_check -o inline:"s1\t0\tnote\n" gaol snapshots -H \
	    -o name,holds,note web
	atf_check gaol -q rollback -y web s1
	atf_check -o inline:"one\n" cat root/jails/web/root/file
	atf_check gaol -q snapshot --hold web s1
	atf_check -s exit:75 -e match:held gaol snapshot -y -d web s1
	atf_check gaol -q snapshot --release web s1
	atf_check gaol -q snapshot -y -d web s1
	atf_check -o empty ls -A root/jails/web/snapshots
}

atf_test_case deep
deep_head() {
	atf_set descr "a deep stack is merged, and shows the same"
}
deep_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	many=70
	[ -z "$GAOL_CHECK_LONG" ] || many=130
	n=1
	while [ $n -le $many ]; do
		echo $n >root/jails/web/layers/upper/file$n
		echo $n >root/jails/web/layers/upper/last
		atf_check gaol -q snapshot web s$n
		atf_check gaol -q snapshot -y -d web s$n
		n=$((n + 1))
	done
	depth=$(ls root/jails/web/frozen | wc -l)
	[ "$depth" -le 61 ] || atf_fail "$depth layers"
	atf_check_equal $many "$(find root/jails/web/frozen -name 'file*' |
	    sed 's|.*/||' | sort -u | wc -l | tr -d ' ')"
	# the stack as it is walked: the newest is found first
	at=$(readlink root/jails/web/layers/below) seen=0
	while [ -n "$at" ]; do
		dir=root/jails/web/frozen/$at
		[ -d "$dir" ] || atf_fail "$at dangles"
		[ -n "$last" ] || ! [ -f "$dir/upper/last" ] ||
		    last=$(cat "$dir/upper/last")
		seen=$((seen + 1))
		at=$(readlink "$dir/below")
	done
	atf_check_equal $many "$last"
	[ $seen -eq "$depth" ] || atf_fail "$seen of $depth are in the stack"
}

atf_test_case due
due_head() {
	atf_set descr "snapshot.schedule and snapshot.keep"
}
due_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web snapshot.schedule=hourly snapshot.keep=hourly:2,daily:1
	jail other
	atf_check gaol -q snapshot web mine
	atf_check -e match:"^web: snapshot auto-" gaol snapshot --due
	atf_check -e empty gaol snapshot --due
	atf_check_equal 2 "$(gaol snapshots -H web | wc -l | tr -d ' ')"
	# five more of earlier hours and days
	now=$(date +%s)
	top=$(readlink root/jails/web/snapshots/mine | cut -d' ' -f2)
	for ago in 7200 10800 90000 180000; do
		ln -s "1 $top $((now - ago)) $((now - ago)) 0 scheduled" \
		    root/jails/web/snapshots/auto-$ago
	done
	for s in root/jails/web/snapshots/auto-2*; do
		rm "$s"
	done
	atf_check -e match:"destroyed auto-180000 auto-90000 auto-10800" \
	    gaol snapshot --due
	atf_check_equal 3 "$(gaol snapshots -H web | wc -l | tr -d ' ')"
	atf_check -o match:"^mine$" -o match:"^auto-7200$" \
	    gaol snapshots -H -o name web
	atf_check -o empty gaol snapshots -H other
	atf_check gaol set web 'snapshot.schedule=* * * * *'
	atf_check -s exit:64 -e ignore gaol set web snapshot.keep=never:3
	atf_check -s exit:64 -e match:"no target" gaol snapshot --due web
}

atf_test_case plan
plan_head() {
	atf_set descr "-n tells and does nothing"
}
plan_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	atf_check -o match:"^would freeze 'web'" \
	    -o match:"^would take snapshot 's1' of 'web'" \
	    gaol -n snapshot web s1
	atf_check -o empty gaol snapshots -H web
	atf_check gaol -q snapshot web s1
	atf_check -o match:"^would destroy of 'web': s1$" \
	    gaol -n snapshot -y -d web s1
	atf_check -o inline:"s1\n" gaol snapshots -H -o name web
}

atf_init_test_cases() {
	for t in take live names several destroy hold copy deep due plan; do
		atf_add_test_case $t
	done
}
