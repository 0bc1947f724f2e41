/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <errno.h>
#include <fcntl.h>
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/vec.h"
#include "nomad/grpc.h"

enum {
	FRAME_HEADER = 5,	/* of gRPC: compression, length */
	STREAM_WINDOW = 1 << 20, CONNECTION_WINDOW = 16 << 20,
	STREAMS_MAX = 8192, CONNECTIONS_MAX = 64, READ_SIZE = 16384,
	HEADERS_MAX = 64,
};

struct connection;

/* What the caller sees is the first member. */
struct stream {
	struct grpc_call call;
	struct connection *connection;
	int32_t id;
	const struct grpc_method *method;
	char *path;
	struct buf in, out;
	size_t sent;		/* of out */
	size_t unconsumed;	/* of what came, while held */
	unsigned messages, headers;
	bool post, started, finished, client_ended, held;
	enum grpc_code code;
	char *text, *details;
};

struct connection {
	struct grpc *grpc;
	nghttp2_session *session;
	int fd;
	struct buf out;
	size_t written;
	VEC(struct stream *) streams;
	bool busy, broken;	/* inside nghttp2; to be closed */
};

struct grpc {
	struct loop *loop;
	const struct grpc_method *methods;
	void *user;
	nghttp2_session_callbacks *callbacks;
	VEC(struct connection *) connections;
};

static void pump(struct connection *c);

static void
stream_free(struct stream *s)
{
	struct connection *c = s->connection;

	for (size_t i = 0; i < c->streams.count; i++)
		if (c->streams.items[i] == s) {
			c->streams.items[i] =
			    c->streams.items[--c->streams.count];
			break;
		}
	if (s->call.gone != NULL)
		s->call.gone(&s->call);
	free(s->path);
	free(s->text);
	free(s->details);
	buf_fini(&s->in);
	buf_fini(&s->out);
	free(s);
}

static void
connection_free(struct connection *c)
{
	struct grpc *g = c->grpc;

	for (size_t i = 0; i < g->connections.count; i++)
		if (g->connections.items[i] == c) {
			g->connections.items[i] =
			    g->connections.items[--g->connections.count];
			break;
		}
	c->busy = true;		/* what gone() says is not sent */
	while (c->streams.count > 0)
		stream_free(c->streams.items[c->streams.count - 1]);
	loop_fd_remove(g->loop, c->fd);
	nghttp2_session_del(c->session);
	close_fd(&c->fd);
	buf_fini(&c->out);
	VEC_FINI(&c->streams);
	free(c);
}

/* --- what goes out --- */

#define HEADER(name, value) { (uint8_t *)(uintptr_t)(name), \
    (uint8_t *)(uintptr_t)(value), sizeof(name) - 1, strlen(value), \
    NGHTTP2_NV_FLAG_NONE }

/* "grpc-message" is in percent-encoding. */
static void
encode(const char *text, struct buf *out)
{
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0';
	    p++)
		if (*p < 0x20 || *p > 0x7e || *p == '%')
			buf_printf(out, "%%%02X", *p);
		else
			buf_putc(out, (char)*p);
}

static void
submit_trailer(struct stream *s, bool alone)
{
	AUTO_BUF struct buf message = BUF_INIT;
	char code[16];
	nghttp2_nv all[5] = { HEADER(":status", "200"),
		HEADER("content-type", "application/grpc") };
	size_t count = 2, first = alone ? 0 : 2;

	snprintf(code, sizeof(code), "%d", s->code);
	all[count++] = (nghttp2_nv)HEADER("grpc-status", code);
	if (s->text != NULL && *s->text != '\0') {
		encode(s->text, &message);
		all[count++] = (nghttp2_nv)HEADER("grpc-message",
		    buf_text(&message));
	}
	if (s->details != NULL)
		all[count++] = (nghttp2_nv)HEADER("grpc-status-details-bin",
		    s->details);
	if (alone)
		nghttp2_submit_response(s->connection->session, s->id, all,
		    count, NULL);
	else
		nghttp2_submit_trailer(s->connection->session, s->id,
		    all + first, count - first);
}

static ssize_t
read_data(nghttp2_session *session, int32_t id, uint8_t *data, size_t len,
    uint32_t *flags, nghttp2_data_source *source, void *arg)
{
	struct stream *s = source->ptr;
	size_t left = s->out.len - s->sent;

	if (left == 0 && !s->finished)
		return NGHTTP2_ERR_DEFERRED;
	if (len > left)
		len = left;
	if (len > 0)
		memcpy(data, s->out.data + s->sent, len);
	s->sent += len;
	if (s->sent == s->out.len) {
		buf_clear(&s->out);
		s->sent = 0;
		if (s->finished) {
			*flags |= NGHTTP2_DATA_FLAG_EOF |
			    NGHTTP2_DATA_FLAG_NO_END_STREAM;
			submit_trailer(s, false);
		}
	}
	return (ssize_t)len;
}

static void
answer(struct stream *s)
{
	const nghttp2_nv headers[] = { HEADER(":status", "200"),
		HEADER("content-type", "application/grpc") };
	nghttp2_data_provider provider = { .source = { .ptr = s },
		.read_callback = read_data };

	if (!s->started && s->finished && s->out.len == 0)
		submit_trailer(s, true);
	else if (!s->started)
		nghttp2_submit_response(s->connection->session, s->id,
		    headers, 2, &provider);
	else
		nghttp2_session_resume_data(s->connection->session, s->id);
	s->started = true;
	pump(s->connection);
}

void
grpc_send(struct grpc_call *call, const struct pb_message *m,
    const void *value)
{
	struct stream *s = (struct stream *)(void *)call;
	size_t at = s->out.len, len;

	if (s->finished)
		return;
	/* the length is known when it is written */
	buf_append(&s->out, "\0\0\0\0\0", FRAME_HEADER);
	pb_write(m, value, &s->out);
	len = s->out.len - at - FRAME_HEADER;
	for (unsigned i = 0; i < 4; i++)
		s->out.data[at + 1 + i] = (char)(len >> (24 - 8 * i));
	answer(s);
}

size_t
grpc_backlog(const struct grpc_call *call)
{
	const struct stream *s = (const struct stream *)(const void *)call;

	return s->out.len - s->sent;
}

static char *
base64(const struct buf *b)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	AUTO_BUF struct buf out = BUF_INIT;
	const unsigned char *p = (const unsigned char *)b->data;

	for (size_t i = 0; i < b->len; i += 3) {
		size_t n = b->len - i < 3 ? b->len - i : 3;
		unsigned bits = (unsigned)p[i] << 16 |
		    (n > 1 ? (unsigned)p[i + 1] << 8 : 0) |
		    (n > 2 ? p[i + 2] : 0U);

		for (size_t k = 0; k <= n; k++)
			buf_putc(&out, letters[bits >> (18 - 6 * k) & 0x3f]);
	}
	return buf_steal(&out);
}

void
grpc_finish(struct grpc_call *call, enum grpc_code code, const char *message,
    const struct buf *details)
{
	struct stream *s = (struct stream *)(void *)call;

	if (s->finished)
		return;
	s->finished = true;
	s->code = code;
	s->text = message != NULL ? xstrdup(message) : NULL;
	s->details = details != NULL ? base64(details) : NULL;
	if (s->text != NULL)
		pb_clean(s->text, strlen(s->text));
	answer(s);
}

void
grpc_reply(struct grpc_call *call, const struct pb_message *m,
    const void *value)
{
	struct connection *c = ((struct stream *)(void *)call)->connection;
	bool busy = c->busy;

	c->busy = true;		/* both at once */
	grpc_send(call, m, value);
	grpc_finish(call, GRPC_OK, NULL, NULL);
	c->busy = busy;
	pump(c);
}

void
grpc_done(struct grpc_call *call)
{
	grpc_reply(call, &pb_empty, "");
}

void
grpc_fail(struct grpc_call *call, const struct error *e, bool recoverable)
{
	static char type[] = "type.googleapis.com/"
	    "hashicorp.nomad.plugins.shared.structs.RecoverableError";
	struct msg_recoverable_error inner = { .recoverable = 1 };
	AUTO_BUF struct buf bytes = BUF_INIT;
	AUTO_BUF struct buf text = BUF_INIT;
	AUTO_FREE char *message = xstrdup(e->msg);
	struct msg_any any = { .type_url = type };
	struct msg_any *list = &any;
	struct msg_rpc_status status = { .code = GRPC_PRECONDITION,
		.message = message, .details = { &list, 1 } };

	if (!recoverable) {
		grpc_finish(call, GRPC_UNKNOWN, message, NULL);
		return;
	}
	pb_write(&pb_recoverable_error, &inner, &bytes);
	any.value = (struct pb_bytes){ bytes.data, bytes.len };
	pb_write(&pb_rpc_status, &status, &text);
	grpc_finish(call, GRPC_PRECONDITION, message, &text);
}

/* --- what comes in --- */

static void
refuse(struct stream *s, enum grpc_code code, const char *why)
{
	grpc_finish(&s->call, code, why, NULL);
}

static void
consume(struct stream *s, size_t len)
{
	nghttp2_session *session = s->connection->session;

	nghttp2_session_consume_connection(session, len);
	if (s->held)
		s->unconsumed += len;
	else
		nghttp2_session_consume_stream(session, s->id, len);
}

static size_t
message_length(const struct buf *in)
{
	const unsigned char *p = (const unsigned char *)in->data;

	return (size_t)p[1] << 24 | (size_t)p[2] << 16 | (size_t)p[3] << 8 |
	    p[4];
}

/* All messages that are whole. */
static void
take_messages(struct stream *s)
{
	size_t at = 0;

	while (!s->finished && !s->held && s->in.len - at >= FRAME_HEADER) {
		struct buf rest = { s->in.data + at, s->in.len - at, 0 };
		size_t len = message_length(&rest);

		if (rest.data[0] != 0) {
			refuse(s, GRPC_UNIMPLEMENTED,
			    "compressed messages are not understood");
			break;
		}
		if (len > GRPC_MESSAGE_MAX) {
			refuse(s, GRPC_EXHAUSTED, "a message of more than "
			    "4 MB is not taken");
			break;
		}
		if (rest.len - FRAME_HEADER < len)
			break;
		at += FRAME_HEADER + len;
		if (s->messages++ > 0 && !s->method->streams) {
			refuse(s, GRPC_INTERNAL, "one message is enough");
			break;
		}
		if (s->method->message != NULL)
			s->method->message(&s->call, rest.data + FRAME_HEADER,
			    len);
	}
	if (s->finished) {
		buf_fini(&s->in);
	} else if (at == s->in.len) {
		buf_fini(&s->in);
	} else if (at > 0) {
		memmove(s->in.data, s->in.data + at, s->in.len - at);
		s->in.len -= at;
	}
}

static void
client_ended(struct stream *s)
{
	s->client_ended = true;
	if (s->finished)
		return;
	if (s->in.len > 0 && !s->held)
		refuse(s, GRPC_INTERNAL, "the message is cut off");
	else if (!s->method->streams && s->method->message != NULL &&
	    s->messages == 0)
		refuse(s, GRPC_INTERNAL, "a message is missing");
	else if (s->method->end != NULL && !s->held)
		s->method->end(&s->call);
}

void
grpc_hold(struct grpc_call *call, bool hold)
{
	struct stream *s = (struct stream *)(void *)call;

	if (s->held == hold)
		return;
	s->held = hold;
	if (hold)
		return;
	nghttp2_session_consume_stream(s->connection->session, s->id,
	    s->unconsumed);
	s->unconsumed = 0;
	take_messages(s);
	if (s->client_ended && !s->held)
		client_ended(s);
	pump(s->connection);
}

static int
on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame,
    void *arg)
{
	struct connection *c = arg;
	struct stream *s;

	if (frame->hd.type != NGHTTP2_HEADERS ||
	    frame->headers.cat != NGHTTP2_HCAT_REQUEST)
		return 0;
	s = xcalloc(1, sizeof(*s));
	s->connection = c;
	s->id = frame->hd.stream_id;
	s->call.user = c->grpc->user;
	VEC_PUSH(&c->streams, s);
	nghttp2_session_set_stream_user_data(session, s->id, s);
	return 0;
}

static bool
is(const uint8_t *text, size_t len, const char *word)
{
	return len == strlen(word) && memcmp(text, word, len) == 0;
}

static int
on_header(nghttp2_session *session, const nghttp2_frame *frame,
    const uint8_t *name, size_t name_len, const uint8_t *value, size_t len,
    uint8_t flags, void *arg)
{
	struct stream *s = nghttp2_session_get_stream_user_data(session,
	    frame->hd.stream_id);

	if (s == NULL)
		return 0;
	if (++s->headers > HEADERS_MAX)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	if (is(name, name_len, ":path") && s->path == NULL)
		s->path = xstrndup((const char *)value, len);
	else if (is(name, name_len, ":method"))
		s->post = is(value, len, "POST");
	return 0;
}

static void
begin_call(struct stream *s)
{
	const struct grpc_method *m = s->connection->grpc->methods;
	AUTO_BUF struct buf why = BUF_INIT;

	while (m->path != NULL && (s->path == NULL ||
	    strcmp(m->path, s->path) != 0))
		m++;
	s->method = m;
	if (m->path != NULL && s->post) {
		if (m->open != NULL)
			m->open(&s->call);
		return;
	}
	buf_printf(&why, "this plugin has no method %.200s",
	    s->path != NULL ? s->path : "");
	refuse(s, GRPC_UNIMPLEMENTED, buf_text(&why));
}

static int
on_frame_recv(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	struct stream *s = frame->hd.stream_id > 0 ?
	    nghttp2_session_get_stream_user_data(session,
	    frame->hd.stream_id) : NULL;

	if (s == NULL)
		return 0;
	if (frame->hd.type == NGHTTP2_HEADERS &&
	    frame->headers.cat == NGHTTP2_HCAT_REQUEST)
		begin_call(s);
	if ((frame->hd.type == NGHTTP2_DATA ||
	    frame->hd.type == NGHTTP2_HEADERS) &&
	    (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0)
		client_ended(s);
	return 0;
}

static int
on_data(nghttp2_session *session, uint8_t flags, int32_t id,
    const uint8_t *data, size_t len, void *arg)
{
	struct stream *s = nghttp2_session_get_stream_user_data(session, id);

	if (s == NULL) {
		nghttp2_session_consume(session, id, len);
		return 0;
	}
	consume(s, len);
	if (s->finished || s->method == NULL)
		return 0;
	buf_append(&s->in, data, len);
	take_messages(s);
	return 0;
}

/* The answer is complete: what the client may still say is of no use. */
static int
on_frame_send(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	const struct stream *s;

	if (frame->hd.type != NGHTTP2_HEADERS ||
	    (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0)
		return 0;
	s = nghttp2_session_get_stream_user_data(session,
	    frame->hd.stream_id);
	if (s != NULL && !s->client_ended)
		nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE,
		    frame->hd.stream_id, NGHTTP2_NO_ERROR);
	return 0;
}

static int
on_stream_close(nghttp2_session *session, int32_t id, uint32_t code,
    void *arg)
{
	struct stream *s = nghttp2_session_get_stream_user_data(session, id);

	if (s != NULL) {
		nghttp2_session_set_stream_user_data(session, id, NULL);
		s->finished = true;
		stream_free(s);
	}
	return 0;
}

/* --- connections --- */

static void
on_ready(struct loop *loop, int fd, short revents, void *arg);

static void
watch(struct connection *c)
{
	short events = POLLIN;

	if (c->out.len > c->written)
		events |= POLLOUT;
	loop_fd(c->grpc->loop, c->fd, events, on_ready, c);
}

/* As much as the kernel takes; 0, 1: it takes no more now, -1: it is gone. */
static int
write_out(struct connection *c)
{
	while (c->out.len > c->written) {
		ssize_t n = send(c->fd, c->out.data + c->written,
		    c->out.len - c->written, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 1 : -1;
		c->written += (size_t)n;
	}
	buf_clear(&c->out);
	c->written = 0;
	return 0;
}

static void
tell_drained(struct connection *c)
{
	for (size_t i = c->streams.count; i > 0; i--) {
		struct stream *s;

		if (i > c->streams.count)
			continue;
		s = c->streams.items[i - 1];
		if (s->call.drained != NULL && !s->finished &&
		    s->out.len == s->sent)
			s->call.drained(&s->call);
	}
}

/* Let nghttp2 say what it has to, as long as it is taken. */
static void
pump(struct connection *c)
{
	const uint8_t *data;
	ssize_t n = 1;
	unsigned idle = 0;
	int state;

	if (c->busy || c->broken)
		return;
	c->busy = true;
	/* what ends a call may begin something: ask until nothing comes twice */
	while ((state = write_out(c)) == 0 && n >= 0 && idle < 2) {
		/* several frames by one call */
		while (c->out.len < READ_SIZE &&
		    (n = nghttp2_session_mem_send(c->session, &data)) > 0)
			buf_append(&c->out, data, (size_t)n);
		idle = c->out.len > 0 ? 0 : idle + 1;
	}
	c->busy = false;
	if (state < 0 || n < 0)
		c->broken = true;
	watch(c);
}

static void
read_in(struct connection *c)
{
	uint8_t data[READ_SIZE];
	ssize_t n = recv(c->fd, data, sizeof(data), MSG_DONTWAIT);
	bool busy = c->busy;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		c->broken = true;
		return;
	}
	c->busy = true;
	if (nghttp2_session_mem_recv(c->session, data, (size_t)n) != n)
		c->broken = true;
	c->busy = busy;
}

static void
on_ready(struct loop *loop, int fd, short revents, void *arg)
{
	struct connection *c = arg;

	if ((revents & (POLLIN | POLLHUP | POLLERR)) != 0)
		read_in(c);
	pump(c);
	if (!c->broken)
		tell_drained(c);
	if (c->broken || (!nghttp2_session_want_read(c->session) &&
	    !nghttp2_session_want_write(c->session) && c->out.len == 0))
		connection_free(c);
}

int
grpc_add(struct grpc *g, int fd, struct error *e)
{
	struct connection *c;
	nghttp2_option *option = NULL;
	const nghttp2_settings_entry settings[] = {
		{ NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, STREAMS_MAX },
		{ NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, STREAM_WINDOW },
		{ NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, READ_SIZE },
	};

	if (g->connections.count >= CONNECTIONS_MAX) {
		close(fd);
		return error_set(e, ERROR_BUSY, "too many connections");
	}
	c = xcalloc(1, sizeof(*c));
	c->grpc = g;
	c->fd = fd;
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	if (nghttp2_option_new(&option) != 0)
		abort();
	nghttp2_option_set_no_auto_window_update(option, 1);
	/* kept for priorities, which nobody here gives: a megabyte in the end */
	nghttp2_option_set_no_closed_streams(option, 1);
	if (nghttp2_session_server_new2(&c->session, g->callbacks, c,
	    option) != 0)
		abort();
	nghttp2_option_del(option);
	VEC_PUSH(&g->connections, c);
	nghttp2_submit_settings(c->session, NGHTTP2_FLAG_NONE, settings,
	    sizeof(settings) / sizeof(settings[0]));
	nghttp2_session_set_local_window_size(c->session, NGHTTP2_FLAG_NONE,
	    0, CONNECTION_WINDOW);
	pump(c);
	return 0;
}

struct grpc *
grpc_new(struct loop *loop, const struct grpc_method *methods, void *user)
{
	struct grpc *g = xcalloc(1, sizeof(*g));
	nghttp2_session_callbacks *cb = NULL;

	g->loop = loop;
	g->methods = methods;
	g->user = user;
	if (nghttp2_session_callbacks_new(&cb) != 0)
		abort();
	nghttp2_session_callbacks_set_on_begin_headers_callback(cb,
	    on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback(cb, on_header);
	nghttp2_session_callbacks_set_on_frame_recv_callback(cb,
	    on_frame_recv);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb,
	    on_data);
	nghttp2_session_callbacks_set_on_frame_send_callback(cb,
	    on_frame_send);
	nghttp2_session_callbacks_set_on_stream_close_callback(cb,
	    on_stream_close);
	g->callbacks = cb;
	return g;
}

void
grpc_free(struct grpc *g)
{
	if (g == NULL)
		return;
	while (g->connections.count > 0)
		connection_free(g->connections.items[0]);
	nghttp2_session_callbacks_del(g->callbacks);
	VEC_FINI(&g->connections);
	free(g);
}

size_t
grpc_connections(const struct grpc *g)
{
	return g->connections.count;
}

bool
grpc_is_flushed(const struct grpc *g)
{
	for (size_t i = 0; i < g->connections.count; i++) {
		const struct connection *c = g->connections.items[i];

		if (c->out.len > c->written ||
		    nghttp2_session_want_write(c->session))
			return false;
	}
	return true;
}
