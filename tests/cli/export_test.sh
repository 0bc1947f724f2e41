#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC1091,SC2154

# files NAME: what a jail of the thin store writes to.
files() {
	echo "root/jails/$1/layers/upper"
}

atf_test_case written
written_head() {
	atf_set descr "one file, readable by tar, under a name of its own"
}
written_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web boot=on
	mkdir -p "$(files web)/etc/deep" out
	echo one >"$(files web)/etc/one"
	ln "$(files web)/etc/one" "$(files web)/etc/two"
	atf_check -e match:"^web: exported to web-2[-0-9]*[.]gaol[.]tar[.]zst .4 of 5 files as " \
	    gaol export web
	set -- web-*.gaol.tar.zst
	[ -f "$1" ] || atf_fail "no file"
	atf_check_equal 600 "$(stat -c %a "$1")"
	zstd -dcq "$1" >tar
	atf_check -o inline:"gaol-archive\ncell.conf\nroot/\nroot/etc/\nroot/etc/one\nroot/etc/two\nroot/etc/deep/\ngaol-end\n" \
	    -e ignore sh -c 'tar tf tar | sed "/one$/{h;d};/two$/{G}" |
		sed "s,^root/etc/t.*,root/etc/two," | awk "
		/two/ { two = 1; next } /one/ { print; print \"root/etc/two\"; next } 1"'
	atf_check -o match:"boot = on;" -e ignore tar xOf tar cell.conf
	atf_check -o match:"^name web$" -o match:"^kind whole$" \
	    -o match:"^release base$" -o match:"^os linux$" \
	    -o match:"^gaol-archive 1$" -e ignore tar xOf tar gaol-archive
	atf_check -e match:"exported to out/web-" gaol export web out
	atf_check -e match:"exported to out/x[.]zst " gaol export web out/x.zst
	fails 73 "out/x.zst exists already" export web out/x.zst
	fails 66 "nowhere: No such file or directory" export web nowhere/x
	atf_check -e match:"standard output" -o save:piped gaol export web -
	atf_check -o match:"root/etc/one" -e ignore sh -c 'zstd -dcq piped | tar tf -'
	# nothing but what was asked for
	atf_check -o match:"^2$" sh -c 'ls -A out | wc -l'
}

atf_test_case plan
plan_head() {
	atf_set descr "-n tells and does nothing"
}
plan_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	atf_check -o match:"take a snapshot of 'web'" \
	    -o match:"write the files of 'web' to x" \
	    -o match:"destroy that snapshot" gaol -n export --live web x
	[ ! -e x ] || atf_fail "it was written"
	atf_check -o empty gaol snapshots -H web
}

atf_test_case running
running_head() {
	atf_set descr "of a running jail: a snapshot, which goes again"
}
running_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	echo one >"$(files web)/one"
	fails 75 "jail 'web' is running; --live exports a snapshot of it, or 'gaol stop web' first" \
	    export web x
	atf_check -e match:"exported to x" gaol export --live web x
	atf_check -o match:"^root/one$" -e ignore sh -c 'zstd -dcq x | tar tf -'
	atf_check -o empty gaol snapshots -H web
	atf_check gaol -q snapshot web s1
	rm -f "$(files web)/one"
	atf_check -e match:"exported to y" gaol export -s s1 web y
	atf_check -o match:"^root/one$" -e ignore sh -c 'zstd -dcq y | tar tf -'
	atf_check -o match:"^snapshot s1$" -e ignore \
	    sh -c 'zstd -dcq y | tar xOf - gaol-archive'
	fails 66 "jail 'web' has no snapshot 's9'; 'gaol snapshots web' lists them" \
	    export -s s9 web z
	fails 64 "--live takes a snapshot of its own: without -s" \
	    export --live -s s1 web z
	[ ! -e z ] || atf_fail "z is there"
}

atf_test_case changed
changed_head() {
	atf_set descr "a file that changes while it is read is named"
}
changed_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	head -c 40000000 /dev/urandom >"$(files web)/big"
	mkfifo pipe
	gaol export web - >pipe 2>err &
	pid=$!
	exec 3<pipe
	# it waits for us now, with most of the file before it
	head -c 1000 <&3 >/dev/null
	echo more >>"$(files web)/big"
	cat <&3 >/dev/null
	exec 3<&-
	status=0
	wait $pid || status=$?
	atf_check_equal 75 $status
	atf_check -o match:"gaol: big: it changed while it was read" cat err
}

atf_test_case broken
broken_head() {
	atf_set descr "a full disk or a broken pipe leaves no file"
}
broken_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	head -c 4000000 /dev/urandom >"$(files web)/big"
	atf_check -s exit:1 -e match:"No space left on device" \
	    sh -c 'gaol export web - >/dev/full'
	atf_check -s exit:1 -e match:"Broken pipe" \
	    sh -c '{ gaol export web - || echo $? >status; } | true; exit $(cat status)'
	# a limit of 512 KB, which is an error and not the end of us
	atf_check -s exit:1 -e match:"File too large" \
	    sh -c 'trap "" XFSZ; ulimit -f 512; gaol export web x'
	[ ! -e x ] && [ ! -e .x.new ] || atf_fail "something is left"
	# and nobody holds the jail
	atf_check gaol set web note=x
}

atf_test_case signed
signed_head() {
	atf_set descr "signed with a key of ours"
}
signed_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	fails 66 "no key named 'me'; 'gaol key list' lists them" \
	    export --sign me web x
	atf_check gaol -q key create me
	atf_check -e ignore gaol export --sign me web x
	atf_check -o match:"^signature " -o match:"^key $(cut -d ' ' -f 2 root/keys/me.pub | sed 's/+/[+]/g')$" \
	    -e ignore sh -c 'zstd -dcq x | tar xOf - gaol-end'
	rm root/keys/me.key
	fails 66 "key 'me' is trusted here, but we have not its secret part to sign with" \
	    export --sign me web y
}

atf_test_case recovered
recovered_head() {
	atf_set descr "the snapshot of a killed export goes with the next command"
}
recovered_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	atf_check gaol -q snapshot web export-1
	printf 'export export-1' >root/jails/.todo.web
	atf_check -e inline:"web: clearing up after an interrupted export export-1\nweb: snapshot s1\n" \
	    gaol snapshot web s1
	atf_check -o inline:"s1\n" gaol snapshots -H -o name web
	[ ! -e root/jails/.todo.web ] || atf_fail "the mark is there"
	# killed before there was one
	printf 'export export-2' >root/jails/.todo.web
	atf_check -e ignore gaol snapshot web s2
	[ ! -e root/jails/.todo.web ] || atf_fail "the mark is there"
}

atf_init_test_cases() {
	for t in written plan running changed broken signed recovered; do
		atf_add_test_case $t
	done
}
