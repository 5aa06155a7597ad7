/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults of the processor in words. */
#ifndef KT_WHY_FAULT_WORDS_H
#define KT_WHY_FAULT_WORDS_H

#include "why/why.h"

/* "it read through a null pointer (0x8) in libfoo.so+0x1139" */
void fault_put(struct prose *prose, const struct why *why);

/* ", error code 6: a write by the program to a page that is not mapped" */
void fault_put_error_code(struct prose *prose, const json_t *record);

#endif
