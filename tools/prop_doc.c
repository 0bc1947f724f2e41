/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * The property table as text, at build time: mdoc(7) for cell.conf(5), JSON
 * (--json), one name per line for completion (--names), a dictionary for
 * libFuzzer (--dict).
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "core/prop.h"
#include "engine/engine.h"

static const struct {
	unsigned bit;
	const char *code, *name;
} systems[] = {
	{ SYSTEM_FREEBSD, "freebsd", "FreeBSD" },
	{ SYSTEM_LINUX, "linux", "Linux" },
};

static const struct {
	unsigned bit;
	const char *code, *title;
} groups[] = {
	{ PROP_KERNEL, "kernel", "Jail parameters" },
	{ PROP_PSEUDO, "pseudo", "Pseudo-parameters" },
	{ PROP_OWN, "own", "Properties of gaol" },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A row with several origins stands under the first. */
static size_t
group_of(const struct prop *p)
{
	size_t i = 0;

	while (i < COUNT(groups) - 1 && !(p->flags & groups[i].bit))
		i++;
	return i;
}

/* Text for a line of mdoc(7): no escapes, no request at its beginning. */
static void
put_mdoc(const char *text)
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

static void
put_when(const struct prop *p)
{
	if (p->flags & PROP_READONLY)
		puts("It is told, never set.");
	else if (p->flags & PROP_CREATE)
		puts("It is given when the jail is created.");
	else if (p->flags & PROP_LIVE)
		puts("A change takes effect at once.");
	else
		puts("A change takes effect at the next start.");
}

static void
put_systems(const struct prop *p)
{
	for (size_t i = 0; i < COUNT(systems); i++) {
		if (p->systems & systems[i].bit)
			continue;
		printf("Not on %s", systems[i].name);
		if (p->instead != NULL) {
			fputs("; what would do it: ", stdout);
			put_mdoc(p->instead);
		}
		puts(".");
	}
}

static void
put_item(const struct prop *p)
{
	AUTO_FREE char *type = prop_type_text(p);

	printf(".It Va %s\n.Pq ", p->name);
	put_mdoc(type);
	if (p->fallback != NULL) {
		fputs("; default ", stdout);
		put_mdoc(p->fallback);
	}
	putchar('\n');
	put_mdoc(p->summary);
	puts(".");
	put_when(p);
	put_systems(p);
}

static void
print_mdoc(void)
{
	for (size_t g = 0; g < COUNT(groups); g++) {
		printf(".Ss %s\n.Bl -tag -width indent\n", groups[g].title);
		for (size_t i = 0; i < prop_count; i++)
			if (group_of(&prop_table[i]) == g)
				put_item(&prop_table[i]);
		puts(".El");
	}
}

static void
put_json(const char *text)
{
	if (text == NULL) {
		fputs("null", stdout);
		return;
	}
	putchar('"');
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	putchar('"');
}

static void
put_member(const char *name, const char *text)
{
	printf(", \"%s\": ", name);
	put_json(text);
}

static void
put_words(const struct prop *p)
{
	fputs(", \"words\": [", stdout);
	for (size_t i = 0; p->words != NULL && p->words[i] != NULL; i++) {
		fputs(i > 0 ? ", " : "", stdout);
		put_json(p->words[i]);
	}
	putchar(']');
}

static void
put_system_codes(const struct prop *p)
{
	const char *sep = "";

	fputs(", \"systems\": [", stdout);
	for (size_t i = 0; i < COUNT(systems); i++) {
		if (!(p->systems & systems[i].bit))
			continue;
		fputs(sep, stdout);
		put_json(systems[i].code);
		sep = ", ";
	}
	putchar(']');
}

static const char *
truth(const struct prop *p, unsigned flag)
{
	return p->flags & flag ? "true" : "false";
}

static void
put_object(const struct prop *p)
{
	AUTO_FREE char *type = prop_type_text(p);

	fputs("{\"name\": ", stdout);
	put_json(p->name);
	put_member("type", type);
	put_member("group", groups[group_of(p)].code);
	put_member("default", p->fallback);
	put_member("when", prop_when(p));
	printf(", \"list\": %s, \"family\": %s, \"readonly\": %s, "
	    "\"secret\": %s", truth(p, PROP_LIST), truth(p, PROP_FAMILY),
	    truth(p, PROP_READONLY), truth(p, PROP_SECRET));
	put_words(p);
	if (p->type == PROP_INT && (p->min != 0 || p->max != 0))
		printf(", \"min\": %" PRId64 ", \"max\": %" PRId64, p->min,
		    p->max);
	put_system_codes(p);
	put_member("summary", p->summary);
	put_member("instead", p->instead);
	putchar('}');
}

static void
print_json(void)
{
	for (size_t i = 0; i < prop_count; i++) {
		fputs(i == 0 ? "[\n" : ",\n", stdout);
		put_object(&prop_table[i]);
	}
	puts("\n]");
}

static void
print_names(void)
{
	for (size_t i = 0; i < prop_count; i++)
		if (!(prop_table[i].flags & PROP_FAMILY))
			puts(prop_table[i].name);
}

/* A name and the NUL after it, as tests/fuzz/prop_fuzz.c reads them. */
static void
print_dict(void)
{
	for (size_t i = 0; i < prop_count; i++) {
		const struct prop *p = &prop_table[i];
		int len = (int)strlen(p->name);

		if (p->flags & PROP_FAMILY)
			printf("\"%.*sx\\x00\"\n", len - 1, p->name);
		else
			printf("\"%s\\x00\"\n", p->name);
		for (size_t w = 0; p->words != NULL && p->words[w] != NULL;
		    w++)
			printf("\"%s\"\n", p->words[w]);
	}
}

int
main(int argc, char *argv[])
{
	static const struct {
		const char *option;
		void (*print)(void);
	} forms[] = { { "--mdoc", print_mdoc }, { "--json", print_json },
	    { "--names", print_names }, { "--dict", print_dict } };
	const char *form = argc > 1 ? argv[1] : "--mdoc";

	for (size_t i = 0; argc <= 2 && i < COUNT(forms); i++)
		if (strcmp(form, forms[i].option) == 0) {
			forms[i].print();
			return ferror(stdout) || fflush(stdout) != 0;
		}
	fputs("usage: prop_doc [--mdoc | --json | --names | --dict]\n",
	    stderr);
	return 64;
}
