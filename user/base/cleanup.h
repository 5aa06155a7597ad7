/* SPDX-License-Identifier: BSD-2-Clause */
/* Scope-bound release of heap memory, files and descriptors. Depends on nothing. */
#ifndef KT_BASE_CLEANUP_H
#define KT_BASE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_freep(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_fclosep(FILE **file)
{
	if (*file)
		(void)fclose(*file);
}

static inline void cleanup_closep(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
}

#define AUTO_FREE __attribute__((cleanup(cleanup_freep)))
#define AUTO_FCLOSE __attribute__((cleanup(cleanup_fclosep)))
#define AUTO_CLOSE __attribute__((cleanup(cleanup_closep)))

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
