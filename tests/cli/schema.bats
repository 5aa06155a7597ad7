#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# The JSON Schema that killtrace prints: it is valid, accepts correct lines and refuses others.
# Here, real lines are checked for one of each kind of evidence; tests/kernel checks every victim.

setup() {
	load helpers
	load tracing
}

teardown() {
	end_all
}

# judge FILE: "valid" or the error, for each of its lines. The schema is checked as well.
judge() {
	/usr/bin/python3 -c '
import json, subprocess, sys
import jsonschema

kind = jsonschema.Draft202012Validator
schema = json.loads(subprocess.run([sys.argv[1], "schema"], check=True, capture_output=True).stdout)
kind.check_schema(schema)
validator = kind(schema)
for line in open(sys.argv[2], encoding="utf-8"):
    error = jsonschema.exceptions.best_match(validator.iter_errors(json.loads(line)))
    print(f"{error.json_path}: {error.message[:300]}" if error else "valid", line.strip()[:200])
' "$KILLTRACE" "$1" >"$T/judged"
}

all_are_valid() {
	judge "$1"
	! grep -v '^valid ' "$T/judged"
}

none_is_valid() {
	judge "$1"
	! grep '^valid ' "$T/judged"
}

death='{schema: 1, id: "boot-1", time: "2026-01-02T03:04:05.000000006Z", node: "n",
	cause: "segfault", class: "kernel", routine: false, summary: "s",
	exit: {signal: 11, status: 0, core_dumped: false}, victim: {pid: 7, tid: 7}}'
losses='{schema: 1, time: "2026-01-02T03:04:05.000000006Z", node: "n", lost: {ring_full: 3}}'

# changed BASE FILTER...: one line for each of these changes to the base
changed() {
	local base=$1 filter
	shift
	for filter in "$@"; do
		echo "($base | $filter),"
	done >"$T/changes"
	jq -cn "$(cat "$T/changes") empty" >"$T/lines"
	[ "$(wc -l <"$T/lines")" -ge $# ]
}

accepts() {
	changed "$@"
	all_are_valid "$T/lines"
}

refuses() {
	changed "$@"
	none_is_valid "$T/lines"
}

@test "schema prints a JSON Schema and nothing else" {
	kt schema
	status_is 0
	stderr_is_empty
	[ "$(jq -r '."$schema"' <<<"$output")" = https://json-schema.org/draft/2020-12/schema ]
	: >"$T/nothing"
	judge "$T/nothing"
}

@test "every field of the schema is described" {
	"$KILLTRACE" schema >"$T/schema"
	jq -c '."$defs" as $defs | .. | objects | select(.additionalProperties == false)
		| .properties[]
		| if has("$ref") then $defs[."$ref" | ltrimstr("#/$defs/")] + . else . end' \
		"$T/schema" >"$T/fields"
	[ "$(wc -l <"$T/fields")" -ge 100 ]
	[ -z "$(jq -c 'select(has("description") | not)' "$T/fields")" ]
	[ -z "$(jq -c 'select((has("type") or has("enum") or has("const")) | not)' "$T/fields")" ]
}

@test "the causes of the schema are those of the command line" {
	for cause in $("$KILLTRACE" schema | jq -r '."$defs".death.properties.cause.enum[]'); do
		# the cause is known: the error is only about the operand
		kt trace --cause "$cause" operand
		bad_usage "'operand'"
	done
	[ "$("$KILLTRACE" schema | jq '."$defs".death.properties.cause.enum | length')" -eq 33 ]
}

@test "every cause belongs to one class" {
	causes=$("$KILLTRACE" schema | jq -c '."$defs".death.properties.cause.enum')
	changed "$death" ".cause = ${causes}[]
		| .class = (\"kernel\", \"userspace\", \"runtime\")"
	judge "$T/lines"
	[ "$(wc -l <"$T/judged")" -eq 99 ]
	[ "$(grep -c '^valid ' "$T/judged")" -eq 33 ]
	accepts "$death" '.cause = "oops"' '.cause = "sigkill" | .class = "userspace"' \
		'.cause = "runtime-crash" | .class = "runtime"'
}

@test "what every death has is required" {
	accepts "$death" .
	changes=()
	for field in schema id time node cause class routine summary exit victim; do
		changes+=("del(.$field)")
	done
	refuses "$death" "${changes[@]}"
}

@test "what is not in the design is refused" {
	refuses "$death" \
		'.more = 1' \
		'.victim.args = "secret"' \
		'.exit.more = 1' \
		'.fault = {source: "thread", handled: false, code: "48 8b 00"}' \
		'.user_stack = [{build_id: ("0" * 40), offset: "0x1", symbol: "main"}]' \
		'.sender = {pid: 1, uid: 0, args: []}' \
		'.signal = {number: 9, name: "SIGKILL", more: 1}' \
		'.oom = {score_adj: 0, group_kill: false, more: 1}' \
		'.seccomp = {syscall: 1, args: []}' \
		'.cgroup = {path: "/", more: 1}' \
		'.systemd = {unit: "x.service", more: 1}' \
		'.container = {id: "x", labels: {}}' \
		'.kubernetes = {pod_uid: "x", labels: {}}' \
		'.rlimit = {resource: "cpu", more: 1}'
}

@test "values of the wrong form are refused" {
	refuses "$death" \
		'.time = "2026-01-02T03:04:05Z"' \
		'.time = "2026-01-02T03:04:05.000000006+01:00"' \
		'.id = "boot-"' \
		'.id = "a b-1"' \
		'.schema = 2' \
		'.cause = "unknown"' \
		'.victim.pid = -1' \
		'.victim.uid = 4294967296' \
		'.victim.comm = ""' \
		'.signal = {number: 9, name: "KILL"}' \
		'.fault = {source: "thread", handled: false, address: 8}' \
		'.fault = {source: "thread", handled: false, address: "8"}' \
		'.fault = {source: "thread", handled: false, address: "0xG"}' \
		'.fault = {source: "guess", handled: false}' \
		'.fault = {source: "thread", handled: false, kind: "wild"}' \
		'.fault = {source: "thread", handled: false, module: "libc.so.6"}' \
		'.oom = {score_adj: 0, group_kill: false, scope_source: "guess"}' \
		'.rlimit = {resource: "nofile"}' \
		'.rlimit = {resource: "cpu", hard_bytes: 1}' \
		'.kubernetes = {qos: "best"}'
}

@test "what later issues fill in is accepted" {
	accepts "$death" \
		'.container = {id: "c", runtime: "containerd", name: "web", image: "nginx:1"}' \
		'.kubernetes = {namespace: "ns", pod: "web-0", pod_uid: "u", container: "web", qos: "burstable"}' \
		'.oom = {score_adj: 0, group_kill: false, scope_source: "oom_control"}'
}

@test "a line of losses" {
	accepts "$losses" . '.lost = {ring_full: 1, dossier_full: 1, evidence_slot: 1, path_truncated: 1,
		record_build: 1, program_missed: 1, undecodable: 1, output: 1}'
	refuses "$losses" '.lost = {}' '.lost.other = 1' '.lost.ring_full = 0' 'del(.lost)' \
		'.cause = "oops"'
}

@test "real lines keep to the schema" {
	needs_tracing
	trace all --all -o json
	victims null-deref fifty-threads noncanonical kill-9 kill-15 abort handler-exits oom \
		cgroup-kill seccomp-process seccomp-one-thread rlimit-cpu-hard rlimit-fsize \
		rlimit-rttime-hard exec-failed pidns-exit comm-not-utf8 comm-control comm-newline
	finish all
	status_is 0
	[ "$(wc -l <"$T/all.out")" -ge 19 ]
	all_are_valid "$T/all.out"
}

@test "lines without addresses keep to the schema, and have none" {
	needs_tracing
	trace bare --all -o json --no-addresses
	victims null-deref kernel-address abort handler-exits
	finish bare
	all_are_valid "$T/bare.out"
	for victim in null-deref kernel-address; do
		[ "$(told bare "$victim" '.fault | has("address") or has("ip") or has("sp")')" = \
			false ]
		[ "$(told bare "$victim" '.fault | has("kind")')" = true ]
	done
}
