/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whose a death was: the victim, and whoever sent the signal or made the OOM killer run, each with
 * what its cgroup path says and with what the node's files call it.
 */
#ifndef KT_ATTRIBUTE_ATTRIBUTION_H
#define KT_ATTRIBUTE_ATTRIBUTION_H

#include "attribute/invocation.h"
#include "attribute/kin.h"
#include "attribute/naming.h"
#include "attribute/owner.h"
#include "decode/death.h"

struct attribution {
	struct owner owner; /* of the victim */
	struct owner sender;
	struct names names;
	struct names sender_names;
	char invocation[INVOCATION_SIZE]; /* of owner.unit; "": unknown */
	const struct kin_child *child;    /* the newest that died before it; NULL: none is known */
	bool is_own_parser; /* a process that reads files for this agent (attribute/parser.h) */
	bool is_replaced_parser; /* and the one that starts them ended it */
};

/* Where the victim was: the default hierarchy's path, or on v1 and hybrid hosts where that is the
 * root, the memory controller's. */
const char *attribution_cgroup(const struct death *death);

/* Where the sender was, by the same rule; the victim's own place when it sent the signal to itself.
 */
const char *attribution_sender_cgroup(const struct death *death);

/* Owners, by paths alone; no names. */
void attribution_read(const struct death *death, struct attribution *ret);

/* Adds the names. A naming of NULL knows none. */
void attribution_find_names(struct attribution *attribution, const struct death *death,
			    struct naming *naming);

/* Whether the names are those of owner.container_id itself, and not of the one around it. */
bool attribution_names_innermost(const struct owner *owner, const struct names *names);

/* The names as bytes, for recordings; empty if there are none. Returns how many. */
size_t attribution_write_names(const struct attribution *attribution,
			       char ret_text[2 * NAMES_TEXT_MAX]);

/* Takes the names that were written; what is not of that form adds none. */
void attribution_read_names(struct attribution *attribution, const char *text, size_t size);

#endif
