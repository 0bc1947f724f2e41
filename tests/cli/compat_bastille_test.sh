#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

setup() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	. "$(atf_get_srcdir)/bastille_helper.sh"
}

atf_test_case usage
usage_head() {
	atf_set descr "help is status 1, its first line on stderr; wrong lines"
}
usage_body() {
	setup
	atf_check -s exit:1 -o match:"^Available Commands:" \
	    -o match:"^  bootstrap  *Bootstrap a release" bastille
	atf_check -s exit:1 -o match:"^Available Commands:" bastille help
	atf_check -s exit:1 -o match:"^Available Commands:" bastille frobnicate
	atf_check -s exit:1 -o match:"-a . --auto" \
	    -e inline:"Usage: bastille cmd [option(s)] TARGET COMMAND\n" \
	    bastille cmd --help
	atf_check -s exit:1 -o match:"Options:" \
	    -e inline:"Usage: bastille cmd [option(s)] TARGET COMMAND\n" \
	    bastille cmd help
	refused 1 "unknown option -q in -q" start -q web
	refused 1 "an operand is missing" start
	refused 1 "'b' is one too many" start a b
	refused 1 "unknown option --yess" destroy --yess web
}

# --- which jails ---

atf_test_case targets
targets_head() {
	atf_set descr "names, jids, tags, beginnings, several, by priority"
}
targets_body() {
	setup
	jail prodx
	jail web tag=prod priority=20
	jail web2 tag=prod priority=10
	tags() {
		bastille tags "$@" list | tr '\n' ' '
	}
	atf_check -o inline:"\n[web2]:\nprod\n\n[web]:\nprod\n" \
	    bastille tags prod list
	atf_check -o inline:"\n[web]:\nprod\n" bastille tags web list
	atf_check -o inline:"\n[web2]:\nprod\n\n[web]:\nprod\n" \
	    bastille tags "web web2 prodx" list
	atf_check -o inline:"\n[web2]:\nprod\n\n[web]:\nprod\n" \
	    bastille tags all list
	atf_check -o inline:"50\n" bastille config prodx get priority
	atf_check -o inline:"50\n" bastille config prodx get prio
	# a beginning is for looking alone; a tag goes before it
	atf_check -o inline:"50\n" bastille config pr get priority
	refused 1 "Jail not found \"pr\". There is 'prodx', but 'bastille destroy' takes no beginnings of names" \
	    destroy -y pr
	refused 1 "'we' is the beginning of several names: web, web2" \
	    config we get boot
	refused 1 'Jail not found "we."' destroy -y we.
	refused 1 'Jail not found "none"' stop none
	refused 1 "[all|ALL] not supported." rename ALL x
	refused 1 "'prod' stands for 2 jails, one is needed" rename prod x
	# down in the other order
	atf_check -o ignore bastille start prod
	atf_check -o inline:"\n[web]:\nweb: removed\n\n[web2]:\nweb2: removed\n" \
	    bastille stop prod
	running jid
	atf_check -o inline:"\n[jid]:\njid: removed\n" \
	    bastille stop "$(gaol list -H -o jid jid)"
	atf_check bastille list jails -u
}

atf_test_case life
life_head() {
	atf_set descr "start, stop, restart"
}
life_body() {
	setup
	jail db boot=on
	jail web depend=db
	atf_check -o inline:"\n[web]:\nweb: created\n" -e ignore \
	    bastille start -v web
	states "db running web running"
	atf_check -o inline:"\n[web]:\n" -e inline:"Jail is already running.\n" \
	    bastille start web
	# who depends on it stops first
	atf_check -o inline:"\n[db]:\nweb: removed\ndb: removed\n" \
	    bastille stop db
	atf_check -o inline:"\n[db]:\n" -e inline:"Jail is already stopped.\n" \
	    bastille stop -f db
	atf_check -o inline:"\n[db]:\ndb: created\n" \
	    bastille start --boot --delay 0 ALL
	states "db running web stopped"
	atf_check -o inline:"\n[db]:\ndb: removed\ndb: created\n\n[web]:\n" \
	    bastille restart -i ALL
	atf_check -o inline:"\n[web]:\nweb: created\n" bastille restart web
	refused 1 "[-d|--delay]: 'x' is not a number" start -d x web
	# what fails is a failure
	jail bad exec.prestart=false
	atf_check -s exit:1 -o inline:"\n[bad]:\n" -e match:"^.ERROR.: " \
	    bastille start bad
	atf_check bastille -q stop ALL
}

atf_test_case destroy
destroy_head() {
	atf_set descr "asks; -y; -a; a release; nothing without an answer"
}
destroy_body() {
	setup
	jail web
	question="\n[web]:\n\nAttempting to destroy jail: web\n\nAre you sure you want to continue? [y|n]:"
	atf_check -s exit:1 -o inline:"$question" \
	    -e inline:"[ERROR]: nobody answered; -y says yes\n" \
	    sh -c 'bastille destroy web </dev/null'
	atf_check -s exit:1 -o inline:"$question" \
	    -e inline:"[ERROR]: Cancelled by user.\n" \
	    sh -c 'echo n | bastille destroy web'
	atf_check -o inline:"${question}Destroying jail...\n" \
	    sh -c 'echo y | bastille destroy web'
	running web
	atf_check -s exit:1 -o inline:"\n[web]:\n" \
	    -e inline:"[ERROR]: Jail is running. Use [-a|--auto] to auto-stop the jail.\n" \
	    bastille destroy -y web
	atf_check -o inline:"\n[web]:\nweb: removed\nDestroying jail...\n" \
	    bastille destroy -afy web
	running web
	atf_check -o match:"it will be stopped" -o match:"^Destroying jail" \
	    sh -c 'yes | bastille destory web'
	atf_check bastille list jails
	jail web
	atf_check -s exit:1 -o match:"destroy release: base" \
	    -e match:"used by jail 'web'|used by" bastille destroy base
	atf_check -o ignore bastille destroy -y web
	atf_check -o inline:"\nAttempting to destroy release: base\n" \
	    bastille destroy base
	[ ! -e root/releases/base ] || atf_fail "the release is there"
}

atf_test_case rename
rename_head() {
	atf_set descr "rename and convert, of jails that do not run"
}
rename_body() {
	setup
	jail web
	running on
	atf_check -o inline:"\n[web]:\nRenamed jail: web -> www\n" \
	    bastille rename web www
	atf_check -s exit:1 -o ignore -e match:"Use .-a.--auto. to auto-stop" \
	    bastille rename on off
	atf_check -o ignore bastille rename -a on off
	states "off running www stopped"
	atf_check -s exit:1 -o ignore -e match:"Cancelled" \
	    sh -c 'echo n | bastille convert www'
	atf_check -o ignore bastille convert -ay www
	atf_check -o match:"www thick" bastille list type
	refused 69 "bastille convert: gaol makes no releases of jails; 'gaol clone' makes jails of them" \
	    convert www custom
}

# --- inside ---

atf_test_case cmd
cmd_head() {
	atf_set descr "cmd, console, top; the command's own status of one jail"
}
cmd_body() {
	setup
	running a
	jail b
	atf_check -o inline:"\n[a]:\n-x y\n" bastille cmd a echo -x y
	atf_check -s exit:3 -o inline:"\n[a]:\n" \
	    -e inline:"[ERROR]: Command failed on 1 jails.\n" \
	    bastille cmd a sh -c 'exit 3'
	printf '[ERROR]: Jail is not running. Use [-a|--auto] to auto-start the jail.\n[ERROR]: Command failed on 1 jails.\n' \
	    >expected
	atf_check -s exit:1 -o inline:"\n[a]:\nhi\n\n[b]:\n" -e file:expected \
	    bastille cmd ALL echo hi
	atf_check -s exit:1 -o ignore \
	    -e inline:"[ERROR]: Command failed on 2 jails.\n" \
	    bastille cmd -a ALL false
	atf_check -o inline:"\n[a]:\nin\n" \
	    sh -c 'echo in | bastille cmd a cat'
	atf_check -o inline:"in\n" sh -c 'echo in | bastille -q cmd a cat'
	atf_check -s exit:4 -o inline:"\n[a]:\n" \
	    sh -c 'echo exit 4 | bastille console a'
	atf_check -s exit:127 -o inline:"\n[a]:\n" -e match:"top: not found|no program" \
	    bastille top a
	atf_check -s exit:127 -o inline:"\n[a]:\n" -e match:"htop: not found|no program" \
	    bastille htop a
}

atf_test_case guest
guest_head() {
	atf_set descr "pkg, service, sysrc, in the order that Bastille takes"
}
guest_body() {
	setup
	running web store=dir
	mkdir -p root/jails/web/root/usr/sbin
	: >root/jails/web/root/usr/sbin/pkg
	: >root/jails/web/root/usr/sbin/service
	# the toy shell knows none of them, and tells what it was to run
	printf 'sh: pkg: not found\n[ERROR]: Command failed on 1 jails.\n' \
	    >expected
	atf_check -s exit:127 -o ignore -e file:expected \
	    bastille pkg ALL install nginx
	atf_check -s exit:127 -o ignore -e file:expected \
	    bastille pkg web install -n nginx
	refused 69 "bastille pkg: -H: gaol runs no package program of the host on a jail's files; without -H it is the jail's" \
	    pkg -H web upgrade
	printf 'sh: /usr/sbin/service: not found\n[ERROR]: Command failed on 1 jails.\n' \
	    >expected
	atf_check -s exit:127 -o ignore -e file:expected \
	    bastille service web nginx start
	refused 1 "an operand is missing" service web nginx
	atf_check -o inline:"\n[web]:\nnginx_enable:  -> YES\n" \
	    bastille sysrc web nginx_enable=YES
	atf_check -o inline:"\n[web]:\nYES\n" \
	    bastille sysrc web -n nginx_enable
}

atf_test_case copy
copy_head() {
	atf_set descr "cp, rcp, jcp: files and trees, and no way out"
}
copy_body() {
	setup
	running a store=dir
	running b store=dir
	mkdir -p tree/deep
	echo one >tree/one
	echo two >tree/deep/two
	ln -s one tree/link
	chmod 600 tree/deep/two
	atf_check -o inline:"\n[a]:\ntree -> /srv/\n\n[b]:\ntree -> /srv/\n" \
	    bastille cp ALL tree /srv/
	for name in a b; do
		atf_check diff -r tree root/jails/$name/root/srv/tree
	done
	atf_check -o inline:"\n[a]:\n" bastille cp -q a tree/one etc/two
	atf_check cmp tree/one root/jails/a/root/etc/two
	atf_check -o inline:"\n[a]:\n/srv/tree -> back\n" \
	    bastille rcp a /srv/tree back
	atf_check diff -r tree back
	atf_check_equal 600 "$(stat -c %a back/deep/two)"
	atf_check_equal one "$(readlink back/link)"
	atf_check -o ignore bastille rcp -q a srv/tree/one "$PWD/"
	atf_check cmp tree/one one
	atf_check -o inline:"\n[b]:\n/srv/tree -> /new\n" \
	    bastille jcp a /srv/tree b /new
	atf_check diff -r tree root/jails/b/root/new
	atf_check -s exit:1 -o inline:"\n[a]:\n" -e match:"nothing: No such" \
	    bastille rcp a /nothing x
	atf_check -s exit:1 -o ignore -e match:"nothing" \
	    bastille cp a nothing /
	[ ! -e x ] || atf_fail "x is there"
	# inside, and nowhere else
	ln -s "$PWD/tree" root/jails/a/root/out
	atf_check -s exit:1 -o ignore -e ignore bastille rcp a /out/one y
	atf_check -s exit:1 -o ignore -e ignore bastille cp -q a one /out/stray
	[ ! -e tree/stray ] || atf_fail "it is outside"
}

atf_test_case edit
edit_head() {
	atf_set descr "cell.conf, and files of the jail"
}
edit_body() {
	setup
	running web store=dir
	printf '#!/bin/sh\necho "# seen" >>"$1"\n' >editor
	chmod +x editor
	export EDITOR="$PWD/editor"
	atf_check -e ignore bastille edit web
	atf_check -o match:"# seen" cat root/jails/web/cell.conf
	echo 'a="1"' >root/jails/web/root/etc/rc.conf
	atf_check bastille edit web rc.conf
	atf_check -o inline:'a="1"\n# seen\n' \
	    cat root/jails/web/root/etc/rc.conf
	atf_check bastille edit web root/etc/rc.conf
	refused 69 "bastille edit: fstab: what Bastille keeps in files beside jail.conf is in cell.conf here: 'bastille edit web'" \
	    edit web fstab
	EDITOR=false
	refused 1 "editor false ended with status 1; nothing was changed" \
	    edit web rc
	atf_check -o inline:'a="1"\n# seen\n# seen\n' \
	    cat root/jails/web/root/etc/rc.conf
}

# --- properties ---

atf_test_case config
config_head() {
	atf_set descr "get, set, add, remove; as JSON; exactly that property"
}
config_body() {
	setup
	jail db
	jail web net='em0|10.0.0.5/24' boot=on priority=7 allow.mount=on
	restart="A restart is required for the changes to be applied. See 'bastille restart'.\n"
	while read -r name value; do
		atf_check -o inline:"$value\n" bastille config web get "$name"
	done <<-end
	boot on
	priority 7
	ip4.addr em0|10.0.0.5/24
	ip6.addr not set
	interface em0
	vnet not set
	allow.mount enabled
	allow.mlock not set
	allow.nomlock enabled
	enforce_statfs 2
	host.hostname web
	name web
	jid not set
	osrelease not set
	end
	atf_check -o inline:"\n[web]:\n$restart" \
	    bastille config web set allow.mlock
	atf_check -o inline:"\n[web]:\n$restart" \
	    bastille config web set allow.nomlock
	atf_check -o inline:"\n[web]:\n$restart" \
	    bastille config web add enforce_statfs=1
	atf_check -o inline:"1\n" bastille config web get enforce_statfs
	atf_check -o inline:"\n[web]:\nProperty removed: mount\n$restart" \
	    bastille config web remove mount
	atf_check -o inline:"enabled\n" bastille config web get allow.mount
	atf_check -o inline:"\n[web]:\n$restart" \
	    bastille config web set ip4.addr 10.0.0.6
	atf_check -o inline:"em0|10.0.0.6/32\n" bastille config web get ip4.addr
	atf_check -o inline:"\n[web]:\n" bastille config web set priority 8
	atf_check -o inline:"\n[web]:\n" bastille config web set depend db
	atf_check -o inline:"db\n" bastille config web get depends
	atf_check -o inline:"\n[web]:\n" bastille config web remove depend db
	atf_check -o inline:"\n" bastille config web get depend
	atf_check -o inline:'{"bastille":{"type":"jail","jail":[{"jid":null,"name":"web","priority":"8"},{"jid":null,"name":"db","priority":"50"}]}}\n' \
	    bastille -j config "db web" get priority
	printf '{\n  "bastille": {\n    "type": "jail",\n    "jail": [\n      {\n        "jid": null,\n        "name": "db",\n        "boot": "off"\n      }\n    ]\n  }\n}\n' \
	    >expected
	atf_check -o file:expected bastille -p config db get boot
	refused 1 "Unsupported property: frob" config web get frob
	atf_check -s exit:1 -e ignore \
	    -o inline:'{"bastille":{"type":"error","error":{"message":"[ERROR]: Unsupported property: frob"}}}\n' \
	    bastille -j config web get frob
	atf_check -s exit:1 -e match:"not for 'start'" \
	    -o match:'"type": "error",' bastille -p start web
	atf_check -s exit:1 bastille -q config web get frob
	refused 1 "Only (add|set), get and remove are supported." \
	    config web put x
	refused 1 "Too many parameters for [get|remove] operation." \
	    config web get boot on
	refused 69 "bastille config: path: gaol chooses where the files of a jail are" \
	    config web set path /x
	atf_check -s exit:1 -o ignore -e match:"Cannot remove the 'boot'" \
	    bastille config web remove boot
}

atf_test_case tags
tags_head() {
	atf_set descr "add, delete, list, which jails have one"
}
tags_body() {
	setup
	jail a
	jail b tag=x
	atf_check -o inline:"\n[a]:\nTags added: x,y\n" \
	    bastille tags a add x,y
	atf_check -o inline:"a\nb\n" bastille tag ALL list x
	atf_check -o inline:"\n[a]:\nTags removed: x,z\n" \
	    bastille tags a delete x,z
	atf_check -o inline:"\n[a]:\ny\n" bastille tags a list
	refused 1 "which tags?" tags a add
	refused 1 "tags list: one tag" tags a list x,y
}

atf_test_case limits
limits_head() {
	atf_set descr "resources of rctl(8) as properties, and their old form"
}
limits_body() {
	setup
	running web
	atf_check -o inline:"\n[web]:\nmemoryuse 8G\n" \
	    bastille limits web add memoryuse 8G
	atf_check -o inline:"8G\n" gaol get -H -o value limit.memory web
	atf_check -o inline:"\n[web]:\nmaxproc 100\n" \
	    bastille limits web maxproc 100
	atf_check -o inline:"\n[web]:\nmemoryuse 4G\n" \
	    bastille limit web memoryuse 4G:deny
	atf_check -o inline:"\n[web]:\npcpu 150\n" bastille limits web pcpu 150
	atf_check -o inline:"150%\n" gaol get -H -o value limit.cpu web
	# processors are percents to rctl(8)
	atf_check gaol -q set web limit.cpu=1.5
	atf_check -o inline:"\n[web]:\n[CPU LIMITS]: cpu 0\n" \
	    bastille limits web add cpu 0
	cat >expected <<-end

	[web]:
	-------------
	[RCTL Limits]
	jail:web:memoryuse:deny=4G/jail
	jail:web:maxproc:deny=100/jail
	jail:web:pcpu:deny=150/jail
	-------------
	[CPU Limits]
	0
	end
	atf_check -o file:expected bastille limits web list
	atf_check -o file:expected bastille limits web show active
	atf_check -o inline:"\n[web]:\n" bastille limits web remove memoryuse
	atf_check -o match:"limit.processes" bastille limits web stats
	atf_check -o inline:"\n[web]:\nRCTL limits cleared.\n" \
	    bastille limits web clear
	atf_check -o inline:"\n[web]:\n" bastille limits web list
	atf_check -s exit:69 -o ignore -e match:"gaol logs no limit" \
	    bastille limits -l web add memoryuse 1G
	atf_check -o ignore bastille limits web add vmemoryuse 1G
	atf_check -o ignore bastille limits -l web add vmemoryuse 2G
	atf_check -o inline:"vmemoryuse:deny=2G,vmemoryuse:log=2G\n" \
	    gaol get -H -o value limit.rctl web
	atf_check -o ignore bastille limits web remove vmemoryuse
	atf_check -s exit:1 -o ignore -e match:"there is no limit of" \
	    bastille limits web remove vmemoryuse
}

# --- network, data ---

atf_test_case rdr
rdr_head() {
	atf_set descr "published ports, in the short and the long form"
}
rdr_body() {
	setup
	atf_check gaol network create lan 10.1.0.0/24 fd01::/64
	running web net=lan
	atf_check -o inline:"tcp/8080:80\n" bastille rdr web tcp 8080 80
	atf_check -o inline:"udp/53:53\n" \
	    bastille rdr -s 10.0.0.0/8 web udp 53 53 log
	atf_check -o inline:"tcp/443:443\n" \
	    bastille rdr -d 192.0.2.1 web tcp 443 443
	atf_check -o inline:"tcp/22:22\n" bastille rdr -t ipv6 web tcp 22 22
	atf_check -o inline:"tcp/81:80\n" \
	    bastille rdr web ipv4 lo any any tcp 81 80 log
	atf_check -o inline:"tcp/82:80\n" bastille rdr -i lo web tcp 82 80
	atf_check -o match:"^8080:80/tcp$" -o match:"^53:53/udp from 10.0.0.0/8 log$" \
	    -o match:"^192.0.2.1:443:443/tcp$" -o match:"^\[::\]:22:22/tcp$" \
	    -o match:"^127.0.0.1:81:80/tcp log$" -o match:"^127.0.0.1:82:80/tcp$" \
	    bastille rdr web list
	refused 69 "rdr: <bad>: gaol has no tables of pf(4); name the network" \
	    rdr -s "<bad>" web tcp 1 1
	refused 69 "rdr: gaol has no options for log; 'log' alone logs each connection" \
	    rdr web tcp 1 1 log "(" all ")"
	refused 1 "rdr: 'x' is none of dual, ipv4, ipv6, tcp, udp, list, clear, reset" \
	    rdr web x
	refused 1 "'nope' is not a valid interface, or has no address of IPv4" \
	    rdr -i nope web tcp 1 1
	atf_check bastille rdr web clear
	atf_check bastille rdr web list
	atf_check bastille rdr web reset
}

atf_test_case mounts
mounts_head() {
	atf_set descr "mount and umount, with a directory that is made"
}
mounts_body() {
	setup
	running web
	atf_check -o inline:"\n[web]:\nMounted: /usr/local/data\n" \
	    bastille mount web "$PWD/storage/data" usr/local/data nullfs rw 0 0
	[ -d storage/data ] || atf_fail "no directory"
	atf_check -o inline:"$PWD/storage/data /usr/local/data nullfs rw\n" \
	    gaol get -H -o value mount web
	mkdir "a b"
	atf_check -o inline:"\n[web]:\nMounted: /c d\n" \
	    bastille mount web "$PWD/a\\ b" '/c\040d'
	atf_check -o inline:"\n[web]:\nUnmounted: /c d\n" \
	    bastille umount web '/c\ d'
	atf_check -o inline:"\n[web]:\nUnmounted: /usr/local/data\n" \
	    bastille unmount web usr/local/data
	atf_check -s exit:1 -o ignore -e match:"^.ERROR.: " \
	    bastille umount web usr/local/data
	atf_check -o ignore bastille mount web tmpfs /tmp tmpfs rw 0 0
	atf_check -o ignore bastille stop web
	atf_check -s exit:1 -o ignore -e match:"auto-start" \
	    bastille mount web "$PWD/storage" /x
	atf_check -o ignore bastille mount -a web "$PWD/storage" /x
}

atf_test_case template
template_head() {
	atf_set descr "by name, from Bastille's own directory, with arguments"
}
template_body() {
	setup
	running web store=dir
	mkdir -p root/templates/x/t own/templates/y/t
	printf 'ARG A=1\nRENDER etc/f\nLINE_IN_FILE "a ${A}" etc/f\n' \
	    >root/templates/x/t/Bastillefile
	sed -i 2d root/templates/x/t/Bastillefile
	atf_check -o match:"^Applying template: x/t" \
	    -o match:"^Template applied: x/t" -e ignore \
	    bastille template web x/t --arg A=2
	atf_check -o inline:"a 2\n" cat root/jails/web/root/etc/f
	printf 'bastille_prefix="%s"\nbastille_templatesdir="${bastille_prefix}/templates"\n' \
	    "$PWD/own" >bastille.conf
	echo 'LINE_IN_FILE own etc/f' >own/templates/y/t/Bastillefile
	echo A=3 >args
	atf_check -o ignore -e ignore \
	    bastille template web y/t --arg-file args
	atf_check -o inline:"a 2\nown\n" cat root/jails/web/root/etc/f
	atf_check -s exit:1 -o ignore -e match:"^.ERROR.: " \
	    bastille template web x/none
	atf_check -o ignore bastille stop web
	atf_check -s exit:1 -o ignore -e match:"auto-start" \
	    bastille template web x/t
	atf_check -o ignore -e ignore bastille template -a web x/t
}

atf_test_case snapshots
snapshots_head() {
	atf_set descr "zfs: snapshots of any store"
}
snapshots_body() {
	setup
	jail web
	echo one >root/jails/web/layers/upper/f
	atf_check -o inline:"\n[web]:\nSnapshot created: s1\n" \
	    bastille zfs web snapshot s1
	atf_check -o match:"Snapshot created: bastille_web_20[0-9-]*$" \
	    bastille zfs web snap
	echo two >root/jails/web/layers/upper/f
	atf_check -o match:"Snapshot restored: bastille_web_" \
	    bastille zfs web rollback
	atf_check -o inline:"\n[web]:\nSnapshot restored: s1\n" \
	    bastille zfs web rollback s1
	atf_check -o inline:"\n[web]:\nSnapshot destroyed: s1\n" \
	    bastille zfs web destroy s1
	atf_check -s exit:1 -o ignore -e match:"requires a TAG" \
	    bastille zfs web destroy
	atf_check -o match:"^web " bastille zfs web df
	atf_check -o match:"zfs.compression" bastille zfs web get compression
	atf_check -s exit:1 -e match:"zfs: snapshot .TAG., rollback" \
	    bastille zfs web frob
	atf_check -o ignore bastille start web
	atf_check -s exit:1 -o ignore -e match:"auto-stop" \
	    bastille zfs web rollback
	atf_check -o ignore bastille zfs -a web rollback
	states "web running"
}

atf_test_case logs
logs_head() {
	atf_set descr "the end of it, and all of it"
}
logs_body() {
	setup
	jail web
	mkdir -p root/log/web
	seq 1 300 >root/log/web/console.log
	atf_check -o inline:"$(seq -s '\n' 291 300)\n" \
	    bastille logs web console
	atf_check -o file:root/log/web/console.log \
	    bastille log -f web console
	refused 69 "bastille logs: oci: there are no jails of OCI images yet" \
	    logs web oci
}

atf_init_test_cases() {
	atf_add_test_case usage
	atf_add_test_case targets
	atf_add_test_case life
	atf_add_test_case destroy
	atf_add_test_case rename
	atf_add_test_case cmd
	atf_add_test_case guest
	atf_add_test_case copy
	atf_add_test_case edit
	atf_add_test_case config
	atf_add_test_case tags
	atf_add_test_case limits
	atf_add_test_case rdr
	atf_add_test_case mounts
	atf_add_test_case template
	atf_add_test_case snapshots
	atf_add_test_case logs
}
