/* SPDX-License-Identifier: BSD-2-Clause
 * Copyright (c) 2026 The gaol authors */
#ifndef IMAGE_DOWNLOAD_H
#define IMAGE_DOWNLOAD_H

#include <stdbool.h>

#include "image/fetch.h"
#include "image/part.h"

/*
 * Complete a part from rq's http or https URL: continues what is there when it
 * is the same version, follows redirects, tries again when the network fails.
 * *continued: some bytes are from an earlier run.
 */
int download_url(const struct fetch_request *rq, struct part *part,
    bool *continued, struct error *e) FALLIBLE;

#endif
