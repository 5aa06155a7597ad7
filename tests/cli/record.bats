#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# Recordings: errors of writing and reading, and that a replay later and elsewhere reports the same
# as the live stream.

setup() {
	load helpers
	load tracing
}

teardown() {
	end_all
}

# record VICTIM...: a recording of them in $T/recording, and a live trace of the same deaths
record() {
	needs_tracing
	trace recorder record "$T/recording"
	trace live -o json --all
	victims "$@"
	finish recorder
	status_is 0
	finish live
	status_is 0
}

# short_recording: of any deaths, in $T/recording
short_recording() {
	needs_tracing
	trace recorder record --count 3 "$T/recording"
	victims null-deref kill-9 oom
	ended recorder
	status_is 0
}

# long_recording TIMES: one of tests/golden repeated, without the header of 312 bytes
long_recording() {
	local golden=$ROOT/tests/golden/real-arm64.ktrec
	tail -c +313 "$golden" >"$T/chunks"
	{
		head -c 312 "$golden"
		for ((i = 0; i < $1; i++)); do
			cat "$T/chunks"
		done
	} >"$T/long"
}

# stopped NAME SIGNAL: it ends soon after the signal, without a message
stopped() {
	kill -0 "${pids[$1]}"
	kill -"$2" "${pids[$1]}"
	ended "$1" 5
	status_is 0
	no_complaint "$1"
}

# refused FILE TEXT...: exit status 1, no event, one line
refused() {
	local file=$1
	shift
	kt replay -o json "$file"
	status_is 1
	stdout_is_empty
	one_line_of_talk "'$file'" "$@"
}

@test "record says what it did, and leaves a file that nobody else may read" {
	record null-deref
	no_complaint recorder
	[ ! -s "$T/recorder.out" ]
	grep -E "^killtrace: recorded [0-9]+ deaths? to '$T/recording'" "$T/recorder.err"
	[ "$(stat -c %a "$T/recording")" = 600 ]
	[ ! -e "$T/recording.partial" ]
}

@test "record --count and --duration" {
	needs_tracing
	trace count record --count 2 "$T/two"
	victims null-deref null-read ud2
	ended count
	status_is 0
	kt replay -o json --all "$T/two"
	[ "${#lines[@]}" -eq 2 ]
	kt record --duration 0.3 "$T/short"
	status_is 0
	kt replay "$T/short"
	status_is 0
}

@test "a recording told twice is the same byte for byte, whoever tells it" {
	record null-deref noncanonical kill-9 kill-15 abort oom cgroup-kill handler-exits \
		comm-not-utf8 comm-control seccomp-process rlimit-cpu-hard pidns-exit exec-failed
	public_copy
	install -m 644 "$T/recording" "$place/recording"
	for format in json human; do
		"$KILLTRACE" replay --all -o "$format" "$T/recording" >"$T/root"
		(cd "$place" && caps_none "$place/killtrace" replay --all -o "$format" recording) \
			>"$T/nobody"
		"$KILLTRACE" replay --all -o "$format" - <"$T/recording" >"$T/stdin"
		[ "$(wc -l <"$T/root")" -ge 14 ]
		cmp "$T/root" "$T/nobody"
		cmp "$T/root" "$T/stdin"
	done
}

caps_none() {
	exec setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \
		--bounding-set=-all "$@"
}

# Two tracers count separately, and read the clock and the content of a limit separately. Only one
# program per CPU can look up build IDs at a time: one of two tracers may miss a build ID, and so
# the fingerprint.
@test "a recording tells what the live stream tells" {
	record null-deref stack-overflow noncanonical kill-9 kill-15 abort oom cgroup-kill \
		handler-exits comm-newline seccomp-process rlimit-cpu-hard pidns-exit exec-failed \
		ptrace-exitkill other-thread
	"$KILLTRACE" replay --all -o json "$T/recording" >"$T/replay.out"
	for name in live replay; do
		jq -cS --slurpfile zoo "$T/zoo.json" '.victim.pid as $pid
			| select([$zoo[] | (.deaths // [.])[].pid] | index($pid))
			| del(.id, .time, .victim.start_time, .victim.age_seconds,
				.rlimit.used_seconds, .fingerprint, .fault.build_id, .user_stack,
				.oom.limit_memory, .oom.top)' "$T/$name.out" | sort >"$T/$name.same"
	done
	[ "$(wc -l <"$T/live.same")" -ge 16 ]
	diff "$T/live.same" "$T/replay.same"
	for id in start_time age_seconds; do
		[ "$(told replay null-deref "(.victim | has(\"$id\"))")" = true ]
	done
}

@test "replay takes filters, counts and formats as the live stream does" {
	record null-deref kill-9 kill-15 oom ud2
	kt replay -o json --cause 'oom-*' "$T/recording"
	status_is 0
	[[ "$output" == *'"cause":"oom-memcg"'* ]]
	[[ "$output" != *'"cause":"segfault"'* ]]
	kt replay -o json --all --pid "$(pid_of kill-15)" "$T/recording"
	[ "$(jq .victim.pid <<<"$output")" = "$(pid_of kill-15)" ]
	kt replay -o json --pid "$(pid_of kill-15)" "$T/recording"
	stdout_is_empty
	kt replay -o json --count 1 "$T/recording"
	status_is 0
	[ "${#lines[@]}" -eq 1 ]
	kt replay -o human --comm 'no-such-*' "$T/recording"
	status_is 0
	stdout_is_empty
}

@test "replay into a full disk, and for a reader that leaves" {
	record null-deref kill-9
	run --separate-stderr bash -c '"$@" >/dev/full' bash "$KILLTRACE" replay "$T/recording"
	status_is 1
	one_line_of_talk 'No space left'
	run --separate-stderr bash -c 'set -o pipefail; "$@" | true' bash "$KILLTRACE" replay \
		"$T/recording"
	status_is 0
	stderr_is_empty
}

@test "replay to all that an agent writes to tells the same there, and twice is once in a history" {
	mkdir "$T/folder"
	for name in real-signals real-memory synthetic-losses synthetic-hostile; do
		recording=$ROOT/tests/golden/$name.ktrec
		rm -rf "$T/history"* "$T/lines" "$T/folder"/* "$T/folder"/.kill*
		"$KILLTRACE" replay --all -o json "$recording" >"$T/told"
		for times in 1 2; do
			kt replay --all --json "$T/lines" --history "$T/history" \
				--history-days 100000 \
				--textfile "$T/folder" "$recording"
			status_is 0
			stdout_is_empty
			stderr_is_empty
			"$KILLTRACE" history --history "$T/history" --all -o json >"$T/stored"
			if [ "$times" -eq 1 ]; then
				cmp "$T/told" "$T/lines"
				cmp <(sort "$T/told") <(sort "$T/stored")
			fi
			# loss lines have no id
			cmp <(grep '"cause":' "$T/told" | sort) <(grep '"cause":' "$T/stored" |
				sort)
		done
		deaths=$(grep -c '"cause":' "$T/told")
		[ "$(awk '/^killtrace_kills_total/ { all += $2 } END { print all }' "$T/folder/killtrace.prom")" -eq "$deaths" ]
	done
	kt replay --cause segfault --json - "$ROOT/tests/golden/real-arm64.ktrec"
	"$KILLTRACE" replay --cause segfault -o json "$ROOT/tests/golden/real-arm64.ktrec" |
		cmp - <(echo "$output")
}

@test "replay waits for an output that is slower than it" {
	long_recording 400
	"$KILLTRACE" replay --all -o json "$T/long" >"$T/told"
	[ "$(wc -l <"$T/told")" -gt 8192 ]
	mkfifo "$T/pipe"
	SPAWN_IN=$T/pipe spawn reader bash -c 'sleep 1; exec cat'
	SPAWN_OUT=$T/pipe spawn it "$KILLTRACE" replay --all --json - "$T/long"
	ended it
	status_is 0
	no_complaint it
	ended reader
	cmp "$T/told" "$T/reader.out"
}

@test "a folder that is missing is found at the start, with its path" {
	local places=(--json:"$T/no/x" --history:"$T/no/such/x" --textfile:"$T/no" --json:no/x)
	touch "$T/file"
	places+=(--json:"$T/file/x" --textfile:"$T/file")
	for place in "${places[@]}"; do
		local option=${place%%:*} path=${place#*:} folder
		folder=$path
		[ "$option" = --textfile ] || folder=${path%/*}
		run --separate-stderr "$KILLTRACE" replay --all "$option" "$path" \
			"$ROOT/tests/golden/real-arm64.ktrec"
		status_is 1
		one_line_of_talk "cannot write to '$path' ($option): folder '$folder': "
		[ -z "$output" ]
	done
	# the history's own folder is made if its parent exists
	kt replay --all --history "$T/made/x" "$ROOT/tests/golden/real-arm64.ktrec"
	[ -s "$T/made/x" ]
}

@test "Ctrl-C ends a replay to a place that cannot be written, and what was not is counted" {
	spawn it "$KILLTRACE" replay --all --json /dev/full "$ROOT/tests/golden/real-arm64.ktrec"
	sleep 0.5
	finish it
	status_is 1
	grep -E '^killtrace: json: [1-9][0-9]* events were not written$' "$T/it.err"
}

@test "Ctrl-C ends a replay for a reader that does not read" {
	long_recording 20
	mkfifo "$T/pipe"
	exec 7<>"$T/pipe"
	for signal in INT TERM; do
		SPAWN_OUT=$T/pipe spawn it "$KILLTRACE" replay --all -o json "$T/long"
		sleep 0.3
		stopped it "$signal"
	done
	exec 7>&-
}

@test "Ctrl-C ends a replay that tells nothing and has no end" {
	long_recording 1
	mkfifo "$T/pipe"
	for signal in INT TERM; do
		# shellcheck disable=SC2016  # for the inner shell
		SPAWN_OUT=$T/pipe spawn feeder bash -c 'cat "$1" && while cat "$2"; do :; done' \
			bash "$T/long" "$T/chunks"
		SPAWN_IN=$T/pipe spawn it "$KILLTRACE" replay --comm 'no-such-*' -
		sleep 0.5
		stopped it "$signal"
		ended feeder
	done
}

@test "Ctrl-C ends a replay that waits for its file" {
	mkfifo "$T/pipe"
	spawn it "$KILLTRACE" replay "$T/pipe"
	sleep 0.3
	stopped it INT
	exec 7<>"$T/pipe"
	SPAWN_IN=$T/pipe spawn it "$KILLTRACE" replay -
	sleep 0.3
	stopped it INT
	# also in the middle of a record
	head -c 400 "$ROOT/tests/golden/real-arm64.ktrec" >&7
	SPAWN_IN=$T/pipe spawn it "$KILLTRACE" replay -
	sleep 0.3
	stopped it TERM
	exec 7>&-
}

@test "an output that fails is not the recording's fault" {
	# nothing is mapped at address 0
	# shellcheck disable=SC2016  # for the inner shell
	run --separate-stderr bash -c 'exec 7>/proc/self/mem; "$@" >&7' bash \
		"$KILLTRACE" replay --all "$ROOT/tests/golden/real-arm64.ktrec"
	status_is 1
	one_line_of_talk 'cannot write the output: Input/output error'
}

@test "replay of what is no recording" {
	refused "$T/missing" 'No such file'
	refused "$T" directory
	: >"$T/empty"
	refused "$T/empty" 'not a recording'
	head -c 10000 /dev/urandom >"$T/garbage"
	refused "$T/garbage" 'not a recording'
	echo '{"schema":1}' >"$T/text"
	refused "$T/text" 'not a recording'
	run --separate-stderr bash -c '"$@" </dev/null' bash "$KILLTRACE" replay -
	status_is 1
	stdout_is_empty
	one_line_of_talk 'not a recording'
}

@test "replay of a file that may not be read" {
	needs_tracing
	public_copy
	install -m 600 /dev/null "$place/closed"
	cd "$place"
	run --separate-stderr caps_none "$place/killtrace" replay "$place/closed"
	status_is 1
	stdout_is_empty
	one_line_of_talk "'$place/closed'" 'Permission denied'
}

@test "replay of a cut recording tells all before the cut, wherever it is" {
	short_recording
	"$KILLTRACE" replay --all -o json "$T/recording" >"$T/whole"
	size=$(stat -c %s "$T/recording")
	for ((at = size - 1; at > 0; at -= at > size - 40 ? 1 : 97)); do
		head -c "$at" "$T/recording" >"$T/cut"
		code=0
		"$KILLTRACE" replay --all -o json "$T/cut" >"$T/told" 2>"$T/said" || code=$?
		# a cut between two records is not noticed
		if [ "$code" -ne 0 ]; then
			[ "$code" -eq 1 ]
			[ "$(wc -l <"$T/said")" -eq 1 ]
			grep -qE "is cut|not a recording" "$T/said"
		fi
		cmp -n "$(stat -c %s "$T/told")" "$T/told" "$T/whole"
		[ "$(wc -l <"$T/told")" -lt "$(wc -l <"$T/whole")" ]
	done
}

@test "replay of a corrupt recording: one line, and what stood before" {
	short_recording
	size=$(stat -c %s "$T/recording")
	"$KILLTRACE" replay --all -o json "$T/recording" >"$T/whole"
	cp "$T/recording" "$T/corrupt"
	printf '\xff%.0s' {1..64} | dd of="$T/corrupt" bs=1 seek=$((size / 2)) conv=notrunc \
		status=none
	kt replay --all -o json "$T/corrupt"
	echo "$output" >"$T/told"
	if [ "$status" -ne 0 ]; then
		status_is 1
		one_line_of_talk "'$T/corrupt'"
	fi
	[ "$(head -n 1 "$T/told")" = "$(head -n 1 "$T/whole")" ]
}

@test "replay of a recording with any byte changed never crashes, and says one line" {
	short_recording
	size=$(stat -c %s "$T/recording")
	for ((at = 0; at < size; at += 61)); do
		cp "$T/recording" "$T/corrupt"
		printf '\xa5' | dd of="$T/corrupt" bs=1 seek="$at" conv=notrunc status=none
		code=0
		timeout 10 "$KILLTRACE" replay --all -o json "$T/corrupt" >"$T/told" 2>"$T/said" ||
			code=$?
		echo "byte $at: $code $(cat "$T/said")"
		[ "$code" -le 1 ]
		[ "$(wc -l <"$T/said")" -eq "$code" ]
		jq -e . "$T/told" >/dev/null || [ ! -s "$T/told" ]
	done
}

@test "record to a place that cannot be written" {
	needs_tracing
	for file in "$T/missing/file" /proc/file "$T/recorder.err/file"; do
		: >"$T/recorder.err"
		spawn it "$KILLTRACE" record "$file" --duration 1
		ended it 10
		status_is 1
		one_complaint it "'$file'"
	done
}

@test "record to a folder is refused before anything is traced" {
	needs_tracing
	mkdir "$T/folder"
	spawn it "$KILLTRACE" record "$T/folder" --duration 10
	ended it 5
	status_is 1
	one_complaint it "'$T/folder'" directory
	[ ! -e "$T/folder.partial" ]
}

@test "record refuses to take the place of what is no file" {
	needs_tracing
	mkfifo "$T/pipe"
	spawn it "$KILLTRACE" record "$T/pipe" --duration 0.5
	ended it 5
	[ -p "$T/pipe" ]
	[ ! -e "$T/pipe.partial" ]
	status_is 1
	one_complaint it "'$T/pipe'"
}

@test "record without a name" {
	cd "$T"
	kt record '' --duration 1
	[ ! -e .partial ]
	status_is 2
	stdout_is_empty
	one_line_of_talk FILE
}

@test "record on a full disk: one line, and no file that looks whole" {
	needs_tracing
	mkdir "$T/disk"
	# the folder is listed before the mount vanishes with its last process
	spawn it unshare --mount --propagation private bash -c 'mount -t tmpfs -o size=64k none "$1"
		"$2" record "$1/file" &
		wait "$!"; code=$?
		ls "$1"
		exit "$code"' bash "$T/disk" "$KILLTRACE"
	attached it
	"$ZOO" storm 1000 2 >/dev/null
	ended it
	status_is 1
	one_complaint it "$T/disk/file" 'No space left'
	[ "$(cat "$T/it.out")" != file ]
	never grep -x file "$T/it.out"
}

@test "record in a pipeline goes on when nobody reads its stdout" {
	needs_tracing
	mkfifo "$T/pipe"
	SPAWN_IN=$T/pipe spawn reader sleep 0.3
	SPAWN_OUT=$T/pipe trace it record "$T/recording"
	ended reader
	victims null-deref
	finish it
	status_is 0
	kt replay -o json --pid "$(pid_of null-deref)" "$T/recording"
	[ "${#lines[@]}" -eq 1 ]
}

@test "record - | replay -: told elsewhere as it comes" {
	needs_tracing
	mkfifo "$T/pipe"
	SPAWN_IN=$T/pipe spawn elsewhere "$KILLTRACE" replay --all -o json -
	SPAWN_OUT=$T/pipe trace it record -
	victims null-deref kill-9
	# the event is there before the recording ends
	for ((i = 0; i < 100; i++)); do
		if told elsewhere kill-9 | grep -q sigkill && told elsewhere null-deref |
			grep -q segfault; then
			break
		fi
		sleep 0.05
	done
	verdicts_are elsewhere 'null-deref segfault' 'kill-9 sigkill'
	finish it
	status_is 0
	no_complaint it
	ended elsewhere
	status_is 0
	no_complaint elsewhere
	cd "$T"
	kt record - --duration 0.3
	status_is 0
	[ ! -e - ]
}

@test "record - ends with its reader, and at once while nobody reads" {
	needs_tracing
	mkfifo "$T/pipe"
	SPAWN_IN=$T/pipe spawn reader sleep 0.5
	SPAWN_OUT=$T/pipe trace it record -
	ended reader
	ended it 5
	status_is 0
	no_complaint it
	exec 7<>"$T/pipe"
	SPAWN_OUT=$T/pipe trace it record -
	"$ZOO" storm 300 2 >/dev/null
	stopped it INT
	exec 7>&-
	SPAWN_OUT=/dev/full trace it record -
	victims null-deref
	ended it
	status_is 1
	one_complaint it 'No space left'
}

@test "record - is not for a terminal" {
	needs_tracing
	needs_tool script
	run script -qec "$KILLTRACE record - --duration 1" /dev/null
	status_is 1
	[ "${#lines[@]}" -eq 1 ]
	[[ "$output" == *'not written to a terminal'* ]]
}

@test "record takes the place of an older recording only when it is whole" {
	record null-deref
	cp "$T/recording" "$T/before"
	trace it record "$T/recording"
	cmp "$T/recording" "$T/before"
	kill -KILL "${pids[it]}"
	ended it
	cmp "$T/recording" "$T/before"
	trace it record "$T/recording"
	victims kill-9
	finish it
	status_is 0
	kt replay -o json --pid "$(pid_of kill-9)" "$T/recording"
	[ "${#lines[@]}" -eq 1 ]
}
