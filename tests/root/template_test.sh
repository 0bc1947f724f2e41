#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

. "$(atf_get_srcdir)/common.subr"

library() {
	export GAOL_TEMPLATES="$GAOL_SOURCE/share/templates"
	[ -d "$GAOL_TEMPLATES" ] || atf_skip "no share/templates at $GAOL_SOURCE"
}

# template NAME: its Bastillefile from standard input.
template() {
	mkdir -p "root/templates/$1"
	cat >"root/templates/$1/Bastillefile"
}

root_test steps "a template on a real jail: files, programs, users, services"
steps_body() {
	gaol_setup
	gaol_jail web
	template x/t <<'end'
ARG TEXT=hello
CMD adduser -D -H app 2>/dev/null || echo 'app:x:1000:1000::/:/bin/sh' >>/etc/passwd; mkdir -p /srv
CP f /srv/f
RENDER /srv
USER app
WORKDIR /srv
CMD id -u; pwd; cat f
USER root
CMD chown 1000 /srv/f
RENDER /srv/f
CMD sleep 1000 & echo daemon
CMD ls -ln /srv/f | awk '{ print $3, $4 }'
end
	echo '${TEXT} of ${JAIL_NAME}' >root/templates/x/t/f
	atf_check -e save:told gaol apply web x/t
	atf_check -o inline:"1000\n/srv\nhello of web\ndaemon\n1000 0\n" \
	    sed -n 's/^web| //p' told
	atf_check -e match:"nothing has changed" gaol apply web x/t
	atf_check -o match:"sleep 1000" gaol exec web ps
	# what fails is undone, with what runs
	echo 'CMD rm /srv/f; exit 9' >>root/templates/x/t/Bastillefile
	atf_check -s exit:1 -e match:"ended with status 9" gaol apply web x/t
	atf_check -o inline:"hello of web\n" gaol exec web cat /srv/f
	atf_check -o inline:"running\n" gaol list -H -o state
	atf_check gaol snapshots -H web
}

root_test hostile "neither a template nor a jail reaches files of the host"
hostile_body() {
	gaol_setup
	gaol_jail web
	echo host >outside
	here=$PWD
	atf_check gaol exec web sh -c "
		ln -s / /etc/up; ln -s $here/outside /etc/file
		ln -s ../../../../../../../../../../.. /up
		mkdir -p /d; ln -s $here /d/host; mkfifo /d/fifo
		mknod /d/null c 1 3 2>/dev/null
		printf '#!/bin/sh\ntouch %s/ran\necho 1.2.3.4\n' $here >/sbin/ifconfig
		chmod +x /sbin/ifconfig
		echo 'a=\$(touch $here/ran); touch $here/ran' >/etc/rc.conf"
	cat <<-end | template x/t
		CP f /etc/up$here/outside
		CP f /etc/file
		CP f ../../../../../../../..$here/outside
		CP f /up$here/outside
		CP tree/. /d
		LIF line /etc/file
		LIF line /up$here/outside
		RENDER /d
		RENDER /up$here
		SYSRC a+=x 'b=\\\$(touch $here/ran)' 'c=\`touch $here/ran\`'
		CMD echo \${JAIL_IP}
	end
	mkdir -p root/templates/x/t/tree/host
	echo '${JAIL_NAME}' >root/templates/x/t/f
	echo '${JAIL_NAME}' >root/templates/x/t/tree/host/outside
	atf_check -s ignore -e ignore gaol apply web x/t
	atf_check -o inline:"host\n" cat outside
	[ ! -e ran ] || atf_fail "something of the jail ran on the host"
	for link in "$here/outside" ../../../../outside; do
		ln -sf "$link" root/templates/x/t/link
		for step in 'CP link /x' 'OVERLAY link' \
		    'INCLUDE x/t --arg-file link'; do
			echo "$step" | template x/t
			atf_check -s not-exit:0 -e ignore gaol apply web x/t
		done
	done
}

root_test kept "the next jail begins where the last one was"
kept_body() {
	gaol_setup
	template x/t <<'end'
ARG LAST=one
CMD sleep 1; head -c 100000 /dev/zero >/big
TAG kept
CMD echo ${LAST} >/last
end
	atf_check -e match:"3 steps done, 0 unchanged" \
	    gaol create a -r busybox -T x/t
	atf_check -o match:"gaol-step-" gaol df -H -o name
	atf_check -o inline:"a\n" gaol list -H -o name
	atf_check -e match:"2 steps done, 1 unchanged" -e not-match:"CMD sleep" \
	    gaol create b -r busybox -T x/t -a LAST=two -s
	atf_check -o inline:"two\n" gaol exec b cat /last
	atf_check -o inline:"100000\n" gaol exec b stat -c %s /big
	atf_check -o inline:"kept\n" gaol get -H -o value tag b
	atf_check -e match:"nothing has changed" gaol apply b x/t -a LAST=two
	atf_check -e match:"3 steps done" \
	    gaol create c -r busybox -T x/t --no-cache
	atf_check -s exit:64 -e match:"are gaol's own" \
	    gaol create gaol-step-x -r busybox
	atf_check -e match:"1 kept steps are gone" gaol template prune
	atf_check -o not-match:"gaol-step-" gaol df -H -o name
	atf_check -o inline:"100000\n" gaol exec b stat -c %s /big
}

root_test debian "www/static (and databases with GAOL_CHECK_LONG) on debian-12"
debian_head() {
	atf_set descr 'www/static on debian-12; databases with GAOL_CHECK_LONG'
	atf_set require.user root
	atf_set require.progs 'mmdebstrap curl'
	atf_set timeout 900
}
debian_body() {
	GAOL_ROOT="$PWD/root" GAOL_CONF="$(atf_get_srcdir)/gaol.conf"
	export GAOL_ROOT GAOL_CONF
	library
	if [ -d "${GAOL_TEST_CACHE-/nonexistent}/debian-12" ]; then
		atf_check -e ignore gaol -q bootstrap busybox
		mv "$GAOL_TEST_CACHE/debian-12" root/releases/
	else
		atf_check -e ignore gaol -q bootstrap debian-12
	fi
	atf_check -e save:told gaol create web -r debian-12 net=inherit -s \
	    -T www/static -a PORT=18080 -a TITLE=hello
	fetch 18080 >page
	atf_check -o match:"<h1>hello</h1>" -o match:"From web" cat page
	# rc.conf is what starts it
	atf_check -e ignore gaol restart web
	fetch 18080 >page
	atf_check -o match:"From web" cat page
	atf_check -e match:"nothing has changed" gaol apply web www/static \
	    -a PORT=18080 -a TITLE=hello
	atf_check -e ignore gaol stop web
	[ -n "$GAOL_CHECK_LONG" ] || return 0
	atf_check -e ignore gaol create kv -r debian-12 net=inherit -s \
	    -T databases/redis -a PORT=16379
	atf_check -o match:"PONG" gaol exec kv redis-cli -p 16379 ping
	atf_check -e ignore gaol create db -r debian-12 net=inherit -s \
	    -T databases/postgresql -a PORT=15432 -a DATABASE=shop
	atf_check -o match:"shop" gaol exec -u postgres db psql -p 15432 -tAc \
	    "SELECT datname FROM pg_database WHERE datname = 'shop'"
}

# fetch PORT: the page of a server on loopback, which may just be starting.
fetch() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		curl -fsS "http://127.0.0.1:$1/" 2>/dev/null && return
		sleep 0.3
	done
	atf_fail "nothing answers at port $1"
}

atf_init_test_cases() {
	for t in steps hostile kept debian; do
		atf_add_test_case $t
	done
}
