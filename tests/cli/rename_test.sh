#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case name
name_head() {
	atf_set descr "files, snapshots, logs and those who depend on it"
}
name_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web exec.start='echo hello'
	jail shop depend=web,db
	atf_check gaol -q stop web
	atf_check gaol -q snapshot web s1
	atf_check -e inline:"web: is 'www' now\n" gaol rename web www
	atf_check -o inline:"shop\nwww\n" ls -A root/jails
	atf_check -o inline:"s1\n" gaol snapshots -H -o name www
	atf_check -o inline:"hello\n" gaol logs www
	atf_check -o inline:"www,db\n" gaol get -H -o value depend shop
	atf_check gaol -q start www
	states "shop stopped www running"
	atf_check gaol -q stop www
	atf_check gaol -q destroy -y ALL
	atf_check -o empty ls -A root/jails
}

atf_test_case clones
clones_head() {
	atf_set descr "a clone keeps its layers under another name"
}
clones_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	echo one >root/jails/web/layers/upper/file
	atf_check gaol -q clone web b
	atf_check gaol -q rename b c
	atf_check gaol -q rename web z
	atf_check gaol -q destroy -y z
	atf_check_equal 1 "$(ls root/layers | wc -l | tr -d ' ')"
	atf_check gaol -q start c
	atf_check gaol -q destroy -f -y c
	atf_check -o empty ls -A root/layers
}

atf_test_case wrong
wrong_head() {
	atf_set descr "what cannot be"
}
wrong_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	jail b
	fails 75 "jail 'web' is running; 'gaol stop web' first" rename web c
	fails 73 "jail 'web' exists already" rename b web
	fails 73 "jail 'b' has that name already" rename b b
	atf_check -s exit:66 -e match:"no jail" gaol rename nojail c
	atf_check -s exit:64 -e ignore gaol rename b ALL
	atf_check -o inline:"b\nweb\n" ls -A root/jails
}

atf_test_case interrupted
interrupted_head() {
	atf_set descr "one that was interrupted is completed from either name"
}
interrupted_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	for at in web www; do
		jail web
		jail shop depend=web
		printf 'rename to www' >root/jails/.todo.web
		printf 'rename from web' >root/jails/.todo.www
		mv root/jails/web root/jails/www
		gaol -q tag $at x >/dev/null 2>&1 || :
		atf_check -o inline:"www\n" gaol get -H -o value name www
		atf_check -o inline:"www\n" gaol get -H -o value depend shop
		atf_check -e ignore gaol -q start www
		atf_check gaol -q destroy -f -y ALL
		atf_check -o empty ls -A root/jails
	done
}

atf_test_case plan
plan_head() {
	atf_set descr "-n tells and does nothing"
}
plan_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	jail shop depend=web
	atf_check -o match:"^would rename $PWD/root/jails/web to www$" \
	    -o match:"^would change depend of shop$" gaol -n rename web www
	atf_check -o inline:"shop\nweb\n" ls -A root/jails
}

atf_test_case again
again_head() {
	atf_set descr "one that was killed is no hindrance to the next"
}
again_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail t
	# before its other mark was made
	printf 'rename from t' >root/jails/.todo.u
	atf_check -e ignore gaol rename t u
	atf_check -o inline:'u\n' ls -A root/jails
	# before it was moved
	printf 'rename from u' >root/jails/.todo.t
	printf 'rename to t' >root/jails/.todo.u
	atf_check -e ignore gaol rename u t
	atf_check -o inline:'t\n' ls -A root/jails
	# after it
	printf 'rename from t' >root/jails/.todo.u
	printf 'rename to u' >root/jails/.todo.t
	mv root/jails/t root/jails/u
	atf_check -s exit:66 -e match:"no jail named 't'" gaol rename t u
	atf_check -o inline:'u\n' ls -A root/jails
	atf_check gaol -q start u
}

atf_init_test_cases() {
	for t in name clones wrong interrupted again plan; do
		atf_add_test_case $t
	done
}
