#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# Jails of iocage, Bastille and pot on ZFS and in directories: adopted in place,
# run, given back.  What they hold is a busybox of Linux.
# shellcheck disable=SC2154
. "$(atf_get_srcdir)/zfs.subr"
. "$(atf_get_srcdir)/common.subr"

# plain DIR: the files of a jail.
plain() {
	mkdir -p "$1"
	cp -a root/releases/busybox/root/. "$1/"
	echo kept >"$1/root/file"
	chown 33:44 "$1/root/file"
}

# dataset NAME: mounted at old/NAME without its first part.
dataset() {
	atf_check zfs create -p "gaoltest/$1"
}

# runs NAME: it starts, is as it was, stops.
runs() {
	atf_check -e ignore gaol -q set "$1" userns=off exec.start= exec.stop= \
	    securelevel= net=none mount= publish= ip4.addr= mount.fdescfs=off
	atf_check -e ignore gaol -q start "$1"
	atf_check -o inline:'kept\n' gaol -q exec "$1" cat /root/file
	atf_check_equal 33:44 "$(gaol -q exec "$1" stat -c %u:%g /root/file)"
	atf_check -e ignore gaol -q stop "$1"
}

iocage() {
	dataset iocage
	atf_check zfs set mountpoint="$PWD/old/iocage" gaoltest/iocage
	for part in releases/14.3-RELEASE/root jails/web templates; do
		dataset "iocage/$part"
	done
	plain old/iocage/releases/14.3-RELEASE/root
	# a clone of its release, as iocage makes it
	atf_check zfs snapshot gaoltest/iocage/releases/14.3-RELEASE/root@web
	atf_check zfs clone gaoltest/iocage/releases/14.3-RELEASE/root@web \
	    gaoltest/iocage/jails/web/root
	atf_check zfs set setuid=on gaoltest/iocage/jails/web/root
	atf_check zfs snapshot gaoltest/iocage/jails/web/root@2026-11-23_10:00:00
	echo '{"host_hostname": "web-1", "priority": "4", "boot": 1}' \
	    >old/iocage/jails/web/config.json
	: >old/iocage/jails/web/fstab
	atf_check -o match:'dataset|move' gaol -n adopt --from iocage web
	# something is mounted in it: it runs, or is dying
	mount -t tmpfs none old/iocage/jails/web/root/tmp
	atf_check -s exit:75 -e match:'web/root/tmp is mounted' \
	    gaol adopt --from iocage web
	umount old/iocage/jails/web/root/tmp
	atf_check -e match:'web: adopted' gaol adopt --from iocage web
	atf_check -o inline:'4\nweb-1\nzfs\nthick\n' gaol get -H -o value \
	    priority,host.hostname,store,type web
	atf_check -o inline:'2026-11-23_10:00:00\n' gaol snapshots -H -o name web
	atf_check -o inline:'gaoltest/iocage/releases/14.3-RELEASE/root@web\n' \
	    zfs get -H -o value origin gaoltest/jails/web/root
	runs web
	echo changed >root/jails/web/root/root/file
	atf_check -e ignore gaol -q rollback -y web 2026-11-23_10:00:00
	atf_check -o inline:'kept\n' cat root/jails/web/root/root/file
	atf_check -e match:'adopted before' gaol adopt --from iocage web
	atf_check -e ignore gaol -q snapshot web later
	atf_check -e ignore gaol adopt --undo web
	atf_check -o inline:'kept\n' cat old/iocage/jails/web/root/root/file
	atf_check_equal "root@2026-11-23_10:00:00 root@later" "$(zfs list -H \
	    -t snapshot -o name -r gaoltest/iocage/jails/web/root |
	    sed 's,.*/,,' | paste -s -d ' ')"
	atf_check_equal "" "$(zfs get -H -r -s local -o property all \
	    gaoltest/iocage/jails/web | grep -v setuid)"
	atf_check -o empty ls -A root/jails
	atf_check -e ignore gaol adopt --from iocage web
}

bastille() {
	dataset bastille/jails/db
	atf_check zfs set mountpoint="$PWD/old/usr/local/bastille" gaoltest/bastille
	dataset bastille/jails/db/root
	home=old/usr/local/bastille/jails/db
	plain $home/root
	# its own place, which it has back later
	atf_check zfs set mountpoint="$PWD/$home/root" \
	    gaoltest/bastille/jails/db/root
	echo "db { path = /usr/local/bastille/jails/db/root; host.hostname = db; mount.devfs; }" \
	    >$home/jail.conf
	: >$home/fstab
	printf 'priority="9"\n' >$home/settings.conf
	atf_check -e match:'db: adopted' gaol adopt --from bastille ALL
	runs db
	atf_check -e ignore gaol adopt --undo db
	atf_check_equal "local" "$(zfs get -H -o source mountpoint \
	    gaoltest/bastille/jails/db/root)"
	atf_check -o inline:'kept\n' cat $home/root/root/file
	# killed when the dataset had its new name
	atf_check -e ignore gaol adopt --from bastille db
	printf adopt >root/jails/.todo.db
	atf_check -e ignore gaol -q set db note=x
	atf_check -o inline:'db\nweb\n' ls -A root/jails
	atf_check -o inline:'kept\n' cat root/jails/db/root/root/file
}

# directories: in place on the same file system, by copy from another
directories() {
	mkdir -p old/etc
	plain root/old/www
	plain elsewhere
	cat >old/etc/jail.conf <<CONF
host.hostname = "\$name.example.org";
www { path = "/root/old/www"; }
mail { path = "/elsewhere"; }
CONF
	ln -s "$PWD/root" old/root
	ln -s "$PWD/elsewhere" old/elsewhere
	rm old/elsewhere
	mv elsewhere old/elsewhere
	atf_check -s exit:69 -e match:'--copy' gaol adopt --from jail.conf mail
	atf_check -e ignore gaol adopt --from jail.conf --copy mail
	atf_check -e ignore gaol adopt --from jail.conf www
	atf_check -o inline:'dir\nwww.example.org\n' gaol get -H -o value \
	    store,host.hostname www
	runs www
	runs mail
	atf_check -e ignore gaol adopt --undo www
	atf_check -o inline:'kept\n' cat root/old/www/root/file
	gaol doctor >findings
	atf_check -o ignore grep '^note.*jail.conf.*manages 1 jail in.*: www;' \
	    findings
	atf_check -s exit:1 grep -E 'bastille|iocage|^warning|^bad' findings
}

root_test adopt "jails of others, in place, and back"
adopt_cleanup() {
	zfs_cleanup
}
adopt_head() {
	atf_set descr 'jails of others, in place, and back'
	atf_set require.user root
	atf_set timeout 900
}
adopt_body() {
	zfs_pool
	gaol_setup
	mkdir old
	{ [ ! -f "${GAOL_CONF-}" ] || cat "$GAOL_CONF"
	    echo "altroot = $PWD/old;"; } >gaol.conf
	export GAOL_CONF="$PWD/gaol.conf"
	iocage
	bastille
	directories
}

atf_init_test_cases() {
	atf_add_test_case adopt
}
