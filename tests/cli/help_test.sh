#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case all
all_head() {
	atf_set descr "the groups and their commands"
}
all_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check -o save:out gaol help
	atf_check -o file:out gaol --help
	atf_check -o file:out gaol -h
	for name in setup doctor bootstrap releases create start stop restart \
	    run destroy exec console logs list show get set edit tag help \
	    version; do
		atf_check -o match:"^  $name  *[a-z]" cat out
		atf_check -o save:one gaol help $name
		atf_check -o file:one gaol $name --help
		atf_check -o file:one gaol $name -h
		head -n 1 one | grep -q "^usage: gaol $name" ||
		    atf_fail "$name: $(head -n 1 one)"
	done
	atf_check -x "awk 'length > 79 { exit 1 }' out"
}

atf_test_case one
one_head() {
	atf_set descr "usage, summary, options"
}
one_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	cat >expected <<-end
	usage: gaol stop [-f] [-w TIME] [-P N] target...

	stop jails

	  -f, --force        kill it at once, without its stop hooks
	  -w, --within TIME  kill what is not stopped in that time
	  -P, --parallel N   work on N jails at once
	end
	atf_check -o file:expected gaol help stop
	printf 'usage: gaol edit target\n\nchange cell.conf in an editor\n' \
	    >expected
	atf_check -o file:expected gaol help edit
}

atf_test_case wrong
wrong_head() {
	atf_set descr "unknown commands with the nearest"
}
wrong_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	fails 64 "no command 'sotp' (did you mean 'stop'?)" help sotp
	fails 64 "no command 'frobnicate' ('gaol help' lists them)" \
	    help frobnicate
	fails 64 "help: 'stop' is one too many (usage: gaol help [command])" \
	    help start stop
	fails 64 "help: -n has no meaning here (usage: gaol help [command])" \
	    -n help
}

atf_test_case no_host
no_host_head() {
	atf_set descr "help needs no state directory"
}
no_host_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	export GAOL_ROOT=/proc/none GAOL_CONF=/none
	atf_check -o ignore gaol help
	atf_check -o ignore gaol start --help
}

atf_init_test_cases() {
	atf_add_test_case all
	atf_add_test_case one
	atf_add_test_case wrong
	atf_add_test_case no_host
}
