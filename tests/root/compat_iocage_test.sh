#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# The command lines of iocage that published guides print, as they stand there:
# in a network namespace that stands for the host, with a busybox for the
# release.
# shellcheck disable=SC2154

. "$(atf_get_srcdir)/common.subr"

RELEASE=14.2-RELEASE
ADDRESS=10.0.0.1/24
ROUTER=10.0.0.254

appendix_lines() {
	ip link set lo up
	ip link add em0 type veth peer name far0
	ip link set em0 up
	ip link add bridge0 type bridge
	ip link set bridge0 up
	mkdir data
	echo shared >data/file
	iocage activate zroot
	iocage fetch -r $RELEASE
	iocage create -n webserver -r $RELEASE ip4_addr="em0|$ADDRESS"
	iocage create -n myjail -r $RELEASE vnet=on ip4_addr="vnet0|$ADDRESS" defaultrouter="$ROUTER"
	# of this host: raw sockets at an address of its own need that
	gaol -q set webserver userns=off
	iocage start webserver
	echo 'echo inside of $(hostname)' | iocage console webserver >console
	grep -qx 'inside of webserver' console
	iocage set boot=on webserver
	iocage set allow_raw_sockets=1 webserver
	iocage set memoryuse=8G:deny webserver
	iocage get all webserver >all
	iocage snapshot webserver
	iocage snaplist webserver >snaps
	iocage clone webserver -n webserver-staging
	iocage exec ALL uname -a
	! iocage update webserver
	! iocage upgrade -r $RELEASE webserver
	iocage fstab -a webserver "$PWD/data" /usr/local/data nullfs rw 0 0
	# and they did so
	for line in boot:1 allow_raw_sockets:1 memoryuse:deny=8G state:up \
	    "ip4_addr:em0|$ADDRESS"; do
		grep -qxF "$line" all
	done
	grep -q '^| 20.*/root ' snaps
	[ "$(gaol get -H -o value limit.memory webserver)" = 8G ]
	[ "$(iocage exec webserver cat /usr/local/data/file)" = shared ]
	iocage exec webserver ip addr show em0 | grep -qF "${ADDRESS%/*}"
	iocage start myjail
	iocage exec myjail ip addr show epair0b | grep -qF "$ADDRESS"
	iocage exec myjail ip route | grep -qF "default via $ROUTER"
	iocage list -H >list
	grep -q "	myjail	up	$RELEASE	${ADDRESS%/*}\$" list
	grep -q "	webserver-staging	down	$RELEASE	-\$" list
	iocage stop ALL
	iocage destroy -f webserver-staging myjail webserver
	[ -z "$(iocage list -H)" ]
}

if [ "${1-}" = lines ]; then
	set -e
	appendix_lines
	exit 0
fi

root_test appendix "every line that published guides give"
appendix_body() {
	gaol_setup
	atf_check -o ignore -e ignore gaol -q bootstrap busybox --name $RELEASE
	mkdir bin
	ln -s "$(command -v gaol)" bin/iocage
	export PATH="$PWD/bin:$PATH"
	atf_check -o ignore -e save:told unshare -n atf-sh \
	    "$(atf_get_srcdir)/compat_iocage_test.sh" lines
	atf_check -o ignore grep 'has no program that updates' told
	atf_check -o ignore grep 'keeps its release' told
}

root_test updated "update runs what the jail has, behind a snapshot"
updated_body() {
	gaol_setup
	mkdir bin
	ln -s "$(command -v gaol)" bin/iocage
	export PATH="$PWD/bin:$PATH"
	gaol_jail web
	printf '#! /bin/sh\necho "apt $*" >>/done\n' >apt-get
	printf '#! /bin/sh\necho "base $*" >>/done\n' >freebsd-update
	chmod 755 apt-get freebsd-update
	atf_check gaol -q cp apt-get web:/usr/bin/
	atf_check -o match:"web updates have been applied successfully" \
	    -e ignore iocage update web
	atf_check -o match:"^apt .*update\$" -o match:"^apt .*upgrade\$" \
	    gaol exec web cat /done
	atf_check -o match:ioc_update_ iocage snaplist web
	# a base system comes first, and packages when they are asked for
	atf_check gaol exec web rm /done
	atf_check gaol -q cp freebsd-update web:/usr/sbin/
	sleep 1 # its snapshots are called by the second
	atf_check -o ignore -e ignore iocage update web
	atf_check -o inline:"base --not-running-from-cron fetch
base --not-running-from-cron install\n" gaol exec web cat /done
	sleep 1 # its snapshots are called by the second
	atf_check -o ignore -e ignore iocage update -P web
	atf_check -o match:"^apt .*upgrade\$" gaol exec web cat /done
}

atf_init_test_cases() {
	atf_add_test_case appendix
	atf_add_test_case updated
}
