#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case copied
copied_head() {
	atf_set descr "a copied directory comes back, under another name too"
}
copied_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	echo one >root/jails/web/layers/upper/file
	atf_check gaol -q snapshot web s1
	cp -a root/jails/web saved
	atf_check gaol -q destroy -y web
	cp -a saved root/jails/web
	cp -a saved root/jails/other
	atf_check -e inline:"other: was 'web' where it was copied from\n" \
	    gaol recover
	atf_check -e empty gaol recover
	atf_check -o inline:"other\ns1\nweb\ns1\n" \
	    sh -c 'for j in other web; do echo $j; gaol snapshots -H -o name $j; done'
	atf_check gaol -q start ALL
	states "other running web running"
}

atf_test_case clone
clone_head() {
	atf_set descr "of a clone the shared layers are held again, or named"
}
clone_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	echo one >root/jails/web/layers/upper/file
	atf_check gaol -q clone web b
	cp -a root/jails/b root/jails/c
	atf_check -e match:"c: was 'b'" gaol recover
	atf_check gaol -q destroy -y web b
	atf_check_equal 1 "$(ls root/layers | wc -l | tr -d ' ')"
	atf_check gaol -q start c
	atf_check gaol -q stop c
	mv root/layers/0* layer
	atf_check -s exit:1 -e match:"c: 'c' stands on $PWD/root/layers/0" \
	    -e match:"1 of 1 jails could not be recovered" gaol recover
	mv layer "root/layers/$(readlink root/jails/c/layers/below)"
	atf_check gaol recover
	atf_check gaol -q destroy -y c
	atf_check -o empty ls -A root/layers
}

atf_test_case leftovers
leftovers_head() {
	atf_set descr "what interrupted commands left is cleared up"
}
leftovers_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	mkdir -p root/jails/.new.x/layers root/jails/web/frozen/0123456789abcdef0/upper
	echo snapshot >root/jails/.todo.web
	atf_check -o match:"^x: removing" -o match:"^web: clearing up" \
	    gaol -n recover
	atf_check -e match:"^x: removing" -e match:"^web: clearing up" gaol recover
	atf_check -o inline:"web\n" ls -A root/jails
	atf_check -o empty ls -A root/jails/web/frozen
}

atf_init_test_cases() {
	for t in copied clone leftovers; do
		atf_add_test_case $t
	done
}
