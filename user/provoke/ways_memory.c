// SPDX-License-Identifier: BSD-2-Clause
/* Ways to die that have to do with memory. */
#include "provoke/ways.h"

#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096UL
#define APPETITE (4UL * PLACE_LIMIT)

void die_of_segfault(void)
{
	static volatile int *volatile nowhere; /* the compiler must not know that it is null */

	// NOLINTNEXTLINE(clang-analyzer-core.NullDereference): on purpose
	*nowhere = 1;
}

/* A mapping that is longer than its file. */
void die_of_bus_error(void)
{
	const int fd = memfd_create("killtrace-provoke", MFD_CLOEXEC);
	volatile char *map = fd < 0 ? MAP_FAILED : mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);

	if (map == MAP_FAILED)
		unable("no file in memory can be mapped");
	else
		(void)*map;
}

void die_of_memory_limit(void)
{
	volatile char *memory = mmap(NULL, APPETITE, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED) {
		unable("it gets no memory");
		return;
	}
	for (size_t i = 0; i < APPETITE; i += PAGE)
		memory[i] = 1;
	unable("the kernel let it use more memory than its limit");
}

static void ignore(int number)
{
	(void)number;
}

/* A handler on a stack that cannot be written. */
void die_of_signal_frame(void)
{
	const struct sigaction action = { .sa_handler = ignore, .sa_flags = SA_ONSTACK };
	const size_t size = 64 * PAGE;
	const stack_t stack = { .ss_sp = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
					      -1, 0),
				.ss_size = size };

	if (stack.ss_sp == MAP_FAILED || sigaltstack(&stack, NULL) ||
	    sigaction(SIGUSR1, &action, NULL))
		unable("it gets no signal stack");
	else
		(void)raise(SIGUSR1);
}
