/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of the public JSON record, by subject. Each puts its member, or leaves it out. */
#ifndef KT_LINE_JSON_PARTS_H
#define KT_LINE_JSON_PARTS_H

#include "explain/report.h"
#include "line/json_line.h"

/* json_signal.c: the signal that ended it, and those before */
void json_put_signal(struct json_line *line, const struct report *report);
void json_put_prior_signals(struct json_line *line, const struct death *death);

/* json_owner.c: the owner, and the sender of the signal */
void json_put_sender(struct json_line *line, const struct report *report);
/* The members of an object that says where the sender was. */
void json_put_sender_place(struct json_line *line, const struct report *report);
void json_put_cgroup(struct json_line *line, const struct death *death);
void json_put_systemd(struct json_line *line, const struct owner *owner, const char *invocation);
void json_put_container(struct json_line *line, const struct owner *owner,
			const struct names *names);
void json_put_kubernetes(struct json_line *line, const struct owner *owner,
			 const struct names *names);
void json_put_slurm(struct json_line *line, const struct owner *owner);

/* json_fault.c: the fault of the process or of the kernel, and the stacks */
void json_put_fault(struct json_line *line, const struct report *report);
void json_put_abort_handler_fault(struct json_line *line, const struct report *report);
void json_put_kernel_fault(struct json_line *line, const struct report *report);
void json_put_kernel_stack(struct json_line *line, const struct report *report);
void json_put_user_stack(struct json_line *line, const struct death *death);

/* json_oom.c */
void json_put_oom(struct json_line *line, const struct report *report);

/* json_limit.c: what it was not permitted to do */
void json_put_seccomp(struct json_line *line, const struct report *report);
void json_put_rlimit(struct json_line *line, const struct report *report);

/* In microseconds, which is the precision of a double over years; 0 if they are in the wrong order.
 */
double json_seconds_between(uint64_t from_ns, uint64_t to_ns);

#endif
