#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

setup() {
	GAOL_CONF=$(atf_get_srcdir)/gaol.conf
	export GAOL_ROOT="$PWD/root" GAOL_CONF LC_ALL=C TZ=UTC
	releases=$PWD/root/releases
}

# release NAME [SHA256]: as bootstrap leaves it.
release() {
	mkdir -p "$releases/$1/root/bin"
	{
		printf '%s {\n\tos = linux;\n\tsource = web.tar;\n' "$1"
		[ -z "$2" ] || printf '\tsha256 = %s;\n' "$2"
		printf '\tcreated = 1732390000;\n\tbytes = 2097152;\n}\n'
	} >"$releases/$1/release.conf"
}

# jail NAME RELEASE
jail() {
	mkdir -p "root/jails/$1"
	printf '%s {\n\trelease = %s;\n}\n' "$1" "$2" \
	    >"root/jails/$1/cell.conf"
}

atf_test_case none
none_head() {
	atf_set descr "before there is any"
}
none_body() {
	setup
	atf_check -o inline:'NAME  OS  SIZE  USED-BY  CREATED  SOURCE\n' \
	    gaol releases
	atf_check gaol -H releases
	atf_check -o inline:'[]\n' gaol -j releases
}

atf_test_case list
list_head() {
	atf_set descr "as a table, tab-separated, and JSON"
}
list_body() {
	setup
	release web abcd
	release app
	jail one web
	jail two web
	atf_check -o inline:'NAME  OS     SIZE  USED-BY  CREATED           SOURCE
app   linux  2.0M  0        2024-11-23 19:26  web.tar
web   linux  2.0M  2        2024-11-23 19:26  web.tar
' gaol releases
	atf_check -o inline:'app	linux	2097152	0	1732390000	web.tar	-
web	linux	2097152	2	1732390000	web.tar	abcd
' gaol -H releases
	atf_check -o save:json gaol -j releases
	atf_check -o inline:'web linux 2097152 2 1732390000 web.tar abcd None\n' \
	    python3 -c '
import json
app, web = json.load(open("json"))
print(*(web[k] for k in ("name", "os", "bytes", "used_by", "created",
    "source", "sha256")), app["sha256"])'
}

atf_test_case broken
broken_head() {
	atf_set descr "one that cannot be read does not hide the others"
}
broken_body() {
	setup
	release web
	mkdir -p "$releases/bad/root" "$releases/empty"
	echo 'bad { os = linux; created = soon; }' >"$releases/bad/release.conf"
	atf_check -s exit:66 -o match:'^web ' \
	    -e match:"^gaol: bad: $releases/bad/release.conf:1:19: 'soon' is not a number\$" \
	    -e match:"^gaol: empty: no release 'empty'" gaol releases
	atf_check -s exit:78 \
	    -e inline:"gaol: $releases/bad/release.conf:1:19: 'soon' is not a number\n" \
	    gaol create x -r bad
	# it can still be destroyed
	atf_check -e inline:'bad: destroyed\n' gaol releases -d bad -y
	atf_check -e inline:'empty: destroyed\n' gaol releases -d empty -y
	atf_check -o inline:'web\n' ls -A "$releases"
}

atf_test_case destroy
destroy_head() {
	atf_set descr "destroyed, by name, when asked with -y"
}
destroy_body() {
	setup
	release web
	release app
	release api
	atf_check -s exit:64 -e inline:'gaol: releases: no terminal to ask on; -y answers yes\n' \
	    gaol releases -d web
	atf_check -o inline:"would rename $releases/web away
would remove all files of release 'web'
" gaol -n releases -d web
	[ -d "$releases/web/root/bin" ] || atf_fail "it is gone"
	atf_check -e inline:'web: destroyed\napi: destroyed\n' \
	    gaol releases -d web api -y
	atf_check -o inline:'app\n' ls -A "$releases"
	[ -z "$(ls root/run/*.lock 2>/dev/null)" ] || atf_fail "a lock is left"
}

atf_test_case destroy_refused
destroy_refused_head() {
	atf_set descr "not while a jail stands on it"
}
destroy_refused_body() {
	setup
	release web
	release app
	jail one web
	atf_check -s exit:75 -e inline:"gaol: release 'web' is used by jail one\n" \
	    gaol releases -d web -y
	jail two web
	atf_check -s exit:75 -e inline:"gaol: release 'web' is used by jails one, two\n" \
	    gaol releases -d app web -y
	[ -d "$releases/app" ] || atf_fail "app went first"
	# a jail that cannot be read may stand on any
	echo 'two {' >root/jails/two/cell.conf
	atf_check -s exit:75 -e inline:"gaol: release 'app' is used by jail two (its cell.conf is broken)\n" \
	    gaol releases -d app -y
	rm -r root/jails/two
	atf_check -e ignore gaol releases -d app -y
	rm -r root/jails/one
	atf_check -e ignore gaol releases -d web -y
}

atf_test_case wrong_input
wrong_input_head() {
	atf_set descr "messages"
}
wrong_input_body() {
	setup
	release web
	atf_check -s exit:64 -e inline:"gaol: releases -d: which? 'gaol releases' lists them\n" \
	    gaol releases -d
	atf_check -s exit:64 -e inline:'gaol: releases takes names with -d only\n' \
	    gaol releases web
	atf_check -s exit:66 -e inline:"gaol: no release 'wep' (did you mean 'web'?); 'gaol bootstrap wep' gets it\n" \
	    gaol releases -d wep -y
	atf_check -s exit:66 -e inline:"gaol: no release 'debian-12'; 'gaol bootstrap debian-12' gets it\n" \
	    gaol releases -d debian-12 -y
	atf_check -s exit:64 -e match:'^gaol: ' gaol releases -d ../web -y
	atf_check -s exit:64 -e match:'^gaol: ' gaol releases -d . -y
	[ -d "$releases/web" ] || atf_fail "it is gone"
}

atf_init_test_cases() {
	atf_add_test_case none
	atf_add_test_case list
	atf_add_test_case broken
	atf_add_test_case destroy
	atf_add_test_case destroy_refused
	atf_add_test_case wrong_input
}
