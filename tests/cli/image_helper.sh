# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# For the tests of gaol-image: where the programs are, and the web server.
# shellcheck shell=sh disable=SC2034

here=$(atf_get_srcdir)
image=${GAOL_IMAGE:-$here/../../build/gaol-image}
tools=${GAOL_TEST_TOOLS:-$here/../../build/tests/tools}
mktar=$tools/mktar

# The caller's settings must not change what is fetched from this host.
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY

for program in "$image" "$mktar" "$tools/httpd_ranges"; do
	[ -x "$program" ] || atf_fail "$program is missing: build it first"
done

# httpd_start: serve the directory www; sets base.
httpd_start() {
	mkdir -p www
	rm -f port
	"$tools/httpd_ranges" port log www &
	httpd_pid=$!
	trap 'kill $httpd_pid 2>/dev/null' EXIT
	wait_for test -s port
	base=http://127.0.0.1:$(cat port)
}

# wait_for COMMAND...: until it succeeds, at most 20 seconds.
wait_for() {
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ $tries -lt 400 ] || atf_fail "waited in vain for: $*"
		sleep 0.05
	done
}

# size_is FILE BYTES
size_is() {
	[ -f "$1" ] && [ "$(stat -c %s "$1")" = "$2" ]
}

# noise FILE BYTES: the same bytes each time, of no pattern.
noise() {
	"$mktar" noise.tar noise:n:"$2"
	tail -c +513 noise.tar | head -c "$2" >"$1"
	rm noise.tar
}

sum() {
	"$image" sha256 --progress none "$1"
}

# is_empty DIR
is_empty() {
	[ -d "$1" ] && [ -z "$(ls -A "$1")" ]
}
