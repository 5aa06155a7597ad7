#!/bin/busybox sh
# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# Tests of the agent that need a guest: it runs out of memory, its clocks are set, and no other
# process dies in it, so that losses can be counted. The agent has the limits of the shipped unit:
# 64 MiB, and OOMScoreAdjust=-999. Run by scripts/vm/run, which brings this directory back:
#
#   release                 the kernel's
#   lines.json, agent.err, history.db, metrics/killtrace.prom   what the agent wrote
#   *.prom                  the same, as it was after each part
#   agent.pid, status, took the agent's pid, its exit status, and the uptime when its end began and
#                           when it was over
#   oom.json, storm.json, last.json   the victims' testimonies
#   steps                   a line per step of the clock: its seconds, the time before it, when a
#                           death was reported and when the metrics were copied, the pid
#   busy                    the agent's CPU time in ticks, before and after some quiet seconds
#   awake-before, -after    the number of times that each of its threads has slept until then
cgroup=/sys/fs/cgroup/kt-agent

zoo() {
	(
		echo 0 >/proc/self/oom_score_adj
		exec zoo-static "$@"
	)
}

# When this death is reported, all earlier ones are.
settle() { # FILE
	zoo run null-deref >"$1"
	pid=$(sed 's/.*"pid":\([0-9]*\).*/\1/; q' "$1")
	for _ in $(seq 600); do
		! grep -q "\"victim\":{\"pid\":$pid," lines.json || return 0
		usleep 100000
	done
	echo "the agent did not tell $pid within 60 s"
}

ticks() {
	cut -d ' ' -f 14,15 "/proc/$agent/stat" | sed 's/ / + /' | xargs expr
}

awake() {
	for task in "/proc/$agent/task"/*; do
		slept=$(sed -n 's/^voluntary_ctxt_switches:[^0-9]*//p' "$task/status")
		echo "$(cat "$task/comm") $slept"
	done
}

# The number of deaths without room, according to the lines. A pattern that runs over long lines is
# slow to emulate.
ring_full() {
	grep -F '"ring_full":' lines.json | sed 's/.*"ring_full":\([0-9]*\).*/\1/' |
		awk '{ sum += $1 } END { print sum + 0 }'
}

# The textfile agrees with the lines.
is_counted() {
	[ "$(sed -n 's/^killtrace_kills_total{cause="segfault".* //p' metrics/killtrace.prom)" = \
		"$(grep -Fc '"cause":"segfault"' lines.json)" ] &&
		[ "$(ring_full)" = "$(sed -n 's/^killtrace_lost_total{reason="ring_full"} //p' \
			metrics/killtrace.prom)" ]
}

# The textfile is written a second after the death, plus the time that the disk takes.
keep_metrics() { # NAME
	for _ in $(seq 600); do
		! is_counted || break
		usleep 100000
	done
	cp metrics/killtrace.prom "$1.prom"
}

start() {
	mkdir metrics "$cgroup"
	echo +memory >/sys/fs/cgroup/cgroup.subtree_control
	echo 67108864 >"$cgroup/memory.max"
	(
		echo 0 >"$cgroup/cgroup.procs"
		echo -999 >/proc/self/oom_score_adj
		exec killtrace-static daemon --no-fold --textfile /out/metrics \
			--json /out/lines.json --history /out/history.db
	) >agent.out 2>agent.err &
	agent=$!
	echo "$agent" >agent.pid
	for _ in $(seq 600); do
		! grep -q 'killtrace: tracing' agent.err || return 0
		usleep 100000
	done
	echo 'the agent is not attached after 60 s'
	exit 1
}

run_out_of_memory() {
	zoo run oom-global >oom.json
	echo "zoo ended with $?"
	settle sentinel.json
	keep_metrics oom
}

# The agent is stopped while more processes die than the ring buffer holds.
stand_still() {
	kill -STOP "$agent"
	zoo storm 6000 2 >storm.json
	echo "zoo ended with $?"
	kill -CONT "$agent"
	# deaths before there is room again are lost as well
	for _ in $(seq 600); do
		[ $(($(grep -Fc '"comm":"kz-storm"' lines.json) + $(ring_full))) -lt 6000 ] || break
		usleep 100000
	done
	settle sentinel.json
	keep_metrics storm
}

step() { # SECONDS NAME
	date -s "@$(($(date +%s) + $1))" >/dev/null
	before=$(date +%s)
	settle sentinel.json
	told=$(date +%s)
	keep_metrics "$2"
	echo "$1 $before $told $(date +%s) $pid" >>steps
}

# A day forward, two back, and to where it was.
step_clocks() {
	step 86400 forward
	step -172800 backward
	step 86400 again
}

# Nothing happens, for longer than a heartbeat. Delayed work of earlier deaths is over by then.
be_quiet() {
	sleep 5
	ticks >busy
	awake >awake-before
	sleep 65
	awake >awake-after
	ticks >>busy
	cp metrics/killtrace.prom quiet.prom
}

end() {
	settle last.json
	read -r began _ </proc/uptime
	kill -TERM "$agent"
	wait "$agent"
	echo $? >status
	read -r ended _ </proc/uptime
	echo "$began $ended" >took
}

uname -r >release
# The OOM killer must not choose this script.
echo -1000 >/proc/self/oom_score_adj
start
run_out_of_memory
stand_still
step_clocks
be_quiet
end
