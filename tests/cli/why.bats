#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# killtrace why: which death it finds, where, and one clear line for each thing that it cannot read.
# What it says about a death is in tests/golden/why.bats. Nothing here traces.

setup() {
	load helpers
	T=$BATS_TEST_TMPDIR
	GOLDEN=$ROOT/tests/golden
	FEED=$ROOT/build/history-feed
	DB=$T/history.db
	[ -x "$FEED" ] || skip 'needs build/history-feed: make history-feed'
}

# feed: stores the lines of standard input without a limit on their age
feed() {
	"$FEED" "$DB" 100000 1024 250 >/dev/null
}

why() {
	TZ=UTC kt why --history "$DB" "$@"
}

feed_services() {
	feed <"$GOLDEN/why/services.json"
}

@test "a death is found by each of its names" {
	feed_services
	while read -r word expected; do
		why "$word"
		status_is 0
		stderr_is_empty
		[[ "${lines[0]}" == "$expected"* ]] || { echo "$word: ${lines[0]}" && false; }
	done <<-END
		1139 shop.service: job (pid 1139)
		nginx nginx.service: nginx (pid 1139)
		nginx.service nginx.service: nginx (pid 1139)
		postgresql@15-main postgresql@15-main.service: postgres (pid 881)
		shop/db-0 shop/db-0, container app: worker
		shop/web shop/web-6d4cf56db6-x7k2p, container app:
		shop/web-6d4cf56db6-x7k2p shop/web-6d4cf56db6-x7k2p, container app:
		browserless docker container browserless: chrome
		browser docker container browserless: chrome
		63425c4a8b42 docker container shop-web: node
		docker:63425c4a8b42 docker container shop-web: node
		docker:shop-web docker container shop-web: node
		shop/db-0:app shop/db-0, container app: worker
		/system.slice/scenario-oom.service scenario-oom.service: tail
		log-shipper logs/shipper-x7k2p, container shipper: log-shipper
		1-0000000000000015 nginx.service: nginx (pid 1139)
		3f0c1d2e-0000-4000-8000-0123456789ab-3 scenario-oom.service: tail
	END
}

@test "the end of what held a pod's namespaces hides no death of the pod" {
	jq -c 'select(.kubernetes.pod == "db-0") | ., (del(.kubernetes.container, .container.name)
		| del(.oom) | .cause = "sigkill" | .class = "userspace" | .id = "boot-9"
		| .time = "2025-11-30T00:00:00.000000000Z")' \
		"$GOLDEN/why/services.json" | feed
	why shop/db-0
	status_is 0
	[[ "$output" == "shop/db-0, container app: worker"* ]]
	# where there is nothing else, it is the answer
	why boot-9
	status_is 0
	[[ "$output" == "shop/db-0: "* ]]
}

@test "without a name it is the newest death" {
	feed_services
	why
	status_is 0
	[[ "$output" == "shop.service: job (pid 1139) was killed at "*"03:20:40"* ]]
}

@test "an ambiguous word lists what it can be" {
	feed_services
	why p
	status_is 2
	stdout_is_empty
	[[ "$stderr" == *"'p' can be any of these"* ]]
	[[ "$stderr" == *"unit postgresql@15-main.service"* ]]
	[[ "$stderr" == *"program postgres"* ]]
	# the two workloads of a namespace are no replicas of each other
	why shop/
	status_is 2
	[[ "$stderr" == *"pod shop/db-0"* ]]
}

@test "hostile words are only words" {
	feed_services
	for word in "'; DROP TABLE event; --" '%' '*' '?1' $'c\nd' $'\e[31m' '../x' \
		"$(printf 'x%.0s' {1..5000})"; do
		why "$word"
		status_is 1
		no_control_bytes
		[[ "$output" == "No death of "* ]]
	done
}

@test "an earlier death of the same kind is counted" {
	local hour
	for hour in 00 01 02 03; do
		jq -c --arg hour "$hour" 'select(.id | endswith("-1"))
			| .id = "boot-" + ($hour | tonumber + 1 | tostring)
			| .time = "2025-11-28T" + $hour + ":00:00.000000000Z"' \
			"$GOLDEN/why/services.json"
	done | feed
	why shop/web
	status_is 0
	[[ "${output//$'\n'/ }" == *"It is the 4th time since Fri 2025-11-28 00:00:00, about every 60 min."* ]]
	[[ "$output" == *"each of the newest 4 was about 2 h 20 min old"* ]]
	# the one before knows nothing of those after it
	why boot-1
	[[ "${output//$'\n'/ }" == *"It is the first time in the history"* ]]
}

# storm MILLISECONDS: feeds five equal deaths, so far apart and so old
storm() {
	local count
	for count in 1 2 3 4 5; do
		jq -c --argjson ms "$((count * $1))" --argjson age "$1" --arg count "$count" '
			select(.id | endswith("-1")) | .id = "boot-" + $count
			| .victim.age_seconds = $age / 1000
			| .time = "2025-11-28T01:00:" + (100 + ($ms / 1000 | floor) | tostring)[1:3]
				+ "." + (1000 + $ms % 1000 | tostring)[1:4] + "000000Z"' \
			"$GOLDEN/why/services.json"
	done | feed
}

@test "two deaths of one decision are one time" {
	jq -c 'select(.cause == "oom-memcg" and .systemd) | .oom.chosen_pid = 840 | .fingerprint = "1-00000000000000aa"
		| (., (.id = "boot-2" | .victim.pid = 841
			| .time = "2025-11-28T03:13:52.100000000Z"))' \
		"$GOLDEN/why/services.json" | head -n 2 | feed
	why scenario-oom
	status_is 0
	[[ "${output//$'\n'/ }" == *"It is the first time in the history"* ]]
}

@test "the same crash in another unit is said to be one" {
	jq -c 'select(.systemd.unit == "nginx.service") | ., (.id = "boot-2"
		| .time = "2025-11-29T01:00:00.000000000Z" | .systemd.unit = "other.service")' \
		"$GOLDEN/why/services.json" | head -n 2 | feed
	why other.service
	status_is 0
	[[ "${output//$'\n'/ }" == *"the same happened in other units, such as nginx.service."* ]]
}

@test "a rate and ages below a second say nothing, and what is young has no leak" {
	storm 3000
	why shop/web
	[[ "${output//$'\n'/ }" == *"since Fri 2025-11-28 01:00:03, about every 3.0 s."* ]]
	[[ "$output" == *"newest 5 was about 3.0 s old: it needs more"* ]]
	rm "$DB"*
	storm 4
	why shop/web
	[[ "${output//$'\n'/ }" == *"It is the 5th time since Fri 2025-11-28 01:00:00."* ]]
	[[ "$output" != *'ages:'* ]]
}

@test "no death is an answer as well" {
	feed_services
	why nothing.service
	status_is 1
	stderr_is_empty
	[[ "${output//$'\n'/ }" == "No death of 'nothing.service' in the history '$DB' since "* ]]
	[[ "${output//$'\n'/ }" == *" It does not say when an agent ran. No losses were reported."* ]]
	awk 'length($0) > 80' <<<"$output" | { ! grep .; }
	why -o json nothing.service
	status_is 1
	stdout_is_empty
	one_line_of_talk "no death of 'nothing.service' in the history '$DB' since "
	# a loss makes the answer poorer
	grep -h '"lost"' "$GOLDEN/synthetic-losses.json" | head -n 1 | sed 's/2023-/2026-/' | feed
	why nothing.service
	status_is 1
	[[ "${output//$'\n'/ }" == *"so a death can be missing"* ]]
}

# says PATTERN: the output, with its lines joined, matches it
says() {
	# shellcheck disable=SC2053 # a pattern
	[[ "${output//$'\n'/ }" == $1 ]]
}

# ran [BEGIN END]...: agents ran then, in seconds before now
ran() {
	local now values=()
	now=$(date +%s)
	while (($#)); do
		values+=("($(((now - $1) * 1000000000)), $(((now - $2) * 1000000000)))")
		shift 2
	done
	sqlite3 "$DB" "DELETE FROM ran; INSERT INTO ran (begin, last) VALUES $(
		IFS=,
		echo "${values[*]}"
	)"
}

@test "the absence of a death is known for the time that an agent ran" {
	: | feed
	ran 7200 0
	why
	status_is 1
	stderr_is_empty
	says "No death in the history '$DB' since "*'. The agent ran all the time and lost nothing. It noted that last at '*'. Ordinary ends, '*
	why -o json nothing.service
	status_is 1
	one_line_of_talk "no death of 'nothing.service' in the history '$DB' since "
	# it was not there for an hour, and then for half an hour
	ran 14400 10800 7200 5400 3600 0
	why nothing.service
	status_is 1
	says '*. The agent did not run from * to *, from * to *, so *'
	says '* No losses were reported. Ordinary ends, '*
	ran 9000 8900 8000 7900 7000 6900 6000 5900 5000 4900 4000 0
	why nothing.service
	says '*, and 2 more times, so a death can be missing.*'
	# restarts
	ran 7200 3600 3595 3590 3585 0
	why nothing.service
	says '* The agent ran all the time except during restarts and lost nothing. It was restarted 2 times, which took 10 s in all. *'
	# it does not run now
	ran 7200 3600
	why nothing.service
	says '* The agent did not run from *, so a death can be missing.*'
	# deaths that are older than what is known about agents
	feed_services
	ran 7200 0
	why nothing.service
	says '* since * It is not known whether an agent ran before *'
	says '*. The agent ran all the time since then and lost nothing. It noted '*
	# what was dropped can have been one
	sqlite3 "$DB" 'DELETE FROM event WHERE number = 2'
	why nothing.service
	says '* lost nothing. It noted '*' 1 row was dropped to keep the history within its limits: '*
	# a loss, while the agent ran
	grep -h '"lost"' "$GOLDEN/synthetic-losses.json" | head -n 1 | sed 's/2023-/2026-/' | feed
	why nothing.service
	says '* The agent ran all the time since then. It noted *. Losses were reported *'
	says '*, so a death can be missing.*'
}

# advised LABEL: what the explanation in $output advises under that label
advised() {
	jq -er --arg name "$1" '.why.next[] | select(.label == $name) | .command' <<<"$output"
}

@test "the commands that it advises find the deaths in the same database" {
	mkdir "$T/it's here"
	DB="$T/it's here/history.db"
	feed_services
	feed <"$GOLDEN/real-families.json"
	# of another boot
	sed 's/"id":"0f1e/"id":"1f1e/' "$GOLDEN/real-signals.json" | feed
	PATH="${KILLTRACE%/*}:$PATH"
	local word label row command
	while read -r word label row; do
		why -o json "$word"
		status_is 0
		# a terminal shows the last day only, unless something else is asked for
		command=$(advised "$label")
		TZ=UTC script -qec "$command" /dev/null >"$T/rows" </dev/null
		grep -q "$row" "$T/rows" || { cat "$T/rows" && false; }
	done <<-END
		3f0c1d2e-0000-4000-8000-0123456789ab-1 again python3
		3f0c1d2e-0000-4000-8000-0123456789ab-1 grows python3
		3f0c1d2e-0000-4000-8000-0123456789ab-3 grows tail
		kz-early again kz-early
		kz-ns-inner first kz-ns-init
		kz-early others kz-early
	END
	# they would find nothing
	why -o json nginx
	[[ "$(advised again)" == *'--history='* ]]
	run --separate-stderr "$KILLTRACE" why -o json - <<<"$output"
	run ! advised again
}

@test "recordings and lines are read like a history" {
	kt why --replay "$GOLDEN/real-faults.ktrec" kz-null-write
	status_is 0
	[[ "$output" == *"it wrote through"*"a null pointer"* ]]
	run --separate-stderr "$KILLTRACE" why --replay - kz-divide <"$GOLDEN/real-faults.ktrec"
	status_is 0
	[[ "${output//$'\n'/ }" == *"it divided an integer by zero"* ]]
	# the newest of several lines
	run --separate-stderr "$KILLTRACE" why - <"$GOLDEN/why/services.json"
	status_is 0
	[[ "$output" == "shop.service: job (pid 1139)"* ]]
}

@test "of a recording that is cut, the deaths before the cut are considered" {
	head -c -20 "$GOLDEN/real-faults.ktrec" >"$T/cut"
	kt why --replay "$T/cut" kz-null-write
	status_is 0
	one_line_of_talk "'$T/cut' is cut at byte " '; only the deaths before that are considered'
}

@test "what killtrace why prints as JSON can be explained again" {
	sed -n 3p "$GOLDEN/why/services.json" | "$KILLTRACE" why -o json - >"$T/once"
	"$KILLTRACE" why -o json - <"$T/once" >"$T/again"
	cmp "$T/once" "$T/again"
}

@test "each input that cannot be read gets one line" {
	local loss='{"schema":1,"time":"2023-11-14T22:15:00.000000000Z","node":"n"'
	loss+=',"lost":{"output":1}}'
	while IFS='|' read -r text expected; do
		text=${text/LOSS/$loss}
		printf '%b' "$text" >"$T/in"
		run --separate-stderr "$KILLTRACE" why - <"$T/in"
		status_is 1
		stdout_is_empty
		one_line_of_talk "$expected"
	done <<-'END'
		|standard input is empty
		\n\n|standard input is empty
		no json\n|no death of a form that this killtrace knows
		{"cause":"sigkill"}\n|no death of a form that this killtrace knows
		LOSS\n|losses only
	END
	head -c 2000000 /dev/zero | tr '\0' x >"$T/in"
	run --separate-stderr "$KILLTRACE" why - <"$T/in"
	status_is 1
	one_line_of_talk "longer than any of killtrace's"
	kt why --replay "$T/in"
	status_is 1
	one_line_of_talk "killtrace record"
	kt why --replay "$T/absent"
	status_is 1
	one_line_of_talk "'$T/absent'" 'No such file'
}

@test "each database that cannot be read gets one line" {
	why
	status_is 1
	one_line_of_talk "no history at '$DB'" "killtrace daemon --history"
	: >"$DB"
	why
	status_is 1
	one_line_of_talk "no history at '$DB'"
	echo 'this is not a database at all, only some text' >"$DB"
	why
	status_is 1
	one_line_of_talk "cannot read the history '$DB'" "not a database; name one that"
	rm "$DB"
	mkfifo "$DB"
	why
	status_is 1
	one_line_of_talk "not a regular file"
	rm "$DB"
	feed_services
	sqlite3 "$DB" 'PRAGMA user_version = 4711'
	why
	status_is 1
	one_line_of_talk "newer killtrace"
	sqlite3 "$DB" 'PRAGMA application_id = 1'
	why
	status_is 1
	one_line_of_talk "another program's database"
}

@test "a row that a newer killtrace wrote is not explained" {
	sed -n 3p "$GOLDEN/why/services.json" | sed 's/oom-memcg/of-the-future/' | feed
	why
	status_is 1
	stdout_is_empty
	one_line_of_talk 'not of a form that this killtrace knows'
}

@test "a user who may read the database needs no privilege" {
	[ "$(id -u)" = 0 ] || skip 'only root can try it as another user'
	local place
	place=$(mktemp -d)
	DB=$place/history.db
	feed_services
	chmod 755 "$place"
	chmod 600 "$DB"*
	kt_as_nobody why --history "$DB" nginx
	status_is 1
	one_line_of_talk "Permission denied; run it as a user who may read it"
	chmod 644 "$DB"*
	kt_as_nobody why --history "$DB" nginx
	status_is 0
	stderr_is_empty
	[[ "$output" == "nginx.service: nginx"* ]]
	rm -r "$place"
}

@test "mistakes on the command line" {
	kt why -o xml
	bad_usage "'xml'" 'human, json or md'
	kt why -o jsn
	bad_usage "'json'"
	kt why a b
	bad_usage "unexpected argument 'b'"
	kt why ''
	bad_usage 'why needs a [WHAT]'
	kt why --history a --replay b
	bad_usage '--replay and --history'
	kt why --count 1
	bad_usage "'--count'"
}

@test "--cause help lists every cause with a line" {
	kt history --cause help
	status_is 0
	stderr_is_empty
	"$KILLTRACE" schema | jq -r '.. | .cause? | objects | (.enum? // [.const?])[]? | strings' |
		sort -u >"$T/causes"
	awk 'NF > 2 {print $1}' <<<"$output" | sort | cmp - "$T/causes"
	kt history --cause segv
	bad_usage "'segfault'"
}
