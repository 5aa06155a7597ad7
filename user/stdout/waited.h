/* SPDX-License-Identifier: BSD-2-Clause */
/* Deaths that were recorded before their reader began, and waited for it. */
#ifndef KT_STDOUT_WAITED_H
#define KT_STDOUT_WAITED_H

#include <stdint.h>

/* All zero: none can wait. */
struct waited {
	uint64_t before; /* records with a smaller sequence waited; 0: none, or they are reported */
	const char *how; /* "armed": why they were recorded */
	uint64_t deaths; /* that were reported so far */
	int64_t first_ns; /* when the first of these was */
};

#endif
