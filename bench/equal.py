#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
# Copyright (c) 2026 The gaol authors
#
# equal.py CONFIG SYSCALLS.DEF: an OCI configuration, to stdout, with what every
# jail of gaol has besides: namespaces of users and cgroups, ids of its own, and
# a filter of system calls.
import json
import sys

with open(sys.argv[1], encoding="ascii") as f:
    config = json.load(f)
linux = config["linux"]
linux["namespaces"] += [{"type": "user"}, {"type": "cgroup"}]
for ids in "uidMappings", "gidMappings":
    linux[ids] = [{"containerID": 0, "hostID": 1000000, "size": 65536}]
names = []
with open(sys.argv[2], encoding="ascii") as f:
    for line in f:
        words = line.split("#")[0].split()
        if len(words) == 2 and words[1] not in ("deny", "nosys", "nested",
                "debug", "settime", "mount", "unmount", "fsmount"):
            names.append(words[0])
linux["seccomp"] = {
    "defaultAction": "SCMP_ACT_ERRNO",
    "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]
    if len(sys.argv) < 4 or sys.argv[3] == "x86_64"
    else ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
    "syscalls": [{"names": names, "action": "SCMP_ACT_ALLOW"}],
}
json.dump(config, sys.stdout)
