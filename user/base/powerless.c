// SPDX-License-Identifier: BSD-2-Clause
#include "base/powerless.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/confine_paths.h"
#include "base/number.h"

/* Users that neither distributions, nor container managers, nor /etc/subuid assign
 * (https://systemd.io/UIDS-GIDS). A process with the same user could kill or stop this one, and
 * many processes run as "nobody". */
#define FIRST_UID 0x70000000U
#define UIDS 0x01000000U
/* In a user namespace there may be no other users. */
#define NOBODY 65534U

/* Private memory that can be written to, in bytes. */
static size_t data_bytes(void)
{
	AUTO_FCLOSE FILE *file = fopen("/proc/self/statm", "re");
	enum { DATA = 5, FIELDS };
	uint64_t pages[FIELDS];
	char line[128];

	if (!file || !fgets(line, sizeof(line), file) || !number_read_fields(line, FIELDS, pages))
		return 0;
	return pages[DATA] * (size_t)sysconf(_SC_PAGESIZE);
}

static void limit(int resource, rlim_t most)
{
	const struct rlimit both = { most, most };

	(void)setrlimit((__rlimit_resource_t)resource, &both);
}

static void set_limits(const struct powerless_limits *limits)
{
	const size_t data = data_bytes();

	if (data)
		limit(RLIMIT_DATA, data + limits->memory);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, 0);
	limit(RLIMIT_MEMLOCK, 0);
	limit(RLIMIT_MSGQUEUE, 0);
	limit(RLIMIT_NOFILE, limits->descriptors);
}

static bool change_to(uid_t id)
{
	return !setresgid(id, id, id) && !setresuid(id, id, id);
}

static bool change_user(void)
{
	uint32_t random;

	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != sizeof(random))
		random = (uint32_t)getpid();
	return !setgroups(0, NULL) && (change_to(FIRST_UID + random % UIDS) || change_to(NOBODY));
}

/* Until it is empty, or the kernel refuses. */
static void empty_bounding_set(void)
{
	for (unsigned long capability = 0; !prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);)
		capability++;
}

int powerless_become(const struct powerless_limits *limits, struct powerless *ret)
{
	*ret = (struct powerless){ 0 };
	/* only the reader of the deaths needs a higher priority */
	(void)setpriority(PRIO_PROCESS, 0, 0);
	set_limits(limits);
	empty_bounding_set();
	if (!change_user())
		ret->refused |= POWERLESS_OWN_UID;
	ret->uid = getuid();
	capng_clear(CAPNG_SELECT_CAPS);
	if (capng_apply(CAPNG_SELECT_CAPS))
		return -EPERM;
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		ret->refused |= POWERLESS_FEW_CALLS;
	if (confine_paths(NULL))
		ret->refused |= POWERLESS_NO_FILES;
	return 0;
}
