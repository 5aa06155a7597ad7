#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# The effects of scripts/hardening.mk's options for compiler and linker, checked by binutils in the
# results.

setup() {
	load helpers
	build=${KILLTRACE%/*}
	# the make that runs these tests must not affect those below
	unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
}

# each_binary CHECK: for each installed binary; another target checks that there is a static one.
each_binary() {
	"$1" "$build/killtrace"
	[ ! -x "$build/killtrace-static" ] || "$1" "$build/killtrace-static"
}

headers() {
	readelf -hlWd "$1"
}

loads_anywhere() {
	headers "$1" | grep -E '^ *Type: +DYN '
	headers "$1" | grep -E 'FLAGS_1.* PIE'
}

@test "both binaries are loaded at an address of chance" {
	each_binary loads_anywhere
}

@test "the static binary still needs nothing of the machine" {
	[ -x "$build/killtrace-static" ] || skip "not built: make static"
	[ "$(headers "$build/killtrace-static" | grep -cE 'INTERP|NEEDED')" = 0 ]
}

binds_at_start() {
	headers "$1" | grep GNU_RELRO
	headers "$1" | grep -E 'FLAGS_1.* NOW'
}

@test "tables of addresses are filled in at the start, and read-only then" {
	each_binary binds_at_start
}

keeps_code_and_data_apart() {
	headers "$1" | grep -E 'GNU_STACK .* RW  '
	[ "$(headers "$1" | grep -cE '(LOAD|GNU_STACK) .* (RWE|WE) ')" = 0 ]
}

@test "nothing that can be written can be run, the stack neither" {
	each_binary keeps_code_and_data_apart
}

# Both binaries are made of these objects; the libraries in the static one have their own calls.
@test "what is on the stack is watched, and copies are checked against the size of their target" {
	[ "$(nm "$build"/user/*.o "$build"/user/*/*.o | grep -c ' U __stack_chk_fail$')" -gt 20 ]
	[ "$(nm "$build"/user/*.o "$build"/user/*/*.o | grep -c ' U __snprintf_chk$')" -gt 20 ]
	nm "$build/user/live.o" | grep ' U __stack_chk_fail$'
	nm "$build/user/live.o" | grep ' U __snprintf_chk$'
	nm -D "$build/killtrace" | grep ' U __stack_chk_fail'
}

marks_landings() {
	objdump -d --disassemble=main "$1" | grep -A 1 '<main>:' | grep -E 'endbr64|paciasp|bti'
}

@test "functions are marked as places where a jump may land" {
	each_binary marks_landings
}

# of_main ARGS...: the compiler command for the main file with these make arguments
of_main() {
	make -C "$ROOT" -n -B V=1 "$@" build/user/main.o | grep -e '-c user/main.c '
}

@test "what the caller asks of compiler and linker is heard, and comes last" {
	of_main CPPFLAGS=-DKT_ONE CFLAGS=-O3 | grep -E ' -O2 .* -DKT_ONE .*-O3 '
	make -C "$ROOT" -n -B V=1 LDFLAGS=-Wl,-O1 build/killtrace | grep -e ' -pie .* -Wl,-O1 '
}

@test "a caller's own fortification stands, and none is asked for that cannot be" {
	[ "$(of_main | grep -oE -e '-D_FORTIFY_SOURCE=[23]' | wc -l)" = 1 ]
	[ "$(of_main CPPFLAGS=-D_FORTIFY_SOURCE=1 | grep -oE -e '-D_FORTIFY_SOURCE=.')" = -D_FORTIFY_SOURCE=1 ]
	never_fortified of_main OPT=-O0
	never_fortified of_main CFLAGS=-O0
	never_fortified of_main SANITIZE=address
}

never_fortified() {
	"$@" >"$BATS_TEST_TMPDIR/line"
	[ "$(grep -c FORTIFY "$BATS_TEST_TMPDIR/line")" = 0 ]
}
