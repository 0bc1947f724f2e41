/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include <asm/ioctls.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/socket.h>

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/linux/seccomp_filter.h"

/*
 * One classic BPF program.  A call's number finds its action by a binary
 * search over ranges; most end there with "allow", which the kernel works out
 * once per number and then answers from a bitmap without running the program
 * (so no test but of the number may stand before it).  The few calls whose
 * arguments matter go on to a block of checks, shared by both architectures.
 *
 * What arguments point to is out of reach.  Numbers that the kernel takes as
 * int are compared by their low half, for that is all the kernel looks at.
 *
 * Not filtered, because the kernel's own check says what FreeBSD's would:
 *   FS_IOC_SETFLAGS	user flags are anyone's on FreeBSD too; immutable and
 *			append-only need CAP_LINUX_IMMUTABLE (allow.chflags)
 *   mknod		FIFOs and sockets are fine, devices need CAP_MKNOD
 *   adjtimex		reading is fine, the rest needs CAP_SYS_TIME
 *   mmap MAP_LOCKED	within RLIMIT_MEMLOCK, as is any other locked memory
 */

enum group {
	GROUP_UNKNOWN, GROUP_ALLOW, GROUP_DENY, GROUP_NOSYS, GROUP_NESTED,
	GROUP_CLONE, GROUP_CLONE3, GROUP_PERSONALITY, GROUP_DEBUG,
	GROUP_SOCKET, GROUP_SOCKETPAIR, GROUP_SOCKETCALL, GROUP_IOCTL,
	GROUP_MOUNT, GROUP_UNMOUNT, GROUP_FSMOUNT, GROUP_STATMOUNT,
	GROUP_HOSTNAME, GROUP_SHM, GROUP_SEM, GROUP_MSG, GROUP_IPC,
	GROUP_MLOCK, GROUP_SYSLOG, GROUP_SETTIME, GROUP_COUNT
};

/* From first up to the next range. */
struct seccomp_range {
	uint32_t first;
	enum group group;
};

#include "engine/linux/syscall_table.h"

/* What becomes of a call: an answer, or a look at its arguments. */
enum action {
	ACTION_ALLOW, ACTION_EPERM, ACTION_ENOSYS,
	ACTION_CLONE, ACTION_PERSONALITY, ACTION_SOCKET, ACTION_SOCKETPAIR,
	ACTION_SOCKETCALL, ACTION_IOCTL, ACTION_MOUNT, ACTION_IPC,
	ACTION_SYSLOG, ACTION_COUNT,
	ACTION_ANSWERS = ACTION_CLONE	/* those below are plain answers */
};

#define ANSWER_ALLOW SECCOMP_RET_ALLOW
#define ANSWER(err) (SECCOMP_RET_ERRNO | (err))

/* clang-format off */
static const struct {
	unsigned keys;			/* any of these SECCOMP_* opens it */
	enum action shut, open;
} groups[GROUP_COUNT] = {
	[GROUP_UNKNOWN] = { 0, ACTION_ENOSYS, ACTION_ENOSYS },
	[GROUP_ALLOW] = { 0, ACTION_ALLOW, ACTION_ALLOW },
	[GROUP_DENY] = { 0, ACTION_EPERM, ACTION_EPERM },
	[GROUP_NOSYS] = { 0, ACTION_ENOSYS, ACTION_ENOSYS },
	[GROUP_NESTED] = { SECCOMP_NESTED, ACTION_EPERM, ACTION_ALLOW },
	[GROUP_CLONE] = { SECCOMP_NESTED, ACTION_CLONE, ACTION_ALLOW },
	[GROUP_CLONE3] = { SECCOMP_NESTED, ACTION_ENOSYS, ACTION_ALLOW },
	[GROUP_PERSONALITY] = { 0, ACTION_PERSONALITY, ACTION_PERSONALITY },
	[GROUP_DEBUG] = { SECCOMP_DEBUG, ACTION_EPERM, ACTION_ALLOW },
	[GROUP_SOCKET] = { 0, ACTION_SOCKET, ACTION_SOCKET },
	[GROUP_SOCKETPAIR] =
	    { SECCOMP_ANY_SOCKET, ACTION_SOCKETPAIR, ACTION_ALLOW },
	[GROUP_SOCKETCALL] = { 0, ACTION_SOCKETCALL, ACTION_SOCKETCALL },
	[GROUP_IOCTL] = { 0, ACTION_IOCTL, ACTION_IOCTL },
	[GROUP_MOUNT] =
	    { SECCOMP_NESTED | SECCOMP_MOUNT, ACTION_EPERM, ACTION_MOUNT },
	[GROUP_UNMOUNT] =
	    { SECCOMP_NESTED | SECCOMP_MOUNT, ACTION_EPERM, ACTION_ALLOW },
	[GROUP_FSMOUNT] = { SECCOMP_NESTED, ACTION_ENOSYS, ACTION_ALLOW },
	/* ENOSYS: findmnt(8) then reads /proc/self/mountinfo, such as it is. */
	[GROUP_STATMOUNT] =
	    { SECCOMP_MOUNT_TABLE, ACTION_ENOSYS, ACTION_ALLOW },
	[GROUP_HOSTNAME] = { SECCOMP_HOSTNAME, ACTION_EPERM, ACTION_ALLOW },
	[GROUP_SHM] = { SECCOMP_SHM, ACTION_ENOSYS, ACTION_ALLOW },
	[GROUP_SEM] = { SECCOMP_SEM, ACTION_ENOSYS, ACTION_ALLOW },
	[GROUP_MSG] = { SECCOMP_MSG, ACTION_ENOSYS, ACTION_ALLOW },
	[GROUP_IPC] = { 0, ACTION_IPC, ACTION_IPC },
	[GROUP_MLOCK] = { SECCOMP_MLOCK, ACTION_EPERM, ACTION_ALLOW },
	[GROUP_SYSLOG] = { SECCOMP_MSGBUF, ACTION_EPERM, ACTION_SYSLOG },
	[GROUP_SETTIME] = { SECCOMP_SETTIME, ACTION_EPERM, ACTION_ALLOW },
};

#define RANGES(name) \
	ranges_##name, sizeof(ranges_##name) / sizeof(*ranges_##name)
static const struct abi {
	uint32_t arch;			/* AUDIT_ARCH_* */
	const struct seccomp_range *ranges;
	size_t count;
} abis[][2] = {
	[SECCOMP_X86_64] = {
		/* x32 numbers have bit 30 set: unknown, as any so high. */
		{ AUDIT_ARCH_X86_64, RANGES(x86_64) },
		{ AUDIT_ARCH_I386, RANGES(i386) },
	},
	[SECCOMP_AARCH64] = {
		{ AUDIT_ARCH_AARCH64, RANGES(aarch64) },
		{ AUDIT_ARCH_ARM, RANGES(arm) },
	},
};
/* clang-format on */

enum {
	TREE_MAX = 192,		/* ranges; a jump spans 255 instructions */
	MULTIPLEX = 0xffff,	/* ipc(2): the call without its version */
	SOCKET_TYPE = 0xf,	/* without SOCK_CLOEXEC and SOCK_NONBLOCK */
};

struct program {
	struct sock_filter *filter;
	unsigned len;
	unsigned open;
};

static void
emit(struct program *p, uint16_t code, uint32_t k, unsigned jt, unsigned jf)
{
	assert(p->len < SECCOMP_LEN_MAX && jt < 256 && jf < 256);
	p->filter[p->len++] = (struct sock_filter){ code, (uint8_t)jt,
		(uint8_t)jf, k };
}

static void
emit_load(struct program *p, size_t offset)
{
	emit(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

/* The low half of an argument; both machines are little-endian. */
static void
emit_arg(struct program *p, unsigned n)
{
	emit_load(p, offsetof(struct seccomp_data, args) + n * 8);
}

static void
emit_mask(struct program *p, uint32_t mask)
{
	emit(p, BPF_ALU | BPF_AND | BPF_K, mask, 0, 0);
}

static void
emit_answer(struct program *p, uint32_t answer)
{
	emit(p, BPF_RET | BPF_K, answer, 0, 0);
}

static void
answer_if_equal(struct program *p, uint32_t value, uint32_t answer)
{
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
	emit_answer(p, answer);
}

static void
answer_if_any(struct program *p, uint32_t bits, uint32_t answer)
{
	emit(p, BPF_JMP | BPF_JSET | BPF_K, bits, 0, 1);
	emit_answer(p, answer);
}

static void
answer_if_between(struct program *p, uint32_t low, uint32_t high,
    uint32_t answer)
{
	emit(p, BPF_JMP | BPF_JGE | BPF_K, low, 0, 2);
	emit(p, BPF_JMP | BPF_JGT | BPF_K, high, 1, 0);
	emit_answer(p, answer);
}

/* What follows, up to land(), is only for one value; returns for land(). */
static unsigned
skip_unless_equal(struct program *p, uint32_t value)
{
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, value, 0, 0);
	return p->len - 1;
}

static void
land(struct program *p, unsigned jump)
{
	p->filter[jump].jf = (uint8_t)(p->len - jump - 1);
}

static bool
is_open(const struct program *p, unsigned bits)
{
	return (p->open & bits) != 0;
}

/* clone(2), unshare(2): namespaces are made by a gaol only. */
static void
emit_clone(struct program *p)
{
	emit_arg(p, 0);
	/*
	 * CLONE_NEWTIME lies in what clone takes for the exit signal, where no
	 * signal has that bit.
	 */
	answer_if_any(p,
	    CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
	    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME,
	    ANSWER(EPERM));
	emit_answer(p, ANSWER_ALLOW);
}

/*
 * 0, PER_LINUX32, UNAME26, ADDR_NO_RANDOMIZE (gdb) together or apart, and the
 * question.  READ_IMPLIES_EXEC, MMAP_PAGE_ZERO and the rest would weaken
 * programs that are executed later.
 */
static void
emit_personality(struct program *p)
{
	enum { KNOWN = PER_LINUX32 | UNAME26 | ADDR_NO_RANDOMIZE };

	emit_arg(p, 0);
	answer_if_equal(p, UINT32_MAX, ANSWER_ALLOW);
	answer_if_any(p, ~(uint32_t)KNOWN, ANSWER(EPERM));
	emit_answer(p, ANSWER_ALLOW);
}

static void
emit_socket_type(struct program *p, bool raw)
{
	if (!raw) {
		emit_arg(p, 1);
		emit_mask(p, SOCKET_TYPE);
		answer_if_equal(p, SOCK_RAW, ANSWER(EPERM));
	}
	if (!raw || is_open(p, SECCOMP_NO_PACKETS)) {
		/* With AF_INET another name for AF_PACKET. */
		emit_arg(p, 1);
		emit_mask(p, SOCKET_TYPE);
		answer_if_equal(p, SOCK_PACKET, ANSWER(EPERM));
	}
	emit_answer(p, ANSWER_ALLOW);
}

/*
 * FreeBSD gives a jail the families unix, inet, inet6 and route; others are
 * EPROTONOSUPPORT.
 */
static void
emit_socket(struct program *p)
{
	bool raw = is_open(p, SECCOMP_RAW_SOCKETS);
	bool any = is_open(p, SECCOMP_ANY_SOCKET);
	unsigned jump;

	emit_arg(p, 0);
	answer_if_equal(p, AF_UNIX, ANSWER_ALLOW);
	answer_if_equal(p, AF_PACKET, raw &&
	    !is_open(p, SECCOMP_NO_PACKETS) ? ANSWER_ALLOW : ANSWER(EPERM));
	if (!any) {
		jump = skip_unless_equal(p, AF_NETLINK);
		emit_arg(p, 2);
		answer_if_equal(p, NETLINK_ROUTE, ANSWER_ALLOW);
		emit_answer(p, ANSWER(EPROTONOSUPPORT));
		land(p, jump);
	}
	jump = skip_unless_equal(p, AF_INET);
	emit_socket_type(p, raw);
	land(p, jump);
	jump = skip_unless_equal(p, AF_INET6);
	emit_socket_type(p, raw);
	land(p, jump);
	emit_answer(p, any ? ANSWER_ALLOW : ANSWER(EPROTONOSUPPORT));
}

static void
emit_socketpair(struct program *p)
{
	emit_arg(p, 0);
	answer_if_equal(p, AF_UNIX, ANSWER_ALLOW);
	emit_answer(p, ANSWER(EPROTONOSUPPORT));
}

/*
 * i386: family and type lie in memory, so sockets are made this way only
 * where any may be made.  Raw ones the kernel itself refuses to whoever has
 * no CAP_NET_RAW, which a jail's children might.
 */
static void
emit_socketcall(struct program *p)
{
	enum { CALL_SOCKET = 1, CALL_SOCKETPAIR = 8 };

	if (!is_open(p, SECCOMP_ANY_SOCKET) ||
	    is_open(p, SECCOMP_NO_PACKETS) ||
	    (is_open(p, SECCOMP_NESTED) && !is_open(p, SECCOMP_RAW_SOCKETS))) {
		emit_arg(p, 0);
		answer_if_equal(p, CALL_SOCKET, ANSWER(EPROTONOSUPPORT));
		answer_if_equal(p, CALL_SOCKETPAIR, ANSWER(EPROTONOSUPPORT));
	}
	emit_answer(p, ANSWER_ALLOW);
}

/*
 * A terminal may be shared with the host (gaol exec without a pty): nothing
 * types into it (TIOCSTI, TIOCLINUX).  Line disciplines are drivers that
 * FreeBSD does not have and that have often been the way into the kernel.
 */
static void
emit_ioctl(struct program *p)
{
	emit_arg(p, 1);
	answer_if_equal(p, TIOCSTI, ANSWER(EPERM));
	answer_if_equal(p, TIOCLINUX, ANSWER(EPERM));
	answer_if_equal(p, TIOCSETD, ANSWER(EPERM));
	emit_answer(p, ANSWER_ALLOW);
}

/*
 * What is mounted already the kernel leaves to whoever owns the file system, or
 * the mount: the host's mounts are locked (root_lock.c).  New ones are told
 * apart by flags as far as that goes; the type of a file system lies in memory,
 * where gaol-init looks at it (init/guard.c), so that all must pass here.
 */
static void
emit_mount(struct program *p)
{
	bool bind = is_open(p, SECCOMP_BIND);

	if (is_open(p, SECCOMP_NESTED | SECCOMP_FILESYSTEMS)) {
		emit_answer(p, ANSWER_ALLOW);
		return;
	}
	emit_arg(p, 3);
	answer_if_any(p, MS_REMOUNT | MS_BIND | MS_MOVE,
	    bind ? ANSWER_ALLOW : ANSWER(EPERM));
	emit_answer(p, ANSWER(EPERM));
}

/* ipc(2) of i386 and arm: the numbers of linux/ipc.h. */
static void
emit_ipc(struct program *p)
{
	enum { SEM_FIRST = 1, SEM_LAST = 4, MSG_FIRST = 11, MSG_LAST = 14,
		SHM_FIRST = 21, SHM_LAST = 24 };

	emit_arg(p, 0);
	emit_mask(p, MULTIPLEX);
	if (!is_open(p, SECCOMP_SEM))
		answer_if_between(p, SEM_FIRST, SEM_LAST, ANSWER(ENOSYS));
	if (!is_open(p, SECCOMP_MSG))
		answer_if_between(p, MSG_FIRST, MSG_LAST, ANSWER(ENOSYS));
	if (!is_open(p, SECCOMP_SHM))
		answer_if_between(p, SHM_FIRST, SHM_LAST, ANSWER(ENOSYS));
	emit_answer(p, ANSWER_ALLOW);
}

/* Reading all, and asking how much: not clearing, nor what syslogd reads. */
static void
emit_syslog(struct program *p)
{
	enum { READ_ALL = 3, SIZE_UNREAD = 9, SIZE_BUFFER = 10 };

	emit_arg(p, 0);
	answer_if_equal(p, READ_ALL, ANSWER_ALLOW);
	answer_if_equal(p, SIZE_UNREAD, ANSWER_ALLOW);
	answer_if_equal(p, SIZE_BUFFER, ANSWER_ALLOW);
	emit_answer(p, ANSWER(EPERM));
}

static void (*const blocks[ACTION_COUNT])(struct program *) = {
	[ACTION_CLONE] = emit_clone,
	[ACTION_PERSONALITY] = emit_personality,
	[ACTION_SOCKET] = emit_socket,
	[ACTION_SOCKETPAIR] = emit_socketpair,
	[ACTION_SOCKETCALL] = emit_socketcall,
	[ACTION_IOCTL] = emit_ioctl,
	[ACTION_MOUNT] = emit_mount,
	[ACTION_IPC] = emit_ipc,
	[ACTION_SYSLOG] = emit_syslog,
};

struct step {
	uint32_t first;
	enum action action;
};

/* The ranges of one action, neighbours of the same action as one. */
static unsigned
plan_steps(const struct abi *abi, unsigned open, struct step steps[TREE_MAX])
{
	enum action action;
	unsigned count = 0;
	size_t i;

	for (i = 0; i < abi->count; i++) {
		enum group group = abi->ranges[i].group;

		action = (open & groups[group].keys) != 0 ?
		    groups[group].open : groups[group].shut;
		if (count > 0 && steps[count - 1].action == action)
			continue;
		assert(count < TREE_MAX);
		steps[count++] = (struct step){ abi->ranges[i].first, action };
	}
	return count;
}

/*
 * The search among steps[low] to steps[high - 1]: high - low - 1 comparisons.
 * Where one step is left it jumps to that action's exit, behind the tree.
 */
static void
emit_tree(struct program *p, const struct step *steps, unsigned low,
    unsigned high, unsigned exits)
{
	unsigned middle = low + (high - low) / 2;
	unsigned here = p->len;
	unsigned left = 0, right = middle - low - 1;

	if (middle - low == 1)
		left = exits + steps[low].action - here - 1;
	if (high - middle == 1)
		right = exits + steps[middle].action - here - 1;
	emit(p, BPF_JMP | BPF_JGE | BPF_K, steps[middle].first, right, left);
	if (middle - low > 1)
		emit_tree(p, steps, low, middle, exits);
	if (high - middle > 1)
		emit_tree(p, steps, middle, high, exits);
}

/* Returns where the exits are: one instruction per action. */
static unsigned
emit_abi(struct program *p, const struct abi *abi)
{
	static const uint32_t answers[ACTION_ANSWERS] = {
		[ACTION_ALLOW] = ANSWER_ALLOW,
		[ACTION_EPERM] = ANSWER(EPERM),
		[ACTION_ENOSYS] = ANSWER(ENOSYS),
	};
	struct step steps[TREE_MAX];
	unsigned count, exits, action;

	/* Another architecture: on to the next one. */
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, abi->arch, 1, 0);
	emit(p, BPF_JMP | BPF_JA, 0, 0, 0);
	emit_load(p, offsetof(struct seccomp_data, nr));
	count = plan_steps(abi, p->open, steps);
	exits = p->len + count - 1;
	emit_tree(p, steps, 0, count, exits);
	assert(p->len == exits);
	for (action = 0; action < ACTION_ANSWERS; action++)
		emit_answer(p, answers[action]);
	for (; action < ACTION_COUNT; action++)
		emit(p, BPF_JMP | BPF_JA, 0, 0, 0);
	return exits;
}

unsigned short
seccomp_build(unsigned open, enum seccomp_machine machine,
    struct sock_filter filter[SECCOMP_LEN_MAX])
{
	struct program p = { filter, 0, open };
	unsigned exits[2], start, action, i;

	emit_load(&p, offsetof(struct seccomp_data, arch));
	for (i = 0; i < 2; i++) {
		start = p.len;
		exits[i] = emit_abi(&p, &abis[machine][i]);
		filter[start + 1].k = p.len - (start + 1) - 1;
	}
	emit_answer(&p, SECCOMP_RET_KILL_PROCESS);
	for (action = ACTION_ANSWERS; action < ACTION_COUNT; action++) {
		for (i = 0; i < 2; i++)
			filter[exits[i] + action].k =
			    p.len - (exits[i] + action) - 1;
		blocks[action](&p);
	}
	return (unsigned short)p.len;
}
