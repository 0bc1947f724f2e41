/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/*
 * A web server for tests, on 127.0.0.1, with one process per connection.
 *
 *	httpd_ranges PORTFILE LOGFILE DIR
 *
 * writes its port to PORTFILE and a line per request to LOGFILE ("PATH RANGE
 * IF-RANGE STATUS", "-" for none).  What it does with a file of DIR is chosen
 * by what stands before it in the path; see behaviours.  It ends by itself
 * after five minutes.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LIFE_SECONDS = 300, LINE = 4096 };

struct request {
	char path[LINE];
	char range[LINE];
	char if_range[LINE];
};

/* How a file is served. */
struct manner {
	bool ranges;
	bool validators;
	bool believes;		/* honours If-Range */
	bool shifted;		/* a range that begins elsewhere */
	bool chunked;		/* no length */
	long cut;		/* hang up after so many bytes, -1 never */
	long stall;		/* say nothing more after so many, -1 never */
	unsigned slow_us;	/* pause after each KB */
};

static const char *root, *log_file;

static void say(FILE *to, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
say(FILE *to, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(to, fmt, ap);
	va_end(ap);
}

static void
note(const struct request *rq, int status)
{
	int fd = open(log_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
	    0644);

	if (fd < 0)
		err(1, "%s", log_file);
	dprintf(fd, "%s %s %s %d\n", rq->path,
	    *rq->range != '\0' ? rq->range : "-",
	    *rq->if_range != '\0' ? rq->if_range : "-", status);
	close(fd);
}

static void
answer(const struct request *rq, FILE *to, int status, const char *field)
{
	const char *body = "<html>this is not the file</html>\n";

	note(rq, status);
	say(to, "HTTP/1.1 %d %s\r\n%sContent-Length: %zu\r\n"
	    "Connection: close\r\n\r\n%s", status,
	    status == 404 ? "Not Found" : "Whatever", field, strlen(body),
	    body);
}

static void
send_body(FILE *to, int fd, off_t at, off_t end, const struct manner *m)
{
	char block[1024];
	long sent = 0;

	while (at < end) {
		off_t want = end - at < (off_t)sizeof(block) ? end - at :
		    (off_t)sizeof(block);

		if (m->cut >= 0 && want > m->cut - sent)
			want = m->cut - sent;
		if (m->stall >= 0 && want > m->stall - sent)
			want = m->stall - sent;
		if (want > 0)
			want = pread(fd, block, (size_t)want, at);
		if (want <= 0)
			break;
		if (m->chunked)
			say(to, "%zx\r\n", (size_t)want);
		fwrite(block, 1, (size_t)want, to);
		if (m->chunked)
			say(to, "\r\n");
		at += want;
		sent += want;
		if (m->slow_us > 0) {
			fflush(to);
			usleep(m->slow_us);
		}
	}
	fflush(to);
	/* Until the client has enough. */
	if (m->stall >= 0 && at < end)
		poll(&(struct pollfd){ .fd = fileno(to), .events = POLLRDHUP },
		    1, LIFE_SECONDS * 1000);
	if (m->chunked && m->cut < 0)
		say(to, "0\r\n\r\n");
}

/* The size and the time of change are the version. */
static void
validators(const struct stat *st, char *etag, char *modified, size_t size)
{
	struct tm tm;

	snprintf(etag, size, "\"%llx-%llx%09lx\"",
	    (unsigned long long)st->st_size,
	    (unsigned long long)st->st_mtim.tv_sec,
	    (unsigned long)st->st_mtim.tv_nsec);
	gmtime_r(&st->st_mtim.tv_sec, &tm);
	strftime(modified, size, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

static void
serve(const struct request *rq, FILE *to, const char *name,
    const struct manner *m)
{
	char path[2 * LINE], etag[64], modified[64];
	off_t at = 0;
	bool part;
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", root, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		answer(rq, to, 404, "");
		return;
	}
	validators(&st, etag, modified, sizeof(etag));
	part = m->ranges && strncmp(rq->range, "bytes=", 6) == 0 &&
	    (!m->believes || *rq->if_range == '\0' ||
	    strcmp(rq->if_range, etag) == 0 ||
	    strcmp(rq->if_range, modified) == 0);
	if (part)
		at = (off_t)strtoll(rq->range + 6, NULL, 10);
	if (part && at >= st.st_size) {
		snprintf(path, sizeof(path), "Content-Range: bytes */%lld\r\n",
		    (long long)st.st_size);
		answer(rq, to, 416, path);
		close(fd);
		return;
	}
	if (part && m->shifted)
		at = at > 10 ? at - 10 : 0;
	note(rq, part ? 206 : 200);
	say(to, "HTTP/1.1 %s\r\nConnection: close\r\n",
	    part ? "206 Partial Content" : "200 OK");
	if (m->validators)
		say(to, "ETag: %s\r\nLast-Modified: %s\r\n", etag, modified);
	if (part)
		say(to, "Content-Range: bytes %lld-%lld/%lld\r\n",
		    (long long)at, (long long)st.st_size - 1,
		    (long long)st.st_size);
	if (m->chunked)
		say(to, "Transfer-Encoding: chunked\r\n\r\n");
	else
		say(to, "Content-Length: %lld\r\n\r\n",
		    (long long)(st.st_size - at));
	send_body(to, fd, at, st.st_size, m);
	close(fd);
}

/* Cut "first/rest" at its slash; returns rest. */
static char *
cut_word(char *path)
{
	char *slash = strchr(path, '/');

	if (slash == NULL)
		return path + strlen(path);
	*slash = '\0';
	return slash + 1;
}

/* DIR/.flaky has one byte per request so far. */
static bool
is_flaky(long times)
{
	char path[LINE];
	int fd, n;

	snprintf(path, sizeof(path), "%s/.flaky", root);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, "x", 1) != 1)
		err(1, "%s", path);
	n = (int)lseek(fd, 0, SEEK_END);
	close(fd);
	return n <= times;
}

/* "cut/100" of DIR/.mode, and the file. */
static void
read_mode(char *to, size_t size, const char *file)
{
	char path[LINE], mode[LINE] = "plain";
	FILE *f;

	snprintf(path, sizeof(path), "%s/.mode", root);
	f = fopen(path, "r");
	if (f != NULL) {
		if (fgets(mode, sizeof(mode), f) == NULL)
			err(1, "%s", path);
		fclose(f);
	}
	mode[strcspn(mode, "\n")] = 0;
	snprintf(to, size, "%s/%s", mode, file);
}

/*
 * /plain/FILE		ranges, ETag, Last-Modified
 * /noranges/FILE	always all of it
 * /novalid/FILE	ranges, no ETag and no Last-Modified
 * /gullible/FILE	ranges, whatever If-Range says
 * /shifted/FILE	a part that begins before what was asked for
 * /chunked/FILE	no length
 * /cut/N/FILE		hangs up after N bytes
 * /cutchunked/N/FILE	the same, without a length
 * /stall/N/FILE	falls silent after N bytes
 * /slow/USEC/FILE	pauses after each KB
 */
static bool
serve_manner(const struct request *rq, FILE *to, const char *word, char *rest)
{
	static const struct {
		const char *word;
		bool number;
		struct manner m;
	} behaviours[] = {
		{ "plain", false, { true, true, true, 0, 0, -1, -1, 0 } },
		{ "noranges", false, { false, true, true, 0, 0, -1, -1, 0 } },
		{ "novalid", false, { true, false, true, 0, 0, -1, -1, 0 } },
		{ "gullible", false, { true, true, false, 0, 0, -1, -1, 0 } },
		{ "shifted", false, { true, true, true, true, 0, -1, -1, 0 } },
		{ "chunked", false, { true, true, true, 0, true, -1, -1, 0 } },
		{ "cut", true, { true, true, true, 0, 0, 0, -1, 0 } },
		{ "cutchunked", true, { true, true, true, 0, 1, 0, -1, 0 } },
		{ "stall", true, { true, true, true, 0, 0, -1, 0, 0 } },
		{ "slow", true, { true, true, true, 0, 0, -1, -1, 1 } },
	};

	for (size_t i = 0; i < sizeof(behaviours) / sizeof(*behaviours); i++) {
		struct manner m = behaviours[i].m;

		if (strcmp(behaviours[i].word, word) != 0)
			continue;
		if (behaviours[i].number) {
			char *file = cut_word(rest);
			long n = strtol(rest, NULL, 10);

			m.cut = m.cut == 0 ? n : -1;
			m.stall = m.stall == 0 ? n : -1;
			m.slow_us = m.slow_us > 0 ? (unsigned)n : 0;
			rest = file;
		}
		serve(rq, to, rest, &m);
		return true;
	}
	return false;
}

/*
 * /status/CODE/...	that status
 * /flaky/N/...		503 for the first N requests, then the rest's manner
 * /redirect/N/...	N redirects, then the rest's manner
 * /location/URL	a redirect to it
 * /mode/FILE		as the file DIR/.mode says, "cut/100" for instance
 */
static void
dispatch(const struct request *rq, FILE *to, char *path)
{
	char field[2 * LINE], *rest = cut_word(path), *more;
	long n;

	if (serve_manner(rq, to, path, rest))
		return;
	if (strcmp(path, "mode") == 0) {
		read_mode(field, sizeof(field), rest);
		dispatch(rq, to, field);
		return;
	}
	if (strcmp(path, "location") == 0) {
		snprintf(field, sizeof(field), "Location: %s\r\n", rest);
		answer(rq, to, 302, field);
		return;
	}
	more = cut_word(rest);
	n = strtol(rest, NULL, 10);
	if (strcmp(path, "status") == 0) {
		answer(rq, to, (int)n, "");
	} else if (strcmp(path, "flaky") == 0 && is_flaky(n)) {
		answer(rq, to, 503, "");
	} else if (strcmp(path, "redirect") == 0 && n > 0) {
		snprintf(field, sizeof(field), "Location: /redirect/%ld/%s\r\n",
		    n - 1, more);
		answer(rq, to, 302, field);
	} else if (strcmp(path, "flaky") == 0 ||
	    strcmp(path, "redirect") == 0) {
		dispatch(rq, to, more);
	} else {
		answer(rq, to, 404, "");
	}
}

static void
take_field(const char *line, const char *name, char *value)
{
	size_t len = strlen(name);

	if (strncasecmp(line, name, len) != 0)
		return;
	line += len;
	snprintf(value, LINE, "%s", line + strspn(line, " "));
	value[strcspn(value, "\r\n")] = '\0';
}

static void
talk(int fd)
{
	struct request rq = { "", "", "" };
	char line[LINE], path[LINE];
	FILE *from = fdopen(fd, "r"), *to = fdopen(dup(fd), "w");

	if (from == NULL || to == NULL)
		err(1, "fdopen");
	if (fgets(line, sizeof(line), from) == NULL ||
	    strncmp(line, "GET /", 5) != 0)
		return;
	snprintf(rq.path, sizeof(rq.path), "%s", line + 5);
	rq.path[strcspn(rq.path, " \r\n")] = '\0';
	while (fgets(line, sizeof(line), from) != NULL && *line != '\r') {
		take_field(line, "Range:", rq.range);
		take_field(line, "If-Range:", rq.if_range);
	}
	snprintf(path, sizeof(path), "%s", rq.path);
	dispatch(&rq, to, path);
	fclose(to);
}

static int
listen_somewhere(const char *port_file)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char tmp[LINE];
	FILE *f;

	if (fd < 0 || bind(fd, (struct sockaddr *)&sin, sizeof(sin)) < 0 ||
	    listen(fd, 64) < 0 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) < 0)
		err(1, "listen");
	/* Renamed, so that whoever waits for the file finds it complete. */
	snprintf(tmp, sizeof(tmp), "%s.new", port_file);
	f = fopen(tmp, "w");
	if (f == NULL || fprintf(f, "%d\n", ntohs(sin.sin_port)) < 0 ||
	    fclose(f) != 0 || rename(tmp, port_file) < 0)
		err(1, "%s", port_file);
	return fd;
}

int
main(int argc, char **argv)
{
	int fd, client;

	if (argc != 4)
		errx(64, "usage: httpd_ranges PORTFILE LOGFILE DIR");
	log_file = argv[2];
	root = argv[3];
	signal(SIGCHLD, SIG_IGN);
	fd = listen_somewhere(argv[1]);
	alarm(LIFE_SECONDS);
	for (;;) {
		client = accept(fd, NULL, NULL);
		if (client < 0) {
			if (errno == EINTR)
				continue;
			err(1, "accept");
		}
		if (fork() == 0) {
			alarm(LIFE_SECONDS);
			talk(client);
			_exit(0);
		}
		close(client);
	}
}
