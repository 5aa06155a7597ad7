#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# Recordings and databases are files that any user can have written. Every string in them is
# replaced by text that could mislead a terminal, a parser or a database, and every output is
# checked for it.

setup() {
	load helpers
	load tracing
	HOSTILE=$BATS_TEST_DIRNAME/hostile.py
	FEED=$ROOT/build/history-feed
	[ -x "$FEED" ] || cannot_run 'needs build/history-feed: make history-feed'
}

# hostile WHAT ARGS...
hostile() {
	/usr/bin/python3 "$HOSTILE" "$@"
}

# for_each_payload COMMAND: runs it with each payload's name and a recording with it in every
# string.
for_each_payload() {
	local payload
	for payload in $(hostile payloads); do
		hostile make "$payload" "$ROOT"/tests/golden/{synthetic-*,real-wrappers}.ktrec \
			>"$T/$payload.ktrec"
		"$1" "$payload" "$T/$payload.ktrec" || {
			echo "with $payload"
			return 1
		}
	done
}

# replayed OUTPUT RECORDING: into $T/out, one line for each death
replayed() {
	timeout 60 "$KILLTRACE" replay --all -o "$1" "$2" >"$T/out" 2>"$T/err" &&
		hostile talk "$T/err" &&
		[ "$(wc -l <"$T/out")" -ge 150 ]
}

people_get() {
	replayed human "$2" && hostile human "$T/out"
}

programs_get() {
	replayed json "$2" && hostile json "$T/out" &&
		jq -es 'all(.id and .summary)' "$T/out" >/dev/null &&
		# a NUL hides the name: then there is no copy
		{ [ "$1" = null ] || grep -q '"copy_of":{' "$T/out"; }
}

collectors_get() {
	replayed otlp "$2" && hostile lines "$T/out" &&
		jq -es 'all(.resourceLogs)' "$T/out" >/dev/null
}

files_get() {
	local place=$T/files.$1
	mkdir "$place"
	timeout 60 "$KILLTRACE" replay --all --textfile "$place" --json "$place/lines" \
		--history "$place/db" \
		--history-days 100000 "$2" 2>"$place/err" || { cat "$place/err" && return 1; }
	grep -q '^killtrace_workload_kills_total.*kind="kubernetes"' "$place/killtrace.prom" ||
		return 1
	hostile talk "$place/err" && hostile metrics "$place/killtrace.prom" &&
		hostile json "$place/lines" || return 1
	timeout 60 "$KILLTRACE" history --history "$place/db" --all -o json \
		>"$place/json" 2>"$place/err" &&
		[ ! -s "$place/err" ] && hostile json "$place/json" || return 1
	diff <(sort "$place/lines") <(sort "$place/json") >/dev/null || return 1
	"$KILLTRACE" history --history "$place/db" --all -o human >"$place/human" 2>"$place/err" &&
		hostile human "$place/human" && hostile talk "$place/err" || return 1
	"$KILLTRACE" history --history "$place/db" --all -o otlp >"$place/otlp" &&
		hostile lines "$place/otlp"
}

@test "hostile strings: lines for people" {
	for_each_payload people_get
}

@test "hostile strings: JSON" {
	for_each_payload programs_get
}

@test "hostile strings: OpenTelemetry" {
	for_each_payload collectors_get
}

@test "hostile strings: metrics, JSON files and the history" {
	for_each_payload files_get
}

@test "hostile strings: entries for journald" {
	[ "$(id -u)" = 0 ] || cannot_run 'needs root to mount'
	journald_gets() {
		unshare --mount --propagation private /usr/bin/python3 "$HOSTILE" entries \
			"$KILLTRACE" "$2"
	}
	for_each_payload journald_gets
}

@test "hostile strings: what is said about files and options" {
	local name=$'a\e[2J\n\xc2\x9b31m\x7f\xff\xe2\x80\xae'
	mkdir "$T/$name"
	echo nonsense >"$T/$name/file"
	for words in "replay $T/$name/file" "replay $T/$name/nosuch" "replay $T/$name" \
		"history --history $T/$name/file" "history --history $T/$name/nosuch" \
		"history --history $T/$name" "replay --json $T/$name/file/x $T/x" \
		"record $T/$name/file/x" "$name" "replay --$name" "replay -o $name x" \
		"history --since $name" "history --cause $name" "daemon --otlp $name" \
		"history --limit $name" "replay $name $name"; do
		IFS=' ' read -r -d '' -a argv <<<"$words" || true
		argv[-1]=${argv[-1]%$'\n'}
		"$KILLTRACE" "${argv[@]}" >"$T/out" 2>"$T/err" </dev/null || true
		[ -s "$T/err" ]
		hostile talk "$T/out" "$T/err"
	done
}

# rows N: lines of deaths as an agent stores them
rows() {
	jq -cn --argjson most "$1" 'range(1; $most + 1) | {schema: 1, id: "boot-\(.)",
		time: "2026-11-20T00:00:00.000000000Z", node: "n", cause: "sigkill",
		class: "userspace", routine: false, summary: "death \(.)",
		exit: {signal: 9, status: 0, core_dumped: false},
		victim: {pid: ., tid: ., comm: "c"}}'
}

# made KIND: a history of 300 deaths, changed to that kind
made() {
	rows 300 | "$FEED" "$T/$1.db" 100000 1024 250 >/dev/null
	/usr/bin/python3 "$BATS_TEST_DIRNAME/history/hostile.py" "$1" "$T/$1.db"
}

# reads OUTPUT DATABASE: within a minute, and with little memory; sets status, and checks that the
# messages are harmless
reads() {
	status=0
	(ulimit -v 1000000 && exec timeout --kill-after=1 60 "$KILLTRACE" history --history "$2" \
		--all -o "$1") \
		>"$T/out" 2>"$T/err" || status=$?
	echo "$1 of $2: $status, $(wc -l <"$T/out") lines: $(cat -v "$T/err")"
	[ "$status" -le 1 ] && [ "$(wc -l <"$T/err")" -le 1 ] && hostile talk "$T/err"
}

@test "a history that is none: one line, and nothing of it is run" {
	for kind in endless_view view_of_a_table generated virtual; do
		made "$kind"
		for output in human json otlp; do
			reads "$output" "$T/$kind.db"
			status_is 1
			grep -q "another program's database.*; name one that" "$T/err"
			[ ! -s "$T/out" ]
		done
	done
	made no_column
	reads json "$T/no_column.db"
	status_is 1
	grep -q 'no such column.*; name one that' "$T/err"
	made multiplied
	reads json "$T/multiplied.db"
	status_is 1
	grep -q 'more work than any history.*; name one that' "$T/err"
}

@test "a history with rows that are none: they are counted, and the others printed" {
	for kind in huge_row other_types terminal; do
		made "$kind"
		reads json "$T/$kind.db"
		status_is 0
		grep -q '^killtrace: [0-9]* lines\? of the history .* not of a form' "$T/err"
		[ "$(wc -l <"$T/out")" -ge 285 ]
		hostile json "$T/out"
		jq -es 'all(.id)' "$T/out" >/dev/null
		count=$(wc -l <"$T/out")
		reads human "$T/$kind.db"
		hostile human "$T/out"
		[ "$(wc -l <"$T/out")" -eq "$count" ]
		reads otlp "$T/$kind.db"
		hostile lines "$T/out"
		[ "$(wc -l <"$T/out")" -eq "$count" ]
	done
}

@test "a history with more in it than ours have: read all the same" {
	for kind in triggers large_schema no_index; do
		made "$kind"
		reads json "$T/$kind.db"
		status_is 0
		[ ! -s "$T/err" ]
		rows 300 | jq -cS . | diff - <(jq -cS . "$T/out")
	done
	# it can also be written
	rows 303 | tail -n 3 | timeout 30 "$FEED" "$T/triggers.db" 100000 1024 250
	reads json "$T/triggers.db"
	[ "$(wc -l <"$T/out")" -eq 303 ]
}

@test "a file that is no history: one line that says what it is" {
	: >"$T/empty"
	mkdir "$T/folder"
	mkfifo "$T/fifo"
	truncate -s 1T "$T/sparse"
	head -c 100000 /dev/urandom >"$T/noise"
	rows 3 | "$FEED" "$T/real.db" 100000 1024 250 >/dev/null
	ln -s real.db "$T/link"
	for name in empty folder fifo sparse noise link; do
		reads json "$T/$name"
		status_is 1
		[ ! -s "$T/out" ]
		grep -q "'$T/$name'" "$T/err"
	done
	grep -q 'symbolic link, not the file itself' "$T/err"
	for beside in wal journal shm; do
		for way in mkfifo 'ln -s /dev/zero' mkdir; do
			rm -rf "$T/real.db-$beside"
			$way "$T/real.db-$beside"
			reads json "$T/real.db"
			status_is 1
			grep -q 'beside it is not a regular file' "$T/err"
		done
		rm -rf "$T/real.db-$beside"
	done
	# a folder may be reached by a link
	mkdir "$T/elsewhere"
	mv "$T/real.db" "$T/elsewhere"
	ln -s elsewhere "$T/there"
	reads json "$T/there/real.db"
	status_is 0
	[ "$(wc -l <"$T/out")" -eq 3 ]
}
