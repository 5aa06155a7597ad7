/* SPDX-License-Identifier: BSD-2-Clause */
/* The node, and the boot of it. */
#ifndef KT_SOURCE_ORIGIN_H
#define KT_SOURCE_ORIGIN_H

#include "source/frame.h"

/* The node's name is `node`, else $NODE_NAME (as a DaemonSet gets it), else the host name. */
void origin_read(const char *node, struct origin *ret);

#endif
