#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case version
version_head() {
	atf_set descr "by the name of a link, and as the first operand of gaol"
}
version_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	program=$(command -v gaol)
	for tool in bastille iocage pot; do
		ln -s "$program" $tool
	done
	atf_check -o inline:"1.4.4\n" ./bastille version
	atf_check -o inline:"1.4.4\n" ./bastille -v
	atf_check -o inline:"1.4.4\n" gaol bastille --version
	atf_check -o inline:"Version\t1.13\n" ./iocage -v
	atf_check -o inline:"Version\t1.13\n" gaol iocage --version
	atf_check -o inline:"pot version: 0.16.0\n" ./pot version
	atf_check -o inline:"0.16.0\n" gaol pot version -q
}

atf_test_case front
front_head() {
	atf_set descr "gaol's own options go before; not all have a meaning"
}
front_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	fails 64 "-n, -j, -H, -q and -v are not for 'gaol pot'" -n pot version
	atf_check -o inline:"0.16.0\n" gaol -R root pot version -q
	fails 64 "no command 'pott' ('gaol help' lists them)" pott
}

atf_init_test_cases() {
	atf_add_test_case version
	atf_add_test_case front
}
