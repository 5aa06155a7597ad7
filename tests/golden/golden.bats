#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# Recorded deaths through every sink, byte for byte, without privileges. NAME.ktrec is a recording,
# NAME.json and NAME.txt are its expected outputs: tests/golden/refresh writes those again. real-*
# are victims of the zoo, synthetic-* the scenarios of the unit tests: record-all makes them.

load ../cli/helpers

# A folder that every user may read: the working copy and bats' own folder may not be.
setup_file() {
	PLACE=$(mktemp -d)
	export PLACE
	chmod 755 "$PLACE"
	mkdir "$PLACE/out"
	install -m 755 "$KILLTRACE" "$PLACE/killtrace"
	install -m 644 "$BATS_TEST_DIRNAME"/*.ktrec "$PLACE"
}

teardown_file() {
	rm -r "$PLACE"
}

# as_nobody COMMAND...: without any privilege, even if root runs the tests.
as_nobody() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \
			--bounding-set=-all --no-new-privs "$@"
	else
		"$@"
	fi
}

# replay NAME ARGS...: into $PLACE/out/NAME, from a folder where a wrong path opens nothing.
replay() {
	local name=$1
	shift
	(cd / && TZ=UTC as_nobody timeout --kill-after=5 60 "$PLACE/killtrace" replay "$@" \
		"$PLACE/$name.ktrec") >"$PLACE/out/$name" 2>"$PLACE/out/$name.stderr"
}

each_name() {
	local recording
	for recording in "$BATS_TEST_DIRNAME"/*.ktrec; do
		basename "$recording" .ktrec
	done
}

# expect_same FORMAT SUFFIX: the output for every recording is the one stored beside it.
expect_same() {
	local name failed=0
	for name in $(each_name); do
		replay "$name" --all -o "$1" || { echo "$name: status $?" && failed=1; }
		diff -u "$BATS_TEST_DIRNAME/$name.$2" "$PLACE/out/$name" | cut -c 1-600 | head -n 20
		cmp -s "$BATS_TEST_DIRNAME/$name.$2" "$PLACE/out/$name" || failed=1
		[ ! -s "$PLACE/out/$name.stderr" ] || { cat "$PLACE/out/$name.stderr" && failed=1; }
	done
	[ "$failed" = 0 ]
}

@test "there are recordings, and each has what is expected of it" {
	local name
	[ "$(each_name | wc -l)" -ge 15 ]
	for name in $(each_name); do
		[ -s "$BATS_TEST_DIRNAME/$name.json" ] && [ -s "$BATS_TEST_DIRNAME/$name.txt" ]
	done
	for name in "$BATS_TEST_DIRNAME"/*.json "$BATS_TEST_DIRNAME"/*.txt; do
		[ -s "${name%.*}.ktrec" ]
	done
}

@test "recordings are small" {
	local large
	large=$(find "$BATS_TEST_DIRNAME" -name '*.ktrec' -size +96k)
	[ -z "$large" ]
}

@test "JSON is the same byte for byte" {
	expect_same json json
}

@test "the lines for people are the same byte for byte" {
	expect_same human txt
}

@test "a second replay tells the same" {
	local name
	for name in $(each_name); do
		replay "$name" --all -o json
		mv "$PLACE/out/$name" "$PLACE/out/first"
		replay "$name" --all -o json
		cmp "$PLACE/out/first" "$PLACE/out/$name"
	done
}

@test "standard input is told as a file is" {
	local name=synthetic-sigkill
	(cd / && TZ=UTC as_nobody "$PLACE/killtrace" replay --all -o json -) \
		<"$PLACE/$name.ktrec" >"$PLACE/out/piped"
	cmp "$PLACE/out/piped" "$BATS_TEST_DIRNAME/$name.json"
	# a pipe has no seek
	# shellcheck disable=SC2002
	cat "$PLACE/$name.ktrec" |
		(cd / && TZ=UTC as_nobody "$PLACE/killtrace" replay --all -o json -) \
			>"$PLACE/out/piped"
	cmp "$PLACE/out/piped" "$BATS_TEST_DIRNAME/$name.json"
}

@test "- is standard input, and ./- a file of that name" {
	local place=$BATS_TEST_TMPDIR/dash feeder
	mkdir "$place"
	cd "$place"
	cp "$PLACE/synthetic-oom.ktrec" ./-
	[ "$(wc -l <"$BATS_TEST_DIRNAME/synthetic-trap.json")" -lt 64 ]
	TZ=UTC "$KILLTRACE" replay --all -o json ./- | cmp - "$BATS_TEST_DIRNAME/synthetic-oom.json"
	TZ=UTC "$KILLTRACE" replay --all -o json - <"$PLACE/synthetic-trap.ktrec" |
		cmp - "$BATS_TEST_DIRNAME/synthetic-trap.json"
	# deaths are printed as they come, even if the program that sends them goes on
	mkfifo feed
	sleep 60 >feed &
	feeder=$!
	TZ=UTC timeout 30 "$KILLTRACE" replay --all -o json - <feed >out &
	cat "$PLACE/synthetic-trap.ktrec" >feed
	for _ in {1..100}; do
		cmp -s out "$BATS_TEST_DIRNAME/synthetic-trap.json" && break
		sleep 0.1
	done
	cp out early
	kill "$feeder"
	wait
	cmp early "$BATS_TEST_DIRNAME/synthetic-trap.json"
}

@test "every line of JSON is as the schema says" {
	as_nobody "$PLACE/killtrace" schema >"$PLACE/out/schema.json"
	/usr/bin/python3 - "$PLACE/out/schema.json" "$BATS_TEST_DIRNAME"/*.json <<-'END'
		import json
		import sys
		from pathlib import Path

		import jsonschema

		schema = json.loads(Path(sys.argv[1]).read_text())
		validator = jsonschema.validators.validator_for(schema)
		validator.check_schema(schema)
		checker = validator(schema)
		lines = wrong = 0
		for name in sys.argv[2:]:
		    for number, line in enumerate(Path(name).read_text().splitlines(), 1):
		        lines += 1
		        for error in checker.iter_errors(json.loads(line)):
		            wrong += 1
		            best = jsonschema.exceptions.best_match([error])
		            print(f"{Path(name).name}:{number}: {best.json_path}: {best.message[:200]}")
		print(f"{lines} lines, {wrong} wrong")
		sys.exit(wrong > 0 or lines < 100)
	END
}

@test "no byte of a line is one that a terminal obeys" {
	local name
	# JSON is printable ASCII only
	LC_ALL=C run -1 grep -n '[^ -~]' "$BATS_TEST_DIRNAME"/*.json
	LC_ALL=C run -1 grep -nP '[\x00-\x1f\x7f]' "$BATS_TEST_DIRNAME"/*.txt
	for name in "$BATS_TEST_DIRNAME"/*.txt; do
		iconv -f UTF-8 -t UTF-8 "$name" >/dev/null
	done
}

@test "ids are unique, and of one boot" {
	local name
	for name in "$BATS_TEST_DIRNAME"/*.json; do
		[ -z "$(jq -r 'select(.cause) | .id' "$name" | sort | uniq -d)" ]
		[ "$(jq -r 'select(.cause) | .id' "$name" | sed 's/-[0-9]*$//' | sort -u |
			wc -l)" = 1 ]
	done
}

@test "ordinary ends are told with --all only" {
	local name=synthetic-signal
	replay "$name" -o json
	jq -c 'select(.routine | not)' "$BATS_TEST_DIRNAME/$name.json" |
		jq -r .id >"$PLACE/out/want"
	jq -r .id "$PLACE/out/$name" | cmp - "$PLACE/out/want"
	[ -s "$PLACE/out/want" ]
	grep -q '"routine":true' "$BATS_TEST_DIRNAME/$name.json"
}

@test "filters choose the lines, and change none" {
	local name=synthetic-oom
	replay "$name" --all -o json --cause 'oom-memcg'
	grep '"cause":"oom-memcg"' "$BATS_TEST_DIRNAME/$name.json" | cmp - "$PLACE/out/$name"
	replay "$name" --all -o json --count 2
	head -n 2 "$BATS_TEST_DIRNAME/$name.json" | cmp - "$PLACE/out/$name"
}

@test "every cause has a golden line" {
	local cause causes missing=0
	causes=$(as_nobody "$PLACE/killtrace" schema |
		jq -r '.. | .cause? | objects | (.enum? // [.const?])[]? | strings' | sort -u)
	[ "$(wc -w <<<"$causes")" -ge 32 ]
	for cause in $causes; do
		cat "$BATS_TEST_DIRNAME"/*.json | grep -q "\"cause\":\"$cause\"" ||
			{ echo "no recording of $cause" && missing=1; }
	done
	[ "$missing" = 0 ]
}

@test "provoke --list has every cause once, and says what each victim does" {
	as_nobody "$PLACE/killtrace" provoke --list >"$PLACE/out/kinds"
	diff <(awk '{ print $1 }' "$PLACE/out/kinds" | sort) \
		<(as_nobody "$PLACE/killtrace" schema |
			jq -r '.. | .cause? | objects | (.enum? // [.const?])[]? | strings' | sort -u)
	awk 'NF < 3 { print; short = 1 } END { exit short }' "$PLACE/out/kinds"
	grep -q '^oom-global  *refused: ' "$PLACE/out/kinds"
	grep '^oom-memcg ' "$PLACE/out/kinds" | grep -vq refused
}

@test "the synthetic recordings are what the scenarios give" {
	local name
	mkdir "$PLACE/written"
	"$(dirname "$KILLTRACE")/golden/make_records" write "$PLACE/written"
	for name in "$BATS_TEST_DIRNAME"/synthetic-*.ktrec; do
		cmp "$name" "$PLACE/written/${name##*/}"
	done
	[ "$(ls "$PLACE/written")" = "$(cd "$BATS_TEST_DIRNAME" && ls synthetic-*.ktrec)" ]
}

# colours_with VARIABLE=VALUE...: "yes" if a terminal gets colours.
colours_with() {
	env -u NO_COLOR TERM=xterm "$@" \
		script -qefc "'$PLACE/killtrace' replay '$PLACE/synthetic-trap.ktrec'" /dev/null \
		>"$PLACE/out/terminal"
	grep -q 'victim\[4711\]' "$PLACE/out/terminal" || return 1
	grep -q $'\e' "$PLACE/out/terminal" && echo yes || echo no
}

@test "colours on a terminal, but where NO_COLOR has a value or the terminal is dumb" {
	command -v script >/dev/null || skip "script is not there"
	[ "$(colours_with NO_COLOR=)" = yes ]
	[ "$(colours_with TERM=xterm)" = yes ]
	[ "$(colours_with NO_COLOR=1)" = no ]
	[ "$(colours_with TERM=dumb)" = no ]
}
