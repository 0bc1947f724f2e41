#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case well
well_head() {
	atf_set descr "everything is well"
	atf_set require.progs jq
}
well_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	jail db
	cat >expected <<-end
	LEVEL  SUBJECT      TEXT
	ok     directories  only their owner can write to them
	ok     jails        2, every cell.conf is valid, every release is there
	ok     leftovers    none of an interrupted command
	ok     records      each belongs to a jail that runs
	ok     mounts       none below the files of a jail
	end
	atf_check -o save:out gaol doctor
	atf_check -o file:expected head -n 6 out
	atf_check -o inline:"0\n" -x \
	    "gaol doctor -j | jq '[.[] | select(.repaired)] | length'"
}

atf_test_case leftovers
leftovers_head() {
	atf_set descr "of an interrupted create, destroy, bootstrap"
}
leftovers_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	mkdir root/jails/.new.one root/jails/.trash.two root/releases/.new.rel
	# the plan: what --repair would mend, and it is left as it is
	atf_check -s exit:1 -o match:"^warning	one	.*--repair" \
	    gaol -nH doctor --repair
	test -d root/jails/.new.one || atf_fail "-n repaired"
	atf_check -s exit:1 \
	    -o match:"^warning	rel	files that an interrupted bootstrap \
left; --repair removes them$" \
	    -o match:"^warning	one	files that an interrupted \
command left; the next command on it, or --repair, puts that right$" \
	    -o match:"^warning	two	files that" gaol doctor -H
	[ -d root/jails/.new.one ] || atf_fail "it was removed"
	atf_check -o match:"^repaired  one " -o match:"^repaired  two " \
	    -o match:"^repaired  rel " -e ignore gaol doctor --repair
	atf_check -o inline:"web\n" ls -A root/jails
	atf_check -o inline:"base\n" ls -A root/releases
	atf_check -o match:"^ok     leftovers " gaol doctor
}

atf_test_case at_work
at_work_head() {
	atf_set descr "what another command is making is not left over"
}
at_work_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web exec.prestart="sleep 2"
	gaol -q start web &
	sleep 0.5
	atf_check -o match:"^ok	records	" gaol doctor -H
	mkdir root/jails/.new.web
	atf_check -o match:"^ok	leftovers	" gaol doctor -H --repair
	[ -d root/jails/.new.web ] || atf_fail "it was removed"
	wait
}

atf_test_case records
records_head() {
	atf_set descr "of jails that ended by themselves"
}
records_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	dies web
	atf_check -s exit:1 -o match:"^warning	web	is recorded as running \
and does not; " gaol doctor -H
	atf_check -o match:"^repaired  web " -e ignore gaol doctor --repair
	atf_check -o ignore gaol doctor
}

atf_test_case cells
cells_head() {
	atf_set descr "files that are wrong, releases and jails that are missing"
}
cells_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail a
	jail b depend=gone
	jail c
	echo 'a { nonsense; }' | conf a
	echo 'c { release = none; }' | conf c
	mkdir root/jails/lost+found
	atf_check -s exit:1 \
	    -o match:"^bad	a	$root/jails/a/cell.conf:1:5: unknown" \
	    -o match:"^warning	b	depends on 'gone', which does not exist$" \
	    -o match:"^bad	c	no release 'none'; 'gaol bootstrap none' \
gets it$" -o match:"^note	lost.found	$root/jails/lost.found is no jail" \
	    gaol doctor -H
	atf_check gaol -q destroy -y ALL
	atf_check -o match:"^note	lost.found	" gaol doctor -H
}

atf_test_case permissions
permissions_head() {
	atf_set descr "directories that others can write to"
}
permissions_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	chmod g+w root/jails
	chmod o+w root/run
	atf_check -s exit:1 \
	    -o match:"^bad	$root/jails	others can write to it; 'chmod go-w \
$root/jails' mends it$" -o match:"^bad	$root/run	others can" gaol doctor -H
}

atf_test_case usage
usage_head() {
	atf_set descr "wrong command lines"
}
usage_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	u="(usage: gaol doctor [--repair])"
	fails 64 "doctor: 'web' is one too many $u" doctor web
	fails 64 "doctor: unknown option --repiar (did you mean --repair?) $u" \
	    doctor --repiar
}

atf_init_test_cases() {
	atf_add_test_case well
	atf_add_test_case leftovers
	atf_add_test_case at_work
	atf_add_test_case records
	atf_add_test_case cells
	atf_add_test_case permissions
	atf_add_test_case usage
}
