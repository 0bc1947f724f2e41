/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include "core/cell.h"
#include "core/host.h"
#include "core/prop.h"
#include "view/view.h"

/*
 * One command is one file, cmd/cmd_NAME.c, with one extern: its struct.  The
 * table drives parsing, usage, help, completion and the manual's option
 * section.
 */
struct cmd_option {
	char letter;		/* '\0': long only */
	const char *name;	/* long name; NULL ends the table */
	const char *arg;	/* "USER"; NULL: a flag */
	const char *help;	/* one line, lower case, no full stop */
};

enum cmd_flag {
	CMD_ASSIGN = 1 << 0,	/* PROP=VALUE operands go to args.assign */
	CMD_COMMAND = 1 << 1,	/* after the first operand a command line */
	CMD_PLAN = 1 << 2,	/* honours -n */
	CMD_VIEW = 1 << 3,	/* honours -j and -H */
	CMD_NO_HOST = 1 << 4,	/* needs no state directory */
	/* the command line begins at the first operand that is no PROP=VALUE,
	 * or after "--" (run) */
	CMD_COMMAND_ONLY = 1 << 5,
	CMD_STATUS = 1 << 6,	/* the status is a command's: 125 for our own */
};

struct cmd_args;

struct cmd {
	const char *name;
	const char *alias;	/* or NULL */
	const char *group;	/* "life", for help */
	const char *summary;	/* one line, lower case, no full stop */
	const char *operands;	/* "target... [PROP=VALUE...]" */
	const struct cmd_option *options;
	size_t min, max;	/* operands; max 0: none, CMD_ANY */
	unsigned flags;
	/* 0, or -1 with the error; args->status is the exit status on 0. */
	int (*exec)(struct cmd_args *args, struct error *e);
};
#define CMD_ANY ((size_t)-1)

struct cmd_args {
	const struct cmd *cmd;
	struct host *host;
	const char *root;	/* -R, or NULL */
	enum view_format format;
	int verbose;		/* -1 -q, 1 -v */
	bool plan;		/* -n; host->plan follows it */
	bool help, version;	/* -h, --version: exec is not called */
	int status;		/* exit status when exec returns 0 */
	bool told;		/* an event was written for each target */
	const char *event;	/* what it is called; NULL: as the command */
	struct strings operands;
	struct strings assign;	/* PROP=VALUE */
	struct strings command;	/* CMD_COMMAND */
	struct strings *given;	/* per option of cmd->options: its values */
};

extern const struct cmd *const cmd_table[];	/* NULL-terminated */
const struct cmd *cmd_find(const char *name);
const char *cmd_nearest(const char *name);	/* or NULL */
/* ERROR_USAGE "no command 'x' (did you mean 'y'?)". */
int cmd_unknown(const char *name, struct error *e);

#define CMD_ARGS_INIT { 0 }

/*
 * The options before the command's name; returns the index of that name in
 * argv, argc when there is none.  -1: ERROR_USAGE.
 */
int args_parse_global(struct cmd_args *a, int argc, char **argv,
    struct error *e) FALLIBLE;
/*
 * What follows the name of a->cmd, which is argv[0]; ERROR_USAGE.  The global
 * options are understood here too, unless the command has one of that letter
 * or name.
 */
int args_parse(struct cmd_args *a, int argc, char **argv, struct error *e)
    FALLIBLE;
void args_fini(struct cmd_args *a);
/* How often a flag, by letter or (when it has none) long name, was given. */
bool args_has(const struct cmd_args *a, const char *option);
const char *args_value(const struct cmd_args *a, const char *option);
const struct strings *args_values(const struct cmd_args *a,
    const char *option);

/* A count or number given as an option's value, fallback without it. */
int args_uint(const struct cmd_args *a, const char *option, uint64_t min,
    uint64_t max, uint64_t fallback, uint64_t *value, struct error *e) FALLIBLE;

/*
 * main() of gaol: the exit status.  front is asked about a first operand that is
 * no command, argv[0], and what follows it; it is false when that is nothing of
 * its, else *status is set.  cmd_prepare_process() is to be called before.
 */
typedef bool cmd_front_fn(const struct cmd_args *a, int argc, char **argv,
    int *status);
int cmd_main(int argc, char **argv, cmd_front_fn *front);
/* Signals, descriptors and umask of this process. */
void cmd_prepare_process(void);
/*
 * Run a command, words[0] being its name, within this process on a host that is
 * open.  Data that it prints is appended to out (of one target: several are
 * other processes), NULL: to stdout.  How it talks is as before: cmd_say_to().
 * *status is its exit status, in either case.
 */
int cmd_call(struct host *h, const struct strings *words, struct buf *out,
    int *status, struct error *e) FALLIBLE;
/* a->cmd->exec() of parsed arguments, written into the log of events. */
int cmd_exec_told(struct cmd_args *a, struct error *e) FALLIBLE;

/* What the first operand of a command can be; a table ends with a row of 0. */
struct cmd_verb {
	const char *name;
	size_t min, max;	/* operands, the verb among them */
	int (*exec)(struct cmd_args *a, struct error *e);
};

/* Do what the first operand says, "list" without one; ERROR_USAGE with what is
 * possible otherwise. */
int cmd_verb(struct cmd_args *a, const struct cmd_verb *verbs,
    const char *possible, struct error *e) FALLIBLE;

/* "gaol stop [-f] target..."; usage, summary and options; what there is at
 * all.  Appended to out, each a line or more. */
void cmd_usage(const struct cmd *c, struct buf *out);
void cmd_help(const struct cmd *c, struct buf *out);
void cmd_help_all(struct buf *out);

/*
 * Talk, to stderr unless -q; with -n a step of the plan, to stdout (with -j
 * kept for cmd_finish_plan, which prints them as one object).  Whatever could
 * harm a terminal is replaced here, in errors and in warnings.
 */
void cmd_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void cmd_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void cmd_say_to(const struct cmd_args *a);	/* how to talk from now on */
int cmd_finish_plan(const struct cmd_args *a, struct error *e) FALLIBLE;
/* "gaol: TARGET: why", or one JSON object; target may be NULL. */
void cmd_print_error(const struct cmd_args *a, const char *target,
    const struct error *e);

/* Print a view to stdout in the asked form. */
int cmd_print(const struct cmd_args *a, struct view *v, struct error *e)
    FALLIBLE;
int cmd_print_object(const struct cmd_args *a, const struct view *v,
    struct error *e) FALLIBLE;
/* As it is.  When nobody reads stdout any more the program ends by SIGPIPE. */
int cmd_print_text(const struct buf *text, struct error *e) FALLIBLE;
/* From now on append to text what would be printed; NULL: print again. */
void cmd_capture(struct buf *text);
/* There is no stdout, whatever descriptor 1 is now: printing data fails. */
void cmd_stdout_closed(void);

/*
 * Write into the log of events what a command that changes things did to jail,
 * e being ERROR_NONE or why it failed, since begin_ms of clock_ms().
 */
void cmd_event(struct cmd_args *a, const char *jail, uint64_t begin_ms,
    const struct error *e);

/*
 * Ask before destroying: y or yes on a terminal; elsewhere -y is needed
 * (ERROR_USAGE).  An answer of no is ERROR_FAILED "nothing was done".
 */
int cmd_confirm(const struct cmd_args *a, bool yes, const char *question,
    struct error *e) FALLIBLE;

/*
 * Targets: exact names, ALL, @TAG, globs.  Appends names, each once.
 * ERROR_NOT_FOUND when one matches nothing (ALL may).
 */
int targets_resolve(const struct cmd_args *a, const struct strings *operands,
    struct strings *names, struct error *e) FALLIBLE;
/* Exactly one jail, for commands that take no more. */
int targets_one(const struct cmd_args *a, const char *operand, char **name,
    struct error *e) FALLIBLE;
/*
 * Append what the jails in names depend on, and what those depend on.  A
 * dependency that does not exist is told in missing, in pairs: the jail,
 * "depends on 'db', which does not exist".
 */
int targets_add_needed(const struct cmd_args *a, struct strings *names,
    struct strings *missing, struct error *e) FALLIBLE;
/* As targets_resolve, but of those that ALL, @TAG and patterns stand for only
 * the ones that run. */
int targets_resolve_running(const struct cmd_args *a,
    const struct strings *operands, struct strings *names, struct error *e)
    FALLIBLE;
/* Whether name was given as it is, and not met by ALL, @TAG or a glob. */
bool targets_exact(const struct strings *operands, const char *name);

/*
 * Do fn for each name, parallel at a time when there are several (0: -P, the
 * setting "parallel", else the number of cores), respecting depend and
 * priority; reverse for stops.  The output of
 * each stays together, in order.  One name is done in this process.  Errors
 * are printed as "gaol: NAME: why"; the result is ERROR_FAILED that counts
 * them, or the one error when there was one target.
 */
typedef int target_fn(struct cmd_args *a, const char *name, void *arg,
    struct error *e);
enum target_order { ORDER_NONE, ORDER_UP, ORDER_DOWN };
int targets_run(struct cmd_args *a, const struct strings *names,
    unsigned parallel, enum target_order order, target_fn *fn, void *arg,
    struct error *e) FALLIBLE;
#define OPTION_PARALLEL \
	{ 'P', "parallel", "N", "work on N jails at once" }

#endif
