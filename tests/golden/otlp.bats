#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# Recorded deaths as OpenTelemetry logs. A decoder made from OpenTelemetry's own definitions
# (otlp_check.py) checks each line, and its result is compared with NAME.json. Some have a NAME.otlp
# that must be identical: `tests/golden/refresh` writes the existing ones.

load ../cli/helpers

# otlp NAME: the output for a recording. NODE_NAME would change the node.
otlp() {
	TZ=UTC run --separate-stderr env -u NODE_NAME timeout --kill-after=5 60 "$KILLTRACE" \
		replay --all -o otlp "$BATS_TEST_DIRNAME/$1.ktrec"
	[ "$status" = 0 ] && [ -z "$stderr" ]
}

needs_decoder() {
	local said
	DECODER=$BATS_TEST_TMPDIR/decoder
	if [ -e "$ROOT/build/otlp/done" ]; then
		DECODER=$ROOT/build/otlp
		return
	fi
	said=$("$ROOT/scripts/otlp-decoder" "$DECODER" 2>&1) && return
	# without a network there are no definitions; CI must have them
	[ -z "${CI:-}" ] || return 1
	skip "$said"
}

check() {
	PYTHONPATH=$DECODER PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 \
		"$BATS_TEST_DIRNAME/otlp_check.py" "$@"
}

@test "OTLP is the same byte for byte" {
	local file name version compared=0
	version=$("$KILLTRACE" --version | head -n 1)
	for file in "$BATS_TEST_DIRNAME"/*.otlp; do
		name=$(basename "$file" .otlp)
		otlp "$name"
		diff <(echo "${output//"\"${version#killtrace }\""/\"VERSION\"}") "$file"
		compared=$((compared + 1))
	done
	[ "$compared" -ge 3 ]
}

@test "every line is a request by OpenTelemetry's own definitions, with every field of the JSON record" {
	local recording name
	needs_decoder
	for recording in "$BATS_TEST_DIRNAME"/*.ktrec; do
		name=$(basename "$recording" .ktrec)
		otlp "$name"
		printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/$name.otlp"
		check "$BATS_TEST_DIRNAME/$name.json" "$BATS_TEST_TMPDIR/$name.otlp"
	done
}

@test "the check of those fields can fail" {
	local name=synthetic-owner
	needs_decoder
	otlp "$name"
	for change in 's/"intValue":"[0-9]*"/"intValue":"x"/' \
		's/"key":"process.pid"/"key":"process.id"/' 's/"timeUnixNano"/"timeUnixNanos"/' \
		's/"severityNumber":17/"severityNumber":9/' 's/"eventName"/"event_name2"/' \
		's/"stringValue":"[^"]*"/"stringValue":""/6'; do
		sed "$change" <<<"$output" >"$BATS_TEST_TMPDIR/changed"
		run ! check "$BATS_TEST_DIRNAME/$name.json" "$BATS_TEST_TMPDIR/changed"
	done
	otlp "$name"
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/whole"
	check "$BATS_TEST_DIRNAME/$name.json" "$BATS_TEST_TMPDIR/whole"
	sed '$d' "$BATS_TEST_TMPDIR/whole" >"$BATS_TEST_TMPDIR/short"
	run ! check "$BATS_TEST_DIRNAME/$name.json" "$BATS_TEST_TMPDIR/short"
}

@test "lines are printable ASCII" {
	local name
	for name in synthetic-hostile real-names; do
		otlp "$name"
		[ -n "$output" ]
		LC_ALL=C run -1 grep -n '[^ -~]' <<<"$output"
	done
}

@test "the node is a Kubernetes node where NODE_NAME says so" {
	run --separate-stderr env NODE_NAME=golden "$KILLTRACE" replay --all -o otlp \
		"$BATS_TEST_DIRNAME/synthetic-owner.ktrec"
	[ "$status" = 0 ]
	[[ "${lines[0]}" == *'"key":"k8s.node.name","value":{"stringValue":"golden"}'* ]]
	run --separate-stderr env NODE_NAME=other "$KILLTRACE" replay --all -o otlp \
		"$BATS_TEST_DIRNAME/synthetic-owner.ktrec"
	[[ "$output" != *k8s.node.name* ]]
}
