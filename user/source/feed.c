// SPDX-License-Identifier: BSD-2-Clause
#include "source/feed.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/thread.h"
#include "source/feed_piece.h"
#include "source/feed_socket.h"
#include "source/recording_write.h"

/* The most that may wait for slow clients, for all of them together. */
#define MOST_PIECES 1024
#define MOST_BYTES (1U << 20)
#define STACK_SIZE (64 << 10)

struct client {
	int fd;              /* -1: free */
	struct piece *piece; /* being sent; NULL: none */
	size_t sent;         /* bytes of it */
	uint64_t next;       /* number of the piece that comes after it */
	uint64_t missed;     /* not reported to it yet */
	bool asks, has_kept; /* it wants what is kept, and gets nothing after that */
};

struct feed {
	struct feed_socket socket;
	int wake_fd;
	pthread_t thread;
	struct feed_hello hello;
	char *header; /* of the recording */
	size_t header_size;
	atomic_uint client_count;
	atomic_bool stop;
	uint64_t newest;                   /* sequence */
	pthread_mutex_t mutex;             /* of the fields below */
	struct piece *pieces[MOST_PIECES]; /* by their numbers */
	uint64_t first, end;               /* numbers of the pieces that are there */
	size_t bytes;                      /* of all pieces */
	struct feed_kept kept;
	struct client clients[FEED_MOST_CLIENTS]; /* of the thread */
};

static void drop_first(struct feed *feed)
{
	struct piece *piece = feed->pieces[feed->first++ % MOST_PIECES];

	feed->bytes -= piece->size;
	piece_unref(piece);
}

static bool keeps(const struct feed *feed)
{
	return (feed->hello.offers & FEED_KEEPS) != 0;
}

static void publish_to_clients(struct feed *feed, struct piece *piece)
{
	while (feed->first < feed->end && (!piece || feed->end - feed->first == MOST_PIECES ||
					   feed->bytes + piece->size > MOST_BYTES))
		drop_first(feed);
	if (piece) {
		feed->pieces[feed->end++ % MOST_PIECES] = piece_ref(piece);
		feed->bytes += piece->size;
	} else {
		feed->first = ++feed->end;
	}
}

/* NULL, if there was no memory, is a piece that all clients miss. */
static void publish(struct feed *feed, char *bytes, size_t size, const struct feed_share *share)
{
	struct piece *piece = bytes ? piece_new(bytes, size) : NULL;
	const uint64_t one = 1;
	bool has_clients;

	free(bytes);
	(void)pthread_mutex_lock(&feed->mutex);
	if (keeps(feed) && share && piece)
		feed_kept_add(&feed->kept, piece, *share);
	else if (keeps(feed) && share)
		feed->kept.gone++;
	has_clients = atomic_load(&feed->client_count) > 0;
	if (has_clients)
		publish_to_clients(feed, piece);
	(void)pthread_mutex_unlock(&feed->mutex);
	piece_unref(piece);
	if (has_clients && write(feed->wake_fd, &one, sizeof(one)) < 0)
		return; /* it is awake */
}

static bool is_wanted(struct feed *feed, bool is_worth_keeping)
{
	return (is_worth_keeping && keeps(feed)) || atomic_load(&feed->client_count) > 0;
}

bool feed_wants(struct feed *feed, uint64_t sequence, bool is_worth_keeping)
{
	if (sequence <= feed->newest)
		return false;
	feed->newest = sequence;
	return is_wanted(feed, is_worth_keeping);
}

void feed_frame(struct feed *feed, const struct frame *frame, const struct feed_share *share)
{
	size_t size = 0;
	char *bytes = recording_frame_bytes(frame, &size);

	publish(feed, bytes, size, share);
}

void feed_losses(struct feed *feed, const struct losses *losses, int64_t realtime_ns)
{
	static const struct feed_share nobody;
	size_t size = 0;
	char *bytes;

	if (!is_wanted(feed, true))
		return;
	bytes = recording_losses_bytes(losses, realtime_ns, &size);
	publish(feed, bytes, size, &nobody);
}

/* Reports what the client was too slow for, as a piece of its own. */
static struct piece *make_missed(uint64_t count)
{
	const struct losses missed = { .count = { [LOSS_OUTPUT] = count } };
	size_t size = 0;
	AUTO_FREE char *bytes = recording_losses_bytes(
		&missed, (int64_t)clock_boottime_ns() + clock_realtime_offset_ns(), &size);

	return bytes ? piece_new(bytes, size) : NULL;
}

/* All that is kept, and how much could not be, as one piece. NULL: nothing was to be kept, or there
 * is no memory. */
static struct piece *make_kept(struct feed *feed)
{
	AUTO_FREE char *bytes = NULL;
	struct piece *gone = NULL;
	size_t size = 0;

	(void)pthread_mutex_lock(&feed->mutex);
	if (feed->kept.gone)
		gone = make_missed(feed->kept.gone);
	bytes = malloc(feed->kept.bytes + (gone ? gone->size : 0) + 1);
	for (unsigned int i = 0; bytes && i < feed->kept.count; i++) {
		const struct piece *piece = feed->kept.pieces[i].piece;

		memcpy(bytes + size, piece->bytes, piece->size);
		size += piece->size;
	}
	(void)pthread_mutex_unlock(&feed->mutex);
	if (bytes && gone) {
		memcpy(bytes + size, gone->bytes, gone->size);
		size += gone->size;
	}
	piece_unref(gone);
	return size ? piece_new(bytes, size) : NULL;
}

/* NULL: the client has all pieces. */
static struct piece *next_piece(struct feed *feed, struct client *client)
{
	struct piece *piece = NULL;

	if (client->asks) {
		piece = client->has_kept ? NULL : make_kept(feed);
		client->has_kept = true;
		return piece;
	}
	(void)pthread_mutex_lock(&feed->mutex);
	if (client->next < feed->first) {
		client->missed += feed->first - client->next;
		client->next = feed->first;
	}
	if (!client->missed && client->next < feed->end) {
		piece = feed->pieces[client->next++ % MOST_PIECES];
		(void)piece_ref(piece);
	}
	(void)pthread_mutex_unlock(&feed->mutex);
	if (client->missed) {
		piece = make_missed(client->missed);
		if (piece)
			client->missed = 0;
	}
	return piece;
}

static void let_go(struct feed *feed, struct client *client)
{
	(void)close(client->fd);
	piece_unref(client->piece);
	*client = (struct client){ .fd = -1 };
	if (atomic_fetch_sub(&feed->client_count, 1) > 1)
		return;
	(void)pthread_mutex_lock(&feed->mutex);
	while (feed->first < feed->end)
		drop_first(feed);
	(void)pthread_mutex_unlock(&feed->mutex);
}

/* Sends as much as the client takes without waiting. */
static void send_waiting(struct feed *feed, struct client *client)
{
	for (;;) {
		struct piece *piece = client->piece ? client->piece : next_piece(feed, client);
		ssize_t sent;

		client->piece = piece;
		if (!piece && client->asks)
			let_go(feed, client);
		if (!piece)
			return;
		sent = send(client->fd, piece->bytes + client->sent, piece->size - client->sent,
			    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (sent < 0) {
			let_go(feed, client);
			return;
		}
		client->sent += (size_t)sent;
		if (client->sent < piece->size)
			continue;
		piece_unref(piece);
		client->piece = NULL;
		client->sent = 0;
	}
}

static bool is_ours(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) &&
	       (peer.uid == 0 || peer.uid == geteuid());
}

/* The hello and the header are small, and fit into the socket of a client that has got nothing yet.
 */
static bool greet(struct feed *feed, int fd, bool refused)
{
	struct feed_hello hello = feed->hello;

	hello.refused = refused;
	return send(fd, &hello, sizeof(hello), MSG_NOSIGNAL | MSG_DONTWAIT) ==
		       (ssize_t)sizeof(hello) &&
	       !refused &&
	       send(fd, feed->header, feed->header_size, MSG_NOSIGNAL | MSG_DONTWAIT) ==
		       (ssize_t)feed->header_size;
}

static void take_client(struct feed *feed)
{
	int fd = accept4(feed->socket.fd, NULL, NULL, SOCK_CLOEXEC);
	struct client *client = NULL;

	if (fd < 0)
		return;
	for (int i = 0; i < FEED_MOST_CLIENTS && !client; i++)
		if (feed->clients[i].fd < 0)
			client = &feed->clients[i];
	if (!is_ours(fd)) {
		(void)close(fd);
		return;
	}
	if (!client) {
		(void)greet(feed, fd, true);
		(void)close(fd);
		return;
	}
	(void)pthread_mutex_lock(&feed->mutex);
	*client = (struct client){ .fd = fd, .next = feed->end };
	(void)pthread_mutex_unlock(&feed->mutex);
	/* first, so that no death after the hello is missed */
	(void)atomic_fetch_add(&feed->client_count, 1);
	if (!greet(feed, fd, false))
		let_go(feed, client);
}

/* A client can leave, or ask for what is kept. */
static bool has_left(const struct feed *feed, struct client *client)
{
	char byte;
	ssize_t got = recv(client->fd, &byte, sizeof(byte), MSG_DONTWAIT);

	if (got == 1 && byte == FEED_ASK_KEPT && keeps(feed)) {
		client->asks = true;
		return false;
	}
	return got >= 0 || (errno != EAGAIN && errno != EINTR);
}

enum { POLL_LISTEN, POLL_WAKE, POLL_CLIENTS };

static void look_after(struct feed *feed, const struct pollfd *fds)
{
	for (int i = 0; i < FEED_MOST_CLIENTS; i++) {
		struct client *client = &feed->clients[i];

		if (client->fd < 0)
			continue;
		if ((fds[i].revents & (POLLIN | POLLHUP | POLLERR)) && has_left(feed, client))
			let_go(feed, client);
		else
			send_waiting(feed, client);
	}
}

static void *run(void *context)
{
	struct feed *feed = context;
	struct pollfd fds[POLL_CLIENTS + FEED_MOST_CLIENTS];
	uint64_t ignored;

	/* another thread's name would be written to a file below /proc */
	(void)pthread_setname_np(pthread_self(), "kt-live");
	while (!atomic_load(&feed->stop)) {
		fds[POLL_LISTEN] = (struct pollfd){ .fd = feed->socket.fd, .events = POLLIN };
		fds[POLL_WAKE] = (struct pollfd){ .fd = feed->wake_fd, .events = POLLIN };
		for (int i = 0; i < FEED_MOST_CLIENTS; i++) {
			const struct client *client = &feed->clients[i];

			fds[POLL_CLIENTS + i] = (struct pollfd){
				.fd = client->fd,
				.events = (short)(client->piece ? POLLIN | POLLOUT : POLLIN),
			};
		}
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0)
			continue;
		if (fds[POLL_WAKE].revents && read(feed->wake_fd, &ignored, sizeof(ignored)) < 0)
			continue;
		look_after(feed, fds + POLL_CLIENTS);
		if (fds[POLL_LISTEN].revents)
			take_client(feed);
	}
	for (int i = 0; i < FEED_MOST_CLIENTS; i++)
		if (feed->clients[i].fd >= 0) {
			send_waiting(feed, &feed->clients[i]);
			if (feed->clients[i].fd >= 0)
				let_go(feed, &feed->clients[i]);
		}
	return NULL;
}

static void feed_free(struct feed *feed)
{
	feed_socket_close(&feed->socket);
	while (feed->first < feed->end)
		drop_first(feed);
	feed_kept_clear(&feed->kept);
	if (feed->wake_fd >= 0)
		(void)close(feed->wake_fd);
	(void)pthread_mutex_destroy(&feed->mutex);
	free(feed->header);
	free(feed);
}

int feed_start(const char *path, const struct origin *origin, const char *hooks, bool keeps,
	       struct feed **ret)
{
	struct feed *feed = calloc(1, sizeof(*feed));
	int error = -ENOMEM;

	if (!feed)
		return error;
	(void)pthread_mutex_init(&feed->mutex, NULL);
	feed->socket.fd = -1;
	feed->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	for (int i = 0; i < FEED_MOST_CLIENTS; i++)
		feed->clients[i].fd = -1;
	memcpy(feed->hello.magic, FEED_MAGIC, sizeof(feed->hello.magic));
	feed->hello.offers = keeps ? FEED_KEEPS : 0;
	(void)snprintf(feed->hello.hooks, sizeof(feed->hello.hooks), "%s", hooks);
	feed->header = recording_header_bytes(origin, &feed->header_size);
	if (feed->header && feed->wake_fd >= 0)
		error = feed_socket_listen(path, &feed->socket);
	if (!error)
		error = thread_start(STACK_SIZE, run, feed, &feed->thread);
	if (error) {
		feed_free(feed);
		return error;
	}
	*ret = feed;
	return 0;
}

void feed_stop(struct feed *feed)
{
	const uint64_t one = 1;

	if (!feed)
		return;
	atomic_store(&feed->stop, true);
	while (write(feed->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		continue;
	(void)pthread_join(feed->thread, NULL);
	feed_free(feed);
}
