#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# killtrace report: a page about stored deaths. Parsers that are not ours read it (report.py).

setup() {
	load helpers
	load tracing
	GOLDEN=$ROOT/tests/golden
	FEED=$ROOT/build/history-feed
	DB=$T/history.db
	PAGE=$T/page.html
	[ -x "$FEED" ] || cannot_run 'needs build/history-feed: make history-feed'
}

# feed FILE...: stores these lines without a limit on their age
feed() {
	cat "$@" | "$FEED" "$DB" 100000 1024 250 >/dev/null
}

report() {
	kt report --history "$DB" "$@"
}

# page_is_sound: what must hold of every page; prints its text
page_is_sound() {
	/usr/bin/python3 "$ROOT/tests/cli/report.py" "$PAGE" >"$T/text" ||
		{ cat "$T/text" && false; }
}

has() {
	grep -qF -- "$1" "$T/text" || { echo "'$1' is not in the page" && false; }
}

# For jq: a death with defaults for everything that a test does not set.
DEATH='def death: {schema: 1, node: "n1", time: "2026-11-20T00:00:00.000000000Z",
	cause: "sigkill", class: "userspace", routine: false, summary: "s",
	fingerprint: "1-00000000000000aa", exit: {signal: 9, status: 0, core_dumped: false}} * .
	| .victim = {pid: 1, comm: "c"} * (.victim // {}) | .victim.tid = .victim.pid;'

@test "every recorded death makes a page that parsers accept, with its counts" {
	feed "$GOLDEN"/*.json
	report --all -S 2000-01-01 -U 2100-01-01 -o "$PAGE"
	status_is 0
	page_is_sound
	# the same id is stored once
	jq -r 'select(.cause) | "\(.id) \(.cause) \(.repeats.count // 1)"' "$GOLDEN"/*.json |
		sort -u -k 1,1 >"$T/deaths"
	[ "$(wc -l <"$T/deaths")" -ge 30 ]
	has "$(awk '{ n += $3 } END { print n }' "$T/deaths") deaths of"
	while read -r cause count; do
		grep -qP "^$cause$count\d+\.\d %" "$T/text" || { echo "$cause $count" && false; }
	done < <(awk '{ n[$2] += $3 } END { for (c in n) print c, n[c] }' "$T/deaths")
}

@test "owners, causes, times and the explanation of the newest death" {
	jq -acn "$DEATH"'range(300) | {id: "boot-\(. + 1)",
		time: ((1795132800 + . * 60 | todate)[:-1] + ".000000000Z"),
		cause: (if . % 3 == 0 then "segfault" else "sigkill" end),
		fingerprint: "1-00000000000000\(if . % 3 == 0 then "aa" else "bb" end)",
		class: (if . % 3 == 0 then "kernel" else "userspace" end), routine: (. % 10 == 9),
		summary: "death \(. + 1)", victim: {pid: (. + 1), comm: "comm-\(. % 7)"},
		systemd: {unit: "unit-\(. % 5).service"}} | death' >"$T/deaths"
	feed "$T/deaths"
	TZ=UTC report -S 2026-11-20 -U '2026-11-20 05:00' -o "$PAGE"
	status_is 0
	stdout_is_empty
	stderr_is_empty
	page_is_sound
	has '270 deaths of 5 owners: 180 sigkill, 90 segfault'
	has 'from 2026-11-20 00:00:00 to 2026-11-20 05:00:00'
	# the newest one of each owner, of those that are not routine
	for owner in 0 1 2 3; do
		n=$(jq -r "select(.routine == false and .systemd.unit == \"unit-$owner.service\").summary" \
			"$T/deaths" | tail -n 1)
		has "$n"
	done
	never has 'What filled it'
	# as `why` says it, which has its times in full here
	TZ=UTC "$KILLTRACE" why --history "$DB" --no-symbols -o json 1-00000000000000bb |
		jq -r .why.answer | cut -c 1-60 >"$T/answer"
	has "$(cat "$T/answer")"
	# the same selection as in history
	report -S 2026-11-20 -U 2026-11-21 -o "$PAGE" --unit 'unit-[34]*' --cause segfault \
		--grep 'death 1'
	page_is_sound
	has "$("$KILLTRACE" history --history "$DB" -o json --unit 'unit-[34]*' --cause segfault \
		--grep 'death 1' | wc -l) deaths of 2 owners"
	has '--cause segfault --unit unit-[34]* --grep death 1'
	report -S 2026-11-20 -U 2026-11-21 -o "$PAGE" unit-2
	page_is_sound
	has 'of 1 owner:'
}

@test "names that end elements, attributes and comments stay text" {
	jq -acn "$DEATH"'["</script><script>alert(1)</script>", "\"><img src=x onerror=alert(1)>",
		"-->]]>", "&lt;b&gt;", "\u202egnp.exe", "a\u001b[2J", "\u200b\u2028\u00ad",
		"</style><body>", "%s%n%d", "'"'"' onload=x", "{{7*7}}", "javascript:alert(1)"] |
		to_entries[] | {id: "boot-\(.key + 1)", fingerprint: "1-00000000000000\(.key + 10)",
		summary: .value, victim: {comm: .value[0:15]}, node: .value,
		systemd: {unit: .value}, cgroup: {id: 1, version: 2, path: "/\(.value)"},
		container: {id: "c\(.key)", name: .value, image: .value, runtime: "docker"}}
		| death' >"$T/hostile"
	feed "$T/hostile"
	feed "$GOLDEN"/synthetic-hostile.json "$GOLDEN"/real-names.json
	report --all -S 2000-01-01 -U 2100-01-01 --grep '.' -o "$PAGE"
	status_is 0
	page_is_sound
	has '</script><script>alert(1)</script>'
	has '"><img src=x onerror=alert(1)>'
	has '\u{202e}gnp.exe'
	has '&lt;b&gt;'
	never grep -qi '<script\|<img\|<body>.*<body>\|javascript:"' "$PAGE"
}

@test "memory at the limit, and losses" {
	jq -acn "$DEATH"'{id: "boot-1", cause: "oom-memcg", class: "kernel",
		systemd: {unit: "shop.service"}, oom: {score_adj: 0, group_kill: false,
		cgroup: "/shop", limit_bytes: 536870912, usage_bytes: 535822336,
		limit_memory: {anon: 402653184, file: 104857600, shmem: 94371840,
		kernel: 10485760, swap: 0, source: "counters"}}} | death' >"$T/oom"
	jq -acn '{schema: 1, time: "2026-11-20T01:00:00.000000000Z", node: "n1",
		lost: {ring_full: 12}}' >>"$T/oom"
	feed "$T/oom"
	report -S 2026-11-20 -U 2026-11-21 -o "$PAGE"
	page_is_sound
	has 'anon 384 MiB, tmpfs and shared 90 MiB, files 10 MiB, kernel 10 MiB'
	has '511 MiB'
	has '512 MiB'
	has 'Losses were reported once: 12 deaths that found no room in the ring buffer'
}

@test "a report without deaths says so, and ends like history" {
	feed "$GOLDEN"/real-faults.json
	report -S 2001-01-01 -U 2001-01-02 -o "$PAGE"
	status_is 1
	one_line_of_talk 'nothing in the history matches'
	page_is_sound
	has 'No death in the history matches'
	rm "$PAGE"
	kt report --history "$T/none.db" -o "$PAGE"
	status_is 1
	one_line_of_talk 'no history at' none.db
	[ ! -e "$PAGE" ]
	head -c 100000 /dev/urandom >"$T/noise.db"
	kt report --history "$T/noise.db" -o "$PAGE"
	status_is 1
	[ ! -e "$PAGE" ]
}

@test "the page appears as a whole, or not at all" {
	feed "$GOLDEN"/real-faults.json
	echo older >"$PAGE"
	(umask 0 && report --all -S 2000-01-01 -U 2100-01-01 -o "$PAGE")
	[ "$(stat -c %a "$PAGE")" = 600 ]
	page_is_sound
	[ ! -e "$PAGE.partial" ]
	# a place that is full
	echo older >"$PAGE"
	prlimit --fsize=40000 sh -c 'trap "" XFSZ; exec "$@"' - "$KILLTRACE" report \
		--history "$DB" --all -S 2000-01-01 -U 2100-01-01 -o "$PAGE" 2>"$T/full" && false
	grep -q "cannot write the report to '$PAGE': File too large" "$T/full"
	[ "$(cat "$PAGE")" = older ]
	[ ! -e "$PAGE.partial" ]
	# what is no file of ours
	ln -s "$T/elsewhere" "$T/link"
	report --all -S 2000-01-01 -U 2100-01-01 -o "$T/link"
	status_is 1
	one_line_of_talk 'cannot write the report' 'not a regular file'
	[ ! -e "$T/elsewhere" ]
	report --all -S 2000-01-01 -U 2100-01-01 -o "$T/no/such/page"
	status_is 1
	one_line_of_talk 'cannot write the report' 'No such file'
}

@test "standard output: the same page, no terminal, a reader that leaves" {
	feed "$GOLDEN"/real-faults.json
	args=(report --history "$DB" --all -S 2000-01-01 -U 2026-12-31)
	"$KILLTRACE" "${args[@]}" >"$PAGE"
	page_is_sound
	"$KILLTRACE" "${args[@]}" -o - | tail -n 1 | grep -qF '</html>'
	"$KILLTRACE" "${args[@]}" -o - | head -c 10 >"$T/head"
	[ "$("$KILLTRACE" "${args[@]}" 2>&1 >/dev/full || echo "status $?")" = \
		"$(printf 'killtrace: cannot write the output: No space left on device\nstatus 1')" ]
	script -qec "$KILLTRACE ${args[*]}" /dev/null >"$T/terminal" || true
	grep -q 'not written to a terminal' "$T/terminal"
}

@test "a user without privileges who may read the history gets the page" {
	feed "$GOLDEN"/real-faults.json
	place=$(mktemp -d)
	chmod 777 "$place"
	cp "$DB" "$place/history.db"
	chmod 644 "$place/history.db"
	kt_as_nobody report --history "$place/history.db" --all -S 2000-01-01 -o "$place/page.html"
	status_is 0
	PAGE=$place/page.html page_is_sound
	rm -r "$place"
}

@test "bad usage of report is one line" {
	kt report -o ''
	bad_usage '--output' FILE
	kt report -S tomorrow
	bad_usage '--since' tomorrow
	kt report --grep '(' --history "$T/none.db" -o "$PAGE"
	[ "$status" -ne 0 ]
	kt report a b
	bad_usage b
	kt report --follow
	bad_usage --follow
	kt report --cause nothing
	bad_usage nothing
}
