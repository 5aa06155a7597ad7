/* SPDX-License-Identifier: BSD-2-Clause */
/* The way through the kernel that a stack shows. */
#ifndef KT_EXPLAIN_KERNEL_PATH_H
#define KT_EXPLAIN_KERNEL_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "decode/death.h"

/* Where the death's signal was generated. Empty if not known, for example if only its echo has a
 * stack. */
const struct kernel_stack *kernel_path_of_signal(const struct death *death);

/* After the last frame that belongs to the path. Frames below an interrupt belong to the
 * interrupted task and say nothing. */
unsigned int kernel_path_end(const struct kernel_stack *stack);

/*
 * Whether a frame of the path is in a function of this name, or in a copy of it that the compiler
 * made (name.isra.0, name.constprop.0, name.part.0, name.cold). `name` ending in '*' is a prefix.
 */
bool kernel_path_has(const struct kernel_stack *stack, const char *name);

bool kernel_path_has_any(const struct kernel_stack *stack, const char *const *names, size_t count);

/* Whether any frame has a name: without names the stack proves nothing. */
bool kernel_path_is_named(const struct kernel_stack *stack);

/* The first frame that belongs to the path itself: after the tracing machinery. */
unsigned int kernel_path_start(const struct kernel_stack *stack);

/* The function that decided, without offset: the caller of the functions that send the signal.
 * False: unknown. */
bool kernel_path_decider(const struct kernel_stack *stack, char *ret_name, size_t size);

/*
 * Where the kernel failed, from the stack of an oops: the frame below the entry of the exception,
 * whose number is in *ret_trap. NULL: unknown.
 */
const char *kernel_path_failure(const struct kernel_stack *stack, uint32_t *ret_trap);

#endif
