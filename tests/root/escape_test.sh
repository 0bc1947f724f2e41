#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# A jail that wants out: one test for each class of escape known from others.
. "$(atf_get_srcdir)/common.subr"

put_probe() {
	atf_check -x "gaol exec $1 sh -c 'cat > /probe; chmod 755 /probe' < $GAOL_TEST_TOOLS/probe"
}

# The class of CVE-2019-5736: the program that joins the jail is overwritten
# through /proc/PID/exe, lured by a command that is "#!/proc/self/exe".
root_test own_exe "the hosts programs cannot be overwritten through /proc/PID/exe"
own_exe_body() {
	gaol_setup
	programs="$(command -v gaol) $(dirname "$(command -v gaol)")/gaol-init"
	sum=$(cat $programs | sha256sum)
	for userns in on off; do
		gaol_jail evil$userns userns=$userns
		put_probe evil$userns
		atf_check gaol exec evil$userns sh -c \
		    'printf "#!/proc/self/exe\n" > /lure; chmod 755 /lure'
		gaol exec evil$userns sh -c \
		    'while [ ! -e /done ]; do /probe overwrite; done' > won &
		i=0
		while [ $i -lt 30 ]; do
			gaol exec evil$userns /lure init >/dev/null 2>&1
			gaol exec evil$userns true
			i=$((i + 1))
		done
		atf_check gaol exec evil$userns touch /done
		wait
		atf_check -s exit:1 -o empty grep ok won
		atf_check gaol exec evil$userns sh -c \
		    '! (: > /proc/1/exe) 2>/dev/null'
	done
	atf_check_equal "$sum" "$(cat $programs | sha256sum)"
}

# The same class from the other side: whoever joins is a child of gaol, with its
# memory, until it is the command.
root_test joiners "who joins a jail cannot be looked into from within"
joiners_body() {
	gaol_setup
	for userns in on off; do
		gaol_jail evil$userns userns=$userns
		put_probe evil$userns
		for user in root daemon; do
			gaol exec evil$userns rm -f /done
			gaol exec -u $user evil$userns /probe joiners > won &
			i=0
			while [ $i -lt 15 ]; do
				gaol exec -u $user evil$userns true
				i=$((i + 1))
			done
			atf_check gaol exec evil$userns touch /done
			wait
			atf_check -o inline:'EACCES\n' cat won
		done
	done
}

# The class of CVE-2024-21626: a descriptor of the host's left open, or a
# working directory reached through one.
root_test left_open "no descriptor of the host reaches a jail"
left_open_body() {
	gaol_setup
	exec 7</etc 8</etc/shadow 9>>host-file
	gaol_jail web
	put_probe web
	atf_check -o inline:'EBADF\n' gaol exec web /probe descriptors
	atf_check -o inline:'0\n1\n2\n' gaol exec web sh -c \
	    'for fd in /proc/1/fd/*; do case $(readlink $fd) in /*etc*|*shadow*|*host-file*) echo $fd;; esac; done; echo 0; echo 1; echo 2'
	atf_check -o inline:'EBADF\n' gaol run -r busybox \
	    "mount=$GAOL_TEST_TOOLS /tools nullfs ro" -- /tools/probe descriptors
	for fd in 3 4 5 6 7 8 9 10 11 12; do
		gaol exec -w /proc/self/fd/$fd web sh -c 'cat shadow ../etc/shadow' \
		    > out 2>/dev/null && atf_fail "fd $fd leads out"
		gaol exec -w /proc/1/fd/$fd web sh -c 'cat ./../../etc/shadow' \
		    > out 2>/dev/null && atf_fail "fd $fd of pid 1 leads out"
	done
	exec 7<&- 8<&- 9>&-
}

# The class of CVE-2021-30465: the place of a mount is a link when it is made.
root_test mount_target "a mount lands inside, whatever links say"
mount_target_body() {
	gaol_setup
	mkdir share victim
	echo share > share/mark
	gaol_jail web
	atf_check gaol exec web sh -c "rm -rf /data; ln -s ../../../../../../../..$PWD/victim /data
	    mkdir -p /a; ln -s / /a/b; ln -s /proc/1/root/tmp /magic"
	atf_check -e ignore gaol stop web
	for target in /data /a/b/data2 /magic/data3; do
		atf_check -e ignore gaol set web "mount=$PWD/share $target nullfs rw" \
		    || continue
		gaol -q start web > out 2>&1 && gaol -q stop web
		atf_check -o empty ls victim
		atf_check -o empty -x "grep -c '$PWD/victim' /proc/self/mountinfo | grep -v '^0'  || :"
	done
}

# The class of CVE-2019-19921: /proc, /sys or /dev is replaced by a link.
root_test hostile_top "links in place of /proc, /sys, /dev stop the start"
hostile_top_body() {
	gaol_setup
	for dir in proc sys dev; do
		gaol_jail j$dir
		atf_check -e ignore gaol stop j$dir
		upper=root/jails/j$dir/layers/upper
		atf_check rm -rf $upper/$dir
		atf_check ln -s /etc $upper/$dir
		atf_check -s exit:1 -e match:"the jail's /$dir" gaol start j$dir
	done
	atf_check -o empty ls root/run/live
}

# podman cp and the like: the host opens what the jail named.
root_test passwd_files "a hostile /etc/passwd neither leads out nor hangs"
passwd_files_body() {
	gaol_setup
	gaol_jail web
	echo 'canary:x:77:77::/:/bin/sh' > canary
	chmod 644 canary
	atf_check gaol exec web sh -c \
	    "ln -sf /../../../../../../../..$PWD/canary /etc/passwd"
	atf_check -s exit:125 -e match:"no user" gaol exec -u canary web true
	atf_check gaol exec web sh -c \
	    "rm /etc/passwd; ln -s /proc/1/root/etc/shadow /etc/passwd"
	atf_check -s exit:125 -e ignore gaol exec -u canary web true
	atf_check -s ignore -e ignore gaol exec web sh -c \
	    "rm -f /etc/passwd; mkfifo /etc/passwd"
	atf_check -s exit:125 -e match:passwd timeout 10 gaol exec -u x web true
	atf_check -e ignore gaol stop web
	rm -f root/jails/web/layers/upper/etc/passwd
	dd if=/dev/zero of=root/jails/web/layers/upper/etc/passwd bs=1M \
	    count=0 seek=5000 2>/dev/null
	atf_check -e ignore gaol start web
	atf_check -s exit:125 -e match:passwd timeout 10 gaol exec -u x web true
	atf_check -e ignore gaol stop web
	printf 'a:x:4294967295:0::/:/bin/sh\nb:x:-1:0::/:/bin/sh\nc:x:65536:0::/:/bin/sh\nd:x:0:0:\n%s\ne:x:5:5::/:/bin/sh\n' \
	    "$(head -c 100000 /dev/zero | tr '\0' :)" \
	    > root/jails/web/layers/upper/etc/passwd
	atf_check -e ignore gaol start web
	for user in a b c d 4294967295 65536 -1; do
		atf_check -s exit:125 -e match:"no user|not" \
		    gaol exec -u $user web true
	done
	atf_check -o inline:'5\n' -e ignore gaol exec -u e web id -u
}

root_test terminal "a terminal of the host that is written to cannot be read"
terminal_body() {
	gaol_setup
	command -v script >/dev/null || atf_skip "script(1) is missing"
	for userns in on off; do
		gaol_jail j$userns userns=$userns
		put_probe j$userns
		cat > exec$userns <<-EOF
		echo typed | gaol exec j$userns /probe terminal
		gaol exec j$userns sh -c 'echo out; echo err >&2' < /dev/null
		gaol run -r busybox userns=$userns \
		    "mount=$GAOL_TEST_TOOLS /tools nullfs ro" \
		    'exec.start=/tools/probe terminal' -- \
		    /tools/probe terminal < /dev/null
		exit 0
		EOF
		atf_check -o save:out -e ignore \
		    script -qec "sh exec$userns" /dev/null < /dev/null
		atf_check -o inline:'ENOTTY out err ENOTTY ENOTTY ' \
		    sh -c "tr -cd 'A-Za-z\n' < out | head -n 5 | tr '\n' ' '"
	done
}

root_test host_ids "root in the jail is nobody on the host"
host_ids_body() {
	gaol_setup
	gaol_jail web
	gaol exec web sleep 1000 &
	sleep 1
	pid=$(pgrep -f 'sleep 1000' | tail -1)
	uid=$(awk '/^Uid/ { print $2 }' "/proc/$pid/status")
	[ "$uid" -ge 1879048192 ] || atf_fail "runs as host uid $uid"
	gaol_jail two
	jid1=$(gaol list -H -o jid web)
	jid2=$(gaol list -H -o jid two)
	[ "$(cat /proc/$jid1/uid_map)" != "$(cat /proc/$jid2/uid_map)" ] ||
	    atf_fail "two jails share an id range"
	gaol -q stop web
	wait
}

root_test own_processes "a jail sees and signals only its own"
own_processes_body() {
	gaol_setup
	gaol_jail web
	sleep 1000 &
	outside=$!
	atf_check -s exit:1 -e ignore gaol exec web kill -0 $outside
	atf_check -o not-match:"$outside" gaol exec web ls /proc
	atf_check -e ignore gaol exec web sh -c 'kill -9 -1; true'
	kill -0 $outside || atf_fail "a process of the host was killed"
	kill $outside
}

root_test fork_bomb "a jail full of processes is found and killed"
fork_bomb_body() {
	gaol_setup
	gaol_jail web
	atf_check gaol exec web sh -c \
	    'i=0; while [ $i -lt 500 ]; do (trap "" TERM HUP INT; setsid sleep 4242 </dev/null >/dev/null 2>&1 &); i=$((i+1)); done'
	atf_check -e ignore gaol set web stop.timeout=1
	atf_check -e ignore gaol destroy -f -y web
	atf_check -s exit:1 pgrep -x -f 'sleep 4242'
}

root_test mounted_tree "destroy does not delete through a mount of the host"
mounted_tree_body() {
	gaol_setup
	gaol_jail web
	atf_check -e ignore gaol stop web
	mkdir precious
	echo data > precious/file
	mkdir root/jails/web/layers/upper/mnt
	mount --bind precious root/jails/web/layers/upper/mnt
	atf_check -s exit:75 -e match:"mount" gaol destroy -y web
	atf_check -o inline:'data\n' cat precious/file
	umount root/jails/web/layers/upper/mnt
	atf_check -e ignore gaol destroy -y web
	atf_check -o inline:'data\n' cat precious/file
}
mounted_tree_cleanup() {
	umount root/jails/web/layers/upper/mnt 2>/dev/null || :
	gaol_cleanup
}

root_test links_removed "destroy removes links, never what they lead to"
links_removed_body() {
	gaol_setup
	gaol_jail web
	mkdir precious
	echo data > precious/file
	atf_check gaol exec web sh -c \
	    "ln -s $PWD/precious /dir; ln -s $PWD/precious/file /file; mkdir -p /deep; chmod 000 /deep"
	atf_check -e ignore gaol destroy -f -y web
	atf_check -o inline:'data\n' cat precious/file
}

root_test names "names that are paths, options or patterns are refused"
names_body() {
	gaol_setup
	for name in .. . ../x a/b -x ALL '' 'a b' "$(printf 'a\nb')" '*' 12 \
	    "$(printf '%064d' 1)"; do
		atf_check -s exit:64 -e not-empty gaol create -r busybox -- "$name"
	done
	atf_check -o empty ls root/jails
}

root_test console_log "the console log is the hosts: no link is followed"
console_log_body() {
	gaol_setup
	gaol_jail web "exec.start=echo hello"
	atf_check -o inline:'hello\n' gaol logs web
	atf_check -e ignore gaol stop web
	echo safe > victim
	rm root/log/web/console.log
	ln -s "$PWD/victim" root/log/web/console.log
	atf_check -s exit:1 -e not-empty gaol start web
	atf_check -o inline:'safe\n' cat victim
}

atf_init_test_cases() {
	for t in own_exe joiners left_open mount_target hostile_top passwd_files \
	    terminal host_ids own_processes fork_bomb mounted_tree links_removed names \
	    console_log; do
		atf_add_test_case $t
	done
}
