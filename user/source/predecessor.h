/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A generation of pinned programs that was replaced: of another build, or with other options. It
 * goes in three steps. First it keeps recording beside our programs. If a process was hit before
 * ours were attached, its death is reported with all evidence: the predecessor was attached
 * earlier, so it sees each death first and reports it. Then it is detached, and our programs
 * report: no death is reported twice, and none is missing. When its ring buffer is read and
 * released, its pins are removed.
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
	uint64_t deadline_ns; /* CLOCK_BOOTTIME: it may record until then */
	uint64_t detached_ns;
	void *keys; /* of the dossiers that were open when our programs were attached */
	uint32_t key_size, key_count;
	uint64_t left_behind;      /* how many of them were open when it was detached */
	uint64_t missed_exits;     /* before our programs saw them too */
	struct losses seen;        /* totals at the last look */
	struct losses told_before; /* the part that earlier agents reported */
};

/* Opens one. 0 or -errno: then we cannot read it. */
int predecessor_open(const struct pins *pins, const struct pins_generation *generation,
		     struct predecessor *ret);
void predecessor_close(struct predecessor *predecessor);

/* It never saw a death and never will: its agent was killed before everything was attached. */
bool predecessor_is_unused(struct predecessor *predecessor);

/* Our programs are attached: from now on it is being replaced. */
void predecessor_begin(struct predecessor *predecessor);

/* Takes its next step if it is time for that. True: nothing is left of it, and its pins are gone.
 */
bool predecessor_step(struct predecessor *predecessor, const struct pins *pins);

/* Everything in it is read; some of it may not be released yet. */
bool predecessor_is_read(const struct predecessor *predecessor);

/* Adds the losses that no earlier agent has reported. */
void predecessor_losses(struct predecessor *predecessor, struct losses *to);

#endif
