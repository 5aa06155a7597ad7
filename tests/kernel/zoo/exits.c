/* SPDX-License-Identifier: BSD-2-Clause */
/* Deaths with difficult exits: threads, leaders that left, execs, vfork. */
#include "zoo.h"

#include "insn.h"

#include <elf.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

extern const char site_null_write[];

void SITE_FUNCTION __attribute__((noreturn)) null_write(void)
{
	INSN_WRITE(site_null_write, 0UL);
	_exit(97);
}

static void testify_thread(struct witness *me, const char *comm)
{
	prctl(PR_SET_NAME, comm);
	me->tid = (pid_t)syscall(SYS_gettid);
	knows_comm(me, "thread_comm_hex");
}

static void *fall(void *arg)
{
	struct witness *me = arg;

	testify_thread(me, "kz-faller");
	/* Let the leader leave, if it wants to. */
	sleep_ms(50);
	knows_fault(me, (uintptr_t)site_null_write, 0, "write");
	null_write();
}

static void *linger(void *arg)
{
	if (arg)
		witness_ready(arg);
	for (;;)
		pause();
	return NULL;
}

static void other_thread(struct witness *me, long arg)
{
	pthread_t thread;

	(void)arg;
	knows_number(me, "threads", 2);
	pthread_create(&thread, NULL, fall, me);
	pthread_join(thread, NULL);
}

/* Plain exit(2) of one thread: pthread_exit() in main ends with it. */
static void leader_leaves(struct witness *me, long arg)
{
	pthread_t thread;

	(void)arg;
	pthread_create(&thread, NULL, fall, me);
	syscall(SYS_exit, 0);
}

static void leader_leaves_linger(struct witness *me, const void *arg)
{
	pthread_t thread;

	(void)arg;
	pthread_create(&thread, NULL, linger, me);
	syscall(SYS_exit, 0);
}

static void send_kill(struct witness *me, const void *arg)
{
	struct witness *victim = witness_role("victim");

	(void)me;
	(void)arg;
	knows_sender(victim, "kz-sender");
	kill(victim->pid, SIGKILL);
}

static void scene_leader_left_killed(const struct victim *v)
{
	struct witness *victim = actor_start("victim", v->comm, leader_leaves_linger, NULL);

	witness_wait(victim);
	sleep_ms(20);
	actor_start("sender", "kz-sender", send_kill, NULL);
}

static void many_threads(struct witness *me, long count)
{
	pthread_t thread;

	for (long i = 1; i < count; i++)
		pthread_create(&thread, NULL, linger, NULL);
	knows_number(me, "threads", count);
	knows_fault(me, (uintptr_t)site_null_write, 0, "write");
	null_write();
}

static void *exec_exit(void *arg)
{
	const char *path = zoo_path();

	execl(path, path, arg, "0", NULL);
	_exit(98);
}

static void exec_from_thread(struct witness *me, long dies)
{
	pthread_t thread;

	if (!zoo_path()[0])
		witness_skip(me, "no /proc here");
	/* The name after the exec. */
	knows_string(me, "exec_comm", strrchr(zoo_path(), '/') + 1);
	/* The address will differ, but the place in the file is the same. */
	if (dies)
		knows_module(me, (uintptr_t)site_null_write);
	pthread_create(&thread, NULL, exec_exit, dies ? "null" : "exit");
	pthread_join(thread, NULL);
}

static char broken_path[300];

/* Beyond user memory with four levels of page tables, and with five. */
#define BEYOND_USER_MEMORY 0xfffffffffff000

/*
 * A segment beyond the end of user memory: the kernel has discarded the old image when it tries to
 * map this one, so it cannot return an error.
 */
static bool write_broken(void)
{
	struct {
		Elf64_Ehdr header;
		Elf64_Phdr segment;
	} image;
	bool written;
	int fd;

	memset(&image, 0, sizeof(image));
	memcpy(image.header.e_ident, ELFMAG, SELFMAG);
	image.header.e_ident[EI_CLASS] = ELFCLASS64;
	image.header.e_ident[EI_DATA] = ELFDATA2LSB;
	image.header.e_ident[EI_VERSION] = EV_CURRENT;
	image.header.e_type = ET_EXEC;
	image.header.e_machine = INSN_ELF_MACHINE;
	image.header.e_version = EV_CURRENT;
	image.header.e_entry = BEYOND_USER_MEMORY;
	image.header.e_phoff = sizeof(image.header);
	image.header.e_ehsize = sizeof(image.header);
	image.header.e_phentsize = sizeof(image.segment);
	image.header.e_phnum = 1;
	image.segment.p_type = PT_LOAD;
	image.segment.p_flags = PF_R | PF_X;
	image.segment.p_vaddr = BEYOND_USER_MEMORY;
	image.segment.p_filesz = sizeof(image);
	image.segment.p_memsz = 0x10000;
	image.segment.p_align = ZOO_PAGE;

	snprintf(broken_path, sizeof(broken_path), "%s/kt-zoo-%d", temp_dir(), getpid());
	if (mkdir(broken_path, 0700))
		return false;
	snprintf(broken_path, sizeof(broken_path), "%s/kt-zoo-%d/kz-exec-failed", temp_dir(),
		 getpid());
	fd = open(broken_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	written = fd >= 0 && write(fd, &image, sizeof(image)) == (ssize_t)sizeof(image);
	if (fd >= 0)
		close(fd);
	return written;
}

static void remove_broken(void)
{
	unlink(broken_path);
	*strrchr(broken_path, '/') = '\0';
	rmdir(broken_path);
}

static void exec_broken(struct witness *me, const void *arg)
{
	(void)arg;
	if (!write_broken())
		witness_skip(me, "no place for a temporary file");
	knows_string(me, "exec_comm", "kz-exec-failed");
	execl(broken_path, broken_path, NULL);
	witness_skip(me, "the broken binary was refused before the point of no return");
}

static void scene_exec_broken(const struct victim *v)
{
	struct witness *victim = actor_start("victim", v->comm, exec_broken, NULL);

	/* The child writes this file, with its pid in the path; here it is only removed. */
	snprintf(broken_path, sizeof(broken_path), "%s/kt-zoo-%d/kz-exec-failed", temp_dir(),
		 victim->pid);
}

static void vfork_parent(struct witness *me, const void *arg)
{
	struct witness *child = witness_role("victim");
	pid_t pid;

	(void)arg;
	knows_comm(child, "comm_hex");
	knows_number(child, "ppid", getpid());
	knows_fault(child, (uintptr_t)site_null_write, 0, "write");
	/* NOLINTBEGIN: vfork and its dangers are the subject */
	pid = vfork();
	if (pid == 0) {
		/* until 5.15 the parent dies with it, and cannot tell the child's pid */
		child->pid = (pid_t)syscall(SYS_getpid);
		null_write();
	}
	/* NOLINTEND */
	/* The parent continues only when the child is dead; the runner reaps it as an orphan. */
	witness_ready(me);
	_exit(0);
}

static void scene_vfork(const struct victim *v)
{
	witness_new("victim");
	actor_start("parent", v->comm, vfork_parent, NULL);
}

static const struct victim victims[] = {
	{ .name = "other-thread", .comm = "kz-leader", .die = other_thread },
	{ .name = "leader-left", .comm = "kz-left", .die = leader_leaves },
	{ .name = "leader-left-killed",
	  .comm = "kz-left-killed",
	  .scene = scene_leader_left_killed },
	{ .name = "fifty-threads", .comm = "kz-fifty", .arg = 50, .die = many_threads },
	{ .name = "exec-from-thread",
	  .comm = "kz-exec-thread",
	  .outcome = LIVES,
	  .die = exec_from_thread },
	{ .name = "exec-then-null", .comm = "kz-exec-null", .arg = 1, .die = exec_from_thread },
	{ .name = "exec-failed",
	  .comm = "kz-exec-before",
	  .scene = scene_exec_broken,
	  .after = remove_broken },
	{ .name = "vfork-child", .comm = "kz-vfork", .scene = scene_vfork },
};

const struct menagerie zoo_exits = MENAGERIE(victims);
