#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# killtrace why explains the recorded deaths, one of every kind, and invented ones of services in
# why/services.json. The expected text was read by people; tests/golden/refresh makes it again.

load ../cli/helpers

setup() {
	WHY=$BATS_TEST_DIRNAME/why
	T=$BATS_TEST_TMPDIR
}

@test "every kind of death is explained in the expected words" {
	"$WHY/explain-all" "$KILLTRACE" human >"$T/told"
	diff -u "$WHY/expected.txt" "$T/told"
}

@test "every cause is among them" {
	local cause
	for cause in $("$KILLTRACE" schema |
		jq -r '.. | .cause? | objects | (.enum? // [.const?])[]? | strings' | sort -u); do
		grep -q "^# $cause " "$WHY/expected.txt" || { echo "$cause" && false; }
	done
}

@test "an explanation fits 80 columns, except commands and what cannot be broken" {
	grep -v '^# ' "$WHY/expected.txt" | awk 'length($0) > 80' |
		{ grep -vE ': +(kubectl|systemctl|journalctl|killtrace|debuginfod-find|docker) ' || true; } >"$T/long"
	[ ! -s "$T/long" ]
}

@test "JSON is the record with one more member" {
	local record
	"$WHY/explain-all" "$KILLTRACE" json | grep '^{' >"$T/told"
	[ "$(wc -l <"$T/told")" -ge 100 ]
	jq -e 'select((.why | type) != "object" or (.why.answer | length) < 20)' "$T/told" \
		>"$T/wrong" || true
	[ ! -s "$T/wrong" ]
	while IFS= read -r record; do
		"$KILLTRACE" why --no-symbols -o json - <<<"$record" |
			jq -cS 'del(.why)' >"$T/without"
		jq -cS . <<<"$record" | cmp - "$T/without"
	done <"$WHY/services.json"
}

@test "the JSON keeps to the schema" {
	"$KILLTRACE" schema >"$T/schema.json"
	"$WHY/explain-all" "$KILLTRACE" json | grep '^{' >"$T/told"
	/usr/bin/python3 - "$T/schema.json" "$T/told" <<-'END'
		import json
		import sys
		from pathlib import Path

		import jsonschema

		schema = json.loads(Path(sys.argv[1]).read_text())
		checker = jsonschema.validators.validator_for(schema)(schema)
		for line in Path(sys.argv[2]).read_text().splitlines():
		    checker.validate(json.loads(line))
	END
}

@test "in Markdown no name is markup" {
	"$WHY/explain-all" "$KILLTRACE" md >"$T/told"
	# shellcheck disable=SC2016  # backticks of Markdown
	grep -qF '`` x`|*_<b>[a](h) ``' "$T/told"
	# outside of code spans and blocks there is no tag and no link
	sed -e '/^  ```/,/^  ```$/d' -e 's/`` [^ ]* ``//g; s/`[^`]*`//g' "$T/told" >"$T/prose"
	run -1 grep -nE '(^|[^\\])[<>]|\]\(' "$T/prose"
}

@test "commands keep hostile names in quotes, or are left out" {
	# what the shell makes of the name is the name
	local command
	command=$("$KILLTRACE" why --no-symbols -o json - < <(sed -n 17p "$WHY/services.json") |
		jq -r '.why.next[] | select(.label == "log") | .command')
	eval "set -- $command"
	[ "${*: -1}" = "--user-unit=it's; rm -rf ~.service" ]
	sed -n 18p "$WHY/services.json" | "$KILLTRACE" why --no-symbols -o json - >"$T/told"
	[ "$(jq '[.why.next[]? | select(.label == "log")] | length' "$T/told")" = 0 ]
}

@test "nothing that a terminal obeys is written" {
	LC_ALL=C run -1 grep -nP '[\x00-\x09\x0b-\x1f\x7f]' "$WHY/expected.txt"
	"$WHY/explain-all" "$KILLTRACE" md >"$T/told"
	LC_ALL=C run -1 grep -nP '[\x00-\x09\x0b-\x1f\x7f]' "$T/told"
}
