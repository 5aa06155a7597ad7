/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A victim full of secrets: arguments, environment, memory, registers and code all have the marker.
 */
#include "zoo.h"

#include "insn.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CODE_OFFSET = 256 };

static void repeat(char *memory, size_t size, const char *marker)
{
	size_t length = strlen(marker);

	for (size_t i = 0; i < size; i++)
		memory[i] = marker[i % length];
}

/* A store at 0x10 or a trap, with the marker as code bytes before and after. */
static uintptr_t marked_code(const char *marker, bool is_trap)
{
	static const unsigned char store[] = INSN_STORE_16, trap[] = INSN_TRAP;
	char *code =
		mmap(NULL, ZOO_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	repeat(code, ZOO_PAGE, marker);
	if (is_trap)
		memcpy(code + CODE_OFFSET, trap, sizeof(trap));
	else
		memcpy(code + CODE_OFFSET, store, sizeof(store));
	mprotect(code, ZOO_PAGE, PROT_READ | PROT_EXEC);
	__builtin___clear_cache(code, code + ZOO_PAGE);
	return (uintptr_t)code + CODE_OFFSET;
}

static bool falls_by_trap;

static void fall(struct witness *me, const void *arg)
{
	const char *marker = arg;
	volatile char stack[512];
	char *heap = malloc(65536);
	uint64_t piece;
	uintptr_t code = marked_code(marker, falls_by_trap);

	repeat((char *)(uintptr_t)stack, sizeof(stack), marker);
	repeat(heap, 65536, marker);
	memcpy(&piece, heap, sizeof(piece));
	knows_fault(me, code, falls_by_trap ? 0 : 0x10, falls_by_trap ? NULL : "write");
	INSN_JUMP_FULL(code, piece);
}

/* A walk of its stack finds the marker in the place of each return address. */
static void fall_with_frames(struct witness *me, const void *arg)
{
	enum { FRAMES = 8 };
	uint64_t *frames = calloc(FRAMES + 1, 2 * sizeof(*frames));
	uintptr_t code = marked_code(arg, false);

	for (int i = 0; i < FRAMES; i++) {
		frames[2 * i] = (uintptr_t)&frames[2 * (i + 1)];
		repeat((char *)&frames[2 * i + 1], sizeof(*frames), arg);
	}
	knows_fault(me, code, 0x10, "write");
	INSN_JUMP_FRAME(code, frames);
}

static void *wait_for_end(void *context)
{
	for (;;)
		pause();
	return context;
}

/* The same within generated code: every other return address is real. With another thread, so that
 * the stack is read at once. */
static void fall_in_generated_code(struct witness *me, const void *arg)
{
	enum { FRAMES = 8 };
	uint64_t *frames = calloc(FRAMES, 2 * sizeof(*frames));
	uintptr_t code = marked_code(arg, false);
	pthread_t thread;

	for (int i = 0; i < FRAMES; i++) {
		/* no address at the end: the kernel could find a file for it */
		frames[2 * i] = i + 1 < FRAMES ? (uintptr_t)&frames[2 * (i + 1)] : 0;
		if (i % 2)
			frames[2 * i + 1] = code + 16;
		else
			repeat((char *)&frames[2 * i + 1], sizeof(*frames), arg);
	}
	if (pthread_create(&thread, NULL, wait_for_end, NULL))
		witness_skip(me, "no second thread");
	knows_fault(me, code, 0x10, "write");
	INSN_JUMP_FRAME(code, frames);
}

static void on_nothing(int sig)
{
	(void)sig;
}

static void handle(int sig, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	(void)sigaction(sig, &action, NULL);
}

static char secret[256];

static void on_fall(int sig)
{
	volatile char stack[2048];

	(void)sig;
	repeat((char *)(uintptr_t)stack, sizeof(stack), secret);
	null_write();
}

/* The stack of a handler that crashes is looked through for the frame of its call. */
static void fall_twice(struct witness *me, const void *arg)
{
	const stack_t alternative = { .ss_sp = malloc(65536), .ss_size = 65536 };
	struct sigaction action = { .sa_handler = on_fall, .sa_flags = SA_ONSTACK };

	repeat(alternative.ss_sp, alternative.ss_size, arg);
	(void)sigaltstack(&alternative, NULL);
	(void)sigaction(SIGSEGV, &action, NULL);
	fall(me, arg);
}

static void wait_for_both(struct witness *me, const void *arg)
{
	(void)arg;
	handle(SIGTERM, on_nothing);
	witness_ready(me);
	for (;;)
		pause();
}

/* The values sent with the signals, and everything in the sender, are secret too. */
static void send_both(struct witness *me, const void *arg)
{
	const struct witness *victim = witness_role("victim");
	union sigval value;

	(void)me;
	repeat((char *)&value, sizeof(value), arg);
	sigqueue(victim->pid, SIGTERM, value);
	sleep_ms(50);
	sigqueue(victim->pid, SIGUSR1, value);
}

static void on_trap(int sig)
{
	(void)sig;
	null_write();
}

/* Six arguments of a forbidden call. */
static void trap(struct witness *me, const void *arg)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = sizeof(filter) / sizeof(filter[0]), .filter = filter };
	long piece;

	repeat((char *)&piece, sizeof(piece), arg);
	handle(SIGSYS, on_trap);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		witness_skip(me, "no seccomp filters here");
	syscall(SYS_getppid, piece, piece, piece, piece, piece, piece);
}

static void scene_fault(const struct victim *v)
{
	falls_by_trap = v->arg;
	actor_start("victim", v->comm, fall, secret);
}

static void scene_frames(const struct victim *v)
{
	actor_start("victim", v->comm, fall_with_frames, secret);
}

static void scene_generated(const struct victim *v)
{
	actor_start("victim", v->comm, fall_in_generated_code, secret);
}

static void scene_handler(const struct victim *v)
{
	falls_by_trap = false;
	actor_start("victim", v->comm, fall_twice, secret);
}

static void scene_prior(const struct victim *v)
{
	witness_wait(actor_start("victim", v->comm, wait_for_both, NULL));
	actor_start("sender", "kz-secret-from", send_both, secret);
}

static void scene_trap(const struct victim *v)
{
	actor_start("victim", v->comm, trap, secret);
}

static const struct victim victims[] = {
	{ .name = "fault", .comm = "kz-secret", .scene = scene_fault },
	{ .name = "instruction", .comm = "kz-secret", .arg = true, .scene = scene_fault },
	{ .name = "frames", .comm = "kz-secret", .scene = scene_frames },
	{ .name = "generated", .comm = "kz-secret", .scene = scene_generated },
	{ .name = "handler", .comm = "kz-secret", .scene = scene_handler },
	{ .name = "prior", .comm = "kz-secret", .scene = scene_prior },
	{ .name = "trap", .comm = "kz-secret", .scene = scene_trap },
};

static const struct victim *find(const char *name)
{
	for (size_t i = 0; i < sizeof(victims) / sizeof(victims[0]); i++)
		if (!strcmp(victims[i].name, name))
			return &victims[i];
	return NULL;
}

/*
 * The environment block is the kernel's copy from exec: only a new exec can put something into it.
 */
int secret_run(const char *marker, const char *name)
{
	const struct victim *victim = find(name);
	const char *planted = getenv("KT_ZOO_SECRET");
	const char *path = zoo_path();

	if (!victim) {
		fprintf(stderr, "zoo: no secret \"%s\"\n", name);
		return 2;
	}
	if (strlen(marker) < 8 || strlen(marker) >= sizeof(secret)) {
		fputs("zoo: the marker must have 8 to 255 characters\n", stderr);
		return 2;
	}
	if (!planted || strcmp(planted, marker) != 0) {
		setenv("KT_ZOO_SECRET", marker, 1);
		execl(path, path, "run-secret", marker, name, NULL);
		perror("zoo: exec");
		return 1;
	}
	snprintf(secret, sizeof(secret), "%s", marker);
	play_init();
	return play(victim);
}
