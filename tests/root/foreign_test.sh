#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# Archives of Bastille, iocage and pot that are streams of zfs.  What they hold
# is a busybox of Linux, so that it can be started here; the streams are those
# of zfs-fuse.
# shellcheck disable=SC2154
. "$(atf_get_srcdir)/zfs.subr"
. "$(atf_get_srcdir)/common.subr"

skein=$GAOL_TEST_TOOLS/skein

# theirs DATASET LEAF: a jail's dataset with its files in DATASET/LEAF, mounted
# at $at.
theirs() {
	mkdir "$at"
	atf_check zfs create -p -o mountpoint="$PWD/$at" "gaoltest/$1"
	atf_check zfs create "gaoltest/$1/$2"
	cp -a root/releases/busybox/root/. "$at/$2/"
	echo kept >"$at/$2/root/file"
	chown 33:44 "$at/$2/root/file"
	chmod 4750 "$at/$2/root/file"
}

# same: web has come, with its files; and goes.
same() {
	jail=web
	atf_check_equal "33:44 4750 kept" "$(stat -c '%u:%g %a' \
	    "root/jails/$jail/root/root/file") $(cat "root/jails/$jail/root/root/file")"
	atf_check -o inline:'cell.conf\nroot\n' ls "root/jails/$jail"
	# no snapshot and no property but those of gaol
	atf_check -o empty gaol snapshots -H "$jail"
	atf_check_equal "" "$(zfs get -H -r -s local,received -o property all \
	    "gaoltest/jails/$jail" | grep -v '^gaol:')"
	if [ "$at" = theirs.pot ]; then
		atf_check -e ignore gaol -q set web userns=off exec.start=
		atf_check -e ignore gaol -q start web
		atf_check -o inline:'kept\n' gaol -q exec web cat /root/file
	fi
	atf_check -e ignore gaol -q destroy -f -y "$jail"
	atf_check -o empty ls -A root/jails
	atf_check -o inline:'gaoltest/jails\n' zfs list -H -r -o name \
	    gaoltest/jails
}

# streams of Bastille, with snapshots and properties
bastille() {
	at=theirs.bastille
	theirs bastille/jails/web root
	cat >$at/jail.conf <<'CONF'
web {
  exec.start = '/bin/true';
  host.hostname = web.example.org;
  path = /usr/local/bastille/jails/web/root;
  mount.fstab = /usr/local/bastille/jails/web/fstab;
}
CONF
	echo 'priority="7"' >$at/settings.conf
	# which must not lead gaol's mounts elsewhere
	atf_check zfs set setuid=off gaoltest/bastille/jails/web/root
	echo before >$at/root/root/file
	atf_check zfs snapshot -r gaoltest/bastille/jails/web@one
	echo kept >$at/root/root/file
	chmod 4750 $at/root/root/file
	atf_check zfs snapshot -r gaoltest/bastille/jails/web@bastille_web_1
	zfs send -R gaoltest/bastille/jails/web@bastille_web_1 >stream ||
	    atf_fail "zfs send"
	zfs send gaoltest/bastille/jails/web/root@one >only
	xz -0 -c stream >web_2026-11-23-101112.xz
	[ -z "$GAOL_CHECK_LONG" ] || {
		cp stream web_2026-11-26-101112
		gzip -1 -c stream >web_2026-11-24-101112.gz
		zstd -q stream -o web_2026-11-25-101112.zst
	}
	for file in web_*; do
		sha256sum "$file" | cut -d ' ' -f 1 >"$file.sha256"
		atf_check -e ignore gaol -q import "$file"
		atf_check -o inline:'7\nweb.example.org\nzfs\nthick\n' gaol get \
		    -H -o value priority,host.hostname,store,type web
		same
	done
	# what is cut off, or is not a whole jail, leaves nothing
	head -c 300000 stream >piece
	atf_check -s exit:65 -e match:'piece: |zfs receive' \
	    gaol -q import --unverified piece
	{ head -c 200000 stream; head -c 5000 /dev/urandom
	    tail -c +205001 stream; } >bad
	atf_check -s not-exit:0 -e ignore gaol -q import --unverified bad
	atf_check -s exit:65 -e match:'no dataset with the files' \
	    gaol -q import --unverified only root2
	atf_check -s exit:65 -e match:'room' \
	    gaol -q import --unverified --max-size 100K stream
	atf_check -s exit:69 -e match:'store dir cannot take over' \
	    gaol -q import --unverified -S dir stream
	atf_check -o empty ls -A root/jails
	atf_check -o inline:'gaoltest/jails\n' zfs list -H -r -o name \
	    gaoltest/jails
}

# a zip and a tar of streams of iocage
iocage() {
	at=theirs.iocage
	theirs iocage/jails/web root
	atf_check zfs create gaoltest/iocage/jails/web/root/data
	printf '{"host_hostname": "web-1", "notes": "mine"}' >$at/config.json
	# a link in the way of the mount
	ln -s /tmp $at/link
	atf_check zfs snapshot -r gaoltest/iocage/jails/web@ioc
	mkdir -p iocage/images
	base=iocage/images/web_2026-11-23
	zfs send gaoltest/iocage/jails/web@ioc >$base
	zfs send gaoltest/iocage/jails/web/root@ioc >${base}_root
	zfs send gaoltest/iocage/jails/web/root/data@ioc >${base}_root_data
	python3 -c '
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as z:
    for name in sys.argv[2:]:
        z.write(name)' web_2026-11-23.zip $base ${base}_root ${base}_root_data
	tar -cJf web_2026-11-24.tar.xz $base ${base}_root
	files=web_2026-11-23.zip
	[ -z "$GAOL_CHECK_LONG" ] || files="$files web_2026-11-24.tar.xz"
	for file in $files; do
		sha256sum $file | cut -d ' ' -f 1 | tr -d '\n' \
		    >"$file.sha256"
		atf_check -e save:told gaol import $file
		atf_check -o inline:'mine\nweb-1\n' gaol get -H -o value \
		    note,host.hostname web
		[ $file = web_2026-11-24.tar.xz ] || atf_check -o ignore \
		    grep 'root/data (a dataset beside' told
		same
	done
	sed -i 's/./x/' web_2026-11-23.zip.sha256
	atf_check -s exit:65 -e match:'web_2026-11-23.zip' \
	    gaol -q import web_2026-11-23.zip
	atf_check -o empty ls -A root/jails
}

# an image of pot, its checksum and its signature
pot() {
	at=theirs.pot
	theirs pot/jails/web m
	mkdir $at/conf
	cat >$at/conf/pot.conf <<'CONF'
pot.level=0
pot.type=single
pot.cmd=sh /etc/rc
host.hostname="web.pot"
pot.attr.start-at-boot=YES
pot.attr.persistent=YES
network_type=inherit
pot.env="A=b c"
pot.export.ports=80:8080
CONF
	atf_check zfs snapshot -r gaoltest/pot/jails/web@123
	zfs send -R gaoltest/pot/jails/web@123 | xz -0 >web_1.0.xz
	printf '%s' - >web_1.0.xz.meta
	"$skein" web_1.0.xz web_1.0.xz.meta >web_1.0.xz.skein
	atf_check -s exit:77 -e match:'not signed' \
	    gaol -q import --verify web_1.0.xz
	openssl genpkey -algorithm ed25519 -out key.pem 2>/dev/null
	openssl pkey -in key.pem -pubout -outform DER | tail -c 32 >key.raw
	openssl pkeyutl -sign -inkey key.pem -rawin -in web_1.0.xz.skein \
	    -out signature.raw || atf_skip "this openssl cannot sign"
	{ echo 'untrusted comment: key'; { printf Ed12345678; cat key.raw; } |
	    base64 -w 0; echo; } >key.pub
	{ echo 'untrusted comment: signature'
	    { printf Ed12345678; cat signature.raw; } | base64 -w 0; echo
	} >web_1.0.xz.skein.sig
	atf_check -s exit:77 -e match:'not trusted' \
	    gaol -q import --verify web_1.0.xz
	atf_check -e ignore gaol -q key trust key.pub mine
	atf_check -e match:'web: imported, signed by mine' \
	    -e match:'not taken over: publish = 8080:80/tcp' \
	    gaol import --verify web_1.0.xz
	atf_check -o inline:'on\nsh /etc/rc\nA=b c\ninherit\n' \
	    gaol get -H -o value boot,exec.start,env,net web
	same
	echo x >>web_1.0.xz.meta
	atf_check -s exit:65 -e match:'wrong checksum' gaol -q import web_1.0.xz
	echo 'base:1@2' >web_1.0.xz.meta
	"$skein" web_1.0.xz web_1.0.xz.meta >web_1.0.xz.skein
	atf_check -s exit:69 -e match:"the pot 'base'" \
	    gaol -q import web_1.0.xz
	atf_check -o empty ls -A root/jails
}

root_test streams "streams of zfs that others exported"
streams_cleanup() {
	zfs_cleanup
}
streams_head() {
	atf_set descr 'streams of zfs that others exported'
	atf_set require.user root
	atf_set timeout 900
}
streams_body() {
	zfs_pool
	gaol_setup
	bastille
	iocage
	pot
}

atf_init_test_cases() {
	atf_add_test_case streams
}
