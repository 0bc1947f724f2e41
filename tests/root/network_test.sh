#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# Networks of gaol with real traffic: see network.subr for who is where.
. "$(atf_get_srcdir)/common.subr"
. "$(atf_get_srcdir)/network.subr"

net_test nat "out by the address of the host, names, nothing in"
nat_body() {
	net_host
	at host nft list ruleset >before
	g network create lan 10.10.0.0/24 fd00:10::/64
	g create web -r busybox net=lan
	g create db -r busybox net=lan
	g start web db
	serve db db 80
	stand_server remote remote 7000
	jail web tcp,198.51.100.2,7000,remote@192.0.2.2 \
	    udp,198.51.100.2,7000,remote@192.0.2.2 \
	    tcp,2001:db8:2::2,7000,remote@2001:db8:1::2 \
	    udp,2001:db8:2::2,7000,remote@2001:db8:1::2 \
	    tcp,10.10.0.3,80,db@10.10.0.2 tcp,fd00:10::3,80,db@fd00:10::2
	for name in db db.lan; do
		atf_check -o inline:'db from ::ffff:10.10.0.2\n' \
		    nsenter -n -t "$(cat pid.host)" -- \
		    gaol exec web nc $name 80
	done
	# from outside, even with a route
	at router ip route add 10.10.0.0/24 via 192.0.2.2
	at router ip route add fd00:10::/64 via 2001:db8:1::2
	from remote tcp,10.10.0.3,80,- tcp,fd00:10::3,80,-
	from host tcp,10.10.0.3,80,db tcp,fd00:10::3,80,db
	g destroy -f -y web db
	g network destroy lan
	at host nft list ruleset >after
	atf_check cmp before after
	nothing_left
}

net_test published "tcp, udp, ranges, sources, both families, from everywhere"
published_body() {
	net_host
	filters=/proc/sys/net/bridge/bridge-nf-call-ip6tables
	g network create lan 10.10.0.0/24 fd00:10::/64
	if at host sh -c "echo 1 >$filters" 2>/dev/null; then
		refused 69 bridge-nf-call-ip6tables create six -r busybox \
		    net=lan "publish=[::1]:8090:80"
		at host sh -c "echo 0 >$filters"
	fi
	g network create dmz 10.20.0.0/24 fd00:20::/64
	g create web -r busybox net=lan \
	    "publish=8080:80, 8080:80/udp, 9000-9002:7000-7002, [::1]:8090:80"
	g create other -r busybox net=dmz
	g create peer -r busybox net=lan
	g start web other peer
	serve web web 80,7001
	for who in remote host; do
		from $who tcp,192.0.2.2,8080,web udp,192.0.2.2,8080,web \
		    tcp,192.0.2.2,9001,web tcp,192.0.2.2,9003,- \
		    tcp,2001:db8:1::2,8080,web udp,2001:db8:1::2,8080,web \
		    tcp,2001:db8:1::2,9001,web tcp,2001:db8:1::2,8090,-
	done
	# who asks is seen
	from remote tcp,192.0.2.2,8080,web@198.51.100.2 \
	    udp,2001:db8:1::2,8080,web@2001:db8:2::2
	from host tcp,127.0.0.1,8080,web udp,127.0.0.1,8080,web \
	    tcp,127.0.0.1,8090,- tcp,::1,8090,web tcp,::1,8080,web
	# jails by the host's address: of another network, of the same, itself
	for name in other peer web; do
		jail $name tcp,192.0.2.2,8080,web udp,192.0.2.2,8080,web \
		    tcp,2001:db8:1::2,8080,web
	done
	# but not directly, nor to what only the host's loopback has
	stand_server host host 6000
	jail other tcp,10.10.0.2,80,- tcp,fd00:10::2,80,- \
	    tcp,127.0.0.1,6000,- tcp,10.20.0.1,6000,host
	# live, with a source
	from remote tcp,192.0.2.2,8081,-
	g publish web 8081:80 --from 198.51.100.0/24
	from remote tcp,192.0.2.2,8081,web
	from router tcp,192.0.2.2,8081,-
	g unpublish web 8081
	g publish web 192.0.2.2:8082:80
	from remote tcp,192.0.2.2,8081,- tcp,192.0.2.2,8082,web
	from host tcp,127.0.0.1,8082,- tcp,192.0.2.2,8082,web
	# a port is one jail's
	g create second -r busybox net=lan publish=8080:80
	refused 73 "jail 'web' has that port" start second
	refused 73 "jail 'web' has that port" publish other 8080
	from remote tcp,192.0.2.2,8080,web
	g stop web
	from remote tcp,192.0.2.2,8080,-
	g start second
	serve second second 80
	from remote tcp,192.0.2.2,8080,second
	# the packet filter was flushed: the next start enters all again
	at host nft flush ruleset
	g create third -r busybox net=lan
	g start third
	from remote tcp,192.0.2.2,8080,second
}

net_test at_once "a published port answers as soon as the start has ended"
at_once_body() {
	net_host
	# the test's own cables know one another
	stand_server host host 7000
	from remote tcp,192.0.2.2,7000,host tcp,2001:db8:1::2,7000,host
	# what reaches a jail first makes the host look for it, by IPv6 from the
	# bridge's link-local address
	g network create lan 10.10.0.0/24 fd00:10::/64
	g create web -r busybox net=lan publish=8080:80 \
	    "exec.start=echo_all web 80 :: >/served & until [ -s /served ]; do sleep 0.02; done"
	g start web
	at remote timeout 1 "$GAOL_TEST_TOOLS/reach" \
	    tcp,192.0.2.2,8080,web tcp,2001:db8:1::2,8080,web >out ||
	    atf_fail "not within a second: $(cat out)"
}

net_test default_net "without any setting: out by the host, and in by a port"
default_net_body() {
	net_host
	export GAOL_CONF=/dev/null
	stand_server remote remote 7000
	# a host that does not let us: told at once, and with what would do
	command -v setpriv >/dev/null || atf_skip "setpriv is not there"
	atf_check -s exit:69 -e match:'CAP_NET_ADMIN.*net=none' \
	    nsenter -n -t "$(cat pid.host)" -- setpriv \
	    --bounding-set -net_admin --inh-caps -net_admin \
	    gaol create web -r busybox
	atf_check -o empty ls root/jails
	g create web -r busybox publish=8080:80
	g start web
	serve web web 80
	jail web tcp,198.51.100.2,7000,remote@192.0.2.2 \
	    udp,2001:db8:2::2,7000,remote@2001:db8:1::2
	from remote tcp,192.0.2.2,8080,web tcp,2001:db8:1::2,8080,web
	out=$(at host gaol -q run -r busybox -- reach \
	    tcp,198.51.100.2,7000,remote@192.0.2.2 \
	    tcp,2001:db8:2::2,7000,remote) || atf_fail "run: $out"
	g destroy -f -y web
	g network destroy gaol0
	nothing_left
}

net_test live "a running jail changes networks, limits and ports"
live_body() {
	net_host
	g network create lan 10.10.0.0/24 fd00:10::/64
	g network create dmz 10.20.0.0/24 fd00:20::/64
	g network create apart 10.40.0.0/24 --isolated
	stand_server remote remote 7000
	stand_server host host 7001
	g create web -r busybox net=none
	g create db -r busybox net=dmz
	g start web db
	serve db db 80
	jail web tcp,198.51.100.2,7000,- tcp,10.20.0.2,80,-
	g set web net=lan publish=8080:80
	serve web web 80
	jail web tcp,198.51.100.2,7000,remote tcp,2001:db8:2::2,7000,remote
	from remote tcp,192.0.2.2,8080,web tcp,2001:db8:1::2,8080,web
	# one more; what was there is not touched
	at host ip -o link | grep ' gj' >before
	g set web "net=lan, dmz"
	at host ip -o link | grep ' gj' | grep -qFf before ||
	    atf_fail "$(at host ip -o link)"
	jail web tcp,10.20.0.2,80,db tcp,fd00:20::2,80,db \
	    tcp,198.51.100.2,7000,remote
	# limits, without a new interface
	end=$(at host ip -o link | sed -n 's/.* \(gj[0-9.]*\)@.*master gaol-lan.*/\1/p')
	g set web "net=lan limit.in=1M limit.out=2M, dmz"
	at host tc qdisc show dev "$end" | grep -q 'tbf.*rate 8' ||
	    atf_fail "$(at host tc qdisc show)"
	at host ip -o link | grep -q " gi${end#gj}" || atf_fail "no ifb"
	g set web "net=lan, dmz"
	! at host tc qdisc show dev "$end" | grep tbf || atf_fail "limited"
	i=0
	while at host ip -o link | grep " gi"; do
		i=$((i + 1))
		[ $i -lt 300 ] || atf_fail "the ifb is there"
		sleep 0.01
	done
	# what is refused changes nothing
	refused 78 "isolated" set web net=apart
	jail web tcp,198.51.100.2,7000,remote tcp,10.20.0.2,80,db
	from remote tcp,192.0.2.2,8080,web
	# out of the first: the port follows to the other
	g set web net=dmz
	jail web tcp,10.20.0.2,80,db tcp,10.10.0.2,80,-
	from remote tcp,192.0.2.2,8080,web tcp,2001:db8:1::2,8080,web
	g unpublish web -a
	g set web net=apart
	jail web tcp,10.20.0.2,80,- tcp,198.51.100.2,7000,-
	# the network itself: reachable or not, with its members in it
	g network create third 10.30.0.0/24
	g set web net=third:10.30.0.9
	jail web tcp,198.51.100.2,7000,remote@192.0.2.2
	at router ip route add 10.30.0.0/24 via 192.0.2.2
	g network set third --routed
	jail web tcp,198.51.100.2,7000,remote@10.30.0.9
	g network set third --nat
	jail web tcp,198.51.100.2,7000,remote@192.0.2.2
	g set web net=none
	jail web tcp,198.51.100.2,7000,- tcp,127.0.0.1,80,web
	# tables of another version: the next start makes them anew
	g set web net=lan publish=8080:80
	from remote tcp,192.0.2.2,8080,web
	table=$(at host nft list tables inet | sed -n 's/table inet //p')
	at host nft delete table inet "$table"
	at host nft "add table inet $table; add set inet $table any4 \
	    { type inet_proto . inet_service; }"
	g publish web 8081:80
	from remote tcp,192.0.2.2,8080,web tcp,192.0.2.2,8081,web
	at host nft delete table inet "$table"
	at host nft "add table inet $table"
	g create late -r busybox net=lan
	g start late
	from remote tcp,192.0.2.2,8080,web tcp,192.0.2.2,8081,web
	at host nft delete table inet "$table"
	at host nft "add table inet $table"
	g stop web
	g destroy -f -y ALL
	g network destroy lan dmz apart third
	nothing_left
}

net_test isolation "isolated networks, no-peer, networks apart"
isolation_body() {
	net_host
	g network create back 10.30.0.0/24 fd00:30::/64 --isolated
	g network create alone 10.40.0.0/24 fd00:40::/64 --no-peer
	for name in a b; do
		g create $name -r busybox net=back
	done
	for name in c d; do
		g create $name -r busybox net=alone
	done
	g start a b c d
	for name in a b c d; do
		serve $name $name 80
	done
	stand_server remote remote 7000
	stand_server host host 7001
	from host tcp,10.30.0.2,80,a tcp,fd00:30::2,80,a
	jail a tcp,10.30.0.3,80,b tcp,fd00:30::3,80,b tcp,192.0.2.2,7001,- \
	    tcp,10.30.0.1,7001,- tcp,198.51.100.2,7000,- \
	    tcp,2001:db8:2::2,7000,- tcp,10.40.0.2,80,- tcp,fd00:30::1,7001,-
	# one that goes around the bridge by the host
	at host gaol exec c ip route add 10.40.0.3/32 via 10.40.0.1
	jail c tcp,10.40.0.3,80,- tcp,fd00:40::3,80,- tcp,10.30.0.2,80,- \
	    tcp,fd00:30::2,80,- tcp,198.51.100.2,7000,remote
	from host tcp,10.40.0.3,80,d
	g create e -r busybox net=back publish=80
	refused 78 "isolated network" start e
}

# What docker's and podman's rules look like, with a guest of theirs.
docker_like() {
	stand guest
	at host ip link add docker0 type bridge
	address host docker0 172.17.0.1/16 -
	at host ip link set docker0 up
	join host veth0 - - guest eth0 172.17.0.2/16 -
	at host ip link set veth0 master docker0
	at guest ip route add default via 172.17.0.1
	at host sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	at host nft -f - <<-'EOF'
	table ip nat {
		chain DOCKER {
			iifname "docker0" return
			iifname != "docker0" tcp dport 8000 dnat to 172.17.0.2:80
		}
		chain PREROUTING {
			type nat hook prerouting priority dstnat; policy accept;
			fib daddr type local counter jump DOCKER
		}
		chain POSTROUTING {
			type nat hook postrouting priority srcnat; policy accept;
			oifname != "docker0" ip saddr 172.17.0.0/16 masquerade
		}
	}
	table ip filter {
		chain DOCKER-USER {
			return
		}
		chain FORWARD {
			type filter hook forward priority filter; policy drop;
			jump DOCKER-USER
			oifname "docker0" ct state established,related accept
			oifname "docker0" tcp dport 80 accept
			iifname "docker0" oifname != "docker0" accept
		}
	}
	table inet netavark {
		chain POSTROUTING {
			type nat hook postrouting priority srcnat; policy accept;
			ip saddr 10.88.0.0/16 oifname != "podman0" masquerade
		}
	}
	table inet admin {
		set banned { type ipv4_addr; elements = { 203.0.113.7 } }
		chain input {
			type filter hook input priority 0; policy accept;
			ip saddr @banned counter drop
		}
	}
	EOF
	stand_server guest guest 80
}

net_test foreign "the rules of others are left alone and work"
foreign_body() {
	net_host
	docker_like
	stand_server remote remote 7000
	foreign before
	g network create lan 10.10.0.0/24 fd00:10::/64
	g create web -r busybox net=lan publish=8080:80
	atf_check -e match:"drops what no rule of it" \
	    nsenter -n -t "$(cat pid.host)" -- gaol start web
	serve web web 80
	foreign during
	atf_check cmp before during
	from guest tcp,198.51.100.2,7000,remote@192.0.2.2
	from remote tcp,192.0.2.2,8000,guest tcp,192.0.2.2,8080,-
	from host tcp,192.0.2.2,8080,web
	# as the note says
	bridge=$(at host ip -o link | grep -o 'gaol[0-9a-z]*' | head -n 1)
	at host nft insert rule ip filter FORWARD iifname "$bridge" accept
	at host nft insert rule ip filter FORWARD oifname "$bridge" accept
	foreign before
	from remote tcp,192.0.2.2,8080,web tcp,192.0.2.2,8000,guest
	jail web tcp,198.51.100.2,7000,remote@192.0.2.2 tcp,172.17.0.2,80,guest
	g destroy -f -y web
	g network destroy lan
	nothing_left
	foreign after
	atf_check cmp before after
	from guest tcp,198.51.100.2,7000,remote@192.0.2.2
}

net_test follows "datagrams follow a port from one jail to the next"
follows_body() {
	net_host
	g network create lan 10.10.0.0/24 fd00:10::/64
	g create a -r busybox net=lan publish=5353:53/udp
	g create b -r busybox net=lan
	g start a b
	serve a a 53
	serve b b 53
	# sent from one port, as resolvers and telephones do
	from remote -p 4000 udp,192.0.2.2,5353,a udp,2001:db8:1::2,5353,a
	g unpublish a 5353/udp
	from remote -p 4000 udp,192.0.2.2,5353,- udp,2001:db8:1::2,5353,-
	g publish b 5353:53/udp
	from remote -p 4000 udp,192.0.2.2,5353,b udp,2001:db8:1::2,5353,b
	g stop b
	g publish a 5353:53/udp
	from remote -p 4000 udp,192.0.2.2,5353,a udp,2001:db8:1::2,5353,a
}

net_test modes "inherit, none, routed, two networks, mtu, address, MAC"
modes_body() {
	net_host
	stand_server remote remote 7000
	g network create r 10.50.0.0/24 fd00:50::/64 --routed --mtu 1400
	g network create lan 10.10.0.0/24 fd00:10::/64
	at router ip route add 10.50.0.0/24 via 192.0.2.2
	at router ip route add fd00:50::/64 via 2001:db8:1::2
	g create inh -r busybox net=inherit
	g create none -r busybox net=none
	g create r1 -r busybox net=r
	g create two -r busybox \
	    "net=lan:10.10.0.77 mac=02:00:00:00:07:07, r"
	g start inh none r1 two
	serve r1 r1 80
	serve two two 80
	serve none none 80
	jail inh tcp,198.51.100.2,7000,remote@192.0.2.2 tcp,10.10.0.77,80,two
	jail none tcp,198.51.100.2,7000,- tcp,10.10.0.77,80,- \
	    tcp,127.0.0.1,80,none
	jail r1 tcp,198.51.100.2,7000,remote@10.50.0.2 \
	    tcp,2001:db8:2::2,7000,remote@fd00:50::2
	from remote tcp,10.50.0.2,80,r1 tcp,fd00:50::2,80,r1 tcp,10.10.0.77,80,-
	jail two tcp,10.50.0.2,80,r1@10.50.0.3 \
	    tcp,198.51.100.2,7000,remote@192.0.2.2
	atf_check -o inline:'1400\n' nsenter -n -t "$(cat pid.host)" -- \
	    gaol exec r1 cat /sys/class/net/eth0/mtu
	atf_check -o inline:'02:00:00:00:07:07\n' \
	    nsenter -n -t "$(cat pid.host)" -- \
	    gaol exec two cat /sys/class/net/eth0/address
}

# locked ARGUMENT...: gaol, where /proc/sys is read-only.
locked() {
	at host unshare -m sh -c 'mount --bind /proc/sys /proc/sys &&
	    mount -o remount,ro,bind /proc/sys && exec gaol "$@"' sh "$@"
}

net_test host_changes "what happens to the host does not end in a riddle"
host_changes_body() {
	net_host
	stand_server remote remote 7000
	at host sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6'
	g network create lan 10.10.0.0/24 fd00:10::/64
	for name in a b c d; do
		g create $name -r busybox net=lan
	done
	# no jail for a host whose switches cannot be turned
	status=0
	locked start a >out 2>&1 || status=$?
	[ $status -eq 69 ] || atf_fail "locked: $status, $(cat out)"
	grep -q 'must set it to 1' out || atf_fail "$(cat out)"
	g start a
	serve a a 80
	# (no user namespace: that needs a /proc of which nothing is hidden)
	g set b userns=off
	locked -q start b || atf_fail "with all switches on, too"
	jail b tcp,198.51.100.2,7000,remote tcp,10.10.0.2,80,a \
	    tcp,fd00:10::2,80,a
	# forwarding is switched off for all: the next start turns it on
	at host sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward
	    echo 0 >/proc/sys/net/ipv4/ip_forward'
	jail a tcp,198.51.100.2,7000,-
	g start c
	jail a tcp,198.51.100.2,7000,remote
	# the bridge goes: the next start makes it, restart brings back others
	at host ip link delete \
	    "$(at host ip -o link | grep -o 'gaol[0-9a-z]*' | head -n 1)"
	g start d
	jail d tcp,198.51.100.2,7000,remote
	g restart a
	jail a tcp,198.51.100.2,7000,remote
	# the way out goes
	at host ip link delete up0
	g stop a
	g start a
	jail a tcp,198.51.100.2,7000,-
	g destroy -f -y ALL
	g network destroy lan
	nothing_left
}

net_test hostile "a jail does what it wants to its own stack"
hostile_body() {
	net_host
	g network create lan 10.10.0.0/24 fd00:10::/64
	g create evil -r busybox net=lan publish=8080:80
	g create good -r busybox net=lan
	g start evil good
	serve good good 80
	at host ip -o link >before
	at host gaol exec evil sh -c '
	    ip link set eth0 promisc on
	    ip link set eth0 down
	    ip link set eth0 address 02:00:00:00:00:01
	    ip link set eth0 name eth7
	    ip link set eth7 up
	    i=1
	    while [ $i -lt 200 ]; do
		ip addr add 10.10.1.$i/16 dev eth7
		i=$((i + 1))
	    done
	    ip link add br0 type bridge && ip link set eth7 master br0
	    ip link add v0 type veth peer name v1
	    ip link set br0 up' >out 2>&1 || :
	from host tcp,10.10.0.3,80,good
	g publish evil 8081:81
	g restart evil
	serve evil evil 80
	jail good tcp,10.10.0.2,80,evil
	from remote tcp,192.0.2.2,8080,evil
	# it takes its own end away
	at host gaol exec evil ip link delete eth0
	g publish evil 8082:82
	g unpublish evil 8082
	g stop evil
	g start evil
	serve evil evil 80
	from remote tcp,192.0.2.2,8080,evil
	g destroy -f -y ALL
	g network destroy lan
	nothing_left
}

net_test state "damaged files, a full network, throw-away jails"
state_body() {
	net_host
	g network create tiny 10.60.0.0/30 fd00:60::/126
	g network create lan 10.10.0.0/24
	# each gives back what it took
	g run -r busybox net=tiny -- true
	g run -r busybox net=tiny -- true
	g create a -r busybox net=tiny
	refused 1 "no free address.*network create" create b -r busybox net=tiny
	g create c -r busybox net=lan
	echo 'bad { subnet = "nonsense"; }' >root/networks/bad.conf
	echo 'worse {' >root/networks/worse.conf
	g start a c
	g set c net=none
	g destroy -f -y a c
	refused 78 "bad.conf" network show bad
	refused 78 "worse" create d -r busybox net=worse
	at host gaol network list >out 2>&1 || :
	grep -q tiny out || atf_fail "$(cat out)"
	rm root/networks/bad.conf root/networks/worse.conf
	g network destroy tiny
	g network destroy lan
	nothing_left
}

net_test stress "random work of eight at once (10,000 with GAOL_CHECK_LONG)"
stress_head() {
	atf_set descr 'random work of eight at once'
	atf_set require.user root
	atf_set timeout 3600
}
stress_body() {
	net_host
	many=200
	[ -z "$GAOL_CHECK_LONG" ] || many=10000
	g create scope -r busybox
	g start scope
	pid=$(gaol list -H -o jid scope)
	group=$(sed -n 's/^0:://p' "/proc/$pid/cgroup")
	for mount in /sys/fs/cgroup/unified /sys/fs/cgroup; do
		[ ! -d "$mount$group" ] || break
	done
	scope=$(dirname "$mount$group")
	g destroy -f -y scope
	at host "$GAOL_TEST_TOOLS/net_stress" "$(command -v gaol)" "$PWD/root" \
	    "$scope" $many 8 "$(date +%s)" >out 2>&1 || atf_fail "$(cat out)"
	cat out
	nothing_left
}

atf_init_test_cases() {
	for t in nat published at_once default_net live isolation foreign follows modes host_changes \
	    hostile state stress; do
		atf_add_test_case $t
	done
}
