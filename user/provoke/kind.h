/* SPDX-License-Identifier: BSD-2-Clause */
/* The ways in which a victim can be made to die, one for each cause, and why others are refused. */
#ifndef KT_PROVOKE_KIND_H
#define KT_PROVOKE_KIND_H

#include "explain/cause.h"
#include "provoke/place.h"

struct victim;

enum provoke_birth {
	BORN_PLAIN,
	BORN_OF_THREAD,    /* a thread of ours forks it, which can end before us */
	BORN_IN_NAMESPACE, /* second in a pid namespace of its own */
};

struct provoke_kind {
	const char *refusal; /* NULL: it can be provoked here */
	int signal;          /* that ends it; 0: it exits with `status` */
	int status;
	enum provoke_birth birth;
	struct place_needs needs;
	/* In the victim, before it waits; NULL: nothing. */
	void (*prepare)(void);
	/* In the victim. It does not return, except if it could not die. NULL: it waits. */
	void (*die)(void);
	/* In this process, while the victim waits or dies. NULL: nothing. */
	int (*act)(struct victim *victim);
};

const struct provoke_kind *provoke_kind(enum cause cause);

/* One line about this way to die; of a refused one why it is refused. */
const char *provoke_help(enum cause cause);

#endif
