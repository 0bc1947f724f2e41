#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
. "$(atf_get_srcdir)/common.subr"

root_test whole_life "create, start, exec, stop, start, destroy keep the files"
whole_life_body() {
	gaol_setup
	gaol_jail web
	atf_check -o inline:'web\n' gaol exec web hostname
	atf_check gaol exec web sh -c 'echo data > /root/file'
	atf_check -e ignore gaol stop web
	atf_check -s exit:125 -e match:"not running" gaol exec web true
	atf_check -e ignore gaol start web
	atf_check -o inline:'data\n' gaol exec web cat /root/file
	atf_check -s exit:73 -e match:"running already" gaol start web
	atf_check -s exit:75 -e match:"is running" gaol destroy -y web
	atf_check -e ignore gaol destroy -f -y web
	atf_check -s exit:66 -e match:"no jail named" gaol start web
	atf_check -o empty ls root/jails
}

root_test statuses "exec gives the commands own status, 126, 127, 128+N"
statuses_body() {
	gaol_setup
	gaol_jail web
	atf_check -s exit:7 gaol exec web sh -c 'exit 7'
	atf_check -s exit:137 gaol exec web sh -c 'kill -9 $$'
	atf_check -s exit:127 -e match:"nosuch" gaol exec web nosuch
	atf_check -s exit:126 -e match:"/etc/passwd" gaol exec web /etc/passwd
	atf_check -s exit:125 -e match:"no user 'joe'" \
	    gaol exec -u joe web true
}

root_test identity "exec -u -e -w, the clean environment"
identity_body() {
	gaol_setup
	gaol_jail web env=COLOUR=red
	SECRET=1
	export SECRET
	atf_check -o inline:'0:0\n' gaol exec web sh -c 'echo $(id -u):$(id -g)'
	atf_check gaol exec web sh -c \
	    'echo www:x:80:81::/var:/bin/sh >> /etc/passwd
	     echo www:x:81: >> /etc/group; echo extra:x:90:www >> /etc/group'
	atf_check -o match:'uid=80\(www\) gid=81\(www\) groups=81\(www\),90\(extra\)' \
	    gaol exec -u www web id
	atf_check -o inline:'80 90\n' gaol exec -u www:extra web sh -c \
	    'echo $(id -u) $(id -g)'
	atf_check -o inline:'red blue unset\n' gaol exec -e SHAPE=blue web \
	    sh -c 'echo $COLOUR $SHAPE ${SECRET-unset}'
	atf_check -o inline:'/tmp\n' gaol exec -w /tmp web pwd
	atf_check -s exit:125 -e match:"directory" gaol exec -w /nowhere web pwd
}

root_test hooks "the hooks of jail(8) in their order, with JNAME"
hooks_body() {
	gaol_setup
	log=$PWD/log
	for hook in prepare prestart created poststart prestop poststop release
	do
		echo "exec.$hook=echo $hook \$JNAME >> $log"
	done > hooks
	set --
	while read -r line; do set -- "$@" "$line"; done < hooks
	gaol_jail web "$@" "exec.start=echo start > /started" \
	    "exec.stop=echo stop > /stopped"
	atf_check -e ignore gaol stop web
	atf_check -o inline:'prepare web\nprestart web\ncreated web\npoststart web\nprestop web\npoststop web\nrelease web\n' \
	    cat log
	atf_check test -f root/jails/web/layers/upper/started
	atf_check test -f root/jails/web/layers/upper/stopped
}

root_test failing_start "a start whose command fails leaves nothing"
failing_start_body() {
	gaol_setup
	log=$PWD/log
	atf_check -e ignore gaol create web -r busybox \
	    "exec.start=echo said; exit 3" \
	    "exec.poststop=echo poststop >> $log"
	atf_check -s exit:1 -e match:"ended with status 3" gaol start web
	atf_check -o inline:'poststop\n' cat log
	atf_check -o match:'stopped' gaol list -H -o name,state
	atf_check -o inline:'said\n' gaol logs web
	atf_check -o empty ls root/run/live
}

root_test timeouts "exec.timeout kills a start, stop.timeout a stubborn jail"
timeouts_body() {
	gaol_setup
	atf_check -e ignore gaol create slow -r busybox \
	    "exec.start=sleep 100" exec.timeout=1
	atf_check -s exit:1 -e match:"killed after" gaol start slow
	atf_check -e ignore gaol create deaf -r busybox stop.timeout=1 \
	    "exec.start=trap '' TERM; (trap '' TERM; while :; do sleep 1; done) &"
	atf_check -e ignore gaol start deaf
	before=$(date +%s)
	atf_check -e ignore gaol stop deaf
	after=$(date +%s)
	[ $((after - before)) -le 5 ] || atf_fail "stop took too long"
	atf_check -o match:'deaf.stopped' gaol list -H -o name,state
}

root_test stop_ends "a jail cannot keep itself from being stopped by exec.stop"
stop_ends_body() {
	gaol_setup
	gaol_jail web stop.timeout=1 \
	    "exec.stop=trap '' TERM HUP INT; while :; do sleep 1; done"
	atf_check -e match:'exec.stop: killed after 1000 ms' timeout 20 \
	    env GAOL_STOP_PATIENCE=1000 "$GAOL_HOOKS" stop web
	atf_check -o inline:'web\tstopped\n' gaol list -H -o name,state
	# a shell that is none
	gaol_jail evil stop.timeout=1 exec.stop=true
	atf_check gaol exec evil sh -c \
	    'rm /bin/sh && mkfifo /bin/sh && chmod 755 /bin/sh'
	atf_check -e match:exec.stop timeout 20 \
	    env GAOL_STOP_PATIENCE=1000 "$GAOL_HOOKS" stop evil
	atf_check -o inline:'stopped\n' gaol list -H -o state evil
}

root_test late_hooks "hooks of a jail that died are those it was started with"
late_hooks_body() {
	gaol_setup
	gaol_jail web "exec.poststop=echo then >> $PWD/log" \
	    "exec.release=echo released >> $PWD/log"
	atf_check -e ignore gaol set web "exec.poststop=echo now >> $PWD/log" \
	    exec.release=
	kill -9 "$(gaol list -H -o jid web)"
	i=0
	while [ "$(gaol list -H -o state web)" != stopped ]; do
		i=$((i + 1))
		[ $i -lt 100 ] || atf_fail "still running"
	done
	atf_check -e match:"ended by itself" gaol start web
	atf_check -o inline:'then\nreleased\n' cat log
}

root_test run_output "run: standard output is the commands alone"
run_output_body() {
	gaol_setup
	atf_check -o inline:'data\n' -e inline:'boot\n' gaol run -r busybox \
	    'exec.start=echo boot' -- echo data
	atf_check -o inline:'data\n' gaol run -r busybox \
	    'exec.start=echo boot; ls /nowhere || :' \
	    "exec.consolelog=$PWD/console" -- echo data
	atf_check -o match:boot -o match:nowhere cat console
	atf_check -s exit:125 -o empty -e match:'boot' \
	    -e match:"'echo boot; exit 4' ended with status 4" \
	    gaol run -r busybox 'exec.start=echo boot; exit 4' -- echo data
	atf_check -o empty find root/jails root/run/live -mindepth 1
}

root_test run_killed "run: who waits for it is the jails life"
run_killed_body() {
	gaol_setup
	gaol run -N web -r busybox -- sh -c \
	    "trap '' TERM HUP INT; sleep 4343 & sleep 4343" &
	pid=$!
	i=0
	until [ "$(pgrep -x -f 'sleep 4343' | wc -l)" = 2 ]; do
		i=$((i + 1))
		[ $i -lt 100 ] || atf_fail "it does not run"
		sleep 0.1
	done
	kill -9 $pid
	i=0
	while pgrep -x -f 'sleep 4343' >/dev/null; do
		i=$((i + 1))
		[ $i -lt 100 ] || atf_fail "it runs on"
		sleep 0.1
	done
	atf_check -o inline:'stopped\n' gaol list -H -o state web
	atf_check -e ignore gaol destroy -y web
}

root_test told "path and idmap are told"
told_body() {
	gaol_setup
	gaol_jail thin
	gaol_jail thick type=thick
	atf_check -o inline:"$PWD/root/jails/thick/root\n" \
	    gaol get -H -o value path thick
	path=$(gaol get -H -o value path thin)
	atf_check gaol exec thin touch /mark
	atf_check test -e "$path/mark"
	base=$(gaol get -H -o value idmap thin)
	atf_check_equal "$base" "$(stat -c %u "$path/proc/1")"
	atf_check -e ignore gaol stop ALL
	atf_check -o inline:'-\n-\n' gaol get -H -o value path,idmap thin
	atf_check -o inline:"$PWD/root/jails/thick/root\n" \
	    gaol get -H -o value path thick
	atf_check -s not-exit:0 -e match:idmap gaol set thin idmap=100000
}

# cgroups_as KIND: the whole life where only that kind of cgroup is mounted.
cgroups_as() {
	gaol_setup
	cat > host <<-'EOF'
	set -e
	umount -l /sys/fs/cgroup
	case $1 in
	v2)	mount -t cgroup2 none /sys/fs/cgroup ;;
	v1)	mount -t tmpfs none /sys/fs/cgroup
		mkdir /sys/fs/cgroup/pids
		mount -t cgroup -o pids none /sys/fs/cgroup/pids ;;
	none)	mount -t tmpfs none /sys/fs/cgroup ;;
	esac
	gaol doctor | grep cgroups
	gaol -q create web -r busybox
	gaol -q start web
	gaol exec web sh -c 'sleep 4545 & (setsid sleep 4545 &) ; :' \
	    < /dev/null > /dev/null 2>&1
	while [ "$(pgrep -x -f 'sleep 4545' | wc -l)" != 2 ]; do sleep 0.1; done
	for p in $(pgrep -x -f 'sleep 4545'); do
		[ $1 = none ] || grep -q gaol- /proc/$p/cgroup
	done
	gaol -q stop web
	[ -z "$(pgrep -x -f 'sleep 4545')" ]
	gaol -q start web
	gaol exec web sh -c 'setsid sleep 4545 &' < /dev/null > /dev/null 2>&1
	gaol -q destroy -f -y web
	[ -z "$(pgrep -x -f 'sleep 4545')" ]
	gaol run -r busybox -- true
	gaol -q create low -r busybox net=inherit
	gaol -q start low
	gaol -q destroy -f -y low
	status=0
	gaol -q create asked -r busybox net=inherit allow.reserved_ports=on
	gaol -q start asked || status=$?
	gaol -q destroy -f -y asked
	exit $status
	EOF
}

root_test cgroup_v2 "a host with cgroup v2 alone"
cgroup_v2_body() {
	cgroups_as v2
	atf_check -o match:'^ok .*cgroups +v2$' unshare -m sh host v2
}

root_test cgroup_v1 "a host with cgroup v1 alone"
cgroup_v1_body() {
	cgroups_as v1
	[ -d /sys/fs/cgroup/pids ] || grep -q '^pids.[1-9]' /proc/cgroups ||
	    atf_skip "pids is a controller of v2"
	atf_check -s exit:69 -o match:'cgroups +v1 only' \
	    -e match:'allow.reserved_ports .*needs cgroup v2' \
	    unshare -m sh host v1
}

root_test cgroup_none "a host without cgroups"
cgroup_none_body() {
	cgroups_as none
	atf_check -s exit:69 -o match:'cgroups +not mounted' \
	    -e match:'allow.reserved_ports .*needs cgroup v2' \
	    unshare -m sh host none
}

root_test run_throw_away "run gives the status and leaves no jail"
run_throw_away_body() {
	gaol_setup
	atf_check -s exit:5 gaol run -r busybox -- sh -c 'exit 5'
	atf_check -o inline:'piped\n' -x \
	    'echo piped | gaol run -r busybox -- cat'
	atf_check -s exit:127 -e match:nosuch gaol run -r busybox -- nosuch
	# its end races with that of its processes
	for i in $(seq 1 50); do
		atf_check gaol run -r busybox --name one -- true
	done
	atf_check -o empty find root/jails root/run/live root/run/index \
	    root/run/lock -mindepth 1
}

root_test run_other "run leaves a jail alone that took its name meanwhile"
run_other_body() {
	gaol_setup
	gaol run -r busybox --name one -- sleep 100 2>run.err &
	run=$!
	tries=100
	until gaol exec one true 2>/dev/null || [ $tries -eq 0 ]; do
		tries=$((tries - 1))
		sleep 0.1
	done
	mv root/jails/one root/jails/two
	atf_check -e ignore gaol create one -r busybox
	wait $run && atf_fail "the command of a jail that was killed succeeded"
	atf_check test -f root/jails/one/cell.conf
	rm -r root/jails/two
}

root_test thick "a thick jail is a copy and needs its release no more"
thick_body() {
	gaol_setup
	gaol_jail fat type=thick
	atf_check gaol exec fat sh -c 'echo x > /etc/mine'
	atf_check test -f root/jails/fat/root/etc/mine
	atf_check test ! -e root/releases/busybox/root/etc/mine
}

root_test mounts "nullfs, file, read-only, tmpfs mounts; resolved inside"
mounts_body() {
	gaol_setup
	mkdir shared
	echo host > shared/file
	echo single > single
	gaol_jail web "mount=$PWD/shared /data nullfs rw" \
	    "mount+=$PWD/shared /ro nullfs ro" \
	    "mount+=$PWD/single /etc/single nullfs ro" \
	    "mount+=tmpfs /scratch tmpfs size=1M,mode=0700"
	atf_check -o inline:'host\n' gaol exec web cat /data/file
	atf_check gaol exec web sh -c 'echo jail > /data/new'
	atf_check -o inline:'jail\n' cat shared/new
	atf_check -o inline:'0:0\n' stat -c %u:%g shared/new
	atf_check -s exit:1 -e match:'Read-only' gaol exec web touch /ro/x
	atf_check -o inline:'single\n' gaol exec web cat /etc/single
	atf_check -s exit:1 -e ignore gaol exec web \
	    dd if=/dev/zero of=/scratch/big bs=1M count=2
	atf_check -o empty -x "grep '$PWD' /proc/self/mounts"' || :'
	atf_check -e ignore gaol destroy -f -y web
	atf_check -o inline:'host\n' cat shared/file
}

root_test killed_pid1 "a jail whose pid 1 was killed is stopped, and starts"
killed_pid1_body() {
	gaol_setup
	gaol_jail web
	kill -9 "$(gaol list -H -o jid web)"
	i=0
	while [ "$(gaol list -H -o state web)" != stopped ]; do
		i=$((i + 1))
		[ $i -lt 100 ] || atf_fail "still running"
	done
	atf_check -e match:"ended by itself" gaol start web
	atf_check gaol exec web true
}

root_test in_force "what is set later opens nothing in a running jail"
in_force_body() {
	gaol_setup
	gaol_jail web
	atf_check -e match:"next start" gaol set web allow.mlock=on
	atf_check -o match:'allow.mlock +on' gaol get allow.mlock web
	atf_check gaol exec web true
}

root_test persist_off "without persist the jail ends with its last process"
persist_off_body() {
	gaol_setup
	atf_check -e ignore gaol create web -r busybox persist=off \
	    "exec.start=sleep 2 >/dev/null 2>&1 &"
	atf_check -e ignore gaol start web
	atf_check -o inline:'running\n' gaol list -H -o state web
	sleep 4
	atf_check -o inline:'stopped\n' gaol list -H -o state web
}

root_test orphans "orphans inside are reaped, all die at stop"
orphans_body() {
	gaol_setup
	gaol_jail web
	atf_check gaol exec web sh -c \
	    'i=0; while [ $i -lt 50 ]; do (sleep 0 &) ; i=$((i+1)); done; sleep 1'
	atf_check -o inline:'0\n' gaol exec web sh -c \
	    'grep -l "State:.Z" /proc/[0-9]*/status 2>/dev/null | wc -l'
	atf_check gaol exec web sh -c 'sleep 7654 >/dev/null 2>&1 &'
	atf_check -e ignore gaol stop web
	atf_check -s exit:1 pgrep -x -f 'sleep 7654'
}

root_test two_commands "two commands on one jail serialise"
two_commands_body() {
	gaol_setup
	atf_check -e ignore gaol create web -r busybox \
	    "exec.prestart=sleep 2"
	gaol -q start web &
	sleep 1
	atf_check -s exit:73 -e match:"running already" gaol start web
	wait
	atf_check -o inline:'running\n' gaol list -H -o state web
}

root_test no_fork "create, start, stop, list and exec run no other program"
no_fork_body() {
	gaol_setup
	command -v strace >/dev/null || atf_skip "strace is missing"
	# pid 1 of a jail lives on after gaol: strace lets go of it
	trace() {
		strace -I2 -f -e trace=execve,execveat -o trace gaol "$@" \
		    >/dev/null 2>&1 &
		tracer=$!
		i=0
		until head -n 1 trace 2>/dev/null | { read -r pid rest &&
		    grep -q "^$pid *+++ exited with 0" trace; }; do
			i=$((i + 1))
			[ $i -lt 100 ] || atf_fail "gaol $* failed"
			sleep 0.1
		done
		kill -TERM $tracer 2>/dev/null || :
		wait $tracer || :
		grep -E 'execve(at)?\(' trace | grep -v ENOENT |
		    sed -E 's/^[0-9]+ +//; s/, (0x|\[).*/ /' >> execs
		rm -f trace
	}
	trace create web -r busybox
	trace start web
	trace list
	trace exec web true
	trace stop web
	trace destroy -y web
	atf_check test -s execs
	atf_check -s exit:1 -o empty grep -vE \
	    '^execve\("[^"]*/gaol" |^execveat\([0-9]+, "" |^execve\("/(usr/)?s?bin/true" |^\?\?\?' execs
}

root_test jail_user "users are those of the jail, also for its first command"
jail_user_body() {
	gaol_setup
	echo 'canary:x:1234:1234::/:/bin/sh' >> root/releases/busybox/root/etc/passwd
	atf_check -e ignore gaol create web -r busybox exec.jail_user=canary \
	    'exec.start=id -u'
	for i in 1 2 3 4 5; do
		atf_check -e ignore gaol -q start web
		atf_check -e ignore gaol -q stop web
		atf_check -o inline:'1234\n' gaol run -r busybox -u canary id -u
	done
	atf_check -o inline:'1234\n1234\n1234\n1234\n1234\n' \
	    gaol logs web
}

# put_gaol: what a jail needs to run gaol itself, in tools.
put_gaol() {
	programs=$(dirname "$(command -v gaol)")
	mkdir tools
	cp "$programs/gaol" "$programs/gaol-init" "$programs/gaol-image" tools
	cp /bin/busybox "$(atf_get_srcdir)/gaol.conf" tools
	cat > tools/env <<-'EOF'
	export PATH=/tools:$PATH GAOL_ROOT=/var/g GAOL_CONF=/tools/gaol.conf
	EOF
}

root_test nested "gaol works in a jail with children.max, and not without"
nested_body() {
	gaol_setup
	put_gaol
	inner='. /tools/env
	    gaol -q bootstrap busybox && gaol -q create in -r busybox &&
	    gaol -q start in && gaol exec in hostname && gaol list -H -o state &&
	    gaol -q stop in && gaol -q destroy -y in'
	gaol_jail outer children.max=1 "mount=$PWD/tools /tools nullfs rw"
	atf_check -e ignore -o inline:'in\nrunning\n' gaol exec outer sh -c "$inner"
	gaol_jail shut "mount=$PWD/tools /tools nullfs rw"
	atf_check -s not-exit:0 -e ignore -o ignore gaol exec shut sh -c "$inner"
}

root_test children_max "jails inside are counted, over all levels"
children_max_body() {
	gaol_setup
	put_gaol
	gaol_jail outer children.max=2 "mount=$PWD/tools /tools nullfs ro"
	cat > inside <<-'EOF'
	exec gaol exec outer sh -c ". /tools/env; $1"
	EOF
	atf_check -e ignore sh inside 'gaol -q bootstrap busybox &&
	    gaol -q create a b c -r busybox'
	atf_check -e ignore sh inside 'gaol -q start a b'
	atf_check -s exit:69 -e match:'children.max = 2' sh inside 'gaol start c'
	atf_check -o match:'c.stopped' sh inside 'gaol list -H -o name,state'
	# one ends, another starts
	i=0
	while [ $i -lt 10 ]; do
		atf_check -e ignore sh inside 'gaol -q restart a &&
		    gaol -q stop b && gaol -q start c && gaol -q stop c &&
		    gaol -q start b'
		i=$((i + 1))
	done
	# a jail of the second level counts as well
	atf_check -e ignore sh inside 'gaol -q stop a b &&
	    gaol -q set a children.max=1 "mount=/tools /tools nullfs ro"'
	atf_check -e ignore sh inside 'gaol -q start a && gaol exec a sh -c "
	    . /tools/env; gaol -q bootstrap busybox &&
	    gaol -q create d -r busybox store=memory && gaol -q start d"'
	atf_check -s exit:69 -e match:'children.max' sh inside 'gaol start c'
	# nobody may have as many as its parent has, nor raise that
	atf_check -s exit:69 -e match:'children.max' \
	    sh inside 'gaol create e -r busybox children.max=2'
	atf_check -s not-exit:0 -e ignore sh inside \
	    'echo 100 > /proc/sys/user/max_pid_namespaces'
}

root_test nested_hooks "hooks of a jail in a jail run where they should"
nested_hooks_body() {
	gaol_setup
	put_gaol
	gaol_jail outer children.max=1 "mount=$PWD/tools /tools nullfs ro"
	atf_check -o inline:'outer poststop\nouter release\n' -e ignore \
	    gaol exec outer sh -c '. /tools/env
	    gaol -q bootstrap busybox && gaol -q create in -r busybox \
		"exec.stop=true" "exec.poststop=echo $(hostname) poststop" \
		"exec.release=echo $(hostname) release" &&
	    gaol -q start in && gaol exec in true && gaol -q stop in'
}

root_test memory "a jail on store memory forgets, and writes nothing to disk"
memory_body() {
	gaol_setup
	gaol_jail web store=memory
	atf_check gaol exec web sh -c 'echo x > /root/file; cat /root/file > /dev/null'
	atf_check -o inline:'cell.conf\n' ls root/jails/web
	atf_check -e ignore gaol stop web
	atf_check -e ignore gaol start web
	atf_check -s exit:1 -e ignore gaol exec web test -f /root/file
}

atf_init_test_cases() {
	for t in whole_life statuses identity hooks failing_start timeouts \
	    run_throw_away run_other thick mounts killed_pid1 in_force persist_off \
	    orphans two_commands no_fork jail_user nested children_max nested_hooks \
	    memory stop_ends late_hooks run_output run_killed told cgroup_v2 cgroup_v1 \
	    cgroup_none; do
		atf_add_test_case $t
	done
}
