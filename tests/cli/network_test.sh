#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case create
create_head() {
	atf_set descr "subnets are chosen out of the way of the host's routes"
}
create_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check gaol network create lan
	atf_check gaol network create dmz 10.20.0.0/24 fd00:20::/64 --routed
	atf_check gaol network create back 10.30.0.0/28 --isolated --no-peer
	# the host has a route to 10.77.0.0/22
	atf_check -o match:"^lan	nat	10.77.4.0/22,fd[0-9a-f:]*::/64	gaol[0-9a-f]{8}	off	0" \
	    -o match:"^dmz	routed	10.20.0.0/24,fd00:20::/64	" \
	    -o match:"^back	isolated	10.30.0.0/28	" \
	    gaol network list -H
	fails 73 "network 'lan' exists already" network create lan
	fails 73 "10.77.2.0/24 overlaps 10.77.0.0/22, which the host reaches \
by em0" network create x 10.77.2.0/24
	atf_check -s exit:73 -e match:"10.20.0.0/16 overlaps 10.20.0.0/24" \
	    gaol network create x 10.20.0.0/16
	fails 64 "10.40.0.5/24 is an address, its network is 10.40.0.0/24" \
	    network create x 10.40.0.5/24
	fails 64 "'inherit' cannot be the name of a network: it is a reserved \
word" network create inherit
	fails 64 "one of --nat, --routed and --isolated" \
	    network create x --nat --routed
	fails 64 "network: 'mend' is none of create, list, show, set and \
destroy" network mend
	fails 64 "network create: which network?" network create
	fails 66 "no network named 'lam' (did you mean 'lan'?)" \
	    network show lam
}

atf_test_case drawn
drawn_head() {
	atf_set descr "show draws the members, their addresses and ports"
}
drawn_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check gaol network create lan 10.1.0.0/29 --uplink em0
	atf_check gaol network create own 10.2.0.0/29 --isolated
	running web net=lan publish=8080:80
	jail db net=lan
	atf_check -o save:drawn gaol network show lan
	atf_check -o inline:"em0
| nat
BRIDGE
| JAIL STATE IPV4 IPV6 MAC INTERFACE PORTS
|- web connected 10.1.0.2 - MAC IFACE 8080:80/tcp
\`- db apart 10.1.0.3 - - - -
" sh -c "sed '1,/^\$/d; s/[0-9a-f:]\{17\} *[^ ]*/MAC IFACE/; s/  */ /g; s/^ //
	    s/^gaol[^ ]*/BRIDGE/' drawn"
	atf_check -o match:"^gaol[^ ]* \(down: no jail runs in it\)" \
	    gaol network show own
	atf_check -o not-match:"any interface" gaol network show own
}

atf_test_case hooks
hooks_head() {
	atf_set descr "hooks are told addresses and interfaces"
}
hooks_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check gaol network create lan 10.1.0.0/29 fd01::/64
	running web net=lan \
	    exec.poststart="echo \$JADDRS at \$JIFACES >$PWD/out"
	atf_check -o inline:"10.1.0.2 fd01::2 at eth0\n" cat out
	# of a hook that runs gaol nothing is passed on
	export JADDRS=no JIFACES=no JLINKS=no
	jail none exec.prestart="echo \"[\$JADDRS\$JIFACES\$JLINKS]\" >$PWD/out"
	atf_check gaol -q start none
	atf_check -o inline:"[]\n" cat out
}

atf_test_case leases
leases_head() {
	atf_set descr "an address each, no duplicate, given back at last"
}
leases_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check gaol network create lan 10.1.0.0/29 fd01::/64
	jail a net=lan
	jail b net=lan:10.1.0.5
	jail c net=lan:10.1.0.6,fd01::99
	atf_check -o inline:"a apart 10.1.0.2 fd01::2
b apart 10.1.0.5 fd01::3
c apart 10.1.0.6 fd01::99
" sh -c "gaol network show lan -j | tr '{' '\n' | sed -n 's/.*jail\":\"\(.*\)\",\"state\":\"\(.*\)\",\"ipv4\":\"\(.*\)\",\"ipv6\":\"\([^\"]*\)\".*/\1 \2 \3 \4/p'"
	fails 73 "net = lan:10.1.0.5: jail 'b' has that address" \
	    create d -r base net=lan:10.1.0.5
	fails 73 "net = lan:10.1.0.1: the network's gateway has that address" \
	    create d -r base net=lan:10.1.0.1
	fails 78 "net = lan:10.2.0.1: the network is 10.1.0.0/29" \
	    create d -r base net=lan:10.2.0.1
	fails 66 "no network named 'wan' (did you mean 'lan'?)" \
	    create d -r base net=wan
	atf_check -o inline:"a\nb\nc\n" ls root/jails
	atf_check gaol -q destroy -y a
	# 2 was given back: it is the last one to be given again
	jail e net=lan
	jail f net=lan
	atf_check -o match:"lease.e = 10.1.0.4, fd01::4;" \
	    -o match:"lease.f = 10.1.0.2, fd01::2;" \
	    cat root/networks/lan.conf
	fails 1 "network 'lan' has no free address: 4 jails have one; 'gaol network create' makes another network" \
	    create g -r base net=lan
	fails 75 "network 'lan' is the network of b, c, e, f" \
	    network destroy lan
	atf_check gaol -q destroy -y b c e f
	atf_check gaol network destroy lan
	atf_check -o inline:"" ls root/networks
}

atf_test_case concurrent
concurrent_head() {
	atf_set descr "creates at the same time have different addresses"
}
concurrent_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check gaol network create lan 10.1.0.0/24
	for i in 1 2 3 4 5 6 7 8; do
		gaol -q create -r base "a$i" "b$i" "c$i" net=lan &
	done
	wait
	sed -n 's/.*lease.*= \(10[0-9.]*\);/\1/p' root/networks/lan.conf |
	    sort >have
	atf_check -o inline:"24\n" sh -c "wc -l <have"
	atf_check -o inline:"" uniq -d have
}

atf_test_case names
names_head() {
	atf_set descr "the hosts of a network that is up follow its members"
}
names_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check gaol network create lan 10.1.0.0/24
	running web net=lan host.hostname=www.example.org
	jail db net=lan
	cat >expected <<end
10.1.0.2	web web.lan www.example.org www
10.1.0.3	db db.lan
end
	atf_check -o file:expected grep 10.1 root/run/network/lan.hosts
	atf_check gaol -q destroy -y db
	atf_check -o inline:"10.1.0.2	web web.lan www.example.org www\n" \
	    grep 10.1 root/run/network/lan.hosts
	fails 75 "network 'lan' is in use: web must be stopped before it is \
isolated, as connections that are open would stay so" network set lan --isolated
	fails 75 "the addresses of network 'lan' are given to jails ('web', \
for instance)" network set lan 10.2.0.0/24
	atf_check -e inline:"network lan: mtu, peer of web at the next start\n" \
	    gaol network set lan --routed --mtu 1300 --no-peer
	atf_check -o match:"mode = routed" cat root/networks/lan.conf
	atf_check -e match:"peer of web" gaol network set lan --nat --peer
	atf_check gaol -q stop web
	atf_check gaol network set lan --isolated --mtu 1400
	atf_check -o match:"mode = isolated" -o match:"mtu = 1400" \
	    -o match:"lease.web" cat root/networks/lan.conf
	fails 75 "the addresses of network 'lan' are given to jails ('web', \
for instance)" network set lan 10.2.0.0/24
}

atf_test_case leave
leave_head() {
	atf_set descr "who leaves a network gives the address back"
}
leave_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check gaol network create lan 10.1.0.0/24
	jail web net=lan
	atf_check gaol set web net=none
	atf_check -s exit:1 grep lease root/networks/lan.conf
	running db net=lan
	atf_check -e inline:"db: in force at the next start\n" \
	    gaol set db net=inherit
	atf_check -o match:"lease.db" grep lease root/networks/lan.conf
	atf_check gaol -q stop db
	atf_check -s exit:1 grep lease root/networks/lan.conf
}

atf_test_case live
live_head() {
	atf_set descr "a running jail changes its interfaces"
}
live_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check gaol network create lan 10.1.0.0/24
	atf_check gaol network create dmz 10.2.0.0/24
	running web net=none
	atf_check -o inline:"none\t-\n" gaol list -H -o net,addresses
	atf_check -e match:"^web: its interfaces are changed; its /etc/hosts" \
	    gaol set web net=lan
	atf_check -o inline:"lan\t10.1.0.2\n" gaol list -H -o net,addresses
	atf_check -o match:" lan:10.1.0.2 " gaol list
	atf_check -o match:"^addresses *10.1.0.2$" \
	    -o match:"^at next start *-$" gaol show web
	atf_check gaol publish web 8080:80
	atf_check -o inline:"8080:80/tcp\n" gaol list -H -o ports
	# the port follows, the address is given back
	atf_check -e ignore gaol set web 'net=dmz limit.in=1M'
	atf_check -o match:"10.2.0.2/24" cat root/run/net/web
	atf_check -o match:"^port .*10.2.0.2/" cat root/run/net/web
	atf_check -s exit:1 grep lease root/networks/lan.conf
	atf_check gaol set web 'net=dmz limit.in=2M'
	# what is refused changes nothing
	running db net=lan:10.1.0.9
	atf_check -s exit:73 -e match:"jail 'db' has that address" \
	    gaol set web net=lan:10.1.0.9
	atf_check -o inline:"dmz limit.in=2M\n" gaol get -H -o value net web
	atf_check -o match:"10.2.0.2" gaol list -H -o addresses web
	# the host's stack takes a start
	atf_check gaol -q unpublish -a web
	atf_check -e inline:"web: in force at the next start\n" \
	    gaol set web net=inherit
	atf_check -o match:"^at next start *net$" gaol show web
	atf_check -e ignore gaol set web net=none
	atf_check -o inline:"none\t-\n" gaol list -H -o net,addresses web
	atf_check -o match:"^at next start *-$" gaol show web
	# interrupted before it was done: the next command completes it
	sed 's/net = none/net = lan/' root/jails/web/cell.conf >new
	grep -q 'net = lan' new || echo 'web { release = base; net = lan;
	    store = overlay; type = thin; }' >new
	cp new root/jails/web/cell.conf
	: >root/run/net/.web.change
	atf_check -o ignore -e match:"completing an interrupted change of its \
network" gaol set web note=x
	atf_check -o match:"10.1.0" gaol list -H -o addresses web
	[ ! -e root/run/net/.web.change ] || atf_fail "it is noted still"
	atf_check gaol -q destroy -f -y web db
	atf_check -o empty ls -A root/run/net
}

atf_test_case reserved
reserved_head() {
	atf_set descr "what a stopped jail is to have is its own at once"
}
reserved_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check gaol network create lan 10.1.0.0/24
	jail web net=lan
	jail db net=none
	atf_check gaol set db net=lan:10.1.0.7
	fails 73 "net = lan:10.1.0.7: jail 'db' has that address" \
	    set web net=lan:10.1.0.7
	atf_check -o inline:"lan\n" gaol get -H -o value net web
	fails 73 "net = lan:10.1.0.7: jail 'db' has that address" \
	    create third -r base net=lan:10.1.0.7
	atf_check gaol set db net=none
	atf_check gaol set web net=lan:10.1.0.7
}

atf_test_case plan
plan_head() {
	atf_set descr "-n tells and does nothing"
}
plan_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check -o match:"would write $root/networks/lan.conf:" \
	    -o match:"subnet = 10.1.0.0/24" \
	    gaol -n network create lan 10.1.0.0/24
	atf_check -s exit:66 -e ignore gaol network show lan
	atf_check gaol network create lan 10.1.0.0/24
	atf_check -o match:"would take addresses in network lan" \
	    gaol -n create web -r base net=lan
	atf_check -o match:"would remove $root/networks/lan.conf" \
	    gaol -n network destroy lan
	atf_check -o match:"^lan" gaol network list -H
}

atf_init_test_cases() {
	atf_add_test_case create
	atf_add_test_case drawn
	atf_add_test_case hooks
	atf_add_test_case leases
	atf_add_test_case concurrent
	atf_add_test_case names
	atf_add_test_case leave
	atf_add_test_case live
	atf_add_test_case reserved
	atf_add_test_case plan
}
