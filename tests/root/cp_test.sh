#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

. "$(atf_get_srcdir)/common.subr"

root_test copy 'owners and rights are of the jail; its links lead nowhere'
copy_body() {
	gaol_setup
	gaol_jail web
	atf_check gaol -q create db -r busybox
	mkdir -p src/d
	echo one >src/f
	chown 33:33 src/d src/f
	cp /bin/true src/suid
	chmod 4755 src/suid
	mknod src/null c 1 3
	atf_check -e match:"left out: null in src, a device" \
	    gaol cp src web:/src
	atf_check -o inline:"33 33\n" gaol exec web stat -c '%u %g' /src/f
	atf_check -o inline:"4755\n" gaol exec web stat -c %a /src/suid
	atf_check -s exit:1 gaol exec web test -e /src/null

	# out of it nothing gives rights on the host
	atf_check gaol -q cp web:/src out
	atf_check -o inline:"755 0\n" stat -c '%a %u' out/suid
	atf_check -o inline:"33\n" stat -c %u out/f

	# to one that does not run, and what it sees then
	atf_check gaol -q cp web:/src db:/
	atf_check gaol -q start db
	atf_check -o inline:"33 33\n" gaol exec db stat -c '%u %g' /src/d
	atf_check -o inline:"one\n" gaol exec db cat /src/f

	# a hostile jail: links out of it, a FIFO, /proc of the host
	echo host >secret
	atf_check gaol exec web sh -c "ln -s $PWD /evil; mkdir -p $PWD
	    echo jail >$PWD/secret; mkfifo /pipe; ln -s /proc/1/root /up"
	atf_check gaol -q cp web:/evil/secret got
	atf_check -o inline:"jail\n" cat got
	echo new >secret2
	atf_check gaol -q cp secret2 web:/evil/secret
	atf_check -o inline:"host\n" cat secret
	atf_check -o inline:"new\n" gaol exec web cat "$PWD/secret"
	atf_check gaol -q cp web:/pipe pipe
	atf_check test -p pipe
	atf_check -s exit:77 -e ignore gaol -q cp secret2 web:/up/root/x
	# an owner that the jail cannot have
	echo far >far
	chown 70000 far
	atf_check -s exit:1 -e match:"web: /far: its owner 70000" \
	    gaol -q cp far web:/far
	atf_check -s exit:1 gaol exec web test -e /far
	atf_check -o empty gaol exec web find / -xdev -name '.gaol-cp*'
}

atf_init_test_cases() {
	atf_add_test_case copy
}
