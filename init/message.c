/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "init/init.h"

#define ID_NONE UINT32_MAX	/* setresuid(2): "leave it as it is" */

static size_t
strings_offset(const struct init_message *m)
{
	return (((size_t)m->size + 7) & ~(size_t)7);
}

static bool
counts_valid(const struct init_message *m)
{
	return (m->ngroups <= INIT_GROUPS_MAX && m->argc <= INIT_STRINGS_MAX &&
	    m->envc <= INIT_STRINGS_MAX);
}

/* Memory for the body, and behind it for the argv[] and env[] it becomes. */
static bool
make_room(struct inbox *in)
{
	in->mapped = strings_offset(&in->head);
	if (counts_valid(&in->head))
		in->mapped += ((size_t)in->head.argc + in->head.envc + 2) *
		    sizeof(char *);
	in->body = sys_map(in->mapped);
	return (in->body != NULL);
}

enum inbox_state
inbox_read(struct inbox *in, int fd, int flags)
{
	for (;;) {
		char *to;
		size_t total = sizeof(in->head);
		long n;

		if (in->have < total) {
			to = (char *)&in->head + in->have;
		} else {
			if (in->head.size > INIT_MESSAGE_MAX)
				return (INBOX_LOST);
			total += in->head.size;
			if (in->have == total)
				return (INBOX_FULL);
			if (in->body == NULL && !make_room(in))
				return (INBOX_LOST);
			to = in->body + (in->have - sizeof(in->head));
		}
		n = sys_recv(fd, to, total - in->have, flags);
		if (n == -EINTR)
			continue;
		if (n == -EAGAIN)
			return (INBOX_MORE);
		if (n <= 0)
			return (INBOX_CLOSED);
		in->have += (size_t)n;
	}
}

void
inbox_clear(struct inbox *in)
{
	if (in->body != NULL)
		sys_unmap(in->body, in->mapped);
	in->body = NULL;
	in->have = 0;
}

/* The string at *at, which moves behind it; NULL when it does not end. */
static char *
next_string(char **at, const char *end)
{
	char *start = *at;

	for (char *p = start; p < end; p++) {
		if (*p == '\0') {
			*at = p + 1;
			return (start);
		}
	}
	return (NULL);
}

static bool
list_strings(char **list, uint32_t count, char **at, const char *end)
{
	for (uint32_t i = 0; i < count; i++) {
		list[i] = next_string(at, end);
		if (list[i] == NULL)
			return (false);
	}
	list[count] = NULL;
	return (true);
}

int
message_parse(struct inbox *in, struct command *c)
{
	const struct init_message *m = &in->head;
	char *at = in->body;
	const char *end = at + m->size;
	char **argv, **env;

	if (at == NULL || m->argc == 0 || !counts_valid(m) ||
	    (m->flags & ~(uint32_t)INIT_RUN_FLAGS) != 0 ||
	    m->ngroups * sizeof(uint32_t) > m->size ||
	    m->uid == ID_NONE || m->gid == ID_NONE)
		return (EINVAL);
	c->flags = m->flags;
	c->uid = m->uid;
	c->gid = m->gid;
	c->rows = m->rows;
	c->columns = m->columns;
	c->ngroups = m->ngroups;
	c->groups = (const uint32_t *)(void *)at;
	for (uint32_t i = 0; i < c->ngroups; i++) {
		if (c->groups[i] == ID_NONE)
			return (EINVAL);
	}
	at += c->ngroups * sizeof(uint32_t);
	argv = (char **)(void *)(in->body + strings_offset(m));
	env = argv + m->argc + 1;
	c->argv = argv;
	c->env = env;
	c->directory = next_string(&at, end);
	if (c->directory == NULL ||
	    !list_strings(argv, m->argc, &at, end) ||
	    !list_strings(env, m->envc, &at, end) || at != end)
		return (EINVAL);
	return (0);
}

bool
message_answer(int fd, uint32_t type, int32_t value, uint32_t step)
{
	struct init_answer answer = { type, value, step };

	return (sys_send(fd, &answer, sizeof(answer),
	    MSG_NOSIGNAL | MSG_DONTWAIT) == (long)sizeof(answer));
}
