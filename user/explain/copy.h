/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A wrapper that ends in the same way as the program that it ran: timeout(1), strace(1), sudo(8),
 * unshare(1) and nsenter(1) send themselves the signal that their child died of, so that their own
 * parent sees it. This is not a second crash.
 */
#ifndef KT_EXPLAIN_COPY_H
#define KT_EXPLAIN_COPY_H

#include "attribute/kin.h"
#include "explain/verdict.h"

/*
 * The death that this one passes on, else NULL. The process sent itself the same signal that its
 * child had died of, no longer than `window_ns` before, and the child was another program. The
 * workers of a server run the same program as the server: a server that gives up because of them
 * crashes itself, as does a supervisor that calls abort(). If it is not known which programs ran,
 * there is no copy. "timeout -s KILL" does both at once: it kills its process group, which includes
 * itself.
 */
const struct kin_death *copy_of(const struct death *death, const struct verdict *verdict,
				const struct kin_child *child, uint64_t window_ns);

#endif
