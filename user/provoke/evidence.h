/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether the places of an agent have a death. A history and JSON lines name the process, so they
 * prove it. Counters only grow: they show that something was counted, not what.
 *
 * Ownership: the agent's places are the caller's and have to outlive it.
 */
#ifndef KT_PROVOKE_EVIDENCE_H
#define KT_PROVOKE_EVIDENCE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "explain/cause.h"
#include "provoke/agent.h"

/* The death that is looked for. */
struct evidence_death {
	pid_t pid; /* as this process has it, which may be in a pid namespace */
	enum cause cause;
	int64_t born_ns, gone_ns; /* on the wall clock: around its life */
};

enum evidence_state {
	EVIDENCE_ABSENT, /* there is no such place */
	EVIDENCE_MISSING,
	EVIDENCE_RIGHT,
	EVIDENCE_WRONG,  /* it has the death with another cause */
	EVIDENCE_UNSEEN, /* it cannot be looked at from here */
};

struct evidence_row {
	const char *place;
	enum evidence_state state;
	bool names_it; /* it shows which process died */
	char note[256];
};

enum {
	EVIDENCE_HISTORY,
	EVIDENCE_JSON,
	EVIDENCE_COUNTERS,
	EVIDENCE_JOURNAL,
	EVIDENCE_OTLP,
	EVIDENCE_ROWS
};

struct evidence_counters {
	bool read;
	uint64_t kills, journal, otlp;
};

struct evidence {
	const struct agent *agent;
	struct evidence_row row[EVIDENCE_ROWS];
	struct evidence_counters before;
	struct stat json_before;
};

/* Before the death. */
void evidence_begin(struct evidence *evidence, const struct agent *agent, enum cause cause);

/* Looks at each place that has not shown the death yet. True: none is missing any more. */
bool evidence_look(struct evidence *evidence, const struct evidence_death *death);

/* What a JSON record says about the death: EVIDENCE_MISSING if it is about another one. */
enum evidence_state evidence_of_line(const char *line, const struct evidence_death *death,
				     char *ret_note, size_t size);

/* The places one by one, for evidence.c. */
void evidence_look_history(const struct agent_place *place, const struct evidence_death *death,
			   struct evidence_row *row);
void evidence_look_json(const struct agent_place *place, const struct stat *before,
			const struct evidence_death *death, struct evidence_row *row);
void evidence_read_counters(const struct agent_place *place, enum cause cause,
			    struct evidence_counters *ret);

#endif
