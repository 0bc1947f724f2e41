/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* pot show, get-rss, top, last-run-stats, update-config. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/num.h"
#include "compat/pot/pot.h"
#include "core/store.h"
#include "core/usage.h"

/* As zfs(8) and rctl(8) write sizes: three digits at most, "1.23G". */
static char *
nice_size(uint64_t bytes, char text[16])
{
	static const char units[] = "\0KMGTPE";
	double value = (double)bytes;
	unsigned unit = 0;

	while (value >= 1024 && unit < 6) {
		value /= 1024;
		unit++;
	}
	snprintf(text, 16, "%.*f%c", unit == 0 || value >= 100 ? 0 :
	    value >= 10 ? 1 : 2, value, units[unit]);
	return text;
}

/* --- show --- */

static int
put_disk(struct compat *c, const struct cell *cell, struct buf *out,
    struct error *e)
{
	AUTO_CELL_STORE struct cell_store s = CELL_STORE_INIT;
	struct store_usage u = { 0, UINT64_MAX, 0, 0 };
	struct error ignored = ERROR_INIT;
	char text[16] = "-";

	if (cell_store_init(&s, c->host, cell, NULL, e) < 0)
		return -1;
	if (s.store->usage != NULL && s.store->usage(&s.at, &u,
	    &ignored) == 0)
		nice_size(u.live + (u.snapshots == UINT64_MAX ? 0 : u.snapshots),
		    text);
	buf_printf(out, "\tdisk usage      : %s\n", text);
	return 0;
}

static int
use_now(struct compat *c, const char *pot, struct engine_usage *use,
    struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	AUTO_USAGE struct usage_rows rows = VEC_INIT;

	strings_add(&names, pot);
	if (usage_read(c->host, &names, &rows, e) < 0)
		return -1;
	if (usage_find(&rows, pot) == NULL)
		return error_set(e, ERROR_FAILED, "The pot %s is not running",
		    pot);
	*use = usage_find(&rows, pot)->use;
	return 0;
}

static const char *
amount(uint64_t bytes, char text[16])
{
	return bytes == ENGINE_UNKNOWN ? "-" : nice_size(bytes, text);
}

static void
put_ports(struct compat *c, const struct cell *cell, const char *ip,
    struct buf *out)
{
	AUTO_STRINGS struct strings publish = VEC_INIT;

	cell_values(cell, "publish", &publish);
	if (publish.count > 0)
		buf_puts(out, "\n\tNetwork port redirection\n");
	for (size_t i = 0; i < publish.count; i++) {
		AUTO_FREE char *port = pot_port_format(publish.items[i]);
		const char *p = port;
		size_t inside;

		if (p == NULL)
			continue;
		if (strncmp(p, "udp:", 4) == 0)
			p += 4;
		inside = strcspn(p, ":");
		buf_printf(out, "\t\t(%s) port %s -> %s port %.*s\n",
		    pot_setting(c, "POT_EXTIF"), p + inside + 1, ip,
		    (int)inside, p);
	}
}

static void
put_running(struct compat *c, const struct cell *cell, struct buf *out)
{
	AUTO_FREE char *cpus = cell_text(cell, "limit.cpu");
	AUTO_FREE char *set = cell_text(cell, "limit.cpuset");
	AUTO_POT_NET struct pot_net n = POT_NET_INIT;
	AUTO_STRINGS struct strings rest = VEC_INIT;
	struct error ignored = ERROR_INIT;
	struct engine_usage use;
	char text[16], virtual[16];

	if (use_now(c, cell->name, &use, &ignored) < 0)
		return;
	buf_printf(out, "\tvirtual memory  : %s\n\tphysical memory : %s\n",
	    use.swap == ENGINE_UNKNOWN || use.memory == ENGINE_UNKNOWN ? "-" :
	    amount(use.memory + use.swap, virtual),
	    amount(use.memory, text));
	if (cpus != NULL)
		buf_printf(out, "\tmax amount of CPUs: %s\n"
		    "\tallocated CPUs    : %s\n", cpus, set != NULL ? set :
		    "-");
	pot_net_get(c->host, cell, &n, &rest);
	if (strcmp(n.type, "public-bridge") == 0)
		put_ports(c, cell, n.ip, out);
}

static int
show_one(struct compat *c, const char *pot, struct buf *out, struct error *e)
{
	AUTO_CELL struct cell cell = CELL_INIT;

	if (cell_load(c->host, pot, &cell, e) < 0)
		return -1;
	buf_printf(out, "pot %s\n", pot);
	if (put_disk(c, &cell, out, e) < 0)
		return -1;
	if (compat_runs(c, pot))
		put_running(c, &cell, out);
	return 0;
}

static int
show(struct compat *c, struct error *e)
{
	AUTO_STRINGS struct strings names = VEC_INIT;
	AUTO_BUF struct buf out = BUF_INIT;
	bool one = compat_has(c, "p"), all = compat_has(c, "a");

	if (one + all + compat_has(c, "r") > 1)
		return pot_usage(e, "-p -r -a are mutually exclusive");
	if (one && pot_name(c, e) == NULL)
		return -1;
	if (one)
		strings_add(&names, compat_value(c, "p"));
	else if (cell_names(c->host, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.count; i++) {
		if (!one && !all && !compat_runs(c, names.items[i]))
			continue;
		if (compat_has(c, "q") && !one)
			buf_printf(&out, "%s\n", names.items[i]);
		else if (show_one(c, names.items[i], &out, e) < 0)
			return -1;
	}
	return cmd_print_text(&out, e);
}

static const struct cmd_option show_options[] = {
	POT_OPTION_NAME,
	{ 'a', "", NULL, "all pots" },
	{ 'r', "", NULL, "running pots (default)" },
	{ 'q', "", NULL, "print names only" },
	{ 0 },
};

const struct compat_cmd pot_cmd_show = {
	.name = "show",
	.usage = "[-hvq] [-a|-r|-p NAME]",
	.summary = "show what pots use",
	.options = show_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "virtual memory is memory and swap in use; -v has no more to "
	    "tell",
	.test = "cli/compat_pot_test.sh:show",
	.exec = show,
};

/* --- get-rss --- */

enum { SAMPLE_NS = 100000000, MHZ = 1000 };

/* hw.clockrate, as far as a file of the host tells it. */
static double
clock_mhz(void)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct error ignored = ERROR_INIT;
	const char *at;

	if (file_read(AT_FDCWD, "/proc/cpuinfo", 1 << 22, &text,
	    &ignored) < 0 || (at = strstr(buf_text(&text), "cpu MHz")) == NULL ||
	    (at = strchr(at, ':')) == NULL)
		return MHZ;
	return strtod(at + 1, NULL);
}

static uint64_t
known(uint64_t value)
{
	return value == ENGINE_UNKNOWN ? 0 : value;
}

static int
print_rss(const char *pot, bool json, const struct engine_usage *use,
    uint64_t percent, struct error *e)
{
	AUTO_FREE char *ticks = percent == 0 ? xstrdup("0") :
	    xasprintf("%.3f", (double)(long)clock_mhz() * (double)percent /
	    100);

	if (json)
		return compat_print(e, "{ \"ResourceUsage\": { "
		    "\"MemoryStats\": { \"RSS\" : %ju, \"Swap\" : %ju }, "
		    "\"CpuStats\": { \"TotalTicks\": %s, \"Percent\": %ju } } "
		    "} \n", (uintmax_t)known(use->memory),
		    (uintmax_t)known(use->swap), ticks, (uintmax_t)percent);
	return compat_print(e, "Resource usage by the pot %s\n"
	    "\tcpu time (ticks spent) : %ju\n\tcpu time (MHz)         : %s\n"
	    "\tpcpu (%%)               : %ju\n"
	    "\tvirtual memory         : %ju\n\tphysical memory        : %ju\n"
	    "\tswap memory            : %ju\n", pot,
	    (uintmax_t)(known(use->cpu_us) / 1000000), ticks,
	    (uintmax_t)percent,
	    (uintmax_t)(known(use->memory) + known(use->swap)),
	    (uintmax_t)known(use->memory), (uintmax_t)known(use->swap));
}

static int
get_rss(struct compat *c, struct error *e)
{
	const char *pot = compat_value(c, "p");
	const struct timespec pause = { 0, SAMPLE_NS };
	struct engine_usage before, now;
	uint64_t percent;

	if (pot == NULL || *pot == '\0')
		return pot_usage(e, "A pot name is mandatory");
	if (name_check_cell(pot, e) < 0)
		return -1;
	if (!cell_exists(c->host, pot) || !compat_runs(c, pot))
		return error_set(e, ERROR_FAILED, "The pot %s is not running",
		    pot);
	if (use_now(c, pot, &before, e) < 0)
		return -1;
	nanosleep(&pause, NULL);
	if (use_now(c, pot, &now, e) < 0)
		return -1;
	percent = known(now.cpu_us) < known(before.cpu_us) ? 0 :
	    (known(now.cpu_us) - known(before.cpu_us)) * 100 /
	    (SAMPLE_NS / 1000);
	return print_rss(pot, compat_has(c, "J"), &now, percent, e);
}

static const struct cmd_option rss_options[] = {
	POT_OPTION_NAME,
	{ 'J', "", NULL, "print JSON" },
	{ 0 },
};

const struct compat_cmd pot_cmd_get_rss = {
	.name = "get-rss",
	.usage = "[-hvJ] -p NAME",
	.summary = "show the resources that a pot uses now",
	.options = rss_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "percent of a tenth of a second; the clock rate that the "
	    "ticks count is 1000 MHz where the host does not tell one; virtual "
	    "memory is memory and swap",
	.test = "cli/compat_pot_test.sh:show",
	.exec = get_rss,
};

/* --- top --- */

static int
top(struct compat *c, struct error *e)
{
	const char *pot = pot_name(c, e);

	if (pot == NULL)
		return -1;
	if (!compat_runs(c, pot))
		return error_set(e, ERROR_FAILED, "pot %s is not in execution",
		    pot);
	return compat_call(c, e, "ps", pot, NULL);
}

static const struct cmd_option top_options[] = {
	POT_OPTION_NAME,
	{ 0 },
};

const struct compat_cmd pot_cmd_top = {
	.name = "top",
	.usage = "[-h] -p NAME",
	.summary = "show the processes of a pot",
	.options = top_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "the processes as they are now; it does not refresh ('gaol "
	    "top' does, of all jails)",
	.test = "cli/compat_pot_test.sh:inside",
	.exec = top,
};

/* --- last-run-stats, update-config --- */

static int
last_run(struct compat *c, struct error *e)
{
	const char *pot = pot_name(c, e);
	AUTO_CELL struct cell cell = CELL_INIT;

	if (pot == NULL || cell_load(c->host, pot, &cell, e) < 0)
		return -1;
	AUTO_FREE char *last = pot_kept(&cell, "last-run");
	if (last == NULL)
		return compat_print(e, "{}\n");
	return compat_print(e, "{ \"ExitCode\": %.*s }\n",
	    (int)strcspn(last, " "), last);
}

const struct compat_cmd pot_cmd_last_run_stats = {
	.name = "last-run-stats",
	.usage = "[-hv] -p NAME",
	.summary = "show how the last run of a pot has ended",
	.options = top_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.test = "cli/compat_pot_test.sh:start",
	.exec = last_run,
};

static int
update_config(struct compat *c, struct error *e)
{
	if (compat_has(c, "a"))
		return 0;
	if (!compat_has(c, "p"))
		return pot_usage(e, "A pot name or -a are mandatory");
	return pot_name(c, e) == NULL ? -1 : 0;
}

static const struct cmd_option update_options[] = {
	POT_OPTION_NAME,
	{ 'a', "", NULL, "all pots" },
	{ 0 },
};

const struct compat_cmd pot_cmd_update_config = {
	.name = "update-config",
	.usage = "[-hv] -p NAME|-a",
	.summary = "bring the settings of old pots up to date",
	.options = update_options,
	.max = CMD_ANY,
	.flags = COMPAT_COMMAND,
	.state = COMPAT_DIFFERS,
	.note = "there is nothing to do: settings are never out of date here, "
	    "and old keys are understood when a pot is taken over",
	.test = "cli/compat_pot_test.sh:refused",
	.exec = update_config,
};
