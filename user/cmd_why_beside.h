/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What `killtrace why` looks up beside the record, on this machine and now. Programs are run and
 * files of others are read for it, which the command itself gives up before it reads a history. So
 * a process that was forked earlier does it.
 *
 * Ownership: beside_end() frees everything. The process ends with its parent, and by itself.
 */
#ifndef KT_CMD_WHY_BESIDE_H
#define KT_CMD_WHY_BESIDE_H

#include <jansson.h>
#include <stdbool.h>

#include "why/settings.h"

struct beside_answer {
	struct settings settings;
};

struct beside {
	int fd; /* of the process; -1: there is none */
	struct beside_answer *answer;
};

/* To be called before confine(). Without memory or processes there are no answers. */
void beside_start(struct beside *ret);

/* NULL: there is no answer, or none in time. It belongs to `beside`. To be called once. */
const struct beside_answer *beside_ask(struct beside *beside, const json_t *record);

void beside_end(struct beside *beside);

#endif
