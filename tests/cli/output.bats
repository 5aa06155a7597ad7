#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# Destinations of the output: closed, slow, full, a terminal; and harmless output for hostile names.

setup() {
	load helpers
	load tracing
	needs_tracing
}

teardown() {
	end_all
}

# The data that a reader has read goes to NAME.read. It waits until the file NAME.go exists, then
# reads to the end.
late_reader() {
	spawn "$1-reader" bash -c 'while [ ! -e "$0.go" ]; do sleep 0.05; done; exec cat' "$T/$1"
}

hostile=(comm-newline comm-escape comm-quotes comm-not-utf8 comm-rtl comm-paren comm-control
	comm-label)

# No control characters except ends of lines and killtrace's own colours.
harmless() {
	sed 's/\x1b\[[0-9;]*m//g' "$1" >"$T/plain"
	never env LC_ALL=C grep -aP '[\x00-\x09\x0b-\x1f\x7f]' "$T/plain"
	# C1 controls, marks that change the direction of writing, and invisible characters
	never env LC_ALL=C grep -aP '\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]|\xef\xbb\xbf' "$1"
	iconv -f UTF-8 -t UTF-8 "$1" >/dev/null
}

@test "a reader that leaves ends it quietly, though no further death comes" {
	mkfifo "$T/pipe"
	# the reader ends after one line
	SPAWN_IN=$T/pipe spawn reader head -n 1
	SPAWN_OUT=$T/pipe trace piped -o json
	victims null-deref
	ended reader
	[ "$(jq .victim.pid "$T/reader.out")" ]
	ended piped
	status_is 0
	no_complaint piped
}

@test "a reader that left before the first death" {
	mkfifo "$T/pipe"
	SPAWN_IN=$T/pipe spawn reader sleep 0.1
	SPAWN_OUT=$T/pipe spawn piped "$KILLTRACE" -o json
	ended reader
	ended piped
	status_is 0
	no_complaint piped
}

@test "stdout closed from the start ends it quietly" {
	spawn closed bash -c '"$@" >&-' bash "$KILLTRACE" -o json
	ended closed
	status_is 0
	no_complaint closed
}

@test "with stdout and stderr closed nothing is written into other files" {
	run bash -c '"$@" >&- 2>&- <&-' bash timeout 10 "$KILLTRACE" record "$T/file" --duration 0.3
	status_is 0
	"$KILLTRACE" replay -o json "$T/file" >"$T/told"
	never grep -a 'killtrace:' "$T/file"
}

@test "a reader of the schema that leaves" {
	run --separate-stderr bash -c 'set -o pipefail; "$1" schema | true' bash "$KILLTRACE"
	status_is 0
	stderr_is_empty
}

@test "a pipe that nobody reads: told and lost make up all deaths" {
	mkfifo "$T/pipe"
	SPAWN_IN=$T/pipe late_reader slow
	SPAWN_OUT=$T/pipe trace slow -o json --no-fold --ring 1
	"$ZOO" storm 6000 2 >"$T/storm.json"
	touch "$T/slow.go"
	# the content of the ring buffer comes first, and then the report of losses
	for ((i = 0; i < 600; i++)); do
		sleep 0.1
		if grep -q '"ring_full":' "$T/slow-reader.out"; then
			break
		fi
	done
	finish slow
	status_is 0
	ended slow-reader
	told=$(jq --slurpfile storm "$T/storm.json" -n '[inputs.victim.pid] as $told
		| ($storm[0].pids | length)
			- (($storm[0].pids - $told) | length)' "$T/slow-reader.out")
	lost=$(jq -n '[inputs.lost // {} | add] | add // 0' "$T/slow-reader.out")
	echo "told $told, lost $lost of 6000"
	[ "$told" -ge 1 ]
	[ "$lost" -ge 1 ]
	[ "$((told + lost))" -ge 6000 ]
	grep "^killtrace: lost [0-9]* deaths* that found no room" "$T/slow.err"
}

@test "Ctrl-C ends it at once while nobody reads the pipe, and accounts for all" {
	mkfifo "$T/pipe"
	SPAWN_IN=$T/pipe late_reader blocked
	SPAWN_OUT=$T/pipe trace blocked -o json --no-fold
	"$ZOO" storm 2000 2 >"$T/storm.json"
	sleep 0.3
	kill -INT "${pids[blocked]}"
	ended blocked 5
	status_is 0
	touch "$T/blocked.go"
	ended blocked-reader
	told=$(sed -n 's/^killtrace: reported \([0-9]*\) death.*/\1/p' "$T/blocked.err")
	lost=$(sed -n 's/^killtrace: lost \([0-9]\+\) .*/\1/p' "$T/blocked.err" | paste -sd+ |
		sed 's/^$/0/')
	echo "told $told, lost $lost of 2000"
	read_lines=$(wc -l <"$T/blocked-reader.out")
	[ "$((read_lines - $(grep -c '"lost":' "$T/blocked-reader.out")))" -eq "$told" ]
	[ "$((told + lost))" -ge 2000 ]
}

# If a write begins after the signal, no signal interrupts it.
@test "Ctrl-C ends it at once when a death comes together with it, and the pipe is full" {
	mkfifo "$T/pipe"
	exec 7<>"$T/pipe"
	head -c 65536 /dev/zero >&7
	SPAWN_OUT=$T/pipe trace full -o json --comm kz-null-write
	kill -STOP "${pids[full]}"
	victims null-deref
	kill -INT "${pids[full]}"
	kill -CONT "${pids[full]}"
	ended full 5
	exec 7>&-
	status_is 0
	grep -E '^killtrace: lost 1 ' "$T/full.err"
}

@test "a full disk: one line, exit status 1" {
	SPAWN_OUT=/dev/full trace full -o json
	victims null-deref
	ended full
	status_is 1
	one_complaint full 'No space left'
	SPAWN_OUT=/dev/full trace full -o human
	victims null-deref
	ended full
	status_is 1
	one_complaint full 'No space left'
}

@test "a full disk for what is not traced" {
	for words in schema --help 'trace --help' --version doctor; do
		# shellcheck disable=SC2086
		run --separate-stderr bash -c '"$@" >/dev/full' bash "$KILLTRACE" $words
		describe "killtrace $words"
		status_is 1
		one_line_of_talk 'No space left'
	done
}

@test "lines for people are the default, a line for each death where no terminal is" {
	trace plain
	victims null-deref
	finish plain
	pid=$(pid_of null-deref)
	[ "$(grep -cE " segfault +.* kz-null-write\[$pid\] " "$T/plain.out")" -eq 1 ]
	never grep -q '^TIME ' "$T/plain.out"
	needs_tool script
	spawn terminal script -qefc "exec $KILLTRACE" /dev/null
	pty_attached terminal
	victims null-deref
	finish_within terminal
	grep -aF "[$(pid_of null-deref)]" "$T/terminal.out"
	grep -a 'TIME.*CAUSE.*OWNER.*PROCESS' "$T/terminal.out"
}

# finish_within NAME: ends the killtrace on a pseudo-terminal. All earlier deaths are reported then,
# even if it takes long.
finish_within() {
	kill -INT "$(ps -o pid= --ppid "${pids[$1]}" | tr -d ' ')"
	ended "$1"
}

# On a pseudo-terminal messages and data are mixed.
pty_attached() {
	for ((i = 0; i < 1000; i++)); do
		if grep -aq '^killtrace: tracing' "$T/$1.out"; then
			return 0
		fi
		sleep 0.02
	done
	return 1
}

# line_of NAME VICTIM: its line on the terminal
line_of() {
	grep -aF "[$(pid_of "$2")]" "$T/$1.out"
}

@test "colours on a terminal, none with NO_COLOR" {
	needs_tool script
	spawn colour env -u NO_COLOR TERM=xterm script -qefc "exec $KILLTRACE --all" /dev/null
	spawn none env NO_COLOR=1 TERM=xterm script -qefc "exec $KILLTRACE --all" /dev/null
	pty_attached colour
	pty_attached none
	victims null-deref kill-9 kill-15 comm-escape
	finish_within colour
	finish_within none
	escape=$'\e'
	[[ "$(line_of colour null-deref)" == *"${escape}[1;31msegfault"* ]]
	[[ "$(line_of colour kill-9)" == *"${escape}[33msigkill"* ]]
	[[ "$(line_of colour kill-15)" == *"${escape}[2msignal"* ]]
	[[ "$(line_of none null-deref)" == *" segfault "* ]]
	never grep -a "$escape" "$T/none.out"
}

@test "no colours where no terminal is" {
	trace human -o human
	victims null-deref kill-9
	finish human
	grep -q segfault "$T/human.out"
	never env LC_ALL=C grep -aP '[\x00-\x09\x0b-\x1f\x7f]' "$T/human.out" "$T/human.err"
}

@test "hostile names: one line per death, harmless to a terminal" {
	needs_tool script
	trace human -o human
	spawn terminal script -qefc "exec $KILLTRACE" /dev/null
	pty_attached terminal
	victims "${hostile[@]}"
	finish human
	finish_within terminal
	tr -d '\r' <"$T/terminal.out" >"$T/lines"
	harmless "$T/human.out"
	harmless "$T/lines"
	for victim in "${hostile[@]}"; do
		for file in human.out lines; do
			pid=$(pid_of "$victim")
			[ "$(grep -acF "[$pid]" "$T/$file")" -eq 1 ]
			# on a narrow terminal the process is in the second row
			grep -aF -B1 "[$pid]" "$T/$file" |
				grep -aE "^([0-9-]{10} )?[0-9:]{8} ([^ ]*)segfault"
		done
	done
	# no incomplete line
	[ "$(grep -avcE '^[0-9-]{10} [0-9:]{8} [a-z-]+ +.*\[[0-9]+\] ' "$T/human.out")" -eq 0 ]
}

@test "hostile names: valid JSON that keeps the name" {
	trace json -o json
	victims "${hostile[@]}"
	finish json
	never env LC_ALL=C grep -aP '[\x00-\x09\x0b-\x1f\x7f-\xff]' "$T/json.out"
	for victim in "${hostile[@]}"; do
		[ "$victim" != comm-not-utf8 ] || continue
		hex=$(jq -r "select(.victim == \"$victim\").knows.comm_hex" "$T/zoo.json")
		[ "$(jq -j "select(.victim.pid == $(pid_of "$victim")).victim.comm" "$T/json.out" |
			od -An -v -tx1 | tr -d ' \n')" = "$hex" ]
	done
	[[ "$(told json comm-not-utf8 .victim.comm)" == *$'\xef\xbf\xbd'* ]]
}
