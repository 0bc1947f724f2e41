#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case status
status_head() {
	atf_set descr "the command's own, and nothing is left"
}
status_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check -o inline:"hello\n" gaol run -r base -- echo hello
	atf_check -s exit:9 gaol run -r base -- sh -c 'exit 9'
	atf_check -s exit:127 -e inline:"sh: nothere: not found\n" \
	    gaol run -r base nothere
	states ""
	atf_check -o inline:"" ls -A root/jails
	atf_check -o inline:"" ls root/fake
}

atf_test_case line
line_head() {
	atf_set descr "where the command line begins"
}
line_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check -o inline:"-x --help\n" gaol run -r base echo -x --help
	atf_check -o inline:"a=b\n" gaol run -r base note=x echo a=b
	atf_check -o inline:"-- x\n" gaol run -r base -- echo -- x
	atf_check -o inline:"one\n" -x "echo 'echo one' | gaol run -r base"
	# a property and not a command, unless "--" says so
	fails 125 "unknown property 'FOO'" run -r base FOO=bar echo
	atf_check -s exit:127 -e inline:"sh: note=x: not found\n" \
	    gaol run -r base -- note=x
}

atf_test_case options
options_head() {
	atf_set descr "environment, directory, name"
}
options_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check -o match:"^A=1$" -o match:"^B=2 3$" -o match:"^C=$" \
	    gaol run -r base -e A=1 -e "B=2 3" --env C= env
	atf_check -o inline:"/tmp\n" gaol run -r base -w /tmp pwd
	fails 125 "run: -e A: the environment has no such variable" run -r base -e A env
	fails 125 "run: -t and -T exclude each other" run -r base -tT env
}

atf_test_case name
name_head() {
	atf_set descr "-N, and a name that is taken"
}
name_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check -o inline:"web\n" gaol run -r base -N web \
	    exec.prestart='echo $JNAME' true
	jail web
	fails 125 "jail 'web' exists already" run -r base -N web true
	states "web stopped"
	fails 125 "'a b' cannot be the name of a jail: only A-Z a-z 0-9 . _ - \
may stand in it" run -r base -N 'a b' true
}

atf_test_case keep
keep_head() {
	atf_set descr "--keep keeps the jail"
}
keep_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check gaol run -r base --keep -N web note=kept true
	states "web stopped"
	atf_check -o inline:"kept\n" gaol get -H -o value note web
}

atf_test_case own_failure
own_failure_head() {
	atf_set descr "125 when gaol itself failed"
}
own_failure_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	fails 125 "which release? -r NAME ('gaol releases' lists them)" \
	    run true
	fails 125 "no release 'none'; 'gaol bootstrap none' gets it" \
	    run -r none true
	fails 125 "'../base' cannot be the name of a release: only A-Z a-z \
0-9 . _ - may stand in it" run -r ../base true
	fails 125 "exec.prestart: 'false' ended with status 1" \
	    run -r base exec.prestart=false true
	states ""
	atf_check -s exit:125 -e match:"^gaol: run: unknown option -x " \
	    gaol run -x -r base true
}

atf_test_case plan
plan_head() {
	atf_set descr "-n tells the steps"
}
plan_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check -o match:"^would rename it in as $root/jails/web$" \
	    -o match:"^would start 'web' with true, and destroy it when that \
ends$" gaol -n run -N web -r base true
	states ""
}

atf_init_test_cases() {
	atf_add_test_case status
	atf_add_test_case line
	atf_add_test_case options
	atf_add_test_case name
	atf_add_test_case keep
	atf_add_test_case own_failure
	atf_add_test_case plan
}
