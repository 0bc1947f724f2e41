#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154,SC2086,SC2016

# Two hosts: this one, and the state directory "there".
two_hosts() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	printf '#!/bin/sh\nshift\nexec "$@"\n' >rsh
	chmod +x rsh
	mkdir there
	send="send -e $PWD/rsh --remote-root $PWD/there"
}
there() {
	gaol -R "$PWD/there" "$@"
}
# sends [OPTION...]: and how many bytes of data that took.
sends() {
	gaol $send "$@" >out 2>&1 || atf_fail "send: $(cat out)"
	data=$(sed -n 's/.* to other, \(.*\) of data in .*/\1/p' out)
}
# A thick jail with some files, old enough that their times tell.
thick() {
	jail web store=dir note=hello boot=on
	files=root/jails/web/root
	echo one >$files/one
	mkdir $files/dir
	echo two >$files/dir/two
	ln $files/dir/two $files/linked
	ln -s ../../etc $files/dir/out
	sleep 3
}
same() {
	# times of directories of access aside, all that find(1) tells
	for side in root/jails/web/root there/jails/web/root; do
		(cd $side && find . -printf '%p %y %m %U %G %s %T@ %n %l\n' |
		    sort)
	done >both
	half=$(($(wc -l <both) / 2))
	head -n $half both >here
	tail -n +$((half + 1)) both >far
	atf_check cmp here far
	atf_check diff -r --no-dereference root/jails/web/root \
	    there/jails/web/root
}

atf_test_case copies
copies_head() {
	atf_set descr "the first time all, then what has changed"
}
copies_body() {
	two_hosts
	thick
	sends web other
	same
	atf_check -o match:'boot = off' -o match:'note = hello' \
	    -o match:'replica = "[0-9a-f]* ' cat there/jails/web/cell.conf
	sleep 3
	sends web other
	atf_check_equal 0 "$data"
	echo three >root/jails/web/root/three
	rm root/jails/web/root/linked
	chmod 600 root/jails/web/root/one
	rm -r root/jails/web/root/dir/out
	mkdir root/jails/web/root/dir/out
	sends web other
	atf_check_equal 6 "$data"
	same
	atf_check -o inline:"web\n" ls -A there/jails
	there doctor >out
	atf_check -s exit:1 -o empty grep -E 'warning|bad' out
}

atf_test_case release
release_head() {
	atf_set descr "a thin jail brings its release, once"
}
release_body() {
	two_hosts
	jail web
	echo one >root/jails/web/layers/upper/one
	atf_check -e match:"release 'base' is missing there and is sent, too" \
	    -e match:"web: sent to other" gaol $send web other
	atf_check diff -r root/releases/base/root there/releases/base/root
	atf_check -e not-match:"release" -e match:"sent" gaol $send web other
	atf_check -o inline:"web\n" ls there/jails
	atf_check -o match:"^base" gaol -R there releases -H
	atf_check diff -r root/jails/web/layers/upper \
	    there/jails/web/layers/upper
	# one with other files is left as it is
	echo other >there/releases/base/root/bin/sh
	rm there/releases/base/digest
	atf_check -e match:"release 'base' there has other files" \
	    -e match:"sent" gaol $send web other
	atf_check -o inline:"other\n" cat there/releases/base/root/bin/sh
}

atf_test_case refused
refused_head() {
	atf_set descr "what is no copy is not overwritten"
}
refused_body() {
	two_hosts
	thick
	sends web other
	atf_check -e ignore gaol -R there start web
	fails 75 "other: a jail 'web' runs there" $send web other
	atf_check -e ignore gaol -R there stop web
	echo mine >there/jails/web/root/mine
	fails 73 "other: jail 'web' there is no copy of this one, or was started since; --force makes it one, --name NEW sends beside it" \
	    $send web other
	atf_check -o inline:"mine\n" cat there/jails/web/root/mine
	sends --name web2 web other
	atf_check diff -r --no-dereference root/jails/web/root there/jails/web2/root
	there -q set web protect=on
	fails 77 "other: jail 'web' there is protected" $send -f web other
	there -q set web protect=off
	sends -f web other
	same
	fails 64 "'-x' is no [USER@]HOST" send web -- -x
	fails 64 "'a;b' is no [USER@]HOST" send web 'a;b'
	fails 64 "the command 'a\$(b)' has characters that a shell there would not take as they are" \
	    send --remote-gaol 'a$(b)' web other
	fails 64 "one of --move, --abort and --snapshot" \
	    $send --move -s x web other
	atf_check -s exit:66 -e match:"no jail" gaol $send nojail other
}

atf_test_case snapshot
snapshot_head() {
	atf_set descr "a running jail is sent by a snapshot, or by one named"
}
snapshot_body() {
	two_hosts
	running web
	echo one >root/jails/web/layers/upper/one
	sends web other
	atf_check -o empty gaol snapshots -H web
	atf_check -o inline:"one\n" cat there/jails/web/layers/upper/one
	atf_check gaol -q snapshot web s1
	echo two >root/jails/web/layers/upper/one
	sends -s s1 web other
	atf_check -o inline:"one\n" cat there/jails/web/layers/upper/one
	fails 66 "jail 'web' has no snapshot 's2'; 'gaol snapshots web' lists them" \
	    $send -s s2 web other
	atf_check gaol -q create -r base thick store=dir
	atf_check gaol -q start thick
	atf_check -s exit:75 -e match:"jail 'thick' runs, and store dir has no cheap snapshots" \
	    gaol $send thick other
	fails 64 "names of snapshots that begin with gaol- are gaol's own" \
	    snapshot web gaol-x
}

atf_test_case move
move_head() {
	atf_set descr "a jail runs on one of the two hosts"
}
move_body() {
	two_hosts
	running web boot=on
	echo one >root/jails/web/layers/upper/one
	atf_check -e match:"web: moved to other" gaol $send --move web other \
	    2>&1
	atf_check -o empty gaol list -H
	atf_check -o inline:"web\trunning\n" gaol -R there list -H -o name,state
	atf_check -o empty ls -A root/jails
	[ ! -e there/moves ] || atf_fail "the move is still remembered"
	atf_check -o inline:"web\n" ls -A there/jails
	atf_check -o match:"boot = on" -o not-match:"move|replica" \
	    cat there/jails/web/cell.conf
	# one that does not run stays so; and back again
	atf_check -e ignore gaol -R there stop web
	atf_check -e match:"web: moved to here" gaol -R there send --move \
	    -e "$PWD/rsh" --remote-root "$PWD/root" web here
	states "web stopped"
	atf_check -o empty ls -A there/jails
}

atf_test_case interrupted
interrupted_head() {
	atf_set descr "a move that was broken off is completed or taken back"
}
interrupted_body() {
	two_hosts
	id=0123456789abcdef0123456789abcdef
	jail web
	echo one >root/jails/web/layers/upper/one
	# the mark was made, the other host has not got it
	gaol -q set web "move=to $id other running"
	fails 75 "jail 'web' is on its way to other, where it may run already; 'gaol send --move web other' completes that, --abort instead of --move takes it back" \
	    start web
	fails 75 "jail 'web' is on its way to other; 'gaol send --move web other' completes that, --abort takes it back" \
	    $send web other
	atf_check -s exit:75 -e ignore gaol $send --move web third
	atf_check -e match:"web: is this host's again, and started" \
	    gaol $send --abort web other
	states "web running"
	atf_check -s exit:1 -e match:"is not on its way" \
	    gaol $send --abort web other
	atf_check gaol -q stop web
	# the copy came, but was not taken over: it does not start there
	gaol -q set web "move=to $id other running"
	atf_check -e ignore gaol $send -N web --move web other
	atf_check gaol -R there -q stop web
	gaol -R there -q set web "move=from $id here running"
	fails 75 "jail 'web' is on its way here from here; 'gaol send --move web' there completes it" \
	    -R there start web
	# it was taken over, and the answer was lost
	mkdir there/moves
	echo web >there/moves/$id
	jail web
	gaol -q set web "move=to $id other running"
	atf_check -s exit:75 -e match:"other has taken 'web' over already" \
	    gaol $send --abort web other
	atf_check -s exit:75 -e ignore gaol start web
	atf_check -e match:"moved to other" gaol $send --move web other
	atf_check -o empty ls -A root/jails
	atf_check -o inline:"web\trunning\n" gaol -R there list -H -o name,state
	[ ! -e there/moves ] || atf_fail "the move is still remembered"
}

atf_test_case fails_there
fails_there_head() {
	atf_set descr "a jail that cannot start there runs here again"
}
fails_there_body() {
	two_hosts
	running web exec.prestart="! mv $PWD/no $PWD/used 2>/dev/null"
	touch no
	atf_check -s exit:1 -e match:"it was started here again, for: other: it did not start" \
	    gaol $send --move web other
	states "web running"
	atf_check -o inline:"web\tstopped\n" gaol -R there list -H -o name,state
	atf_check -s exit:75 -e match:"on its way here" gaol -R there start web
	atf_check -e match:"moved to other" gaol $send --move web other
	atf_check -o empty gaol list -H
	atf_check -o inline:"web\trunning\n" gaol -R there list -H -o name,state
}

atf_test_case cut
cut_head() {
	atf_set descr "a connection that breaks at any point"
}
cut_body() {
	two_hosts
	thick
	head -c 1000000 /dev/urandom >root/jails/web/root/big
	cat >cutting <<'end'
#!/bin/sh
shift
dd bs=4096 iflag=count_bytes count="$CUT" 2>/dev/null | "$@"
end
	chmod +x cutting
	for CUT in 10 100 300 700 1500 3000 100000 400000; do
		export CUT
		atf_check -s not-exit:0 -o ignore -e ignore gaol send \
		    -e "$PWD/cutting" --remote-root "$PWD/there" web other
		[ ! -e there/jails/web ] || atf_fail "half of a jail is there"
	done
	there doctor >out
	atf_check -o match:"a part of it that an interrupted send left" cat out
	sends web other
	same
	case $data in
	1.0M|977K|1000*) atf_fail "all was sent again: $data" ;;
	esac
	# and of a copy that is there: it stays what it was
	cp -a there/jails/web/root was
	sleep 3
	head -c 1000000 /dev/urandom >root/jails/web/root/big
	for CUT in 300 1500 3000 400000; do
		atf_check -s not-exit:0 -o ignore -e ignore gaol send \
		    -e "$PWD/cutting" --remote-root "$PWD/there" web other
		atf_check diff -r --no-dereference was there/jails/web/root
	done
	there -q doctor --repair >out 2>&1
	atf_check -o inline:"web\n" ls -A there/jails
	atf_check diff -r --no-dereference was there/jails/web/root
	sends web other
	same
}

atf_test_case plan
plan_head() {
	atf_set descr "-n tells and does nothing"
}
plan_body() {
	two_hosts
	jail web
	atf_check -o match:"^would send 'web' to 'web' on other, start it there and remove it here$" \
	    gaol -n $send --move web other
	atf_check -o empty ls -A there
}

atf_init_test_cases() {
	for t in copies release refused snapshot move interrupted fails_there \
	    cut plan; do
		atf_add_test_case $t
	done
}
