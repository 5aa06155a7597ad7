/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line: the options of every subcommand, parsed once into one plain struct. */
#ifndef KT_OPTIONS_H
#define KT_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "line/select.h"
#include "history/history_limits.h"
#include "listen/listen_address.h"
#include "kube/kube_account.h"
#include "otlp/otlp_settings.h"
#include "source/tracer.h"
#include "stdout/groups.h"
#include "stdout/printing.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* Groups of options; a command takes some. */
enum option_group {
	OPTIONS_SOURCE = 1 << 0, /* what is traced and how */
	OPTIONS_OUTPUT = 1 << 1,
	OPTIONS_SELECT = 1 << 2, /* which deaths are reported */
	OPTIONS_LIMIT = 1 << 3,  /* when to end, for live data */
	OPTIONS_SINKS = 1 << 4,  /* where an agent writes */
	OPTIONS_PAST = 1 << 5,   /* which part of the history */
	OPTIONS_JUDGE = 1 << 6,  /* how causes are distinguished */
	OPTIONS_PIN = 1 << 7,    /* what outlives the process */
	OPTIONS_UNPIN = 1 << 8,
	OPTIONS_COUNT = 1 << 9, /* when to end, for a recording */
	OPTIONS_FEED = 1 << 10, /* whether an agent offers a live view */
	OPTIONS_VIEW = 1 << 11, /* the live view of an agent */
	OPTIONS_DISARM = 1 << 12,
	OPTIONS_NAMES = 1 << 13,  /* of the node, and of containers and pods on it */
	OPTIONS_BROWSE = 1 << 16, /* which part of that is shown, and how */
	OPTIONS_LISTEN = 1 << 14,
	OPTIONS_PROVOKE = 1 << 20,
	OPTIONS_DOCTOR = 1 << 21,
	OPTIONS_WHY = 1 << 15,    /* which death is explained, and how */
	OPTIONS_FOLD = 1 << 22,   /* what becomes of many equal deaths */
	OPTIONS_REPORT = 1 << 23, /* where a page goes, and about which deaths */
	OPTIONS_COLOR = 1 << 24,  /* without other forms of output */
};

struct options {
	struct tracer_options tracer;
	struct selection selection;
	enum output_format output;
	struct screen_wishes screen; /* rows for people */
	const char *node;            /* NULL: found automatically */
	const char *host_root;       /* NULL: the root of this process */
	const char *symbols;         /* where programs and debug information may be, or NULL */
	bool no_symbols;
	bool fold;          /* many equal deaths become one event */
	bool unpin;         /* only remove what is pinned */
	bool protect;       /* for an agent: keep memory, even in an OOM */
	bool own;           /* use programs of its own, even if an agent runs */
	const char *socket; /* of the agent's live view; NULL: none */
	bool journal;
	const char *textfile;    /* folder; NULL: none */
	const char *json_file;   /* "-": standard output; NULL: none */
	uint64_t json_file_most; /* bytes; 0: any */
	const char *history;     /* NULL: none */
	const char *replay;      /* a recording to explain a death from; NULL: none */
	struct history_limits history_limits;
	int64_t since_ns, until_ns; /* wall clock */
	unsigned long limit;        /* 0: all */
	bool past_day;              /* no time was given, and since_ns is a day ago */
	bool past_week;             /* the same for a report */
	const char *report_file;    /* "-" or NULL: standard output */
	bool newest_first, follow, no_pager;
	const char *grep; /* NULL: all */
	enum group_by group_by;
	struct otlp_settings otlp; /* without a url: none */
	bool kubernetes_events;
	struct kube_account kube; /* of them */
	bool listens;
	struct listen_address listen;
	const char *otlp_queue;   /* folder; NULL: in memory */
	uint64_t otlp_queue_most; /* bytes */
	const char *argument;     /* the one operand, where a command takes one; NULL: left out */
	unsigned long count;      /* 0: no limit */
	uint64_t duration_ns;     /* 0: no limit */
	bool verbose;
	bool list;          /* only list what there is to choose from */
	uint64_t within_ns; /* how long an agent may take to report */
	bool draws;         /* full screen; set by its command */
	unsigned int width; /* of text, if that is not for the terminal; 0: as wide as that */
};

/* What a command does with pinned programs, if it has these options. */
enum command_pin {
	COMMAND_PINS_IF_TOLD, /* --pin DIR */
	COMMAND_READS_ARMED,  /* reads what was armed, at the default place or at --pin DIR */
	COMMAND_ARMS,
	COMMAND_UNPINS,
};

struct command {
	const char *name;
	const char *operand; /* "FILE"; "[WHAT]": it can be left out; NULL: takes none */
	const char *help;    /* one line */
	unsigned int groups; /* of enum option_group */
	int (*run)(const struct options *options);
	enum command_pin pin;
};

enum options_result { OPTIONS_RUN, OPTIONS_DONE, OPTIONS_BAD };

/*
 * `argv[0]` is the command's name. OPTIONS_BAD: a message said what is wrong. OPTIONS_DONE: help or
 * version was printed. Strings live until options_done().
 */
enum options_result options_parse(const struct command *command, int argc, const char **argv,
				  struct options *ret);
void options_done(struct options *options);

#endif
