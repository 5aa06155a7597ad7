// SPDX-License-Identifier: BSD-2-Clause
#include "outlet/journal.h"

#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/say.h"
#include "outlet/journal_limit.h"
#include "base/text.h"
#include "explain/report.h"
#include "line/json_walk.h"

#define PREFIX "KILLTRACE"
/* journald's own limit for field names. */
#define LONGEST_NAME 64

/* How often to check whether journald takes more, or whether the end was requested. */
#define LOOK_US 50000

/* Less than an outlet gets at the end. */
#define PATIENCE_US 200000

#define PRIORITY_ERROR "3"
#define PRIORITY_WARNING "4"
#define PRIORITY_INFO "6"

struct journal {
	struct outlet outlet;
	const char *socket_path;
	int fd;
	struct journal_pace pace;
	bool reported_wait; /* that it has to wait was reported */
};

/* Values may contain anything, even newlines: those have their length in front. */
static void put_bytes(struct buffer *out, const char *name, const char *value, size_t size)
{
	const uint64_t length = htole64(size);

	buffer_text(out, name);
	if (memchr(value, '\n', size)) {
		buffer_text(out, "\n");
		buffer_add(out, &length, sizeof(length));
	} else {
		buffer_text(out, "=");
	}
	buffer_add(out, value, size);
	buffer_text(out, "\n");
}

static void put(struct buffer *out, const char *name, const char *value)
{
	put_bytes(out, name, value, strlen(value));
}

static void put_if(struct buffer *out, const char *name, const char *value)
{
	if (*value)
		put(out, name, value);
}

/* `scratch` has room for any text of the line. */
static void put_scalar(struct buffer *out, const char *name, const struct json_walk_value *value,
		       char *scratch)
{
	char number[32];

	switch (value->kind) {
	case JSON_WALK_TEXT:
		put_bytes(out, name, scratch, json_walk_decode(value, scratch));
		break;
	case JSON_WALK_REAL:
		(void)json_walk_decode(value, scratch);
		(void)snprintf(number, sizeof(number), "%.12g", strtod(scratch, NULL));
		put(out, name, number);
		break;
	case JSON_WALK_INTEGER:
	case JSON_WALK_TRUE:
	case JSON_WALK_FALSE:
		put_bytes(out, name, value->at, value->size);
		break;
	default: /* lists are too long for a field */
		break;
	}
}

/* Objects within objects of the record. */
#define DEEPEST 4

struct level {
	struct json_walk walk;
	char name[LONGEST_NAME + 1];
};

/* False: it is too long for a field, or contains a byte that names in our records do not have (a
 * newline would start a new field). */
static bool make_name(char ret_name[LONGEST_NAME + 1], const char *prefix,
		      const struct json_walk_value *key)
{
	const size_t begin = strlen(prefix) + 1;

	if (!json_walk_is_name(key) || begin + key->size > LONGEST_NAME)
		return false;
	memcpy(ret_name, prefix, begin - 1);
	ret_name[begin - 1] = '_';
	for (size_t i = 0; i < key->size; i++)
		ret_name[begin + i] = (char)toupper((unsigned char)key->at[i]);
	ret_name[begin + key->size] = '\0';
	return true;
}

/* "victim": {"pid": 7} is KILLTRACE_VICTIM_PID=7. */
static void put_record(struct buffer *out, const struct json_walk_value *record, char *scratch)
{
	struct level levels[DEEPEST] = { { json_walk_into(record), PREFIX } };
	int depth = 0;

	while (depth >= 0) {
		struct level *level = &levels[depth];
		struct json_walk_value key, value;
		char name[LONGEST_NAME + 1];

		if (!json_walk_next(&level->walk, &key, &value)) {
			depth--;
		} else if (!make_name(name, level->name, &key)) {
			continue;
		} else if (value.kind == JSON_WALK_OBJECT && depth + 1 < DEEPEST) {
			levels[++depth].walk = json_walk_into(&value);
			memcpy(levels[depth].name, name, sizeof(name));
		} else {
			put_scalar(out, name, &value, scratch);
		}
	}
}

/* The text that journalctl shows. */
static void put_message(struct buffer *out, const char *text)
{
	char message[SUMMARY_SIZE];

	text_for_terminal_again(text, message, sizeof(message));
	put(out, "MESSAGE", message);
}

#define SHORT_ID 12

/*
 * In the form of Docker's and Podman's drivers for journald, by which receivers find a container's
 * log. Not in a user's own part of the cgroup tree, where a cgroup can be named after another's
 * container.
 */
static void put_container(struct buffer *out, const struct reported *reported)
{
	const char *id = reported_text(reported, REPORTED_CONTAINER_ID);
	char short_id[SHORT_ID + 1];

	if (!*id || reported->has_owner_uid)
		return;
	(void)snprintf(short_id, sizeof(short_id), "%s", id);
	put(out, "CONTAINER_ID", strlen(id) == 64 ? short_id : id);
	put(out, "CONTAINER_ID_FULL", id);
	put(out, "CONTAINER_TAG", strlen(id) == 64 ? short_id : id);
	put_if(out, "CONTAINER_NAME", reported_text(reported, REPORTED_CONTAINER_NAME));
	put_if(out, "IMAGE_NAME", reported_text(reported, REPORTED_CONTAINER_IMAGE));
}

static void put_death(struct buffer *out, const struct reported *reported)
{
	put_message(out, reported_text(reported, REPORTED_SUMMARY));
	put(out, "MESSAGE_ID", reported->stuck ? JOURNAL_STUCK_MESSAGE_ID : JOURNAL_MESSAGE_ID);
	/* receivers read from info on, and a kill is at least an error */
	put(out, "PRIORITY", reported->routine ? PRIORITY_INFO : PRIORITY_ERROR);
	put_if(out, "OBJECT_SYSTEMD_UNIT", reported_text(reported, REPORTED_UNIT));
	put_if(out, "OBJECT_SYSTEMD_USER_UNIT", reported_text(reported, REPORTED_USER_UNIT));
	put_if(out, "OBJECT_SYSTEMD_INVOCATION_ID", reported_text(reported, REPORTED_INVOCATION));
	put_container(out, reported);
}

static void put_losses(struct buffer *out, const struct json_walk_value *record, char *scratch)
{
	const struct json_walk_value lost = json_walk_member(record, "lost");
	char message[SUMMARY_SIZE];

	(void)json_walk_decode(&lost, scratch);
	(void)snprintf(message, sizeof(message), "killtrace lost something: %s",
		       *scratch ? scratch : "?");
	put_message(out, message);
	put(out, "PRIORITY", PRIORITY_WARNING);
}

char *journal_message(const struct event *event, size_t *ret_size)
{
	AUTO_FREE char *scratch = malloc(event->size + 1);
	struct json_walk_value record;
	struct buffer out = { 0 };

	if (!scratch || !json_walk_line(event->line, event->size, &record))
		return NULL;
	put(&out, "SYSLOG_IDENTIFIER", "killtrace");
	if (event->is_death)
		put_death(&out, event->reported);
	else
		put_losses(&out, &record, scratch);
	put_record(&out, &record, scratch);
	if (out.failed) {
		free(out.text);
		return NULL;
	}
	*ret_size = out.size;
	return out.text;
}

/* The reader gets a moment: its queue is ten messages on some kernels, and a storm is more. */
static int open_socket(struct journal *journal)
{
	const struct timeval patience = { .tv_usec = PATIENCE_US };

	if (journal->fd >= 0)
		return 0;
	journal->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (journal->fd < 0)
		return -errno;
	(void)setsockopt(journal->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	return 0;
}

static void tell_limit(struct journal *journal)
{
	const struct journal_limit *limit = &journal->pace.limit;

	if (!journal->reported_wait)
		say("journal: journald takes %" PRIu64 " entries in %.3g s of this unit and drops "
		    "what is more: the rest waits; raise LogRateLimitBurst= of the unit",
		    limit->burst, (double)limit->interval_ns / (double)NS_PER_S);
	journal->reported_wait = true;
}

/* 0, or -EBUSY if the end was requested. */
static int wait_for_turn(struct journal *journal)
{
	journal->outlet.trouble = NULL;
	while (!journal_pace_takes(&journal->pace, clock_monotonic_ns())) {
		tell_limit(journal);
		if (atomic_load(&journal->outlet.end_ns)) {
			journal->outlet.trouble = "journald takes no more of this unit for now";
			return -EBUSY;
		}
		(void)usleep(LOOK_US);
	}
	return 0;
}

static int journal_deliver(struct outlet *outlet, const struct event *event)
{
	struct journal *journal = (struct journal *)outlet;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	AUTO_FREE char *message = NULL;
	size_t size = 0;

	int error;

	atomic_store(&outlet->waits, true);
	error = wait_for_turn(journal);
	atomic_store(&outlet->waits, false);
	if (!error)
		error = open_socket(journal);
	if (error)
		return error;
	message = journal_message(event, &size);
	if (!message)
		return -ENOMEM;
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", journal->socket_path);
	while (sendto(journal->fd, message, size, MSG_NOSIGNAL, (const struct sockaddr *)&address,
		      sizeof(address)) < 0)
		if (errno != EINTR) /* for an outlet, ENOBUFS would request a flush */
			return errno == ENOBUFS ? -EAGAIN : -errno;
	return 0;
}

static void journal_free(struct outlet *outlet)
{
	struct journal *journal = (struct journal *)outlet;

	if (journal->fd >= 0)
		(void)close(journal->fd);
	free(journal);
}

struct outlet *journal_new(const char *socket_path)
{
	static const struct outlet_ops ops = {
		.name = "journal",
		.deliver = journal_deliver,
		.free = journal_free,
	};
	struct journal *journal = calloc(1, sizeof(*journal));

	if (!journal)
		return NULL;
	journal->outlet.ops = &ops;
	journal->socket_path = socket_path;
	journal->fd = -1;
	return (struct outlet *)journal;
}
