/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "core/guest.h"
#include "core/life.h"
#include "core/live.h"
#include "core/output.h"
#include "core/ready.h"
#include "core/snapshot.h"
#include "core/update.h"

enum { OUTPUT_MAX = 8 << 20 };

/* What a kind of jail does; command lines without a shell, NULL-terminated. */
#define LINE(...) (const char *const[]){ __VA_ARGS__, NULL }
struct manager {
	const char *const *fetch;	/* the lists */
	const char *const *upgrade;
	const char *const *due;
	void (*parse_due)(char *text, struct update_packages *p);
};
static const struct manager managers[] = {
	[GUEST_APT] = {
		LINE("apt-get", "-q", "update"),
		/* the administrator's own files stay as they are */
		LINE("apt-get", "-q", "-y", "-o",
		    "Dpkg::Options::=--force-confdef", "-o",
		    "Dpkg::Options::=--force-confold", "--with-new-pkgs",
		    "upgrade"),
		LINE("apt-get", "-s", "-o", "Debug::NoLocking=1",
		    "--with-new-pkgs", "upgrade"),
		update_parse_apt,
	},
	[GUEST_APK] = {
		LINE("apk", "update"),
		LINE("apk", "upgrade"),
		LINE("apk", "version", "-l", "<"),
		update_parse_apk,
	},
	[GUEST_PKG] = {
		LINE("pkg", "update", "-q"),
		LINE("pkg", "upgrade", "-y"),
		LINE("pkg", "version", "-v", "-R", "-L", "="),
		update_parse_pkg,
	},
};

static void
package_fini(struct update_package *u)
{
	free(u->name);
	free(u->installed);
	free(u->available);
	free(u->why);
}

void
update_packages_fini(struct update_packages *p)
{
	for (size_t i = 0; i < p->count; i++)
		package_fini(&p->items[i]);
	VEC_FINI(p);
}

static void
add(struct update_packages *p, const char *name, const char *installed,
    const char *available, const char *why, bool security)
{
	VEC_PUSH(p, (struct update_package){ xstrdup(name),
	    xstrdup(installed), xstrdup(available), xstrdup(why), security });
}

/* "Inst libssl3 [3.0.13-1] (3.0.15-1 Debian-Security:12/stable-security [amd64])";
 * what is new has no brackets. */
void
update_parse_apt(char *text, struct update_packages *p)
{
	char *line;

	while ((line = strsep(&text, "\n")) != NULL) {
		const char *name, *old = "", *new;
		bool security;

		if (strncmp(line, "Inst ", 5) != 0)
			continue;
		line += 5;
		name = strsep(&line, " ");
		if (line != NULL && *line == '[') {
			line++;
			old = strsep(&line, "]");
			if (line != NULL && *line == ' ')
				line++;
		}
		if (line == NULL || *line != '(')
			continue;
		line++;
		new = strsep(&line, " )");
		security = line != NULL && (strstr(line, "-security") != NULL ||
		    strstr(line, "-Security") != NULL);
		add(p, name, old, new, "", security);
	}
}

/* "nginx-1.24.0_1,3" is nginx and 1.24.0_1,3. */
static char *
cut_version(char *name)
{
	char *dash = strrchr(name, '-');

	if (dash == NULL)
		return name + strlen(name);
	*dash = '\0';
	return dash + 1;
}

/* "busybox-1.36.1-r2  < 1.36.1-r5": a version of apk has a dash itself. */
void
update_parse_apk(char *text, struct update_packages *p)
{
	char *line;

	while ((line = strsep(&text, "\n")) != NULL) {
		char *name = strsep(&line, " "), *revision, *version;

		if (line == NULL)
			continue;
		line += strspn(line, " ");
		if (*line != '<')
			continue;
		line += 1 + strspn(line + 1, " ");
		line[strcspn(line, " ")] = '\0';
		revision = cut_version(name);
		if (*revision == 'r' && strchr(name, '-') != NULL) {
			version = cut_version(name);
			revision[-1] = '-';
		} else {
			version = revision;
		}
		add(p, name, version, line, "", false);
	}
}

/* "nginx-1.24.0_1,3   <   needs updating (remote has 1.26.2,3)". */
void
update_parse_pkg(char *text, struct update_packages *p)
{
	static const char has[] = "(remote has ";
	char *line;

	while ((line = strsep(&text, "\n")) != NULL) {
		char *name = strsep(&line, " "), *new;
		const char *version;

		if (line == NULL || line[strspn(line, " ")] != '<')
			continue;
		new = strstr(line, has);
		if (new == NULL)
			continue;
		new += sizeof(has) - 1;
		new[strcspn(new, ")")] = '\0';
		version = cut_version(name);
		add(p, name, version, new, "", false);
	}
}

/*
 * "curl-8.4.0 is vulnerable:", then indented lines, the first of which tells
 * what it is; "CVE: ..." lines follow.
 */
void
update_parse_audit(char *text, struct update_packages *p)
{
	static const char is[] = " is vulnerable";
	AUTO_FREE char *name = NULL;
	AUTO_BUF struct buf why = BUF_INIT;
	char *line;

	while ((line = strsep(&text, "\n")) != NULL || name != NULL) {
		char *end = line != NULL ? strstr(line, is) : NULL;
		const char *word;

		if (line == NULL || end != NULL) {
			if (name != NULL) {
				const char *version = cut_version(name);

				add(p, name, version, "", buf_text(&why), true);
			}
			free(name);
			name = NULL;
			buf_clear(&why);
		}
		if (line == NULL)
			break;
		if (end != NULL) {
			*end = '\0';
			name = xstrdup(line);
			continue;
		}
		word = line + strspn(line, " \t");
		if (name == NULL || word == line || *word == '\0' ||
		    strncmp(word, "WWW:", 4) == 0)
			continue;
		if (strncmp(word, "CVE:", 4) == 0)
			word += 4 + strspn(word + 4, " ");
		buf_printf(&why, "%s%s", why.len > 0 ? ", " : "", word);
	}
}

static int
run(const struct host *h, const char *jail, const char *const *words,
    int *status, struct error *e)
{
	AUTO_STRINGS struct strings argv = VEC_INIT, env = VEC_INIT;
	struct run_options o = { .user = "root", .env = &env };

	for (; *words != NULL; words++)
		strings_add(&argv, *words);
	/* they ask for nothing, and say it in a language that is known here */
	strings_add(&env, "DEBIAN_FRONTEND=noninteractive");
	strings_add(&env, "ASSUME_ALWAYS_YES=yes");
	strings_add(&env, "LC_ALL=C");
	o.argv = strings_argv(&argv);
	return life_exec(h, jail, &o, status, e);
}

struct asked {
	const struct host *host;
	const char *jail;
	const char *const *words;
};

static int
run_asked(void *arg, int *status, struct error *e)
{
	const struct asked *a = arg;

	return run(a->host, a->jail, a->words, status, e);
}

/* A jail that says more than any package program does is not listened to. */
static void
hear(void *arg, const char *line)
{
	struct buf *text = arg;

	if (text->len < OUTPUT_MAX)
		buf_printf(text, "%s\n", line);
}

static int
run_captured(const struct host *h, const char *jail, const char *const *words,
    struct buf *text, int *status, struct error *e)
{
	struct output out = OUTPUT_INIT;
	struct asked asked = { h, jail, words };
	int result;

	out.show = hear;
	out.arg = text;
	result = output_run(&out, run_asked, &asked, status, e);
	output_fini(&out);
	return result < 0 ? error_wrap(e, "%s", words[0]) : 0;
}

static const char *
last_line(const struct buf *text)
{
	size_t len = text->len;
	const char *at;

	if (len == 0)
		return "it said nothing";
	while (len > 0 && text->data[len - 1] == '\n')
		text->data[--len] = '\0';
	at = strrchr(text->data, '\n');
	return at != NULL ? at + 1 : text->data;
}

static int
ask(const struct host *h, const char *jail, const char *const *words,
    bool any_status, struct buf *text, struct error *e)
{
	int status = 0;

	if (run_captured(h, jail, words, text, &status, e) < 0)
		return -1;
	if (status != 0 && !(any_status && status < 125))
		return error_set(e, ERROR_FAILED, "'%s %s' in the jail ended "
		    "with %d: %s", words[0], words[1], status,
		    last_line(text));
	return 0;
}

static int
find_manager(const struct host *h, const char *jail, struct guest *g,
    struct error *e)
{
	if (life_guest(h, jail, g, e) < 0)
		return -1;
	if (g->packages == GUEST_NONE)
		return error_set(e, ERROR_UNSUPPORTED, "the jail has none of "
		    "pkg, apt-get and apk: there are no packages to update");
	return 0;
}

int
update_due(const struct host *h, const char *jail, struct update_packages *p,
    struct error *e)
{
	AUTO_BUF struct buf ignored = BUF_INIT, text = BUF_INIT;
	const struct manager *m;
	struct guest g;

	if (find_manager(h, jail, &g, e) < 0)
		return -1;
	m = &managers[g.packages];
	if (ask(h, jail, m->fetch, false, &ignored, e) < 0 ||
	    ask(h, jail, m->due, false, &text, e) < 0)
		return -1;
	if (text.len > 0)
		m->parse_due(text.data, p);
	return 0;
}

static int
security_updates(const struct host *h, const char *jail,
    struct update_packages *p, struct error *e)
{
	size_t before = p->count, kept = before;

	if (update_due(h, jail, p, e) < 0)
		return -1;
	for (size_t i = before; i < p->count; i++) {
		struct update_package *u = &p->items[i];

		/* what is new there was not vulnerable before */
		if (u->security && *u->installed != '\0')
			p->items[kept++] = *u;
		else
			package_fini(u);
	}
	p->count = kept;
	return 0;
}

int
update_audit(const struct host *h, const char *jail, struct update_packages *p,
    struct error *e)
{
	AUTO_BUF struct buf text = BUF_INIT;
	struct guest g;

	if (find_manager(h, jail, &g, e) < 0)
		return -1;
	if (g.packages == GUEST_APK)
		return error_set(e, ERROR_UNSUPPORTED, "apk does not tell what "
		    "is vulnerable; 'gaol update --check %s' lists what is "
		    "due", jail);
	if (g.packages == GUEST_APT)
		return security_updates(h, jail, p, e);
	/* pkg-audit(8): 1 when there are some */
	if (ask(h, jail, LINE("pkg", "audit", "-F"), true, &text, e) < 0)
		return -1;
	if (text.len > 0)
		update_parse_audit(text.data, p);
	return 0;
}

/* --- updating --- */

static int
run_line(const struct host *h, const char *jail, const char *const *words,
    struct error *e)
{
	int status = 0;

	if (run(h, jail, words, &status, e) < 0)
		return error_wrap(e, "%s", words[0]);
	return status == 0 ? 0 : error_set(e, ERROR_FAILED, "'%s' in the jail "
	    "ended with %d", words[0], status);
}

static int
do_update(const struct host *h, const char *jail, const struct manager *m,
    bool restart, struct error *e)
{
	bool was_running;

	if (run_line(h, jail, m->fetch, e) < 0 ||
	    run_line(h, jail, m->upgrade, e) < 0)
		return -1;
	if (restart && (life_stop(h, jail, false, &was_running, e) < 0 ||
	    life_start(h, jail, e) < 0))
		return -1;
	return ready_wait(h, jail, e);
}

static int
take_snapshot(const struct host *h, const char *jail, char **name,
    struct error *e)
{
	struct snapshot_options o = { .note = "before gaol update" };

	if (snapshot_take(h, jail, &o, name, e) < 0) {
		if (e->kind == ERROR_UNSUPPORTED)
			return error_set(e, ERROR_UNSUPPORTED, "nothing was "
			    "updated, as nothing could be undone (%s); with "
			    "--no-snapshot it is updated all the same", e->msg);
		return error_wrap(e, "nothing was updated");
	}
	host_say(h, "%s: snapshot %s, from before the update", jail, *name);
	return 0;
}

/* *why is what went wrong; it becomes the whole story. */
static int
go_back(const struct host *h, const char *jail, const char *snapshot,
    struct error *why)
{
	const struct error was = *why;
	struct error e = ERROR_INIT;
	bool was_running;

	/* stopped as it is: what its services do now is of no use */
	if (life_stop(h, jail, true, &was_running, &e) < 0 ||
	    snapshot_rollback(h, jail, snapshot, false, &e) < 0)
		return error_set(why, was.kind, "%.200s; it could not be "
		    "rolled back to snapshot %s: %.200s", was.msg, snapshot,
		    e.msg);
	if (life_start(h, jail, &e) < 0)
		return error_set(why, was.kind, "%.200s; rolled back to "
		    "snapshot %s, but it does not start: %.200s", was.msg,
		    snapshot, e.msg);
	return error_set(why, was.kind, "%.300s; rolled back to snapshot %s",
	    was.msg, snapshot);
}

static int
update_running(const struct host *h, const char *jail,
    const struct update_options *o, struct error *e)
{
	AUTO_FREE char *snapshot = NULL;
	struct guest g;

	if (find_manager(h, jail, &g, e) < 0)
		return -1;
	if (h->plan) {
		host_say(h, "would %supdate the packages of '%s'",
		    o->snapshot ? "take a snapshot and " : "", jail);
		return 0;
	}
	if (o->snapshot && take_snapshot(h, jail, &snapshot, e) < 0)
		return -1;
	if (do_update(h, jail, &managers[g.packages], o->restart, e) == 0)
		return 0;
	return snapshot != NULL ? go_back(h, jail, snapshot, e) : -1;
}

int
update_run(const struct host *h, const char *jail,
    const struct update_options *o, struct error *e)
{
	AUTO_LIVE struct live live = LIVE_INIT;
	struct error second = ERROR_INIT;
	bool was_running;
	int result;

	if (live_running(h, jail, &live, e) < 0)
		return -1;
	if (live.phase != LIVE_STOPPED)
		return update_running(h, jail, o, e);
	if (h->plan) {
		host_say(h, "would start '%s', update its packages and stop it",
		    jail);
		return 0;
	}
	if (life_start(h, jail, e) < 0)
		return error_wrap(e, "it does not run, and an update needs "
		    "that");
	result = update_running(h, jail, o, e);
	if (life_stop(h, jail, false, &was_running, &second) < 0)
		host_say(h, "%s: %s", jail, second.msg);
	return result;
}
