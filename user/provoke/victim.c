// SPDX-License-Identifier: BSD-2-Clause
#include "provoke/victim.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/output.h"
#include "provoke/ways.h"

/* What a shell shows of it; of an exit status that no way to die has. */
#define NAME "kt-provoked"
#define STATUS_UNABLE 99

#define LOOK_MS 5
/* rlimit-cpu takes a second of CPU time, on a busy machine longer. */
#define MOST_NS ((uint64_t)NS_PER_S * 20)

struct victim_nursery {
	pthread_t thread;
	sem_t forked, leave;
	struct victim *victim;
	int *gates;
	int error;
};

static char *reason; /* shared with the process that started this one */

void unable_into(char ret_reason[VICTIM_REASON])
{
	reason = ret_reason;
}

void unable(const char *why)
{
	const size_t length = strlen(why);

	memcpy(reason, why, length < VICTIM_REASON ? length + 1 : VICTIM_REASON);
	reason[VICTIM_REASON - 1] = '\0';
}

bool victim_sleep(int ms)
{
	(void)poll(NULL, 0, ms);
	return output_stop != 0;
}

/* As a program has it that nobody prepared. */
static void reset_signals(void)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		(void)signal(number, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Ends with its parent. No core, neither in a file nor to a program. */
static void be_harmless(void)
{
	const struct rlimit no_core = { 0, 0 };

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)setrlimit(RLIMIT_CORE, &no_core);
	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)prctl(PR_SET_NAME, NAME);
}

static bool wait_at(int gate)
{
	char byte;

	return read(gate, &byte, 1) == 1;
}

static _Noreturn void live(const struct victim *victim, const int gates[2])
{
	(void)close(gates[0]);
	if (victim->init_gate >= 0)
		(void)close(victim->init_gate);
	reset_signals();
	be_harmless();
	if (!place_enter(&victim->place))
		unable("it cannot enter its cgroup");
	if (victim->kind->prepare && !*reason)
		victim->kind->prepare();
	if (*reason || write(gates[1], "r", 1) != 1 || !wait_at(gates[1]))
		_exit(STATUS_UNABLE);
	if (victim->kind->die)
		victim->kind->die();
	_exit(STATUS_UNABLE);
}

/* 0 or -errno. */
static int bear(struct victim *victim, const int gates[2])
{
	pid_t pid;

	victim->born_ns = clock_boottime_ns();
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid)
		live(victim, gates);
	victim->pid = pid;
	return 0;
}

static void *nurse(void *context)
{
	struct victim_nursery *nursery = context;

	nursery->error = bear(nursery->victim, nursery->gates);
	(void)sem_post(&nursery->forked);
	while (sem_wait(&nursery->leave))
		;
	return NULL;
}

static int bear_in_thread(struct victim *victim, int gates[2])
{
	struct victim_nursery *nursery = calloc(1, sizeof(*nursery));
	int error;

	if (!nursery)
		return -ENOMEM;
	nursery->victim = victim;
	nursery->gates = gates;
	(void)sem_init(&nursery->forked, 0, 0);
	(void)sem_init(&nursery->leave, 0, 0);
	error = pthread_create(&nursery->thread, NULL, nurse, nursery);
	if (error) {
		free(nursery);
		return -error;
	}
	victim->nursery = nursery;
	while (sem_wait(&nursery->forked))
		;
	return nursery->error;
}

void victim_close_nursery(struct victim *victim)
{
	struct victim_nursery *nursery = victim->nursery;

	if (!nursery)
		return;
	victim->nursery = NULL;
	(void)sem_post(&nursery->leave);
	(void)pthread_join(nursery->thread, NULL);
	(void)sem_destroy(&nursery->forked);
	(void)sem_destroy(&nursery->leave);
	free(nursery);
}

/* The first process of a namespace: it ends when the other end of its gate is closed. */
static int bear_init(struct victim *victim, const int other_gates[2])
{
	int gates[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, gates))
		return -errno;
	victim->init = fork();
	if (victim->init < 0) {
		const int error = -errno;

		victim->init = 0;
		(void)close(gates[0]);
		(void)close(gates[1]);
		return error;
	}
	if (!victim->init) {
		(void)close(gates[0]);
		(void)close(other_gates[0]);
		(void)close(other_gates[1]);
		reset_signals();
		be_harmless();
		(void)wait_at(gates[1]);
		_exit(0);
	}
	(void)close(gates[1]);
	victim->init_gate = gates[0];
	return 0;
}

/* Later children are born in the new namespace too: there are none. */
static int bear_in_namespace(struct victim *victim, const int gates[2])
{
	int error = unshare(CLONE_NEWPID) ? -errno : bear_init(victim, gates);

	return error ? error : bear(victim, gates);
}

static int bear_any(struct victim *victim, int gates[2])
{
	switch (victim->kind->birth) {
	case BORN_OF_THREAD:
		return bear_in_thread(victim, gates);
	case BORN_IN_NAMESPACE:
		return bear_in_namespace(victim, gates);
	case BORN_PLAIN:
		break;
	}
	return bear(victim, gates);
}

/* 0, or -enum victim_failure if the victim cannot get ready. */
static int start_process(struct victim *victim)
{
	int gates[2], error;

	victim->reason = mmap(NULL, VICTIM_REASON, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (victim->reason == MAP_FAILED) {
		victim->reason = NULL;
		return -VICTIM_NO_PROCESS;
	}
	unable_into(victim->reason);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, gates))
		return -VICTIM_NO_PROCESS;
	error = bear_any(victim, gates);
	(void)close(gates[1]);
	victim->gate = gates[0];
	if (error) {
		errno = -error;
		return -VICTIM_NO_PROCESS;
	}
	return wait_at(victim->gate) ? 0 : -VICTIM_UNABLE;
}

int victim_start(const struct provoke_kind *kind, struct victim *ret, int *ret_place_failure)
{
	*ret = (struct victim){ .kind = kind, .gate = -1, .init_gate = -1 };
	*ret_place_failure = place_make(&ret->place, &kind->needs);
	return *ret_place_failure ? -VICTIM_NO_PLACE : start_process(ret);
}

/* 0 or -enum victim_failure. */
static int wait_for_death(struct victim *victim)
{
	const uint64_t due_ns = clock_boottime_ns() + MOST_NS;

	for (;;) {
		const pid_t found = waitpid(victim->pid, &victim->status, WNOHANG);

		if (found == victim->pid)
			break;
		if (found < 0 && errno != EINTR)
			return -VICTIM_NO_PROCESS;
		if (clock_boottime_ns() > due_ns)
			return -VICTIM_LIVES;
		if (victim_sleep(LOOK_MS))
			return -VICTIM_INTERRUPTED;
	}
	victim->pid = 0;
	victim->gone_ns = clock_boottime_ns();
	return *victim->reason ? -VICTIM_UNABLE : 0;
}

int victim_end(struct victim *victim)
{
	int error = 0;

	if (victim->kind->act)
		error = victim->kind->act(victim);
	else if (write(victim->gate, "d", 1) != 1)
		error = -errno;
	if (error) {
		errno = -error;
		return -VICTIM_NO_PROCESS;
	}
	return wait_for_death(victim);
}

static void reap(pid_t *pid)
{
	while (*pid > 0 && waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
		;
	*pid = 0;
}

static void close_gate(int *gate)
{
	if (*gate >= 0)
		(void)close(*gate);
	*gate = -1;
}

bool victim_done(struct victim *victim)
{
	close_gate(&victim->gate);
	close_gate(&victim->init_gate);
	if (victim->pid > 0)
		(void)kill(victim->pid, SIGKILL);
	reap(&victim->pid);
	reap(&victim->init); /* ends by itself, because its gate is closed */
	victim_close_nursery(victim);
	if (victim->reason)
		(void)munmap(victim->reason, VICTIM_REASON);
	victim->reason = NULL;
	return place_remove(&victim->place);
}
