/* SPDX-License-Identifier: BSD-2-Clause */
/* Words for one place in a program whose symbols were looked up. */
#ifndef KT_WHY_STACK_PLACE_H
#define KT_WHY_STACK_PLACE_H

#include "symbols/symbols.h"
#include "why/prose.h"

/* "geo_lookup, ngx_http_geo2_module.c:412", of a frame with a name. */
void stack_put_function(struct prose *prose, const struct symbols_frame *frame);

/* "load, geo.c:3, inlined in geo_lookup+0x12, geo.c:4 (geo.so)", or why there is no name,
 * unless `known`: a frame before it has said so. */
void stack_put_frame(struct prose *prose, const struct symbols_frame *frame, bool known);

#endif
