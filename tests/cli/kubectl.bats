#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# The kubectl plugin and the Helm chart as far as they need no cluster. tests/kubernetes has the
# rest.

setup() {
	load helpers
	T=$BATS_TEST_TMPDIR
}

# plugin ARGS...: with every shell that is here; a kubectl of this machine must not be asked.
plugin() {
	local shell
	for shell in sh bash 'busybox sh'; do
		command -v "${shell%% *}" >/dev/null || continue
		# shellcheck disable=SC2086
		run --separate-stderr env KUBECONFIG=/nonexistent $shell \
			"$ROOT/deploy/kubectl/kubectl-killtrace" "$@"
		describe "$shell kubectl-killtrace $*"
		"$check" "${expected[@]}" || return 1
	done
}

@test "wrong usage is one line, and no cluster is asked" {
	check=bad_usage
	expected=('no command' --help) && plugin
	expected=("unknown command 'wh'") && plugin wh
	expected=('why needs a pod') && plugin why
	expected=('top needs a node') && plugin top
	expected=("unexpected argument 'b'") && plugin why a b
	expected=("unknown option '-S'" "'--'") && plugin history -S 2h
	expected=("unknown option '--group-by'") && plugin history --group-by=cause
	expected=("option '-n' needs a value") && plugin why web -n
	expected=("option '--node' needs a value") && plugin why web --node
}

@test "a name that would change a selector is refused" {
	check=bad_usage
	for name in 'a,b' 'a b' "a'b" 'a=b' 'a;b' $'a\nb' $'a\e[1mb' 'a$(id)b' 'x/../y'; do
		expected=('invalid name of a') && plugin why "$name" -n shop
		no_control_bytes
	done
	expected=('invalid name of a namespace') && plugin why web -n 'a,b'
	expected=('invalid name of a namespace') && plugin why web --agents=-x -n shop
	expected=('invalid name of a node') && plugin history --node 'a,b'
}

succeeds_with() {
	status_is 0 && stderr_is_empty && [[ "$output" == *"$1"* ]]
}

@test "help is help" {
	check=succeeds_with
	expected=('Usage: kubectl killtrace') && plugin --help
	plugin why -h
}

fails_with() {
	status_is 1 && stdout_is_empty && one_line_of_talk "$@"
}

@test "without kubectl it says so" {
	check=fails_with expected=('kubectl not found')
	mkdir "$T/bin"
	ln -s "$(command -v sh)" "$(command -v env)" "$(command -v tr)" "$T/bin"
	run --separate-stderr env PATH="$T/bin" sh "$ROOT/deploy/kubectl/kubectl-killtrace" doctor
	fails_with 'kubectl not found'
}

@test "make krew packs the plugin with the hash that the manifest names" {
	make --silent -C "$ROOT" BUILD="$T/build" krew
	tar -x -C "$T" -f "$T/build/krew/kubectl-killtrace.tar.gz"
	cmp "$T/kubectl-killtrace" "$ROOT/deploy/kubectl/kubectl-killtrace"
	[ -x "$T/kubectl-killtrace" ] && [ -f "$T/LICENSE" ]
	hash=$(sed -n 's/^ *sha256: //p' "$T/build/krew/killtrace.yaml")
	[ "$(sha256sum "$T/build/krew/kubectl-killtrace.tar.gz" | cut -d' ' -f1)" = "$hash" ]
	run ! grep @ "$T/build/krew/killtrace.yaml"
}

@test "the Helm chart is what the manifests and overlays make" {
	cp -r "$ROOT/deploy/helm/killtrace" "$T/chart"
	rm "$T"/chart/templates/*
	"$ROOT/deploy/helm/generate" "$ROOT/deploy" "$T/chart"
	diff -r "$ROOT/deploy/helm/killtrace" "$T/chart"
}
