/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef ENGINE_LINUX_RAW_H
#define ENGINE_LINUX_RAW_H

#include <sys/syscall.h>

/*
 * A system call without libc, for code that shares its memory with a thread
 * that libc knows (syscall(2) would write to that one's errno).  Returns what
 * the kernel does, an error as a negated errno.
 */
static inline __attribute__((always_inline)) long
raw_call(long number, long a, long b, long c, long d)
{
#if defined(__x86_64__)
	register long r10 __asm__("r10") = d;
	long result;

	__asm__ volatile("syscall"
	    : "=a"(result)
	    : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10)
	    : "rcx", "r11", "memory");
	return result;
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;

	__asm__ volatile("svc #0"
	    : "+r"(x0)
	    : "r"(x8), "r"(x1), "r"(x2), "r"(x3)
	    : "memory");
	return x0;
#else
#error "raw_call knows x86_64 and aarch64"
#endif
}

#endif
