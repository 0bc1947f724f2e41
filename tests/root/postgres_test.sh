#! /usr/bin/env atf-sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# Snapshots of a jail in which PostgreSQL works: each, restored into a clone, is
# a database that recovers, with every commit that was told before.
# GAOL_PG_SNAPSHOTS says how many; 2 without, 50 with GAOL_CHECK_LONG.
# shellcheck disable=SC2154
. "$(atf_get_srcdir)/common.subr"

programs=/usr/lib/postgresql/15/bin
data=/var/pg

# in_jail JAIL COMMAND...: as the database's user.
in_jail() {
	jail=$1
	shift
	gaol -q exec -u 70:70 -e LC_ALL=C -e HOME=/tmp "$jail" "$@"
}

sql() {
	in_jail "$1" $programs/psql -X -q -At -h /tmp -U postgres -c "$2" \
	    postgres
}

# done_in JAIL COMMAND...: it succeeds.
done_in() {
	in_jail "$@" >out 2>&1 || atf_fail "$*: $(tail -n 20 out)"
}

# The jail's root has a busybox; the programs of the host are mounted.
pg_jail() {
	[ -x $programs/postgres ] && [ -x $programs/pgbench ] ||
	    atf_skip "no PostgreSQL 15 here"
	atf_check -e ignore gaol -q create pg -r busybox sysvshm=new \
	    'mount=/usr /usr nullfs ro'
	upper=root/jails/pg/layers/upper
	mkdir -p $upper/etc $upper/var/pg $upper/tmp
	for link in lib lib64; do
		[ ! -L /$link ] || ln -s "$(readlink /$link)" $upper/$link
	done
	echo 'postgres:x:70:70::/tmp:/bin/sh' >$upper/etc/passwd
	echo 'postgres:x:70:' >$upper/etc/group
	chown 70:70 $upper/var/pg
	chmod 1777 $upper/tmp
	atf_check -e ignore gaol -q start pg
	done_in pg $programs/initdb -A trust \
	    -U postgres $data
	done_in pg sh -c "cat >>$data/postgresql.conf <<CONF
listen_addresses = ''
unix_socket_directories = '/tmp'
dynamic_shared_memory_type = mmap
shared_buffers = 16MB
CONF"
	pg_start pg
}

pg_start() {
	done_in "$1" $programs/pg_ctl -w -t 120 \
	    -D $data -l /tmp/log start
}

# check_clone NUMBER TOLD: what is in the snapshot.
check_clone() {
	atf_check -e ignore gaol -q clone -s "s$1" pg copy
	atf_check -e ignore gaol -q start copy
	# of the one that was running
	in_jail copy rm -f $data/postmaster.pid
	pg_start copy
	in_jail copy grep -q 'redo done\|redo is not required' /tmp/log ||
	    atf_fail "snapshot $1: the database did not recover"
	have=$(sql copy 'SELECT count(*), max(id) FROM acks')
	[ "${have#*|}" -ge "$2" ] ||
	    atf_fail "snapshot $1: $2 was committed, it has ${have#*|}"
	atf_check_equal "${have#*|}" "${have%|*}"
	atf_check_equal t "$(sql copy 'SELECT
	    (SELECT sum(abalance) FROM pgbench_accounts) =
	    coalesce((SELECT sum(delta) FROM pgbench_history), 0) AND
	    (SELECT sum(bbalance) FROM pgbench_branches) =
	    (SELECT sum(tbalance) FROM pgbench_tellers) AND
	    (SELECT sum(abalance) FROM pgbench_accounts) =
	    (SELECT sum(bbalance) FROM pgbench_branches)')"
	atf_check -e ignore gaol -q destroy -f -y copy
	atf_check -e ignore gaol -q snapshot -d -y pg "s$1"
}

root_test snapshots "live snapshots of a database that works lose no commit"
snapshots_head() {
	atf_set descr 'live snapshots of a database that works lose no commit'
	atf_set require.user root
	atf_set timeout 3600
}
snapshots_body() {
	many=2
	[ -z "$GAOL_CHECK_LONG" ] || many=50
	many=${GAOL_PG_SNAPSHOTS-$many}
	gaol_setup
	pg_jail
	done_in pg $programs/pgbench -i -s 1 \
	    -h /tmp -U postgres postgres
	sql pg 'CREATE TABLE acks (id serial PRIMARY KEY)'
	in_jail pg $programs/pgbench -c 3 -T 3600 -h /tmp -U postgres \
	    postgres >pgbench.out 2>&1 &
	# the numbers of commits, as they are told
	yes 'INSERT INTO acks DEFAULT VALUES RETURNING id;' |
	    in_jail pg $programs/psql -X -q -At -h /tmp -U postgres \
	    postgres >told 2>/dev/null &
	i=0
	while [ $i -lt "$many" ]; do
		i=$((i + 1))
		sleep 0.3
		last=$(grep -c . told)
		last=$(head -n "$last" told | tail -n 1)
		[ -n "$last" ] || last=0
		atf_check -e ignore gaol -q snapshot pg s$i
		check_clone $i "$last"
	done
	[ "$last" -gt 10 ] || atf_fail "only $last commits were told"
	echo "$many snapshots restored, $last commits told, none lost"
	atf_check -e ignore gaol -q stop -f pg
	wait
}

atf_init_test_cases() {
	atf_add_test_case snapshots
}
