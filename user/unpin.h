/* SPDX-License-Identifier: BSD-2-Clause */
/* Takes away what is pinned, for the commands that do. */
#ifndef KT_UNPIN_H
#define KT_UNPIN_H

/* Says what was there. An exit code. */
int unpin(const char *path);

#endif
