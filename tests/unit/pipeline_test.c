// SPDX-License-Identifier: BSD-2-Clause
/* From a frame to the receiver of reports: what is passed on, and what is counted, once. */
#include "unit.h"

#include "base/clock.h"
#include "fold/fold.h"
#include "outlet/handback.h"
#include "pipeline.h"
#include "record_builder.h"
#include "stdout/json.h"
#include "stdout/printing.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct pipeline *pipeline;
static struct options options;
static struct frame_receiver receiver;

/* The receiver of the reports. */
static struct taker {
	unsigned int deaths, losses;
	uint64_t last, lost;
	int answer;
} taker;

static int take_death(void *context, const struct report *report)
{
	assert_ptr_equal(context, &taker);
	if (taker.answer)
		return taker.answer;
	taker.deaths++;
	taker.last = report->death->sequence;
	return 0;
}

static int take_losses(void *context, const struct origin *origin, const struct losses *losses,
		       int64_t realtime_ns)
{
	assert_ptr_equal(context, &taker);
	assert_ptr_equal(origin, &pipeline->origin);
	assert_true(realtime_ns > 0);
	taker.losses++;
	taker.lost += losses->count[LOSS_UNDECODABLE];
	return 0;
}

static int begin(void **state)
{
	(void)state;
	memset(&options, 0, sizeof(options));
	memset(&taker, 0, sizeof(taker));
	pipeline = calloc(1, sizeof(*pipeline));
	assert_non_null(pipeline);
	pipeline->options = &options;
	pipeline->reports = (struct report_receiver){ take_death, take_losses, &taker };
	receiver = pipeline_receiver(pipeline);
	return 0;
}

static int end(void **state)
{
	(void)state;
	free(pipeline);
	return 0;
}

static uint64_t death_ns; /* the time of the deaths that are given; 0: the builder's */

/* A death by this signal. */
static int give(uint64_t sequence, unsigned int signal)
{
	static struct record_builder builder;
	struct frame frame;

	builder_init(&builder, signal);
	if (death_ns)
		builder.record.time_ns = death_ns;
	frame = builder_frame(&builder);
	frame.sequence = sequence;
	frame.names = "";
	return receiver.frame(receiver.context, &frame);
}

/* A death that a filter hides. */
static int give_hidden(uint64_t sequence)
{
	static char *others[] = { (char *)"other", NULL };
	int result;

	options.selection.comm = others;
	result = give(sequence, SIGSEGV);
	options.selection.comm = NULL;
	return result;
}

static int give_garbage(uint64_t sequence)
{
	const struct frame frame = {
		.sequence = sequence,
		.realtime_offset_ns = BUILDER_OFFSET_NS,
		.record = "garbage",
		.record_size = 7,
		.names = "",
	};

	return receiver.frame(receiver.context, &frame);
}

static void test_handed_on(void **state)
{
	(void)state;
	assert_int_equal(give(7, SIGSEGV), 0);
	assert_int_equal(give(8, SIGKILL), 0);
	assert_int_equal(taker.deaths, 2);
	assert_int_equal(taker.last, 8);
	assert_int_equal(pipeline->tally.deaths, 2);
	assert_int_equal(pipeline->tally.routine + pipeline->tally.filtered, 0);
}

/* The death that reaches --count ends the reading, and is reported. */
static void test_count(void **state)
{
	(void)state;
	options.count = 2;
	assert_int_equal(give(1, SIGSEGV), 0);
	assert_int_equal(give(2, SIGSEGV), FRAME_ENOUGH);
	assert_int_equal(taker.deaths, 2);
}

/* A recording can have the records of two boots: none of them is a repetition. */
static void test_any_order_in_a_recording(void **state)
{
	(void)state;
	assert_int_equal(give(9, SIGSEGV), 0);
	assert_int_equal(give(3, SIGSEGV), 0);
	assert_int_equal(pipeline->tally.deaths, 2);
}

/*
 * Records repeated for an outlet are passed on again, but not counted again: a death that is
 * reported, one that is hidden, one that cannot be read.
 */
static void test_comes_again(void **state)
{
	struct handback handback = { .read = 0 };

	(void)state;
	pipeline->handback = &handback;
	pipeline->live = true;
	options.count = 3;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(give(1, SIGSEGV), 0);
		assert_int_equal(give_hidden(2), 0);
		assert_int_equal(give_garbage(3), 0);
		assert_int_equal(give(4, SIGSEGV), 0);
	}
	assert_int_equal(taker.deaths, 6);
	assert_int_equal(pipeline->tally.deaths, 2);
	assert_int_equal(pipeline->tally.filtered, 1);
	/* live losses are gathered until they are requested */
	assert_int_equal(taker.losses, 0);
	assert_int_equal(receiver.losses(receiver.context, &(struct losses){ .count = { 0 } }, 1),
			 0);
	assert_int_equal(taker.losses, 1);
	assert_int_equal(taker.lost, 1);
	assert_int_equal(pipeline->tally.losses.count[LOSS_UNDECODABLE], 1);
	assert_int_equal(give(5, SIGSEGV), FRAME_ENOUGH);
}

/* In a recording they are reported at once, with the time of the record before. */
static void test_unreadable_record(void **state)
{
	(void)state;
	assert_int_equal(give(1, SIGSEGV), 0);
	assert_int_equal(give_garbage(2), 0);
	assert_int_equal(taker.losses, 1);
	assert_int_equal(taker.lost, 1);
}

/* An error ends the reading, and missed reports are not counted as reported. */
static void test_error_of_the_receiver(void **state)
{
	(void)state;
	taker.answer = -EIO;
	assert_int_equal(give(1, SIGSEGV), -EIO);
	taker.answer = REPORT_MISSED;
	assert_int_equal(give(2, SIGSEGV), 0);
	assert_int_equal(pipeline->tally.deaths, 0);
}

/* A printer without a reader. */
static int print_nothing(struct printer *printer, const struct report *report)
{
	(void)printer;
	(void)report;
	return -EPIPE;
}

static void keep(struct printer *printer)
{
	(void)printer;
}

static void test_reader_gone(void **state)
{
	static const struct printer_ops ops = { .death = print_nothing, .free = keep };
	struct printer printer = { .ops = &ops };
	uint64_t *lost = &pipeline->tally.losses.count[LOSS_OUTPUT];

	(void)state;
	for (int leaves = 0; leaves < 2; leaves++) {
		struct printing printing = {
			.printer = &printer,
			.tally = &pipeline->tally,
			.leaves = leaves,
		};

		*lost = 0;
		pipeline->reports = printing_receiver(&printing);
		assert_int_equal(give(1, SIGSEGV), -EPIPE);
		/* the first death stays in the source for the next reader */
		assert_int_equal(*lost, leaves ? 0 : 1);
		assert_int_equal(give(2, SIGSEGV), 0);
		assert_int_equal(give(3, SIGSEGV), 0);
		assert_int_equal(*lost, leaves ? 2 : 3);
		assert_int_equal(pipeline->tally.deaths, 0);
		printing_end(&printing);
		printing_end(&printing);
	}
}

static size_t lines_in(int fd)
{
	static char text[1 << 20];
	const ssize_t size = read(fd, text, sizeof(text));
	size_t lines = 0;

	for (ssize_t i = 0; i < size; i++)
		lines += text[i] == '\n';
	return lines;
}

/* Lines are written when they are many, or somebody asks. */
static void test_lines_are_gathered(void **state)
{
	struct printing printing;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_not_equal(fcntl(fds[1], F_SETPIPE_SZ, 1 << 20), -1);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	assert_true(printing_take(&printing, printer_json_new(fds[1]), &pipeline->tally));
	pipeline->reports = printing_receiver(&printing);
	assert_int_equal(printing_first_open(&printing), 0);
	for (uint64_t i = 1; i <= LINES_MOST; i++)
		assert_int_equal(give(i, SIGSEGV), 0);
	assert_int_equal(lines_in(fds[0]), 0);
	assert_int_equal(printing_first_open(&printing), 1);
	assert_int_equal(give(LINES_MOST + 1, SIGSEGV), 0);
	assert_int_equal(lines_in(fds[0]), LINES_MOST);
	assert_int_equal(printing_first_open(&printing), LINES_MOST + 1);
	assert_int_equal(printing_settle(&printing, 0), 0);
	assert_int_equal(lines_in(fds[0]), 1);
	assert_int_equal(printing_first_open(&printing), 0);
	assert_int_equal(give(LINES_MOST + 2, SIGSEGV), 0);
	assert_int_equal(printing_finish(&printing), 0);
	assert_int_equal(lines_in(fds[0]), 1);
	assert_int_equal(pipeline->tally.deaths, LINES_MOST + 2);
	printing_end(&printing);
	assert_int_equal(close(fds[0]), 0);
	assert_int_equal(close(fds[1]), 0);
}

/* What was gathered had been counted, and is taken back. */
static void test_reader_gone_before_lines_are_written(void **state)
{
	uint64_t *lost = &pipeline->tally.losses.count[LOSS_OUTPUT];

	(void)state;
	assert_ptr_not_equal(signal(SIGPIPE, SIG_IGN), SIG_ERR);
	for (int leaves = 0; leaves < 2; leaves++) {
		struct printing printing;
		int fds[2];

		*lost = 0;
		assert_int_equal(pipe(fds), 0);
		assert_true(printing_take(&printing, printer_json_new(fds[1]), &pipeline->tally));
		printing.leaves = leaves;
		pipeline->reports = printing_receiver(&printing);
		assert_int_equal(give(1, SIGSEGV), 0);
		assert_int_equal(printing_settle(&printing, 0), 0);
		assert_int_equal(close(fds[0]), 0);
		for (uint64_t i = 2; i <= LINES_MOST + 1; i++)
			assert_int_equal(give(i, SIGSEGV), 0);
		assert_int_equal(pipeline->tally.deaths, LINES_MOST + 1);
		/* they are full: this one is the first that finds it */
		if (leaves)
			assert_int_equal(printing_finish(&printing), -EPIPE);
		else
			assert_int_equal(give(LINES_MOST + 2, SIGSEGV), -EPIPE);
		assert_int_equal(pipeline->tally.deaths, 1);
		assert_int_equal(*lost, leaves ? 0 : LINES_MOST + 1);
		assert_int_equal(printing_first_open(&printing), 2);
		assert_int_equal(printing_finish(&printing), 0);
		printing_end(&printing);
		assert_int_equal(close(fds[1]), 0);
		memset(&pipeline->tally, 0, sizeof(pipeline->tally));
	}
}

static void print_to(int fd, bool leaves, struct printing *ret)
{
	assert_true(printing_take(ret, printer_json_new(fd), &pipeline->tally));
	ret->leaves = leaves;
	pipeline->reports = printing_receiver(ret);
}

/* Losses that were not printed do not count as reported: neither the line that failed, nor what is
 * lost after any failure. */
static void test_losses_after_a_failure(void **state)
{
	const struct losses losses = { .count = { [LOSS_RING_FULL] = 7 } };

	(void)state;
	assert_ptr_not_equal(signal(SIGPIPE, SIG_IGN), SIG_ERR);
	for (int deaths = 0; deaths < 2; deaths++) {
		struct printing printing;
		int fds[2];

		assert_int_equal(pipe(fds), 0);
		assert_int_equal(close(fds[0]), 0);
		print_to(fds[1], true, &printing);
		if (deaths)
			assert_int_equal(give(1, SIGSEGV), 0);
		else
			assert_int_equal(receiver.losses(receiver.context, &losses, 1), 0);
		assert_int_equal(printing_settle(&printing, 0), -EPIPE);
		assert_int_equal(printing_settle(&printing, 0), -EPIPE);
		assert_int_equal(receiver.losses(receiver.context, &losses, 1), -EPIPE);
		assert_int_equal(printing_finish(&printing), 0);
		assert_int_equal(printing_settle(&printing, 0), -EPIPE);
		assert_int_equal(printing_first_open(&printing), deaths);
		printing_end(&printing);
		assert_int_equal(close(fds[1]), 0);
	}
}

static const struct printer_ops *json_ops;
static unsigned int left; /* lines until there is no memory */

static int make_few(struct printer *printer, const struct report *report)
{
	return left-- ? json_ops->death(printer, report) : -ENOMEM;
}

/* The lines before the death that could not be printed are written, so the next reader begins with
 * that death. */
static void test_a_death_without_a_line(void **state)
{
	uint64_t *lost = &pipeline->tally.losses.count[LOSS_OUTPUT];

	(void)state;
	for (int leaves = 0; leaves < 2; leaves++) {
		struct printer_ops ops;
		struct printing printing;
		int fds[2];

		*lost = 0;
		left = 2;
		assert_int_equal(pipe(fds), 0);
		print_to(fds[1], leaves, &printing);
		json_ops = printing.printer->ops;
		ops = *json_ops;
		ops.death = make_few;
		printing.printer->ops = &ops;
		assert_int_equal(give(7, SIGSEGV), 0);
		assert_int_equal(give(8, SIGSEGV), 0);
		assert_int_equal(give(9, SIGSEGV), -ENOMEM);
		assert_int_equal(printing_first_open(&printing), 7);
		assert_int_equal(printing_finish(&printing), 0);
		assert_int_equal(lines_in(fds[0]), 2);
		assert_int_equal(printing_first_open(&printing), 9);
		assert_int_equal(pipeline->tally.deaths, 2);
		assert_int_equal(*lost, leaves ? 0 : 1);
		printing_end(&printing);
		assert_int_equal(close(fds[0]), 0);
		assert_int_equal(close(fds[1]), 0);
		memset(&pipeline->tally, 0, sizeof(pipeline->tally));
	}
}

/* Deaths in rows that are open when printing fails were not printed either. */
static void test_rows_open_at_a_failure(void **state)
{
	uint64_t *lost = &pipeline->tally.losses.count[LOSS_OUTPUT];

	(void)state;
	assert_ptr_not_equal(signal(SIGPIPE, SIG_IGN), SIG_ERR);
	for (int leaves = 0; leaves < 2; leaves++) {
		struct printing printing;
		int fds[2];

		*lost = 0;
		assert_int_equal(pipe(fds), 0);
		assert_int_equal(close(fds[0]), 0);
		print_to(fds[1], leaves, &printing);
		assert_true(printing_fold(&printing, UINT64_MAX));
		death_ns = clock_boottime_ns() + 600 * (uint64_t)NS_PER_S; /* no row is due */
		for (uint64_t i = 1; i <= FOLD_WHOLE + 5; i++)
			assert_int_equal(give(i, SIGSEGV), 0);
		assert_int_equal(fold_first(printing.fold), FOLD_WHOLE + 1);
		assert_int_equal(printing_settle(&printing, 0), -EPIPE);
		assert_int_equal(printing_finish(&printing), -EPIPE);
		assert_int_equal(pipeline->tally.deaths, 0);
		assert_int_equal(*lost, leaves ? 0 : FOLD_WHOLE + 5);
		assert_int_equal(printing_first_open(&printing), 1);
		printing_end(&printing);
		assert_int_equal(close(fds[1]), 0);
		death_ns = 0;
	}
}

/* A printer that notes what came in which order. */
static char noted[64];

static int note_death(struct printer *printer, const struct report *report)
{
	(void)printer;
	(void)report;
	(void)strncat(noted, "d", sizeof(noted) - strlen(noted) - 1);
	return 0;
}

static int note_row(struct printer *printer, const struct event *row)
{
	(void)printer;
	(void)row;
	(void)strncat(noted, "r", sizeof(noted) - strlen(noted) - 1);
	return 0;
}

static int note_rule(struct printer *printer, const struct waited *waited)
{
	char rule[32];

	(void)printer;
	assert_string_equal(waited->how, "armed");
	assert_true(waited->first_ns > 0);
	(void)snprintf(rule, sizeof(rule), "-%d-", (int)waited->deaths);
	(void)strncat(noted, rule, sizeof(noted) - strlen(noted) - 1);
	return 0;
}

static void expect(struct printing *printing, uint64_t before)
{
	noted[0] = '\0';
	printing_expect_waited(printing, before, UINT64_MAX, "armed");
}

/* One rule, as soon as all that waited was read, and never without a death that did. */
static void test_what_waited(void **state)
{
	static const struct printer_ops ops = {
		.death = note_death, .row = note_row, .rule = note_rule, .free = keep
	};
	struct printer printer = { .ops = &ops };
	struct printing printing = { .printer = &printer, .tally = &pipeline->tally };

	(void)state;
	pipeline->reports = printing_receiver(&printing);
	expect(&printing, 5);
	assert_int_equal(give(3, SIGSEGV), 0);
	assert_int_equal(give_hidden(4), 0);
	assert_int_equal(printing_reached(&printing, 4), 0);
	assert_string_equal(noted, "d");
	assert_int_equal(give(5, SIGSEGV), 0);
	assert_int_equal(printing_reached(&printing, 6), 0);
	assert_string_equal(noted, "d-1-d");
	expect(&printing, 9);
	assert_int_equal(give(7, SIGSEGV), 0);
	assert_int_equal(give(8, SIGSEGV), 0);
	assert_int_equal(printing_reached(&printing, 9), 0);
	assert_int_equal(printing_reached(&printing, 9), 0);
	assert_string_equal(noted, "dd-2-");
	expect(&printing, 9);
	assert_int_equal(printing_reached(&printing, 9), 0);
	assert_int_equal(give(9, SIGSEGV), 0);
	assert_string_equal(noted, "d");
	/* they came while the reader began: nothing waited */
	noted[0] = '\0';
	printing_expect_waited(&printing, 11, 1, "armed");
	assert_int_equal(give(10, SIGSEGV), 0);
	assert_int_equal(printing_reached(&printing, 11), 0);
	assert_string_equal(noted, "d");
	/* without one, all are new */
	expect(&printing, 0);
	assert_int_equal(give(10, SIGSEGV), 0);
	assert_int_equal(printing_reached(&printing, 11), 0);
	assert_string_equal(noted, "d");
	/* equal deaths of both sides are no common row */
	assert_true(printing_fold(&printing, UINT64_MAX));
	for (uint64_t i = 0; i < FOLD_WHOLE; i++)
		assert_int_equal(give(11 + i, SIGSEGV), 0);
	expect(&printing, 43);
	assert_int_equal(give(41, SIGSEGV), 0);
	assert_int_equal(give(42, SIGSEGV), 0);
	assert_string_equal(noted, "");
	assert_int_equal(give(43, SIGSEGV), 0);
	assert_int_equal(printing_finish(&printing), 0);
	assert_string_equal(noted, "r-2-r");
	printing_end(&printing);
}

static void test_exit_codes(void **state)
{
	(void)state;
	assert_int_equal(printing_exit_code(0), EXIT_DONE);
	assert_int_equal(printing_exit_code(FRAME_ENOUGH), EXIT_DONE);
	assert_int_equal(printing_exit_code(-EPIPE), EXIT_DONE);
	assert_int_equal(printing_exit_code(-EINTR), EXIT_DONE);
	assert_int_equal(printing_exit_code(-ENOSPC), EXIT_FAILED);
	assert_int_equal(printing_reader(0), 0);
	assert_int_equal(printing_reader(POLLERR), -EPIPE);
	assert_int_equal(printing_reader(POLLHUP), -EPIPE);
	assert_int_equal(printing_reader(POLLNVAL), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_waited, begin, end),
		cmocka_unit_test_setup_teardown(test_handed_on, begin, end),
		cmocka_unit_test_setup_teardown(test_count, begin, end),
		cmocka_unit_test_setup_teardown(test_any_order_in_a_recording, begin, end),
		cmocka_unit_test_setup_teardown(test_comes_again, begin, end),
		cmocka_unit_test_setup_teardown(test_unreadable_record, begin, end),
		cmocka_unit_test_setup_teardown(test_error_of_the_receiver, begin, end),
		cmocka_unit_test_setup_teardown(test_reader_gone, begin, end),
		cmocka_unit_test_setup_teardown(test_lines_are_gathered, begin, end),
		cmocka_unit_test_setup_teardown(test_reader_gone_before_lines_are_written, begin,
						end),
		cmocka_unit_test_setup_teardown(test_losses_after_a_failure, begin, end),
		cmocka_unit_test_setup_teardown(test_a_death_without_a_line, begin, end),
		cmocka_unit_test_setup_teardown(test_rows_open_at_a_failure, begin, end),
		cmocka_unit_test(test_exit_codes),
	};

	return cmocka_run_group_tests_name("pipeline", tests, NULL, NULL);
}
