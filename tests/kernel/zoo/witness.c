/* SPDX-License-Identifier: BSD-2-Clause */
/* Witness records: shared memory that outlives the dying process that wrote it. */
#include "zoo.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

static struct {
	unsigned int count;
	struct witness witnesses[WITNESS_MAX];
} * stand;

void witness_open(void)
{
	void *memory = mmap(NULL, sizeof(*stand), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED) {
		perror("zoo: mmap");
		exit(1);
	}
	stand = memory;
}

void witness_clear(void)
{
	memset(stand, 0, sizeof(*stand));
}

unsigned int witness_count(void)
{
	unsigned int count = __atomic_load_n(&stand->count, __ATOMIC_ACQUIRE);

	return count < WITNESS_MAX ? count : WITNESS_MAX;
}

struct witness *witness_at(unsigned int index)
{
	return &stand->witnesses[index];
}

struct witness *witness_find(pid_t pid)
{
	for (unsigned int i = 0; i < witness_count(); i++) {
		if (stand->witnesses[i].pid == pid)
			return &stand->witnesses[i];
	}
	return NULL;
}

struct witness *witness_role(const char *role)
{
	for (unsigned int i = 0; i < witness_count(); i++) {
		if (!strcmp(stand->witnesses[i].role, role))
			return &stand->witnesses[i];
	}
	return NULL;
}

struct witness *witness_new(const char *role)
{
	unsigned int slot = __atomic_fetch_add(&stand->count, 1, __ATOMIC_ACQ_REL);
	struct witness *w;

	if (slot >= WITNESS_MAX) {
		fputs("zoo: too many witnesses\n", stderr);
		_exit(96);
	}
	w = &stand->witnesses[slot];
	snprintf(w->role, sizeof(w->role), "%s", role);
	return w;
}

void witness_ready(struct witness *w)
{
	__atomic_store_n(&w->ready, 1, __ATOMIC_RELEASE);
}

/*
 * Polling needs no cooperation of a dying process, and ends even if the other side died too early.
 */
void witness_wait(struct witness *w)
{
	for (int i = 0; i < 20000 && !interrupted; i++) {
		if (__atomic_load_n(&w->ready, __ATOMIC_ACQUIRE))
			return;
		usleep(500);
	}
}

void witness_skip(struct witness *me, const char *reason)
{
	snprintf(me->skip, sizeof(me->skip), "%s", reason);
	_exit(0);
}

static void knows(struct witness *w, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void knows(struct witness *w, const char *format, ...)
{
	size_t room = sizeof(w->knows) - w->knows_length;
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(w->knows + w->knows_length, room, format, args);
	va_end(args);
	if (length < 0 || (size_t)length >= room) {
		fputs("zoo: testimony too long\n", stderr);
		_exit(96);
	}
	w->knows_length += (size_t)length;
}

static const char *comma(const struct witness *w)
{
	return w->knows_length ? "," : "";
}

void knows_number(struct witness *w, const char *key, long long value)
{
	knows(w, "%s\"%s\":%lld", comma(w), key, value);
}

void knows_address(struct witness *w, const char *key, uintptr_t value)
{
	knows(w, "%s\"%s\":\"0x%" PRIxPTR "\"", comma(w), key, value);
}

void knows_string(struct witness *w, const char *key, const char *value)
{
	knows(w, "%s\"%s\":\"", comma(w), key);
	for (const char *c = value; *c; c++) {
		if (*c == '"' || *c == '\\' || (unsigned char)*c < 0x20)
			knows(w, "\\u%04x", (unsigned char)*c);
		else
			knows(w, "%c", *c);
	}
	knows(w, "\"");
}

/*
 * A comm is bytes, not text: it is printed as hex, so that the oracle itself cannot have a quoting
 * error.
 */
void knows_comm(struct witness *w, const char *key)
{
	char comm[17] = "";

	prctl(PR_GET_NAME, comm);
	knows(w, "%s\"%s\":\"", comma(w), key);
	for (const char *c = comm; *c; c++)
		knows(w, "%02x", (unsigned char)*c);
	knows(w, "\"");
}

/* Called by the sender just before it kills. */
void knows_sender(struct witness *victim, const char *comm)
{
	knows_number(victim, "sender_pid", getpid());
	knows_number(victim, "sender_uid", getuid());
	knows_string(victim, "sender_comm", comm);
}
