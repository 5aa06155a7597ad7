#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# The live stream: when it ends, what it leaves out, its summary, and that nothing is left in the
# kernel.

setup() {
	load helpers
	load tracing
	needs_tracing
}

teardown() {
	end_all
}

@test "one line says what is traced" {
	trace it
	finish it
	[ "$(grep -c '^killtrace: tracing ' "$T/it.err")" -eq 1 ]
	grep -E '^killtrace: tracing .*signal_generate .*sched_process_exit' "$T/it.err"
	no_complaint it
}

@test "--count ends it after so many deaths" {
	trace it -o json --count 2 --comm 'kz-*'
	victims null-deref null-read ud2
	ended it
	status_is 0
	[ "$(wc -l <"$T/it.out")" -eq 2 ]
	no_complaint it
}

@test "--count counts what is told, not what is left out" {
	trace it -o json --count 2 --cause illegal-instruction
	victims null-deref ud2 kill-9 ud2
	ended it
	status_is 0
	[ "$(jq -r .cause "$T/it.out" | sort -u)" = illegal-instruction ]
	[ "$(wc -l <"$T/it.out")" -eq 2 ]
}

@test "--duration ends it" {
	began=$EPOCHREALTIME
	trace it -o json --duration 0.7
	ended it
	status_is 0
	no_complaint it
	[ "$(((${EPOCHREALTIME/./} - ${began/./}) / 1000))" -ge 700 ]
}

@test "a death just before the end is told" {
	trace it -o json
	victims null-deref
	kill -INT "${pids[it]}"
	ended it
	verdicts_are it 'null-deref segfault'
}

@test "SIGINT, SIGTERM and SIGHUP: a summary by cause, and exit status 0" {
	for signal in INT TERM HUP; do
		trace it -o json --comm 'kz-*'
		victims null-deref null-read kill-9
		finish it "$signal"
		status_is 0
		no_complaint it
		grep -E '^killtrace: reported [0-9]+ deaths?(; [0-9]+ (routine|do).*)*$' "$T/it.err"
		grep -E '^killtrace: +[0-9]+ segfault$' "$T/it.err"
		grep -E '^killtrace: +[0-9]+ sigkill$' "$T/it.err"
		lost_nothing it
		[ "$(jq -s 'map(select(.cause == "segfault")) | length' "$T/it.out")" -ge 2 ]
	done
}

@test "the summary agrees with what was told" {
	trace it -o json --all
	victims null-deref kill-9 kill-15 abort ud2 int3
	finish it
	told=$(sed -n 's/^killtrace: reported \([0-9]*\) deaths\{0,1\}$/\1/p' "$T/it.err")
	[ "$told" -eq "$(jq -s 'map(select(.victim)) | length' "$T/it.out")" ]
	diff <(sed -nE 's/^killtrace: +([0-9]+) ([a-z-]+)$/\2 \1/p' "$T/it.err" | sort) \
		<(jq -rs 'map(select(.cause).cause) | group_by(.)[] | "\(.[0]) \(length)"' "$T/it.out" | sort)
}

@test "the summary counts the owners of the rows" {
	trace it --comm 'kz-*'
	trace json --comm 'kz-*' -o json
	victims null-deref kill-9 oom
	finish it
	finish json
	no_complaint it
	told=$(sed -n 's/^killtrace: reported \([0-9]*\) deaths\{0,1\}.*/\1/p' "$T/it.err")
	[ "$told" -ge 3 ]
	sed -nE 's/^killtrace: +([0-9]+) of (.*)$/\1 \2/p' "$T/it.err" | tee "$T/owners"
	[ "$(awk '{ sum += $1 } END { print sum }' "$T/owners")" -eq "$told" ]
	grep -E '^[0-9]+ /.*kt-zoo-' "$T/owners"
	sed -i '/ others$/d' "$T/owners"
	sort -rns "$T/owners" | diff - "$T/owners"
	# JSON has the owners itself
	never grep -E '^killtrace: +[0-9]+ of ' "$T/json.err"
}

@test "--all adds routine ends" {
	trace few -o json
	trace all -o json --all
	victims null-deref kill-15 kill-1 sigpipe sigalrm
	finish few
	finish all
	verdicts_are all 'null-deref segfault' 'kill-15 signal' 'kill-1 signal' \
		'sigpipe kernel-signal' 'sigalrm kernel-signal'
	[ "$(told all kill-15 .routine)" = true ]
	[ "$(told few null-deref .routine)" = false ]
	[ -z "$(jq 'select(.routine)' "$T/few.out")" ]
}

# names_told NAME: names of the victims that were reported, sorted
names_told() {
	jq -r --slurpfile zoo "$T/zoo.json" '.victim.pid as $pid | $zoo[] | select(.pid == $pid).victim' \
		"$T/$1.out" | sort | paste -sd' '
}

@test "filters" {
	trace causes -o json --cause 'seg*' --cause general-protection
	trace comm -o json --comm 'kz-null-*'
	trace comms -o json --comm 'kz-kill-?' --comm 'kz-ud[0-9]'
	trace cgroup -o json --cgroup '/kt-zoo-*'
	trace both -o json --cause sigkill --comm 'kz-null-*'
	victims null-deref null-read noncanonical ud2 kill-9 oom
	for name in causes comm comms cgroup both; do
		finish "$name"
		status_is 0
	done
	[ "$(names_told causes)" = 'noncanonical null-deref null-read' ]
	[ "$(names_told comm)" = 'null-deref null-read' ]
	[ "$(names_told comms)" = 'kill-9 ud2' ]
	[ "$(names_told cgroup)" = oom ]
	[ "$(names_told both)" = '' ]
}

@test "filters that match nothing leave all out, and say how much" {
	trace unit -o json --unit 'no-such-*.service'
	trace container -o json --container 'no-such-*'
	trace cgroup -o json --cgroup '/no-such/*'
	trace pid -o json --pid 2147483647
	victims null-deref kill-9
	for name in unit container cgroup pid; do
		finish "$name"
		status_is 0
		# losses are no deaths, and others' routine ends are counted too
		[ -z "$(jq -c 'select(has("lost") | not)' "$T/$name.out")" ]
		left=$(sed -nE 's/^killtrace: reported 0 deaths(; .* hidden .*)?; ([0-9]+) do not match the filters$/\2/p' \
			"$T/$name.err")
		[ "$left" -ge 2 ]
	done
}

@test "--pid tells that process alone" {
	sleep 60 3>&- &
	victim=$!
	trace it -o json --pid "$victim" --pid 2147483647
	victims null-deref
	kill -KILL "$victim"
	wait "$victim" || true
	finish it
	[ "$(jq -s 'map(.victim.pid)' -c "$T/it.out")" = "[$victim]" ]
	[ "$(jq -r .cause "$T/it.out")" = sigkill ]
}

@test "--node names the node, else NODE_NAME does" {
	trace option -o json --node 'a "b"'
	NODE_NAME=from-environment trace environment -o json
	trace host -o json
	victims null-deref
	for name in option environment host; do
		finish "$name"
	done
	[ "$(told option null-deref .node)" = '"a \"b\""' ]
	[ "$(told environment null-deref .node)" = '"from-environment"' ]
	[ "$(told host null-deref .node)" = "\"$(uname -n)\"" ]
}

@test "two tracers at once both see every death" {
	trace one -o json
	trace two -o json
	victims null-deref noncanonical kill-9 abort oom cgroup-kill handler-exits
	finish one
	finish two
	for name in one two; do
		verdicts_are "$name" 'null-deref segfault' 'noncanonical general-protection' \
			'kill-9 sigkill' 'abort abort' 'oom oom-memcg' 'cgroup-kill cgroup-kill' \
			'handler-exits runtime-crash'
	done
}

# The kernel objects of a process, by the ids of its open files: "prog 12", "link 3", "map 45"
kernel_objects() {
	sed -nE 's/^(prog|map|link|btf)_id:\s*([0-9]+)/\1 \2/p' /proc/"$1"/fdinfo/* | sort -u
}

# The ids that still exist
still_there() {
	local bpftool=${BPFTOOL:-$(PATH=$PATH:/usr/sbin:/sbin command -v bpftool)} kind id
	while read -r kind id; do
		if "$bpftool" "$kind" show id "$id" >/dev/null 2>&1; then
			echo "$kind $id"
		fi
	done
}

# The kernel frees programs and maps a moment after the last user is gone.
nothing_stays() {
	for ((i = 0; i < 300; i++)); do
		[ -n "$(still_there <"$T/objects")" ] || return 0
		sleep 0.1
	done
	still_there <"$T/objects"
	return 1
}

@test "nothing of it stays in the kernel, however it ends" {
	for signal in INT TERM KILL; do
		trace it -o json
		kernel_objects "${pids[it]}" >"$T/objects"
		grep -c ^prog "$T/objects"
		grep -c ^map "$T/objects"
		grep -c ^link "$T/objects"
		[ -n "$(still_there <"$T/objects")" ]
		victims null-deref
		finish it "$signal"
		nothing_stays
	done
}

@test "nothing of it stays in the kernel when the reader leaves or the output fails" {
	SPAWN_OUT=/dev/full trace it -o json
	kernel_objects "${pids[it]}" >"$T/objects"
	[ -s "$T/objects" ]
	victims null-deref
	ended it
	nothing_stays
}
