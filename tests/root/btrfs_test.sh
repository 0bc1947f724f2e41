#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# The store btrfs, on a loop file that the test makes and removes.
. "$(atf_get_srcdir)/common.subr"

btrfs_setup() {
	command -v mkfs.btrfs >/dev/null || atf_skip "no mkfs.btrfs here"
	grep -qw btrfs /proc/filesystems || modprobe btrfs 2>/dev/null ||
	    atf_skip "this kernel has no btrfs"
	truncate -s 512M image
	mkfs.btrfs -q image >/dev/null 2>&1 || atf_fail "mkfs.btrfs"
	mkdir root
	mount -o loop image root || atf_skip "no loop devices here"
	gaol_setup
}

# btrfs_case NAME DESCR
btrfs_case() {
	root_test "$1" "$2"
	eval "${1}_cleanup() {
		gaol_cleanup
		[ ! -d root ] || umount root 2>/dev/null || :
	}"
}

subvolumes() {
	btrfs subvolume list root | wc -l
}

btrfs_case life "a release and its jails are subvolumes, and go with them"
life_body() {
	btrfs_setup
	atf_check_equal 1 "$(subvolumes)"
	gaol_jail web
	atf_check -o inline:'btrfs\nthin\n' gaol get -H -o value store,type web
	atf_check gaol exec web sh -c 'echo kept >/root/file;
	    chown 33:44 /root/file'
	atf_check_equal 2 "$(subvolumes)"
	atf_check -e ignore gaol restart web
	atf_check -o inline:'33:44 kept\n' gaol exec web sh -c \
	    'echo $(stat -c %u:%g /root/file) $(cat /root/file)'
	# it depends on nothing
	atf_check -e ignore gaol create other -r busybox --thick
	atf_check -o inline:'thick\n' gaol get -H -o value type other
	atf_check_equal 3 "$(subvolumes)"
	atf_check test ! -e root/releases/busybox/root/root/file
	# what somebody made in a jail goes with it, read-only or not
	files=root/jails/other/root
	atf_check -o ignore btrfs subvolume create $files/in
	atf_check -o ignore btrfs subvolume create $files/in/in
	atf_check -o ignore btrfs subvolume snapshot -r $files/in $files/ro
	atf_check_equal 6 "$(subvolumes)"
	atf_check -e ignore gaol destroy -f -y ALL
	atf_check -o empty ls -A root/jails
	atf_check_equal 1 "$(subvolumes)"
	atf_check -e ignore gaol bootstrap -f busybox
	atf_check_equal 1 "$(subvolumes)"
	atf_check -e ignore gaol releases -d -y busybox
	atf_check_equal 0 "$(subvolumes)"
	atf_check -o empty ls -A root/releases
}

btrfs_case snapshots "snapshots, rollback, clones; and destroy takes all of it"
snapshots_body() {
	btrfs_setup
	gaol_jail web
	atf_check gaol exec web sh -c 'echo one >/root/f'
	atf_check -e ignore gaol snapshot -m 'a note' web s1
	atf_check gaol exec web sh -c 'echo two >/root/f'
	atf_check -e ignore gaol snapshot web s2
	atf_check -o match:'s1.*a note' gaol snapshots web
	atf_check -e ignore gaol clone web new -s s2
	atf_check -e ignore gaol stop web
	atf_check -e ignore gaol rollback -y web s1
	atf_check -e ignore gaol start web
	atf_check -e ignore gaol start new
	atf_check -o inline:'one\n' gaol exec web cat /root/f
	atf_check -o inline:'two\n' gaol exec new cat /root/f
	atf_check -e ignore gaol snapshot -d -y web s1
	atf_check -o not-match:'s1' gaol snapshots web
	# the limit holds, and stays with a rollback
	atf_check -e ignore gaol set web limit.disk=20m
	for _ in 1 2; do
		gaol exec web dd if=/dev/urandom of=/root/big bs=1M count=40 \
		    2>/dev/null && atf_fail "more than its limit"
		atf_check -e ignore gaol stop web
		atf_check -e ignore gaol rollback -y web s2
		atf_check -e ignore gaol start web
	done
	atf_check -e ignore gaol destroy -f -y ALL
	atf_check -o empty ls -A root/jails
	atf_check_equal 1 "$(subvolumes)"
}

btrfs_case killed "SIGKILL at a sample of system calls leaves no subvolume"
killed_head() {
	atf_set descr 'SIGKILL at a sample of system calls'
	atf_set require.user root
	atf_set timeout 1200
}
killed_body() {
	btrfs_setup
	stride=97
	[ -z "$GAOL_CHECK_LONG" ] || stride=1
	for scenario in create destroy 'snapshot' 'snapshot running' \
	    rollback clone 'destroy a clone' 'destroy what is cloned' \
	    rename; do
		atf_check -o save:out "$GAOL_TEST_TOOLS/kill_loop" \
		    "$(command -v gaol)" "$PWD/root" /nonexistent $stride \
		    7 "$scenario"
		cat out
		atf_check_equal 1 "$(subvolumes)"
	done
}

btrfs_case plain_release "a release that is a directory is copied"
plain_release_body() {
	btrfs_setup
	cp -a root/releases/busybox/root plain
	atf_check -e ignore gaol releases -d -y busybox
	mkdir -p root/releases/busybox
	mv plain root/releases/busybox/root
	echo 'busybox { os = linux; source = test; created = 1; bytes = 1; }' \
	    >root/releases/busybox/release.conf
	gaol_jail web
	atf_check gaol exec web true
	atf_check_equal 1 "$(subvolumes)"
}

btrfs_case others "overlay and dir work on btrfs as well, when asked for"
others_body() {
	btrfs_setup
	gaol_jail one store=overlay
	gaol_jail two store=dir
	atf_check gaol exec one touch /a
	atf_check gaol exec two touch /a
	atf_check -e ignore gaol destroy -f -y ALL
	atf_check -o empty ls -A root/jails
	atf_check_equal 1 "$(subvolumes)"
}

btrfs_case elsewhere "on another file system it says so"
elsewhere_body() {
	mkdir root
	mount -t tmpfs none root
	gaol_setup
	atf_check -s exit:69 -e match:'does not lie on btrfs' \
	    gaol create web -r busybox store=btrfs
	atf_check -e ignore gaol create web -r busybox
	atf_check -o not-match:'btrfs' gaol get -H -o value store web
}

atf_init_test_cases() {
	for t in life snapshots killed plain_release others elsewhere; do
		atf_add_test_case $t
	done
}
