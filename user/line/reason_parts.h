/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of a reason, by family of causes. `record` is the whole record. */
#ifndef KT_LINE_REASON_PARTS_H
#define KT_LINE_REASON_PARTS_H

#include "explain/cause.h"
#include "explain/words.h"
#include "line/json_peek.h"

struct reason {
	const struct json_walk_value *record;
	enum cause cause;
	bool is_summary; /* which says what is missing, too */
	struct words out;
};

/* reason_memory.c: the OOM killer */
void reason_put_oom(struct reason *reason);
/* "own limit 512M", "limit of pod 1.0G full": which limit, without what held it. */
void reason_put_limit(struct reason *reason);

/* reason_fault.c */
void reason_put_fault(struct reason *reason);
/* " in libfoo.so+0x1139" */
void reason_put_module(struct reason *reason, const char *before);

/* reason_sent.c: signals that a process sent or caused */
void reason_put_sent(struct reason *reason);
/* "its parent bash[12] of cron.service"; false: no sender is known. `kinship`: say if it is the
 * parent. */
bool reason_put_sender(struct reason *reason, bool kinship);

void reason_put_summary(struct reason *reason);

/* A member as a name that others chose. False: there is none. */
bool reason_put_name(struct reason *reason, const struct json_walk_value *object, const char *key);

/* "512M", "1.5G": binary units. */
void reason_put_size(struct reason *reason, uint64_t bytes);

#endif
