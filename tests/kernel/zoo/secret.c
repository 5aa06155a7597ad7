/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A victim full of secrets: arguments, environment, memory, registers and code all hold the marker.
 */
#include "zoo.h"

#include "insn.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CODE_OFFSET = 256 };

static void repeat(char *memory, size_t size, const char *marker)
{
	size_t length = strlen(marker);

	for (size_t i = 0; i < size; i++)
		memory[i] = marker[i % length];
}

/* A store at 0x10, with the marker as code bytes before and after. */
static uintptr_t marked_code(const char *marker)
{
	static const unsigned char store[] = INSN_STORE_16;
	char *code =
		mmap(NULL, ZOO_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	repeat(code, ZOO_PAGE, marker);
	memcpy(code + CODE_OFFSET, store, sizeof(store));
	mprotect(code, ZOO_PAGE, PROT_READ | PROT_EXEC);
	__builtin___clear_cache(code, code + ZOO_PAGE);
	return (uintptr_t)code + CODE_OFFSET;
}

static void fall(struct witness *me, const void *arg)
{
	const char *marker = arg;
	volatile char stack[512];
	char *heap = malloc(65536);
	uint64_t piece;
	uintptr_t code = marked_code(marker);

	repeat((char *)(uintptr_t)stack, sizeof(stack), marker);
	repeat(heap, 65536, marker);
	memcpy(&piece, heap, sizeof(piece));
	knows_fault(me, code, 0x10, "write");
	INSN_JUMP_FULL(code, piece);
}

static char secret[256];

static void scene(const struct victim *v)
{
	actor_start("victim", v->comm, fall, secret);
}

/*
 * The environment block is the kernel's copy from exec: only a new exec can plant something in it.
 */
int secret_run(const char *marker)
{
	static const struct victim victim = { .name = "secret",
					      .comm = "kz-secret",
					      .scene = scene };
	const char *planted = getenv("KT_ZOO_SECRET");
	const char *path = zoo_path();

	if (strlen(marker) < 8 || strlen(marker) >= sizeof(secret)) {
		fputs("zoo: the marker must have 8 to 255 characters\n", stderr);
		return 2;
	}
	if (!planted || strcmp(planted, marker) != 0) {
		setenv("KT_ZOO_SECRET", marker, 1);
		execl(path, path, "run-secret", marker, NULL);
		perror("zoo: exec");
		return 1;
	}
	snprintf(secret, sizeof(secret), "%s", marker);
	play_init();
	return play(&victim);
}
