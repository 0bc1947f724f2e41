#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case thin
thin_head() {
	atf_set descr "a jail and what its file says"
}
thin_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check -e inline:"web: created\n" gaol create web -r base
	printf '%s\n\t%s;\n\t%s;\n\t%s;\n}\n' "web {" "release = base" \
	    "store = overlay" "type = thin" >expected
	atf_check -o file:expected cat root/jails/web/cell.conf
	states "web stopped"
}

atf_test_case properties
properties_head() {
	atf_set descr "PROP=VALUE, before and after the options"
}
properties_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check -e ignore gaol create boot=on web -r base tag=a,b tag+=c \
	    note="two words"
	cat >expected <<-end
	web	boot	on
	web	tag	a,b,c
	web	note	two words
	end
	atf_check -o file:expected gaol get -H -o name,property,value \
	    boot,tag,note web
	atf_check -e ignore gaol create other release=base
	atf_check -o inline:"base\n" gaol get -H -o value release other
}

atf_test_case store
store_head() {
	atf_set descr "-t and -S, and what excludes them"
}
store_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check -e ignore gaol create thick -t -r base
	atf_check -o inline:"dir\nthick\n" gaol get -H -o value store,type thick
	atf_check -o inline:"program\n" cat root/jails/thick/root/bin/sh
	atf_check -e ignore gaol create dir --store=dir -r base
	atf_check -o inline:"thick\n" gaol get -H -o value type dir
	fails 69 "store 'zfs' does not exist on this host" \
	    create x -S zfs -r base
	fails 64 "a thick jail cannot lie on store overlay; store=dir holds it" \
	    create x -t -S overlay -r base
	states "dir stopped thick stopped"
}

atf_test_case several
several_head() {
	atf_set descr "each is made; one that fails keeps no other from it"
}
several_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail b
	printf 'a: created\ngaol: b: %s\nc: created\ngaol: %s\n' \
	    "jail 'b' exists already" \
	    "create failed for 1 of 3: b" >expected
	atf_check -s exit:1 -e file:expected gaol create a b c -r base
	states "a stopped b stopped c stopped"
	atf_check -e inline:"d: created\n" gaol create d d d -r base
}

atf_test_case start
start_head() {
	atf_set descr "-s starts it as well"
}
start_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check -e inline:"web: created\nweb: started\n" \
	    gaol create -s web -r base
	states "web running"
	fails 1 "'bad' was created, but did not start: exec.prestart: 'false' \
ended with status 1" -q create -s bad -r base exec.prestart=false
	states "bad stopped web running"
}

atf_test_case exists
exists_head() {
	atf_set descr "status 73, and the old one stays"
}
exists_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web note=mine
	fails 73 "jail 'web' exists already" create web -r base note=other
	atf_check -o inline:"mine\n" gaol get -H -o value note web
}

atf_test_case release
release_head() {
	atf_set descr "the release is needed, and has to be there"
}
release_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	fails 64 "which release? -r NAME ('gaol releases' lists them)" \
	    create web
	fails 66 "no release 'bsae' (did you mean 'base'?); 'gaol bootstrap \
bsae' gets it" create web -r bsae
	fails 64 "'../base' cannot be the name of a release: only A-Z \
a-z 0-9 . _ - may stand in it" create web -r ../base
	atf_check -o inline:"" ls root/jails
}

atf_test_case names
names_head() {
	atf_set descr "what cannot be a name is refused before anything is made"
}
names_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	no="cannot be the name of a jail"
	fails 64 "'a b' $no: only A-Z a-z 0-9 . _ - may stand in it" \
	    create good 'a b' -r base
	fails 64 "'../x' $no: only A-Z a-z 0-9 . _ - may stand in it" \
	    create ../x -r base
	fails 64 "'ALL' $no: it is a reserved word" create ALL -r base
	fails 64 "'17' $no: a number alone is a jail id" create 17 -r base
	fails 64 "'-x' $no: it must begin with a letter, a digit or _" \
	    create -r base -- -x
	fails 64 "'@web' $no: only A-Z a-z 0-9 . _ - may stand in it" \
	    create @web -r base
	fails 64 "that $no: only A-Z a-z 0-9 . _ - may stand in it" \
	    create "$(printf 'we\033[31mb')" -r base
	atf_check -o inline:"" ls root/jails
}

atf_test_case wrong_properties
wrong_properties_head() {
	atf_set descr "nothing is made with a property that is not right"
}
wrong_properties_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	fails 64 "unknown property 'bot' (did you mean 'boot'?)" \
	    create web -r base bot=on
	fails 64 "boot: 'maybe' is neither on nor off" \
	    create web -r base boot=maybe
	fails 64 "jid cannot be set" create web -r base jid=4
	fails 64 "net: 'a/b' cannot be the name of a network: only A-Z a-z 0-9 \
. _ - may stand in it" create web -r base net=a/b
	atf_check -o inline:"" ls -A root/jails
}

atf_test_case usage
usage_head() {
	atf_set descr "wrong command lines"
}
usage_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	u="(usage: gaol create [-tsk] [-r RELEASE] [-S STORE] [-T TEMPLATE] [-a NAME=VALUE] [--arg-file FILE] [--no-cache] [-P N] name... \
[PROP=VALUE...])"
	fails 64 "create: an operand is missing $u" create
	fails 64 "create: an operand is missing $u" create -r base boot=on
	fails 64 "create: option -r needs a value $u" create web -r
	fails 64 "create: unknown option -x $u" create web -x base
	fails 64 "create: unknown option --relase (did you mean --release?) $u" \
	    create web --relase base
	fails 64 "create: -P: 0 is not between 1 and 256" \
	    create a b -r base -P 0
}

atf_test_case plan
plan_head() {
	atf_set descr "-n tells the steps and makes nothing"
	atf_set require.progs jq
}
plan_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	printf '%s\n' "would make the file tree of 'web' (store overlay) \
from release base" "would write $root/jails/web/cell.conf:" "web {" \
	    "	release = base;" "	store = overlay;" "	type = thin;" \
	    "}" "would rename it in as $root/jails/web" \
	    "would start 'web'" >expected
	atf_check -o file:expected gaol -n create -s web -r base
	atf_check -o inline:"" ls -A root/jails
	atf_check -o save:plan gaol -n -j create web db -r base
	atf_check -o inline:"6\n" jq '.plan | length' plan
	fails 66 "no release 'none'; 'gaol bootstrap none' gets it" \
	    -n create web -r none
}

atf_test_case templates
templates_head() {
	atf_set descr "templates of the settings, of -T, their FROM; all or nothing"
}
templates_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	for t in all thin web; do
		mkdir -p "root/templates/x/$t"
		echo "CMD echo of $t" >"root/templates/x/$t/Bastillefile"
	done
	mkdir -p root/templates/x/from
	printf 'FROM base\nARG+ PORT\nTAG p${PORT}\n' \
	    >root/templates/x/from/Bastillefile
	echo 'net = none; template.base = "x/all"; template.thin = "x/thin";' >gaol.conf
	export GAOL_CONF="$PWD/gaol.conf"
	atf_check -e save:told gaol create web -T x/web -T x/from -a PORT=80
	atf_check -o inline:"of all\nof thin\nof web\n" \
	    sed -n 's/^web| //p' told
	states "web stopped"
	atf_check -o inline:"p80\n" gaol get -H -o value tag web
	atf_check -e ignore gaol create run -s -T x/web -r base
	states "run running web stopped"
	atf_check -o match:"would apply template x/web" \
	    gaol -n create other -r base -T x/web
	# all of it or nothing
	echo "CMD exit 3" >>root/templates/x/web/Bastillefile
	atf_check -s exit:1 -e match:"'new' was not created: .*:2: CMD exit 3" \
	    gaol create new -r base -T x/web
	states "run running web stopped"
	atf_check -s exit:1 -e match:"'new' was created, but" \
	    gaol create new -r base -T x/web --keep
	atf_check -s exit:64 -e match:"a value for PORT is needed" \
	    gaol create bad -T x/from
	atf_check -s exit:66 -e ignore gaol create bad -r base -T x/none
	states "new running run running web stopped"
}

atf_init_test_cases() {
	atf_add_test_case thin
	atf_add_test_case properties
	atf_add_test_case store
	atf_add_test_case several
	atf_add_test_case start
	atf_add_test_case exists
	atf_add_test_case release
	atf_add_test_case names
	atf_add_test_case wrong_properties
	atf_add_test_case usage
	atf_add_test_case plan
	atf_add_test_case templates
}
