// SPDX-License-Identifier: BSD-2-Clause
#include "base/confine.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/confine_calls.h"
#include "base/confine_paths.h"
#include "base/number.h"
#include "base/say.h"

/* As in the systemd unit: everything else is killed first. */
#define OOM_SCORE_ADJ "-999"

static void protect_from_oom_killer(void)
{
	static const char path[] = "/proc/self/oom_score_adj";
	AUTO_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, OOM_SCORE_ADJ, strlen(OOM_SCORE_ADJ)) < 0)
		say_detail("cannot write %s: %s, ignoring", path, strerror(errno));
}

void confine_protect(void)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

	protect_from_oom_killer();
	(void)setrlimit(RLIMIT_MEMLOCK, &all);
}

#define MOST_DESCRIPTORS "/proc/sys/fs/nr_open"

static rlim_t most_descriptors(void)
{
	AUTO_FCLOSE FILE *file = fopen(MOST_DESCRIPTORS, "re");
	uint64_t most = 0;
	char text[32];

	if (file && fgets(text, sizeof(text), file))
		(void)number_parse_line(text, &most);
	return most;
}

void confine_allow_descriptors(void)
{
	struct rlimit limit = { most_descriptors(), most_descriptors() };

	if (limit.rlim_max && !setrlimit(RLIMIT_NOFILE, &limit))
		return;
	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* Whether the loader wrote into a segment that the program headers call read-only. */
static bool has_text_relocations(const struct dl_phdr_info *module, const ElfW(Phdr) * dynamic)
{
	const ElfW(Dyn) *entry = (const void *)(module->dlpi_addr + dynamic->p_vaddr);

	for (; entry->d_tag != DT_NULL; entry++)
		if (entry->d_tag == DT_TEXTREL ||
		    (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL)))
			return true;
	return false;
}

/* A page of a read-only segment is read from its file again when it is needed. */
static int give_back_module(struct dl_phdr_info *module, size_t size, void *context)
{
	const uintptr_t in_page = (uintptr_t)sysconf(_SC_PAGESIZE) - 1;

	(void)size;
	(void)context;
	for (int i = 0; i < module->dlpi_phnum; i++)
		if (module->dlpi_phdr[i].p_type == PT_DYNAMIC &&
		    has_text_relocations(module, &module->dlpi_phdr[i]))
			return 0;
	for (int i = 0; i < module->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &module->dlpi_phdr[i];
		const uintptr_t first = (module->dlpi_addr + segment->p_vaddr) & ~in_page;
		const uintptr_t end = (module->dlpi_addr + segment->p_vaddr + segment->p_memsz) &
				      ~in_page;

		if (segment->p_type == PT_LOAD && !(segment->p_flags & PF_W) && first < end)
			(void)madvise((void *)first, end - first, MADV_DONTNEED);
	}
	return 0;
}

void confine_keep_memory(void)
{
	(void)dl_iterate_phdr(give_back_module, NULL);
	/* when pages are first used: what is mapped and never touched takes no memory */
	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT))
		say_detail("cannot lock memory: %s, ignoring", strerror(errno));
}

/* Files of runtimes belong to other users, and so do textfile folders. */
static bool is_kept(unsigned int capability, const struct confinement *confinement)
{
	switch (capability) {
	case CAP_DAC_READ_SEARCH:
	case CAP_DAC_OVERRIDE:
		return true;
	case CAP_BPF:
		return confinement->traces; /* maps are read with bpf(2) */
	case CAP_SYS_ADMIN:
		return confinement->traces && !capng_have_capability(CAPNG_PERMITTED, CAP_BPF);
	case CAP_IPC_LOCK:
		return confinement->locks;
	default:
		return false;
	}
}

static void drop_capabilities(const struct confinement *confinement)
{
	bool may_bound, keep[CAP_LAST_CAP + 1];

	capng_get_caps_process();
	/* without it the service manager has set the bounds, and libcap-ng would print a warning */
	may_bound = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
	for (unsigned int capability = 0; capability <= CAP_LAST_CAP; capability++)
		keep[capability] = is_kept(capability, confinement);
	for (unsigned int capability = 0; capability <= CAP_LAST_CAP; capability++)
		if (!keep[capability])
			(void)capng_update(CAPNG_DROP,
					   CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE |
						   CAPNG_BOUNDING_SET,
					   capability);
	if (capng_apply(may_bound ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS))
		say_detail("cannot give up capabilities: %s, ignoring", strerror(errno));
}

void confine(const struct confinement *confinement)
{
	int error;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		say_detail("cannot give up new privileges: %s, ignoring", strerror(errno));
	error = confine_paths(confinement->folders);
	if (error && error != -ENOSYS && error != -EOPNOTSUPP)
		say_detail("cannot confine writing to the output's folders: %s, ignoring",
			   strerror(-error));
	drop_capabilities(confinement);
	error = confine_calls(confinement->traces, confinement->network, confinement->draws);
	if (error)
		say_detail("cannot forbid system calls: %s, ignoring", strerror(-error));
}
