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

atf_init_test_cases() {
	atf_add_test_case guide
}
