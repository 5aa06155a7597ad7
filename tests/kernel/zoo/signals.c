/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals that processes send, and those that the kernel sends for a process. */
#include "zoo.h"

#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct order {
	struct witness *victim;
	int sig;
	const char *comm; /* of the sender */
};

static void send_kill(struct witness *me, const void *arg)
{
	const struct order *order = arg;

	(void)me;
	knows_sender(order->victim, order->comm);
	kill(order->victim->pid, order->sig);
}

static void send_tgkill(struct witness *me, const void *arg)
{
	const struct order *order = arg;

	(void)me;
	knows_sender(order->victim, order->comm);
	syscall(SYS_tgkill, order->victim->pid, order->victim->pid, order->sig);
}

static void send_queue(struct witness *me, const void *arg)
{
	const struct order *order = arg;
	union sigval value = { .sival_int = 7 };

	(void)me;
	knows_sender(order->victim, order->comm);
	sigqueue(order->victim->pid, order->sig, value);
}

static void send_pidfd(struct witness *me, const void *arg)
{
	const struct order *order = arg;
	long fd = syscall(SYS_pidfd_open, order->victim->pid, 0U);

	if (fd < 0)
		witness_skip(me, "no pidfd_open");
	knows_sender(order->victim, order->comm);
	syscall(SYS_pidfd_send_signal, fd, order->sig, NULL, 0U);
}

static void become_nobody(struct witness *me)
{
	if (setgid(ZOO_NOBODY) || setuid(ZOO_NOBODY))
		witness_skip(me, "cannot become another user");
	knows_number(me, "uid", getuid());
}

static void pause_as_nobody(struct witness *me, const void *arg)
{
	become_nobody(me);
	actor_pause(me, arg);
}

static void send_as_nobody(struct witness *me, const void *arg)
{
	become_nobody(me);
	send_kill(me, arg);
}

static void send_term_then_kill(struct witness *me, const void *arg)
{
	const struct order *order = arg;

	(void)me;
	knows_sender(order->victim, order->comm);
	kill(order->victim->pid, SIGTERM);
	kill(order->victim->pid, SIGKILL);
}

static void enact(const struct victim *v, const char *sender_comm, act_fn receive, act_fn send)
{
	struct order order = { .sig = (int)v->arg, .comm = sender_comm };

	order.victim = actor_start("victim", v->comm, receive, NULL);
	witness_wait(order.victim);
	actor_start("sender", sender_comm, send, &order);
}

static void scene_kill(const struct victim *v)
{
	enact(v, "kz-sender", actor_pause, send_kill);
}

static void scene_tgkill(const struct victim *v)
{
	enact(v, "kz-sender", actor_pause, send_tgkill);
}

static void scene_queue(const struct victim *v)
{
	enact(v, "kz-sender", actor_pause, send_queue);
}

static void scene_pidfd(const struct victim *v)
{
	enact(v, "kz-sender", actor_pause, send_pidfd);
}

static void scene_nobody(const struct victim *v)
{
	enact(v, "kz-sender", pause_as_nobody, send_as_nobody);
}

static void scene_root_kills_nobody(const struct victim *v)
{
	enact(v, "kz-sender", pause_as_nobody, send_kill);
}

/* Any process can choose this name. */
static void scene_impostor(const struct victim *v)
{
	enact(v, "earlyoom", actor_pause, send_kill);
}

static char units[2][256];

static const char *needs_cgroups(void)
{
	return cgroup_memory_root() || cgroup_unified_root() ? NULL : "no control groups";
}

/* A unit as systemd would make it, in the hierarchies that exist. */
static void make_unit(const char *root, char *ret_path, size_t size)
{
	ret_path[0] = '\0';
	if (root)
		cgroup_make_unit(root, "earlyoom.service", ret_path, size);
}

static void send_from_unit(struct witness *me, const void *arg)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (units[i][0])
			cgroup_join(units[i]);
	}
	send_kill(me, arg);
}

static void scene_earlyoom(const struct victim *v)
{
	const char *memory = cgroup_memory_root(), *unified = cgroup_unified_root();

	make_unit(memory, units[0], sizeof(units[0]));
	/* If the memory controller is on v2, both are the same. */
	make_unit(cgroup_memory_is_v2() ? NULL : unified, units[1], sizeof(units[1]));
	enact(v, "earlyoom", actor_pause, send_from_unit);
}

static void scene_term_then_kill(const struct victim *v)
{
	enact(v, "kz-sender", actor_pause, send_term_then_kill);
}

/* Blocks the signal until it is pending, and leaves it blocked. */
static void block_until_pending(struct witness *me, sigset_t *ret)
{
	sigset_t pending;

	sigemptyset(ret);
	sigaddset(ret, SIGUSR1);
	sigprocmask(SIG_BLOCK, ret, NULL);
	witness_ready(me);
	do {
		sleep_ms(1);
		sigpending(&pending);
	} while (!sigismember(&pending, SIGUSR1));
}

static void wait_blocked(struct witness *me, const void *arg)
{
	sigset_t set;

	(void)arg;
	block_until_pending(me, &set);
	/* Long after the sender has gone. */
	sleep_ms(50);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void scene_blocked(const struct victim *v)
{
	enact(v, "kz-sender", wait_blocked, send_kill);
}

/* A blocked signal stays pending even if it is ignored: the process may change its handler. */
static void wait_ignoring(struct witness *me, const void *arg)
{
	sigset_t set;

	(void)arg;
	(void)signal(SIGUSR1, SIG_IGN);
	block_until_pending(me, &set);
	(void)signal(SIGUSR1, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void scene_ignored(const struct victim *v)
{
	enact(v, "kz-sender", wait_ignoring, send_kill);
}

static void send_continue(struct witness *me, const void *arg)
{
	const struct order *order = arg;

	(void)me;
	kill(order->victim->pid, SIGCONT);
}

/*
 * SIGTERM waits until another process continues the stopped one: the sender of SIGTERM is the
 * killer.
 */
static void scene_stopped(const struct victim *v)
{
	struct order order = { .sig = (int)v->arg, .comm = "kz-sender" };
	struct witness *sender;
	int status;

	order.victim = actor_start("victim", v->comm, actor_pause, NULL);
	witness_wait(order.victim);
	kill(order.victim->pid, SIGSTOP);
	waitpid(order.victim->pid, &status, WUNTRACED);
	sender = actor_start("sender", "kz-sender", send_kill, &order);
	waitpid(sender->pid, &sender->status, 0);
	sender->reaped = true;
	actor_start("waker", "kz-waker", send_continue, &order);
}

static void raise_self(struct witness *me, long sig)
{
	knows_number(me, "sender_pid", me->pid);
	knows_number(me, "sender_uid", getuid());
	raise((int)sig);
}

static void kill_self(struct witness *me, long sig)
{
	knows_number(me, "sender_pid", me->pid);
	knows_number(me, "sender_uid", getuid());
	kill(getpid(), (int)sig);
	pause();
}

/* A process may send itself any si_code. The address is made up. */
static siginfo_t forged(int sig, int code)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = sig;
	info.si_code = code;
	info.si_addr = (void *)0x1234567000;
	return info;
}

static void forge_process(struct witness *me, long arg)
{
	siginfo_t info = forged(SIGSEGV, SEGV_MAPERR);

	(void)arg;
	knows_address(me, "forged_address", (uintptr_t)info.si_addr);
	syscall(SYS_rt_sigqueueinfo, getpid(), SIGSEGV, &info);
	pause();
}

static void forge_thread(struct witness *me, long arg)
{
	siginfo_t info = forged(SIGSEGV, SEGV_MAPERR);

	(void)arg;
	knows_address(me, "forged_address", (uintptr_t)info.si_addr);
	syscall(SYS_rt_tgsigqueueinfo, getpid(), (pid_t)syscall(SYS_gettid), SIGSEGV, &info);
	pause();
}

/* The forgery must not get the address of an earlier real fault. */
static void forge_kernel(struct witness *me, long sig)
{
	siginfo_t info = forged((int)sig, SI_KERNEL);

	(void)me;
	syscall(SYS_rt_sigqueueinfo, getpid(), (int)sig, &info);
	pause();
}

static void broken_pipe(struct witness *me, long arg)
{
	int ends[2];

	(void)me;
	(void)arg;
	if (pipe(ends))
		return;
	close(ends[0]);
	if (write(ends[1], "x", 1) < 0)
		return;
}

static void broken_socket(struct witness *me, long arg)
{
	int ends[2];

	(void)me;
	(void)arg;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		return;
	close(ends[0]);
	if (write(ends[1], "x", 1) < 0)
		return;
}

/* F_SETOWN without F_SETSIG. */
static void io_possible(struct witness *me, long arg)
{
	int ends[2];

	(void)arg;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) || fcntl(ends[0], F_SETOWN, getpid()) ||
	    fcntl(ends[0], F_SETFL, O_ASYNC | O_NONBLOCK))
		witness_skip(me, "no signal by a file descriptor");
	(void)!write(ends[1], "x", 1);
	pause();
}

static void alarm_clock(struct witness *me, long arg)
{
	struct itimerval soon = { .it_value = { .tv_usec = 20000 } };

	(void)me;
	(void)arg;
	setitimer(ITIMER_REAL, &soon, NULL);
	pause();
}

static void alarm_by_cpu(struct witness *me, long timer)
{
	struct itimerval soon = { .it_value = { .tv_usec = 20000 } };

	(void)me;
	setitimer((int)timer, &soon, NULL);
	for (volatile unsigned long i = 0;; i++)
		;
}

static void posix_timer(struct witness *me, long arg)
{
	struct itimerspec soon = { .it_value = { .tv_nsec = 20000000 } };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2 };
	timer_t timer;

	(void)me;
	(void)arg;
	if (timer_create(CLOCK_MONOTONIC, &event, &timer))
		return;
	timer_settime(timer, 0, &soon, NULL);
	pause();
}

struct terminal {
	int master;
	char name[64];
};

static void own_terminal(struct witness *me, const void *arg)
{
	const struct terminal *terminal = arg;
	int fd;

	/* The runner must be the last to close the master. */
	close(terminal->master);
	setsid();
	fd = open(terminal->name, O_RDWR);
	if (fd < 0 || ioctl(fd, TIOCSCTTY, 0))
		witness_skip(me, "no controlling terminal to be had");
	actor_pause(me, NULL);
}

static const char *needs_pty(void)
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return "no pseudo-terminals here";
	close(fd);
	return NULL;
}

/* The runner holds the master and hangs up, as when an ssh session is closed. */
static void scene_hangup(const struct victim *v)
{
	struct terminal terminal = { .master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC) };
	struct witness *victim;

	if (terminal.master < 0 || grantpt(terminal.master) || unlockpt(terminal.master) ||
	    ptsname_r(terminal.master, terminal.name, sizeof(terminal.name)))
		return;
	victim = actor_start("victim", v->comm, own_terminal, &terminal);
	while (!victim->ready && !victim->skip[0] && !interrupted)
		sleep_ms(1);
	close(terminal.master);
}

/*
 * The victim has asked for the signal: the process that writes is not the killer, although it is
 * current.
 */

static int shared_socket = -1;
static const char queue_name[] = "/kz-queue";

static void asks_for_socket(struct witness *me, const void *arg)
{
	(void)arg;
	if (fcntl(shared_socket, F_SETOWN, getpid()) || fcntl(shared_socket, F_SETSIG, SIGUSR1) ||
	    fcntl(shared_socket, F_SETFL, O_ASYNC | O_NONBLOCK))
		witness_skip(me, "no signal by a file descriptor");
	actor_pause(me, NULL);
}

static void writes_to_socket(struct witness *me, const void *arg)
{
	const int *other = arg;

	(void)me;
	(void)!write(*other, "x", 1);
}

static void scene_socket(const struct victim *v)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		return;
	shared_socket = ends[0];
	witness_wait(actor_start("victim", v->comm, asks_for_socket, NULL));
	actor_start("innocent", "kz-innocent", writes_to_socket, &ends[1]);
	close(ends[0]);
	close(ends[1]);
}

static void asks_for_queue(struct witness *me, const void *arg)
{
	struct mq_attr attributes = { .mq_maxmsg = 1, .mq_msgsize = 8 };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2 };
	mqd_t queue = mq_open(queue_name, O_RDWR | O_CREAT, 0600, &attributes);

	(void)arg;
	if (queue < 0 || mq_notify(queue, &event))
		witness_skip(me, "no message queues");
	actor_pause(me, NULL);
}

static void writes_to_queue(struct witness *me, const void *arg)
{
	mqd_t queue = mq_open(queue_name, O_WRONLY);

	(void)me;
	(void)arg;
	if (queue >= 0)
		mq_send(queue, "x", 1, 0);
	mq_unlink(queue_name);
}

static void scene_queue_notice(const struct victim *v)
{
	mq_unlink(queue_name);
	witness_wait(actor_start("victim", v->comm, asks_for_queue, NULL));
	actor_start("innocent", "kz-innocent", writes_to_queue, NULL);
}

static const struct victim victims[] = {
	{ .name = "kill-9", .comm = "kz-kill-9", .arg = SIGKILL, .scene = scene_kill },
	{ .name = "kill-15", .comm = "kz-kill-15", .arg = SIGTERM, .scene = scene_kill },
	{ .name = "kill-6", .comm = "kz-kill-6", .arg = SIGABRT, .scene = scene_kill },
	{ .name = "kill-11", .comm = "kz-kill-11", .arg = SIGSEGV, .scene = scene_kill },
	{ .name = "kill-1", .comm = "kz-kill-1", .arg = SIGHUP, .scene = scene_kill },
	{ .name = "kill-34", .comm = "kz-kill-34", .arg = 34, .scene = scene_kill },
	{ .name = "kill-by-nobody",
	  .comm = "kz-kill-nobody",
	  .arg = SIGKILL,
	  .scene = scene_nobody },
	{ .name = "kill-of-nobody",
	  .comm = "kz-nobody",
	  .arg = SIGKILL,
	  .scene = scene_root_kills_nobody },
	{ .name = "kill-by-impostor",
	  .comm = "kz-impostor",
	  .arg = SIGKILL,
	  .scene = scene_impostor },
	{ .name = "kill-by-earlyoom",
	  .comm = "kz-early",
	  .arg = SIGKILL,
	  .scene = scene_earlyoom,
	  .needs = needs_cgroups },
	{ .name = "tgkill", .comm = "kz-tgkill", .arg = SIGUSR1, .scene = scene_tgkill },
	{ .name = "sigqueue", .comm = "kz-sigqueue", .arg = SIGUSR2, .scene = scene_queue },
	{ .name = "pidfd-kill", .comm = "kz-pidfd", .arg = SIGKILL, .scene = scene_pidfd },
	{ .name = "term-then-kill",
	  .comm = "kz-term-kill",
	  .arg = SIGTERM,
	  .scene = scene_term_then_kill },
	{ .name = "blocked-pending", .comm = "kz-blocked", .arg = SIGUSR1, .scene = scene_blocked },
	{ .name = "ignored-pending", .comm = "kz-ignored", .arg = SIGUSR1, .scene = scene_ignored },
	{ .name = "stopped-term", .comm = "kz-stopped", .arg = SIGTERM, .scene = scene_stopped },
	{ .name = "raise-usr1", .comm = "kz-raise-usr1", .arg = SIGUSR1, .die = raise_self },
	{ .name = "raise-kill", .comm = "kz-raise-kill", .arg = SIGKILL, .die = raise_self },
	{ .name = "raise-segv", .comm = "kz-raise-segv", .arg = SIGSEGV, .die = raise_self },
	{ .name = "kill-self-abort", .comm = "kz-kill-self", .arg = SIGABRT, .die = kill_self },
	{ .name = "forged-process", .comm = "kz-forged-p", .die = forge_process },
	{ .name = "forged-thread", .comm = "kz-forged-t", .die = forge_thread },
	{ .name = "forged-kernel", .comm = "kz-forged-k", .arg = SIGKILL, .die = forge_kernel },
	{ .name = "sigpipe", .comm = "kz-sigpipe", .die = broken_pipe },
	{ .name = "sigpipe-socket", .comm = "kz-sigpipe-so", .die = broken_socket },
	{ .name = "sigalrm", .comm = "kz-sigalrm", .die = alarm_clock },
	{ .name = "sigprof", .comm = "kz-sigprof", .arg = ITIMER_PROF, .die = alarm_by_cpu },
	{ .name = "sigvtalrm", .comm = "kz-sigvtalrm", .arg = ITIMER_VIRTUAL, .die = alarm_by_cpu },
	{ .name = "sigio", .comm = "kz-sigio-self", .die = io_possible },
	{ .name = "posix-timer", .comm = "kz-timer", .die = posix_timer },
	{ .name = "socket-notice", .comm = "kz-sigio", .scene = scene_socket },
	{ .name = "queue-notice", .comm = "kz-mqueue", .scene = scene_queue_notice },
	{ .name = "tty-hangup", .comm = "kz-hangup", .scene = scene_hangup, .needs = needs_pty },
};

const struct menagerie zoo_signals = MENAGERIE(victims);
