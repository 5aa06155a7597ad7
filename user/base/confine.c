// SPDX-License-Identifier: BSD-2-Clause
#include "base/confine.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/say.h"

/* As the systemd unit has it: everything else dies first. */
#define OOM_SCORE_ADJ "-999"

/* The ring buffer's state is asked for by bpf(2), runtimes' files belong to others, textfile folders
 * too, and memory that is asked for later has to be locked. */
static const unsigned int kept[] = { CAP_BPF, CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE, CAP_IPC_LOCK };

/* Nothing here needs these, and all that takes a process over does. */
static const int forbidden[] = {
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(ptrace),
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev),
	SCMP_SYS(mount),
	SCMP_SYS(umount2),
	SCMP_SYS(pivot_root),
	SCMP_SYS(chroot),
	SCMP_SYS(unshare),
	SCMP_SYS(setns),
	SCMP_SYS(init_module),
	SCMP_SYS(finit_module),
	SCMP_SYS(delete_module),
	SCMP_SYS(kexec_load),
	SCMP_SYS(kexec_file_load),
	SCMP_SYS(reboot),
	SCMP_SYS(swapon),
	SCMP_SYS(swapoff),
	SCMP_SYS(add_key),
	SCMP_SYS(request_key),
	SCMP_SYS(keyctl),
	SCMP_SYS(perf_event_open),
	SCMP_SYS(userfaultfd),
	SCMP_SYS(open_by_handle_at),
	SCMP_SYS(settimeofday),
	SCMP_SYS(clock_settime),
	SCMP_SYS(sethostname),
	SCMP_SYS(syslog),
};

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

/* Whether the loader wrote into what its program headers call read-only. */
static bool has_text_relocations(const struct dl_phdr_info *module, const ElfW(Phdr) * dynamic)
{
	const ElfW(Dyn) *entry = (const void *)(module->dlpi_addr + dynamic->p_vaddr);

	for (; entry->d_tag != DT_NULL; entry++)
		if (entry->d_tag == DT_TEXTREL ||
		    (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL)))
			return true;
	return false;
}

/* What a read-only segment holds is read from its file again when it is wanted. */
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
	/* as pages come to be used: what is mapped and never touched takes no memory */
	if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT))
		say_detail("cannot lock memory: %s, ignoring", strerror(errno));
}

static void drop_capabilities(void)
{
	bool may_bound;

	capng_get_caps_process();
	/* without it the service manager has set the bounds, and libcap-ng would complain by itself */
	may_bound = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
	for (unsigned int capability = 0; capability <= CAP_LAST_CAP; capability++) {
		bool keep = false;

		for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
			keep = keep || kept[i] == capability;
		if (!keep)
			(void)capng_update(CAPNG_DROP,
					   CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE |
						   CAPNG_BOUNDING_SET,
					   capability);
	}
	if (capng_apply(may_bound ? CAPNG_SELECT_BOTH : CAPNG_SELECT_CAPS))
		say_detail("cannot give up capabilities: %s, ignoring", strerror(errno));
}

static void forbid_system_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int error = filter ? 0 : -ENOMEM;

	for (size_t i = 0; i < ARRAY_SIZE(forbidden) && !error; i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), forbidden[i], 0);
	if (!error)
		error = seccomp_load(filter);
	if (error)
		say_detail("cannot forbid system calls: %s, ignoring", strerror(-error));
	seccomp_release(filter);
}

void confine_drop_privileges(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		say_detail("cannot give up new privileges: %s, ignoring", strerror(errno));
	drop_capabilities();
	forbid_system_calls();
}
