#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case shell
shell_head() {
	atf_set descr "the login shell reads standard input"
}
shell_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	atf_check -s exit:7 -o inline:"one\n" \
	    -x "printf 'echo one\nexit 7\necho two\n' | gaol console web"
}

atf_test_case command
command_head() {
	atf_set descr "or the command that is given"
}
command_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	atf_check -o inline:"-l x\n" gaol console web echo -l x
	atf_check -o match:"^A=1$" gaol console -e A=1 web env
}

atf_test_case one_jail
one_jail_head() {
	atf_set descr "never of several"
}
one_jail_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running a tag=t
	running b
	fails 125 "console: one jail is needed, 'ALL' stands for 2" console ALL
	atf_check -o inline:"x\n" gaol console @t echo x
	fails 125 "no jail named 'other'" console other
}

atf_test_case own_failure
own_failure_head() {
	atf_set descr "125 when gaol itself failed"
}
own_failure_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	fails 125 "jail 'web' is not running; 'gaol start web' starts it" \
	    console web
	fails 125 "console: an operand is missing (usage: gaol console \
[-u USER[:GROUP]] [-e NAME[=VALUE]] target [command [argument...]])" console
}

atf_init_test_cases() {
	atf_add_test_case shell
	atf_add_test_case command
	atf_add_test_case one_jail
	atf_add_test_case own_failure
}
