/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A generation of pinned programs that was replaced: another build's, or with other options. It
 * goes in three steps. First it goes on recording beside ours, so that who was hit before ours were
 * there is told with all evidence; it was attached earlier, and so comes first to each death and
 * tells it. Then it is detached, and ours tell: no death twice, none missing. When its ring buffer
 * is read and let go of, its pins are removed.
 */
#ifndef KT_SOURCE_PREDECESSOR_H
#define KT_SOURCE_PREDECESSOR_H

#include "source/ledger.h"
#include "source/losses.h"
#include "source/pins.h"
#include "source/ring.h"

struct predecessor {
	char name[PINS_NAME_SIZE];
	struct ring *ring;
	struct ledger *ledger;
	int events_fd, dossiers_fd, lost_fd, rescued_fd;
	int signal_fd, mark_fd, exit_fd; /* programs; -1: not pinned */
	bool attached;
	uint64_t deadline_ns; /* CLOCK_BOOTTIME: until then it may go on recording */
	uint64_t detached_ns;
	void *keys; /* of the dossiers that were open when ours were attached */
	uint32_t key_size, key_count;
	uint64_t left_behind;      /* of them, when it was detached */
	uint64_t missed_exits;     /* before ours saw them too */
	struct losses seen;        /* totals at the last look */
	struct losses told_before; /* of them by earlier agents */
};

/* Opens one. 0 or -errno: then it cannot be read by us. */
int predecessor_open(const struct pins *pins, const struct pins_generation *generation,
		     struct predecessor *ret);
void predecessor_close(struct predecessor *predecessor);

/* It never saw a death, and will see none: its agent was killed before all was attached. */
bool predecessor_is_unused(struct predecessor *predecessor);

/* Ours are attached: from now on it is to go. */
void predecessor_begin(struct predecessor *predecessor);

/* Its next step if it is time for that. True: nothing is left of it, and its pins are gone. */
bool predecessor_step(struct predecessor *predecessor, const struct pins *pins);

/* All that it had is read; some of it may not be let go of yet. */
bool predecessor_is_read(const struct predecessor *predecessor);

/* Adds what it has lost and no earlier agent told. */
void predecessor_losses(struct predecessor *predecessor, struct losses *to);

#endif
