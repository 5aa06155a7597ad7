# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
#
# For tests that trace: killtrace in the background, victims of the zoo, and the reported events.
# Loaded after helpers. teardown must call end_all.

ZOO=${ZOO:-$ROOT/build/zoo}
# The tests of a file put their programs' files and output here.
T=$BATS_TEST_TMPDIR
# bats loads this in a function, where a plain declare would be local.
declare -gA pids=()
copies=()

# A check that cannot run proves nothing: in CI that is a failure.
cannot_run() {
	[ "${CI:-}" != true ] || {
		echo "$1, and in CI it is not skipped"
		return 1
	}
	skip "$1"
}

# never COMMAND...: the command must fail. (After a plain ! the shell ignores a failure.)
never() {
	! "$@"
}

needs_tracing() {
	[ "$(id -u)" = 0 ] || cannot_run 'needs root'
	[ -x "$ZOO" ] || cannot_run 'needs the zoo: make zoo'
}

needs_tool() {
	command -v "$1" >/dev/null || cannot_run "needs $1"
}

# spawn NAME COMMAND...: in the background; its output goes to NAME.out and NAME.err.
spawn() {
	local name=$1
	shift
	# attached must not read the output of an earlier one with this name
	rm -f "$T/$name.out" "$T/$name.err"
	# 3 belongs to bats: a program that holds it keeps bats waiting.
	"$@" <"${SPAWN_IN:-/dev/null}" >"${SPAWN_OUT:-$T/$name.out}" 2>"$T/$name.err" 3>&- &
	pids[$name]=$!
}

# attached NAME: waits until that tracer is attached.
attached() {
	local wait
	for ((wait = 0; wait < 1000; wait++)); do
		if grep -qs '^killtrace: tracing' "$T/$1.err"; then
			return 0
		fi
		kill -0 "${pids[$1]}" 2>/dev/null || break
		sleep 0.02
	done
	echo "$1 does not trace: $(cat "$T/$1.err")"
	return 1
}

# trace NAME ARGS...
trace() {
	local name=$1
	shift
	spawn "$name" "$KILLTRACE" "$@"
	attached "$name"
}

# ended NAME [SECONDS]: waits until it ends by itself; sets status.
ended() {
	local pid=${pids[$1]} wait
	for ((wait = 0; wait < ${2:-20} * 50; wait++)); do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.02
	done
	if kill -0 "$pid" 2>/dev/null; then
		echo "$1 goes on after ${2:-20} s"
		return 1
	fi
	unset "pids[$1]"
	status=0
	wait "$pid" || status=$?
	describe_run "$1"
}

# finish NAME [SIGNAL]: ends it; sets status.
finish() {
	kill -"${2:-INT}" "${pids[$1]}"
	ended "$1"
}

# Output for a failing test.
describe_run() {
	echo "--- $1: status $status, $(wc -l <"$T/$1.out" 2>/dev/null) lines told; stderr:"
	head -c 4000 "$T/$1.err"
}

end_all() {
	local name place
	for name in "${!pids[@]}"; do
		kill -KILL "${pids[$name]}" 2>/dev/null || true
		wait "${pids[$name]}" 2>/dev/null || true
	done
	for place in "${copies[@]}"; do
		rm -r "$place"
	done
}

# victims NAME...: runs them until they are dead; their testimony goes to zoo.json.
victims() {
	"$ZOO" run "$@" >"$T/zoo.json"
	if grep -E '"failed":|"interrupted":true' "$T/zoo.json"; then
		echo 'the scene could not be set'
		return 1
	fi
}

# pid_of VICTIM
pid_of() {
	jq "select(.victim == \"$1\").pid" "$T/zoo.json"
}

# verdicts NAME: a line "VICTIM CAUSE" for each death that the zoo testified, from NAME.out.
verdicts() {
	jq -rn --slurpfile told "$T/$1.out" --slurpfile zoo "$T/zoo.json" '
		$zoo[] | .victim as $victim
		| if has("skipped") then "\($victim) skipped" else
			(.deaths // [.])[] | .pid as $pid
			| [$told[] | select(.victim.pid == $pid)]
			| if length == 1 then "\($victim) \(.[0].cause)"
			else "\($victim) told \(length) times" end
		end' | sort -u
}

# verdicts_are NAME "VICTIM CAUSE"...: exactly these, every death once.
verdicts_are() {
	local name=$1 found expected line
	shift
	found=$(verdicts "$name")
	expected=$(for line in "$@"; do
		grep -x "${line%% *} skipped" <<<"$found" || echo "$line"
	done | sort -u)
	diff <(echo "$expected") <(echo "$found")
}

# The event of a victim, or a part of it: told NAME VICTIM [FILTER]
told() {
	jq -c "select(.victim.pid == $(pid_of "$2")) | ${3:-.}" "$T/$1.out"
}

# complaints NAME: its messages, without those of a normal run. Kernels in lockdown refuse optional
# hooks.
complaints() {
	grep -vE -e '^killtrace: (tracing |reported [0-9]+ deaths?|lost |  *[0-9]+ (of .*|[a-z-]+)$|recorded )' \
		-e '^killtrace: cannot attach oom_kill_process .*, ignoring$' "$T/$1.err" || true
}

# lost_nothing NAME: it reports no losses, except late names of containers, which happen on a busy
# machine.
lost_nothing() {
	local said
	said=$(grep '^killtrace: lost ' "$T/$1.err")
	echo "losses: $said"
	[ -n "$said" ] && ! grep -qvE ' lost nothing$| in time$' <<<"$said"
}

# one_complaint NAME TEXT...
one_complaint() {
	local said text
	said=$(complaints "$1")
	shift
	echo "complaints: $said"
	[ -n "$said" ] && [ "$(wc -l <<<"$said")" -eq 1 ] || return 1
	for text in "$@"; do
		[[ "$said" == *"$text"* ]] || return 1
	done
}

no_complaint() {
	local said
	said=$(complaints "$1")
	echo "complaints: $said"
	[ -z "$said" ]
}

# public_copy: a folder that every user may enter, with killtrace in it; sets place.
public_copy() {
	place=$(mktemp -d)
	copies+=("$place")
	chmod 755 "$place"
	install -m 755 "$KILLTRACE" "$place/killtrace"
}

# with_mounts SCRIPT COMMAND...: runs the command in mounts of its own that the script prepares. For
# run and spawn: it replaces the shell, so signals reach the command.
with_mounts() {
	local script=$1
	shift
	exec unshare --mount --propagation private sh -ec "$script; exec \"\$@\"" sh "$@"
}

# kt_with_mounts SCRIPT ARGS...: like kt.
kt_with_mounts() {
	local script=$1
	shift
	run --separate-stderr with_mounts "$script" timeout --kill-after=5 30 "$KILLTRACE" "$@"
	describe "killtrace $* (after: $script)"
}

# caps_only CAPS COMMAND...: as nobody with only these ("+bpf,+perfmon"); for run and spawn as well.
caps_only() {
	local caps=$1
	shift
	exec setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps="-all,$caps" \
		--ambient-caps="-all,$caps" --bounding-set="-all,$caps" "$@"
}
