// SPDX-License-Identifier: BSD-2-Clause
#include "listen/listener.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/say.h"
#include "base/thread.h"
#include "listen/microhttpd.h"
#include "listen/page.h"
#include "metrics/kernel_oom.h"

#define NAME "listen"
#define STACK_SIZE (128U << 10)
#define MOST_CONNECTIONS 16
/* Of one client; others can still get in. */
#define MOST_OF_ONE 8
#define MOST_REQUEST (8U << 10)
#define CONNECTION_S 10
#define CONNECTION_NS ((uint64_t)CONNECTION_S * NS_PER_S)
#define AGAIN_MS 5000
#define PATH "/metrics"
#define OPEN_METRICS "application/openmetrics-text"
#define NS_PER_MS ((uint64_t)NS_PER_S / 1000)

struct connection {
	int fd;          /* -1: this place is free */
	uint64_t end_ns; /* CLOCK_MONOTONIC */
};

struct listener {
	struct listen_address address;
	struct metrics *metrics;
	const struct microhttpd *http;
	struct MHD_Daemon *daemon; /* NULL: the address is not bound */
	struct page pages[2];      /* plain, OpenMetrics */
	struct connection connections[MOST_CONNECTIONS];
	uint64_t errors;
	int trouble; /* errno of the last attempt; 0: none */
	int socket;  /* bound, and not given to the daemon yet; else -1 */
	int stop;    /* eventfd */
	pthread_t thread;
	bool runs;
};

const char *listener_missing(void)
{
	return microhttpd_load() ? NULL : "libmicrohttpd.so.12 cannot be loaded: install it";
}

/* A socket that listens, or -errno. */
static int bind_socket(const struct listen_address *address)
{
	const int yes = 1;
	int fd = socket(address->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error;

	if (fd < 0)
		return -errno;
	/* connections of an earlier agent must not keep the port */
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (!bind(fd, (const struct sockaddr *)&address->address, address->size) &&
	    !listen(fd, MOST_CONNECTIONS))
		return fd;
	error = -errno;
	(void)close(fd);
	return error;
}

/* Each new reason is reported once. */
static void try_to_bind(struct listener *listener)
{
	const int fd = bind_socket(&listener->address);

	listener->socket = fd < 0 ? -1 : fd;
	if (fd < 0)
		metrics_set_outlet(listener->metrics, NAME, ++listener->errors, 0);
	if (fd < 0 && listener->trouble != -fd)
		say("cannot listen on %s: %s; trying again every %d s", listener->address.text,
		    strerror(-fd), AGAIN_MS / 1000);
	if (fd >= 0 && listener->trouble)
		say("listening on %s", listener->address.text);
	listener->trouble = fd < 0 ? -fd : 0;
}

static struct connection *place_of(struct listener *listener, int fd)
{
	for (size_t i = 0; i < MOST_CONNECTIONS; i++)
		if (listener->connections[i].fd == fd)
			return &listener->connections[i];
	return NULL;
}

static void on_connection(void *context, struct MHD_Connection *connection, void **own,
			  enum MHD_ConnectionNotificationCode code)
{
	struct listener *listener = context;
	const union MHD_ConnectionInfo *info =
		listener->http->get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct connection *place;

	(void)own;
	if (!info)
		return;
	place = place_of(listener,
			 code == MHD_CONNECTION_NOTIFY_STARTED ? -1 : (int)info->connect_fd);
	if (!place)
		return;
	*place = (struct connection){ .fd = -1 };
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		*place = (struct connection){ .fd = (int)info->connect_fd,
					      .end_ns = clock_monotonic_ns() + CONNECTION_NS };
}

static enum MHD_Result answer_words(const struct microhttpd *http,
				    struct MHD_Connection *connection, unsigned int status,
				    const char *words)
{
	/* the library takes the text as it is, and does not change it */
	struct MHD_Response *response = http->create_response_from_buffer(
		strlen(words), (void *)(uintptr_t)words, MHD_RESPMEM_PERSISTENT);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		(void)http->add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = http->queue_response(connection, status, response);
	http->destroy_response(response);
	return result;
}

static enum MHD_Result answer_metrics(struct listener *listener, struct MHD_Connection *connection)
{
	const struct microhttpd *http = listener->http;
	const char *accept =
		http->lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
	const bool open_metrics = accept && strstr(accept, OPEN_METRICS);
	struct MHD_Response *response =
		page_get(&listener->pages[open_metrics], http, listener->metrics, open_metrics);

	return response ? http->queue_response(connection, MHD_HTTP_OK, response) : MHD_NO;
}

// NOLINTNEXTLINE(readability-function-size): as the library calls it
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
				  const char *path, const char *method, const char *version,
				  const char *body, size_t *body_size, void **own)
{
	static char seen;
	struct listener *listener = context;

	(void)version;
	(void)body;
	/* the first call comes before the body, the last one after it */
	if (!*own || *body_size) {
		*own = &seen;
		*body_size = 0;
		return MHD_YES;
	}
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return answer_words(listener->http, connection, MHD_HTTP_METHOD_NOT_ALLOWED,
				    "only GET and HEAD\n");
	if (strcmp(path, PATH) != 0)
		return answer_words(listener->http, connection, MHD_HTTP_NOT_FOUND,
				    "the metrics are at " PATH "\n");
	return answer_metrics(listener, connection);
}

/* What a client does wrong is its own affair. */
static void ignore_words(void *context, const char *format, va_list words)
{
	(void)context;
	(void)format;
	(void)words;
}

/* Gives it the socket. */
static void start_daemon(struct listener *listener)
{
	listener->daemon = listener->http->start_daemon(
		MHD_USE_EPOLL | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, listener,
		MHD_OPTION_EXTERNAL_LOGGER, ignore_words, NULL, /* first: it is used at once */
		MHD_OPTION_LISTEN_SOCKET, listener->socket, MHD_OPTION_CONNECTION_LIMIT,
		MOST_CONNECTIONS, MHD_OPTION_PER_IP_CONNECTION_LIMIT, MOST_OF_ONE,
		MHD_OPTION_CONNECTION_TIMEOUT, CONNECTION_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)MOST_REQUEST, MHD_OPTION_NOTIFY_CONNECTION, on_connection, listener,
		MHD_OPTION_END);
	if (!listener->daemon) {
		say("cannot listen on %s: out of memory; trying again", listener->address.text);
		(void)close(listener->socket);
		listener->trouble = ENOMEM;
	}
	listener->socket = -1;
}

/* How long to wait for something to happen; -1: any time. */
static int wait_ms(const struct listener *listener, uint64_t now_ns)
{
	MHD_UNSIGNED_LONG_LONG asked;
	int most = -1;

	if (!listener->daemon)
		return AGAIN_MS;
	if (listener->http->get_timeout(listener->daemon, &asked) == MHD_YES)
		most = asked > AGAIN_MS ? AGAIN_MS : (int)asked;
	for (size_t i = 0; i < MOST_CONNECTIONS; i++) {
		const struct connection *one = &listener->connections[i];
		const uint64_t left = one->end_ns > now_ns ? one->end_ns - now_ns : 0;

		if (one->fd >= 0 && (most < 0 || left / NS_PER_MS < (uint64_t)most))
			most = (int)(left / NS_PER_MS) + 1;
	}
	return most;
}

/* A byte now and then does not keep a connection open. */
static void end_long_connections(struct listener *listener)
{
	const uint64_t now_ns = clock_monotonic_ns();

	for (size_t i = 0; i < MOST_CONNECTIONS; i++)
		if (listener->connections[i].fd >= 0 && listener->connections[i].end_ns <= now_ns)
			(void)shutdown(listener->connections[i].fd, SHUT_RDWR);
}

static int epoll_of(const struct listener *listener)
{
	const union MHD_DaemonInfo *info =
		listener->daemon ? listener->http->get_daemon_info(listener->daemon,
								   MHD_DAEMON_INFO_EPOLL_FD)
				 : NULL;

	return info ? info->epoll_fd : -1;
}

static void *run(void *context)
{
	struct listener *listener = context;
	struct pollfd fds[] = { { .fd = listener->stop, .events = POLLIN },
				{ .fd = -1, .events = POLLIN } };

	(void)prctl(PR_SET_NAME, "killtrace-http");
	do {
		if (!listener->daemon && listener->socket < 0)
			try_to_bind(listener);
		if (!listener->daemon && listener->socket >= 0)
			start_daemon(listener);
		fds[1].fd = epoll_of(listener);
		if (poll(fds, ARRAY_SIZE(fds), wait_ms(listener, clock_monotonic_ns())) < 0)
			continue;
		end_long_connections(listener);
		if (listener->daemon)
			(void)listener->http->run(listener->daemon);
	} while (!fds[0].revents);
	return NULL;
}

struct listener *listener_new(const struct listen_address *address, struct metrics *metrics)
{
	struct listener *listener = malloc(sizeof(*listener));

	if (!listener)
		return NULL;
	*listener = (struct listener){ .address = *address,
				       .metrics = metrics,
				       .http = microhttpd_load(),
				       .socket = -1,
				       .stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	for (size_t i = 0; i < MOST_CONNECTIONS; i++)
		listener->connections[i].fd = -1;
	metrics_set_outlet(metrics, NAME, 0, 0);
	kernel_oom_count(metrics); /* it counts from here on */
	try_to_bind(listener);
	return listener;
}

int listener_start(struct listener *listener)
{
	int error;

	if (listener->stop < 0)
		return -EMFILE;
	error = thread_start(STACK_SIZE, run, listener, &listener->thread);
	listener->runs = !error;
	return error;
}

void listener_stop(struct listener *listener)
{
	if (!listener)
		return;
	if (listener->runs && !eventfd_write(listener->stop, 1))
		(void)pthread_join(listener->thread, NULL);
	if (listener->daemon)
		listener->http->stop_daemon(listener->daemon);
	for (size_t i = 0; i < ARRAY_SIZE(listener->pages); i++)
		page_done(&listener->pages[i], listener->http);
	if (listener->socket >= 0)
		(void)close(listener->socket);
	if (listener->stop >= 0)
		(void)close(listener->stop);
	free(listener);
}
