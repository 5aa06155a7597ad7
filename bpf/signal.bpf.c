// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * signal:signal_generate: runs in the sender's context, at the end of __send_signal_locked(), with
 * interrupts off and the target's siglock held. Whatever could end the target is noted in its
 * dossier; which of the notes counts is decided by the final status, when the group is dead.
 *
 * raw_tp and not tp_btf: `info` can be 0 or 1 (SEND_SIG_NOINFO, SEND_SIG_PRIV), and kernels from
 * 6.2 on let a tp_btf program dereference it without a net.
 */
#include "arch_x86.bpf.h"
#include "knobs.bpf.h"
#include "memcg.bpf.h"
#include "rlimit.bpf.h"
#include "task.bpf.h"
#include "vma.bpf.h"

#define SIGQUIT 3
#define SIGILL 4
#define SIGTRAP 5
#define SIGABRT 6
#define SIGBUS 7
#define SIGFPE 8
#define SIGKILL 9
#define SIGSEGV 11
#define SIGCHLD 17
#define SIGXCPU 24
#define SIGXFSZ 25
#define SIGCONT 18
#define SIGSTOP 19
#define SIGTSTP 20
#define SIGTTIN 21
#define SIGTTOU 22
#define SIGURG 23
#define SIGWINCH 28
#define SIGSYS 31

#define BIT(n) (1ULL << (n))
/* Those whose default is to be ignored, to stop or to continue never kill. */
#define HARMLESS                                                                                   \
	(BIT(SIGCHLD) | BIT(SIGCONT) | BIT(SIGSTOP) | BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGTTOU) | \
	 BIT(SIGURG) | BIT(SIGWINCH))
#define FAULTS (BIT(SIGILL) | BIT(SIGTRAP) | BIT(SIGBUS) | BIT(SIGFPE) | BIT(SIGSEGV) | BIT(SIGSYS))

#define SEND_SIG_PRIV 1 /* include/linux/sched/signal.h */
#define TRACE_SIGNAL_DELIVERED 0
#define TRACE_SIGNAL_LOSE_INFO 4
#define HANDLER_DEFAULT 0
#define HANDLER_IGNORE 1
#define IMMUTABLE 0x00800000 /* SA_IMMUTABLE, 5.15 stable and later */
#define SI_KERNEL 128
#define SI_QUEUE (-1)
#define SI_TKILL (-6)
#define SYS_SECCOMP 1

#define LOW_ADDRESS 0x10000ULL  /* vm.mmap_min_addr's usual value */
#define STACK_REACH 0x10000ULL  /* how far from sp a stack access is still thought to be one */
#define MAX_GUARD_GAP (1 << 20) /* stack_guard_gap: 256 pages */
#define MAX_FRAME_GAP (1 << 30) /* below the main stack: one frame can be that large */
#define IN_HANDLER_NS 60000000000ULL
#define THOROUGH_EVERY_NS 10000000ULL

/* The target's disposition of the signal; NULL: the number is none. */
static __always_inline struct k_sigaction *find_action(struct event *event)
{
	struct task_struct *target = event->target;
	__u64 sighand = (__u64)BPF_CORE_READ(target, sighand);

	if (!sighand || event->number < 1 || event->number > 64)
		return 0;
	return (struct k_sigaction *)(sighand +
				      bpf_core_field_offset(struct sighand_struct, action) +
				      (event->number - 1) * bpf_core_type_size(struct k_sigaction));
}

static __always_inline bool is_immutable(struct event *event)
{
	struct k_sigaction *action = find_action(event);

	return action && (BPF_CORE_READ(action, sa.sa_flags) & IMMUTABLE);
}

/* sigset_t is one word on the 64-bit architectures. */
static __always_inline __u64 read_blocked(struct task_struct *task)
{
	return BPF_CORE_READ(task, blocked.sig[0]);
}

/* `address` is that of a struct kernel_siginfo, greater than SEND_SIG_PRIV. */
static __always_inline __s32 read_code(__u64 address)
{
	struct kernel_siginfo *info = (void *)address;

	return BPF_CORE_READ(info, si_code);
}

/*
 * A process may give any siginfo to itself: it can look like a fault's. Not so where seccomp forbids
 * that very system call: then the kernel forces SIGSYS in the midst of it.
 */
static __always_inline bool is_forged(struct event *event, struct user_context *user)
{
	struct task_struct *target = event->target;

	if (!arch_gives_siginfo(target, user->syscall_nr))
		return false;
	if (event->number != SIGSYS)
		return true;
	return !is_immutable(event) &&
	       !(compat_has_seccomp_mode() && BPF_CORE_READ(target, seccomp.mode));
}

/* Whether `sender` is init of a pid namespace that `target` is in. Global with scalars: the
 * verifier looks at it once. */
__noinline int is_namespace_init_of(__u64 sender_address, __u64 target_address)
{
	struct task_struct *sender = (struct task_struct *)sender_address;
	struct task_struct *target = (struct task_struct *)target_address;
	struct pid *pid = BPF_CORE_READ(target, group_leader, thread_pid);
	__u32 level = BPF_CORE_READ(pid, level);
	__u32 sender_tgid = (__u32)BPF_CORE_READ(sender, tgid);

	for (__u32 i = 1; i <= 8; i++) { /* level 0 is the host's init */
		struct upid *upid;

		if (i > level)
			break;
		upid = (void *)pid + bpf_core_field_offset(struct pid, numbers) +
		       i * bpf_core_type_size(struct upid);
		if ((__u32)BPF_CORE_READ(upid, ns, child_reaper, tgid) == sender_tgid)
			return 1;
	}
	return 0;
}

static __always_inline void read_siginfo(struct kt_signal *signal, __u64 address)
{
	struct kernel_siginfo *info = (void *)address;

	signal->code = BPF_CORE_READ(info, si_code);
	signal->valid |= KT_SIGNAL_HAS_CODE;
	if (signal->code == 0 || signal->code == SI_QUEUE || signal->code == SI_TKILL) {
		signal->si_pid = (__u32)BPF_CORE_READ(info, _sifields._kill._pid);
		signal->si_uid = BPF_CORE_READ(info, _sifields._kill._uid);
		signal->valid |= KT_SIGNAL_HAS_PID;
	} else if (signal->number == SIGSYS && signal->code == SYS_SECCOMP) {
		signal->seccomp_syscall = BPF_CORE_READ(info, _sifields._sigsys._syscall);
		signal->seccomp_arch = BPF_CORE_READ(info, _sifields._sigsys._arch);
		signal->seccomp_data = (__u32)BPF_CORE_READ(info, si_errno);
		signal->valid |= KT_SIGNAL_HAS_SECCOMP;
	}
}

static __always_inline __u32 read_relation(struct event *event)
{
	struct task_struct *target = event->target, *sender = event->sender;
	__u32 flags = 0, sender_flags = BPF_CORE_READ(sender, flags);

	if (event->self)
		flags |= KT_SIGNAL_SELF;
	if (sender_flags & TASK_EXITING)
		flags |= KT_SIGNAL_SENDER_EXITING;
	if (sender_flags & TASK_KERNEL_THREAD)
		flags |= KT_SIGNAL_SENDER_KTHREAD;
	if (BPF_CORE_READ(target, ptrace)) {
		flags |= KT_SIGNAL_TARGET_PTRACED;
		if (BPF_CORE_READ(target, parent, tgid) == BPF_CORE_READ(sender, tgid))
			flags |= KT_SIGNAL_SENDER_IS_TRACER;
	}
	if ((__u32)BPF_CORE_READ(target, pdeath_signal) == event->number)
		flags |= KT_SIGNAL_IS_PDEATH_SIGNAL;
	if (!event->self && is_namespace_init_of((__u64)sender, (__u64)target))
		flags |= KT_SIGNAL_SENDER_IS_REAPER;
	if (is_namespace_init_of((__u64)target, (__u64)target))
		flags |= KT_SIGNAL_TARGET_IS_REAPER;
	return flags;
}

/* A slot per signal number; a new number takes an empty slot or the oldest. */
static __always_inline __u32 choose_slot(struct dossier *dossier, struct task_struct *target,
					 __u32 number)
{
	__u32 oldest = 0;
	__u64 pending;

	for (__u32 i = 0; i < SIGNAL_SLOTS; i++) {
		if ((__u32)dossier->signals[i].number == number || !dossier->signals[i].number)
			return i;
		if (dossier->signals[i].time_ns < dossier->signals[oldest].time_ns)
			oldest = i;
	}
	/* taken by sigwait() or a signalfd meanwhile, it is no loss */
	pending = BPF_CORE_READ(target, pending.signal.sig[0]) |
		  BPF_CORE_READ(target, signal, shared_pending.signal.sig[0]);
	if (oldest < SIGNAL_SLOTS && (pending & BIT((dossier->signals[oldest].number - 1) & 63)))
		count_lost(KT_LOST_EVIDENCE_SLOT);
	return oldest;
}

__noinline int read_sender_path(__u64 sender_address)
{
	struct task_struct *sender = (struct task_struct *)sender_address;
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct cgroup *cgroup;

	if (!dossier)
		return 0;
	cgroup = task_telling_cgroup(sender);
	dossier->sender_cgroup_id = cgroup_id(cgroup);
	cgroup_read_path((__u64)cgroup, PATH_OF_SIGNAL);
	dossier->sender_path_bytes = 0;
	keep_path(dossier->sender_path, &dossier->sender_path_bytes, &scratch->path);
	dossier->sender_path_time_ns = scratch->event.now_ns;
	return 0;
}

/* Up to the last frame that has a build ID: code without frame pointers ends a walk in a tail of
 * equal and meaningless addresses. */
static __always_inline void read_user_stack(void *ctx, struct dossier *dossier, __u64 time_ns)
{
	long bytes;

	dossier->user_stack_time_ns = time_ns;
	dossier->user_stack_bytes = 0;
	if (!knob_user_stack)
		return;
	bytes = bpf_get_stack(ctx, dossier->user_stack, sizeof(dossier->user_stack),
			      BPF_F_USER_STACK | BPF_F_USER_BUILD_ID);
	if (bytes <= 0)
		return;
	for (__u32 i = 0; i < KT_USER_FRAMES; i++) {
		if (i * sizeof(struct kt_user_frame) >= (__u64)bytes)
			break;
		/* in the map and not in a register: the verifier would follow each count */
		if (dossier->user_stack[i].status == KT_FRAME_BUILD_ID)
			dossier->user_stack_bytes = (i + 1) * sizeof(struct kt_user_frame);
		else if (knob_no_addresses)
			dossier->user_stack[i].offset = 0;
	}
}

/*
 * From here on, functions that the verifier looks at once: global, with scalars or the context only.
 * Each finds the event and the dossier by itself. Up to 6.1, following every call through every
 * combination of what an event can be took seconds and came close to the limit.
 */

/* Where the address of a fault lies, told by the mapping that holds it or the next one above. */
__noinline int read_mapping_hints(__u64 mm)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct vma vma, *above;
	struct inode *inode = 0;
	struct kt_fault *fault;
	struct file *file;
	__u64 offset;
	bool has_above = true;

	if (!dossier)
		return 0;
	fault = &dossier->fault;
	fault->flags |= KT_FAULT_VMA_WALKED;
	if (!find_vma(mm, fault->address))
		return 0;
	vma = scratch->vma;
	above = &scratch->vma;
	if (vma.start <= fault->address) {
		fault->flags |= KT_FAULT_VMA_CONTAINS;
		fault->vma_flags = (__u32)vma.flags &
				   (KT_VMA_READ | KT_VMA_WRITE | KT_VMA_EXEC | KT_VMA_GROWSDOWN);
		fault->valid |= KT_FAULT_HAS_VMA;
		has_above = find_vma(mm, vma.end);
		file = (struct file *)vma.file;
		if (file)
			inode = BPF_CORE_READ(file, f_inode);
		offset = fault->address - vma.start + vma.file_offset;
		if (inode && offset >= (__u64)BPF_CORE_READ(inode, i_size))
			fault->flags |= KT_FAULT_BEYOND_FILE;
	}
	/* The main stack grows down into a gap; a thread's stack ends at a mapping without access. */
	if (has_above && (((above->flags & KT_VMA_GROWSDOWN) &&
			   above->start - fault->address <= MAX_FRAME_GAP) ||
			  (above->start - fault->address <= MAX_GUARD_GAP &&
			   (fault->flags & KT_FAULT_VMA_CONTAINS) && above->start == vma.end &&
			   !above->file && (above->flags & KT_VMA_WRITE))))
		fault->flags |= KT_FAULT_VMA_ABOVE_IS_STACK;
	return 0;
}

__noinline int read_module(__u64 mm, __u64 ip)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct vma *vma;

	if (!dossier)
		return 0;
	vma = &scratch->vma;
	/* what is mapped there may have changed since; a deadly fault is worth a look */
	if (!(dossier->fault.flags & KT_FAULT_HANDLED))
		dossier->module.mm = 0;
	if (dossier->module.mm != mm || ip < dossier->module.start || ip >= dossier->module.end) {
		__builtin_memset(dossier->fault.module, 0, sizeof(dossier->fault.module));
		dossier->module.mm = 0;
		if (!find_vma(mm, ip) || vma->start > ip)
			return 0;
		if (!file_read_name(dossier->fault.module, (struct file *)vma->file))
			return 0;
		dossier->module.mm = mm;
		dossier->module.start = vma->start;
		dossier->module.end = vma->end;
		dossier->module.file_offset = vma->file_offset;
	}
	dossier->fault.module_offset = ip - dossier->module.start + dossier->module.file_offset;
	dossier->fault.valid |= KT_FAULT_HAS_MODULE;
	return 0;
}

static __always_inline void hide_addresses(struct kt_fault *fault)
{
	fault->address = 0;
	fault->ip = 0;
	fault->sp = 0;
	fault->valid &= ~(__u32)(KT_FAULT_HAS_ADDRESS | KT_FAULT_HAS_IP | KT_FAULT_HAS_SP);
}

/* The trap and its address: thread.* always, and the raw figures of the tracepoint when the last
 * page fault on this CPU was this very one. */
static __always_inline void read_trap(struct kt_fault *fault, struct task_struct *task)
{
	struct last_fault *last;
	__u32 zero = 0;

	arch_read_trap(task, fault);
	fault->valid |= KT_FAULT_HAS_TRAP_NUMBER | KT_FAULT_HAS_ERROR_CODE;
	if (fault->trap_number != X86_TRAP_PAGE_FAULT)
		return;
	fault->valid |= KT_FAULT_HAS_ADDRESS;
	last = bpf_map_lookup_elem(&user_faults, &zero);
	if (last && last->tid == fault->tid && last->address == fault->address) {
		fault->error_code = (__u32)last->error_code;
		fault->flags |= KT_FAULT_FROM_TRACEPOINT;
	}
}

/* What the address of a page fault says by itself and by the mappings around it. */
static __always_inline void read_address_hints(struct kt_fault *fault, struct mm_struct *mm,
					       struct user_context *user, bool thorough)
{
	if (fault->address < LOW_ADDRESS)
		fault->flags |= KT_FAULT_ADDRESS_LOW;
	else if (arch_is_kernel_address(fault->address))
		fault->flags |= KT_FAULT_ADDRESS_KERNEL;
	else if (mm && thorough)
		read_mapping_hints((__u64)mm);
	if (fault->address == user->ip)
		fault->flags |= KT_FAULT_IP_IS_ADDRESS;
	if (fault->address + STACK_REACH >= user->sp && fault->address < user->sp + STACK_REACH)
		fault->flags |= KT_FAULT_NEAR_SP;
}

/*
 * The frame for the handler of the fault before could not be written: force_sigsegv() in the very
 * context of that fault, before any instruction of the handler ran. That fault is the evidence.
 */
static __always_inline bool fails_last_fault(struct dossier *dossier, struct event *event,
					     struct user_context *user)
{
	return event->number == SIGSEGV && read_code(event->info) == SI_KERNEL &&
	       (dossier->fault.flags & KT_FAULT_HANDLED) && dossier->fault.code != SI_KERNEL &&
	       dossier->fault_ip == user->ip && dossier->fault_sp == user->sp;
}

/* Of the thread whose handler has not returned yet: its sigaction blocks more than was before. */
static __always_inline bool is_in_fault_handler(struct dossier *dossier, struct task_struct *task,
						__u64 now_ns)
{
	return (dossier->fault.flags & KT_FAULT_HANDLED) &&
	       dossier->fault.tid == (__u32)BPF_CORE_READ(task, pid) &&
	       now_ns - dossier->fault.time_ns < IN_HANDLER_NS &&
	       (read_blocked(task) & ~dossier->fault_blocked);
}

/* The fault that is noted already says more than this one. */
static __always_inline bool keeps_last_fault(struct dossier *dossier, struct event *event)
{
	if (!event->handled || !dossier->fault.time_ns)
		return false;
	/* of another thread, and deadly: the group only has not ended yet */
	if (!(dossier->fault.flags & KT_FAULT_HANDLED))
		return event->now_ns - dossier->fault.time_ns < DECISION_FRESH_NS;
	/* a crash handler that probes memory faults itself, and is prepared for it */
	return is_in_fault_handler(dossier, event->target, event->now_ns);
}

/* A signal forced by a CPU fault in the current task. */
__noinline int note_fault(struct bpf_raw_tracepoint_args *ctx)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	struct task_struct *target;
	struct kt_fault *fault;
	struct mm_struct *mm;
	struct user_context user;
	struct event *event;
	bool thorough;

	if (!dossier)
		return 0;
	event = &scratch->event;
	fault = &dossier->fault;
	target = event->target;
	mm = BPF_CORE_READ(target, mm);
	user = event->user;
	if (fails_last_fault(dossier, event, &user)) {
		if (dossier->user_stack_time_ns == fault->time_ns)
			dossier->user_stack_time_ns = event->now_ns;
		fault->time_ns = event->now_ns;
		fault->flags &= ~(__u32)KT_FAULT_HANDLED;
		fault->flags |= KT_FAULT_FRAME_FAILED;
		return 0;
	}
	if (keeps_last_fault(dossier, event)) {
		fault->handled_count++;
		return 0;
	}
	/* A flood of handled faults must not pay for everything each time. */
	thorough = !event->handled ||
		   event->now_ns - dossier->user_stack_time_ns > THOROUGH_EVERY_NS;
	fault->time_ns = event->now_ns;
	fault->number = (__s32)event->number;
	fault->code = read_code(event->info);
	fault->tid = (__u32)BPF_CORE_READ(target, pid);
	fault->syscall_nr = (__s32)user.syscall_nr;
	dossier->fault_blocked = read_blocked(target);
	dossier->fault_exec_id = BPF_CORE_READ(target, self_exec_id);
	fault->ip = dossier->fault_ip = user.ip;
	fault->sp = dossier->fault_sp = user.sp;
	fault->address = 0;
	fault->vma_flags = 0;
	fault->module_offset = 0;
	fault->flags = 0;
	fault->valid = KT_FAULT_HAS_IP | KT_FAULT_HAS_SP;
	if (event->handled) {
		fault->flags |= KT_FAULT_HANDLED;
		fault->handled_count++;
	}
	read_trap(fault, target);
	if (fault->valid & KT_FAULT_HAS_ADDRESS)
		read_address_hints(fault, mm, &user, thorough);
	if (mm)
		read_module((__u64)mm, user.ip);
	if (thorough)
		read_user_stack(ctx, dossier, event->now_ns);
	if (knob_no_addresses)
		hide_addresses(fault);
	return 0;
}

/* Memory figures belong to the moment of the OOM killer's SIGKILL: mark_victim comes later. */
__noinline int note_oom(void)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	__u32 tid = (__u32)bpf_get_current_pid_tgid();
	struct oom_kill *before = bpf_map_lookup_elem(&oom_kills, &tid);
	struct oom_kill kill = {};
	struct task_struct *target;
	struct event *event;
	__u64 mm;

	if (!dossier)
		return 0;
	event = &scratch->event;
	target = event->target;
	oom_note(dossier, scratch, target, event->now_ns);
	mm = (__u64)BPF_CORE_READ(target, mm);
	if (before && before->marked && mm && before->mm == mm &&
	    event->now_ns - before->time_ns < DECISION_FRESH_NS &&
	    before->victim.tgid != scratch->key.tgid) {
		dossier->oom.flags |= KT_OOM_SHARED_MM;
		dossier->oom.shared_with_pid = before->victim.tgid;
		return 0;
	}
	kill.victim = scratch->key;
	kill.mm = mm;
	kill.time_ns = event->now_ns;
	kill.victim_tid = (__u32)BPF_CORE_READ(target, pid);
	bpf_map_update_elem(&oom_kills, &tid, &kill, BPF_ANY);
	return 0;
}

/* Returns enum kt_signal_flags. */
__noinline int note_signal(struct bpf_raw_tracepoint_args *ctx)
{
	struct signal_scratch *scratch = get_signal_scratch();
	struct dossier *dossier = scratch ? bpf_map_lookup_elem(&dossiers, &scratch->key) : 0;
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	struct task_struct *target;
	struct kt_signal *signal;
	struct event *event;
	__u32 slot, flags;

	if (!dossier)
		return 0;
	event = &scratch->event;
	target = event->target;
	slot = choose_slot(dossier, target, event->number);
	if (slot >= SIGNAL_SLOTS)
		return 0;
	signal = &dossier->signals[slot];
	__builtin_memset(signal, 0, sizeof(*signal));
	signal->time_ns = event->now_ns;
	signal->number = (__s32)event->number;
	signal->target_tid = (__u32)BPF_CORE_READ(target, pid);
	signal->sender_pid = (__u32)(pid_tgid >> 32);
	signal->sender_tid = (__u32)pid_tgid;
	signal->sender_uid = (__u32)bpf_get_current_uid_gid();
	signal->threads = (__u32)BPF_CORE_READ(target, signal, nr_threads);
	signal->valid = KT_SIGNAL_HAS_THREADS;
	bpf_get_current_comm(signal->sender_comm, sizeof(signal->sender_comm));
	task_read_comm(signal->target_comm, target);

	flags = read_relation(event);
	if (event->group)
		flags |= KT_SIGNAL_GROUP;
	if (event->lost_info)
		flags |= KT_SIGNAL_LOST_INFO;
	if (event->handled)
		flags |= KT_SIGNAL_HANDLED;
	if ((BPF_CORE_READ(target, signal, flags) & GROUP_EXIT) &&
	    (__u32)BPF_CORE_READ(target, signal, group_exit_code) == event->number)
		flags |= KT_SIGNAL_COMMITTED;
	if (is_immutable(event))
		flags |= KT_SIGNAL_IMMUTABLE;
	if (event->self && is_in_fault_handler(dossier, event->sender, event->now_ns))
		flags |= KT_SIGNAL_IN_FAULT_HANDLER;
	signal->flags = flags;

	if (event->info > SEND_SIG_PRIV) {
		signal->siginfo_kind = KT_SIGINFO_FULL;
		read_siginfo(signal, event->info);
	} else {
		signal->siginfo_kind = event->info == SEND_SIG_PRIV ? KT_SIGINFO_KERNEL
								    : KT_SIGINFO_NONE;
	}
	if (!(flags & KT_SIGNAL_SENDER_KTHREAD)) {
		signal->syscall_nr = (__s32)event->user.syscall_nr;
		signal->valid |= KT_SIGNAL_HAS_SYSCALL;
	}
	/* now, since the kernel raises a soft limit each time it was hit */
	if (event->number == SIGXCPU || event->number == SIGXFSZ ||
	    (event->number == SIGKILL && event->self && event->info == SEND_SIG_PRIV)) {
		read_rlimits(&dossier->rlimit, target);
		dossier->rlimit_time_ns = event->now_ns;
	}
	if (!event->self) {
		read_sender_path((__u64)event->sender);
		signal->sender_cgroup_id = dossier->sender_cgroup_id;
	} else if (event->number == SIGABRT) {
		read_user_stack(ctx, dossier, signal->time_ns);
	}
	if (knob_kernel_stack)
		read_kernel_stack(ctx, &dossier->stacks[slot]);
	__builtin_memset(dossier->exe, 0, sizeof(dossier->exe));
	dossier->exe_bytes = task_read_exe(dossier->exe, target);
	return flags;
}

/* A breakpoint or step under a debugger: what becomes of it is the debugger's business. */
static __always_inline bool is_debuggers(struct event *event)
{
	struct task_struct *target = event->target;

	return event->number == SIGTRAP && BPF_CORE_READ(target, ptrace) && !is_immutable(event);
}

static __always_inline bool is_blocked(struct event *event)
{
	return event->number < 65 && (read_blocked(event->target) & BIT((event->number - 1) & 63));
}

SEC("?raw_tp/signal_generate")
int signal_generate(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *target = (struct task_struct *)ctx->args[2];
	struct task_struct *sender = (struct task_struct *)bpf_get_current_task();
	struct event event = {
		.number = (__u32)ctx->args[0],
		.info = ctx->args[1],
		.target = target,
		.sender = sender,
		.group = (__u32)ctx->args[3],
	};
	__u32 result = (__u32)ctx->args[4], flags;
	struct signal_scratch *scratch;
	struct k_sigaction *action;
	struct dossier *dossier;
	struct group_key key;
	bool fault, blocked;
	__u64 handler;

	/* The hot way out: SIGCHLD and its like, a million times a day. */
	if (event.number < 64 && (HARMLESS & BIT(event.number)))
		return 0;
	/* Ignored, already pending or not sent at all: it is not this one that kills. */
	if (result != TRACE_SIGNAL_DELIVERED && result != TRACE_SIGNAL_LOSE_INFO)
		return 0;
	action = find_action(&event);
	if (!action)
		return 0;
	handler = (__u64)BPF_CORE_READ(action, sa.sa_handler);
	if (handler == HANDLER_IGNORE)
		return 0;
	event.handled = handler != HANDLER_DEFAULT;
	fault = sender == target && event.number < 32 && (FAULTS & BIT(event.number)) &&
		event.info > SEND_SIG_PRIV && read_code(event.info) > 0;
	blocked = is_blocked(&event);
	/* A handler that can run takes it; while it is blocked, the handler can still be taken away. */
	if (event.handled && !fault && !blocked)
		return 0;
	/* Kernel threads do not die of signals, and the dead are dead. */
	if ((BPF_CORE_READ(target, flags) & TASK_KERNEL_THREAD) ||
	    BPF_CORE_READ(target, signal, live.counter) <= 0)
		return 0;
	if (!(BPF_CORE_READ(sender, flags) & TASK_KERNEL_THREAD))
		arch_read_user_context(sender, &event.user);
	fault = fault && !is_forged(&event, &event.user);
	if ((event.handled && !fault && !blocked) || is_debuggers(&event))
		return 0;
	event.now_ns = bpf_ktime_get_boot_ns();
	event.lost_info = result == TRACE_SIGNAL_LOSE_INFO;
	event.self = BPF_CORE_READ(sender, tgid) == BPF_CORE_READ(target, tgid);

	scratch = get_signal_scratch();
	if (!scratch)
		return 0;
	task_group_key(target, &key);
	scratch->key = key;
	scratch->event = event;
	dossier = dossier_get_or_open(&key, !event.handled && !blocked);
	if (!dossier)
		return 0;
	if (fault)
		note_fault(ctx);
	if (event.handled && !blocked)
		return 0;
	flags = (__u32)note_signal(ctx);
	/* A namespace's init takes thousands with it, and that is no OOM. */
	if (event.number == SIGKILL && event.info == SEND_SIG_PRIV && event.group &&
	    !((flags & KT_SIGNAL_SENDER_IS_REAPER) && (flags & KT_SIGNAL_SENDER_EXITING)))
		note_oom();
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
