// SPDX-License-Identifier: BSD-2-Clause
/* For the static binary, which cannot load a library, and has no HTTP. */
#include <stddef.h>

#include "symbols/debuginfod.h"

const struct debuginfod *debuginfod_load(void)
{
	return NULL;
}
