// SPDX-License-Identifier: BSD-2-Clause
#include "line/schema.h"

static const unsigned char bytes[] = {
#include "schema_json.h"
};

const char *const schema_text = (const char *)bytes;
const size_t schema_size = sizeof(bytes);
