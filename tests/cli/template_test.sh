#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

setup() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	export GAOL_TEMPLATES="$PWD/shared" HOME="$PWD"
	export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a \
	    GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a \
	    GIT_COMMITTER_EMAIL=a@example.org
	mkdir -p root/templates/www/site shared/www/nginx
	printf 'ARG+ PORT\nARG WHO=me\nCMD echo ${PORT} ${WHO}\n' \
	    >root/templates/www/site/Bastillefile
	echo 'PKG nginx' >shared/www/nginx/Bastillefile
}

# repository DIR: one, with what lies in it.
repository() {
	atf_require_prog git
	git -C "$1" init -q
	git -C "$1" add -A
	git -C "$1" commit -q -m one
}

atf_test_case list
list_head() {
	atf_set descr "list, show: own ones and those that came"
}
list_body() {
	setup
	atf_check -o inline:"www/nginx	gaol	-	-	$PWD/shared/www/nginx
www/site	-	-	-	$PWD/root/templates/www/site
" gaol -H template
	atf_check -o match:'"args":."PORT".' -o match:'CMD echo \$\{PORT\} me' \
	    gaol -j template show www/site
	fails 64 "template show: which one?" template show
	fails 64 "template x: what is that?  list, show, verify, update, convert and prune are possible" \
	    template x
}

atf_test_case verify
verify_head() {
	atf_set descr "every line of either system, and the files it copies"
}
verify_body() {
	setup
	atf_check -e inline:"www/site: 1 steps, nothing is wrong\n" \
	    gaol template verify www/site
	atf_check -e match:"nginx: 1 steps" -e match:"site: 1 steps" \
	    gaol template verify
	echo 'IF os=freebsd CP gone /etc' >>shared/www/nginx/Bastillefile
	atf_check -s exit:66 -e match:"there is no 'gone'" \
	    gaol template verify www/nginx
	atf_check -s exit:65 -e match:"1 of 2 templates are wrong" \
	    gaol template verify
}

atf_test_case git
git_head() {
	atf_set descr "clone, pin, update; collections; nothing of theirs runs"
}
git_body() {
	setup
	mkdir -p far/acme/app far/acme/all/db/redis
	echo 'CMD echo one' >far/acme/app/Bastillefile
	echo 'PKG redis' >far/acme/all/db/redis/Bastillefile
	repository far/acme/app
	repository far/acme/all
	first=$(git -C far/acme/app rev-parse HEAD)
	running web
	url=file://$PWD/far/acme/app
	atf_check -s exit:66 -o match:"would clone" -e ignore \
	    gaol -n apply web "$url"
	atf_check -e match:"^web. one$" gaol apply web "$url"
	atf_check -e match:"nothing has changed" gaol apply web acme/app
	echo 'CMD echo two' >>far/acme/app/Bastillefile
	git -C far/acme/app commit -q -a -m two
	atf_check -e match:": updated, at commit" gaol template update acme/app
	atf_check -e match:"1 steps done, 1 unchanged" gaol apply web acme/app
	atf_check -e match:": nothing new" gaol template update
	# a certain commit
	atf_check -s exit:73 -e match:"is there already" \
	    gaol apply web "$url#$first"
	rm -rf root/templates/acme/app
	atf_check -e ignore gaol apply web "$url#$first"
	atf_check -o match:"acme/app.*${first%????????????????????????????}.*on	" \
	    gaol -H template list
	atf_check -e match:": pinned" gaol template update
	fails 64 "$url: 'x' is no commit: 7 to 64 hexadecimal digits are" \
	    apply web "$url#x"
	# a path, and a collection
	atf_check -e match:"all: nothing new" \
	    gaol template update "file://$PWD/far/acme/all"
	atf_check -o match:"db/redis" gaol -H template list
	# hooks and helpers of a repository are not run
	printf '#!/bin/sh\ntouch %s/ran\n' "$PWD" >far/acme/app/.git/hooks/x
	cp far/acme/app/.git/hooks/x far/acme/app/.git/hooks/post-checkout
	chmod +x far/acme/app/.git/hooks/*
	rm -rf root/templates/acme/app
	atf_check -e ignore gaol apply web "$url"
	atf_check -s exit:64 -e ignore gaol apply web "ext::touch $PWD/ran"
	[ ! -e ran ] || atf_fail "it ran"
	[ ! -e root/templates/acme/.new.app ] || atf_fail "left"
}

atf_init_test_cases() {
	for t in list verify git; do
		atf_add_test_case $t
	done
}
