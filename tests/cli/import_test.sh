#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC1091,SC2015,SC2154

tools=${GAOL_TEST_TOOLS:-$(atf_get_srcdir)/../../build/tests/tools}
manifest='manifest::gaol-archive 1|name web|kind whole|os linux|'
conf='conf::web { }|'

# nothing_left: no jail, nothing half-made, no lock file but empty ones.
nothing_left() {
	[ -z "$(ls -A root/jails)" ] || atf_fail "left: $(ls -A root/jails)"
}

# make MEMBER...: an archive a of a right beginning and those.
make() {
	atf_check "$tools/mkgaol" a "$manifest" "$conf" dir:root "$@"
}

# refused TEXT ARGUMENT...: a is, with 65 and one line that has the text.
refused() {
	text=$1
	shift
	status=0
	gaol -q import a "$@" >out 2>err || status=$?
	[ $status = 65 ] || atf_fail "$text: status $status: $(cat err)"
	[ "$(wc -l <err)" = 1 ] || atf_fail "$text: not a line: $(cat err)"
	grep -qF "$text" err || atf_fail "'$text' is not in: $(cat err)"
	nothing_left
}

atf_test_case again
again_head() {
	atf_set descr "what was exported comes again, on each store"
}
again_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web boot=on note=mine
	upper=root/jails/web/layers/upper
	mkdir -p $upper/etc/a $upper/var
	echo one >$upper/etc/one
	chmod 4711 $upper/etc/one
	ln $upper/etc/one $upper/etc/a/two
	ln -s /etc/one $upper/var/link
	mkfifo $upper/fifo
	truncate -s 5M $upper/holes
	echo end >>$upper/holes
	touch -d '2001-02-03 04:05:06.789' $upper/var/link $upper/etc $upper/holes
	name=$(printf 'b\303\244d\377\001\n')
	mkdir "$upper/$name"
	echo x >"$upper/$name/$name"
	long=$(printf %0200d 7)
	mkdir -p $upper/$long/$long
	echo y >$upper/$long/$long/$long
	atf_check -e ignore gaol export web a
	cp -a $upper was
	atf_check gaol -q destroy -y web
	for store in overlay dir; do
		atf_check -e inline:"importing a\nweb: imported\n" \
		    gaol import a -S $store
		case $store in
		overlay) now=root/jails/web/layers/upper ;;
		dir) now=root/jails/web/root ;;
		esac
		atf_check diff -r --no-dereference was/etc $now/etc
		atf_check diff -r "was/$name" "$now/$name"
		atf_check diff -r was/$long $now/$long
		atf_check cmp was/holes $now/holes
		for d in was $now; do
			(cd $d && find . -printf '%p %y %m %n %U %G %T@ %l\n' |
			    grep -v '^[.] ' | sort) >list.$d 2>/dev/null ||
			    (cd $d && find . -printf \
			    '%p %y %m %n %U %G %T@ %l\n' |
			    grep -v '^[.] ' | sort) >list.now
		done
		atf_check cmp list.was list.now
		atf_check_equal "$(stat -c %i $now/etc/one)" \
		    "$(stat -c %i $now/etc/a/two)"
		[ "$(stat -c %b $now/holes)" -lt 100 ] || atf_fail "holes"
		atf_check -o inline:"on\n" gaol get -H -o value boot web
		atf_check gaol -q start web
		atf_check gaol -q destroy -f -y web
	done
}

atf_test_case named
named_head() {
	atf_set descr "names, properties, identity"
}
named_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web 'ip4.addr=10.9.8.7' host.hostname=web.example.org
	mkdir root/jails/web/layers/upper/etc
	echo web.example.org >root/jails/web/layers/upper/etc/hostname
	echo 1234 >root/jails/web/layers/upper/etc/machine-id
	atf_check -e ignore gaol export web a
	fails 73 "jail 'web' exists already; 'gaol import FILE NAME' gives it another name" \
	    -q import a
	fails 64 "'1' cannot be the name of a jail: a number alone is a jail id" \
	    import a 1
	fails 66 "nothing: No such file or directory" import nothing
	atf_check gaol -q import a other tag=new
	atf_check -o inline:"other {\n\trelease = base;\n\tstore = overlay;\n\ttype = thin;\n\ttag = new;\n}\n" \
	    cat root/jails/other/cell.conf
	atf_check -o empty cat root/jails/other/layers/upper/etc/machine-id
	atf_check -o inline:"other\n" cat root/jails/other/layers/upper/etc/hostname
	# the same, when it is gone
	atf_check gaol -q destroy -y web
	atf_check gaol -q import a --start
	atf_check -o inline:"web.example.org\n" gaol get -H -o value host.hostname web
	atf_check -o inline:"1234\n" cat root/jails/web/layers/upper/etc/machine-id
	# or its address is somebody's
	atf_check gaol -q destroy -f -y web
	atf_check gaol -q set other ip4.addr=10.9.8.7/24
	atf_check -e inline:"importing a\nweb: jail 'other' has one of its addresses; it gets a new identity\nweb: imported\n" \
	    gaol import a
	atf_check -o not-match:ip4 cat root/jails/web/cell.conf
}

atf_test_case plan
plan_head() {
	atf_set descr "-n tells and does nothing"
}
plan_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	make end:
	atf_check -e ignore -o match:"make the file tree of 'b' .store dir" \
	    -o match:"unpack a into it, and check it" \
	    -o match:"rename it in as" gaol -n import a b
	nothing_left
}

atf_test_case piped
piped_head() {
	atf_set descr "export | import"
}
piped_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	head -c 3000000 /dev/urandom >root/jails/web/layers/upper/noise
	atf_check -e ignore sh -c 'gaol export web - | gaol import - b'
	atf_check cmp root/jails/web/layers/upper/noise \
	    root/jails/b/layers/upper/noise
	atf_check -e ignore sh -c 'gaol export web - |
	    gaol -R "$PWD/root2" import -'
	atf_check cmp root/jails/web/layers/upper/noise root2/jails/web/root/noise
	# the store is told by what is there: no release, no thin jail
	atf_check -o match:"store = dir;" -o match:"type = thick;" \
	    cat root2/jails/web/cell.conf
	atf_check gaol -q destroy -y web b
	atf_check -s exit:66 -e match:"store overlay: no release 'base'" \
	    sh -c "mv root/releases/base .; gaol -R '$PWD/root2' export web - 2>/dev/null | gaol -q import -S overlay -"
	nothing_left
}

atf_test_case signed
signed_head() {
	atf_set descr "signatures are compared, and asked for"
}
signed_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	atf_check gaol -q key create me
	atf_check -e ignore gaol export web plain
	atf_check -e ignore gaol export --sign me web a
	atf_check gaol -q destroy -y web
	atf_check -e inline:"importing a\nweb: imported, signed by me\n" gaol import --verify a
	atf_check gaol -q destroy -y web
	atf_check -s exit:77 -e inline:"gaol: plain: it is not signed\n" \
	    gaol -q import --verify plain
	nothing_left
	key=$(cut -d ' ' -f 2 root/keys/me.pub)
	rm -r root/keys
	atf_check -s exit:77 -e inline:"gaol: a: it is signed by a key that is not trusted here ($key)\n" \
	    gaol -q import --verify a
	nothing_left
	atf_check -e match:"signed by a key that is not trusted here" gaol import a
	atf_check gaol -q destroy -y web
	# another's signature, of another archive
	good=$(printf %086d 0)==
	make "end::members 1|key $key|signature $good|"
	refused "a: wrong signature"
	make "end::members 1|key x|signature y|"
	refused "signature: damaged base64"
}

atf_test_case names
names_head() {
	atf_set descr "names and links that lead out, members that come twice"
}
names_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	long=$(printf %0256d 1)
	for name in root/../x root/a/../x root/./x root//x root/.. x ../x /x \
	    /etc/passwd rootx root/$long; do
		make "file:$name:x" end:
		refused "member '"
	done
	make dir:root/a link:root/a/up:.. file:root/a/up/x:x end:
	refused "member 'root/a/up/x': its directory does not come just before it"
	make link:root/out:/ dir:root/out/etc end:
	refused "member 'root/out/etc'"
	make file:root/f:x file:root/f/x:x end:
	refused "member 'root/f/x'"
	make file:root/f:x file:root/f:y end:
	refused "member 'root/f': it comes twice"
	make dir:root/d file:root/d:y end:
	refused "member 'root/d': it comes twice"
	make dir:root/d dir:root/d end:
	refused "member 'root/d': it comes twice"
	make link:root/l:x link:root/l:x end:
	refused "member 'root/l': it comes twice"
	make dir:root end:
	refused "member 'root': it comes twice"
	make hard:root/h:root/none end:
	refused "member 'root/h': hard link to a file that is not in the archive"
	make hard:root/h:/etc/passwd end:
	refused "member 'root/h': hard link"
	make hard:root/h:root/../../../etc/passwd end:
	refused "member 'root/h': hard link"
	make link:root/l:/etc hard:root/h:root/l/passwd end:
	refused "member 'root/h': hard link to a file that is not in the archive"
	make dir:root/d hard:root/h:root/d end:
	refused "member 'root/h': hard link to a directory"
	make dir:root/a dir:root/b file:root/a/x:x end:
	refused "member 'root/a/x': its directory does not come just before it"
	make char:root/null end:
	refused "member 'root/null': a device node, which only --devices lets in"
	make attr:root/a:SCHILY.acl.access=nonsense end:
	refused "member 'root/a': unreadable access control list"
	make sparse:root/s:0,4096,2048,10 end:
	refused "member 'root/s': damaged archive: the map of a sparse file"
	make sparse:root/s:0,2000000 end:
	refused "member 'root/s': damaged archive: the map of a sparse file"
	atf_check "$tools/mkgaol" a "$manifest" "$conf" file:root:x end:
	refused "member 'root': the root must be a directory"
	atf_check "$tools/mkgaol" a "$manifest" "$conf" file:root/x:x end:
	refused "member 'root/x': its directory does not come just before it"
}

atf_test_case framed
framed_head() {
	atf_set descr "wrong sums, wrong beginnings, wrong ends"
}
framed_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	make file:root/good:x file:root/bad:x badsum: file:root/next:x end:
	refused "a: member 'root/bad': wrong checksum"
	make file:root/last:x badsum: end:
	refused "a: member 'root/last': wrong checksum"
	make file:root/x:x
	refused "the archive is truncated"
	make file:root/x:x end: file:root/y:y
	refused "a member after the last one"
	make file:root/x:x end: stop:
	refused "the archive is truncated"
	make file:root/x:x "end::members 7|"
	refused "member 'gaol-end': it tells of other members than there are"
	make file:root/x:x raw::rubbish end:
	refused "damaged archive"
	atf_check "$tools/mkgaol" a end:
	refused "not an archive of gaol"
	atf_check "$tools/mkgaol" a "$manifest" dir:root end:
	refused "not an archive of gaol"
	atf_check "$tools/mkgaol" a 'manifest::gaol-archive 1|name web|' "$conf" dir:root end:
	refused "it does not tell name, kind and system"
	atf_check "$tools/mkgaol" a 'manifest::gaol-archive 1|name ../web|kind whole|os linux|' "$conf" dir:root end:
	refused "member 'gaol-archive'"
	atf_check "$tools/mkgaol" a "$manifest" 'conf::web { nonsense = 1; }' dir:root end:
	refused "a: cell.conf:1"
	atf_check "$tools/mkgaol" a 'manifest::gaol-archive 2|name web|' "$conf" dir:root end:
	atf_check -s exit:69 -e match:"made by a newer gaol" gaol -q import a
	atf_check "$tools/mkgaol" a 'manifest::gaol-archive 1|name web|kind whole|os plan9|' "$conf" dir:root end:
	atf_check -s exit:69 -e match:"plan9" gaol -q import a
	echo text >a
	refused "at its beginning"
	: >a
	refused "at its beginning"
	nothing_left
}

atf_test_case bomb
bomb_head() {
	atf_set descr "more than the limit is refused"
}
bomb_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	make zeros:root/big:100000000 end:
	[ "$(wc -c <a)" -lt 100000 ] || atf_fail "that is no bomb"
	refused "member 'root/big': more than 1.0M when unpacked" --max-size 1M
	make zeros:root/a:600000 zeros:root/b:600000 end:
	refused "member 'root/b': more than 1.0M when unpacked" --max-size 1M
	atf_check gaol -q import --max-size 2M a
}

atf_test_case truncated
truncated_head() {
	atf_set descr "cut off anywhere it is refused, and nothing is left"
}
truncated_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	head -c 600000 /dev/urandom >root/jails/web/layers/upper/noise
	atf_check -e ignore gaol export web whole
	atf_check gaol -q destroy -y web
	size=$(wc -c <whole) at=0 step=65536
	[ -z "$GAOL_CHECK_LONG" ] || step=4096
	while [ $at -lt "$size" ]; do
		head -c $at whole >a
		refused "a: "
		at=$((at + step))
	done
	head -c $((size - 1)) whole >a
	refused "a: "
	{ cat whole; echo x; } >a
	refused "a: "
}

atf_test_case flipped
flipped_head() {
	atf_set descr "a bit that is another is found"
}
flipped_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	head -c 100000 /dev/urandom >root/jails/web/layers/upper/noise
	atf_check -e ignore gaol export web whole
	atf_check gaol -q destroy -y web
	size=$(wc -c <whole) at=7
	while [ $at -lt "$size" ]; do
		python3 - $at <<'PYTHON'
import sys
data = bytearray(open('whole', 'rb').read())
data[int(sys.argv[1])] ^= 4
open('a', 'wb').write(data)
PYTHON
		refused "a: "
		at=$((at + 9973))
	done
}

atf_init_test_cases() {
	for t in again named plan piped signed names framed bomb truncated \
	    flipped; do
		atf_add_test_case $t
	done
}
