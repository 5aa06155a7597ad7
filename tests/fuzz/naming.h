/* SPDX-License-Identifier: BSD-2-Clause */
/* Conditions for names from any file. */
#ifndef KT_FUZZ_NAMING_H
#define KT_FUZZ_NAMING_H

#include <stdint.h>
#include <stdlib.h>

#include "attribute/names.h"
#include "telling.h"

/* The same as in the seeds. */
#define FUZZ_ID "63425c4a8b4291744a79dd9011fddc7a1f8ffda61f65d72196aa01d00cae2e2d"
#define FUZZ_UID "6a4ce4a0-ba47-11ea-b2a7-0cc47ac5979e"

static inline void demand_good_names(const struct names *names)
{
	struct names again;
	char text[NAMES_TEXT_MAX];
	size_t size = names_write(names, text);

	demand(size <= sizeof(text), "names fit their text");
	demand(names_read(text, size, &again) == size, "names can be read again");
	demand(!memcmp(names, &again, sizeof(again)), "and are the same, to the last byte");
}

/* A file's text; memory behind it must not be read. */
static inline int read_names(const uint8_t *data, size_t size,
			     bool (*read)(const char *text, size_t size, const char *id,
					  struct names *ret))
{
	struct names names = { 0 };
	char *text = malloc(size ? size : 1);

	memcpy(text, data, size);
	if (!read(text, size, FUZZ_ID, &names))
		demand(!names_any(&names), "no names from what is no such file");
	demand_good_names(&names);
	free(text);
	return 0;
}

#endif
