#!/bin/sh
# database.sh NAME PORT: the role and the database, where they are missing.
set -e
sql() {
	su postgres -c "psql -p $port -tAc \"$1\""
}
case $1 in
*[!a-z0-9_]* | '') echo "DATABASE: a-z 0-9 _ are possible" >&2; exit 64 ;;
esac
port=$2
[ "$(sql "SELECT 1 FROM pg_roles WHERE rolname = '$1'")" = 1 ] ||
    sql "CREATE ROLE $1 LOGIN"
[ "$(sql "SELECT 1 FROM pg_database WHERE datname = '$1'")" = 1 ] ||
    sql "CREATE DATABASE $1 OWNER $1"
