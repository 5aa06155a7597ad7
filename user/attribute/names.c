// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/names.h"

#include <string.h>

#include "base/cleanup.h"

#define FIELD(member)                                                               \
	{                                                                           \
		offsetof(struct names, member), sizeof(((struct names *)0)->member) \
	}

/* In the order of recordings, which have no others. */
static const struct {
	size_t offset, size;
} fields[] = { FIELD(runtime), FIELD(name),      FIELD(image), FIELD(namespace), FIELD(pod),
	       FIELD(pod_uid), FIELD(container), FIELD(id),    FIELD(sandbox) };

static char *field_of(struct names *names, size_t i)
{
	return (char *)names + fields[i].offset;
}

static const char *text_of(const struct names *names, size_t i)
{
	return (const char *)names + fields[i].offset;
}

bool names_any(const struct names *names)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (text_of(names, i)[0])
			return true;
	return false;
}

bool names_set(char *field, size_t size, const char *text)
{
	size_t length = text ? strlen(text) : 0;

	memset(field, 0, size);
	if (length >= size)
		return false;
	if (text)
		memcpy(field, text, length + 1);
	return true;
}

void names_fill(struct names *ret, const struct names *more)
{
	if (!ret->cgroup[0])
		memcpy(ret->cgroup, more->cgroup, sizeof(ret->cgroup));
	if (!ret->unit[0])
		memcpy(ret->unit, more->unit, sizeof(ret->unit));
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (!text_of(ret, i)[0])
			memcpy(field_of(ret, i), text_of(more, i), fields[i].size);
}

void names_drop_pod(struct names *names)
{
	memset(names->namespace, 0, sizeof(names->namespace));
	memset(names->pod, 0, sizeof(names->pod));
	memset(names->pod_uid, 0, sizeof(names->pod_uid));
	memset(names->container, 0, sizeof(names->container));
	memset(names->sandbox, 0, sizeof(names->sandbox));
}

size_t names_write(const struct names *names, char ret_text[NAMES_TEXT_MAX])
{
	size_t used = 0;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		size_t length = strlen(text_of(names, i)) + 1;

		memcpy(ret_text + used, text_of(names, i), length);
		used += length;
	}
	return used;
}

size_t names_read(const char *text, size_t size, struct names *ret)
{
	size_t used = 0;

	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		size_t length = strnlen(text + used, size - used);

		if (length == size - used || length >= fields[i].size) {
			memset(ret, 0, sizeof(*ret));
			return 0;
		}
		(void)names_set(field_of(ret, i), fields[i].size, text + used);
		used += length + 1;
	}
	return used;
}
