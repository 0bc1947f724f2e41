#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# Archives of Bastille, iocage and pot.  Streams of zfs: tests/root/foreign_test.sh.
# shellcheck disable=SC1091,SC2154

# bastille NAME: the directory of a jail named so, as Bastille has it.
bastille() {
	mkdir -p "$1/root/bin" "$1/root/etc" "$1/root/dev"
	printf '\177ELF\2\1\1\0rest of a program of Linux' >"$1/root/bin/sh"
	chmod 4755 "$1/root/bin/sh"
	ln "$1/root/bin/sh" "$1/root/bin/ash"
	ln -s /bin/sh "$1/root/etc/link"
	echo "$1.example.org" >"$1/root/etc/hostname"
	cat >"$1/jail.conf" <<CONF
$1 {
  enforce_statfs = 1;
  devfs_ruleset = 4;
  exec.clean;
  exec.consolelog = /var/log/bastille/$1/console.log;
  exec.start = '/bin/sh /etc/rc';
  exec.stop = '/bin/sh /etc/rc.shutdown';
  exec.prestart += "rm -rf /";
  host.hostname = $1.example.org;
  mount.devfs;
  mount.fstab = /usr/local/bastille/jails/$1/fstab;
  path = /usr/local/bastille/jails/$1/root;
  securelevel = 2;
  allow.noset_hostname;
  osrelease = "14.3-RELEASE-p2";
  frobnicate = 7;
  ip4.addr = em0|10.17.89.10/24;
  ip6 = disable;
}
CONF
	cat >"$1/fstab" <<FSTAB
/srv/data /usr/local/bastille/jails/$1/root/data nullfs ro 0 0
fdescfs /usr/local/bastille/jails/$1/root/dev/fd fdescfs rw 0 0
/srv/out /srv/elsewhere nullfs ro 0 0
FSTAB
	printf 'boot="on"\ndepend="db"\npriority="7"\n' >"$1/settings.conf"
	printf 'dual em0 any any tcp 8080 80\nudp 53 5353\nipv4 em0 10.1.0.0/16 10.2.3.4 tcp 1 2 log\n' \
	    >"$1/rdr.conf"
	printf 'jail:%s:memoryuse:deny=1G/jail\njail:%s:nthr:log=500/jail\n' \
	    "$1" "$1" >"$1/rctl.conf"
	printf 'www\nprod\n' >"$1/tags"
	echo nginx >"$1/monitor"
}

# packed FILE: the directory web as that archive, with its checksum.
packed() {
	case $1 in
	*xz) tar -cJf "$1" web ;;
	*gz) tar -czf "$1" web ;;
	*zst) tar --zstd -cf "$1" web ;;
	esac
	sum "$1"
}

# sum FILE: the .sha256 beside it.
sum() {
	base=${1%.t??}
	base=${base%.tzst}
	sha256sum "$1" | cut -d ' ' -f 1 >"${base%.tar}.sha256"
}

nothing_left() {
	[ -z "$(ls -A root/jails)" ] || atf_fail "left: $(ls -A root/jails)"
}

# refused STATUS TEXT ARGUMENT...
refused() {
	status=$1 text=$2
	shift 2
	rc=0
	gaol -q import "$@" >out 2>err || rc=$?
	[ $rc = "$status" ] || atf_fail "$text: status $rc: $(cat err)"
	grep -qF -- "$text" err || atf_fail "'$text' is not in: $(cat err)"
	nothing_left
}

atf_test_case bastille_tar
bastille_tar_head() {
	atf_set descr "a tar of Bastille: files, settings, what is lost is told"
}
bastille_tar_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	bastille web
	for suffix in txz tgz tzst; do
		rm -f ./*.sha256
		file=web_2026-11-23-101112.$suffix
		packed $file
		atf_check -e save:told gaol import $file
		for text in \
		    'web: /srv/data of the host is mounted at /data' \
		    'exec.prestart = rm -rf / (commands on the host' \
		    'frobnicate = 7 (gaol has no such property)' \
		    'fstab = /srv/out /srv/elsewhere nullfs ro 0 0 (it is mounted outside' \
		    'monitor = nginx (health.command does that)' \
		    'web: imported'; do
			grep -qF "$text" told ||
			    atf_fail "'$text' is not in: $(cat told)"
		done
		atf_check_equal 6 "$(grep -c ^web: told)"
		cat >expected <<'CONF'
allow.set_hostname	off
boot	on
depend	db
enforce_statfs	1
exec.start	/bin/sh /etc/rc
exec.stop	/bin/sh /etc/rc.shutdown
host.hostname	web.example.org
limit.memory	1G
limit.rctl	nthr:log=500
mount	/srv/data /data nullfs ro
mount.fdescfs	on
net	em0|10.17.89.10/24
osrelease	14.3-RELEASE-p2
priority	7
publish	8080:80/tcp,53:5353/udp,10.2.3.4:1:2/tcp from 10.1.0.0/16 log
securelevel	2
store	dir
tag	www,prod
type	thick
CONF
		while read -r name value; do
			atf_check_equal "$name: $value" \
			    "$name: $(gaol get -H -o value "$name" web)"
		done <expected
		root=root/jails/web/root
		atf_check cmp web/root/bin/sh $root/bin/sh
		atf_check_equal 4755 "$(stat -c %a $root/bin/sh)"
		atf_check_equal "$(stat -c %i $root/bin/sh)" \
		    "$(stat -c %i $root/bin/ash)"
		atf_check_equal /bin/sh "$(readlink $root/etc/link)"
		# and nothing of what lay beside it
		atf_check -o inline:'cell.conf\njail.conf\nroot\n' ls root/jails/web
		atf_check -o not-match:frobnicate cat root/jails/web/jail.conf
		atf_check gaol -q set web depend= exec.start= exec.stop=
		atf_check gaol -q start web
		atf_check gaol -q destroy -f -y web
	done
	packed web_2026-11-23-101112.txz
	atf_check -o match:'unpack' -e ignore gaol -n import \
	    web_2026-11-23-101112.txz
	nothing_left
	# another name is another identity
	atf_check -e ignore gaol import web_2026-11-23-101112.txz b priority=9
	atf_check -o inline:'b\n' cat root/jails/b/root/etc/hostname
	atf_check -o inline:'9\n' gaol get -H -o value priority b
	atf_check -o not-match:em0 cat root/jails/b/cell.conf
}

atf_test_case thin
thin_head() {
	atf_set descr "a thin jail of Bastille needs its release"
}
thin_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	bastille web
	mkdir web/root/.bastille
	echo "/usr/local/bastille/releases/14.3-RELEASE /usr/local/bastille/jails/web/root/.bastille nullfs ro 0 0" \
	    >web/fstab
	packed web_2026-11-23-101112.txz
	refused 66 "'gaol bootstrap 14.3-RELEASE'" web_2026-11-23-101112.txz
	mkdir -p root/releases/14.3-RELEASE/root
	sed s/base/14.3-RELEASE/ root/releases/base/release.conf \
	    >root/releases/14.3-RELEASE/release.conf
	atf_check -e ignore gaol import web_2026-11-23-101112.txz
	atf_check -o inline:"$PWD/root/releases/14.3-RELEASE/root /.bastille nullfs ro\n" \
	    gaol get -H -o value mount web
}

atf_test_case sums
sums_head() {
	atf_set descr "checksums that are wrong or missing"
}
sums_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	bastille web
	file=web_2026-11-23-101112.txz
	packed $file
	mv web_2026-11-23-101112.sha256 kept
	refused 65 "its checksum is missing" $file
	refused 77 "it is not signed" --unverified --verify $file
	echo nonsense >web_2026-11-23-101112.sha256
	refused 65 "its file .sha256" $file
	sha256sum kept | cut -d ' ' -f 1 >web_2026-11-23-101112.sha256
	refused 65 "$file: wrong checksum: SHA-256 is" $file
	# one of its own name does as well
	rm web_2026-11-23-101112.sha256
	cp kept $file.sha256
	atf_check -e ignore gaol import $file
	atf_check gaol -q destroy -y web
	rm $file.sha256
	atf_check -e ignore gaol import --unverified $file
	atf_check gaol -q destroy -y web
	# a pipe cannot be read twice
	rc=0
	gaol -q import --unverified - <$file 2>err || rc=$?
	atf_check_equal 0 $rc
	atf_check gaol -q destroy -y web
	atf_check -s exit:65 -e match:'damaged archive' sh -c \
	    "cat $file | gaol -q import --unverified -"
	nothing_left
}

atf_test_case hostile
hostile_head() {
	atf_set descr "what leads out of the jail, or describes none"
}
hostile_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	cat >make.py <<'PYTHON'
import io, sys, tarfile
conf = b'web { exec.start = true; }'
def member(name, kind=tarfile.REGTYPE, data=b'', link=''):
    t = tarfile.TarInfo(name)
    t.type, t.size, t.linkname = kind, len(data), link
    return t, data
d, s, h = tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
begin = [member('web', d), member('web/jail.conf', data=conf),
    member('web/root', d)]
cases = {
    'up': begin + [member('web/root/../../x', data=b'x')],
    'beside': begin + [member('etc/passwd', data=b'x')],
    'absolute': begin + [member('/etc/passwd', data=b'x')],
    'through': begin + [member('web/root/l', s, link='/'), member('web/root/l/etc', data=b'x')],
    'hard': begin + [member('web/root/h', h, link='web/jail.conf')],
    'hardout': begin + [member('web/root/h', h, link='/etc/passwd')],
    'toplink': [member('web', d), member('web/jail.conf', data=conf), member('web/root', s, link='/etc')],
    'device': begin + [member('web/root/null', tarfile.CHRTYPE)],
    'none': [member('web', d), member('web/root', d)],
    'noroot': [member('web', d), member('web/jail.conf', data=conf)],
    'broken': [member('web', d), member('web/jail.conf', data=b'web { x = "'), member('web/root', d)],
    'empty': [member('web', d), member('web/jail.conf', data=b''), member('web/root', d)],
    'json': [member('web', d), member('web/config.json', data=b'{"a":[1]}'), member('web/root', d)],
    'bomb': begin + [member('web/root/big', data=b'\0' * 50000000)],
    'name': [member('web ', d), member('web /jail.conf', data=conf)],
}
for name, members in cases.items():
    with tarfile.open(name, 'w:gz') as out:
        for t, data in members:
            # an ELF program of Linux, so that it is taken for one of ours
            out.addfile(t, io.BytesIO(data))
            if t.name == 'web/root' and t.type == d:
                p, text = member('web/root/sh', data=b'\177ELF\2\1\1\0' + b'x' * 20)
                out.addfile(p, io.BytesIO(text))
PYTHON
	python3 make.py
	# tell FILE TEXT [STATUS]
	tell() {
		sha256sum "$1" | cut -d ' ' -f 1 >"$1.sha256"
		refused "${3-65}" "$2" "$1" --max-size 20M
	}
	tell up "name with '..'"
	tell beside "does not lie in 'web/'"
	tell absolute "does not lie in 'web/'"
	tell through "below a symbolic link"
	tell hard "hard link to a file outside of 'web/root'"
	tell hardout "hard link to a file outside of 'web/root'"
	tell toplink "" 69
	tell device "device node"
	tell none "nothing in it describes a jail"
	tell noroot "" 69
	tell broken "jail.conf:1"
	tell empty "jail.conf describes no jail"
	tell json "config.json cannot be read"
	tell bomb "room for when unpacked"
	tell name "cannot be the name of a jail"
	size=$(wc -c <beside) at=0
	while [ $at -lt "$size" ]; do
		head -c $at beside >piece
		refused 65 "piece: " piece --unverified
		at=$((at + 97))
	done
}

atf_test_case iocage
iocage_head() {
	atf_set descr "the settings of iocage"
}
iocage_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	bastille web
	rm web/*.conf web/tags web/monitor
	cat >web/config.json <<'JSON'
{
    "CONFIG_VERSION": "34",
    "allow_mount": 1,
    "allow_mount_tmpfs": 1,
    "allow_raw_sockets": 1,
    "allow_set_hostname": 0,
    "boot": 1,
    "cloned_release": "14.3-RELEASE",
    "cpuset": "0-2",
    "defaultrouter": "10.0.0.1",
    "depends": "db cache",
    "exec_prestart": "/root/evil.sh",
    "host_hostname": "web-1",
    "host_hostuuid": "web",
    "interfaces": "vnet0:bridge0",
    "ip4_addr": "vnet0|10.0.0.7/24",
    "ip6_addr": "none",
    "jail_zfs_dataset": "iocage/jails/web/data",
    "memoryuse": "deny=2G",
    "nat_forwards": "tcp(80:8080),udp(53)",
    "notes": "caf\u0065 \"mine\"",
    "quota": "none",
    "vnet": 1,
    "frob": "x"
}
JSON
	packed web_2026-11-23.tar.xz
	atf_check -e save:told gaol import web_2026-11-23.tar.xz
	atf_check -o ignore grep 'exec_prestart = /root/evil.sh' told
	atf_check -o ignore grep 'frob = x' told
	# this host has no bridges
	atf_check -o ignore grep \
	    'net = vnet:bridge0:10.0.0.7/24 gateway=10.0.0.1 name=epair0b (' told
	atf_check -o ignore grep 'publish = 8080:80/tcp, 53:53/udp (' told
	cat >expected <<'CONF'
allow.mount	on
allow.mount.tmpfs	on
allow.raw_sockets	on
allow.set_hostname	off
boot	on
depend	db,cache
exec.start	/bin/sh /etc/rc
host.hostname	web-1
limit.cpuset	0-2
limit.memory	2G
mount.fdescfs	on
note	cafe "mine"
securelevel	2
sysvshm	new
CONF
	while read -r name value; do
		atf_check_equal "$name: $value" \
		    "$name: $(gaol get -H -o value "$name" web)"
	done <expected
}

atf_test_case streams
streams_head() {
	atf_set descr "streams of zfs need a store that can take them"
}
streams_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	python3 - <<'PYTHON'
import struct, zipfile, lzma, hashlib
begin = struct.pack('<IIQQQIIQQ256s', 0, 0, 0x2f5bacbac, 1, 0, 2, 0, 1, 0,
    b'tank/bastille/jails/web@s')
stream = begin + struct.pack('<II', 5, 0) + bytes(304)
open('web_2026-11-23-101112.xz', 'wb').write(lzma.compress(stream))
with zipfile.ZipFile('web_2026-11-23.zip', 'w', zipfile.ZIP_DEFLATED) as z:
    z.writestr('iocage/images/web_2026-11-23', stream)
for name in ('web_2026-11-23-101112.xz', 'web_2026-11-23.zip'):
    open(name + '.sha256', 'w').write(hashlib.sha256(open(name, 'rb').read()).hexdigest())
PYTHON
	for file in web_2026-11-23-101112.xz web_2026-11-23.zip; do
		refused 69 "cannot take over a stream of zfs" $file
	done
	# a pot's sum is that of skein1024(1)
	mv web_2026-11-23-101112.xz web_1.0.xz
	printf '%s' - >web_1.0.xz.meta
	printf '%0256d' 7 >web_1.0.xz.skein
	refused 65 "wrong checksum: Skein-1024 begins with" web_1.0.xz
	echo x >web_1.0.xz.skein
	refused 65 "does not have a sum of skein1024" web_1.0.xz
}

atf_test_case back
back_head() {
	atf_set descr "export --format bastille, and back"
}
back_body() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	jail web boot=on priority=7 depend=db tag=www 'ip4.addr=em0|10.0.0.1/24' \
	    'exec.start=/bin/sh /etc/rc' \
	    'mount=/srv /data nullfs ro' limit.memory=1G limit.rctl=nthr:deny=9 \
	    allow.raw_sockets=on allow.set_hostname=off env=A=b note=mine
	mkdir -p root/jails/web/layers/upper/bin out
	printf '\177ELF\2\1\1\0rest of a program of Linux' \
	    >root/jails/web/layers/upper/bin/sh
	chmod 4755 root/jails/web/layers/upper/bin/sh
	truncate -s 5M root/jails/web/layers/upper/holes
	echo end >>root/jails/web/layers/upper/holes
	for file in out/web_2026-11-28-000000.txz out/web_2.tgz out/web_3.tzst
	do
		atf_check -e save:told gaol export --format bastille web $file
		atf_check -o ignore grep 'web: not written: env = A=b' told
		atf_check_equal 3 "$(wc -l <told)"
		case $file in
		*tzst) tar --zstd -tf $file >list ;;
		*) tar -tf $file >list ;;
		esac
		for name in web/ web/jail.conf web/fstab web/root/ \
		    web/root/bin/sh web/settings.conf web/rctl.conf; do
			grep -qx $name list || atf_fail "$name: $(cat list)"
		done
		base=${file%.*}
		atf_check -o ignore sha256sum -c - <<SUM
$(cat "$base.sha256")  $file
SUM
		atf_check -e ignore gaol -q import $file b
		atf_check -o inline:'4755\n' stat -c %a root/jails/b/root/bin/sh
		atf_check cmp root/jails/web/layers/upper/holes \
		    root/jails/b/root/holes
		for name in boot priority depend tag exec.start mount \
		    limit.memory limit.rctl allow.raw_sockets \
		    allow.set_hostname; do
			atf_check_equal "$(gaol get -H -o value $name web)" \
			    "$(gaol get -H -o value $name b)"
		done
		atf_check gaol -q destroy -y b
	done
	atf_check -s exit:73 -e match:'exists already' \
	    gaol export --format bastille web out/web_2.tgz
	atf_check -s exit:64 -e match:'txz' \
	    gaol export --format bastille web out/x.zip
	atf_check -s exit:64 -e match:'neither' gaol export --format tar web
	atf_check -s exit:64 -e match:'signature' \
	    gaol export --format bastille --sign me web
	atf_check -e ignore gaol export --format bastille web out
	atf_check_equal 4 "$(ls out/*.sha256 | wc -l)"
}

atf_init_test_cases() {
	for t in bastille_tar thin sums hostile iocage streams back; do
		atf_add_test_case $t
	done
}
