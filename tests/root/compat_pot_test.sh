#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# What guides of pot print, as they print it; images on the store that pot has.
# shellcheck disable=SC2034,SC2154
. "$(atf_get_srcdir)/zfs.subr"
. "$(atf_get_srcdir)/common.subr"

# A base 14.2 that this host can run: busybox with what FreeBSD has besides.
base() {
	mkdir -p tree/usr/sbin tree/etc
	cp -a root/releases/busybox/root/. tree/
	printf '#!/bin/sh\necho "rc $HOME" >>/var/log/rc\n' >tree/etc/rc
	mkdir -p tree/var/log
	for name in pkg sysrc service; do
		printf '#!/bin/sh\necho "%s $*" >>/var/log/done\n' $name \
		    >tree/usr/sbin/$name
		chmod 755 tree/usr/sbin/$name
	done
	tar -C tree -cf base.tar .
	atf_check -e ignore gaol -q bootstrap --name 14.2-RELEASE \
	    --sha256 "$(sha256sum base.tar | cut -d' ' -f1)" base.tar
}

begin() {
	gaol_setup
	base
	mkdir -p bin etc/flavours
	ln -s "$(command -v gaol)" bin/pot
	PATH=$PWD/bin:$PATH
	export PATH POT_ETC="$PWD/etc"
	# the host's interface and its address are this host's
	printf 'POT_EXTIF=lo\nPOT_EXTIF_ADDR=127.0.0.77\n' >etc/pot.conf
}

root_test guide "the lines of guides, verbatim"
guide_cleanup() {
	umount /storage/data 2>/dev/null || :
	rmdir -p /storage/data 2>/dev/null || :
	gaol_cleanup
}
guide_body() {
	begin
	cat >etc/flavours/web.sh <<'SH'
#!/bin/sh
pkg install -y nginx; sysrc nginx_enable="YES"; service nginx start
SH
	atf_check -o ignore pot init
	atf_check -o ignore pot create -p webserver -t single -b 14.2
	atf_check pot set-attr -p webserver -A network-type -V alias
	atf_check pot set-rss -p webserver -M 2G
	atf_check -e ignore pot start webserver
	atf_check -o inline:'webserver\n' pot ps -q
	atf_check -o match:'ip : lo.127.0.0.77' pot ls
	atf_check -o match:'"RSS" : [0-9]' pot get-rss -Jp webserver
	echo 'cat /var/log/rc; exit 3' >script
	atf_check -s exit:3 -o match:'^rc ' -x 'pot term webserver <script'
	mkdir -p /storage/data
	mount -t tmpfs -o mode=755 none /storage/data
	echo page >/storage/data/page
	atf_check pot mount-in -p webserver -d /storage/data -m /usr/local/data
	atf_check -o inline:'page\n' pot exec -p webserver \
	    cat /usr/local/data/page
	atf_check pot exec -dp webserver sleep 1000
	atf_check -o match:'^[0-9]+$' pot signal -C -p webserver -m sleep
	atf_check pot signal -p webserver -s SIGKILL -m sleep
	atf_check -s exit:1 -e ignore pot signal -p webserver -s TERM -P 9999
	atf_check pot mount-out -p webserver -m /usr/local/data
	umount /storage/data
	rmdir -p /storage/data || :
	atf_check -e ignore pot stop webserver
	atf_check pot destroy -p webserver
	atf_check -o ignore -e ignore \
	    pot create -p webserver -t single -b 14.2 -f web
	atf_check -e ignore pot start webserver
	atf_check -o inline:'pkg install -y nginx\nsysrc nginx_enable=YES\nservice nginx start\n' \
	    pot exec -p webserver cat /var/log/done
	echo 'exit 3' >etc/flavours/bad.sh
	atf_check -s exit:1 -o ignore -e match:'status 3' \
	    pot create -p x -t single -b 14.2 -f bad
	atf_check -s exit:1 pot info -qp x
}

root_test image "export, and import of what was written"
image_cleanup() {
	zfs_cleanup
}
image_body() {
	zfs_pool
	begin
	atf_check -o ignore pot create -p webserver -t single -b 14.2
	# zfs-fuse does not map ids
	atf_check gaol -q set webserver userns=off exec.start=true
	atf_check pot set-attr -p webserver -A prunable -V YES
	atf_check pot set-env -p webserver -E 'A=b "c"'
	atf_check pot copy-in -p webserver -s base.tar -d /root/kept
	atf_check -s exit:1 -e match:'has no snapshot' \
	    pot export -p webserver
	atf_check -o ignore pot snapshot -p webserver
	tag=$(pot info -sp webserver)
	atf_check -o ignore -e ignore gaol -q key create mine
	mkdir out
	atf_check -o inline:"===>  exporting webserver @ $tag to out/webserver_1.10.xz\n" \
	    pot export -p webserver -t 1.10 -D out -l 1 -S mine
	atf_check -o inline:'webserver_1.10.xz\nwebserver_1.10.xz.meta\nwebserver_1.10.xz.skein\nwebserver_1.10.xz.skein.sig\n' \
	    ls out
	atf_check_equal "gaoltest/jails/webserver gaoltest/jails/webserver/root" \
	    "$(zfs list -H -r -o name gaoltest/jails/webserver | xargs)"
	atf_check_equal - "$(cat out/webserver_1.10.xz.meta)"
	atf_check -s exit:1 -e match:'not higher' \
	    pot export -c -p webserver -t 1.9 -D out
	# as pot receives it
	atf_check -e ignore -x "xzcat out/webserver_1.10.xz |
	    zfs receive -u gaoltest/theirs"
	atf_check_equal "gaoltest/theirs gaoltest/theirs/m" \
	    "$(zfs list -H -r -o name gaoltest/theirs | xargs)"
	atf_check zfs set mountpoint="$PWD/theirs" gaoltest/theirs
	zfs mount gaoltest/theirs 2>/dev/null || :
	zfs mount gaoltest/theirs/m 2>/dev/null || :
	atf_check -o match:'^pot.env="A=b ."c."' -o match:'^pot.base=14.2$' \
	    -o match:'^pot.attr.prunable=YES$' cat theirs/conf/pot.conf
	atf_check cmp base.tar theirs/m/root/kept
	atf_check -e ignore gaol -q import --verify out/webserver_1.10.xz again
	atf_check -o inline:'YES\n' pot get-attr -qp again -A prunable
	atf_check -o inline:'A=b "c"\n' gaol get -H -o value env again
	atf_check gaol -q set again userns=off
	atf_check -e ignore pot start again
	atf_check -o ignore pot exec -p again cmp /root/kept /root/kept
	# of old guides: the file itself
	atf_check pot destroy -p webserver
	(cd out && mv webserver_1.10.xz webserver.xz &&
	    for end in meta skein; do
		mv webserver_1.10.xz.$end webserver.xz.$end
	    done && exec python3 -u -m http.server --bind 127.0.0.1 0 \
		>../log 2>&1) &
	server=$!
	for _ in $(seq 100); do
		port=$(sed -n 's/.*port \([0-9]*\).*/\1/p' log)
		[ -z "$port" ] || break
		sleep 0.2
	done
	status=0
	pot import -p webserver -U "http://127.0.0.1:$port/webserver.xz" \
	    2>told || status=$?
	kill $server
	[ $status = 0 ] || atf_fail "$(cat told)"
	atf_check -o inline:'YES\n' pot get-attr -qp webserver -A prunable
	echo x >>out/webserver.xz.meta
	atf_check -s exit:1 -e match:'wrong checksum' \
	    pot import -p web2 -U "$PWD/out/webserver.xz"
}

atf_init_test_cases() {
	atf_add_test_case guide
	atf_add_test_case image
}
