#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case refused
refused_head() {
	atf_set descr "what cannot be updated is told, and is as it was"
}
refused_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	jail db
	fails 66 "no jail named 'nope'" update nope
	fails 69 "the jail has none of pkg, apt-get and apk: there are no \
packages to update" update web
	fails 69 "the jail has none of pkg, apt-get and apk: there are no \
packages to update" update -c web
	atf_check -s exit:69 -e match:"1 more were left as they are" \
	    gaol update --rolling 1 web db
	fails 64 "update: --pause has a meaning with --rolling only" \
	    update --pause 1 web
	# a jail that does not run is stopped again
	fails 69 "the jail has none of pkg, apt-get and apk: there are no \
packages to update" update db
	states "db stopped web running"
	atf_check -o inline:"would start 'db', update its packages and stop it\n" \
	    gaol -n update db
}

atf_init_test_cases() {
	atf_add_test_case refused
}
