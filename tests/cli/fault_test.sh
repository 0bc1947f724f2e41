#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154
#
# Each step of each change fails in turn (GAOL_FAIL_STEP, tests/hooks.c).  The
# command tells it, the next plain command works, and nothing is left.

setup() {
	GAOL_CONF=$(atf_get_srcdir)/gaol.conf
	export GAOL_ROOT="$PWD/root" GAOL_CONF LC_ALL=C
	mkdir -p root/releases/tiny/root/bin
	echo program >root/releases/tiny/root/bin/sh
	echo 'tiny { os = linux; source = test; created = 1; bytes = 4096; }' \
	    >root/releases/tiny/release.conf
	# what only the first commands of all make
	gaol_ok create first -r tiny store="$store"
	gaol_ok start first
	gaol_ok destroy -f -y first
}

# gaol_ok ARGUMENT...: it works.
gaol_ok() {
	gaol "$@" >out 2>err </dev/null ||
	    atf_fail "gaol $*: status $?: $(head -n 1 err)"
}

# Every file, but for counters, the log of the engine, and free locks.
listing() {
	(cd root && find . -path ./run/lock -prune -o -print | sort)
}

# Remember how things are now as $1.
remember() {
	listing >"$1.listing"
}

# is_as NAME TEXT: things are as remembered.
is_as() {
	listing >now.listing
	diff -u "$1.listing" now.listing >difference ||
	    atf_fail "$2: $(grep '^[-+]' difference | tr '\n' ' ')"
}

# fails_at N COMMAND...: false when the command has no N steps.
fails_at() {
	at=$1
	shift
	status=0
	GAOL_FAIL_STEP=$at gaol "$@" >out 2>err </dev/null || status=$?
	if ! grep -q 'failure asked for' err; then
		[ "$status" = 0 ] ||
		    atf_fail "step $at of gaol $*: $(head -n 1 err)"
		return 1
	fi
	points=$((points + 1))
}

# told: the command that failed said so with its status.
told() {
	[ "$status" = 1 ] ||
	    atf_fail "step $at: status $status: $(head -n 1 err)"
}

# tried LEAST: so many points at least.
tried() {
	echo "$points points"
	[ "$points" -ge "$1" ] || atf_fail "only $points points of $1"
}

# both NAME DESCR: a test case for each store.
both() {
	for store in overlay dir; do
		eval "atf_test_case ${1}_$store
		${1}_${store}_head() { atf_set descr '$2, store $store'; }
		${1}_${store}_body() {
			store=$store points=0
			setup
			$1
		}"
	done
}

create() {
	remember none
	n=1
	while fails_at $n create web -r tiny store="$store"; do
		told
		is_as none "after step $n of create"
		gaol_ok create web -r tiny store="$store"
		gaol_ok start web
		gaol_ok destroy -f -y web
		is_as none "after step $n of create, and destroy"
		n=$((n + 1))
	done
	tried 3
}
both create 'create fails at each step'

start() {
	gaol_ok create web -r tiny store="$store" exec.start='echo up' \
	    exec.prestart='echo pre' exec.stop='echo down'
	gaol_ok start web
	gaol_ok stop web
	remember stopped
	n=1
	while fails_at $n start web; do
		told
		is_as stopped "after step $n of start"
		gaol_ok start web
		gaol_ok exec web true
		gaol_ok stop web
		is_as stopped "after step $n of start, and stop"
		n=$((n + 1))
	done
	tried 8
}
both start 'start fails at each step'

stop() {
	gaol_ok create web -r tiny store="$store" exec.stop='echo down'
	gaol_ok start web
	gaol_ok stop web
	remember stopped
	gaol_ok start web
	n=1
	while fails_at $n stop web; do
		told
		gaol_ok stop web
		is_as stopped "after step $n of stop, and stop again"
		gaol_ok start web
		n=$((n + 1))
	done
	is_as stopped "after the last stop"
	tried 7
}
both stop 'stop fails at each step'

# destroy_rest: it destroys the jail, or completes that and finds no jail.
destroy_rest() {
	status=0
	gaol destroy -f -y web >out 2>err </dev/null || status=$?
	[ $status = 0 ] || [ $status = 66 ] ||
	    atf_fail "step $n, destroy again: $status: $(head -n 1 err)"
}

destroy() {
	remember none
	gaol_ok create web -r tiny store="$store"
	gaol_ok start web
	n=1
	while fails_at $n destroy -f -y web; do
		told
		destroy_rest
		rm -rf root/log/web	# see the test case "logs"
		is_as none "after step $n of destroy, and destroy again"
		gaol_ok create web -r tiny store="$store"
		gaol_ok start web
		n=$((n + 1))
	done
	is_as none "after the last destroy"
	tried 10
}
both destroy 'destroy of a running jail fails at each step'

atf_test_case logs
logs_head() {
	atf_set descr 'a destroy that fails when it removes logs is completed'
}
logs_body() {
	store=overlay points=0
	setup
	remember none
	gaol_ok create web -r tiny
	gaol_ok start web
	gaol_ok stop web
	fails_at 4 destroy -y web || atf_fail 'destroy has no fourth step'
	destroy_rest
	atf_expect_fail 'by then no trash is left that would tell of it'
	is_as none 'after destroy, and destroy again'
}

run() {
	remember none
	n=1
	while fails_at $n run -N web -r tiny store="$store" -- true; do
		# a jail that could not be destroyed is told of and stays
		destroy_rest
		is_as none "after step $n of run, and destroy"
		gaol_ok run -N web -r tiny store="$store" -- true
		is_as none "after step $n of run, and run again"
		n=$((n + 1))
	done
	is_as none "after the last run"
	tried 14
}
both run 'run fails at each step'

mounts() {
	gaol_ok create web -r tiny store="$store"
	gaol_ok start web
	mkdir src
	gaol_ok mount web "$PWD/src" /x
	gaol_ok umount web /x
	cp root/jails/web/cell.conf without
	n=1
	while fails_at $n mount web "$PWD/src" /x; do
		told
		cmp -s without root/jails/web/cell.conf &&
		    [ ! -s root/fake/.mounts.web ] ||
		    atf_fail "step $n of mount is not undone"
		gaol_ok mount web "$PWD/src" /x
		gaol_ok umount web /x
		n=$((n + 1))
	done
	cp root/jails/web/cell.conf with
	cp root/fake/.mounts.web mounted
	n=1
	while fails_at $n umount web /x; do
		told
		cmp -s with root/jails/web/cell.conf &&
		    cmp -s mounted root/fake/.mounts.web ||
		    atf_fail "step $n of umount is not undone"
		gaol_ok umount web /x
		gaol_ok mount web "$PWD/src" /x
		n=$((n + 1))
	done
	gaol_ok destroy -f -y web
	tried 10
}
both mounts 'mount and umount fail at each step'

atf_init_test_cases() {
	for test in create start stop destroy run mounts; do
		atf_add_test_case ${test}_overlay
		atf_add_test_case ${test}_dir
	done
	atf_add_test_case logs
}
