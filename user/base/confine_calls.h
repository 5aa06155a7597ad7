/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The system calls that are needed after the setup. All others fail with ENOSYS, so that a library
 * that tries a newer call first falls back to an older one.
 */
#ifndef KT_BASE_CONFINE_CALLS_H
#define KT_BASE_CONFINE_CALLS_H

#include <stdbool.h>

/* `traces`: it reads maps of the kernel. `network`: there is a collector. `draws`: on a terminal.
 * 0 or -errno. */
int confine_calls(bool traces, bool network, bool draws);

#endif
