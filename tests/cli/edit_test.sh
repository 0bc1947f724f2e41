#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

atf_test_case changes
changes_head() {
	atf_set descr "what the editor wrote is in force"
}
changes_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web note=old
	export EDITOR="sed -i s/old/new/"
	atf_check gaol edit web
	atf_check -o inline:"new\n" gaol get -H -o value note web
	atf_check -e inline:"web: nothing was changed\n" gaol edit web
	atf_check -s exit:1 -x "ls root/run | grep edit"
}

atf_test_case visual
visual_head() {
	atf_set descr "VISUAL comes before EDITOR"
}
visual_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web note=old
	atf_check env VISUAL="sed -i s/old/visual/" EDITOR=false gaol edit web
	atf_check -o inline:"visual\n" gaol get -H -o value note web
	fails 64 "edit: no terminal for vi; VISUAL or EDITOR names another" \
	    edit web </dev/null
}

atf_test_case no_shell
no_shell_head() {
	atf_set descr "the editor is run without a shell"
}
no_shell_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	export EDITOR='touch $(touch evil) ; touch evil'
	atf_check -e ignore gaol edit web
	[ ! -e evil ] || [ -e ';' ] || atf_fail "a shell ran it"
}

atf_test_case wrong
wrong_head() {
	atf_set descr "a mistake is told with its place, and nothing is changed"
}
wrong_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web note=old
	cp root/jails/web/cell.conf before
	export EDITOR="sed -i s/note/ntoe/"
	atf_check -s exit:78 -e match:"^gaol: web.conf:[0-9]+:[0-9]+: unknown \
property 'ntoe' \\(did you mean 'note'\\?\\)$" gaol edit web </dev/null
	export EDITOR="sed -i s/base/other/"
	fails 64 "release is given when the jail is created, and stays 'base'" \
	    edit web
	atf_check -o file:before cat root/jails/web/cell.conf
}

atf_test_case again
again_head() {
	atf_set descr "on a terminal it asks whether to edit again"
	atf_set require.progs script
}
again_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web note=old
	cat >editor <<-'end'
	#!/bin/sh
	if [ -e tried ]; then
		sed -i 's/noet = old/note = second/' "$1"
	else
		sed -i 's/note = old/noet = old/' "$1"
		touch tried
	fi
	end
	chmod +x editor
	export EDITOR="$PWD/editor"
	echo y >answer
	atf_check -o match:"unknown property 'noet'" -o match:"edit again\\?" \
	    script -qec "gaol edit web" /dev/null <answer
	atf_check -o inline:"second\n" gaol get -H -o value note web
	rm tried
	echo n >answer
	sed -i 's/second/old/' root/jails/web/cell.conf
	atf_check -s exit:1 -o match:"nothing was changed" \
	    script -qec "gaol edit web" /dev/null <answer
	atf_check -o inline:"old\n" gaol get -H -o value note web
}

atf_test_case meanwhile
meanwhile_head() {
	atf_set descr "a change of another command is not overwritten"
}
meanwhile_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web note=old
	cat >editor <<-'end'
	#!/bin/sh
	gaol set web priority=3
	sed -i s/old/new/ "$1"
	end
	chmod +x editor
	export EDITOR="$PWD/editor"
	fails 75 "cell.conf was changed by another command meanwhile" edit web
	atf_check -o inline:"old\n3\n" gaol get -H -o value note,priority web
}

atf_test_case twice
twice_head() {
	atf_set descr "two at once: the second is refused"
}
twice_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	cat >editor <<-'end'
	#!/bin/sh
	EDITOR=true gaol edit web 2>err
	echo $? >status
	end
	chmod +x editor
	EDITOR="$PWD/editor" atf_check -e ignore gaol edit web
	atf_check -o inline:"75\n" cat status
	atf_check -o match:"^gaol: 'web' is being edited: .* is locked by" \
	    cat err
}

atf_test_case fails
fails_head() {
	atf_set descr "an editor that fails changes nothing"
}
fails_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	export EDITOR=false
	fails 1 "editor false ended with status 1; nothing was changed" edit web
	export EDITOR=/none
	fails 1 "editor /none ended with status 127; nothing was changed" \
	    edit web
}

atf_test_case broken
broken_head() {
	atf_set descr "a file that is wrong can be mended"
}
broken_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	echo 'web { release = base; nonsense; }' | conf web
	export EDITOR="sed -i s/nonsense;//"
	atf_check gaol edit web
	states "web stopped"
	running db
	echo 'db { release = base; nonsense; }' | conf db
	atf_check -e inline:"db: in force at the next start\n" gaol edit db
}

atf_test_case usage
usage_head() {
	atf_set descr "wrong command lines"
}
usage_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	u="(usage: gaol edit target)"
	jail a
	jail b
	export EDITOR=true
	fails 64 "edit: an operand is missing $u" edit
	fails 64 "edit: 'b' is one too many $u" edit a b
	fails 64 "edit: one jail is needed, 'ALL' stands for 2" edit ALL
	fails 66 "no jail named 'other'" edit other
}

atf_test_case killed
killed_head() {
	atf_set descr "a copy that a killed edit left is found and removed"
}
killed_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web
	cat >editor <<-'EOT'
	#! /bin/sh
	kill -9 $PPID
	EOT
	chmod 755 editor
	EDITOR=$PWD/editor atf_check -s signal:9 gaol edit web
	atf_check -s exit:0 test -e root/run/edit.web.conf
	atf_check -s ignore -o match:"^warning.* web .*interrupted edit left" \
	    gaol doctor
	atf_check -o match:"web .*interrupted edit left.*" -s ignore \
	    gaol doctor --repair
	atf_check -s exit:1 -x "ls root/run | grep edit"
	atf_check -o match:"^ok     leftovers " gaol doctor
}

atf_init_test_cases() {
	atf_add_test_case changes
	atf_add_test_case visual
	atf_add_test_case no_shell
	atf_add_test_case wrong
	atf_add_test_case again
	atf_add_test_case meanwhile
	atf_add_test_case twice
	atf_add_test_case fails
	atf_add_test_case broken
	atf_add_test_case usage
	atf_add_test_case killed
}
