/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#include "init/init.h"

/*
 * The kernel starts a program with the stack pointer at argc, argv[], NULL,
 * envp[], NULL; there is no return address.
 */
#if defined(__x86_64__)
__asm__(".text\n"
	".globl _start\n"
	".type _start, @function\n"
	"_start:\n"
	"	xorl %ebp, %ebp\n"
	"	movq %rsp, %rdi\n"
	"	andq $-16, %rsp\n"
	"	call init_main\n"
	"	hlt\n");
#elif defined(__aarch64__)
__asm__(".text\n"
	".globl _start\n"
	".type _start, %function\n"
	"_start:\n"
	"	mov x29, #0\n"
	"	mov x30, #0\n"
	"	mov x0, sp\n"
	"	bl init_main\n"
	"	brk #0\n");
#endif

enum { EXIT_USAGE = 64 };

static bool
equal(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return (*a == *b);
}

/* Join a running jail: this process becomes the command. */
static _Noreturn void
join(void)
{
	struct inbox in = { .have = 0 };
	struct command c;
	struct fault f = { EINVAL, STEP_MESSAGE };
	enum inbox_state state = inbox_read(&in, INIT_SOCKET_FD, 0);

	if (state == INBOX_CLOSED)
		sys_exit(run_exit_status(&f));
	if (state == INBOX_FULL && in.head.type == INIT_RUN) {
		f.error = message_parse(&in, &c);
		if (f.error == 0)
			run_become(&c, &f);
	}
	message_answer(INIT_SOCKET_FD, INIT_FAILED, f.error, f.step);
	sys_exit(run_exit_status(&f));
}

void
init_main(long *stack)
{
	long argc = stack[0];
	char **argv = (char **)(stack + 1);

	/*
	 * First thing: until the command is executed the jail must neither
	 * trace this process nor look into it through /proc.  Without a user
	 * namespace its root can until here; there is nothing in us yet but
	 * what the command will have, and the socket, which is not trusted.
	 */
	sys_prctl(PR_SET_DUMPABLE, 0);
	if (argc != 2)
		sys_exit(EXIT_USAGE);

	run_signals();

	/* Nothing but the standard streams may reach a command. */
	sys3(SYS_CLOSE_RANGE, INIT_SOCKET_FD, -1, CLOSE_RANGE_CLOEXEC);

	if (equal(argv[1], "exec"))
		join();
	if (equal(argv[1], "init") && sys3(SYS_GETPID, 0, 0, 0) == 1)
		serve();
	sys_exit(EXIT_USAGE);
}

void *
memcpy(void *restrict to, const void *restrict from, size_t size)
{
	char *t = to;
	const char *f = from;

	while (size-- > 0)
		*t++ = *f++;
	return (to);
}

void *
memset(void *to, int byte, size_t size)
{
	char *t = to;

	while (size-- > 0)
		*t++ = (char)byte;
	return (to);
}
