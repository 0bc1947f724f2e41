#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154
. "$(atf_get_srcdir)/common.subr"

# An apt-get for the jail $1, which does what /apt says when it upgrades.
apt_for() {
	cat >apt-get <<-'EOF'
	#! /bin/sh
	case "$*" in
	*-s*) echo "Inst libssl3 [3.0] (3.1 Debian-Security:12/stable-security [all])"
		echo "Inst tz [1] (2 Debian:12/stable [all])" ;;
	*update*) echo lists ;;
	*) echo "$DEBIAN_FRONTEND"; . /apt ;;
	esac
	EOF
	chmod 755 apt-get
	atf_check gaol -q cp apt-get "$1:/usr/bin/apt-get"
}

# When it upgrades it does $2.
upgrade_does() {
	atf_check gaol exec "$1" sh -c "echo '$2' >/apt"
}

root_test update "behind a snapshot, and back to it when it breaks the jail"
update_body() {
	gaol_setup
	gaol_jail web
	apt_for web
	atf_check gaol exec web touch /up
	atf_check -o ignore gaol -q set web ready=file:/up ready.timeout=1
	upgrade_does web 'echo new >/version'
	atf_check -o match:noninteractive -e match:"web: updated" \
	    gaol update web
	atf_check -o inline:"new\n" gaol exec web cat /version
	atf_check -o match:"before gaol update" gaol snapshots web

	# its command fails
	upgrade_does web 'echo newer >/version; exit 100'
	atf_check -s exit:1 -o ignore -e match:"'apt-get' in the jail ended \
with 100; rolled back to snapshot" gaol update web
	atf_check -o inline:"new\n" gaol exec web cat /version
	atf_check -o match:"web +running" gaol list

	# it ends well, and the service does not come up
	upgrade_does web 'echo newest >/version; rm /up'
	atf_check -s exit:1 -o ignore -e match:"rolled back to snapshot" \
	    gaol update --restart web
	atf_check -o inline:"new\n" gaol exec web cat /version
	atf_check gaol exec web test -e /up
	atf_check -o match:"update	web	failed" gaol events -H

	# one that does not run, and does not run then either
	upgrade_does web 'echo later >/version'
	atf_check gaol -q stop web
	atf_check -o ignore gaol -q update web
	atf_check -o match:"web +stopped" gaol list
	atf_check gaol -q start web
	atf_check -o inline:"later\n" gaol exec web cat /version

	# what is due
	atf_check -o inline:"web\tlibssl3\t3.0\t3.1\ton
web\ttz\t1\t2\toff\n" gaol update -H --check web
	atf_check -o inline:"web\tlibssl3\t3.0\t3.1\t-\n" gaol audit -H
	gaol_jail bare
	atf_check -s exit:69 -e match:"none of pkg, apt-get and apk" \
	    gaol update bare
	atf_check -s exit:69 -o match:libssl3 -e match:"bare: the jail has" \
	    gaol audit ALL

	# nothing could be undone
	gaol_jail plain store=dir
	apt_for plain
	upgrade_does plain 'echo new >/version'
	atf_check -s exit:69 -e match:"nothing was updated.*--no-snapshot" \
	    gaol update plain
	atf_check -s exit:1 gaol exec plain test -e /version
	atf_check -o ignore -e ignore gaol update --no-snapshot plain
	atf_check -o inline:"new\n" gaol exec plain cat /version
}

atf_init_test_cases() {
	atf_add_test_case update
}
