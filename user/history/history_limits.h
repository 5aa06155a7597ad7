/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the history is, and how much is kept. */
#ifndef KT_HISTORY_HISTORY_LIMITS_H
#define KT_HISTORY_HISTORY_LIMITS_H

#include <stdint.h>

#define HISTORY_PATH "/var/lib/killtrace/history.db"
#define HISTORY_DAYS 30
#define HISTORY_MEBIBYTES 256

/* How often an agent at least notes that it runs, in seconds. */
#define HISTORY_NOTE_S 300

struct history_limits {
	unsigned int days;   /* how long an event is kept */
	uint64_t most_bytes; /* of the database, without its log */
};

#endif
