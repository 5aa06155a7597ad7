# shellcheck shell=sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Sourced by the scripts of guests: starts tracers, each with other evidence switched off, lets
# victims die under them, and ends the tracers when they have reported everything. The OOM killer
# must not choose the scripts or the tracers.

# The hooks that a mode switches off.
hooks_of() { # MODE
	case $1 in
	no-stack) echo kernel_stack ;;
	no-faults) echo page_fault_user page_fault_kernel ;;
	no-mark) echo mark_victim ;;
	no-user-stack) echo user_stack ;;
	no-oom-control) echo oom_kill_process ;;
	no-oops) echo oops_enter ;;
	no-extras)
		for mode in stack faults mark user-stack oom-control oops; do
			hooks_of "no-$mode"
		done
		;;
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
	# The victims are there to be killed; the tracers are not.
	echo -1000 >"/proc/$!/oom_score_adj"
}

attached() { # NAME
	for _ in $(seq 600); do
		! grep -q 'killtrace: tracing\|killtrace: recording' "$1.err" 2>/dev/null ||
			return 0
		usleep 100000
	done
	echo "$1: not attached after 60 s: $(head -n 1 "$1.err")"
	return 1
}

# One after the other: a guest has little memory, and the verifier needs much.
start_and_wait() { # NAME COMMAND...
	start "$@"
	# The others would fail as well, and each takes as long.
	attached "$1" || exit 1
}

# A live tracer that reports everything, without the hooks that its mode switches off.
trace() { # MODE
	options=
	for hook in $(hooks_of "$1"); do
		options="$options --without $hook"
	done
	# shellcheck disable=SC2086 # several words
	start_and_wait "$1" killtrace-static --all --no-fold -o json $options
}

zoo() {
	(
		echo 0 >/proc/self/oom_score_adj
		exec zoo-static run "$@"
	)
}

# The kernel frees programs a little later than their owner.
look_what_is_left() {
	for _ in $(seq 300); do
		bpf-left >left
		[ -s left ] || break
		usleep 100000
	done
}

# Ends the tracers when they have reported everything, and writes what is left in the kernel to
# "left".
end_tracers() {
	# When this death is reported, earlier ones are reported or never will be.
	zoo null-deref >sentinel
	sentinel=$(sed 's/.*"pid":\([0-9]*\).*/\1/; q' sentinel)
	for mode in $modes; do
		[ "$mode" != recording ] || continue
		for _ in $(seq 600); do
			! grep -q "\"victim\":{\"pid\":$sentinel," "$mode.json" || continue 2
			usleep 100000
		done
		echo "$mode: did not tell the sentinel within 60 s"
	done

	# shellcheck disable=SC2086 # several words
	kill -INT $pids
	for pid in $pids; do
		wait "$pid" || echo "a tracer ended with $?"
	done
	look_what_is_left
}

echo -1000 >/proc/self/oom_score_adj
