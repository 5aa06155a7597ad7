// SPDX-License-Identifier: BSD-2-Clause
#include "explain/summary.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "explain/arch.h"
#include "explain/bus_error.h"
#include "explain/evidence.h"
#include "explain/fault.h"
#include "explain/instruction.h"
#include "explain/names.h"
#include "explain/summary_oom.h"
#include "explain/summary_sent.h"
#include "explain/words.h"

/* arch/x86/include/uapi/asm/vsyscall.h */
#define VSYSCALL_START 0xffffffffff600000ULL
#define VSYSCALL_END 0xffffffffff601000ULL

/* " in libc.so.6+0x1234" */
static void put_module(struct words *out, const struct kt_fault *fault)
{
	if (!(fault->valid & KT_FAULT_HAS_MODULE))
		return;
	words_put(out, " in ");
	words_put_name(out, fault->module);
	words_put(out, "+0x%llx", fault->module_offset);
}

/* A page that old C libraries call at a fixed address, and that not every kernel has. */
static void put_vsyscall(struct words *out, const struct death *death)
{
	if (death->record.arch == KT_ARCH_X86_64 && death->fault.address >= VSYSCALL_START &&
	    death->fault.address < VSYSCALL_END)
		words_put(out, " (the vsyscall page: booting with vsyscall=emulate, or a newer C "
			       "library, helps)");
}

/* "null-dereference", "invalid-opcode (ud2 ...)" */
static void put_trap(struct words *out, const struct report *report)
{
	const struct kt_fault *fault = &report->death->fault;
	const char *kind = fault_kind_name(report->verdict.fault_kind);
	const struct arch *arch = arch_of(report->death);
	const char *trap = report->verdict.trap_is_fresh
				   ? arch->trap_name(fault->trap_number, fault->error_code)
				   : NULL;
	const char *instruction = instruction_words(report->death, &report->verdict);
	char signal[SIGNAL_NAME_SIZE];

	if (kind || trap)
		words_put(out, "%s", kind ? kind : trap);
	else if (report->verdict.cause == CAUSE_BREAKPOINT) /* arm64 notes no trap for it */
		words_put(out, "%s", cause_name(CAUSE_BREAKPOINT));
	else
		words_put(out, "%s", signal_name(fault->number, signal));
	if (instruction)
		words_put(out, " (%s)", instruction);
}

static void put_handler_crash(struct words *out, const struct death *death)
{
	const struct kt_fault *fault = &death->handler_fault;

	words_put(out, death->has_own_abort ? "; its handler of SIGABRT crashed"
					    : "; its handler of that crashed as well");
	if (!death->has_handler_fault)
		return;
	if (fault_handler_trap_is_fresh(death) && (fault->valid & KT_FAULT_HAS_ADDRESS))
		words_put(out, ", at 0x%llx", fault->address);
	put_module(out, fault);
}

/* "null-dereference, write at 0x8 in foo+0x1136" */
static void put_fault(struct words *out, const struct report *report)
{
	const struct kt_fault *fault = &report->death->fault;
	const char *access = fault_access_name(report->verdict.access);

	if (!bus_error_put(out, report->death, &report->verdict))
		put_trap(out, report);
	if (report->verdict.trap_is_fresh && access)
		words_put(out, ", %s", access);
	if (report->verdict.trap_is_fresh && (fault->valid & KT_FAULT_HAS_ADDRESS)) {
		words_put(out, " at 0x%llx", fault->address);
		put_vsyscall(out, report->death);
	}
	put_module(out, fault);
	if (report->death->has_signal && fault->tid != report->death->record.tgid) {
		words_put(out, ", thread ");
		words_put_name(out, report->death->signal.target_comm);
		words_put(out, " (tid %" PRIu32 ")", fault->tid);
	}
	if (report->verdict.handler_crashed)
		put_handler_crash(out, report->death);
}

static void put_rlimit(struct words *out, const struct report *report)
{
	const struct kt_rlimit *rlimit = &report->death->rlimit;
	bool hard = report->death->signal.number == SIGKILL;

	switch (report->verdict.cause) {
	case CAUSE_RLIMIT_CPU:
		words_put(out, "it used up its CPU time, %s RLIMIT_CPU of %llu s",
			  hard ? "hard" : "soft", hard ? rlimit->cpu_hard : rlimit->cpu_soft);
		break;
	case CAUSE_RLIMIT_RTTIME:
		words_put(out, "it ran in real time without sleep, %s RLIMIT_RTTIME of %llu us",
			  hard ? "hard" : "soft", hard ? rlimit->rttime_hard : rlimit->rttime_soft);
		break;
	default:
		words_put(out, "it wrote beyond RLIMIT_FSIZE of ");
		words_put_bytes(out, rlimit->fsize_soft);
	}
}

static void put_seccomp(struct words *out, const struct death *death)
{
	char name[SYSCALL_NAME_SIZE];

	words_put(out, "seccomp forbade ");
	if (!death->has_signal || !(death->signal.valid & KT_SIGNAL_HAS_SECCOMP))
		words_put(out, "a system call");
	else if (syscall_name(death->signal.seccomp_arch, death->signal.seccomp_syscall, name))
		words_put(out, "the system call %s", name);
	else
		words_put(out, "system call %d", death->signal.seccomp_syscall);
}

static void put_oops(struct words *out, const struct report *report)
{
	const struct death *death = report->death;
	uint32_t trap, error_code = (uint32_t)death->kernel_fault.error_code;
	const char *function, *name;

	words_put(out, "the kernel itself failed (oops) while it worked for it");
	if (!report->verdict.shows_kernel_fault)
		return;
	function = report_kernel_function(report, &trap);
	name = trap == REPORT_NO_TRAP ? NULL : arch_of(death)->trap_name(trap, error_code);
	if (name)
		words_put(out, ": %s", name);
	if (*function) {
		words_put(out, " in ");
		words_put_name(out, function);
	}
	if (report->verdict.has_kernel_address &&
	    death->kernel_fault.ip) /* zero with --no-addresses */
		words_put(out, ", at address 0x%llx", death->kernel_fault.address);
}

/* Why it died: the clause after the colon. */
static void put_reason(struct words *out, const struct report *report)
{
	switch (report->verdict.cause) {
	case CAUSE_OOM_GLOBAL:
	case CAUSE_OOM_MEMCG:
	case CAUSE_OOM_CPUSET:
	case CAUSE_OOM_MEMPOLICY:
	case CAUSE_OOM_SYSRQ:
		summary_put_oom(out, report);
		break;
	case CAUSE_SECCOMP:
		put_seccomp(out, report->death);
		break;
	case CAUSE_RLIMIT_CPU:
	case CAUSE_RLIMIT_RTTIME:
	case CAUSE_RLIMIT_FSIZE:
		put_rlimit(out, report);
		break;
	case CAUSE_OOPS:
		put_oops(out, report);
		break;
	case CAUSE_EXEC_FAILED:
		words_put(out,
			  "the kernel could not finish its exec, and the old program was gone");
		break;
	case CAUSE_SIGFRAME_FAILED:
		words_put(out, "its stack was unusable when a signal was to be delivered");
		if (report->death->fault.flags & KT_FAULT_FRAME_FAILED) {
			words_put(out, " for ");
			put_fault(out, report);
		}
		break;
	case CAUSE_PIDNS_TEARDOWN:
		words_put(out, "init of its pid namespace died, ");
		summary_put_sender(out, report);
		break;
	case CAUSE_PARENT_DEATH_SIGNAL:
		summary_put_parent_death(out, report);
		break;
	case CAUSE_PTRACE_EXITKILL:
		words_put(out, "its tracer left and had asked for its death: ");
		summary_put_sender(out, report);
		break;
	case CAUSE_CGROUP_KILL:
		words_put(out, "its cgroup was killed ");
		summary_put_signal_by(out, report);
		break;
	case CAUSE_OOM_USERSPACE:
		words_put(out, "killed to free memory ");
		summary_put_sender(out, report);
		break;
	case CAUSE_SIGKILL:
	case CAUSE_SIGNAL:
		summary_put_signal_by(out, report);
		break;
	case CAUSE_SIGNAL_EXIT:
		if (report->death->has_signal)
			summary_put_signal_by(out, report);
		else
			words_put(out, "its own handler took a signal that was not recorded");
		break;
	case CAUSE_ABORT:
		words_put(out, "it aborted itself");
		if (report->verdict.shows_fault) {
			words_put(out, " after ");
			put_fault(out, report);
		} else if (report->verdict.handler_crashed) {
			put_handler_crash(out, report->death);
		}
		if (report->verdict.echo_of_abort)
			words_put(out,
				  "; SIGABRT is ignored for the first process of a container (pid "
				  "namespace), and the C library then made it crash");
		break;
	case CAUSE_RUNTIME_CRASH:
		words_put(out, "its own handler took ");
		if (report->death->has_fault)
			put_fault(out, report);
		else
			words_put(out, "a fault that was not recorded");
		break;
	case CAUSE_KERNEL_SIGNAL:
		if (report->verdict.oom_scope_unknown)
			summary_put_oom(out, report);
		else
			summary_put_kernel_signal(out, report);
		break;
	case CAUSE_MEMORY_FAILURE:
		words_put(out, "the hardware found its memory damaged");
		if (report->verdict.shows_fault)
			put_module(out, &report->death->fault);
		break;
	default: /* the CPU faults */
		put_fault(out, report);
	}
}

/* Its own handler took a signal from another sender, and the process then exited. */
static bool is_handled_exit(const struct report *report)
{
	const struct death *death = report->death;

	return report->verdict.cause == CAUSE_SIGNAL_EXIT && death->is_echo && !death->has_raise &&
	       report->verdict.sender == SENDER_PROCESS && !(death->signal.flags & KT_SIGNAL_SELF);
}

/* What happened: "was killed by SIGKILL", "exited with status 2". */
static void put_end(struct words *out, const struct report *report)
{
	int number = (int)(report->death->record.status & KT_STATUS_SIGNAL);
	char name[SIGNAL_NAME_SIZE];

	if (report->verdict.stuck)
		words_put(out, " has not died for %" PRIu64 " s after %s",
			  report_stuck_seconds(report), signal_name(number, name));
	else if (report->verdict.thread_only)
		words_put(out, " lost thread %" PRIu32 " to %s, and lives on",
			  report->death->record.tid, signal_name(number, name));
	else if (report->death->has_signal &&
		 (report->death->record.flags & KT_DEATH_WHILE_DUMPING))
		words_put(out, " was killed by %s, and by SIGKILL while its core was written",
			  signal_name(report->death->signal.number, name));
	else if (number)
		words_put(out, " was killed by %s", signal_name(number, name));
	else
		words_put(out, " exited with status %" PRIu32,
			  report->death->record.status >> 8 & 0xff);
	if (report->verdict.cause == CAUSE_RUNTIME_CRASH)
		words_put(out, " right after a fault");
	else if (!number && report->death->has_signal)
		words_put(out,
			  is_handled_exit(report) ? " after it handled %s, sent " : " after %s",
			  signal_name(report->death->signal.number, name));
}

/* The signal was not the last that it got. */
static void put_echo(struct words *out, const struct death *death)
{
	if (death->has_raise)
		words_put(out, "; its own handler took it and raised it again");
	else if (death->is_echo)
		words_put(out, "; its own handler took it");
}

static void put_copy(struct words *out, const struct kin_death *copied)
{
	words_put(out, "it repeated the death of ");
	words_put_name(out, copied->comm);
	words_put(out, " (pid %" PRIu32 ", %s), which it had run: no second crash", copied->pid,
		  copied->cause);
}

/* The evidence that is missing. */
static void put_incomplete(struct words *out, unsigned int incomplete)
{
	const char *separator = "; its evidence is incomplete: ";

	for (unsigned int gap = 1; gap <= EVIDENCE_LAST; gap <<= 1) {
		if (!(incomplete & gap))
			continue;
		words_put(out, "%s%s", separator, evidence_words((enum evidence_gap)gap));
		separator = ", ";
	}
}

/* Removes a separator at the end of a sentence that was cut. */
static void trim(char *text)
{
	for (size_t length = strlen(text); length && strchr(" ,:;(", text[length - 1]);)
		text[--length] = '\0';
}

void summary_write(const struct report *report, char *ret_text, size_t size)
{
	const struct kt_record *record = &report->death->record;
	struct words out = { .text = ret_text, .size = size };

	words_put_process(&out, report->death->comm, "", record->tgid, record->uid,
			  record->valid & KT_VALID_UID);
	words_put(&out, " of ");
	words_put_owner(&out, &report->whose->owner, &report->whose->names,
			attribution_cgroup(report->death));
	put_end(&out, report);
	words_put(&out, is_handled_exit(report) ? "" : ": ");
	if (report->copy_of)
		put_copy(&out, report->copy_of);
	else
		put_reason(&out, report);
	if (!report->verdict.shows_fault && !report->verdict.handler_crashed &&
	    !is_handled_exit(report))
		put_echo(&out, report->death);
	put_incomplete(&out, report->verdict.incomplete);
	if (size && out.used >= size)
		trim(ret_text);
}
