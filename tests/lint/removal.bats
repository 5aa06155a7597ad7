#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# What the packages disarm when they are removed: the pins of the service, wherever it has them, and
# the default ones. killtrace and systemctl are stand-ins that write down what they were asked.

setup() {
	DEPLOY=$BATS_TEST_DIRNAME/../../deploy
	T=$BATS_TEST_TMPDIR
	mkdir "$T/bin"
	cat >"$T/bin/killtrace" <<-'END'
		#!/bin/sh
		echo "$*" >>"$T/disarmed"
		[ ! -e "$T/fails" ]
	END
	cat >"$T/bin/systemctl" <<-'END'
		#!/bin/sh
		case $2 in
		--property=MainPID) cat "$T/pid" ;;
		--property=ExecStart,Environment) cat "$T/environment" ;;
		esac
	END
	chmod +x "$T/bin/killtrace" "$T/bin/systemctl"
	echo 0 >"$T/pid"
	echo '"KILLTRACE_ARGS=--journal --pin /sys/fs/bpf/killtrace"' >"$T/environment"
	export T PATH=$T/bin:$PATH
	sed "s|/etc/default/killtrace|$T/default|" "$DEPLOY/debian/killtrace.prerm" >"$T/deb"
	# without the macros of the service, and as rpm expands the rest
	sed -n '/^%preun/,/^%postun/{/^%/d;s/%%/%/g;p;}' "$DEPLOY/rpm/killtrace.spec" |
		sed "s|/etc/default/killtrace|$T/default|" >"$T/rpm"
}

teardown() {
	[ ! -e "$T/agent" ] || kill "$(cat "$T/agent")"
}

# removed PATH...: both packages disarm these, and nothing else.
removed() {
	local package
	for package in deb rpm; do
		: >"$T/disarmed"
		run sh "$T/$package" "$([ "$package" = deb ] && echo remove || echo 0)"
		echo "$package: status $status: $output"
		[ "$status" = 0 ]
		diff -u <(printf 'disarm --pin %s\n' "$@") "$T/disarmed"
	done
}

# agent ARGUMENT...: an agent with these runs.
agent() {
	/usr/bin/python3 -c 'import time; time.sleep(60)' daemon "$@" 3>&- &
	echo $! | tee "$T/pid" >"$T/agent"
	while ! tr '\0' ' ' <"/proc/$!/cmdline" | grep -q daemon; do sleep 0.05; done
}

@test "as it is installed, the default pins are disarmed" {
	removed /sys/fs/bpf/killtrace
}

@test "the pins of the agent that runs are disarmed, whatever its options are now" {
	echo 'KILLTRACE_ARGS="--journal --pin /sys/fs/bpf/later"' >"$T/default"
	agent --journal --pin /sys/fs/bpf/own
	removed /sys/fs/bpf/killtrace /sys/fs/bpf/own
}

@test "the other form of the option, and what only looks like it" {
	agent --node --pins --pin=/sys/fs/bpf/own --history /x/--pin relative --pin relative
	removed /sys/fs/bpf/killtrace /sys/fs/bpf/own
}

@test "the pins of a stopped service are found by its options" {
	cat >"$T/default" <<-'END'
		# KILLTRACE_ARGS="--pin /sys/fs/bpf/no"
		KILLTRACE_ARGS="--journal --pin /sys/fs/bpf/own --textfile /x"
	END
	removed /sys/fs/bpf/killtrace /sys/fs/bpf/own
	# systemd takes the rest of the line; a shell would run it
	echo "KILLTRACE_ARGS=--journal --pin '/sys/fs/bpf/own'; touch $T/ran \$(touch $T/ran)" >"$T/default"
	removed /sys/fs/bpf/killtrace /sys/fs/bpf/own
	echo 'KILLTRACE_ARGS=--journal --pin=/sys/fs/bpf/own' >"$T/default"
	removed /sys/fs/bpf/killtrace /sys/fs/bpf/own
	echo '"KILLTRACE_ARGS=--pin /sys/fs/bpf/unit" OTHER=x' >"$T/environment"
	rm "$T/default"
	removed /sys/fs/bpf/killtrace /sys/fs/bpf/unit
	cat >"$T/environment" <<-'END'
		{ argv[]=/bin/killtrace daemon --pin /sys/fs/bpf/exec ; pid=0 }

	END
	removed /sys/fs/bpf/exec /sys/fs/bpf/killtrace
	[ ! -e "$T/ran" ]
}

@test "without systemd, or if the pins cannot be removed, the removal goes on" {
	printf '#!/bin/sh\nexit 1\n' >"$T/bin/systemctl"
	removed /sys/fs/bpf/killtrace
	touch "$T/fails"
	removed /sys/fs/bpf/killtrace
}

@test "an upgrade disarms nothing" {
	: >"$T/disarmed"
	sh "$T/deb" upgrade 2
	sh "$T/rpm" 1
	[ ! -s "$T/disarmed" ]
}
