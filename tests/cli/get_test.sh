#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case one
one_head() {
	atf_set descr "value and where it comes from"
}
one_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web boot=on tag=a,b
	cat >expected <<-end
	NAME  PROPERTY  VALUE  FROM
	web   boot      on     file
	web   tag       a,b    file
	web   priority  50     default
	web   note      -      -
	end
	atf_check -o file:expected gaol get boot,tag,priority,note web
	atf_check -o inline:"on\n" gaol get -H -o value boot web
}

atf_test_case told
told_head() {
	atf_set descr "what the jail itself tells"
}
told_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	atf_check -o inline:"web\tname\tweb\tjail\nweb\tjid\t-\t-\n" \
	    gaol get -H name,jid web
	atf_check gaol -q start web
	atf_check -o inline:"web\tjid\t1\tjail\n" gaol get -H jid web
}

atf_test_case all
all_head() {
	atf_set descr "every property in force"
}
all_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web boot=on
	atf_check -o save:out gaol get -H all web
	atf_check -o match:"^web	boot	on	file$" \
	    -o match:"^web	priority	50	default$" cat out
	atf_check -o inline:"boot\nrelease\nstore\ntype\n" \
	    -x "grep 'file$' out | cut -f 2"
	atf_check -x "cut -f 2 out | sort -c"
}

atf_test_case json
json_head() {
	atf_set descr "typed values"
	atf_set require.progs jq
}
json_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web boot=on tag=a priority=7 note=x
	cat >expected <<-end
	[{"name":"web","property":"boot","value":true,"from":"file"},
	 {"name":"web","property":"tag","value":["a"],"from":"file"},
	 {"name":"web","property":"priority","value":7,"from":"file"},
	 {"name":"web","property":"note","value":"x","from":"file"},
	 {"name":"web","property":"depend","value":[],"from":null},
	 {"name":"web","property":"host.hostname","value":null,"from":null}]
	end
	atf_check -o file:expected gaol get -j \
	    boot,tag,priority,note,depend,host.hostname web
	atf_check -o ignore -x "gaol get -j all web | jq -e 'length > 50'"
}

atf_test_case secret
secret_head() {
	atf_set descr "the environment is told only when asked for by name"
}
secret_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web env=PASSWORD=hunter2
	atf_check -o match:"^web	env	\(secret\)	file$" \
	    -o not-match:"hunter2" gaol get -H all web
	atf_check -o match:'"property":"env","value":null,"from":"file"' \
	    -o not-match:"hunter2" gaol get -j all web
	atf_check -o inline:"PASSWORD=hunter2\n" gaol get -H -o value env web
}

atf_test_case several
several_head() {
	atf_set descr "jails and properties"
}
several_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail a boot=on
	jail b
	atf_check -o inline:"a\ton\nb\toff\n" gaol get -H -o name,value boot ALL
	atf_check -o inline:"b\toff\na\ton\n" gaol get -H -o name,value boot b a
}

atf_test_case negated
negated_head() {
	atf_set descr "a negative name tells of its positive"
}
negated_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	atf_check -o inline:"allow.raw_sockets\toff\n" \
	    gaol get -H -o property,value allow.noraw_sockets web
}

atf_test_case wrong
wrong_head() {
	atf_set descr "unknown names and wrong command lines"
}
wrong_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	u="(usage: gaol get [-o COL[,COL...]] PROP[,PROP...]|all target...)"
	fails 64 "unknown property 'bot' (did you mean 'boot'?)" get bot web
	fails 64 "get: an operand is missing $u" get
	fails 64 "get: an operand is missing $u" get boot
	fails 66 "no jail named 'boot'" get web boot
	fails 64 "no column 'v' (there are: name property value from)" \
	    get -o v boot web
	fails 64 "get: -n has no meaning here $u" get -n boot web
	echo 'web { bot = on; }' | conf web
	fails 78 "$root/jails/web/cell.conf:1:7: unknown property 'bot' (did \
you mean 'boot'?)" get boot web
}

atf_init_test_cases() {
	atf_add_test_case one
	atf_add_test_case told
	atf_add_test_case all
	atf_add_test_case json
	atf_add_test_case secret
	atf_add_test_case several
	atf_add_test_case negated
	atf_add_test_case wrong
}
