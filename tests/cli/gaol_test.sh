#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case usage
usage_head() {
	atf_set descr "no command is wrong, an unknown one too"
}
usage_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	gaol help >help
	atf_check -s exit:64 -e file:help gaol
	atf_check -s exit:64 -e file:help gaol -v
	fails 64 "no command 'satrt' (did you mean 'start'?)" satrt web
	fails 64 "no command 'web' ('gaol help' lists them)" web start
	fails 64 "no command '' ('gaol help' lists them)" ''
	fails 64 "unknown option -x ('gaol help' tells more)" -x start
	fails 64 "unknown option --josn (did you mean --json?) ('gaol help' \
tells more)" --josn list
	fails 64 "option -R needs a value ('gaol help' tells more)" -R
}

atf_test_case root
root_head() {
	atf_set descr "-R before GAOL_ROOT, and anywhere"
}
root_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	mkdir other
	atf_check gaol -R other list -H
	atf_check gaol list -H --root=other
	atf_check gaol list -R other -H
	atf_check -o inline:"web\n" env GAOL_ROOT=/none \
	    gaol list -H -R root -o name
	touch file
	atf_check -s not-exit:0 -e match:"^gaol: .*file" gaol -R file list
}

atf_test_case quiet
quiet_head() {
	atf_set descr "-q leaves errors and warnings"
}
quiet_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check gaol -q create web -r base
	atf_check gaol start -q web
	atf_check gaol -q stop web
	atf_check gaol -q stop web
	fails 66 "no jail named 'other'" -q stop other
}

atf_test_case verbose
verbose_head() {
	atf_set descr "-v tells the steps"
}
verbose_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check -e match:"^gaol: step: rename it in$" \
	    -e match:"^web: created$" gaol -v create web -r base
}

atf_test_case json_errors
json_errors_head() {
	atf_set descr "one object on stderr"
	atf_set require.progs jq
}
json_errors_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail a
	atf_check -s exit:64 -e save:err gaol -j start --nonsense
	atf_check -o inline:'"usage"\n' jq .error.code err
	atf_check -s exit:73 -e save:err gaol -j create a -r base
	atf_check -o inline:"\"jail 'a' exists already\"\n" \
	    jq .error.message err
	atf_check -s exit:1 -e save:err gaol -q -j create a b -r base
	atf_check -o inline:'["exists","a"]\n["failed",null]\n' \
	    jq -c '[.error.code, .error.target]' err
	atf_check -s exit:66 -e save:err gaol -j start 'x"\*'
	atf_check -o inline:'"no jail'"'"'s name matches '"'"'x\\"\\\\*'"'"'"\n' \
	    jq .error.message err
}

atf_test_case closed
closed_head() {
	atf_set descr "closed descriptors are not taken for files"
}
closed_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	gaol set web note=x >&- 2>&- <&-
	gaol nonsense >&- 2>&- || true
	atf_check -s exit:1 -e inline:"gaol: stdout: Bad file descriptor\n" \
	    -x "gaol list >&-"
	atf_check -o inline:"x\n" gaol get -H -o value note web
	atf_check gaol set web \
	    exec.prestart="readlink /proc/self/fd/[012] >$PWD/descriptors"
	gaol -q start web >&- 2>&- <&- || atf_fail "status $?"
	printf '/dev/null\n%s/descriptors\n/dev/null\n' "$PWD" >expected
	atf_check -o file:expected cat descriptors
}

atf_test_case umask
umask_head() {
	atf_set descr "what is made does not depend on it"
}
umask_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	umask 077
	jail web
	atf_check -o inline:"700\n" stat -c %a root/jails
	umask 0
	jail db
	for name in web db; do
		stat -c %a root/jails/$name root/jails/$name/layers \
		    root/jails/$name/cell.conf >>modes.$name
	done
	atf_check -o file:modes.web cat modes.db
}

atf_test_case denied
denied_head() {
	atf_set descr "who is not root is told so"
}
denied_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	[ "$(id -u)" -ne 0 ] || atf_skip "root may everything"
	atf_check -s exit:77 -e match:"^gaol: gaol must run as root: " \
	    gaol -R /root/gaol list
	atf_check -s exit:77 -e match:"^gaol: gaol must run as root: " \
	    gaol -R /gaol-none list
}

atf_init_test_cases() {
	atf_add_test_case usage
	atf_add_test_case root
	atf_add_test_case quiet
	atf_add_test_case verbose
	atf_add_test_case json_errors
	atf_add_test_case closed
	atf_add_test_case umask
	atf_add_test_case denied
}
