#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

# said NAME: what jails/NAME/jail.conf says, without its comment and indent.
said() {
	sed -e '/^#/d' -e 's/^[[:space:]]*//' "root/jails/$1/jail.conf"
}

atf_test_case words
words_head() {
	atf_set descr "what cell.conf says, in the words of jail(8)"
}
words_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	mkdir "a b"
	jail web -t allow.raw_sockets=on allow.set_hostname=off \
	    exec.start="/bin/sh /etc/rc" exec.start+='echo "$HOME" > /x' \
	    exec.clean=off stop.timeout=30s securelevel=2 \
	    mount="$PWD/a\\040b /srv nullfs ro" host.hostname=w.example
	said web >got
	for line in "path = $root/jails/web/root;" \
	    'host.hostname = w.example;' 'allow.raw_sockets;' \
	    'allow.noset_hostname;' 'securelevel = 2;' 'persist;' \
	    'stop.timeout = 30;' 'mount.devfs;' \
	    "exec.consolelog = $root/log/web/console.log;"; do
		grep -Fxq "$line" got || atf_fail "no line '$line' in
$(cat got)"
	done
	atf_check grep -Fq 'exec.start = "/bin/sh /etc/rc", ' got
	atf_check grep -Fq "$PWD/a\\\\040b $root/jails/web/root/srv nullfs ro 0 0" \
	    got
	atf_check -s exit:1 grep -q exec.clean got
	atf_check -s exit:1 grep -q release got
}

atf_test_case in_step
in_step_head() {
	atf_set descr "it follows set, edit by hand, mount, rename and clone"
}
in_step_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web -t
	atf_check -e ignore gaol set web securelevel=1
	atf_check grep -q 'securelevel = 1;' root/jails/web/jail.conf
	sed 's/securelevel = 1/securelevel = 3/' root/jails/web/cell.conf >new
	conf web <new
	atf_check -e ignore gaol start web
	atf_check grep -q 'securelevel = 3;' root/jails/web/jail.conf
	atf_check -e ignore gaol stop web
	atf_check -e ignore gaol rename web www
	atf_check grep -q '^www {' root/jails/www/jail.conf
	atf_check grep -q "$root/jails/www/root;" root/jails/www/jail.conf
	atf_check -e ignore gaol clone www two
	atf_check grep -q '^two {' root/jails/two/jail.conf
	# what cannot be told is not told wrongly
	echo 'www { release = base; nosuch = 1; }' >new
	conf www <new
	atf_check -s not-exit:0 -e ignore gaol start www
	atf_check test ! -e root/jails/www/jail.conf
}

atf_init_test_cases() {
	atf_add_test_case words
	atf_add_test_case in_step
}
