#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case life
life_head() {
	atf_set descr "create, list, destroy"
}
life_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check -o empty gaol volume -H
	atf_check gaol volume create data logs
	atf_check gaol volume create -m 0700 secret
	atf_check -o inline:"700\n" stat -c %a root/volumes/secret
	atf_check -o inline:"755\n" stat -c %a root/volumes/data
	atf_check -o save:out gaol volume list -H
	atf_check -o inline:"data\nlogs\nsecret\n" cut -f 1 out
	fails 73 "volume 'data' exists already" volume create data
	atf_check -s exit:64 -e match:'-y' gaol volume destroy data
	atf_check gaol volume destroy -y data secret
	atf_check -o save:out gaol volume -H
	atf_check -o inline:"logs\n" cut -f 1 out
	fails 66 "no volume named 'data'; 'gaol volume create data' makes it" \
	    volume destroy -y data
}

atf_test_case used
used_head() {
	atf_set descr "one that a jail mounts is not destroyed"
}
used_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	atf_check gaol volume create data
	echo kept >root/volumes/data/file
	atf_check gaol mount web vol:data /y rw
	fails 75 "volume 'data' is mounted by web; 'gaol umount' takes it out \
of there" volume destroy -y data
	# still mounted in the jail that runs
	atf_check -e ignore gaol set web mount=
	fails 75 "volume 'data' is mounted by web; 'gaol umount' takes it out \
of there" volume destroy -y data
	atf_check -e ignore gaol stop web
	atf_check -o inline:"kept\n" cat root/volumes/data/file
	atf_check gaol volume destroy -y data
	# a jail that cannot be read might use it
	atf_check gaol volume create data
	echo 'web { nonsense' | conf web
	atf_check -s exit:75 -e match:'mounted by web' \
	    gaol volume destroy -y data
}

atf_test_case outlives
outlives_head() {
	atf_set descr "its files stay when the jail goes"
}
outlives_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check gaol volume create data
	jail web "mount=vol:data /x nullfs rw"
	echo kept >root/volumes/data/file
	atf_check -e ignore gaol destroy -y web
	atf_check -o inline:"kept\n" cat root/volumes/data/file
	atf_check gaol volume destroy -y data
	atf_check -s exit:66 -e match:"no volume named 'data'" \
	    gaol create new -r base "mount=vol:data /x nullfs rw"
}

atf_test_case recover
recover_head() {
	atf_set descr "what an interrupted command left is removed"
}
recover_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	mkdir -p root/volumes/.new.a/x root/volumes/.trash.b/y
	atf_check -o empty -e match:"volume a: removing" \
	    -e match:"volume b: removing" gaol volume -H
	atf_check -o empty ls -A root/volumes
}

atf_test_case wrong
wrong_head() {
	atf_set descr "names, owners and modes that are none"
}
wrong_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	fails 64 "'a/b' cannot be the name of a volume: only A-Z a-z 0-9 . _ \
- may stand in it" volume create a/b
	fails 64 "volume: -m 9: an octal mode such as 0755 is needed" \
	    volume create -m 9 a
	atf_check -s exit:64 -e match:'joe' gaol volume create -o joe a
	fails 64 "volume make: what is that? create, list and destroy are \
possible" volume make a
	fails 64 "volume create: which volume?" volume create
	atf_check test ! -e root/volumes/a
}

atf_init_test_cases() {
	for t in life used outlives recover wrong; do
		atf_add_test_case $t
	done
}
