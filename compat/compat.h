/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef COMPAT_COMPAT_H
#define COMPAT_COMPAT_H

#include "cmd/cmd.h"

/*
 * The command lines of other jail managers: "bastille", "iocage" and "pot", by
 * the name that gaol was called by, or "gaol bastille ...".  Each is a table of
 * commands, const struct compat_tool, in a folder of its own; what they do is
 * done by commands of gaol (compat_call) and by core.  docs/compat.md tells
 * every command, what differs, and why; its tables are made from these.
 */
struct compat;

enum compat_state {
	COMPAT_SAME,		/* does what it does there */
	COMPAT_DIFFERS,		/* as the note says */
	COMPAT_CANNOT,		/* an error (exit 69), as the note says */
};

enum compat_flag {
	COMPAT_NO_HOST = 1 << 0,	/* needs no state directory */
	COMPAT_COMMAND = 1 << 1,	/* no options after the first operand */
	COMPAT_PERMUTE = 1 << 2,	/* options may follow operands */
	COMPAT_NO_OPTIONS = 1 << 3,	/* all words are operands */
	COMPAT_UNKNOWN = 1 << 5,	/* unknown options are operands */
	COMPAT_TALK = 1 << 4,	/* what gaol says meanwhile is shown: long work */
};

struct compat_cmd {
	const char *name;
	const char *aliases;	/* "a b", or NULL */
	const char *usage;	/* operands, as its own help has them */
	const char *summary;
	/* As in cmd/cmd.h, but that a name may be several: "gateway|router",
	 * "" when there is only a letter, and "-NV" for a word as it stands.
	 * NULL: none. */
	const struct cmd_option *options;
	size_t min, max;	/* operands; max 0: none, CMD_ANY */
	unsigned flags;
	enum compat_state state;
	const char *note;	/* for docs/compat.md; NULL when it is the same */
	const char *test;	/* "compat_bastille:list", a case of a program in
				   tests/cli or, "root/compat:...", in tests/root */
	/* 0, or -1 with the error; c->status is the exit status on 0. */
	int (*exec)(struct compat *c, struct error *e);
};

struct compat_tool {
	const char *name;
	const char *version;	/* which one of theirs this speaks like */
	const struct cmd_option *globals;	/* before the command; or NULL */
	const struct cmd_option *common;	/* of every command; or NULL */
	const struct compat_cmd *const *commands;	/* NULL-terminated */
	/* Read its configuration files into c->conf; NULL: it has none. */
	int (*configure)(struct compat *c, struct error *e);
	/*
	 * After the global options, before a command is looked for: *done when
	 * nothing is left to do ("--version").  argv[0] is the first word
	 * behind them, NULL at the end.  NULL: nothing to do.
	 */
	int (*begin)(struct compat *c, char **argv, bool *done,
	    struct error *e);
	/*
	 * Show help about c->cmd, about all when it is NULL, and set c->status.
	 * Called for no command at all, and for the option "help".
	 */
	int (*help)(struct compat *c, struct error *e);
	/* There is no such command: ERROR_USAGE, or help and 0. */
	int (*unknown)(struct compat *c, const char *name, struct error *e);
	void (*print_error)(const struct compat *c, const struct error *e);
	/* The exit status of an error; what cannot be done here is always 69. */
	int (*status)(const struct error *e);
};

/* NAME=VALUE settings of a tool, in the order of the file. */
struct compat_conf {
	struct strings names, values;
};

struct compat {
	const struct compat_tool *tool;
	const struct compat_cmd *cmd;	/* NULL before it is known */
	const char *root;		/* -R of gaol, or NULL */
	struct host *host;		/* NULL with COMPAT_NO_HOST */
	struct compat_conf conf;
	struct strings operands;
	struct strings *given;		/* per option, the common ones last */
	struct strings *globals;	/* per global option */
	bool quiet, json;		/* for a tool that has such options */
	bool yes;			/* compat_confirm does not ask */
	int status;
};

extern const struct compat_tool compat_bastille, compat_iocage, compat_pot;
extern const struct compat_tool *const compat_tools[];	/* NULL-terminated */
const struct compat_tool *compat_find(const char *name);
const struct compat_cmd *compat_command(const struct compat_tool *tool,
    const char *name);		/* or alias; NULL when there is none */
/* As that tool, argv[0] being its name; the exit status. */
int compat_main(const struct compat_tool *tool, const char *root, int argc,
    char **argv);
/* What main() gives cmd_main(): "gaol bastille ...". */
bool compat_front(const struct cmd_args *a, int argc, char **argv, int *status);

/* --- the command line (compat/args.c) --- */

/*
 * Parse options and operands behind argv[0].  Letters may stand together, and a
 * value behind its letter; "--name=value" and "--name value".  given has a
 * member for each option of own, then of common.  ERROR_USAGE.
 */
int compat_parse(const struct cmd_option *own, const struct cmd_option *common,
    int argc, char **argv, unsigned flags, struct strings *given,
    struct strings *operands, struct error *e) FALLIBLE;
size_t compat_option_count(const struct cmd_option *options);
/* By letter or (any of its) name; the command must have that option. */
bool compat_has(const struct compat *c, const char *option);
const char *compat_value(const struct compat *c, const char *option);
const struct strings *compat_values(const struct compat *c,
    const char *option);
bool compat_has_global(const struct compat *c, const char *option);
const char *compat_value_global(const struct compat *c, const char *option);
/* The operand at, or NULL. */
const char *compat_operand(const struct compat *c, size_t at);

/* --- work (compat/call.c) --- */

/*
 * Run a command of gaol as cmd_call() does: compat_call(c, e, "start", name,
 * NULL).  c->status becomes the command's status where it has one of its own
 * (exec).
 */
int compat_call(struct compat *c, struct error *e, const char *command, ...)
    __attribute__((sentinel)) FALLIBLE;
/* The same by a list of words; what it prints goes to out, NULL: to stdout. */
int compat_call_words(struct compat *c, const struct strings *words,
    struct buf *out, struct error *e) FALLIBLE;
/* Data to stdout; talk to stderr, which c->quiet silences.  A newline is
 * added by compat_say only. */
int compat_print(struct error *e, const char *fmt, ...)
    __attribute__((format(printf, 2, 3))) FALLIBLE;
void compat_say(const struct compat *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* What gaol says of its steps, which is no part of what these tools print:
 * -1 nothing (the default without COMPAT_TALK), 0 as ever, 1 all of it. */
void compat_talk(int verbose);
/*
 * Ask on stdout and read a line of stdin, which need be no terminal ("yes |
 * bastille destroy web").  True for y and yes.  c->yes: true without asking.
 * Without any answer ERROR_USAGE, which names the option that says yes.
 */
int compat_confirm(struct compat *c, const char *question,
    const char *option, bool *yes, struct error *e) FALLIBLE;
/* One value of a jail's property as text, "" when it is not set; lists are
 * joined by sep.  The caller's to free; NULL with the error. */
char *compat_property(struct compat *c, const char *jail, const char *name,
    const char *sep, struct error *e);
bool compat_runs(const struct compat *c, const char *jail);

/* --- their configuration files (compat/conf.c) --- */

/*
 * Lines NAME=VALUE as sh(1) would read them, which never does: quotes, comments,
 * and ${NAME} of lines before.  A line of another kind is passed over.  A file
 * that is missing is an empty one.
 */
int compat_conf_read(struct compat_conf *conf, const char *path,
    struct error *e) FALLIBLE;
void compat_conf_parse(struct compat_conf *conf, const char *text);
/* Set, or replace. */
void compat_conf_set(struct compat_conf *conf, const char *name,
    const char *value);
/* The last one of that name; fallback when it is missing or empty. */
const char *compat_conf_get(const struct compat_conf *conf, const char *name,
    const char *fallback);
void compat_conf_fini(struct compat_conf *conf);

/* --- docs/compat.md (compat/doc.c) --- */

/* The table of a tool in Markdown; of which tool each command is, at last. */
void compat_doc(const struct compat_tool *tool, struct buf *out);
void compat_doc_all(struct buf *out);

#endif
