#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case several
several_head() {
	atf_set descr "of all jails that a target stands for"
}
several_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check gaol network create lan 10.1.0.0/24
	jail a net=lan publish=1000-1010,2000
	jail b net=lan publish=1000-1010/udp
	atf_check gaol unpublish ALL -a
	atf_check -o inline:"a\t-\nb\t-\n" gaol publish -H ALL
	atf_check gaol publish a 1000-1010 1000-1010/udp
	atf_check gaol unpublish a 1000-1010:5000-5010/udp
	atf_check -o inline:"a\t1000-1010\n" gaol publish -H a
}

atf_init_test_cases() {
	atf_add_test_case several
}
