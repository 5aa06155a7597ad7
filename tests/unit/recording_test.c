// SPDX-License-Identifier: BSD-2-Clause
/* Files by `killtrace record`, complete and damaged. The numbers here are the format's. */
#include "unit.h"

#include "source/recording_read.h"
#include "source/recording_write.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record_builder.h"

#define HEADER_BYTES 312 /* magic 8, version 4, reserved 4, boot id 40, node 256 */
#define VERSION_AT 8
#define CHUNK_HEADER_BYTES 8  /* type, size */
#define FRAME_HEADER_BYTES 24 /* sequence, offset, sizes of record and symbols */
#define NAMES "one+0x1\ntwo+0x2\n"
#define MOST_FILE 4096

static char directory[] = "/tmp/kt-recording-XXXXXX";
static char path[64], partial[80];
static volatile int stop;

struct seen {
	unsigned int frames, losses;
	struct frame last;
	unsigned char record[KT_RECORD_MAX];
	char symbols[256];
	struct losses lost;
	int64_t realtime_ns;
	int answer;
};

static int make_directory(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/a.ktrec", directory);
	snprintf(partial, sizeof(partial), "%s.partial", path);
	return 0;
}

static int remove_files(void **state)
{
	(void)state;
	(void)unlink(path);
	(void)unlink(partial);
	return 0;
}

static int remove_directory(void **state)
{
	(void)remove_files(state);
	return rmdir(directory);
}

static int see_frame(void *context, const struct frame *frame)
{
	struct seen *seen = context;

	seen->frames++;
	seen->last = *frame;
	assert_true(frame->record_size <= sizeof(seen->record));
	assert_true(frame->kallsyms_size <= sizeof(seen->symbols));
	memcpy(seen->record, frame->record, frame->record_size);
	memcpy(seen->symbols, frame->symbols, frame->kallsyms_size);
	return seen->answer;
}

static int see_losses(void *context, const struct losses *losses, int64_t realtime_ns)
{
	struct seen *seen = context;

	seen->losses++;
	seen->lost = *losses;
	seen->realtime_ns = realtime_ns;
	return seen->answer;
}

static int read_back(struct seen *ret, struct origin *ret_origin, uint64_t *ret_offset)
{
	struct frame_receiver receiver = { .frame = see_frame,
					   .losses = see_losses,
					   .context = ret };

	return recording_read(path, &receiver, &stop, ret_origin, ret_offset);
}

static struct origin some_origin(void)
{
	return (struct origin){ .boot_id = "11111111-2222-3333-4444-555555555555",
				.node = "node-1" };
}

/* Two frames with losses in between. */
static void write_some(void)
{
	struct losses losses = { .count = { [LOSS_RING_FULL] = 3, [LOSS_OUTPUT] = UINT64_MAX } };
	static struct record_builder builder;
	struct recording_writer *writer = NULL;
	struct origin origin = some_origin();
	struct frame frame;

	builder_init(&builder, 11);
	builder_add_text(&builder, KT_SECTION_EXE, "shop");
	frame = builder_frame(&builder);
	assert_int_equal(recording_create(path, &origin, &writer), 0);
	assert_int_equal(recording_write_frame(writer, &frame), 0);
	assert_int_equal(recording_write_losses(writer, &losses, -5), 0);
	frame.sequence = UINT64_MAX;
	frame.realtime_offset_ns = INT64_MIN;
	frame.symbols = NAMES;
	frame.kallsyms_size = strlen(NAMES);
	assert_int_equal(recording_write_frame(writer, &frame), 0);
	assert_int_equal(recording_finish(writer), 0);
}

static size_t load_file(unsigned char *ret)
{
	FILE *file = fopen(path, "re");
	size_t size;

	assert_non_null(file);
	size = fread(ret, 1, MOST_FILE, file);
	assert_true(size < MOST_FILE);
	assert_int_equal(fclose(file), 0);
	return size;
}

static void store_file(const unsigned char *bytes, size_t size)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	assert_int_equal(fclose(file), 0);
}

static int read_bytes(const unsigned char *bytes, size_t size, struct seen *ret,
		      uint64_t *ret_offset)
{
	struct origin origin;

	memset(ret, 0, sizeof(*ret));
	store_file(bytes, size);
	return read_back(ret, &origin, ret_offset);
}

static void put32(unsigned char *at, uint32_t value)
{
	memcpy(at, &value, sizeof(value));
}

static uint32_t get32(const unsigned char *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static void test_round_trip(void **state)
{
	static struct seen seen;
	static struct record_builder builder;
	struct origin origin, want = some_origin();
	uint64_t offset;

	(void)state;
	write_some();
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(read_back(&seen, &origin, &offset), 0);
	assert_int_equal(seen.frames, 2);
	assert_int_equal(seen.losses, 1);
	assert_string_equal(origin.boot_id, want.boot_id);
	assert_string_equal(origin.node, want.node);
	assert_true(seen.last.sequence == UINT64_MAX);
	assert_true(seen.last.realtime_offset_ns == INT64_MIN);
	builder_init(&builder, 11);
	builder_add_text(&builder, KT_SECTION_EXE, "shop");
	assert_int_equal(seen.last.record_size, builder.record.size);
	assert_memory_equal(seen.record, builder.bytes, builder.record.size);
	assert_int_equal(seen.last.kallsyms_size, strlen(NAMES));
	assert_memory_equal(seen.symbols, NAMES, strlen(NAMES));
	assert_int_equal(seen.lost.count[LOSS_RING_FULL], 3);
	assert_true(seen.lost.count[LOSS_OUTPUT] == UINT64_MAX);
	assert_int_equal(seen.realtime_ns, -5);
}

/* An empty symbols section must not cause a lookup in this kernel: the names would be wrong. */
static void test_frames_bring_their_names(void **state)
{
	static struct seen seen;
	struct recording_writer *writer = NULL;
	struct origin origin = some_origin();
	struct frame frame = { .sequence = 1, .record = "12345678", .record_size = 8 };
	uint64_t offset;

	(void)state;
	assert_int_equal(recording_create(path, &origin, &writer), 0);
	assert_int_equal(recording_write_frame(writer, &frame), 0);
	assert_int_equal(recording_finish(writer), 0);
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(read_back(&seen, &origin, &offset), 0);
	assert_int_equal(seen.frames, 1);
	assert_non_null(seen.last.symbols);
	assert_int_equal(seen.last.kallsyms_size, 0);
}

static void test_format(void **state)
{
	unsigned char bytes[MOST_FILE];

	(void)state;
	write_some();
	assert_true(load_file(bytes) > HEADER_BYTES + CHUNK_HEADER_BYTES);
	assert_memory_equal(bytes, "KILLTRC", 8);
	assert_int_equal(get32(bytes + VERSION_AT), 1);
	assert_int_equal(get32(bytes + HEADER_BYTES), 1); /* a frame */
	assert_int_equal(get32(bytes + HEADER_BYTES + 4),
			 FRAME_HEADER_BYTES +
				 get32(bytes + HEADER_BYTES + CHUNK_HEADER_BYTES + 16) +
				 get32(bytes + HEADER_BYTES + CHUNK_HEADER_BYTES + 20));
}

static void test_every_cut(void **state)
{
	static struct seen seen;
	unsigned char bytes[MOST_FILE];
	size_t size, chunk = HEADER_BYTES;
	unsigned int told = 0;
	uint64_t offset;

	(void)state;
	write_some();
	size = load_file(bytes);
	for (size_t cut = 0; cut < HEADER_BYTES; cut++) {
		/* the magic's own NUL is checked */
		assert_int_equal(read_bytes(bytes, cut, &seen, &offset),
				 cut < VERSION_AT - 1 ? -RECORDING_NOT_ONE : -RECORDING_CUT);
		assert_int_equal(seen.frames, 0);
	}
	memset(bytes, 'x', 8);
	assert_int_equal(read_bytes(bytes, HEADER_BYTES - 1, &seen, &offset), -RECORDING_NOT_ONE);
	memcpy(bytes, "KILLTRC", 8);
	for (size_t cut = HEADER_BYTES; cut < size; cut++) {
		bool between;

		if (cut == chunk + CHUNK_HEADER_BYTES + get32(bytes + chunk + 4)) {
			chunk = cut;
			told++;
		}
		between = cut == chunk;
		assert_int_equal(read_bytes(bytes, cut, &seen, &offset),
				 between ? 0 : -RECORDING_CUT);
		assert_int_equal(seen.frames + seen.losses, told);
		if (!between)
			assert_int_equal(offset, chunk);
	}
	assert_int_equal(told, 2);
}

static void test_every_corrupt_byte(void **state)
{
	static struct seen seen;
	unsigned char bytes[MOST_FILE];
	size_t size;
	uint64_t offset;

	(void)state;
	write_some();
	size = load_file(bytes);
	for (size_t at = 0; at < size; at++) {
		static const unsigned char flips[] = { 0x01, 0x80, 0xff };

		for (size_t i = 0; i < COUNT(flips); i++) {
			int result;

			bytes[at] ^= flips[i];
			result = read_bytes(bytes, size, &seen, &offset);
			bytes[at] ^= flips[i];
			if (result)
				assert_in_range(-result, RECORDING_NOT_ONE, RECORDING_IO - 1);
			assert_true(offset <= size);
		}
	}
}

static void test_wrong_magic_and_version(void **state)
{
	static struct seen seen;
	unsigned char bytes[MOST_FILE];
	size_t size;
	uint64_t offset;

	(void)state;
	write_some();
	size = load_file(bytes);
	bytes[7] = 'X'; /* the magic's own NUL */
	assert_int_equal(read_bytes(bytes, size, &seen, &offset), -RECORDING_NOT_ONE);
	memcpy(bytes,
	       "\x7f"
	       "ELF\0\0\0",
	       8);
	assert_int_equal(read_bytes(bytes, size, &seen, &offset), -RECORDING_NOT_ONE);
	memcpy(bytes, "KILLTRC", 8);
	put32(bytes + VERSION_AT, 0);
	assert_int_equal(read_bytes(bytes, size, &seen, &offset), -RECORDING_VERSION);
	put32(bytes + VERSION_AT, 2);
	assert_int_equal(read_bytes(bytes, size, &seen, &offset), -RECORDING_VERSION);
	assert_int_equal(seen.frames, 0);
}

static void expect_corrupt(const unsigned char *bytes, size_t size, unsigned int told)
{
	static struct seen seen;
	uint64_t offset;

	assert_int_equal(read_bytes(bytes, size, &seen, &offset), -RECORDING_CORRUPT);
	assert_int_equal(seen.frames + seen.losses, told);
}

static void test_corrupt_chunks(void **state)
{
	static const uint32_t sizes[] = { 0,     1,          FRAME_HEADER_BYTES - 1,
					  65537, 0x7fffffff, UINT32_MAX };
	unsigned char bytes[MOST_FILE], *chunk = bytes + HEADER_BYTES;
	unsigned char *frame = chunk + CHUNK_HEADER_BYTES;
	uint32_t chunk_size, record_size;
	size_t size;

	(void)state;
	write_some();
	size = load_file(bytes);
	chunk_size = get32(chunk + 4);
	record_size = get32(frame + 16);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		put32(chunk + 4, sizes[i]);
		expect_corrupt(bytes, size, 0);
	}
	put32(chunk + 4, chunk_size);
	put32(chunk, 4); /* an unknown type */
	expect_corrupt(bytes, size, 0);
	put32(chunk, 0);
	expect_corrupt(bytes, size, 0);
	put32(chunk, 2); /* losses of another size */
	expect_corrupt(bytes, size, 0);
	put32(chunk, 1);
	/* sizes that add up only when they overflow */
	put32(frame + 16, record_size + 1);
	expect_corrupt(bytes, size, 0);
	put32(frame + 16, UINT32_MAX);
	put32(frame + 20, record_size + 1);
	expect_corrupt(bytes, size, 0);
	put32(frame + 16, record_size);
	put32(frame + 20, UINT32_MAX);
	expect_corrupt(bytes, size, 0);
	put32(frame + 20, 0);
	/* damage further on: earlier records are reported */
	put32(chunk + CHUNK_HEADER_BYTES + chunk_size, 77);
	expect_corrupt(bytes, size, 1);
}

/* Anybody can write a file: its strings may lack a NUL. */
static void test_unterminated_origin(void **state)
{
	static struct seen seen;
	unsigned char bytes[MOST_FILE];
	struct origin origin;
	uint64_t offset;
	size_t size;

	(void)state;
	write_some();
	size = load_file(bytes);
	memset(bytes + 16, 'x', HEADER_BYTES - 16);
	store_file(bytes, size);
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(read_back(&seen, &origin, &offset), 0);
	assert_int_equal(strlen(origin.boot_id), sizeof(origin.boot_id) - 1);
	assert_int_equal(strlen(origin.node), sizeof(origin.node) - 1);
}

static void test_receiver_ends_the_reading(void **state)
{
	static struct seen seen;
	struct origin origin;
	uint64_t offset;

	(void)state;
	write_some();
	memset(&seen, 0, sizeof(seen));
	seen.answer = -1001;
	assert_int_equal(read_back(&seen, &origin, &offset), -1001);
	assert_int_equal(seen.frames, 1);
	assert_int_equal(seen.losses, 0);
}

/* An error of the output, of any kind, does not count as damage of the file. */
static void test_errors_of_the_receiver_are_no_damage(void **state)
{
	static struct seen seen;
	struct origin origin;
	uint64_t offset;

	(void)state;
	write_some();
	for (int error = 1; error < 200; error++) {
		memset(&seen, 0, sizeof(seen));
		seen.answer = -error;
		assert_int_equal(read_back(&seen, &origin, &offset), -error);
		assert_false(error >= RECORDING_NOT_ONE && error <= RECORDING_IO);
	}
}

static int see_and_stop(void *context, const struct frame *frame)
{
	stop = 1;
	return see_frame(context, frame);
}

static void test_order_to_stop(void **state)
{
	static struct seen seen;
	struct frame_receiver receiver = { .frame = see_and_stop,
					   .losses = see_losses,
					   .context = &seen };
	struct origin origin;
	uint64_t offset;

	(void)state;
	write_some();
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(recording_read(path, &receiver, &stop, &origin, &offset), -EINTR);
	stop = 0;
	assert_int_equal(seen.frames, 1);
	assert_int_equal(seen.losses, 0);
}

static void test_no_file(void **state)
{
	static struct seen seen;
	struct origin origin;
	uint64_t offset;

	(void)state;
	errno = 0;
	assert_int_equal(read_back(&seen, &origin, &offset), -RECORDING_IO);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(read_back(&seen, &origin, &offset), -RECORDING_IO);
	assert_int_equal(errno, EISDIR);
	assert_int_equal(rmdir(path), 0);
}

static void test_name_appears_when_complete(void **state)
{
	struct recording_writer *writer = NULL;
	struct origin origin = some_origin();
	struct stat status;

	(void)state;
	assert_int_equal(recording_create(path, &origin, &writer), 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(stat(partial, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(recording_finish(writer), 0);
	assert_int_equal(access(partial, F_OK), -1);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(status.st_size, HEADER_BYTES);
	assert_int_equal(recording_finish(NULL), 0);
}

/* The directory may belong to another user: a file there with our name is not written to. */
static void test_symlink_in_the_way(void **state)
{
	struct recording_writer *writer = NULL;
	struct origin origin = some_origin();
	char target[96];
	struct stat status;

	(void)state;
	snprintf(target, sizeof(target), "%s/target", directory);
	assert_int_equal(symlink(target, partial), 0);
	if (recording_create(path, &origin, &writer) == 0)
		assert_int_equal(recording_finish(writer), 0);
	assert_int_equal(stat(target, &status), -1);
	(void)unlink(target);
}

static void test_open_file_in_the_way(void **state)
{
	struct recording_writer *writer = NULL;
	struct origin origin = some_origin();
	FILE *file = fopen(partial, "we"), *spy;
	struct stat status;

	(void)state;
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(partial, 0666), 0);
	spy = fopen(partial, "re");
	assert_non_null(spy);
	if (recording_create(path, &origin, &writer) == 0) {
		assert_int_equal(recording_finish(writer), 0);
		assert_int_equal(stat(path, &status), 0);
		assert_int_equal(status.st_mode & 0777, 0600);
		assert_int_equal(fgetc(spy), EOF);
	}
	assert_int_equal(fclose(spy), 0);
}

static void test_place_that_is_not_there(void **state)
{
	struct recording_writer *writer = NULL;
	struct origin origin = some_origin();

	(void)state;
	assert_int_equal(recording_create("/nonexistent/a.ktrec", &origin, &writer), -ENOENT);
	assert_null(writer);
}

static void test_name_is_taken_by_something_else(void **state)
{
	struct recording_writer *writer = NULL;
	struct origin origin = some_origin();

	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(recording_create(path, &origin, &writer), -EISDIR);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(recording_create(path, &origin, &writer), -EEXIST);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(recording_create(path, &origin, &writer), -EEXIST);
	assert_null(writer);
	assert_int_equal(access(partial, F_OK), -1);
}

static void test_older_recording_is_replaced(void **state)
{
	static struct seen seen;
	struct origin origin;
	uint64_t offset;

	(void)state;
	write_some();
	write_some();
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(read_back(&seen, &origin, &offset), 0);
	assert_int_equal(seen.frames, 2);
}

/* The partial file stays or is removed; the final name is never used. */
static void test_ends_without_a_recording(void **state)
{
	struct recording_writer *writer = NULL;
	struct origin origin = some_origin();

	(void)state;
	assert_int_equal(recording_create(path, &origin, &writer), 0);
	recording_abandon(writer);
	assert_int_equal(access(partial, F_OK), 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(recording_create(path, &origin, &writer), 0);
	recording_discard(writer);
	assert_int_equal(access(partial, F_OK), -1);
	assert_int_equal(access(path, F_OK), -1);
	recording_abandon(NULL);
	recording_discard(NULL);
}

static void test_failures_have_texts(void **state)
{
	(void)state;
	for (int i = RECORDING_NOT_ONE; i <= RECORDING_IO; i++)
		for (int j = RECORDING_NOT_ONE; j < i; j++)
			assert_string_not_equal(recording_failure_text(-i),
						recording_failure_text(-j));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_round_trip, remove_files),
		cmocka_unit_test_teardown(test_frames_bring_their_names, remove_files),
		cmocka_unit_test_teardown(test_format, remove_files),
		cmocka_unit_test_teardown(test_every_cut, remove_files),
		cmocka_unit_test_teardown(test_every_corrupt_byte, remove_files),
		cmocka_unit_test_teardown(test_wrong_magic_and_version, remove_files),
		cmocka_unit_test_teardown(test_corrupt_chunks, remove_files),
		cmocka_unit_test_teardown(test_unterminated_origin, remove_files),
		cmocka_unit_test_teardown(test_receiver_ends_the_reading, remove_files),
		cmocka_unit_test_teardown(test_errors_of_the_receiver_are_no_damage, remove_files),
		cmocka_unit_test_teardown(test_order_to_stop, remove_files),
		cmocka_unit_test_teardown(test_no_file, remove_files),
		cmocka_unit_test_teardown(test_name_appears_when_complete, remove_files),
		cmocka_unit_test_teardown(test_symlink_in_the_way, remove_files),
		cmocka_unit_test_teardown(test_open_file_in_the_way, remove_files),
		cmocka_unit_test_teardown(test_place_that_is_not_there, remove_files),
		cmocka_unit_test_teardown(test_name_is_taken_by_something_else, remove_files),
		cmocka_unit_test_teardown(test_older_recording_is_replaced, remove_files),
		cmocka_unit_test_teardown(test_ends_without_a_recording, remove_files),
		cmocka_unit_test(test_failures_have_texts),
	};

	return cmocka_run_group_tests_name("recording", tests, make_directory, remove_directory);
}
