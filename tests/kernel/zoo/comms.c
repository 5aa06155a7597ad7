/* SPDX-License-Identifier: BSD-2-Clause */
/* An attacker can choose a process name. */
#include "zoo.h"

/* NOLINTBEGIN(misc-misleading-bidirectional): one of them is meant to mislead */
static const char *const names[] = {
	"kz\nnewline",         "kz\033[31mred", "kz\"q\\b'",  "kz\xff\xfe\xc3(",
	"kz\xe2\x80\xaetxt.e", "foo) Z ",       "kz\rX\tY\a", "kz{a=\"b\",c}",
};
/* NOLINTEND(misc-misleading-bidirectional) */

static void fall(struct witness *me, const void *arg)
{
	(void)me;
	(void)arg;
	null_write();
}

static void scene(const struct victim *v)
{
	actor_start("victim", names[v->arg], fall, NULL);
}

static const struct victim victims[] = {
	{ .name = "comm-newline", .arg = 0, .scene = scene },
	{ .name = "comm-escape", .arg = 1, .scene = scene },
	{ .name = "comm-quotes", .arg = 2, .scene = scene },
	{ .name = "comm-not-utf8", .arg = 3, .scene = scene },
	{ .name = "comm-rtl", .arg = 4, .scene = scene },
	{ .name = "comm-paren", .arg = 5, .scene = scene },
	{ .name = "comm-control", .arg = 6, .scene = scene },
	{ .name = "comm-label", .arg = 7, .scene = scene },
};

const struct menagerie zoo_comms = MENAGERIE(victims);
