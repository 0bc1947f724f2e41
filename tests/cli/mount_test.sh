#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case live
live_head() {
	atf_set descr "a running jail has it at once, and cell.conf says so"
}
live_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	mkdir src
	atf_check gaol mount web "$PWD/src" /srv//www/
	atf_check -o inline:"/srv/www $PWD/src\n" cat root/fake/.mounts.web
	atf_check -o inline:"web\t$PWD/src\t/srv/www\tnullfs\tro\n" \
	    gaol mount -H web
	atf_check -o inline:"$PWD/src /srv/www nullfs ro\n" \
	    gaol get -H -o value mount web
	atf_check gaol umount web /srv/www
	atf_check -o empty cat root/fake/.mounts.web
	atf_check -o empty gaol mount -H web
	atf_check test ! -e root/run/mount.web
}

atf_test_case stopped
stopped_head() {
	atf_set descr "one that does not run gets it at its start"
}
stopped_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	mkdir src
	atf_check gaol mount web "$PWD/src" /x rw
	atf_check gaol mount web proc /compat/proc linprocfs
	atf_check test ! -e root/fake/.mounts.web
	atf_check -o inline:"[{\"name\":\"web\",\"source\":\"$PWD/src\",\
\"target\":\"/x\",\"type\":\"nullfs\",\"options\":\"rw\"},\n {\"name\":\"web\",\
\"source\":\"proc\",\"target\":\"/compat/proc\",\"type\":\"linprocfs\",\
\"options\":\"rw\"}]\n" gaol mount -j web
	atf_check gaol umount web /compat/proc
	atf_check gaol unmount web /x
	atf_check -s exit:1 grep mount root/jails/web/cell.conf
}

atf_test_case words
words_head() {
	atf_set descr "type and options in either order, as Bastille has them"
}
words_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	mkdir "a b"
	atf_check gaol mount web "$PWD/a b" "/with space" nullfs rw 0 0
	atf_check gaol mount web tmpfs /t size=64m nosuid
	atf_check gaol mount web "$PWD/a b" /u ro,noexec nullfs
	atf_check -o inline:"web\t$PWD/a b\t/with space\tnullfs\trw
web\ttmpfs\t/t\ttmpfs\tsize=64m,nosuid
web\t$PWD/a b\t/u\tnullfs\tro,noexec\n" gaol mount -H web
	atf_check gaol umount web "/with space"
	fails 64 "mount: nullfs and tmpfs: one type is possible" \
	    mount web x /y nullfs tmpfs
	fails 64 "mount web /x: on what? A target in the jail is missing" \
	    mount web /x
}

atf_test_case several
several_head() {
	atf_set descr "all that a target stands for"
}
several_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail a
	running b
	mkdir src
	atf_check gaol mount ALL "$PWD/src" /x
	atf_check -o inline:"a\t$PWD/src\t/x\tnullfs\tro
b\t$PWD/src\t/x\tnullfs\tro\n" gaol mount -H ALL
	atf_check gaol umount ALL /x
}

atf_test_case wrong
wrong_head() {
	atf_set descr "what cannot be is refused, and nothing is changed"
}
wrong_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	mkdir src
	cp root/jails/web/cell.conf before
	fails 66 "$PWD/none: No such file or directory" \
	    mount web "$PWD/none" /x
	fails 69 "type procfs is mounted when a jail starts; into one that \
runs nullfs and tmpfs can be" mount web proc /x procfs
	fails 66 "no volume named 'data'; 'gaol volume create data' makes it" \
	    mount web vol:data /x
	fails 66 "no jail named 'wbe' (did you mean 'web'?)" \
	    mount wbe "$PWD/src" /x
	atf_check -s not-exit:0 -e match:"target" \
	    gaol mount web "$PWD/src" relative
	atf_check -s not-exit:0 -e match:"target" \
	    gaol mount web "$PWD/src" /a/../../b
	atf_check cmp before root/jails/web/cell.conf
	atf_check test ! -e root/run/mount.web
	atf_check gaol mount web "$PWD/src" /x
	fails 73 "jail 'web' has a mount on /x: $PWD/src /x nullfs ro" \
	    mount web "$PWD/src" /x/
}

atf_test_case plan
plan_head() {
	atf_set descr "-n tells what would be done"
}
plan_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	mkdir src
	atf_check -o inline:"would mount $PWD/src on /x of the running jail \
'web'\nwould add to $root/jails/web/cell.conf: $PWD/src /x nullfs ro\n" \
	    gaol -n mount web "$PWD/src" /x
	atf_check -o empty gaol mount -H web
}

atf_test_case volumes
volumes_head() {
	atf_set descr "a volume, and a directory in it"
}
volumes_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	atf_check gaol volume create data
	mkdir root/volumes/data/sub
	atf_check gaol mount web vol:data /a rw
	atf_check gaol mount web vol:data/sub /b rw
	atf_check -o inline:"/a $root/volumes/data\n/b $root/volumes/data/sub\n" \
	    cat root/fake/.mounts.web
	atf_check -o inline:"web\tvol:data\t/a\tnullfs\trw
web\tvol:data/sub\t/b\tnullfs\trw\n" gaol mount -H web
}

atf_test_case recover
recover_head() {
	atf_set descr "the next command settles one that was interrupted"
}
recover_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	mkdir src
	# killed after the mount, before cell.conf
	printf '%s' "$PWD/src /x nullfs ro" >root/run/mount.web
	echo "/x $PWD/src" >root/fake/.mounts.web
	atf_check -e inline:"web: undoing an interrupted mount or \
umount of /x\n" gaol set web note=a
	atf_check -o empty cat root/fake/.mounts.web
	# killed after the umount, before cell.conf
	atf_check gaol mount web "$PWD/src" /x
	printf '%s' "$PWD/src /x nullfs ro" >root/run/mount.web
	: >root/fake/.mounts.web
	atf_check -e inline:"web: completing an interrupted mount or \
umount of /x\n" gaol set web note=b
	atf_check -o inline:"/x $PWD/src\n" cat root/fake/.mounts.web
	atf_check test ! -e root/run/mount.web
	# of a jail that ended meanwhile
	printf '%s' "$PWD/src /x nullfs ro" >root/run/mount.web
	dies web
	atf_check -e ignore gaol start web
	atf_check test ! -e root/run/mount.web
}

atf_init_test_cases() {
	for t in live stopped words several wrong plan volumes recover; do
		atf_add_test_case $t
	done
}
