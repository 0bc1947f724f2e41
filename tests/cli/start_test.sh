#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case one
one_head() {
	atf_set descr "a jail that does not run"
}
one_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	atf_check -e inline:"web: started\n" gaol start web
	states "web running"
}

atf_test_case running
running_head() {
	atf_set descr "73 for one that was named; passed over among ALL"
}
running_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web tag=t
	jail db tag=t
	fails 73 "jail 'web' is running already" start web
	atf_check -e inline:"db: started\n" gaol start ALL
	atf_check gaol start ALL
	atf_check gaol start @t
	atf_check gaol start 'w*'
	printf 'gaol: web: %s\ngaol: db: %s\ngaol: %s\n' \
	    "jail 'web' is running already" "jail 'db' is running already" \
	    "start failed for 2 of 2: web, db" >expected
	atf_check -s exit:1 -e file:expected gaol start web db
}

atf_test_case died
died_head() {
	atf_set descr "one that ended by itself is cleaned up first"
}
died_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	dies web
	printf '%s\n' "web: the jail ended by itself; cleaning up" \
	    "web: started" >expected
	atf_check -e file:expected gaol start web
}

atf_test_case unknown
unknown_head() {
	atf_set descr "status 66 with the nearest name, and nothing is started"
}
unknown_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	jail db
	fails 66 "no jail named 'wbe' (did you mean 'web'?)" start db wbe
	fails 66 "no jail's name matches 'x*'" start db 'x*'
	fails 66 "no jail has the tag 'prod'" start db @prod
	fails 64 "that cannot be the name of a tag: it is empty" start @
	states "db stopped web stopped"
	atf_check gaol -q start ALL
	rm -r root/jails/*
	atf_check gaol start ALL
}

atf_test_case never_prefix
never_prefix_head() {
	atf_set descr "web means web alone"
}
never_prefix_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	jail web2
	atf_check -e inline:"web: started\n" gaol start web
	states "web running web2 stopped"
}

atf_test_case needed
needed_head() {
	atf_set descr "what a jail depends on starts before it"
}
needed_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web depend=app
	jail app depend=db
	jail db
	jail other
	for name in web app db; do
		atf_check gaol set "$name" \
		    exec.prestart="echo \$JNAME >>$PWD/order"
	done
	printf 'web: started\napp: started\ndb: started\n' >expected
	atf_check -e file:expected gaol start web
	atf_check -o inline:"db\napp\nweb\n" cat order
	states "app running db running other stopped web running"
	atf_check gaol -q stop web
	atf_check -e inline:"web: started\n" gaol start web
}

atf_test_case needed_fails
needed_fails_head() {
	atf_set descr "a jail is not tried when what it needs did not start"
}
needed_fails_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web depend=db
	jail db exec.prestart=false
	jail other
	printf 'gaol: %s\n' \
	    "db: exec.prestart: 'false' ended with status 1" >expected
	echo 'other: started' >>expected
	printf 'gaol: %s\n' \
	    "web: not tried, because 'db' failed" \
	    "start failed for 2 of 3: db, web" >>expected
	atf_check -s exit:1 -e file:expected gaol start ALL
	states "db stopped other running web stopped"
}

atf_test_case missing
missing_head() {
	atf_set descr "a dependency that does not exist"
}
missing_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web depend=gone
	jail db
	fails 78 "jail 'web' depends on 'gone', which does not exist" start web
	printf 'db: started\ngaol: web: %s\ngaol: %s\n' \
	    "jail 'web' depends on 'gone', which does not exist" \
	    "start failed for 1 of 2: web" >expected
	atf_check -s exit:1 -e file:expected gaol start ALL
}

atf_test_case circle
circle_head() {
	atf_set descr "a circle of dependencies is told, and nothing starts"
}
circle_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail a depend=b
	jail b depend=c
	fails 78 "depend goes in a circle: c -> a -> b -> c" \
	    create -r base c depend=a
	jail c
	fails 78 "depend goes in a circle: c -> a -> b -> c" set c depend=a
	# written by hand
	sed 's/^}/depend = a; }/' root/jails/c/cell.conf >conf
	cp conf root/jails/c/cell.conf
	fails 78 "depend goes in a circle: b -> c -> a -> b" start b
	# other changes are not in its way
	atf_check gaol set c note=x
	states "a stopped b stopped c stopped"
}

atf_test_case ready
ready_head() {
	atf_set descr "dependants wait for a service, a file, a command"
}
ready_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail db ready=port:5432 ready.timeout=20s
	jail web depend=db ready=file:/etc/up
	(while [ ! -e root/fake/db ]; do sleep 0.05; done
	    [ ! -e root/fake/web ] && : >early
	    : >root/fake/.port.5432
	    mkdir -p root/jails/web/layers/upper/etc
	    : >root/jails/web/layers/upper/etc/up) &
	printf 'web: started\ndb: started\n' >expected
	atf_check -e file:expected gaol start web
	wait
	atf_check test -e early
	jail no ready=exec:false ready.timeout=1s
	jail after depend=no
	printf 'no: started\ngaol: no: %s\n' \
	    "it runs, but was not ready (exec:false) in 1 s" >expected
	printf 'gaol: after: %s\ngaol: %s\n' \
	    "not tried, because 'no' failed" \
	    "start failed for 2 of 2: after, no" >>expected
	sort expected >sorted
	atf_check -s exit:1 -e save:told gaol start after
	sort told | atf_check -o file:sorted cat
	atf_check -e inline:"after: started\n" gaol start -N after
	atf_check gaol -q stop no
	atf_check -o match:"until 'no' is ready \(exec:false\)" \
	    gaol -n start no
	for bad in port: port:0 port:x file:etc exec: tcp:1; do
		atf_check -s exit:64 -e match:"ready" gaol set no ready=$bad
	done
}

atf_test_case boot
boot_head() {
	atf_set descr "start -b: those with boot, and what they need"
}
boot_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web boot=on depend=db
	jail db
	jail other
	jail copy boot=on
	sed "s/^}/replica = \"$(printf '%032d' 7) host\"; }/" \
	    root/jails/copy/cell.conf >conf
	cp conf root/jails/copy/cell.conf
	jail broken boot=on
	echo 'broken { boot = on; nosuch = 1; }' | conf broken
	atf_check -e save:told gaol start -b
	grep -q "broken.*nosuch" told || atf_fail "$(head -n 1 told)"
	states "broken broken copy stopped db running other stopped web running"
	atf_check gaol -q stop --within 10s ALL
	states "broken broken copy stopped db stopped other stopped web stopped"
	atf_check -s exit:64 -e match:"chooses the jails" gaol start -b web
	atf_check -s exit:64 -e match:"which jails" gaol start
}

atf_test_case priority
priority_head() {
	atf_set descr "a lower number comes first, and is done first"
}
priority_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	for n in 30 10 20; do
		jail "p$n" priority=$n \
		    exec.prestart="sleep 0.1; echo \$JNAME >>$PWD/order"
	done
	atf_check gaol -q start ALL
	atf_check -o inline:"p10\np20\np30\n" cat order
}

atf_test_case together
together_head() {
	atf_set descr "the output of each stays together, in the order of names"
}
together_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	for n in 1 2 3 4; do
		jail "j$n" exec.prestart="echo out \$JNAME; sleep 0.0$((5 - n)); \
echo more \$JNAME; echo error \$JNAME >&2"
	done
	for n in 1 2 3 4; do
		printf 'out j%s\nmore j%s\n' $n $n >>out
		printf 'error j%s\nj%s: started\n' $n $n >>err
	done
	atf_check -o file:out -e file:err gaol start -P 4 ALL
}

atf_test_case parallel
parallel_head() {
	atf_set descr "-P of them at once, not more"
}
parallel_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	# each waits until as many as may be there have met
	cat >hook.sh <<-'EOF'
	mkdir "slots/$JNAME"
	for try in 1 2 3 4 5 6 7 8 9 10; do
		ls slots | wc -l >>counts
		[ "$(ls slots | wc -l)" -lt "$(cat most)" ] || : >met
		[ ! -e met ] || break
		sleep 1
	done
	rmdir "slots/$JNAME"
	EOF
	mkdir slots
	for n in 1 2 3 4 5 6; do
		jail "j$n" exec.prestart="cd $PWD && sh hook.sh"
	done
	echo 3 >most
	atf_check gaol -q start -P 3 ALL
	atf_check -o inline:"3\n" sh -c "sort -n counts | tail -n 1"
	atf_check gaol -q stop ALL
	rm counts met
	echo 1 >most
	atf_check gaol -q start -P 1 ALL
	atf_check -o inline:"1\n" sh -c "sort -n counts | tail -n 1"
}

atf_test_case setting
setting_head() {
	atf_set descr "gaol.conf says how many at once"
}
setting_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail a
	jail b
	echo 'parallel = 0;' >gaol.conf
	export GAOL_CONF=$PWD/gaol.conf
	fails 78 "gaol.conf: parallel: 0 is not between 1 and 256" start ALL
	echo 'parallel = 2;' >gaol.conf
	atf_check gaol -q start ALL
}

atf_test_case interrupt
interrupt_head() {
	atf_set descr "^C: what is begun is finished, nothing else is begun"
}
interrupt_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	for n in 1 2 3 4; do
		jail "j$n" exec.prestart="touch $PWD/began; sleep 1"
	done
	# as a terminal does, to all processes of the job
	setsid gaol start -P 2 ALL >out 2>err &
	pid=$!
	while [ ! -e began ]; do sleep 0.05; done
	kill -INT -- -$pid
	status=0
	wait $pid || status=$?
	atf_check_equal 1 $status
	printf 'j1: started\nj2: started\ngaol: %s\n' \
	    "start was interrupted, 2 of 4 were not tried" >expected
	atf_check -o file:expected cat err
	states "j1 running j2 running j3 stopped j4 stopped"
}

atf_test_case killed
killed_head() {
	atf_set descr "a worker that dies fails its own jail only"
}
killed_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail a exec.prestart='kill -9 $PPID'
	jail b
	jail c
	printf 'gaol: a: %s\nb: started\nc: started\ngaol: %s\n' \
	    "the process that worked on it was ended by signal 9" \
	    "start failed for 1 of 3: a" >expected
	atf_check -s exit:1 -e file:expected gaol start -P 1 ALL
}

atf_test_case usage
usage_head() {
	atf_set descr "wrong command lines"
}
usage_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	u="(usage: gaol start [-bN] [-P N] [target...])"
	fails 64 "start: which jails? A name, ALL, @TAG, or -b" start
	fails 64 "start: unknown option -f $u" start -f web
	fails 64 "start: -P: 'x' is not a number" start -P x ALL
	fails 64 "start: -P: 257 is not between 1 and 256" start -P 257 ALL
}

atf_test_case plan
plan_head() {
	atf_set descr "-n tells the steps and starts nothing"
}
plan_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web exec.prestart='echo hook'
	cat >expected <<-end
	would run exec.prestart: echo hook
	would make the jail 'web' (host name web, network none)
	end
	atf_check -o file:expected gaol -n start web
	states "web stopped"
}

atf_test_case broken
broken_head() {
	atf_set descr "a cell.conf that is wrong is told with its place"
}
broken_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	printf 'web {\n\trelease = base;\n\tbot = on;\n}\n' | conf web
	fails 78 "$root/jails/web/cell.conf:3:2: unknown property 'bot' (did \
you mean 'boot'?)" start web
}

atf_test_case system_user
system_user_head() {
	atf_set descr "exec.system_user: hooks are another user's, of the host"
}
system_user_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web exec.system_user="$(id -un)" \
	    exec.prestart="echo \$USER \$HOME \$(id -u) >$PWD/owner"
	atf_check -e ignore env USER=x HOME=/x gaol start web
	read -r user home uid <owner
	atf_check_equal "$(id -un) $(id -u)" "$user $uid"
	[ "$home" != /x ] || atf_fail "the caller's HOME"
	jail db exec.system_user=no-such-user exec.prestart=true
	fails 66 "exec.prestart: exec.system_user: this host has no user \
'no-such-user'" start db
	states "db stopped web running"
}

atf_init_test_cases() {
	atf_add_test_case one
	atf_add_test_case running
	atf_add_test_case died
	atf_add_test_case unknown
	atf_add_test_case never_prefix
	atf_add_test_case needed
	atf_add_test_case needed_fails
	atf_add_test_case missing
	atf_add_test_case circle
	atf_add_test_case ready
	atf_add_test_case boot
	atf_add_test_case priority
	atf_add_test_case together
	atf_add_test_case parallel
	atf_add_test_case setting
	atf_add_test_case interrupt
	atf_add_test_case killed
	atf_add_test_case usage
	atf_add_test_case plan
	atf_add_test_case broken
	atf_add_test_case system_user
}
