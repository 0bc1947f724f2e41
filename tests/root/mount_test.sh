#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# Mounts that come and go while a jail runs, and what a jail might do to them.
. "$(atf_get_srcdir)/common.subr"

# How many mounts the jail has in one place.
mounted() {
	gaol exec web sh -c "grep -c ' $1 ' /proc/self/mounts"
}

root_test live "a directory, a file, a tmpfs: at once, and after a restart"
live_body() {
	gaol_setup
	gaol_jail web
	mkdir src
	echo text >src/file
	chown 33:44 src/file
	chmod 755 . src
	atf_check gaol mount web "$PWD/src" /srv/deep/www
	atf_check -o inline:'33:44 text\n' gaol exec web sh -c \
	    'echo $(stat -c %u:%g /srv/deep/www/file) $(cat /srv/deep/www/file)'
	atf_check -s exit:1 -e match:'Read-only' \
	    gaol exec web touch /srv/deep/www/x
	atf_check gaol mount web "$PWD/src/file" /etc/one rw
	atf_check gaol exec web sh -c 'echo more >>/etc/one'
	atf_check -o inline:'text\nmore\n' cat src/file
	atf_check gaol mount web tmpfs /big size=2m,noexec
	atf_check -o match:' 2048 ' gaol exec web df -k /big
	# what root of the jail makes is 0 on disk, whatever its ids
	atf_check gaol mount web "$PWD/src" /rw rw
	atf_check gaol exec web touch /rw/made
	atf_check -o inline:'0:0\n' stat -c %u:%g src/made
	atf_check -e ignore gaol restart web
	for at in /srv/deep/www /etc/one /big /rw; do
		atf_check_equal 1 "$(mounted $at)"
		atf_check gaol umount web $at
		atf_check_equal 0 "$(mounted $at)"
	done
	atf_check -o empty gaol mount -H web
	# nothing of the host was mounted or moved
	atf_check -s exit:1 grep -q "$PWD" /proc/self/mounts
}

root_test no_userns "a jail with the ids of the host"
no_userns_body() {
	gaol_setup
	gaol_jail web userns=off
	mkdir src
	atf_check gaol mount web "$PWD/src" /x rw
	atf_check gaol exec web touch /x/made
	atf_check test -f src/made
	atf_check gaol mount web tmpfs /y
	atf_check gaol umount web /y
	atf_check gaol umount web /x
	atf_check_equal 0 "$(mounted /x)"
}

root_test busy "a mount in use: 75, and with -f it goes"
busy_body() {
	gaol_setup
	gaol_jail web 'exec.start=mkdir -p /x'
	mkdir src
	atf_check gaol mount web "$PWD/src" /x
	gaol exec web sh -c 'cd /x && touch /tmp/in && sleep 30' &
	for i in 1 2 3 4 5 6 7 8 9 10; do
		gaol exec web test -e /tmp/in && break
		sleep 0.1
	done
	atf_check -s exit:75 -e match:'in use' gaol umount web /x
	atf_check_equal 1 "$(mounted /x)"
	atf_check -o match:'/x nullfs ro' gaol get -H -o value mount web
	atf_check gaol umount -f web /x
	atf_check_equal 0 "$(mounted /x)"
	atf_check -e ignore gaol stop -f web
	wait
}

root_test hostile_targets "links to /proc, /sys, /dev and out of the jail"
hostile_targets_body() {
	gaol_setup
	gaol_jail web
	mkdir src
	echo mine >src/file
	before=$(gaol exec web cat /proc/self/mounts)
	for to in /proc /proc/sys /proc/self /proc/kcore /sys /sys/firmware \
	    /dev /dev/shm /dev/pts /proc/1/root /proc/self/cwd / \
	    ../../../../proc; do
		gaol exec web sh -c "rm -rf /t; ln -s $to /t"
		atf_check -s not-exit:0 -e not-empty \
		    gaol mount web "$PWD/src" /t
		[ $to = / ] || atf_check -s not-exit:0 -e not-empty \
		    gaol mount web "$PWD/src" /t/sub
		atf_check -s not-exit:0 -e not-empty \
		    gaol mount web "$PWD/src" "$to"
	done
	atf_check_equal "$before" "$(gaol exec web cat /proc/self/mounts)"
	# a link out of the jail is one in the jail
	mkdir outside
	gaol exec web sh -c "rm -rf /t; ln -s $PWD/outside /t;
	    mkdir -p $PWD/outside;
	    ln -s ../../../../../../..$PWD/outside /u"
	atf_check gaol mount web "$PWD/src" /t/deep rw
	atf_check gaol mount web "$PWD/src" /u/deep2 rw
	atf_check -o empty ls outside
	atf_check -o inline:'mine\n' gaol exec web cat "$PWD/outside/deep2/file"
	# a file for a directory, and the other way round
	gaol exec web sh -c 'echo >/isfile; mkdir /isdir'
	atf_check -s exit:1 -e match:'directory' \
	    gaol mount web "$PWD/src" /isfile
	atf_check -s exit:1 -e match:'directory' \
	    gaol mount web "$PWD/src/file" /isdir
	atf_check -s exit:73 -e match:'mounted there' \
	    gaol mount web "$PWD/src" "$PWD/outside/deep2"
}

root_test hostile_umount "a link does not make umount unmask what is masked"
hostile_umount_body() {
	gaol_setup
	gaol_jail web
	mkdir src other
	atf_check gaol mount web "$PWD/src" /srv/a
	atf_check gaol mount web tmpfs /srv/t
	atf_check gaol mount web "$PWD/other" /other
	for to in /proc /proc/sys /proc/kcore /sys /sys/firmware /dev \
	    /dev/shm /nowhere /; do
		for at in a t; do
			# a tmpfs that is nowhere to be found is no loss
			[ $at = a ] || gaol exec web test -d $to || continue
			gaol exec web sh -c "rm -rf /moved; mv /srv /moved;
			    mkdir /srv; ln -s $to /srv/$at"
			before=$(gaol exec web cat /proc/self/mounts)
			atf_check -s not-exit:0 -e not-empty \
			    gaol umount web /srv/$at
			atf_check_equal "$before" \
			    "$(gaol exec web cat /proc/self/mounts)"
			gaol exec web sh -c 'rm -rf /srv; mv /moved /srv'
		done
	done
	# another mount of ours in that place
	gaol exec web sh -c "mv /srv /moved; mkdir /srv; ln -s /other /srv/a"
	atf_check -s exit:1 -e match:'is not' gaol umount web /srv/a
	atf_check_equal 1 "$(mounted /other)"
	# one that the jail moved out of the way is no less there
	gaol exec web rm -rf /srv
	atf_check -s exit:75 -e match:'moved it to /moved/a' \
	    gaol umount web /srv/a
	atf_check_equal 1 "$(mounted /moved/a)"
	atf_check gaol umount -f web /srv/a
	atf_check_equal 0 "$(mounted /moved/a)"
	gaol exec web mv /moved /srv
	atf_check gaol umount web /srv/t
}

root_test hostile_source "what lies in another jail is looked up in there"
hostile_source_body() {
	gaol_setup
	gaol_jail web
	atf_check -e ignore gaol create evil -r busybox store=dir
	mkdir secret
	echo secret >secret/file
	evil=$PWD/root/jails/evil/root
	ln -s "$PWD/secret" "$evil/out"
	ln -s ../../../../../../../../../../etc "$evil/up"
	mkdir "$evil/ok"
	echo fine >"$evil/ok/file"
	ln -s /ok "$evil/in"
	atf_check -s exit:66 -e ignore gaol mount web "$evil/out" /x
	atf_check gaol mount web "$evil/in" /y
	atf_check -o inline:'fine\n' gaol exec web cat /y/file
	atf_check gaol mount web "$evil/up" /z
	atf_check -s exit:1 gaol exec web test -e /z/debian_version
	atf_check -e ignore gaol set web "mount+=$evil/out /x nullfs ro"
	atf_check -e ignore gaol stop web
	atf_check -s exit:66 -e ignore gaol start web
	# a volume, too
	atf_check gaol volume create data
	ln -s "$PWD/secret" root/volumes/data/out
	atf_check -e ignore gaol set web mount=
	atf_check -e ignore gaol start web
	atf_check -s exit:66 -e ignore gaol mount web vol:data/out /v
}

root_test races "the target is renamed and replaced all the time"
races_body() {
	gaol_setup
	gaol_jail web
	mkdir src outside
	echo mine >src/file
	before=$(gaol exec web grep -c . /proc/self/mounts)
	gaol exec web sh -c 'while [ ! -e /stop ]; do
	    mkdir -p /r; rm -rf /r 2>/dev/null; ln -s /proc/sys /r; rm -f /r
	    ln -s ../../../../../../tmp /r; rm -f /r
	    mkdir -p /r 2>/dev/null; mv /r /q 2>/dev/null; rm -rf /q
	    done' >/dev/null 2>&1 &
	i=0
	while [ $i -lt 40 ]; do
		gaol mount web "$PWD/src" /r/x >/dev/null 2>&1 || :
		gaol umount web /r/x >/dev/null 2>&1 ||
		    gaol umount -f web /r/x >/dev/null 2>&1 || :
		i=$((i + 1))
	done
	gaol exec web touch /stop
	wait
	# no mask is gone, the host has nothing of it
	atf_check -o not-empty gaol exec web grep ' /proc/sys proc ro' \
	    /proc/self/mounts
	after=$(gaol exec web grep -cv /src /proc/self/mounts)
	[ "$after" -ge "$before" ] || atf_fail "$before mounts, now $after"
	atf_check -o empty ls outside
	atf_check -o inline:'mine\n' cat src/file
	atf_check -s exit:1 grep -q "$PWD" /proc/self/mounts
}

root_test readonly "root of the jail does not make it writable"
readonly_body() {
	gaol_setup
	gaol_jail web allow.mount=on allow.mount.nullfs=on \
	    allow.mount.tmpfs=on enforce_statfs=1 children.max=2
	mkdir src
	echo mine >file
	atf_check gaol mount web "$PWD/file" /file
	gaol exec web sh -c 'mount -o remount,bind,rw,nodev /file
	    echo >>/file' >/dev/null 2>&1 || :
	atf_check -o inline:'mine\n' cat file
	atf_check gaol mount web "$PWD/src" /x ro
	gaol exec web sh -c 'mount -o remount,rw /x; mount -o remount,rw,bind,nodev /x;
	    mkdir /y; mount -o bind /x /y; mount -o remount,rw,bind,nodev /y;
	    touch /x/made /y/made' >/dev/null 2>&1 || :
	atf_check -o empty ls src
}

root_test volumes "a volume outlives its jails, and its owners stay"
volumes_body() {
	gaol_setup
	gaol_jail web
	gaol_jail other
	atf_check gaol volume create -o 70:70 -m 0700 data
	atf_check gaol mount web vol:data /var/db/x rw
	atf_check gaol mount other vol:data /y
	atf_check gaol exec web sh -c 'echo text >/var/db/x/file;
	    chown 70:71 /var/db/x/file; mkdir /var/db/x/sub'
	atf_check -o inline:'70:71 text\n' gaol exec other sh -c \
	    'echo $(stat -c %u:%g /y/file) $(cat /y/file)'
	atf_check -o inline:'70:71\n' stat -c %u:%g root/volumes/data/file
	atf_check -s exit:75 -e match:'web' gaol volume destroy -y data
	atf_check -e ignore gaol destroy -f -y web other
	gaol_jail third 'mount=vol:data/sub /z nullfs rw'
	atf_check gaol exec third touch /z/new
	atf_check test -f root/volumes/data/sub/new
	atf_check -s exit:75 -e match:'third' gaol volume destroy -y data
	atf_check gaol umount third /z
	atf_check gaol volume destroy -y data
	atf_check -o empty ls -A root/volumes
}

atf_init_test_cases() {
	for t in live no_userns busy hostile_targets hostile_umount \
	    hostile_source races readonly volumes; do
		atf_add_test_case $t
	done
}
