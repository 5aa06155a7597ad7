/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parents that end like their child: wrappers, whose death is a copy, and others with a death of
 * their own.
 */
#include "zoo.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "kz-wrapped"

static char folder[128], program[192];

/* Another program for the kernel: a file with another name. */
static const char *needs_program(void)
{
	struct stat size;
	int from, to;
	bool copied;

	snprintf(folder, sizeof(folder), "%s/kt-zoo-%d", temp_dir(), getpid());
	snprintf(program, sizeof(program), "%s/" PROGRAM, folder);
	from = open(zoo_path(), O_RDONLY | O_CLOEXEC);
	if (from < 0 || mkdir(folder, 0700))
		return "no place for a temporary file";
	to = open(program, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	copied = to >= 0 && !fstat(from, &size) &&
		 sendfile(to, from, NULL, (size_t)size.st_size) == size.st_size;
	close(from);
	if (to >= 0)
		close(to);
	return copied ? NULL : "no place for a temporary file";
}

static void remove_program(void)
{
	unlink(program);
	rmdir(folder);
}

static void run_program(struct witness *me, const void *arg)
{
	(void)arg;
	knows_string(me, "exec_comm", PROGRAM);
	execl(program, program, "null", NULL);
	_exit(98);
}

static void run_aborting_program(struct witness *me, const void *arg)
{
	(void)arg;
	knows_string(me, "exec_comm", PROGRAM);
	execl(program, program, "abort", NULL);
	_exit(98);
}

static void abort_itself(struct witness *me, const void *arg)
{
	(void)me;
	(void)arg;
	raise(SIGABRT);
}

/* Like timeout(1), without a core of its own. */
static void end_as_child(struct witness *me, act_fn act, bool is_copy)
{
	struct witness *child = actor_start("victim-child", NULL, act, NULL);

	if (waitpid(child->pid, &child->status, 0) != child->pid || !WIFSIGNALED(child->status))
		_exit(97);
	child->reaped = true;
	if (is_copy)
		knows_number(me, "copied_pid", child->pid);
	prctl(PR_SET_DUMPABLE, 0);
	raise(WTERMSIG(child->status));
}

static void wrap(struct witness *me, const void *arg)
{
	(void)arg;
	end_as_child(me, run_program, true);
}

/* Like a server that gives up because of its worker. */
static void give_up(struct witness *me, const void *arg)
{
	(void)arg;
	end_as_child(me, abort_itself, false);
}

/* A supervisor that fails an assertion because its child aborted. */
static void fail_assertion(struct witness *me, const void *arg)
{
	(void)arg;
	end_as_child(me, run_aborting_program, false);
}

static void wrap_wrapper(struct witness *me, const void *arg)
{
	struct witness *inner = actor_start("victim-inner", "kz-inner", wrap, arg);

	if (waitpid(inner->pid, &inner->status, 0) != inner->pid || !WIFSIGNALED(inner->status))
		_exit(97);
	inner->reaped = true;
	knows_number(me, "copied_pid", witness_role("victim-child")->pid);
	raise(WTERMSIG(inner->status));
}

static void scene_wrapper(const struct victim *v)
{
	actor_start("victim", v->comm, wrap, NULL);
}

static void scene_two_wrappers(const struct victim *v)
{
	actor_start("victim", v->comm, wrap_wrapper, NULL);
}

static void scene_server(const struct victim *v)
{
	actor_start("victim", v->comm, give_up, NULL);
}

static void scene_supervisor(const struct victim *v)
{
	actor_start("victim", v->comm, fail_assertion, NULL);
}

static const struct victim victims[] = {
	{ .name = "wrapper",
	  .comm = "kz-wrapper",
	  .outcome = DIE,
	  .scene = scene_wrapper,
	  .after = remove_program,
	  .needs = needs_program },
	{ .name = "wrapper-of-wrapper",
	  .comm = "kz-outer",
	  .outcome = DIE,
	  .scene = scene_two_wrappers,
	  .after = remove_program,
	  .needs = needs_program },
	{ .name = "supervisor-aborts",
	  .comm = "kz-supervisor",
	  .outcome = DIE,
	  .scene = scene_supervisor,
	  .after = remove_program,
	  .needs = needs_program },
	{ .name = "server-and-worker", .comm = "kz-server", .outcome = DIE, .scene = scene_server },
};

const struct menagerie zoo_wrappers = MENAGERIE(victims);
