/* SPDX-License-Identifier: BSD-2-Clause */
/* Deaths by the process's own SIGABRT, as in libc. */
#include "zoo.h"

#undef NDEBUG
#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void knows_self(struct witness *me)
{
	actor_hush();
	knows_number(me, "sender_pid", me->pid);
	knows_number(me, "sender_uid", getuid());
}

static void double_free(struct witness *me, long arg)
{
	void *volatile block = malloc(24);
	void *volatile again = block;

	(void)arg;
	knows_self(me);
	free(block);
	free(again);
}

static void smash(struct witness *me, long arg)
{
	(void)arg;
	knows_self(me);
	smash_stack();
}

static void fail_assertion(struct witness *me, long arg)
{
	volatile int truth = 0;

	(void)arg;
	knows_self(me);
	assert(truth);
}

static void plain_abort(struct witness *me, long arg)
{
	(void)arg;
	knows_self(me);
	abort();
}

static const struct victim victims[] = {
	{ .name = "double-free", .comm = "kz-double-free", .die = double_free },
	{ .name = "stack-smash", .comm = "kz-smash", .die = smash },
	{ .name = "assert", .comm = "kz-assert", .die = fail_assertion },
	{ .name = "abort", .comm = "kz-abort", .die = plain_abort },
};

const struct menagerie zoo_aborts = MENAGERIE(victims);
