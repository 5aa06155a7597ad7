/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a command uses standard output: which printer it takes, and when it stops.
 *
 * Many equal deaths become one row (fold/fold.h), if that is wanted. A row is printed when its time
 * is over, and before anything else that is printed.
 *
 * Lines are gathered and written at once, when it is asked for or they become many. What
 * is not written then counts as not printed.
 *
 * If the reader goes away (-EPIPE) or stop is requested (-EINTR), the command ends quietly. After
 * the first report that could not be printed nothing more is tried: deaths that still come are
 * counted as lost, and losses are refused, so that they do not count as reported.
 *
 * Ownership: it owns its printer; the tally belongs to the caller and must outlive it.
 */
#ifndef KT_STDOUT_PRINTING_H
#define KT_STDOUT_PRINTING_H

#include <stdbool.h>
#include <sys/types.h>

#include "explain/report_receiver.h"
#include "stdout/printer.h"
#include "stdout/screen.h"
#include "stdout/tally.h"

enum output_format { OUTPUT_HUMAN, OUTPUT_JSON, OUTPUT_OTLP, OUTPUT_MARKDOWN };

/* What a line that is not written yet stands for. */
struct printing_line {
	enum cause cause;
	bool stuck;        /* a process that has not died yet */
	uint64_t deaths;   /* 0: it is about losses, or `stuck` */
	uint64_t sequence; /* of the first of them; 0: losses */
	uint64_t owner;    /* its number in the tally; 0: not counted */
};

struct printing {
	struct printer *printer; /* NULL: not begun */
	struct fold *fold;       /* NULL: each death is printed by itself */
	struct tally *tally;     /* also of what could not be printed */
	int failure;             /* -errno: nothing more is printed */
	/* sequence of the first death that was taken and could not be written; 0: none */
	uint64_t unprinted;
	struct printing_line gathered[LINES_MOST]; /* as the lines of the printer */
	struct waited waited;
	bool leaves; /* the source keeps what failed for its next reader: it is not lost */
	/* Called when the process is confined, before the first event; `agent`: whose view it is,
	 * 0: programs of its own. False: it cannot begin, which was reported. NULL: nothing. */
	bool (*ready)(void *context, pid_t agent);
	void *ready_context;
};

/* `screen` is for people. False: out of memory. */
bool printing_begin(struct printing *printing, enum output_format format,
		    const struct screen *screen, struct tally *tally);
/* Of somebody else's making, which is owned from now on. False: it is NULL. */
bool printing_take(struct printing *printing, struct printer *printer, struct tally *tally);
/* Before the first death: of the records with a sequence smaller than `before`, the deaths before
 * `began_ns` (CLOCK_BOOTTIME) waited, for the reason `how`, which must outlive it. A line after
 * them says so, if the printer has one. */
void printing_expect_waited(struct printing *printing, uint64_t before, uint64_t began_ns,
			    const char *how);
/* All records with a sequence smaller than `reached` have been read. 0 or -errno. */
int printing_reached(struct printing *printing, uint64_t reached);
/* Calls `ready`, if there is one, and returns its result. */
bool printing_ready(const struct printing *printing, pid_t agent);
/* From now on many equal deaths become one row; `span` as for fold_new(). False: out of memory. */
bool printing_fold(struct printing *printing, uint64_t span);
/* Writes what is gathered: the next death may take long to come. 0 or -errno. */
int printing_write(struct printing *printing);
/* Prints rows whose time is over, and writes what is gathered; `newest` is the sequence of the last
 * record, of any kind, 0: not known. 1: others are open, to be called again soon; 0: none, or
 * -errno, also if printing has failed before. */
int printing_settle(struct printing *printing, uint64_t newest);
/* Prints and writes all: nothing more comes. 0 or -errno. */
int printing_finish(struct printing *printing);
/* The sequence of the first death that waits to be written, or could not be; 0: none. */
uint64_t printing_first_open(const struct printing *printing);
/* Also for one that was not begun (all zero). */
void printing_end(struct printing *printing);

struct report_receiver printing_receiver(struct printing *printing);

/* What poll(2) says about standard output, without requested events: 0, -EPIPE (its reader is gone)
 * or -EBADF. */
int printing_reader(short revents);

/* Prints the last message and returns the exit code. A reader that went away or a request to stop
 * is no failure. */
int printing_exit_code(int result);

#endif
