/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* The real kern_limit.h. */
#include <sys/param.h>
#include <sys/cpuset.h>
#include <sys/rctl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "engine/freebsd/kern_limit.h"

int
kern_rctl_add(const char *rule, struct error *e)
{
	if (rctl_add_rule(rule, strlen(rule) + 1, NULL, 0) == 0)
		return 0;
	if (errno == EINVAL)
		return error_set(e, ERROR_CONFIG, "the kernel does not take "
		    "the rule '%s'; rctl(8) lists resources and actions",
		    rule);
	if (errno == EOPNOTSUPP)
		return error_set(e, ERROR_UNSUPPORTED, "the kernel cannot do "
		    "that to this resource: '%s'", rule);
	return error_sys(e, "rule '%s'", rule);
}

int
kern_rctl_remove(const char *rule, struct error *e)
{
	if (rctl_remove_rule(rule, strlen(rule) + 1, NULL, 0) < 0 &&
	    errno != ESRCH && errno != ENOSYS)
		return error_sys(e, "rule '%s'", rule);
	return 0;
}

int
kern_rctl_usage(const char *name, char *text, size_t size, struct error *e)
{
	AUTO_FREE char *filter = xasprintf("jail:%s:", name);

	if (rctl_get_racct(filter, strlen(filter) + 1, text, size) < 0)
		return error_sys(e, "use of resources by jail '%s'", name);
	return 0;
}

int
kern_cpus(int jid, const struct strings *ranges, struct error *e)
{
	cpuset_t set;

	CPU_ZERO(&set);
	if (ranges->count == 0 && cpuset_getaffinity(CPU_LEVEL_ROOT,
	    CPU_WHICH_PID, -1, sizeof(set), &set) < 0)
		return error_sys(e, "limit.cpuset");
	for (size_t i = 0; i < ranges->count; i++) {
		char *end;
		unsigned long first = strtoul(ranges->items[i], &end, 10);
		unsigned long last = *end == '-' ?
		    strtoul(end + 1, NULL, 10) : first;

		for (; first <= last && first < CPU_SETSIZE; first++)
			CPU_SET(first, &set);
	}
	if (cpuset_setaffinity(CPU_LEVEL_WHICH, CPU_WHICH_JAIL, (id_t)jid,
	    sizeof(set), &set) == 0)
		return 0;
	if (errno == EDEADLK || errno == EINVAL)
		return error_set(e, ERROR_CONFIG, "limit.cpuset: the host has "
		    "none of these processors for the jail");
	return error_sys(e, "limit.cpuset");
}
