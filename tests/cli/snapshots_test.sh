#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case forms
forms_head() {
	atf_set descr "a table, tabs, JSON; oldest first"
}
forms_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	atf_check gaol -q snapshot -m 'a note' web second
	atf_check gaol -q snapshot web first
	atf_check -o match:"^NAME +CREATED +USED +REFERENCED +HOLDS +NOTE$" \
	    -o match:"^second +20..-..-.. ..:..:.. .* a note$" \
	    -o match:"^first +.* -$" gaol snapshots web
	atf_check -o inline:"second\nfirst\n" gaol snapshots -H -o name web
	atf_check -o match:'^\[\{"jail":"web","name":"second","created":[0-9]*,"used":[0-9]*,"referenced":[0-9]*,"holds":0,"note":"a note"\},$' \
	    -o match:'"name":"first",.*"note":null' gaol snapshots -j web
	atf_check -o inline:"first\nsecond\n" gaol snapshots -H -o name -s name web
}

atf_test_case sizes
sizes_head() {
	atf_set descr "used is its own, referenced is all of it"
}
sizes_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	head -c 100000 /dev/urandom >root/jails/web/layers/upper/a
	atf_check gaol -q snapshot web s1
	head -c 200000 /dev/urandom >root/jails/web/layers/upper/b
	atf_check gaol -q snapshot web s2
	gaol snapshots -H -o used,referenced web >sizes
	awk 'NR == 1 { ok = $1 >= 100000 && $1 < 150000 && $1 == $2; r = $2 }
	    NR == 2 { ok = ok && $1 >= 200000 && $1 < 250000 && $2 == r + $1 }
	    END { exit !ok }' sizes || atf_fail "$(cat sizes)"
}

atf_test_case many
many_head() {
	atf_set descr "several jails have a column that tells them apart"
}
many_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail a
	jail b
	atf_check -o inline:"JAIL  NAME  CREATED  USED  REFERENCED  HOLDS  NOTE\n" \
	    gaol snapshots ALL
	atf_check -o ignore -e ignore gaol snapshot ALL x
	atf_check -o match:"^a +x " -o match:"^b +x " gaol snapshots ALL
	atf_check -s exit:66 -e match:"no jail" gaol snapshots nojail
	atf_check -s exit:64 -e ignore gaol snapshots -o nonsense a
}

atf_test_case damaged
damaged_head() {
	atf_set descr "what is no snapshot is told"
}
damaged_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	atf_check gaol -q snapshot web s1
	ln -s nonsense root/jails/web/snapshots/s2
	atf_check -s exit:65 -e match:"snapshots/s2 is damaged" \
	    gaol snapshots web
}

atf_init_test_cases() {
	for t in forms sizes many damaged; do
		atf_add_test_case $t
	done
}
