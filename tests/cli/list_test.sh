#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case table
table_head() {
	atf_set descr "the usual columns"
}
table_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web boot=on tag=prod,front net=inherit
	running db
	atf_check -o save:out gaol list
	sed 's/[0-9]*s$/0s/' out >out0
	cat >expected <<-end
	NAME  STATE    JID  RELEASE  NET      BOOT  TAGS        UP
	db    running  1    base     none     off   -           0s
	web   stopped  -    base     inherit  on    prod,front  -
	end
	atf_check -o file:expected cat out0
	atf_check -o file:out0 -x "gaol ls | sed 's/[0-9]*s\$/0s/'"
}

atf_test_case none
none_head() {
	atf_set descr "a header, or nothing, or an empty array"
}
none_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	printf 'NAME  STATE  JID  RELEASE  NET  BOOT  TAGS  UP\n' >expected
	atf_check -o file:expected gaol list
	atf_check -o file:expected gaol list ALL
	atf_check gaol list -H
	atf_check -o inline:"[]\n" gaol list -j
}

atf_test_case json
json_head() {
	atf_set descr "types, and null for what is not there"
	atf_set require.progs jq
}
json_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web boot=on tag=prod,front
	running db
	atf_check -o save:out gaol list -j
	started=$(jq '.[0].started' out)
	now=$(date +%s)
	[ "$started" -le "$now" ] && [ "$started" -gt $((now - 60)) ] ||
	    atf_fail "started $started, now $now"
	printf '[{%s,"started":%s},\n {%s,"started":null}]\n' \
	    '"name":"db","state":"running","jid":1,"release":"base",'\
'"net":["none"],"boot":false,"tags":[]' "$started" \
	    '"name":"web","state":"stopped","jid":null,"release":"base",'\
'"net":["none"],"boot":true,"tags":["prod","front"]' >expected
	atf_check -o file:expected cat out
}

atf_test_case columns
columns_head() {
	atf_set descr "-o, every column there is"
}
columns_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web priority=7 depend=a,b note="a b" host.hostname=h.example
	atf_check -o inline:"NAME  PATH\nweb   $root/jails/web\n" \
	    gaol list -o name,path
	atf_check -o inline:"7\ta,b\toverlay\tthin\th.example\ta b\tweb\tweb\n" \
	    gaol list -H -o priority,depend,store,type,hostname,note,NAME,name
	there="(there are: name state jid release net boot tags started \
priority depend store type hostname note addresses ports path)"
	fails 64 "no column 'nme' $there" list -o name,nme
	fails 64 "no column '' $there" list -o ""
	fails 64 "no column 'nme' $there" list -s nme
}

atf_test_case sort
sort_head() {
	atf_set descr '-s, and "-" for descending'
}
sort_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail a priority=30
	jail b priority=5
	running c priority=30
	atf_check -o inline:"b\na\nc\n" gaol list -H -o name -s priority
	atf_check -o inline:"a\nc\nb\n" gaol list -H -o name -s -priority
	atf_check -o inline:"c\nb\na\n" gaol list -H -o name --sort=-name
	atf_check -o inline:"c\na\nb\n" gaol list -H -o name -s -jid
	atf_check -o inline:"a\nb\nc\n" gaol list -H -o name -s UP
}

atf_test_case choose
choose_head() {
	atf_set descr "by name, tag, pattern, property, and by running"
}
choose_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web tag=prod,front boot=on
	running web2 tag=prod note=""
	jail db depend=web
	atf_check -o inline:"web\n" gaol list -H -o name web
	atf_check -o inline:"db\nweb\n" gaol list -H -o name web db web
	atf_check -o inline:"web\nweb2\n" gaol list -H -o name @prod
	atf_check -o inline:"web2\n" gaol list -H -o name 'web?'
	atf_check -o inline:"web2\n" gaol list -H -o name -r
	atf_check -o inline:"web\n" gaol list -H -o name boot=on
	atf_check -o inline:"web\n" gaol list -H -o name tag=front tag=prod
	atf_check gaol list -H -o name tag=front boot=off
	atf_check -o inline:"db\n" gaol list -H -o name tag=
	atf_check -o inline:"db\n" gaol list -H -o name depend=web release=base
	atf_check gaol list -H release=none
	fails 66 "no jail named 'we' (did you mean 'web'?)" list we
	fails 66 "no jail has the tag 'rpod' (did you mean 'prod'?)" list @rpod
	fails 66 "no jail's name matches 'x*'" list 'x*'
	fails 64 "list: cannot choose by 'env'; 'gaol get env ALL' shows it" \
	    list env=A
}

atf_test_case broken
broken_head() {
	atf_set descr "a file that is wrong is a row and a warning"
}
broken_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail a
	jail b
	running c
	echo 'b { nonsense = 1; }' | conf b
	echo 'c {' | conf c
	printf 'a\tstopped\tbase\nb\tbroken\t-\nc\tbroken\t-\n' >expected
	atf_check -o file:expected \
	    -e match:"^gaol: warning: $root/jails/b/cell.conf:1:5: unknown \
property 'nonsense'$" -e match:"^gaol: warning: $root/jails/c/cell.conf:" \
	    gaol list -H -o name,state,release
	atf_check -o inline:"c\t1\n" -e ignore gaol list -rH -o name,jid
	atf_check -o inline:"a\n" gaol list -H -o name a
	atf_check -o ignore -e inline:'{"warning":{"message":"'"$root"\
'/jails/b/cell.conf:1:5: unknown property '"'nonsense'"'"}}\n' \
	    gaol list -j b
}

atf_test_case addresses
addresses_head() {
	atf_set descr "are shown where there are some"
}
addresses_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail a ip4.addr=10.0.0.1,10.0.0.2 net=inherit
	jail b ip6.addr=fd00::1 ip4.addr=10.0.0.3
	atf_check -o inline:"10.0.0.1,10.0.0.2\n10.0.0.3,fd00::1\n" \
	    gaol list -H -o net
}

atf_test_case no_jails
no_jails_head() {
	atf_set descr "what lies beside the jails is none of them"
}
no_jails_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	mkdir root/jails/lost+found root/jails/empty root/jails/.new.x
	touch root/jails/file
	states "web stopped"
}

atf_test_case died
died_head() {
	atf_set descr "one that ended by itself is stopped"
}
died_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	dies web
	states "web stopped"
}

atf_test_case remembers
remembers_head() {
	atf_set descr "each change shows at once"
}
remembers_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail a note=one
	jail b note=one
	sleep 1.1
	atf_check -o inline:"one\none\n" gaol list -H -o note
	[ -s root/run/list ] || atf_fail "there is no cache"
	atf_check gaol set a note=two
	atf_check -o inline:"two\none\n" gaol list -H -o note
	sed s/one/six/ root/jails/b/cell.conf >copy
	cat copy | conf b
	atf_check -o inline:"two\nsix\n" gaol list -H -o note
	atf_check gaol -q destroy -y a
	jail c note=new
	atf_check -o inline:"b\tsix\nc\tnew\n" gaol list -H -o name,note
	echo damaged >root/run/list
	atf_check -o inline:"b\tsix\nc\tnew\n" gaol list -H -o name,note
}

atf_test_case escapes
escapes_head() {
	atf_set descr "nothing of a file reaches the terminal as it is"
}
escapes_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	printf 'web { release = base; note = "x\033]0;evil\007"; }' | conf web
	gaol list >out 2>&1
	gaol -j list >>out 2>&1
	gaol show web >>out 2>&1
	gaol -j doctor >>out 2>&1
	gaol set "$(printf 'web\033[2J')" boot=on >>out 2>&1
	gaol "$(printf '\033[2J')" >>out 2>&1
	gaol -j start "$(printf '\033[2J*')" >>out 2>&1
	[ -s out ] || atf_fail "nothing was told"
	# nor does a name make a second line
	fails 66 "no jail's name matches 'x?gaol: all is well*'" \
	    list "$(printf 'x\ngaol: all is well*')"
	! LC_ALL=C grep -q "[$(printf '\001-\010\013-\037\177')]" out ||
	    atf_fail "$(cat -v out)"
}

atf_test_case pipe
pipe_head() {
	atf_set descr "nobody reads: quiet end by SIGPIPE"
}
pipe_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	{
		sleep 0.3
		status=0
		gaol list 2>err || status=$?
		echo $status >status
	} | true
	while [ ! -s status ]; do sleep 0.1; done
	atf_check -o inline:"$((128 + $(kill -l PIPE)))\n" cat status
	atf_check cat err
}

atf_test_case full
full_head() {
	atf_set descr "what cannot be written is an error"
}
full_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	atf_check -s exit:1 -e inline:"gaol: stdout: write: No space left on \
device\n" -x "gaol list >/dev/full"
}

atf_test_case foreign
foreign_head() {
	atf_set descr "jails that others made are shown, not chosen"
}
foreign_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	mkdir -p root/fake
	jid=$(gaol list -H -o jid web)
	printf '77 postgres /jails/db db.example\n%s web /x web\n' "$jid" \
	    >root/fake/.others
	atf_check -o inline:"web	running	-
postgres	foreign	db.example
" gaol list -H -o name,state,hostname
	atf_check -o inline:"77	/jails/db
" -x "gaol list -H -o state,jid,path | sed -n 's/^foreign	//p'"
	atf_check -o inline:"web\n" gaol list -H -o name ALL
	fails 66 "no jail named 'postgres'" stop postgres
}

atf_init_test_cases() {
	atf_add_test_case table
	atf_add_test_case none
	atf_add_test_case json
	atf_add_test_case columns
	atf_add_test_case sort
	atf_add_test_case choose
	atf_add_test_case broken
	atf_add_test_case addresses
	atf_add_test_case no_jails
	atf_add_test_case died
	atf_add_test_case remembers
	atf_add_test_case escapes
	atf_add_test_case pipe
	atf_add_test_case full
	atf_add_test_case foreign
}
