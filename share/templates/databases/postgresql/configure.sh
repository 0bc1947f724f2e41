#!/bin/sh
# Our settings behind the server's own, and jails of private networks may log
# in with a password.
set -e
for dir in /etc/postgresql/*/main /var/db/postgres/data*; do
	[ -f "$dir/postgresql.conf" ] || continue
	cp /tmp/gaol.conf "$dir/gaol.conf"
	chown postgres "$dir/gaol.conf"
	grep -q '^include .gaol.conf' "$dir/postgresql.conf" ||
	    echo "include 'gaol.conf'" >>"$dir/postgresql.conf"
	grep -q '^host all all samenet' "$dir/pg_hba.conf" ||
	    echo "host all all samenet scram-sha-256" >>"$dir/pg_hba.conf"
done
