#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

setup() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	. "$(atf_get_srcdir)/bastille_helper.sh"
}

# has NAME PROPERTY VALUE
has() {
	atf_check_equal "$2 $3" "$2 $(gaol get -H -o value "$2" "$1")"
}

# creates NET ARGUMENT...: the jail x, which runs, with that net; then it goes.
creates() {
	net=$1
	shift
	atf_check -o inline:"\nCreating jail: x...\nx: created\n" \
	    bastille create "$@"
	has x net "$net"
	states "x running"
	atf_check gaol -q destroy -fy x
}

atf_test_case kinds
kinds_head() {
	atf_set descr "kinds of network and addresses, options anywhere"
}
kinds_body() {
	setup
	creates 'lo|10.17.89.10' x base 10.17.89.10
	creates 'lo|127.0.1.5' -T x base 127.0.1.5
	creates 'lo|10.17.89.10' x base 10.17.89.10 bastille0
	creates 'em0|10.0.0.10/32' x base 10.0.0.10 em0
	creates 'em0|10.0.0.10/24,fd00::10/64' x base \
	    '10.0.0.10/24 fd00::10/64' em0
	creates inherit x base inherit
	creates inherit -D x base inherit
	# a network of gaol's that holds the address, or is named
	atf_check gaol network create lan 10.0.0.0/24 fd00::/64
	creates lan:10.0.0.10 x base 10.0.0.10
	creates lan:10.0.0.10 x base 10.0.0.10 -V
	creates lan:10.0.0.10,fd00::10 x base '10.0.0.10 fd00::10'
	creates lan:10.0.0.10 x base 10.0.0.10 lan
	creates lan x base DHCP lan -V
	creates 'lo|10.0.0.1' x base 10.0.0.1
	# as bastille.conf has it
	echo 'bastille_network_shared="em0"   # no' >bastille.conf
	creates 'em0|10.0.0.10/32' x base 10.0.0.10
}

atf_test_case options
options_head() {
	atf_set descr "what else a jail is given"
}
options_body() {
	setup
	atf_check -o ignore bastille create --tags a,b -p 5 --no-boot \
	    one base inherit
	has one tag a,b
	has one priority 5
	has one boot off
	has one securelevel 2
	# options of a dataset are for a store that has some
	atf_check -s exit:69 -o ignore -e match:"zfs.compress: .* store zfs" \
	    bastille create -Z "-o compress=on -o atime=off" z base inherit
	has one type thin
	atf_check -o ignore bastille create -T -n 9.9.9.9,1.1.1.1 two base inherit
	has two priority 99
	has two boot on
	has two type thick
	has two names off
	atf_check -o inline:"nameserver 9.9.9.9\nnameserver 1.1.1.1\n" \
	    cat root/jails/two/root/etc/resolv.conf
	# templates of bastille.conf, but for its own default ones
	mkdir -p root/templates/my/thin root/templates/my/bad
	echo 'LINE_IN_FILE x etc/f' >root/templates/my/thin/Bastillefile
	echo 'CMD false' >root/templates/my/bad/Bastillefile
	printf 'bastille_template_thin=my/thin\nbastille_template_thick="default/thick"\n' \
	    >bastille.conf
	atf_check -o ignore -e ignore bastille create three base inherit
	atf_check -o inline:"x\n" cat root/jails/three/layers/upper/etc/f
	# nothing of one that fails is left
	echo 'bastille_template_thin=my/bad' >bastille.conf
	atf_check -s exit:1 -o ignore -e match:"Failed to create jail: four" \
	    bastille create four base inherit
	[ ! -e root/jails/four ] || atf_fail "four is there"
}

atf_test_case refused
refused_head() {
	atf_set descr "what makes no sense, and what gaol has not"
}
refused_body() {
	setup
	jail web
	refused 1 "create: NAME RELEASE IP [INTERFACE] are needed" \
	    create x base
	refused 1 "Jail already exists: web" create web base inherit
	refused 1 "Release must be bootstrapped first: 14.2-RELEASE. See 'bastille bootstrap'." \
	    create x 14.2-RELEASE 10.0.0.1
	refused 1 "Invalid: (10.0.0)" create x base 10.0.0
	refused 1 "Unsupported IP option for non-VNET jail: DHCP" \
	    create x base DHCP
	refused 1 "Unsupported IP option for VNET jail: inherit" \
	    create -V x base inherit br0
	refused 1 "Clonejail and Thickjail can't be used together." \
	    create -TC x base 10.0.0.1
	refused 1 "Only one of [-V|--vnet], [-B|--bridge] or [-P|--passthrough] can be selected." \
	    create -VB x base 10.0.0.1 br0
	refused 1 "VLANs can only be used with VNET jails." \
	    create -v 5 x base 10.0.0.1
	refused 1 "Network interface not set: no network of gaol holds 10.0.0.1. 'gaol network create NAME SUBNET' makes one, INTERFACE names a bridge" \
	    create x base 10.0.0.1 -V
	atf_check -s exit:69 -e match:"-E: a jail of gaol stands" \
	    bastille create -E x
	atf_check -s exit:69 -e match:"-O: there are no" \
	    bastille create -O x ghcr.io/x inherit
	atf_check -s exit:69 -e match:"ip_hostname: " \
	    bastille create x base ip_hostname
	atf_check -s exit:69 -e match:"--no-ip here" \
	    bastille create -P x base 10.0.0.1 em1
	atf_check -o inline:"web\n" bastille list jails
}

atf_test_case clone
clone_head() {
	atf_set descr "with another address, of a running jail, too"
}
clone_body() {
	setup
	jail web net='em0|10.0.0.5/24' publish=80
	atf_check -o inline:"\n[web]:\nCloned 'web' to 'a' successfully.\n" \
	    bastille clone web a 10.0.0.6
	has a net 'em0|10.0.0.6/32'
	atf_check gaol -q start web
	atf_check -s exit:1 -o ignore -e match:"auto-stop" \
	    bastille clone web b 10.0.0.7
	atf_check -o ignore bastille clone -l web b 10.0.0.7
	states "a stopped b stopped web running"
	atf_check -o ignore bastille clone -a web c 10.0.0.8
	states "a stopped b stopped c running web running"
}

atf_test_case network
network_head() {
	atf_set descr "interfaces are added, and exactly that one removed"
}
network_body() {
	setup
	jail web net='em1|10.0.0.5/24'
	atf_check -o inline:"\n[web]:\nAdded interface: em10\n" \
	    bastille network web add em10 10.0.1.5
	has web net 'em1|10.0.0.5/24,em10|10.0.1.5/32'
	atf_check -o inline:"\n[web]:\nRemoved interface: em1\n" \
	    bastille network web remove em1
	has web net 'em10|10.0.1.5/32'
	atf_check -s exit:1 -o ignore -e match:"Interface not found" \
	    bastille net web remove em
	atf_check -o ignore bastille network web delete em10
	has web net none
	atf_check -o ignore bastille network web add em0 10.0.0.9
	has web net 'em0|10.0.0.9/32'
	atf_check gaol -q start web
	atf_check -s exit:1 -o ignore -e match:"auto-stop" \
	    bastille network web add em1 10.0.0.10
	atf_check -o ignore bastille network -a web add em1 10.0.0.10
	states "web running"
	refused 1 "network: add INTERFACE [IP] and remove INTERFACE are possible" \
	    network web list em0
}

atf_test_case setup_
setup__head() {
	atf_set descr "setup: what gaol needs, and a network"
}
setup__body() {
	setup
	atf_check -o inline:"Network bastille0: 10.17.89.0/24, with NAT.\n" \
	    bastille setup loopback
	atf_check -o inline:"bastille0 is there already.\n" \
	    bastille setup loopback
	creates bastille0:10.17.89.10 x base 10.17.89.10
	atf_check -o match:"nothing is to be set up" bastille setup pf
	atf_check -o match:"nothing is to be set up" bastille setup -y vnet
	refused 69 "bastille setup: gaol's jails are on if_bridge(4)" \
	    setup netgraph
	refused 1 "setup: what is 'x'?" setup x
}

atf_init_test_cases() {
	atf_add_test_case kinds
	atf_add_test_case options
	atf_add_test_case refused
	atf_add_test_case clone
	atf_add_test_case network
	atf_add_test_case setup_
}
