#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# The command line of iocage; expected text is written by hand.
# shellcheck disable=SC1091,SC2154

# prepare: the release 14.2-RELEASE, and iocage in PATH.
prepare() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	mkdir -p bin root/releases/14.2-RELEASE old
	cp -R root/releases/base/root root/releases/14.2-RELEASE/
	sed 's/^base/"14.2-RELEASE"/' root/releases/base/release.conf \
	    >root/releases/14.2-RELEASE/release.conf
	ln -s "$(command -v gaol)" bin/iocage
	{ cat "$GAOL_CONF"; echo "altroot = $PWD/old;"; } >gaol.conf
	export GAOL_CONF="$PWD/gaol.conf" PATH="$PWD/bin:$PATH"
}

# new NAME [PROP=VALUE...]
new() {
	name=$1
	shift
	atf_check -o inline:"$name successfully created!\n" \
	    iocage create -n "$name" -r 14.2-RELEASE "$@"
}

# refuses STATUS TEXT WORD...
refuses() {
	rc=0 want=$1 text=$2
	shift 2
	iocage "$@" >out 2>err </dev/null || rc=$?
	[ $rc = "$want" ] || atf_fail "iocage $*: status $rc: $(cat err)"
	grep -qF -- "$text" err || atf_fail "iocage $*: '$text': $(cat err)"
}

atf_test_case list
list_head() {
	atf_set descr "list with 0, 1 and 50 jails"
}
list_body() {
	prepare
	cat >empty <<'TABLE'
+-----+------+-------+---------+-----+
| JID | NAME | STATE | RELEASE | IP4 |
+=====+======+=======+=========+=====+
TABLE
	atf_check -o file:empty iocage list
	atf_check -o empty iocage list -H
	atf_check -o empty iocage list -h
	cat >empty <<'TABLE'
+-----+------+------+-------+------+---------+-----+-----+----------+----------+
| JID | NAME | BOOT | STATE | TYPE | RELEASE | IP4 | IP6 | TEMPLATE | BASEJAIL |
+=====+======+======+=======+======+=========+=====+=====+==========+==========+
TABLE
	atf_check -o file:empty iocage list -l
	cat >empty <<'TABLE'
+-----+------+------+-------+------+---------+-----+-----+----------+--------+---------+
| JID | NAME | BOOT | STATE | TYPE | RELEASE | IP4 | IP6 | TEMPLATE | PORTAL | DOC_URL |
+=====+======+======+=======+======+=========+=====+=====+==========+========+=========+
TABLE
	atf_check -o file:empty iocage list -P
	new web 'ip4_addr=em0|10.0.0.1/24' boot=off
	cat >one <<'TABLE'
+-----+------+-------+--------------+----------+
| JID | NAME | STATE |   RELEASE    |   IP4    |
+=====+======+=======+==============+==========+
| -   | web  | down  | 14.2-RELEASE | 10.0.0.1 |
+-----+------+-------+--------------+----------+
TABLE
	atf_check -o file:one iocage list
	atf_check -o inline:'-\tweb\tdown\t14.2-RELEASE\t10.0.0.1\n' iocage list -H
	cat >one <<'TABLE'
+-----+------+------+-------+------+--------------+-----------------+-----+----------+----------+
| JID | NAME | BOOT | STATE | TYPE |   RELEASE    |       IP4       | IP6 | TEMPLATE | BASEJAIL |
+=====+======+======+=======+======+==============+=================+=====+==========+==========+
| -   | web  | off  | down  | jail | 14.2-RELEASE | em0|10.0.0.1/24 | -   | -        | no       |
+-----+------+------+-------+------+--------------+-----------------+-----+----------+----------+
TABLE
	atf_check -o file:one iocage list --long
	atf_check -o inline:'-\tweb\toff\tdown\tjail\t14.2-RELEASE\tem0|10.0.0.1/24\t-\t-\tno\n' \
	    iocage list -hl
	atf_check -o inline:'web\tem0|10.0.0.1/24\n' iocage list -hq
	atf_check -o inline:'14.2-RELEASE\nbase\n' iocage list -rH
	atf_check -o inline:'+---------------+
| Bases fetched |
+===============+
| 14.2-RELEASE  |
+---------------+
| base          |
+---------------+
' iocage list -b
	atf_check -o ignore iocage start web
	atf_check -o match:'^\| 1   \| web  \| up ' iocage list
	atf_check -o empty iocage list -H -B
	# numbers behind the last _ count as numbers
	atf_check -o save:told iocage create -c 49 -n j -r 14.2-RELEASE
	atf_check_equal 49 "$(grep -c '^j_[0-9]* successfully created!$' told)"
	iocage list -H | cut -f 2 >names
	{ for n in $(seq 49); do echo "j_$n"; done; echo web; } >expected
	atf_check cmp expected names
	atf_check_equal 103 "$(iocage list | wc -l)"
	atf_check_equal 50 "$(iocage list -H -l | grep -c "	no$")"
	atf_check_equal "50 50 50" "$(iocage df -H | wc -l) $(iocage get -rH boot |
	    wc -l) $(iocage list -hq | wc -l)"
	atf_check -o match:'^1	web	up' sh -c 'iocage list -H -s jid | head -n 1'
	refuses 1 "use one of: jid name state release ip4" list -s frob
	# what is broken hides nothing
	echo 'j_7 { frob = 1; }' >root/jails/j_7/cell.conf
	atf_check -o match:'^-	j_7	CORRUPT	N/A	N/A$' -e match:frob \
	    iocage list -H
	refuses 69 "https://download.freebsd.org" list -R
	atf_check -s exit:2 -e match:"^Error: unknown option -x" iocage list -x
}

atf_test_case ansible
ansible_head() {
	atf_set descr "what the inventory and the connection of Ansible run and parse"
	atf_set require.progs python3
}
ansible_body() {
	prepare
	new web 'ip4_addr=em0|10.0.0.1/24' "notes=a: b"
	new db
	atf_check -o ignore iocage start db
	iocage list --long >list
	iocage get --all web >all.get
	cat >parse.py <<'PYTHON'
lines = open('list').read().splitlines()
assert len(lines) >= 5
header = lines[1]
at = [i for i, c in enumerate(header) if c == '|']
assert len(at) == 11, at
names = [header[a + 1:b].strip() for a, b in zip(at, at[1:])]
assert names == ['JID', 'NAME', 'BOOT', 'STATE', 'TYPE', 'RELEASE', 'IP4',
    'IP6', 'TEMPLATE', 'BASEJAIL'], names
jails = {}
for line in lines[3::2]:
    row = [line[a + 1:b].strip() for a, b in zip(at, at[1:])]
    assert len(row) == 10
    jails[row[1]] = row
assert sorted(jails) == ['db', 'web']
assert jails['db'][0].isdigit() and jails['db'][3] == 'up'
assert jails['web'][0] == '-' and jails['web'][6] == 'em0|10.0.0.1/24'
assert jails['web'][9] == 'no'
get = {}
for line in open('all.get').read().splitlines():
    assert ':' in line, line
    key, value = line.split(':', 1)
    get[key] = value
assert get['host_hostuuid'] == 'web' and get['notes'] == 'a: b'
assert len(get) > 140, len(get)
PYTHON
	atf_check -o ignore -e empty python3 parse.py
	# stderr is merged there
	atf_check_equal web "$(iocage get host_hostuuid web 2>&1)"
	atf_check_equal "- web" "$(iocage list -hlt 2>&1; iocage list -h |
	    awk '$2 == "web" { print $1, $2 }')"
}

atf_test_case get
get_head() {
	atf_set descr "get in all its forms"
}
get_body() {
	prepare
	new web notes=mine
	new db
	atf_check -o inline:'mine\n' iocage get notes web
	atf_check -o inline:'0\n' iocage get boot web
	atf_check -o inline:'down\n' iocage get -s web
	atf_check -o inline:'-\n' iocage get -j web
	atf_check -o ignore iocage start web
	atf_check -o inline:'up\n' iocage get state web
	atf_check -o inline:'1\n' iocage get -j web
	atf_check -o inline:'+------+--------------+
| NAME | PROP - notes |
+======+==============+
| db   | none         |
+------+--------------+
| web  | mine         |
+------+--------------+
' iocage get -r notes
	atf_check -o inline:'db\tnone\nweb\tmine\n' iocage get -r -H notes
	iocage get all web >all
	atf_check cmp all - <<ALL
$(sort -t : -k 1,1 all)
ALL
	atf_check -o ignore grep -x state:up all
	atf_check_equal "" "$(grep -v : all)"
	atf_check_equal "$(cat all)" "$(iocage get -a web)"
	refuses 1 "frob is not a valid property!" get frob web
	refuses 1 "You must specify a jail!" get notes
	refuses 1 "-r" get -r -a
	refuses 1 "jail 'none' not found!" get notes none
	refuses 1 "('/' not allowed in jail name)" get notes a/b
	refuses 69 "no plugins" get -P x web
}

atf_test_case set
set_head() {
	atf_set descr "set: what iocage and gaol say agrees"
}
set_body() {
	prepare
	new web
	# PROP=VALUE, what iocage has before and after, what gaol has
	while IFS='|' read -r word before after prop value; do
		[ -n "$word" ] || continue
		key=${word%%=*}
		atf_check -o inline:"$key: $before -> $after\n" iocage set "$word" web
		atf_check_equal "$key $value" \
		    "$key $(gaol get -H -o value "$prop" web)"
		atf_check_equal "$after" "$(iocage get "$key" web)"
	done <<'TABLE'
boot=on|0|1|boot|on
allow_raw_sockets=1|0|1|allow.raw_sockets|on
allow_set_hostname=no|1|0|allow.set_hostname|off
allow_mount_tmpfs=yes|0|1|allow.mount.tmpfs|on
memoryuse=8G:deny|off|deny=8G|limit.memory|8G
memoryuse=deny=4G|deny=8G|deny=4G|limit.memory|4G
memoryuse=log=1G|deny=4G|log=1G|limit.rctl|memoryuse:log=1G
memoryuse=off|log=1G|off|limit.rctl|-
pcpu=deny=50|off|deny=50|limit.cpu|50%
maxproc=deny=9|off|deny=9|limit.processes|9
cpuset=0-2|off|0-2|limit.cpuset|0-2
priority=4|99|4|priority|4
depends=db cache|none|db cache|depend|db,cache
notes=two words|none|two words|note|two words
notes=none|two words|none|note|-
host_hostname=w.example.org|web|w.example.org|host.hostname|w.example.org
securelevel=3|2|3|securelevel|3
enforce_statfs=1|2|1|enforce_statfs|1
sysvshm=inherit|new|inherit|sysvshm|inherit
exec_prestart=/bin/before|/usr/bin/true|/bin/before|exec.prestart|/bin/before
exec_timeout=30|60|30|exec.timeout|30
mount_linprocfs=1|0|1|mount|linprocfs /compat/linux/proc linprocfs rw
template=1|0|1|tag|template
template=0|1|0|tag|-
devfs_ruleset=7|4|7|devfs_ruleset|7
bpf=1|0|1|device|bpf*
login_flags=-f www|-f root|-f www|compat.iocage.login_flags|-f www
comment=c|none|c|compat.iocage.comment|c
TABLE
	# the network is all of its properties together
	atf_check -o ignore iocage set ip4_addr="em0|10.0.0.1/24,em0|10.0.0.2" \
	    ip6_addr="em0|fd00::1" web
	atf_check_equal "em0|10.0.0.1/24,em0|10.0.0.2/32,em0|fd00::1/128" \
	    "$(gaol get -H -o value net web)"
	atf_check -o inline:'em0|10.0.0.1/24,em0|10.0.0.2\n' iocage get ip4_addr web
	atf_check -o ignore iocage set nat=1 nat_forwards="tcp(80:8080),udp(53)" web
	atf_check_equal "gaol0 8080:80/tcp,53:53/udp" \
	    "$(gaol get -H -o value net web) $(gaol get -H -o value publish web)"
	atf_check -o inline:'tcp(80:8080),udp(53)\n' iocage get nat_forwards web
	# its address is that which it has there
	new lent nat=1
	atf_check -o match:'^-	lent	.*	vnet0\|10\.' iocage list -lH
	# gaol's own changes are seen
	atf_check gaol -q set web net=inherit publish=
	atf_check -o inline:'inherit\n' iocage get ip4 web
	atf_check -o inline:'0\n' iocage get nat web
	atf_check gaol -q set web "net=em0|10.9.9.9/24"
	atf_check -o inline:'em0|10.9.9.9/24\n' iocage get ip4_addr web
	# and what iocage does not speak of stays
	atf_check gaol -q network create lan 10.55.0.0/24
	atf_check gaol -q set web net=lan:10.55.0.9
	atf_check -o ignore iocage set notes=x web
	atf_check_equal lan:10.55.0.9 "$(gaol get -H -o value net web)"
	# all or none, whole words only
	refuses 1 "10 is not a valid value for boot." set notes=y boot=10 web
	atf_check -o inline:'x\n' iocage get notes web
	refuses 1 "is not a valid value for enforce_statfs." set enforce_statfs=12 web
	refuses 1 "frob is not a valid property!" set frob=1 web
	refuses 1 "notes is missing a value!" set notes web
	refuses 1 "release cannot be changed by the user." set release=x web
	refuses 69 "rtsold = 1: gaol has no such setting; what does it here: accept_rtadv" \
	    set rtsold=1 web
	refuses 2 "an operand is missing" set notes=x
	refuses 1 "jail 'none' not found!" set notes=x none
	# the defaults
	mkdir -p old/iocage/jails
	printf '{\n    "CONFIG_VERSION": "34",\n    "allow_mlock": 1,\n    "priority": "7"\n}' \
	    >old/iocage/defaults.json
	atf_check -o inline:'7\n' iocage get priority default
	atf_check -o inline:'Default Property: notes has been updated to all\n' \
	    iocage set notes=all default
	atf_check -o inline:'all\n' iocage get notes default
	atf_check -o match:'^notes:all$' -o match:'^priority:7$' iocage get all default
	new other
	atf_check_equal "7 all on" "$(gaol get -H -o value priority other) $(gaol get \
	    -H -o value note other) $(gaol get -H -o value allow.mlock other)"
}

atf_test_case create
create_head() {
	atf_set descr "create: names, kinds, templates, packages"
}
create_body() {
	prepare
	new web
	atf_check_equal none "$(gaol get -H -o value net web)"
	atf_check_equal "2 99 60" "$(gaol get -H -o value securelevel web) $(gaol get \
	    -H -o value priority web) $(gaol get -H -o value exec.timeout web)"
	refuses 1 "Jail: web already exists!" create -n web -r 14.2-RELEASE
	refuses 1 "Must supply either --template (-t) or --release (-r)!" create -n x
	refuses 1 "You cannot name a jail default, that is a reserved name." \
	    create -n default -r 14.2-RELEASE
	refuses 1 "Invalid character in a b, please remove it." \
	    create -n 'a b' -r 14.2-RELEASE
	refuses 1 "Please provide a valid UUID" create -u frob -r 14.2-RELEASE
	refuses 1 "Flag --count cannot be used with --uuid" create -c 2 \
	    -u 01234567-89ab-cdef-0123-456789abcdef -r 14.2-RELEASE
	refuses 1 "frob is not a valid property!" create -n x -r 14.2-RELEASE frob=1
	refuses 69 "-e" create -e -n x
	atf_check -o match:'^[0-9a-f]{8}-[0-9a-f-]* successfully created!$' \
	    iocage create -r 14.2-RELEASE
	atf_check -o match:'^[0-9a-f]{8} successfully created!$' \
	    iocage create -s -r 14.2-release
	# options may follow the operands
	atf_check -o ignore iocage create notes=x -T --name=thick -r 14.2-RELEASE
	atf_check_equal "thick x" "$(gaol get -H -o value type thick) $(gaol get -H \
	    -o value note thick)"
	atf_check -o ignore iocage create -b -n base -r 14.2-RELEASE
	atf_check -o match:'^-	base	.*	yes$' iocage list -lHB
	# boot=on starts it now
	atf_check -o inline:'up successfully created!
* Starting up
  + Started OK
  + Using IP options: ip4.saddrsel=1 ip4=new ip6.saddrsel=1 ip6=new
  + Starting services OK
  + Executing poststart OK
' iocage create -n up -r 14.2-RELEASE boot=on
	# templates are listed apart, and do not start
	new tmpl template=yes
	atf_check -o match:'^-	tmpl	' iocage list -tH
	atf_check -o not-match:tmpl iocage list
	refuses 1 "Please convert back to a jail before trying to start tmpl" \
	    start tmpl
	refuses 1 "You cannot clone a template, use create -t instead." clone tmpl -n y
	atf_check -o inline:'child successfully created!\n' \
	    iocage create -t tmpl -n child notes=c
	atf_check -o match:'^-	child	off	down	jail	.*	tmpl	no$' iocage list -lH
	refuses 1 "Template: none not found! Created Templates: tmpl" \
	    create -t none -n x
	refuses 1 'has no list "pkgs"' create -n pk -r 14.2-RELEASE -p /dev/null
}

atf_test_case life
life_head() {
	atf_set descr "start, stop, restart; ALL, --rc"
}
life_body() {
	prepare
	new web boot=off priority=9 'ip4_addr=em0|10.0.0.1/24'
	new db priority=1
	cat >expected <<'TEXT'
* Starting web
  + Started OK
  + Using IP options: ip4.addr=em0|10.0.0.1/24 ip4.saddrsel=1 ip4=new ip6.saddrsel=1 ip6=new
  + Starting services OK
  + Executing poststart OK
TEXT
	atf_check -o file:expected iocage start web
	refuses 1 "web is already running!" start web
	cat >expected <<'TEXT'
* Stopping web
  + Executing prestop OK
  + Stopping services OK
  + Removing jail process OK
  + Executing poststop OK
TEXT
	atf_check -o file:expected iocage stop web
	atf_check -e inline:'web is not running!\n' iocage stop web
	# whoever is called so is meant, and nobody else
	refuses 1 "jail 'WALL' not found!" start WALL
	states "db stopped web stopped"
	iocage start ALL | grep '^\*' >order
	atf_check -o inline:'* Starting db\n* Starting web\n' cat order
	iocage stop ALL | grep '^\*' >order
	atf_check -o inline:'* Stopping web\n* Stopping db\n' cat order
	atf_check -o ignore gaol -q set db boot=on
	atf_check -o match:'^\* Starting db' iocage start --rc
	states "db running web stopped"
	atf_check -o match:'^\* Starting web' iocage start w
	atf_check -o match:'^\* Stopping web' -o match:'^\* Starting web' \
	    iocage restart web
	refuses 69 "-s" restart -s web
	# one that fails keeps no other
	atf_check -o ignore iocage stop ALL
	atf_check gaol -q set db exec.prestart=false
	atf_check -s exit:1 -o match:'Start FAILED' -o match:'Starting web' \
	    -e ignore iocage start ALL
	states "db stopped web running"
	atf_check -o ignore -e ignore iocage start -i db
	refuses 1 'Missing argument "jails".' start
}

atf_test_case exec
exec_head() {
	atf_set descr "exec, pkg, chroot"
}
exec_body() {
	prepare
	new web
	new db
	refuses 1 "web is not running! Please supply --force" exec web true
	atf_check -o match:'Starting web' iocage exec -f web true
	atf_check -o inline:'a b -u c\n' iocage exec web echo a b -u c
	atf_check -o inline:'x y\n' iocage exec web 'echo x  y'
	atf_check -s exit:3 -e inline:'Command: exit 3 failed!\n' \
	    iocage exec web 'exit 3'
	atf_check -o inline:'x\n' iocage exec ALL echo x
	atf_check -o match:'^http_proxy=p$' env http_proxy=p iocage exec -p web env
	refuses 1 "not both!" exec -u root -U www web true
	refuses 1 "db is not running" pkg db info
	atf_check -o match:'iocage chroot is deprecated' iocage chroot web ls
	atf_check -o match:'^Usage: iocage exec ' iocage exec --help
	atf_check -o match:'^Usage: iocage exec ' iocage exec help
	atf_check -o match:'^  snaplist  ' iocage
	atf_check -s exit:2 -e match:"No such command 'frob'" iocage frob
}

atf_test_case fstab
fstab_head() {
	atf_set descr "fstab: add, list, replace, remove"
}
fstab_body() {
	prepare
	new web
	mkdir -p data more
	path=$PWD/root/jails/web/root
	atf_check -o inline:"+-------+-------------+
| INDEX | FSTAB ENTRY |
+=======+=============+
" iocage fstab -l web
	atf_check -o inline:"Successfully added mount to web's fstab\n" \
	    iocage fstab -a web "$PWD/data" /mnt nullfs rw 0 0
	atf_check -o inline:"Successfully added mount to web's fstab\n" \
	    iocage fstab -a web "$PWD/more $path/more nullfs ro 0 0"
	atf_check -o inline:"0\t$PWD/data\t$path/mnt\tnullfs\trw\t0\t0
1\t$PWD/more\t$path/more\tnullfs\tro\t0\t0\n" iocage fstab -lH web
	atf_check_equal "$PWD/data /mnt nullfs rw,$PWD/more /more nullfs ro" \
	    "$(gaol get -H -o value mount web)"
	refuses 1 "is not a directory" fstab -a web "$PWD/none" /x
	atf_check -s exit:1 -e ignore iocage fstab -a web "$PWD/data" /mnt
	atf_check -o inline:"Index 0 replaced.\n" \
	    iocage fstab -R 0 web "$PWD/more" /mnt nullfs ro 0 0
	atf_check -o inline:"Successfully removed mount from web's fstab\n" \
	    iocage fstab -r web 0
	atf_check -o inline:"Successfully removed mount from web's fstab\n" \
	    iocage fstab web "$PWD/more" /mnt nullfs ro 0 0 -r
	refuses 1 "No matching fstab entry." fstab -r web 0
	refuses 1 "Please supply an fstab entry or jail!" fstab
}

atf_test_case df
df_head() {
	atf_set descr "df"
}
df_body() {
	prepare
	atf_check -o inline:'+------+-----+-----+-----+-----+-----+
| NAME | CRT | RES | QTA | USE | AVA |
+======+=====+=====+=====+=====+=====+
' iocage df
	new web
	atf_check -o match:'^web	1.00x	none	none	[0-9.]*[BKMGTP]	[0-9.]*[BKMGTP]$' \
	    iocage df -H
	refuses 1 "use one of: name crt res qta use ava" df -s frob
}

atf_test_case snapshots
snapshots_head() {
	atf_set descr "snapshot, snaplist, rollback, snapremove"
}
snapshots_body() {
	prepare
	new web
	new db
	atf_check -o inline:'+------+---------+-------+------+
| NAME | CREATED | RSIZE | USED |
+======+=========+=======+======+
' iocage snaplist web
	atf_check -o match:'^Snapshot: gaol/jails/web@[0-9]{4}-[0-9-]*_[0-9:]{8} created.$' \
	    iocage snapshot web
	atf_check -o inline:'Snapshot: gaol/jails/web@one created.\n' \
	    iocage snapshot -n one web
	atf_check -o inline:'Snapshot: gaol/jails/db@all created.
Snapshot: gaol/jails/web@all created.
' iocage snapshot ALL -n all
	refuses 1 "one" snapshot web -n one
	iocage snaplist -H web >list
	atf_check_equal 6 "$(wc -l <list)"
	atf_check -o match:'^one	[A-Z][a-z][a-z] [A-Z][a-z][a-z] [ 0-9]{2} [ 0-9]{2}:[0-9]{2} 20[0-9]{2}	0B	0B$' \
	    -o match:'^one/root	' cat list
	atf_check -o match:'^gaol/jails/web/root@one	' iocage snaplist -lH web
	atf_check -o match:'^db	all	' -o match:'^web	one/root	' \
	    iocage snaplist ALL -H -s name
	echo after >root/jails/web/layers/upper/file
	atf_check -o ignore iocage start web
	refuses 1 "Please stop web before trying to rollback!" rollback -n one web
	atf_check -o ignore iocage stop web
	refuses 1 "Aborted!" rollback -n one web
	echo n >no
	atf_check -o match:'Are you sure' -x "iocage rollback -n one web <no"
	atf_check -o ignore cat root/jails/web/layers/upper/file
	atf_check -o inline:'Rolled back to: gaol/jails/web\n' \
	    iocage rollback -f -n one web
	[ ! -e root/jails/web/layers/upper/file ] || atf_fail "not rolled back"
	refuses 1 "gaol/jails/web@none does not exist" rollback -f -n none web
	atf_check -o inline:'Snapshot: gaol/jails/web@one destroyed\n' \
	    iocage snapremove web -n one
	refuses 1 "Snapshot: gaol/jails/web@one not found!" snapremove web -n one
	refuses 1 "--force" snapremove ALL -n ALL
	atf_check -o match:'db@all destroyed' -o match:'web@all destroyed' \
	    iocage snapremove ALL -n ALL -f
	atf_check -o empty iocage snaplist -H ALL
	refuses 2 "Missing option '-n'" snapremove web
}

atf_test_case clone
clone_head() {
	atf_set descr "clone, rename"
}
clone_body() {
	prepare
	new web 'ip4_addr=em0|10.0.0.1/24'
	atf_check -o inline:'webserver-staging successfully cloned!\n' \
	    iocage clone web -n webserver-staging notes=s
	atf_check -o inline:'s\n' iocage get notes webserver-staging
	# an address is had by one
	atf_check -o inline:'none\n' iocage get ip4_addr webserver-staging
	atf_check -o inline:'c_1 successfully cloned!\nc_2 successfully cloned!\n' \
	    iocage clone web -c 2 -n c
	atf_check -o ignore iocage start web
	atf_check -o inline:'x successfully cloned!\n' iocage clone web -n x
	atf_check -o inline:'Destroying x\n' iocage destroy -f x
	atf_check -o inline:'Jail: web renamed to www\n' iocage rename web www
	states "c_1 stopped c_2 stopped webserver-staging stopped www stopped"
	refuses 1 "jail 'none' not found!" rename none x
	refuses 1 "Multiple jails found for c:" rename c x
	refuses 1 "needs the whole name" rename webs x
}

atf_test_case destroy
destroy_head() {
	atf_set descr "destroy and clean: whole names, questions, releases"
}
destroy_body() {
	prepare
	new web
	new web2
	new other
	refuses 1 "needs the whole name" destroy -f oth
	atf_check -o inline:'Destroying other\n' iocage destroy -f other
	refuses 1 "Multiple jails found for we:" destroy -f we
	refuses 1 "Aborted!" destroy web
	echo n >no
	atf_check -o inline:'
This will destroy jail web

Are you sure? [y/N]: ' -x "iocage destroy web <no"
	atf_check -o ignore iocage start web
	echo y >yes
	atf_check -s exit:1 -o ignore -e match:'still running, please stop' \
	    -x "iocage destroy web <yes"
	atf_check -o inline:'Stopping web\nDestroying web\n' iocage destroy web -f
	atf_check -o ignore iocage snapshot web2 -n s
	atf_check -s exit:1 -o ignore -e match:'use --recursive to destroy: s' \
	    -x "iocage destroy web2 <yes"
	atf_check -o match:'Destroying web2' -x "iocage destroy -R web2 <yes"
	refuses 1 "--download (-d)" destroy -d x
	new web
	refuses 1 "web" destroy -r -f 14.2-RELEASE
	refuses 1 "Please specify a dataset type to clean!" clean
	new cleanroom
	refuses 1 "Aborted!" clean -j
	atf_check -o inline:'Cleaning iocage/jails
All iocage jail datasets have been destroyed.
' iocage clean -f -j
	atf_check -o inline:'Destroying RELEASE dataset: 14.2-RELEASE\n' \
	    iocage destroy -R -r -f 14.2-RELEASE
	atf_check -o inline:'base\n' ls root/releases
}

atf_test_case archive
archive_head() {
	atf_set descr "export and import"
}
archive_body() {
	prepare
	new web notes=kept
	atf_check -o match:'^Exported: .*/images/iocage/web_20[0-9-]*.gaol.tar.zst$' \
	    -e ignore iocage export web
	atf_check -o ignore iocage destroy -f web
	atf_check -o match:'^Imported: web$' -e ignore iocage import web
	atf_check -o inline:'kept\n' iocage get notes web
	refuses 1 "none not found!" import none
	cp root/images/iocage/web_*.zst root/images/iocage/web_2020-01-01.gaol.tar.zst
	refuses 1 "Multiple images found for web:" import web
}

atf_test_case host
host_head() {
	atf_set descr "activate, fetch, upgrade, migrate, debug"
}
host_body() {
	prepare
	atf_check -e match:'gaol needs no pool' iocage activate zroot
	atf_check -o inline:'14.2-RELEASE is fetched already.\n' \
	    iocage fetch -r 14.2-RELEASE
	refuses 1 "Please supply a RELEASE" fetch
	refuses 69 "no plugins" fetch -P nginx
	refuses 69 "--sha256" fetch -r 1.0-RELEASE -f -d /tmp
	new web
	refuses 69 "keeps its release" upgrade -r 14.2-RELEASE web
	refuses 69 "adopt --from iocage" migrate
	refuses 69 "has no program that updates" update web
	atf_check -o match:'written to' iocage debug -d dbg
	atf_check -o match:web cat dbg/web.txt
	atf_check -o inline:'host.txt\nweb.txt\n' ls dbg
}

atf_init_test_cases() {
	for t in list ansible get set create life exec fstab df snapshots \
	    clone destroy archive host; do
		atf_add_test_case $t
	done
}
