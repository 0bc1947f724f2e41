/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
/* Protocol buffers, MessagePack and schemas, byte by byte. */
#include <atf-c.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "nomad/config.h"
#include "nomad/msgpack.h"

/* "0a 2e 'text' ff": hexadecimal numbers, and texts between quotes. */
static void
bytes(const char *form, struct buf *out)
{
	while (*form != '\0') {
		if (*form == '\'') {
			size_t len = strcspn(++form, "'");

			buf_append(out, form, len);
			form += len + 1;
		} else if (*form == ' ') {
			form++;
		} else {
			char two[3] = { form[0], form[1], '\0' };

			buf_putc(out, (char)strtoul(two, NULL, 16));
			form += 2;
		}
	}
}

static void
expect_bytes(const struct buf *got, const char *form)
{
	AUTO_BUF struct buf want = BUF_INIT;

	bytes(form, &want);
	ATF_CHECK_EQ_MSG(want.len, got->len, "%zu bytes, not %zu: %s",
	    got->len, want.len, form);
	for (size_t i = 0; i < got->len && i < want.len; i++)
		ATF_REQUIRE_EQ_MSG((unsigned char)want.data[i],
		    (unsigned char)got->data[i], "byte %zu of %s is %02x", i,
		    form, (unsigned char)got->data[i]);
}

static void
expect_written(const struct pb_message *m, const void *value, const char *form)
{
	AUTO_BUF struct buf got = BUF_INIT;
	AUTO_BUF struct buf again = BUF_INIT;
	struct error e = ERROR_INIT;
	void *back;

	pb_write(m, value, &got);
	expect_bytes(&got, form);
	back = pb_read(m, got.data, got.len, &e);
	ATF_REQUIRE_MSG(back != NULL, "%s", e.msg);
	pb_write(m, back, &again);
	expect_bytes(&again, form);
	pb_free(m, back);
}

ATF_TC_WITHOUT_HEAD(written);
ATF_TC_BODY(written, tc)
{
	char name[] = "gaol", api[] = "v0.1.0", version[] = "v1.2.3";
	char *apis[] = { api };
	struct msg_plugin_info info = { 2, { apis, 1 }, version, name };
	struct msg_exit_result exit = { 137, 9, 1 };
	struct msg_wait_response wait = { &exit, NULL };
	struct msg_exit_result zero = { 0, 0, 0 };
	struct msg_wait_response good = { &zero, NULL };
	int64_t modes[] = { 0, 1, 300 };
	struct msg_capabilities c = { 1, 1, 2, { modes, 3 }, 0, 0 };
	struct msg_cpu_usage cpu = { .percent = 1.5 };
	struct msg_duration past = { -1, 0 };

	expect_written(&pb_plugin_info, &info, "0802 1206'v0.1.0' "
	    "1a06'v1.2.3' 2204'gaol'");
	expect_written(&pb_wait_response, &wait, "0a07 088901 1009 1801");
	expect_written(&pb_wait_response, &good, "0a00");
	expect_written(&pb_capabilities, &c, "0801 1001 1802 2204 0001ac02");
	expect_written(&pb_cpu_usage, &cpu, "31 000000000000f83f");
	expect_written(&pb_duration, &past, "08 ffffffffffffffffff01");
}

ATF_TC_WITHOUT_HEAD(cleaned);
ATF_TC_BODY(cleaned, tc)
{
	/* what is no UTF-8 would fail the call */
	char text[] = "a\xff\xc3\xa9\xc0\x80\xed\xa0\x80z";
	struct msg_string_entry entry = { text, NULL };
	AUTO_BUF struct buf got = BUF_INIT;

	pb_write(&pb_string_entry, &entry, &got);
	expect_bytes(&got, "0a0a 'a?' c3a9 '?????z'");
}

static void
expect_unread(const char *form)
{
	AUTO_BUF struct buf data = BUF_INIT;
	struct error e = ERROR_INIT;
	void *value;

	bytes(form, &data);
	value = pb_read(&pb_task_config, data.data, data.len, &e);
	ATF_CHECK_MSG(value == NULL, "accepted: %s", form);
	ATF_CHECK_EQ(ERROR_DATA, e.kind);
	pb_free(&pb_task_config, value);
}

ATF_TC_WITHOUT_HEAD(read_task);
ATF_TC_BODY(read_task, tc)
{
	static const char whole[] =
	    "0a01'i' 1202'wx' 1a01c0 220a 0a03'KEY'1203'VAL' "
	    "3213 0a08 0a020864 12020810 1a07 0a01'p' 1050 1801 "
	    "980605 4a03'joe' 9a0601'?' f50601020304 f10600000000000000c0";
	AUTO_BUF struct buf data = BUF_INIT;
	struct error e = ERROR_INIT;
	struct msg_task_config *t;

	bytes(whole, &data);
	t = pb_read(&pb_task_config, data.data, data.len, &e);
	ATF_REQUIRE_MSG(t != NULL, "%s", e.msg);
	ATF_CHECK_STREQ("i", t->id);
	ATF_CHECK_STREQ("wx", t->name);
	ATF_CHECK_EQ(1, t->driver_config.len);
	ATF_CHECK_EQ(1, t->env.count);
	ATF_CHECK_STREQ("VAL", ((struct msg_string_entry **)
	    t->env.items)[0]->value);
	ATF_CHECK_EQ(100, t->resources->allocated->cpu->shares);
	ATF_CHECK_EQ(16, t->resources->allocated->memory->memory_mb);
	ATF_CHECK_EQ(80, ((struct msg_port_mapping **)
	    t->resources->ports.items)[0]->value);
	ATF_CHECK_STREQ("joe", t->user);
	pb_free(&pb_task_config, t);
	expect_unread("3213 0a08 0a020864 12020810 1a07 0a01'p' 1050");
	expect_unread("0a");
	expect_unread("0a05'x'");
	expect_unread("0affffffffffffffffff7f");
	expect_unread("00");
	expect_unread("0b");
	expect_unread("08ffffffffffffffffffff01");
	expect_unread("ffffffffffffffffff0f01");
}

ATF_TC_WITHOUT_HEAD(nested);
ATF_TC_BODY(nested, tc)
{
	AUTO_BUF struct buf data = BUF_INIT;
	struct error e = ERROR_INIT;
	void *value;

	/* a default of a default of ... */
	for (int i = 0; i < 100; i++) {
		AUTO_BUF struct buf outer = BUF_INIT;
		size_t inner = data.len;

		for (int k = 0; k < 2; k++) {
			buf_clear(&outer);
			buf_putc(&outer, k == 0 ? 0x0a : 0x4a);
			for (; inner > 0x7f; inner >>= 7)
				buf_putc(&outer, (char)(inner | 0x80));
			buf_putc(&outer, (char)inner);
			buf_append(&outer, buf_text(&data), data.len);
			buf_clear(&data);
			buf_append(&data, outer.data, outer.len);
			inner = data.len;
		}
	}
	value = pb_read(&pb_spec, data.data, data.len, &e);
	ATF_CHECK(value == NULL);
	ATF_CHECK_EQ(ERROR_DATA, e.kind);
	pb_free(&pb_spec, value);
}

ATF_TC_WITHOUT_HEAD(schema);
ATF_TC_BODY(schema, tc)
{
	struct msg_schema_response *r = config_plugin_schema();
	struct msg_spec_object *object = r->spec->object;
	size_t count = object->attributes.count;

	ATF_CHECK(count > 1);
	/* of "enabled" alone, as Nomad has taken it */
	object->attributes.count = 1;
	expect_written(&pb_schema_response, r, "0a2e 0a2c 0a2a "
	    "0a07'enabled' 121f 4a1d 0a11 1a0f 0a07'enabled' 1204'bool' "
	    "1208 5206 0a04'true'");
	object->attributes.count = count;
	pb_free(&pb_schema_response, r);
	r = config_task_schema();
	ATF_CHECK(r->spec->object->attributes.count > 15);
	pb_free(&pb_schema_response, r);
}

/* Read as a task's configuration; the error's message is to begin with that. */
static void
expect_task(const char *form, const char *error, struct task_fields *t)
{
	const struct plugin_config c = { .host_paths = false };
	AUTO_BUF struct buf data = BUF_INIT;
	struct error e = ERROR_INIT;
	int result;

	bytes(form, &data);
	memset(t, 0, sizeof(*t));
	result = config_task_read(t, data.data, data.len, &c, &e);
	if (error == NULL) {
		ATF_REQUIRE_EQ_MSG(0, result, "%s", e.msg);
		return;
	}
	ATF_CHECK_EQ_MSG(-1, result, "accepted: %s", form);
	ATF_CHECK_MSG(strncmp(e.msg, error, strlen(error)) == 0,
	    "\"%s\" does not begin with \"%s\"", e.msg, error);
	config_task_fini(t);
}

ATF_TC_WITHOUT_HEAD(task);
ATF_TC_BODY(task, tc)
{
	struct task_fields t;

	expect_task("85 a4'args'c0 a7'command'a9'/bin/true' "
	    "a7'release' a7'busybox' a3'pot'c0 a8'port_map' 91 81 "
	    "a4'http' cc50", NULL, &t);
	ATF_CHECK_STREQ("/bin/true", t.command);
	ATF_CHECK(t.pot == NULL);
	ATF_CHECK_EQ(0, t.args.count);
	ATF_CHECK_EQ(1, t.port_map.count);
	ATF_CHECK_STREQ("80", config_map_get(&t.port_map, "http"));
	ATF_CHECK(config_map_get(&t.port_map, "htt") == NULL);
	config_task_fini(&t);
	expect_task("83 a7'command' a1'x' a7'release' a1'b' a4'args' 92 "
	    "cd0100 cbbff8000000000000", NULL, &t);
	ATF_CHECK_STREQ("256", t.args.items[0]);
	ATF_CHECK_STREQ("-1.5", t.args.items[1]);
	config_task_fini(&t);
}

ATF_TC_WITHOUT_HEAD(task_refused);
ATF_TC_BODY(task_refused, tc)
{
	static const char *const cases[][2] = {
		{ "80", "release: " },
		{ "81 a7'release' a1'b'", "command: " },
		{ "82 a7'release' a1'b' a4'jail' a1'j'", "jail: " },
		{ "82 a7'release' a1'b' a3'pot' a1'p'", "pot: " },
		{ "81 a5'image' a3'web'", "image: " },
		{ "82 a5'image' a8'http://x' a3'pot' a1'p'", "tag: " },
		{ "82 a5'image' a8'http://x' a4'args' 91 a1'1'", "args: " },
		{ "81 a6'nosuch' a1'b'", "nosuch: " },
		{ "82 a7'release' a1'b' a7'command' 90", "command: " },
		{ "82 a7'release' a1'b' a4'args' a1'x'", "args: " },
		{ "82 a7'release' a1'b' a4'args' 9190", "args: " },
		{ "82 a7'release' a1'b' a4'init' a1'x'", "init: " },
		{ "82 a7'release' a1'b' a5'mount' 91 a4'/a/b'", "mount: " },
		{ "82 a7'release' a1'b' a4'copy' 91 a4'a:/b'", "copy: " },
		{ "83 a7'command' a1'c' a7'release' a1'b' a5'mount' 91 "
		    "a5'/a:/b'", "mount: " },
		{ "82 a7'release' a1'b' ab'extra_hosts' 91 a3'a:b'",
		    "extra_hosts: " },
		{ "82 a7'release' a1'b' ac'network_mode' a3'vpn'",
		    "network_mode: " },
		{ "82 a7'release' a1'b' a8'port_map' 91 81 a1'x' cd0000",
		    "port_map: " },
		{ "82 a7'release' a1'b' a5'limit' 91 81 a4'gold' 01",
		    "limit: " },
		{ "82 a7'release' a1'b' aa'attributes' 91 a1'x'",
		    "attributes: " },
		{ "83 a7'command' a1'c' a7'release' a1'b' aa'properties' 91 "
		    "81 ad'exec.prestart' a2'id'", "properties: " },
		{ "83 a7'command' a1'c' a7'release' a1'b' aa'properties' 91 "
		    "81 a6'nosuch' a2'id'", "properties: " },
		{ "82 a7'release' a1'b' a7'devices' 91 a1'x'", "devices: " },
		{ "81 a7'release' a4'../x'", "release: " },
	};
	struct task_fields t;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_task(cases[i][0], cases[i][1], &t);
}

ATF_TC_WITHOUT_HEAD(msgpack);
ATF_TC_BODY(msgpack, tc)
{
	static const char *const good[] = { "c0", "c2", "00", "7f", "e0",
		"ccff", "cdffff", "ceffffffff", "cf7fffffffffffffff", "d080",
		"d18000", "d280000000", "d38000000000000000", "ca3fc00000",
		"cb3ff8000000000000", "a0", "d901'x'", "da0001'x'",
		"db00000001'x'", "c401'x'", "90", "dc0000", "dd0000000101",
		"80", "de0001a1'a'01", "df00000000" };
	static const char *const bad[] = { "", "c1", "d40000", "c7000000",
		"cd00", "cfffffffffffffffff", "a2'x'", "dbffffffff'x'",
		"ddffffffff", "dfffffffff", "91", "81a1'x'", "0000",
		"a1 00" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		AUTO_BUF struct buf data = BUF_INIT;
		AUTO_MP struct mp v = { .kind = MP_NIL };
		struct error e = ERROR_INIT;

		bytes(good[i], &data);
		ATF_CHECK_EQ_MSG(0, mp_read(&v, buf_text(&data), data.len,
		    &e), "%s: %s", good[i], e.msg);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		AUTO_BUF struct buf data = BUF_INIT;
		AUTO_MP struct mp v = { .kind = MP_NIL };
		struct error e = ERROR_INIT;

		bytes(bad[i], &data);
		ATF_CHECK_EQ_MSG(-1, mp_read(&v, buf_text(&data), data.len,
		    &e), "accepted: %s", bad[i]);
		ATF_CHECK_EQ(ERROR_DATA, e.kind);
	}
}

ATF_TP_ADD_TCS(tp)
{
	ATF_TP_ADD_TC(tp, written);
	ATF_TP_ADD_TC(tp, cleaned);
	ATF_TP_ADD_TC(tp, read_task);
	ATF_TP_ADD_TC(tp, nested);
	ATF_TP_ADD_TC(tp, schema);
	ATF_TP_ADD_TC(tp, task);
	ATF_TP_ADD_TC(tp, task_refused);
	ATF_TP_ADD_TC(tp, msgpack);
	return atf_no_error();
}
