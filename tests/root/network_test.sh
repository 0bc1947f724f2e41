#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
. "$(atf_get_srcdir)/common.subr"

# The host is a network namespace of the test: all of gaol runs in it.  Behind
# it, by up0, is a router, and behind that a remote host:
#
#	host 192.0.2.2, 2001:db8::2 -- 192.0.2.1 router 198.51.100.1 --
#	    198.51.100.2 remote
#
# The router has no route to the networks of jails.

# net_host: make it, and run the rest of the test in it.
net_host() {
	for program in ip nft nc curl unshare nsenter; do
		command -v $program >/dev/null ||
		    atf_skip "$program is not there"
	done
	for who in host router remote; do
		unshare -n sh -c "echo \$\$ >pid.$who; exec sleep 300" &
	done
	while [ ! -s pid.host ] || [ ! -s pid.router ] || [ ! -s pid.remote ]
	do
		sleep 0.1
	done
	at router ip link add up0 type veth peer name down0 \
	    netns "$(cat pid.host)"
	at router ip link add far0 type veth peer name eth0 \
	    netns "$(cat pid.remote)"
	for who in host router remote; do
		at $who ip link set lo up
	done
	at host ip link set down0 name up0
	link host up0 192.0.2.2/24 2001:db8:1::2/64
	link router up0 192.0.2.1/24 2001:db8:1::1/64
	link router far0 198.51.100.1/24 2001:db8:2::1/64
	link remote eth0 198.51.100.2/24 2001:db8:2::2/64
	at router sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward
	    echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
	for who in host remote; do
		case $who in
		host)	via=192.0.2.1 via6=2001:db8:1::1 ;;
		*)	via=198.51.100.1 via6=2001:db8:2::1 ;;
		esac
		at $who ip route add default via $via
		at $who ip -6 route add default via $via6
	done
}

link() {
	at "$1" ip addr add "$3" dev "$2"
	at "$1" ip -6 addr add "$4" dev "$2" nodad
	at "$1" ip link set "$2" up
}

at() {
	who=$1
	shift
	nsenter -n -t "$(cat "pid.$who")" -- "$@"
}

# g ARGUMENT...: gaol on the host of the test.
g() {
	at host gaol -q "$@" || atf_fail "gaol $*"
}

# refused STATUS TEXT ARGUMENT...
refused() {
	status=$1 text=$2
	shift 2
	atf_check -s "exit:$status" -o ignore -e match:"$text" \
	    nsenter -n -t "$(cat pid.host)" -- gaol "$@"
}

# serve JAIL PORT TEXT: a web server whose only page is the text.
serve() {
	at host gaol exec "$1" sh -c "mkdir -p /www/$2 &&
	    echo $3 >/www/$2/index.html && exec httpd -p $2 -h /www/$2"
}

# listen WHO PORT: who connected stands in asked.WHO.
listen() {
	for family in 4 6; do
		at "$1" nc -$family -lkvn "$2" >"asked.$1.$family" 2>&1 &
		echo $! >>pids
	done
}

answers() {
	have=$(at "$1" curl -s -m 5 "http://$2:$3/") || :
	[ "$have" = "$4" ] || atf_fail "$1 $2 $3: '$have', not '$4'"
}

silent() {
	have=$(at "$1" curl -s -m 1 "http://$2:$3/") || :
	[ -z "$have" ] || atf_fail "$1 $2 $3: '$have', not silence"
}

# The same from a jail: what the page says is the last line.
page() {
	at host gaol exec "$1" sh -c "printf 'GET / HTTP/1.0\r\n\r\n' |
	    timeout $4 nc $2 $3 2>/dev/null | tail -n 1"
}

gets() {
	have=$(page "$1" "$2" "$3" 5) || :
	[ "$have" = "$4" ] || atf_fail "$1 $2 $3: '$have', not '$4'"
}

gets_none() {
	have=$(page "$1" "$2" "$3" 2) || :
	[ -z "$have" ] || atf_fail "$1 $2 $3: '$have', not silence"
}

net_cleanup() {
	if [ -s pid.host ]; then
		export GAOL_ROOT="$PWD/root" GAOL_CONF=/dev/null
		nsenter -n -t "$(cat pid.host)" -- gaol -q destroy -f -y ALL \
		    >/dev/null 2>&1 || :
	fi
	for pid in $(cat pids pid.host pid.router pid.remote 2>/dev/null); do
		kill "$pid" 2>/dev/null || :
	done
	gaol_cleanup
}

net_test() {
	root_test "$1" "$2"
	eval "${1}_cleanup() { net_cleanup; }"
}

net_test nat "out by the address of the host, nothing in"
nat_body() {
	net_host
	gaol_setup
	at host nft add table inet admin
	at host nft add chain inet admin c \
	    '{ type filter hook forward priority 10; policy accept; }'
	at host nft list ruleset >before
	g network create lan 10.10.0.0/24 fd00:10::/64
	g create web -r busybox net=lan
	g create db -r busybox net=lan
	g start web db
	listen remote 7000
	serve db 80 db
	sleep 0.3
	gets_none web 198.51.100.2 7000
	gets_none web 2001:db8:2::2 7000
	atf_check -o match:"192.0.2.2" -o match:"2001:db8:1::2" \
	    -o not-match:"10.10.0" cat asked.remote.4 asked.remote.6
	# each other, by name and in both families
	gets web db 80 db
	gets web db.lan 80 db
	gets web fd00:10::3 80 db
	# from outside, even with a route
	at router ip route add 10.10.0.0/24 via 192.0.2.2
	silent remote 10.10.0.3 80
	# the host itself
	answers host 10.10.0.3 80 db
	g destroy -f -y web db
	g network destroy lan
	at host nft list ruleset >after
	atf_check cmp before after
	sleep 0.3
	at host ip -o link >links
	atf_check -s exit:1 grep -E "gaol|gj" links
}

net_test published "tcp, udp, ranges, sources, both families, from everywhere"
published_body() {
	net_host
	gaol_setup
	g network create lan 10.10.0.0/24 fd00:10::/64
	g network create dmz 10.20.0.0/24
	g create web -r busybox net=lan "publish=8080:80, 9000-9002:7000-7002"
	g create other -r busybox net=dmz
	g create peer -r busybox net=lan
	g start web other peer
	serve web 80 web
	serve web 7001 range
	sleep 0.3
	for address in 192.0.2.2 "[2001:db8:1::2]"; do
		answers remote $address 8080 web
		answers remote $address 9001 range
		answers host $address 8080 web
	done
	answers host 127.0.0.1 8080 web
	# jails by the host's address: of another network, and of the same
	gets other 192.0.2.2 8080 web
	gets peer 192.0.2.2 8080 web
	gets peer 2001:db8:1::2 8080 web
	# but not directly
	gets_none other 10.10.0.2 80
	# live, with a source
	silent remote 192.0.2.2 8081
	g publish web 8081:80 --from 198.51.100.0/24
	answers remote 192.0.2.2 8081 web
	silent router 192.0.2.2 8081
	g unpublish web 8081
	silent remote 192.0.2.2 8081
	g publish web 192.0.2.2:8082:80
	answers remote 192.0.2.2 8082 web
	silent host 127.0.0.1 8082
	# a port is one jail's
	g create second -r busybox net=lan publish=8080:80
	refused 73 "jail 'web' has that port" start second
	answers remote 192.0.2.2 8080 web
	refused 73 "jail 'web' has that port" publish other 8080
	g stop web
	silent remote 192.0.2.2 8080
	g start second
	atf_check -o match:"tcp . 8080 : 10.10.0.4 . 80" \
	    nsenter -n -t "$(cat pid.host)" -- nft list ruleset
	# the packet filter was flushed: the next start enters all again
	at host nft flush ruleset
	g destroy -y web
	g create web -r busybox net=lan publish=8083:80
	g start web
	serve second 80 second
	sleep 0.3
	answers remote 192.0.2.2 8080 second
}

net_test isolation "isolated networks, no-peer, networks apart"
isolation_body() {
	net_host
	gaol_setup
	g network create back 10.30.0.0/24 fd00:30::/64 --isolated
	g network create alone 10.40.0.0/24 fd00:40::/64 --no-peer
	g create a -r busybox net=back
	g create b -r busybox net=back
	g create c -r busybox net=alone
	g create d -r busybox net=alone
	g start a b c d
	for jail in a b c d; do
		serve $jail 80 $jail
	done
	listen remote 7000
	listen host 7001
	sleep 0.3
	gets a b 80 b
	answers host 10.30.0.2 80 a
	gets_none a 192.0.2.2 7001
	gets_none a 10.30.0.1 7001
	gets_none a 198.51.100.2 7000
	gets_none c 10.40.0.3 80
	gets_none c fd00:40::3 80
	gets_none c 10.30.0.2 80
	gets_none a 10.40.0.2 80
	atf_check -s exit:1 grep -q received asked.host.4 asked.remote.4
	# one that goes around the bridge by the host
	at host gaol exec c ip route add 10.40.0.3/32 via 10.40.0.1
	gets_none c 10.40.0.3 80
	answers host 10.40.0.3 80 d
	g create e -r busybox net=back publish=80
	refused 78 "isolated network" start e
}

atf_init_test_cases() {
	atf_add_test_case nat
	atf_add_test_case published
	atf_add_test_case isolation
}
