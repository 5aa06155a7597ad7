// SPDX-License-Identifier: BSD-2-Clause
#include "sink/journal.h"

#include <ctype.h>
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"

#define PREFIX "KILLTRACE"
/* journald's own limit on names of fields. */
#define LONGEST_NAME 64

/* Less than what an outlet is given at the end. */
#define PATIENCE_US 200000

#define PRIORITY_ERROR "3"
#define PRIORITY_WARNING "4"
#define PRIORITY_INFO "6"

struct journal {
	struct target target;
	const char *socket_path;
	int fd;
};

/* Values may hold anything, newlines too: those have their length in front. */
static void put(FILE *out, const char *name, const char *value)
{
	size_t size = strlen(value);
	uint64_t length = htole64(size);

	if (!strchr(value, '\n')) {
		(void)fprintf(out, "%s=%s\n", name, value);
		return;
	}
	(void)fprintf(out, "%s\n", name);
	(void)fwrite(&length, sizeof(length), 1, out);
	(void)fwrite(value, size, 1, out);
	(void)fputc('\n', out);
}

static void put_if(FILE *out, const char *name, const char *value)
{
	if (value)
		put(out, name, value);
}

static const char *text_at(const json_t *record, const char *object, const char *key)
{
	return json_string_value(
		json_object_get(object ? json_object_get(record, object) : record, key));
}

static void put_scalar(FILE *out, const char *name, const json_t *value)
{
	char number[32];

	if (json_is_string(value)) {
		put(out, name, json_string_value(value));
	} else if (json_is_integer(value)) {
		(void)snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
			       json_integer_value(value));
		put(out, name, number);
	} else if (json_is_real(value)) {
		(void)snprintf(number, sizeof(number), "%.12g", json_real_value(value));
		put(out, name, number);
	} else if (json_is_boolean(value)) {
		put(out, name, json_is_true(value) ? "true" : "false");
	}
}

/* Objects within objects of the record. */
#define DEEPEST 4

struct level {
	json_t *object;
	void *at;
	char name[LONGEST_NAME + 1];
};

/* False: it would be too long for a field. */
static bool make_name(char ret_name[LONGEST_NAME + 1], const char *prefix, const char *key)
{
	int length = snprintf(ret_name, LONGEST_NAME + 1, "%s_%s", prefix, key);

	for (char *at = ret_name; *at; at++)
		*at = (char)toupper((unsigned char)*at);
	return length <= LONGEST_NAME;
}

/* "victim": {"pid": 7} is KILLTRACE_VICTIM_PID=7. Lists are too long for a field. */
static void put_record(FILE *out, json_t *record)
{
	struct level levels[DEEPEST] = { { record, json_object_iter(record), PREFIX } };
	int depth = 0;

	while (depth >= 0) {
		struct level *level = &levels[depth];
		char name[LONGEST_NAME + 1];
		json_t *value;

		if (!level->at) {
			depth--;
			continue;
		}
		value = json_object_iter_value(level->at);
		if (!make_name(name, level->name, json_object_iter_key(level->at)))
			value = NULL;
		level->at = json_object_iter_next(level->object, level->at);
		if (json_is_object(value) && depth + 1 < DEEPEST) {
			levels[++depth] = (struct level){ value, json_object_iter(value), "" };
			memcpy(levels[depth].name, name, sizeof(name));
		} else if (value) {
			put_scalar(out, name, value);
		}
	}
}

static void put_death(FILE *out, json_t *record)
{
	bool routine = json_is_true(json_object_get(record, "routine"));
	bool stuck = json_object_get(record, "stuck") != NULL;

	put_if(out, "MESSAGE", text_at(record, NULL, "summary"));
	put(out, "MESSAGE_ID", stuck ? JOURNAL_STUCK_MESSAGE_ID : JOURNAL_MESSAGE_ID);
	/* receivers read from info on, and a kill is no less than an error */
	put(out, "PRIORITY", routine ? PRIORITY_INFO : PRIORITY_ERROR);
	put_if(out, "OBJECT_SYSTEMD_UNIT", text_at(record, "systemd", "unit"));
	put_if(out, "OBJECT_SYSTEMD_USER_UNIT", text_at(record, "systemd", "user_unit"));
}

static void put_losses(FILE *out, const json_t *record)
{
	AUTO_FREE char *lost = json_dumps(json_object_get(record, "lost"), JSON_COMPACT);

	(void)fprintf(out, "MESSAGE=killtrace lost something: %s\n", lost ? lost : "?");
	put(out, "PRIORITY", PRIORITY_WARNING);
}

char *journal_message(const struct event *event, size_t *ret_size)
{
	json_t *record = json_loadb(event->line, event->size, 0, NULL);
	char *text = NULL;
	FILE *out = record ? open_memstream(&text, ret_size) : NULL;

	if (out) {
		put(out, "SYSLOG_IDENTIFIER", "killtrace");
		if (event->is_death)
			put_death(out, record);
		else
			put_losses(out, record);
		put_record(out, record);
		if (fclose(out)) {
			free(text);
			text = NULL;
		}
	}
	json_decref(record);
	return text;
}

/* Who reads is given a moment: its queue is ten messages on some kernels, and a storm is more. */
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

static int journal_deliver(struct target *target, const struct event *event)
{
	struct journal *journal = (struct journal *)target;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	AUTO_FREE char *message = NULL;
	size_t size = 0;

	int error = open_socket(journal);

	if (error)
		return error;
	message = journal_message(event, &size);
	if (!message)
		return -ENOMEM;
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", journal->socket_path);
	while (sendto(journal->fd, message, size, MSG_NOSIGNAL, (const struct sockaddr *)&address,
		      sizeof(address)) < 0)
		if (errno != EINTR) /* to an outlet, ENOBUFS would be a wish for a flush */
			return errno == ENOBUFS ? -EAGAIN : -errno;
	return 0;
}

static void journal_free(struct target *target)
{
	struct journal *journal = (struct journal *)target;

	if (journal->fd >= 0)
		(void)close(journal->fd);
	free(journal);
}

struct target *journal_new(const char *socket_path)
{
	static const struct target_ops ops = { "journal", journal_deliver, NULL,
					       NULL,      journal_free,    NULL };
	struct journal *journal = calloc(1, sizeof(*journal));

	if (!journal)
		return NULL;
	journal->target.ops = &ops;
	journal->socket_path = socket_path;
	journal->fd = -1;
	return (struct target *)journal;
}
