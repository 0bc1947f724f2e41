#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case one
one_head() {
	atf_set descr "it has another life afterwards"
}
one_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	jid=$(gaol get -H -o value jid web)
	atf_check -e inline:"web: restarted\n" gaol restart web
	[ "$(gaol get -H -o value jid web)" != "$jid" ] || atf_fail "the same"
}

atf_test_case stopped
stopped_head() {
	atf_set descr "one that was named is started, others are not"
}
stopped_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	running db
	atf_check -e inline:"db: restarted\n" gaol restart ALL
	states "db running web stopped"
	atf_check -e inline:"web was not running\nweb: restarted\n" \
	    gaol restart web
	states "db running web running"
}

atf_test_case order
order_head() {
	atf_set descr "all are stopped, last first, before any is started"
}
order_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running db exec.prestop="echo -db >>$PWD/order" \
	    exec.prestart="echo +db >>$PWD/order"
	running web depend=db exec.prestop="echo -web >>$PWD/order" \
	    exec.prestart="echo +web >>$PWD/order"
	rm order
	atf_check gaol -q restart ALL
	atf_check -o inline:"-web\n-db\n+db\n+web\n" cat order
}

atf_test_case rolling
rolling_head() {
	atf_set descr "one after the other, until one does not come back"
}
rolling_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	for name in a b c; do
		running $name exec.prestop="echo -\$JNAME >>$PWD/order" \
		    exec.prestart="echo +\$JNAME >>$PWD/order"
	done
	rm order
	printf 'a: restarted\nb: restarted\nc: restarted\n' >expected
	atf_check -e file:expected gaol restart -r 1 --pause 10ms ALL
	atf_check -o inline:"-a\n+a\n-b\n+b\n-c\n+c\n" cat order
	atf_check -e file:expected gaol restart -r 2 ALL
	atf_check -e ignore gaol set b ready=exec:false ready.timeout=1s
	rm order
	printf 'a: restarted\nb: restarted\n1 more were left as they are\n' \
	    >expected
	echo "gaol: b: it runs, but was not ready (exec:false) in 1 s" \
	    >>expected
	atf_check -s exit:1 -e file:expected gaol restart -r 1 ALL
	atf_check -o inline:"-a\n+a\n-b\n+b\n" cat order
	fails 64 "restart: --pause has a meaning with --rolling only" \
	    restart --pause 1s ALL
}

atf_test_case broken
broken_head() {
	atf_set descr "what would not start again is not stopped"
}
broken_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	running db
	echo 'web { nonsense; }' | conf web
	fails 78 "$root/jails/web/cell.conf:1:7: unknown property 'nonsense'" \
	    restart web
	printf 'gaol: web: %s\ngaol: db: %s\ngaol: %s\n' \
	    "$root/jails/web/cell.conf:1:7: unknown property 'nonsense'" \
	    "" "" >/dev/null
	atf_check -s exit:1 -e match:"db: restarted" \
	    -e match:"restart failed for 1 of 2: web" gaol restart web db
	[ -e root/fake/web ] || atf_fail "web was stopped"
}

atf_test_case hooks
hooks_head() {
	atf_set descr "-f runs no stop hooks"
}
hooks_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web exec.prestop="echo hook"
	atf_check -o inline:"hook\n" gaol -q restart web
	atf_check gaol -q restart -f web
}

atf_test_case plan
plan_head() {
	atf_set descr "-n tells the steps and changes nothing"
}
plan_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web stop.timeout=2
	jid=$(gaol get -H -o value jid web)
	cat >expected <<-end
	would end all processes of 'web' (SIGTERM, SIGKILL after 2000 ms)
	would start 'web' again
	end
	atf_check -o file:expected gaol -n restart web
	atf_check_equal "$jid" "$(gaol get -H -o value jid web)"
}

atf_test_case usage
usage_head() {
	atf_set descr "wrong command lines"
}
usage_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	u="(usage: gaol restart [-f] [-r N] [--pause TIME] [-P N] target...)"
	fails 64 "restart: an operand is missing $u" restart
	fails 66 "no jail named 'web'" restart web
}

atf_init_test_cases() {
	atf_add_test_case one
	atf_add_test_case stopped
	atf_add_test_case order
	atf_add_test_case rolling
	atf_add_test_case broken
	atf_add_test_case hooks
	atf_add_test_case plan
	atf_add_test_case usage
}
