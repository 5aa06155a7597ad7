/* SPDX-License-Identifier: BSD-2-Clause */
/* In a file of its own because only this is built with the stack protector. */
#include "zoo.h"

void smash_stack(void)
{
	char buffer[16];
	volatile char *volatile at = buffer;

	for (unsigned int i = 0; i < 64; i++)
		at[i] = 'A';
}
