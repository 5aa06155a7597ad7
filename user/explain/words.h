/* SPDX-License-Identifier: BSD-2-Clause */
/* Words of a sentence for people, put one after the other into a text of a given size. */
#ifndef KT_EXPLAIN_WORDS_H
#define KT_EXPLAIN_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attribute/attribution.h"

struct words {
	char *text; /* always terminated, and safe for a terminal */
	size_t size, used;
};

void words_put(struct words *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Names are chosen by others: they are made safe, and cut so that they push nothing out of the
 * sentence. */
void words_put_name(struct words *out, const char *name);

void words_put_bytes(struct words *out, uint64_t bytes);

/* "12 s", "0.3 s" */
void words_put_seconds(struct words *out, uint64_t ns);

/* "nginx (pid 7, uid 33)", "worker (pid 7, uid 33, program bash)": with the program if it is known
 * and has another name. */
void words_put_process(struct words *out, const char *comm, const char *exe, uint32_t pid,
		       uint32_t uid, bool has_uid);

/* The nearest owner with a name: pod before container before unit before cgroup. */
void words_put_owner(struct words *out, const struct owner *owner, const struct names *names,
		     const char *cgroup);

#endif
