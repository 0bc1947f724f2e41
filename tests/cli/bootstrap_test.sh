#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC1091,SC2154

atf_test_case busybox
busybox_head() {
	atf_set descr "a root made of the host's static busybox"
	atf_set require.progs busybox
}
busybox_body() {
	. "$(atf_get_srcdir)/bootstrap_helper.sh"
	atf_check -e match:'^busybox: ready, [0-9.]+M$' gaol bootstrap busybox
	root=$releases/busybox/root
	for applet in bin/sh sbin/init usr/bin/awk usr/sbin/httpd; do
		cmp "$root/$applet" /bin/busybox || atf_fail "$applet"
	done
	atf_check -o inline:'world\n' "$root/bin/sh" -c 'echo world'
	atf_check -o inline:'hello\n' "$root/bin/busybox" echo hello
	atf_check -o inline:'1777\n1777\n700\n600\n644\n755\n' stat -c %a \
	    "$root/tmp" "$root/var/tmp" "$root/root" "$root/etc/shadow" \
	    "$root/etc/passwd" "$releases/busybox"
	for d in bin sbin usr/bin usr/sbin etc dev proc sys tmp run root home \
	    var/log var/tmp; do
		[ -d "$root/$d" ] || atf_fail "$d is missing"
	done
	cmp /etc/resolv.conf "$root/etc/resolv.conf" || atf_fail "resolv.conf"
	atf_check find "$root" -xtype l
	atf_check -o match:'^	os = linux;$' \
	    -o match:'^	source = busybox;$' \
	    -o match:'^	created = 1[0-9]*;$' \
	    -o match:'^	bytes = [0-9]*;$' \
	    -o match:'^busybox \{$' cat "$releases/busybox/release.conf"
	atf_check -o inline:'busybox\n' ls -A "$releases"
}

atf_test_case umask_is_ours
umask_is_ours_head() {
	atf_set descr "modes do not depend on the caller's umask"
	atf_set require.progs busybox
}
umask_is_ours_body() {
	. "$(atf_get_srcdir)/bootstrap_helper.sh"
	umask 077
	atf_check -e ignore gaol bootstrap busybox
	for f in . bin bin/busybox usr/sbin etc etc/passwd etc/resolv.conf; do
		atf_check -o match:'^[67][45][45]$' stat -c %a \
		    "$releases/busybox/root/$f"
	done
}

atf_test_case names
names_head() {
	atf_set descr "the name: given, or from the file"
	atf_set require.progs busybox
}
names_body() {
	. "$(atf_get_srcdir)/bootstrap_helper.sh"
	atf_check -e match:'^small: ready, ' gaol bootstrap -N small busybox
	atf_check -e match:'^small2: ready, ' gaol bootstrap --name=small2 \
	    busybox
	for f in web.tar web.1.tar.gz web.2.tgz web.3.tar.xz web.4.txz \
	    web.5.tar.zst web.6; do
		make_tar "$f" -a
		atf_check -e ignore gaol bootstrap "$PWD/$f" \
		    --sha256 "$(sum "$f")"
	done
	atf_check -o inline:'small\nsmall2\nweb\nweb.1\nweb.2\nweb.3\nweb.4\nweb.5\nweb.6\n' \
	    ls -A "$releases"
	for name in .hidden .. . a/b '' ALL; do
		atf_check -s exit:64 -e match:'^gaol: ' gaol bootstrap \
		    -N "$name" busybox
	done
	atf_check -o match:"as $releases/web.x\$" gaol -n bootstrap \
	    "http://localhost/a/web.x.tar.gz?y=/z.tar#/w" \
	    --sha256 "$(printf '%064d' 0)"
	make_tar ..tar
	atf_check -s exit:64 -e match:'give the release a name with -N: ' \
	    gaol bootstrap ./..tar --sha256 "$(sum ..tar)"
}

atf_test_case wrong_input
wrong_input_head() {
	atf_set descr "what is refused before anything is made"
}
wrong_input_body() {
	. "$(atf_get_srcdir)/bootstrap_helper.sh"
	hex=$(printf '%064d' 0)
	usage "nothing is known about 'debian-21' (did you mean 'debian-11'?)" \
	    debian-21
	usage "nothing is known about 'busbox' (did you mean 'busybox'?)" \
	    busbox
	usage "nothing is known about 'gentoo'; there are busybox, debian-11, debian-12, debian-13, ubuntu-22.04, ubuntu-24.04, FreeBSD's releases (14.3-RELEASE ...), files and URLs" \
	    gentoo
	usage "nothing is known about '14.3-REL'; there are busybox, debian-11, debian-12, debian-13, ubuntu-22.04, ubuntu-24.04, FreeBSD's releases (14.3-RELEASE ...), files and URLs" \
	    14.3-REL
	usage "--mirror has no meaning for busybox" \
	    --mirror http://localhost/ busybox
	usage "--sha256 has no meaning for busybox" --sha256 "$hex" busybox
	usage "--sets has no meaning for debian-12" --sets base debian-12
	usage "--sha256 has no meaning for debian-12" --sha256 "$hex" debian-12
	usage "--arch has no meaning for ./a.tar" --arch amd64 ./a.tar
	touch a.tar
	usage "an archive needs --sha256 HEX, the sum that its maker publishes; sha256sum FILE prints what a file has" \
	    ./a.tar
	usage "an archive needs --sha256 HEX, the sum that its maker publishes; sha256sum FILE prints what a file has" \
	    a.tar
	usage "an archive needs --sha256 HEX, the sum that its maker publishes; sha256sum FILE prints what a file has" \
	    http://localhost/a.tar
	usage "'12ab' is no SHA-256: that is 64 hexadecimal digits" \
	    a.tar --sha256 12ab
	usage "'' is no SHA-256: that is 64 hexadecimal digits" \
	    a.tar --sha256 ''
	usage "'${hex%0}g' is no SHA-256: that is 64 hexadecimal digits" \
	    a.tar --sha256 "${hex%0}g"
	atf_check -s exit:64 -e match:'^gaol: --max-size: ' \
	    gaol bootstrap a.tar --sha256 "$hex" --max-size many
	atf_check -s exit:64 -e match:'^gaol: bootstrap: .*usage: ' \
	    gaol bootstrap
	atf_check -s exit:66 \
	    -e inline:'gaol: ./none.tar: No such file or directory\n' \
	    gaol bootstrap ./none.tar --sha256 "$hex"
	mkdir tree
	atf_check -s exit:65 -e inline:'gaol: ./tree is not a regular file\n' \
	    gaol bootstrap ./tree --sha256 "$hex"
	nothing_left
}

atf_test_case archive
archive_head() {
	atf_set descr "a tarball with its sum"
}
archive_body() {
	. "$(atf_get_srcdir)/bootstrap_helper.sh"
	make_tar web.tar.gz -z
	sum=$(sum web.tar.gz)
	upper=$(echo "$sum" | tr a-f A-F)
	atf_check -e match:'^web: ready, ' gaol bootstrap --sha256 "$upper" \
	    web.tar.gz
	atf_check -o inline:'program\n' cat "$releases/web/root/bin/sh"
	atf_check -o match:"^	sha256 = $sum;\$" \
	    -o match:'^	os = linux;$' -o match:'^	source = web.tar.gz;$' \
	    cat "$releases/web/release.conf"
	atf_check -o inline:'web\n' ls -A "$releases"
}

atf_test_case wrong_sum
wrong_sum_head() {
	atf_set descr "a wrong sum is an error and leaves nothing"
}
wrong_sum_body() {
	. "$(atf_get_srcdir)/bootstrap_helper.sh"
	make_tar web.tar
	sum=$(sum web.tar)
	wrong=$(printf '%064d' 7)
	atf_check -s exit:65 -e match:"^gaol: .*$sum.*$wrong" gaol -q \
	    bootstrap web.tar --sha256 "$wrong"
	nothing_left
	atf_check -s exit:65 -e match:"^gaol: .*$sum.*$wrong" gaol -q \
	    bootstrap "file://$PWD/web.tar" --sha256 "$wrong"
	nothing_left
}

atf_test_case bad_archive
bad_archive_head() {
	atf_set descr "a hostile, cut or too large archive leaves nothing"
}
bad_archive_body() {
	. "$(atf_get_srcdir)/bootstrap_helper.sh"
	mkdir tree
	echo x >tree/x
	tar -C tree -P -cf up.tar --transform 's,^x$,../../x,' x
	atf_check -s exit:65 -e match:'^gaol: .*\.\./\.\./x' gaol -q \
	    bootstrap up.tar --sha256 "$(sum up.tar)"
	nothing_left
	make_tar whole.tar.gz -z
	head -c 100 whole.tar.gz >cut.tar.gz
	atf_check -s exit:65 -e match:'^gaol: ' gaol -q bootstrap cut.tar.gz \
	    --sha256 "$(sum cut.tar.gz)"
	nothing_left
	head -c 3000000 /dev/zero >tree/big
	tar -C tree -czf big.tar.gz big
	atf_check -s exit:65 -e match:'^gaol: .*big' gaol -q bootstrap \
	    big.tar.gz --sha256 "$(sum big.tar.gz)" --max-size 2M
	nothing_left
	atf_check -e ignore gaol -q bootstrap big.tar.gz \
	    --sha256 "$(sum big.tar.gz)" --max-size 3M
}

atf_test_case url
url_head() {
	atf_set descr "file: and http: URLs, through the cache"
}
url_body() {
	. "$(atf_get_srcdir)/bootstrap_helper.sh"
	. "$(atf_get_srcdir)/image_helper.sh"
	make_tar web.tar.gz -z
	sum=$(sum web.tar.gz)
	atf_check -e match:'^web: ready, ' gaol bootstrap \
	    "file://$PWD/web.tar.gz" --sha256 "$sum"
	httpd_start
	cp web.tar.gz www/
	atf_check -e match:'^fetching http' -e match:'^web2: ready, ' gaol \
	    bootstrap "$base/plain/web.tar.gz" --sha256 "$sum" -N web2
	atf_check -e empty gaol -q bootstrap "$base/plain/web.tar.gz" \
	    --sha256 "$sum" -f
	atf_check -o match:"source = .?$base/plain/web.tar.gz" \
	    cat "$releases/web/release.conf"
	atf_check -s exit:66 -e match:'^gaol: .*404' gaol -q bootstrap \
	    "$base/plain/none.tar" --sha256 "$sum"
	atf_check -o inline:'web\nweb2\n' ls "$releases"
	atf_check -o inline:'program\n' cat "$releases/web2/root/bin/sh"
}

atf_test_case freebsd
freebsd_head() {
	atf_set descr "FreeBSD's sets, by a MANIFEST"
}
freebsd_body() {
	. "$(atf_get_srcdir)/bootstrap_helper.sh"
	make_mirror
	atf_check -e match:'^14.3-RELEASE: ready, ' gaol bootstrap \
	    --mirror "$url" --arch amd64 14.3-RELEASE
	root=$releases/14.3-RELEASE/root
	atf_check -o inline:'base\n' cat "$root/etc/motd"
	[ ! -e "$root/usr/lib32" ] || atf_fail "a set too many"
	atf_check -o match:'os = freebsd;' \
	    -o match:"sha256 = $(sum "$dir/MANIFEST");" \
	    -o match:'source = ".* 14.3-RELEASE base";' \
	    cat "$releases/14.3-RELEASE/release.conf"
	atf_check -o inline:'14.3-RELEASE\n' ls -A "$releases"
	. "$(atf_get_srcdir)/image_helper.sh"
	httpd_start
	cp -R mirror/releases www/
	atf_check -e match:'^warning: nothing proves that the MANIFEST' \
	    -e match:'^web: ready, ' gaol bootstrap \
	    --mirror "$base/plain/releases" --arch amd64 -N web 14.3-RELEASE
	echo "freebsd.url = \"$url\";" >gaol.conf
	atf_check -e match:'^two: ready, ' env GAOL_CONF="$PWD/gaol.conf" \
	    gaol bootstrap --sets base,lib32 --arch amd64 -N two 14.3-RELEASE
	atf_check -o inline:'old\n' cat "$releases/two/root/usr/lib32/libc.so"
	atf_check -e match:'^three: ready, ' gaol bootstrap --mirror "$url" \
	    --arch amd64 --sha256 "$(sum "$dir/MANIFEST")" -N three 14.3-RELEASE
}

atf_test_case freebsd_wrong
freebsd_wrong_head() {
	atf_set descr "a set that is not what the MANIFEST says"
}
freebsd_wrong_body() {
	. "$(atf_get_srcdir)/bootstrap_helper.sh"
	make_mirror
	atf_check -s exit:65 -e match:'^gaol: .*MANIFEST' gaol -q bootstrap \
	    --mirror "$url" --arch amd64 \
	    --sha256 "$(printf '%064d' 7)" 14.3-RELEASE
	atf_check -s not-exit:0 -e match:'^gaol: .*nosuch' gaol -q bootstrap \
	    --mirror "$url" --arch amd64 --sets nosuch 14.3-RELEASE
	echo more >>"$dir/base.txz"
	atf_check -s exit:65 -e match:'^gaol: .*base.txz.*wrong checksum' gaol \
	    -q bootstrap --mirror "$url" --arch amd64 14.3-RELEASE
	atf_check -s exit:66 -e match:'^gaol: .*15.0-RC1' gaol -q bootstrap \
	    --mirror "$url" --arch amd64 15.0-RC1
	[ ! -e "$releases/14.3-RELEASE" ] || atf_fail "it is there"
	atf_check -o inline:'.cache\n' ls -A "$releases"
}

atf_test_case tarball_os
tarball_os_head() {
	atf_set descr "the system in a tarball is told by its files"
}
tarball_os_body() {
	. "$(atf_get_srcdir)/bootstrap_helper.sh"
	make_mirror
	sum=$(sum "$dir/base.txz")
	atf_check -e ignore gaol bootstrap "$dir/base.txz" --sha256 "$sum"
	atf_check -o match:'os = freebsd;' cat "$releases/base/release.conf"
}

atf_test_case exists
exists_head() {
	atf_set descr "a second one is an error; -f replaces it"
	atf_set require.progs busybox
}
exists_body() {
	. "$(atf_get_srcdir)/bootstrap_helper.sh"
	atf_check -e ignore gaol bootstrap busybox
	touch "$releases/busybox/root/mark"
	atf_check -s exit:73 -e inline:"gaol: release 'busybox' exists already; -f replaces it\n" \
	    gaol bootstrap busybox
	[ -e "$releases/busybox/root/mark" ] || atf_fail "it was touched"
	atf_check -e ignore gaol bootstrap -f busybox
	[ ! -e "$releases/busybox/root/mark" ] || atf_fail "the old is there"
	atf_check -o inline:'busybox\n' ls -A "$releases"
	atf_check -e ignore gaol create web -r busybox
	atf_check -s exit:75 -e inline:"gaol: release 'busybox' is used by jail web\n" \
	    gaol bootstrap -f busybox
}

atf_test_case failed_replace
failed_replace_head() {
	atf_set descr "a replacement that fails leaves the old release"
}
failed_replace_body() {
	. "$(atf_get_srcdir)/bootstrap_helper.sh"
	make_tar web.tar
	atf_check -e ignore gaol bootstrap web.tar --sha256 "$(sum web.tar)"
	atf_check -s exit:65 -e ignore gaol bootstrap -f web.tar \
	    --sha256 "$(printf '%064d' 1)"
	atf_check -o inline:'program\n' cat "$releases/web/root/bin/sh"
	atf_check -o inline:'web\n' ls -A "$releases"
}

atf_test_case plan
plan_head() {
	atf_set descr "-n tells the steps and does nothing"
	atf_set require.progs busybox
}
plan_body() {
	. "$(atf_get_srcdir)/bootstrap_helper.sh"
	atf_check -o inline:"would make a root of /bin/busybox with a link for each applet
would record it in $releases/busybox/release.conf
would rename it in as $releases/busybox
" gaol -n bootstrap busybox
	make_tar web.tar
	atf_check -o inline:"would take web.tar, check its SHA-256 and unpack it
would record it in $releases/x/release.conf
would rename it in as $releases/x
" gaol bootstrap -n -N x web.tar --sha256 "$(sum web.tar)"
	atf_check -o inline:"would fetch 14.3-RELEASE (base,lib32) from http://localhost/x, check it and unpack it
would record it in $releases/14.3-RELEASE/release.conf
would rename it in as $releases/14.3-RELEASE
" gaol bootstrap -n --mirror http://me:secret@localhost/x \
	    --sets base,lib32 14.3-RELEASE
	nothing_left
	atf_check -e ignore gaol bootstrap busybox
	atf_check -o match:"^would put it in place of $releases/busybox\$" \
	    gaol -n bootstrap -f busybox
	atf_check -s exit:73 -e ignore gaol -n bootstrap busybox
}

atf_init_test_cases() {
	atf_add_test_case busybox
	atf_add_test_case umask_is_ours
	atf_add_test_case names
	atf_add_test_case wrong_input
	atf_add_test_case archive
	atf_add_test_case wrong_sum
	atf_add_test_case bad_archive
	atf_add_test_case url
	atf_add_test_case freebsd
	atf_add_test_case freebsd_wrong
	atf_add_test_case tarball_os
	atf_add_test_case exists
	atf_add_test_case failed_replace
	atf_add_test_case plan
}
