/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_TERMIOS_H
#define SDK_TERMIOS_H

#include <sys/types.h>
#include <sys/ttycom.h>
typedef unsigned int tcflag_t;
struct termios { tcflag_t c_iflag, c_oflag, c_cflag, c_lflag;
    unsigned char c_cc[20]; unsigned c_ispeed, c_ospeed; };
#define TCSANOW 0
#define TCSADRAIN 1
#define TCSAFLUSH 2
#define ECHO 0x00000008
#define ICANON 0x00000100
#define ISIG 0x00000080
#define VMIN 16
#define VTIME 17
void cfmakeraw(struct termios *);
int tcgetattr(int, struct termios *);
int tcsetattr(int, int, const struct termios *);
int ioctl(int, unsigned long, ...);

#endif
