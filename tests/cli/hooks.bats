#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# Hooks that the kernel refuses, simulated with --without: still one event per death, with every
# cause that other evidence can show. Only evidence is missing.

setup() {
	load helpers
	load tracing
	needs_tracing
}

teardown() {
	end_all
}

without() {
	trace without -o json "$@"
	victims null-deref stack-overflow noncanonical kill-9 abort handler-exits oom cgroup-kill \
		exec-failed broken-stack rlimit-cpu-hard pdeathsig pidns-exit ptrace-exitkill \
		seccomp-process
	finish without
	status_is 0
}

# Without the kernel's call path only the stack pointer distinguishes it from other kills by the
# kernel. If that fails, the verdict is less specific, and stacks are reported as missing.
without_names() {
	local told
	told=$(told without broken-stack '[.cause, .evidence.incomplete[0]] | @tsv')
	[[ "$told" =~ (sigframe-failed|kernel-signal)'\tstacks' ]] && echo "${BASH_REMATCH[1]}"
}

# every_cause_is_told [BROKEN-STACK]: the cause for a frame that cannot be written.
every_cause_is_told() {
	verdicts_are without 'null-deref segfault' 'stack-overflow segfault' \
		'noncanonical general-protection' 'kill-9 sigkill' 'abort abort' \
		'handler-exits runtime-crash' 'oom oom-memcg' 'cgroup-kill cgroup-kill' \
		'exec-failed exec-failed' "broken-stack ${1:-sigframe-failed}" \
		'rlimit-cpu-hard rlimit-cpu' 'pdeathsig parent-death-signal' \
		'pidns-exit pidns-teardown' 'ptrace-exitkill ptrace-exitkill' \
		'seccomp-process seccomp'
}

hooks=(signal_generate mark_victim sched_process_exit page_fault_user page_fault_kernel kernel_stack
	user_stack task_iterator)
# Optional hooks, if the kernel allows them.
extra=(oom_kill_process oops_enter)

@test "all hooks are there to begin with" {
	without
	every_cause_is_told
	no_complaint without
	for hook in "${hooks[@]}"; do
		grep -E "^killtrace: tracing .*$hook" "$T/without.err"
	done
	told without oom .oom.scope_source | grep -xE '"(oom_control|kernel_stack)"'
	[ "$(told without null-deref .fault.source)" = '"tracepoint"' ]
}

@test "without mark_victim" {
	without --without mark_victim
	every_cause_is_told
	[ "$(told without oom '.oom.limit_bytes > 0')" = true ]
}

@test "without page_fault_user" {
	without --without page_fault_user
	every_cause_is_told
	[ "$(told without null-deref .fault.source)" = '"thread"' ]
}

@test "without page_fault_kernel" {
	without --without page_fault_kernel
	every_cause_is_told
}

@test "without oom_kill_process" {
	without --without oom_kill_process
	every_cause_is_told
	never grep 'cannot attach' "$T/without.err"
}

@test "without oops_enter" {
	without --without oops_enter
	every_cause_is_told
	never grep 'cannot attach' "$T/without.err"
}

@test "without task_iterator" {
	without --without task_iterator
	every_cause_is_told
	never grep 'task_iterator' "$T/without.err"
}

@test "without kernel_stack" {
	without --without kernel_stack --without oom_kill_process
	every_cause_is_told "$(without_names)"
	[ "$(told without oom .oom.scope_source)" = '"memcg_state"' ]
	[ "$(told without noncanonical 'has("kernel_stack")')" = false ]
}

@test "without user_stack" {
	without --without user_stack
	every_cause_is_told
	[ "$(told without null-deref 'has("user_stack")')" = false ]
	[ "$(told without null-deref .fault.module)" = '"zoo"' ]
}

@test "without all that only adds" {
	without --without mark_victim --without page_fault_user --without page_fault_kernel \
		--without kernel_stack --without user_stack --without oom_kill_process \
		--without oops_enter --without task_iterator
	every_cause_is_told "$(without_names)"
}

# If a process exits by itself after a fault, only that fault shows it.
told_by_the_exit() {
	[ "$(verdicts without | grep ' told ')" = 'handler-exits told 0 times' ]
}

# The exit alone shows the signal but not its sender, and nothing may be made up.
@test "without signal_generate" {
	without --without signal_generate
	told_by_the_exit
	[ "$(told without kill-9 .cause)" = '"sigkill"' ]
	[ "$(told without seccomp-process .cause)" = '"seccomp"' ]
	[ "$(told without kill-9 'has("sender")')" = false ]
	[ "$(told without kill-9 '.evidence.incomplete | index("dossier") != null')" = true ]
	[ "$(told without null-deref .cause)" = '"signal"' ]
	[ "$(told without null-deref .exit.signal)" = 11 ]
}

@test "without signal_generate, a cgroup out of memory is not called a node out of memory" {
	without --without signal_generate
	[ "$(told without oom .cause)" != '"oom-global"' ]
	[[ "$(told without oom .summary)" != *'the node ran out of memory'* ]]
}

@test "without all but the exit" {
	without --without signal_generate --without mark_victim --without page_fault_user \
		--without page_fault_kernel --without kernel_stack --without user_stack \
		--without oom_kill_process
	told_by_the_exit
	[ "$(told without null-deref .exit.signal)" = 11 ]
}

@test "without the exit nothing can be told, and that is said" {
	kt -o json --without sched_process_exit --duration 1
	status_is 1
	stdout_is_empty
	one_line_of_talk sched_process_exit
	[[ "$stderr" != *"Unknown error"* ]]
}

@test "--no-fault-tracepoints: the thread knows address and kind as well" {
	trace tracepoint -o json
	trace thread -o json --no-fault-tracepoints
	never grep page_fault "$T/thread.err"
	victims null-deref null-read unmapped write-read-only exec-data prot-none stack-overflow \
		stack-overflow-thread kernel-address truncated-mmap other-thread
	finish tracepoint
	finish thread
	for victim in null-deref null-read unmapped write-read-only exec-data prot-none \
		stack-overflow stack-overflow-thread kernel-address truncated-mmap other-thread; do
		[ "$(told tracepoint "$victim" .fault.source)" = '"tracepoint"' ]
		[ "$(told thread "$victim" .fault.source)" = '"thread"' ]
		facts='[.cause, .fault.kind, .fault.address, .fault.ip, .fault.access, .fault.error_code]'
		# The kernel hides from a program which kernel addresses are mapped: in the thread's
		# error code all of them are (arch/x86/mm/fault.c:sanitize_error_code). This address
		# also differs after each boot.
		[ "$victim" != kernel-address ] || facts="${facts/.fault.error_code/(.fault.error_code % 8 / 2 | floor)}"
		[ "$(told tracepoint "$victim" "$facts")" = "$(told thread "$victim" "$facts")" ]
	done
}

# others HOOK: all other hooks, as an alternative of a pattern
others() {
	printf '%s\n' "${hooks[@]}" | grep -vx "$1" | paste -sd'|'
}

@test "doctor names each hook that is missing, and what that costs" {
	for hook in "${hooks[@]}" "${extra[@]}"; do
		kt doctor --without "$hook"
		if [ "$hook" = sched_process_exit ]; then
			status_is 2
			one_line_of_talk 'cannot trace' sched_process_exit
			continue
		fi
		status_is 1
		stderr_is_empty
		grep -E "^missing +$hook +switched off: [^ ]+" <<<"$output"
		# the stacks are taken at the signal
		[ "$hook" = signal_generate ] ||
			never grep -E "^missing +($(others "$hook")) " <<<"$output"
		[[ "${lines[-1]}" == degraded:* ]]
	done
}

@test "doctor when all is there" {
	kt doctor
	stderr_is_empty
	for hook in "${hooks[@]}"; do
		grep -E "^attached +$hook" <<<"$output"
	done
	if grep -q ^missing <<<"$output"; then
		status_is 1
		[[ "${lines[-1]}" == degraded:* ]]
		never grep -E "^missing +($(others none)) " <<<"$output"
	else
		status_is 0
		[[ "${lines[-1]}" == full:* ]]
	fi
}
