#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# What people see on a terminal, driven in tmux: screens/NAME.COLUMNS is the expected content, which
# KT_REFRESH=1 writes anew. Read what changed then, as a person at night would.

setup() {
	load helpers
	load tracing
	needs_tool tmux
	GOLDEN=$ROOT/tests/golden
	SCREENS=$BATS_TEST_DIRNAME/screens
	SOCKET=$T/tmux
	screens=0
}

teardown() {
	tmux -S "$SOCKET" kill-server 2>/dev/null || true
	end_all
	if mountpoint -q "$T/bpf"; then umount -l "$T/bpf"; fi
}

# on_screen COLUMNS ROWS COMMAND: the lines that the terminal shows when the command has ended
on_screen() {
	# a server that was told to end can still accept the next session
	SOCKET=$T/tmux.$((screens += 1))
	env -u COLUMNS -u LINES -u TMUX TZ=UTC NO_COLOR=1 LC_ALL=C.UTF-8 PAGER=cat TERM=xterm \
		tmux -S "$SOCKET" -f /dev/null new-session -d -x "$1" -y "$2" \
		"$3; printf '\\033]2;shown\\033\\\\'; exec sleep 1000" 3>&-
	# the title comes in the same stream, after everything else
	for ((wait = 0; wait < 1500; wait++)); do
		if [ "$(tmux -S "$SOCKET" display -p '#{pane_title}')" = shown ]; then break; fi
		sleep 0.02
	done
	tmux -S "$SOCKET" capture-pane -p | sed -e 's/ *$//' -e :a -e '/^\n*$/{$d;N;ba' -e '}'
	tmux -S "$SOCKET" kill-server
}

# shows NAME COLUMNS ROWS COMMAND
shows() {
	on_screen "$2" "$3" "$4" >"$T/screen"
	[ -z "${KT_REFRESH:-}" ] || cp "$T/screen" "$SCREENS/$1.$2"
	diff -u "$SCREENS/$1.$2" "$T/screen"
}

# feed NAME...: a history of these recordings
feed() {
	local name
	for name in "$@"; do
		"$ROOT/build/history-feed" "$T/history.db" 100000 1024 250 \
			<"$GOLDEN/$name.json" >/dev/null
	done
}

@test "deaths of owners of every kind, at 80, 120 and 200 columns" {
	for columns in 80 120 200; do
		shows owners "$columns" 60 \
			"'$KILLTRACE' replay --all '$GOLDEN/synthetic-owner.ktrec'"
	done
}

@test "OOM kills, at 80, 120 and 200 columns" {
	for columns in 80 120 200; do
		shows memory "$columns" 60 "'$KILLTRACE' replay --all '$GOLDEN/synthetic-oom.ktrec'"
	done
}

@test "hostile names, at 80, 120 and 200 columns" {
	for columns in 80 120 200; do
		shows hostile "$columns" 60 \
			"'$KILLTRACE' replay --all '$GOLDEN/synthetic-hostile.ktrec'"
	done
}

@test "losses between deaths, and what stands below a row" {
	shows losses 120 60 "'$KILLTRACE' replay --all '$GOLDEN/synthetic-losses.ktrec'"
	shows evidence 120 60 \
		"'$KILLTRACE' replay --all -v --stack --count 2 '$GOLDEN/synthetic-prior.ktrec'"
}

@test "the history, and its counts" {
	feed synthetic-owner synthetic-oom
	for columns in 80 120 200; do
		shows history "$columns" 60 \
			"'$KILLTRACE' history --history '$T/history.db' -n 12 --all"
	done
	shows counts 120 60 "'$KILLTRACE' history --history '$T/history.db' -n all --group-by owner"
}

@test "a terminal of 20 columns and 5 rows, and one that nobody knows" {
	shows tiny 20 5 "'$KILLTRACE' replay --count 1 '$GOLDEN/synthetic-owner.ktrec'"
	shows unknown 80 24 \
		"TERM=no-such-terminal '$KILLTRACE' replay --count 2 '$GOLDEN/synthetic-owner.ktrec'"
}

# The recording comes in two parts, and the terminal is resized between them. At 95 columns a row of
# 200 would be broken within its process.
@test "a terminal that is resized meanwhile" {
	local half=$T/half
	mkfifo "$T/pipe"
	head -c 1500 "$GOLDEN/synthetic-owner.ktrec" >"$half"
	env -u COLUMNS -u LINES -u TMUX TZ=UTC NO_COLOR=1 LC_ALL=C.UTF-8 TERM=xterm \
		tmux -S "$SOCKET" -f /dev/null new-session -d -x 200 -y 60 \
		"'$KILLTRACE' replay --all - <'$T/pipe'; sleep 1000" 3>&-
	exec 7>"$T/pipe"
	cat "$half" >&7
	for ((wait = 0; wait < 1000; wait++)); do
		if tmux -S "$SOCKET" capture-pane -p | grep -q 'victim\[4711\]'; then break; fi
		sleep 0.02
	done
	before=$(tmux -S "$SOCKET" capture-pane -p | grep -c 'victim\[4711\] *1.5s')
	tmux -S "$SOCKET" resize-window -x 95 -y 60
	tail -c +1501 "$GOLDEN/synthetic-owner.ktrec" >&7
	exec 7>&-
	for ((wait = 0; wait < 1000; wait++)); do
		if tmux -S "$SOCKET" capture-pane -p | grep -q 'victim\[4711\]$'; then break; fi
		sleep 0.02
	done
	tmux -S "$SOCKET" capture-pane -p >"$T/screen"
	[ "$before" -ge 1 ]
	grep -q 'victim\[4711\]$' "$T/screen"
}

# appears TEXT: waits until the terminal shows it, and leaves all lines in the file screen
appears() {
	for ((wait = 0; wait < 1000; wait++)); do
		tmux -S "$SOCKET" capture-pane -p >"$T/screen"
		if grep -qE "$1" "$T/screen"; then return 0; fi
		sleep 0.02
	done
	cat "$T/screen"
	return 1
}

# dies SIGNAL: a process of a name that no other test has
dies() {
	"$T/$NAME" 1000 3>&- &
	until [ "$(cat /proc/$!/comm)" = "$NAME" ]; do sleep 0.01; done
	kill -"$1" $!
	wait $! || true
}

@test "a line between deaths that waited and those that are new" {
	needs_tracing
	NAME=waits-$$
	cp "$(command -v sleep)" "$T/$NAME"
	mkdir "$T/bpf"
	mount -t bpf kt-screens "$T/bpf"
	pins=$T/bpf/killtrace
	"$KILLTRACE" arm --pin "$pins"
	dies SEGV
	dies KILL
	env -u COLUMNS -u LINES -u TMUX TZ=UTC NO_COLOR=1 LC_ALL=C.UTF-8 TERM=xterm \
		tmux -S "$SOCKET" -f /dev/null new-session -d -x 120 -y 40 \
		"'$KILLTRACE' --pin '$pins' --comm '$NAME'; exec sleep 1000" 3>&-
	appears '^-- 2 deaths waited since ([A-Z][a-z]+ +[0-9]+ )?[0-9:]{8} \(pinned\) --$'
	[ "$(grep -c "$NAME\\[" "$T/screen")" -eq 2 ]
	dies SEGV
	for ((wait = 0; wait < 1000; wait++)); do
		appears '^--'
		if [ "$(grep -c "$NAME\\[" "$T/screen")" -eq 3 ]; then break; fi
		sleep 0.02
	done
	sed -nE 's/^-- .*/--/p; s/^[0-9:]{8} ([a-z-]+) .*/\1/p' "$T/screen" | paste -sd' ' |
		grep -x 'signal sigkill -- signal'
	tmux -S "$SOCKET" send-keys C-c
	appears 'killtrace: reported 3 deaths'
	grep -E '^killtrace: +3 of [^ ]' "$T/screen"
	# neither into a pipe nor as JSON
	dies SEGV
	trace pipe --pin "$pins" --comm "$NAME" --count 1
	ended pipe
	dies SEGV
	trace json --pin "$pins" --comm "$NAME" --count 1 -o json
	ended json
	[ "$(wc -l <"$T/pipe.out")" -eq 1 ]
	[ "$(wc -l <"$T/json.out")" -eq 1 ]
	never grep waited "$T/pipe.out" "$T/json.out"
}
