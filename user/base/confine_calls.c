// SPDX-License-Identifier: BSD-2-Clause
#include "base/confine_calls.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"

/* By name: if a libseccomp or an architecture does not know one, it is left out. */
static const char *const allowed[] = {
	/* memory */
	"brk", "madvise", "mlock", "mlock2", "mlockall", "mmap", "mprotect", "mremap", "munlock",
	"munlockall", "munmap",
	/* threads, time, signals */
	"clock_getres", "clock_gettime", "clock_nanosleep", "exit", "exit_group", "futex",
	"futex_waitv", "get_robust_list", "getcpu", "gettimeofday", "membarrier", "nanosleep",
	"restart_syscall", "rseq", "rt_sigaction", "rt_sigpending", "rt_sigprocmask",
	"rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait", "sched_getaffinity", "sched_yield",
	"set_robust_list", "set_tid_address", "sigaltstack", "sigreturn", "time", "timer_create",
	"timer_delete", "timer_getoverrun", "timer_gettime", "timer_settime", "timerfd_create",
	"timerfd_gettime", "timerfd_settime",
	/* its own identity */
	"getegid", "geteuid", "getgid", "getpgrp", "getpid", "getppid", "getrandom", "getrlimit",
	"getrusage", "gettid", "getuid", "sysinfo", "times", "ugetrlimit", "uname",
	/* children that ended */
	"wait4",
	/* waiting */
	"epoll_create", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2", "epoll_wait",
	"eventfd", "eventfd2", "inotify_add_watch", "inotify_init", "inotify_init1",
	"inotify_rm_watch", "pipe", "pipe2", "poll", "ppoll", "pselect6", "select",
	/* files; confine_paths.h says where they may be */
	"_llseek", "access", "chmod", "chown", "close", "close_range", "copy_file_range", "dup",
	"dup2", "dup3", "faccessat", "faccessat2", "fadvise64", "fallocate", "fchmod", "fchmodat",
	"fchown", "fchownat", "fcntl", "fdatasync", "flock", "fstat", "fstatfs", "fsync",
	"ftruncate", "getcwd", "getdents", "getdents64", "link", "linkat", "lseek", "lstat",
	"mkdir", "mkdirat", "newfstatat", "open", "openat", "openat2", "pread64", "preadv",
	"preadv2", "pwrite64", "pwritev", "pwritev2", "read", "readahead", "readlink", "readlinkat",
	"readv", "rename", "renameat", "renameat2", "rmdir", "stat", "statfs", "statx",
	"sync_file_range", "truncate", "umask", "unlink", "unlinkat", "utime", "utimensat", "write",
	"writev",
	/* sockets, of the families below */
	"accept", "accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt",
	"listen", "recvfrom", "recvmmsg", "recvmsg", "sendmmsg", "sendmsg", "sendto", "setsockopt",
	"shutdown"
};

/* What is loaded and attached stays so; nothing can be added. */
static const unsigned int map_commands[] = {
	BPF_MAP_LOOKUP_ELEM,
	BPF_MAP_UPDATE_ELEM,
	BPF_MAP_DELETE_ELEM,
	BPF_MAP_GET_NEXT_KEY,
	BPF_OBJ_PIN,
	BPF_OBJ_GET,
	BPF_OBJ_GET_INFO_BY_FD,
	BPF_MAP_LOOKUP_AND_DELETE_ELEM,
	BPF_MAP_LOOKUP_BATCH,
	BPF_ITER_CREATE,
	BPF_LINK_DETACH,
};

/* Whether a descriptor is a terminal, and its width; what libcurl asks about a socket. Typing into
 * a terminal (TIOCSTI) is an ioctl, too. */
static const unsigned int requests[] = { TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIOCLEX };

/* How a terminal passes keys on, and to which processes. */
static const unsigned int drawing_requests[] = { TCSETS, TCSETSW, TCSETSF, TCFLSH, TIOCGPGRP };

#define NEW_SPACES                                                                     \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | \
	 CLONE_NEWPID | CLONE_NEWNET)

static int allow(scmp_filter_ctx filter, const char *name, unsigned int count,
		 const struct scmp_arg_cmp *arguments)
{
	const int number = seccomp_syscall_resolve_name(name);

	return number < 0
		       ? 0
		       : seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, count, arguments);
}

/* Allows the call if the argument is one of these values. */
static int allow_values(scmp_filter_ctx filter, const char *name, unsigned int argument,
			const unsigned int *values, size_t count)
{
	struct scmp_arg_cmp equal = { .arg = argument, .op = SCMP_CMP_EQ };
	int error = 0;

	for (size_t i = 0; i < count && !error; i++) {
		equal.datum_a = values[i];
		error = allow(filter, name, 1, &equal);
	}
	return error;
}

/* Threads, but no processes; signals only to itself. clone3() hides its flags: glibc can do without
 * it. */
static int allow_own(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp thread = { .arg = 0,
					     .op = SCMP_CMP_MASKED_EQ,
					     .datum_a = CLONE_THREAD | NEW_SPACES,
					     .datum_b = CLONE_THREAD };
	const unsigned int self = (unsigned int)getpid(), own_limits = 0;
	const unsigned int names[] = { PR_SET_NAME, PR_GET_NAME };
	int error = allow(filter, "clone", 1, &thread);

	if (!error)
		error = allow_values(filter, "tgkill", 0, &self, 1);
	if (!error)
		error = allow_values(filter, "kill", 0, &self, 1);
	if (!error)
		error = allow_values(filter, "prlimit64", 0, &own_limits, 1);
	return error ? error : allow_values(filter, "prctl", 0, names, ARRAY_SIZE(names));
}

static int fill(scmp_filter_ctx filter, bool traces, bool network, bool draws)
{
	/* the resolver asks netlink which addresses this machine has */
	const unsigned int families[] = { AF_UNIX, AF_INET, AF_INET6, AF_NETLINK };
	int error = allow_own(filter);

	for (size_t i = 0; i < ARRAY_SIZE(allowed) && !error; i++)
		error = allow(filter, allowed[i], 0, NULL);
	if (!error)
		error = allow_values(filter, "ioctl", 1, requests, ARRAY_SIZE(requests));
	if (!error && draws)
		error = allow_values(filter, "ioctl", 1, drawing_requests,
				     ARRAY_SIZE(drawing_requests));
	if (!error)
		error = allow_values(filter, "socket", 0, families,
				     network ? ARRAY_SIZE(families) : 1);
	if (!error)
		error = allow_values(filter, "socketpair", 0, families, 1);
	if (!error && traces)
		error = allow_values(filter, "bpf", 0, map_commands, ARRAY_SIZE(map_commands));
	return error;
}

int confine_calls(bool traces, bool network, bool draws)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int error = filter ? fill(filter, traces, network, draws) : -ENOMEM;

	/* by binary search instead of one after the other, if libseccomp can (2.5) */
	if (!error)
		(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (!error)
		error = seccomp_load(filter);
	seccomp_release(filter);
	return error;
}
