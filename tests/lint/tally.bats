#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# scripts/tally decides whether a test run is green: these are all the ways in which it must not be.

bats_require_minimum_version 1.5.0

setup() {
	reports=$BATS_TEST_TMPDIR/junit
	mkdir "$reports"
	unset CI
}

# report FILE CASE...: a JUnit file with these testcase elements.
report() {
	local file=$reports/$1
	shift
	{
		echo '<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="s">'
		printf '%s\n' "$@"
		echo '</testsuite></testsuites>'
	} >"$file"
}

ended() {
	echo "$2" >"$reports/$1.status"
}

tally() {
	run "$BATS_TEST_DIRNAME/../../scripts/tally" "$reports"
	echo "status $status: $output"
}

good='<testcase classname="a" name="good"/>'
bad='<testcase classname="a" name="bad"><failure message="one is not two">trace</failure></testcase>'
skipped='<testcase classname="a" name="idle"><skipped message="no such hook"/></testcase>'

@test "the last line counts every kind, and all good is good" {
	report lint.xml "$good" "$good"
	report kernel.xml "$good" "$skipped"
	ended lint "exit 0"
	ended kernel "exit 0"
	tally
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = "3 passed, 0 failed, 1 skipped" ]
	[[ "$output" == *"no such hook"* ]]
}

@test "the slowest tests are listed, slowest first" {
	report lint.xml '<testcase classname="a" name="quick" time="0.4"/>' \
		'<testcase classname="a" name="slow" time="12.5"/>' \
		'<testcase classname="a" name="odd" time="soon"/>' \
		'<testcase classname="a" name="slower" time="130"/>'
	ended lint "exit 0"
	tally
	[ "$status" -eq 0 ]
	[ "$(grep -c ' SLOW\|^SLOW' <<<"$output")" -eq 2 ]
	[[ "$output" == *"SLOW   130.0 s  lint: a: slower"*"SLOW    12.5 s  lint: a: slow"* ]]
}

@test "a failure fails the run and is named with its message" {
	report lint.xml "$good" "$bad"
	ended lint "exit 1"
	tally
	[ "$status" -ne 0 ]
	[ "${lines[-1]}" = "1 passed, 1 failed, 0 skipped" ]
	[[ "$output" == *"FAILED lint: a: bad"*"one is not two"* ]]
}

@test "a failure fails the run whatever the runner's exit status" {
	report lint.xml "$bad"
	ended lint "exit 0"
	tally
	[ "$status" -ne 0 ]
}

@test "an error in set-up is a failure" {
	report kernel.xml "$good" '<testcase classname="a" name="b"><error message="no fixture"/></testcase>'
	ended kernel "exit 1"
	tally
	[ "$status" -ne 0 ]
	[ "${lines[-1]}" = "1 passed, 1 failed, 0 skipped" ]
}

@test "no test at all fails" {
	tally
	[ "$status" -ne 0 ]
	[ "${lines[-1]}" = "0 passed, 0 failed, 0 skipped" ]
}

@test "nothing but skips fails" {
	report kernel.xml "$skipped"
	ended kernel "exit 0"
	tally
	[ "$status" -ne 0 ]
}

@test "a runner without a report fails, with the end of what it said" {
	report lint.xml "$good"
	ended lint "exit 0"
	ended unit-decode_test "signal SIGSEGV"
	echo "AddressSanitizer: it was here" >"$reports/unit-decode_test.log"
	tally
	[ "$status" -ne 0 ]
	[ "${lines[-1]}" = "1 passed, 1 failed, 0 skipped" ]
	[[ "$output" == *"FAILED unit-decode_test"*"signal SIGSEGV"*"it was here"* ]]
}

@test "a kind without a test fails" {
	report lint.xml "$good"
	ended golden "nothing to run"
	tally
	[ "$status" -ne 0 ]
	report golden.xml
	ended golden "exit 0"
	tally
	[ "$status" -ne 0 ]
	[[ "$output" == *"golden: the runner itself"*"ran no test"* ]]
}

@test "a runner that failed without naming a test fails" {
	report lint.xml "$good"
	ended lint "exit 1"
	tally
	[ "$status" -ne 0 ]
	[[ "$output" == *"failed without naming a test"* ]]
}

@test "half a report fails" {
	report lint.xml "$good"
	ended lint "exit 0"
	head -c 100 "$reports/lint.xml" >"$reports/kernel.xml"
	ended kernel "exit 0"
	tally
	[ "$status" -ne 0 ]
	[[ "$output" == *"kernel.xml is not readable"* ]]
}

@test "several reports of one runner, and two documents in a file, are all counted" {
	report unit-a_test.one.xml "$good"
	report unit-a_test.two.xml "$good"
	cat "$reports/unit-a_test.one.xml" >>"$reports/unit-a_test.two.xml"
	ended unit-a_test "exit 0"
	tally
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = "3 passed, 0 failed, 0 skipped" ]
}

@test "bytes that XML cannot hold do not lose a report" {
	report cli.xml "$good" $'<testcase name="esc"><failure>\x1b[31m \xff\x01</failure></testcase>'
	ended cli "exit 1"
	tally
	[ "$status" -ne 0 ]
	[ "${lines[-1]}" = "1 passed, 1 failed, 0 skipped" ]
	[[ "$output" != *$'\x1b'* ]]
}

@test "in CI a kernel test is not skipped, except for what lies in the machine" {
	report kernel.xml "$good" "$skipped"
	ended kernel "exit 0"
	CI=true tally
	[ "$status" -ne 0 ]
	[ "${lines[-1]}" = "1 passed, 1 failed, 0 skipped" ]

	report kernel.xml "$good" \
		'<testcase classname="a" name="idle"><skipped message="not possible on this machine: no fentry"/></testcase>'
	CI=true tally
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = "1 passed, 0 failed, 1 skipped" ]
}

@test "in CI other kinds may skip" {
	report golden.xml "$good" "$skipped"
	ended golden "exit 0"
	CI=true tally
	[ "$status" -eq 0 ]
}
