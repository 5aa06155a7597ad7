/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a core dump was written, how to read it, and how to get one the next time. */
#ifndef KT_WHY_CORE_H
#define KT_WHY_CORE_H

#include "why/why.h"

void core_add(const struct why *why, struct explanation *ret);

#endif
