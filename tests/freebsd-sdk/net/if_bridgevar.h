/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef SDK_NET_IF_BRIDGEVAR_H
#define SDK_NET_IF_BRIDGEVAR_H

#include <net/if.h>
#define BRDGADD 0
#define BRDGGIFFLGS 2
#define BRDGSIFFLGS 3
#define BRDGSIFPVID 31
#define IFBIF_PRIVATE 0x0800
struct ifbreq { char ifbr_ifsname[IFNAMSIZ]; uint32_t ifbr_ifsflags;
    uint16_t ifbr_pvid; };

#endif
