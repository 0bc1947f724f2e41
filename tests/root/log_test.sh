#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
. "$(atf_get_srcdir)/common.subr"

# wait_for COMMAND...: until it succeeds, 10 s at most.
wait_for() {
	n=0
	until "$@"; do
		n=$((n + 1))
		[ $n -lt 100 ] || atf_fail "$* does not come"
		sleep 0.1
	done
}

root_test stamps "lines get their times, parts of a line are one line"
stamps_body() {
	gaol_setup
	gaol_jail web 'exec.start=echo one; printf tw; sleep 0.2; echo o; echo late >&2 &'
	wait_for grep -q late root/log/web/console.log
	atf_check -o inline:'one\ntwo\nlate\n' gaol logs web
	now=$(date -u +%Y-%m-%dT%H)
	atf_check -o inline:'3\n' grep -cE \
	    "^$now:[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z (one|two|late)\$" \
	    root/log/web/console.log
	# without: as it is, and no older files
	gaol_jail raw log.stamps=off 'exec.start=echo as it is'
	atf_check -o inline:'as it is\n' cat root/log/raw/console.log
	atf_check test ! -e root/log/raw/console.log.1
}

root_test size "a long log moves on, and takes no more than it may"
size_body() {
	gaol_setup
	gaol_jail web log.size=20K log.count=2 \
	    'exec.start=i=0; while [ $i -lt 3000 ]; do echo "line $i"; i=$((i+1)); done'
	atf_check -o match:'^line 2999$' gaol logs -n 1 web
	for file in console.log console.log.1 console.log.2; do
		size=$(stat -c %s "root/log/web/$file")
		[ "$size" -le 30000 ] || atf_fail "$file has $size bytes"
	done
	[ "$size" -ge 20000 ] || atf_fail "console.log.2 has $size bytes"
	# none is missing where they join
	gaol logs -n 1200 web >out
	first=$(sed -n '1s/line //p' out)
	seq -f 'line %g' "$first" 2999 >expected
	atf_check -o file:expected cat out
}

root_test full "a full disk keeps nobody from writing"
full_body() {
	gaol_setup
	mkdir small
	cat > host <<-'EOF'
	mount -t tmpfs -o size=64K none small
	gaol -q create web -r busybox exec.consolelog=$PWD/small/log \
	    'exec.start=seq 1 100000; echo done > /done'
	gaol -q start web
	gaol exec web cat /done
	gaol -q destroy -f -y web
	EOF
	atf_check -o inline:'done\n' -e ignore unshare -m sh host
}

atf_init_test_cases() {
	for t in stamps size full; do
		atf_add_test_case $t
	done
}
