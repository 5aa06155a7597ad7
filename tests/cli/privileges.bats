#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# Privileges: without enough of them there is one line with advice, the two required capabilities
# are enough, and commands that need no privilege work without any.

setup() {
	load helpers
	load tracing
}

teardown() {
	end_all
}

# without_caps CAPS ARGS...: as root, without these ("-bpf,-perfmon")
without_caps() {
	local caps=$1
	shift
	run --separate-stderr setpriv --inh-caps=-all --bounding-set="$caps" \
		timeout --kill-after=5 30 "$KILLTRACE" "$@"
	describe "killtrace $* (root without $caps)"
}

@test "an ordinary user may not trace, and is told what to do" {
	kt_as_nobody
	status_is 1
	stdout_is_empty
	one_line_of_talk root CAP_BPF CAP_PERFMON sudo
	kt_as_nobody trace -o json --duration 1
	status_is 1
	stdout_is_empty
	one_line_of_talk sudo
}

@test "an ordinary user may not record, and no file is left" {
	kt_as_nobody record "$T/file" --duration 1
	status_is 1
	stdout_is_empty
	one_line_of_talk sudo
	[ ! -e "$T/file" ]
	[ ! -e "$T/file.partial" ]
}

@test "doctor tells an ordinary user that nothing can be traced" {
	kt_as_nobody doctor
	status_is 2
	one_line_of_talk 'cannot trace' CAP_BPF sudo
	# not an unrelated reason
	[[ "$stderr" != *"No such file"* ]]
	[[ "$output" == missing* ]]
}

@test "an ordinary user may do all that does not trace" {
	for words in --help --version 'trace --help' schema; do
		# shellcheck disable=SC2086
		kt_as_nobody $words
		status_is 0
		stderr_is_empty
	done
}

@test "root without the capabilities may not trace" {
	needs_tracing
	for caps in -bpf,-perfmon,-sys_admin -bpf,-sys_admin -perfmon,-sys_admin; do
		without_caps "$caps" --duration 1
		status_is 1
		stdout_is_empty
		one_line_of_talk CAP_BPF CAP_PERFMON sudo
	done
}

@test "root with CAP_SYS_ADMIN in their place may trace" {
	needs_tracing
	without_caps -bpf,-perfmon --duration 0.2
	status_is 0
}

@test "an ordinary user with CAP_BPF and CAP_PERFMON alone traces" {
	needs_tracing
	public_copy
	spawn nobody caps_only +bpf,+perfmon "$place/killtrace" -o json
	attached nobody
	victims null-deref noncanonical kill-9 exec-failed broken-stack rlimit-cpu-hard pidns-exit \
		ptrace-exitkill cgroup-kill oom
	finish nobody
	status_is 0
	verdicts_are nobody 'null-deref segfault' 'noncanonical general-protection' \
		'kill-9 sigkill' 'exec-failed exec-failed' 'broken-stack sigframe-failed' \
		'rlimit-cpu-hard rlimit-cpu' 'pidns-exit pidns-teardown' \
		'ptrace-exitkill ptrace-exitkill' 'cgroup-kill cgroup-kill' 'oom oom-memcg'
	[ "$(told nobody null-deref .fault.module)" = '"zoo"' ]
	[ "$(told nobody oom '.oom.limit_bytes > 0')" = true ]
}

@test "an ordinary user with CAP_SYSLOG as well gets the names of kernel functions" {
	needs_tracing
	public_copy
	spawn nobody caps_only +bpf,+perfmon,+syslog "$place/killtrace" -o json
	attached nobody
	victims noncanonical
	finish nobody
	status_is 0
	no_complaint nobody
	told nobody noncanonical .kernel_stack | grep exc_general_protection
}

# only CAPS ARGS...: as root with nothing but these, as in a container
only() {
	local caps=$1
	shift
	run --separate-stderr setpriv --no-new-privs --inh-caps=-all --bounding-set="-all$caps" \
		timeout --kill-after=5 30 "$KILLTRACE" "$@"
	describe "killtrace $* (root with $caps)"
}

# The table in deploy/overlays/least-privilege/README.md. Further up: BPF, PERFMON, SYSLOG.
@test "the capabilities of the container are enough, and each of them is needed" {
	local caps given=
	needs_tracing
	caps=$(sed -n 's/.*add: \[\(.*\)\]/\1/p' "$ROOT/deploy/overlays/least-privilege/component/security.yaml")
	for one in ${caps//,/}; do
		given+=,+${one,,}
	done
	[ "$given" = ,+bpf,+perfmon,+syslog,+setuid,+setgid ]
	kt doctor
	before=$(grep -E '^(attached|yes +/proc/kallsyms)' <<<"$output")
	only "$given" doctor
	[ "$(grep -E '^(attached|yes +/proc/kallsyms)' <<<"$output")" = "$before" ]
	grep -E '^yes +a process that reads container files +uid [1-9][0-9]{6,}, no capabilities$' <<<"$output"
	only ,+bpf,+perfmon,+setgid,+setuid doctor
	grep -E '^missing +/proc/kallsyms .*CAP_SYSLOG' <<<"$output"
	for one in setuid setgid; do
		only "${given/,+$one/}" doctor
		grep -E 'container files +uid 0, no capabilities; .*CAP_SETUID and CAP_SETGID' <<<"$output"
	done
	only "$given" daemon -v --json - --duration 0.2
	status_is 0
	[[ "$stderr" == *"cannot raise the priority"* && "$stderr" == *"cannot lock memory"* ]]
	only "$given,+sys_nice,+ipc_lock" daemon -v --json - --duration 0.2
	[[ "$stderr" != *"cannot raise the priority"* && "$stderr" != *"cannot lock memory"* ]]
	mkdir "$T/theirs"
	chown 65534 "$T/theirs"
	chmod 700 "$T/theirs"
	only "$given" daemon --textfile "$T/theirs" --duration 0.2
	[ ! -e "$T/theirs/killtrace.prom" ]
	only "$given,+dac_override" daemon --textfile "$T/theirs" --duration 0.2
	[ -e "$T/theirs/killtrace.prom" ]
}
