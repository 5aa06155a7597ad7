// SPDX-License-Identifier: BSD-2-Clause
#include "attribute/parser_child.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "attribute/file_question.h"
#include "attribute/parser_wire.h"
#include "base/cleanup.h"
#include "base/powerless.h"

/* A list of containers takes 14 MiB at most, including its text. */
#define MOST_MEMORY ((size_t)20 << 20)
/* Three standard ones, the socket, and the file; while a worker is forked, two sockets. */
#define MOST_DESCRIPTORS 6
#define CONTROL 3
/* Processor time, whatever else runs: a little less than the agent waits. */
#define PATIENCE_US 900000
/* At most so many may hang in a file system at one time, where SIGKILL does not end them. */
#define MOST_WORKERS 4
#define PATIENCE_AT_END_MS 100

/* The worker needs 18 calls, some of which have another name on another architecture. */
static const char *const worker_calls[] = {
	"recvmsg",       "sendmsg",    "read",         "pread64",   "close",        "setitimer",
	"brk",           "mmap",       "mmap2",        "munmap",    "mremap",       "madvise",
	"futex",         "getpid",     "gettimeofday", "getrandom", "rt_sigreturn", "sigreturn",
	"clock_gettime", "exit_group", NULL,
};

/* The calls that the starter needs, for itself and for the worker. */
static const char *const starter_calls[] = {
	"recvmsg",
	"sendmsg",
	"read",
	"pread64",
	"close",
	"setitimer",
	"brk",
	"mmap",
	"mmap2",
	"munmap",
	"mremap",
	"madvise",
	"futex",
	"getpid",
	"gettimeofday",
	"getrandom",
	"rt_sigreturn",
	"sigreturn",
	"clock_gettime",
	"exit_group",
	/* of its own */
	"poll",
	"ppoll",
	"clone",
	"fork",
	"kill",
	"wait4",
	"clock_nanosleep",
	"nanosleep",
	"rt_sigprocmask",
	"rt_sigaction",
	"sigaction",
	"set_robust_list",
	"rseq",
	"gettid",
	"getppid",
	"prctl",
	"seccomp",
	NULL,
};

static volatile sig_atomic_t children_ended;

static void on_child(int number)
{
	(void)number;
	children_ended = 1;
}

/* A file that never ends. */
static void on_too_much(int number)
{
	(void)number;
	_exit(1);
}

static void handle(int number, void (*handler)(int))
{
	const struct sigaction action = { .sa_handler = handler };

	(void)sigaction(number, &action, NULL);
}

static void set_patience(long us)
{
	const struct itimerval timer = { .it_value = { .tv_usec = us } };

	(void)setitimer(ITIMER_PROF, &timer, NULL);
}

static void work(int agent)
{
	struct file_question question = { 0 };
	struct file_answer answer = { 0 };
	int fd;

	while (parser_wire_receive(agent, &question, sizeof(question), &fd) == sizeof(question)) {
		set_patience(PATIENCE_US);
		file_question_answer(&question, fd, &answer);
		set_patience(0);
		(void)close(fd);
		if (parser_wire_send(agent, &answer, sizeof(answer), -1))
			return;
	}
}

static bool has_few_calls;

/* If the starter is ended, the worker must end too: nothing else would end it. */
static void run_worker(int agent, pid_t starter)
{
	(void)close(CONTROL);
	(void)prctl(PR_SET_NAME, "killtrace-parse");
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	handle(SIGPROF, on_too_much);
	if (getppid() == starter) {
		if (powerless_calls(worker_calls) && has_few_calls)
			_exit(1);
		work(agent);
	}
	_exit(0);
}

/* 0: none. */
static pid_t workers[MOST_WORKERS];

static bool reap(void)
{
	bool any = false;

	children_ended = 0;
	for (size_t i = 0; i < MOST_WORKERS; i++) {
		if (workers[i] && waitpid(workers[i], NULL, WNOHANG) != 0)
			workers[i] = 0;
		any = any || workers[i];
	}
	return any;
}

static void kill_workers(void)
{
	for (size_t i = 0; i < MOST_WORKERS; i++)
		if (workers[i])
			(void)kill(workers[i], SIGKILL);
}

/* Replaces the worker before it. If no place is free there is no worker, and the agent sees its
 * socket closed. */
static void start_worker(int agent, pid_t self)
{
	kill_workers();
	(void)reap();
	for (size_t i = 0; i < MOST_WORKERS; i++) {
		if (workers[i])
			continue;
		workers[i] = fork();
		if (!workers[i])
			run_worker(agent, self);
		if (workers[i] < 0)
			workers[i] = 0;
		return;
	}
}

static void serve(void)
{
	struct pollfd one = { .fd = CONTROL, .events = POLLIN };
	const pid_t self = getpid();
	sigset_t none;

	(void)sigemptyset(&none);
	for (;;) {
		char order;
		int agent;

		if (children_ended)
			(void)reap();
		if (ppoll(&one, 1, NULL, &none) < 0)
			continue;
		if (parser_wire_receive(CONTROL, &order, sizeof(order), &agent) <= 0)
			return;
		if (agent < 0) {
			kill_workers(); /* the agent gave up on it */
			continue;
		}
		start_worker(agent, self);
		(void)close(agent);
	}
}

/* The agent's end of its socket is closed by now. */
static void end(void)
{
	static const struct timespec pause = { .tv_nsec = 1000000 };

	for (int ms = 0; ms < PATIENCE_AT_END_MS && reap(); ms++)
		(void)nanosleep(&pause, NULL);
	kill_workers();
}

/* Closes everything that was open here; output to standard descriptors goes nowhere. */
static void close_others(int control)
{
	int ends[2];

	if (control != CONTROL && dup2(control, CONTROL) < 0)
		_exit(1);
	closefrom(CONTROL + 1);
	if (pipe(ends) || dup2(ends[0], STDIN_FILENO) < 0 || dup2(ends[0], STDOUT_FILENO) < 0 ||
	    dup2(ends[0], STDERR_FILENO) < 0)
		_exit(1);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void set_signals(void)
{
	static const int ignored[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	sigset_t child;

	for (int number = 1; number < SIGRTMAX; number++)
		if (number != SIGKILL && number != SIGSTOP)
			handle(number, SIG_DFL);
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		handle(ignored[i], SIG_IGN);
	handle(SIGCHLD, on_child);
	(void)sigemptyset(&child);
	(void)sigaddset(&child, SIGCHLD);
	(void)sigprocmask(SIG_SETMASK, &child, NULL);
}

void parser_child_run(int control, pid_t agent)
{
	const struct powerless_limits limits = { MOST_MEMORY, MOST_DESCRIPTORS };
	struct powerless state;

	set_signals();
	close_others(control);
	(void)prctl(PR_SET_NAME, "killtrace-start");
	/* its keys, which must not be guessable, come from a file */
	json_object_seed(0);
	if (powerless_become(&limits, &state))
		_exit(1);
	/* After the change of the user, which resets it. The signal need not kill it, only wake it
	 * up: then it sees the end of its socket. */
	(void)prctl(PR_SET_PDEATHSIG, SIGCONT);
	has_few_calls = !powerless_calls(starter_calls);
	if (!has_few_calls)
		state.refused |= POWERLESS_FEW_CALLS;
	if (getppid() == agent && !parser_wire_send(CONTROL, &state, sizeof(state), -1)) {
		serve();
		end();
	}
	_exit(0);
}
