// SPDX-License-Identifier: BSD-2-Clause
#include "explain/copy.h"

#include <signal.h>
#include <string.h>

#include "base/cleanup.h"

#define STATUS_CORE 0x80

static bool is_by_own_will(const struct death *death, const struct verdict *verdict)
{
	bool sent = verdict->cause == CAUSE_SIGNAL || verdict->cause == CAUSE_ABORT ||
		    verdict->cause == CAUSE_SIGKILL;

	return sent && verdict->sender == SENDER_PROCESS && death->has_signal &&
	       (death->signal.flags & KT_SIGNAL_SELF) && !death->is_echo && !verdict->shows_fault &&
	       !verdict->stuck && !verdict->thread_only;
}

/*
 * A supervisor that fails an assertion because of the program it ran looks much the same: abort()
 * raises, that is, it calls tgkill(). Of the wrappers, unshare(1), nsenter(1) and sudo(8) call
 * kill(). timeout(1) and strace(1) raise as well, but without a core of their own (coreutils
 * src/timeout.c, strace src/strace.c).
 */
static bool may_be_its_own_abort(const struct death *death)
{
	static const char *const raisers[] = { "timeout", "strace" };

	if (death->signal.number != SIGABRT)
		return false;
	if (death->record.status & STATUS_CORE)
		return true;
	if ((death->signal.flags & KT_SIGNAL_GROUP) && death->signal.code != SI_TKILL)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(raisers); i++)
		if (!strcmp(death->exe, raisers[i]))
			return false;
	return true;
}

/* A wrapper in a wrapper may be the same program: the first death must be of another one. */
static bool runs_another_program(const struct death *death, const struct kin_child *child)
{
	return death->exe[0] && child->first.exe[0] && strcmp(death->exe, child->first.exe) != 0;
}

/* The child may die before the next signal is sent, or long after it. */
static bool ends_both(const struct death *death, const struct kin_child *child)
{
	return death->signal.number == SIGKILL && child->sender_pid == death->record.tgid;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a < b ? b - a : a - b;
}

const struct kin_death *copy_of(const struct death *death, const struct verdict *verdict,
				const struct kin_child *child, uint64_t window_ns)
{
	const struct kt_signal *signal = &death->signal;

	if (!child || !is_by_own_will(death, verdict) || may_be_its_own_abort(death) ||
	    child->death.number != signal->number ||
	    distance(signal->time_ns, child->death.time_ns) > window_ns)
		return NULL;
	/* "kill 0" in a script passes nothing on */
	if (signal->flags & (KT_SIGNAL_TO_PROCESS_GROUP | KT_SIGNAL_TO_ALL))
		return ends_both(death, child) ? &child->first : NULL;
	return signal->time_ns >= child->death.time_ns && runs_another_program(death, child)
		       ? &child->first
		       : NULL;
}
