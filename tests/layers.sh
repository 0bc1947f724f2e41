#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# Includes point downwards only: check them against the map in HACKING.md.
set -eu
cd "$(dirname "$0")/.."

# "FOLDER ALLOWED..." of every row that names folders of code.
map() {
	awk -F'|' '
		/^\| folder/ { rows = 1; next }
		rows && !/^\|/ { exit }
		rows && /^\| `/ {
			gsub(/[`,]/, "", $2)
			gsub(/[`,]/, "", $4)
			sub(/itself/, "", $4)
			n = split($2, folders, " ")
			for (i = 1; i <= n; i++) {
				sub(/\/$/, "", folders[i])
				# what all systems share lies in engine/posix
				if (folders[i] ~ /^engine\//)
					$4 = $4 " engine/posix"
				print folders[i], $4
			}
		}' HACKING.md
}

check_folder() {
	folder=$1
	shift
	if [ -d "$folder" ]; then
		set -- "$folder" "$@"
		files=$(find "$folder" -name '*.[ch]' | sort)
	else
		files=$folder
	fi
	# shellcheck disable=SC2086 # file names of ours, without blanks
	[ -z "$files" ] || awk -v allowed="$*" '
		/^[ \t]*#[ \t]*include[ \t]*"/ {
			split($0, part, "\"")
			n = split(allowed, may, " ")
			for (i = 1; i <= n; i++)
				if (part[2] == may[i] ||
				    index(part[2], may[i] "/") == 1)
					next
			printf "%s:%d: must not include %s\n", FILENAME, FNR,
			    part[2]
			bad = 1
		}
		END { exit bad }' $files
}

status=0
found=0
while read -r folder allowed; do
	[ -e "$folder" ] || continue
	found=$((found + 1))
	# shellcheck disable=SC2086 # a list
	check_folder "$folder" $allowed || status=1
done <<end
$(map)
end
if [ $found -lt 8 ]; then
	echo "HACKING.md: only $found folders in the map"
	status=1
fi

# Which system this is, is asked in the engines and at the bottom alone.
if grep -nE '__linux__|__FreeBSD__' compat/*.[ch] compat/*/*.[ch] cmd/*.[ch] view/*.[ch] core/*.[ch] \
    conf/*.[ch]; then
	echo "the lines above ask for the system"
	status=1
fi
exit $status
