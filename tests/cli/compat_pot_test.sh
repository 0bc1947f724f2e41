#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

# The command line of pot.

case_of() {
	atf_test_case "$1"
	eval "${1}_head() { atf_set descr \"$2\"; }"
	cases="$cases $1"
}

setup() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	ln -s "$(command -v gaol)" pot
	PATH=$PWD:$PATH
	export PATH POT_ETC="$PWD/etc"
	unset POT_ERRORS
	mkdir -p etc/flavours
}

# single NAME [PROP=VALUE...]: what 'pot create -t single' makes, and does not
# run rc(8), which the toy shell here has not.
single() {
	name=$1
	shift
	atf_check -o ignore pot create -p "$name" -t single -b base
	atf_check gaol -q set "$name" exec.start=true "$@"
}

# wrong TEXT ARGUMENT...: status 1, and that on stderr alone.
wrong() {
	text=$1
	shift
	printf '###>  %s\n' "$text" >expected
	atf_check -s exit:1 -e file:expected pot "$@"
}

case_of help "help, wrong commands, where errors go"
help_body() {
	setup
	atf_check -s exit:1 -o match:'^Usage: pot command' pot
	atf_check -s exit:1 -o match:'^    list/ls -- ' pot frobnicate
	atf_check -o match:'^    set-attribute/set-attr -- ' pot help
	atf_check -o match:'^pot snapshot ' pot help snap
	wrong "Command x unknown" help x
	atf_check -o match:'^pot create ' pot create -h
	wrong "unknown option -x in -x" start -x
	wrong "A pot name is mandatory" start
	printf '###>  x is not a valid pot\n' >expected
	atf_check -s exit:1 -o file:expected env POT_ERRORS=stdout \
	    pot start -p x
	atf_check -s exit:1 -o match:'^  -p NAME : the pot' \
	    env POT_ERRORS=stdout pot start
}

case_of config "settings of pot.conf, read and never sourced"
config_body() {
	setup
	atf_check -o inline:'fs_root = /opt/pot\n' pot config -g fs_root
	cat >etc/pot.default.conf <<'end'
# a comment
POT_FS_ROOT=/usr/pot
POT_ZFS_ROOT=tank/pot
POT_NETWORK=10.1.0.0/16
POT_GATEWAY=10.1.0.1
end
	cat >etc/pot.conf <<'end'
POT_ZFS_ROOT="zdata/pot"
POT_FS_ROOT=${POT_ZFS_ROOT}/x
POT_NETWORK_STACK=dual
touch sourced
POT_GATEWAY=$(touch sourced)
end
	atf_check -o inline:'zdata/pot\n' pot config -qg zfs_root
	atf_check -o inline:'fs_root = zdata/pot/x\n' pot config -g fs_root
	atf_check -o inline:'pot prefix = zdata/pot/x/jails\n' \
	    pot config -g pot_prefix
	atf_check -o inline:'zdata/pot/x/fscomp\n' pot config -q -g \
	    fscomp_prefix
	atf_check -o inline:'network stack = dual\n' \
	    pot config -g network_stack
	atf_check test ! -e sourced
	echo POT_GATEWAY=10.1.0.9 >etc/pot.conf
	atf_check -o inline:'gateway = 10.1.0.9\n' pot config -g gateway
	atf_check -o inline:'syslogd flags = -b 127.0.0.1 -b 10.1.0.9 -a 10.1.0.0/16\n' \
	    pot config -g syslogd
	wrong "option -g is mandatory" config
	wrong "nope is not a valid name" config -g nope
}

case_of list "0, 1 and 50 pots"
list_body() {
	setup
	atf_check -o inline:'No pot created yet...\n' pot ls
	atf_check -o empty pot ls -q
	atf_check -o inline:'bases: base\nNo pot created yet...\n' pot ls -a
	single web
	printf 'pot name : web\n\tnetwork : inherit\n\tactive : false\n\n' \
	    >expected
	atf_check -o file:expected pot ls
	atf_check -o file:expected pot list -p
	cat >expected <<'end'
pot name : web
	network : inherit
	active : false
	base : base
	level : 0
	datasets:
	snapshot:
		no snapshots

end
	atf_check -o file:expected pot ls -v
	atf_check gaol -q start web
	# of others, with addresses
	i=10
	while [ $i -lt 59 ]; do
		mkdir root/jails/j$i
		echo "j$i { release = base; store = dir; net = \"em0|10.0.0.$i/24\"; }" \
		    >root/jails/j$i/cell.conf
		printf 'pot name : j%d\n\tnetwork : alias\n\tip : em0|10.0.0.%d\n\tactive : false\n\n' $i $i
		echo j$i >>names
		i=$((i + 1))
	done >expected
	printf 'pot name : web\n\tnetwork : inherit\n\tactive : true\n\n' \
	    >>expected
	echo web >>names
	atf_check_equal 50 "$(wc -l <names)"
	atf_check -o file:expected pot ls
	atf_check -o file:names pot ls -q
	mkdir -p root/releases/14.2-RELEASE/root
	echo '14.2-RELEASE { os = freebsd; source = x; created = 1; bytes = 1; }' \
	    >root/releases/14.2-RELEASE/release.conf
	touch etc/flavours/web.sh etc/flavours/web etc/flavours/slim.sh
	atf_check pot create-fscomp -f data
	atf_check -o ignore pot create-private-bridge -B lan -S 5
	atf_check -o inline:'bases: 14.2\nbases: base\n' pot ls -b
	atf_check -o inline:'14.2\nbase\n' pot ls -bq
	atf_check -o inline:'fscomp: data\n' pot ls -f
	atf_check -o inline:'flavour: slim\nflavour: web\n' pot ls -F
	atf_check -o inline:'bridge: lan\n' pot ls -B
	wrong "Options -b -p -f -F -B -a are mutually exclusive" ls -b -f
	wrong "Options -a and -q are incompatible" ls -aq
}

# attributes PERSISTENT: what 'pot info' ends with.
attributes() {
	cat <<end
	attributes:
		start-at-boot: NO
		early-start-at-boot: NO
		persistent: $1
		no-rc-script: NO
		prunable: NO
		localhost-tunnel: NO
		no-tmpfs: NO
		no-etc-hosts: NO
		to-be-pruned: NO
	jail attributes:
		enforce_statfs: 2
		mount: NO
		fdescfs: NO
		linprocfs: NO
		nullfs: NO
		procfs: NO
		tmpfs: NO
		zfs: NO
		raw_sockets: NO
		sysvshm: new
		sysvsem: new
		sysvmsg: new
		children: 0
		mlock: NO
		devfs_ruleset: 4
		exec_stop: NO
		stop_timeout: 10
end
}

case_of info "a pot: as text, as variables, its exit status"
info_body() {
	setup
	single web
	{ printf 'pot name : web\n\ttype : single\n\tbase : base\n\tlevel : 0\n\tnetwork_type : inherit\n\tactive : false\n'
	    attributes YES; echo; } >expected
	atf_check -o file:expected pot info -p web
	atf_check -o inline:'export _POT_NAME=web\nexport _POT_IP=\n' \
	    pot info -Ep web
	atf_check -s exit:1 pot info -r -p web
	atf_check gaol -q start web
	atf_check pot info -rp web
	atf_check -o match:'^export _POT_JID=[0-9]' pot info -E -p web
	atf_check -o ignore pot create -p db -t single -b base -N alias \
	    -i 'em0|10.0.0.7' -i 'em1|10.0.1.7' -i 'em0|fd00::7'
	cat >expected <<'end'
export _POT_NAME=db
export _POT_IP=10.0.0.7
export _POT_IP_0=10.0.0.7
export _POT_NIC_0=em0
export _POT_IP_1=10.0.1.7
export _POT_NIC_1=em1
export _POT_IP_2=fd00::7
export _POT_NIC_2=em0
export _POT_IP_LIST=_POT_IP_0\ _POT_IP_1\ _POT_IP_2
export _POT_NIC_LIST=_POT_NIC_0\ _POT_NIC_1\ _POT_NIC_2
end
	atf_check -o file:expected pot info -E -p db
	atf_check pot mount-in -p db -d /srv -m /data -r
	atf_check pot set-rss -p db -C 2 -M 512M
	{ cat <<'end'
pot name : db
	type : single
	base : base
	level : 0
	network_type : alias
	ip : em0|10.0.0.7 em1|10.0.1.7 em0|fd00::7
		no ports exported
	active : false
	datasets:
		db/m
		/data => /srv
	snapshots:
		no snapshots
end
	    attributes YES
	    printf '\tresource limits:\n\t\tmax amount cpus: 2\n\t\tmax amount memory: 512M\n\n'
	} >expected
	atf_check -o file:expected pot info -v -p db
	wrong "nope is not a pot" info -p nope
	atf_check -s exit:1 pot info -q -p nope
	atf_check pot info -q -p web
	wrong "Option -p or -B are mandatory" info
	wrong "Option -p and -B are mutually exclusive" info -p web -B x
	wrong "Option -q and -v are mutually exclusive" info -qvp web
	wrong "x is not a bridge" info -B x
}

case_of ps "running pots"
ps_body() {
	setup
	atf_check -o inline:'===>  Internal network down\n' pot ps
	running web
	running db
	jail idle
	atf_check -o inline:'===>  Internal network down\ndb\nweb\n' pot ps
	atf_check -o inline:'db\nweb\n' pot ps -q
}

case_of show "what pots use"
show_body() {
	setup
	atf_check -o empty pot show
	single web
	atf_check pot set-rss -p web -C 2
	atf_check -o match:'^	disk usage      : [0-9.]+[KM]?$' pot show -a
	atf_check -o inline:'web\n' pot show -aq
	atf_check -o empty pot show -q
	wrong "The pot web is not running" get-rss -J -p web
	atf_check gaol -q start web
	pot show -p web >shown
	sed -i 's/: [0-9.]*[KM]$/: SIZE/; s/: 0$/: SIZE/' shown
	cat >expected <<'end'
pot web
	disk usage      : SIZE
	virtual memory  : -
	physical memory : -
	max amount of CPUs: 2
	allocated CPUs    : -
end
	# what the toy engine cannot tell
	atf_check -o file:expected cat shown
	atf_check -o inline:'{ "ResourceUsage": { "MemoryStats": { "RSS" : 0, "Swap" : 0 }, "CpuStats": { "TotalTicks": 0, "Percent": 0 } } } \n' \
	    pot get-rss -J -p web
	atf_check -o match:'^Resource usage by the pot web$' \
	    -o match:'^	cpu time \(ticks spent\) : 0$' \
	    -o match:'^	pcpu \(%\)               : 0$' pot get-rss -p web
	wrong "-p -r -a are mutually exclusive" show -a -r
	wrong "x is not a valid pot" show -p x
}

case_of attributes "set-attribute and get-attribute, of old guides too"
attributes_body() {
	setup
	single web
	atf_check pot set-attribute -p web -A start-at-boot -V yes
	atf_check -o inline:'===>  start-at-boot: YES\n' \
	    pot get-attribute -p web -A start-at-boot
	atf_check -o inline:'on\n' gaol get -H -o value boot web
	atf_check gaol -q set web boot=off
	atf_check -o inline:'NO\n' pot get-attr -q -p web -A start-at-boot
	for pair in prunable:TRUE:YES no-tmpfs:on:YES mlock:Yes:YES \
	    children:3:3 sysvshm:inherit:inherit raw_sockets:no:NO \
	    no-etc-hosts:yes:YES stop_timeout:30:30 persistent:off:NO \
	    early-start-at-boot:yes:YES enforce_statfs:1:1; do
		name=${pair%%:*}
		value=${pair#*:}
		atf_check pot set-attr -p web -A "$name" -V "${value%:*}"
		atf_check -o inline:"${value#*:}\n" \
		    pot get-attr -qp web -A "$name"
	done
	atf_check -o inline:'off\n3\ninherit\noff\n30\noff\n10\n1\n' \
	    gaol get -H -o value \
	    allow.raw_sockets,children.max,sysvshm,names,stop.timeout,persist,priority,enforce_statfs \
	    web
	atf_check pot set-attr -p web -A exec_stop -V '/bin/sh /etc/rc.shutdown'
	atf_check -o inline:'===>  exec_stop: /bin/sh /etc/rc.shutdown\n' \
	    pot get-attr -p web -A exec_stop
	atf_check pot set-attr -p web -A exec_stop -V ''
	atf_check -o inline:'===>  The attribute exec_stop is not set for the pot web\n' \
	    pot get-attr -p web -A exec_stop
	wrong "Option -V is mandatory" set-attr -p web -A mlock -V ''
	wrong "maybe is not a valid value for mlock" \
	    set-attr -p web -A mlock -V maybe
	wrong "frob is not a valid attribute" set-attr -p web -A frob -V 1
	wrong "to-be-pruned is not a valid attribute" \
	    set-attr -p web -A to-be-pruned -V YES
	atf_check -o inline:'NO\n' pot get-attr -qp web -A to-be-pruned
	wrong "x is not a valid pot" set-attr -p x -A mlock -V YES
	# before 0.10 the network was one
	atf_check -s exit:1 -e match:'needs an address' \
	    pot set-attr -p web -A network-type -V alias
	printf 'POT_EXTIF=em1\nPOT_EXTIF_ADDR=10.0.0.9\n' >etc/pot.conf
	atf_check pot set-attr -p web -A network-type -V alias
	atf_check -o inline:'em1|10.0.0.9/32\n' gaol get -H -o value net web
	atf_check pot set-attr -p web -A network-type -V public-bridge
	atf_check -o inline:'pot\n' gaol get -H -o value net web
}

case_of settings "set-cmd, set-env, set-rss, set-hook, add-dep, export-ports"
settings_body() {
	setup
	single web
	single db
	atf_check pot set-cmd -p web -c '"nginx -g "daemon off;""'
	atf_check -o inline:'nginx -g "daemon off;" &\n' \
	    gaol get -H -o value exec.start web
	atf_check pot set-cmd -p web -c 'sh /etc/rc'
	atf_check -o inline:'sh /etc/rc\n' gaol get -H -o value exec.start web
	atf_check pot set-env -p web -E 'A=b c' -E 'B=$(id)"`'
	# all of it is replaced
	atf_check pot set-env -p web -E 'C=$(id)"`' -E D=
	# shellcheck disable=SC2016
	atf_check -o inline:'C=$(id)"`,D=\n' gaol get -H -o value env web
	wrong "X is not VARIABLE=value" set-env -p web -E X
	atf_check pot set-rss -p web -M 2G
	atf_check pot set-rss -p web -C 3
	atf_check -o inline:'2G\n3\n' \
	    gaol get -H -o value limit.memory,limit.cpu web
	wrong "2T is not a valid memory constraint" set-rss -p web -M 2T
	wrong "0 is a not valid amount of CPUs!" set-rss -p web -C 0
	wrong "One resource has to be specified (-C or -M)" set-rss -p web
	atf_check pot add-dep -p web -P db
	atf_check pot add-dep -p web -P db
	atf_check -o inline:'db\n' gaol get -H -o value depend web
	wrong "a pot cannot be run time dependency of itself" \
	    add-dep -p web -P web
	wrong "x is not a valid pot" add-dep -p web -P x
	echo '#!/bin/sh' >hook
	wrong "./hook not a valid hook" set-hook -p web -s ./hook
	chmod 755 hook
	atf_check pot set-hook -p web -s ./hook -T ./hook
	atf_check -o inline:"_POT_NAME=web exec $root/hooks/web.prestart\n" \
	    gaol get -H -o value exec.prestart web
	atf_check cmp hook root/hooks/web.poststop
	atf_check -o ignore pot create -p net -t single -b base \
	    -N public-bridge
	atf_check pot export-ports -p net -e 80:8080 -e udp:53:5353 \
	    -e tcp:22:2222
	atf_check -o inline:'8080:80/tcp,5353:53/udp,2222:22/tcp\n' \
	    gaol get -H -o value publish net
	atf_check -o match:'^		exported ports: 80:8080 udp:53:5353 22:2222$' \
	    pot info -vp net
	atf_check pot export-ports -p net -e 80
	port=$(gaol get -H -o value publish net)
	port=${port%%:*}
	[ "$port" -ge 1024 ] && [ "$port" -lt 10000 ] || atf_fail "port $port"
	wrong "x is not a valid port number" export-ports -p net -e x
	wrong "One port has to be specified (-e)" export-ports -p net
}

case_of create "types, levels, networks, flavours"
create_body() {
	setup
	cat >expected <<'end'
===>  Creating a new pot
===>  pot name     : web
===>  type         : single
===>  base         : base
===>  pot_base     : 
===>  level        : 0
===>  network-type : inherit
===>  network-stack: ipv4
===>  ip           : 
===>  bridge       : 
===>  dns          : inherit
===>  flavours     : 
end
	atf_check -o file:expected pot create -p web -t single -b base
	atf_check -o inline:'thick\ninherit\non\noff\nsh /etc/rc\ntmpfs /tmp tmpfs rw\n' \
	    gaol get -H -o value type,net,persist,allow.raw_sockets,exec.start,mount web
	atf_check -o ignore pot create -p m -b base -N public-bridge \
	    -i 10.192.0.9 -S dual -d off
	atf_check -o match:'ip : 10.192.0.9' -o match:'type : multi' \
	    -o match:'level : 1' -o match:'no-etc-hosts: YES' pot info -p m
	atf_check -o ignore pot create -p n -l 2 -P m
	atf_check -o match:'base pot : m' pot info -p n
	echo 'nameserver 10.0.0.53' >resolv
	atf_check -o ignore pot create -p d -t single -b base \
	    -d custom:resolv
	atf_check cmp resolv root/jails/d/root/etc/resolv.conf
	mkdir -p root/releases/14.2-RELEASE/root
	echo '14.2-RELEASE { os = linux; source = x; created = 1; bytes = 1; }' \
	    >root/releases/14.2-RELEASE/release.conf
	atf_check -o ignore pot create -p old -t single -b 14.2
	atf_check -o match:'base : 14.2$' pot info -p old
	while read -r text arguments; do
		# shellcheck disable=SC2086
		wrong "$(echo "$text" | tr _ ' ')" create $arguments
	done <<'end'
pot_name_is_missing -t single -b base
a.b_is_not_a_valid_name_for_a_pot_('.'_is_the_only_character_not_allowed) -p a.b -b base
pot_web_already_exists -p web -b base
Type_huge_not_supported -p q -t huge -b base
single_pot_level_can_only_be_zero_(omit_-l_option) -p q -t single -l 0 -b base
at_least_one_of_-b_and_-P_has_to_be_used -p q -t single
level_2_pots_need_another_pot_as_reference -p q -l 2 -b base
level_7_is_not_supported -p q -l 7 -b base
pot_none_not_found -p q -t single -P none
-b_14.2_and_-P_web_are_not_compatible -p q -t single -b 14.2 -P web
none_is_not_a_valid_base;_'pot_create-base_-r_none'_makes_it -p q -t single -b none
Flavour_none_not_found -p q -t single -b base -f none
Network_type_odd_not_recognized -p q -t single -b base -N odd
Network_stack_ipv5_not_valid -p q -t single -b base -S ipv5
option_-i_is_mandatory_with_network_type_alias -p q -t single -b base -N alias
em0|x_is_not_a_valid_alias_configuration -p q -t single -b base -N alias -i em0|x
bridge_lan_is_not_valid._Have_you_already_created_it? -p q -t single -b base -N private-bridge -B lan
The_10.0.0.300_IP_is_not_valid -p q -t single -b base -N public-bridge -i 10.0.0.300
'never'_is_not_a_valid_dns_option -p q -t single -b base -d never
end
	atf_check -s exit:69 -e ignore pot create -p q -t single -b base -d pot
	wrong "q is not a pot" info -p q
}

case_of clone "of the last snapshot, of one, of what is there"
clone_body() {
	setup
	jail web store=overlay exec.start=true
	atf_check gaol -q snapshot web one
	atf_check pot clone -p a -P web -s one -N alias -i 'em0|10.0.0.8'
	atf_check -o match:'ip : em0\|10.0.0.8' pot info -p a
	atf_check pot clone -p b -P web
	atf_check pot clone -p c -P a -F
	atf_check -o match:'^[0-9]+$' pot info -s -p a
	wrong "snapshot two not found" clone -p d -P web -s two
	wrong "-s and -F are incompatible - which snapshot should I use" \
	    clone -p d -P web -s one -F
	wrong "reference pot x not found" clone -p d -P x
	wrong "pot b already exists" clone -p b -P web
	wrong "reference pot name is missing (option -P)" clone -p d
}

case_of rename "a stopped pot"
rename_body() {
	setup
	running web
	wrong "pot web is still running" rename -p web -n www
	atf_check pot stop -p web
	atf_check pot rename -p web -n www
	atf_check -o inline:'www\n' pot ls -q
	wrong "pot www exists already" rename -p www -n www
	wrong "new name is missing (-n)" rename -p www
}

case_of start "start and stop; a pot that is not persistent"
start_body() {
	setup
	single db
	single web
	atf_check pot add-dep -p web -P db
	atf_check pot start web
	atf_check pot start -p web
	states "db running web running"
	atf_check pot stop -p web
	atf_check pot stop web
	wrong "x is not a valid pot" stop x
	wrong "A pot name is mandatory" stop
	atf_check -o inline:'{}\n' pot last-run-stats -p web
	atf_check pot set-attr -p web -A persistent -V NO
	atf_check pot set-attr -p web -A prunable -V YES
	atf_check pot set-cmd -p web -c 'echo out; exit 4'
	atf_check -s exit:125 -o inline:'out\n' \
	    -e inline:'###>  web reported application error\n' pot start web
	atf_check -o inline:'{ "ExitCode": 4 }\n' pot last-run-stats -p web
	states "db running web stopped"
	atf_check pot set-cmd -p web -c 'true'
	atf_check pot start web
	atf_check -o inline:'{ "ExitCode": 0 }\n' pot last-run-stats -p web
	atf_check -o inline:'YES\n' pot get-attr -qp web -A to-be-pruned
}

case_of prune "what may go and has run"
prune_body() {
	setup
	single a compat.pot.prunable=YES compat.pot.to-be-pruned=YES \
	    "compat.pot.last-run=0 $(date +%s)"
	single b compat.pot.prunable=YES
	single c compat.pot.prunable=YES compat.pot.to-be-pruned=YES \
	    "compat.pot.last-run=0 1000"
	atf_check -o inline:'===>  Pruning a\n===>  Pruning c\n' pot prune -n
	atf_check -o inline:'===>  Pruning c\n===>  Pruned c\n' pot prune -g
	atf_check pot prune -q
	atf_check -o inline:'b\n' pot ls -q
}

case_of inside "term, run, exec, top, signal"
inside_body() {
	setup
	single web
	wrong "The pot web is not running" term web
	wrong "The pot web is not running" exec -p web true
	wrong "pot web is not in execution" top -p web
	atf_check -o inline:'hi\n' -x 'echo "echo hi" | pot run web'
	atf_check -s exit:3 -x 'echo "exit 3" | pot term -p web'
	atf_check -s exit:4 -o inline:'a b\n' \
	    pot exec -p web -e 'A=b c' sh -c 'echo "a b"; exit 4'
	atf_check -o ignore pot top -p web
	wrong "A command is mandatory" exec -p web
	wrong "-u and -U are mutually exclusive" exec -p web -u root -U root x
	atf_check -o match:'^TERM$' pot signal -l
	wrong "Invalid signal FROB ('pot signal -l' lists them)" \
	    signal -p web -s SIGFROB
	wrong "Process ID and pattern match are mutually exclusive" \
	    signal -p web -P 1 -m x
	wrong "Persistent pots have no main process" signal -p web -s TERM
	atf_check -e ignore pot signal -f -p web -s TERM
}

case_of snapshots "snapshot, revert, purge-snapshots"
snapshots_body() {
	setup
	jail web store=overlay exec.start=true
	wrong "web has not snapshot - no possible rollback" revert -p web
	atf_check -o inline:'===>  Take snapshot of web\n' \
	    pot snapshot -p web
	first=$(pot info -sp web)
	atf_check -o inline:"$first\n" pot info -s -p web
	atf_check -o inline:"$first: ->  $(date -u -d "@$first" '+%a %b %e %H:%M:%S UTC %Y')\n" \
	    pot info -vsp web
	echo new >root/jails/web/layers/upper/new
	atf_check pot rollback -p web
	atf_check test ! -e root/jails/web/layers/upper/new
	atf_check gaol -q snapshot web second
	atf_check -o inline:"$first\nsecond\n" pot info -sp web
	sleep 1
	atf_check -o ignore pot snap -r -p web
	atf_check -o match:second pot info -sp web
	atf_check_equal 2 "$(pot info -sp web | wc -l)"
	atf_check pot purge-snapshots -p web
	atf_check_equal 1 "$(pot info -sp web | wc -l)"
	atf_check pot purge-snapshots -ap web
	atf_check -o empty pot info -sp web
	wrong "one of -p|-f has to be used" snapshot
	wrong "-p|-f are exclusive" snapshot -p web -f x
	atf_check -s exit:69 -o ignore -e match:'write a stream of zfs' \
	    pot export -A -p web
	atf_check gaol -q start web
	wrong "The pot web is still running. Snapshot is possible only for stopped pots" \
	    snapshot -p web
	atf_check -s exit:69 -e ignore pot snapshot -f data
}

case_of copy "copy-in and copy-out, of a stopped and a running pot"
copy_body() {
	setup
	single web
	mkdir -p tree/sub out
	echo one >tree/sub/f
	echo two >file
	atf_check pot copy-in -p web -s tree -d /
	atf_check cmp tree/sub/f root/jails/web/root/tree/sub/f
	atf_check -s exit:1 -e ignore \
	    pot copy-in -p web -s file -d /a/b/file
	atf_check pot copy-in -c -p web -s file -d /a/b/file
	atf_check cmp file root/jails/web/root/a/b/file
	atf_check pot copy-out -p web -s /tree -d out
	atf_check cmp tree/sub/f out/tree/sub/f
	atf_check pot copy-out -p web -s /a/b/file -d out
	atf_check cmp file out/file
	# a link leads nowhere but within
	ln -s /etc root/jails/web/root/link
	atf_check -s exit:1 -e ignore pot copy-out -p web -s /link/passwd -d out
	atf_check gaol -q start web
	wrong "pot web is running; -F copies all the same" \
	    copy-in -p web -s file -d /x
	atf_check pot copy-in -F -p web -s file -d /x
	atf_check cmp file root/jails/web/root/x
	wrong "The path in the pot has to be an absolute pathname" \
	    copy-in -p web -s file -d x
	wrong "A source is mandatory" copy-out -p web -d out
	wrong "A destination is mandatory" copy-in -p web -s file
}

case_of mounts "mount-in and mount-out"
mounts_body() {
	setup
	single web
	mkdir "a b"
	atf_check pot create-fscomp -f data
	atf_check pot mount-in -p web -d "$PWD/a b" -m /mnt
	atf_check pot mount-in -p web -f data -m /data -r
	printf 'tmpfs /tmp tmpfs rw\n%s /mnt nullfs rw\nvol:data /data nullfs ro\n' \
	    "$PWD/a\\040b" >expected
	gaol get -H -o value mount web | tr , '\n' >have
	atf_check -o file:expected cat have
	atf_check pot mount-out -p web -m /mnt
	atf_check -o inline:'tmpfs /tmp tmpfs rw,vol:data /data nullfs ro\n' \
	    gaol get -H -o value mount web
	wrong "One of -f|-d|-z option has to be used" mount-in -p web -m /m
	wrong "The mount point has to be an absolute pathname" \
	    mount-in -p web -m m -d /srv
	wrong "/ is not a valid mount point" mount-in -p web -m // -d /srv
	wrong "/nowhere is not a directory" mount-in -p web -m /m -d /nowhere
	wrong "Remount cannot be used with directories, but with fscomp only" \
	    mount-in -w -p web -m /m -d /srv
	atf_check -s exit:69 -e ignore pot mount-in -p web -m /m -z tank/x
}

case_of bridges "private bridges"
bridges_body() {
	setup
	atf_check -o inline:'net=10.160.0.0/28\ngateway=10.160.0.1\nname=lan\n' \
	    pot create-private-bridge -B lan -S 10
	atf_check -o inline:'net=10.160.0.64/26\ngateway=10.160.0.65\nname=wan\n' \
	    pot create-private-bridge -B wan -S 50
	wrong "A bridge with name lan already exists" \
	    create-private-bridge -B lan -S 10
	wrong "The amount of host is mandatory (-S option)" \
	    create-private-bridge -B x
	atf_check -o ignore pot create -p web -t single -b base \
	    -N private-bridge -B wan
	atf_check -o match:'bridge : wan' -o match:'ip : 10.160.0.66' \
	    pot info -p web
	atf_check -o match:'_POT_BRIDGE=wan' pot info -Ep web
	atf_check -s exit:1 -e match:'web' pot destroy -B wan
	atf_check pot destroy -B lan
	wrong "bridge lan not found" destroy -B lan
	atf_check pot vnet-start
	atf_check pot vnet-start -B wan
	wrong "x is not a valid bridge" vnet-start -B x
}

case_of init "init and de-init"
init_body() {
	setup
	echo POT_NETWORK=10.5.0.0/16 >etc/pot.conf
	atf_check -o match:'10.5.0.0/16' pot init
	atf_check -o ignore pot init -m
	atf_check -o match:'^pot	.*10.5.0.0/16' gaol network list -H
	single web
	atf_check -s exit:1 -e match:'pot web is there;' pot de-init -f
	atf_check pot destroy -p web
	atf_check -o ignore pot de-init
	atf_check -o empty gaol network list -H
}

case_of fscomps "fs components are volumes"
fscomps_body() {
	setup
	atf_check pot create-fscomp -f data
	atf_check -o inline:'===>  fs component data already exists\n' \
	    pot create-fscomp -f data
	single web
	atf_check pot mount-in -p web -f data -m /data
	atf_check -s exit:1 -e match:'web' pot destroy -f data
	atf_check pot mount-out -p web -m /data
	atf_check pot destroy -f data
	wrong "fs component name is missing" create-fscomp
}

case_of destroy "pots, bases, and what was made from them"
destroy_body() {
	setup
	single web
	single kept
	atf_check -o ignore pot create -p two -t single -P web
	atf_check -o ignore pot create -p three -t single -P two
	atf_check gaol -q set two exec.start=true
	atf_check gaol -q start two
	wrong "pot two is running" destroy -p two
	wrong "x not found" destroy -p x
	atf_check -s exit:1 pot destroy -q -p x
	atf_check pot destroy -rF -p web
	atf_check -o inline:'kept\n' pot ls -q
	wrong "-b or -p or -f or -B are missing" destroy
	wrong "-b -p -f and -B are mutually exclusive" destroy -p kept -b base
	atf_check -s exit:1 -e match:'kept' pot destroy -b base
	atf_check pot destroy -r -b base
	atf_check -o empty pot ls -bq
}

case_of prepare "a pot for an orchestrator, of an image that is here"
prepare_body() {
	setup
	single img_1_0
	atf_check -o inline:'===>  Prepared the pot task_a1_2\n' \
	    pot prepare -p img -t 1.0 -a a1.2 -n task -c 'exit 7' \
	    -e 80 -e 443:8443 -N public-bridge
	atf_check -o inline:'exit 7 &\n80:80/tcp,8443:443/tcp\noff\noff\npot\n' \
	    gaol get -H -o value exec.start,publish,persist,names,net \
	    task_a1_2
	for name in no-rc-script prunable localhost-tunnel no-tmpfs; do
		atf_check -o inline:'YES\n' pot get-attr -qp task_a1_2 -A $name
	done
	atf_check -s exit:125 -e ignore pot start task_a1_2
	wrong "A pot with name task_a1_2 already exists" \
	    prepare -p img -t 1.0 -a a1.2 -n task
	wrong "A tag is mandatory" prepare -p img -a 1
	wrong "An allocation id is mandatory" prepare -p img -t 1
	wrong "x is not a valid port number" prepare -p img -t 1 -a 1 -e x
	atf_check -s exit:1 -e match:'pot import failed' \
	    pot prepare -p other -t 1 -a 1 -U "file://$PWD"
	wrong "A pot with name img_1_0 already exists" import -p img -t 1.0
	wrong "A tag is mandatory" import -p img
}

case_of refused "what gaol has no means for, and what pot has not"
refused_body() {
	setup
	single web
	atf_check -s exit:69 -e match:no-etc-hosts \
	    pot set-hosts -p web -H db:10.0.0.1
	atf_check -s exit:69 -e match:'gaol volume create b' \
	    pot clone-fscomp -f b -F a
	atf_check -s exit:69 -e match:'doctor' pot set-status -p web -s started
	wrong "Fatal error! promote implementation not found!" promote -p web
	atf_check -s exit:69 -e match:'how pot calls itself' \
	    pot stop -s -i epair0 web
	atf_check pot update-config -a
	atf_check pot update-config -p web
	wrong "A pot name or -a are mandatory" update-config
}

atf_init_test_cases() {
	for name in $cases; do
		atf_add_test_case "$name"
	done
}
