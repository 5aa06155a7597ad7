/* SPDX-License-Identifier: BSD-2-Clause */
#include "attribute/id_form.h"

#include <string.h>

#define NAME_LONGEST 128
#define CONTAINERD_ID_LONGEST 76
#define MACHINE_LONGEST 64
#define DECIMAL_LONGEST 20
#define UUID_LENGTH 36

static bool decimal(char c)
{
	return c >= '0' && c <= '9';
}

static bool lower_hex(char c)
{
	return decimal(c) || (c >= 'a' && c <= 'f');
}

static bool lower_base36(char c)
{
	return decimal(c) || (c >= 'a' && c <= 'z');
}

static bool alphanumeric(char c)
{
	return lower_base36(c) || (c >= 'A' && c <= 'Z');
}

static bool all(struct span a, bool (*is)(char))
{
	for (size_t i = 0; i < a.n; i++)
		if (!is(a.s[i]))
			return false;
	return true;
}

/* In the template, 'h' stands for a hex digit and '-' for one of the separators. */
static bool fits(struct span id, const char *template, const char *separators)
{
	if (id.n != strlen(template))
		return false;
	for (size_t i = 0; i < id.n; i++) {
		if (template[i] == 'h' ? !lower_hex(id.s[i]) : !strchr(separators, id.s[i]))
			return false;
	}
	return true;
}

static const char uuid_template[] = "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";

bool id_form_hex64(struct span id)
{
	return id.n == 64 && all(id, lower_hex);
}

bool id_form_buildkit(struct span id)
{
	return id.n == 25 && all(id, lower_base36);
}

bool id_form_uuid(struct span id)
{
	return fits(id, uuid_template, "-");
}

bool id_form_garden(struct span id)
{
	return fits(id, "hhhhhhhh-hhhh-hhhh-hhhh-hhhh", "-") || id_form_uuid(id);
}

bool id_form_pod_uid(struct span id)
{
	return id_form_uuid(id) || fits(id, uuid_template, "_") ||
	       (id.n == 32 && all(id, lower_hex));
}

bool id_form_nomad_task(struct span id)
{
	struct span alloc = { id.s, UUID_LENGTH };

	return id.n > UUID_LENGTH + 1 && id_form_uuid(alloc) && id.s[UUID_LENGTH] == '.' &&
	       id_form_name(id);
}

bool id_form_fargate(struct span id)
{
	struct span task = { id.s, 32 };

	return id.n > 33 && all(task, lower_hex) && id.s[32] == '-' &&
	       id_form_decimal(span_drop(id, 33));
}

bool id_form_containerd(struct span id)
{
	bool word = false;

	if (id.n > CONTAINERD_ID_LONGEST)
		return false;
	for (size_t i = 0; i < id.n; i++) {
		if (!alphanumeric(id.s[i]) && (!word || !strchr("._-", id.s[i])))
			return false;
		word = alphanumeric(id.s[i]);
	}
	return word;
}

static bool printable(char c)
{
	return c > ' ' && c <= '~';
}

bool id_form_name(struct span id)
{
	return id.n > 0 && id.n <= NAME_LONGEST && all(id, printable);
}

bool id_form_decimal(struct span id)
{
	return id.n > 0 && id.n <= DECIMAL_LONGEST && all(id, decimal);
}

static bool host_name_char(char c)
{
	return alphanumeric(c) || c == '-' || c == '_' || c == '.';
}

bool id_form_machine(struct span id)
{
	return id.n > 0 && id.n <= MACHINE_LONGEST && all(id, host_name_char);
}
