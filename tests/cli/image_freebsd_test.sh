#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC1091,SC2015,SC2016,SC2059,SC2086,SC2154

# A mirror with one small release, as releases/amd64/14.3-RELEASE.
make_mirror() {
	. "$(atf_get_srcdir)/image_helper.sh"
	dir=www/releases/amd64/14.3-RELEASE
	mkdir -p $dir cache
	"$mktar" -z xz $dir/base.txz dir:./ dir:./bin file:./bin/sh:shell \
	    dir:./usr dir:./usr/lib link:./sys:usr/src/sys dir:./dev \
	    noise:./usr/lib/libc.so:100000 file:./etc/rc:base
	"$mktar" -z xz $dir/lib32.txz dir:./ dir:./usr dir:./usr/lib32 \
	    file:./usr/lib32/libc.so:32 link:./sys:usr/src/sys \
	    file:./etc/rc:lib32
	make_manifest
}

# set_line FILE NAME
set_line() {
	printf '%s\t%s\t%s\t%s\t"%s"\t%s\n' "$1" "$(sum $dir/$1)" 10 "$2" \
	    "The $2 set (MANDATORY)" on
}

make_manifest() {
	{
		set_line base.txz base
		set_line lib32.txz lib32
	} >$dir/MANIFEST
}

# freebsd STATUS ARGUMENT...: into a new d; what it says goes to err.
freebsd() {
	want=$1
	shift
	rm -rf d
	mkdir d
	status=0
	"$image" freebsd --progress none --base-url "${base_url:-$PWD/www/releases}" \
	    --arch amd64 --release 14.3-RELEASE --cache cache "$@" d \
	    2>err || status=$?
	[ $status = "$want" ] ||
	    atf_fail "freebsd $*: status $status, not $want: $(cat err)"
	[ $status = 0 ] || is_empty d || atf_fail "left: $(ls -A d)"
	[ $status = 0 ] || [ "$(wc -l <err)" = 1 ] ||
	    atf_fail "not one line: $(cat err)"
}

# says TEXT
says() {
	grep -qF "$1" err || atf_fail "'$1' is not in: $(cat err)"
}

kept=cache/14.3-RELEASE-amd64

atf_test_case sets
sets_body() {
	make_mirror
	freebsd 0
	atf_check -o inline:"shell" cat d/bin/sh
	[ ! -e d/usr/lib32 ] || atf_fail "lib32 without being asked for"
	freebsd 0 --sets base,lib32
	atf_check -o inline:"32" cat d/usr/lib32/libc.so
	# In this order, and files of the later set replace the earlier's.
	atf_check -o inline:"lib32" cat d/etc/rc
	atf_check -o inline:"MANIFEST\nbase.txz\nlib32.txz\n" ls $kept
	freebsd 66 --sets base,src
	says "no set 'src'; it has: base lib32"
	freebsd 66 --sets base,
	rm -rf d
	mkdir d
	atf_check -e inline:"fetching $PWD/www/releases/amd64/14.3-RELEASE/MANIFEST
fetching $PWD/www/releases/amd64/14.3-RELEASE/base.txz
checking $PWD/www/releases/amd64/14.3-RELEASE/base.txz
checking base.txz
unpacking base.txz
unpacked base.txz: 9 members, 97K
" "$image" freebsd --base-url "$PWD/www/releases/" --arch x86_64 \
	    --release 14.3-RELEASE --cache new d
}

atf_test_case mirror_http
mirror_http_body() {
	make_mirror
	httpd_start
	base_url=$base/plain/releases
	freebsd 0 --sets base,lib32
	[ "$(grep -c "txz .* 200" log)" = 2 ] || atf_fail "$(cat log)"
	: >log
	freebsd 0 --sets base,lib32
	atf_check -o inline:"plain/releases/amd64/14.3-RELEASE/MANIFEST - - 200\n" \
	    cat log
	# Interrupted, and continued.
	base_url=$base/mode/releases
	echo stall/50000 >www/.mode
	rm -rf cache d
	mkdir cache d
	"$image" freebsd --progress none --base-url "$base_url" --arch amd64 \
	    --release 14.3-RELEASE --cache cache d 2>err &
	pid=$!
	wait_for size_is $kept/base.txz.part 50000
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	atf_check_equal 143 $status
	echo plain >www/.mode
	: >log
	freebsd 0
	atf_check -o match:"base.txz bytes=50000- .* 206" cat log
	# A warning that nothing vouches for the MANIFEST, or none.
	rm -rf d
	mkdir d
	atf_check -e match:"warning: nothing proves" "$image" freebsd \
	    --progress lines --base-url "$base_url" --arch amd64 \
	    --release 14.3-RELEASE --cache cache d
	freebsd 0 --manifest-sha256 "$(sum $dir/MANIFEST)"
	freebsd 65 --manifest-sha256 "$(sum $dir/base.txz)"
	says "wrong checksum"
}

atf_test_case wrong_sums
wrong_sums_body() {
	make_mirror
	good=$(sum $dir/lib32.txz)
	"$mktar" -z xz $dir/lib32.txz file:evil:evil
	freebsd 65 --sets base,lib32
	says "expected $good"
	[ ! -e $kept/lib32.txz ] || atf_fail "the bad set is kept"
	[ -e $kept/base.txz ] || atf_fail "the good set is not kept"
	rm $dir/lib32.txz
	freebsd 66 --sets base,lib32
	says "lib32.txz"
	rm $dir/MANIFEST
	freebsd 66
	says "MANIFEST"
}

atf_test_case poisoned_cache
poisoned_cache_body() {
	make_mirror
	freebsd 0
	"$mktar" -z xz $kept/base.txz file:evil:evil
	freebsd 0
	[ -e d/bin/sh ] && [ ! -e d/evil ] || atf_fail "from the poisoned set"
	cmp $dir/base.txz $kept/base.txz
	# Bad, and not to be had anew: it does not stay.
	"$mktar" -z xz $kept/base.txz file:evil:evil
	mv $dir/base.txz away
	freebsd 66
	[ ! -e $kept/base.txz ] || atf_fail "the bad set is kept"
	mv away $dir/base.txz
	# The MANIFEST is never taken from the cache.
	freebsd 0
	"$mktar" -z xz $kept/base.txz file:evil:evil
	sed "s/$(sum $dir/base.txz)/$(sum $kept/base.txz)/" $dir/MANIFEST \
	    >$kept/MANIFEST
	freebsd 0
	[ ! -e d/evil ] || atf_fail "from the poisoned set"
	# Links instead of files.
	rm $kept/base.txz
	ln -s /etc/passwd $kept/base.txz
	freebsd 0
	atf_check -o ignore grep root /etc/passwd
	[ ! -h $kept/base.txz ] || atf_fail "the link is still there"
}

atf_test_case hostile_set
hostile_set_body() {
	make_mirror
	"$mktar" -z xz $dir/lib32.txz link:./bin:/etc
	make_manifest
	freebsd 65 --sets base,lib32
	says "lib32.txz: member './bin': comes twice"
	"$mktar" -z xz $dir/lib32.txz file:./sys/x:evil
	make_manifest
	freebsd 65 --sets base,lib32
	says "below a symbolic link"
	"$mktar" -z xz $dir/lib32.txz zeros:x:20000000
	make_manifest
	freebsd 65 --sets base,lib32 --max-size 10M
	says "more than 10M"
}

atf_test_case manifests
manifests_body() {
	make_mirror
	good=$(sum $dir/base.txz)
	for line in "base.txz" "base.txz\t$good" "base.txz\t1234\t1\tbase" \
	    "../base.txz\t$good\t1\tbase" "/etc/passwd\t$good\t1\tbase" \
	    "base.txz\t$good\t1\t../base" "\t$good\t1\tbase" \
	    ".hidden\t$good\t1\tbase" "<html>" "base.txz $good 1 base"; do
		printf "$line\n" >$dir/MANIFEST
		freebsd 65
		says "MANIFEST: line 1"
	done
	: >$dir/MANIFEST
	freebsd 65
	says "no sets"
	printf 'a\0b' >$dir/MANIFEST
	freebsd 65
	says "not a text"
	head -c 1100000 /dev/zero >$dir/MANIFEST
	freebsd 65
	says "larger than"
}

# from URL-PATH ARGUMENT...: it asks for that MANIFEST.
from() {
	path=$1
	shift
	atf_check -s exit:66 \
	    -e match:"$path/MANIFEST: No such file" \
	    "$image" freebsd --progress none --cache cache "$@" d
}

atf_test_case places
places_body() {
	. "$(atf_get_srcdir)/image_helper.sh"
	mkdir cache d
	from /r/releases/amd64/14.3-RELEASE --base-url /r/releases \
	    --arch amd64 --release 14.3-RELEASE
	from /r/releases/arm64/aarch64/14.3-RC1 --base-url /r/releases/ \
	    --arch arm64 --release 14.3-RC1
	from /r/releases/amd64/15.0-BETA2 --base-url /r/releases \
	    --arch x86_64 --release 15.0-BETA2
	from /r/snapshots/arm64/aarch64/16.0-CURRENT --base-url /r/releases// \
	    --arch aarch64 --release 16.0-CURRENT
	from /r/snapshots/riscv/riscv64/15.1-STABLE --base-url /r/releases \
	    --arch riscv64 --release 15.1-STABLE
	from /mine/amd64/16.0-CURRENT --base-url /mine \
	    --arch amd64 --release 16.0-CURRENT
	for release in ../x . .. a/b "" "a b" -x "$(printf 'a\nb')"; do
		atf_check -s exit:64 -e ignore "$image" freebsd \
		    --release "$release" --arch amd64 --cache cache d
	done
	atf_check -s exit:64 -e ignore "$image" freebsd --release 1 \
	    --arch ../x --cache cache d
	atf_check -s exit:64 -e match:"needs" "$image" freebsd --cache c d
	touch d/x
	atf_check -s exit:73 -e ignore "$image" freebsd --release 1 \
	    --cache cache d
}

atf_init_test_cases() {
	atf_add_test_case sets
	atf_add_test_case mirror_http
	atf_add_test_case wrong_sums
	atf_add_test_case poisoned_cache
	atf_add_test_case hostile_set
	atf_add_test_case manifests
	atf_add_test_case places
}
