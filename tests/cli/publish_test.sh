#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case add
add_head() {
	atf_set descr "ports are added, printed, and in force at once"
}
add_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check gaol network create lan 10.1.0.0/24 fd01::/64
	running web net=lan publish=8080:80
	atf_check gaol publish web 53/udp '[::1]:5353:53/udp'
	atf_check gaol publish web 443 --from 10.0.0.0/8 -l
	atf_check -o inline:"web\t8080:80,53/udp,[::1]:5353:53/udp,443 from 10.0.0.0/8 log\n" \
	    gaol publish -H web
	atf_check -o match:'"ports":\["8080:80/tcp","53:53/udp","\[::1\]:5353:53/udp","443:443/tcp from 10.0.0.0/8 log"\]' \
	    gaol network show -j lan
	atf_check gaol unpublish web 53/udp 443
	atf_check -o match:'"ports":\["8080:80/tcp","\[::1\]:5353:53/udp"\]' \
	    gaol network show -j lan
	atf_check gaol set web publish=81
	atf_check -o match:'"ports":\["81:81/tcp"\]' gaol network show -j lan
	atf_check gaol unpublish -a web
	atf_check -o inline:"web\t-\n" gaol publish -H web
}

atf_test_case refused
refused_head() {
	atf_set descr "what makes no sense changes nothing"
}
refused_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check gaol network create lan 10.1.0.0/24
	jail web net=lan publish=8080:80
	jail host net=inherit
	cp root/jails/web/cell.conf before
	fails 66 "port 80 is not published" unpublish web 80
	fails 64 "unpublish: which ports? -a for all" unpublish web
	fails 64 "publish: 'x' is not of the form [ADDRESS:]PORT[:PORT]\
[/tcp|/udp] [from NETWORK] [log] (examples: 8080:80/tcp, 10000-10100)" \
	    publish web x
	fails 78 "publish: '8000-9000' meets another of the list" \
	    publish web 8000-9000
	atf_check -s exit:78 -e match:"the jail has no address of its own" \
	    gaol publish host 80
	atf_check cmp before root/jails/web/cell.conf
	atf_check gaol -q start web
	atf_check -s exit:78 -e match:"no address of IPv6" \
	    gaol publish web '[::1]:80:80'
	atf_check cmp before root/jails/web/cell.conf
	atf_check -o match:"would change" gaol -n publish web 81
	atf_check cmp before root/jails/web/cell.conf
}

atf_init_test_cases() {
	atf_add_test_case add
	atf_add_test_case refused
}
