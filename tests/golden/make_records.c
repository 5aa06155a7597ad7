// SPDX-License-Identifier: BSD-2-Clause
/*
 * Recordings for the golden tests.
 *
 *   make_records write DIRECTORY         one synthetic-GROUP.ktrec per group of scenarios.h
 *   make_records keep FROM TO TEXT...    the frames of a real recording that hold one of the texts
 *
 * Both give all their frames to the same boot of the same node, and number them from 1.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "scenarios.h"
#include "source/recording_read.h"
#include "source/recording_write.h"

static const struct origin origin = { .boot_id = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
				      .node = "golden" };

static struct recording_writer *start(const char *path)
{
	struct recording_writer *writer = NULL;
	int error = recording_create(path, &origin, &writer);

	if (error)
		(void)fprintf(stderr, "make_records: %s: %s\n", path, strerror(-error));
	return writer;
}

static int finish(struct recording_writer *writer, const char *path, int error)
{
	int last = recording_finish(writer);

	if (!error)
		error = last;
	if (error)
		(void)fprintf(stderr, "make_records: %s: %s\n", path, strerror(-error));
	return error;
}

static int write_group(const struct scenario_group *group, const char *directory)
{
	static struct record_builder builder;
	struct recording_writer *writer;
	char path[4096];
	int error = 0;

	(void)snprintf(path, sizeof(path), "%s/synthetic-%s.ktrec", directory, group->name);
	writer = start(path);
	if (!writer)
		return -1;
	for (size_t i = 0; i < group->count && !error; i++) {
		struct frame frame;

		scenario_build(&group->scenarios[i], STACKS_NAMED, &builder);
		frame = builder_frame(&builder);
		frame.sequence = i + 1;
		error = recording_write_frame(writer, &frame);
	}
	return finish(writer, path, error);
}

/* Losses: counted ones, and records that cannot be read, between two deaths. */
static int write_losses(const char *directory)
{
	struct losses every = { { 0 } }, one = { .count = { [LOSS_RING_FULL] = 1234567 } };
	static struct record_builder builder;
	struct recording_writer *writer;
	struct frame frame;
	char path[4096];
	int error = 0;

	(void)snprintf(path, sizeof(path), "%s/synthetic-losses.ktrec", directory);
	writer = start(path);
	if (!writer)
		return -1;
	for (size_t i = 0; i < LOSS_COUNT; i++)
		every.count[i] = i + 1;
	scenario_build(&sigkill_scenarios[0], STACKS_NAMED, &builder);
	for (unsigned int step = 0; step < 6 && !error; step++) {
		frame = builder_frame(&builder);
		frame.sequence = step + 1;
		builder.record.version = step == 2 ? KT_WIRE_VERSION + 1 : KT_WIRE_VERSION;
		if (step == 3)
			frame.record_size = sizeof(struct kt_record) / 2;
		if (step == 1)
			error = recording_write_losses(writer, &one, BUILDER_OFFSET_NS + 5);
		else if (step == 4)
			error = recording_write_losses(writer, &every, BUILDER_OFFSET_NS + 6);
		else
			error = recording_write_frame(writer, &frame);
	}
	return finish(writer, path, error);
}

struct keeper {
	struct recording_writer *writer;
	char **texts;
	uint64_t kept;
};

static int keep_frame(void *context, const struct frame *frame)
{
	struct keeper *keeper = context;
	struct frame numbered = *frame;

	for (char **text = keeper->texts; *text; text++) {
		if (!memmem(frame->record, frame->record_size, *text, strlen(*text)))
			continue;
		numbered.sequence = ++keeper->kept;
		return recording_write_frame(keeper->writer, &numbered);
	}
	return 0;
}

static int drop_losses(void *context, const struct losses *losses, int64_t realtime_ns)
{
	(void)context;
	(void)losses;
	(void)realtime_ns;
	return 0;
}

static int keep(const char *from, const char *to, char **texts)
{
	static const volatile int never;
	struct keeper keeper = { .texts = texts, .writer = start(to) };
	struct frame_receiver receiver = { .frame = keep_frame,
					   .losses = drop_losses,
					   .context = &keeper };
	struct origin old;
	uint64_t offset;
	int result;

	if (!keeper.writer)
		return -1;
	result = recording_read(from, &receiver, &never, &old, &offset);
	if (result)
		(void)fprintf(stderr, "make_records: %s %s\n", from,
			      recording_failure_text(result));
	if (finish(keeper.writer, to, 0))
		return -1;
	(void)printf("%s: %llu deaths\n", to, (unsigned long long)keeper.kept);
	return result;
}

int main(int argc, char **argv)
{
	if (argc > 4 && !strcmp(argv[1], "keep"))
		return keep(argv[2], argv[3], argv + 4) ? 1 : 0;
	if (argc != 3 || strcmp(argv[1], "write") != 0) {
		(void)fprintf(stderr,
			      "usage: make_records write DIRECTORY | keep FROM TO TEXT...\n");
		return 2;
	}
	for (size_t i = 0; i < SCENARIO_GROUPS; i++)
		if (write_group(&scenario_groups[i], argv[2]))
			return 1;
	return write_losses(argv[2]) ? 1 : 0;
}
