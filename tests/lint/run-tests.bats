#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# scripts/run-tests in small trees of its own: good, failing, crashing and interrupted runners.

bats_require_minimum_version 1.5.0

root=$BATS_TEST_DIRNAME/../..

setup() {
	tree=$BATS_TEST_TMPDIR/tree
	mkdir -p "$tree/scripts" "$tree/build/unit" "$tree/tests/cli" "$tree/tests/kernel"
	cp "$root/scripts/run-tests" "$root/scripts/tally" "$tree/scripts"
	unset CI JUNIT_DIR V
}

# unit_test NAME LINE...: a shell script instead of a cmocka program.
unit_test() {
	local path=$tree/build/unit/$1
	shift
	printf '%s\n' '#!/bin/bash' "$@" >"$path"
	chmod +x "$path"
}

reports_one='echo "<testsuites><testsuite><testcase name=\"one\"/></testsuite></testsuites>" >"${CMOCKA_XML_FILE/\%g/group}"'

run_tests() {
	run "$tree/scripts/run-tests" "$@"
	echo "status $status: $output"
}

# gone: the process with the recorded id has ended (reaped or not).
gone() {
	local state
	state=$(ps -o stat= -p "$(cat "$BATS_TEST_TMPDIR/pid")") || return 0
	[[ "$state" == Z* ]]
}

@test "each runner's report is counted" {
	unit_test a_test "$reports_one"
	unit_test b_test "$reports_one"
	echo '@test "good" { true; }' >"$tree/tests/cli/good.bats"
	echo 'def test_good(): pass' >"$tree/tests/kernel/test_good.py"
	run_tests unit cli kernel
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = "4 passed, 0 failed, 0 skipped" ]
	[ -e "$tree/build/junit/cli.xml" ]
	[ -e "$tree/build/junit/kernel.xml" ]
}

@test "later kinds run after one failed" {
	echo '@test "bad" { echo told you; false; }' >"$tree/tests/cli/bad.bats"
	echo 'def test_bad(): assert 1 == 2' >"$tree/tests/kernel/test_bad.py"
	run_tests cli kernel
	[ "$status" -ne 0 ]
	[ "${lines[-1]}" = "0 passed, 2 failed, 0 skipped" ]
	[[ "$output" == *"told you"* ]]
	[[ "$output" == *"assert 1 == 2"* ]]
}

@test "a unit test that crashes fails the run and is shown in plain text" {
	unit_test a_test "$reports_one"
	unit_test b_test '[ "$CMOCKA_MESSAGE_OUTPUT" = XML ] || echo "RUN the crashing one"' 'kill -SEGV $$'
	run_tests unit
	[ "$status" -ne 0 ]
	[ "${lines[-1]}" = "1 passed, 1 failed, 0 skipped" ]
	[[ "$output" == *"RUN the crashing one"* ]]
	[[ "$output" == *"signal SIGSEGV"* ]]
}

@test "a bats file with a syntax error fails the run" {
	echo '@test "good" { true; }' >"$tree/tests/cli/good.bats"
	echo '@test "broken" { if; }' >"$tree/tests/cli/broken.bats"
	run_tests cli
	[ "$status" -ne 0 ]
}

@test "a kernel test file that cannot be imported fails the run" {
	echo 'import nothing_of_this_name' >"$tree/tests/kernel/test_broken.py"
	run_tests kernel
	[ "$status" -ne 0 ]
}

@test "a kind without tests fails, an unknown kind is bad usage" {
	run_tests golden
	[ "$status" -eq 1 ]
	run_tests nonsense
	[ "$status" -eq 2 ]
	run_tests
	[ "$status" -eq 2 ]
}

@test "an earlier run's reports are not counted again" {
	unit_test a_test "$reports_one"
	run_tests unit
	run_tests unit
	[ "${lines[-1]}" = "1 passed, 0 failed, 0 skipped" ]
}

@test "processes left behind are ended" {
	unit_test a_test "$reports_one" "sleep 1000 & echo \$! >'$BATS_TEST_TMPDIR/pid'"
	run_tests unit
	[[ "$output" == *"left behind"* ]]
	gone
}

@test "tests get default signals and hostile output is defused" {
	unit_test a_test "$reports_one" 'grep SigIgn: /proc/self/status' "printf 'x\\033[31my\\n'"
	run bash -c 'trap "" INT QUIT; exec "$1" unit' bash "$tree/scripts/run-tests"
	echo "$output"
	[[ "$output" =~ SigIgn:[^0-9a-f]*([0-9a-f]{16}) ]]
	# The C library reserves 32 and 33: their inherited settings cannot be changed.
	[ $((16#${BASH_REMATCH[1]} & ~(3 << 31))) -eq 0 ]
	[[ "$output" == *'x?[31my'* ]]
}

@test "an interruption reaches the tests, which clean up, and ends the run" {
	cat >"$tree/tests/kernel/test_long.py" <<-PY
		import subprocess, time, pytest
		@pytest.fixture
		def mess():
		    child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
		    open("$BATS_TEST_TMPDIR/pid", "w").write(str(child.pid))
		    yield
		    child.kill(); child.wait()
		    open("$BATS_TEST_TMPDIR/cleaned", "w")
		def test_long(mess):
		    time.sleep(1000)
	PY
	"$tree/scripts/run-tests" kernel cli >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	runner=$!
	for _ in {1..100}; do
		[ ! -s "$BATS_TEST_TMPDIR/pid" ] || break
		sleep 0.1
	done
	kill -TERM "$runner"
	status=0
	wait "$runner" || status=$?
	cat "$BATS_TEST_TMPDIR/out"
	[ "$status" -eq 130 ]
	[ -e "$BATS_TEST_TMPDIR/cleaned" ]
	gone
	run grep passed "$BATS_TEST_TMPDIR/out"
	[ "$status" -eq 1 ]
}

# Each of two lanes waits for what the other one writes.
waits_for='for _ in {1..100}; do [ -e "$there" ] && break; sleep 0.1; done; [ -e "$there" ]'

@test "kinds without tracers run beside the command line's, each line with its kind" {
	local there=$BATS_TEST_TMPDIR own lower
	unit_test a_test "$reports_one" "touch '$there/unit'" "there=$there/cli" "$waits_for" \
		'echo "priority $(ps -o ni= -p $$)"'
	printf '%s\n' '@test "one" {' "touch '$there/cli'; there=$there/unit" "$waits_for" \
		'ps -o ni= -p $$ >"'"$there"'/priority"' '}' >"$tree/tests/cli/one.bats"
	printf '%s\n' 'import os' 'def test_alone():' \
		"    assert os.path.exists('$there/cli') and os.path.exists('$there/unit')" \
		>"$tree/tests/kernel/test_last.py"
	run_tests kernel unit cli
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = "3 passed, 0 failed, 0 skipped" ]
	# these tests can run at a lower priority themselves; 19 is the lowest
	own=$(ps -o ni= -p $$ | tr -d ' ')
	lower=$((own + 10 < 19 ? own + 10 : 19))
	grep -Eq "^unit +\\| priority +$lower\$" <<<"$output"
	grep -Eq '^cli +\| cli: done' <<<"$output"
	grep -q '^kernel: done' <<<"$output"
	[ "$(tr -d ' ' <"$there/priority")" = "$own" ]
}

@test "an interruption ends both lanes, and no further kind begins" {
	unit_test a_test "echo \$\$ >'$BATS_TEST_TMPDIR/pid'" 'exec sleep 1000'
	unit_test b_test "touch '$BATS_TEST_TMPDIR/further'"
	printf '%s\n' '@test "long" {' "echo \$\$ >'$BATS_TEST_TMPDIR/bats'" 'sleep 1000' '}' \
		>"$tree/tests/cli/long.bats"
	"$tree/scripts/run-tests" unit cli >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	runner=$!
	for _ in {1..100}; do
		[ ! -s "$BATS_TEST_TMPDIR/pid" ] || [ ! -s "$BATS_TEST_TMPDIR/bats" ] || break
		sleep 0.1
	done
	kill -TERM "$runner"
	status=0
	wait "$runner" || status=$?
	cat "$BATS_TEST_TMPDIR/out"
	[ "$status" -eq 130 ]
	gone
	mv "$BATS_TEST_TMPDIR/bats" "$BATS_TEST_TMPDIR/pid"
	gone
	[ ! -e "$BATS_TEST_TMPDIR/further" ]
	[ "$(grep -c Traceback "$BATS_TEST_TMPDIR/out")" -eq 0 ]
}

@test "an error of the runner in one lane ends the other, and is no success" {
	unit_test a_test 'exec sleep 1000'
	echo '@test "one" { true; }' >"$tree/tests/cli/one.bats"
	# A lane that cannot write how it ended: the name is taken by a folder.
	sed -i 's|^def run_lane.*|&\n    "cli" in kinds and (JUNIT / "cli.status").mkdir()|' \
		"$tree/scripts/run-tests"
	run_tests unit cli
	[ "$status" -ne 0 ]
	[[ "$output" != *passed* ]]
}
