#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# killtrace history: stored deaths are reported again, with the same filters as in the live stream,
# also during writes. Only the last tests trace; the others store the events of the recordings in
# tests/golden.

setup() {
	load helpers
	load tracing
	GOLDEN=$ROOT/tests/golden
	FEED=$ROOT/build/history-feed
	DB=$T/history.db
	[ -x "$FEED" ] || cannot_run 'needs build/history-feed: make history-feed'
}

teardown() {
	end_all
}

# feed FILE.json: stores these lines without a limit on their age
feed() {
	"$FEED" "$DB" 100000 1024 250 <"$1" >/dev/null
}

history() {
	kt history --history "$DB" "$@"
}

# For jq: a death with defaults for everything that a test does not set.
DEATH='def death: {schema: 1, node: "n", time: "2026-11-20T00:00:00.000000000Z", cause: "sigkill", class: "userspace",
	routine: false, summary: "s", exit: {signal: 9, status: 0, core_dumped: false}} * .
	| .victim = {pid: 1, comm: "c"} * (.victim // {}) | .victim.tid = .victim.pid;'

# 300 deaths, one each minute from 2026-11-20 00:00:00 UTC on
feed_minutes() {
	jq -cn "$DEATH"'range(300) | {id: "boot-\(. + 1)", time: ((1795132800 + . * 60 | todate)[:-1] + ".000000000Z"),
		cause: (if . % 3 == 0 then "segfault" else "sigkill" end),
		class: (if . % 3 == 0 then "kernel" else "userspace" end), routine: (. % 10 == 9),
		summary: "death \(. + 1)", victim: {pid: (. + 1), comm: "comm-\(. % 7)"},
		systemd: {unit: "unit-\(. % 5).service"}} | death' >"$T/minutes"
	feed "$T/minutes"
}

@test "every recording that was stored is told as it was, byte for byte" {
	for json in "$GOLDEN"/*.json; do
		rm -f "$DB"*
		feed "$json"
		"$KILLTRACE" history --history "$DB" --all -o json >"$T/told"
		# equal times are reported in the order in which they were stored
		jq -r .time "$json" | paste - "$json" | sort -s -k 1,1 | cut -f 2- >"$T/expected"
		[ -s "$T/told" ]
		cmp "$T/expected" "$T/told"
	done
}

@test "people are told the same as by the live stream" {
	for json in "$GOLDEN"/synthetic-*.json; do
		rm -f "$DB"*
		feed "$json"
		TZ=UTC "$KILLTRACE" history --history "$DB" --all -o human >"$T/told"
		# history sorts by time, the recordings do not
		diff <(sort "${json%.json}.txt") \
			<(sort "$T/told")
		LC_ALL=C never grep -nP '[\x00-\x09\x0b-\x1f\x7f]' "$T/told"
	done
}

@test "a collector is told the same as by the live stream" {
	for name in synthetic-owner synthetic-hostile synthetic-oom synthetic-page-fault \
		synthetic-losses; do
		rm -f "$DB"*
		feed "$GOLDEN/$name.json"
		"$KILLTRACE" replay --all -o otlp "$GOLDEN/$name.ktrec" | sort >"$T/live"
		"$KILLTRACE" history --history "$DB" --all -o otlp | sort | cmp "$T/live" -
		[ -s "$T/live" ]
	done
}

@test "filters find what they find in the recording" {
	for name in synthetic-owner synthetic-hostile synthetic-oom synthetic-signal real-names \
		synthetic-losses; do
		rm -f "$DB"*
		feed "$GOLDEN/$name.json"
		while read -ra filter; do
			"$KILLTRACE" replay -o json "${filter[@]}" "$GOLDEN/$name.ktrec" >"$T/live"
			"$KILLTRACE" history --history "$DB" -o json "${filter[@]}" >"$T/stored"
			diff <(sort "$T/live") <(sort "$T/stored") ||
				{ echo "$name: ${filter[*]}" && false; }
			wc -l <"$T/stored" >>"$T/found"
		done <<-END
			--all
			--cause oom-memcg
			--cause oom-* --all
			--cause sigkill --cause signal --all
			--unit shop.service
			--unit s*.service --unit *[a-c]*.service
			--unit user@1000.service --all
			--pod shop/web-0
			--pod */*
			--container web
			--container *
			--comm victim
			--comm v?ctim --all
			--cgroup *
			--cgroup /system.slice/*
			--pid 4711
			--pid 4711 --comm victim --all
			--pid 1
			--fingerprint 1-* --all
			--fingerprint $(jq -r .fingerprint "$GOLDEN/$name.json" | grep -m 1 .) --all
			--fingerprint 1-0000000000000000
		END
	done
	# some of these match, others do not
	grep -q '^0$' "$T/found"
	[ "$(grep -cv '^0$' "$T/found")" -ge 20 ]
}

@test "words and patterns find the same" {
	feed_minutes
	for pair in 'unit unit-3.service unit-[3].service' 'comm comm-2 comm-[2]' \
		'cause sigkill sigkil[l]'; do
		read -r option word glob <<<"$pair"
		"$KILLTRACE" history --history "$DB" -o json "--$option" "$word" >"$T/words"
		"$KILLTRACE" history --history "$DB" -o json "--$option" "$glob" >"$T/globs"
		cmp "$T/words" "$T/globs"
		jq -c "select(.routine | not) | select(.$option == \"$word\" or .systemd.$option == \"$word\"
			or .victim.$option == \"$word\")" "$T/minutes" | cmp - "$T/words"
		[ "$(wc -l <"$T/words")" -ge 30 ]
	done
}

@test "--since, --until and --limit" {
	feed_minutes
	TZ=UTC0 history -o json --all --since '2026-11-20 01:00' --until 2026-11-20T01:30:00Z
	status_is 0
	stderr_is_empty
	diff <(sed -n 61,91p "$T/minutes") <(echo "$output")
	TZ=UTC-2 history -o json --all --since '2026-11-20 03:00' --until '2026-11-20 03:30'
	diff <(sed -n 61,91p "$T/minutes") <(echo "$output")
	history -o json --all --limit 7
	diff <(tail -n 7 "$T/minutes") <(echo "$output")
	history -o json --limit 7 --cause segfault --until 2026-11-20T02:00:00Z
	diff <(echo "$output") <(head -n 121 "$T/minutes" |
		jq -c 'select(.cause == "segfault" and (.routine | not))' | tail -n 7)
	history -o json --since 2026-11-20T05:00:00Z
	status_is 0
	stdout_is_empty
	history -o json --all --limit 1000
	diff "$T/minutes" <(echo "$output")
}

@test "times of day and so long ago" {
	now=$(date +%s)
	for ago in 30 5400 90000 172900; do
		jq -cn --argjson at "$((now - ago))" "$DEATH"'{id: "b-\($at)",
			time: (($at | todate)[:-1] + ".000000000Z"), cause: "segfault",
			class: "kernel", summary: "\(now - $at | floor)"} | death'
	done >"$T/recent"
	feed "$T/recent"
	for pair in '10m 1' '2h 2' '2h ago 2' '1d2h 3' '1w 4' '0s 0'; do
		history -o json --since "${pair% *}"
		[ "${#lines[@]}" -eq "${pair##* }" ]
	done
	history -o json --until 1h
	[ "${#lines[@]}" -eq 3 ]
}

@test "a time that is none" {
	for word in soon '' 2 '+2h' 2026-13-01 25:00 $'\e[2J'; do
		history --since "$word"
		bad_usage --since
		no_control_bytes
		history --until "$word"
		bad_usage --until
	done
	history --since 1h --until 2h
	bad_usage '--since is later than --until'
}

@test "a number that is none" {
	for word in 0 -1 x '' 1.5; do
		history --limit "$word"
		bad_usage '-n needs' "'$word'"
		kt daemon --history "$DB" --history-days "$word"
		bad_usage --history-days "'$word'"
		kt daemon --history "$DB" --history-size "$word"
		bad_usage --history-size "'$word'"
	done
	[ ! -e "$DB" ]
}

@test "a replay says how many deaths are too old for the history, and replay --help that it stores none" {
	jq -c 'select(.cause)' "$GOLDEN/real-arm64.json" >"$T/deaths"
	days=$((($(date +%s) - $(jq -rs '.[0].time[:19] + "Z" | fromdate' "$T/deaths")) / 86400))
	kt replay --all --history "$DB" --history-days 2 "$GOLDEN/real-arm64.ktrec"
	status_is 0
	stdout_is_empty
	one_line_of_talk "history: $(wc -l <"$T/deaths") deaths were older than 2 days and not stored; raise --history-days"
	[ "$(sqlite3 "$DB" 'SELECT count(*) FROM event')" -eq 0 ]
	kt replay --all --history "$DB" --history-days "$((days + 2))" "$GOLDEN/real-arm64.ktrec"
	status_is 0
	stderr_is_empty
	[ "$(sqlite3 "$DB" 'SELECT count(*) FROM event WHERE id IS NOT NULL')" -eq \
		"$(wc -l <"$T/deaths")" ]
	kt replay --help
	[[ $output == *'store no older ones'* ]]
}

@test "no history, and none that can be read" {
	history
	status_is 1
	stdout_is_empty
	one_line_of_talk "no history at '$DB'"
	[ ! -e "$DB" ]
	for bytes in 'not a database, but a line of text that somebody has written there' $'\x01\x02'; do
		echo "$bytes" >"$DB"
		history
		status_is 1
		one_line_of_talk "'$DB'" 'not a database'
		[ "$(cat "$DB")" = "$bytes" ]
	done
	: >"$DB"
	history
	status_is 1
	one_line_of_talk "no history at '$DB'"
	rm "$DB"
	mkdir "$DB"
	history
	status_is 1
	one_line_of_talk "'$DB'"
	rmdir "$DB"
	# it never has a writer
	mkfifo "$DB"
	history
	status_is 1
	one_line_of_talk "'$DB'" 'not a regular file'
}

@test "a database of a newer killtrace, and one of another program" {
	needs_tool sqlite3
	feed_minutes
	sqlite3 "$DB" 'PRAGMA user_version = 99' >/dev/null
	history
	status_is 1
	one_line_of_talk "'$DB'" newer
	rm "$DB"*
	sqlite3 "$DB" 'CREATE TABLE bookmarks (url)'
	history
	status_is 1
	one_line_of_talk "'$DB'" "another program's"
}

@test "a damaged database is said to be one" {
	feed_minutes
	dd if=/dev/urandom of="$DB" bs=4096 seek=2 count=20 conv=notrunc status=none
	history -o json
	status_is 1
	one_line_of_talk "'$DB'" "malformed; move it away"
}

@test "nothing that matches" {
	feed_minutes
	history --unit nosuch.service -o human
	status_is 1
	stdout_is_empty
	one_line_of_talk 'nothing in the history matches'
	history --unit nosuch.service -o json
	status_is 0
	stderr_is_empty
	stdout_is_empty
}

# rows: the process ids that were reported to people, in their order
rows() {
	sed -E 's/.* comm-[0-9]\[([0-9]+)\] .*/\1/' <<<"$output" | paste -sd' '
}

@test "what is asked for: a unit, a process, a name, a part of a container's id" {
	feed_minutes
	for pair in 'unit-3 unit-3.service' 'unit-3.service unit-3.service'; do
		history -o json --limit 500 "${pair% *}"
		diff <(echo "$output") <(jq -c "select((.routine | not) and
			.systemd.unit == \"${pair#* }\")" "$T/minutes")
	done
	history -o human 17
	status_is 0
	[ "$(rows)" = 17 ]
	history -o json comm-2
	diff <(echo "$output") <(jq -c 'select((.routine | not) and .victim.comm == "comm-2")' \
		"$T/minutes")
	history -o human nosuch
	status_is 1
	rm "$DB"*
	feed "$GOLDEN/synthetic-owner.json"
	history -o json 63425c4a8b42
	[ "${#lines[@]}" -ge 2 ]
	history -o json 63
	stdout_is_empty
}

@test "the newest first, and only so many" {
	feed_minutes
	history --all -n 3
	[ "$(rows)" = '298 299 300' ]
	history --all -n 3 -r
	[ "$(rows)" = '300 299 298' ]
	history --all -n all -S 2026-11-20T04:58:00Z -U 2026-11-20T04:58:30Z
	[ "$(rows)" = 299 ]
}

@test "--grep looks into rows and summaries" {
	feed_minutes
	history --grep 'DEATH 29[0-3]$'
	status_is 1
	history --grep 'death 29[0-3]$'
	[ "$(rows)" = '291 292 293' ]
	history --grep 'UNIT-4' -n 1
	status_is 1
	history --grep 'unit-4' -n 1
	[ "$(rows)" = 295 ]
	history --grep '('
	bad_usage --grep "'('"
}

@test "--group-by counts what jq counts" {
	feed_minutes
	for pair in 'cause .cause' 'comm .victim.comm' 'owner .systemd.unit'; do
		# by the columns of the database, and line by line
		for filter in --all '--unit=*'; do
			history -o json --all --group-by "${pair% *}" "$filter"
			diff <(jq -c '[.key, .count, .first, .last]' <<<"$output" | sort) \
				<(jq -cs "group_by(${pair#* })[] |
					[(.[0] | ${pair#* }), length, .[0].time, .[-1].time]" \
					"$T/minutes" | sort)
		done
	done
	history --group-by cause -n 1
	[[ "$output" == *' sigkill '* ]] && [ "${#lines[@]}" -eq 1 ]
	history --group-by nosuch
	bad_usage 'cannot group by'
	history --group-by own
	bad_usage "did you mean 'owner'"
	history --group-by owner -f
	bad_usage --follow
}

@test "-f continues with new deaths, until it is interrupted" {
	feed_minutes
	head -n 2 "$T/minutes" >"$T/two"
	feed "$T/two"
	spawn follower "$KILLTRACE" history --history "$DB" -n 1 -f -o json
	for ((wait = 0; wait < 1000; wait++)); do
		[ ! -s "$T/follower.out" ] || break
		sleep 0.02
	done
	jq -c '.id = "later-\(.victim.pid)"' "$T/two" >"$T/later"
	feed "$T/later"
	for ((wait = 0; wait < 1000; wait++)); do
		[ "$(wc -l <"$T/follower.out")" -lt 3 ] || break
		sleep 0.02
	done
	finish follower
	status_is 0
	diff <(tail -n 2 "$T/follower.out") "$T/later"
}

@test "a pager on a terminal, and none where none is wanted" {
	needs_tool script
	feed_minutes
	ask="'$KILLTRACE' history --history '$DB' -n 2"
	PAGER="sed 's/^/paged: /'" script -qefc "$ask" /dev/null >"$T/paged"
	[ "$(grep -c '^paged: ' "$T/paged")" -eq 5 ]
	for way in 'PAGER=cat' 'PAGER=' 'SYSTEMD_PAGER=cat PAGER=false'; do
		# shellcheck disable=SC2086
		env $way script -qefc "$ask" /dev/null >"$T/plain"
		[ "$(grep -c 'comm-[0-9]\[' "$T/plain")" -eq 2 ]
	done
	PAGER=false script -qefc "$ask --no-pager" /dev/null >"$T/plain"
	[ "$(grep -c 'comm-[0-9]\[' "$T/plain")" -eq 2 ]
	# with sudo, a pager of the user's choice would run as root
	if [ "$(id -u)" -eq 0 ]; then
		SUDO_UID=1 PAGER="touch '$T/ran'" \
			script -qefc "$ask" /dev/null >/dev/null </dev/null
		[ ! -e "$T/ran" ]
		PAGER="touch '$T/ran'" script -qefc "$ask" /dev/null >/dev/null
		[ -e "$T/ran" ]
	fi
	# a pager that leaves at once is not an error
	PAGER=true script -qefc "$ask" /dev/null
}

@test "who may read the file can read it, and who may not is told" {
	feed_minutes
	place=$(mktemp -d)
	copies+=("$place")
	chmod 755 "$place"
	mv "$DB"* "$place"
	DB=$place/history.db
	if [ "$(id -u)" = 0 ]; then
		kt_as_nobody history --history "$DB"
		status_is 1
		one_line_of_talk "'$DB'" 'Permission denied; run it as a user who may read it'
	fi
	chmod 644 "$place"/history.db*
	kt_as_nobody history --history "$DB" -o json --all
	status_is 0
	[ "${#lines[@]}" -eq 300 ]
	# a copy of the database alone, in a place where nothing can be written
	rm -f "$place"/history.db-*
	kt_as_nobody history --history "$DB" -o json --all
	status_is 0
	[ "${#lines[@]}" -eq 300 ]
}

@test "a reader that goes away, and one whose disk is full" {
	feed_minutes
	"$KILLTRACE" history --history "$DB" --all -o json | head -n 1 >"$T/first"
	cmp "$T/first" <(head -n 1 "$T/minutes")
	run -1 --separate-stderr bash -c '"$1" history --history "$2" -o json >/dev/full' sh \
		"$KILLTRACE" "$DB"
	one_line_of_talk 'No space left on device'
}

@test "it is read while somebody writes" {
	mkfifo "$T/in"
	SPAWN_IN="$T/in" spawn writer "$FEED" "$DB" 100000 1024 20
	exec 9>"$T/in"
	jq -cn "$DEATH"'range(3000) | {id: "boot-\(. + 1)", victim: {pid: (. + 1)}} | death' >"$T/lines"
	head -n 100 "$T/lines" >&9
	for ((wait = 0; wait < 1000; wait++)); do
		[ ! -s "$T/writer.out" ] || break
		sleep 0.02
	done
	tail -n +101 "$T/lines" >&9 &
	feeder=$!
	before=0
	for _ in {1..20}; do
		history -o json
		status_is 0
		stderr_is_empty
		count=${#lines[@]}
		[ "$count" -ge "$before" ]
		# a prefix of the lines without a gap
		cmp <(head -n "$count" "$T/lines") <(echo "$output")
		before=$count
	done
	wait "$feeder"
	exec 9>&-
	ended writer
	status_is 0
	[ "$(tail -n 1 "$T/writer.out")" = 3000 ]
	history -o json
	cmp "$T/lines" <(echo "$output")
}

@test "a reader that stands still keeps nobody from tidying up" {
	feed_minutes
	mkfifo "$T/out"
	exec 8<>"$T/out"
	# it must not hold the end of the pipe that this test reads
	SPAWN_OUT="$T/out" spawn reader bash -c \
		'for i in {1..40}; do [ ! -e "$3" ] || exit 0; "$1" history --history "$2" --all -o json || exit; done' \
		sh "$KILLTRACE" "$DB" "$T/enough" 8>&-
	# more than a pipe holds: by now it waits
	sleep 1
	jq -cn "$DEATH"'range(20000) | {id: "more-\(. + 1)", summary: ("s" * 200), victim: {pid: (. + 1)}} | death' >"$T/lines"
	"$FEED" "$DB" 100000 1024 250 <"$T/lines" >"$T/fed"
	[ "$(tail -n 1 "$T/fed")" = 20000 ]
	kill -0 "${pids[reader]}"
	[ "$(stat -c %s "$DB-wal")" -le 8388608 ]
	# the reader that waits ends when its pipe breaks; no further one begins
	touch "$T/enough"
	exec 8>&-
	ended reader
}

@test "a full disk is waited for, and nothing is lost" {
	[ "$(id -u)" = 0 ] || cannot_run 'needs root to mount'
	needs_tool sqlite3
	mkdir "$T/small"
	jq -cn "$DEATH"'range(1500) | {id: "boot-\(. + 1)", summary: ("s" * 300), victim: {pid: (. + 1)}} | death' >"$T/lines"
	# shellcheck disable=SC2016  # for the inner shell
	run with_mounts "mount -t tmpfs -o size=4m tmpfs '$T/small'" bash -c '
		dd if=/dev/zero of="$1/small/filler" bs=64k count=55 status=none
		timeout 300 "$2" "$1/small/history.db" 100000 1024 20 <"$1/lines" >"$1/fed" \
			2>"$1/said" &
		pid=$!
		for ((wait = 0; wait < 1500; wait++)); do
			if grep -qs full "$1/said"; then break; fi
			sleep 0.02
		done
		rm "$1/small/filler"
		wait "$pid" && sqlite3 "$1/small/history.db" "PRAGMA integrity_check; SELECT count(*), max(pid) FROM event"
	' sh "$T" "$FEED"
	cat "$T/said"
	status_is 0
	[ "$output" = $'ok\n1500|1500' ]
	grep -q 'full' "$T/said"
	[ "$(tail -n 1 "$T/said")" = 'works again' ]
}

@test "ended at any moment, what was safe is there once" {
	needs_tool sqlite3
	"$BATS_TEST_DIRNAME/history/kill.py" "$FEED" 200 1024
}

@test "ended at any moment while old deaths make room for new ones" {
	needs_tool sqlite3
	"$BATS_TEST_DIRNAME/history/kill.py" "$FEED" 100 1
}

@test "the power cut at any moment, what was safe is there once" {
	[ "$(id -u)" = 0 ] || cannot_run 'needs root to mount'
	needs_tool sqlite3
	needs_tool mkfs.ext4
	truncate -s 64M "$T/image"
	mkfs.ext4 -q "$T/image"
	unshare --mount --propagation private "$BATS_TEST_DIRNAME/history/kill.py" "$FEED" 100 \
		1024 "$T/image"
}

@test "the agent's history holds what its other outputs tell" {
	needs_tracing
	needs_tool sqlite3
	trace agent daemon --all --history "$DB" --json "$T/lines"
	victims null-deref kill-9 kill-15 oom comm-not-utf8 comm-control comm-newline
	finish agent TERM
	status_is 0
	no_complaint agent
	[ "$(stat -c %a "$DB")" = 600 ]
	[ "$(sqlite3 "$DB" 'PRAGMA integrity_check')" = ok ]
	history -o json --all
	echo "$output" >"$T/history.out"
	verdicts_are history 'null-deref segfault' 'kill-9 sigkill' 'kill-15 signal' \
		'oom oom-memcg' 'comm-not-utf8 segfault' 'comm-control segfault' \
		'comm-newline segfault'
	# sorted by time, not in the order of arrival
	diff <(sort "$T/lines") <(sort "$T/history.out")
}

@test "an agent whose history is in trouble says so once, and goes on" {
	needs_tracing
	needs_tool sqlite3
	sqlite3 "$DB" 'CREATE TABLE bookmarks (url)'
	trace agent daemon --history "$DB" --json "$T/lines"
	victims null-deref
	for ((wait = 0; wait < 1000; wait++)); do
		if [ "$(wc -l <"$T/lines")" -ge 1 ]; then break; fi
		sleep 0.02
	done
	cp "$T/lines" "$T/agent-lines.out"
	[ "$(told agent-lines null-deref .cause)" = '"segfault"' ]
	finish agent TERM
	status_is 0
	[ "$(grep -c "another program's; it will be tried again" "$T/agent.err")" -eq 1 ]
	grep -E '^killtrace: history: [1-9][0-9]* events? (was|were) not written$' "$T/agent.err"
	[ "$(sqlite3 "$DB" .tables)" = bookmarks ]
}
