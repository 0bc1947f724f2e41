#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# Of scripts/bench: the cycle of a jail with a network, beside LXC and podman.
# Run in network and mount namespaces of its own, which stand for a host:
#
#	bench/network.sh GAOL MEASURE ROUNDS JSON WORK CYCLE|PUBLISH|THROUGHPUT
#
# WORK holds gaol's root and rootfs, a copy of the release.  LXC and podman take
# part where they are; neither gets an address of a user's range of ids.
set -eu
gaol=$1 measure=$2 rounds=$3 json=$4 work=$5 part=$6
peer=''

# What these programs look at is that of the network namespace.
host() {
	mount --make-rprivate /
	umount /sys/fs/cgroup/unified 2>/dev/null || :
	mkdir -p "$work/cgroup"
	mount --rbind /sys/fs/cgroup "$work/cgroup"
	mount -t sysfs sysfs /sys
	mount --rbind "$work/cgroup" /sys/fs/cgroup
	ip link set lo up
	unshare -n sleep 100000 &
	peer=$!
	while [ "$(readlink /proc/$peer/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do
		sleep 0.01
	done
	ip link add up0 type veth peer name eth0 netns $peer
	ip address add 192.0.2.2/24 dev up0
	ip link set up0 up
	ip route add default via 192.0.2.1
	outside ip address add 192.0.2.1/24 dev eth0
	outside ip link set eth0 up
}

outside() {
	nsenter -n -t $peer -- "$@"
}

finish() {
	"$gaol" -q destroy -f -y ALL >/dev/null 2>&1 || :
	[ -z "$peer" ] || kill "$peer"
}
trap finish EXIT

lxc() {
	ip link add lxcbr type bridge
	ip address add 10.99.0.1/24 dev lxcbr
	ip link set lxcbr up
	mkdir -p "$work/lxc/b"
	cat >"$work/lxc/b/config" <<-end
	lxc.uts.name = b
	lxc.rootfs.path = dir:$work/rootfs
	lxc.init.cmd = /bin/true
	lxc.net.0.type = veth
	lxc.net.0.link = lxcbr
	lxc.net.0.flags = up
	lxc.net.0.ipv4.address = 10.99.0.2/24
	lxc.net.0.ipv4.gateway = 10.99.0.1
	lxc.cgroup.memory.limit_in_bytes = 67108864
	lxc.cgroup.pids.max = 64
	lxc.mount.auto = proc sys
	end
}

# Ports of LXC are the administrator's own rules: none are made for it.
cycle() {
	set -- gaol-network "$gaol" run -r busybox \
	    "net=gaol0 limit.in=100M limit.out=100M" publish=8080:80 /bin/true
	if command -v lxc-start >/dev/null; then
		lxc
		set -- "$@" -- lxc-network lxc-start -F -n b -P "$work/lxc"
	fi
	if command -v podman >/dev/null; then
		set -- "$@" -- podman-network podman --root "$work/podman" \
		    --runroot "$work/podman-run" run --rm --network podman \
		    -p 8081:80 --ulimit nofile=1024:1024 \
		    --ulimit nproc=1024:1024 --memory 64m --pids-limit 64 \
		    --rootfs "$work/rootfs" /bin/true
	fi
	"$measure" -n "$rounds" -j "$json" "$@"
}

publish() {
	"$gaol" -q create web -r busybox
	"$gaol" -q start web
	# each of them closes another's port and opens its own
	"$measure" -n "$rounds" -j "$json" \
	    gaol-publish "$gaol" set web publish=8080:80 -- \
	    gaol-publish-udp "$gaol" set web publish=8081:80/udp -- \
	    gaol-publish-range "$gaol" set web publish=8082-8181 -- \
	    gaol-version "$gaol" version
}

# iperf3 to somebody outside: through gaol's network, and through a veth, a
# bridge and a rule made by hand; one after the other, many times.
throughput() {
	cp "$(command -v iperf3)" "$work/root/releases/busybox/root/bin/iperf3"
	"$gaol" -q create web -r busybox "mount=/lib /lib nullfs ro" \
	    "mount+=/lib64 /lib64 nullfs ro" "mount+=/usr/lib /usr/lib nullfs ro"
	"$gaol" -q start web
	unshare -n sleep 100000 &
	hand=$!
	sleep 0.2
	ip link add hand type bridge
	ip address add 10.98.0.1/24 dev hand
	ip link set hand up
	ip link add h0 type veth peer name eth0 netns $hand
	ip link set h0 master hand up
	nsenter -n -t $hand ip address add 10.98.0.2/24 dev eth0
	nsenter -n -t $hand ip link set eth0 up
	nsenter -n -t $hand ip route add default via 10.98.0.1
	echo 1 >/proc/sys/net/ipv4/conf/hand/forwarding
	nft add table ip hand
	nft 'add chain ip hand out { type nat hook postrouting priority 100; }'
	nft add rule ip hand out ip saddr 10.98.0.0/24 oifname up0 masquerade
	outside iperf3 -s -D -I "$work/iperf3.pid"
	sleep 0.5
	i=0
	while [ $i -lt "$rounds" ]; do
		"$gaol" exec web iperf3 -c 192.0.2.1 -t 1 -J >"$work/a"
		nsenter -n -t $hand iperf3 -c 192.0.2.1 -t 1 -J >"$work/b"
		for who in a b; do
			printf '%s ' "$(sed -n '/sum_sent/,/}/s/.*bits_per_second":\t*\([0-9]*\).*/\1/p' "$work/$who")"
		done
		echo
		i=$((i + 1))
	done | sort -n | awk '{ a[NR] = $1; b[NR] = $2; r[NR] = $1 / $2 }
	    END { for (i = 1; i < NR; i++) for (k = i + 1; k <= NR; k++)
	        if (r[k] < r[i]) { t = r[i]; r[i] = r[k]; r[k] = t }
	        for (i = 1; i <= NR; i++) { sa += a[i]; sb += b[i] }
	        printf "gaol %.2f Gbit/s, by hand %.2f Gbit/s, median ratio %.3f\n", \
		    sa / NR / 1e9, sb / NR / 1e9, r[int((NR + 1) / 2)] }'
	kill "$(tr -d '\0' <"$work/iperf3.pid")" $hand
}

host
case $part in
CYCLE) cycle ;;
PUBLISH) publish ;;
THROUGHPUT) throughput ;;
esac
