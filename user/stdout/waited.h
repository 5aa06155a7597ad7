/* SPDX-License-Identifier: BSD-2-Clause */
/* Deaths that were recorded before their reader began, and waited for it. */
#ifndef KT_STDOUT_WAITED_H
#define KT_STDOUT_WAITED_H

#include <stdint.h>

/* All zero: none can wait. */
struct waited {
	uint64_t before; /* records with a smaller sequence come first; 0: none, or all have come */
	uint64_t began_ns; /* when the reader began (CLOCK_BOOTTIME): earlier deaths waited */
	const char *how;   /* "armed": why they were recorded */
	uint64_t deaths;   /* that were reported so far */
	int64_t first_ns;  /* when the first of these was */
};

#endif
