#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case lines
lines_head() {
	atf_set descr "the last ones, 100 without -n"
}
lines_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	mkdir -p root/log/web
	seq 1 300 >root/log/web/console.log
	seq 201 300 >last
	atf_check -o file:last gaol logs web
	atf_check -o inline:"299\n300\n" gaol logs -n 2 web
	atf_check -o inline:"300\n" gaol logs web -n1
	atf_check gaol logs -n 0 web
	atf_check -o file:root/log/web/console.log gaol logs -n 300 web
	atf_check -o file:root/log/web/console.log gaol logs -n 99999 web
	printf 'no end' >>root/log/web/console.log
	atf_check -o inline:"300\nno end" gaol logs -n 2 web
}

atf_test_case long
long_head() {
	atf_set descr "lines longer than what is read at once"
}
long_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	mkdir -p root/log/web
	{
		echo first
		head -c 200000 /dev/zero | tr '\0' x
		echo
		echo last
	} >root/log/web/console.log
	tail -n 2 root/log/web/console.log >last
	atf_check -o file:last gaol logs -n 2 web
	atf_check -o file:root/log/web/console.log gaol logs -n 3 web
}

atf_test_case console
console_head() {
	atf_set descr "what exec.start prints is there"
}
console_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web exec.start="echo from inside"
	atf_check -o inline:"from inside\n" gaol logs web
}

atf_test_case elsewhere
elsewhere_head() {
	atf_set descr "exec.consolelog"
}
elsewhere_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web exec.consolelog=$PWD/other.log
	echo other >other.log
	atf_check -o inline:"other\n" gaol logs web
	rm other.log
	echo secret >target
	ln -s target other.log
	atf_check -s not-exit:0 -e match:"other.log" gaol logs web
}

atf_test_case none
none_head() {
	atf_set descr "no log yet is no error"
}
none_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	atf_check -e inline:"web has written no log yet\n" gaol logs web
	fails 66 "no jail named 'other'" logs other
}

atf_test_case broken
broken_head() {
	atf_set descr "the log of a jail whose cell.conf is wrong"
}
broken_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	mkdir -p root/log/web
	echo why >root/log/web/console.log
	echo 'web {' | conf web
	atf_check -o inline:"why\n" gaol logs web
}

atf_test_case follow
follow_head() {
	atf_set descr "-f goes on, over rotation and truncation"
}
follow_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	mkdir -p root/log/web
	log=root/log/web/console.log
	echo one >$log
	gaol logs -f web >out 2>err &
	sleep 0.5
	echo two >>$log
	sleep 0.5
	mv $log $log.0
	echo late >>$log.0
	echo three >$log
	sleep 0.6
	echo 4 >$log
	sleep 0.6
	atf_check gaol -q destroy -y web
	wait $! || atf_fail "status $?"
	atf_check -o inline:"one\ntwo\nlate\nthree\n4\n" cat out
	atf_check cat err
}

atf_test_case follow_none
follow_none_head() {
	atf_set descr "-f waits for a log that is not there yet"
}
follow_none_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	gaol logs -f web >out 2>err &
	sleep 0.4
	mkdir -p root/log/web
	echo first >root/log/web/console.log
	sleep 0.6
	atf_check gaol -q destroy -y web
	wait $! || atf_fail "status $?"
	atf_check -o inline:"first\n" cat out
}

atf_test_case several
several_head() {
	atf_set descr "several jails by time, chosen by time and by pattern"
}
several_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	jail database
	mkdir -p root/log/web root/log/database
	d=2026-11-28T07:00
	printf '%s one\n%s two\nand more\n' $d:01.000Z $d:03.500Z \
	    >root/log/web/console.log
	printf '%s old\n' $d:00.000Z >root/log/database/console.log.1
	printf '%s begin\n%s end\n' $d:02.000Z $d:04.000Z \
	    >root/log/database/console.log
	atf_check -o inline:"database  old
web       one
database  begin
web       two
web       and more
database  end
" gaol logs ALL
	atf_check -o inline:"web       and more
database  end
" gaol logs -n 2 web database
	atf_check -o inline:"two\nand more\n" gaol logs -n 2 web
	atf_check -o inline:"2026-11-28 07:00:03.500 two
2026-11-28 07:00:03.500 and more
" gaol logs -t -S 2026-11-28T07:00:02 web
	atf_check -o inline:"old\nend\n" gaol logs -g '^(o|e)' database
	atf_check -o inline:"end\n" gaol logs -n 1 -g '^(o|e)' database
	atf_check -o empty gaol logs -g nothing ALL
}

atf_test_case moved
moved_head() {
	atf_set descr "-f reads what was moved on before it was read"
}
moved_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	jail db
	mkdir -p root/log/web
	log=root/log/web/console.log
	echo one >$log
	gaol logs -f web db >out 2>err &
	pid=$!
	n=0
	while ! grep -q one out; do
		n=$((n + 1)); [ $n -lt 100 ] || atf_fail "$(cat out err)"
		sleep 0.1
	done
	# at once, as gaol-init does it
	{ echo one; echo two; } >$log.1
	: >$log.new
	cat $log.new >$log
	printf 'x\n' >>$log
	n=0
	while ! grep -q x out; do
		n=$((n + 1)); [ $n -lt 100 ] || atf_fail "$(cat out err)"
		sleep 0.1
	done
	kill $pid
	atf_check -o match:"^web  two" -o match:"^web  x" cat out
}

atf_test_case terminal
terminal_head() {
	atf_set descr "on a terminal escape sequences are shown, not obeyed"
	atf_set require.progs script
}
terminal_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	mkdir -p root/log/web
	printf 'a\033[31mred\r\nb\tc\007\n' >root/log/web/console.log
	atf_check -o file:root/log/web/console.log gaol logs web
	script -qec "gaol logs web" /dev/null </dev/null >out
	atf_check -o inline:"a?[31mred\r\nb\tc?\r\n" cat out
}

atf_test_case usage
usage_head() {
	atf_set descr "wrong command lines"
}
usage_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	u="(usage: gaol logs [-ft] [-n LINES] [-S TIME] [-g RE] target...)"
	jail web
	fails 64 "logs: an operand is missing $u" logs
	fails 64 "logs: -n: 'x' is not a number" logs -n x web
	fails 64 "logs: -n: '-1' is not a number" logs -n -1 web
	atf_check -s exit:64 -e match:"logs: -g: '\\(': " gaol logs -g '(' web
	atf_check -s exit:64 -e match:"'noon' is no time" gaol logs -S noon web
	fails 64 "logs: -n has no meaning here $u" -n logs web
}

atf_init_test_cases() {
	atf_add_test_case lines
	atf_add_test_case long
	atf_add_test_case console
	atf_add_test_case elsewhere
	atf_add_test_case none
	atf_add_test_case broken
	atf_add_test_case follow
	atf_add_test_case follow_none
	atf_add_test_case several
	atf_add_test_case moved
	atf_add_test_case terminal
	atf_add_test_case usage
}
