#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case add
add_head() {
	atf_set descr "each once, others stay"
}
add_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web tag=one
	atf_check gaol tag web two three
	atf_check gaol tag web two
	atf_check -o inline:"NAME  TAGS\nweb   one,two,three\n" gaol tag web
	atf_check -o inline:"web\n" gaol list -H -o name @three
}

atf_test_case remove
remove_head() {
	atf_set descr "-d, as often as needed; one that is not there is fine"
}
remove_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web tag=one,two,three
	atf_check gaol tag -d two web
	atf_check gaol tag -d none web
	atf_check -o inline:"web\tone,three\n" gaol tag -H web
	atf_check gaol tag -d one -d three web four
	atf_check -o inline:"web\tfour\n" gaol tag -H web
	atf_check gaol tag -d four web
	atf_check -o inline:'[{"name":"web","tags":[]}]\n' gaol tag -j web
}

atf_test_case several
several_head() {
	atf_set descr "all that a target stands for"
}
several_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail a
	jail b tag=x
	atf_check gaol tag ALL new
	atf_check -o inline:"a\tnew\nb\tx,new\n" gaol tag -H ALL
	atf_check gaol tag @new -d new
	atf_check -o inline:"a\t-\nb\tx\n" gaol tag -H ALL
}

atf_test_case wrong
wrong_head() {
	atf_set descr "names that are none, and wrong command lines"
}
wrong_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	fails 64 "'a b' cannot be the name of a tag: only A-Z a-z 0-9 . _ - \
may stand in it" tag web good 'a b'
	fails 66 "no jail named 'wbe' (did you mean 'web'?)" tag wbe x
	fails 64 "tag: an operand is missing (usage: gaol tag [-d TAG] target \
[TAG...])" tag
	atf_check -o inline:"web\t-\n" gaol tag -H web
}

atf_test_case plan
plan_head() {
	atf_set descr "-n changes nothing"
}
plan_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	atf_check -o inline:"would change $root/jails/web/cell.conf\n" \
	    gaol -n tag web x
	atf_check -o inline:"web\t-\n" gaol tag -H web
}

atf_init_test_cases() {
	atf_add_test_case add
	atf_add_test_case remove
	atf_add_test_case several
	atf_add_test_case wrong
	atf_add_test_case plan
}
