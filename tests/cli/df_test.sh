#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case all
all_head() {
	atf_set descr "each jail, its snapshots beside it"
}
all_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check -o inline:"NAME  STORE  TYPE  USED  SNAPSHOTS  LIMIT  AVAILABLE\n" gaol df
	jail thin
	jail thick type=thick
	head -c 100000 /dev/zero | tr '\0' x >root/jails/thin/layers/upper/f
	atf_check gaol -q snapshot thin s1
	head -c 200000 /dev/zero | tr '\0' x >root/jails/thin/layers/upper/f
	gaol df -H -o name,store,type,used,snapshots >out
	awk '$1 == "thin" { n += $2 == "overlay" && $3 == "thin" &&
		$4 >= 200000 && $4 < 250000 && $5 >= 100000 && $5 < 150000 }
	    $1 == "thick" { n += $2 == "dir" && $4 > 0 && $5 == 0 }
	    END { exit n != 2 }' out || atf_fail "$(cat out)"
	atf_check -o inline:"thin\nthick\n" gaol df -H -s -used -o name ALL
	atf_check -o match:'"limit":null' gaol df -j thin
	atf_check -s exit:66 -e match:"no jail" gaol df nojail
}

atf_test_case limit
limit_head() {
	atf_set descr "limit.disk where no store can: 69 that says so"
}
limit_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check -s exit:69 -e match:"limit.disk: store overlay cannot limit" \
	    gaol create -r base web limit.disk=1G
	atf_check -o empty ls -A root/jails
	jail web
	atf_check -s exit:69 -e match:"limit.disk" gaol set web limit.disk=1G
	atf_check -o not-match:limit.disk cat root/jails/web/cell.conf
}

atf_init_test_cases() {
	for t in all limit; do
		atf_add_test_case $t
	done
}
