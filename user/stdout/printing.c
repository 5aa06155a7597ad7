// SPDX-License-Identifier: BSD-2-Clause
#include "stdout/printing.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/say.h"
#include "fold/fold.h"
#include "stdout/human.h"
#include "stdout/json.h"
#include "stdout/otlp_lines.h"

static struct printer *new_printer(enum output_format format, const struct screen *screen)
{
	if (format == OUTPUT_JSON)
		return printer_json_new(STDOUT_FILENO);
	if (format == OUTPUT_OTLP)
		return printer_otlp_lines_new(STDOUT_FILENO);
	return printer_human_new(screen);
}

bool printing_begin(struct printing *printing, enum output_format format,
		    const struct screen *screen, struct tally *tally)
{
	return printing_take(printing, new_printer(format, screen), tally);
}

bool printing_take(struct printing *printing, struct printer *printer, struct tally *tally)
{
	*printing = (struct printing){ .printer = printer, .tally = tally };
	return printer != NULL;
}

bool printing_ready(const struct printing *printing, pid_t agent)
{
	return !printing->ready || printing->ready(printing->ready_context, agent);
}

void printing_end(struct printing *printing)
{
	fold_free(printing->fold);
	printing->fold = NULL;
	printer_free(printing->printer);
	printing->printer = NULL;
}

/* A row that failed was counted when its deaths came. If the source keeps them, the next reader
 * prints all rows again, also those that were printed before one failed. */
static void take_back(struct printing *printing, const struct event *row)
{
	const char *cause = reported_text(row->reported, REPORTED_CAUSE);
	const uint64_t deaths = row->reported->repeats.count;

	tally_take_back(printing->tally, cause_by_name(cause), deaths);
	if (!printing->leaves)
		printing->tally->losses.count[LOSS_OUTPUT] += deaths;
}

static int print_rows(struct printing *printing)
{
	struct printer *printer = printing->printer;
	const uint64_t first = printing->fold ? fold_first(printing->fold) : 0;
	struct event *rows;
	uint64_t lost;
	int error = 0;

	if (!first)
		return 0;
	rows = fold_close(printing->fold, &lost);
	printing->tally->losses.count[LOSS_OUTPUT] += lost;
	for (const struct event *row = rows; row; row = row->next) {
		if (!error)
			error = printer->ops->row(printer, row);
		if (error)
			take_back(printing, row);
	}
	event_unref(rows);
	if (error) {
		printing->failed = true;
		printing->unprinted = first;
	}
	return error;
}

/* Outlets have no part in it: whatever comes is wanted. */
#define ALL 1

/* 1: it is in a row now; 0: it has to be printed; -errno: rows before it could not be printed. */
static int fold(struct printing *printing, const struct report *report)
{
	int error = 0;

	if (!printing->fold || !fold_takes(printing->fold, report))
		return 0;
	if (!fold_joins(printing->fold, report, ALL))
		error = print_rows(printing);
	return error ? error : !fold_add(printing->fold, report, ALL);
}

static int print_whole(struct printing *printing, const struct report *report)
{
	int error = print_rows(printing);

	return error ? error : printing->printer->ops->death(printing->printer, report);
}

static int print_death(void *context, const struct report *report)
{
	struct printing *printing = context;
	int error;

	if (printing->failed) {
		printing->tally->losses.count[LOSS_OUTPUT]++;
		return REPORT_MISSED;
	}
	error = fold(printing, report);
	if (!error)
		error = print_whole(printing, report);
	if (error >= 0)
		return 0;
	printing->failed = true;
	if (!printing->leaves)
		printing->tally->losses.count[LOSS_OUTPUT]++;
	return error;
}

static int print_losses(void *context, const struct origin *origin, const struct losses *losses,
			int64_t realtime_ns)
{
	struct printing *printing = context;
	int error;

	if (printing->failed)
		return 0;
	error = print_rows(printing);
	return error ? error
		     : printing->printer->ops->losses(printing->printer, origin, losses,
						      realtime_ns);
}

bool printing_fold(struct printing *printing, uint64_t span)
{
	printing->fold = fold_new(span, FOLD_SEEN_NS);
	return printing->fold != NULL;
}

int printing_settle(struct printing *printing, uint64_t newest)
{
	int error = 0;

	if (!printing->fold)
		return 0;
	if (fold_is_due(printing->fold, newest, clock_boottime_ns()))
		error = print_rows(printing);
	return error ? error : fold_first(printing->fold) != 0;
}

int printing_finish(struct printing *printing)
{
	return printing->failed ? 0 : print_rows(printing);
}

uint64_t printing_first_open(const struct printing *printing)
{
	if (printing->unprinted)
		return printing->unprinted;
	return printing->fold ? fold_first(printing->fold) : 0;
}

struct report_receiver printing_receiver(struct printing *printing)
{
	return (struct report_receiver){
		.death = print_death,
		.losses = print_losses,
		.context = printing,
	};
}

int printing_reader(short revents)
{
	if (revents & POLLNVAL)
		return -EBADF;
	return revents & (POLLERR | POLLHUP) ? -EPIPE : 0;
}

int printing_exit_code(int result)
{
	if (!result || result == FRAME_ENOUGH || result == -EPIPE || result == -EINTR)
		return EXIT_SUCCESS;
	say("cannot write the output: %s", strerror(-result));
	return EXIT_FAILURE;
}
