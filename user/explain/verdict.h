/* SPDX-License-Identifier: BSD-2-Clause */
/* What is concluded from a death's evidence: the cause, and which evidence bears on it. */
#ifndef KT_EXPLAIN_VERDICT_H
#define KT_EXPLAIN_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "decode/death.h"
#include "explain/cause.h"

enum fault_kind {
	FAULT_KIND_NONE, /* not a page fault, or nothing is known */
	FAULT_KIND_NULL_DEREFERENCE,
	FAULT_KIND_UNMAPPED,
	FAULT_KIND_WRITE_TO_READ_ONLY,
	FAULT_KIND_EXEC_OF_NON_EXECUTABLE,
	FAULT_KIND_STACK_OVERFLOW,
	FAULT_KIND_KERNEL_ADDRESS,
	FAULT_KIND_PROTECTION_KEY,
	FAULT_KIND_PERMISSION,
};

enum fault_access {
	FAULT_ACCESS_UNKNOWN,
	FAULT_ACCESS_READ,
	FAULT_ACCESS_WRITE,
	FAULT_ACCESS_EXEC
};

enum scope_source {
	SCOPE_SOURCE_NONE,
	SCOPE_SOURCE_OOM_CONTROL,
	SCOPE_SOURCE_KERNEL_STACK,
	SCOPE_SOURCE_MEMCG_STATE,
};

/* The role of the process that sent the signal. */
enum sender_role {
	SENDER_NONE,    /* none, or none that is known */
	SENDER_PROCESS, /* sent it, or caused it by its own death */
	SENDER_TRIGGER, /* was allocating memory when the OOM killer chose */
};

/* Why the kernel sent a signal that the process had asked for. */
enum sent_request {
	SENT_UNASKED,
	SENT_BY_TIMER,
	SENT_BY_QUEUE,       /* mq_notify() */
	SENT_BY_ASYNC_IO,    /* aio_*() */
	SENT_BY_NAME_LOOKUP, /* getaddrinfo_a() */
	SENT_BY_FILE,        /* F_SETOWN with O_ASYNC */
	SENT_BY_DEADLINE,    /* SCHED_FLAG_DL_OVERRUN */
};

/* Evidence that is missing: struct verdict.incomplete. */
enum evidence_gap {
	EVIDENCE_DOSSIER = 1 << 0, /* the note about the signal (or fault) that ended it */
	EVIDENCE_STACKS = 1 << 1,
	EVIDENCE_SENDER = 1 << 2, /* the sender's cgroup and program */
	EVIDENCE_CGROUP = 1 << 3, /* a path is cut */
	EVIDENCE_OOM = 1 << 4,    /* the OOM killer's scope, figures or limit */
	EVIDENCE_LAST = EVIDENCE_OOM,
};

struct verdict {
	enum cause cause;
	unsigned int incomplete; /* enum evidence_gap */
	bool routine;            /* an ordinary end: hidden unless asked for */
	bool thread_only;        /* one thread died, the process lives on */
	bool stuck;              /* it was killed, but is not dead: a cause without an end */
	bool shows_fault;        /* death.fault bears on this death */
	bool shows_kernel_fault; /* death.kernel_fault or oops_stack is what the oops was about */
	bool has_kernel_address; /* death.kernel_fault is the page fault of it */
	bool shows_oom;
	bool shows_rlimit;
	bool shows_seccomp;
	bool injected;        /* by a tracer */
	bool handler_crashed; /* the handler of the fault or of the abort crashed as well */
	bool echo_of_abort;   /* SIGABRT was ignored, and the C library then faulted */
	enum sent_request request;
	bool oom_scope_unknown; /* by the OOM killer, without evidence of its scope */
	bool trap_is_fresh;     /* trap number, address and error code are from this fault */
	enum sender_role sender;
	enum fault_kind fault_kind;
	enum fault_access access;
	enum scope_source scope_source;
};

/* `runtime_window_ns`: how long a handled fault still explains later events. */
void verdict_reach(const struct death *death, uint64_t runtime_window_ns, struct verdict *ret);

const char *fault_kind_name(enum fault_kind kind);       /* NULL for NONE */
const char *fault_access_name(enum fault_access access); /* NULL for UNKNOWN */
const char *scope_source_name(enum scope_source source); /* NULL for NONE */

#endif
