/* SPDX-License-Identifier: BSD-2-Clause */
/* What kind of memory access a page fault was, from its error code and where the address lies. */
#ifndef KT_EXPLAIN_FAULT_KIND_H
#define KT_EXPLAIN_FAULT_KIND_H

#include "explain/verdict.h"

/* Only for a fresh page fault (x86 trap 14). */
enum fault_kind fault_kind_of(const struct kt_fault *fault);
enum fault_access fault_access_of(const struct kt_fault *fault);

#endif
