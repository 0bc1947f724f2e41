#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC1091,SC2154

setup() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	. "$(atf_get_srcdir)/bastille_helper.sh"
	. "$(atf_get_srcdir)/bootstrap_helper.sh"
}

# freebsd_update: one that writes down what it was to do.
freebsd_update() {
	printf '#!/bin/sh\necho "$*" >>"%s/updates"\n' "$PWD" \
	    >bin/freebsd-update
	chmod +x bin/freebsd-update
}

atf_test_case bootstrap
bootstrap_head() {
	atf_set descr "a release of FreeBSD from a mirror, its names and sets"
	atf_set require.progs xz
}
bootstrap_body() {
	setup
	make_mirror
	arch=$(uname -m)
	[ "$arch" = x86_64 ] || atf_skip "the mirror is for amd64"
	export BASTILLE_URL_FREEBSD="$url"
	echo 'bastille_bootstrap_archives="base lib32"' >bastille.conf
	atf_check -o inline:"\nAttempting to bootstrap release: 14.3-RELEASE...\nBootstrap appears complete.\n" \
	    -e ignore bastille bootstrap 14.3-release
	atf_check -o inline:"old\n" \
	    cat "$releases/14.3-RELEASE/root/usr/lib32/libc.so"
	# once more is fine
	atf_check -o match:"appears complete" bastille bootstrap 14.3-RELEASE
	atf_check -o match:"^14.3-RELEASE$" bastille list release
	refused 69 "bastille bootstrap: -p: gaol gets releases from their sets, whose sums are checked; pkgbase has none" \
	    bootstrap -p 15.0-RELEASE
	# what is damaged is not unpacked
	atf_check -o ignore bastille destroy 14.3-RELEASE
	printf x >>mirror/releases/amd64/14.3-RELEASE/base.txz
	rm -rf "$releases/.cache"
	atf_check -s exit:1 -o ignore -e match:"^.ERROR.: " \
	    bastille bootstrap 14.3-RELEASE
	[ ! -e "$releases/14.3-RELEASE" ] || atf_fail "the release is there"
	# a word for a Linux, as gaol calls it
	for word in bookworm Debian12 debian_bookworm debian-bookworm; do
		refused 1 "Release must be bootstrapped first: $word. See 'bastille bootstrap'." \
		    create -L x $word inherit
	done
}

atf_test_case update
update_head() {
	atf_set descr "update and verify, by freebsd-update of the host"
}
update_body() {
	setup
	mkdir -p root/releases/14.2-RELEASE/root
	sed 's/base/14.2-RELEASE/; s/linux/freebsd/' \
	    root/releases/base/release.conf \
	    >root/releases/14.2-RELEASE/release.conf
	echo sum >root/releases/14.2-RELEASE/digest
	refused 69 "bastille update: freebsd-update(8) is not on this host; 'gaol bootstrap -f' gets the release anew" \
	    update 14.2-RELEASE
	freebsd_update
	atf_check -e ignore bastille update 14.2-RELEASE
	atf_check -e ignore bastille update -f 14.2-release
	atf_check -e ignore bastille verify 14.2-RELEASE
	atf_check -o match:"appears complete" -e ignore \
	    bastille bootstrap 14.2-RELEASE update
	what="--not-running-from-cron -b $root/releases/14.2-RELEASE/root --currently-running 14.2-RELEASE"
	printf '%s\n' "$what fetch install" "$what -F fetch install" \
	    "$what IDS" "$what fetch install" >expected
	atf_check cmp expected updates
	[ ! -e root/releases/14.2-RELEASE/digest ] || atf_fail "the old sum"
	printf '#!/bin/sh\nexit 2\n' >bin/freebsd-update
	atf_check -s exit:1 -e match:"freebsd-update ended with status 2" \
	    bastille update 14.2-RELEASE
	refused 69 "bastille update: base is no release of FreeBSD; 'bastille update TARGET' brings a jail's packages up to date" \
	    update base
	jail web
	atf_check -s exit:1 -o inline:"\n[web]:\n" -e match:"auto-start" \
	    bastille update web
	atf_check -s exit:69 -o inline:"\n[web]:\n" -e match:"none of pkg" \
	    bastille update -a web
	mkdir -p root/templates/a/b
	echo 'CMD true' >root/templates/a/b/Bastillefile
	atf_check -e match:"nothing is wrong" \
	    bastille verify a/b
	echo CP >root/templates/a/b/Bastillefile
	atf_check -s exit:1 -o ignore -e match:"^.ERROR.: " \
	    bastille verify a/b
	[ -e root/templates/a/b/Bastillefile ] || atf_fail "it was removed"
}

atf_test_case refused
refused_head() {
	atf_set descr "what gaol has nothing for is 69 and says what does it"
}
refused_body() {
	setup
	jail web
	while read -r words; do
		atf_check -s exit:69 -e match:"^.ERROR.: bastille ${words%% *}: " \
		    bastille $words
	done <<-end
	upgrade web 15.0-RELEASE
	etcupdate web update 15.0-RELEASE
	etcupdate --dry-run bootstrap 15.0-RELEASE
	monitor enable
	monitor web add nginx
	plugin x up
	up
	migrate -p web root@host
	migrate --backup web root@host
	migrate -a web root@host
	convert web custom
	export --raw web
	export --zst web
	end
	states "web stopped"
}

atf_test_case data
data_head() {
	atf_set descr "export and import: archives of Bastille's"
	atf_set require.progs xz
}
data_body() {
	setup
	# what it is of, its programs tell
	cp /bin/true root/releases/base/root/bin/sh
	jail web store=dir boot=on tag=a
	atf_check -o match:"^Exported '$root/backups/web_20[0-9-]*.txz' successfully" \
	    bastille export web
	atf_check -o match:"^web_20[0-9-]*.txz$" bastille list backups
	file=$(bastille list backups)
	[ -s "root/backups/${file%.txz}.sha256" ] || atf_fail "no checksum"
	mkdir out
	atf_check -o match:"out/web_20[0-9-]*.tgz'" \
	    bastille export --tgz web ./out
	refused 1 "export: 'out' is no path of a directory" export web out
	atf_check -o ignore bastille destroy -y web
	atf_check -o match:"^Imported '$file' successfully" -e ignore \
	    bastille import "$file"
	atf_check -o match:" web .* a$" bastille list
	atf_check -o ignore bastille destroy -y web
	echo 0 >"root/backups/${file%.txz}.sha256"
	atf_check -s exit:1 -e match:"^.ERROR.: " bastille import "$file"
	rm "root/backups/${file%.txz}.sha256"
	atf_check -s exit:1 -e match:"^.ERROR.: " bastille import "$file"
	atf_check -o ignore -e ignore bastille import -f "root/backups/$file"
	echo 'bastille_export_options="--tzst --auto"' >bastille.conf
	atf_check -o ignore bastille start web
	atf_check -o match:"[.]tzst'" bastille export web
	states "web running"
}

atf_init_test_cases() {
	atf_add_test_case bootstrap
	atf_add_test_case update
	atf_add_test_case refused
	atf_add_test_case data
}
