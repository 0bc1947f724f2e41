#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
# shellcheck disable=SC2154

setup() {
	. "$(atf_get_srcdir)/cli_helper.sh"
	export GAOL_TEMPLATES="$PWD/shared"
	mkdir -p root/templates/x/t root/releases/base/root/etc \
	    root/releases/base/root/var
}

# template NAME: its Bastillefile from standard input.
template() {
	mkdir -p "root/templates/$1"
	cat >"root/templates/$1/Bastillefile"
}

# told TEXT ARGUMENT...: what gaol apply tells, without times.
told() {
	printf "$1" >expected
	shift
	atf_check -o ignore -e save:told gaol apply "$@"
	sed 's/ *[0-9]*\.[0-9]* s/ N s/g' told >plain
	atf_check -o file:expected cat plain
}

atf_test_case steps
steps_head() {
	atf_set descr "each keyword that changes the jail or its properties"
}
steps_body() {
	setup
	running web store=dir
	jail=root/jails/web/root
	mkdir -p root/templates/x/t/usr/share/site $jail/srv
	echo 'port ${PORT} of ${JAIL_NAME}' >root/templates/x/t/a.conf
	echo page >root/templates/x/t/usr/share/site/index.html
	ln -s index.html root/templates/x/t/usr/share/site/link
	mkdir -p root/secrets
	(umask 077 && echo word >root/secrets/key)
	template x/t <<'end'
ARG PORT=80
CP a.conf etc/a/b.conf
CP a.conf /srv
OVERLAY usr
RENDER /etc/a
LIF 'one line' /etc/list
LIF 'one line' /etc/list
SYSRC x_enable=YES
SECRET key /etc/key
CONFIG set allow.mlock=1;      #
CONFIG set note 'of the template'
ENV A=b C="d e"
TAG web,front
EXPOSE 80 53/udp
HEALTHCHECK interval=5s CMD true
LIMITS add memoryuse 1G
MOUNT tmpfs /tmp tmpfs rw 0 0
CMD echo from ${JAIL_NAME} $HOME
set boot=on
end
	atf_check -e save:told gaol apply web x/t
	atf_check -o match:"^web\| from web .HOME$" cat told
	atf_check -o match:"18 steps done, 0 unchanged" cat told
	atf_check -o inline:"port 80 of web\n" cat $jail/etc/a/b.conf
	atf_check -o inline:"port \${PORT} of \${JAIL_NAME}\n" \
	    cat $jail/srv/a.conf
	atf_check -o inline:"page\n" cat $jail/usr/share/site/link
	atf_check -o inline:"one line\n" cat $jail/etc/list
	atf_check -o inline:'x_enable="YES"\n' cat $jail/etc/rc.conf
	atf_check -o inline:"400 word\n" sh -c \
	    "echo \$(stat -c %a $jail/etc/key) \$(cat $jail/etc/key)"
	for p in allow.mlock:on "note:of the template" boot:on \
	    health.command:true health.interval:5s limit.memory:1G; do
		atf_check -o inline:"${p#*:}\n" gaol get -H -o value \
		    "${p%%:*}" web
	done
	atf_check -o match:'A=b' -o match:'C=d e' gaol get -H env web
	atf_check -o match:'web' -o match:'front' gaol get -H tag web
	atf_check -o match:'53/udp' gaol get -H expose web
	# everything once more is nothing new
	atf_check -e match:"18 steps done" gaol apply web --no-cache x/t
	atf_check -o inline:"one line\n" cat $jail/etc/list
	[ "$(grep -c tmpfs root/jails/web/cell.conf)" = 1 ] ||
	    atf_fail "a second mount"
}

atf_test_case again
again_head() {
	atf_set descr "only what has changed is done again"
}
again_body() {
	setup
	running web
	template x/t <<'end'
ARG WHO=you
CMD echo one
CMD echo two
CP f /etc/f
CMD echo ${WHO}
end
	echo 1 >root/templates/x/t/f
	told 'web: 1/4 CMD echo one\nweb| one\nweb: 2/4 CMD echo two\nweb| two\nweb: 3/4 CP f /etc/f\nweb: 4/4 CMD echo you\nweb| you\nweb: N s  CMD echo one\nweb: N s  CMD echo two\nweb: N s  CP f /etc/f\nweb: N s  CMD echo you\nweb: 4 steps done, 0 unchanged, in N s\n' web x/t
	told 'web: nothing has changed: 4 steps\n' web x/t
	told 'web: 4/4 CMD echo me\nweb| me\nweb: N s  CMD echo me\nweb: 1 steps done, 3 unchanged, in N s\n' web x/t --arg WHO=me
	echo 2 >root/templates/x/t/f
	atf_check -o inline:"unchanged: 1/4 CMD echo one ($PWD/root/templates/x/t/Bastillefile:2)
unchanged: 2/4 CMD echo two ($PWD/root/templates/x/t/Bastillefile:3)
would do 3/4 CP f /etc/f ($PWD/root/templates/x/t/Bastillefile:4)
would do 4/4 CMD echo me ($PWD/root/templates/x/t/Bastillefile:5)
" gaol -n apply web x/t --arg WHO=me
	atf_check -e match:"2 steps done, 2 unchanged" gaol apply web x/t \
	    -a WHO=me
	# one that does not run is asked and stays as it is
	atf_check gaol -q stop web
	told 'web: nothing has changed: 4 steps\n' web x/t -a WHO=me
	states "web stopped"
	atf_check -e match:"4 steps done" gaol apply web --no-cache x/t
	states "web stopped"
	# other files than those that were left
	echo other >root/jails/web/layers/upper/var/db/.gaol-applied
	atf_check -e match:"4 steps done" gaol apply web x/t
	atf_check -o match:'"state":"unchanged"' -o match:'"line":2' \
	    gaol -j apply web x/t
}

atf_test_case failure
failure_head() {
	atf_set descr "a step that fails: file, line, status, and all as before"
}
failure_body() {
	setup
	running web
	template x/t <<'end'
CMD echo one
LIF line /etc/f

TAG t
CMD exit 7
CMD echo never
end
	before=$(cat root/jails/web/cell.conf)
	atf_check -s exit:1 -e save:told gaol apply web x/t
	atf_check -o match:"^gaol: .*x/t/Bastillefile:5: CMD exit 7: ended with status 7$" \
	    -o match:"^web: is as before the apply$" cat told
	states "web running"
	[ ! -e root/jails/web/layers/upper/etc/f ] || atf_fail "a file stays"
	[ "$before" = "$(cat root/jails/web/cell.conf)" ] ||
	    atf_fail "a property stays"
	atf_check gaol snapshots -H web
	# to look around, and on from there
	atf_check -s exit:1 -e match:"is kept as the failed step" \
	    gaol apply web --keep x/t
	[ -e root/jails/web/layers/upper/etc/f ] || atf_fail "not kept"
	atf_check -o match:gaol-applying gaol snapshots -H web
	sed 's/exit 7/exit 0/' root/templates/x/t/Bastillefile >new
	mv new root/templates/x/t/Bastillefile
	atf_check -e match:"2 steps done, 3 unchanged" gaol apply web x/t
	atf_check gaol snapshots -H web
	# a store that cannot
	running plain store=dir
	echo "CMD exit 3" >>root/templates/x/t/Bastillefile
	atf_check -s exit:1 -e match:"no cheap snapshots" gaol apply plain x/t
	[ -e root/jails/plain/root/etc/f ] || atf_fail "not kept"
}

atf_test_case onchange
onchange_head() {
	atf_set descr "ONCHANGE acts on what the apply itself has changed"
}
onchange_body() {
	setup
	running web
	template x/t <<'end'
CP f /etc/f
ONCHANGE /etc/f -> CMD echo reloaded
CMD echo end
end
	echo 1 >root/templates/x/t/f
	atf_check -e match:"^web. reloaded$" gaol apply web x/t
	atf_check -e match:"2 steps done, 0 unchanged" -e not-match:"web. reloaded" \
	    gaol apply web x/t --no-cache
	echo 2 >root/templates/x/t/f
	atf_check -e match:"^web. reloaded$" gaol apply web x/t
}

atf_test_case before
before_head() {
	atf_set descr "what is wrong is told before anything is done"
}
before_body() {
	setup
	running web
	for line in 'SYSRC a="$(id)"' 'CP none /etc' 'ARG+ PORT' \
	    'INCLUDE x/none' 'FROM other'; do
		printf 'CMD echo first\n%s\n' "$line" | template x/t
		atf_check -s not-exit:0 -e not-match:"first" \
		    gaol apply web x/t
	done
	fails 64 "'nginx' is no template: PROJECT/TEMPLATE, ./DIRECTORY or a URL of git are" \
	    apply web nginx
	fails 66 "no template 'x/tt' (did you mean 'x/t'?)" apply web x/tt
	fails 66 "no template 'a/b'; 'gaol template list' lists them, and a URL of git instead of the name gets it" \
	    apply web a/b
	fails 64 "--arg: 'x' is not NAME=VALUE, with letters, digits and _ in the name" \
	    apply web x/t --arg x
	echo "destroy -f" | template x/t
	atf_check -s exit:65 -e match:"cannot be a step of a template" \
	    gaol apply web x/t
	echo "nonsense a" | template x/t
	atf_check -s exit:65 -e match:"neither a keyword nor a command" \
	    gaol apply web x/t
}

atf_test_case hostile
hostile_head() {
	atf_set descr "neither a template nor a jail reaches the host's files"
}
hostile_body() {
	setup
	running web store=dir
	jail=root/jails/web/root
	echo host >outside
	here=$PWD
	# from the template
	ln -s "$here/outside" root/templates/x/t/link
	ln -s ../../../../outside root/templates/x/t/up
	for source in link up ../../../../outside "$here/outside"; do
		echo "CP $source /etc/x" | template x/t
		atf_check -s exit:66 -e ignore gaol apply web x/t
	done
	rm root/templates/x/t/link root/templates/x/t/up
	# into the jail, whose links lead out
	echo new >root/templates/x/t/f
	ln -s "$here" $jail/etc/host
	ln -s "$here/outside" $jail/etc/file
	cat <<-end | template x/t
		ARG V=\$(touch $here/ran);\`touch $here/ran\`
		CP f /etc/host/outside
		CP f /etc/file
		CP f ../../../../../outside
		LIF line /etc/host/outside
		LIF line /etc/file
		RENDER /etc/host/outside
		SYSRC a="b\\\$(touch $here/ran)"
		SYSRC v=\${V}
		CMD echo '\$(touch $here/ran)'
	end
	echo 'a=`touch '"$here"'/ran`' >$jail/etc/rc.conf
	atf_check -s ignore -e ignore gaol apply web x/t \
	    --arg "V=x
y';touch $here/ran;'"
	atf_check -o inline:"host\n" cat outside
	[ ! -e ran ] || atf_fail "something ran on the host"
}

atf_test_case hooks
hooks_head() {
	atf_set descr "a template of hook files, applied and converted"
}
hooks_body() {
	setup
	running web store=dir
	mkdir -p root/templates/x/old/etc
	cd root/templates/x/old || atf_fail "cd"
	echo 'WHO=me' >ARG
	printf '# before\necho pre ${WHO}\n\n' >PRE
	printf 'etc\n' >OVERLAY
	echo page >etc/page
	echo 'x_enable=YES' >SYSRC
	echo 'echo end' >CMD
	echo web >TARGET
	cd "$OLDPWD" || atf_fail "cd"
	atf_check -e match:"^web. pre me$" -e match:"^web. end$" \
	    -e match:"TARGET: jails are named where" gaol apply web x/old
	atf_check -o inline:"page\n" cat root/jails/web/root/etc/page
	atf_check -e match:"Bastillefile: written" gaol template convert x/old
	cat >expected <<'end'
ARG WHO=me
CMD echo pre ${WHO}
CP etc /
SYSRC x_enable=YES
CMD echo end
end
	atf_check -o file:expected cat root/templates/x/old/Bastillefile
}

atf_test_case pot
pot_head() {
	atf_set descr "a flavour of pot: its commands, then its script"
}
pot_body() {
	setup
	running web store=dir
	jail db
	mkdir -p flavours
	echo conf >flavours/f
	echo 'echo script $0 $1' >flavours/nginx.sh
	cat >flavours/nginx <<'end'
set-attribute -A start-at-boot -V YES
set-attribute -A no-etc-hosts -V YES
# a comment
copy-in-flv -s f -d /etc/f
set-rss -M 200M
export-ports -e 80:8080 -e udp:53
set-env -E A=b
set-cmd -c nginx -g 'daemon off;'
add-dep -P db
mount-in -d /srv -m /mnt -r
set-attribute -A prunable -V YES
set-attribute -A frob -V YES
end
	cat >expected <<'end'
CONFIG set boot on
CONFIG set names off

CP f /etc/f
CONFIG set limit.memory 200M
RDR tcp 8080 80
RDR udp 53 53
ENV A=b
CONFIG set exec.start 'nginx -g '\''daemon off;'\'' &'
CONFIG add depend db
MOUNT /srv /mnt nullfs ro
CONFIG set compat.pot.prunable YES

CP nginx.sh /tmp/nginx.sh
CMD chmod 755 /tmp/nginx.sh && /tmp/nginx.sh ${JAIL_NAME}
end
	atf_check -o file:expected -e match:":12: .set-attribute -A frob" \
	    gaol template convert ./flavours/nginx
	atf_check -s exit:66 -e match:"No such file" \
	    gaol apply web ./flavours/none
	sed -i '/mount-in/d; /export/d' flavours/nginx
	# the toy shell has no chmod: all but that was done
	atf_check -s exit:1 -e match:"nginx:.*CMD chmod 755 .*status 127" \
	    gaol apply web ./flavours/nginx
	atf_check -o inline:"conf\n" cat root/jails/web/root/etc/f
	atf_check -o inline:"nginx -g 'daemon off;' &\n" \
	    gaol get -H -o value exec.start web
	atf_check -o inline:"db\n" gaol get -H -o value depend web
}

atf_test_case iocage
iocage_head() {
	atf_set descr "a pkglist and a plugin of iocage"
}
iocage_body() {
	setup
	mkdir -p plugins/artifact/overlay/etc
	echo '{"pkgs": ["nginx", "www/a b"]}' >plugins/list.json
	atf_check -o inline:"PKG nginx 'www/a b'\n" \
	    gaol template convert ./plugins/list.json
	echo page >plugins/artifact/overlay/etc/page
	echo 'echo installed' >plugins/artifact/post_install.sh
	cat >plugins/x.json <<end
{ "name": "x", "release": "base", "artifact": "file://$PWD/plugins/artifact",
  "properties": { "allow_raw_sockets": "1", "vnet": "1",
    "nat_forwards": "tcp(80:8080),udp(53)", "boot": 1, "odd_one": "x" },
  "pkgs": [ "x" ],
  "packagesite": "http://pkg.example.org/q\u00e9",
  "fingerprints": { "x": [ { "function": "sha256", "fingerprint": "b0" } ] } }
end
	cat >expected <<'end'
FROM base
CONFIG set allow.raw_sockets on
RDR tcp 8080 80
RDR udp 53 53
CONFIG set boot 1
LIF 'FreeBSD: { enabled: no }' /usr/local/etc/pkg/repos/FreeBSD.conf
LIF 'plugin: { url: "http://pkg.example.org/qé", signature_type: "fingerprints", fingerprints: "/usr/local/etc/pkg/fingerprints/plugin", enabled: yes }' /usr/local/etc/pkg/repos/plugin.conf
LIF 'function: "sha256"' /usr/local/etc/pkg/fingerprints/plugin/trusted/repo.0
LIF 'fingerprint: "b0"' /usr/local/etc/pkg/fingerprints/plugin/trusted/repo.0
PKG x
CP overlay/. /
CP post_install.sh /root/post_install.sh
CMD IOCAGE_PLUGIN_IP=${JAIL_IP} /bin/sh /root/post_install.sh
end
	sed -i 's/boot 1/boot on/' expected
	echo '{ "x": { "MANIFEST": "x.json", "name": "X" } }' >plugins/INDEX
	atf_check -o file:expected -e match:"property odd_one" \
	    gaol template convert ./plugins/x
	running web store=dir
	# without packages, which the toy shell cannot install
	sed -i 's/"pkgs": . "x" ./"pkgs": []/; s/"nat_forwards": "[^"]*",//' \
	    plugins/x.json
	atf_check -s exit:1 -e match:"CMD IOCAGE_PLUGIN_IP=.*status 127" \
	    gaol apply web ./plugins/x.json
	atf_check -o inline:"page\n" cat root/jails/web/root/etc/page
	for bad in '{' '{"pkgs": [1}' '[]' '{"a":"\ud800"}' '{"pkgs": []} x'; do
		echo "$bad" >plugins/x.json
		atf_check -s exit:65 -e match:"x.json" \
		    gaol template convert ./plugins/x.json
	done
}

atf_test_case asked
asked_head() {
	atf_set descr "on a terminal a value that is needed is asked for"
}
asked_body() {
	setup
	script -V 2>/dev/null | grep -q util-linux ||
	    atf_skip "script(1) of util-linux is missing"
	running web
	printf 'ARG+ PORT\nCMD echo port ${PORT}\n' | template x/t
	atf_check -o match:"web: PORT\? " -o match:"port 8080" sh -c \
	    "echo 8080 | script -qec 'gaol apply web x/t' /dev/null"
	atf_check -o match:"new: PORT\? " -o match:"port 81" sh -c \
	    "echo 81 | script -qec 'gaol create new -r base -T x/t' /dev/null"
	atf_check -s exit:64 -e match:"a value for PORT is needed" \
	    gaol apply web x/t
}

atf_test_case kept
kept_head() {
	atf_set descr "steps that took long are kept for the next jail"
}
kept_body() {
	setup
	template x/t <<'end'
ARG LAST=one
TAG kept
CMD sleep 1
CMD echo ${LAST}
end
	atf_check -e match:"3 steps done, 0 unchanged" \
	    gaol create a -r base -T x/t
	[ "$(gaol df -H -o name | grep -c gaol-step-)" = 1 ] ||
	    atf_fail "not kept"
	atf_check -o inline:"a\n" gaol list -H -o name
	atf_check -e match:"2 steps done, 1 unchanged" -e not-match:"CMD sleep" \
	    gaol create b -r base -T x/t -a LAST=two
	atf_check -o inline:"kept\n" gaol get -H -o value tag b
	atf_check -e match:"nothing has changed" gaol apply b x/t -a LAST=two
	for other in "env=A=b" "-t" "--no-cache"; do
		atf_check -e match:"3 steps done, 0 unchanged" \
		    gaol create c -r base -T x/t "$other"
		atf_check gaol -q destroy -y c
	done
	fails 64 "names of jails that begin with gaol-step- are gaol's own" \
	    create gaol-step-x -r base
	atf_check -o match:"would|destroy|rename" gaol -n template prune
	atf_check -e inline:"1 kept steps are gone\n" gaol template prune
	atf_check -o inline:"a\nb\n" gaol df -H -o name
	# nothing behind what is nobody else's
	(umask 077 && mkdir root/secrets && echo x >root/secrets/s)
	printf 'SECRET s /etc/s\nCMD sleep 1\n' | template x/t
	atf_check -e match:"2 steps done" gaol create d -r base -T x/t
	atf_check -o inline:"a\nb\nd\n" gaol df -H -o name
}

atf_init_test_cases() {
	for t in steps again failure onchange before hostile hooks pot \
	    iocage asked kept; do
		atf_add_test_case $t
	done
}
