#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case busy
busy_head() {
	atf_set descr "one in use stays, with -f it goes"
}
busy_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	mkdir src
	atf_check gaol mount web "$PWD/src" /x
	echo "/x busy" >root/fake/.mounts.web
	fails 75 "/x is in use in the jail; -f takes it away all the same" \
	    umount web /x
	atf_check -o inline:"$PWD/src /x nullfs ro\n" \
	    gaol get -H -o value mount web
	atf_check gaol umount -f web /x
	atf_check -o empty cat root/fake/.mounts.web
	atf_check -o empty gaol mount -H web
}

atf_test_case others
others_head() {
	atf_set descr "other mounts and comments stay"
}
others_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	mkdir src
	for t in a b c; do
		atf_check gaol mount web "$PWD/src" /$t
	done
	sed -i 's/^web {/# mine\n&/' root/jails/web/cell.conf
	atf_check gaol umount web /b/
	atf_check -o inline:"$PWD/src /a nullfs ro,$PWD/src /c nullfs ro\n" \
	    gaol get -H -o value mount web
	atf_check -o match:'^# mine$' cat root/jails/web/cell.conf
}

atf_test_case missing
missing_head() {
	atf_set descr "no such mount"
}
missing_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	fails 66 "no mount on /x; 'gaol mount web' lists them" umount web /x
	echo '/usr /y nullfs ro' >fstab
	atf_check gaol set web mount.fstab="$PWD/fstab"
	fails 66 "cell.conf has no mount on /y; perhaps $PWD/fstab \
(mount.fstab) has" umount web /y
	fails 64 "umount: an operand is missing (usage: gaol umount [-f] \
[-P N] target path)" umount web
}

atf_init_test_cases() {
	for t in busy others missing; do
		atf_add_test_case $t
	done
}
