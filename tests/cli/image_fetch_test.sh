#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC1091,SC2015,SC2016,SC2059,SC2086,SC2154

# fetch STATUS ARGUMENT...: what it says goes to err.
fetch() {
	want=$1
	shift
	status=0
	"$image" fetch --progress none "$@" 2>err || status=$?
	[ $status = "$want" ] ||
	    atf_fail "fetch $*: status $status, not $want: $(cat err)"
	[ $status = 0 ] || [ "$(wc -l <err)" = 1 ] ||
	    atf_fail "fetch $*: not one line: $(cat err)"
}

# says TEXT
says() {
	grep -qF "$1" err || atf_fail "'$1' is not in: $(cat err)"
}

# whole: f is www/f, and nothing lies beside it.
whole() {
	cmp www/f f || atf_fail "f is not what was served"
	[ ! -e f.part ] && [ ! -e f.part.info ] || atf_fail "a part is left"
	rm f
}

# nothing: no trace of f.
nothing() {
	[ -z "$(ls -d f f.* 2>/dev/null)" ] || atf_fail "left: $(ls -d f*)"
}

# logged TEXT: the requests since the last time, one per line.
logged() {
	printf '%s\n' "$@" >expected
	diff -u expected log || atf_fail "not these requests"
	: >log
}

# start BYTES: a server, and a file of that size.
start() {
	. "$(atf_get_srcdir)/image_helper.sh"
	httpd_start
	noise www/f "$1"
	: >log
}

# interrupted_at BYTES: a part of f from $base/mode/f.
interrupted_at() {
	echo "stall/$1" >www/.mode
	"$image" fetch --progress none "$base/mode/f" f 2>err &
	pid=$!
	wait_for size_is f.part "$1"
	kill -TERM $pid
	status=0
	wait $pid || status=$?
	atf_check_equal 143 $status
	says interrupted
	[ ! -e f ] || atf_fail "f is there"
	[ -s f.part.info ] || atf_fail "no f.part.info"
	echo plain >www/.mode
	: >log
}

etag_of() {
	sed -n 's/^etag //p' f.part.info
}

atf_test_case whole_file
whole_file_body() {
	start 300000
	fetch 0 "$base/plain/f" f
	atf_check -o inline:"644\n" stat -c %a f
	whole
	logged "plain/f - - 200"
	good=$(sum www/f)
	fetch 0 --sha256 "$good" "$base/chunked/f" f
	# It is there already: no request.
	: >log
	fetch 0 --sha256 "$good" "$base/plain/f" f
	[ ! -s log ] || atf_fail "asked again"
	# It is another one.
	echo other >f
	fetch 0 --sha256 "$good" "$base/plain/f" f
	whole
	echo other >f
	fetch 0 "$base/plain/f" f
	whole
	: >www/f
	fetch 0 "$base/plain/f" f
	whole
}

atf_test_case checksum
checksum_body() {
	start 10000
	good=$(sum www/f)
	bad=$(echo "$good" | tr 0-9a-f 1-9a-f0)
	echo old >f
	fetch 65 --sha256 "$bad" "$base/plain/f" f
	says "SHA-256 is $good, expected $bad"
	nothing
	fetch 65 --sha256 "$bad" www/f f
	nothing
	fetch 64 --sha256 1234 "$base/plain/f" f
	nothing
}

atf_test_case resume
resume_body() {
	start 300000
	interrupted_at 50000
	etag=$(etag_of)
	fetch 0 "$base/mode/f" f
	whole
	logged "mode/f bytes=50000- $etag 206"
	# A server without ranges sends all of it.
	interrupted_at 50000
	echo noranges >www/.mode
	fetch 0 "$base/mode/f" f
	whole
	# Nothing to tell versions apart: only a sum makes it safe.
	interrupted_at 50000
	printf 'url %s\n' "$base/mode/f" >f.part.info
	echo novalid >www/.mode
	fetch 0 "$base/mode/f" f
	whole
	logged "mode/f - - 200"
	interrupted_at 50000
	printf 'url %s\n' "$base/mode/f" >f.part.info
	echo novalid >www/.mode
	fetch 0 --sha256 "$(sum www/f)" "$base/mode/f" f
	whole
	logged "mode/f bytes=50000- - 206"
	# All of it is there, but for the name.
	interrupted_at 50000
	cp www/f f.part
	fetch 0 "$base/mode/f" f
	whole
	# The part is of another URL.
	interrupted_at 50000
	fetch 0 "$base/plain/f" f
	whole
	logged "plain/f - - 200"
}

atf_test_case changed
changed_body() {
	start 300000
	interrupted_at 50000
	noise www/f 400000
	fetch 0 "$base/mode/f" f
	whole
	# The same with servers that do not know If-Range, or ranges.
	for mode in gullible shifted; do
		interrupted_at 50000
		cp www/f old
		(printf new && cat old) >www/f
		echo $mode >www/.mode
		fetch 0 "$base/mode/f" f
		whole
	done
	# It became shorter than the part.
	interrupted_at 50000
	noise www/f 40000
	echo gullible >www/.mode
	fetch 0 "$base/mode/f" f
	whole
}

atf_test_case poisoned_part
poisoned_part_body() {
	start 300000
	interrupted_at 50000
	head -c 50000 /dev/zero >f.part
	fetch 0 --sha256 "$(sum www/f)" "$base/mode/f" f
	whole
	# A part and its note that are no such things.
	mkdir f.part
	fetch 1 "$base/plain/f" f
	rmdir f.part
	ln -s www/f f.part
	fetch 1 "$base/plain/f" f
	rm f.part
	head -c 400000 /dev/zero >f.part
	head -c 20000 /dev/urandom >f.part.info
	fetch 0 "$base/plain/f" f
	whole
}

atf_test_case network
network_head() {
	atf_set timeout 300
}
network_body() {
	start 1500000
	# Hangs up four times before the end.
	fetch 0 "$base/cut/400000/f" f
	whole
	[ "$(wc -l <log)" = 4 ] || atf_fail "not 4 requests: $(cat log)"
	: >log
	fetch 0 "$base/cutchunked/400000/f" f
	whole
	fetch 0 "$base/flaky/2/plain/f" f
	whole
	: >log
	fetch 1 "$base/status/500/f" f
	says "tried 4 times: HTTP status 500"
	[ "$(wc -l <log)" = 4 ] || atf_fail "not 4 requests: $(cat log)"
	nothing
	fetch 1 "$base/cut/1000/f" f
	says "tried 4 times"
	[ -s f.part ] || atf_fail "the part is gone"
	rm -f f.part*
	fetch 1 --stall 1 "$base/stall/5000/f" f
	says "nothing came for 1 seconds"
	rm -f f.part*
	kill $httpd_pid
	fetch 1 "$base/plain/f" f
	says "tried 4 times"
	nothing
}

atf_test_case statuses
statuses_body() {
	start 1000
	: >log
	for pair in 404:66 410:66 403:77 401:77 400:1 204:1 300:1 418:1; do
		fetch ${pair#*:} "$base/status/${pair%:*}/f" f
		says "HTTP status ${pair%:*}"
		nothing
	done
	[ "$(wc -l <log)" = 8 ] || atf_fail "tried again: $(cat log)"
	fetch 66 "$base/plain/nothing" f
	says "HTTP status 404 Not Found"
	# A password is not for messages.
	fetch 66 "$(echo "$base" | sed 's,//,//me:secret@,')/plain/nothing" f
	! grep -q secret err || atf_fail "a password: $(cat err)"
}

atf_test_case redirects
redirects_body() {
	start 1000
	fetch 0 "$base/redirect/10/plain/f" f
	whole
	fetch 1 "$base/redirect/11/plain/f" f
	says "more than 10 redirects"
	nothing
	echo secret >secret
	for to in "file://$PWD/secret" "FILE:///etc/passwd" "ftp://127.0.0.1/f" \
	    "gopher://127.0.0.1/f" "scp://127.0.0.1/f"; do
		fetch 65 "$base/location/$to" f
		says "refused"
		nothing
	done
	fetch 65 "$base/status/302/f" f
	says "malformed"
	fetch 0 "$base/location/$base/plain/f" f
	whole
	fetch 0 "$base/location/../plain/f" f
	whole
}

atf_test_case limits
limits_body() {
	start 100000
	fetch 0 --max-size 100000 "$base/plain/f" f
	whole
	for manner in plain chunked noranges; do
		fetch 65 --max-size 99999 "$base/$manner/f" f
		says "larger than"
		nothing
	done
	fetch 65 --max-size 99999 www/f f
	nothing
}

atf_test_case local_files
local_files_body() {
	start 100000
	cp www/f "www/a b"
	fetch 0 www/f f
	whole
	fetch 0 "file://$PWD/www/f" f
	whole
	fetch 0 "file://$PWD/www/a%20b" f
	whole
	fetch 0 --sha256 "$(sum www/f)" "www/a b" f
	whole
	fetch 66 www/nothing f
	nothing
	fetch 65 www f
	says "not a regular file"
	nothing
	mkfifo www/fifo
	fetch 65 www/fifo f
	nothing
	fetch 64 ftp://127.0.0.1/f f
	fetch 64 scp://127.0.0.1/f f
	fetch 66 www/f nowhere/f
}

atf_test_case busy
busy_body() {
	start 100000
	"$image" fetch --progress none "$base/stall/5000/f" f 2>/dev/null &
	pid=$!
	wait_for size_is f.part 5000
	fetch 75 "$base/plain/f" f
	says "another process"
	kill $pid
	wait $pid
	fetch 0 "$base/plain/f" f
	whole
}

atf_test_case parent_dies
parent_dies_body() {
	start 100000
	sh -c '"$0" fetch --progress none "$1" f & echo $! >pid; wait' \
	    "$image" "$base/stall/5000/f" &
	pid=$!
	wait_for size_is f.part 5000
	kill -KILL $pid
	child=$(cat pid)
	wait_for sh -c "! kill -0 $child 2>/dev/null"
	size_is f.part 5000 || atf_fail "the part is gone"
}

atf_test_case full_disk
full_disk_head() {
	atf_set require.user root
	atf_set require.progs unshare
}
full_disk_body() {
	start 3000000
	mkdir d
	for source in "$base/plain/f" "$PWD/www/f"; do
		atf_check -e match:"No space left on device" \
		    unshare -m sh -c 'mount -t tmpfs -o size=1m none d &&
		    { "$0" fetch --progress none "$1" d/f; [ $? = 1 ]; } &&
		    [ -z "$(ls -A d)" ]' "$image" "$source"
	done
}

atf_test_case talk
talk_body() {
	start 100000
	atf_check -e inline:"fetching $base/plain/f\n" \
	    "$image" fetch --progress lines "$base/plain/f" f
	atf_check -e inline:"fetching $base/plain/f\n" \
	    "$image" fetch "$base/plain/f" f
	atf_check -e match:"100% \[#*\] 97K of 97K" \
	    "$image" fetch --progress tty "$base/plain/f" f
	atf_check "$image" fetch --progress none "$base/plain/f" f
	atf_check -s exit:64 -e match:"auto, tty, lines or none" \
	    "$image" fetch --progress loud "$base/plain/f" f
	good=$(sum www/f)
	atf_check -e inline:"checking $base/plain/f\n" \
	    "$image" fetch --sha256 "$good" "$base/plain/f" f
	rm f
	# Options after operands, and after "--" none.
	atf_check "$image" fetch "$base/plain/f" f --progress none
	atf_check "$image" fetch --progress none -- www/f --f
	cmp www/f ./--f || atf_fail "--f"
}

atf_test_case https
https_head() {
	atf_set require.progs openssl
}
https_body() {
	start 10000
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout key \
	    -out cert -subj /CN=localhost \
	    -addext subjectAltName=DNS:localhost 2>/dev/null ||
	    atf_skip "no certificate"
	mkdir tls
	(printf 'HTTP/1.0 200 OK\r\n\r\n' && cat www/f) >tls/f
	printf 'HTTP/1.0 302 Found\r\nLocation: %s/plain/f\r\n\r\n' "$base" \
	    >tls/down
	printf 'HTTP/1.0 302 Found\r\nLocation: /f\r\n\r\n' >tls/same
	port=$((20000 + $$ % 12000))
	(cd tls && exec openssl s_server -quiet -accept 127.0.0.1:$port \
	    -cert ../cert -key ../key -HTTP) >/dev/null 2>&1 &
	tls_pid=$!
	trap 'kill $httpd_pid $tls_pid 2>/dev/null' EXIT
	export SSL_CERT_FILE="$PWD/cert"
	unset SSL_CERT_DIR
	wait_for "$image" fetch --progress none https://localhost:$port/f f
	whole
	fetch 0 https://localhost:$port/same f
	whole
	fetch 65 https://localhost:$port/down f
	says "redirected from https to http, which is refused"
	nothing
	fetch 0 "$base/location/https://localhost:$port/f" f
	whole
	: >log
	fetch 65 "$base/location/https://localhost:$port/down" f
	says "refused"
	# The wrong name, and an authority that nobody trusts.
	fetch 1 https://127.0.0.1:$port/f f
	says "SSL"
	nothing
	unset SSL_CERT_FILE
	fetch 1 https://localhost:$port/f f
	says "certificate"
	nothing
}

atf_init_test_cases() {
	atf_add_test_case whole_file
	atf_add_test_case checksum
	atf_add_test_case resume
	atf_add_test_case changed
	atf_add_test_case poisoned_part
	atf_add_test_case network
	atf_add_test_case statuses
	atf_add_test_case redirects
	atf_add_test_case limits
	atf_add_test_case local_files
	atf_add_test_case busy
	atf_add_test_case parent_dies
	atf_add_test_case full_disk
	atf_add_test_case talk
	atf_add_test_case https
}
