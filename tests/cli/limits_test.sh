#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case table
table_head() {
	atf_set descr "use against limit, of jails that run or not"
}
table_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail off limit.processes=5
	running web limit.memory=512M limit.cpu=0.5 limit.cpuset=0-1,3
	printf 'memory 134217728\ncpu_us 7\nswap 4096\n' >root/fake/.usage.web
	atf_check -o inline:"JAIL  LIMIT            USE   MAX    PERCENT
off   limit.processes  -     5      -
web   limit.cpu        0%    0.5    0
web   limit.memory     128M  512M   25
web   limit.cpuset     -     0-1,3  -\n" gaol limits
	atf_check -o match:"^limit.memory" \
	    gaol limits -H -o limit,percent -s -percent web
	atf_check -o match:"swap	4096	-	-" gaol limits -H -a web
	atf_check -o match:'"use":134217728,"max":"512M","percent":25' \
	    gaol limits -j web
	fails 66 "no jail named 'nojail'" limits nojail
}

atf_test_case live
live_head() {
	atf_set descr "set changes the limits of a running jail at once"
}
live_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	atf_check gaol set web note=x
	atf_check test ! -f root/fake/.limits.web
	atf_check gaol set web limit.memory=512M limit.cpu=150%
	atf_check -o inline:"cpu 150\nmemory 536870912\n" \
	    cat root/fake/.limits.web
	atf_check gaol set web limit.cpu= limit.cpuset=0-1,3
	atf_check -o inline:"memory 536870912\ncpuset 0-1\ncpuset 3\n" \
	    cat root/fake/.limits.web
	# what is in force is known to those who join
	atf_check -o match:"limit.memory = 512M" cat root/run/live/web
	atf_check gaol set web limit.memory= limit.cpuset=
	atf_check -o empty cat root/fake/.limits.web
	atf_check -o not-match:"limit" cat root/run/live/web
	atf_check -s exit:64 -e match:"limit.memory" \
	    gaol set web limit.memory=1K
}

atf_init_test_cases() {
	atf_add_test_case table
	atf_add_test_case live
}
