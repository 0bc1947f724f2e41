#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors

atf_test_case nonsense
nonsense_head() {
	atf_set descr "whatever comes that is no gaol is refused, nothing is left"
}
nonsense_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check -s exit:1 -o ignore -e match:"has hung up" gaol receive \
	    </dev/null
	atf_check -s exit:65 -o ignore gaol receive </bin/sh
	head -c 1000 /dev/zero >zeros
	atf_check -s exit:65 -o ignore gaol receive <zeros
	atf_check -o empty ls -A root/jails
	atf_check -s exit:64 -e match:"too many|usage|operand" gaol receive x
}

atf_init_test_cases() {
	atf_add_test_case nonsense
}
