/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/tc_act/tc_mirred.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "engine/linux/bpf_load.h"
#include "engine/linux/link.h"
#include "engine/linux/nlmsg.h"
#include "engine/linux/tc.h"

enum {
	MAKE = NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
	REPLACE = NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE,
	ALL_PROTOCOLS = 3,	/* ETH_P_ALL */
	MAJOR = 0x10000,
};

static int
unsupported(struct error *e, const char *what, const char *option)
{
	if (e->sys_errno != ENOENT && e->sys_errno != EOPNOTSUPP)
		return error_wrap(e, "%s", what);
	return error_set(e, ERROR_UNSUPPORTED, "net: %s: this kernel has no "
	    "%s", what, option);
}

static size_t
begin(struct buf *b, uint16_t type, uint16_t flags, unsigned index,
    uint32_t parent, uint32_t handle, uint32_t info)
{
	struct tcmsg msg = { .tcm_family = AF_UNSPEC,
	    .tcm_ifindex = (int)index, .tcm_parent = parent,
	    .tcm_handle = handle, .tcm_info = info };

	return nl_begin(b, type, flags, &msg, sizeof(msg));
}

/*
 * A bucket that is filled at that rate.  What is above waits, a tenth of a
 * second at most; a burst is what passes in a fiftieth, as clocks are coarse.
 */
static int
put_bucket(int fd, unsigned index, uint64_t rate, struct error *e)
{
	AUTO_BUF struct buf b = BUF_INIT;
	uint64_t burst = rate / 50 < 4096 ? 4096 : rate / 50;
	uint64_t queue = rate / 10 < 32768 ? 32768 : rate / 10;
	struct tc_tbf_qopt opt = {
		.rate = { .linklayer = 1, .rate = rate > UINT32_MAX ?
		    UINT32_MAX : (uint32_t)rate },
		.limit = queue > INT32_MAX ? INT32_MAX : (uint32_t)queue,
	};
	size_t m = begin(&b, RTM_NEWQDISC, REPLACE, index, TC_H_ROOT, MAJOR,
	    0);
	size_t nest;

	nl_attr_text(&b, TCA_KIND, "tbf");
	nest = nl_nest(&b, TCA_OPTIONS);
	nl_attr(&b, TCA_TBF_PARMS, &opt, sizeof(opt));
	nl_attr(&b, TCA_TBF_RATE64, &rate, sizeof(rate));
	nl_attr_u32(&b, TCA_TBF_BURST, burst > INT32_MAX ? INT32_MAX :
	    (uint32_t)burst);
	nl_nest_end(&b, nest);
	nl_end(&b, m);
	if (nl_talk(fd, &b, "a limit", e) < 0)
		return unsupported(e, "limit.in= and limit.out=",
		    "token buckets (CONFIG_NET_SCH_TBF)");
	return 0;
}

/* None is fine. */
static int
drop_bucket(int fd, unsigned index, struct error *e)
{
	AUTO_BUF struct buf b = BUF_INIT;
	size_t m = begin(&b, RTM_DELQDISC, NLM_F_ACK, index, TC_H_ROOT, 0, 0);

	nl_end(&b, m);
	if (nl_talk(fd, &b, "a limit", e) == 0)
		return 0;
	if (e->sys_errno != ENOENT && e->sys_errno != EINVAL)
		return -1;
	error_clear(e);
	return 0;
}

/* Where filters of both directions are hung up. */
static int
put_hooks(int fd, unsigned index, struct error *e)
{
	AUTO_BUF struct buf b = BUF_INIT;
	size_t m = begin(&b, RTM_NEWQDISC, MAKE, index, TC_H_CLSACT,
	    TC_H_MAKE(TC_H_CLSACT, 0), 0);

	nl_attr_text(&b, TCA_KIND, "clsact");
	nl_end(&b, m);
	if (nl_talk(fd, &b, "filters", e) == 0)
		return 0;
	if (e->sys_errno != EEXIST)
		return unsupported(e, "limit.out= and vlan=",
		    "filters at interfaces (CONFIG_NET_SCH_INGRESS)");
	error_clear(e);
	return 0;
}

enum { PRIORITY_VLAN = 1, PRIORITY_LIMIT = 2 };

static size_t
begin_filter(struct buf *b, unsigned index, bool egress, unsigned priority,
    const char *kind)
{
	uint32_t parent = TC_H_MAKE(TC_H_CLSACT, egress ? TC_H_MIN_EGRESS :
	    TC_H_MIN_INGRESS);
	size_t m = begin(b, RTM_NEWTFILTER, REPLACE, index, parent, 1,
	    priority << 16 | htons(ALL_PROTOCOLS));

	nl_attr_text(b, TCA_KIND, kind);
	return m;
}

/* All that comes from the jail goes through another interface first. */
static int
put_detour(int fd, unsigned index, unsigned over, struct error *e)
{
	AUTO_BUF struct buf b = BUF_INIT;
	const struct tc_mirred mirred = { .action = TC_ACT_STOLEN,
	    .eaction = TCA_EGRESS_REDIR, .ifindex = over };
	const struct tc_u32_sel sel = { .flags = TC_U32_TERMINAL, .nkeys = 1 };
	/* one key, of nothing, which all there is has */
	unsigned char match[sizeof(sel) + sizeof(struct tc_u32_key)] = { 0 };
	size_t m, nest, actions, action, options;

	memcpy(match, &sel, sizeof(sel));
	m = begin_filter(&b, index, false, PRIORITY_LIMIT, "u32");
	/* its handles have a form of their own */
	((struct tcmsg *)(void *)(b.data + m + NLMSG_HDRLEN))->tcm_handle = 0;
	nest = nl_nest(&b, TCA_OPTIONS);
	nl_attr(&b, TCA_U32_SEL, match, sizeof(match));
	actions = nl_nest(&b, TCA_U32_ACT);
	action = nl_nest(&b, 1);
	nl_attr_text(&b, TCA_ACT_KIND, "mirred");
	options = nl_nest(&b, TCA_ACT_OPTIONS);
	nl_attr(&b, TCA_MIRRED_PARMS, &mirred, sizeof(mirred));
	nl_nest_end(&b, options);
	nl_nest_end(&b, action);
	nl_nest_end(&b, actions);
	nl_nest_end(&b, nest);
	nl_end(&b, m);
	if (nl_talk(fd, &b, "limit.out=", e) < 0)
		return unsupported(e, "limit.out=",
		    "mirred (CONFIG_NET_CLS_U32, CONFIG_NET_ACT_MIRRED)");
	return 0;
}

/* "gj17.0" has "gi17.0". */
static void
second_name(const struct engine_iface *i, char name[IFACE_NAME])
{
	memcpy(name, i->outside, IFACE_NAME);
	name[1] = 'i';
}

static int
make_second(int fd, const char *name, struct error *e)
{
	AUTO_BUF struct buf b = BUF_INIT;
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC,
	    .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	size_t m = nl_begin(&b, RTM_NEWLINK, MAKE, &info, sizeof(info));
	size_t nest;

	nl_attr_text(&b, IFLA_IFNAME, name);
	nest = nl_nest(&b, IFLA_LINKINFO);
	nl_attr_text(&b, IFLA_INFO_KIND, "ifb");
	nl_nest_end(&b, nest);
	nl_end(&b, m);
	if (nl_talk(fd, &b, name, e) == 0)
		return 0;
	if (e->sys_errno != EEXIST)
		return unsupported(e, "limit.out=",
		    "ifb interfaces (CONFIG_IFB)");
	error_clear(e);
	return 0;
}

static int
limit_out(int fd, const struct engine_iface *i, unsigned index,
    struct error *e)
{
	char name[IFACE_NAME];
	unsigned second;

	second_name(i, name);
	if (make_second(fd, name, e) < 0)
		return -1;
	second = link_index(fd, name);
	if (put_bucket(fd, second, i->limit_out, e) < 0 ||
	    put_hooks(fd, index, e) < 0)
		return -1;
	return put_detour(fd, index, second, e);
}

static int
drop_filter(int fd, unsigned index, unsigned priority, struct error *e)
{
	AUTO_BUF struct buf b = BUF_INIT;
	size_t m = begin(&b, RTM_DELTFILTER, NLM_F_ACK, index,
	    TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS), 0,
	    priority << 16 | htons(ALL_PROTOCOLS));

	nl_end(&b, m);
	if (nl_talk(fd, &b, "a limit", e) == 0)
		return 0;
	if (e->sys_errno != ENOENT && e->sys_errno != EINVAL)
		return -1;
	error_clear(e);
	return 0;
}

int
tc_limit(int fd, const struct engine_iface *i, struct error *e)
{
	unsigned index = link_index(fd, i->outside);

	if ((i->limit_in != 0 ? put_bucket(fd, index, i->limit_in, e) :
	    drop_bucket(fd, index, e)) < 0)
		return -1;
	if (i->limit_out != 0)
		return limit_out(fd, i, index, e);
	if (drop_filter(fd, index, PRIORITY_LIMIT, e) < 0)
		return -1;
	return tc_remove(fd, i, e);
}

int
tc_remove(int fd, const struct engine_iface *i, struct error *e)
{
	char name[IFACE_NAME];

	second_name(i, name);
	return link_index(fd, name) != 0 ? link_remove(fd, name, e) : 0;
}

/* Into the VLAN goes what has no tag; of it comes what has its tag. */
static int
load_tagging(bool egress, unsigned vlan, struct error *e)
{
	struct code c;
	unsigned drop;

	code_init(&c);
	drop = code_label(&c);
	code_move(&c, R6, R1);
	code_load(&c, B4, R2, R1, offsetof(struct __sk_buff, vlan_present));
	code_if(&c, egress ? BPF_JEQ : BPF_JNE, R2, 0, drop);
	if (egress) {
		code_load(&c, B4, R2, R1,
		    offsetof(struct __sk_buff, vlan_tci));
		code_alu(&c, BPF_AND, R2, 0xfff);
		code_if(&c, BPF_JNE, R2, vlan, drop);
		code_call(&c, BPF_FUNC_skb_vlan_pop);
	} else {
		code_set(&c, R2, htons(0x8100));
		code_set(&c, R3, (int32_t)vlan);
		code_call(&c, BPF_FUNC_skb_vlan_push);
	}
	code_if_wide(&c, BPF_JNE, R0, 0, drop);
	/* what other filters say */
	code_set(&c, R0, TC_ACT_UNSPEC);
	code_exit(&c);
	code_place(&c, drop);
	code_set(&c, R0, TC_ACT_SHOT);
	code_exit(&c);
	code_finish(&c);
	return bpf_load(BPF_PROG_TYPE_SCHED_CLS, 0, "gaol_vlan", &c, e);
}

static int
put_tagging(int fd, unsigned index, bool egress, unsigned vlan,
    struct error *e)
{
	AUTO_BUF struct buf b = BUF_INIT;
	AUTO_CLOSE int program = load_tagging(egress, vlan, e);
	size_t m, nest;

	if (program < 0)
		return -1;
	m = begin_filter(&b, index, egress, PRIORITY_VLAN, "bpf");
	nest = nl_nest(&b, TCA_OPTIONS);
	nl_attr_u32(&b, TCA_BPF_FD, (uint32_t)program);
	nl_attr_text(&b, TCA_BPF_NAME, "gaol_vlan");
	nl_attr_u32(&b, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
	nl_nest_end(&b, nest);
	nl_end(&b, m);
	if (nl_talk(fd, &b, "vlan=", e) < 0)
		return unsupported(e, "vlan=",
		    "BPF at interfaces (CONFIG_NET_CLS_BPF)");
	return 0;
}

static int
set_vlan(int fd, const struct engine_iface *i, unsigned index,
    struct error *e)
{
	if (put_hooks(fd, index, e) < 0 ||
	    put_tagging(fd, index, false, i->vlan, e) < 0 ||
	    put_tagging(fd, index, true, i->vlan, e) < 0)
		return -1;
	return link_join_vlan(fd, index, i->vlan, e);
}

int
tc_apply(int fd, const struct engine_iface *i, struct error *e)
{
	unsigned index = link_index(fd, i->outside);

	if (i->vlan != 0 && set_vlan(fd, i, index, e) < 0)
		return -1;
	if (i->limit_in != 0 && put_bucket(fd, index, i->limit_in, e) < 0)
		return -1;
	return i->limit_out != 0 ? limit_out(fd, i, index, e) : 0;
}
