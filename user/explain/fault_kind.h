/* SPDX-License-Identifier: BSD-2-Clause */
/* What kind of memory access a page fault was, from its error code and where the address lies. */
#ifndef KT_EXPLAIN_FAULT_KIND_H
#define KT_EXPLAIN_FAULT_KIND_H

#include "explain/arch.h"

/* Only for a fresh trap that is a page fault. */
enum fault_kind fault_kind_of(const struct arch *arch, const struct kt_fault *fault);
enum fault_access fault_access_of(const struct arch *arch, const struct kt_fault *fault);

#endif
