// SPDX-License-Identifier: BSD-2-Clause
#include "explain/words.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/clock.h"
#include "base/format.h"
#include "base/text.h"

#define SAFE_SIZE (4 * KT_SIDE_PATH_LEN)
/* Processes choose their names: none may push the reason out of the sentence. */
#define LONGEST_NAME 160

static void put_any(struct words *out, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* All other output goes through here: names that a caller did not make safe do no harm. */
static void put_any(struct words *out, const char *format, va_list args)
{
	size_t before = out->used;
	int length;

	if (before >= out->size)
		return;
	length = format_text(out->text + before, out->size - before, format, args);
	if (length < 0)
		out->text[before] = '\0';
	else
		out->used += (size_t)length;
	text_disarm(out->text + before);
}

void words_put(struct words *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_any(out, format, args);
	va_end(args);
}

/* What needs neither escapes nor the barrier. */
static void put_plain(struct words *out, const char *text, size_t length)
{
	const size_t room = out->used < out->size ? out->size - out->used - 1 : 0;
	char *to = out->text + out->used;

	if (out->used >= out->size)
		return;
	to = mempcpy(to, text, length < room ? length : room);
	*to = '\0';
	out->used += length;
}

void words_put_name(struct words *out, const char *name)
{
	const size_t length = strlen(name);
	char safe[SAFE_SIZE];

	if (length <= LONGEST_NAME && text_plain_length(name, length, '\\') == length) {
		put_plain(out, name, length);
		return;
	}
	text_for_terminal(name, safe, sizeof(safe));
	if (strlen(safe) <= LONGEST_NAME) {
		words_put(out, "%s", safe);
		return;
	}
	text_for_terminal(name, safe, LONGEST_NAME);
	words_put(out, "%s\xe2\x80\xa6", safe);
}

void words_put_bytes(struct words *out, uint64_t bytes)
{
	char text[32];

	words_put(out, "%s", text_bytes(bytes, text, sizeof(text)));
}

void words_put_seconds(struct words *out, uint64_t ns)
{
	const uint64_t second = NS_PER_S, tenth = NS_PER_S / 10;

	if (ns < 10 * second)
		words_put(out, "%" PRIu64 ".%" PRIu64 " s", ns / second, ns % second / tenth);
	else
		words_put(out, "%" PRIu64 " s", ns / second);
}

/* The kernel cuts a program's name to make that of the process. */
static bool says_more(const char *exe, const char *comm)
{
	return *exe && strncmp(exe, comm, KT_COMM_LEN - 1) != 0;
}

void words_put_process(struct words *out, const char *comm, const char *exe, uint32_t pid,
		       uint32_t uid, bool has_uid)
{
	words_put_name(out, *comm ? comm : "?");
	words_put(out, " (pid %" PRIu32, pid);
	if (has_uid)
		words_put(out, ", uid %" PRIu32, uid);
	if (says_more(exe, comm)) {
		words_put(out, ", program ");
		words_put_name(out, exe);
	}
	words_put(out, ")");
}

/* "pod shop/web-0" */
static void put_pod(struct words *out, const struct owner *owner, const struct names *names)
{
	words_put(out, "pod ");
	if (!names->pod[0]) {
		words_put_name(out, owner->pod_uid);
		return;
	}
	words_put_name(out, names->namespace);
	words_put(out, "/");
	words_put_name(out, names->pod);
}

/* "docker container web", "container app of pod shop/web-0" */
static void put_container(struct words *out, const struct owner *owner, const struct names *names)
{
	const char *name = attribution_names_innermost(owner, names) ? names->name : "";

	if (!names->pod[0] && owner->runtime[0]) {
		words_put_name(out, owner->runtime);
		words_put(out, " ");
	}
	words_put(out, "container ");
	words_put_name(out, *name ? name : owner->container_id);
	if (owner->pod_uid[0] || names->pod[0]) {
		words_put(out, " of ");
		put_pod(out, owner, names);
	}
}

void words_put_owner(struct words *out, const struct owner *owner, const struct names *names,
		     const char *cgroup)
{
	const char *unit = owner->user_unit[0] ? owner->user_unit : owner->unit;

	if (owner->container_id[0]) {
		put_container(out, owner, names);
	} else if (owner->pod_uid[0]) {
		put_pod(out, owner, names);
	} else if (owner->machine[0]) {
		words_put(out, "machine ");
		words_put_name(out, owner->machine);
	} else if (owner->session[0] && owner->have_owner_uid) {
		words_put(out, "session ");
		words_put_name(out, owner->session);
		words_put(out, " of uid %" PRIu32, owner->owner_uid);
	} else if (owner->slurm_job[0]) {
		words_put(out, "Slurm job ");
		words_put_name(out, owner->slurm_job);
		if (owner->slurm_step[0]) {
			words_put(out, " step ");
			words_put_name(out, owner->slurm_step);
		}
	} else if (*unit) {
		words_put_name(out, unit);
		/* users choose the names of their units, and can choose those of the system's */
		if (owner->user_unit[0] && owner->have_owner_uid)
			words_put(out, " of uid %" PRIu32, owner->owner_uid);
	} else {
		words_put(out, "cgroup ");
		words_put_name(out, *cgroup ? cgroup : "unknown");
	}
}
