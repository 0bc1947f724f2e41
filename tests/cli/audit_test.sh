#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case asked
asked_head() {
	atf_set descr "jails that run are asked; who cannot be is told"
}
asked_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail db
	atf_check -o inline:"NAME  PACKAGE  INSTALLED  AVAILABLE  WHY\n" \
	    gaol audit
	atf_check -o inline:"[]\n" gaol audit -j
	atf_check gaol -q start db
	fails 69 "the jail has none of pkg, apt-get and apk: there are no \
packages to update" audit
}

atf_init_test_cases() {
	atf_add_test_case asked
}
