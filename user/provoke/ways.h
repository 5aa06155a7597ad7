/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ways to die. prepare_…() and die_…() run in the victim; the latter does not return,
 * except after unable(). act_…() runs in the process that started it: 0 or -errno.
 */
#ifndef KT_PROVOKE_WAYS_H
#define KT_PROVOKE_WAYS_H

#include "provoke/victim.h"

/* Notes why this victim cannot die as planned, for the process that started it. It then ends. */
void unable(const char *why);
/* Where unable() writes; set before the fork. */
void unable_into(char ret_reason[VICTIM_REASON]);

/* ways_memory.c */
void die_of_segfault(void);
void die_of_bus_error(void);
void die_of_memory_limit(void);
void die_of_signal_frame(void);

/* ways_trap_ARCH.c */
void die_of_general_protection(void);
void die_of_illegal_instruction(void);
void die_of_divide_error(void);
void die_of_floating_point(void);
void die_of_breakpoint(void);
void die_of_alignment_check(void);

/* ways_limit.c */
void die_of_seccomp(void);
void die_of_cpu_limit(void);
void die_of_file_limit(void);
void die_of_realtime_limit(void);

/* ways_exit.c */
void die_of_exec(void);
void die_of_runtime(void);
void prepare_handler(void);
void die_of_file_signal(void);

/* ways_act.c */
int act_kill(struct victim *victim);
int act_signal(struct victim *victim);
int act_abort(struct victim *victim);
int act_cgroup_kill(struct victim *victim);
int act_end_namespace(struct victim *victim);
int act_end_thread(struct victim *victim);
int act_end_tracer(struct victim *victim);

#endif
