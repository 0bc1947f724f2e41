#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case tree
tree_head() {
	atf_set descr "into jails that run and that do not, out of them, between"
}
tree_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web tag=a
	jail db tag=a
	mkdir -p src/d/e
	echo one >src/f
	ln src/f src/d/hard
	ln -s ../f src/d/sym
	chmod 750 src/d
	truncate -s 1M src/holes
	touch -d @1000000000 src/f
	atf_check -e inline:"db: 6 files copied, 4\nweb: 6 files copied, 4\n" \
	    gaol cp src @a:/srv
	atf_check -s exit:0 -e inline:"6 files copied, 4\n" gaol cp web:/srv out
	atf_check -o inline:"one\n" cat out/d/hard
	atf_check -o inline:"../f" readlink -n out/d/sym
	atf_check -o inline:"750\n" stat -c %a out/d
	atf_check -o inline:"1000000000 2\n" stat -c '%Y %h' out/f
	atf_check -o inline:"1048576\n" stat -c %s out/holes
	atf_check gaol -q cp web:/srv/d/sym db:/srv/d/.
	mkdir more
	echo two >more/f
	atf_check gaol -q cp more/. db:/srv
	atf_check gaol -q cp db:/srv/f db:/srv/holes .
	atf_check -o inline:"two\n" cat f
	# a tree keeps what only it has; a name can do without the slash
	atf_check gaol -q cp db:srv/d .
	atf_check -o inline:"one\n" cat d/hard
	atf_check -o inline:"would copy src to db:/x\n" gaol -n cp src db:/x
	atf_check gaol -q start db
	atf_check gaol -q cp db:/srv/f web:/srv/f
	# within one, running and not
	atf_check gaol -q cp db:/srv/f db:/copy
	atf_check gaol -q stop db
	atf_check gaol -q cp db:/copy db:/copy2
	atf_check gaol -q cp db:/copy2 last
	atf_check -o inline:"two\n" cat last
	atf_check -o match:"cp	db	ok" gaol events -H
}

atf_test_case refused
refused_head() {
	atf_set descr "what cannot be is told, and nothing is in the way"
}
refused_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	jail db
	mkdir -p src/x
	echo one >f
	fails 66 "no jail named 'nope'" cp f nope:/
	fails 66 "no jail named 'nope'" cp nope:/f .
	fails 64 "cp: what is copied is of one jail, not of 'web' and 'db'" \
	    cp web:/a db:/b .
	fails 64 "cp: what is copied is of one jail, or all of the host" \
	    cp web:/a f .
	fails 66 "web: /no: No such file or directory" cp f web:/no/f
	fails 66 "web: /no/: No such file or directory" cp f web:/no/
	fails 66 "none: No such file or directory" cp none web:/
	atf_check gaol -q cp src web:/
	echo two >src/x/f
	atf_check gaol -q cp f web:/f
	fails 73 "web: /f is a file, and a directory comes" cp src web:/f
	echo file >x
	fails 73 "web: /src/x is a directory, and a file comes" cp x web:/src
	atf_check gaol -q cp web:/src/x here
	atf_check -o empty ls here
	# what one that was killed has left
	mkdir to
	echo half >to/.gaol-cp.0
	atf_check gaol -q cp web:/f to
	atf_check -o inline:"f\n" ls -A to
	# a colon in a name of the host
	echo three >a:b
	atf_check gaol -q cp ./a:b web:/a:b
	atf_check gaol -q cp web:/a:b out
	atf_check -o inline:"three\n" cat out
}

atf_init_test_cases() {
	atf_add_test_case tree
	atf_add_test_case refused
}
