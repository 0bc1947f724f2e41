#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
. "$(atf_get_srcdir)/common.subr"

# has_controller V1NAME V2NAME: whether this host limits by it.
has_controller() {
	[ -e "/sys/fs/cgroup/$1/cgroup.procs" ] ||
	    grep -qw "$2" /sys/fs/cgroup/cgroup.controllers 2>/dev/null ||
	    atf_skip "no controller $2"
}

# scope: the directory of this test's groups, of the running jail web.
scope() {
	sed -n 's,.*/\(gaol-[^/]*\)/web$,\1,p' \
	    "/proc/$(gaol list -H -o jid)/cgroup" | head -1
}

# nothing_left: no group of this scope in any hierarchy.
nothing_left() {
	scope=$1
	[ -n "$scope" ] || atf_fail "no control group"
	found=$(find /sys/fs/cgroup -maxdepth 3 -path "*/$scope/*" -type d)
	[ -z "$found" ] || atf_fail "left: $found"
}

root_test memory "limit.memory ends what takes more, and the jail lives on"
memory_body() {
	has_controller memory memory
	gaol_setup
	gaol_jail web limit.memory=32M
	scope=$(scope)
	atf_check gaol exec web true
	atf_check -s exit:137 -e ignore gaol exec web sh -c \
	    'head -c 60000000 /dev/zero | tail -c 60000000 >/dev/null; exit $?'
	atf_check -o match:'^limit.memory' gaol limits -H -o limit,use,max web
	# live: more is enough, and is in force for those who join
	atf_check gaol set web limit.memory=256M
	atf_check gaol exec web sh -c \
	    'head -c 60000000 /dev/zero | tail -c 60000000 >/dev/null'
	atf_check gaol set web limit.memory=
	atf_check -e ignore gaol stop web
	nothing_left "$scope"
}

root_test processes "limit.processes holds a fork bomb"
processes_body() {
	has_controller pids pids
	gaol_setup
	gaol_jail web limit.processes=20
	scope=$(scope)
	gaol exec web sh -c 'i=0; while [ $i -lt 60 ]; do sleep 60 & i=$((i+1))
	    done; sleep 1' >/dev/null 2>&1 </dev/null || :
	count=$(gaol ps -H -o pid web | wc -l)
	[ "$count" -gt 3 ] && [ "$count" -le 20 ] || atf_fail "$count run"
	atf_check -e ignore gaol stop -f web
	nothing_left "$scope"
}

root_test live "limits come to a jail that had none, and to what runs in it"
live_body() {
	has_controller pids pids
	has_controller cpu cpu
	gaol_setup
	gaol_jail web "exec.start=sleep 300 &"
	scope=$(scope)
	atf_check gaol set web limit.processes=30 limit.cpu=50% \
	    limit.openfiles=64
	pid=$(gaol ps -H -o pid,command web | sed -n 's/	sleep 300$//p')
	atf_check -o match:"$scope/web" cat "/proc/$pid/cgroup"
	[ "$(grep -c "$scope/web" "/proc/$pid/cgroup")" -ge 1 ]
	[ ! -d /sys/fs/cgroup/cpu ] ||
	    atf_check -o inline:'50000\n' \
	    cat "/sys/fs/cgroup/cpu/$scope/web/cpu.cfs_quota_us"
	atf_check -o match:'Max open files +64 +64' cat "/proc/$pid/limits"
	atf_check -o inline:'64\n' gaol exec web sh -c 'ulimit -n'
	[ ! -d /sys/fs/cgroup/cpu ] || atf_check -o match:":cpu.*$scope/web" \
	    gaol exec web cat /proc/self/cgroup
	# lifted: what joins is as free as before
	atf_check gaol set web limit.processes= limit.cpu= limit.openfiles=
	atf_check -o not-match:'^64$' gaol exec web sh -c 'ulimit -n'
	atf_check -e ignore gaol stop web
	nothing_left "$scope"
}

root_test others "cpuset, reads of disks; what v1 cannot do is refused"
others_body() {
	has_controller cpuset cpuset
	gaol_setup
	gaol_jail web limit.cpuset=0 limit.io.read.bps=1M
	scope=$(scope)
	atf_check -o match:'^Cpus_allowed_list:	0$' \
	    gaol exec web cat /proc/self/status
	atf_check -s exit:69 -e match:"limit.cpuset: no 4000 here" \
	    gaol set web limit.cpuset=4000
	[ ! -d /sys/fs/cgroup/blkio ] || atf_check -s exit:69 \
	    -e match:"limit.io.write.bps: cgroup v1 does not know" \
	    gaol set web limit.io.write.bps=1M
	atf_check -s exit:69 -e match:"limit.rctl cannot be enforced" \
	    gaol set web limit.rctl=nthr:deny=500
	atf_check -e ignore gaol stop web
	nothing_left "$scope"
	# a start that fails leaves no groups either
	atf_check -e ignore gaol set web exec.start=false
	atf_check -s exit:1 -e match:"exec.start" gaol start web
	nothing_left "$scope"
}

root_test refused "69 where the host has no control groups"
refused_body() {
	gaol_setup
	cat > host <<-'EOF'
	umount -l /sys/fs/cgroup
	mount -t tmpfs none /sys/fs/cgroup
	gaol create web -r busybox limit.memory=64M
	EOF
	atf_check -s exit:69 -e match:"limit.memory: this host has no control" \
	    unshare -m sh host
	atf_check -o empty ls root/jails
}

atf_init_test_cases() {
	for t in memory processes live others refused; do
		atf_add_test_case $t
	done
}
