/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_STDLIB_H
#define SDK_STDLIB_H

#include <stddef.h>
#include <stdint.h>
#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1
void abort(void) __attribute__((noreturn));
void exit(int) __attribute__((noreturn));
void _Exit(int) __attribute__((noreturn));
int abs(int);
int atexit(void (*)(void));
int atoi(const char *);
void *bsearch(const void *, const void *, size_t, size_t,
    int (*)(const void *, const void *));
void *calloc(size_t, size_t);
void free(void *);
char *getenv(const char *);
void *malloc(size_t);
int mkostemp(char *, int);
int mkstemp(char *);
char *mkdtemp(char *);
void qsort(void *, size_t, size_t, int (*)(const void *, const void *));
void *realloc(void *, size_t);
void *reallocarray(void *, size_t, size_t);
char *realpath(const char *, char *);
int setenv(const char *, const char *, int);
int unsetenv(const char *);
int putenv(char *);
long strtol(const char *, char **, int);
long long strtoll(const char *, char **, int);
unsigned long strtoul(const char *, char **, int);
unsigned long long strtoull(const char *, char **, int);
double strtod(const char *, char **);
uint32_t arc4random(void);
void arc4random_buf(void *, size_t);
int posix_openpt(int);
int grantpt(int);
int unlockpt(int);
char *ptsname(int);
const char *getprogname(void);

#endif
