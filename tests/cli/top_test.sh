#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case batch
batch_head() {
	atf_set descr "tables of what runs, sorted by memory"
}
batch_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail off
	running web
	running db
	printf 'memory 1048576\nprocesses 3\ncpu_us 5\nnet_in 1\n' \
	    >root/fake/.usage.web
	printf 'memory 2097152\nprocesses 1\n' >root/fake/.usage.db
	atf_check -o inline:"JAIL  CPU%  MEMORY  PROCS  READ/s  WRITE/s  IN/s  OUT/s
db    -     2.0M    1      -       -        -     -
web   0.0   1.0M    3      -       -        0     -\n" \
	    gaol top -b -n 1 -d 0.1s -s -memory
	atf_check -o inline:"web\nweb\n" \
	    gaol top -H -n 2 -d 0.1s -o jail web
	atf_check -o match:'"memory":2097152' gaol top -j -n 1 -d 100ms db
	atf_check -o empty gaol top -H -n 1 -d 100ms off
}

atf_test_case usage
usage_head() {
	atf_set descr "what cannot be asked for"
}
usage_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	fails 64 "top: a delay of 1ms is not possible, at least 0.1s is" \
	    top -d 1ms
	atf_check -s exit:64 -e match:"no column" gaol top -b -n 1 -s size
	fails 66 "no jail named 'nojail'" top nojail
}

atf_init_test_cases() {
	atf_add_test_case batch
	atf_add_test_case usage
}
