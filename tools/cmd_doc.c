/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * cmd_doc TEMPLATE [PROPERTIES]: print a manual page.  What the tables know is
 * put in place of lines of the template:
 *
 *	.\" @HEAD NAME@		title, NAME and SYNOPSIS of that command
 *	.\" @OPTIONS NAME@	its OPTIONS section
 *	.\" @GLOBALS@		the items of the options of all commands
 *	.\" @COMMANDS@		a list of the commands by group
 *	.\" @SETTINGS@		the items of gaol.conf(5)
 *	.\" @STATUS@		the items of exit statuses
 *	.\" @PROPERTIES@	the file PROPERTIES, made by prop_doc
 */
#include <ctype.h>
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/auto.h"
#include "cmd/cmd.h"

static const char date[] = "November 23, 2026";

/* Text of a line or a macro's arguments: no escapes, no request, no hyphen
 * that is a minus. */
static void
put_text(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text != '\0'; text++)
		if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else
			putchar(*text);
}

/* As one argument of a macro: what could be a macro itself is none. */
static void
put_word(const char *word)
{
	size_t len = strlen(word);

	if (len <= 3 && isupper((unsigned char)*word) &&
	    (len == 1 || islower((unsigned char)word[1])))
		fputs("\\&", stdout);
	if (len == 1 && ispunct((unsigned char)*word))
		fputs("\\&", stdout);
	for (; *word != '\0'; word++)
		if (*word == '"')
			fputs("\\(dq", stdout);
		else if (*word == '\\')
			fputs("\\e", stdout);
		else if (*word == '-')
			fputs("\\-", stdout);
		else
			putchar(*word);
}

/* "use that release; default: none" as a sentence. */
static void
put_sentence(const char *text)
{
	AUTO_FREE char *copy = xstrdup(text);
	size_t len = strspn(copy, "abcdefghijklmnopqrstuvwxyz");

	/* a name stays as it is written: amd64, gaol.conf */
	if (len > 0 && (copy[len] == ' ' || copy[len] == ','))
		copy[0] = (char)toupper((unsigned char)copy[0]);
	put_text(copy);
	puts(".");
}

/* "PROP=VALUE...", "target...", "--", "command" on the current line. */
static void
put_operand(const char *word)
{
	AUTO_FREE char *copy = xstrdup(word);
	size_t len = strlen(copy);
	bool more = len > 3 && strcmp(copy + len - 3, "...") == 0;
	char *value;

	if (strcmp(copy, "--") == 0) {
		fputs("Fl Fl", stdout);
		return;
	}
	if (more)
		copy[len - 3] = '\0';
	value = strchr(copy, '=');
	if (value != NULL)
		*value++ = '\0';
	fputs("Ar ", stdout);
	put_word(copy);
	if (value != NULL) {
		fputs(" Ns = Ns Ar ", stdout);
		put_word(value);
	}
	if (more)
		fputs(" ...", stdout);
}

/* Where the word ends: at a blank, or at a bracket that it did not open. */
static size_t
word_length(const char *text)
{
	size_t n = 0;
	int open = 0;

	for (; text[n] != '\0' && text[n] != ' '; n++) {
		if (text[n] == '[')
			open++;
		if (text[n] == ']' && open-- == 0)
			break;
	}
	return n;
}

static void
put_operands(const char *text)
{
	while (*text != '\0') {
		size_t len;

		if (*text == '[') {
			puts(".Oo");
			text++;
		} else if (*text == ']') {
			puts(".Oc");
			text++;
		} else if (*text == ' ') {
			text++;
		} else {
			len = word_length(text);
			AUTO_FREE char *word = xstrndup(text, len);
			putchar('.');
			put_operand(word);
			putchar('\n');
			text += len;
		}
	}
}

static const struct cmd_option *
next_option(const struct cmd *c, const struct cmd_option *o)
{
	o = o == NULL ? c->options : o + 1;
	return o != NULL && o->name != NULL ? o : NULL;
}

static void
put_argument(const struct cmd_option *o)
{
	if (o->arg == NULL)
		return;
	fputs(" Ar ", stdout);
	put_word(o->arg);
}

static void
print_synopsis(const struct cmd *c)
{
	const struct cmd_option *o = NULL;
	bool open = false;

	printf(".Sh SYNOPSIS\n.Nm gaol\n.Cm %s\n", c->name);
	while ((o = next_option(c, o)) != NULL) {
		if (o->arg != NULL || o->letter == '\0')
			continue;
		fputs(open ? "" : ".Op Fl ", stdout);
		putchar(o->letter);
		open = true;
	}
	if (open)
		putchar('\n');
	while ((o = next_option(c, o)) != NULL) {
		if (o->letter == '\0')
			printf(".Op Fl Fl %s", o->name);
		else if (o->arg != NULL)
			printf(".Op Fl %c", o->letter);
		else
			continue;
		put_argument(o);
		putchar('\n');
	}
	put_operands(c->operands);
}

static void
print_head(const struct cmd *c)
{
	AUTO_FREE char *title = xstrdup(c->name);

	for (char *p = title; *p != '\0'; p++)
		*p = (char)toupper((unsigned char)*p);
	printf(".Dd %s\n.Dt GAOL-%s 8\n.Os\n.Sh NAME\n.Nm gaol-%s\n.Nd ", date,
	    title, c->name);
	put_text(c->summary);
	putchar('\n');
	print_synopsis(c);
}

static void
put_option(const struct cmd_option *o)
{
	fputs(".It", stdout);
	if (o->letter != '\0') {
		printf(" Fl %c", o->letter);
		put_argument(o);
		fputs(" ,", stdout);
	}
	printf(" Fl Fl %s", o->name);
	put_argument(o);
	putchar('\n');
	put_sentence(o->help);
}

static bool
has_letter(const struct cmd *c, char letter)
{
	const struct cmd_option *o = NULL;

	while ((o = next_option(c, o)) != NULL)
		if (o->letter == letter)
			return true;
	return false;
}

static void
print_options(const struct cmd *c)
{
	const struct cmd_option *o = NULL;

	puts(".Sh OPTIONS");
	if (next_option(c, NULL) != NULL) {
		puts(".Bl -tag -width indent");
		while ((o = next_option(c, o)) != NULL)
			put_option(o);
		puts(".El\n.Pp");
	}
	puts("The options of all commands, such as\n.Fl R ,\nare told in\n"
	    ".Xr gaol 8 .");
	if ((c->flags & CMD_PLAN) && !has_letter(c, 'n'))
		puts("With\n.Fl n\nthe command prints what it would do, and "
		    "does nothing.");
	if (c->flags & CMD_VIEW)
		puts("With\n.Fl j\nit prints JSON, with\n.Fl H\ntab\\-separated "
		    "text without a header.");
	if (c->alias != NULL)
		printf("The command has a second name,\n.Cm %s .\n", c->alias);
}

static void
print_globals(void)
{
	/* those of cmd/args.c, in more words */
	static const struct cmd_option globals[] = {
		{ 'R', "root", "DIR", "use that state directory, instead of "
		    "GAOL_ROOT or /var/db/gaol" },
		{ 'j', "json", NULL, "print JSON" },
		{ 'H', "tabbed", NULL, "print tab-separated text, without a "
		    "header and with numbers as they are" },
		{ 'n', "plan", NULL, "print the steps, and do nothing" },
		{ 'q', "quiet", NULL, "print errors only" },
		{ 'v', "verbose", NULL, "tell every step" },
		{ 'h', "help", NULL, "print help about the command" },
		{ '\0', "version", NULL, "print the version" },
		{ 0 },
	};

	for (const struct cmd_option *o = globals; o->name != NULL; o++)
		put_option(o);
}

static void
print_commands(void)
{
	const char *group = "";

	for (const struct cmd *const *c = cmd_table; *c != NULL; c++) {
		if (strcmp((*c)->group, group) != 0) {
			printf("%s.Ss %c%s\n.Bl -tag -width bootstrap "
			    "-compact\n", *group != '\0' ? ".El\n" : "",
			    toupper((unsigned char)(*c)->group[0]),
			    (*c)->group + 1);
			group = (*c)->group;
		}
		printf(".It Xr gaol-%s 8\n", (*c)->name);
		put_sentence((*c)->summary);
	}
	puts(".El");
}

static void
print_settings(void)
{
	for (const struct host_setting *s = host_settings; s->name; s++) {
		printf(".It Va %s\n", s->name);
		put_sentence(s->summary);
		if (s->fallback != NULL) {
			fputs("The default is\n.Dq ", stdout);
			put_word(s->fallback);
			puts(" .");
		}
	}
}

static void
print_status(void)
{
	static const struct {
		enum error_kind kind;
		const char *text;
	} rows[] = {
		{ ERROR_NONE, "It went well." },
		{ ERROR_FAILED, "The operation failed." },
		{ ERROR_USAGE, "The command line makes no sense." },
		{ ERROR_DATA, "Data is bad: an archive, a checksum." },
		{ ERROR_NOT_FOUND, "There is no such jail, release or file." },
		{ ERROR_UNSUPPORTED, "This host cannot do that." },
		{ ERROR_EXISTS, "It exists already, or runs already." },
		{ ERROR_BUSY, "It is busy, locked or in use." },
		{ ERROR_DENIED, "It is not permitted." },
		{ ERROR_CONFIG, "A configuration is bad." },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		printf(".It %d\n%s\n", error_exit_status(rows[i].kind),
		    rows[i].text);
}

static void
print_file(const char *name)
{
	AUTO_FILE FILE *file = name != NULL ? fopen(name, "r") : NULL;
	char line[1024];

	if (file == NULL)
		err(EX_NOINPUT, "%s", name != NULL ? name : "PROPERTIES");
	while (fgets(line, sizeof(line), file) != NULL)
		fputs(line, stdout);
}

static const struct cmd *
find_command(const char *name)
{
	const struct cmd *c = cmd_find(name);

	if (c == NULL)
		errx(EX_DATAERR, "there is no command '%s'", name);
	return c;
}

/* True when the line was one of ours. */
static bool
replace_line(const char *line, const char *properties)
{
	static const struct {
		const char *word;
		void (*print)(void);
	} plain[] = {
		{ "GLOBALS", print_globals }, { "COMMANDS", print_commands },
		{ "SETTINGS", print_settings }, { "STATUS", print_status },
	};
	char word[32], name[32] = "";

	if (sscanf(line, ".\\\" @%31[A-Z] %31[a-z]@", word, name) < 1)
		return false;
	if (strcmp(word, "HEAD") == 0) {
		print_head(find_command(name));
		return true;
	}
	if (strcmp(word, "OPTIONS") == 0) {
		print_options(find_command(name));
		return true;
	}
	if (strcmp(word, "PROPERTIES") == 0) {
		print_file(properties);
		return true;
	}
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (strcmp(word, plain[i].word) == 0) {
			plain[i].print();
			return true;
		}
	errx(EX_DATAERR, "nothing is known about @%s@", word);
}

int
main(int argc, char **argv)
{
	AUTO_FILE FILE *template = NULL;
	char line[1024];

	if (argc != 4)
		errx(EX_USAGE, "usage: cmd_doc TEMPLATE PROPERTIES OUTPUT");
	template = fopen(argv[1], "r");
	if (template == NULL)
		err(EX_NOINPUT, "%s", argv[1]);
	/* not captured by meson, which takes an interpreter for each page */
	if (freopen(argv[3], "w", stdout) == NULL)
		err(EX_CANTCREAT, "%s", argv[3]);
	while (fgets(line, sizeof(line), template) != NULL)
		if (!replace_line(line, argv[2]))
			fputs(line, stdout);
	if (ferror(template) || ferror(stdout) || fflush(stdout) != 0)
		err(EX_IOERR, "%s", argv[1]);
	return 0;
}
