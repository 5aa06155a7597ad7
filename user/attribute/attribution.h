/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The owners in a death: of the victim, and of the process that sent the signal or made the OOM
 * killer run. Each has what its cgroup path says and the names in the node's files.
 */
#ifndef KT_ATTRIBUTE_ATTRIBUTION_H
#define KT_ATTRIBUTE_ATTRIBUTION_H

#include "attribute/invocation.h"
#include "attribute/kin.h"
#include "attribute/naming.h"
#include "attribute/owner.h"
#include "decode/death.h"

struct memo;

struct attribution {
	struct owner owner; /* of the victim */
	struct owner sender;
	struct names names;
	struct names sender_names;
	char invocation[INVOCATION_SIZE]; /* of owner.unit; "": unknown */
	const struct kin_child *child;    /* the newest that died before it; NULL: none is known */
	bool is_own_parser;      /* the victim reads files for this agent (attribute/parser.h) */
	bool is_replaced_parser; /* and it was ended by the process that starts those */
};

/* The cgroup of the victim: the default hierarchy's path; on v1 and hybrid hosts, if that is the
 * root, the memory controller's. */
const char *attribution_cgroup(const struct death *death);

/* The cgroup of the sender, by the same rule; the victim's own if it sent the signal to itself. */
const char *attribution_sender_cgroup(const struct death *death);

/* Owners, by paths alone; no names. */
void attribution_read(const struct death *death, struct attribution *ret);

/* The same, with a memo of `struct owner`, which can be NULL. */
void attribution_recall(const struct death *death, struct memo *owners, struct attribution *ret);

/* Adds the names. If naming is NULL, none are known. */
void attribution_find_names(struct attribution *attribution, const struct death *death,
			    struct naming *naming);

/* Whether the names are those of owner.container_id itself, and not of the container around it. */
bool attribution_names_innermost(const struct owner *owner, const struct names *names);

/* Writes the names as bytes, for recordings; nothing if there are none. Returns how many bytes. */
size_t attribution_write_names(const struct attribution *attribution,
			       char ret_text[2 * NAMES_TEXT_MAX]);

/* Reads the names that were written; adds none if the text has another form. */
void attribution_read_names(struct attribution *attribution, const char *text, size_t size);

#endif
