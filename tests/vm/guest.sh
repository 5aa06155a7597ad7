#!/bin/busybox sh
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# What a guest of the matrix does: several tracers watch the same victims, each with other evidence
# switched off, so that their answers can be compared death by death. Run by scripts/vm/run, which
# brings this directory back:
#
#   release                 of its kernel
#   doctor.out, .err, .status   what killtrace says of it
#   <mode>.json, .err       what each tracer told
#   recording               raw records
#   testimony               what the victims know of their deaths
#   left                    what BPF has left in the kernel after all tracers have ended
VICTIMS='oom oom-nested oom-child oom-pidns oom-by-other oom-several oom-shared oom-group cgroup-kill
	kill-9 null-deref seccomp-process other-thread pidns-killed'

if grep -q kt_layout=v2 /proc/cmdline; then
	MODES='default no-stack no-faults no-mark no-user-stack no-oom-control no-extras'
else
	MODES='default no-mark no-extras'
fi

# The hooks that a mode does without.
hooks_of() { # MODE
	case $1 in
	no-stack) echo kernel_stack ;;
	no-faults) echo page_fault_user page_fault_kernel ;;
	no-mark) echo mark_victim ;;
	no-user-stack) echo user_stack ;;
	no-oom-control) echo oom_kill_process ;;
	no-extras) for mode in stack faults mark user-stack oom-control; do hooks_of "no-$mode"; done ;;
	esac
}

modes=
pids=

start() { # NAME COMMAND...
	modes="$modes $1"
	name=$1
	shift
	"$@" >"$name.json" 2>"$name.err" &
	pids="$pids $!"
	# The victims are made to be killed; the witnesses are not.
	echo -1000 >"/proc/$!/oom_score_adj"
}

attached() { # NAME
	for _ in $(seq 600); do
		! grep -q 'killtrace: tracing\|killtrace: recording' "$1.err" 2>/dev/null || return 0
		usleep 100000
	done
	echo "$1: not attached after 60 s: $(head -n 1 "$1.err")"
	return 1
}

# One after the other: a guest has little memory, and the verifier wants much of it.
start_and_wait() { # NAME COMMAND...
	start "$@"
	# The others will not be either, and each would take as long.
	attached "$1" || exit 1
}

echo -1000 >/proc/self/oom_score_adj
uname -r >release
killtrace-static doctor >doctor.out 2>doctor.err
status=$?
echo "$status" >doctor.status
# What the verifier has against a program is long, and slow to write here.
[ "$status" = 0 ] || killtrace-static doctor -v >doctor.out 2>doctor.err

for mode in $MODES; do
	options=
	for hook in $(hooks_of "$mode"); do
		options="$options --without $hook"
	done
	# shellcheck disable=SC2086 # several words
	start_and_wait "$mode" killtrace-static --all -o json $options
done
start_and_wait recording killtrace-static record recording
free
uptime

zoo() {
	(
		echo 0 >/proc/self/oom_score_adj
		exec zoo-static run "$@"
	)
}

if grep -q kt_layout=v2 /proc/cmdline; then
	zoo all >testimony && zoo oom-sysrq >>testimony
else
	# shellcheck disable=SC2086 # several words
	zoo $VICTIMS oom-global >testimony
fi
echo "zoo ended with $?"
# Whatever died before this one has been told when this one is, or never will.
zoo null-deref >sentinel
sentinel=$(sed 's/.*"pid":\([0-9]*\).*/\1/; q' sentinel)
for mode in $modes; do
	[ "$mode" != recording ] || continue
	for _ in $(seq 100); do
		! grep -q "\"victim\":{\"pid\":$sentinel," "$mode.json" || continue 2
		usleep 100000
	done
	echo "$mode: did not tell the sentinel within 10 s"
done

# shellcheck disable=SC2086 # several words
kill -INT $pids
for pid in $pids; do
	wait "$pid" || echo "a tracer ended with $?"
done
# The kernel frees programs a little later than their owner.
for _ in $(seq 50); do
	bpf-left >left
	[ -s left ] || break
	usleep 100000
done
uptime
