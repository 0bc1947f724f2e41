#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case writes
writes_head() {
	atf_set descr "a gaol.conf to start from, shown and asked for first"
}
writes_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	export GAOL_CONF=$PWD/etc/gaol.conf
	atf_check -s exit:64 -e save:err gaol setup
	atf_check -o match:"^\+\+\+ $PWD/etc/gaol.conf$" \
	    -o match:"^\+# gaol.conf: " -o match:"^\+#lock.timeout = \"30\";$" \
	    -o match:"^gaol: setup: no terminal to ask on; -y answers yes$" \
	    cat err
	[ ! -e etc ] || atf_fail "it was written"
	atf_check -e match:"^done; 'gaol doctor' checks the host$" gaol setup -y
	sed -n 's/^+\(#.*\)/\1/p' err >shown
	grep '^#' etc/gaol.conf >written
	atf_check -o file:shown cat written
	# every setting, and all of them commented out
	atf_check -s exit:1 \
	    grep -v -e '^#' -e '^$' etc/gaol.conf
	atf_check -o ignore gaol list
}

atf_test_case again
again_head() {
	atf_set descr "nothing to do when it was done"
}
again_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	export GAOL_CONF=$PWD/etc/gaol.conf
	atf_check -e ignore gaol setup -y
	echo 'parallel = 3;' >etc/gaol.conf
	atf_check -e inline:"nothing to do: the host is set up\n" gaol setup
	atf_check -o inline:"parallel = 3;\n" cat etc/gaol.conf
}

atf_test_case sample
sample_head() {
	atf_set descr "what it wrote is valid with every setting switched on"
}
sample_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	export GAOL_CONF=$PWD/gaol.conf
	atf_check -e ignore gaol setup -y
	sed -i -e '/\.\.\./d' -e 's/^#\([a-z.]* =\)/\1/' gaol.conf
	grep -q '^lock.timeout = "30";$' gaol.conf || atf_fail "$(cat gaol.conf)"
	atf_check -o ignore gaol list
}

atf_test_case dirs
dirs_head() {
	atf_set descr "directories that are missing"
}
dirs_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	rm -r root
	atf_check -e match:"^make $root/releases$" -e match:"^make $root/log$" \
	    gaol setup -y
	[ -d root/jails ] && [ -d root/releases ] || atf_fail "missing"
	atf_check -o inline:"700\n" stat -c %a root/log
}

atf_test_case plan
plan_head() {
	atf_set descr "-n writes nothing"
}
plan_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	export GAOL_CONF=$PWD/gaol.conf
	atf_check -o match:"^would write $PWD/gaol.conf$" gaol -n setup
	[ ! -e gaol.conf ] || atf_fail "it was written"
}

atf_test_case net
net_head() {
	atf_set descr "new jails get the network of gaol.conf, made at need"
}
net_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	export GAOL_CONF=$PWD/gaol.conf
	echo 'net = lan;' >gaol.conf
	atf_check gaol network create lan
	jail web
	jail db net=none
	atf_check -o inline:"web\tlan\ndb\tnone\n" \
	    gaol get -H -o name,value net web db
}

atf_test_case default_net
default_net_head() {
	atf_set descr "without a setting that is gaol0, made at first need"
}
default_net_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	export GAOL_CONF=/dev/null
	atf_check -o empty gaol -H network list
	atf_check -o match:"^would take addresses in network gaol0$" \
	    gaol -n create -r base web
	atf_check -o empty gaol -H network list
	running web publish=8080:80
	jail db net=inherit
	atf_check -o inline:"web\tgaol0\ndb\tinherit\n" \
	    gaol get -H -o name,value net web db
	atf_check -o match:"^gaol0	nat	10.77.4.0/22,fd" gaol -H network list
	# it went by hand, and comes again
	atf_check gaol -q destroy -f -y web
	atf_check gaol network destroy gaol0
	running web
	atf_check -o match:"^gaol0	nat" gaol -H network list
}

atf_test_case broken
broken_head() {
	atf_set descr "a gaol.conf that is wrong is told with its place"
}
broken_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	export GAOL_CONF=$PWD/gaol.conf
	echo 'paralel = 3;' >gaol.conf
	fails 78 "$PWD/gaol.conf:1:1: unknown setting 'paralel'" setup
}

atf_init_test_cases() {
	atf_add_test_case writes
	atf_add_test_case again
	atf_add_test_case sample
	atf_add_test_case dirs
	atf_add_test_case plan
	atf_add_test_case net
	atf_add_test_case default_net
	atf_add_test_case broken
}
