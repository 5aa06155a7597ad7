/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON lines, written one by one. */
#ifndef KT_SINK_JSON_H
#define KT_SINK_JSON_H

#include "sink/sink.h"

/* `fd` stays the caller's. NULL when out of memory. */
struct sink *sink_json_new(int fd);

#endif
