#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# The command line: help on stdout, and one clear line with exit status 2 for every mistake. None of
# these tests gets as far as tracing, so none needs root.

setup() {
	load helpers
}

commands=(trace daemon arm disarm history why report top record replay doctor provoke completion)
commands+=(schema)

@test "--help names every command" {
	for word in --help -h help; do
		kt "$word"
		status_is 0
		stderr_is_empty
		[[ "${lines[0]}" == "Usage: killtrace "* ]]
		for command in "${commands[@]}"; do
			[[ "$output" == *$'\n'"  $command "* ]]
		done
	done
}

@test "--help names no command that is not there" {
	kt --help
	for line in "${lines[@]}"; do
		[[ "$line" =~ ^\ \ ([a-z]+)\  ]] || continue
		[[ " ${commands[*]} " == *" ${BASH_REMATCH[1]} "* ]]
	done
}

@test "COMMAND --help lists that command's options" {
	for command in "${commands[@]}"; do
		kt "$command" --help
		status_is 0
		stderr_is_empty
		[[ "${lines[0]}" == "Usage: killtrace $command"* ]]
		[[ "$output" == *--verbose* ]]
	done
	kt trace --help
	for option in --output --cause --unit --pod --container --pid --comm --cgroup \
		--fingerprint --all --count --duration \
		--runtime-window --no-addresses --no-fault-tracepoints --without --btf --node \
		--host-root --own --socket; do
		[[ "$output" == *" $option"* ]]
	done
	kt daemon --help
	[[ "$output" == *" --runtime-window"* ]]
	for option in --socket --textfile --journal --json --json-size --history --history-days \
		--history-size --fold --no-fold; do
		[[ "$output" == *" $option "* ]]
	done
	kt history --help
	for option in --history --since --until --limit --unit --all --output; do
		[[ "$output" == *" $option "* ]]
	done
	[[ "$output" != *--runtime-window* ]]
	kt replay --help
	[[ "$output" != *--btf* ]]
	kt record --help
	[[ "$output" != *--cause* ]]
}

@test "help COMMAND is COMMAND --help" {
	for command in "${commands[@]}"; do
		kt "$command" --help
		help=$output
		kt help "$command"
		status_is 0
		stderr_is_empty
		[ "$output" = "$help" ]
	done
	kt help histroy
	bad_usage "unknown command 'histroy'" "'history'"
}

@test "a mistake is followed by where the answer stands" {
	kt schema --count 1
	bad_usage "'--count'" "'killtrace schema --help'"
	kt history --since xyzzy
	bad_usage "'xyzzy'" "'1h 30m ago'" '2026-11-21 10:41 UTC' @1
	kt history --until xyzzy
	bad_usage --until yesterday
	kt --xyzzy
	bad_usage "'killtrace trace --help'"
	kt record
	bad_usage "'killtrace record --help'"
	kt replay --cause oom x
	bad_usage "'oom'" "did you mean 'oom-*'?"
	kt --cause xyzzy
	bad_usage "'--cause help'"
	kt doctor -o otlp
	bad_usage "'otlp'" 'human or json'
	kt -o xml
	bad_usage "'xml'" 'human, json or otlp'
	kt --without signal
	bad_usage "'signal'" signal_generate kernel_stack 'or task_iterator'
}

@test "every option of --help is understood" {
	for command in "${commands[@]}"; do
		kt "$command" --help
		mapfile -t options < <(grep -oE '^ +(-., )?--[a-z-]+' <<<"$output" |
			grep -oE -- '--[a-z-]+')
		[ "${#options[@]}" -ge 3 ]
		for option in "${options[@]}"; do
			# one of the two is the option's value, if it takes one
			kt "$command" "$option" --nosuch --nosuch
			bad_usage "unknown option '--nosuch'"
		done
	done
}

# listed_by COMMAND: the options in its help, one a line.
listed_by() {
	"$KILLTRACE" "$1" --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+' |
		LC_ALL=C sort -u
}

@test "a command refuses the options that its help does not list" {
	local all command option
	all=$(for command in "${commands[@]}"; do listed_by "$command"; done | LC_ALL=C sort -u)
	[ "$(wc -l <<<"$all")" -ge 40 ]
	for command in "${commands[@]}"; do
		while read -r option; do
			kt "$command" "$option" x
			bad_usage "unknown option '$option'"
		done < <(LC_ALL=C comm -13 <(listed_by "$command") <(echo "$all"))
	done
}

@test "a command lists no option that would do nothing" {
	local general='--help --verbose --version' command options
	local programs='--no-addresses --no-fault-tracepoints --without --btf'
	while read -r command options; do
		diff <(listed_by "$command") \
			<(grep -o -- "--[a-z-]*" <<<"$options $general" | LC_ALL=C sort)
	done <<-END
		arm --pin --ring --runtime-window $programs
		disarm --pin
		doctor --output $programs
		record --count --duration --node --host-root $programs
		schema
	END
}

@test "--version" {
	kt --version
	status_is 0
	stderr_is_empty
	[[ "${lines[0]}" =~ ^killtrace\ [0-9]+\.[0-9]+\.[0-9]+(-[^\ ]+)?$ ]]
	[[ "${lines[1]}" == "commit "* ]]
	[[ "${lines[2]}" == "licence "*BSD-2-Clause* ]]
	# as the packages' own files say, which is not how killtrace learns it
	libbpf=$(sed -n 's/^Version: *//p' "$(find /usr/lib* -name libbpf.pc | head -n 1)")
	[[ "${lines[3]}" == "built with "*"libbpf $libbpf, "* ]]
	[ "${#lines[@]}" -eq 4 ]
	kt replay --version
	status_is 0
}

@test "an unknown command is named, with the nearest one" {
	kt recrod
	bad_usage "'recrod'" "'record'"
	kt replya file
	bad_usage "'replya'" "'replay'"
	kt xyzzy
	bad_usage "'xyzzy'" --help
	kt ''
	bad_usage "''"
}

@test "an unknown option is named, with the nearest one" {
	kt --cuase segfault
	bad_usage "'--cuase'" "'--cause'"
	kt trace --without-hook x
	bad_usage "'--without-hook'" "'--without'"
	kt --causes=segfault
	bad_usage "'--causes=segfault'" "'--cause'"
	kt -x
	bad_usage "'-x'"
	kt --xyzzy
	bad_usage "'--xyzzy'"
}

@test "an option of another command is unknown" {
	kt schema --all
	bad_usage "'--all'"
	kt replay --without kernel_stack file
	bad_usage "'--without'"
	kt record --cause segfault file
	bad_usage "'--cause'"
	kt replay --duration 1 file
	bad_usage "'--duration'"
}

@test "an option without its value" {
	for option in --count --duration --cause --without --output --btf --node --pid; do
		kt "$option"
		bad_usage "'$option'"
	done
}

@test "a value for an option that takes none" {
	kt --all=yes
	bad_usage "'--all=yes'"
}

@test "an unknown cause is named, with the nearest one" {
	kt --cause segfalt
	bad_usage "'segfalt'" "'segfault'"
	kt --cause oom-memgc
	bad_usage "'oom-memgc'" "'oom-memcg'"
	kt --cause 'xyz*'
	bad_usage "'xyz*'"
	kt --cause ''
	bad_usage "''"
}

@test "a glob that is not closed" {
	for option in --cause --unit --pod --container --comm --cgroup --fingerprint; do
		kt "$option" 'seg['
		bad_usage "'seg['"
	done
	kt --comm a\\
	bad_usage pattern
}

@test "a socket that cannot be, or would not be used" {
	kt --socket "/$(printf 'x%.0s' {1..120})"
	bad_usage 'shorter than 108 bytes'
	kt --socket ''
	bad_usage "''"
	kt --own --socket /run/x
	bad_usage "'/run/x'"
	kt record --socket /run/x "$T/recording"
	bad_usage "'--socket'"
}

@test "a process id that is none" {
	for word in 0 -1 abc 12x '' 99999999999 1.5; do
		kt --pid "$word"
		bad_usage "'$word'"
	done
}

@test "a count that is none" {
	for word in 0 -1 abc 1e3 '' 12x 99999999999999999999999; do
		kt --count "$word"
		bad_usage --count "'$word'"
	done
}

@test "a duration that is none" {
	for word in 0 -1 abc '' 3x nan inf 1e10 1e-10 0x10 1e1 ' 1' +1 . 1.2.3 9999999999; do
		kt --duration "$word"
		bad_usage --duration "'$word'"
		kt --runtime-window "$word"
		bad_usage --runtime-window "'$word'"
	done
}

@test "an unknown output format" {
	kt -o jsn
	bad_usage "'jsn'" "'json'"
	kt -o otpl
	bad_usage "'otpl'" "'otlp'"
	kt --output yaml
	bad_usage "'yaml'"
}

@test "an unknown hook, with the nearest one" {
	kt --without kernelstack
	bad_usage "'kernelstack'" "'kernel_stack'"
	kt doctor --without xyzzy
	bad_usage "'xyzzy'"
}

@test "an operand that is missing" {
	kt record
	bad_usage record FILE
	kt replay
	bad_usage replay FILE
	kt provoke
	bad_usage provoke KIND
	kt completion
	bad_usage completion SHELL
}

@test "a kind of death that cannot be provoked" {
	kt provoke segfalt
	bad_usage "'segfalt'" "'segfault'"
	kt provoke xyzzy
	bad_usage "'xyzzy'" "'killtrace provoke --list'"
	for kind in oom-global oops memory-failure; do
		kt provoke "$kind"
		bad_usage "refuses $kind"
	done
	kt provoke segfault --within 0
	bad_usage --within "'0'"
	kt provoke segfault abort
	bad_usage "'abort'"
}

@test "provoke --list" {
	kt provoke --list
	status_is 0
	stderr_is_empty
	[[ "$output" == *$'\n'"segfault "* ]]
	[[ "$output" == *$'\n'"oops "*"refused: "* ]]
}

@test "an operand too many" {
	kt trace file
	bad_usage "'file'"
	kt record one two
	bad_usage "'two'"
	kt replay one two
	bad_usage "'two'"
	kt doctor file
	bad_usage "'file'"
	kt schema file
	bad_usage "'file'"
}

@test "what a terminal would obey is not repeated to it" {
	kt $'\e]0;title\a'
	bad_usage '\x1b]0;title'
	no_control_bytes
	kt $'--\e[31m'
	bad_usage '\x1b[31m'
	no_control_bytes
	kt --cause $'a\nb'
	bad_usage '\x0a'
	kt --node x --pid $'\xff\x1b'
	bad_usage
	no_control_bytes
}

@test "a word of great length" {
	long=$(printf '%070000d' 0)
	kt "$long"
	bad_usage 'unknown command'
	kt "--$long"
	bad_usage 'unknown option'
	kt --cause "$long"
	bad_usage 'unknown cause'
}

@test "--pod wants a namespace and a name" {
	kt --pod web-0
	bad_usage "--pod needs NAMESPACE/NAME, not 'web-0'"
	kt --pod 'shop/[web'
	bad_usage "'shop/[web'"
}

@test "a pod without one of its halves" {
	for word in '' / /web-0 shop/; do
		kt --pod "$word"
		bad_usage "--pod needs NAMESPACE/NAME, not '$word'"
	done
}

@test "a pattern that is empty" {
	for option in unit container comm cgroup; do
		kt "--$option="
		bad_usage "--$option needs a GLOB"
		kt history "--$option" 'a*' "--$option" ''
		bad_usage "--$option needs a GLOB"
	done
}

@test "a path that is empty" {
	for option in textfile otlp-queue pin host-root; do
		kt daemon --journal --otlp http://localhost "--$option" ''
		bad_usage "--$option needs a DIR"
	done
	for option in json history otlp-ca btf; do
		kt daemon --journal --otlp http://localhost "--$option="
		bad_usage "--$option needs a FILE"
	done
}

@test "an address of a collector that is none" {
	for url in localhost:4318 '' ftp://x http:// https:///v1 'http://a b' $'http://a\nb' \
		http://ä; do
		kt daemon --otlp "$url"
		bad_usage --otlp 'http://'
	done
	OTEL_EXPORTER_OTLP_ENDPOINT=localhost kt daemon
	bad_usage 'OTEL_EXPORTER_OTLP_ENDPOINT is not an address'
	OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=localhost kt \
		daemon
	bad_usage 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT is not an address'
}

# The address may be meant for other programs: an agent with other sinks continues, as far as an
# unprivileged one can.
@test "an address of the environment that is none stops no agent with other sinks" {
	folder=$(mktemp -d /tmp/kt-XXXXXX)
	chmod 777 "$folder"
	for sinks in "--textfile $folder" --journal "--json $folder/x" "--history $folder/x"; do
		# shellcheck disable=SC2086 # an option and its value
		OTEL_EXPORTER_OTLP_ENDPOINT=localhost:4317 kt_as_nobody daemon $sinks
		status_is 1
		[[ "${stderr_lines[0]}" \
			== *'OTEL_EXPORTER_OTLP_ENDPOINT is not an address'*', ignoring' ]]
		[[ "$stderr" == *'cannot trace'* ]]
	done
	rm -r "$folder"
	OTEL_EXPORTER_OTLP_ENDPOINT=localhost:4317 kt daemon --journal --otlp-gzip
	bad_usage 'OTEL_EXPORTER_OTLP_ENDPOINT is not an address'
	OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost kt daemon --journal --otlp localhost:4317
	bad_usage --otlp
}

@test "a header that is none; what it holds is not repeated" {
	for header in geheim =geheim 'a b=geheim' $'a=geheim\nx' $'a=geheim\r' 'a:=geheim'; do
		kt daemon --otlp http://localhost --otlp-header "$header"
		bad_usage --otlp-header NAME=VALUE
		[[ "$stderr" != *geheim* ]]
	done
}

@test "a size of the queue that is none" {
	for size in 0 -1 abc 1.5 '' 99999999; do
		kt daemon --otlp http://localhost --otlp-queue-size "$size"
		bad_usage --otlp-queue-size "'$size'"
	done
}

@test "options for a file without one" {
	kt daemon --textfile x --json-size 1
	bad_usage '--json-size needs --json FILE'
	for options in '--history-days 7' '--history-size 1'; do
		# shellcheck disable=SC2086 # an option and its value
		kt daemon --textfile x $options
		bad_usage "${options% *} needs --history FILE"
	done
	kt daemon --otlp http://localhost --otlp-queue-size 1
	bad_usage '--otlp-queue-size needs --otlp-queue DIR'
}

@test "options for a collector without one" {
	for options in '--otlp-header a=b' --otlp-gzip '--otlp-ca x' '--otlp-queue x' \
		'--otlp-queue x --otlp-queue-size 1'; do
		# shellcheck disable=SC2086 # an option and its value
		kt daemon --json x $options
		bad_usage '--otlp URL'
	done
}

@test "the static binary says what it cannot do, and what else does it" {
	# shellcheck disable=SC2031
	KILLTRACE=$ROOT/build/killtrace-static
	[ -x "$KILLTRACE" ] || skip "not built: make static"
	kt daemon --otlp http://localhost
	bad_usage --otlp 'built without HTTP' 'killtrace -o otlp'
	OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost kt daemon
	bad_usage 'OTEL_EXPORTER_OTLP_ENDPOINT: this binary is built without HTTP'
	OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=http://localhost kt_as_nobody daemon --journal
	status_is 1
	[[ "${stderr_lines[0]}" \
		== *'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: '*'built without HTTP'*', ignoring' ]]
	[[ "$stderr" == *'cannot trace'* ]]
}
