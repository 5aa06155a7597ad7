/* SPDX-License-Identifier: BSD-2-Clause */
/* The processes of a scene, and helpers for all of them. */
#include "zoo.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* In a child pid namespace getpid() is of no use; the host's procfs has the host's pid. */
pid_t host_pid(void)
{
	char link[32] = "";

	if (readlink("/proc/self", link, sizeof(link) - 1) > 0)
		return (pid_t)strtol(link, NULL, 10);
	return getpid();
}

static void introduce(struct witness *me, const char *comm)
{
	if (comm)
		prctl(PR_SET_NAME, comm);
	me->pid = host_pid();
	knows_comm(me, "comm_hex");
	knows_number(me, "ppid", getppid());
	knows_number(me, "uid", getuid());
}

struct witness *actor_clone(unsigned long flags, const char *role, const char *comm, act_fn act,
			    const void *arg)
{
	struct witness *w = witness_new(role);
	pid_t pid = flags ? (pid_t)syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0) : fork();

	if (pid < 0) {
		snprintf(w->skip, sizeof(w->skip), "no process to be had");
		return w;
	}
	if (pid == 0) {
		signal(SIGALRM, SIG_DFL);
		signal(SIGINT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		introduce(w, comm);
		act(w, arg);
		_exit(0);
	}
	/*
	 * In a pid namespace below the runner's, the number is not the host's: the child writes the
	 * right one.
	 */
	if (host_pid() == getpid())
		w->pid = pid;
	return w;
}

struct witness *actor_start(const char *role, const char *comm, act_fn act, const void *arg)
{
	return actor_clone(0, role, comm, act, arg);
}

void actor_pause(struct witness *me, const void *arg)
{
	(void)arg;
	witness_ready(me);
	for (;;)
		pause();
}

/* For victims whose libc prints a last message. */
void actor_hush(void)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (fd >= 0)
		dup2(fd, STDERR_FILENO);
}

void sleep_ms(long ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

const char *zoo_path(void)
{
	static char path[4096];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

	path[length > 0 ? length : 0] = '\0';
	return path;
}

/* A guest's initramfs may have no /tmp. */
const char *temp_dir(void)
{
	const char *dirs[] = { getenv("TMPDIR"), "/tmp", "/dev/shm", "/" };

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		if (dirs[i] && !access(dirs[i], W_OK | X_OK))
			return dirs[i];
	}
	return ".";
}
