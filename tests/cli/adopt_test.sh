#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# Jails of others, laid out as their managers do, below an altroot.  On ZFS, and
# started: tests/root/adopt_test.sh.
# shellcheck disable=SC1091,SC2154

old=$PWD/old

# prepare: gaol.conf says where the other host is.
prepare() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	mkdir -p old/etc old/usr/local/etc
	{ cat "$GAOL_CONF"; echo "altroot = $old;"; } >gaol.conf
	export GAOL_CONF="$PWD/gaol.conf"
}

# files DIR: a root of Linux.
files() {
	mkdir -p "$1/bin" "$1/etc" "$1/dev"
	printf '\177ELF\2\1\1\0rest of a program of Linux' >"$1/bin/sh"
	chmod 4755 "$1/bin/sh"
	echo "$1" >"$1/etc/mine"
}

# bastille NAME ADDRESS [LINE]: a jail of Bastille.
bastille() {
	home=old/usr/local/bastille/jails/$1
	files "$home/root"
	cat >"$home/jail.conf" <<CONF
$1 {
  enforce_statfs = 2;
  devfs_ruleset = 4;
  exec.clean;
  exec.consolelog = /var/log/bastille/$1/console.log;
  exec.start = '/bin/sh /etc/rc';
  exec.stop = '/bin/sh /etc/rc.shutdown';
  host.hostname = $1;
  mount.devfs;
  mount.fstab = /usr/local/bastille/jails/$1/fstab;
  path = /usr/local/bastille/jails/$1/root;
  securelevel = 2;
  osrelease = "14.3-RELEASE-p2";
  ip4.addr = em0|$2;
  ip6 = disable;
  $3
}
CONF
	echo "/usr/local/bastille/releases/14.3-RELEASE /usr/local/bastille/jails/$1/root/.bastille nullfs ro 0 0" \
	    >"$home/fstab"
	printf 'boot="on"\ndepend=""\npriority="7"\n' >"$home/settings.conf"
}

# values NAME <LINES: "PROPERTY VALUE" each.
values() {
	while read -r name value; do
		atf_check_equal "$1 $name: $value" \
		    "$1 $name: $(gaol get -H -o value "$name" "$1")"
	done
}

# tree: names, modes and contents of all that is there, but of locks.
tree() {
	(cd old && find . -printf '%p %y %m %s %l\n' | sort)
	(cd root && find jails templates -mindepth 1 -printf '%p %y %m\n' 2>/dev/null | sort)
}

atf_test_case bastille
bastille_head() {
	atf_set descr "jails of Bastille, there and back"
}
bastille_body() {
	prepare
	bastille web 10.17.89.10/24 "exec.prestart += \"logger web\";"
	bastille db_1 10.17.89.11
	bastille odd..name 10.17.89.12
	bastille broken 10.17.89.13 "x = \"unfinished"
	bastille gone 10.17.89.14
	rm -r old/usr/local/bastille/jails/gone/root
	mkdir -p old/usr/local/bastille/jails/nothing/root \
	    old/usr/local/bastille/templates/www/nginx
	echo 'PKG nginx' >old/usr/local/bastille/templates/www/nginx/Bastillefile
	home=old/usr/local/bastille/jails/web
	printf 'dual em0 any any tcp 8080 80\n' >$home/rdr.conf
	printf 'jail:web:memoryuse:deny=1G/jail\n' >$home/rctl.conf
	printf 'www\nprod\n' >$home/tags
	printf 'depend="db_1"\nboot="off"\npriority="3"\n' >$home/settings.conf
	tree >before
	# a plan touches nothing
	atf_check -s exit:1 -o save:plan -e save:errors gaol -n adopt --from bastille
	atf_check -o ignore grep "move $old/usr/local/bastille/jails/web/root to" plan
	atf_check -o ignore grep "would copy the template www/nginx" plan
	tree >after
	atf_check cmp before after
	for why in "broken: jail.conf:16" "gone: its files: " \
	    "nothing: $old/usr/local/bastille/jails/nothing/jail.conf is missing" \
	    "odd..name: --as NEW gives it another: " "4 of 6 jails failed"; do
		grep -qF "$why" errors || atf_fail "'$why': $(cat errors)"
	done
	# one that runs
	mkdir -p root/run/fake
	echo "7 web /usr/local/bastille/jails/web/root web" >.others
	fake=$(find root -type d -name fake | head -n 1)
	cp .others "$fake/.others"
	fails 75 "it runs (jid 7); stop it with bastille first" \
	    adopt --from bastille web
	rm "$fake/.others"
	atf_check -s exit:1 -e save:told gaol adopt --from bastille ALL
	atf_check -o ignore grep '^web: adopted' told
	atf_check -o ignore grep '^1 templates copied' told
	values web <<'VALUES'
boot off
depend db_1
exec.prestart logger web
exec.start /bin/sh /etc/rc
limit.memory 1G
mount /usr/local/bastille/releases/14.3-RELEASE /.bastille nullfs ro
net em0|10.17.89.10/24
priority 3
publish 8080:80/tcp
store dir
tag www,prod
type thick
VALUES
	atf_check_equal "boot on" "boot $(gaol get -H -o value boot db_1)"
	atf_check -o inline:"$home/root\n" cat root/jails/web/root/etc/mine
	atf_check_equal 4755 "$(stat -c %a root/jails/web/root/bin/sh)"
	[ ! -e $home/root ] || atf_fail "the files are still there"
	atf_check -o ignore cat $home/jail.conf root/templates/www/nginx/Bastillefile
	# a second time changes nothing
	tree >before
	atf_check -e match:'web: adopted before' -e match:'db_1: adopted before' \
	    gaol adopt --from bastille web db_1
	tree >after
	atf_check cmp before after
	atf_check gaol -q set web exec.start= exec.stop= exec.prestart= depend=
	atf_check gaol -q start web
	fails 75 "jail 'web' is running; 'gaol stop web' first" adopt --undo web
	atf_check gaol -q stop web
	atf_check gaol -q snapshot --copy web s1
	atf_check -s exit:75 -e match:'snapshots' gaol adopt --undo web
	atf_check gaol -q snapshot -y -d web s1
	# another name, and one that is taken
	atf_check -e ignore gaol adopt --from bastille odd..name --as odd
	atf_check gaol -q adopt --undo odd
	jail odd
	atf_check -s exit:73 -e match:"jail 'odd' exists already" \
	    gaol adopt --from bastille odd..name --as odd
	# back
	atf_check -e match:'web: given back' -e match:'db_1: given back' \
	    gaol adopt --undo
	states "odd stopped"
	atf_check -o inline:"$home/root\n" cat $home/root/etc/mine
	atf_check -o inline:'odd\n' ls -A root/jails
	fails 1 "'odd' was not adopted" adopt --undo odd
	# a copy leaves all as it is
	atf_check -e match:'web: copied' gaol adopt --from bastille --copy web
	atf_check cmp $home/root/bin/sh root/jails/web/root/bin/sh
	atf_check -s exit:1 -e match:"'gaol destroy web' removes the copy" \
	    gaol adopt --undo web
	atf_check -e match:'adopted before' gaol adopt --from bastille web
}

atf_test_case iocage
iocage_head() {
	atf_set descr "jails and templates of iocage"
}
iocage_body() {
	prepare
	for name in web w.2 broken empty; do
		files old/iocage/jails/$name/root
		: >old/iocage/jails/$name/fstab
	done
	files old/iocage/templates/base/root
	echo '{"host_hostname": "base", "template": 1, "type": "template"}' \
	    >old/iocage/templates/base/config.json
	cat >old/iocage/jails/web/config.json <<'JSON'
{
    "allow_raw_sockets": 1,
    "boot": 1,
    "cloned_release": "14.3-RELEASE",
    "exec_prestart": "/root/before",
    "host_hostname": "web-1",
    "host_hostuuid": "web",
    "ip4_addr": "em0|10.0.0.7/24",
    "memoryuse": "deny=2G",
    "priority": "4",
    "release": "14.3-RELEASE-p2",
    "depends": "w.2"
}
JSON
	echo "/srv/data $old/iocage/jails/web/root/data	nullfs	ro	0	0 # Added by iocage on 2026-11-23 10:00:00" \
	    >old/iocage/jails/web/fstab
	echo '{"host_hostname": "w-2", "ip4_addr": "none"}' >old/iocage/jails/w.2/config.json
	echo '{"host_hostname": ' >old/iocage/jails/broken/config.json
	atf_check -s exit:1 -e save:told gaol adopt --from iocage
	atf_check -o ignore grep 'broken: config.json cannot be read' told
	atf_check -o ignore grep 'empty: .*config.json is missing' told
	atf_check -o ignore grep 'web: /srv/data of the host is mounted at /data' told
	states "base stopped w.2 stopped web stopped"
	values web <<'VALUES'
allow.raw_sockets on
boot on
depend w.2
exec.prestart /root/before
host.hostname web-1
limit.memory 2G
mount /srv/data /data nullfs ro
net em0|10.0.0.7/24
priority 4
securelevel 2
VALUES
	atf_check_equal template "$(gaol get -H -o value tag base)"
	mkdir -p root/run/fake
	atf_check -e ignore gaol adopt --undo ALL
	# dots are no part of the kernel's name
	fake=$(find root -type d -name fake | head -n 1)
	echo "9 ioc-w_2 /nowhere w" >"$fake/.others"
	fails 75 "it runs (jid 9); stop it with iocage first" \
	    adopt --from iocage w.2
	atf_check -e ignore gaol adopt --from iocage --force w.2
	rm "$fake/.others"
	# elsewhere
	atf_check -e ignore gaol adopt --undo w.2
	mv old/iocage old/somewhere
	fails 66 "iocage manages nothing on this host; --dir says where else to look" \
	    adopt --from iocage
	atf_check -e ignore gaol adopt --from iocage --dir "$old/somewhere" w.2
}

atf_test_case pot
pot_head() {
	atf_set descr "pots, of one dataset or several"
}
pot_body() {
	prepare
	mkdir -p old/usr/local/etc/pot old/opt/pot/fscomp/shared \
	    old/opt/pot/bases/14.2/usr/local old/opt/pot/bases/14.2/opt/custom
	echo 'POT_FS_ROOT=/opt/pot
POT_ZFS_ROOT="tank/pots"' >old/usr/local/etc/pot/pot.default.conf
	: >old/usr/local/etc/pot/pot.conf
	pots=old/opt/pot/jails
	for name in one multi base-14_2; do
		mkdir -p $pots/$name/conf
		files $pots/$name/m
		printf 'pot.level=0\npot.type=single\nhost.hostname="%s.pot"\nnetwork_type=inherit\npot.cmd=sh /etc/rc\npot.attr.start-at-boot=YES\n' \
		    $name >$pots/$name/conf/pot.conf
	done
	printf 'tank/pots/fscomp/shared /mnt ro\n/srv/data %s/m/data\n' \
	    "$PWD/$pots/one" >$pots/one/conf/fscomp.conf
	sed -i 's/single/multi/' $pots/base-14_2/conf/pot.conf
	sed -i 's/single/multi/; s/level=0/level=1/' $pots/multi/conf/pot.conf
	rm -r $pots/multi/m/*
	files old/opt/pot/bases/14.2
	mkdir -p $pots/multi/usr.local/bin $pots/multi/custom/etc
	echo local >$pots/multi/usr.local/bin/x
	echo custom >$pots/multi/custom/etc/y
	for pair in "bases/14.2 " "jails/multi/usr.local usr/local" \
	    "jails/multi/custom opt/custom"; do
		echo "tank/pots/${pair%% *} $PWD/$pots/multi/m/${pair#* } zfs-remount"
	done | sed 's,m/ ,m ,' >$pots/multi/conf/fscomp.conf
	atf_check -s exit:1 -e save:told gaol adopt --from pot
	atf_check -o ignore grep 'base-14_2: it is the base of other pots' told
	atf_check -o ignore grep 'multi: it is of type multi: its files are in 3 datasets' told
	atf_check_equal on "$(gaol get -H -o value boot one)"
	atf_check_equal "tmpfs /tmp tmpfs rw,$old/opt/pot/fscomp/shared /mnt nullfs ro,/srv/data /data nullfs rw" \
	    "$(gaol get -H -o value mount one)"
	# its networks come along
	mkdir -p $pots/pub/conf $pots/priv/conf $pots/in/conf old/opt/pot/bridges
	printf 'net=172.31.7.8/29\ngateway=172.31.7.9\nname=br\n' \
	    >old/opt/pot/bridges/br
	printf 'net=10.200.1.8/29\ngateway=10.200.1.9\nname=within\n' \
	    >old/opt/pot/bridges/within
	for line in "pub public-bridge 10.192.0.7" "priv private-bridge 172.31.7.10" \
	    "in private-bridge 10.200.1.10"; do
		# shellcheck disable=SC2086
		set -- $line
		files $pots/$1/m
		: >$pots/$1/conf/fscomp.conf
		printf 'pot.level=0\npot.type=single\nhost.hostname="%s"\nnetwork_type=%s\nvnet=true\nip=%s\nbridge=br\npot.export.ports=80:8080\npot.cmd=sh /etc/rc\n' \
		    "$@" >$pots/$1/conf/pot.conf
	done
	sed -i 's/bridge=br/bridge=within/' $pots/in/conf/pot.conf
	atf_check -o match:'would make network pot, 10.192.0.0/10' -e ignore \
	    gaol -n adopt --from pot pub
	atf_check -s exit:66 -e ignore gaol network show pot
	atf_check -e match:'made network pot, 10.192.0.0/10' gaol adopt --from pot pub
	atf_check -e match:'made network br, 172.31.7.8/29' -e ignore \
	    gaol adopt --from pot priv
	atf_check_equal "pot:10.192.0.7 br:172.31.7.10" \
	    "$(gaol get -H -o value net pub) $(gaol get -H -o value net priv)"
	atf_check_equal 8080:80/tcp "$(gaol get -H -o value publish pub)"
	# which of pot lie in its public one
	atf_check -e match:'in: not taken over: network = within \(.*overlaps' \
	    gaol adopt --from pot in
	atf_check_equal none "$(gaol get -H -o value net in)"
	atf_check -e ignore gaol adopt --from pot --copy multi
	atf_check -o inline:'local\n' cat root/jails/multi/root/usr/local/bin/x
	atf_check -o inline:'custom\n' cat root/jails/multi/root/opt/custom/etc/y
	atf_check -o ignore cat root/jails/multi/root/bin/sh
	atf_check -o inline:'local\n' cat $pots/multi/usr.local/bin/x
}

atf_test_case base
base_head() {
	atf_set descr "jails of jail.conf and ezjail"
}
base_body() {
	prepare
	mkdir -p old/etc/jail.conf.d old/usr/local/etc/ezjail old/jails
	files old/jails/www
	files old/jails/mail
	cat >old/etc/jail.conf <<'CONF'
$top = "/jails";
exec.clean;
exec.start = "/bin/sh /etc/rc";
path = "$top/$name";
host.hostname = "${name}.example.org";
mount.fstab = "/etc/fstab.$name";
* { allow.raw_sockets; }
www {
	ip4.addr = "em0|10.0.0.3";
	ip4.addr += "em0|10.0.0.4/24";
	exec.prestart = "echo $name";
	allow.noset_hostname;
}
.include "/etc/jail.conf.d/*.conf";
CONF
	echo 'mail { depend = www; vnet; vnet.interface = epair3b; }
lost { path = "$nowhere/x"; }' >old/etc/jail.conf.d/mail.conf
	printf 'jail_enable="YES"\njail_list="mail www"\n' >old/etc/rc.conf
	echo "/srv /jails/www/mnt nullfs ro 0 0" >old/etc/fstab.www
	atf_check -s exit:1 -e save:told gaol adopt --from jail.conf
	atf_check -o ignore grep 'lost: .*nowhere' told
	values www <<'VALUES'
allow.raw_sockets on
allow.set_hostname off
boot on
exec.prestart echo www
host.hostname www.example.org
mount /srv /mnt nullfs ro
net em0|10.0.0.3/32,em0|10.0.0.4/24
priority 2
VALUES
	values mail <<'VALUES'
depend www
priority 1
vnet new
vnet.interface epair3b
VALUES
	files old/usr/jails/ex_org
	cat >old/usr/local/etc/ezjail/ex_org <<'CONF'
export jail_ex_org_hostname="ex.org"
export jail_ex_org_ip="em0|10.0.0.9,em0|fd00::9"
export jail_ex_org_rootdir="/usr/jails/ex_org"
export jail_ex_org_exec_start="/bin/sh /etc/rc"
export jail_ex_org_exec_stop=""
export jail_ex_org_mount_enable="YES"
export jail_ex_org_devfs_enable="YES"
export jail_ex_org_procfs_enable="YES"
export jail_ex_org_image=""
export jail_ex_org_parameters="allow.sysvipc=1 allow.raw_sockets"
CONF
	sed 's/ex_org/off/g; s/ex.org/off/; s/_image=""/_image="\/img"/' \
	    old/usr/local/etc/ezjail/ex_org >old/usr/local/etc/ezjail/off.norun
	echo "/usr/jails/basejail /usr/jails/ex_org/basejail nullfs ro 0 0" \
	    >old/etc/fstab.ex_org
	atf_check -s exit:65 -e match:'in the image /img' \
	    gaol adopt --from ezjail off
	rm old/usr/local/etc/ezjail/off.norun
	atf_check -e ignore gaol adopt --from ezjail ALL
	values ex.org <<'VALUES'
allow.raw_sockets on
allow.sysvipc on
boot on
mount /usr/jails/basejail /basejail nullfs ro
mount.procfs on
net em0|10.0.0.9/32,em0|fd00::9/128
VALUES
	atf_check -o match:ex_org cat root/jails/ex.org/root/etc/mine
	atf_check -s exit:64 -e match:'--from bastille, iocage' gaol adopt web
	atf_check -s exit:64 -e match:'--from bastille, iocage' \
	    gaol adopt --from docker
	atf_check -s exit:66 -e match:"ezjail has no jail 'x'" \
	    gaol adopt --from ezjail x
}

atf_test_case interrupted
interrupted_head() {
	atf_set descr "a step that fails, or a kill, leaves the one or the other"
}
interrupted_body() {
	prepare
	bastille web 10.17.89.10/24
	home=old/usr/local/bastille/jails/web
	tree >before
	n=1
	while :; do
		rc=0
		GAOL_FAIL_STEP=$n gaol -q adopt --from bastille web \
		    2>err || rc=$?
		[ $rc != 0 ] || break
		tree >after
		atf_check cmp before after
		n=$((n + 1))
	done
	[ $n -gt 6 ] || atf_fail "only $n steps"
	tree >before
	n=1
	while :; do
		rc=0
		GAOL_FAIL_STEP=$n gaol -q adopt --undo web 2>err || rc=$?
		# the last one has nothing left to do
		[ $rc != 0 ] && [ -e root/jails/web ] || break
		atf_check -o ignore cat root/jails/web/root/etc/mine
		n=$((n + 1))
	done
	atf_check -o ignore cat $home/root/etc/mine
	# killed before its files were moved, and after
	atf_check -e ignore gaol adopt --from bastille web
	echo adopt >root/jails/.todo.web
	mv root/jails/web/root $home/root
	atf_check -e ignore gaol set web note=x
	atf_check -o ignore cat root/jails/web/root/etc/mine
	atf_check -o inline:'web\n' ls -A root/jails
	echo adopt >root/jails/.todo.web
	atf_check -e ignore gaol set web note=y
	atf_check -o ignore cat root/jails/web/root/etc/mine
	# on the way back
	printf 'adopt back' >root/jails/.todo.web
	atf_check -s exit:66 -e ignore gaol set web note=z
	atf_check -o ignore cat $home/root/etc/mine
	atf_check -o empty ls -A root/jails
	# one that cannot be completed is as it was
	atf_check -e ignore gaol adopt --from bastille web
	printf adopt >root/jails/.todo.web
	cp -a root/jails/web/root $home/root
	atf_check -s exit:66 -e match:'it is not adopted' gaol start web
}

atf_test_case doctor
doctor_head() {
	atf_set descr "doctor tells who else manages jails, and what collides"
}
doctor_body() {
	prepare
	atf_check gaol -q network create lan 10.17.0.0/16
	jail web net=inherit
	jail other "net=em0|10.18.0.7/24"
	bastille web 10.17.89.10/24
	bastille free 10.18.0.7/24
	files old/iocage/jails/n/root
	echo '{"nat": 1}' >old/iocage/jails/n/config.json
	gaol doctor -H >findings
	while read -r line; do
		grep -q "$line" findings || atf_fail "$line: $(cat findings)"
	done <<-'LINES'
	^note.bastille.manages 2 jails in .*/jails: free web; 'gaol adopt --from bastille'
	^warning.bastille.has a jail 'web', and so has gaol
	^warning.bastille.its jail 'web' has 10.17.89.10, which network 'lan' may give
	^warning.bastille.its jail 'free' has an address of jail 'other'
	^note.iocage.manages 1 jail in
	^warning.iocage.replaces all rules of the packet filter when it starts 'n'
	LINES
}

atf_init_test_cases() {
	for t in doctor bastille iocage pot base interrupted; do
		atf_add_test_case $t
	done
}
