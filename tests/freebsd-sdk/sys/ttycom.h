/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_SYS_TTYCOM_H
#define SDK_SYS_TTYCOM_H

struct winsize { unsigned short ws_row, ws_col, ws_xpixel, ws_ypixel; };
#define TIOCSCTTY 0x20007461UL
#define TIOCGWINSZ 0x40087468UL
#define TIOCSWINSZ 0x80087467UL

#endif
