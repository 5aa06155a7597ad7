/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One process that dies in a known way: it is forked, put into a place of its own, and waits there
 * until it is let go.
 *
 * Ownership: victim_done() ends what is left of it, whatever happened, and removes its place.
 * Threads: one, except for the short ones that some ways need.
 */
#ifndef KT_PROVOKE_VICTIM_H
#define KT_PROVOKE_VICTIM_H

#include <stdint.h>
#include <sys/types.h>

#include "provoke/kind.h"
#include "provoke/place.h"

#define VICTIM_REASON 160

struct victim_nursery;

struct victim {
	const struct provoke_kind *kind;
	struct place place;
	pid_t pid;                      /* 0: not started, or reaped */
	pid_t init;                     /* of its pid namespace; 0: it has none */
	int gate;                       /* a byte lets the victim go on */
	int init_gate;                  /* closed: that init ends */
	struct victim_nursery *nursery; /* of a victim whose thread of birth matters */
	char *reason;     /* shared with the victim: why it could not die; "" if it could */
	uint64_t born_ns; /* CLOCK_BOOTTIME, not after its start */
	uint64_t gone_ns; /* not before its death */
	int status;       /* as waitpid() gives it */
};

enum victim_failure {
	VICTIM_NO_PLACE = 1, /* place_failure and errno say why */
	VICTIM_NO_PROCESS,   /* errno says why */
	VICTIM_UNABLE,       /* its reason says why */
	VICTIM_LIVES,        /* it did not die in time */
	VICTIM_INTERRUPTED,
};

/*
 * Starts it, up to the point where it waits. Signals that end this process and SIGCHLD must be
 * blocked. 0 or -enum victim_failure; with VICTIM_NO_PLACE, *ret_place_failure is set.
 */
int victim_start(const struct provoke_kind *kind, struct victim *ret, int *ret_place_failure);

/* Lets it die, and waits for that. 0 or -enum victim_failure. */
int victim_end(struct victim *victim);

/* False: its place could not be removed. */
bool victim_done(struct victim *victim);

/* The thread that forked the victim ends. */
void victim_close_nursery(struct victim *victim);

/* Sleeps so long, in milliseconds. True: a signal asks to end. */
bool victim_sleep(int ms);

#endif
