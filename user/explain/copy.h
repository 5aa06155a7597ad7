/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A wrapper that ends as the program ended that it ran: timeout(1), strace(1), sudo(8), unshare(1)
 * and nsenter(1) send themselves the signal that their child died of, so that whoever waits for
 * them sees it. That is no second crash.
 */
#ifndef KT_EXPLAIN_COPY_H
#define KT_EXPLAIN_COPY_H

#include "attribute/kin.h"
#include "explain/verdict.h"

/*
 * The death that this one passes on, else NULL: it sent itself the very signal that its child had
 * died of no longer than `window_ns` before, and the child was another program. A server's workers
 * run its own, and one that gives up because of them crashes itself, as does a supervisor that
 * calls abort(). Where it is not known what ran, there is no copy. "timeout -s KILL" does both at
 * once: it kills its process group, in which it is itself.
 */
const struct kin_death *copy_of(const struct death *death, const struct verdict *verdict,
				const struct kin_child *child, uint64_t window_ns);

#endif
