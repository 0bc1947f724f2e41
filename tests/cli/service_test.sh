#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case programs
programs_head() {
	atf_set descr "the jail's own program is run: service, rc-service, a script"
}
programs_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	# the toy shell knows none of them, and tells what it was to run
	mkdir -p root/releases/base/root/etc/init.d
	running web store=dir
	atf_check -s exit:127 -e inline:"sh: /etc/init.d/nginx: not found\n" \
	    gaol service web nginx start
	running rc store=dir
	mkdir -p root/jails/rc/root/sbin root/jails/rc/root/usr/sbin
	: >root/jails/rc/root/sbin/rc-service
	atf_check -s exit:127 -e inline:"sh: /sbin/rc-service: not found\n" \
	    gaol service rc nginx start
	: >root/jails/rc/root/usr/sbin/service
	atf_check -s exit:127 -e inline:"sh: /usr/sbin/service: not found\n" \
	    gaol service rc nginx start
}

atf_test_case usage
usage_head() {
	atf_set descr "what is missing"
}
usage_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	fails 125 "service: NAME and ACTION are missing: 'gaol service web nginx restart'" \
	    service web
	fails 125 "the jail has no service(8), no rc-service and no /etc/init.d; 'gaol exec' starts a program" \
	    service web nginx start
	mkdir root/releases/base/root/etc/init.d
	running init store=dir
	fails 125 "service: NAME and ACTION are needed" service init nginx
	fails 125 "service: NAME and ACTION are needed" \
	    service init ../../bin/sh start
}

atf_init_test_cases() {
	atf_add_test_case programs
	atf_add_test_case usage
}
