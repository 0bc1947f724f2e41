#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

setup() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	. "$(atf_get_srcdir)/bastille_helper.sh"
}

atf_test_case none
none_head() {
	atf_set descr "without a jail: titles alone"
}
none_body() {
	setup
	atf_check -o inline:" JID NAME       BOOT PRIO STATE TYPE  IP ADDRESS PORTS RELEASE TAGS\n" \
	    bastille list
	atf_check -o inline:" JID NAME       BOOT PRIO STATE IP ADDRESS PORTS HOSTNAME RELEASE PATH\n" \
	    bastille list all
	atf_check -o inline:" JID NAME       IP ADDRESS\n" bastille list ip
	atf_check -o inline:"[\n\n]\n" bastille list -j
	atf_check -o inline:"[\n\n]\n" bastille -j list all
	atf_check bastille list jails
	refused 1 'Jail not found "web"' list web
}

atf_test_case one
one_head() {
	atf_set descr "one jail, which runs, has two addresses and three ports"
}
one_body() {
	setup
	atf_check gaol network create lan 10.1.0.0/24 fd01::/64
	running w net=lan:10.1.0.10,fd01::10 boot=on priority=7 tag=b,a \
	    publish=8080:80,53/udp,443
	jid=$(gaol list -H -o jid w)
	[ ${#jid} -le 3 ] || atf_skip "a jid of more than three digits"
	jid=$(printf %-3s "$jid")
	cat >expected <<-end
	 JID NAME BOOT PRIO STATE TYPE  IP ADDRESS PORTS       RELEASE TAGS
	 $jid w   on   7    Up    thin  10.1.0.10  tcp/8080:80 base    b,a
	                               fd01::10   udp/53:53  
	                                          tcp/443:443
	end
	atf_check -o file:expected bastille list
	atf_check -o file:expected bastille list w
	atf_check -o file:expected bastille list -u
	jid=${jid%% *}
	printf '[\n  {"JID":"%s","NAME":"w","BOOT":"on","PRIO":"7","STATE":"Up","TYPE":"thin","IP ADDRESS":"10.1.0.10,fd01::10","PORTS":"tcp/8080:80,udp/53:53,tcp/443:443","RELEASE":"base","TAGS":"b,a"}\n]\n' \
	    "$jid" >expected
	atf_check -o file:expected bastille list -j
	atf_check -o file:expected bastille -j list w
	printf '[\n  {\n    "JID":"%s",\n    "NAME":"w",\n    "PORTS":"tcp/8080:80,udp/53:53,tcp/443:443"\n  }\n]\n' \
	    "$jid" >expected
	atf_check -o file:expected bastille list -p port
}

# Two jails that do not run, in all forms.
atf_test_case forms
forms_head() {
	atf_set descr "each form, in columns and as JSON"
}
forms_body() {
	setup
	jail db net='lo|10.17.89.10' boot=on priority=99 store=dir \
	    host.hostname=db.example.org
	jail webserver-1 net='em0|192.168.10.100/24' tag=www
	cat >expected <<-end
	 JID NAME        BOOT PRIO STATE TYPE  IP ADDRESS     PORTS RELEASE TAGS
	 -   db          on   99   Down  thick 10.17.89.10    -     base    -
	 -   webserver-1 off  50   Down  thin  192.168.10.100 -     base    www
	end
	atf_check -o file:expected bastille list
	atf_check -o file:expected bastille list --down
	head -n 1 expected >titles
	atf_check -o file:titles bastille list --up
	# columns are as wide as for all jails
	sed 2d expected >second
	atf_check -o file:second bastille list webserver-1
	atf_check -o file:second bastille list web
	cat >expected <<-end
	 JID NAME        BOOT PRIO STATE IP ADDRESS     PORTS HOSTNAME       RELEASE PATH
	 -   db          on   99   Down  10.17.89.10    -     db.example.org base    $root/jails/db/root
	 -   webserver-1 off  50   Down  192.168.10.100 -     webserver-1    base    $root/jails/webserver-1/root
	end
	atf_check -o file:expected bastille list all
	atf_check -o file:expected bastille list -a
	while read -r words title first second; do
		printf ' JID NAME        %s\n -   db          %s\n -   webserver-1 %s\n' \
		    "$(echo $title | tr _ ' ')" "$first" "$second" >expected
		for word in $(echo $words | tr , ' '); do
			atf_check -o file:expected bastille list $word
		done
		printf '[\n  {"JID":"-","NAME":"db","%s":"%s"},\n  {"JID":"-","NAME":"webserver-1","%s":"%s"}\n]\n' \
		    "$(echo $title | tr _ ' ')" "$first" \
		    "$(echo $title | tr _ ' ')" "$second" >expected
		atf_check -o file:expected bastille list -j ${words%%,*}
	done <<-end
	ip,ips IP_ADDRESS 10.17.89.10 192.168.10.100
	path,paths PATH $root/jails/db/root $root/jails/webserver-1/root
	rdr,port,ports PORTS - -
	state,status STATE Down Down
	type,jailtype TYPE thick thin
	boot BOOT on off
	prio,priority PRIO 99 50
	end
	atf_check -o inline:"db\nwebserver-1\n" bastille list jails
	atf_check -o inline:"db\nwebserver-1\n" bastille list container
	atf_check -o inline:"base\n" bastille list release
	mkdir -p root/backups root/log/db root/templates/a/b
	: >root/backups/db_2026-01-01-000000.txz
	: >root/backups/db_2026-01-01-000000.sha256
	: >root/log/db/console.log
	: >root/templates/a/b/Bastillefile
	atf_check -o inline:"db_2026-01-01-000000.txz\n" bastille list export
	atf_check -o inline:"$root/log/db/console.log\n" bastille list logs
	atf_check -o match:"^a/b$" bastille list template
	atf_check gaol -q set db limit.memory=1G limit.cpuset=0
	atf_check -o inline:"jail:db:memoryuse:deny=1G/jail\n" \
	    bastille list limits
	atf_check -o match:'^\[db\]:$' -o match:'^NAME' bastille list snapshot
	printf 'bastille_backupsdir="/nonexistent"\n' >bastille.conf
	atf_check bastille list backup
}

atf_test_case many
many_head() {
	atf_set descr "fifty jails, sorted by name"
}
many_body() {
	setup
	jail j01 net='lo|10.0.0.1'
	for n in $(seq -w 2 50); do
		mkdir root/jails/j$n
		sed "s/j01/j$n/; s/10\.0\.0\.1/10.0.0.${n#0}/" \
		    root/jails/j01/cell.conf >root/jails/j$n/cell.conf
	done
	{
		echo " JID NAME BOOT PRIO STATE TYPE  IP ADDRESS PORTS RELEASE TAGS"
		for n in $(seq -w 1 50); do
			printf ' -   j%s off  50   Down  thin  %-10s -     base    -\n' \
			    "$n" "10.0.0.${n#0}"
		done
	} >expected
	atf_check -o file:expected bastille list
	# once more, from the cache
	atf_check -o file:expected bastille list
	{
		echo '['
		for n in $(seq -w 1 50); do
			printf '  {"JID":"-","NAME":"j%s","BOOT":"off","PRIO":"50","STATE":"Down","TYPE":"thin","IP ADDRESS":"10.0.0.%s","PORTS":"-","RELEASE":"base","TAGS":"-"}%s\n' \
			    "$n" "${n#0}" "$([ "$n" = 50 ] || echo ,)"
		done
		echo ']'
	} >expected
	atf_check -o file:expected bastille list -j
	echo 'broken {' >root/jails/j07/cell.conf
	atf_check -o match:'^ -   j07 -    -    n/a   thin  -          -     -       -$' \
	    bastille list
}

atf_init_test_cases() {
	atf_add_test_case none
	atf_add_test_case one
	atf_add_test_case forms
	atf_add_test_case many
}
