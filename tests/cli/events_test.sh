#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

# told ARGUMENT...: events without what differs each time.
told() {
	gaol events -H "$@" | cut -f2-4,7
}

atf_test_case actions
actions_head() {
	atf_set descr "what commands did, to each jail, and what came of it"
}
actions_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	atf_check gaol events
	running web
	jail db
	atf_check gaol -q set web db note=secret limit.cpu=1
	atf_check -s exit:64 -e ignore gaol set web
	atf_check gaol -q restart web
	atf_check -o ignore gaol -n start db
	told >all
	atf_check -o match:"^set	web	ok	note limit.cpu$" \
	    -o match:"^set	db	ok	note limit.cpu$" \
	    -o match:"^start	web	ok	-$" \
	    -o match:"^stop	web	ok	-$" \
	    -o not-match:secret cat all
	atf_check -s exit:66 -e ignore gaol stop nojail
	told nojail >all
	atf_check -o inline:"stop	nojail	not-found	no jail named 'nojail'\n" \
	    cat all
	atf_check -o inline:"set\n" sh -c \
	    "gaol events -H db | cut -f2 | tail -n 1"
	atf_check -o match:'^[0-9-]{10} [0-9:]{8} stop web ok \([0-9]* ms, ' \
	    gaol events web
	atf_check -o match:'^[{]"time":"[0-9T:.-]*Z","event":"set","jail":"db","result":"ok","ms":[0-9]*,"user":"[a-z0-9=]*","message":"note limit.cpu"[}]$' \
	    gaol events -j db
}

atf_test_case chosen
chosen_head() {
	atf_set descr "by time, by number, by pattern; old files come first"
}
chosen_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	mkdir -p root/log
	printf '%s\tstart\tweb\tok\t1\troot\t-\n' \
	    2020-01-01T00:00:00.000Z 2020-01-02T00:00:00.000Z \
	    >root/log/events.log.1
	printf '%s\tstop\tdb\tok\t-\troot\tx\n' 2020-01-03T00:00:00.000Z \
	    >root/log/events.log
	echo "no event" >>root/log/events.log
	atf_check -o inline:"2020-01-01 00:00:00 start web ok (1 ms, root)
2020-01-02 00:00:00 start web ok (1 ms, root)
2020-01-03 00:00:00 stop db ok: x\n" gaol events
	atf_check -o inline:"2020-01-03 00:00:00 stop db ok: x\n" \
	    gaol events -n 1
	atf_check -o inline:"2020-01-02 00:00:00 start web ok (1 ms, root)\n" \
	    gaol events -S 2020-01-01T12:00 'w*'
	atf_check -o empty gaol events -S 1h
	atf_check -s exit:64 -e match:"is no time" gaol events -S noon
}

atf_test_case rotation
rotation_head() {
	atf_set descr "a full file makes room; who follows goes on"
}
rotation_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	gaol events -f -n 0 -H web >followed &
	pid=$!
	head -c 1100000 /dev/zero | tr '\0' x >>root/log/events.log
	echo >>root/log/events.log
	atf_check gaol tag web one
	atf_check test -s root/log/events.log.1
	atf_check gaol tag web two
	n=0
	while [ "$(grep -c 'tag	web	ok' followed)" -lt 2 ]; do
		n=$((n + 1))
		[ $n -lt 100 ] || atf_fail "$(cat followed)"
		sleep 0.1
	done
	kill $pid
}

atf_test_case by_itself
by_itself_head() {
	atf_set descr "jails that ended, and that needed too much memory"
}
by_itself_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web limit.memory=64M
	echo "oom_kills 2" >root/fake/.usage.web
	dies web
	atf_check -e ignore gaol start web
	told web >all
	atf_check -o match:"^ended	web	-	the jail ended by itself" \
	    -o match:"^oom	web	-	2 of its processes were killed" cat all
	atf_check -o match:"Z gaol: 2 of its processes" \
	    cat root/log/web/console.log
	atf_check -e match:"limit.memory = 64M" gaol stop web
}

atf_init_test_cases() {
	for t in actions chosen rotation by_itself; do
		atf_add_test_case $t
	done
}
