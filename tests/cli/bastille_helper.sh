# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# Sourced by the tests of bastille's command line, behind cli_helper.sh.
# shellcheck shell=sh disable=SC2154

mkdir bin
ln -s "$(command -v gaol)" bin/bastille
PATH=$PWD/bin:$PATH
BASTILLE_CONFIG=$PWD/bastille.conf
export PATH BASTILLE_CONFIG
unset NO_COLOR BASTILLE_URL_FREEBSD

# refused STATUS TEXT ARGUMENT...: nothing is printed but that error.
refused() {
	status=$1
	printf '[ERROR]: %s\n' "$2" >expected
	shift 2
	atf_check -s "exit:$status" -e file:expected bastille "$@"
}

# jids: to stand for those of the host.
jids() {
	sed -E 's/^ [0-9]+ +/ N /'
}
