#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# What is done with the files of jails, on the real engine: the same suite for
# each store (data.subr); zfs_test.sh has it of zfs.
# shellcheck disable=SC2154
. "$(atf_get_srcdir)/common.subr"
. "$(atf_get_srcdir)/data.subr"

data_suite overlay
data_suite dir
data_suite btrfs

root_test merge "a stack of 130 layers shows what it showed"
merge_body() {
	gaol_setup
	gaol_jail web
	atf_check gaol exec web sh -c 'mkdir -p /d/gone; echo x >/d/gone/f; echo x >/d/replaced'
	atf_check gaol -q stop web
	i=1
	while [ $i -le 130 ]; do
		upper=root/jails/web/layers/upper
		mkdir -p $upper/d
		echo $i >$upper/d/file$i
		echo $i >$upper/d/last
		# overlay(5): a device 0:0 hides what is below
		[ $i != 20 ] || mknod $upper/d/gone c 0 0
		[ $i != 25 ] || { mkdir $upper/d/gone; echo new >$upper/d/gone/g; }
		[ $i != 70 ] || mknod $upper/d/replaced c 0 0
		[ $i != 40 ] || mknod $upper/bin c 0 0
		[ $i != 41 ] || { mkdir $upper/bin
			cp root/releases/busybox/root/bin/busybox $upper/bin/sh; }
		atf_check gaol -q snapshot web s$i
		i=$((i + 1))
	done
	depth=0 at=$(readlink root/jails/web/layers/below)
	while [ -n "$at" ]; do
		depth=$((depth + 1))
		at=$(readlink "root/jails/web/frozen/$at/below")
	done
	[ $depth -le 60 ] || atf_fail "$depth layers"
	atf_check gaol -q start web
	atf_check -o inline:'130\n130\ngone\n' gaol exec web sh -c \
	    'cat /d/last; set -- /d/file*; echo $#; [ -e /d/replaced ] || echo gone'
	atf_check -o inline:'/bin/sh\n/d/gone/g\n' gaol exec web sh -c \
	    'echo /bin/* /d/gone/* | { read -r a b; echo $a; echo $b; }'
	atf_check gaol -q stop web
	# and an old one, of before the merges
	atf_check gaol -q rollback -y web s22
	atf_check gaol -q start web
	atf_check -o inline:'22\nhidden\n' gaol exec web sh -c \
	    'cat /d/last; [ -e /d/gone ] || echo hidden'
}

root_test guard "a jail whose snapshot was killed goes on by itself"
guard_body() {
	gaol_setup
	gaol_jail web
	atf_check -e ignore gaol exec web dd if=/dev/zero of=/big bs=1M count=300
	gaol -q snapshot web s1 &
	pid=$!
	sleep 0.05
	kill -9 $pid
	wait $pid || :
	sleep 0.5
	atf_check -o inline:'alive\n' timeout 10 gaol -q exec web echo alive
	atf_check -e ignore gaol -q snapshot web s1
	atf_check -o inline:'s1\n' gaol snapshots -H -o name web
	atf_check_equal 1 "$(ls root/jails/web/frozen | wc -l)"
}

atf_test_case full cleanup
full_head() {
	atf_set descr "a full disk undoes snapshot and clone"
	atf_set require.user root
}
full_body() {
	mkdir root
	mount -t tmpfs -o size=24M none root
	gaol_setup
	gaol_jail web
	atf_check -e ignore gaol exec web dd if=/dev/urandom of=/f bs=64k count=64
	dd if=/dev/zero of=root/fill bs=64k >/dev/null 2>&1 || :
	atf_check -s exit:1 -e match:'No space' gaol snapshot web s1
	atf_check -o empty gaol snapshots -H web
	rm root/fill
	[ ! -d root/jails/web/frozen ] ||
	    atf_check -o empty ls -A root/jails/web/frozen
	atf_check -o inline:'web\n' ls -A root/jails
	atf_check -e ignore gaol -q snapshot web s1
	dd if=/dev/zero of=root/fill bs=64k >/dev/null 2>&1 || :
	atf_check -s exit:1 -e match:'No space' \
	    gaol -q clone --thick -s s1 web b
	rm root/fill
	atf_check -o inline:'web\n' ls -A root/jails
	atf_check -e ignore gaol -q clone -s s1 web b
}
full_cleanup() {
	gaol_cleanup
	umount root || :
}

root_test quota "limit.disk of a jail in memory"
quota_body() {
	gaol_setup
	gaol_jail web store=memory limit.disk=4M
	atf_check -s not-exit:0 -e match:'No space' gaol exec web \
	    dd if=/dev/zero of=/f bs=1M count=8
	atf_check -s exit:69 -e match:'memory can' gaol create -r busybox b \
	    limit.disk=4M
	atf_check -s exit:69 -e match:'overlay' gaol snapshot web s1
}

atf_init_test_cases() {
	data_cases overlay
	data_cases dir
	data_cases btrfs
	for t in merge guard full quota; do
		atf_add_test_case $t
	done
}
