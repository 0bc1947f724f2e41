#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case values
values_head() {
	atf_set descr "set, add, back to the default"
}
values_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	atf_check gaol set web boot=on tag=a tag+=b,c note="x = y"
	atf_check -o inline:"on\na,b,c\nx = y\n" \
	    gaol get -H -o value boot,tag,note web
	atf_check gaol set web boot= tag=z
	atf_check -o inline:"off\tdefault\nz\tfile\n" \
	    gaol get -H -o value,from boot,tag web
}

atf_test_case comments
comments_head() {
	atf_set descr "the rest of the file stays as it is"
}
comments_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	printf '# mine\nweb {\n    release = base;  # why\n    boot;\n\n}\n' |
	    conf web
	atf_check gaol set web boot=off
	atf_check -o match:"^# mine$" -o match:"^    release = base;  # why$" \
	    -o match:"^    boot = off;$" cat root/jails/web/cell.conf
}

atf_test_case all_or_nothing
all_or_nothing_head() {
	atf_set descr "one wrong assignment and nothing is set"
}
all_or_nothing_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	cp root/jails/web/cell.conf before
	fails 64 "unknown property 'bot' (did you mean 'boot'?)" \
	    set web note=x bot=on
	fails 64 "boot: 'maybe' is neither on nor off" set web note=x boot=maybe
	fails 64 "release is given when the jail is created" \
	    set web note=x release=other
	fails 64 "jid cannot be set" set web jid=5
	fails 64 "boot takes one value, so += does not apply" set web boot+=on
	fails 64 "allow.noraw_sockets takes no value" \
	    set web allow.noraw_sockets=on
	fails 64 "note: the value is not plain UTF-8 text (byte 0x1b)" \
	    set web note="$(printf 'a\033[31m')"
	atf_check -o file:before cat root/jails/web/cell.conf
}

atf_test_case running
running_head() {
	atf_set descr "what waits for the next start is told"
}
running_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	atf_check gaol set web boot=on tag=a
	atf_check -e inline:"web: in force at the next start\n" \
	    gaol set web host.hostname=other boot=off
	atf_check gaol -q set web host.hostname=another
	atf_check gaol -q restart web
	atf_check gaol set web host.hostname=another
}

atf_test_case several
several_head() {
	atf_set descr "each is changed; a wrong one keeps no other from it"
}
several_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail a
	jail b
	jail c
	echo 'b {' | conf b
	atf_check -s exit:1 -e match:"^gaol: b: " \
	    -e match:"^gaol: set failed for 1 of 3: b$" \
	    gaol set ALL note=x
	atf_check -o inline:"x\n" gaol get -H -o value note a
	atf_check -o inline:"x\n" gaol get -H -o value note c
}

atf_test_case at_once
at_once_head() {
	atf_set descr "commands on one jail take their turn"
}
at_once_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	for n in 1 2 3 4 5 6 7 8; do
		gaol set web tag+=t$n 2>>err &
	done
	wait
	atf_check cat err
	atf_check -o inline:"t1,t2,t3,t4,t5,t6,t7,t8\n" -x "gaol get -H -o \
value tag web | tr , '\n' | sort | tr '\n' , | sed 's/,\$/\n/'"
}

atf_test_case plan
plan_head() {
	atf_set descr "-n changes nothing"
}
plan_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	cp root/jails/web/cell.conf before
	atf_check -o inline:"would change $root/jails/web/cell.conf\n" \
	    gaol -n set web boot=on
	atf_check -o file:before cat root/jails/web/cell.conf
	fails 64 "unknown property 'bot' (did you mean 'boot'?)" \
	    -n set web bot=on
}

atf_test_case usage
usage_head() {
	atf_set descr "wrong command lines"
}
usage_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	u="(usage: gaol set [-P N] target... PROP=VALUE...)"
	fails 64 "set: an operand is missing $u" set
	fails 64 "set: an operand is missing $u" set boot=on
	fails 64 "set: what? PROP=VALUE, PROP+=VALUE, or PROP= for its default" \
	    set web
	fails 64 "'=on' cannot be the name of a jail: only A-Z a-z 0-9 . _ - \
may stand in it" set web note=x =on
}

atf_init_test_cases() {
	atf_add_test_case values
	atf_add_test_case comments
	atf_add_test_case all_or_nothing
	atf_add_test_case running
	atf_add_test_case several
	atf_add_test_case at_once
	atf_add_test_case plan
	atf_add_test_case usage
}
