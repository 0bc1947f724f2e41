#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case share
share_head() {
	atf_set descr "layers are shared, and stay as long as one needs them"
}
share_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	echo one >root/jails/web/layers/upper/file
	atf_check -e inline:"b: cloned from web\n" gaol clone web b
	atf_check gaol -q clone b c
	echo two >root/jails/c/layers/upper/file
	atf_check gaol -q clone c d
	atf_check -o match:"one" -o match:"two" -o not-match:"three" \
	    sh -c 'cat root/layers/*/upper/file'
	atf_check gaol -q destroy -y web
	atf_check gaol -q destroy -y c
	atf_check gaol -q start b d
	atf_check gaol -q stop ALL
	atf_check_equal 2 "$(ls root/layers | wc -l | tr -d ' ')"
	atf_check gaol -q destroy -y d
	atf_check_equal 1 "$(ls root/layers | wc -l | tr -d ' ')"
	atf_check gaol -q destroy -y b
	atf_check -o empty ls -A root/layers
	atf_check -o empty ls -A root/jails
}

atf_test_case snapshot
snapshot_head() {
	atf_set descr "of a snapshot, of a running jail too"
}
snapshot_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	echo one >root/jails/web/layers/upper/file
	atf_check gaol -q snapshot web s1
	echo two >root/jails/web/layers/upper/file
	fails 75 "jail 'web' is running; clone one of its snapshots with -s, or 'gaol stop web' first" \
	    clone web b
	atf_check gaol -q clone web b -s s1
	top=$(readlink root/jails/b/layers/below)
	atf_check -o inline:"one\n" cat "root/layers/$top/upper/file"
	fails 66 "jail 'web' has no snapshot 's9'; 'gaol snapshots web' lists them" \
	    clone web c -s s9
	[ ! -e root/jails/c ] || atf_fail "something is left"
	atf_check gaol -q snapshot -y -d web s1
	atf_check gaol -q start b
}

atf_test_case identity
identity_head() {
	atf_set descr "nothing of the old identity remains"
}
identity_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web host.hostname=web.example.org host.hostid=7 \
	    host.hostuuid=1234 protect=on note='stays' boot=on
	etc=root/jails/web/layers/upper/etc
	mkdir -p $etc/ssh
	echo 0123456789abcdef0123456789abcdef >$etc/machine-id
	echo web.example.org >$etc/hostname
	echo '10.0.0.5 web.example.org web.example.org.au xweb.example.org' >$etc/hosts
	echo key >$etc/ssh/ssh_host_ed25519_key
	echo conf >$etc/ssh/sshd_config
	atf_check gaol -q clone --thick web b host.hostname=b.example.org
	etc=root/jails/b/root/etc
	atf_check -o empty cat $etc/machine-id
	atf_check -o inline:"b.example.org\n" cat $etc/hostname
	atf_check -o match:'^10.0.0.5 b.example.org ' \
	    -o match:' xweb.example.org$' cat $etc/hosts
	atf_check -o inline:"sshd_config\n" ls $etc/ssh
	tr -s '\n\t ' ' ' <root/jails/b/cell.conf >conf
	atf_check -o inline:"b { release = base; note = stays; boot = on; store = dir; type = thick; host.hostname = b.example.org; } " \
	    cat conf
}

atf_test_case wrong
wrong_head() {
	atf_set descr "what cannot be, and nothing is left of it"
}
wrong_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	jail b
	fails 73 "jail 'b' exists already" clone web b
	fails 73 "jail 'web' exists already" clone web web
	atf_check -s exit:66 -e match:"no jail" gaol clone nojail c
	atf_check -s exit:64 -e ignore gaol clone web ..
	atf_check -s exit:64 -e match:"PROP|unknown|no property" \
	    gaol clone web c nonsense=1
	atf_check -o inline:"b\nweb\n" ls -A root/jails
}

atf_test_case plan
plan_head() {
	atf_set descr "-n tells and does nothing"
}
plan_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	atf_check -o match:"^would share the files of 'web' for 'b' \(store overlay\)$" \
	    -o match:"^would rename it in as $PWD/root/jails/b$" \
	    gaol -n clone web b
	atf_check -o inline:"web\n" ls -A root/jails
}

atf_init_test_cases() {
	for t in share snapshot identity wrong plan; do
		atf_add_test_case $t
	done
}
