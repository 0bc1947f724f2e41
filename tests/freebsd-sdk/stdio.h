/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_STDIO_H
#define SDK_STDIO_H

#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>
typedef struct __sFILE FILE;
extern FILE *__stdinp, *__stdoutp, *__stderrp;
#define stdin __stdinp
#define stdout __stdoutp
#define stderr __stderrp
#define EOF (-1)
#define BUFSIZ 1024
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#define _IOFBF 0
#define _IOLBF 1
#define _IONBF 2
#define SDK_PRINTF(a, b) __attribute__((format(printf, a, b)))
int asprintf(char **, const char *, ...) SDK_PRINTF(2, 3);
int dprintf(int, const char *, ...) SDK_PRINTF(2, 3);
int fclose(FILE *);
FILE *fdopen(int, const char *);
int feof(FILE *);
int ferror(FILE *);
int fflush(FILE *);
int fgetc(FILE *);
char *fgets(char *, int, FILE *);
int fileno(FILE *);
FILE *fopen(const char *, const char *);
int fprintf(FILE *, const char *, ...) SDK_PRINTF(2, 3);
int fputc(int, FILE *);
int fputs(const char *, FILE *);
size_t fread(void *, size_t, size_t, FILE *);
int fscanf(FILE *, const char *, ...) __attribute__((format(scanf, 2, 3)));
size_t fwrite(const void *, size_t, size_t, FILE *);
int getc(FILE *);
int getchar(void);
ssize_t getline(char **, size_t *, FILE *);
ssize_t getdelim(char **, size_t *, int, FILE *);
void perror(const char *);
int printf(const char *, ...) SDK_PRINTF(1, 2);
int putchar(int);
int puts(const char *);
int rename(const char *, const char *);
int renameat(int, const char *, int, const char *);
int renameat2(int, const char *, int, const char *, unsigned);
int setvbuf(FILE *, char *, int, size_t);
int snprintf(char *, size_t, const char *, ...) SDK_PRINTF(3, 4);
int sscanf(const char *, const char *, ...)
    __attribute__((format(scanf, 2, 3)));
int vasprintf(char **, const char *, va_list) SDK_PRINTF(2, 0);
int vfprintf(FILE *, const char *, va_list) SDK_PRINTF(2, 0);
int vsnprintf(char *, size_t, const char *, va_list) SDK_PRINTF(3, 0);
FILE *open_memstream(char **, size_t *);
int remove(const char *);

#endif
