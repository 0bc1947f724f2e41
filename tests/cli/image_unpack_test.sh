#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC1091,SC2015,SC2016,SC2086,SC2154,SC3013

# try ARGUMENT...: unpack a.tar into a new directory d, beside which lies what
# an escape would touch.
try() {
	rm -rf d canary
	mkdir d canary
	echo untouched >canary/file
	atf_check -s ignore -o ignore -e ignore chmod 0755 d canary
	status=0
	"$image" unpack --progress none "$@" a.tar d 2>err || status=$?
	[ "$(ls -A canary)" = file ] && [ "$(cat canary/file)" = untouched ] ||
	    atf_fail "something was written outside"
}

# refused TEXT MEMBER...: status 65, one line that has TEXT, nothing left.
refused() {
	text=$1
	shift
	atf_check "$mktar" a.tar "$@"
	# shellcheck disable=SC2086
	try $limits
	[ "$status" = 65 ] || atf_fail "$*: status $status: $(cat err)"
	[ "$(wc -l <err)" = 1 ] || atf_fail "$*: more than a line: $(cat err)"
	grep -qF "$text" err || atf_fail "$*: '$text' is not in: $(cat err)"
	is_empty d || atf_fail "$*: left: $(ls -A d)"
}

# taken MEMBER...: unpacked without a word.
taken() {
	atf_check "$mktar" a.tar "$@"
	# shellcheck disable=SC2086
	try $limits
	[ "$status" = 0 ] || atf_fail "$*: status $status: $(cat err)"
	[ ! -s err ] || atf_fail "$*: $(cat err)"
}

limits=

atf_test_case compressions
compressions_head() {
	atf_set descr "every compression is found by content"
}
compressions_body() {
	. "$(atf_get_srcdir)/image_helper.sh"
	for z in none gzip bzip2 xz zstd; do
		atf_check "$mktar" -z $z a.tar dir:./ dir:./bin \
		    file:./bin/sh:shell hard:./bin/ash:./bin/sh \
		    link:./lib:usr/lib fifo:./queue noise:big:300000
		try --sha256 "$(sum a.tar)"
		[ $status = 0 ] || atf_fail "$z: $(cat err)"
		[ "$(cat d/bin/ash)" = shell ] || atf_fail "$z: content"
		[ d/bin/ash -ef d/bin/sh ] || atf_fail "$z: hard link"
		[ "$(readlink d/lib)" = usr/lib ] || atf_fail "$z: link"
		[ -p d/queue ] || atf_fail "$z: fifo"
		size_is d/big 300000 || atf_fail "$z: size"
	done
	"$mktar" -z gzip a.tar file:x:y
	mv a.tar b
	gzip -c b >a.tar
	try
	atf_check_equal 65 $status
	atf_check -o ignore grep "more than once" err
}

atf_test_case attributes
attributes_head() {
	atf_set descr "owners, modes, times, holes, attributes, access lists"
	atf_set require.user root
	atf_set require.progs "getfattr getfacl"
}
attributes_body() {
	. "$(atf_get_srcdir)/image_helper.sh"
	taken mode:su:4755 sparse:holes:10485760/5242880,512 dir:t \
	    "pax:attr:SCHILY.xattr.user.colour=red" \
	    "pax:trusted:SCHILY.xattr.trusted.overlay.opaque=y" \
	    "pax:overlay:SCHILY.xattr.user.overlay.opaque=y" \
	    "pax:acl:SCHILY.acl.access=user::rw-+user:x:rwx:5+group::r--+mask::rwx+other::---"
	atf_check -o inline:"4755 100 200 1000000000\n" \
	    stat -c "%a %u %g %Y" d/su
	atf_check -o inline:"755 1000000000\n" stat -c "%a %Y" d/t
	size_is d/holes 10485760 || atf_fail "sparse: size"
	[ "$(stat -c %b d/holes)" -lt 100 ] || atf_fail "sparse: no holes"
	atf_check -o inline:s \
	    sh -c 'tail -c +5242881 d/holes | head -c 1'
	atf_check -o match:'user.colour="red"' getfattr -d -m - d/attr
	atf_check getfattr -d -m - d/trusted d/overlay
	atf_check -o match:'^user:5:rwx|^user:games:rwx' getfacl -c d/acl
}

atf_test_case unnamed_acl
unnamed_acl_head() {
	atf_set descr "an access list without numbers is left out and counted"
}
unnamed_acl_body() {
	. "$(atf_get_srcdir)/image_helper.sh"
	"$mktar" a.tar "pax:acl:SCHILY.acl.access=user::rw-+user:x:rwx+group::r--+mask::rwx+other::---"
	mkdir d
	atf_check -e inline:"unpacking a.tar\nunpacked a.tar: 1 member, 1, 1 attribute lost\n" \
	    "$image" unpack --progress lines a.tar d
	atf_check -o inline:"640\n" stat -c %a d/acl
}

atf_test_case names
names_head() {
	atf_set descr "names that lead elsewhere"
}
names_body() {
	. "$(atf_get_srcdir)/image_helper.sh"
	refused "member '/etc/x': absolute name" file:ok:x file:/etc/x:x
	refused "member '/': absolute name" dir:/
	refused "member '//x': absolute name" file://x:x
	refused "member '../canary/file': name with '..'" \
	    file:../canary/file:x
	refused "member 'a/../../canary/file': name" dir:a \
	    file:a/../../canary/file:x
	refused "member './..': name with '..'" dir:./..
	refused "member 'a/..': name with '..'" file:a/..:x
	refused "member '../canary/file': name" pax:x:path=../canary/file
	refused "member '/canary': absolute" pax:x:path=/canary
	refused "member '': empty name" file:ok:x file::x
	refused "the root must be a directory" file:.:x
	refused "the root must be a directory" link:./:../canary
	refused "name too long" long:200:5000
	refused "name too long" long:256:300
	refused "too many directories" deep::256
	# What a terminal would obey is shown, not sent.
	refused "member '../a\\033[31mb\\012c'" \
	    "file:../a$(printf '\033[31mb\nc'):x"
	taken dir:./ file:.//a/./b:x file:c:x deep::255 long:200:4000
	[ -f d/a/b ] || atf_fail "plain name"
	# Not UTF-8, in a header that should be.
	taken "pax:x:path=caf$(printf '\351')"
	[ -f "d/caf$(printf '\351')" ] || atf_fail "bytes of the name"
}

atf_test_case links
links_head() {
	atf_set descr "links that lead elsewhere"
}
links_body() {
	. "$(atf_get_srcdir)/image_helper.sh"
	out=$PWD/canary
	refused "member 'a/file': below a symbolic link" \
	    link:a:../canary file:a/file:evil
	refused "member 'a/file': below a symbolic link" \
	    "link:a:$out" file:a/file:evil
	refused "member 'a/b/c/file': below a symbolic link" \
	    dir:a link:a/b:.. file:a/b/c/file:evil
	refused "member 'a/': comes twice" link:a:../canary dir:a/
	refused "member 'a': comes twice" link:a:../canary/file file:a:evil
	refused "member 'a': comes twice" dir:a link:a:../canary
	refused "member 'a': comes twice" link:a:x link:a:../canary
	refused "member 'a': hard link: absolute name" \
	    "hard:a:$out/file"
	refused "member 'a': hard link: name with '..'" \
	    hard:a:../canary/file
	refused "member 'b': hard link: below a symbolic link" \
	    link:a:../canary hard:b:a/file file:b:evil
	refused "member 'b': hard link to a symbolic link" \
	    link:a:../canary/file hard:b:a file:b:evil
	refused "hard link to a file that is not in the archive" hard:a:b
	refused "hard link to a special file" dir:a hard:b:a
	refused "hard link with the name of another member" \
	    file:a:1 file:b:2 hard:b:a
	refused "the root as a link" file:a:x hard:.:a
	taken "link:a:$out" link:b:../../../canary link:c:c \
	    file:d/e:x hard:f:./d//e hard:f:d/e link:c:c
	atf_check -o inline:"$out\n" readlink d/a
	[ d/f -ef d/d/e ] || atf_fail "hard link"
}

atf_test_case nodes
nodes_head() {
	atf_set descr "device nodes are left out below dev, refused elsewhere"
}
nodes_body() {
	. "$(atf_get_srcdir)/image_helper.sh"
	refused "member 'x': device node" node:x:c
	refused "member 'x/dev/sda': device node" node:x/dev/sda:b
	refused "member 'devil': device node" node:devil:b
	refused "member 'dev/../x': name" node:dev/../x:b
	"$mktar" a.tar dir:./ dir:./dev node:./dev/null:c node:dev/sda:b \
	    link:dev/fd:/proc/self/fd file:etc/x:y
	mkdir d
	atf_check -e match:"2 device nodes left out" \
	    "$image" unpack --progress lines a.tar d
	atf_check -o inline:"fd\n" ls d/dev
}

atf_test_case twice
twice_head() {
	atf_set descr "members that come twice"
}
twice_body() {
	. "$(atf_get_srcdir)/image_helper.sh"
	taken file:a:1 hard:b:a file:a:2 dir:c file:c/d:x dir:c
	# A new file, not new bytes in the file that b is, too.
	atf_check -o inline:"21" cat d/a d/b
	refused "comes twice, as different things" file:a:1 dir:a
	refused "comes twice, as different things" dir:a file:a:1
	refused "comes twice, as different things" fifo:a file:a:1
	refused "comes twice, as different things" file:a:1 fifo:a
	refused "member 'a/b': below a file" file:a:1 file:a/b:2
}

atf_test_case bombs
bombs_head() {
	atf_set descr "limits of size and number, compressed or not"
}
bombs_body() {
	. "$(atf_get_srcdir)/image_helper.sh"
	limits="--max-size 10M --max-entries 1000"
	refused "member 'x': more than 10M" zeros:x:10485761
	refused "member 'y': more than 10M" zeros:x:6000000 zeros:y:6000000
	refused "member 'x': more than 10M" file:ok:x claim:x:99999999999999
	refused "member 'f1000': more than 1000 members" many:f:1001
	refused "member 'x': more than 10M" sparse:x:100000000000000
	refused "member 'x': more than 10M" \
	    sparse:x:9223372036854775807/9223372036854775000,512
	refused "member 'x'" sparse:x:-5
	refused "more data than its size" sparse:x:1024/4096,512
	refused "member 'x': more than 10M" pax:x:size=99999999999999
	refused "member '?'" global::2000 file:x:y
	refused "headers too large" file:x:y map:m:60000000
	refused "more data after the archive's end" file:x:y padding::80000000
	taken zeros:x:10485760 many:f:999

	limits="--max-size 1M"
	for z in gzip bzip2 xz zstd; do
		"$mktar" -z $z a.tar file:ok:x zeros:x:60000000
		try $limits
		atf_check_equal "$z 65" "$z $status"
		atf_check -o ignore grep "member 'x': more than 1.0M" err
		is_empty d || atf_fail "$z left: $(ls -A d)"
		"$mktar" -z $z a.tar file:ok:x padding::70000000
		try $limits
		atf_check_equal "$z 65" "$z $status"
		is_empty d || atf_fail "$z left: $(ls -A d)"
	done
}

atf_test_case truncated
truncated_head() {
	atf_set descr "cut off anywhere: an error, nothing left"
	atf_set timeout 900
}
truncated_body() {
	. "$(atf_get_srcdir)/image_helper.sh"
	step=65536
	[ -z "$GAOL_CHECK_LONG" ] || step=4096
	for z in none gzip bzip2 xz zstd; do
		"$mktar" -z $z whole dir:a noise:a/x:100000 file:b:y \
		    zeros:d:2048 file:e:e noise:f:100000
		end=$(stat -c %s whole)
		# The last two blocks are the end marker.
		[ $z != none ] || end=$((end - 1024))
		for cut in $(seq 0 $step $((end - 1))) 1 511 512 513 \
		    $((end - 1)) $((end - 512)) $((end - 1024)); do
			head -c "$cut" whole >a.tar
			try
			[ $status = 65 ] ||
			    atf_fail "$z cut at $cut: $status: $(cat err)"
			is_empty d || atf_fail "$z cut at $cut left something"
		done
		# The others give nothing before a large block is complete.
		case $z in bzip2|xz|zstd) continue ;; esac
		head -c $((end * 3 / 4)) whole >a.tar
		try
		atf_check -o match:"member '[a-f/x]*'" cat err
	done
	# Between two members, where the reader sees an end.
	"$mktar" -x a.tar file:a:x zeros:b:4096
	try
	atf_check_equal 65 $status
	atf_check -o match:"after member 'b': the archive is truncated" cat err
}

atf_test_case corrupt
corrupt_head() {
	atf_set descr "damage is found where the format has checksums"
}
corrupt_body() {
	. "$(atf_get_srcdir)/image_helper.sh"
	step=15013
	[ -z "$GAOL_CHECK_LONG" ] || step=1777
	for z in gzip bzip2 xz; do
		"$mktar" -z $z whole file:a:x noise:x:50000
		end=$(stat -c %s whole)
		for at in $(seq 600 $step "$end") $((end - 12)); do
			cp whole a.tar
			printf 'XyZ' | dd of=a.tar bs=1 seek="$at" \
			    conv=notrunc status=none
			try
			[ $status = 65 ] ||
			    atf_fail "$z damaged at $at: $status: $(cat err)"
			is_empty d || atf_fail "$z damaged at $at left something"
		done
	done
	refused "not a tar archive" junk::5000
	refused "after member 'a'" file:a:x junk::512 file:b:y
	refused "no members" padding::512 junk::512
	refused "no members" padding::512
	: >a.tar
	try
	atf_check_equal 65 $status
}

atf_test_case checksum
checksum_head() {
	atf_set descr "verified before anything is unpacked"
}
checksum_body() {
	. "$(atf_get_srcdir)/image_helper.sh"
	"$mktar" a.tar file:a:x
	good=$(sum a.tar)
	bad=$(echo "$good" | tr 0-9a-f 1-9a-f0)
	try --sha256 "$bad"
	atf_check_equal 65 $status
	atf_check -o match:"SHA-256 is $good, expected $bad" cat err
	is_empty d || atf_fail "something was unpacked"
	try --sha256 "$good"
	atf_check_equal 0 $status
	try --sha256 "sha256:$(echo "$good" | tr a-f A-F)"
	atf_check_equal 0 $status
	try --sha256 "${good}0"
	atf_check_equal 64 $status
	atf_check -o empty -e empty "$image" verify --progress none \
	    --sha256 "$good" a.tar
	atf_check -s exit:65 -e match:"$good, expected $bad" \
	    "$image" verify --progress none --sha256 "$bad" a.tar
	atf_check -s exit:64 -e match:"needs --sha256" "$image" verify a.tar
	atf_check -s exit:66 -e match:"No such file" "$image" sha256 nothing
	[ "$good" = "$(sha256sum a.tar | cut -c 1-64)" ] ||
	    atf_fail "sum"
}

atf_test_case targets
targets_head() {
	atf_set descr "the directory must be there and empty"
}
targets_body() {
	. "$(atf_get_srcdir)/image_helper.sh"
	"$mktar" a.tar file:a:x
	mkdir d e
	touch d/keep
	atf_check -s exit:73 -e match:"not empty" "$image" unpack a.tar d
	atf_check -o inline:"keep\n" ls d
	ln -s e s
	atf_check -s exit:1 -e ignore "$image" unpack a.tar s
	is_empty e || atf_fail "unpacked through a link"
	atf_check -s exit:66 -e ignore "$image" unpack a.tar nothing
	atf_check -s exit:66 -e ignore "$image" unpack nothing e
	atf_check -s exit:65 -e match:"not a regular" "$image" unpack d e
	atf_check -s exit:64 -e match:"usage" "$image" unpack a.tar
	atf_check -s exit:64 -e match:"unexpected" "$image" unpack a.tar e f
	atf_check -s exit:64 -e match:"unknown option" "$image" unpack -q a e
	atf_check -s exit:64 -e ignore "$image" unpack --owner-map x a.tar e
	atf_check -s exit:64 -e ignore "$image" nonsense
	atf_check -s exit:64 -e ignore "$image"
	# Its own mode comes back when unpacking fails.
	"$mktar" a.tar dir:./ file:x:y file:/x:y
	chmod 0700 e
	atf_check -s exit:65 -e ignore "$image" unpack a.tar e
	atf_check -o inline:"700\n" stat -c %a e
	atf_check -e inline:"unpacking b\nunpacked b: 2 members, 1\n" \
	    sh -c '"$1" b dir:./ file:x:y; "$0" unpack --progress lines b e' \
	    "$image" "$mktar"
	atf_check -o inline:"755\n" stat -c %a e
}

has_entries() {
	! is_empty "$1"
}

atf_test_case signals
signals_head() {
	atf_set descr "a signal, or the parent's death, leaves nothing"
	atf_set timeout 300
}
signals_body() {
	. "$(atf_get_srcdir)/image_helper.sh"
	"$mktar" -z zstd a.tar many:f:5000 zeros:x:3000000000 many:g:10
	for pair in INT:130 TERM:143 HUP:129; do
		mkdir d
		# In its own session: sh ignores SIGINT for what it puts in
		# the background, so that setsid is told to restore it.
		env --default-signal=INT "$image" unpack --progress none \
		    a.tar d 2>err &
		pid=$!
		wait_for has_entries d
		kill -s "${pair%:*}" $pid
		status=0
		wait $pid || status=$?
		atf_check_equal "${pair#*:}" $status
		atf_check -o inline:"gaol-image: interrupted\n" cat err
		is_empty d || atf_fail "left after ${pair%:*}"
		rmdir d
	done
	mkdir d
	# shellcheck disable=SC2016
	sh -c '"$0" unpack --progress none a.tar d & echo $! >pid; wait' \
	    "$image" &
	pid=$!
	wait_for has_entries d
	kill -KILL $pid
	wait_for is_empty d
	child=$(cat pid)
	wait_for sh -c "! kill -0 $child 2>/dev/null"
	is_empty d || atf_fail "left after the parent's death"
}

atf_test_case full_disk
full_disk_head() {
	atf_set descr "no space left"
	atf_set require.user root
	atf_set require.progs unshare
}
full_disk_body() {
	. "$(atf_get_srcdir)/image_helper.sh"
	"$mktar" a.tar file:a:x noise:big:3000000
	mkdir d
	# shellcheck disable=SC2016
	atf_check -e inline:"gaol-image: a.tar: member 'big': No space left on device\n" \
	    unshare -m sh -c 'mount -t tmpfs -o size=1m none d &&
	    { "$0" unpack --progress none a.tar d; [ $? = 1 ]; } &&
	    [ -z "$(ls -A d)" ]' "$image"
}

atf_test_case unprivileged
unprivileged_head() {
	atf_set descr "without root: everything but owners"
	atf_set require.user root
	atf_set require.progs setpriv
}
unprivileged_body() {
	. "$(atf_get_srcdir)/image_helper.sh"
	"$mktar" a.tar dir:./ file:a/b:x hard:c:a/b mode:m:0644 link:l:/etc
	# Where others may go, which a test's own directory may not be.
	dir=$(mktemp -d /tmp/image.XXXXXX)
	trap 'rm -rf "$dir"' EXIT
	cp "$image" "$dir/gaol-image"
	cp a.tar "$dir"
	mkdir "$dir/d"
	chmod 0755 "$dir" "$dir/gaol-image"
	chown -R 65534:65534 "$dir"
	nobody="setpriv --reuid 65534 --regid 65534 --clear-groups"
	cd "$dir" || atf_fail cd
	atf_check -e match:"unpacked a.tar: 5 members, 1, owners not kept" \
	    $nobody ./gaol-image unpack --progress lines a.tar d
	atf_check -o inline:"65534 644\n" stat -c "%u %a" d/m
	[ d/c -ef d/a/b ] || atf_fail "hard link"
	rm -rf d
	$nobody mkdir d
	"$mktar" a.tar dir:./ file:a/b:x link:l:/tmp file:l/x:evil
	atf_check -s exit:65 -e ignore $nobody ./gaol-image unpack a.tar d
	is_empty d || atf_fail "left: $(ls -A d)"
}

atf_init_test_cases() {
	atf_add_test_case compressions
	atf_add_test_case attributes
	atf_add_test_case unnamed_acl
	atf_add_test_case names
	atf_add_test_case links
	atf_add_test_case nodes
	atf_add_test_case twice
	atf_add_test_case bombs
	atf_add_test_case truncated
	atf_add_test_case corrupt
	atf_add_test_case checksum
	atf_add_test_case targets
	atf_add_test_case signals
	atf_add_test_case full_disk
	atf_add_test_case unprivileged
}
