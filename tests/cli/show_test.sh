#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case table
table_head() {
	atf_set descr "facts and properties"
}
table_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web boot=on tag=a,b
	cat >expected <<-end
	name           web
	state          stopped
	reason         -
	jid            -
	up             -
	release        base
	store          overlay
	path           $root/jails/web
	console log    $root/log/web/console.log
	addresses      -
	ports          -
	at next start  -

	PROPERTY  VALUE
	boot      on
	release   base
	store     overlay
	tag       a,b
	type      thin
	end
	atf_check -o file:expected gaol show web
}

atf_test_case json
json_head() {
	atf_set descr "one is an object, several an array"
	atf_set require.progs jq
}
json_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web boot=on tag=a priority=3
	running db
	atf_check -o save:out gaol show -j web
	printf '{"name":"web","state":"stopped","reason":null,"jid":null,"started":null,%s' \
	    '"release":"base","store":"overlay",' >expected
	printf '"path":"%s","console":"%s","addresses":null,"ports":null,"pending":null,"properties":{%s}}\n' \
	    "$root/jails/web" "$root/log/web/console.log" \
	    '"boot":true,"priority":3,"release":"base","store":"overlay",'\
'"tag":["a"],"type":"thin"' >>expected
	atf_check -o file:expected cat out
	atf_check -o inline:'["db","web"]\n' \
	    -x "gaol show -j ALL | jq -c 'map(.name)'"
	atf_check -o inline:'"array"\n' -x "gaol show -j '?b' | jq -c type"
	atf_check -o inline:'[1,"running"]\n' \
	    -x "gaol show -j db | jq -c '[.jid,.state]'"
	atf_check -o inline:'false\n' -x "gaol show -j --all db |
	    jq -c .defaults.boot"
}

atf_test_case failed
failed_head() {
	atf_set descr "a jail whose restarts were given up, until it is stopped"
}
failed_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web restart=on-failure:2
	dies web
	{
		printf '%s\trestart\tgaol: restart 1\n' 2026-11-28T07:00:00.000Z
		printf '%s\tfailed\tgaol: gave up after 2 restarts\n' \
		    2026-11-28T07:00:01.000Z
	} >root/run/restart/web
	states "web failed"
	atf_check -o match:"^state          failed$" \
	    -o match:"^reason         gave up after 2 restarts$" gaol show web
	atf_check -e ignore gaol stop web
	states "web stopped"
	atf_check -o match:"failed	web	.*gave up after 2 restarts" \
	    gaol events -H
	atf_check test ! -e root/run/restart/web
	atf_check gaol -q start web
	states "web running"
}

atf_test_case pending
pending_head() {
	atf_set descr "what the running jail does not have yet"
}
pending_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	running web
	atf_check -e ignore gaol set web host.hostname=other persist=off \
	    boot=on
	atf_check -o match:"^at next start  host.hostname,persist$" \
	    gaol show web
	atf_check -o match:'"pending":\["host.hostname","persist"\]' \
	    gaol show -j web
	atf_check gaol -q restart web
	atf_check -o match:"^at next start  -$" gaol show web
}

atf_test_case all
all_head() {
	atf_set descr "-a tells the defaults too"
}
all_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web boot=on
	atf_check -o match:"^boot  *on  *file$" \
	    -o match:"^priority  *50  *default$" gaol show -a web
}

atf_test_case secret
secret_head() {
	atf_set descr "the environment is not shown"
}
secret_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web env=PASSWORD=hunter2
	for form in "" -H -j; do
		atf_check -o not-match:hunter2 -o match:env \
		    gaol show $form web
	done
}

atf_test_case several
several_head() {
	atf_set descr "one after the other"
}
several_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail a
	jail b
	atf_check -o inline:"name           a\nname           b\n" \
	    -x "gaol show ALL | grep '^name'"
	atf_check gaol -q destroy -y ALL
	atf_check gaol show ALL
	atf_check -o inline:"[]\n" gaol show -j ALL
}

atf_test_case wrong
wrong_head() {
	atf_set descr "unknown names and wrong command lines"
}
wrong_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	fails 66 "no jail named 'wbe' (did you mean 'web'?)" show wbe
	fails 64 "show: an operand is missing (usage: gaol show [-a] \
target...)" show
	echo 'web { bot; }' | conf web
	fails 78 "$root/jails/web/cell.conf:1:7: unknown property 'bot' (did \
you mean 'boot'?)" show web
}

atf_init_test_cases() {
	atf_add_test_case table
	atf_add_test_case json
	atf_add_test_case failed
	atf_add_test_case pending
	atf_add_test_case all
	atf_add_test_case secret
	atf_add_test_case several
	atf_add_test_case wrong
}
