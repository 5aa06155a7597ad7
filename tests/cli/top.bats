#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# The full screen, driven in tmux: screens/NAME.COLUMNS is the expected content, which KT_REFRESH=1
# writes anew. Read what changed then, as a person at night would.

setup() {
	load helpers
	load tracing
	needs_tool tmux
	GOLDEN=$ROOT/tests/golden
	SCREENS=$BATS_TEST_DIRNAME/screens
	screens=0
}

teardown() {
	[ "$screens" = 0 ] || tmux -S "$SOCKET" kill-server 2>/dev/null || true
	end_all
}

tm() { tmux -S "$SOCKET" "$@"; }

# feed NAME...: a history of these recordings
feed() {
	local name
	for name in "$@"; do
		"$ROOT/build/history-feed" "$T/history.db" 100000 1024 250 \
			<"$GOLDEN/$name.json" >/dev/null
	done
}

# opens COLUMNS ROWS COMMAND: in a terminal; afterwards a shell is there that says its status
opens() {
	# a server that was told to end can still accept the next session
	SOCKET=$T/tmux.$((screens += 1))
	env -u COLUMNS -u LINES -u TMUX TZ=UTC NO_COLOR=1 LC_ALL=C.UTF-8 \
		tmux -S "$SOCKET" -f /dev/null new-session -d -x "$1" -y "$2" \
		"export TERM='${TERMINAL:-xterm}'; $3; status=\$?
		stty -a | grep -ow -e -icanon -e -echo; echo status \$status; exec sleep 1000" 3>&-
}

# top_opens COLUMNS ROWS [OPTION...]: the past of the history, whose place is no part of a screen
top_opens() {
	# a server that was told to end can still accept the next session
	SOCKET=$T/tmux.$((screens += 1))
	local columns=$1 rows=$2
	shift 2
	opens "$columns" "$rows" "cd '$T' && '$KILLTRACE' top --all --history history.db $* \
		-S 2020-01-01 -U 2026-11-30"
}

# waits TEXT: until it is on the screen
waits() {
	for ((wait = 0; wait < 1500; wait++)); do
		if tm capture-pane -p | grep -qe "$1"; then return 0; fi
		sleep 0.02
	done
	echo "not on the screen: $1"
	tm capture-pane -p
	return 1
}

# ready: the footer is drawn last, and all of the history has been read
ready() {
	waits '^?:help'
	for ((wait = 0; wait < 1500; wait++)); do
		if never grep -q ', reading' <(tm capture-pane -p); then return 0; fi
		sleep 0.02
	done
	return 1
}

# shows NAME COLUMNS
shows() {
	tm capture-pane -p | sed -e 's/ *$//' -e :a -e '/^\n*$/{$d;N;ba' -e '}' >"$T/screen"
	[ -z "${KT_REFRESH:-}" ] || cp "$T/screen" "$SCREENS/$1.$2"
	diff -u "$SCREENS/$1.$2" "$T/screen"
}

# is_as_before: the terminal shows what it showed, with its cursor, and lines are edited again
is_as_before() {
	waits "$1"
	never grep -qe -icanon -e -echo <(tm capture-pane -p)
	[ "$(tm display -p '#{alternate_on}#{cursor_flag}')" = 01 ]
}

@test "owners and deaths, at 80, 120 and 200 columns and in a tiny terminal" {
	feed synthetic-owner synthetic-oom synthetic-losses
	for size in '80 24' '120 40' '200 50' '20 5'; do
		# shellcheck disable=SC2086 # columns and rows
		top_opens $size
		ready
		shows top "${size% *}"
		tm kill-server
	done
}

@test "hostile names" {
	feed synthetic-hostile
	top_opens 120 30
	ready
	shows top-hostile 120
	tm send-keys Enter
	waits '^q back'
	tm capture-pane -p -e >"$T/raw"
	never grep -q $'\033\\[2J' "$T/raw"
}

@test "keys: other pane, filter, order, pause, help, why" {
	feed synthetic-owner synthetic-oom
	top_opens 100 24
	ready
	tm send-keys s
	waits 's:sort (deaths)'
	tm send-keys p
	waits PAUSED
	tm send-keys p Tab
	waits 'Tab:owners'
	tm send-keys / CRON
	waits '^/CRON_'
	tm send-keys Enter
	waits "^only rows with 'CRON'"
	shows top-filter 100
	tm send-keys Enter
	waits '^q back'
	shows top-why 100
	tm send-keys q '?'
	waits '^Keys'
	shows top-help 100
	tm resize-window -x 40 -y 8
	waits '^q back  1-7 of'
	tm send-keys G
	waits 'of 2[0-9] lines'
	tm send-keys q Escape
	waits '^?:help'
	tm send-keys q
	is_as_before 'status 0'
}

@test "a terminal that is resized again and again" {
	feed synthetic-owner
	top_opens 80 24
	waits '^?:help'
	for size in '3 2' '200 60' '1 1' '20 5' '139 12' '140 11' '80 24'; do
		tm resize-window -x "${size% *}" -y "${size#* }"
	done
	waits 'Tab:deaths'
	tm send-keys q
	is_as_before 'status 0'
}

@test "every end leaves the terminal as it was" {
	feed synthetic-owner
	for signal in INT TERM HUP QUIT KILL; do
		status=0
		[ "$signal" != KILL ] || status=137
		top_opens 80 24
		waits '^?:help'
		# the shell's only child
		pid=$(pgrep -P "$(tm display -p '#{pane_pid}')" -x killtrace)
		kill "-$signal" "$pid"
		waits "status $status"
		is_as_before "status $status"
		tm kill-server
	done
}

@test "Ctrl-Z stops it, and fg brings it back" {
	feed synthetic-owner
	opens 80 24 "cd '$T' && PS1='shell> ' bash --norc --noprofile -i"
	waits 'shell>'
	tm send-keys "'$KILLTRACE' top --history history.db -S 2020-01-01 -U 2026-11-30" Enter
	waits '^?:help'
	tm send-keys C-z
	waits 'Stopped'
	[ "$(tm display -p '#{alternate_on}#{cursor_flag}')" = 01 ]
	tm send-keys fg Enter
	waits '^?:help'
	tm send-keys C-c
	waits 'shell>'
	[ "$(tm display -p '#{alternate_on}#{cursor_flag}')" = 01 ]
	tm send-keys 'exit' Enter
}

@test "what cannot be shown full screen says what to use instead" {
	kt top
	status_is 1
	stdout_is_empty
	one_line_of_talk 'standard output is not a terminal' 'killtrace history -f'
	feed synthetic-owner
	for TERMINAL in dumb no-such-terminal ../../../etc/passwd; do
		top_opens 80 24
		waits 'status 1'
		tm capture-pane -p >"$T/screen"
		grep -q 'cannot show the full screen' "$T/screen"
		tm kill-server
	done
	unset TERMINAL
	opens 80 24 "'$KILLTRACE' top -S 1d </dev/null"
	waits 'status 1'
	waits 'standard input is not a terminal'
	tm kill-server
	opens 80 24 "'$KILLTRACE' top -S 1d --history '$T/none.db'"
	waits 'status 1'
	is_as_before 'no history at'
}

@test "what an agent adds to the history appears" {
	feed synthetic-owner
	opens 80 24 "cd '$T' && '$KILLTRACE' top --all --history history.db -S 2020-01-01"
	ready
	before=$(sqlite3 "$T/history.db" 'SELECT count(cause) FROM event')
	waits "^$before deaths"
	feed synthetic-kernel
	after=$(sqlite3 "$T/history.db" 'SELECT count(cause) FROM event')
	[ "$after" -gt "$before" ]
	waits "^$after deaths"
}
