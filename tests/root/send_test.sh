#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# Jails sent between two hosts: two state directories in two network namespaces
# with an sshd in one, or without a network where that does not matter.
# shellcheck disable=SC2154,SC2086
. "$(atf_get_srcdir)/common.subr"
. "$(atf_get_srcdir)/data.subr"

near="gaol-near-$$" far="gaol-far-$$"

at() {
	where=$1
	shift
	nsenter --net="/run/netns/$where" -- "$@"
}
there() {
	GAOL_ROOT="$PWD/there" gaol "$@"
}

# Both namespaces, and sshd in the far one, on 10.99.0.2 port 2222.
hosts() {
	[ -x /usr/sbin/sshd ] || atf_skip "no sshd here"
	printf '%s\n' "$near" "$far" >namespaces
	ip netns add "$near" || atf_skip "no network namespaces here"
	ip netns add "$far"
	ip link add send0 netns "$near" type veth peer name send0 netns "$far"
	for side in "$near 10.99.0.1" "$far 10.99.0.2"; do
		set -- $side
		at "$1" ip addr add "$2/24" dev send0
		at "$1" ip link set send0 up
		at "$1" ip link set lo up
	done
	ssh-keygen -q -t ed25519 -N '' -f key </dev/null
	ssh-keygen -q -t ed25519 -N '' -f hostkey </dev/null
	mkdir -p /run/sshd there
	cat >sshd_config <<end
ListenAddress 10.99.0.2:2222
HostKey $PWD/hostkey
PidFile $PWD/sshd.pid
AuthorizedKeysFile $PWD/key.pub
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
end
	at "$far" /usr/sbin/sshd -f "$PWD/sshd_config" -E "$PWD/sshd.log" ||
	    atf_fail "sshd: $(cat sshd.log)"
	rsh="ssh -F /dev/null -p 2222 -i $PWD/key -o StrictHostKeyChecking=no"
	rsh="$rsh -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
	host=root@10.99.0.2
}

taken() {
	at "$near" ip -s link show send0 |
	    awk '/TX:/ { getline; print $1 }'
}
# sends [OPTION...]: how many bytes the network has taken is in $wire.
sends() {
	wire=$(taken)
	at "$near" gaol send -e "$rsh" --remote-root "$PWD/there" \
	    --remote-gaol "$(command -v gaol)" "$@" web $host >out 2>&1 ||
	    atf_fail "send: $(cat out) $(cat sshd.log)"
	wire=$(($(taken) - wire))
}

send_cleanup() {
	if [ -f sshd.pid ]; then
		kill "$(cat sshd.pid)" 2>/dev/null || :
	fi
	if [ -d there ]; then
		GAOL_ROOT="$PWD/there" GAOL_CONF=/dev/null gaol -q destroy \
		    -f -y ALL >/dev/null 2>&1 || :
	fi
	gaol_cleanup
	if [ -f namespaces ]; then
		while read -r ns; do
			ip netns del "$ns" 2>/dev/null || :
		done <namespaces
	fi
	! mountpoint -q there 2>/dev/null || umount there
}
send_test() {
	root_test "$1" "$2"
	eval "${1}_cleanup() { send_cleanup; }"
}

# The jail there has the very files: looked at by a start of a clone of it,
# which leaves the copy a copy.
arrived() {
	there -q clone web look || atf_fail "clone"
	there -q start look || atf_fail "start"
	GAOL_ROOT="$PWD/there" data_sum look >now
	there -q destroy -f -y look
	diff -u "$1" now >difference || atf_fail "$(head -n 40 difference)"
}

send_test ssh "over ssh: all, then what has changed, then a move"
ssh_body() {
	hosts
	data_begin overlay
	gaol exec web sh -c 'setfattr -n user.x -v y /data/file 2>/dev/null; :'
	sends
	grep -q "release 'busybox' is missing there" out || atf_fail "$(cat out)"
	arrived before
	sleep 3
	sends
	# the manifest alone
	[ "$wire" -lt 20000 ] || atf_fail "$wire bytes for nothing new: $(cat out)"
	gaol exec web sh -c 'printf x | dd of=/data/random bs=1 seek=70000 conv=notrunc
	    rm -r /data/dir/deep; mkdir /data/dir/deep /data/new
	    ln /data/file /data/new/hard; chmod 4711 /data/suid' 2>/dev/null
	data_sum web >before
	sends
	[ "$wire" -lt 160000 ] || atf_fail "$wire bytes for a block: $(cat out)"
	arrived before
	# the second time nothing but the manifest: nothing has changed
	sends --move
	atf_check -o empty gaol list -H
	atf_check -o inline:"web\trunning\n" env GAOL_ROOT="$PWD/there" \
	    gaol list -H -o name,state
	GAOL_ROOT="$PWD/there" data_sum web >now
	atf_check diff -u before now
	[ ! -e there/moves ] || atf_fail "the move is still remembered"
	atf_check -o inline:"web\n" ls -A there/jails
}

plain_hosts() {
	gaol_setup
	printf '#!/bin/sh\nshift\nexec "$@"\n' >rsh
	chmod +x rsh
	mkdir -p there
	send="send -e $PWD/rsh --remote-root $PWD/there"
}

send_test stores "from each store to each other one"
stores_body() {
	plain_hosts
	for store in overlay dir; do
		gaol_jail web store=$store
		data_make
		gaol -q stop web
		gaol -q start web
		data_sum web >before
		gaol -q stop web
		for other in overlay dir; do
			echo "store = $other; net = none;" >conf
			GAOL_CONF=$PWD/conf there -q doctor >/dev/null
			printf '#!/bin/sh\nshift\nexport GAOL_CONF=%s\nexec "$@"\n' \
			    "$PWD/conf" >rsh
			atf_check -e ignore gaol $send web other
			there -q rename web look
			there -q start look
			GAOL_ROOT="$PWD/there" data_sum look >now
			there -q destroy -f -y look
			diff -u before now >difference ||
			    atf_fail "$store $other: $(head -n 40 difference)"
		done
		gaol -q destroy -y web
	done
	atf_check -o empty ls -A there/jails
}

send_test full "a full disk there is an error, and nothing is left"
full_body() {
	plain_hosts
	truncate -s 60M image
	mkfs.ext4 -q image >/dev/null 2>&1 || atf_skip "no mkfs.ext4 here"
	mount -o loop image there || atf_skip "no loop devices here"
	gaol -q create web -r busybox
	gaol -q start web
	gaol exec web sh -c 'head -c 100000000 /dev/urandom >/big'
	gaol -q stop web
	atf_check -s exit:1 -o ignore -e match:"No space left" \
	    gaol $send web other
	atf_check -o empty ls -A there/jails
	gaol -q start web
	gaol exec web sh -c 'head -c 1000000 /dev/urandom >/big'
	gaol -q stop web
	atf_check -e match:"sent to other" gaol $send web other
	# and of a copy: it stays what it was
	there -q clone web look
	there start look 2>/dev/null
	there exec look md5sum /big >was
	there -q destroy -f -y look
	gaol -q start web
	gaol exec web sh -c 'head -c 100000000 /dev/urandom >/big'
	gaol -q stop web
	atf_check -s exit:1 -o ignore -e match:"No space left" \
	    gaol $send web other
	atf_check -o inline:"web\n" ls -A there/jails
	atf_check -o empty gaol -R there snapshots -H web
	there -q start web
	there exec web md5sum /big >now
	atf_check cmp was now
}

# killed_there STRIDE COMMAND...: the receiving side is killed at every
# STRIDE-th system call; after each the command works, and one jail can start.
killed_there() {
	stride=$1
	shift
	n=1
	while :; do
		printf '#!/bin/sh\nshift\nexec %s --at %d "$@"\n' \
		    "$GAOL_TEST_TOOLS/kill_loop" $n >rsh
		if gaol -q "$@" >out 2>&1; then
			break
		fi
		printf '#!/bin/sh\nshift\nexec "$@"\n' >rsh
		gaol -q "$@" >out 2>&1 ||
		    atf_fail "killed at $n, then $*: $(cat out)"
		one_starts $n
		n=$((n + stride))
	done
	echo "$((n / stride)) points"
}
one_starts() {
	if [ "$move" = yes ]; then
		[ ! -e root/jails/web ] || atf_fail "killed at $1: two jails"
		there -q start web 2>/dev/null || :
		there exec web true || atf_fail "killed at $1: none runs"
		there -q destroy -f -y web
		there -q doctor --repair >/dev/null 2>&1
		[ -z "$(ls -A there/jails)" ] || atf_fail "killed at $1: $(ls -A there/jails)"
		gaol -q create web -r busybox
		[ "$run" != yes ] || gaol -q start web
	else
		there -q clone web look
		there -q start look
		there exec look test -f /made ||
		    atf_fail "killed at $1: not arrived"
		there -q destroy -f -y look
		atf_check_equal web "$(ls -A there/jails)"
		[ "$again" = yes ] || there -q destroy -y web
	fi
}
stride() {
	[ -n "${GAOL_CHECK_LONG-}" ] && echo 1 || echo "$1"
}

send_test kills "the receiving side is killed at any system call"
kills_body() {
	plain_hosts
	gaol -q create web -r busybox
	gaol -q start web
	gaol exec web touch /made
	gaol -q stop web
	move=no run=no again=no
	killed_there "$(stride 97)" $send web other
	again=yes
	killed_there "$(stride 97)" $send web other
}

send_test kills_move "one jail can start, wherever a move is killed there"
kills_move_body() {
	plain_hosts
	move=yes run=yes again=no
	gaol_jail web
	killed_there "$(stride 97)" $send --move web other
}

atf_init_test_cases() {
	for t in ssh stores full kills kills_move; do
		atf_add_test_case $t
	done
}
