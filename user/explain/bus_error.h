/* SPDX-License-Identifier: BSD-2-Clause */
/* Why a page was not available (SIGBUS): by the file system behind the mapping, and by the state of
 * that file system. */
#ifndef KT_EXPLAIN_BUS_ERROR_H
#define KT_EXPLAIN_BUS_ERROR_H

#include "explain/verdict.h"
#include "explain/words.h"

enum bus_reason {
	BUS_REASON_NONE, /* not such a fault, or the evidence does not decide */
	BUS_REASON_BEYOND_END,
	BUS_REASON_FULL,
	BUS_REASON_NO_HUGE_PAGE,
	BUS_REASON_USERFAULTFD,
	BUS_REASON_DAEMON_GONE,
	BUS_REASON_DAEMON_ERROR,
	BUS_REASON_READ_FAILED,
	BUS_REASON_WRITE_FAILED, /* no room, or an error */
};

enum bus_reason bus_reason_of(const struct death *death, const struct verdict *verdict);

const char *bus_reason_name(enum bus_reason reason); /* NULL for NONE */

/* A clause that says the reason, or the place; false: there is nothing to say. */
bool bus_error_put(struct words *out, const struct death *death, const struct verdict *verdict);

#endif
