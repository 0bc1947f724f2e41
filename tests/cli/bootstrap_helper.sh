# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# Sourced by each test of bootstrap: a state directory of its own, archives and
# mirrors to make releases from.
# shellcheck shell=sh disable=SC2034,SC2154

GAOL_CONF=$(atf_get_srcdir)/gaol.conf
export GAOL_ROOT="$PWD/root" GAOL_CONF LC_ALL=C TZ=UTC
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
releases=$PWD/root/releases

# usage TEXT ARGUMENT...: refused with status 64 and that line.
usage() {
	text=$1
	shift
	atf_check -s exit:64 -e inline:"gaol: $text\n" gaol bootstrap "$@"
}

# make_tar FILE [FLAG]: a small root.
make_tar() {
	mkdir -p tree/bin tree/etc
	echo program >tree/bin/sh
	echo web >tree/etc/hostname
	tar -C tree -c ${2:+"$2"} -f "$1" .
}

sum() {
	sha256sum "$1" | cut -d ' ' -f 1
}

# nothing_left: no release, and nothing half-made.
nothing_left() {
	[ -z "$(ls -A "$releases" 2>/dev/null)" ] ||
	    atf_fail "left: $(ls -A "$releases")"
	[ -z "$(ls root/run/*.lock 2>/dev/null)" ] ||
	    atf_fail "left: $(ls root/run)"
}

# make_mirror: FreeBSD's layout, with a release of two sets.
make_mirror() {
	dir=mirror/releases/amd64/14.3-RELEASE
	mkdir -p $dir base/bin base/etc lib32/usr/lib32
	echo '#!/bin/sh' >base/bin/freebsd-version
	echo base >base/etc/motd
	echo old >lib32/usr/lib32/libc.so
	for set in base lib32; do
		tar -C $set -cJf $dir/$set.txz .
		printf '%s.txz\t%s\t%s\t%s\t"%s"\ton\n' $set \
		    "$(sum $dir/$set.txz)" 5 $set $set >>$dir/MANIFEST
	done
	url=file://$PWD/mirror/releases
}
