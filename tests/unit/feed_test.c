// SPDX-License-Identifier: BSD-2-Clause
/* An agent's records over its socket: complete, in order, and bounded whatever clients do. */
#include "unit.h"

#include "source/feed.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "source/feed_client.h"
#include "source/recording_read.h"
#include "tree.h"

#define SOCKET tree_path("/live.sock")
#define RECORD_SIZE 4000

static const struct origin origin = { .boot_id = "boot", .node = "node" };

static struct feed *start(void)
{
	struct feed *feed = NULL;

	assert_int_equal(feed_start(SOCKET, &origin, "one two", false, &feed), 0);
	return feed;
}

static struct feed_client join(void)
{
	struct feed_client client;

	assert_int_equal(feed_connect(SOCKET, &client), 0);
	assert_int_equal(client.pid, getpid());
	assert_string_equal(client.hooks, "one two");
	return client;
}

/* The deaths `first` to `last`, as the agent reads them. */
static void publish_of(const struct feed_share *share, struct feed *feed, uint64_t first,
		       uint64_t last)
{
	static char record[RECORD_SIZE];

	for (uint64_t sequence = first; sequence <= last; sequence++) {
		const struct frame frame = { .sequence = sequence,
					     .record = record,
					     .record_size = sizeof(record),
					     .symbols = "f\n",
					     .kallsyms_size = 2,
					     .names = "x",
					     .names_size = 1 };

		if (feed_wants(feed, sequence, share != NULL))
			feed_frame(feed, &frame, share);
	}
}

static void publish(struct feed *feed, uint64_t first, uint64_t last)
{
	publish_of(&(struct feed_share){ 1, 1 }, feed, first, last);
}

struct seen {
	uint64_t frames, lost, last, until;
	bool in_order;
};

static int see_frame(void *context, const struct frame *frame)
{
	struct seen *seen = context;

	seen->in_order = seen->in_order && frame->sequence > seen->last &&
			 frame->record_size == RECORD_SIZE && frame->names_size == 1;
	seen->last = frame->sequence;
	seen->frames++;
	return seen->last == seen->until ? FRAME_ENOUGH : 0;
}

static int see_losses(void *context, const struct losses *losses, int64_t realtime_ns)
{
	struct seen *seen = context;

	assert_true(realtime_ns > 0);
	seen->lost += losses->count[LOSS_OUTPUT];
	return 0;
}

/* The records for a client, up to the death `until`; 0: up to the end of the feed. */
static struct seen see(const struct feed_client *client, uint64_t until)
{
	static const int go_on;
	struct seen seen = { .in_order = true, .until = until };
	const struct frame_receiver receiver = { .frame = see_frame,
						 .losses = see_losses,
						 .context = &seen };
	FILE *file = fdopen(client->fd, "r");
	struct origin from;
	uint64_t offset;

	assert_non_null(file);
	assert_int_equal(recording_read_stream(file, &receiver, &go_on, &from, &offset),
			 until ? FRAME_ENOUGH : 0);
	assert_string_equal(from.boot_id, "boot");
	assert_int_equal(fclose(file), 0);
	assert_true(seen.in_order);
	return seen;
}

static void test_from_then_on(void **state)
{
	struct feed *feed = start();
	struct feed_client early = join(), late;
	struct seen seen;

	(void)state;
	publish(feed, 1, 10);
	late = join();
	publish(feed, 5, 20); /* the agent reads some of them again */
	seen = see(&early, 20);
	assert_int_equal(seen.frames, 20);
	seen = see(&late, 20);
	assert_int_equal(seen.frames, 10);
	assert_int_equal(seen.lost, 0);
	feed_stop(feed);
}

static void test_an_agent_ends(void **state)
{
	struct feed *feed = start();
	struct feed_client client = join();

	(void)state;
	publish(feed, 1, 3);
	feed_stop(feed);
	assert_int_equal(see(&client, 0).frames, 3);
	assert_int_equal(access(SOCKET, F_OK), -1);
}

/*
 * The client reads nothing for a while, and many die: it gets the newest, and the number it missed.
 */
static void test_a_slow_client(void **state)
{
	enum { MANY = 5000 };
	struct feed *feed = start();
	struct feed_client slow = join();
	struct seen seen;

	(void)state;
	publish(feed, 1, MANY);
	seen = see(&slow, MANY);
	assert_int_equal(seen.frames + seen.lost, MANY);
	assert_true(seen.lost > MANY / 2);
	assert_true(seen.frames > 100);
	feed_stop(feed);
}

static void test_too_many_clients(void **state)
{
	struct feed *feed = start();
	struct feed_client clients[FEED_MOST_CLIENTS], more;
	int error;

	(void)state;
	for (int i = 0; i < FEED_MOST_CLIENTS; i++)
		clients[i] = join();
	assert_int_equal(feed_connect(SOCKET, &more), -EUSERS);
	assert_int_equal(close(clients[3].fd), 0);
	do /* the feed must notice it */
		error = feed_connect(SOCKET, &clients[3]);
	while (error == -EUSERS);
	assert_int_equal(error, 0);
	publish(feed, 1, 1);
	for (int i = 0; i < FEED_MOST_CLIENTS; i++)
		assert_int_equal(see(&clients[i], 1).frames, 1);
	feed_stop(feed);
}

static void test_the_file(void **state)
{
	struct feed *feed = start(), *other = NULL;
	struct stat st;

	(void)state;
	assert_int_equal(stat(SOCKET, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(feed_start(SOCKET, &origin, "", false, &other), -EADDRINUSE);
	join();
	/* now another agent's */
	assert_int_equal(unlink(SOCKET), 0);
	tree_write("/live.sock", "text");
	feed_stop(feed);
	assert_int_equal(access(SOCKET, F_OK), 0);
	assert_int_equal(feed_start(SOCKET, &origin, "", false, &other), -EEXIST);
	assert_int_equal(feed_connect(SOCKET, &(struct feed_client){ 0 }), -ECONNREFUSED);
}

static int listen_silently(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", SOCKET);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	return fd;
}

/* Left by an agent that was killed. */
static void test_a_stale_socket(void **state)
{
	struct feed_client client;
	int fd = listen_silently();

	(void)state;
	assert_int_equal(close(fd), 0);
	assert_int_equal(feed_connect(SOCKET, &client), -ECONNREFUSED);
	feed_stop(start());
	assert_int_equal(feed_connect(SOCKET, &client), -ENOENT);
}

static void test_who_does_not_answer(void **state)
{
	struct feed_client client;
	int fd = listen_silently();

	(void)state;
	assert_int_equal(feed_connect(SOCKET, &client), -EAGAIN);
	assert_int_equal(close(fd), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, tree_make, tree_remove)

static struct seen see_kept(void)
{
	struct feed_client client = join();

	assert_true(client.keeps);
	assert_int_equal(feed_ask_kept(&client), 0);
	return see(&client, 0);
}

/* The newest records before a client came, and no more than a bounded amount. */
static void test_kept(void **state)
{
	const struct losses lost = { .count = { [LOSS_OUTPUT] = 3 } };
	struct feed *feed = NULL;
	struct feed_client live;
	struct seen seen;

	(void)state;
	assert_int_equal(feed_start(SOCKET, &origin, "one two", true, &feed), 0);
	assert_int_equal(see_kept().frames, 0);
	publish(feed, 1, 3);
	feed_losses(feed, &lost, 1);
	seen = see_kept();
	assert_int_equal(seen.frames, 3);
	assert_int_equal(seen.last, 3);
	assert_int_equal(seen.lost, 3);
	/* others are not disturbed */
	live = join();
	publish(feed, 4, 1000);
	seen = see_kept();
	assert_in_range(seen.frames, FEED_KEPT_BYTES / (RECORD_SIZE + 1000), FEED_KEPT);
	assert_int_equal(seen.last, 1000);
	/* the client sees how many had to give way, beside the loss from before */
	assert_int_equal(seen.frames + seen.lost - 3, 1000);
	publish_of(NULL, feed, 1001, 1001);
	assert_int_equal(see_kept().last, 1000);
	assert_int_equal(see(&live, 1001).last, 1001);
	feed_stop(feed);
}

/* Others' deaths push nothing out, neither another holder's nor another workload's of theirs. */
static void test_kept_of_each(void **state)
{
	static const struct feed_share quiet = { 1, 1 }, sibling = { 2, 2 }, loud = { 2, 3 };
	struct feed_kept kept = { 0 };
	unsigned int of_quiet = 0, of_sibling = 0;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		struct piece *piece = piece_new("piece", 5);

		assert_non_null(piece);
		feed_kept_add(&kept, piece, i < 3 ? quiet : i < 6 ? sibling : loud);
		piece_unref(piece);
		assert_true(kept.count <= FEED_KEPT);
	}
	for (unsigned int i = 0; i < kept.count; i++) {
		of_quiet += kept.pieces[i].share.workload == quiet.workload;
		of_sibling += kept.pieces[i].share.workload == sibling.workload;
	}
	assert_int_equal(of_quiet, 3);
	assert_int_equal(of_sibling, 3);
	assert_int_equal(kept.gone, 5000 - FEED_KEPT);
	feed_kept_clear(&kept);
	assert_int_equal(kept.count, 0);
}

/* An agent with a history keeps nothing, and a client that asks it anyway is let go. */
static void test_nothing_kept(void **state)
{
	struct feed *feed = start();
	struct feed_client client = join();
	char rest[1024];

	(void)state;
	assert_false(client.keeps);
	assert_int_equal(feed_ask_kept(&client), 0);
	while (read(client.fd, rest, sizeof(rest)) > 0)
		continue;
	assert_int_equal(read(client.fd, rest, sizeof(rest)), 0);
	assert_int_equal(close(client.fd), 0);
	feed_stop(feed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_from_then_on),        TEST(test_an_agent_ends), TEST(test_a_slow_client),
		TEST(test_too_many_clients),    TEST(test_the_file),      TEST(test_a_stale_socket),
		TEST(test_who_does_not_answer), TEST(test_kept),          TEST(test_kept_of_each),
		TEST(test_nothing_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
