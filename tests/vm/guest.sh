#!/bin/busybox sh
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# Run in each guest of the matrix: several tracers watch the same victims, each with other evidence
# switched off, so that their answers can be compared death by death. Run by scripts/vm/run, which
# brings this directory back:
#
#   release                 the kernel's
#   doctor.out, .err, .status   what doctor says about the kernel
#   <mode>.json, .err       what each tracer printed
#   recording               raw records
#   testimony               what the victims know about their deaths
#   held, crowded, crowd.json, .err  the size of a crowd, and deaths during its time
#   forked                  processes killed with their control group during forks
#   gave-up, crashes.json, .err  programs that ended in their own handler, with several threads
#   crashed                 the victims of a storm of crashes, at the end
#   pins-died, pins.json, .err  deaths while programs were pinned, and what the reader reported
#   rescued, rescued.json, .err  deaths without the first program that sees an exit
#   left                    BPF objects that are left when all tracers have ended
VICTIMS='oom oom-nested oom-child oom-pidns oom-by-other oom-tmpfs oom-neighbour oom-lowered
	oom-several oom-shared oom-group cgroup-kill kill-9 null-deref seccomp-process other-thread
	pidns-killed'
CROWD_VICTIMS='null-deref noncanonical abort handler-exits kill-9 term-then-kill seccomp-process oom oom-child
	pidns-exit'
GUEST_VICTIMS='memory-failure memory-failure-shared oom-cpuset oom-mempolicy oom-sysrq'

MODES='default no-mark no-extras'
# Other architectures are slow to emulate, and have no tracepoints of page faults to switch off.
if grep -q kt_layout=v2 /proc/cmdline && [ "$(uname -m)" = x86_64 ]; then
	MODES="$MODES no-stack no-faults no-user-stack no-oom-control"
fi

# shellcheck source=tracers.sh
. /bin/tracers.sh

uname -r >release
killtrace-static doctor >doctor.out 2>doctor.err
status=$?
echo "$status" >doctor.status
# The verifier's log is long, and slow to write here: only if something failed.
[ "$status" = 0 ] || killtrace-static doctor -v >doctor.out 2>doctor.err

for mode in $MODES; do
	trace "$mode"
done
start_and_wait recording killtrace-static record recording
free
uptime

# Like systemd on a host without v2.
named=/sys/fs/cgroup/systemd
if [ -e $named/cgroup.procs ]; then
	mkdir -p $named/system.slice/kt-guest.service
	echo $$ >$named/system.slice/kt-guest.service/cgroup.procs
fi
if grep -q kt_layout=v2 /proc/cmdline; then
	# shellcheck disable=SC2086 # several words
	zoo all >testimony && zoo $GUEST_VICTIMS >>testimony
else
	# shellcheck disable=SC2086 # several words
	zoo $VICTIMS oom-global >testimony
fi
echo "zoo ended with $?"
end_tracers
uptime

# Unprivileged processes need more than there is room for, while other processes die.
if grep -q kt_layout=v2 /proc/cmdline && [ "$(uname -m)" = x86_64 ]; then
	modes='' pids=''
	trace crowd
	mkfifo hold
	zoo-static crowd-stopped 2100 <hold >held &
	holder=$!
	exec 3>hold
	for _ in $(seq 600); do
		[ ! -s held ] || break
		usleep 100000
	done
	# shellcheck disable=SC2086 # several words
	zoo $CROWD_VICTIMS >crowded || echo "crowd ended with $?"
	exec 3>&-
	wait "$holder" || echo "the holder ended with $?"
	end_tracers
	rm hold
	uptime
fi

# A group is killed while its process forks: needs two processors and cgroup.kill (5.14).
if grep -q kt_layout=v2 /proc/cmdline && [ "$(uname -m)" = x86_64 ] &&
	mkdir /sys/fs/cgroup/kt-look &&
	[ -e /sys/fs/cgroup/kt-look/cgroup.kill ]; then
	modes='' pids=''
	trace forks
	zoo-static forks 100 >forked || echo "forks ended with $?"
	end_tracers
	uptime
fi

# Threads that end together, on processors that may pause anywhere.
if grep -q kt_layout=v2 /proc/cmdline && [ "$(uname -m)" = x86_64 ]; then
	modes='' pids=''
	trace crashes
	zoo-static crashes 120 >gave-up || echo "crashes ended with $?"
	end_tracers
	uptime
fi

# More deaths at once than the processors can handle, in one of the guests with few victims.
if grep -q kt_layout=v1 /proc/cmdline; then
	modes='' pids=''
	trace storm
	zoo-static storm 300 24 >crashed
	echo "storm ended with $?"
	end_tracers
	uptime
	# There is no reader while they die; the second one gets a reader with other options.
	mount -t bpf kt-pins /sys/fs/bpf
	for options in '' --no-addresses; do
		killtrace-static arm 2>>pins.err || echo "arm ended with $?"
		zoo-static run null-deref >>pins-died
		# shellcheck disable=SC2086 # none or one word
		timeout 120 killtrace-static trace $options --count 1 -o json \
			>>pins.json 2>>pins.err ||
			echo "the reader ended with $?"
	done
	killtrace-static disarm 2>>pins.err || echo "disarm ended with $?"
	# If several programs watch exits, the first one is removed: the others see what it misses.
	killtrace-static arm 2>>pins.err || echo "arm ended with $?"
	if [ -e "$(echo /sys/fs/bpf/killtrace/*/link_parting_signal)" ]; then
		rm /sys/fs/bpf/killtrace/*/link_sched_process_exit
		zoo-static run null-deref pidns-killed >rescued
		modes='' pids=''
		trace rescued
		end_tracers
	fi
	killtrace-static disarm 2>>pins.err || echo "disarm ended with $?"
	umount /sys/fs/bpf
	look_what_is_left
fi
