// SPDX-License-Identifier: BSD-2-Clause
/*
 * A compiler at run time: generated functions that call each other and then crash, or call one of
 * this file that does. Says where they are, and writes a map for perf to the path that it is given.
 *
 * usage: jit MAP call|crash [thread]
 */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef void function(void *argument);

__attribute__((noinline)) static void crash(void *argument)
{
	*(volatile int *)argument = 1;
	__asm__ volatile("");
}

#ifdef __x86_64__
/* push %rbp; mov %rsp,%rbp; mov (%rdi),%rax; mov 8(%rdi),%rdi; call *%rax; pop %rbp; ret */
static const uint8_t calls[] = { 0x55, 0x48, 0x89, 0xe5, 0x48, 0x8b, 0x07, 0x48,
				 0x8b, 0x7f, 0x08, 0xff, 0xd0, 0x5d, 0xc3 };
/* push %rbp; mov %rsp,%rbp; movl $1,(%rdi); pop %rbp; ret */
static const uint8_t crashes[] = { 0x55, 0x48, 0x89, 0xe5, 0xc7, 0x07,
				   0x01, 0x00, 0x00, 0x00, 0x5d, 0xc3 };
#else
/* stp x29, x30, [sp, -16]!; mov x29, sp; ldp x1, x0, [x0]; blr x1; ldp x29, x30, [sp], 16; ret */
static const uint32_t calls[] = { 0xa9bf7bfd, 0x910003fd, 0xa9400001,
				  0xd63f0020, 0xa8c17bfd, 0xd65f03c0 };
/* stp x29, x30, [sp, -16]!; mov x29, sp; str wzr, [x0]; ldp x29, x30, [sp], 16; ret */
static const uint32_t crashes[] = { 0xa9bf7bfd, 0x910003fd, 0xb900001f, 0xa8c17bfd, 0xd65f03c0 };
#endif

struct call {
	function *target;
	void *argument;
};

static void *wait_for_nothing(void *context)
{
	(void)pause();
	return context;
}

int main(int argc, char **argv)
{
	char *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct call inner = { (function *)(code + 512), NULL },
		    middle = { (function *)(code + 256), &inner };
	pthread_t thread;
	FILE *map;

	if (argc < 3 || code == MAP_FAILED)
		return 1;
	memcpy(code, calls, sizeof(calls));
	memcpy(code + 256, calls, sizeof(calls));
	memcpy(code + 512, crashes, sizeof(crashes));
	if (!strcmp(argv[2], "call"))
		inner.target = crash;
	map = fopen(argv[1], "w");
	if (!map)
		return 1;
	/* what was there before it was compiled again, and the code; one of them as the JVM does */
	(void)fprintf(map,
		      "%lx 100 gone\n%lx 100 Outer::run(int) /app/outer.js:5\n"
		      "0x%016lx 0x%016lx int Middle.walk(\x1b[31mLong)\n%lx 100 leaf",
		      (unsigned long)code, (unsigned long)code, (unsigned long)code + 256, 256UL,
		      (unsigned long)code + 512);
	if (argc > 3 || !strcmp(argv[2], "crash"))
		(void)fputc('\n', map);
	(void)fclose(map);
	if (argc > 3)
		(void)pthread_create(&thread, NULL, wait_for_nothing, NULL);
	((function *)code)(&middle);
	return 0;
}
