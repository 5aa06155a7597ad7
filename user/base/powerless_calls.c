// SPDX-License-Identifier: BSD-2-Clause
#include "base/powerless.h"

#include <errno.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>

#define NO_CODE                                                  \
	{                                                        \
		.arg = 2, .op = SCMP_CMP_MASKED_EQ, PROT_EXEC, 0 \
	}
/* RLIMIT_DATA counts neither shared memory nor stacks. */
#define COUNTED_MEMORY                                                                        \
	{                                                                                     \
		.arg = 3, .op = SCMP_CMP_MASKED_EQ, MAP_TYPE | MAP_ANONYMOUS | MAP_GROWSDOWN, \
		MAP_PRIVATE | MAP_ANONYMOUS                                                   \
	}
#define ONLY_READ                                                               \
	{                                                                       \
		.arg = 2, .op = SCMP_CMP_MASKED_EQ, ~(scmp_datum_t)PROT_READ, 0 \
	}
#define PRIVATE_FILE                                                                          \
	{                                                                                     \
		.arg = 3, .op = SCMP_CMP_MASKED_EQ, MAP_TYPE | MAP_ANONYMOUS | MAP_GROWSDOWN, \
		MAP_PRIVATE                                                                   \
	}

/* clone3() hides its flags: glibc can do without it. */
static const struct {
	const char *name;
	const char *call;
	unsigned int count;
	struct scmp_arg_cmp arguments[2];
} conditions[] = {
	{ "mmap", "mmap", 2, { NO_CODE, COUNTED_MEMORY } },
	{ "mmap2", "mmap2", 2, { NO_CODE, COUNTED_MEMORY } },
	{ POWERLESS_MAP_FILES, "mmap", 2, { ONLY_READ, PRIVATE_FILE } },
	{ "clone",
	  "clone",
	  1,
	  { { .arg = 0,
	      .op = SCMP_CMP_MASKED_EQ,
	      CLONE_THREAD | CLONE_VM | CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
		      CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET,
	      0 } } },
};

static int allow_call(scmp_filter_ctx filter, const char *call, unsigned int count,
		      const struct scmp_arg_cmp *arguments)
{
	const int number = seccomp_syscall_resolve_name(call);

	/* negative: this architecture has no such call */
	return number < 0
		       ? 0
		       : seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, count, arguments);
}

static int allow(scmp_filter_ctx filter, const char *name)
{
	for (size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++)
		if (!strcmp(conditions[i].name, name))
			return allow_call(filter, conditions[i].call, conditions[i].count,
					  conditions[i].arguments);
	return allow_call(filter, name, 0, NULL);
}

int powerless_calls(const char *const *names)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int error = filter ? 0 : -ENOMEM;

	for (; !error && *names; names++)
		error = allow(filter, *names);
	if (!error)
		error = seccomp_load(filter);
	seccomp_release(filter);
	return error;
}
