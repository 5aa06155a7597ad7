/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The zoo: real victims, each dying in one known way and testifying to it first.
 *
 * The runner forks a victim, which writes what it knows (addresses, senders, limits) into a witness
 * record in shared memory, and dies. The runner reaps it and prints one JSON line. The zoo does not
 * depend on killtrace, a shell or files of the distribution, so a static build is an oracle in bare
 * VM guests as well.
 */
#ifndef ZOO_H
#define ZOO_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

enum {
	WITNESS_KNOWS_MAX = 3072,
	WITNESS_MAX = 64,
	ZOO_NOBODY = 65534,
};

#define ZOO_PAGE 4096UL
/* The stack limit of victims that overflow their stack. */
#define ZOO_STACK (512UL * 1024)

/* For functions that hold a label: a second copy of the body would define it twice. */
#ifdef __clang__
#define SITE_FUNCTION __attribute__((noinline))
#else
#define SITE_FUNCTION __attribute__((noinline, noclone))
#endif

/* One process of a scene, in memory that all processes of the scene share. */
struct witness {
	pid_t pid;        /* in the runner's pid namespace */
	pid_t tid;        /* the thread that dies first, 0 for the leader */
	bool thread_only; /* only tid dies, the process lives on */
	bool reaped;
	int status;
	int ready;
	char role[16]; /* "victim…" if its death must be reported */
	char skip[96];
	uint64_t anon_base;    /* anonymous memory before eating, bytes */
	uint64_t anon_touched; /* eaten since; kept current until death */
	size_t knows_length;
	char knows[WITNESS_KNOWS_MAX];
};

enum outcome {
	DIES,  /* exactly one process (or thread) dies */
	DIE,   /* every witness whose role begins with "victim" dies */
	LIVES, /* no process dies */
};

struct victim {
	const char *name;
	const char *comm; /* NULL: the victim sets its own */
	enum outcome outcome;
	long arg;
	void (*die)(struct witness *me, long arg); /* simple victims: called in a child */
	void (*scene)(const struct victim *v); /* the others: called in the runner, starts actors */
	void (*after)(void);        /* when all are reaped: read counters, remove traces */
	const char *(*needs)(void); /* NULL, or why it cannot run here */
};

struct menagerie {
	const struct victim *victims;
	size_t count;
};

#define MENAGERIE(array)                                    \
	{                                                   \
		(array), sizeof(array) / sizeof((array)[0]) \
	}

extern const struct menagerie zoo_faults, zoo_traps, zoo_signals, zoo_handlers, zoo_seccomp,
	zoo_limits, zoo_exits, zoo_memory, zoo_families, zoo_comms, zoo_aborts, zoo_cores,
	zoo_priors, zoo_wrappers, zoo_guest, zoo_breaks, zoo_bus;

/* witness.c: the shared record and what is written in it */
void witness_open(void);
void witness_clear(void);
struct witness *witness_find(pid_t pid);
struct witness *witness_role(const char *role);
unsigned int witness_count(void);
struct witness *witness_at(unsigned int index);
struct witness *witness_new(const char *role);
void witness_ready(struct witness *w);
void witness_wait(struct witness *w);
void witness_skip(struct witness *me, const char *reason) __attribute__((noreturn));
void knows_number(struct witness *w, const char *key, long long value);
void knows_address(struct witness *w, const char *key, uintptr_t value);
void knows_string(struct witness *w, const char *key, const char *value);
void knows_comm(struct witness *w, const char *key);
void knows_sender(struct witness *victim, const char *comm);

/* actors.c: processes of a scene */
typedef void (*act_fn)(struct witness *me, const void *arg);
struct witness *actor_start(const char *role, const char *comm, act_fn act, const void *arg);
struct witness *actor_clone(unsigned long flags, const char *role, const char *comm, act_fn act,
			    const void *arg);
void actor_pause(struct witness *me, const void *arg);
void actor_hush(void);
pid_t host_pid(void);
void sleep_ms(long ms);
const char *zoo_path(void);
const char *temp_dir(void);

/*
 * play.c: runs one victim and prints its line; interrupted is set by SIGINT, SIGTERM and the time
 * limit
 */
extern volatile int interrupted;
int play(const struct victim *v);
void play_init(void);

/* testimony.c: where a fault will be */
void knows_fault(struct witness *me, uintptr_t ip, uintptr_t address, const char *access);
void knows_module(struct witness *me, uintptr_t ip);
void knows_sp(struct witness *me);

/* cgroup.c: throw-away control groups, all removed by cgroup_cleanup() */
const char *cgroup_memory_root(void);
const char *cgroup_unified_root(void);
bool cgroup_memory_is_v2(void);
int cgroup_make(const char *root, const char *name, char *ret_path, size_t size);

/* ROOT/system.slice/UNIT, where systemd would have it; an existing slice is not touched. */
int cgroup_make_unit(const char *root, const char *unit, char *ret_path, size_t size);
void cgroup_join(const char *path);
int cgroup_write(const char *path, const char *file, const char *value);
long long cgroup_number(const char *path, const char *file, const char *key);
void cgroup_cleanup(void);

/* memory.c: eating it; a control group of its own with a limit, and the limit's size (0: none) */
uint64_t memory_anonymous_rss(void);
void memory_eat(struct witness *me, size_t appetite);
size_t memory_make_limit(void);
void memory_enter_limit(struct witness *me);
void memory_join_limit(void);

/* loops.c, forks.c, races.c, crashes.c, crowds.c, secret.c: the other commands */
int loop_forks(long rounds);
int loop_races(long rounds);
int loop_crashes(long count);
int loop_storm(long count, long jobs, bool names);
int loop_children(long count);
int loop_signals(long count);
int loop_segv(long count);
int loop_faults(long count);
int crowd_group(long count);
int crowd_namespace(long count);
int crowd_hold(const char *how, long count);
int secret_run(const char *marker, const char *name);
void null_write(void) __attribute__((noreturn));

/* smash.c: built with the stack protector */
void smash_stack(void);

#endif
