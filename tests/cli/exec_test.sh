#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case status
status_head() {
	atf_set descr "the command's own"
}
status_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	atf_check -o inline:"a  b\n" gaol exec web echo 'a  b'
	atf_check -s exit:42 gaol exec web sh -c 'exit 42'
	atf_check -s exit:1 gaol exec web false
	atf_check -s exit:127 -e inline:"sh: nothere: not found\n" \
	    gaol exec web nothere
}

atf_test_case line
line_head() {
	atf_set descr "everything after the target belongs to the command"
}
line_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	atf_check -o inline:"-n -j --help -- x\n" \
	    gaol exec web echo -n -j --help -- x
	atf_check -o inline:"-x\n" gaol exec web -- echo -x
	atf_check -o inline:"x\n" gaol exec -- web echo x
	atf_check -s exit:127 -e ignore gaol exec web -- -- echo
}

atf_test_case options
options_head() {
	atf_set descr "environment, directory"
}
options_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web env=OWN=1
	atf_check -o match:"^OWN=2$" -o match:"^A=b c$" \
	    -o not-match:"^SECRET" \
	    env SECRET=1 gaol exec -e OWN=2 -e "A=b c" web env
	atf_check -o inline:"/\n" gaol exec web pwd
	atf_check -o inline:"/var/tmp\n" gaol exec -w /var/tmp web pwd
	fails 125 "exec: -e =b: NAME=VALUE, or the NAME of a variable of ours, is needed" \
	    exec -e =b web env
	# by its name alone a value need not be on the command line
	atf_check -o match:"^A=secret value$" -o not-match:"^B" \
	    env A="secret value" B=other gaol exec -e A web env
	unset A
	fails 125 "exec: -e A: the environment has no such variable" \
	    exec -e A web env
	fails 125 "exec: -t and -T exclude each other" exec -t -T web env
}

atf_test_case user
user_head() {
	atf_set descr "as the jail knows it"
}
user_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	mkdir -p root/jails/web/layers/upper/etc
	echo 'www:x:80:80:www:/var/www:/bin/sh' \
	    >root/jails/web/layers/upper/etc/passwd
	atf_check gaol -q start web
	atf_check -o inline:"uid=80 gid=80 groups=80\n" \
	    gaol exec -u www web id
	atf_check -o inline:"uid=7 gid=8 groups=8\n" gaol exec -u 7:8 web id
	fails 125 "no user 'wwww' in the jail" exec -u wwww web id
}

atf_test_case input
input_head() {
	atf_set descr "standard input reaches the command"
}
input_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	atf_check -o inline:"in\n" -x "echo in | gaol exec web cat"
}

atf_test_case own_failure
own_failure_head() {
	atf_set descr "125 when gaol itself failed"
}
own_failure_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	u="(usage: gaol exec [-tT] [-u USER[:GROUP]] [-e NAME[=VALUE]] [-w DIR] \
[-P N] target command [argument...])"
	fails 125 "jail 'web' is not running; 'gaol start web' starts it" \
	    exec web true
	fails 125 "no jail named 'wbe' (did you mean 'web'?)" exec wbe true
	fails 125 "exec: an operand is missing $u" exec
	fails 125 "exec: a command is missing; 'gaol console web' gives a \
shell" exec web
	fails 125 "exec: unknown option -x $u" exec -x web ls
	fails 125 "exec: -n has no meaning here $u" -n exec web ls
	printf '{"error":{"code":"not-found","message":"%s"}}\n' \
	    "no jail named 'wbe' (did you mean 'web'?)" >expected
	atf_check -s exit:125 -e file:expected gaol -j exec wbe true
}

atf_test_case several
several_head() {
	atf_set descr "each output under its name"
}
several_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running a
	running b
	jail c
	atf_check -o inline:"[a]\nx\n[b]\nx\n" gaol exec ALL echo x
	atf_check -o inline:"x\nx\n" gaol -q exec '[ab]' echo x
	atf_check -o inline:"x\nx\n" gaol -H exec '*' echo x
	printf 'gaol: a: %s\ngaol: b: %s\ngaol: %s\n' "ended with status 3" \
	    "ended with status 3" "exec failed for 2 of 2: a, b" >expected
	atf_check -s exit:1 -o inline:"[a]\n[b]\n" -e file:expected \
	    gaol exec ALL sh -c 'exit 3'
	atf_check gaol -q stop ALL
	atf_check gaol exec ALL true
}

atf_init_test_cases() {
	atf_add_test_case status
	atf_add_test_case line
	atf_add_test_case options
	atf_add_test_case user
	atf_add_test_case input
	atf_add_test_case own_failure
	atf_add_test_case several
}
