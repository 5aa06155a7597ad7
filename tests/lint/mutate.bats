#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
#
# scripts/mutate refuses to begin when it cannot know which tests run which lines. Its tree is a
# small one, whose tests are shell scripts.

setup() {
	cd "$BATS_TEST_TMPDIR" || exit 1
	mkdir -p scripts user bin
	cp "$BATS_TEST_DIRNAME/../../scripts/mutate" scripts
	printf 'int f(void)\n{\n\treturn 0;\n}\n' >user/f.c
	cat >Makefile <<-'END'
		BUILD := build
		all unit-tests: $(BUILD)/unit/f_test
		$(BUILD)/unit/f_test: ; @mkdir -p $(@D) && cp $(BUILD).sh $@
		$(BUILD)/san/user/main.o: ; @mkdir -p $(@D) && touch $@
		print-ldlibs: ; @:
	END
	printf '#!/bin/sh\nexit 0\n' >build.sh
	printf '#!/bin/sh\nexit 1\n' >cov.sh
	chmod +x build.sh cov.sh
	git init -q .
	git add .
	export CLANG=true
}

mutate() {
	run timeout 60 scripts/mutate 1 1
	echo "$output"
}

@test "mutate refuses a test that fails with coverage" {
	mutate
	[ "$status" = 1 ]
	[[ "$output" == "mutate: f_test passes, but fails with coverage: "*"run cov/unit/f_test" ]]
}

@test "mutate says when coverage cannot be read" {
	cp build.sh cov.sh
	mutate
	[ "$status" = 1 ]
	[[ "$output" == "mutate: the coverage of f_test cannot be read: "*"; install "* ]]
	[[ "$output" != *Traceback* ]]
}

@test "mutate refuses a test that fails without any change" {
	cp cov.sh build.sh
	mutate
	[ "$status" = 1 ]
	[ "$output" = "mutate: f_test fails without any change: make test-quick" ]
}
