// SPDX-License-Identifier: BSD-2-Clause
/*
 * A library that crashes: when it is loaded (-DAT_LOAD), when kt_crash() is called, or, preloaded,
 * when its program opens a file named "crash".
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

/* 8 is the address of a member of a structure at null. */
void kt_crash(void)
{
	static volatile int *volatile member = (volatile int *)8;

	*member = 1;
}

#ifdef AT_LOAD
__attribute__((constructor)) static void at_load(void)
{
	kt_crash();
}
#else
int open64(const char *path, int flags, ...)
{
	static int (*next)(const char *, int, ...);
	size_t length = strlen(path);
	va_list more;
	int mode;

	if (length > 6 && !strcmp(path + length - 6, "/crash"))
		kt_crash();
	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "open64");
	va_start(more, flags);
	mode = va_arg(more, int);
	va_end(more);
	return next(path, flags, mode);
}
#endif
