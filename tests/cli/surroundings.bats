#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# Missing kernel features and files, each simulated in mounts of the test's own: one line reports
# what is missing, and everything else works.

setup() {
	load helpers
	load tracing
	empty=$T/empty
	mkdir "$empty"
}

teardown() {
	end_all
}

no_btf() {
	echo "mount --bind '$empty' /sys/kernel/btf"
}

# Every cause that the kernel's call path could show, now found by other evidence.
hidden_symbols_cost_no_cause() {
	victims null-deref oom noncanonical exec-failed broken-stack rlimit-cpu-hard pdeathsig \
		pidns-exit ptrace-exitkill cgroup-kill
	finish "$1"
	status_is 0
	verdicts_are "$1" 'null-deref segfault' 'oom oom-memcg' 'noncanonical general-protection' \
		'exec-failed exec-failed' 'broken-stack sigframe-failed' \
		'rlimit-cpu-hard rlimit-cpu' 'pdeathsig parent-death-signal' \
		'pidns-exit pidns-teardown' 'ptrace-exitkill ptrace-exitkill' \
		'cgroup-kill cgroup-kill'
	[ "$(told "$1" oom .oom.scope_source)" = '"memcg_state"' ]
	[ "$(told "$1" noncanonical 'has("kernel_stack")')" = false ]
	one_complaint "$1" /proc/kallsyms ', ignoring'
}

@test "no BTF" {
	needs_tracing
	kt_with_mounts "$(no_btf)" --duration 1
	status_is 1
	stdout_is_empty
	one_line_of_talk /sys/kernel/btf/vmlinux --btf
	# an errno that libbpf makes up helps no user
	[[ "$stderr" != *"No such process"* ]]
}

@test "no BTF: doctor says so" {
	needs_tracing
	kt_with_mounts "$(no_btf)" doctor
	status_is 2
	one_line_of_talk 'cannot trace' --btf
}

@test "no BTF, but a file of it" {
	needs_tracing
	cp /sys/kernel/btf/vmlinux "$T/btf"
	spawn btf with_mounts "$(no_btf)" "$KILLTRACE" -o json --btf "$T/btf"
	attached btf
	victims null-deref noncanonical kill-9 oom
	finish btf
	status_is 0
	verdicts_are btf 'null-deref segfault' 'noncanonical general-protection' 'kill-9 sigkill' \
		'oom oom-memcg'
	[ "$(told btf null-deref .fault.address)" = '"0x0"' ]
	[ "$(told btf oom '.oom.anon_rss_bytes > 0')" = true ]
}

@test "a file that is no BTF" {
	needs_tracing
	head -c 10000 /dev/urandom >"$T/garbage"
	head -c 100000 /sys/kernel/btf/vmlinux >"$T/cut"
	: >"$T/nothing"
	for file in "$T/garbage" "$T/cut" "$T/nothing" "$T" "$T/missing" /dev/null; do
		kt --btf "$file" --duration 1
		status_is 1
		stdout_is_empty
		one_line_of_talk --btf
		[[ "$stderr" != *"Unknown error"* ]]
	done
}

@test "the BTF of another kernel" {
	needs_tracing
	echo 'struct task_struct { int pid; }; struct task_struct task;' >"$T/other.c"
	clang -g -O2 -target bpf -c "$T/other.c" -o "$T/other.o"
	kt --btf "$T/other.o" --duration 1
	status_is 1
	stdout_is_empty
	one_line_of_talk
}

@test "neither tracefs, debugfs, securityfs nor bpffs" {
	needs_tracing
	spawn bare with_mounts 'umount -l /sys/fs/bpf 2>/dev/null || true
		mkdir "'"$T"'/btf"; cp /sys/kernel/btf/vmlinux "'"$T"'/btf"
		mount -t tmpfs none /sys/kernel; mkdir /sys/kernel/btf
		mount --bind "'"$T"'/btf" /sys/kernel/btf' "$KILLTRACE" -o json
	attached bare
	victims null-deref kill-9
	finish bare
	status_is 0
	no_complaint bare
	verdicts_are bare 'null-deref segfault' 'kill-9 sigkill'
	[ "$(told bare null-deref .fault.source)" = '"tracepoint"' ]
}

@test "doctor says why nothing can be armed" {
	needs_tracing
	kt_with_mounts "mount -t tmpfs none /sys/fs/bpf" doctor
	grep -E '^no +armed +cannot pin at /sys/fs/bpf/killtrace: no BPF file system: mount -t bpf bpf /sys/fs/bpf$' <<<"$output"
}

@test "doctor shows the state of lockdown" {
	needs_tracing
	kt doctor
	grep -E '^(state|unknown) +lockdown ' <<<"$output"
	mkdir "$T/security"
	echo 'none integrity [confidentiality]' >"$T/security/lockdown"
	kt_with_mounts "mount --bind '$T/security' /sys/kernel/security" doctor
	grep -E '^state +lockdown +none integrity \[confidentiality\]$' <<<"$output"
}

@test "kernel symbols without addresses" {
	needs_tracing
	sed 's/^[0-9a-f]*/0000000000000000/' /proc/kallsyms >"$T/kallsyms"
	spawn zeroes with_mounts "mount --bind '$T/kallsyms' /proc/kallsyms" "$KILLTRACE" -o json
	attached zeroes
	hidden_symbols_cost_no_cause zeroes
}

@test "no kernel symbols at all" {
	needs_tracing
	spawn none with_mounts "mount --bind /dev/null /proc/kallsyms" "$KILLTRACE" -o json
	attached none
	hidden_symbols_cost_no_cause none
}

@test "kernel symbols that are garbage" {
	needs_tracing
	head -c 100000 /dev/urandom >"$T/kallsyms"
	printf 'ffffffff81000000 T \e[31mred\nffffffff81000001\n\n%0500000d\nzz T a\n' 0 >>"$T/kallsyms"
	spawn garbage with_mounts "mount --bind '$T/kallsyms' /proc/kallsyms" "$KILLTRACE" -o json
	attached garbage
	victims null-deref oom
	finish garbage
	status_is 0
	verdicts_are garbage 'null-deref segfault' 'oom oom-memcg'
}

@test "doctor says what to do if no agent runs" {
	needs_tracing
	empty='mount -t tmpfs none /run; mkdir -p /var/lib; mount -t tmpfs none /var/lib'
	kt_with_mounts "$empty" doctor
	grep -E '^degraded +AGENT +none answers .*--socket, as in a pod' <<<"$output"
	kt_with_mounts "$empty; mkdir -p /run/systemd/system" doctor
	grep -E '^broken +AGENT +none .*systemctl enable --now killtrace$' <<<"$output"
	grep -E '^broken +HISTORY +none .*--history /var/lib/killtrace/history.db' <<<"$output"
	kt_with_mounts "$empty; mount -t bpf kt-none /sys/fs/bpf" doctor
	# nothing records
	never grep ' RING ' <<<"$output"
	grep -E "^ok +KERNEL +$(uname -r) $(uname -m)$" <<<"$output"
	# that is no fault of the kernel, which the exit status is about
	[ "$status" -eq 0 ] || grep -q ^missing <<<"$output"
}

@test "doctor says why no Events can be made in a pod" {
	needs_tracing
	kt doctor
	run ! grep EVENTS <<<"$output"
	place='export KUBERNETES_SERVICE_HOST=127.0.0.1 KUBERNETES_SERVICE_PORT=1; mount -t tmpfs none /run'
	kt_with_mounts "$place" doctor
	grep -E '^ok +EVENTS +none: this pod has no token; deploy/overlays/events ' <<<"$output"
	account=/run/secrets/kubernetes.io/serviceaccount
	place="$place; mkdir -p $account; echo token >$account/token; cp /etc/ssl/certs/ca-certificates.crt $account/ca.crt"
	kt_with_mounts "$place" doctor
	grep -E '^broken +EVENTS +https://127.0.0.1:1: .*onnect.*; let the network policy ' <<<"$output"
	kt_with_mounts "$place; : >$account/token" doctor
	grep -E "^broken +EVENTS +the service account's token cannot be read: the token's file has no token in it; " <<<"$output"
	# that is no fault of the kernel, which the exit status is about
	[ "$status" -eq 0 ] || grep -q ^missing <<<"$output"
}

# Runs doctor beside an agent, both in /run of their own.
beside_an_agent='
	mount -t tmpfs none /run && mkdir /run/killtrace
	cd "$1"
	mkdir -p metrics
	RUNTIME_DIRECTORY=/run/killtrace "$0" daemon --history history.db --textfile "$1/metrics" \
		2>agent.err &
	agent=$!
	trap "kill $agent; wait $agent" EXIT
	until [ -S /run/killtrace/live.sock ] && [ -e metrics/killtrace.prom ] &&
		[ -e history.db ]; do
		kill -0 $agent
		sleep 0.05
	done
	shift
	"$@"
'

@test "doctor shows where the agent writes, and what it has lost" {
	needs_tracing
	run unshare --mount --propagation private bash -ec "$beside_an_agent" "$KILLTRACE" "$T" \
		"$KILLTRACE" doctor
	describe "doctor beside an agent"
	grep -E '^ok +AGENT +process [0-9]+, with .*sched_process_exit' <<<"$output"
	grep -E '^ok +HISTORY +history.db$' <<<"$output"
	grep -E "^ok +METRICS +$T/metrics/killtrace.prom\$" <<<"$output"
	# a busy machine reads names late
	grep -E '^ok +LOSSES |^degraded +LOSSES .*names_late' <<<"$output"
	grep -E '^ok +SINKS ' <<<"$output"
	grep -E '^ok +RING +at most [0-9.]+ [KM]?i?B of [0-9.]+ MiB were used at one time since the agent began$' \
		<<<"$output"
	never grep ' RING .* are old' <<<"$output"

	# metrics of long ago, with a loss, where the agent can no longer write
	cat >"$T/age" <<-'END'
		mkdir old
		sed -e 's/^\(killtrace_lost_total{reason="ring_full"}\) 0/\1 7/' \
			-e 's/^\(killtrace_ring_size_bytes\) .*/\1 1048576/' \
			-e 's/^\(killtrace_ring_highest_bytes\) .*/\1 1048000/' \
			metrics/killtrace.prom >old/killtrace.prom
		touch -d '1 hour ago' old/killtrace.prom
		mount --bind old old
		mount -o remount,bind,ro old
		mount --bind old metrics
		"$KILLTRACE" doctor
	END
	run unshare --mount --propagation private bash -ec "$beside_an_agent" "$KILLTRACE" "$T" \
		env KILLTRACE="$KILLTRACE" sh "$T/age"
	describe "doctor with old metrics"
	grep -E '^broken +METRICS .*was not written for 36[0-9][0-9] s' <<<"$output"
	grep -E '^degraded +LOSSES +killtrace_lost_total.reason="ring_full".* 7; .*--ring' <<<"$output"
	grep -E '^degraded +RING +up to 1023.4 KiB of 1.0 MiB were used .* see SINKS, .* larger --ring$' <<<"$output"
	never grep -E '^ok +(LOSSES|SINKS) ' <<<"$output"

	# which say nothing about a ring buffer of today
	sed -i -e 's/ 1048000/ 1000/' \
		-e 's/^mount --bind old metrics$/&; mount -t bpf kt-none \/sys\/fs\/bpf/' "$T/age"
	rm -r "$T/old"
	run unshare --mount --propagation private bash -ec "$beside_an_agent" "$KILLTRACE" "$T" \
		env KILLTRACE="$KILLTRACE" sh "$T/age"
	describe "doctor with old metrics of a ring buffer that was nearly empty"
	grep -E '^unknown +RING +not known: the metrics of the agent are old; see METRICS$' <<<"$output"

	# those of an older version
	sed -i -e '/sed -e/,/old.killtrace.prom$/c grep -v killtrace_ring_ metrics/killtrace.prom >old/killtrace.prom' \
		"$T/age"
	rm -r "$T/old"
	run unshare --mount --propagation private bash -ec "$beside_an_agent" "$KILLTRACE" "$T" \
		env KILLTRACE="$KILLTRACE" sh "$T/age"
	describe "doctor with metrics of an older version"
	grep -E '^unknown +RING +not known: the metrics of the agent do not have it; .*restart the agent$' <<<"$output"
}

# ring WHAT: the bytes that the agent says
ring() {
	sed -n "s/^killtrace_ring_$1_bytes //p" "$T/metrics/killtrace.prom"
}

@test "the agent counts how full its ring buffer was" {
	needs_tracing
	mkdir "$T/metrics"
	trace it daemon --ring 1 --textfile "$T/metrics"
	# what it does not read stays
	kill -STOP "${pids[it]}"
	victims null-deref{,,,,,,,,,,}
	kill -CONT "${pids[it]}"
	finish it
	echo "at most $(ring highest) of $(ring size)"
	[ "$(ring size)" -eq 1048576 ]
	[ "$(ring highest)" -ge 5000 ]
	[ "$(ring highest)" -le 1048576 ]
}

@test "doctor shows how full is what waits for a reader" {
	needs_tracing
	cat >"$T/armed" <<-'END'
		mount -t tmpfs none /run
		mount -t bpf kt-armed /sys/fs/bpf
		"$KILLTRACE" arm --ring 4
		"$ZOO" run null-deref >/dev/null
		"$KILLTRACE" doctor
	END
	run unshare --mount --propagation private env KILLTRACE="$KILLTRACE" ZOO="$ZOO" \
		sh -e "$T/armed"
	describe "doctor beside what is armed"
	grep -E '^yes +armed +deaths wait for the next reader$' <<<"$output"
	grep -E '^ok +RING +[0-9.]+ K?i?B of 4.0 MiB are used now at /sys/fs/bpf/killtrace$' <<<"$output"
	never grep -E '^ok +RING +0 B ' <<<"$output"
}

@test "doctor prints JSON, and with -v what is no fault" {
	needs_tracing
	kt doctor
	rows=$(($(wc -l <<<"$output") - 1)) result=${lines[-1]%%:*}
	kt doctor -o json
	stderr_is_empty
	[ "$(jq -r .result <<<"$output")" = "$result" ]
	[ "$(jq '.rows | length' <<<"$output")" -eq "$rows" ]
	[ "$(jq '[.rows[] | select(.note == "" or .state == null or .what == null)] | length' \
		<<<"$output")" -eq 0 ]
	kt doctor -v
	[ "$(wc -l <<<"$output")" -gt $((rows + 1)) ]
}

@test "doctor says what hidden kernel symbols cost" {
	needs_tracing
	kt_with_mounts 'mount --bind /dev/null /proc/kallsyms' doctor
	status_is 1
	grep -E '^missing +/proc/kallsyms ' <<<"$output"
	[[ "${lines[-1]}" == degraded:* ]]
}

@test "no memory may be locked" {
	needs_tracing
	spawn memlock prlimit --memlock=0 "$KILLTRACE" -o json
	attached memlock
	victims null-deref
	finish memlock
	status_is 0
	no_complaint memlock
	verdicts_are memlock 'null-deref segfault'
}

@test "no memory may be locked, and no privilege to override it" {
	needs_tracing
	public_copy
	spawn memlock caps_only +bpf,+perfmon prlimit --memlock=0 "$place/killtrace" -o json
	attached memlock
	victims null-deref
	finish memlock
	status_is 0
	verdicts_are memlock 'null-deref segfault'
}

@test "few files may be open" {
	needs_tracing
	run --separate-stderr prlimit --nofile=12 timeout 20 "$KILLTRACE" --duration 0.2
	describe 'killtrace with 12 files'
	status_is 1
	one_line_of_talk
	[[ "$stderr" == *'Too many open files'* ]]
}

@test "no /proc" {
	needs_tracing
	spawn proc with_mounts "mount --bind '$empty' /proc" "$KILLTRACE" -o json
	attached proc
	victims null-deref
	finish proc
	status_is 0
	verdicts_are proc 'null-deref segfault'
}

@test "a host root that is not there, or no folder" {
	needs_tracing
	: >"$T/file"
	for root in "$T/none" "$T/file"; do
		kt --host-root "$root" --duration 1
		status_is 1
		stdout_is_empty
		one_line_of_talk "cannot read below --host-root '$root'"
	done
}
