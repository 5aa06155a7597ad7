/* SPDX-License-Identifier: BSD-2-Clause */
/* One line per death for people. */
#ifndef KT_SINK_HUMAN_H
#define KT_SINK_HUMAN_H

#include <stdbool.h>

#include "sink/sink.h"

/* `fd` stays the caller's. NULL when out of memory. */
struct sink *sink_human_new(int fd, bool color);

#endif
