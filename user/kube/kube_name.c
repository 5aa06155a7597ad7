// SPDX-License-Identifier: BSD-2-Clause
#include "kube/kube_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kube/kube_event.h"

static bool is_word(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

static bool is_part(const char *name, size_t length)
{
	if (!length || !is_word(name[0]) || !is_word(name[length - 1]))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!is_word(name[i]) && name[i] != '-')
			return false;
	return true;
}

bool kube_name_is_label(const char *name)
{
	const size_t length = strlen(name);

	return length <= KUBE_LABEL_MOST && is_part(name, length);
}

bool kube_name_is_subdomain(const char *name)
{
	if (strlen(name) > KUBE_NAME_MOST)
		return false;
	for (;; name++) {
		const size_t length = strcspn(name, ".");

		if (!is_part(name, length))
			return false;
		name += length;
		if (!*name)
			return true;
	}
}

/* In place. Ends and dots need a letter or digit on both sides. */
static void make_valid(char *name)
{
	size_t size = strlen(name);

	for (size_t i = 0; i < size; i++) {
		if (name[i] >= 'A' && name[i] <= 'Z')
			name[i] = (char)(name[i] - 'A' + 'a');
		else if (!is_word(name[i]) && name[i] != '.')
			name[i] = '-';
	}
	for (size_t i = 0; i < size; i++)
		if (!is_word(name[i]) &&
		    (!i || i + 1 == size || name[i - 1] == '.' || name[i + 1] == '.'))
			name[i] = 'x';
}

char *kube_name_join(const char *begin, const char *end)
{
	const size_t room = strlen(end) + 1 < KUBE_NAME_MOST ? KUBE_NAME_MOST - strlen(end) - 1 : 0;
	char *name;

	if (asprintf(&name, "%.*s.%.*s", (int)room, begin, KUBE_NAME_MOST - 1, end) < 0)
		return NULL;
	make_valid(name);
	return name;
}
