#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# Each allow.* parameter, open and shut, asked from inside by tests/tools/probe.
. "$(atf_get_srcdir)/common.subr"

# probe_jail NAME PROP...: a running jail with the probe in it.
probe_jail() {
	gaol_jail "$@"
	atf_check -x "gaol exec $1 sh -c 'cat > /probe; chmod 755 /probe' < $GAOL_TEST_TOOLS/probe"
}

# expect JAIL WHAT RESULT
expect() {
	atf_check -o inline:"$3\n" gaol exec "$1" /probe "$2"
}

# open_and_shut NAME PROBE SHUT PROP...: a test that PROBE gives SHUT by
# default and "ok" with the properties.
open_and_shut() {
	root_test "$1" "$1: shut by default, open with $4"
	eval "${1}_body() {
		gaol_setup
		probe_jail shut
		expect shut $2 $3
		shift_args='$4'
		probe_jail open \$shift_args
		expect open $2 ok
	}"
	open_tests="${open_tests-} $1"
}

open_and_shut raw_sockets raw_socket EPERM 'allow.raw_sockets=on'
open_and_shut packet_sockets packet_socket EPERM 'allow.raw_sockets=on'
open_and_shut mlock mlock EPERM 'allow.mlock=on'
open_and_shut sysvshm shm ENOSYS 'sysvshm=new'
open_and_shut sysvsem sem ENOSYS 'sysvsem=new'
open_and_shut sysvmsg msg ENOSYS 'sysvmsg=new'
open_and_shut sysvipc shm ENOSYS 'allow.sysvipc=on'
open_and_shut settime settime EPERM 'allow.settime=on userns=off'
open_and_shut chflags immutable EPERM 'type=thick allow.chflags=on userns=off'
open_and_shut mount_tmpfs mount_tmpfs EPERM \
    'allow.mount=on allow.mount.tmpfs=on enforce_statfs=1'
open_and_shut mount_bind mount_bind EPERM \
    'allow.mount=on allow.mount.nullfs=on enforce_statfs=1'
open_and_shut children userns EPERM 'children.max=1'
open_and_shut statfs listmount ENOSYS 'enforce_statfs=1'

root_test socket_af "other socket families: EPROTONOSUPPORT, open with allow.socket_af"
socket_af_body() {
	gaol_setup
	probe_jail shut
	expect shut vsock_socket EPROTONOSUPPORT
	expect shut unix_socket ok
	probe_jail open allow.socket_af=on
	# what the kernel itself says, which may not have the family
	atf_check -o not-match:EPROTONOSUPPORT gaol exec open /probe vsock_socket
}

root_test set_hostname "the host name may be set, not with allow.set_hostname=off"
set_hostname_body() {
	gaol_setup
	probe_jail open
	expect open hostname ok
	atf_check -o inline:'changed\n' gaol exec open hostname
	probe_jail shut allow.set_hostname=off
	expect shut hostname EPERM
	[ "$(hostname)" != changed ] || atf_fail "the host was renamed"
}

root_test reserved_ports "ports below 1024, on the jails stack and the hosts"
reserved_ports_body() {
	gaol_setup
	probe_jail open
	expect open low_port ok
	probe_jail shut allow.reserved_ports=off
	expect shut low_port EACCES
	probe_jail both net=inherit
	expect both low_port ok
	probe_jail none net=inherit allow.reserved_ports=off
	expect none low_port EACCES
	probe_jail plain net=inherit userns=off
	expect plain low_port ok
}

root_test read_msgbuf "the kernels messages"
read_msgbuf_body() {
	gaol_setup
	probe_jail shut
	expect shut msgbuf EPERM
	probe_jail open allow.read_msgbuf=on userns=off
	expect open msgbuf ok
}

root_test proc_debug "debugging, and never pid 1"
proc_debug_body() {
	gaol_setup
	probe_jail open
	expect open debug_child ok
	expect open debug_init EPERM
	probe_jail shut allow.unprivileged_proc_debug=off
	expect shut debug_child EPERM
}

root_test suser "root without privileges"
suser_body() {
	gaol_setup
	probe_jail open
	expect open privilege ok
	probe_jail shut
	atf_check -e ignore gaol stop shut
	atf_check -e ignore gaol set shut allow.suser=off
	atf_check -e ignore gaol start shut
	expect shut privilege EPERM
	atf_check -o match:'NoNewPrivs:.1' gaol exec shut grep NoNewPrivs \
	    /proc/self/status
}

root_test securelevel "securelevel takes away what is otherwise open"
securelevel_body() {
	gaol_setup
	probe_jail two securelevel=2
	expect two settime EPERM
	probe_jail four securelevel=2 allow.mount=on allow.mount.tmpfs=on \
	    enforce_statfs=1
	expect four mount_tmpfs EPERM
	atf_check -o match:'eth|dummy|lo' gaol exec two ip link
	probe_jail three securelevel=3
	atf_check -s exit:2 -e match:'Operation not permitted' \
	    gaol exec three ip link set lo down
}

root_test mount_kinds "each allow.mount.KIND opens that kind and no other"
mount_kinds_body() {
	gaol_setup
	probe_jail tmp allow.mount=on allow.mount.tmpfs=on enforce_statfs=1
	probe_jail proc allow.mount=on allow.mount.procfs=on enforce_statfs=1
	probe_jail lin allow.mount=on allow.mount.linprocfs=on enforce_statfs=1
	probe_jail sys allow.mount=on allow.mount.linsysfs=on enforce_statfs=1
	probe_jail bind allow.mount=on allow.mount.nullfs=on enforce_statfs=1
	probe_jail none allow.mount=on enforce_statfs=1
	while read -r jail kinds; do
		for kind in tmpfs proc sysfs bind; do
			case " $kinds " in
			*" $kind "*) expect $jail mount_$kind ok ;;
			*) expect $jail mount_$kind EPERM ;;
			esac
		done
		expect $jail mount_other EPERM
		expect $jail mount_user EPERM
	done <<-EOF
	tmp tmpfs
	proc proc
	lin proc
	sys sysfs
	bind bind
	none
	EOF
	expect tmp mount_inside ok
	expect tmp mount_thread ok
	expect tmp mount_bad EFAULT
	# only where the kernel has 32-bit programs at all
	if gaol exec tmp /probe mount_tmpfs_32 >/dev/null 2>&1; then
		expect tmp mount_tmpfs_32 ok
		expect tmp mount_mqueue_32 EPERM
		expect proc mount_tmpfs_32 EPERM
	fi
	expect tmp mount_race EPERM
	# the jail's own, with what masks it
	atf_check -o match:'/mnt/sys ro' gaol exec proc cat /proc/self/mountinfo
	atf_check -o ignore gaol exec proc umount -l /mnt
	atf_check gaol exec proc mount -t proc -o ro proc /mnt
	atf_check -o match:' /mnt ro' gaol exec proc cat /proc/self/mountinfo
	# nobody is left behind by commands that have ended
	atf_check -o inline:'1\n' gaol exec tmp sh -c \
	    'sleep 1; grep -l "^Name:.gaol-init" /proc/[0-9]*/status | grep -vc "/$$/" | grep -v 0 | sed "s/[2-9]/1/"'
}

root_test mount_fuse "allow.mount.fusefs takes the callers descriptor"
mount_fuse_body() {
	gaol_setup
	[ -c /dev/fuse ] || atf_skip "the kernel has no FUSE"
	# what the mode of /dev/fuse on this host is, is not the question
	mkdir dev
	mount -t tmpfs none dev
	mknod -m 666 dev/fuse c 10 229
	mknod -m 600 dev/shut c 10 229
	for way in fuse shut; do
		cat > $way <<-EOF
		mount --bind dev/$way /dev/fuse || exit 9
		gaol -q create $way -r busybox allow.mount=on \
		    allow.mount.fusefs=on enforce_statfs=1 &&
		    exec gaol -q start $way
		EOF
	done
	atf_check -s exit:69 -e match:'chmod 0666 /dev/fuse' \
	    unshare -m sh shut
	atf_check -e ignore unshare -m sh fuse
	atf_check -x "gaol exec fuse sh -c 'cat > /probe; chmod 755 /probe' < $GAOL_TEST_TOOLS/probe"
	expect fuse mount_fuse ok
	expect fuse mount_tmpfs EPERM
	atf_check -o match:'/mnt .*fuse.probe' gaol exec fuse \
	    cat /proc/self/mountinfo
	gaol_jail without
	atf_check -s exit:1 gaol exec without test -e /dev/fuse
}
mount_fuse_cleanup() {
	umount dev 2>/dev/null || :
	gaol_cleanup
}

root_test locked "a jail that may mount cannot open what the host has shut"
locked_body() {
	gaol_setup
	mkdir share
	set -- "mount=$PWD/share /ro nullfs ro"
	probe_jail tmp allow.mount=on allow.mount.tmpfs=on \
	    allow.mount.nullfs=on enforce_statfs=1 "$@"
	probe_jail makes children.max=3 "$@"
	for jail in tmp makes; do
		expect $jail mount_tmpfs ok
		atf_check -o ignore -s not-exit:0 -e ignore \
		    gaol exec $jail umount /dev
		expect $jail remount_rw EPERM
		expect $jail remount_sys EPERM
		expect $jail unmask EINVAL
		expect $jail mount_move EINVAL
		atf_check -s exit:1 -e match:Read-only \
		    gaol exec $jail touch /ro/file
		# its own it may change and remove
		atf_check gaol exec $jail sh -c \
		    'mount -o remount,bind,ro /mnt && umount /mnt'
		# and namespaces are its own to rule
		expect $jail hostname ok
		atf_check gaol exec $jail ip link set lo down
		expect $jail mknod EPERM
		expect $jail overwrite EACCES
		expect $jail debug_init EPERM
	done
	expect makes clone_rw EPERM
	atf_check -s not-exit:0 -e ignore gaol exec makes unshare -Urm \
	    sh -c 'mount -o remount,bind,rw /ro || umount /ro'
}

root_test always_shut "what no jail may, with a user namespace and without"
always_shut_body() {
	gaol_setup
	probe_jail web
	probe_jail bare userns=off
	for jail in web bare; do
		expect $jail mknod EPERM
		expect $jail by_handle EPERM
		expect $jail keyring EPERM
		expect $jail bpf EPERM
		expect $jail mountns EPERM
		expect $jail userns EPERM
		expect $jail mount_tmpfs EPERM
		expect $jail overwrite EACCES
		expect $jail chroot EXDEV
		expect $jail debug_init EPERM
		expect $jail tiocsti EPERM
		expect $jail descriptors EBADF
		atf_check -o match:'EROFS|EACCES|ENOENT' gaol exec $jail /probe sysctl
		atf_check -o match:'EROFS|EACCES|ENOENT' gaol exec $jail /probe sysrq
		atf_check -o match:'ENODATA|EACCES|EPERM|ENOENT' \
		    gaol exec $jail /probe kcore
	done
}

root_test proc_shut "what proc(5) tells of the hosts kernel and memory is hidden"
proc_shut_body() {
	gaol_setup
	gaol_jail web
	gaol_jail bare userns=off
	for jail in web bare; do
		for file in kcore kpagecount kpageflags kpagecgroup kmsg keys \
		    timer_list slabinfo vmallocinfo pagetypeinfo; do
			atf_check -o inline:'0\n' gaol exec $jail sh -c \
			    "head -c 8 /proc/$file 2>/dev/null | wc -c"
		done
		# nothing there that can be written to, but processes
		atf_check -o empty gaol exec $jail sh -c 'find /proc /sys \
		    -path "/proc/[0-9]*" -prune -o -type l -prune -o \
		    -type f -perm /222 -print 2>/dev/null | while read -r f; do
			case $f in /proc/pressure/*) continue ;; esac
			if true 2>/dev/null >> "$f"; then echo $f; fi
		    done'
	done
	atf_check -o inline:'0\n' gaol exec bare sh -c \
	    'cat /proc/kallsyms /proc/mtrr /proc/iomem 2>/dev/null | wc -c'
}

root_test refused "what Linux cannot give is refused at create, with what would do it"
refused_body() {
	gaol_setup
	atf_check -s exit:69 -e match:'userns = off' \
	    gaol create web -r busybox allow.settime=on
	atf_check -s exit:69 -e match:'userns = off' \
	    gaol create web -r busybox allow.chflags=on
	atf_check -s exit:69 -e match:'net = none|userns = off' \
	    gaol create web -r busybox net=inherit allow.raw_sockets=on
	atf_check -s exit:69 -e match:FreeBSD \
	    gaol create web -r busybox allow.mount.zfs=on
	atf_check -s exit:69 -e match:enforce_statfs \
	    gaol create web -r busybox enforce_statfs=0
	atf_check -o empty ls root/jails
}

atf_init_test_cases() {
	for t in $open_tests socket_af set_hostname reserved_ports read_msgbuf \
	    proc_debug suser securelevel mount_kinds mount_fuse locked \
	    always_shut proc_shut refused; do
		atf_add_test_case "$t"
	done
}
