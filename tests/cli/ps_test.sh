#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case all
all_head() {
	atf_set descr "processes of the jails that run, sorted and chosen"
}
all_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail off
	running web
	running db
	echo "4711 1 0 S 61230000 1048576 /sbin/init -x" \
	    >root/fake/.processes.web
	echo "4712 2 80 R 0 4096 nginx: worker" >>root/fake/.processes.web
	echo "99 0 0 Z 0 0 [sh]" >root/fake/.processes.db
	atf_check -o inline:"JAIL  PID   INSIDE  UID  STATE  CPU      MEMORY  COMMAND
db    99    99      0    Z      0:00.00  0       [sh]
web   4711  1       0    S      1:01.23  1.0M    /sbin/init -x
web   4712  2       80   R      0:00.00  4.0K    nginx: worker\n" gaol ps
	atf_check -o inline:"2\n1\n" gaol ps -H -o inside -s memory web
	atf_check -o match:'"cpu":61230' gaol ps -j web
	atf_check -o empty gaol ps -H off
	fails 66 "no jail named 'nojail'" ps nojail
}

atf_init_test_cases() {
	atf_add_test_case all
}
