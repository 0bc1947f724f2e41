#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# The store zfs, on a pool in a file that zfs-fuse holds (zfs.subr).  The suite
# of all stores first (data.subr).
# shellcheck disable=SC2034,SC2046,SC2154
. "$(atf_get_srcdir)/zfs.subr"
. "$(atf_get_srcdir)/common.subr"
. "$(atf_get_srcdir)/data.subr"

# zfs-fuse does not map ids, OpenZFS does
zfs_data_jail=userns=off

zfs_data_setup() {
	zfs_pool
}

zfs_data_cleanup() {
	zfs_cleanup
}

data_suite zfs

# zfs_case NAME DESCR
zfs_case() {
	root_test "$1" "$2"
	eval "${1}_cleanup() { zfs_cleanup; }"
}

zfs_begin() {
	zfs_pool
	gaol_setup
}

datasets() {
	zfs list -H -r -t filesystem,snapshot -o name gaoltest/jails |
	    sed 's,^gaoltest/,,'
}

zfs_case life "a release, its jails, their properties; what is gone is gone"
life_body() {
	zfs_begin
	gaol_jail web userns=off zfs.compression=lzjb limit.disk=20m
	atf_check -o inline:'zfs\nthin\n' gaol get -H -o value store,type web
	atf_check_equal "jails jails/web jails/web/root" "$(echo $(datasets))"
	root=gaoltest/jails/web/root
	atf_check -o inline:'gaoltest/releases/busybox/root@.gaol.ready\n' \
	    zfs get -H -o value origin $root
	atf_check -o inline:'lzjb\n20971520\n' \
	    zfs get -Hp -o value compression,refquota $root
	atf_check -s not-exit:0 -e match:'quota|space' gaol exec web \
	    dd if=/dev/urandom of=/f bs=1M count=40
	atf_check gaol exec web rm /f
	# live
	atf_check -e ignore gaol set web zfs.compression=gzip limit.disk=
	atf_check -o inline:'gzip\n0\n' \
	    zfs get -Hp -o value compression,refquota $root
	atf_check -e ignore gaol set web zfs.compression=
	atf_check -o inline:'off\n' zfs get -Hp -o value compression $root
	atf_check -s not-exit:0 -e match:'must be one of' \
	    gaol set web zfs.compression=no-such
	atf_check -s exit:69 -e match:'store zfs' \
	    gaol create x -r busybox store=dir zfs.compression=on
	atf_check -s exit:78 -e match:'--thick' \
	    gaol create x -r busybox zfs.encryption=on
	# thick: it depends on nothing; and one of another store beside it
	atf_check -e ignore gaol create big -r busybox --thick userns=off
	atf_check -o inline:'-\n' zfs get -H -o value origin \
	    gaoltest/jails/big/root
	atf_check -e ignore gaol create plain -r busybox store=dir userns=off
	atf_check -e ignore gaol start big plain
	atf_check gaol exec big true
	atf_check -o match:'web' gaol df
	atf_check -e ignore gaol destroy -f -y ALL
	atf_check_equal "jails" "$(echo $(datasets))"
	atf_check -o empty ls -A root/jails
	atf_check -e ignore gaol bootstrap -f busybox
	atf_check -e ignore gaol releases -d -y busybox
	atf_check -o empty ls -A root/releases
	atf_check -o inline:'gaoltest/releases\n' \
	    zfs list -H -r -o name gaoltest/releases
}

zfs_case unmounted "datasets that are not mounted are mounted at need"
unmounted_body() {
	zfs_begin
	gaol_jail web userns=off
	atf_check gaol exec web touch /made
	atf_check -e ignore gaol stop web
	for dataset in jails/web/root jails/web releases/busybox/root \
	    releases/busybox; do
		atf_check zfs unmount gaoltest/$dataset
	done
	atf_check -o match:'^web' gaol list -H
	atf_check zfs unmount gaoltest/jails/web/root
	atf_check -e ignore gaol start web
	atf_check gaol exec web test -e /made
	atf_check -e ignore gaol create other -r busybox userns=off
	atf_check -e ignore gaol destroy -y other
	atf_check -e ignore gaol stop web
	# and one that zfs receive brings
	zfs snapshot -r gaoltest/jails/web@x
	atf_check -o ignore -e ignore sh -c \
	    'zfs send -R gaoltest/jails/web@x | zfs receive gaoltest/jails/b'
	atf_check -e ignore gaol recover
	atf_check -e ignore gaol start b
	atf_check gaol exec b test -e /made
}

zfs_case foreign "what others made is told of and never touched"
foreign_body() {
	zfs_begin
	gaol_jail web userns=off
	root=gaoltest/jails/web/root
	atf_check zfs snapshot $root@daily
	atf_check -o empty gaol snapshots -H web
	atf_check -s exit:75 -e match:"$root@daily is not gaol" \
	    gaol destroy -f -y web
	atf_check -s exit:66 -e ignore gaol snapshot -d -y web daily
	atf_check gaol exec web true
	atf_check -e ignore gaol snapshot web s1
	atf_check zfs snapshot $root@later
	atf_check -e ignore gaol stop web
	atf_check -s exit:75 -e match:'later' gaol rollback -y web s1
	atf_check zfs destroy $root@daily
	atf_check zfs destroy $root@later
	atf_check zfs create $root/data
	atf_check -s exit:75 -e match:"$root/data is not gaol" \
	    gaol destroy -y web
	# zfs-fuse lets go of what is unmounted a moment later
	zfs unmount $root/data
	sleep 0.5
	atf_check zfs destroy $root/data
	atf_check -e ignore gaol destroy -y web
	atf_check_equal "jails" "$(echo $(datasets))"
}

zfs_case clones "clones outlive what they stand on, and names do not clash"
clones_body() {
	zfs_begin
	gaol_jail web userns=off
	atf_check gaol exec web sh -c 'echo one >/f'
	atf_check -e ignore gaol snapshot web s1
	atf_check gaol exec web sh -c 'echo two >/f'
	atf_check -e ignore gaol snapshot web s2
	atf_check -e ignore gaol snapshot --hold web s2
	atf_check -s exit:75 -e match:'held' gaol snapshot -d -y web s2
	atf_check -e ignore gaol stop web
	atf_check -e ignore gaol clone -s s1 web a
	atf_check -e ignore gaol clone -s s2 web b
	atf_check -e ignore gaol clone web now
	# of the same names
	atf_check -e ignore gaol snapshot a s1
	atf_check -e ignore gaol snapshot b s1
	# later, but nobody's to see: a rollback keeps what stands on it
	atf_check -e ignore gaol start web
	atf_check gaol exec web sh -c 'echo three >/f'
	atf_check -e ignore gaol stop web
	atf_check -e ignore gaol rollback -y web s2
	atf_check -e ignore gaol start web
	atf_check -o inline:'two\n' gaol exec web cat /f
	atf_check -e ignore gaol stop web
	# a snapshot that a clone stands on may go
	atf_check -e ignore gaol snapshot -d -y web s1
	atf_check -o inline:'s2\n' gaol snapshots -H -o name web
	atf_check -e ignore gaol destroy -y web
	atf_check -o inline:'s1\n' gaol snapshots -H -o name a
	atf_check -o inline:'s1\n' gaol snapshots -H -o name b
	atf_check -e ignore gaol start a b now
	atf_check -o inline:'one\n' gaol exec a cat /f
	atf_check -o inline:'two\n' gaol exec b cat /f
	atf_check -o inline:'two\n' gaol exec now cat /f
	atf_check -e ignore gaol stop ALL
	atf_check -e ignore gaol destroy -y b
	atf_check -e ignore gaol start a now
	atf_check -o inline:'one\n' gaol exec a cat /f
	atf_check -o inline:'two\n' gaol exec now cat /f
	atf_check -e ignore gaol stop ALL
	atf_check -e ignore gaol destroy -y now
	atf_check -e ignore gaol destroy -y a
	atf_check_equal "jails" "$(echo $(datasets))"
	atf_check -o inline:'gaoltest/releases/busybox/root@.gaol.ready\n' \
	    zfs list -H -r -t snapshot -o name gaoltest
}

zfs_case full "a full pool undoes what cannot be done"
full_body() {
	zfs_pool 80M
	gaol_setup
	gaol_jail web userns=off
	atf_check -e ignore gaol exec web dd if=/dev/urandom of=/f bs=64k \
	    count=300
	dd if=/dev/urandom of=root/fill bs=64k >/dev/null 2>&1 || :
	atf_check -e ignore gaol stop web
	atf_check -s exit:1 -e match:'No space|out of space' \
	    gaol -q clone --thick web b
	rm root/fill
	atf_check -o inline:'web\n' ls -A root/jails
	atf_check_equal "jails jails/web jails/web/root" "$(echo $(datasets))"
	atf_check -e ignore gaol -q snapshot web s1
	atf_check -e ignore gaol -q clone -s s1 web b
}

zfs_case killed "SIGKILL at a sample of system calls leaves no dataset"
killed_head() {
	atf_set descr 'SIGKILL at a sample of system calls'
	atf_set require.user root
	atf_set timeout 7200
}
killed_body() {
	# beside other work zfs-fuse now and then keeps a dataset busy for good
	[ -n "${GAOL_CHECK_LONG-}" ] || atf_skip "minutes long: make check-long"
	zfs_begin
	before=$(zfs list -H -r -t all -o name gaoltest | sort)
	# most points are in the middle of zfs(8), which a kill does not stop
	for scenario in 'create alone' snapshot rollback clone \
	    'destroy a clone' 'destroy what is cloned' rename; do
		atf_check -o save:out "$GAOL_TEST_TOOLS/kill_loop" \
		    "$(command -v gaol)" "$PWD/root" /nonexistent 3 0 \
		    "$scenario"
		cat out
		atf_check_equal "$before" \
		    "$(zfs list -H -r -t all -o name gaoltest | sort)"
	done
}

atf_init_test_cases() {
	data_cases zfs
	for t in life unmounted foreign clones full killed; do
		atf_add_test_case $t
	done
}
