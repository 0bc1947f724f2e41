#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

# has PROGRAM: the jail "web", which runs, has it from now on.
has() {
	mkdir -p "root/jails/web/root/$(dirname "$1")"
	: >"root/jails/web/root/$1"
}

atf_test_case programs
programs_head() {
	atf_set descr "the jail's own program is run: pkg, apt-get, apk"
}
programs_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web store=dir
	fails 125 "the jail has none of pkg, apt-get and apk; a release that has one can be installed into" \
	    pkg web install nginx
	# the toy shell knows none of them, and tells what it was to run
	has sbin/apk
	atf_check -s exit:127 -e inline:"sh: apk: not found\n" \
	    gaol pkg web install nginx
	has usr/bin/apt-get
	atf_check -s exit:127 -e inline:"sh: apt-get: not found\n" \
	    gaol pkg web install nginx
	atf_check -s exit:127 -e inline:"sh: dpkg-query: not found\n" \
	    gaol pkg web info
	has usr/sbin/pkg
	atf_check -s exit:127 -e inline:"sh: pkg: not found\n" \
	    gaol pkg web install nginx
	fails 125 "pkg: what is it to do? 'gaol pkg web install nginx'" pkg web
}

atf_init_test_cases() {
	atf_add_test_case programs
}
