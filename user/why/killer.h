/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that kill for a reason of their own: the service manager, container runtimes, parents
 * that watch their children. */
#ifndef KT_WHY_KILLER_H
#define KT_WHY_KILLER_H

#include "why/why.h"

/* Ends the answer's sentence with the reason of this sender, " because …", and adds how to change
 * it. False: no reason is known, and the answer stays as it is. */
bool killer_explain(const struct why *why, struct explanation *ret);

#endif
