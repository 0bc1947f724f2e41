#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case one
one_head() {
	atf_set descr "with all its files and its log"
}
one_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	atf_check gaol -q stop web
	atf_check -e inline:"web: destroyed\n" gaol destroy -y web
	atf_check -o inline:"" ls -A root/jails
	atf_check -o inline:"events.log\n" ls -A root/log
	atf_check -o inline:"" ls -A root/run/lock
}

atf_test_case asks
asks_head() {
	atf_set descr "without a terminal -y is needed"
}
asks_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	fails 64 "destroy: no terminal to ask on; -y answers yes" destroy web
	echo y >yes
	atf_check -s exit:64 -e ignore -x "gaol destroy web <yes"
	states "web stopped"
}

atf_test_case terminal
terminal_head() {
	atf_set descr "on a terminal only y and yes destroy"
	atf_set require.progs script
}
terminal_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	for answer in n '' yess 'y y' no; do
		echo "$answer" >answer
		atf_check -s exit:1 -o match:"destroy, with all its files: web\
\\? \\[y/N\\]" -o match:"gaol: nothing was done" script -qec \
		    "gaol destroy web" /dev/null <answer
	done
	states "web stopped"
	echo YES >answer
	atf_check -o match:"web: destroyed" script -qec "gaol destroy web" \
	    /dev/null <answer
	states ""
}

atf_test_case running
running_head() {
	atf_set descr "75 unless -f, which stops it first"
}
running_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	fails 75 "jail 'web' is running; 'gaol stop web' first, or -f" \
	    destroy -y web
	states "web running"
	atf_check -e inline:"web: destroyed\n" gaol destroy -fy web
	[ ! -e root/fake/web ] || atf_fail "it runs"
}

atf_test_case protected
protected_head() {
	atf_set descr "77, with -f too"
}
protected_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail db protect=on
	atf_check gaol -q snapshot db s1
	fails 77 "jail 'db' is protected: it may not be renamed; 'gaol set db protect=off' lifts that" rename db other
	atf_check -s exit:77 -e match:"protected: it may not be rolled back" \
	    gaol rollback -y db s1
	atf_check gaol set db protect=off
	atf_check -e ignore gaol rename db other
	atf_check -e ignore gaol destroy -y other
	jail web protect=on
	for f in -y -fy; do
		fails 77 "jail 'web' is protected; 'gaol set web protect=off' \
lifts that" destroy $f web
	done
	atf_check gaol set web protect=off
	atf_check gaol -q destroy -y web
}

atf_test_case several
several_head() {
	atf_set descr "those that fail are told"
}
several_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail a
	jail b protect=on
	jail c
	printf 'a: destroyed\ngaol: b: %s\nc: destroyed\ngaol: %s\n' \
	    "jail 'b' is protected; 'gaol set b protect=off' lifts that" \
	    "destroy failed for 1 of 3: b" >expected
	atf_check -s exit:1 -e file:expected gaol destroy -y ALL
	states "b stopped"
}

atf_test_case none
none_head() {
	atf_set descr "ALL of none is no error; a wrong name is"
}
none_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check gaol destroy -y ALL
	fails 66 "no jail named 'web'" destroy -y web
	jail web
	jail web2
	fails 66 "no jail named 'we' (did you mean 'web'?)" destroy -y we
	atf_check -e inline:"web: destroyed\n" gaol destroy -y web
	states "web2 stopped"
}

atf_test_case broken
broken_head() {
	atf_set descr "a broken cell.conf makes none indestructible"
}
broken_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	echo '}' | conf web
	atf_check -e inline:"web: destroyed\n" gaol destroy -y web
}

atf_test_case link
link_head() {
	atf_set descr "links inside are removed, not followed"
}
link_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	mkdir precious
	echo kept >precious/file
	ln -s "$PWD/precious" root/jails/web/layers/upper/link
	atf_check gaol -q destroy -y web
	atf_check -o inline:"kept\n" cat precious/file
}

atf_test_case plan
plan_head() {
	atf_set descr "-n asks nothing and destroys nothing"
}
plan_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	cat >expected <<-end
	would rename $root/jails/web away
	would remove all files of 'web'
	would remove the logs $root/log/web
	end
	atf_check -o file:expected gaol -n destroy web
	states "web stopped"
}

atf_test_case usage
usage_head() {
	atf_set descr "wrong command lines"
}
usage_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	u="(usage: gaol destroy [-fy] [-P N] target...)"
	fails 64 "destroy: an operand is missing $u" destroy
	fails 64 "destroy: an operand is missing $u" destroy -y
	fails 64 "destroy: unknown option -r $u" destroy -r web
}

atf_init_test_cases() {
	atf_add_test_case one
	atf_add_test_case asks
	atf_add_test_case terminal
	atf_add_test_case running
	atf_add_test_case protected
	atf_add_test_case several
	atf_add_test_case none
	atf_add_test_case broken
	atf_add_test_case link
	atf_add_test_case plan
	atf_add_test_case usage
}
