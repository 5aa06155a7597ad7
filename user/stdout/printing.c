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

void printing_expect_waited(struct printing *printing, uint64_t before, uint64_t began_ns,
			    const char *how)
{
	printing->waited = (struct waited){ .before = before, .began_ns = began_ns, .how = how };
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

/* The smaller sequence; 0 is none. */
static uint64_t earlier(uint64_t one, uint64_t other)
{
	return one && (!other || one < other) ? one : other;
}

/* `unprinted`: of the first death that was not written; 0: it was about losses. */
static void fail(struct printing *printing, int error, uint64_t unprinted)
{
	if (!printing->failure)
		printing->failure = error;
	printing->unprinted = earlier(printing->unprinted, unprinted);
}

/* A line that was not written was counted when its deaths came. If the source keeps them, the next
 * reader prints all rows again, also those that were printed before one failed. */
static void take_back(const struct printing *printing, const struct printing_line *line)
{
	if (line->stuck)
		tally_take_back_stuck(printing->tally);
	else
		tally_take_back(printing->tally, line->cause, line->deaths);
	if (printing->tally->owners)
		owners_take_back(printing->tally->owners, line->owner, line->deaths);
	if (!printing->leaves)
		printing->tally->losses.count[LOSS_OUTPUT] += line->stuck + line->deaths;
}

static int write_gathered(struct printing *printing)
{
	struct lines *lines = printing->printer->lines;
	const unsigned int count = lines ? lines->count : 0;
	unsigned int written;
	int error;

	if (!count)
		return 0;
	error = lines_write(lines, &written);
	if (!error)
		return 0;
	for (unsigned int i = written; i < count; i++) {
		take_back(printing, &printing->gathered[i]);
		fail(printing, error, printing->gathered[i].sequence);
	}
	fail(printing, error, 0);
	return error;
}

/* Before one more is added: then all that is gathered has been counted. */
static int make_room(struct printing *printing)
{
	const struct lines *lines = printing->printer->lines;

	return lines && lines_are_full(lines) ? write_gathered(printing) : 0;
}

/* After the printer was called: it may have added a line, or none. */
static void note(struct printing *printing, struct printing_line line, unsigned int before)
{
	const struct printer *printer = printing->printer;
	struct owners *owners = printing->tally->owners;

	if (!printer->lines || printer->lines->count <= before)
		return;
	if (line.deaths && owners && printer->ops->owner)
		line.owner = owners_count(owners, printer->ops->owner(printer), line.deaths);
	printing->gathered[before] = line;
}

static unsigned int gathered(const struct printing *printing)
{
	return printing->printer->lines ? printing->printer->lines->count : 0;
}

static struct printing_line line_of_row(const struct event *row, uint64_t first)
{
	return (struct printing_line){
		.cause = cause_by_name(reported_text(row->reported, REPORTED_CAUSE)),
		.deaths = row->reported->repeats.count,
		.sequence = first,
	};
}

static int print_row(struct printing *printing, const struct event *row, struct printing_line line)
{
	int error = make_room(printing);
	const unsigned int before = gathered(printing);

	if (!error)
		error = printing->printer->ops->row(printing->printer, row);
	if (!error)
		note(printing, line, before);
	return error;
}

/* After a failure nothing is printed, and what was counted is taken back. */
static int print_rows(struct printing *printing)
{
	const uint64_t first = printing->fold ? fold_first(printing->fold) : 0;
	struct event *rows;
	uint64_t lost;
	int error = printing->failure;

	if (!first)
		return 0;
	rows = fold_close(printing->fold, &lost);
	printing->tally->losses.count[LOSS_OUTPUT] += lost;
	for (const struct event *row = rows; row; row = row->next) {
		const struct printing_line line = line_of_row(row, first);

		if (!error)
			error = print_row(printing, row, line);
		if (error)
			take_back(printing, &line);
	}
	event_unref(rows);
	if (error)
		fail(printing, error, first);
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
	const struct printing_line line = {
		.cause = report->verdict.cause,
		.stuck = report->verdict.stuck,
		.deaths = !report->verdict.stuck,
		.sequence = report->death->sequence,
	};
	int error = print_rows(printing);
	unsigned int before;

	if (!error)
		error = make_room(printing);
	before = gathered(printing);
	if (!error)
		error = printing->printer->ops->death(printing->printer, report);
	if (!error)
		note(printing, line, before);
	return error;
}

static int print_rule(struct printing *printing)
{
	const struct waited waited = printing->waited;
	unsigned int before;
	int error;

	printing->waited.before = 0;
	if (!waited.deaths || !printing->printer->ops->rule)
		return 0;
	error = print_rows(printing);
	if (!error)
		error = make_room(printing);
	before = gathered(printing);
	if (!error)
		error = printing->printer->ops->rule(printing->printer, &waited);
	if (!error)
		note(printing, (struct printing_line){ .cause = CAUSE_COUNT }, before);
	else
		fail(printing, error, 0);
	return error;
}

static void note_waited(struct waited *waited, const struct report *report)
{
	const struct death *death = report->death;

	if (!waited->before || report->verdict.stuck || death->record.time_ns >= waited->began_ns)
		return;
	if (!waited->deaths++)
		waited->first_ns =
			clock_realtime_ns(death->record.time_ns, death->realtime_offset_ns);
}

int printing_reached(struct printing *printing, uint64_t reached)
{
	const uint64_t before = printing->waited.before;

	return before && reached >= before && !printing->failure ? print_rule(printing) : 0;
}

static int print_death(void *context, const struct report *report)
{
	struct printing *printing = context;
	int error;

	if (printing->failure) {
		printing->tally->losses.count[LOSS_OUTPUT]++;
		return REPORT_MISSED;
	}
	error = printing_reached(printing, report->death->sequence);
	if (!error)
		error = fold(printing, report);
	if (!error)
		error = print_whole(printing, report);
	if (error >= 0) {
		note_waited(&printing->waited, report);
		return 0;
	}
	fail(printing, error, report->death->sequence);
	if (!printing->leaves)
		printing->tally->losses.count[LOSS_OUTPUT]++;
	return error;
}

static int print_losses(void *context, const struct origin *origin, const struct losses *losses,
			int64_t realtime_ns)
{
	struct printing *printing = context;
	unsigned int before;
	int error;

	if (printing->failure)
		return printing->failure;
	error = print_rows(printing);
	if (!error)
		error = make_room(printing);
	before = gathered(printing);
	if (!error)
		error = printing->printer->ops->losses(printing->printer, origin, losses,
						       realtime_ns);
	if (!error)
		note(printing, (struct printing_line){ .cause = CAUSE_COUNT }, before);
	else
		fail(printing, error, 0);
	return error;
}

bool printing_fold(struct printing *printing, uint64_t span)
{
	printing->fold = fold_new(span, FOLD_SEEN_NS);
	return printing->fold != NULL;
}

int printing_write(struct printing *printing)
{
	return write_gathered(printing);
}

int printing_settle(struct printing *printing, uint64_t newest)
{
	int error = 0;

	if (printing->failure)
		return printing->failure;
	if (printing->fold && fold_is_due(printing->fold, newest, clock_boottime_ns()))
		error = print_rows(printing);
	if (!error)
		error = write_gathered(printing);
	return error || !printing->fold ? error : fold_first(printing->fold) != 0;
}

int printing_finish(struct printing *printing)
{
	const int error = print_rows(printing);
	const int written = printing_write(printing);

	return error ? error : written;
}

uint64_t printing_first_open(const struct printing *printing)
{
	const unsigned int count = gathered(printing);
	uint64_t first = printing->unprinted;

	for (unsigned int i = 0; i < count; i++)
		first = earlier(first, printing->gathered[i].sequence);
	return earlier(first, printing->fold ? fold_first(printing->fold) : 0);
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
