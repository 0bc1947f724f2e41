# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# Sourced by each test of a command on the fake engine: a state directory of its
# own with the release "base".
# shellcheck shell=sh disable=SC2034,SC2154

GAOL_CONF=$(atf_get_srcdir)/gaol.conf
export GAOL_ROOT="$PWD/root" GAOL_CONF LC_ALL=C TZ=UTC
unset EDITOR VISUAL
root=$GAOL_ROOT
mkdir -p root/releases/base/root/bin root/releases/base/root/etc
echo program >root/releases/base/root/bin/sh
echo 'base { os = linux; source = test; created = 1; bytes = 4096; }' \
    >root/releases/base/release.conf

# jail NAME [PROP=VALUE...]: a jail that does not run.  With -q nothing is told.
jail() {
	atf_check gaol -q create -r base "$@"
}

# running NAME [PROP=VALUE...]: one that runs.
running() {
	jail "$@"
	atf_check gaol -q start "$1"
}

# dies NAME: it ends without 'gaol stop'.
dies() {
	rm "root/fake/$1" || atf_fail "$1 does not run"
}

# states "NAME STATE..." in the order of names.
states() {
	have=$(gaol list -H -o name,state | tr '\t\n' '  ')
	[ "${have% }" = "$1" ] || atf_fail "'${have% }', not '$1'"
}

# fails STATUS TEXT ARGUMENT...: that is all that gaol tells.
fails() {
	status=$1 text=$2
	shift 2
	printf 'gaol: %s\n' "$text" >expected
	atf_check -s "exit:$status" -e file:expected gaol "$@"
}

# conf NAME: its cell.conf from standard input.
conf() {
	cat >"root/jails/$1/cell.conf"
}
