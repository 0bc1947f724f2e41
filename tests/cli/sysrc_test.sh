#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

# rcconf NAME: the file of that jail
rcconf() {
	echo "root/jails/$1/layers/upper/etc/rc.conf"
}

atf_test_case assign
assign_head() {
	atf_set descr "set, add, take out, remove, as sysrc(8)"
}
assign_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	atf_check -o inline:"nginx_enable:  -> YES\nflags:  -> a b\n" \
	    gaol sysrc web nginx_enable=YES flags="a b"
	atf_check -o inline:'nginx_enable="YES"\nflags="a b"\n' \
	    cat "$(rcconf web)"
	atf_check -o inline:"flags: a b -> a b c\n" gaol sysrc web flags+="b c"
	atf_check -o inline:"flags: a b c -> b c\n" gaol sysrc web flags-=a
	atf_check gaol sysrc web -q flags=x
	atf_check gaol sysrc web -x nginx_enable
	atf_check -o inline:'flags="x"\n' cat "$(rcconf web)"
}

atf_test_case ask
ask_head() {
	atf_set descr "values, names, as sh(1) reads them, all of them"
}
ask_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	mkdir root/releases/base/root/etc/defaults
	echo 'a="of the system"; d=default' \
	    >root/releases/base/root/etc/defaults/rc.conf
	printf 'b=2\na=1\n' >root/releases/base/root/etc/rc.conf
	jail web store=dir
	atf_check gaol -q start web
	atf_check -o inline:"a: 1\nd: default\n" gaol sysrc web a d
	atf_check -o inline:"1\n2\n" gaol sysrc web -n a b
	atf_check -o inline:"a\n" gaol sysrc web a -N
	atf_check -o inline:'a="1"\n' gaol sysrc web -e a
	atf_check -o inline:"a: 1\nb: 2\n" gaol sysrc web -a
	atf_check -s exit:1 -o inline:"a: 1\n" \
	    -e inline:"gaol: warning: web: unknown variable 'x'\n" \
	    gaol sysrc web x a
	atf_check gaol sysrc web -i x
	atf_check gaol sysrc web -c a b=2
	atf_check -s exit:1 gaol sysrc web -c b=3
	atf_check -s exit:1 gaol sysrc web -c x
	atf_check -o inline:"x:  -> 1\n" gaol sysrc web -f /etc/my.conf x=1
	atf_check -o inline:"x: 1\n" gaol sysrc web -f/etc/my.conf x
	# the system's own file is never written
	atf_check -o inline:"d: default -> mine\n" gaol sysrc web d=mine
	atf_check -o inline:"d: mine\n" gaol sysrc web d
}

atf_test_case hostile
hostile_head() {
	atf_set descr "a file that is a program, a link, none"
}
hostile_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web store=dir
	atf_check gaol -q start web
	rc=root/jails/web/root/etc/rc.conf
	printf 'a="$(touch %s)"\nb=`touch %s`; touch %s\n' \
	    "$PWD/ran" "$PWD/ran" "$PWD/ran" >$rc
	atf_check -o inline:"a: \$(touch $PWD/ran)\n" gaol sysrc web a
	atf_check -o ignore gaol sysrc web c=1
	[ ! -e ran ] || atf_fail "rc.conf was executed"
	# a link leads to a place inside the jail or to none
	echo 'secret=host' >outside
	ln -sf "$PWD/outside" $rc
	atf_check -s exit:1 -e ignore gaol sysrc web secret
	atf_check -o ignore gaol sysrc web secret=x
	atf_check -o inline:"secret=host\n" cat outside
	rm $rc && mkdir $rc
	atf_check -s exit:65 -e match:"/etc/rc.conf" gaol sysrc web a
	rmdir $rc && mkfifo $rc
	atf_check -s exit:65 -e match:"/etc/rc.conf" gaol sysrc web a
}

atf_test_case usage
usage_head() {
	atf_set descr "words that are none, jails that do not run"
}
usage_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	fails 64 "sysrc: '1x=2' is none of NAME, NAME=VALUE, NAME+=VALUE and NAME-=VALUE, with letters, digits and _ in the name" \
	    sysrc web a=1 1x=2
	[ ! -e "$(rcconf web)" ] || atf_fail "something was changed"
	fails 64 "sysrc: a variable is missing: NAME asks for one, NAME=VALUE sets it, -a tells all" \
	    sysrc web
	fails 64 "sysrc: -z is none of -a -c -e -f FILE -i -n -N -q -x" \
	    sysrc web -z a
	fails 64 "sysrc: -f: a file is missing" sysrc web -f
	jail off
	fails 1 "jail 'off' is not running; 'gaol start off' starts it" \
	    sysrc off a
}

atf_test_case several
several_head() {
	atf_set descr "in each jail that runs"
}
several_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running a
	running b
	jail off
	atf_check -o inline:"[a]\nx:  -> 1\n[b]\nx:  -> 1\n" \
	    gaol sysrc ALL x=1
	atf_check -o inline:"[a]\nx: 1\n" gaol sysrc "a*" x
}

atf_init_test_cases() {
	for t in assign ask hostile usage several; do
		atf_add_test_case $t
	done
}
