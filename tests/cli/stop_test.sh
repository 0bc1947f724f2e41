#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case one
one_head() {
	atf_set descr "a jail that runs"
}
one_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	atf_check -e inline:"web: stopped\n" gaol stop web
	states "web stopped"
}

atf_test_case stopped
stopped_head() {
	atf_set descr "no error; a note for one that was named"
}
stopped_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	atf_check -e inline:"web is not running\n" gaol stop web
	atf_check gaol -q stop web
	atf_check gaol stop ALL
	atf_check gaol stop 'w*'
}

atf_test_case force
force_head() {
	atf_set descr "-f runs no stop hooks"
}
force_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web exec.prestop="echo hook" exec.poststop="echo after"
	atf_check -o inline:"hook\nafter\n" gaol -q stop web
	atf_check gaol -q start web
	atf_check -o inline:"after\n" gaol -q stop -f web
}

atf_test_case reverse
reverse_head() {
	atf_set descr "what depends on others stops before them"
}
reverse_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running db exec.prestop="sleep 0.1; echo db >>$PWD/order"
	running app depend=db exec.prestop="sleep 0.1; echo app >>$PWD/order"
	running web depend=app exec.prestop="echo web >>$PWD/order"
	printf 'app: stopped\ndb: stopped\nweb: stopped\n' >expected
	atf_check -e file:expected gaol stop ALL
	atf_check -o inline:"web\napp\ndb\n" cat order
}

atf_test_case needed_stays
needed_stays_head() {
	atf_set descr "only what was named is stopped"
}
needed_stays_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running db
	running web depend=db
	atf_check -e inline:"web: stopped\n" gaol stop web
	states "db running web stopped"
}

atf_test_case priority
priority_head() {
	atf_set descr "a higher number stops first"
}
priority_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	for n in 30 10 20; do
		running "p$n" priority=$n \
		    exec.prestop="sleep 0.1; echo \$JNAME >>$PWD/order"
	done
	atf_check gaol -q stop ALL
	atf_check -o inline:"p30\np20\np10\n" cat order
}

atf_test_case circle
circle_head() {
	atf_set descr "a circle of dependencies keeps none from being stopped"
}
circle_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running a
	running b depend=a
	# written by hand: set refuses it
	sed 's/^}/depend = b; }/' root/jails/a/cell.conf >conf
	cp conf root/jails/a/cell.conf
	printf 'gaol: warning: %s\na: stopped\nb: stopped\n' \
	    "depend goes in a circle: a -> b -> a" >expected
	atf_check -e file:expected gaol stop ALL
	states "a stopped b stopped"
}

atf_test_case broken
broken_head() {
	atf_set descr "a cell.conf that was broken meanwhile keeps none alive"
}
broken_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	echo 'web {' | conf web
	atf_check -e match:"web: stopped" gaol stop web
	[ ! -e root/fake/web ] || atf_fail "it runs"
}

atf_test_case died
died_head() {
	atf_set descr "one that ended by itself is no longer running"
}
died_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	dies web
	printf '%s\n' "web: the jail ended by itself; cleaning up" \
	    "web is not running" >expected
	atf_check -e file:expected gaol stop web
}

atf_test_case never_prefix
never_prefix_head() {
	atf_set descr "web means web alone"
}
never_prefix_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web2
	running web
	atf_check -e inline:"web: stopped\n" gaol stop web
	states "web stopped web2 running"
	fails 66 "no jail named 'we' (did you mean 'web'?)" stop we
}

atf_test_case usage
usage_head() {
	atf_set descr "wrong command lines"
}
usage_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	u="(usage: gaol stop [-f] [-w TIME] [-P N] target...)"
	running web
	fails 64 "stop: an operand is missing $u" stop
	fails 64 "stop: unknown option -x $u" stop -fx web
	fails 64 "stop: unknown option --forec (did you mean --force?) $u" \
	    stop --forec web
	states "web running"
}

atf_test_case plan
plan_head() {
	atf_set descr "-n tells the steps and stops nothing"
}
plan_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web exec.stop="echo bye" stop.timeout=3
	cat >expected <<-end
	would run exec.stop: echo bye (inside)
	would end all processes of 'web' (SIGTERM, SIGKILL after 3000 ms)
	end
	atf_check -o file:expected gaol -n stop web
	states "web running"
}

atf_init_test_cases() {
	atf_add_test_case one
	atf_add_test_case stopped
	atf_add_test_case force
	atf_add_test_case reverse
	atf_add_test_case needed_stays
	atf_add_test_case priority
	atf_add_test_case circle
	atf_add_test_case broken
	atf_add_test_case died
	atf_add_test_case never_prefix
	atf_add_test_case usage
	atf_add_test_case plan
}
