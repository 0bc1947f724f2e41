#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

# The real thing: packages from the host's mirror, signatures checked.

setup() {
	GAOL_CONF=$(atf_get_srcdir)/gaol.conf
	export GAOL_ROOT="$PWD/root" GAOL_CONF LC_ALL=C
	releases=$PWD/root/releases
	log=$PWD/log
}

# need PROGRAM: and a mirror that answers.
need() {
	[ "$(id -u)" = 0 ] || atf_skip "only root can install packages"
	command -v "$1" >/dev/null || atf_skip "$1 is missing"
	[ -r /usr/share/keyrings/debian-archive-keyring.gpg ] ||
	    atf_skip "the package debian-archive-keyring is missing"
	mirror=$(gaol -n bootstrap debian-12 | tr ' ' '\n' |
	    grep -m 1 -E '^(http|https|file):')
	image=${GAOL_IMAGE:-$(dirname "$(command -v gaol)")/gaol-image}
	"$image" fetch --progress none --stall 10 \
	    "$mirror/dists/bookworm/InRelease" InRelease ||
	    atf_skip "no mirror answers: $mirror"
	rm -rf root
}

check_root() {
	root=$releases/$1/root
	[ -x "$root/usr/bin/apt-get" ] || atf_fail "no apt-get"
	atf_check -o match:'^deb \[signed-by=/usr/share/keyrings/debian-' \
	    cat "$root/etc/apt/sources.list"
	atf_check -o inline:'localhost\n' cat "$root/etc/hostname"
	cmp /etc/resolv.conf "$root/etc/resolv.conf" || atf_fail "resolv.conf"
	[ ! -e "$root/usr/sbin/policy-rc.d" ] || atf_fail "policy-rc.d is left"
	[ -z "$(find "$root/var/cache/apt" "$root/var/lib/apt/lists" -type f \
	    -size +0)" ] || atf_fail "downloads are left"
	atf_check -o inline:"$1\n" ls -A "$releases"
	! grep -q " $PWD/root" /proc/self/mountinfo || atf_fail "a mount is left"
	chroot "$root" /usr/bin/dpkg --audit >audit
	[ ! -s audit ] || atf_fail "dpkg --audit: $(cat audit)"
}

atf_test_case debian
debian_head() {
	atf_set descr "debian-12 by mmdebstrap"
	atf_set require.user root
	atf_set timeout 900
}
debian_body() {
	setup
	need mmdebstrap
	atf_check -e match:'^debian-12: ready, [0-9.]+M$' \
	    gaol bootstrap debian-12
	check_root debian-12
	atf_check -o match:'os = linux;' -o match:'source = ".* bookworm";' \
	    cat "$releases/debian-12/release.conf"
	# for who needs one, too: it is long in the making
	[ -z "${GAOL_TEST_CACHE-}" ] || [ -e "$GAOL_TEST_CACHE/debian-12" ] ||
	    mv "$releases/debian-12" "$GAOL_TEST_CACHE/" || :
}

atf_test_case debootstrap
debootstrap_head() {
	atf_set descr "debian-12 by debootstrap"
	atf_set require.user root
	atf_set timeout 900
}
debootstrap_body() {
	setup
	need debootstrap
	[ -n "${GAOL_CHECK_LONG-}" ] || atf_skip "a minute long: make check-long"
	# a PATH that has everything but mmdebstrap
	mkdir bin
	for dir in /usr/sbin /usr/bin; do
		ln -s "$dir"/* bin/ 2>/dev/null
	done
	rm -f bin/mmdebstrap
	ln -sf "$(command -v gaol)" bin/gaol
	atf_check -e match:'^debian-12: ready, [0-9.]+M$' \
	    env PATH="$PWD/bin" gaol bootstrap debian-12
	check_root debian-12
}

atf_test_case signature
signature_head() {
	atf_set descr "a mirror with a wrong signature is refused"
	atf_set require.user root
	atf_set timeout 300
}
signature_body() {
	setup
	need mmdebstrap
	dists=$PWD/mirror/dists/bookworm
	mkdir -p "$dists/main/binary-amd64"
	: >"$dists/main/binary-amd64/Packages"
	sum=$(sha256sum <"$dists/main/binary-amd64/Packages" | cut -d ' ' -f 1)
	printf 'Origin: Debian\nSuite: stable\nCodename: bookworm\nDate: %s\nArchitectures: amd64\nComponents: main\nSHA256:\n %s 0 main/binary-amd64/Packages\n' \
	    "$(date -Ru)" "$sum" >"$dists/Release"
	# unsigned, then signed for another text
	for kind in none other; do
		[ $kind = none ] || sed 's/bookworm/bookwurm/' InRelease \
		    >"$dists/InRelease"
		atf_check -s exit:1 \
		    -e match:'^gaol: mmdebstrap ended with status ' \
		    gaol bootstrap debian-12 --mirror "file:$PWD/mirror"
		[ -z "$(ls -A "$releases")" ] ||
		    atf_fail "left: $(ls -A "$releases")"
	done
}

atf_test_case interrupted
interrupted_head() {
	atf_set descr "nothing is left after a signal, or the next one mends it"
	atf_set require.user root
	atf_set timeout 900
}
interrupted_body() {
	setup
	need mmdebstrap
	for signal in INT TERM KILL; do
		case $signal in
		TERM) times=1 ;;
		*) times=5 ;;
		esac
		[ -z "${GAOL_CHECK_LONG-}" ] || times="1 4 8"
		for seconds in $times; do
			gaol -q bootstrap debian-12 2>"$log" &
			pid=$!
			sleep $seconds
			kill -$signal $pid
			wait $pid 2>/dev/null && atf_fail "not interrupted"
			! grep -q " $PWD/root" /proc/self/mountinfo ||
			    atf_fail "$signal: a mount is left"
			[ $signal = KILL ] || [ -z "$(ls -A "$releases")" ] ||
			    atf_fail "$signal: left: $(ls -A "$releases")"
			# none of its processes works on
			sleep 0.5
			for p in /proc/[0-9]*; do
				case $(readlink "$p/root") in
				"$releases"/*) atf_fail "$signal: $p runs" ;;
				esac
			done
		done
	done
	[ -d "$releases/.new.debian-12" ] || atf_fail "not killed"
	atf_check -e match:'^busybox: ready' -e \
	    match:'^debian-12: removing what an interrupted bootstrap left$' \
	    gaol bootstrap busybox
	atf_check -o inline:'busybox\n' ls -A "$releases"
}

atf_test_case missing
missing_head() {
	atf_set descr "what is not there is named, with the package that has it"
	atf_set require.user root
}
missing_body() {
	setup
	mkdir bin
	ln -s "$(command -v gaol)" bin/gaol
	atf_check -s exit:69 -e match:'^gaol: debian-12 .* package mmdebstrap' \
	    env PATH="$PWD/bin" gaol bootstrap debian-12
	# no keyrings, and a busybox that needs libraries
	atf_check -s exit:69 -e match:'^gaol: .* debian-archive-keyring' \
	    unshare --mount sh -c 'mount -t tmpfs x /usr/share/keyrings &&
		exec gaol bootstrap debian-12'
	atf_check -s exit:69 -e match:'^gaol: .* ubuntu-keyring' \
	    unshare --mount sh -c 'mount -t tmpfs x /usr/share/keyrings &&
		exec gaol bootstrap ubuntu-24.04'
	[ ! -e /bin/busybox ] || atf_check -s exit:69 \
	    -e match:'^gaol: /bin/busybox is not a static .* busybox-static' \
	    unshare --mount sh -c 'mount --bind /bin/ls /bin/busybox &&
		exec gaol bootstrap busybox'
}

atf_init_test_cases() {
	atf_add_test_case debian
	atf_add_test_case debootstrap
	atf_add_test_case signature
	atf_add_test_case interrupted
	atf_add_test_case missing
}
