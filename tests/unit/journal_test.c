// SPDX-License-Identifier: BSD-2-Clause
/*
 * Messages to journald, read back by the rules of its native protocol. The world tests check that
 * the real one accepts them.
 */
#include "unit.h"

#include "events.h"
#include "outlet/journal.h"
#include "tree.h"

#include <endian.h>
#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define ID "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d"

static char *message;
static size_t message_size;

static int refusal; /* errno */

/* Replaces the C library's: does what the kernel does, or what a test wants. */
ssize_t sendto(int fd, const void *data, size_t size, int flags, __CONST_SOCKADDR_ARG to,
	       socklen_t to_size)
{
	if (!refusal)
		return syscall(SYS_sendto, fd, data, size, flags, to.__sockaddr__, to_size);
	errno = refusal;
	return -1;
}

static struct event *make_event(const char *line, bool is_death)
{
	struct event *event = events_make(line, strlen(line), 0);

	event->is_death = is_death;
	return event;
}

static void send_line(const char *line, bool is_death)
{
	struct event *event = make_event(line, is_death);

	free(message);
	message = journal_message(event, &message_size);
	event_unref(event);
}

/* The field's value, with its size; NULL: missing. Fails if the message is malformed. */
static const char *field(const char *name, size_t *ret_size)
{
	const char *at = message, *found = NULL;

	while (at < message + message_size) {
		const char *end = memchr(at, '\n', message_size - (size_t)(at - message));
		const char *equals;

		assert_non_null(end);
		equals = memchr(at, '=', (size_t)(end - at));
		if (equals) {
			if ((size_t)(equals - at) == strlen(name) &&
			    !memcmp(at, name, strlen(name))) {
				assert_null(found);
				found = equals + 1;
				*ret_size = (size_t)(end - found);
			}
			at = end + 1;
		} else {
			uint64_t length;

			memcpy(&length, end + 1, sizeof(length));
			length = le64toh(length);
			if ((size_t)(end - at) == strlen(name) && !memcmp(at, name, strlen(name))) {
				assert_null(found);
				found = end + 1 + sizeof(length);
				*ret_size = length;
			}
			at = end + 1 + sizeof(length) + length;
			assert_int_equal(*at, '\n');
			at++;
		}
	}
	assert_ptr_equal(at, message + message_size);
	return found;
}

static void expect(const char *name, const char *value)
{
	size_t size = 0;
	const char *found = field(name, &size);

	if (!value) {
		assert_null(found);
		return;
	}
	assert_non_null(found);
	assert_int_equal(size, strlen(value));
	assert_memory_equal(found, value, size);
}

static void test_death(void **state)
{
	(void)state;
	send_line(
		"{\"id\":\"b-7\",\"cause\":\"oom-memcg\",\"routine\":false,\"summary\":\"who, why\","
		"\"exit\":{\"signal\":9,\"core_dumped\":false},"
		"\"victim\":{\"pid\":7,\"age_seconds\":1234567.891},\"kernel_stack\":[\"a\",\"b\"],"
		"\"systemd\":{\"unit\":\"user@1000.service\",\"user_unit\":\"editor.service\"}}\n",
		true);
	expect("MESSAGE", "who, why");
	expect("MESSAGE_ID", JOURNAL_MESSAGE_ID);
	expect("PRIORITY", "3");
	expect("SYSLOG_IDENTIFIER", "killtrace");
	expect("OBJECT_SYSTEMD_UNIT", "user@1000.service");
	expect("OBJECT_SYSTEMD_USER_UNIT", "editor.service");
	expect("KILLTRACE_CAUSE", "oom-memcg");
	expect("KILLTRACE_VICTIM_PID", "7");
	expect("KILLTRACE_VICTIM_AGE_SECONDS", "1234567.891");
	expect("KILLTRACE_EXIT_CORE_DUMPED", "false");
	expect("KILLTRACE_KERNEL_STACK", NULL);
	expect("OBJECT_SYSTEMD_INVOCATION_ID", NULL);
	expect("CONTAINER_ID", NULL);
}

/* Receivers search for these: the unit's invocation, and the container as in its own log. */
static void test_invocation_and_container(void **state)
{
	(void)state;
	send_line(
		"{\"id\":\"b-7\",\"cause\":\"oom-memcg\",\"systemd\":{\"unit\":\"docker-x.scope\","
		"\"invocation_id\":\"0123456789abcdef0123456789abcdef\"},"
		"\"container\":{\"id\":\"" ID
		"\",\"name\":\"web\\nFORGED=1\",\"image\":\"shop:1\"}}\n",
		true);
	expect("OBJECT_SYSTEMD_INVOCATION_ID", "0123456789abcdef0123456789abcdef");
	expect("CONTAINER_ID", "63425c4a8b42");
	expect("CONTAINER_ID_FULL", ID);
	expect("CONTAINER_TAG", "63425c4a8b42");
	expect("CONTAINER_NAME", "web\nFORGED=1");
	expect("IMAGE_NAME", "shop:1");
	expect("FORGED", NULL);
	/* a user can give its own cgroup the name of any container */
	send_line(
		"{\"id\":\"b-7\",\"cause\":\"oom-memcg\",\"systemd\":{\"unit\":\"user@7.service\","
		"\"owner_uid\":7},\"container\":{\"id\":\"" ID "\"}}\n",
		true);
	expect("CONTAINER_ID", NULL);
	expect("CONTAINER_ID_FULL", NULL);
	expect("KILLTRACE_CONTAINER_ID", ID);
}

/* It was killed but lives on: its death, if it comes, is an entry of its own. */
static void test_stuck(void **state)
{
	(void)state;
	send_line("{\"routine\":false,\"summary\":\"x\",\"stuck\":{\"seconds\":10}}\n", true);
	expect("MESSAGE_ID", JOURNAL_STUCK_MESSAGE_ID);
	expect("PRIORITY", "3");
	expect("KILLTRACE_STUCK_SECONDS", "10");
}

static void test_routine_and_losses(void **state)
{
	(void)state;
	send_line("{\"routine\":true,\"summary\":\"x\"}\n", true);
	expect("PRIORITY", "6");
	expect("OBJECT_SYSTEMD_UNIT", NULL);
	send_line("{\"lost\":{\"ring_full\":3}}\n", false);
	expect("MESSAGE", "killtrace lost something: {\"ring_full\":3}");
	expect("PRIORITY", "4");
	expect("MESSAGE_ID", NULL);
	expect("KILLTRACE_LOST_RING_FULL", "3");
}

/* A name that looks like another field stays a value. */
static void test_hostile(void **state)
{
	(void)state;
	send_line("{\"summary\":\"x\",\"victim\":{\"comm\":\"a\\nPRIORITY=0\\nMESSAGE=no\"},"
		  "\"a_key_that_is_far_longer_than_any_field_of_the_journal_may_be_called\":1}\n",
		  true);
	expect("MESSAGE", "x");
	expect("PRIORITY", "3");
	expect("KILLTRACE_VICTIM_COMM", "a\nPRIORITY=0\nMESSAGE=no");
	send_line("{\"summary\":\"two\\nlines\"}\n", true);
	expect("MESSAGE", "two\\x0alines");
	send_line("{\"summary\":\"x\",\"a\\nMESSAGE=b\":1,\"B\":2,\"c=d\":3}\n", true);
	expect("KILLTRACE_B", NULL);
	send_line("{\"lost\":{\"\\u009b\\u007f\":3}}\n", false);
	expect("MESSAGE", "killtrace lost something: {\"\\x9b\\x7f\":3}");
	send_line("{\":\":0}\n", false);
	expect("MESSAGE", "killtrace lost something: ?");
	send_line("no JSON at all", true);
	assert_null(message);
}

#define STORM 400

/* Reads, but not at once. */
static void *read_slowly(void *context)
{
	char got[4096];

	for (int i = 0; i < STORM; i++) {
		(void)usleep(500);
		if (recv(*(int *)context, got, sizeof(got), 0) <= 0)
			return "recv";
	}
	return NULL;
}

/* More than the reader's queue holds: each message is delivered, and none fails. */
static void test_storm(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct event *event = make_event("{\"summary\":\"x\",\"routine\":false}\n", true);
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	struct outlet *outlet;
	void *failure = NULL;
	pthread_t reader;

	(void)state;
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", tree_root);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(pthread_create(&reader, NULL, read_slowly, &fd), 0);
	outlet = journal_new(address.sun_path);
	for (int i = 0; i < STORM; i++)
		assert_int_equal(outlet->ops->deliver(outlet, event), 0);
	assert_int_equal(pthread_join(reader, &failure), 0);
	assert_null(failure);
	(void)close(fd);
	outlet->ops->free(outlet);
	event_unref(event);
}

/* A missing reader causes no wait, and one that reads nothing only a short one. */
static void test_socket(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct event *event = make_event("{\"summary\":\"x\",\"routine\":false}\n", true);
	struct outlet *outlet;
	char got[4096];
	int fd, error = 0;

	(void)state;
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", tree_root);
	outlet = journal_new(address.sun_path);
	assert_int_equal(outlet->ops->deliver(outlet, event), -ENOENT);
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(outlet->ops->deliver(outlet, event), 0);
	assert_true(recv(fd, got, sizeof(got), 0) > 20);
	/* it stops reading */
	for (int i = 0; i < 100000 && !error; i++)
		error = outlet->ops->deliver(outlet, event);
	assert_int_equal(error, -EAGAIN);
	/* it is restarted */
	(void)close(fd);
	assert_int_equal(outlet->ops->deliver(outlet, event), -ECONNREFUSED);
	assert_int_equal(unlink(address.sun_path), 0);
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(outlet->ops->deliver(outlet, event), 0);
	assert_true(recv(fd, got, sizeof(got), 0) > 20);
	(void)close(fd);
	outlet->ops->free(outlet);
	event_unref(event);
}

/* The kernel lacks memory for a message: an ordinary failure, and not a reason to flush. */
static void test_no_memory(void **state)
{
	struct event *event = make_event("{\"summary\":\"x\",\"routine\":false}\n", true);
	struct outlet *outlet = journal_new("/nonexistent");

	(void)state;
	refusal = ENOBUFS;
	assert_int_equal(outlet->ops->deliver(outlet, event), -EAGAIN);
	refusal = 0;
	outlet->ops->free(outlet);
	event_unref(event);
}

static int finish(void **state)
{
	(void)state;
	free(message);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_death),
		cmocka_unit_test(test_invocation_and_container),
		cmocka_unit_test(test_stuck),
		cmocka_unit_test(test_routine_and_losses),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test_setup_teardown(test_storm, tree_make, tree_remove),
		cmocka_unit_test_setup_teardown(test_socket, tree_make, tree_remove),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests_name("journal", tests, NULL, finish);
}
